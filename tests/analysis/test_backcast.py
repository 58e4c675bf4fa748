"""The back-cast: figures as they are published, readings as the mechanisms have them, errors as they are."""

import json
import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from fourfronts.analysis.backcast import Point, Score, Series, as_json, backcast
from fourfronts.analysis.past import Past
from fourfronts.errors import InputError
from fourfronts.evidence.loader import EVIDENCE_CUTOFF, load
from fourfronts.inference.draws import assemble, draw
from fourfronts.inference.figures import cited, data
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.inference.parameters import registry
from fourfronts.inference.published import Level, Odds, Published, not_compared, published, references
from fourfronts.inference.readings import shown
from fourfronts.inference.simulation import model_inputs
from fourfronts.model import adoption, distribution, driver_numpy
from fourfronts.model.blocs import ALLIED, PRC
from fourfronts.policy.documents import build
from fourfronts.policy.grid import NOW, Grid, Month
from fourfronts.policy.loader import package
from fourfronts.policy.scenarios import Reference

SEED = 7
"""That of the shared ensembles."""


@pytest.fixture(scope="module")
def series(ensembles):
    return {each.name: each for each in backcast(ensembles["drift"], registry(), SEED)}


@pytest.fixture(scope="module")
def past(ensembles):
    return Past(ensembles["drift"], registry(), SEED, references(published().values()))


def _figures(name):
    return data(published()[name], load(), cited(registry()))


def _series(**changes):
    plain = {
        "label": "Test",
        "front": "adoption",
        "unit": "percent",
        "reading": {"measure": "odds", "of": "adoption_breadth[people_allied]"},
        "scope": "none",
        "why": "none",
    }
    return build(Published, plain | changes, "test")


def _point(value, low, median, high, bound="", *, used=False):
    return Point(("X",), NOW, NOW, value, bound, used, low, median, high)


# figures


def test_every_series_has_figures_and_none_is_later_than_the_evidence(series):
    assert set(series) == set(published())
    for each in series.values():
        assert each.points
        for point in each.points:
            assert Month(2020, 1) <= point.first <= point.last <= NOW
            assert point.value > 0
            rows = [load().get(row) for row in point.rows]
            assert all(row.known_by(EVIDENCE_CUTOFF) and not row.after_cutoff for row in rows)


def test_no_figure_of_the_file_is_lost(series):
    for name, each in series.items():
        shown_rows = {row for point in each.points for row in point.rows}
        assert shown_rows >= {row for figure in published()[name].points for row in (*figure.rows, *figure.over)}


def test_figures_are_those_of_their_rows():
    assert [each.value for each in _figures("us_firms_census")] == [3.7, 5.4, 10.0, 17.0, 18.0, 20.0]
    # Sums, ratios, shares and another currency, by hand.
    assert _figures("allied_capital")[0].value == pytest.approx(52.7 + 32.3 + 35.2 + 27.0)
    assert _figures("allied_search")[2].value == pytest.approx(423 / 21)
    assert _figures("prc_downloads")[0].value == pytest.approx(100 * 17.1 / (17.1 + 15.86))
    assert _figures("us_workers_often")[0].value == pytest.approx(100 * 23 / 45)
    assert _figures("prc_publishing")[0].value == pytest.approx(100 * 3 / 13)
    assert [each.value for each in _figures("prc_revenue")] == pytest.approx([0.107 + 0.079, 50 * 21.1 / 150], rel=1e-3)
    assert _figures("allied_revenue_growth")[0].value == pytest.approx((20 + 9) / (6 + 1))


def test_days_of_a_month_count_once():
    rows = [row for row in load().series if (row.quantity, row.actor[:3]) == ("openrouter_token_share", "PRC")]
    found = [each for each in _figures("prc_router_tokens") if len(each.rows) > 1]
    assert [each.first for each in found] == [(2026, 3), (2026, 4), (2026, 5)]
    assert sum(len(each.rows) for each in found) == len(rows)
    march = [row.value for row in rows if row.date_start.month == 3]
    assert found[0].value == pytest.approx(sum(march) / len(march))


def test_a_figure_stands_for_the_months_of_its_row_or_as_many_as_are_over():
    assert (_figures("eu_firms_official")[-1].first, _figures("eu_firms_official")[-1].last) == ((2025, 1), (2025, 12))
    assert (_figures("prc_publishing")[0].first, _figures("prc_publishing")[0].last) == ((2026, 1), NOW)
    assert [each.first for each in _figures("prc_downloads")] == [(2024, 9), (2025, 3), (2023, 11)]


def test_bounds_are_told_by_the_row_or_by_the_file():
    assert [each.bound for each in _figures("prc_large_firms")] == ["at_least"]
    assert {each.bound for each in _figures("allied_revenue")} == {"at_least"}
    assert [each.bound for each in _figures("prc_capital")] == ["at_least", "", "", "at_most"]


def test_a_forecast_is_no_figure():
    assert data(_series(points=["DIS-0522"]), load(), frozenset()) == []


def test_a_row_that_does_not_exist_is_an_error():
    with pytest.raises(InputError, match="ADO-9999"):
        data(_series(points=["ADO-9999"]), load(), frozenset())
    with pytest.raises(InputError, match="no evidence on 'nothing'"):
        data(_series(monthly_means={"quantity": "nothing", "actor": "PRC"}), load(), frozenset())


# in-sample


def test_a_figure_is_in_sample_if_a_prior_cites_it_or_a_row_that_says_the_same():
    used = cited(registry())
    figures = {each.rows[0]: each.used for each in _figures("us_firms_census")}
    assert "ADO-0482" in used
    assert figures["ADO-0482"]
    # Cited nowhere.
    assert not figures["ADO-0480"]
    # Not cited itself, but its band is.
    assert "ADO-0481" not in used
    assert "AD001" in used
    assert figures["ADO-0481"]


def test_without_citations_every_figure_is_out_of_sample():
    assert not any(each.used for name in published() for each in data(published()[name], load(), frozenset()))


def test_rows_named_as_the_same_exist():
    for each in published().values():
        for figure in (*each.points, *([each.monthly_means] if each.monthly_means else [])):
            for row in figure.same_as:
                load().get(row)


def test_shares_in_sample_and_scores_out_of_sample_add_up(series):
    for each in series.values():
        unused = each.unused.n if each.unused else 0
        assert each.in_sample == pytest.approx(1 - unused / each.score.n)


# readings


def test_telemetry_sets_the_definition(series, ensembles):
    kept = ensembles["drift"].monthly["adoption_breadth"]
    row = ensembles["drift"].months.index("2025-12")
    median = 100 * np.median(kept[row, OUTPUTS["adoption_breadth"].kinds.index("people_allied")])
    point = next(each for each in series["allied_users_telemetry"].points if each.first == (2025, 12))
    assert point.median == pytest.approx(median, rel=1e-5)


def test_a_reading_multiplies_odds_by_each_futures_own_parameters(past):
    found = shown(published()["us_firms_census"].reading, past)
    share = past.output(Reference("adoption_breadth", "firms_allied"))
    drawn = draw(registry(), len(past.kept), SEED)
    odds = share / (1 - share) * drawn["adoption.us_firm_reading"] * drawn["adoption.btos_reading"]
    december = past.months.index("2025-12")
    np.testing.assert_allclose(found[december], 100 * odds[december] / (1 + odds[december]), rtol=1e-6)
    # Before the wording changed the odds are lower by the splice.
    earlier = odds[december - 1] / drawn["adoption.btos_wording_splice"]
    np.testing.assert_allclose(found[december - 1], 100 * earlier / (1 + earlier), rtol=1e-6)


def test_the_census_series_is_spliced_where_its_wording_changed():
    splice = published()["us_firms_census"].reading.splice
    changed = date(2025, 11, 17)
    figures = _figures("us_firms_census")
    assert (changed.year, changed.month) == splice.until
    # None of the figures is of the month in which both wordings were asked.
    assert all(each.last < splice.until or each.first > splice.until for each in figures)


def test_the_other_allies_and_the_united_states_make_the_bloc(past):
    reading = published()["eu_firms_official"].reading
    alone = Odds(measure="odds", of=str(reading.of), without_us=reading.without_us)
    us = Odds(measure="odds", of=str(reading.of), through=(reading.without_us.reading,))
    weight = past.parameter(reading.without_us.weight)
    bloc = 100 * past.output(reading.of)
    np.testing.assert_allclose(weight * shown(us, past) + (1 - weight) * shown(alone, past), bloc, rtol=1e-6)


def test_market_readings_are_those_of_the_mechanism(past):
    few = 6
    parameters = assemble(draw(registry(), few, SEED))
    inputs = model_inputs(registry(), package("drift"), (), Grid(horizon=Month(2026, 6)), np.float64)
    sold = driver_numpy.simulate(parameters, inputs, lambda outputs: outputs.distribution)
    for month in (past.months.index("2024-06"), past.months.index("2026-05")):
        now = type(sold)(*(values[month] for values in sold))
        for name, shares in distribution.readings(parameters.distribution, now)._asdict().items():
            whole, two_way = (values[month, :few] for values in past.markets[name])
            np.testing.assert_allclose(whole, shares[PRC], rtol=2e-3)
            np.testing.assert_allclose(two_way, shares[PRC] / (shares[PRC] + shares[ALLIED]), rtol=2e-3)


def test_a_level_is_an_output_times_a_factor_or_over_a_month(past):
    of = "revenue[allied]"
    values = past.output(Reference("revenue", "allied"))
    np.testing.assert_allclose(shown(Level(measure="level", of=of, times=1e-9), past), values * 1e-9)
    growth = shown(Level(measure="level", of=of, relative_to=Month(2024, 12)), past)
    np.testing.assert_allclose(growth[past.months.index("2024-12")], 1.0)
    np.testing.assert_allclose(growth[-1], values[-1] / values[past.months.index("2024-12")])


def test_every_reading_that_a_mechanism_declares_is_compared_or_left_out_for_a_reason():
    named = {each for series in published().values() for each in _parameters(series.reading)}
    fields = {f"adoption.{name}" for name in adoption.Parameters._fields if name.endswith(("_reading", "_splice"))}
    # Two versions of one survey for the same month; the restated one is compared.
    assert fields - named == {"adoption.self_report_revision_splice"}
    series = {each.reading.series for each in published().values() if each.reading.measure == "market"}
    assert series == set(distribution.Readings._fields)
    assert all(each.what and each.why for each in not_compared())


def _parameters(reading):
    if not isinstance(reading, Odds):
        return set()
    found = {*reading.through}
    found |= {reading.without_us.reading, reading.without_us.weight} if reading.without_us else set()
    found |= {reading.splice.by} if reading.splice else set()
    return {key for each in found for key in (each, ".".join(each.split(".")[:2]))}


def test_a_parameter_that_does_not_exist_is_an_error(past):
    wrong = Odds(measure="odds", of="adoption_breadth[people_allied]", through=("adoption.none",))
    with pytest.raises(InputError, match=r"adoption\.none"):
        shown(wrong, past)


# errors


@pytest.mark.parametrize(
    ("point", "error", "inside"),
    [
        (_point(20.0, 10.0, 25.0, 30.0), 5.0, True),
        (_point(5.0, 10.0, 25.0, 30.0), 20.0, False),
        (_point(5.0, 10.0, 25.0, 30.0, "at_least"), 0.0, True),
        (_point(40.0, 10.0, 25.0, 30.0, "at_least"), -15.0, False),
        (_point(40.0, 10.0, 25.0, 30.0, "at_most"), 0.0, True),
        (_point(5.0, 10.0, 25.0, 30.0, "at_most"), 20.0, False),
    ],
)
def test_the_error_is_median_less_figure_and_a_bound_that_is_kept_is_none(point, error, inside):
    assert point.error(log=False) == error
    assert point.inside is inside


def test_scores_by_hand():
    points = (_point(20.0, 10.0, 25.0, 30.0, used=True), _point(40.0, 10.0, 30.0, 35.0))
    rows = np.zeros((5, 1))
    linear = Series("test", _series(), points, ("2026-05",), rows)
    assert linear.score == Score(2, 7.5, 0.5)
    assert linear.unused == Score(1, 10.0, 0.0)
    assert linear.missed
    assert linear.in_sample == 0.5
    log = Series("test", _series(scale="log", unit="multiple"), points, ("2026-05",), rows)
    assert log.score.error == pytest.approx(math.sqrt(25 / 20 * 40 / 30))


def test_the_fan_is_percentiles_and_a_point_is_a_mean_over_its_months(series, past):
    about = published()["eu_firms_official"]
    values = shown(about.reading, past)
    found = series["eu_firms_official"]
    np.testing.assert_allclose(found.rows[:, -1], np.percentile(values[-1], (5, 25, 50, 75, 95)))
    assert found.months[-1] == str(NOW)
    year = [index for index, month in enumerate(past.months) if month.startswith("2025")]
    assert found.points[-1].median == pytest.approx(np.median(values[year].mean(axis=0)))
    assert np.all(np.diff(found.rows, axis=0) >= 0)


def test_what_the_model_misses_gives_a_likely_reason(series):
    for each in series.values():
        plain = each.as_json()
        assert bool(plain["why"]) == each.missed
        assert plain["coverage"] == pytest.approx(sum(p.inside for p in each.points) / len(each.points), abs=1e-4)


def test_futures_that_are_not_finite_are_left_out(ensembles, series):
    drift = ensembles["drift"]
    broken = {name: values.copy() for name, values in drift.monthly.items()}
    broken["adoption_breadth"][:, :, 0] = np.nan
    found = backcast(replace(drift, monthly=broken), registry(), SEED)
    assert all(np.isfinite(each.rows).all() for each in found)
    assert [each.name for each in found] == list(series)
    broken["adoption_breadth"][:] = np.nan
    assert backcast(replace(drift, monthly=broken), registry(), SEED) == []


def test_parameters_are_those_of_the_futures_that_are_left(ensembles, past):
    drift = ensembles["drift"]
    broken = {name: values.copy() for name, values in drift.monthly.items()}
    broken["adoption_breadth"][:, :, 3] = np.inf
    fewer = Past(replace(drift, monthly=broken), registry(), SEED, ("adoption_breadth",))
    assert 3 not in fewer.kept
    key = "adoption.telemetry_reading.prc"
    np.testing.assert_array_equal(fewer.parameter(key), np.delete(past.parameter(key), 3))


def test_it_is_plain_json(series):
    plain = as_json(list(series.values()))
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert [each["name"] for each in plain] == list(published())
    assert {"n", "mean_absolute_error", "error_unit", "coverage", "in_sample", "evidence"} <= set(plain[0])

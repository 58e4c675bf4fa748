"""Timing: packages moved, what a delay costs in worlds made by hand, and the last date that still serves."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.analysis.explain.coalitions import begins, changed, moved
from fourfronts.analysis.explain.outcome import outcomes
from fourfronts.analysis.explain.timing.last_date import crossing, last_date, month
from fourfronts.analysis.explain.timing.question import start_dates, timing
from fourfronts.errors import InputError
from fourfronts.policy.grid import Month
from fourfronts.policy.loader import Package, package
from fourfronts.policy.paths import lever_paths
from fourfronts.report.explain.timing import plate

LEAD, COMMANDING = "lead_months[released]", "commanding-lead"
FUTURES = 200
NOISE = np.random.default_rng(3).normal(size=FUTURES)
JULY, END = Month(2026, 7), Month(2028, 12)
STARTS = start_dates(JULY, Month(2027, 7), 3, END)


def delay(each):
    """Months after July 2026 in which a package begins; None for one that changes nothing."""
    return begins(each).offset - JULY.offset if changed(each) else None


def world(made, lead):
    """A run in which the lead, (futures,), is a function of the delay; the other tests of a commanding lead are met."""

    def run(packages):
        rest = {
            "compute_ratio": {"stock_usable_flops": [20.0] * FUTURES},
            "prc_illicit_share": {"diverted_and_rented": [0.01] * FUTURES},
            "adoption": {"allied": [0.3] * FUTURES, "prc": [0.1] * FUTURES},
            "distribution_share": {"prc": [0.1] * FUTURES},
        }
        return {
            each.name: replace(made("drift", lead_months={"released": lead(delay(each))}, **rest), package=each)
            for each in packages
        }

    return run


def found(made, lead, *, asked=(LEAD, COMMANDING), name="hold", **given):
    return timing(package(name), STARTS, outcomes(asked), world(made, lead), {}, draws=FUTURES, seed=1, **given)


def rows(finding, outcome=LEAD):
    return {row["start"]: row for row in finding.rows if row["outcome"] == outcome}


def steady(late):
    # 3 months of lead at once, a quarter of a month less for each month of delay.
    return 10 + NOISE + (0 if late is None else (3 - 0.25 * late) * (1 + 0.1 * NOISE))


def test_moving_a_package_moves_every_change_of_it_and_of_its_base_and_nothing_else():
    built = Package(
        name="more",
        label="More",
        description="On top of hold.",
        base=package("hold"),
        levers={"euv_controls": {"level": 0.5, "start": "2026-11", "ramp_months": 4}},
    )
    late, levels = lever_paths(moved(built, 7, "late")), lever_paths(built)
    drift = lever_paths(package("drift"))
    assert any((levels[name] != drift[name]).any() for name in levels)
    for name, before in levels.items():
        history = (Month(2026, 6).offset, len(before))
        assert (late[name][history[0] + 7 :] == before[history[0] : history[1] - 7]).all(), name
        assert (late[name][: history[0] + 7] == drift[name][: history[0] + 7]).all(), name
    assert (begins(built), begins(moved(built, 7, "late"))) == (Month(2026, 7), Month(2027, 2))
    assert moved(built, 0, built.name) == built


@given(st.integers(0, 150), st.integers(-60, 60))
def test_months_later_and_back_are_the_month_itself(offset, months):
    start = Month(2020, 1).later(offset)
    assert start.offset == offset
    assert start.later(months).later(-months) == start


def test_a_change_that_would_leave_what_can_be_simulated_is_refused():
    with pytest.raises(InputError, match=r"start 20\d\d-\d\d is out of range; accepted: 2020-01 to 2035-12"):
        moved(package("hold"), 120, "far")


def test_starts_are_a_grid_that_holds_its_ends_where_they_fit():
    assert list(map(str, STARTS)) == ["2026-07", "2026-10", "2027-01", "2027-04", "2027-07"]
    assert list(map(str, start_dates(JULY, Month(2027, 6), 5, END))) == ["2026-07", "2026-12", "2027-05"]


@pytest.mark.parametrize(
    ("first", "last", "every", "said"),
    [
        (Month(2027, 7), Month(2027, 7), 3, "last 2027-07 is not after first 2027-07"),
        (Month(2027, 7), Month(2027, 1), 3, "last 2027-01 is not after first 2027-07"),
        (JULY, Month(2029, 1), 3, "last 2029-01 is after the month that is asked about; accepted: up to 2028-12"),
        (Month(2026, 5), Month(2027, 1), 3, "first 2026-05 is past; accepted: 2026-06 or later"),
        (JULY, Month(2027, 1), 0, "every 0 months; accepted: 1 or more"),
        (JULY, Month(2027, 1), 12, "is one date; accepted: two or more"),
    ],
)
def test_dates_that_make_no_grid_are_refused(first, last, every, said):
    with pytest.raises(InputError, match=said):
        start_dates(first, last, every, END)


def test_gains_and_losses_are_those_of_the_same_futures(made):
    lead = rows(found(made, steady))
    assert list(lead) == [*map(str, STARTS), "never"]
    spread = 1 + 0.1 * NOISE.mean()
    for place, start in enumerate(STARTS):
        row = lead[str(start)]
        assert row["gain"] == pytest.approx((3 - 0.75 * place) * spread, abs=1e-4)
        assert row["lost"] == pytest.approx(0.75 * place * spread, abs=1e-4)
        # Far smaller than the spread of the lead, of which it is free.
        assert row["lost_error"] == pytest.approx(0.075 * place * NOISE.std(ddof=1) / FUTURES**0.5, abs=1e-4)
        if place:
            assert row["lost_a_month"] == pytest.approx(0.25 * spread, abs=1e-4)
    assert lead["2026-10"]["gain_p95"] == pytest.approx(2.25 * (1 + 0.1 * np.quantile(NOISE, 0.95)), abs=1e-3)
    assert np.isnan(lead["2026-07"]["lost_a_month"])
    assert (lead["never"]["gain"], lead["never"]["lost"]) == (0, pytest.approx(3 * spread, abs=1e-4))


def test_a_probability_has_the_interval_of_its_count_and_no_percentiles(made):
    row = rows(found(made, lambda late: np.where(np.arange(FUTURES) < 40, 20.0, 1.0)), COMMANDING)["2026-07"]
    assert (row["mean"], row["futures"]) == (0.2, FUTURES)
    # Wilson's interval of 40 in 200.
    assert (row["mean_low"], row["mean_high"]) == pytest.approx((0.1575, 0.2505), abs=1e-3)
    assert np.isnan([row["p05"], row["p50"], row["gain_p95"]]).all()


def falling(late):
    """Commanding in 60% of futures at once, 5 points less for each month of delay, and in 20% without."""
    share = 0.2 if late is None else max(0.6 - 0.05 * late, 0.2)
    return np.where(np.arange(FUTURES) < round(share * FUTURES), 20.0, 1.0)


def test_the_last_date_is_where_the_probability_falls_under_the_threshold(made):
    last = found(made, falling, threshold=0.5).details["last_date"]
    assert (last["outcome"], last["reached"], last["at"]) == (COMMANDING, "until", "2026-09")
    # Two months after July, as 60% less two times 5 points is 50%.
    assert last["at_offset"] == pytest.approx(JULY.offset + 2)
    assert last["low_offset"] < last["at_offset"] < last["high_offset"]
    default = found(made, falling)
    assert default.details["last_date"]["threshold"] == pytest.approx(0.4)
    assert default.details["last_date"]["at"] == "2026-11"
    assert "falls under 40.0%, halfway between drift and the first start, is 2026-11" in default.sentences[2]


def test_never_and_always_are_said_in_words(made):
    never, always = (found(made, falling, threshold=level) for level in (0.9, 0.1))
    assert never.details["last_date"]["reached"] == "never"
    assert "under 90.0% at every start from 2026-07 on: it is never reached" in never.sentences[2]
    assert always.details["last_date"]["reached"] == "always"
    assert "10.0% or more at every start up to 2027-07: always" in always.sentences[2]
    for each in (never, always):
        assert each.details["last_date"]["at"] is None
        json.dumps(each.as_json(), allow_nan=False)
        plate(each, "")


def test_a_probability_that_delay_raises_has_no_last_date_and_the_words_say_so(made):
    def rising(late):
        share = 0.6 if late is None else 0.2 + 0.03 * late
        return np.where(np.arange(FUTURES) < round(share * FUTURES), 20.0, 1.0)

    told = found(made, rising, threshold=0.3).sentences[2]
    assert "under 30.0% up to a start in 2026-10 and not after: no later start ends it" in told


def test_when_nothing_depends_on_the_start_there_is_no_value_of_acting_earlier(made):
    still = found(made, lambda late: 10 + NOISE)
    assert still.sentences == [
        f"When Hold begins changes {LEAD}, {COMMANDING} in no future: there is no value of acting earlier."
    ]
    assert still.details["last_date"] is None
    json.dumps(still.as_json(), allow_nan=False)
    plate(still, "")


def test_the_sentences_tell_the_cost_of_a_month_and_when_it_is_highest(made):
    lost = {0: 0.0, 3: 0.5, 6: 1.5, 9: 1.8, 12: 2.0}
    told = found(made, lambda late: 10 + NOISE + (0 if late is None else 3 - lost[late])).sentences[0]
    assert told == (
        "Begun in 2026-07, Hold changes Lead of the allied over the PRC frontier (released) in 2028-12 by +3.00 months"
        " on average against drift, begun in 2027-07 by +1.00 months: each month of delay changes it by -0.17 months,"
        " most between 2026-10 and 2027-01 (-0.33 months a month)."
    )


def test_futures_without_a_number_at_some_start_are_left_out_and_counted(made):
    def lead(late):
        values = steady(late)
        if late == 3:
            values[:5] = np.nan
        return values

    finding = found(made, lead)
    assert {row["futures"] for row in finding.rows} == {FUTURES - 5}
    assert "up to 5" in finding.limits[-1]
    with pytest.raises(InputError, match="no future has a finite value at every start"):
        found(made, lambda late: NOISE * np.nan)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"threshold": 1.2}, "threshold 1.2 is out of range; accepted: a probability, 0 to 1"),
        ({"threshold": -0.1}, r"threshold -0\.1 is out of range"),
        ({"threshold": float("nan")}, "threshold nan is out of range"),
        ({"threshold": 0.3, "asked": (LEAD,)}, "needs a scenario among the outcomes"),
        ({"name": "drift"}, "package drift changes no lever"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_runs(made, given, said):
    def lead(late):
        pytest.fail("something ran")

    with pytest.raises(InputError, match=said):
        found(made, lead, **given)


def test_a_crossing_lies_between_the_dates_around_it_and_the_last_one_counts():
    places = np.array([0.0, 3.0, 6.0, 9.0])
    assert crossing(np.array([0.5, 0.4, 0.3, 0.2]), places, 0.35) == pytest.approx(4.5)
    assert crossing(np.array([0.5, 0.2, 0.5, 0.2]), places, 0.4) == pytest.approx(7.0)
    assert crossing(np.array([0.5, 0.4, 0.3, 0.2]), places, 0.3) == pytest.approx(6.0)
    assert crossing(np.array([0.5, 0.5, 0.5, 0.5]), places, 0.5) == np.inf
    assert crossing(np.array([0.1, 0.1, 0.1, 0.1]), places, 0.5) == -np.inf
    assert [month(each) for each in (78.0, 78.9, 84.0, np.inf)] == ["2026-07", "2026-07", "2027-01", None]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6), st.floats(0, 1))
def test_a_crossing_parts_dates_that_serve_from_those_that_no_longer_do(shares, threshold):
    places = np.arange(len(shares), dtype=float)
    at = crossing(np.array(shares), places, threshold)
    assert all(share < threshold for place, share in zip(places, shares, strict=True) if place > at)
    if np.isfinite(at):
        assert shares[int(at)] >= threshold


def test_the_interval_of_the_last_date_covers_it_as_often_as_it_says():
    """Sets of futures drawn from a known world: 90% intervals hold the true date in about 90% of them."""
    dates = start_dates(JULY, Month(2028, 7), 3, END)
    true = np.linspace(0.6, 0.2, len(dates))
    random, held, sets, futures = np.random.default_rng(1), 0, 150, 400
    for number in range(sets):
        # The same future is lived at every date, as in the model.
        flags = random.uniform(size=futures) < true[:, None]
        found = last_date(flags, dates, 0.4, seed=number)
        held += found.low <= JULY.offset + 12 <= found.high
    assert 0.83 <= held / sets <= 0.96


def test_the_interval_depends_on_the_seed_alone_and_not_on_the_order_of_futures():
    random = np.random.default_rng(1)
    flags = random.uniform(size=300) < np.linspace(0.6, 0.2, len(STARTS))[:, None]
    first = last_date(flags, STARTS, 0.4, seed=1)
    assert first == last_date(flags[:, ::-1], STARTS, 0.4, seed=1) != last_date(flags, STARTS, 0.4, seed=2)

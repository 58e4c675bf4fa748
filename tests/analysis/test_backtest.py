"""The back-test: which figures are scored, from what, and what is made of the scores."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from fourfronts.analysis.backtest import BLEND, MODEL, Scored, score
from fourfronts.analysis.baselines import crps_normal
from fourfronts.analysis.skill import as_json, coverage, quantities
from fourfronts.evidence.loader import load
from fourfronts.inference.observations import LINEAR, LOG, observations
from fourfronts.inference.published import published
from fourfronts.policy.grid import Month

CUTOFF = date(2024, 12, 31)


@pytest.fixture(scope="module")
def told():
    return observations(published(), load(), CUTOFF)


@pytest.fixture(scope="module")
def scored(told):
    """Forecasts that are the figures themselves, half a unit wide."""
    noise = np.random.default_rng(0).standard_normal((*told.value.shape, 400))
    return score(told, told.value[..., None] + 0.5 * noise, load(), CUTOFF)


def test_only_figures_after_the_cut_off_are_scored_and_every_one_of_them(told, scored):
    assert scored
    later = {
        (name, figure.rows)
        for row, name in enumerate(told.names)
        for point, figure in enumerate(told.figures[row])
        if not told.known[row, point] and not told.bound[row, point]
    }
    assert {(each.series, each.rows) for each in scored} == later
    assert all(each.month > Month(2024, 12) or each.years > -0.5 for each in scored)
    assert all(0.2 < each.rank < 0.8 for each in scored)
    assert coverage(scored, 0.9) == 1


def test_the_blend_of_analysts_is_a_baseline_of_the_gap_and_never_a_figure(told, scored):
    assert not any(
        "BLEND" in load().get(row).quantity for each in told.figures for figure in each for row in figure.rows
    )
    with_blend = [each for each in scored if BLEND in each.crps]
    assert with_blend
    assert {published()[each.series].unit for each in with_blend} == {"months"}
    # The one of end-2024, 5 months, carried on.
    one = next(each for each in with_blend if each.series == "gap_government_test")
    from fourfronts.analysis.baselines import Expected

    expected = Expected(5, float(np.hypot((9 - 3) / (2 * 1.6448536269514722), 1.0)))
    assert one.crps[BLEND] == pytest.approx(crps_normal(expected, 8.0))


def _scored(series, rank, model, other):
    crps = {MODEL: model, "last value": other} if other is not None else {MODEL: model}
    return Scored(CUTOFF, series, series, ("X",), Month(2025, 6), 0.5, 1.0, (0.0,) * 5, rank, crps, LINEAR, "months")


def test_coverage_and_skill_by_hand():
    some = [
        _scored("a", 0.5, 1.0, 2.0),
        _scored("a", 0.97, 2.0, 2.0),
        _scored("b", 0.2, 3.0, 1.0),
        _scored("c", 0.5, 1, None),
    ]
    assert coverage(some, 0.5) == 0.5
    assert coverage(some, 0.9) == 0.75
    found = {each.name: each for each in quantities(some)}
    assert found["a"].skill[0] == pytest.approx(1 - 1.5 / 2)
    assert found["a"].skill[1] <= found["a"].skill[0] <= found["a"].skill[2]
    assert found["a"].no_worse
    assert not found["b"].no_worse
    assert found["c"].skill is None
    plain = as_json(some)
    assert (plain["no_worse_than_best_baseline"], plain["compared"]) == (1, 2)
    assert plain["coverage_90"] == 0.75


def test_every_forecast_is_told_in_the_unit_of_its_series():
    told = as_json([_scored("a", 0.5, 1.0, 2.0)])["quantities"][0]
    assert (told["unit"], told["scale"]) == ("months", "linear")
    assert told["forecasts"] == [{"cutoff": str(CUTOFF), "month": "2025-06", "value": 1.0, "percentiles": [0.0] * 5}]
    percentiles = tuple(np.log([1e6, 2e6, 3e6, 4e6, 5e6]))
    chips = replace(
        _scored("b", 0.5, 1.0, 2.0), scale=LOG, unit="H100e", value=float(np.log(2.5e6)), percentiles=percentiles
    )
    told = as_json([chips])["quantities"][0]
    assert (told["unit"], told["scale"]) == ("H100e", "log")
    assert told["forecasts"][0]["value"] == 2.5e6
    assert told["forecasts"][0]["percentiles"] == [1e6, 2e6, 3e6, 4e6, 5e6]

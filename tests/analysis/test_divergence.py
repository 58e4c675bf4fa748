"""Divergence: futures that run away are told by number, month and loop, and futures that do not cost nothing."""

import json
import re

import numpy as np
import pytest

from fourfronts.analysis import divergence as module
from fourfronts.analysis.divergence import Cause, Divergence, bounds, divergences, diverging
from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.analysis.rerun import Rerun
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.inference.parameters import registry
from fourfronts.model.couplings import LOOPS
from fourfronts.policy.grid import NOW, parse_month

SEED, DRAWS = 7, 40
REVENUE, LEAD = "revenue to compute", "self-reinforcing lead"


def _run(changes, draws=DRAWS, package="hold"):
    known = registry().overridden(changes)
    return run_ensemble([package], draws=draws, seed=SEED, parameters=known)[package], known


@pytest.fixture(scope="module")
def runaway():
    """Spending that answers revenue, and chips that answer spending, fifty times over."""
    return _run({"couplings.capital_to_compute": 50, "couplings.revenue_to_capital": 50})


@pytest.fixture(scope="module")
def told(runaway):
    return divergences(*runaway, SEED)


def test_the_shipped_model_diverges_in_no_future(ensembles, monkeypatch):
    monkeypatch.setattr(module, "Rerun", None)
    for each in ensembles.values():
        assert each.failed == 0
        assert not diverging(each).any()
        assert divergences(each, registry(), SEED) == []


def test_a_coupling_that_makes_the_system_diverge_is_told_with_month_and_loop(runaway, told):
    ensemble, _ = runaway
    assert ensemble.failed > 0
    first = told[0]
    assert first.cause.loops == (REVENUE,)
    assert "revenue_to_capital" in first.cause.couplings
    assert "2025-06" < first.month <= "2028-12"
    assert sum(each.futures for each in told) == diverging(ensemble).sum() >= ensemble.failed
    loop = rf"loop {REVENUE} \([a-z_, ]*revenue_to_capital[a-z_, ]*\)"
    text = rf"In {first.futures} of {DRAWS} futures under Hold the model diverges from {first.month} on: {loop}\."
    assert re.fullmatch(text, first.text)


def test_the_month_is_the_first_in_which_a_value_is_out_of_bounds(runaway, told):
    ensemble, _ = runaway
    bad = np.zeros((len(ensemble.months), DRAWS), dtype=bool)
    for name, values in ensemble.monthly.items():
        # A lead is read from the whole history, so that what comes later spoils it.
        if name != "lead_months":
            bad |= ~np.isfinite(values).all(axis=1)
    now = ensemble.months.index(str(NOW))
    for name, bound in bounds().items():
        values = ensemble.monthly[name].astype(float)
        bad[now:] |= (values[now:] > bound.times * np.maximum(values[now], 1.0)).any(axis=1)
    assert min(each.month for each in told) == ensemble.months[bad.any(axis=1).argmax()]


def test_a_loop_that_is_off_is_not_blamed():
    changes = {"couplings.capital_to_compute": 50, "couplings.revenue_to_capital": 50}
    off = dict.fromkeys((f"couplings.{name}" for name in (*LOOPS["norms"], *LOOPS[LEAD], *LOOPS["transition"])), 0)
    ensemble, known = _run(changes | off)
    assert {loop for each in divergences(ensemble, known, SEED) for loop in each.cause.loops} == {REVENUE}


def test_another_loop_gets_its_own_name():
    ensemble, known = _run({"couplings.lead_to_talent": 50})
    found = divergences(ensemble, known, SEED)
    assert found[0].cause == Cause((LEAD,), ("lead_to_talent",))
    assert found[0].futures > DRAWS / 2


def test_numbers_that_are_finite_and_mean_nothing_count_too():
    ensemble, known = _run({"revenue.revenue_growth_long_run.prc": 20})
    assert ensemble.failed == 0
    (found,) = divergences(ensemble, known, SEED)
    # All but perhaps one in which revenue settles too slowly to leave its bounds before the horizon.
    assert found.futures >= DRAWS - 1
    assert found.output == "revenue[prc]"
    assert found.cause == Cause(together=False)
    assert found.text.endswith(": no coupling; a mechanism by itself.")


def test_two_loops_each_enough_are_not_one_loop():
    ensemble, known = _run({"couplings.lead_to_talent": 50, "couplings.revenue_to_capital": 60})
    found = divergences(ensemble, known, SEED)
    assert Cause() in [each.cause for each in found]
    assert any(each.text.endswith("several loops, any of which is enough.") for each in found)


def test_futures_that_are_not_kept_by_month_are_found_by_their_numbers(runaway, told, monkeypatch):
    monkeypatch.setattr("fourfronts.analysis.ensemble.MONTHLY_FUTURES", 8)
    ensemble, known = _run({"couplings.capital_to_compute": 50, "couplings.revenue_to_capital": 50})
    assert ensemble.monthly["capital"].shape[-1] == 8
    found = divergences(ensemble, known, SEED)
    assert (found[0].month, found[0].cause) == (told[0].month, told[0].cause)


def test_a_future_run_again_is_the_same(runaway):
    ensemble, known = runaway
    rerun = Rerun(ensemble, known, SEED)
    numbers = np.array([3, 17, 39])
    again = rerun.each(rerun.parameters(numbers), lambda values: list(values["capability"][-1].T))
    np.testing.assert_allclose(np.array(again).T, ensemble.monthly["capability"][-1][:, numbers], rtol=1e-5)


def test_futures_beyond_those_examined_are_counted(runaway, monkeypatch):
    monkeypatch.setattr(module, "EXAMINED", 5)
    *known, rest = divergences(*runaway, SEED)
    assert sum(each.futures for each in known) == 5
    assert rest.futures == diverging(runaway[0]).sum() - 5
    assert rest.text.endswith("cause not looked for beyond the first 5.")


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value", "ignore:divide by zero")
def test_both_drivers_tell_the_same_loop():
    known = registry().overridden({"couplings.capital_to_compute": 50, "couplings.revenue_to_capital": 50})
    options = {"driver": "numpy", "horizon": parse_month("2026-08")}
    ensemble = run_ensemble(["hold"], draws=DRAWS, seed=SEED, parameters=known, **options)["hold"]
    assert divergences(ensemble, known, SEED)[0].cause.loops == (REVENUE,)


def test_it_is_plain_json(told):
    plain = [each.as_json() for each in told]
    assert json.loads(json.dumps(plain)) == plain
    assert plain[0]["text"] == told[0].text
    assert plain[0]["loops"] == [REVENUE]


def test_every_bound_is_on_an_output_and_says_why():
    assert set(bounds()) <= set(OUTPUTS)
    assert all(each.times >= 1e4 and each.why for each in bounds().values())


def test_the_sentence_names_several_loops():
    cause = Cause((LEAD, "norms"), ("lead_to_talent",))
    found = Divergence("drift", "Drift", 3, 2000, "2029-07", "capital[prc]", cause)
    assert found.text == (
        "In 3 of 2,000 futures under Drift the model diverges from 2029-07 on: loops self-reinforcing lead and norms,"
        " each of which it takes (lead_to_talent)."
    )

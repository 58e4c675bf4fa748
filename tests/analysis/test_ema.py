"""The simulator as EMA Workbench calls it gives the futures that an ensemble gives."""

import multiprocessing
import pickle
import sys

import numpy as np
import pytest

from fourfronts import run_ensemble
from fourfronts.analysis import ema
from fourfronts.analysis.ensemble import CHUNK
from fourfronts.analysis.explain.outcome import LEAD, outcomes
from fourfronts.errors import InputError
from fourfronts.inference.parameters import registry
from fourfronts.policy.grid import Month
from fourfronts.policy.paths import Setting

ASKED = (LEAD, "commanding-lead", "distribution")
SEED = 5


@pytest.fixture(scope="module")
def known():
    """The priors, with one parameter that does not differ."""
    return registry().overridden({"couplings.lead_to_talent": 0.0})


@pytest.fixture(scope="module")
def model(known):
    """The simulator without compiling, because two futures do."""
    return ema.model("hold", ASKED, parameters=known, driver="numpy")


@pytest.fixture(scope="module")
def scenarios(known):
    return ema.scenarios(3, SEED, known)


def test_futures_are_those_of_an_ensemble_to_the_last_digit(model, known, scenarios):
    values = ema.drawn(known, CHUNK, SEED)
    ensemble = run_ensemble(
        ["hold"], draws=3, parameters=known, driver="numpy", monthly=0, points=lambda number: values
    )["hold"]
    with ema.workbench().SequentialEvaluator(model) as evaluator, ema.quiet():
        experiments, found = evaluator.perform_experiments(scenarios=scenarios)
    assert len(experiments) == 3
    assert list(found) == ["lead_months__released", "commanding_lead", "distribution"]
    for each in outcomes(ASKED):
        np.testing.assert_array_equal(found[ema.spelled(each.name)], each.of(ensemble), err_msg=each.name)
    assert len(set(found["lead_months__released"])) == 3


def test_uncertainties_are_the_parameters_that_differ_within_the_range_of_their_draws(model, known):
    varying = [each for each in known.parameters.values() if each.prior.distribution != "fixed"]
    names = [each.name for each in model.uncertainties]
    assert sorted(names) == sorted(ema.spelled(each.id) for each in varying)
    assert "couplings__lead_to_talent" not in names
    assert all(name.isidentifier() for name in [model.name, *names, *(each.name for each in model.outcomes)])
    drawn = ema.scenarios(400, SEED, known)
    for each in model.uncertainties:
        inside = np.mean([each.lower_bound <= future[each.name] <= each.upper_bound for future in drawn])
        assert 0.85 < inside < 0.95, each.name
        assert each.lower_bound < each.default < each.upper_bound


def test_a_parameter_that_is_not_given_takes_its_median(model):
    future = model.function
    one = "access__diversion_share"
    without = future()
    assert future(**{one: future.varied[one].middle}) == without
    assert future(**{one: future.varied[one].high})["lead_months__released"] < without["lead_months__released"]
    assert all(map(np.isfinite, without.values()))


def test_a_future_sent_to_another_process_is_the_same(model, scenarios):
    sent = pickle.loads(pickle.dumps(model.function))
    assert sent(**scenarios[0]) == model.function(**scenarios[0])


def test_settings_and_the_month_are_those_asked_for(known):
    closed = Setting("chip_export_cap", 0.0, Month(2022, 1))
    given = {"outcomes": ["usable_compute[prc]"], "at": "2026-12", "parameters": known, "driver": "numpy"}
    free, held = (ema.model("drift", settings=each, **given).function() for each in ((), (closed,)))
    assert held["usable_compute__prc"] < free["usable_compute__prc"]
    later = ema.model("drift", **given | {"at": "2027-12"}).function()
    assert later["usable_compute__prc"] > free["usable_compute__prc"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"package": "drfit"}, "'drfit'.*'drift'"),
        ({"outcomes": ["led_months[released]"]}, "'led_months'.*'lead_months'"),
        ({"at": "2028"}, "'2028' is not a month"),
        ({"at": "2040-01"}, "2040-01 is out of range"),
        ({"driver": "jaxx"}, "unknown driver 'jaxx'; accepted: jax, numpy"),
    ],
)
def test_what_is_unknown_is_refused_by_name(asked, words, known):
    with pytest.raises(InputError, match=words):
        ema.model(**{"parameters": known} | asked)


def test_an_unknown_parameter_is_refused_with_the_likely_one(model):
    with pytest.raises(InputError, match=r"unknown parameter 'access__diversion_shar': did you mean"):
        model.function(access__diversion_shar=0.1)


def test_a_process_forked_with_jax_in_it_says_so_and_does_not_hang(known, monkeypatch):
    import jax

    future = ema.model("drift", parameters=known).function
    assert "jax" in sys.modules, jax
    monkeypatch.setattr(multiprocessing, "parent_process", object)
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda: "fork")
    with pytest.raises(InputError, match=r"forked.*set_start_method\('spawn'"):
        future()
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda: "spawn")
    ema.check_not_forked()


def test_without_the_library_the_way_out_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "ema_workbench", None)
    with pytest.raises(InputError, match=r"pip install 'fourfronts\[peers\]'"):
        ema.model("drift")

"""Futures at hand are the futures of a run, to the bit, whatever was kept of earlier ones."""

import threading

import numpy as np
import pytest

from fourfronts.analysis.charts import charts, fans, lead_at
from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.analysis.live import Assumed, Kept, Live, Stopped, known, reach
from fourfronts.errors import InputError
from fourfronts.inference.parameters import registry
from fourfronts.policy.loader import Change, Package, package


@pytest.fixture(scope="module")
def live():
    found = Live()
    yield found
    found.close()


@pytest.mark.parametrize(
    ("name", "assumed"),
    [
        ("hold", Assumed()),
        ("none", Assumed(worldview="takeoff", couplings=(("lead_to_talent", 0.0),))),
        ("drift", Assumed(prior=True, parameters=(("intelligence.open_rate", 0.3),))),
    ],
)
def test_going_on_from_the_past_gives_the_futures_of_a_run(live, name, assumed):
    # Twice: the second time the past is at hand.
    for each in (package("drift"), package(name)):
        found = live.run(each, assumed, draws=700, seed=5, dates=["2026-05"])
    (run,) = run_ensemble(
        [name], parameters=known(assumed), draws=700, seed=5, outputs=live.outputs, monthly=700
    ).values()
    assert found.dates == ("2026-05", "2028-12")
    assert found.failed == run.failed
    for output in live.outputs:
        np.testing.assert_array_equal(found.monthly[output], run.monthly[output])
        np.testing.assert_array_equal(found.values[output][-1], run.values[output][-1])


def test_a_held_parameter_is_held_and_unscaled_by_the_worldview():
    assumed = Assumed(worldview="paper", parameters=(("couplings.lead_to_talent", 0.01),))
    held = known(assumed).get("couplings.lead_to_talent").prior
    assert (held.distribution, held.value) == ("fixed", 0.01)
    assert known(assumed) is known(Assumed(worldview="paper", parameters=(("couplings.lead_to_talent", 0.01),)))


def test_a_parameter_may_go_as_far_as_its_prior_makes_sense():
    for key, parameter in registry().parameters.items():
        low, high = reach(parameter.prior)
        ends = parameter.prior.quantile(np.array([1e-6, 1 - 1e-6]))
        slack = 1e-9 * max(1.0, abs(low), abs(high))
        assert low - slack <= ends[0] <= ends[1] <= high + slack, key
        assert np.isfinite([low, high]).all()


def test_a_package_that_would_change_the_past_is_refused(live):
    early = Change(level=1.0, start="2026-01")
    changed = Package(name="early", label="Early", description="Too early.", levers={"export_finance": early})
    for each in (changed, Package(name="on-top", label="On top", description="On it.", base=changed, levers={})):
        with pytest.raises(InputError, match="export_finance: start 2026-01 is over; accepted: 2026-06 or later"):
            live.run(each, Assumed(), draws=2, seed=1)


def test_a_run_that_is_stopped_or_comes_too_late_says_so():
    once = Live()
    with pytest.raises(Stopped):
        once.run(package("drift"), Assumed(), draws=4, seed=1, stopped=lambda: True)
    once.close()
    with pytest.raises(Stopped):
        once.run(package("drift"), Assumed(), draws=4, seed=1)


def test_where_no_future_is_finite_nothing_is_made_up(live):
    found = live.run(package("drift"), Assumed(), draws=8, seed=1)
    lead = found.monthly["lead_months"]
    lead[:, :, 0] = np.nan
    whole = fans(found.monthly, charts()["lead"])["released"]
    np.testing.assert_allclose(whole, np.percentile(lead[:, 0, 1:], [5, 25, 50, 75, 95], axis=1), rtol=1e-5)
    lead[:] = np.nan
    found.values["lead_months"][:] = np.nan
    with pytest.raises(InputError, match="no future has a finite value"):
        fans(found.monthly, charts()["lead"])
    with pytest.raises(InputError, match="no future has a finite value"):
        lead_at(found, "2028-12")


def test_what_is_kept_is_bounded_and_the_oldest_goes_first():
    kept = Kept(2)
    made = []

    def make(key):
        made.append(key)
        return key

    for key in ("a", "b", "a", "c", "a", "b"):
        assert kept.get(key, lambda key=key: make(key)) == key
    assert made == ["a", "b", "c", "b"]
    assert kept.peek("c") is None

    def often():
        for number in range(200):
            kept.get(number % 5, object)

    threads = [threading.Thread(target=often) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(kept._made) == 2

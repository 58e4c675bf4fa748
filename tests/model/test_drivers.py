"""The NumPy loop and the compiled JAX scan are one model: same numbers, same slopes, compiled once."""

from typing import Any, NamedTuple

import jax
import numpy as np
import pytest
from futures import PACKAGES, inputs, leads, random_levels, run, sampled

from fourfronts.model import driver_jax, driver_numpy, world

DATES = np.array([47, 76, 107])
DRAWS = 256


def _model(p, driven, dates):
    o = driver_jax.simulate(p, driven)
    return o, tuple(world.lead(p, history, dates, driver_jax.each) for history in (o.released, o.capability))


def _worst(found, expected):
    """Largest deviation of each output, relative to the number itself or to the median future's, the larger."""
    (o, lead), (reference, reference_lead) = found, expected
    # What a bloc gains by one source is a part of its whole growth and is compared with that.
    growth = np.broadcast_to(np.abs(reference.gains).sum(axis=1, keepdims=True), reference.gains.shape)
    pairs = {name: (a, b, np.abs(b)) for name, a, b in zip(reference._fields, o, reference, strict=True)}
    for row, source in enumerate(world.SOURCES_OF_GROWTH):
        pairs[f"gains by {source}"] = (o.gains[:, row], reference.gains[:, row], growth[:, row])
    del pairs["gains"]
    for name, a, b in zip(("lead released", "lead internal"), lead, reference_lead, strict=True):
        pairs[name] = (a, b, np.abs(b))
    return {name: _deviation(*pair) for name, pair in pairs.items()}


def _deviation(a, b, size):
    size = np.maximum(size, np.median(size, axis=-1, keepdims=True))
    moved = np.abs(np.asarray(a, dtype=np.float64) - b)
    # What is nothing in the reference must be nothing here.
    assert (moved[size == 0] == 0).all()
    return float((moved / np.where(size > 0, size, 1.0)).max())


def _reference(name):
    """Outputs and leads of the NumPy driver in double precision."""
    p = sampled(DRAWS)
    o = run(p, inputs(name))
    return o, leads(p, o, DATES)


def test_both_drivers_agree_in_double_precision():
    compiled = jax.jit(_model)
    for name in PACKAGES:
        with jax.enable_x64(True):
            found = compiled(sampled(DRAWS), inputs(name), DATES)
            assert found[0].capability.dtype == np.float64
        worst = _worst(found, _reference(name))
        assert {output: error for output, error in worst.items() if error > 1e-10} == {}, name


def test_one_compilation_serves_all_levers_and_single_precision_costs_at_most_one_part_in_ten_thousand():
    compilations = []

    @jax.jit
    def compiled(p, driven, dates):
        compilations.append(p)
        return _model(p, driven, dates)

    for name in PACKAGES:
        found = compiled(sampled(DRAWS, dtype=np.float32), inputs(name, dtype=np.float32), DATES)
        assert found[0].capability.dtype == np.float32
        reference = _reference(name)
        worst = _worst(found, reference)
        # A month's gain by compute is the difference of two nearly equal numbers of FLOP; their sum over months, which
        # is what capability shows, is not.
        assert worst.pop("gains by compute") <= 1e-3
        # AI's multiplier is exponential in capability and power in dates, so each magnifies the last digit of both.
        assert worst.pop("ai_multiplier") <= 4e-4
        assert worst.pop("limits") <= 4e-4
        # New leases are what renters want less what they have, again two nearly equal numbers.
        assert worst.pop("leased") <= 1e-3
        assert {output: error for output, error in worst.items() if error > 1e-4} == {}, name
        # No lead moves by an hour.
        for a, b in zip(found[1], reference[1], strict=True):
            assert np.abs(np.asarray(a, dtype=np.float64) - b).max() < 1 / 24 / 30
    for seed in range(3):
        compiled(sampled(DRAWS, seed, np.float32), inputs(random_levels(seed), dtype=np.float32), DATES)
    assert len(compilations) == 1


class Both(NamedTuple):
    """What a driver follows in every month and observes in a few."""

    released: Any
    usable: Any


def _seen(o):
    return Both(o.released, o.usable)


@pytest.mark.parametrize("dates", [DATES, DATES[:-1], np.arange(108)], ids=["few", "not the last", "all"])
@pytest.mark.parametrize("driver", [driver_numpy, driver_jax])
def test_what_is_observed_at_a_few_months_is_what_the_whole_record_shows_there(driver, dates):
    def observed_at(p, driven):
        return driver.simulate_at(p, driven, dates, _seen, _seen)

    p, driven = sampled(32), inputs("hold")
    with jax.enable_x64(True):
        followed, observed = (jax.jit(observed_at) if driver is driver_jax else observed_at)(p, driven)
    for every_month, kept, at_dates in zip(_seen(run(p, driven)), followed, observed, strict=True):
        np.testing.assert_allclose(kept, every_month, rtol=1e-10)
        np.testing.assert_allclose(at_dates, every_month[dates], rtol=1e-10)


# Parameters of every mechanism and levers of three areas, each with how far a run is moved to measure its slope.
SLOPES = {
    "supply.growth_today": 1e-5,
    "supply.yield_learning": 1e-5,
    "access.import_appetite": 1e-6,
    "access.rent_share": 1e-6,
    "access.detection_today": 1e-6,
    "stocks.retirement": 1e-6,
    "stocks.software_efficiency": 1e-5,
    "intelligence.concentration": 1e-6,
    "intelligence.eci_per_oom": 1e-4,
    "intelligence.open_rate": 1e-5,
    "intelligence.distillation_rate": 1e-5,
    "intelligence.release_delay": 1e-4,
    "levers.enforcement_budget": 1e-4,
    "levers.remote_access_rule": 1e-4,
    "levers.equipment_controls": 1e-4,
    "levers.distillation_detection": 1e-4,
    "levers.release_gating": 1e-3,
}
TODAY = 77
LAST = np.array([107])


def _moved(p, driven, amounts):
    """Parameters raised by `amounts` (draws,), in every bloc alike, and levers raised so from today on."""
    for name, amount in amounts.items():
        group, field = name.split(".")
        if group == "levers":
            path = getattr(driven.levers, field)
            later = (np.arange(len(path)) >= TODAY)[:, None] * amount
            driven = driven._replace(levers=driven.levers._replace(**{field: path[:, None] + later}))
        else:
            values = getattr(getattr(p, group), field) + amount
            p = p._replace(**{group: getattr(p, group)._replace(**{field: values})})
    return p, driven


def _slopes():
    """Slope of the sum of both leads at the end of 2028 in each future, by name, in double precision."""

    def leads_in_all(amounts, p, driven):
        p, driven = _moved(p, driven, amounts)
        histories = driver_jax.simulate(p, driven, lambda o: (o.released, o.capability))
        return sum(world.lead(p, history, LAST, driver_jax.each).sum() for history in histories)

    with jax.enable_x64(True):
        slopes = jax.jit(jax.grad(leads_in_all))(dict.fromkeys(SLOPES, np.zeros(16)), sampled(16), inputs("hold"))
        return {name: np.asarray(slope) for name, slope in slopes.items()}


def _lead(name, amount):
    p, driven = _moved(sampled(16), inputs("hold"), {name: np.full(16, amount)})
    return sum(lead[0] for lead in leads(p, run(p, driven), LAST))


def test_slopes_are_finite_and_equal_the_difference_of_two_runs():
    for name, slope in _slopes().items():
        assert np.isfinite(slope).all(), name
        step = SLOPES[name]
        above, here, below = (_lead(name, amount) for amount in (step, 0.0, -step))
        right, left = (above - here) / step, (here - below) / step
        # Where a limit starts or stops to bind between the runs, the two sides differ and there is no slope.
        smooth = np.abs(right - left) <= 1e-3 * np.maximum(np.abs(right), np.abs(left)) + 1e-6
        assert smooth.mean() >= 0.7, name
        measured = (right + left) / 2
        np.testing.assert_allclose(slope[smooth], measured[smooth], rtol=1e-3, atol=1e-5, err_msg=name)

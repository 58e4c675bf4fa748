"""The NumPy loop and the compiled JAX scan are one model: same numbers, same slopes, compiled once."""

from functools import cache
from typing import Any, NamedTuple

import jax
import numpy as np
import pytest
from futures import PACKAGES, flat, inputs, leads, parameters, random_levels, run, sampled

from fourfronts.model import driver_jax, driver_numpy, world

DATES = np.array([47, 76, 107])
DRAWS = 256
# What is compiled to run a few times takes longer to optimise than that saves.
UNOPTIMISED = {"xla_backend_optimization_level": 0}


def _model(p, driven, dates):
    o = driver_jax.simulate(p, driven)
    return o, tuple(world.lead(p, history, dates, driver_jax.each) for history in (o.released, o.capability))


IN_PARTS_OF_ONE = (
    "adoption.",
    "distribution.",
    "safety.",
    "security.exposed_share",
    "revenue.revenue_index",
    "revenue.capital_index",
    "talent",
    "levers.",
)
"""Shares, logarithms and levels of levers, which single precision tells to so many parts of one, not of themselves."""


def _worst(found, expected):
    """Largest deviation of each output, relative to the number itself or to the median future's, the larger."""
    (o, lead), (reference, reference_lead) = found, expected
    found, expected = flat(o), flat(reference)
    sizes = {name: np.abs(values) for name, values in expected.items()}
    # What a bloc gains by one source, or buys by one channel, is a part of its whole growth and is compared with that.
    for name in ("gains", "acquired"):
        sizes[name] = np.broadcast_to(sizes[name].sum(axis=1, keepdims=True), sizes[name].shape)
    for row, source in enumerate(world.SOURCES_OF_GROWTH):
        name = f"gains by {source}"
        found[name], expected[name], sizes[name] = (each["gains"][:, row] for each in (found, expected, sizes))
    del expected["gains"]
    for name, a, b in zip(("lead released", "lead internal"), lead, reference_lead, strict=True):
        found[name], expected[name], sizes[name] = a, b, np.abs(b)
    if o.capability.dtype == np.float32:
        sizes = {name: np.maximum(size, name.startswith(IN_PARTS_OF_ONE)) for name, size in sizes.items()}
    return {name: _deviation(found[name], b, sizes[name]) for name, b in expected.items()}


def _deviation(a, b, size):
    # A lever that answers nothing is one number for all futures.
    size = np.maximum(size, np.median(size, axis=-1, keepdims=True)) if size.ndim > 1 else size
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
    compiled = jax.jit(_model, compiler_options=UNOPTIMISED)
    for name in PACKAGES:
        with jax.enable_x64(True):
            found = compiled(sampled(DRAWS), inputs(name), DATES)
            assert found[0].capability.dtype == np.float64
        worst = _worst(found, _reference(name))
        # A supplier that is nearly full takes ten times as much more for each part that it has free.
        assert {output: error for output, error in worst.items() if error > 1e-9} == {}, name


# In single precision. A month's gain by compute is the difference of two nearly equal numbers of FLOP; their sum over
# months, which is what capability shows, is not. New leases are what renters want less what they have, again two nearly
# equal numbers. What is exponential in capability or in dates magnifies the last digit of both.
LOOSER = {"gains by compute": 1e-3, "leased": 1e-3, "ai_multiplier": 1e-3} | dict.fromkeys(
    (
        "limits",
        "distribution.frontier",
        "distribution.bulk",
        "funding",
        "revenue.revenue",
        "revenue.revenue_index",
        "security.known_to_defenders",
        "security.found",
        "security.fixed",
    ),
    4e-4,
)


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
        assert {output: error for output, error in worst.items() if error > LOOSER.get(output, 1e-4)} == {}, name
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


@cache
def _observed_at(driver):
    """Of (parameters, inputs, dates), what the driver follows in every month, and observes at the dates."""

    def observed(p, driven, dates):
        return driver.simulate_at(p, driven, dates, _seen, _seen)

    return jax.jit(observed, compiler_options=UNOPTIMISED) if driver is driver_jax else observed


@pytest.mark.parametrize("dates", [DATES, DATES - 7, np.arange(108)], ids=["few", "not the last", "all"])
@pytest.mark.parametrize("driver", [driver_numpy, driver_jax])
def test_what_is_observed_at_a_few_months_is_what_the_whole_record_shows_there(driver, dates):
    p, driven = sampled(32), inputs("hold")
    with jax.enable_x64(True):
        followed, observed = _observed_at(driver)(p, driven, dates)
    for every_month, kept, at_dates in zip(_seen(run(p, driven)), followed, observed, strict=True):
        np.testing.assert_allclose(kept, every_month, rtol=1e-10)
        np.testing.assert_allclose(at_dates, every_month[dates], rtol=1e-10)


# Parameters of every mechanism and levers of every area, each with how far a run is moved to measure its slope.
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
    "talent.delay": 1e-4,
    "adoption.people_speed": 1e-5,
    "adoption.serving_headroom": 1e-4,
    "distribution.bulk_odds": 1e-6,
    "distribution.servable_abroad": 1e-6,
    "resilience.exposure": 1e-5,
    "revenue.growth_settling_time": 1e-5,
    "safety.clear_lead": 1e-4,
    "security.patching_capacity": 1e-4,
    "responses.lead_weight": 1e-4,
    "couplings.intelligence_to_adoption": 1e-6,
    "couplings.revenue_to_capital": 1e-5,
    "couplings.capital_to_compute": 1e-5,
    "couplings.lead_to_talent": 1e-7,
    "levers.enforcement_budget": 1e-4,
    "levers.remote_access_rule": 1e-4,
    "levers.euv_controls": 1e-4,
    "levers.equipment_controls": 1e-4,
    "levers.distillation_detection": 1e-4,
    "levers.release_gating": 1e-3,
    "levers.power_buildout": 1e-4,
    "levers.transition_support": 1e-4,
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


def _fronts(o):
    """A number for all fronts but the leads, of each step: (draws,)."""
    xp = o.usable.__array_namespace__()
    money = xp.log(o.revenue.revenue) + xp.log(o.revenue.capital) + xp.log(o.funding)
    shares = o.adoption.share + o.distribution.total * np.array([[1.0], [2.0], [3.0]]) + o.distribution.norms
    risks = (
        o.safety.compliance + o.security.exposed_share + o.resilience / 100 + 0.1 * xp.log(o.security.exposed_months)
    )
    return (shares + risks + money).sum(axis=0) + o.safety.room_for_talks


class Slopes(NamedTuple):
    """What slopes are taken of, in every month."""

    released: Any
    capability: Any
    fronts: Any


def _followed(o):
    return Slopes(o.released, o.capability, _fronts(o))


def _of_all(driver, p, histories):
    """Both leads and all fronts at the end of 2028, (draws,)."""
    both = sum(world.lead(p, history, LAST, driver.each)[0] for history in (histories.released, histories.capability))
    return both + 10 * histories.fronts[-1]


def _outcome(amounts, p, driven, driver=driver_jax):
    p, driven = _moved(p, driven, amounts)
    return _of_all(driver, p, driver.simulate(p, driven, _followed))


@cache
def _compiled_slopes():
    """Of (amounts, parameters, inputs), the slopes of the sum over futures with respect to amounts and parameters."""
    slopes = jax.grad(lambda *given: _outcome(*given).sum(), (0, 1))
    return jax.jit(slopes, compiler_options=UNOPTIMISED)


def _slopes(p, driven):
    with jax.enable_x64(True):
        amounts, (*groups,) = _compiled_slopes()(dict.fromkeys(SLOPES, np.zeros(FUTURES)), p, driven)
        return jax.tree.map(np.asarray, amounts), flat(world.Parameters(*groups))


FUTURES = 16


def test_slopes_equal_the_difference_of_two_runs():
    p, driven = sampled(FUTURES), inputs("hold")
    slopes, _ = _slopes(p, driven)
    # All runs as one: a block of futures as they are, and for each name one block a step up and one a step down.
    blocks = [{}, *({name: sign * step} for name, step in SLOPES.items() for sign in (1, -1))]
    amounts = {name: np.repeat([block.get(name, 0.0) for block in blocks], FUTURES) for name in SLOPES}
    tiled = jax.tree.map(lambda values: np.tile(values, len(blocks)), p)
    here, *moved = np.split(_outcome(amounts, tiled, driven, driver_numpy), len(blocks))
    for name, above, below in zip(SLOPES, moved[::2], moved[1::2], strict=True):
        right, left = (above - here) / SLOPES[name], (here - below) / SLOPES[name]
        # Where a limit starts or stops to bind between the runs, the two sides differ and there is no slope.
        smooth = np.abs(right - left) <= 1e-3 * np.maximum(np.abs(right), np.abs(left)) + 1e-6
        # So it is in a third of futures for tool controls, whose easing is answered otherwise than their tightening.
        assert smooth.mean() >= 0.5, name
        measured = (right + left) / 2
        np.testing.assert_allclose(slopes[name][smooth], measured[smooth], rtol=1e-3, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("seed", [None, *range(4)])
def test_every_slope_of_every_parameter_is_finite(seed):
    # With no control to answer, and in corners of the priors with levers at the ends of their ranges.
    p = sampled(FUTURES) if seed is None else parameters(seed, FUTURES)
    by_amount, by_parameter = _slopes(p, inputs("none" if seed is None else random_levels(seed)))
    found = by_amount | by_parameter
    assert [name for name, slope in found.items() if not np.isfinite(slope).all()] == []

"""Resilience: worked out by hand, within bounds, and moved in the right direction by each cause."""

from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourfronts.inference.draws import draw
from fourfronts.inference.parameters import load
from fourfronts.model import resilience
from fourfronts.model.blocs import ALLIED, PRC, REST
from fourfronts.model.levers import Levers
from fourfronts.policy.grid import Grid

REGISTRY = load([Path(resilience.__file__).with_suffix(".yaml")])
GRID = Grid()
MONTH = np.float64(1 / 12)
STRENGTH = np.array([200.0])


def _levers(**changes):
    return Levers(*(np.float64(changes.get(name, 0.0)) for name in Levers._fields))


def _parameters(**changes):
    values = {
        "political_stability": np.array([[0.5], [-0.5], [0.0]]),
        "public_trust": np.array([[0.4], [0.8], [0.6]]),
        "stability_weight": np.array([0.6]),
        "anchor_time": np.array([2025.875]),
        "exposure": np.array([[0.5], [0.4], [0.25]]),
        "productivity_gain": np.array([0.2]),
        "growth_relief": np.array([25.0]),
        "support_effect": np.array([0.4]),
        "support_reference": np.array([0.0]),
        "recovery_time": np.array([4.0]),
    }
    return resilience.Parameters(**(values | changes))


def _priors(draws=64, seed=0, dtype=np.float64):
    drawn = draw(REGISTRY, draws, seed)
    return resilience.Parameters(*(drawn[f"resilience.{name}"].astype(dtype) for name in resilience.Parameters._fields))


def _speed(*by_bloc):
    return np.array(by_bloc, dtype=float)[:, None]


def _run(p, strength, speed_at, start=2025.0, end=2029.0, years=MONTH, **levels):
    """The index at the end of steps from `start` to `end`, with `speed_at(time)` of work taken over a year."""
    s = resilience.start(p)
    for n in range(round((end - start) / years)):
        time = start + (n + 0.5) * years
        s, index = resilience.step(p, s, _levers(**levels), strength, speed_at(time), time, years)
    return index


def _at_end(p=None, strength=STRENGTH, speed=(0.05, 0.05, 0.05), **levels):
    return _run(_parameters() if p is None else p, strength, lambda time: _speed(*speed), **levels)[:, 0]


def test_the_index_starts_as_the_weighted_mean_of_the_published_figures():
    # Scores of 0.5, -0.5 and 0 are 60, 40 and 50 of 100: 0.6 x 60 + 0.4 x 40, 0.6 x 40 + 0.4 x 80, 0.6 x 50 + 0.4 x 60.
    assert resilience.start(_parameters()).index[:, 0] == pytest.approx([52.0, 56.0, 54.0])
    ends = {"political_stability": _speed(2.5, -2.5, 0.0), "public_trust": _speed(1.0, 0.0, 0.5)}
    assert resilience.baseline(_parameters(**ends))[:, 0] == pytest.approx([100.0, 0.0, 50.0])


def test_one_step_by_hand():
    p, s = _parameters(), resilience.State(_speed(50.0, 56.0, 50.0))
    speed = _speed(0.04, 0.1, 0.0)
    after, index = resilience.step(p, s, _levers(transition_support=0.5), STRENGTH, speed, np.float64(2027.0), 0.5)
    # Allied: 200 x 0.5 x 0.04 = 4 points a year; support leaves 1 - 0.5 x 0.4 = 0.8 and 0.8% of growth 1 / 1.2 of it:
    # 2.6666667 points, 0.0512821 of 52. It settles at 52 x 0.25 / 0.3012821 = 43.1489362, from 50 by exp(-0.1506410).
    assert index[ALLIED, 0] == pytest.approx(49.0419227, abs=1e-6)
    # PRC: 200 x 0.4 x 0.1 = 8, 2% of growth leaves 1 / 1.5: 5.3333333 points, 0.0952381 of 56. It settles at
    # 56 x 0.25 / 0.3452381 = 40.5517241, from 56 by exp(-0.1726190).
    assert index[PRC, 0] == pytest.approx(53.5508011, abs=1e-6)
    # The rest only recovers: 54 - 4 x exp(-0.125).
    assert index[REST, 0] == pytest.approx(50.4700124, abs=1e-6)
    assert (after.index == index).all()


def test_without_the_coupling_nothing_moves_the_index():
    assert (_at_end(strength=np.zeros(1), transition_support=1.0) == resilience.baseline(_parameters())[:, 0]).all()


def test_what_adoption_did_before_the_published_figures_is_in_them_already():
    p = _parameters()
    before = _run(p, STRENGTH, lambda time: _speed(0.5, 0.5, 0.5), start=2020.0, end=2025.75)
    assert (before == resilience.baseline(p)).all()


def test_faster_adoption_of_more_exposed_work_costs_more():
    slow, fast = _at_end(speed=(0.02, 0.02, 0.02)), _at_end()
    assert (fast < slow).all()
    assert (slow < resilience.baseline(_parameters())[:, 0]).all()
    assert (_at_end(_parameters(exposure=_speed(0.6, 0.6, 0.6))) < fast).all()
    # Adoption that falls back gives no one a place back: the index only recovers.
    assert (_at_end(speed=(-0.5, 0.0, -0.1)) == resilience.baseline(_parameters())[:, 0]).all()


def test_growth_cushions_and_never_so_much_that_faster_adoption_costs_less():
    assert (_at_end(_parameters(productivity_gain=np.array([0.5]))) > _at_end()).all()
    assert (_at_end(_parameters(growth_relief=np.array([80.0]))) > _at_end()).all()
    p = _parameters(productivity_gain=np.array([0.5]), growth_relief=np.array([80.0]))
    costs = [
        resilience.displacement(p, _levers(), STRENGTH, _speed(speed, speed, speed))[0, 0]
        for speed in np.linspace(0.0, 1.0, 50)
    ]
    assert (np.diff(costs) > 0).all()


def test_support_cushions_the_bloc_that_gives_it_alone():
    without, with_it = _at_end(), _at_end(transition_support=1.0)
    assert with_it[ALLIED] > without[ALLIED]
    assert (with_it[[PRC, REST]] == without[[PRC, REST]]).all()


def test_displacement_is_stated_at_the_support_of_the_reference():
    p, speed = _parameters(support_reference=np.array([0.3])), _speed(0.05, 0.05, 0.05)
    at_reference, none, full = (
        resilience.displacement(p, _levers(transition_support=level), STRENGTH, speed)[ALLIED, 0]
        for level in (0.3, 0.0, 1.0)
    )
    # 200 x 0.5 x 0.05 = 5, over 1.25 for 1% of growth; without support over 0.88, with full support 0.6 of that.
    assert at_reference == pytest.approx(4.0)
    assert none == pytest.approx(4.0 / 0.88)
    assert full == pytest.approx(4.0 * 0.6 / 0.88)


def test_a_bloc_recovers_when_displacement_ends():
    p = _parameters(recovery_time=np.array([1.0]))
    index = _run(p, STRENGTH, lambda time: _speed(0.2, 0.2, 0.2) * (time < 2027.0), end=2027.0)
    later = _run(p, STRENGTH, lambda time: _speed(0.2, 0.2, 0.2) * (time < 2027.0), end=2029.0)
    base = resilience.baseline(p)
    # Two recovery times on, exp(-2) of the loss is left.
    np.testing.assert_allclose(base - later, (base - index) * np.exp(-2.0), rtol=1e-6)


def test_steady_displacement_settles_where_recovery_balances_it():
    p = _parameters()
    index = _run(p, STRENGTH, lambda time: _speed(0.05, 0.05, 0.05), start=2026.0, end=2126.0, years=np.float64(0.5))
    points = resilience.displacement(p, _levers(), STRENGTH, _speed(0.05, 0.05, 0.05))
    base = resilience.baseline(p)
    np.testing.assert_allclose(points * index / base, (base - index) / 4.0, rtol=1e-9)


# Beyond the priors' ranges, so that a wider prior is covered as well.
admissible = st.fixed_dictionaries(
    {
        "political_stability": st.floats(-2.5, 2.5),
        "public_trust": st.floats(0, 1),
        "stability_weight": st.floats(0, 1),
        "exposure": st.floats(0, 1),
        "productivity_gain": st.floats(0, 5),
        "growth_relief": st.floats(0, 500),
        "support_effect": st.floats(0, 0.95),
        "support_reference": st.floats(0, 1),
        "recovery_time": st.floats(0.05, 100),
    }
)


@settings(max_examples=50)
@given(admissible, st.floats(0, 1e5), st.floats(-5, 5), st.floats(0, 1), st.sampled_from([1 / 12, 1.0, 50.0]))
def test_the_index_stays_between_zero_and_a_hundred(values, strength, speed, support, years):
    p = _parameters(**{name: getattr(_parameters(), name) * 0.0 + value for name, value in values.items()})
    s, levers = resilience.start(p), _levers(transition_support=support)
    for _ in range(4):
        s, index = resilience.step(p, s, levers, np.array([strength]), _speed(speed, speed, speed), 2027.0, years)
        assert ((index >= 0.0) & (index <= resilience.baseline(p) + 1e-9)).all()
    assert (index <= 100.0 + 1e-9).all()


@settings(max_examples=10)
@given(st.permutations((ALLIED, PRC, REST)))
def test_blocs_are_told_apart_by_their_parameters_alone(order):
    p, order = _priors(16), list(order)
    swapped = p._replace(**{name: values[order] for name, values in p._asdict().items() if values.ndim == 2})
    speed = _speed(0.02, 0.05, 0.1) * np.ones(16)
    index, other = (
        _run(each, np.full(16, 200.0), lambda time, each_speed=each_speed: each_speed, end=2027.0)
        for each, each_speed in ((p, speed), (swapped, speed[order]))
    )
    np.testing.assert_allclose(other, index[order], rtol=1e-12)


def test_halving_the_step_moves_no_result_by_more_than_a_percent():
    p, strength = _priors(64), np.full(64, 400.0)
    coarse, fine = (
        _run(p, strength, lambda time: _speed(0.02, 0.03, 0.04) * (time - 2024.0) * np.ones(64), years=years)
        for years in (MONTH, MONTH / 2)
    )
    np.testing.assert_allclose(coarse, fine, rtol=0.01)


def _compare(dtype, step):
    p, strength = _priors(16, dtype=dtype), np.full(16, 200.0, dtype)
    speed = (_speed(0.02, 0.05, 0.1) * np.ones(16)).astype(dtype)
    s = resilience.start(p)
    for time in GRID.times[66:90]:
        s, index = step(p, s, _levers(transition_support=0.5), strength, speed, dtype(time), dtype(1 / 12))
    return index


def test_compiled_code_agrees_in_both_precisions():
    expected = _compare(np.float64, resilience.step)
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-5)):
        with jax.enable_x64(dtype is np.float64):
            found = _compare(dtype, jax.jit(resilience.step))
        assert found.dtype == dtype
        np.testing.assert_allclose(np.asarray(found), expected, rtol=tolerance)


def test_every_slope_is_finite_where_nothing_is_adopted_as_well():
    def index(p, strength, speed, support):
        levers = _levers()._replace(transition_support=support)
        return resilience.step(p, resilience.start(p), levers, strength, speed, 2027.0, 0.5)[1].sum()

    with jax.enable_x64(True):
        slopes = jax.jit(jax.grad(index, (0, 1, 2, 3)))
        for speed in (0.0, 0.1):
            found = slopes(_priors(16), np.full(16, 200.0), np.full((3, 16), speed), np.float64(0.5))
            assert all(np.isfinite(slope).all() for slope in jax.tree.leaves(found))


def test_every_citation_is_known_and_in_time():
    assert REGISTRY.check_against_evidence() == []
    assert {key.split(".")[1] for key in REGISTRY.parameters} == set(resilience.Parameters._fields)

"""Revenue and capital, worked out by hand, and what leaves them on their trends."""

from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fourfronts.inference.parameters import load
from fourfronts.model import revenue
from fourfronts.model.blocs import ALLIED, BLOCS, PRC, REST

DECLARED = load([Path(revenue.__file__).with_suffix(".yaml")]).parameters
YEAR = 12

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=15, phases=(Phase.explicit, Phase.generate))


def _parameters(seed=0, draws=8, dtype=np.float64, **changes):
    """Random admissible parameters; every second draw is a corner where all priors are in a tail."""
    random = np.random.default_rng(seed)
    values = {name: [] for name in revenue.Parameters._fields}
    for each in DECLARED.values():
        points = random.uniform(0.02, 0.98, size=draws)
        points[::2] = random.choice([0.001, 0.02, 0.98, 0.999], size=points[::2].shape)
        values[each.name].append((each.bloc, each.prior.quantile(points)))
    found = {}
    for name, drawn in values.items():
        blocs = dict(drawn)
        found[name] = blocs[None] if None in blocs else np.stack([blocs[bloc] for bloc in BLOCS])
        if name in changes:
            found[name] = np.broadcast_to(np.asarray(changes[name], dtype=float), found[name].shape).copy()
    return revenue.Parameters(**{name: value.astype(dtype) for name, value in found.items()})


def _plain(**changes):
    values = {
        "anchor_time": 2025.5,
        "growth_settling_time": 2.0,
        "revenue_anchor": 40e9,
        "revenue_growth_past": 1.0,
        "revenue_growth_today": 1.2,
        "revenue_growth_long_run": 0.2,
        "work_growth_today": 0.5,
        "work_growth_long_run": 0.1,
        "capital_anchor": 400e9,
        "capital_growth_past": 0.5,
        "capital_growth_today": 0.6,
        "capital_growth_long_run": 0.1,
        "capital_delay": 1.0,
        "ai_share_of_capital": 0.7,
        "cost_per_h100e": 20e3,
        "cost_decline": 0.3,
    }
    return _parameters(draws=1, **(values | changes))


def _shares(time, adoption=0.5, foreign=0.3):
    """Shares of a world that moves evenly: AI work by `adoption` a year, the PRC's share abroad by `foreign`."""
    since = time - 2025.5
    work = np.minimum(np.array([[0.02], [0.015], [0.01]]) * np.exp(adoption * since), 1.0)
    odds = np.exp(np.array([[0.0], [-1.5 + foreign * since], [-2.5]]))
    return work, odds / odds.sum(axis=0)


def _run(p, strengths=(0.8, 0.15, 0.5), until=2029.0, begin=2024.0, per_month=1, shares=_shares):
    """State and outputs of every step."""
    draws, dtype = p.anchor_time.shape[-1], p.anchor_time.dtype
    h = 1 / YEAR / per_month

    def known(time):
        return tuple((each + np.zeros((3, draws))).astype(dtype) for each in shares(time))

    state = revenue.start(*known(begin))
    strengths = [np.full(draws, each, dtype) for each in strengths]
    shown = []
    for step in range(round((until - begin) / h)):
        end = begin + (step + 1) * h
        middle, years = (np.asarray(x, dtype) for x in (end - h / 2, h))
        state, out = revenue.step(p, state, *strengths, *known(end), middle, years)
        shown.append(out)
    return state, revenue.Revenue(*(np.stack(each) for each in zip(*shown, strict=True)))


def test_a_trend_by_hand():
    p = _plain()
    _, out = _run(p, strengths=(0.0, 0.0, 0.0), begin=2024.5, until=2027.5)
    # A year before the anchor: 40 / e and 400 / exp(0.5).
    months = [0, 11, 35]
    # Two years after it 1.2 a year counts for 2 (1 - 1/e) = 1.264241 years, 0.2 for the rest of two: 1.2 x 1.264241 +
    # 0.2 x 0.735759 = 1.664241; for capital 0.6 x 1.264241 + 0.1 x 0.735759 = 0.832121.
    expected = 40e9 * np.exp([-11 / 12, 0.0, 1.664241])
    assert out.revenue[months, ALLIED, 0] == pytest.approx(expected, rel=1e-6)
    expected = 400e9 * np.exp([-5.5 / 12, 0.0, 0.832121])
    assert out.capital[months, ALLIED, 0] == pytest.approx(expected, rel=1e-6)


def test_half_a_year_of_more_work_and_a_larger_share_abroad_by_hand():
    p = _plain()
    work, foreign = np.array([[0.02], [0.02], [0.02]]), np.array([[0.6], [0.3], [0.1]])
    state = revenue.start(work, foreign)
    strengths = [np.array([each]) for each in (0.5, 0.1, 0.4)]
    after_work = work * np.array([[1.5], [1.0], [1.0]])
    after_foreign = foreign + np.array([[-0.1], [0.1], [0.0]])
    years = np.float64(0.5)
    state, out = revenue.step(p, state, *strengths, after_work, after_foreign, np.float64(2025.75), years)
    # The trend takes 0.5 x 2 (1 - exp(-1/4)) + 0.1 x (0.5 - 0.442398) = 0.226960 of growth of work for granted.
    deviation = [
        0.5 * (np.log(1.5) - 0.226960) + 0.1 * np.log(5 / 6),
        -0.5 * 0.226960 + 0.1 * np.log(4 / 3),
        -0.5 * 0.226960,
    ]
    assert out.revenue_index[:, 0] == pytest.approx(deviation, abs=1e-6)
    # Capital with a delay of a year after a ramp of half a year: 0.4 x (0.5 - (1 - exp(-1/2))) / 0.5 of its end.
    assert out.capital_index[:, 0] == pytest.approx(0.4 * 0.2130613 * np.array(deviation), abs=1e-6)
    trend = 1.2 * 0.442398 + 0.2 * 0.057602
    assert out.revenue[ALLIED, 0] == pytest.approx(40e9 * np.exp(trend + deviation[0]), rel=1e-5)


def test_capital_follows_a_lasting_change_of_revenue_by_its_elasticity_after_its_delay():
    p = _plain(work_growth_today=0.0, work_growth_long_run=0.0)

    def doubled(time):
        work, foreign = _shares(2025.5)
        return work * (1.0 if time <= 2025.51 else 2.0), foreign

    _, out = _run(p, strengths=(1.0, 0.0, 0.5), begin=2025.0, until=2035.5, shares=doubled)
    assert out.revenue_index[-1, :, 0] == pytest.approx(np.log(2.0))
    assert out.capital_index[-1, :, 0] == pytest.approx(0.5 * np.log(2.0), rel=1e-3)
    # One delay after the change, made within a month.
    assert out.capital_index[17, ALLIED, 0] == pytest.approx(0.5 * np.log(2) * (1 - np.exp(-1)), rel=0.03)


def test_what_the_frontier_costs_is_set_by_the_bloc_that_adds_most():
    p = _plain()
    capital = np.array([[400e9], [80e9], [30e9]])
    additions = np.array([[13e6], [1e6], [1e6]])
    # 13 million at 20,000 are 260 bn, of which 280, 56 and 21 bn are to be had.
    ratio = revenue.funding_ratio(p, capital, additions, np.float64(2025.5))
    assert ratio[:, 0] == pytest.approx([280 / 260, 56 / 260, 21 / 260])
    # Two years on the same chips cost exp(-0.6) of that.
    later = revenue.funding_ratio(p, capital, additions, np.float64(2027.5))
    assert later[:, 0] == pytest.approx(ratio[:, 0] / np.exp(-0.6))
    # Whoever leads, the yardstick is the leader.
    order = [PRC, REST, ALLIED]
    swapped = revenue.funding_ratio(p, capital, additions[order], np.float64(2025.5))
    assert swapped[:, 0] == pytest.approx(ratio[:, 0])
    assert np.isfinite(revenue.funding_ratio(p, capital, 0 * additions, np.float64(2025.5))).all()


@few
@given(seeds, st.floats(0.0, 2.0), st.floats(-1.5, 1.5))
def test_before_the_anchor_and_without_couplings_everything_is_on_its_trend(seed, adoption, foreign):
    p = _parameters(seed)

    def shares(time):
        return _shares(time, adoption, foreign)

    _, coupled = _run(p, until=2025.5, shares=shares)
    _, free = _run(p, strengths=(0.0, 0.0, 0.0), shares=shares)
    _, calm = _run(p, strengths=(0.0, 0.0, 0.0))
    for out in (coupled, free):
        assert not out.revenue_index.any()
        assert not out.capital_index.any()
    for one, other in zip(free, calm, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(coupled.revenue, free.revenue[: len(coupled.revenue)])


@few
@given(seeds)
def test_each_coupling_acts_alone_and_in_its_direction(seed):
    p = _parameters(seed)
    _, base = _run(p)
    _, more_work = _run(p, shares=lambda time: _shares(time, adoption=0.8))
    _, more_abroad = _run(p, shares=lambda time: _shares(time, foreign=0.8))
    assert (more_work.revenue[-1] > base.revenue[-1]).all()
    assert (more_work.capital[-1] > base.capital[-1]).all()
    assert (more_abroad.revenue[-1, PRC] > base.revenue[-1, PRC]).all()
    assert (more_abroad.revenue[-1, [ALLIED, REST]] < base.revenue[-1, [ALLIED, REST]]).all()
    _, deaf = _run(p, strengths=(0.0, 0.15, 0.5), shares=lambda time: _shares(time, adoption=0.8))
    _, calm = _run(p, strengths=(0.0, 0.15, 0.5))
    np.testing.assert_array_equal(deaf.revenue, calm.revenue)
    _, deaf = _run(p, strengths=(0.8, 0.0, 0.5), shares=lambda time: _shares(time, foreign=0.8))
    _, calm = _run(p, strengths=(0.8, 0.0, 0.5))
    np.testing.assert_array_equal(deaf.revenue, calm.revenue)
    _, unmoved = _run(p, strengths=(0.8, 0.15, 0.0))
    assert not unmoved.capital_index.any()
    np.testing.assert_array_equal(unmoved.revenue, base.revenue)


@few
@given(seeds)
def test_nothing_overflows_and_no_share_is_too_small(seed):
    p = _parameters(seed)

    def extreme(time):
        work, _ = _shares(time)
        gone = 0.0 if time > 2026.0 else 0.3
        return work * gone, np.array([[1.0 - gone], [gone], [0.0]])

    for shares in (extreme, _shares):
        _, out = _run(p, strengths=(1.0, 0.3, 1.0), until=2036.0, shares=shares)
        assert all(np.isfinite(values).all() for values in out)
        assert (out.revenue > 0).all()
        assert (out.capital > 0).all()


@few
@given(seeds)
def test_blocs_that_differ_only_in_parameters_are_interchangeable(seed):
    p = _parameters(seed)
    order = [REST, ALLIED, PRC]
    swapped = revenue.Parameters(*(each[order] if each.ndim == 2 else each for each in p))
    _, one = _run(p)
    _, other = _run(swapped, shares=lambda time: tuple(each[order] for each in _shares(time)))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(b, a[:, order], rtol=1e-12)


def test_half_the_step_moves_no_number_by_more_than_a_tenth_of_a_percent():
    p = _parameters(1, draws=32)
    _, coarse = _run(p)
    _, fine = _run(p, per_month=2)
    for name in ("revenue", "capital"):
        np.testing.assert_allclose(getattr(fine, name)[1::2], getattr(coarse, name), rtol=1e-3)


def test_the_compiled_model_agrees_and_its_slopes_are_finite():
    def last(p, strengths, work, foreign):
        state = revenue.start(work, foreign)
        for month in range(2):
            time = np.float64(2025.5 + (month + 0.5) / 12)
            state, out = revenue.step(p, state, *strengths, 1.2 * work, foreign, time, np.float64(1 / 12))
        return (*out, revenue.funding_ratio(p, out.capital, 1e7 * work, np.float64(2026.0)))

    with jax.enable_x64(True):
        shares = [each + np.zeros((3, 8)) for each in _shares(2025.0)]
        # A bloc that serves nothing abroad is where a logarithm has no slope.
        shares[1][REST] = 0.0
        arguments = (_parameters(5), [np.full(8, each) for each in (0.8, 0.1, 0.5)], *shares)
        everywhere = jax.tree.map(np.ones_like, arguments)
        found, slopes = jax.jit(lambda *a: jax.jvp(last, a, everywhere))(*arguments)
        for one, other in zip(found, last(*arguments), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)
        assert all(np.isfinite(slope).all() for slope in slopes)


def test_single_precision_costs_at_most_one_part_in_ten_thousand():
    _, double = _run(_parameters(4, draws=32))
    _, single = _run(_parameters(4, draws=32, dtype=np.float32))
    for name, one, other in zip(double._fields, double, single, strict=True):
        assert other.dtype == np.float32
        # An index is a logarithm, so it may be off by this much wherever it stands.
        np.testing.assert_allclose(other, one, rtol=4e-4, atol=2e-4 if name.endswith("index") else 0.0)

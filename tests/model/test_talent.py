"""Talent: researchers follow the lead slowly, from the anchor date on, and without the coupling not at all."""

import math
from pathlib import Path

import jax
import numpy as np
import pytest
from futures import examples, inputs, run, sampled, seeds, uncoupled
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.inference.parameters import load
from fourfronts.model import talent
from fourfronts.model.blocs import ALLIED, PRC

REGISTRY = load([Path(talent.__file__).with_suffix(".yaml")])
MONTH = np.float64(1 / 12)
STRENGTH = np.array([0.01])


def _column(*by_bloc):
    return np.array(by_bloc, dtype=float)[:, None]


def _parameters(**changes):
    values = {"anchor_time": 2026.5, "delay": 2.0, "most_months": 36.0} | changes
    return talent.Parameters(**{name: np.array([value]) for name, value in values.items()})


def _run(lead_at, p=None, strength=STRENGTH, until=2030.0, per_month=1, begin=2024.0):
    """Log of labour drawn after each step, (steps, 3, draws); `lead_at(time)` is (3, draws) months."""
    p, years = p or _parameters(), MONTH / per_month
    s, drawn = talent.start(lead_at(begin)), []
    for step in range(round((until - begin) * 12 * per_month)):
        time = begin + (step + 0.5) * years
        s, moved = talent.step(p, s, strength, lead_at(time), np.float64(time), years)
        drawn.append(moved)
    return np.stack(drawn)


def test_two_steps_by_hand():
    p = _parameters()
    s, drawn = talent.step(p, talent.start(_column(5, -5, -9)), STRENGTH, _column(6, -6, -12), 2026.0, np.float64(0.5))
    # Before the anchor the lead of that date is the usual one, and nobody moves.
    assert s.usual_lead[:, 0].tolist() == [6, -6, -12]
    assert drawn[:, 0].tolist() == [0, 0, 0]
    # A year on, at a delay of two: 1 - exp(-1/2) = 0.393469 of the change of the lead by 8, -8 and 4 months.
    s, drawn = talent.step(p, s, STRENGTH, _column(14, -14, -8), 2027.0, np.float64(1.0))
    assert s.usual_lead[:, 0].tolist() == [6, -6, -12]
    assert drawn[:, 0] == pytest.approx([0.0314776, -0.0314776, 0.0157388], abs=1e-7)


def test_before_the_anchor_nobody_moves_whatever_the_lead_does():
    drawn = _run(lambda t: _column(30.0, -30.0, -60.0) * math.sin(9.0 * t), until=2026.5)
    assert not drawn.any()


def test_a_lead_that_stays_usual_draws_nobody():
    drawn = _run(lambda t: _column(18.0 - 3 * min(t, 2026.6), -18.0 + 3 * min(t, 2026.6), -30.0))
    assert np.abs(drawn).max() < 1e-2
    assert not _run(lambda t: _column(18.0, -18.0, -30.0)).any()


@examples(20)
@given(seeds)
def test_at_strength_0_leads_change_nothing_at_all(seed):
    random = np.random.default_rng(seed)
    drawn = _run(lambda t: random.normal(0.0, 60.0, (3, 1)), strength=np.zeros(1))
    assert not drawn.any()


def test_without_the_coupling_the_whole_world_has_no_moves():
    p = sampled(64, seed=3)
    assert not run(uncoupled(p, "lead_to_talent"), inputs("hold")).talent.any()
    assert run(p, inputs("hold")).talent[-1].all()


def test_who_pulls_ahead_draws_labour_and_who_falls_behind_loses_it_in_proportion():
    grown = _run(lambda t: _column(6.0, -6.0, -20.0) + 12.0 * (t > 2026.5) * _column(1, -1, -1), until=2060.0)
    # In the end all of it: 12 months at 0.01 a month.
    assert grown[-1, :, 0] == pytest.approx([0.12, -0.12, -0.12], rel=1e-4)
    assert (np.diff(grown[30:, ALLIED, 0]) > 0).all()
    assert (np.diff(grown[30:, PRC, 0]) < 0).all()
    # 63% after the delay of two years; more at a higher strength, less at a longer delay.
    assert grown[12 * 4 + 6 - 1, ALLIED, 0] == pytest.approx(0.12 * (1 - math.exp(-1)), rel=1e-6)
    higher = _run(lambda t: _column(6.0 + 12.0 * (t > 2026.5), 0, 0), strength=2 * STRENGTH)
    slower = _run(lambda t: _column(6.0 + 12.0 * (t > 2026.5), 0, 0), _parameters(delay=4.0))
    assert slower[-1, ALLIED, 0] < grown[71, ALLIED, 0] < higher[-1, ALLIED, 0]


@examples(20)
@given(st.floats(-1e4, 1e4), st.floats(0.0, 0.05))
def test_no_rout_moves_more_than_the_most(months, strength):
    drawn = _run(lambda t: _column(months, -months, 0.0) * (t > 2026.5), strength=np.array([strength]), until=2035.0)
    assert np.abs(drawn).max() <= 36.0 * strength


def test_blocs_are_told_apart_by_their_leads_alone():
    order = [2, 0, 1]
    first = _run(lambda t: _column(10 * t - 20000, 7 - t, 3.0))
    np.testing.assert_array_equal(_run(lambda t: _column(10 * t - 20000, 7 - t, 3.0)[order]), first[:, order])


def test_halving_the_step_moves_no_labour_by_more_than_a_percent():
    def widening(t):
        return _column(6.0, -6.0, -12.0) + 4.0 * (t - 2024.0) * _column(1, -1, 0.5)

    coarse, fine = _run(widening), _run(widening, per_month=2)[1::2]
    np.testing.assert_allclose(fine, coarse, atol=0.01 * np.abs(coarse).max())
    # A lasting change is met exactly.
    coarse, fine = (_run(lambda t: _column(9.0 * (t > 2026.5), 0, 0), per_month=n)[n - 1 :: n] for n in (1, 2))
    np.testing.assert_allclose(fine, coarse, rtol=1e-12)


def test_compiled_code_agrees_and_its_slopes_are_finite():
    lead = _column(40.0, -6.0, -40.0)

    def later(p, strength, lead_of):
        s = talent.start(lead_of - lead_of)
        for year in (2027.0, 2028.0):
            s, drawn = talent.step(p, s, strength, lead_of, year, 1.0)
        return drawn

    expected = later(_parameters(), STRENGTH, lead)
    with jax.enable_x64(True):
        np.testing.assert_allclose(jax.jit(later)(_parameters(), STRENGTH, lead), expected, rtol=1e-12)
        slopes = jax.jit(jax.grad(lambda *given: later(*given).sum(), (0, 1, 2)))(_parameters(), STRENGTH, lead)
        assert all(np.isfinite(slope).all() for slope in jax.tree.leaves(slopes))
    single = talent.Parameters(*(values.astype(np.float32) for values in _parameters()))
    found = jax.jit(later)(single, STRENGTH.astype(np.float32), lead.astype(np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_every_citation_is_known_and_in_time_and_every_parameter_is_declared():
    assert REGISTRY.check_against_evidence() == []
    assert {each.name for each in REGISTRY.parameters.values()} == set(talent.Parameters._fields)

"""Safety posture: worked out by hand, within bounds, and moved in the right direction by each cause."""

from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourfronts.inference.draws import draw
from fourfronts.inference.parameters import load
from fourfronts.model import safety
from fourfronts.model.blocs import ALLIED, BLOCS, PRC, REST
from fourfronts.model.levers import Levers
from fourfronts.policy.grid import Grid

REGISTRY = load([Path(safety.__file__).with_suffix(".yaml")])
MONTH = np.float64(1 / 12)
ANCHOR = 2025.75
GRID = Grid()
ALL_BLOCS = (ALLIED, PRC, REST)


def _levers(**changes):
    return Levers(*(np.float64(changes.get(name, 0.0)) for name in Levers._fields))


def _parameters(**changes):
    values = {
        "anchor_time": np.array([ANCHOR]),
        "compliance_anchor": np.array([[0.08], [0.94], [0.5]]),
        "compliance_trend": np.array([[0.4], [0.2], [0.0]]),
        "compliance_response": np.array([4.0]),
        "publishing_anchor": np.array([[0.8], [0.25], [0.2]]),
        "publishing_trend": np.array([[0.1], [0.3], [0.0]]),
        "publishing_response": np.array([2.0]),
        "clear_lead": np.array([6.0]),
        "pressure_behind": np.array([0.5]),
        "gating_effect": np.array([0.03]),
        "trend_fading": np.array([4.0]),
        "effort_delay": np.array([0.5]),
        "talks_anchor": np.array([0.2]),
        "talks_lead_effect": np.array([2.0]),
        "talks_posture_effect": np.array([3.0]),
    }
    return safety.Parameters(**(values | changes))


def _priors(draws=64, seed=0, dtype=np.float64):
    drawn = draw(REGISTRY, draws, seed)
    return safety.Parameters(*(drawn[f"safety.{name}"].astype(dtype) for name in safety.Parameters._fields))


def _leads(months, draws=1):
    """The allied bloc `months` ahead of the PRC, and the rest two years behind the leader."""
    return np.array([[months], [-months], [-24.0 - abs(months)]]) * np.ones((3, draws))


def _run(p, strength, lead_at, start=2024.0, end=2029.0, years=MONTH, **levels):
    """(state, what the last step shows) after steps from `start` to `end`, with leads `lead_at` the end of each."""
    s, shown = safety.start(p), None
    for n in range(round((end - start) / years)):
        time = np.asarray(start + (n + 0.5) * years, dtype=years.dtype)
        s, shown = safety.step(p, s, _levers(**levels), strength, lead_at(time + years / 2), time, years)
    return s, shown


def _falling(time):
    """A lead of a year that is lost in the month after the anchor."""
    return _leads(12.0 if time < ANCHOR + 0.04 else 0.0)


def _at_end(p=None, strength=0.5, lead_at=_falling, **levels):
    return _run(_parameters() if p is None else p, np.array([strength]), lead_at, **levels)[1]


def test_one_step_by_hand():
    # An allied lead of 6 months was 3 at the anchor: parity 1 / (1 + 36/36) = 0.5 now, 1 / (1 + 9/36) = 0.8 then.
    # Half the pressure on a bloc behind does not fall with the distance: the PRC feels 0.75 now and felt 0.9.
    pressure, pressed = np.array([[0.8], [0.9], [0.5]]), np.array([[-0.3], [-0.15], [0.0]])
    s = safety.State(np.ones((3, 1)), pressed, pressure, np.array([0.8]))
    leads = np.array([[6.0], [-6.0], [-1e9]])
    levers = _levers(release_gating=2.0)
    after, shown = safety.step(_parameters(), s, levers, np.array([0.5]), leads, np.float64(2026.5), np.float64(0.5))
    # Wanted: 1 + 0.5 x 0.3 + 2 x 0.03 = 1.21 and 1 + 0.5 x 0.15 = 1.075; a delay later 1 - 1/e of the way is gone.
    assert after.effort[:, 0] == pytest.approx([1.1327453, 1.0474090, 1.0], abs=1e-7)
    # A year after the anchor, which is 1 / (1 + 1/4) = 0.8 years of trend.
    # Odds 8/92 x exp(4 x -0.1327453 - 0.4 x 0.8) = 0.0371301 and 94/6 x exp(4 x -0.0474090 - 0.2 x 0.8) = 11.04413.
    assert shown.compliance[:, 0] == pytest.approx([0.0358008, 0.9169720, 0.5], abs=1e-7)
    # Odds 4 x exp(0.1 x 0.8 + 2 x 0.1327453) = 5.650731 and 1/3 x exp(0.3 x 0.8 + 2 x 0.0474090) = 0.4658954.
    assert shown.publishing[:, 0] == pytest.approx([0.8496406, 0.3178231, 0.2], abs=1e-7)
    # Posture was (0.86 + 0.155) / 2 = 0.5075 and is (0.9069199 + 0.2004255) / 2 = 0.5536727.
    # Odds of talks: 0.25 x exp(2 x 0.5 x 0.3 + 3 x 0.0461727) = 0.3876020.
    assert shown.room_for_talks[0] == pytest.approx(0.2793323, abs=1e-7)


def test_before_the_anchor_the_lead_has_no_effect_and_at_it_the_observed_levels_hold():
    p = _parameters()
    after, shown = _run(p, np.array([0.9]), lambda time: _leads(24.0 - 12.0 * (time - 2024.0)), end=ANCHOR)
    assert (after.effort == 1.0).all()
    np.testing.assert_allclose(shown.compliance, p.compliance_anchor, rtol=1e-12)
    np.testing.assert_allclose(shown.publishing, p.publishing_anchor, rtol=1e-12)
    np.testing.assert_allclose(shown.room_for_talks, p.talks_anchor, rtol=1e-12)


def test_without_the_coupling_leads_change_nothing_at_all():
    one = _at_end(strength=0.0, release_gating=1.0)
    other = _at_end(strength=0.0, lead_at=lambda time: _leads(36.0), release_gating=1.0)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def test_without_the_coupling_each_bloc_goes_on_along_its_own_trend():
    shown = _at_end(strength=0.0)
    # 3.25 years past the anchor are 3.25 / (1 + 3.25 / 4) = 1.7931034 years of trend: odds 8/92 x exp(-0.4 x 1.7931034)
    # and 1/3 x exp(0.3 x 1.7931034).
    assert shown.compliance[ALLIED, 0] == pytest.approx(0.0407151, abs=1e-7)
    assert shown.publishing[PRC, 0] == pytest.approx(0.3633898, abs=1e-7)


def test_a_trend_fades_so_that_ten_years_of_it_make_nothing_certain():
    since = np.array([-1e9, -4.0, 0.0, 4.0, 1e9])
    assert safety.trend_years(_parameters(), since) == pytest.approx([-4.0, -2.0, 0.0, 2.0, 4.0])


def test_near_parity_effort_falls_on_both_sides_and_a_clear_lead_lets_it_rise():
    lost, kept = _at_end(), _at_end(lead_at=lambda time: _leads(12.0))
    gained = _at_end(lead_at=lambda time: _leads(12.0 if time < ANCHOR + 0.04 else 36.0))
    for bloc in (ALLIED, PRC):
        assert lost.effort[bloc] < kept.effort[bloc] < gained.effort[bloc]
        assert lost.compliance[bloc] > kept.compliance[bloc] > gained.compliance[bloc]
        assert lost.publishing[bloc] < kept.publishing[bloc] < gained.publishing[bloc]
    assert lost.room_for_talks < kept.room_for_talks < gained.room_for_talks
    # From a year's lead to none: the pressure rises from 1 / (1 + 4) to 1, times a half.
    assert lost.effort[ALLIED, 0] == pytest.approx(0.6, abs=1e-3)
    assert kept.effort[ALLIED, 0] == pytest.approx(1.0)


def test_however_strong_the_coupling_no_more_than_all_effort_is_lost():
    effort = _at_end(strength=3.0).effort[ALLIED, 0]
    assert 0.0 <= effort < 0.01


def test_it_does_not_matter_which_side_leads():
    ahead, behind = (_at_end(lead_at=lambda time, sign=sign: _leads(sign * 9.0)) for sign in (1, -1))
    assert ahead.room_for_talks == behind.room_for_talks
    assert ahead.effort == pytest.approx(behind.effort)


def test_pressure_on_a_bloc_far_behind_is_what_the_parameter_says():
    for share in (0.0, 0.3, 1.0):
        p = _parameters(pressure_behind=np.array([share]))
        far, level = safety.pressure(p, _leads(1e6)), safety.pressure(p, _leads(0.0))
        assert far[:, 0] == pytest.approx([0.0, share, share], abs=1e-6)
        assert level[:2, 0] == pytest.approx([1.0, 1.0])


def test_gating_raises_effort_on_the_side_that_gates_alone():
    free, gated = _at_end(), _at_end(release_gating=3.0)
    assert gated.effort[ALLIED, 0] - free.effort[ALLIED, 0] == pytest.approx(0.09, abs=1e-3)
    assert (gated.effort[[PRC, REST]] == free.effort[[PRC, REST]]).all()
    assert gated.compliance[ALLIED] < free.compliance[ALLIED]
    assert gated.room_for_talks > free.room_for_talks


def test_better_posture_of_either_side_makes_room_for_talks():
    base = _at_end().room_for_talks
    for name, better in (("compliance_trend", 1.0), ("publishing_trend", 1.0)):
        for bloc in (ALLIED, PRC):
            values = getattr(_parameters(), name).copy()
            values[bloc] += better
            assert _at_end(_parameters(**{name: values})).room_for_talks > base, (name, BLOCS[bloc])


# Beyond the priors' ranges, so that a wider prior is covered as well.
admissible = st.fixed_dictionaries(
    {
        "compliance_anchor": st.floats(0.001, 0.999),
        "compliance_trend": st.floats(-5, 5),
        "compliance_response": st.floats(0, 50),
        "publishing_anchor": st.floats(0.001, 0.999),
        "publishing_trend": st.floats(-5, 5),
        "publishing_response": st.floats(0, 50),
        "clear_lead": st.floats(0.5, 60),
        "pressure_behind": st.floats(0, 1),
        "gating_effect": st.floats(0, 0.5),
        "trend_fading": st.floats(0.1, 100),
        "effort_delay": st.floats(0.01, 10),
        "talks_anchor": st.floats(0.001, 0.999),
        "talks_lead_effect": st.floats(0, 20),
        "talks_posture_effect": st.floats(0, 20),
    }
)


@settings(max_examples=40)
@given(admissible, st.floats(0, 3), st.lists(st.floats(-60, 60), min_size=4, max_size=4), st.floats(0, 12))
def test_every_share_stays_between_zero_and_one_and_effort_above_zero(values, strength, leads, gating):
    p = _parameters(**{name: getattr(_parameters(), name) * 0.0 + value for name, value in values.items()})
    s = safety.start(p)
    for n, months in enumerate(leads):
        time = np.float64(2025.0 + 3.0 * n)
        levers = _levers(release_gating=gating)
        s, shown = safety.step(p, s, levers, np.array([strength]), _leads(months), time, np.float64(1.0))
        assert (shown.effort >= 0.0).all()
        for share in (shown.compliance, shown.publishing, shown.room_for_talks):
            assert ((share >= 0.0) & (share <= 1.0)).all()


@given(st.floats(-30, 30), st.permutations(ALL_BLOCS))
@settings(max_examples=10)
def test_blocs_are_told_apart_by_their_parameters_alone(months, order):
    p, leads = _priors(16), _leads(months, 16)
    by_bloc = {name: values[list(order)] for name, values in p._asdict().items() if values.ndim == 2}
    s, swapped = safety.start(p), safety.start(p)
    for year in (2025.0, 2027.0):
        now = (np.full(16, 0.4), np.float64(year), MONTH)
        s, shown = safety.step(p, s, _levers(), now[0], leads, *now[1:])
        swapped, other = safety.step(p._replace(**by_bloc), swapped, _levers(), now[0], leads[list(order)], *now[1:])
    for name in ("compliance", "publishing", "effort"):
        np.testing.assert_allclose(getattr(other, name), getattr(shown, name)[list(order)], rtol=1e-12)


def test_halving_the_step_moves_no_result_by_more_than_a_percent():
    p, strength = _priors(64), np.full(64, 0.5)

    def lead_at(time):
        return _leads(8.0 - 1.5 * (time - 2024.0), 64)

    (_, coarse), (_, fine) = (_run(p, strength, lead_at, end=2028.0, years=years) for years in (MONTH, MONTH / 2))
    for a, b in zip(coarse, fine, strict=True):
        np.testing.assert_allclose(a, b, rtol=0.01)


def _compare(dtype, step, steps=24):
    """What the last of some steps around the anchor shows, with numbers of `dtype`."""
    p, strength, months = _priors(16, dtype=dtype), np.full(16, 0.5, dtype), _leads(8.0, 16).astype(dtype)
    s, shown = safety.start(p), None
    for n in range(steps):
        now = (dtype(GRID.times[66 + n]), dtype(1 / 12))
        s, shown = step(p, s, _levers(release_gating=1.0), strength, months * dtype(1.0 - n / steps), *now)
    return shown


def test_compiled_code_agrees_in_both_precisions():
    expected = _compare(np.float64, safety.step)
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 2e-5)):
        with jax.enable_x64(dtype is np.float64):
            found = _compare(dtype, jax.jit(safety.step))
        for a, b in zip(found, expected, strict=True):
            assert a.dtype == dtype
            np.testing.assert_allclose(np.asarray(a), b, rtol=tolerance)


def test_every_slope_is_finite_at_parity_as_well():
    def shown(p, strength, lead_of, gating):
        s = safety.start(p)
        for time in (2025.5, 2027.0):
            now = (time, np.float64(0.5))
            s, last = safety.step(p, s, _levers()._replace(release_gating=gating), strength, lead_of, *now)
        return sum(part.sum() for part in last)

    with jax.enable_x64(True):
        slopes = jax.jit(jax.grad(shown, (0, 1, 2, 3)))
        for months in (0.0, 7.0):
            found = slopes(_priors(16), np.full(16, 0.5), _leads(months, 16), np.float64(0.0))
            assert all(np.isfinite(slope).all() for slope in jax.tree.leaves(found))


def test_every_citation_is_known_and_in_time():
    assert REGISTRY.check_against_evidence() == []
    assert {key.split(".")[1] for key in REGISTRY.parameters} == set(safety.Parameters._fields)

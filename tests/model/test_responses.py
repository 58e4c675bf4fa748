"""Responses: none under drift, none in the month of its cause, each in the direction and with the delay it states."""

import math
from pathlib import Path

import jax
import numpy as np
import pytest
from futures import DECADE, PACKAGES, examples, inputs, levels_of, random_levels, run, sampled, seeds
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.inference.draws import draw
from fourfronts.inference.parameters import load
from fourfronts.model import responses
from fourfronts.model.blocs import PRC
from fourfronts.model.levers import Levers
from fourfronts.model.responses import Free, Ranges, Responding
from fourfronts.policy.grid import FIRST_CHANGE, Grid, Month
from fourfronts.policy.loader import levers
from fourfronts.policy.paths import responding_ranges

REGISTRY = load([Path(responses.__file__).with_suffix(".yaml")])
NAMES = Responding._fields
RANGES = Ranges(**{name: np.array(found) for name, found in responding_ranges().items()})
ALL_FREE = Free(*(1.0 for _ in NAMES))
# The months around the first that answers anything, and enough of the years after it.
GRID = Grid(Month(2025, 10), Month(2028, 12))
CHANGE = FIRST_CHANGE.offset - GRID.start.offset
USUAL = 6.5

STRENGTHS = {
    "allied_alignment": "alignment_strength",
    "prc_chip_support": "chip_support_strength",
    "prc_import_openness": "import_openness_strength",
    "prc_evasion_effort": "evasion_strength",
    "prc_ai_plus_push": "ai_plus_strength",
    "prc_export_subsidy": "export_subsidy_strength",
}

# Levels on which every cause comes out as a round number.
BASE = {
    "enforcement_budget": 1.0,
    "chip_export_ceiling": 20_000.0,
    "chip_export_cap": 0.04,
    "equipment_controls": 0.6,
    "hbm_controls": 0.8,
    "allied_alignment": 0.6,
    "export_finance": 0.1,
    "domestic_adoption_programme": 0.2,
    "prc_chip_support": 0.6,
    "prc_import_openness": 0.1,
    "prc_evasion_effort": 1.0,
    "prc_ai_plus_push": 0.6,
    "prc_export_subsidy": 0.5,
}
FIRMER = {
    "location_verification": 0.5,
    "remote_access_rule": 0.6,
    "chip_export_ceiling": 10_000.0,
    "chip_export_cap": 0.02,
    "equipment_controls": 0.9,
    "hbm_controls": 1.0,
    "export_finance": 0.6,
    "domestic_adoption_programme": 0.7,
}


def _levers(**changes):
    values = BASE | changes
    return Levers(*(np.float64(values.get(name, 0.0)) for name in Levers._fields))


def _parameters(**changes):
    values = {
        "reference_time": 2026.4167,
        "wanted_performance": 40_000.0,
        "wanted_share": 0.2,
        "caught_per_budget": math.log(2),
        "chip_support_strength": 0.5,
        "evasion_strength": 1.2,
        "import_openness_strength": 0.4,
        "ai_plus_strength": 0.4,
        "export_subsidy_strength": 0.6,
        "alignment_strength": 0.4,
        "easing_share": 0.3,
        "lead_weight": 0.5,
        "usual_lag": USUAL,
    }
    delays = {name: 1.0 for name in responses.Parameters._fields if name.endswith("_delay")}
    return responses.Parameters(**{name: np.array([value]) for name, value in (delays | values | changes).items()})


def _priors(draws=64, seed=0, dtype=np.float64):
    drawn = draw(REGISTRY, draws, seed)
    return responses.Parameters(*(drawn[f"responses.{name}"].astype(dtype) for name in responses.Parameters._fields))


def _random(seed, draws=8):
    """Admissible parameters, every second draw in the tails of all priors."""
    random = np.random.default_rng(seed)
    points = random.uniform(0.001, 0.999, size=(len(REGISTRY.parameters), draws))
    points[:, ::2] = random.choice([0.001, 0.02, 0.98, 0.999], size=points[:, ::2].shape)
    known = REGISTRY.parameters.values()
    return responses.Parameters(
        **{each.name: each.prior.quantile(row) for row, each in zip(points, known, strict=True)}
    )


def _lead(months, draws=1):
    """The PRC `months` behind the leader, ahead where negative."""
    return np.array([[months], [-months], [-24.0]]) * np.ones((3, draws))


def _after(levels, years, lag=USUAL, p=None, free=ALL_FREE):
    """Effective levers once `levels` have stood for `years` after a history at BASE, over a single step."""
    p = p or _parameters()
    s, _ = responses.step(p, responses.start(p), _levers(), free, RANGES, _lead(lag), 2026.0, 0.1)
    s, first = responses.step(p, s, levels, free, RANGES, _lead(lag), 2026.5, years)
    return first, responses.step(p, s, levels, free, RANGES, _lead(lag), 2027.0, 0.1)[1]


def _run(p, levels, grid=GRID, free=None, lead_of=None, step=responses.step, dtype=np.float64):
    """Effective level of every responding lever, {name: (steps, draws)}, along paths of levels."""
    lead_of = _lead(USUAL, len(p.reference_time)) if lead_of is None else lead_of
    ranges = Ranges(*(each.astype(dtype) for each in RANGES))
    years = dtype(1 / 12 / grid.steps_per_month)
    s, found = responses.start(p), {name: [] for name in NAMES}
    for n, time in enumerate(grid.times):
        now = Levers(*(dtype(levels[name][n]) for name in Levers._fields))
        allowed = Free(*(dtype(1.0 if free is None else free[name][n]) for name in NAMES))
        s, effective = step(p, s, now, allowed, ranges, lead_of.astype(dtype), dtype(time), years)
        for name in NAMES:
            found[name].append(np.broadcast_to(np.asarray(getattr(effective, name)), p.reference_time.shape))
    return {name: np.stack(rows) for name, rows in found.items()}


def _drift(grid=GRID):
    return levels_of("drift", grid)


def _set(levels, month=CHANGE, **changes):
    """Paths with some levers at another level from a month on."""
    changed = {name: path.copy() for name, path in levels.items()}
    for name, level in changes.items():
        changed[name][month:] = level
    return changed


def test_two_steps_by_hand():
    first, then = _after(_levers(**FIRMER), years=math.log(2))
    # Nothing is answered in the step in which it starts.
    for name in NAMES:
        assert getattr(first, name)[0] == BASE[name]
    # Half of each change is felt after ln 2 of a delay. American controls (0.6 + 0.8) / 2 to (0.9 + 1) / 2: up 0.25.
    assert then.allied_alignment[0] == pytest.approx(0.6 + 0.4 * 0.25 / 2)
    # Licences let pass the least of performance and volume: 0.2, then 0.1, so 0.8 is denied, then 0.9. Tools count as
    # far as allies match them: (0.36 + 0.8 + 0.8) / 3 to (0.54 + 1 + 0.9) / 3, up 0.16.
    assert then.prc_chip_support[0] == pytest.approx(0.6 + 0.5 * 0.16 / 2)
    # Performance on offer from 0.5 of what is wanted to 0.25.
    assert then.prc_import_openness[0] == pytest.approx(0.1 - 0.4 * 0.25 / 2)
    # The budget catches a half, and verifying half of the chips halves what passes: (0.8 + 0 + 0.5) / 3 to
    # (0.9 + 0.6 + 0.75) / 3, up 0.95 / 3.
    assert then.prc_evasion_effort[0] == pytest.approx(1.0 + 1.2 * 0.95 / 3 / 2)
    # Programmes up by 0.5 each, answered at the usual lag.
    assert then.prc_ai_plus_push[0] == pytest.approx(0.6 + 0.4 * 0.5 / 2)
    assert then.prc_export_subsidy[0] == pytest.approx(0.5 + 0.6 * 0.5 / 2)


@pytest.mark.parametrize(
    ("lag", "factor"),
    # With half the weight on the lead: 1 + 0.5 x (2 x 19.5 / 26 - 1); half at parity and when the PRC leads.
    [(USUAL, 1.0), (19.5, 1.25), (0.0, 0.5), (-12.0, 0.5), (1e6, 1.5)],
)
def test_a_rival_programme_is_answered_the_more_the_further_the_prc_is_behind(lag, factor):
    _, then = _after(_levers(**FIRMER), years=math.log(2), lag=lag)
    assert then.prc_ai_plus_push[0] == pytest.approx(0.6 + 0.1 * factor, abs=1e-6)
    assert then.prc_export_subsidy[0] == pytest.approx(0.5 + 0.15 * factor, abs=1e-6)
    # Nothing else depends on the lead.
    _, usual = _after(_levers(**FIRMER), years=math.log(2))
    for name in set(NAMES) - {"prc_ai_plus_push", "prc_export_subsidy"}:
        assert getattr(then, name) == getattr(usual, name)


def test_drift_is_answered_by_exactly_nothing():
    levels = _drift()
    for name, path in _run(_priors(32), levels).items():
        np.testing.assert_array_equal(path, np.broadcast_to(levels[name][:, None], path.shape), err_msg=name)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_drift_is_answered_by_nothing_but_rounding_in_a_compiled_scan_as_well(dtype):
    # A compiler may fuse what the reference step by step rounds, so that two equal products differ by a rounding error.
    rounding = 10 * np.finfo(dtype).eps
    paths = _drift()
    levels = Levers(*(dtype(paths[name]) for name in Levers._fields))
    ranges = Ranges(*(each.astype(dtype) for each in RANGES))

    def scan(p, lead_of):
        def advance(s, now):
            s, effective = responses.step(p, s, now[0], ALL_FREE, ranges, lead_of, now[1], dtype(1 / 12))
            return s, (s.felt, Responding(*(getattr(effective, name) for name in NAMES)))

        return jax.lax.scan(advance, responses.start(p), (levels, dtype(GRID.times)))[1]

    with jax.enable_x64(dtype is np.float64):
        felt, found = jax.jit(scan)(_priors(32, dtype=dtype), _lead(USUAL, 32).astype(dtype))
    for name in NAMES:
        assert np.abs(np.asarray(getattr(felt, name))).max() <= rounding, name
        expected = np.broadcast_to(dtype(paths[name])[:, None], (GRID.steps, 32))
        np.testing.assert_allclose(getattr(found, name), expected, rtol=rounding, err_msg=name)


@pytest.mark.parametrize("package", PACKAGES)
def test_in_the_whole_world_drift_moves_no_lever_and_no_package_moves_one_before_its_second_month(package):
    driven = inputs(package, DECADE)
    in_force = run(sampled(64, seed=26), driven).levers
    still = DECADE.steps if package == "drift" else FIRST_CHANGE.offset + 1
    moved = set()
    for name, level, as_set in zip(in_force._fields, in_force, driven.levers, strict=True):
        expected = np.broadcast_to(as_set.reshape(-1, *(1,) * (level.ndim - 1)), level.shape)
        np.testing.assert_array_equal(level[:still], expected[:still], err_msg=name)
        if not np.array_equal(level, expected):
            moved.add(name)
    assert moved <= set(NAMES)
    assert bool(moved) is (package != "drift")


@examples(10)
@given(seeds)
def test_nothing_before_june_2026_is_answered_whatever_history_was(seed):
    levels = random_levels(seed, GRID)
    history = {name: np.where(np.arange(len(path)) < CHANGE, path, path[CHANGE - 1]) for name, path in levels.items()}
    for name, path in _run(_random(seed), history).items():
        np.testing.assert_array_equal(path, np.broadcast_to(history[name][:, None], path.shape))


@examples(15)
@given(seeds, st.integers(CHANGE, GRID.steps - 1))
def test_no_change_of_levers_is_answered_in_the_month_it_starts(seed, month):
    p, before, after = _random(seed), random_levels(seed, GRID), random_levels(seed + 1, GRID)
    mixed = {
        name: path if name in NAMES else np.concatenate([path[:month], after[name][month:]])
        for name, path in before.items()
    }
    one, two = _run(p, before), _run(p, mixed)
    for name in NAMES:
        np.testing.assert_array_equal(one[name][: month + 1], two[name][: month + 1])


# What is pulled, to which level, and the levers that rise (1) or fall (-1) with it; every other one stays where it was.
MOVES = [
    ({"equipment_controls": 0.9}, {"allied_alignment": 1, "prc_chip_support": 1}),
    ({"hbm_controls": 0.95}, {"allied_alignment": 1, "prc_chip_support": 1}),
    ({"chip_export_cap": 0.0}, {"prc_chip_support": 1, "prc_evasion_effort": 1}),
    (
        {"chip_export_ceiling": 0.0},
        {"prc_chip_support": 1, "prc_evasion_effort": 1, "prc_import_openness": -1},
    ),
    ({"chip_export_ceiling": 30_000.0}, {"prc_import_openness": 1}),
    ({"remote_access_rule": 0.9}, {"prc_evasion_effort": 1}),
    ({"location_verification": 0.8}, {"prc_evasion_effort": 1}),
    ({"enforcement_budget": 3.0}, {"prc_evasion_effort": 1}),
    ({"enforcement_budget": 0.5}, {"prc_evasion_effort": -1}),
    ({"equipment_controls": 0.4}, {"allied_alignment": -1, "prc_chip_support": -1}),
    ({"domestic_adoption_programme": 0.7}, {"prc_ai_plus_push": 1}),
    ({"export_finance": 0.7}, {"prc_export_subsidy": 1}),
    ({"domestic_adoption_programme": 0.0}, {"prc_ai_plus_push": -1}),
    ({"allied_alignment": 0.9}, {"prc_chip_support": 1}),
    # Blocking distillation must never help the PRC to chips, so the laboratories' checks move no effort.
    ({"distillation_detection": 1.0, "threat_sharing": 1.0, "legal_deterrence": 1.0, "release_gating": 6.0}, {}),
    ({"power_buildout": 1.0, "transition_support": 1.0}, {}),
]


@pytest.mark.parametrize(("pulled", "moved"), MOVES)
def test_every_response_has_its_direction_and_nothing_else_moves(pulled, moved):
    drift = _drift()
    found = _run(_parameters(), _set(drift, **pulled))
    for name in set(NAMES) - set(pulled):
        path, still = found[name][:, 0], drift[name]
        change = np.sign(path[CHANGE + 1 :] - still[CHANGE + 1 :])
        np.testing.assert_array_equal(path[: CHANGE + 1], still[: CHANGE + 1])
        np.testing.assert_array_equal(change, moved.get(name, 0), err_msg=name)


@pytest.mark.parametrize("name", NAMES)
def test_each_response_has_a_strength_of_its_own_that_switches_it_off(name):
    p, levels = _priors(16), _set(_drift(), **FIRMER)
    on, without = _run(p, levels), _run(p._replace(**{STRENGTHS[name]: np.zeros(16)}), levels)
    assert (on[name][-1] != levels[name][-1]).all()
    np.testing.assert_array_equal(without[name], np.broadcast_to(levels[name][:, None], without[name].shape))
    # Chip support looks at how far allies follow; no other response looks at another.
    for other in set(NAMES) - {name, "prc_chip_support"}:
        np.testing.assert_array_equal(without[other], on[other])


def test_a_state_programme_outlasts_the_pressure_that_made_it():
    # Allies kept out of it, so that both moves are alike in size.
    p = _parameters(alignment_strength=0.0)
    up, down = (_run(p, _set(_drift(), hbm_controls=level))["prc_chip_support"][-1, 0] - 0.6 for level in (1.0, 0.6))
    assert up > 0.02
    assert down == pytest.approx(-0.3 * up, rel=1e-6)


def test_a_lasting_change_is_felt_by_63_percent_after_the_delay_whatever_the_step():
    for steps in (1, 4):
        grid = Grid(GRID.start, GRID.horizon, steps)
        levels = _set(_drift(grid), CHANGE * steps, export_finance=0.6)
        path = _run(_parameters(), levels, grid)["prc_export_subsidy"][:, 0]
        answered = path[(CHANGE + 12) * steps] - 0.5
        assert answered == pytest.approx(0.6 * 0.5 * (1 - math.exp(-1)), rel=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_lever_that_the_user_fixed_stands_as_set_and_the_others_go_on(name):
    p, levels = _priors(16), _set(_drift(), **FIRMER)
    fixed_from = CHANGE + 12
    free = {each: np.ones(GRID.steps) for each in NAMES}
    free[name][fixed_from:] = 0.0
    found, without = _run(p, levels, free=free), _run(p, levels)
    np.testing.assert_array_equal(found[name][:fixed_from], without[name][:fixed_from])
    assert (found[name][fixed_from:] == levels[name][-1]).all()
    # Chip support looks at how far allies follow.
    for other in set(NAMES) - {name, "prc_chip_support"}:
        np.testing.assert_array_equal(found[other], without[other])


@examples(20)
@given(seeds, st.floats(-120.0, 120.0))
def test_every_level_stays_in_its_range_and_every_cause_between_nothing_and_all(seed, lag):
    p, levels = _random(seed), random_levels(seed, GRID)
    for name, path in _run(p, levels, lead_of=_lead(lag, 8)).items():
        low, high = levers()[name].range
        assert ((path >= low) & (path <= high)).all()
    for n in range(GRID.steps):
        seen = responses.causes(p, Levers(*(np.float64(levels[name][n]) for name in Levers._fields)))
        assert all(((cause >= 0.0) & (cause <= 1.0)).all() for cause in seen)
    urgent = responses.urgency(p, _lead(lag, 8))
    assert ((urgent >= 0.0) & (urgent <= 2.0)).all()


@pytest.mark.parametrize("package", ["hold", "loosen", "none"])
def test_halving_the_step_moves_no_level_by_more_than_a_hundredth_of_its_range(package):
    p = _priors(32)
    fine = Grid(GRID.start, GRID.horizon, 2)
    whole, halves = _run(p, levels_of(package, GRID)), _run(p, levels_of(package, fine), fine)
    for name in NAMES:
        low, high = levers()[name].range
        months = halves[name].reshape(len(whole[name]), 2, -1).mean(axis=1)
        np.testing.assert_allclose(np.median(months, axis=1), np.median(whole[name], axis=1), atol=0.01 * (high - low))


def test_compiled_code_agrees_in_both_precisions():
    levels = _set(_drift(), **FIRMER)
    expected = _run(_priors(16), levels)
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-5)):
        with jax.enable_x64(dtype is np.float64):
            found = _run(_priors(16, dtype=dtype), levels, step=jax.jit(responses.step), dtype=dtype)
        for name in NAMES:
            assert found[name].dtype == dtype
            np.testing.assert_allclose(found[name], expected[name], rtol=tolerance, atol=tolerance)


def test_every_slope_is_finite_at_parity_and_where_nothing_has_changed():
    def level(p, levels, lead_of):
        def advance(s, time):
            s, effective = responses.step(p, s, levels, ALL_FREE, RANGES, lead_of, time, 0.5)
            return s, sum(getattr(effective, name).sum() for name in NAMES)

        return jax.lax.scan(advance, responses.start(p), np.array([2026.0, 2026.5, 2027.0]))[1].sum()

    with jax.enable_x64(True):
        slopes = jax.jit(jax.grad(level, (0, 1, 2)))
        for lag in (0.0, USUAL):
            for levels in (_levers(), _levers(chip_export_ceiling=0.0, enforcement_budget=0.0)):
                found = slopes(_priors(16), levels, _lead(lag, 16))
                assert all(np.isfinite(slope).all() for slope in jax.tree.leaves(found))


def test_every_citation_is_known_and_in_time_and_every_parameter_is_declared():
    assert REGISTRY.check_against_evidence() == []
    assert {each.name for each in REGISTRY.parameters.values()} == set(responses.Parameters._fields)
    assert _lead(3.0)[PRC, 0] == -3.0

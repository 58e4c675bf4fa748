"""Security: pools that balance, and attackers and defenders that find with the models they have."""

from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fourfronts.inference.parameters import load
from fourfronts.model import security
from fourfronts.model.blocs import ALLIED, BLOCS, PRC, REST
from fourfronts.model.levers import Levers

DECLARED = load([Path(security.__file__).with_suffix(".yaml")]).parameters
YEAR = 12
NO_LEVERS = Levers(*(np.float64(0.0) for _ in Levers._fields))

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=10, phases=(Phase.explicit, Phase.generate))


def _parameters(seed=0, draws=8, dtype=np.float64, corners=True, **changes):
    """Random admissible parameters; every second draw is a corner where all priors are in a tail."""
    random = np.random.default_rng(seed)
    values = {name: [] for name in security.Parameters._fields}
    for each in DECLARED.values():
        points = random.uniform(0.02, 0.98, size=draws)
        if corners:
            points[::2] = random.choice([0.001, 0.02, 0.98, 0.999], size=points[::2].shape)
        values[each.name].append((each.bloc, each.prior.quantile(points)))
    found = {}
    for name, drawn in values.items():
        blocs = dict(drawn)
        found[name] = blocs[None] if None in blocs else np.stack([blocs[bloc] for bloc in BLOCS])
        if name in changes:
            found[name] = np.broadcast_to(np.asarray(changes[name], dtype=float), found[name].shape).copy()
    return security.Parameters(**{name: value.astype(dtype) for name, value in found.items()})


def _capability(time, speed=13.0, lag=(0.0, 8.0, 20.0), held=(3.0, 2.0, 2.0)):
    """Released and internal capability, (3, 1) ECI, of blocs that grow evenly, `lag` and `held` in ECI."""
    internal = 150.0 + speed * (time - 2025.5) - np.array(lag)[:, None]
    return internal - np.array(held)[:, None], internal


def _run(p, strength=0.2, until=2028.0, per_month=1, levers=NO_LEVERS, capability=_capability, begin=2025.0):
    """State and outputs of every step."""
    draws = p.finding_time.shape[-1]
    h = 1 / YEAR / per_month

    def known(time):
        dtype = p.finding_time.dtype
        return tuple((each + np.zeros((3, draws))).astype(dtype) for each in capability(time))

    levers = Levers(*(np.asarray(level, p.finding_time.dtype) for level in levers))
    state = security.start(p, *known(begin), np.asarray(begin, p.finding_time.dtype))
    shown = []
    for step in range(round((until - begin) / h)):
        end = begin + (step + 1) * h
        middle, years = (np.asarray(x, p.finding_time.dtype) for x in (end - h / 2, h))
        state, out = security.step(
            p, state, levers, np.full(draws, strength, p.finding_time.dtype), *known(end), middle, years
        )
        shown.append(out)
    return state, security.Security(*(np.stack(each) for each in zip(*shown, strict=True)))


def _plain(**changes):
    """Round numbers: one draw, no trends, nothing shared or held back unless asked for."""
    values = {
        "anchor_time": 2025.5,
        "finding_time": 4.0,
        "fastest_search": 0.05,
        "review_time": 0.1,
        "attack_effort": 0.02,
        "attack_growth": 0.0,
        "exploit_rate": 0.3,
        "limited_access_reach": 0.0,
        "limited_access_time": 2026.25,
        "gated_reach": 0.1,
        "foreign_access_defence": 0.0,
        "foreign_access_attack": 0.0,
        "internal_access_attack": 0.0,
        "fix_time": 0.04,
        "patching_capacity": 4.0,
        "capacity_growth": 0.0,
        "install_time": 0.15,
        "exposed_share_reference": 0.1,
    }
    return _parameters(draws=1, **(values | changes))


def test_a_search_gets_exponentially_faster_with_the_advance_until_it_takes_what_a_search_takes():
    p = _plain()
    advance = np.array([[-20.0], [0.0], [10.0]])
    # Nothing below the frontier of the anchor; 0.05 + 3.95 / e at ten ECI above it and a strength of a tenth.
    speed = security.search_speed(p, np.array([0.1]), advance)
    assert speed[:, 0] == pytest.approx([0.25, 0.25, 1 / 1.5031237], rel=1e-7)
    assert security.search_speed(p, np.array([0.1]), advance + 1000)[0, 0] == pytest.approx(20.0)


def test_each_side_finds_with_the_models_that_it_has():
    p = _plain(
        foreign_access_defence=[[0.0], [0.0], [1.0]],
        foreign_access_attack=0.5,
        internal_access_attack=0.25,
        limited_access_reach=[[0.4], [0.0], [0.0]],
        attack_effort=[[0.01], [0.02], [0.03]],
    )
    released = np.array([[110.0], [104.0], [90.0]])
    internal = np.array([[120.0], [106.0], [90.0]])

    def rate(advance):
        return 1 / (0.05 + 3.95 * np.exp(-0.1 * advance))

    now = {"frontier": np.array([100.0]), "time": np.float64(2027.0), "gating": np.float64(0.0)}
    v = security.speeds(p, np.array([0.1]), released, internal, **now)
    # Four tenths of the allied software has the internal model; the rest of the world has the allied release.
    assert v.defence[:, 0] == pytest.approx([0.6 * rate(10) + 0.4 * rate(20), rate(4), rate(10)])
    # Half of what the best foreign release is ahead, then a quarter of what the own internal model is ahead of that.
    allied, prc, rest = rate(110 - 100 + 0.25 * 10), rate(107 - 100), rate(100 - 100)
    expected = [0.02 * prc + 0.03 * rest, 0.01 * allied + 0.03 * rest, 0.01 * allied + 0.02 * prc]
    assert v.attack[:, 0] == pytest.approx(expected)
    # Exploits gain as much as attackers' search: against its share of 0.25 a year.
    assert v.exploit[ALLIED, 0] == pytest.approx(0.3 * expected[0] / 0.25 / 0.05)
    early = security.speeds(p, np.array([0.1]), released, internal, **(now | {"time": np.float64(2026.0)}))
    assert early.defence[ALLIED, 0] == pytest.approx(rate(10))
    # Two months of gating bring 1 - exp(-0.2) of the other six tenths in.
    gated = security.speeds(p, np.array([0.1]), released, internal, **(now | {"gating": np.float64(2.0)}))
    reach = 0.4 + 0.6 * 0.18126925
    assert gated.defence[ALLIED, 0] == pytest.approx((1 - reach) * rate(10) + reach * rate(20))
    assert gated.defence[[PRC, REST], 0] == pytest.approx(v.defence[[PRC, REST], 0])


def test_half_a_year_from_an_empty_world_by_hand():
    p = _plain(review_time=1e-9)
    zero = np.zeros((3, 1))
    empty = security.Pools(*(zero for _ in security.Pools._fields))
    one = np.ones((3, 1))
    v = security.Speeds(0.5 * one, 0.5 * one, one, 0.5 * one, np.array([4.0]))
    after, found, fixed, fixing = security.flow(p, empty, v, np.float64(0.5))
    # One a year appears and is found at a rate of 1: 1 - exp(-0.5) = 0.39346934; a mean of (0.5 - 0.39346934) / 0.5.
    assert after.hidden[0, 0] == pytest.approx(0.39346934)
    mean = 0.21306132
    # Half of it goes to attackers, who are followed at a rate of 0.5: 0.10653066 / 0.5 x (1 - exp(-0.25)).
    assert after.attackers[0, 0] == pytest.approx(0.10653066 / 0.5 * 0.22119922)
    mean_attackers = 0.21306132 * (1 - 0.22119922 / 0.25)
    assert found[0, 0] == pytest.approx(0.5 * (mean + mean_attackers))
    # What was found and is not fixed is in the queue; all in it has waited 0.04 years and a quarter of the queue.
    waiting = after.queue[0, 0] + after.queue_known[0, 0]
    assert waiting == pytest.approx((found[0, 0] - fixed[0, 0]) * 0.5)
    assert 1 / (0.04 + waiting / 4) < fixing[0, 0] < 25


def test_a_queue_by_hand():
    p = _plain(patching_capacity=4.0)
    # Two wait, ten a year come. A rate of 4 / 2.16 a year turns the queue 0.9259 times in half a year, so that 0.566845
    # of the step is the point: there 3.743 wait, and 4 x 3.743 / 3.903 = 3.836 a year are fixed, which checks:
    # 2 + (10 - 3.836) x 0.5 x 0.566845 = 3.747.
    two = np.full((3, 1), 2.0)
    waiting, fixed, fixing = security.mend(p, two, 10.0 + 0 * two, p.patching_capacity, np.float64(0.5))
    assert fixed[0, 0] == pytest.approx(3.836, abs=1e-3)
    assert waiting[0, 0] == pytest.approx(2 + 0.5 * (10 - 3.836), abs=1e-3)
    assert fixing[0, 0] == pytest.approx(3.836 / 3.747, rel=1e-3)
    # One a year keeps a queue of 0.04 / (1 - 1 / 4), and a short queue is emptied and no more.
    at_rest = np.full((3, 1), 0.04 / 0.75)
    waiting, fixed, fixing = security.mend(p, at_rest, 1.0 + 0 * at_rest, p.patching_capacity, np.float64(0.5))
    assert [waiting[0, 0], fixed[0, 0], fixing[0, 0]] == pytest.approx([0.04 / 0.75, 1.0, 0.75 / 0.04])
    # When nothing comes any more the last ones go: after a year none is left, and no more went than there were.
    waiting, fixed, _ = security.mend(p, at_rest, 0.0 * at_rest, p.patching_capacity, np.float64(1.0))
    assert 0 <= waiting[0, 0] < 0.02
    assert waiting[0, 0] + fixed[0, 0] == pytest.approx(0.04 / 0.75)


def _slopes(p, v, x):
    """The balance of the pools in continuous time, written out for an independent integration."""
    hidden, attackers, queue, known, published, open_ = x
    fixing = 1 / (p.fix_time + (queue + known) / v.capacity)
    gone = 1 / p.install_time
    new = (1 + p.review_time / p.finding_time) / (1 + p.review_time * v.defence)
    return np.stack(
        [
            new - (v.attack + v.defence) * hidden,
            v.attack * hidden - v.defence * attackers,
            v.defence * hidden - (v.attack + fixing) * queue,
            v.defence * attackers + v.attack * queue - fixing * known,
            fixing * queue - (v.exploit + gone) * published,
            fixing * known + v.exploit * published - gone * open_,
        ]
    )


def test_months_follow_the_continuous_balance_after_a_jump_in_both_speeds():
    p = _parameters(3, draws=32, corners=False)
    none = np.zeros((3, 32))
    calm = security.speeds(p, 0.0, none, none, none[0], np.float64(2025.5), np.float64(0.0))
    pools = security.equilibrium(p, calm)
    v = calm._replace(defence=calm.defence * 8, attack=calm.attack * 5, exploit=calm.exploit * 5)
    x, fine = np.stack(pools), 1 / YEAR / 200
    for _month in range(12):
        pools, *_ = security.flow(p, pools, v, np.float64(1 / YEAR))
        for _ in range(200):
            middle = x + _slopes(p, v, x) * fine / 2
            x = x + _slopes(p, v, middle) * fine
        exact = x[1] + x[3] + x[5]
        found = security.open_to_attack(pools)
        # Speeds that jump eightfold within a month are harder than any that a model's release brings.
        np.testing.assert_allclose(found, exact, rtol=0.04)
        assert np.median(np.abs(found / exact - 1)) < 0.01


@few
@given(seeds)
def test_without_help_from_models_and_without_trends_nothing_moves(seed):
    p = _parameters(seed, attack_growth=0.0, capacity_growth=0.0)
    state, out = _run(p, strength=0.0, until=2026.0)
    for values in out[:5]:
        np.testing.assert_allclose(values[-1], values[0], rtol=1e-9)
    np.testing.assert_allclose(out.fixed, 1.0, rtol=1e-9)
    reference = np.broadcast_to(p.exposed_share_reference, out.exposed_share[-1].shape)
    np.testing.assert_allclose(out.exposed_share[-1], reference, rtol=1e-9)
    # In equilibrium the time open is the number open over the number that become so.
    v = security.speeds(p, 0.0, state.released, state.capability, state.frontier, np.float64(2025.5), np.float64(0.0))
    becoming = v.attack * (state.pools.hidden + state.pools.queue) + v.exploit * state.pools.published
    np.testing.assert_allclose(out.exposed_months[-1], 12 * out.known_to_attackers[-1] / becoming, rtol=1e-9)


@few
@given(seeds, st.floats(0.0, 0.5), st.floats(0.0, 60.0))
def test_what_appears_is_hidden_known_or_fixed_and_every_share_is_one(seed, strength, speed):
    p = _parameters(seed)
    before, _ = _run(p, strength, until=2026.5, capability=lambda time: _capability(time, speed))
    now = [x + np.zeros((3, 8)) for x in _capability(2026.5, speed)]
    v = security.speeds(p, np.float64(strength), *now, before.frontier, np.float64(2026.5), np.float64(1.0))
    month = np.float64(1 / YEAR)
    after, found, fixed, _ = security.flow(p, before.pools, v, month)

    def unfixed(pools):
        return pools.hidden + pools.attackers + pools.queue + pools.queue_known

    gained = unfixed(after) - unfixed(before.pools)
    appeared = security.appearing(p, v) * month
    np.testing.assert_allclose(gained, appeared - fixed * month, rtol=1e-7, atol=1e-9)
    waiting = after.queue + after.queue_known - before.pools.queue - before.pools.queue_known
    np.testing.assert_allclose(waiting, (found - fixed) * month, rtol=1e-7, atol=1e-9)
    assert all((pool >= 0).all() for pool in after)
    _, out = _run(p, strength, until=2029.0, capability=lambda time: _capability(time, speed))
    assert ((out.exposed_share > 0) & (out.exposed_share < 1)).all()
    assert all(np.isfinite(values).all() and (values >= 0).all() for values in out)


@few
@given(seeds)
def test_no_more_is_patched_than_can_be(seed):
    p = _parameters(seed, capacity_growth=0.0)
    _, out = _run(p, strength=0.4, until=2028.0, capability=lambda time: _capability(time, 30.0))
    assert (out.fixed <= p.patching_capacity * (1 + 1e-12)).all()


def _last(p, name, **how):
    return getattr(_run(p, **how)[1], name)[-1]


@few
@given(seeds)
def test_a_coupling_of_zero_leaves_no_trace_of_capability(seed):
    p = _parameters(seed)
    still, moving = (
        _run(p, strength=0.0, capability=lambda time, s=speed: _capability(time, s))[1] for speed in (0.0, 40.0)
    )
    for one, other in zip(still, moving, strict=True):
        np.testing.assert_array_equal(one, other)


@few
@given(seeds)
def test_capability_is_of_no_help_before_the_anchor(seed):
    p = _parameters(seed)
    without, with_ = (_run(p, strength=strength, until=2025.5, begin=2024.5)[1] for strength in (0.0, 0.4))
    for one, other in zip(without, with_, strict=True):
        np.testing.assert_array_equal(one, other)


def test_attackers_with_better_models_expose_more_and_patching_and_installing_expose_less():
    p = _parameters(1, draws=64, corners=False)
    share = _last(p, "exposed_share")

    def moved(**changes):
        # The reference is what was exposed at the anchor, so rates that change it are told by the count.
        return _last(p._replace(**changes), "known_to_attackers") - _last(p, "known_to_attackers")

    assert (moved(foreign_access_attack=p.foreign_access_attack * 0.5) <= 0).all()
    assert (moved(internal_access_attack=p.internal_access_attack * 0.5) < 0)[[PRC, REST]].all()
    assert (moved(attack_growth=p.attack_growth + 0.2) > 0).all()
    assert (moved(attack_effort=p.attack_effort * 1.5) > 0).all()
    assert (moved(install_time=p.install_time * 0.7) < 0).all()
    assert (moved(fix_time=p.fix_time * 0.7) < 0).all()
    stronger = _last(p, "exposed_share", capability=lambda time: _capability(time, lag=(0.0, 2.0, 20.0)))
    assert (stronger[ALLIED] >= share[ALLIED]).all()
    assert (stronger[ALLIED] > share[ALLIED]).mean() > 0.9


def test_defenders_with_better_models_leave_attackers_less_alone_with_what_they_know():
    p = _plain(limited_access_reach=0.1)
    calm, _ = _run(p)
    wide, _ = _run(p._replace(limited_access_reach=p.limited_access_reach * 6))
    gated, _ = _run(p, levers=NO_LEVERS._replace(release_gating=np.float64(4.0)))
    assert (wide.pools.attackers < calm.pools.attackers).all()
    assert (wide.pools.hidden < calm.pools.hidden).all()
    assert (gated.pools.attackers[ALLIED] < calm.pools.attackers[ALLIED]).all()
    assert gated.pools.attackers[[PRC, REST]].tolist() == calm.pools.attackers[[PRC, REST]].tolist()


def test_more_capacity_shortens_the_queue_and_the_time_for_which_attackers_have_a_way_in():
    p = _plain(patching_capacity=1.5, limited_access_reach=0.5)
    _, slow = _run(p, until=2027.5)
    _, fast = _run(p._replace(patching_capacity=p.patching_capacity * 6), until=2027.5)
    assert (fast.known_to_defenders[-1] < slow.known_to_defenders[-1]).all()
    assert (fast.exposed_months[-1] < slow.exposed_months[-1]).all()
    assert (fast.fixed.max(axis=0) > slow.fixed.max(axis=0)).all()
    assert slow.fixed.max() <= 1.5


@few
@given(seeds)
def test_blocs_that_differ_only_in_parameters_are_interchangeable(seed):
    p = _parameters(seed)
    order = [REST, ALLIED, PRC]
    swapped = security.Parameters(*(each[order] if each.ndim == 2 else each for each in p))
    lag, held = np.array([0.0, 8.0, 20.0]), np.array([3.0, 2.0, 1.0])
    _, one = _run(p, capability=lambda time: _capability(time, lag=lag, held=held))
    _, other = _run(swapped, capability=lambda time: _capability(time, lag=lag[order], held=held[order]))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(b, a[:, order], rtol=1e-9)


def test_half_the_step_moves_no_number_by_more_than_one_percent():
    p = _parameters(2, draws=64, corners=False)
    _, coarse = _run(p, until=2028.5)
    _, fine = _run(p, until=2028.5, per_month=2)
    for month in (20, 29, 41):
        for name, a, b in zip(coarse._fields, coarse, fine, strict=True):
            # Flows and speeds are means over a step, so that two short ones make a long one.
            mean = name in {"found", "fixed", "search_gain", "exposed_months"}
            halves = 0.5 * (b[2 * month] + b[2 * month + 1]) if mean else b[2 * month + 1]
            moved = np.median(halves, axis=1) / np.median(a[month], axis=1) - 1
            # The queue swings most and is no headline.
            assert np.abs(moved).max() < (0.03 if name == "known_to_defenders" else 0.01), (name, month)


def test_the_compiled_model_agrees_and_its_slopes_are_finite():
    def last(p, state, strength, released, capability):
        time, years = np.float64(2025.75), np.float64(0.5)
        return security.step(p, state, NO_LEVERS, strength, released, capability, time, years)

    with jax.enable_x64(True):
        capability = [np.zeros((3, 8)) + each for each in _capability(2026.0)]
        p = _parameters(5)
        state = security.start(p, *capability, np.float64(2025.5))
        arguments = (p, state, np.full(8, 0.2), *(each + 8.0 for each in capability))
        everywhere = jax.tree.map(np.ones_like, arguments)
        found, slopes = jax.jit(lambda *a: jax.jvp(last, a, everywhere))(*arguments)
        for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(last(*arguments)), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10)
        assert all(np.isfinite(slope).all() for slope in jax.tree.leaves(slopes))


def test_single_precision_costs_at_most_one_part_in_ten_thousand():
    _, double = _run(_parameters(4, draws=32))
    _, single = _run(_parameters(4, draws=32, dtype=np.float32))
    for one, other in zip(double, single, strict=True):
        assert other.dtype == np.float32
        np.testing.assert_allclose(other, one, rtol=3e-4, atol=1e-6)

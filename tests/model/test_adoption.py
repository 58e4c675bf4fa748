"""Adoption: worked out by hand, within bounds, and moved in the right direction by each cause and by nothing else."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fourfronts.evidence import loader
from fourfronts.evidence.records import EVIDENCE_CUTOFF
from fourfronts.inference.draws import draw
from fourfronts.inference.parameters import load
from fourfronts.model import adoption
from fourfronts.model.blocs import ALLIED, BLOCS, PRC, REST
from fourfronts.model.levers import Levers
from fourfronts.policy.grid import Grid, Month

REGISTRY = load([Path(adoption.__file__).with_suffix(".yaml")])
STRENGTHS = {"intelligence": 0.04, "compute": 0.6, "resilience": 0.4}
NONE = dict.fromkeys(STRENGTHS, 0.0)
SHARES = ("breadth_people", "breadth_firms", "depth", "share", "served")
MEASUREMENT = tuple(name for name in adoption.Parameters._fields if name.endswith(("_reading", "_splice", "_weight")))
# Each is compiled to run a few times, for which optimising takes longer than it saves.
UNOPTIMISED = {"xla_backend_optimization_level": 0}
USUAL = {"domestic_adoption_programme": 0.2, "prc_ai_plus_push": 0.6}


def _levers(**changes):
    levels = USUAL | changes
    return Levers(*(levels.get(name, 0.0) for name in Levers._fields))


def _column(*by_bloc):
    return np.array(by_bloc, dtype=float)[:, None]


def _parameters(**changes):
    values = dict.fromkeys(MEASUREMENT, np.array([1.0])) | {
        "anchor_time": np.array([2026.0]),
        "people_anchor": _column(0.3, 0.25, 0.13),
        "people_reach": _column(0.5, 0.5, 0.4),
        "people_speed": _column(0.4, 0.5, 0.35),
        "launch_time": _column(2023.0, 2023.75, 2023.5),
        "launch_gain": _column(3.0, 2.5, 3.0),
        "launch_fading": _column(0.5, 0.75, 0.6),
        "firms_anchor": _column(0.2, 0.13, 0.07),
        "firms_reach": _column(0.25, 0.5, 0.4),
        "firms_speed": _column(0.6, 0.6, 0.45),
        "firms_speed_before": np.array([0.05]),
        "take_off_time": np.array([2023.3]),
        "depth_limit": np.array([0.5]),
        "depth_lag": np.array([2.0]),
        "firm_channel": np.array([0.5]),
        "firm_size_odds": np.array([2.0]),
        "serving_headroom": np.array([1.2]),
        "serving_need_growth": np.array([0.2]),
        "programme_gain": np.array([0.5]),
        "programme_reference": np.array([0.2]),
        "push_gain": np.array([0.5]),
        "push_reference": np.array([0.6]),
    }
    return adoption.Parameters(**(values | changes))


def _admissible(seed, draws=8):
    """Random admissible parameters; every second draw is a corner where all priors are in a tail."""
    random = np.random.default_rng(seed)
    values = {}
    for parameter in REGISTRY.parameters.values():
        u = random.uniform(0.001, 0.999, draws)
        u[::2] = random.choice([0.001, 0.02, 0.98, 0.999], size=u[::2].shape)
        drawn = parameter.prior.quantile(u)
        if parameter.bloc is None:
            values[parameter.name] = drawn
        else:
            values.setdefault(parameter.name, np.empty((3, draws)))[BLOCS.index(parameter.bloc)] = drawn
    return adoption.Parameters(**values)


def _priors(draws, dtype=np.float64):
    drawn = draw(REGISTRY, draws, 3)
    return adoption.Parameters(*(drawn[f"adoption.{name}"].astype(dtype) for name in adoption.Parameters._fields))


class World:
    """What adoption takes from the rest of the world, as smooth functions of time: each returns (3, draws)."""

    def __init__(self, draws=1, dtype=np.float64, **changes):
        self.even = np.ones((3, draws), dtype)
        self.paths = {
            "released": lambda t: _column(145.0, 139.0, 136.0) + 12.0 * (t - 2025.5),
            "serving": lambda t: _column(14e6, 2.5e6, 1.2e6) * np.exp(0.6 * (t - 2025.5)),
            "resilience": lambda t: _column(60.0, 55.0, 50.0) - 4.0 * (t - 2020.0),
            "levers": lambda t: _levers(),
        } | changes

    def at(self, name, time):
        return (self.paths[name](time) * self.even).astype(self.even.dtype)


def _strengths(draws=1, dtype=np.float64, **changes):
    return tuple(np.full(draws, value, dtype) for value in (STRENGTHS | changes).values())


def _run(p, world, strengths, grid=None):
    """Every field of `adoption.Adoption` by step: (steps, 3, draws)."""
    grid = grid or Grid()
    dtype = world.even.dtype.type
    years = dtype(1 / 12 / grid.steps_per_month)
    begin = grid.times[0] - years / 2
    outside = ("released", "serving", "resilience")
    s = adoption.start(p, *(world.at(name, begin) for name in outside), dtype(begin))
    rows = []
    for time in grid.times:
        now = [world.at(name, time + years / 2) for name in outside]
        s, row = adoption.step(p, s, world.paths["levers"](time), *strengths, *now, dtype(time), years)
        rows.append(row)
    return adoption.Adoption(*(np.stack(column) for column in zip(*rows, strict=True)))


def _until(year):
    """Number of steps that end by `year` on the usual grid."""
    return round((year - 2020) * 12)


def _held():
    """An allied bloc a little after the anchor, as it stands at the start of a step."""
    same = np.zeros((3, 1))
    return adoption.State(
        people=same + 0.32,
        firms=same + 0.22,
        depth=same + 0.1,
        launch_left=same + 0.6,
        share=same + 0.03,
        capability_gain=same + 4.0,
        released_anchor=same + 150.0,
        load_anchor=same + 3e-9,
        resilience_anchor=same + 60.0,
    )


# ---------------------------------------------------------------- by hand


def test_half_a_year_after_the_anchor_by_hand():
    same = np.ones((3, 1))
    half = np.float64(0.5)
    after, row = adoption.step(
        _parameters(launch_fading=_column(0.5, 0.5, 0.5)),
        _held(),
        _levers(domestic_adoption_programme=0.8),
        np.array([0.05]),
        np.array([0.5]),
        np.array([0.4]),
        158.0 * same,
        12e6 * same,
        30.0 * same,
        np.float64(2026.25),
        half,
    )
    # Ceiling 0.3 + 0.7 x 0.5 = 0.65; 0.05 x 6 ECI in the middle of the step make it 0.714846. Pace: 1.3 by the
    # programme x 0.8 by halved resilience. Log-odds gained: 0.4 x 1.04 / 2 + 0.6 x (1 - 1/e) = 0.587272.
    assert row.breadth_people[ALLIED, 0] == pytest.approx(0.424027, abs=1e-6)
    # Ceiling 0.4 made 0.473658; log-odds gained: 0.6 x 1.04 / 2 = 0.312.
    assert row.breadth_firms[ALLIED, 0] == pytest.approx(0.256869, abs=1e-6)
    # Adopters 0.340328 before (0.22 of firms hold 0.360656 of work) and 0.416386 after, half of which depth follows.
    # Two years behind a rise of 0.076058 a year: 0.208193 - 0.152116 + (0.1 - 0.170164 + 0.152116) x exp(-1/4).
    assert after.depth[ALLIED, 0] == pytest.approx(0.119901, abs=1e-6)
    # The wanted share of 0.049925 from 12M H100e is 4.160e-9 each; 1.2 x 3e-9 / 4.160e-9 x exp(-0.1) = 0.782951 of it
    # can be served, to the power of 0.5.
    assert row.served[ALLIED, 0] == pytest.approx(0.884845, abs=1e-6)
    assert row.depth[ALLIED, 0] == pytest.approx(0.106094, abs=1e-6)
    assert row.share[ALLIED, 0] == pytest.approx(0.044176, abs=1e-6)
    assert row.speed[ALLIED, 0] == pytest.approx(0.028352, abs=1e-6)


def test_breadth_passes_through_the_anchor_that_it_was_carried_back_from():
    p = _priors(64)
    rows = _run(p, World(64), _strengths(64), Grid(horizon=Month(2026, 6)))
    end_2025 = _until(2026) - 1
    # Dates on the grid are rounded to what both precisions hold, an hour at most.
    np.testing.assert_allclose(rows.breadth_people[end_2025], p.people_anchor, rtol=2e-4)
    np.testing.assert_allclose(rows.breadth_firms[end_2025], p.firms_anchor, rtol=2e-4)


def test_people_take_ai_up_after_launch_and_firms_after_take_off():
    p = _parameters()
    rows = _run(p, World(), _strengths())
    launch, year = _until(2023), _until(1 + 2020)
    odds = rows.breadth_people[:, ALLIED, 0] / (0.65 - rows.breadth_people[:, ALLIED, 0])
    # In the year before launch 0.4 log-odds; in the year after it 3 x (1 - exp(-2)) = 2.593994 more than that.
    assert np.log(odds[launch - 1] / odds[launch - 1 - year]) == pytest.approx(0.4, abs=1e-3)
    assert np.log(odds[launch - 1 + year] / odds[launch - 1]) == pytest.approx(2.993994, abs=1e-3)
    odds = rows.breadth_firms[:, ALLIED, 0] / (0.4 - rows.breadth_firms[:, ALLIED, 0])
    # Three tenths of 2023 at 0.05 a year, seven tenths at 0.6.
    assert np.log(odds[launch - 1 + year] / odds[launch - 1]) == pytest.approx(0.435, abs=1e-3)


def test_depth_follows_breadth_with_its_delay():
    p = _parameters()
    rows = _run(p, World(), _strengths(**NONE), Grid(horizon=Month(2035, 12)))
    adopters = adoption.adopting(p, rows.breadth_people, rows.breadth_firms)
    settled = 0.5 * adopters
    assert (rows.depth[_until(2024) :] < settled[_until(2024) :]).all()
    # Growth is slow at the end, so depth stands about one delay behind where breadth would have it.
    late, lag = len(settled) - 1, _until(2020 + 2)
    np.testing.assert_allclose(rows.depth[late], settled[late - lag], rtol=0.03)
    # Whoever follows at once is as deep as breadth allows.
    quick = _run(_parameters(depth_lag=np.array([0.01])), World(), _strengths(**NONE))
    np.testing.assert_allclose(quick.depth, 0.5 * adopters[: len(quick.depth)], rtol=0.02)


def test_breadth_ends_at_its_ceiling():
    p = _parameters(people_speed=_column(6.0, 6.0, 6.0), firms_speed=_column(6.0, 6.0, 6.0))
    rows = _run(p, World(), _strengths(intelligence=0.0, resilience=0.0), Grid(horizon=Month(2035, 12)))
    np.testing.assert_allclose(rows.breadth_people[-1], adoption.reachable(p.people_anchor, p.people_reach))
    np.testing.assert_allclose(rows.breadth_firms[-1], adoption.reachable(p.firms_anchor, p.firms_reach))


# ---------------------------------------------------------------- direction


def _after(year, field, world, p=None, **strengths):
    grid = Grid(horizon=Month(2029, 12))
    return getattr(_run(p or _parameters(), world, _strengths(**strengths), grid), field)[_until(year) - 1, :, 0]


def test_capability_beyond_the_anchor_s_raises_breadth_and_capability_before_it_does_not():
    still = World(released=lambda t: _column(150.0, 144.0, 140.0) + 12.0 * min(t - 2026.0, 0.0))
    grows = World(released=lambda t: _column(150.0, 144.0, 140.0) + 12.0 * (t - 2026.0))
    for field in ("breadth_people", "breadth_firms", "depth", "share"):
        assert (_after(2029, field, grows, compute=0) > _after(2029, field, still, compute=0)).all()
    # A higher level throughout is no gain.
    higher = World(released=lambda t: _column(190.0, 184.0, 180.0) + 12.0 * (t - 2026.0))
    np.testing.assert_allclose(_after(2029, "share", higher), _after(2029, "share", grows), rtol=1e-12)


def test_too_little_serving_compute_bounds_depth_and_leaves_breadth():
    plenty = World(serving=lambda t: _column(14e6, 2.5e6, 1.2e6) * np.exp(3.0 * (t - 2026)))
    short = World(serving=lambda t: _column(14e6, 2.5e6, 1.2e6) * (1.0 if t < 2026.5 else 0.5))
    assert _after(2029, "served", plenty).tolist() == [1, 1, 1]
    assert (_after(2029, "depth", short) < _after(2029, "depth", plenty)).all()
    assert (_after(2029, "breadth_firms", short) == _after(2029, "breadth_firms", plenty)).all()
    # At full strength the work done is what compute allows: half of it halves the work.
    shorter = World(serving=lambda t: _column(14e6, 2.5e6, 1.2e6) * (1.0 if t < 2026.5 else 0.25))
    halved = _after(2029, "share", shorter, compute=1) / _after(2029, "share", short, compute=1)
    np.testing.assert_allclose(halved, 0.5, rtol=1e-9)
    assert (_after(2026, "served", short, compute=1) == 1).all()
    # What counts is the change from the anchor, not from how it stood years before.
    scarce_early = World(serving=lambda t: short.at("serving", t) * (0.1 if t < 2024 else 1.0))
    assert (_after(2029, "share", scarce_early) == _after(2029, "share", short)).all()
    # Compute that was never there serves next to nothing, and leaves a number to take the logarithm of.
    none = adoption.served(_parameters(), np.array([1.0]), np.array([[1e-9]]), np.array([[0.0]]), 1.0)
    assert none[0, 0] == pytest.approx(adoption.LEAST_SERVED)


def test_less_resilience_slows_breadth_and_more_speeds_it():
    def moved(points):
        return World(resilience=lambda t: _column(50.0, 50.0, 50.0) + points * (t > 2026.26))

    low, usual, high = (_after(2029, "breadth_people", moved(points)) for points in (-20.0, 0.0, 20.0))
    assert (low < usual).all()
    assert (usual < high).all()
    # What counts is the change from the anchor, not from how it stood years before.
    fell_early = World(resilience=lambda t: _column(50.0, 50.0, 50.0) + 30.0 * (t < 2024))
    assert (_after(2029, "breadth_people", fell_early) == usual).all()
    # Half the resilience at a strength of 1 is half the speed: as if today's rates were halved from then on.
    halved = _after(2027, "breadth_firms", moved(-25.0), resilience=1, intelligence=0)
    ceiling = adoption.reachable(_parameters().firms_anchor, _parameters().firms_reach)[:, 0]
    start = _parameters().firms_anchor[:, 0]
    gain = _column(0.6, 0.6, 0.45)[:, 0] * (0.25 + 0.75 / 2)
    np.testing.assert_allclose(halved, adoption.grown(start, ceiling, gain), rtol=1e-4)


@pytest.mark.parametrize(("lever", "bloc"), [("domestic_adoption_programme", ALLIED), ("prc_ai_plus_push", PRC)])
def test_a_programme_speeds_its_own_bloc_alone_and_only_from_the_anchor(lever, bloc):
    def at(before, after):
        return World(levers=lambda t: _levers(**{lever: before if t < 2026 else after}))

    for field in ("breadth_people", "breadth_firms", "share"):
        change = _after(2029, field, at(0.5, 1.0)) - _after(2029, field, at(0.5, 0.0))
        assert change[bloc] > 0
        assert change[[other for other in (ALLIED, PRC, REST) if other != bloc]].tolist() == [0, 0]
        assert (_after(2029, field, at(0.0, 0.7)) == _after(2029, field, at(1.0, 0.7))).all()


def test_a_programme_at_its_reference_changes_nothing():
    p = _parameters()
    plain = _parameters(programme_gain=np.array([0.0]), push_gain=np.array([0.0]))
    assert (_after(2029, "share", World(), p) == _after(2029, "share", World(), plain)).all()


# ---------------------------------------------------------------- couplings


@pytest.mark.parametrize(
    ("coupling", "path", "other"),
    [
        ("intelligence", "released", lambda t: _column(150.0, 160.0, 90.0) + 30.0 * (t - 2026.0)),
        ("compute", "serving", lambda t: _column(1e3, 1e9, 0.0) * (t - 2019.0)),
        ("resilience", "resilience", lambda t: _column(90.0, 10.0, 50.0) / (t - 2019.0)),
    ],
)
def test_a_coupling_of_strength_zero_has_exactly_no_effect(coupling, path, other):
    off = _strengths(**{coupling: 0.0})
    p = _parameters()
    usual, changed = _run(p, World(), off), _run(p, World(**{path: other}), off)
    for field in adoption.Adoption._fields:
        assert (getattr(usual, field) == getattr(changed, field)).all(), field
    on = _run(p, World(**{path: other}), _strengths())
    assert (on.share[-1] != changed.share[-1]).any()


def test_nothing_outside_moves_adoption_before_the_anchor():
    p = _priors(32)
    quiet = _run(p, World(32), _strengths(32, **NONE), Grid(horizon=Month(2026, 6)))
    busy = World(
        32,
        released=lambda t: _column(150.0, 120.0, 60.0) + 40.0 * (t - 2026.0),
        serving=lambda t: _column(1e6, 1e4, 1e2) * np.exp(-(t - 2020.0)),
        resilience=lambda t: _column(90.0, 10.0, 50.0) / (t - 2019.0),
        levers=lambda t: _levers(domestic_adoption_programme=1.0, prc_ai_plus_push=0.0),
    )
    moved = _run(p, busy, _strengths(32), Grid(horizon=Month(2026, 6)))
    for field in adoption.Adoption._fields:
        assert (getattr(quiet, field)[: _until(2026)] == getattr(moved, field)[: _until(2026)]).all(), field
    assert (moved.share[-1] != quiet.share[-1]).all()


def test_identical_blocs_are_interchangeable_without_programmes():
    p = _parameters()
    alike = p._replace(
        **{name: np.repeat(value[:1], 3, axis=0) for name, value in p._asdict().items() if value.ndim == 2},
        programme_reference=np.array([0.0]),
        push_reference=np.array([0.0]),
    )
    world = World(
        released=lambda t: _column(150.0, 150.0, 150.0) + 12.0 * (t - 2026.0),
        serving=lambda t: _column(1e6, 1e6, 1e6),
        resilience=lambda t: _column(55.0, 55.0, 55.0) - (t - 2020.0),
        levers=lambda t: _levers(domestic_adoption_programme=0.0, prc_ai_plus_push=0.0),
    )
    rows = _run(alike, world, _strengths())
    for field in adoption.Adoption._fields:
        values = getattr(rows, field)
        assert (values == values[:, :1]).all(), field


# ---------------------------------------------------------------- bounds, steps, drivers


@settings(max_examples=25, phases=(Phase.explicit, Phase.generate))
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.floats(-40.0, 60.0), min_size=3, max_size=3),
    st.lists(st.floats(-4.0, 3.0), min_size=3, max_size=3),
    st.lists(st.floats(0.0, 100.0), min_size=6, max_size=6),
    st.tuples(*[st.floats(0.0, 1.0)] * 5),
)
def test_every_share_stays_between_zero_and_one_whatever_happens(seed, gains, growth, index, levels):
    p = _admissible(seed)
    world = World(
        8,
        released=lambda t: _column(140.0, 120.0, 100.0) + _column(*gains) * (t - 2020.0),
        serving=lambda t: _column(1e6, 1e5, 0.0) * np.exp(_column(*growth) * (t - 2020.0)),
        resilience=lambda t: _column(*index[:3]) if t < 2027 else _column(*index[3:]),
        levers=lambda t: _levers(domestic_adoption_programme=levels[0], prc_ai_plus_push=levels[1]),
    )
    strengths = tuple(np.full(8, value) for value in levels[2:])
    rows = _run(p, world, strengths, Grid(horizon=Month(2030, 12)))
    for field in SHARES:
        values = getattr(rows, field)
        assert np.isfinite(values).all(), field
        assert ((values >= 0) & (values <= 1)).all(), field
    assert np.isfinite(rows.speed).all()
    adopters = adoption.adopting(p, rows.breadth_people, rows.breadth_firms)
    np.testing.assert_allclose(rows.share, adopters * rows.depth, rtol=1e-12)
    # The speeds of all steps add up to what the share has gained.
    np.testing.assert_allclose(rows.speed[1:].sum(axis=0) / 12, rows.share[-1] - rows.share[0], atol=1e-12)


def test_halving_the_step_moves_nothing_by_more_than_a_hundredth():
    p = _priors(64)
    strengths = _strengths(64, intelligence=0.06, compute=1.0, resilience=0.7)
    monthly = _run(p, World(64), strengths, Grid(horizon=Month(2029, 12)))
    halved = _run(p, World(64), strengths, Grid(horizon=Month(2029, 12), steps_per_month=2))
    for field in SHARES:
        np.testing.assert_allclose(getattr(halved, field)[1::2], getattr(monthly, field), rtol=0.01)


def _compiled(p, world, strengths, times, years):
    """The same run in JAX, as one function of its arrays."""
    outside = [
        np.stack([world.at(name, t + years / 2) for t in times]) for name in ("released", "serving", "resilience")
    ]
    levers = _levers()

    def run(p, strengths, outside):
        begin = times[0] - years / 2
        s = adoption.start(p, *(path[0] for path in outside), begin)

        def month(s, now):
            return adoption.step(p, s, levers, *strengths, *now[1:], now[0], years)

        return jax.lax.scan(month, s, (jnp.asarray(times), *outside))[1]

    return run, jax.tree.map(jnp.asarray, (p, strengths, outside))


@pytest.mark.parametrize(("dtype", "early", "late"), [(np.float64, 1e-9, 1e-9), (np.float32, 5e-3, 5e-4)])
def test_numpy_and_jax_agree_and_single_precision_costs_little(dtype, early, late):
    grid = Grid(horizon=Month(2029, 12))
    expected = _run(_priors(16), World(16), _strengths(16), grid)
    with jax.enable_x64(dtype is np.float64):
        run, arguments = _compiled(
            _priors(16, dtype), World(16, dtype), _strengths(16, dtype), grid.times.astype(dtype), dtype(1 / 12)
        )
        found = jax.jit(run, compiler_options=UNOPTIMISED)(*arguments)
    assert found.share.dtype == dtype
    # In the month of a launch single precision rounds the date, and the rush is steep.
    since = _until(2025)
    for field in SHARES:
        np.testing.assert_allclose(getattr(found, field)[:since], getattr(expected, field)[:since], rtol=early)
        np.testing.assert_allclose(getattr(found, field)[since:], getattr(expected, field)[since:], rtol=late)


def test_gradients_are_finite_in_every_parameter_and_strength():
    levers, years = _levers(domestic_adoption_programme=1.0), 1 / 12

    def total(p, strengths, outside, time):
        s = adoption.start(p, *outside, time - years / 2)
        after = [1.1 * path for path in outside]
        return sum(field.sum() for field in adoption.step(p, s, levers, *strengths, *after, time, years)[1])

    with jax.enable_x64(True):
        slope = jax.jit(jax.grad(total, argnums=(0, 1)), compiler_options=UNOPTIMISED)
        p = jax.tree.map(jnp.asarray, _admissible(1, draws=16))
        world = World(16, serving=lambda t: _column(1e6, 1e5, 0.0), resilience=lambda t: _column(60.0, 100.0, 0.0))
        for time in (2020.5, 2023.5, 2027.5):
            outside = tuple(jnp.asarray(world.at(name, time)) for name in ("released", "serving", "resilience"))
            for strengths in (_strengths(16), _strengths(16, **NONE)):
                slopes = slope(p, tuple(jnp.asarray(strength) for strength in strengths), outside, time)
                assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(slopes))
                assert (slopes[0].people_anchor != 0).all()


# ---------------------------------------------------------------- measurement and sources


def test_a_reading_multiplies_odds_and_stays_a_share():
    # 0.2 is odds of 1 to 4; twice that is 1 to 2.
    assert adoption.read(0.2, 2.0) == pytest.approx(1 / 3)
    assert adoption.read(0.37, 1.0) == pytest.approx(0.37)
    assert adoption.read(np.array([0.0, 1.0]), 50.0).tolist() == [0.0, 1.0]
    # A splice is taken out and put back: the new wording's 17% under a splice of 1.5 was 12.013% under the old.
    old = adoption.read(0.17, 1 / 1.5)
    assert old == pytest.approx(0.120141, abs=1e-6)
    assert adoption.read(old, 1.5) == pytest.approx(0.17)


def test_the_allied_average_is_that_of_the_united_states_and_the_others():
    # Telemetry of March 2026: 31.3% in the United States, 34.2% elsewhere, weights of 29.6 and 70.4%.
    average = 0.296 * 0.313 + 0.704 * 0.342
    assert adoption.other_allies(np.array([average]), 0.313, 0.296)[0] == pytest.approx(0.342)
    assert adoption.other_allies(np.array([0.99]), 0.5, 0.44)[0] == 1.0


def test_every_parameter_is_declared_and_cites_only_what_was_published_by_the_cut_off():
    assert {parameter.name for parameter in REGISTRY.parameters.values()} == set(adoption.Parameters._fields)
    assert REGISTRY.check_against_evidence() == []
    rows = {row for parameter in REGISTRY.parameters.values() for row in parameter.evidence}
    published = {row: loader.load().get(row).published for row in rows}
    assert [row for row, date in published.items() if date and date > EVIDENCE_CUTOFF] == []

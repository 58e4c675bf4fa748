"""Global distribution, worked out by hand for one supplier choice, one bound and one stack."""

import math
from importlib.resources import files
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from futures import examples, seeds
from hypothesis import given

from fourfronts.inference.draws import draw, paths_on_grid
from fourfronts.inference.parameters import load
from fourfronts.model import distribution
from fourfronts.model.blocs import ALLIED, BLOCS, PRC, REST

MONTH = np.float64(1 / 12)
HARDWARE, CLOUD, MODEL = range(3)
DRAWS = 8
REGISTRY = load([files("fourfronts.model") / "distribution.yaml"])


class Levels(NamedTuple):
    """The levers that this mechanism reads."""

    export_finance: np.float64 = np.float64(0.0)
    prc_export_subsidy: np.float64 = np.float64(0.5)


OFF = dict.fromkeys(
    (
        "intelligence_to_distribution",
        "compute_to_distribution",
        "distribution_to_norms",
        "norms_to_distribution",
    ),
    0.0,
)
ON = {
    "intelligence_to_distribution": 0.1,
    "compute_to_distribution": 0.7,
    "distribution_to_norms": 0.3,
    "norms_to_distribution": 0.8,
}


def _column(*values):
    return np.array(values)[:, None]


def _parameters(**changes):
    values = {
        "anchor_time": 2025.5,
        "frontier_odds": _column(1.0, 0.1, 0.01),
        "bulk_odds": _column(1.0, 0.25, 0.02),
        "bulk_share": 0.4,
        "quality_gap_reference": _column(0.0, 5.0, 15.0),
        "bulk_quality_weight": 0.5,
        "price": _column(1.0, 0.2, 0.8),
        "price_elasticity": 0.6,
        "frontier_price_weight": 0.25,
        "price_observed": 2026.0,
        "price_gap_closing": 0.1,
        "frontier_inertia": 0.5,
        "bulk_inertia": 0.2,
        "reach_growth": _column(0.0, 0.5, -0.1),
        "bulk_reach": 2.0,
        "reach_start": 2023.0,
        "reach_fade": 1.5,
        "finance_effect": 0.4,
        "finance_delay": 1.0,
        "finance_reference": 0.0,
        "subsidy_depth": 0.8,
        "subsidy_reference": 0.5,
        "hosting_response": 0.5,
        "rest_demand": 0.1,
        "servable_abroad": _column(0.4, 0.2, 0.8),
        "hosted_by_others": _column(0.05, 0.5, 0.2),
        "cloud_odds": _column(1.0, 0.1, 0.15),
        "own_chips": _column(0.99, 0.2, 0.0),
        "chip_odds": _column(1.0, 0.01, 0.0),
        "trust": _column(0.45, 0.27, 0.55),
        "router_reading": 0.5,
        "visits_reading": -0.4,
        "download_reading": 1.5,
    } | changes
    return distribution.Parameters(**{name: np.atleast_1d(np.asarray(value)) for name, value in values.items()})


def _random(seed):
    """Random admissible parameters; every second draw is a corner where all priors are in a tail."""
    random = np.random.default_rng(seed)
    values = {}
    for parameter in REGISTRY.parameters.values():
        points = random.uniform(0.001, 0.999, size=DRAWS)
        points[::2] = random.choice([0.001, 0.02, 0.98, 0.999], size=DRAWS // 2)
        drawn = parameter.prior.quantile(points)
        if parameter.bloc is None:
            values[parameter.name] = drawn
        else:
            values.setdefault(parameter.name, np.empty((3, DRAWS)))[BLOCS.index(parameter.bloc)] = drawn
    return distribution.Parameters(**values)


def _sampled(dtype=np.float64):
    values = draw(REGISTRY, DRAWS, 0)
    fields = distribution.Parameters._fields
    return distribution.Parameters(*(values[f"distribution.{name}"].astype(dtype) for name in fields))


def _paths(gap=1.0):
    return distribution.Paths(price_gap=np.float64(gap))


def _strengths(p, **changes):
    return {name: np.full_like(p.bulk_share, value) for name, value in (OFF | changes).items()}


RELEASED = _column(150.0, 145.0, 135.0)
USABLE = _column(1e7, 1e6, 1e6)


def _like(p, values):
    return values + 0.0 * p.price


def _start(p, levels=None, released=RELEASED, time=2025.5, **strengths):
    k = _strengths(p, **strengths)["intelligence_to_distribution"]
    return distribution.start(p, _paths(), levels or Levels(), k, _like(p, released), np.float64(time))


def _step(p, s, levels=None, released=RELEASED, usable=USABLE, time=2025.5, years=MONTH, gap=1.0, **strengths):
    return distribution.step(
        p,
        s,
        _paths(gap),
        levels or Levels(),
        released=_like(p, released),
        usable_bandwidth=_like(p, usable),
        time=np.float64(time),
        years=years,
        **_strengths(p, **strengths),
    )


def _run(p, steps=36, per_month=1, start=2025.0, levels=None, released=RELEASED, usable=USABLE, **strengths):
    """State and shares after some months from `start`, on the shipped path of prices, the PRC catching up slowly."""
    times = start + (np.arange(steps * per_month) + 0.5) / 12 / per_month
    gaps = paths_on_grid(REGISTRY, times)["distribution.price_gap"]
    s = _start(p, levels, released, start, **strengths)
    for time, gap in zip(times, gaps, strict=True):
        now = released + (time - start) * _column(12.0, 13.0, 10.0)
        s, d = _step(p, s, levels, now, usable, time, MONTH / per_month, gap, **strengths)
    return s, d


# ------------------------------------------------------------------ by hand


def test_one_step_is_what_a_calculator_gives():
    p = _parameters()
    s = _start(p)
    # The PRC gains 2 ECI, prices are cut by full subsidy, a year after the anchor, half a year after observed prices.
    levels = Levels(export_finance=np.float64(1.0), prc_export_subsidy=np.float64(1.0))
    _, d = _step(
        p,
        s,
        levels,
        released=_column(150.0, 147.0, 135.0),
        time=2026.5,
        gap=0.75,
        intelligence_to_distribution=0.1,
    )
    price_prc = math.log(0.2) * 0.75 * math.exp(-0.1 * 0.5) - 0.8 * 0.5
    price_rest = math.log(0.8) * 0.75 * math.exp(-0.1 * 0.5)
    backing = 0.5 * (1 - math.exp(-1 / 12))
    shares = []
    for odds, quality, elasticity, factor, inertia in (
        ((1.0, 0.1, 0.01), 0.1, 0.15, 1, 0.5),
        ((1.0, 0.25, 0.02), 0.05, 0.6, 2, 0.2),
    ):
        # From the middle of the step towards its end, further for quick buyers.
        since = 1.0 - 1 / 24 + 1 / 12 / (1 - math.exp(-1 / 12 / inertia)) - inertia
        grown = factor * 1.5 * (1 - math.exp(-since / 1.5))
        allied = math.exp(0.4 * backing)
        prc = odds[1] * math.exp(quality * 2 + elasticity * (math.log(0.2) - price_prc) + 0.5 * grown)
        rest = odds[2] * math.exp(elasticity * (math.log(0.8) - price_rest) - 0.1 * grown)
        moved = 1 - math.exp(-1 / 12 / inertia)
        before, chosen = odds[1] / sum(odds), prc / (allied + prc + rest)
        shares.append(before + (chosen - before) * moved)
    assert d.frontier[PRC, 0] == pytest.approx(shares[0], rel=1e-12)
    assert d.bulk[PRC, 0] == pytest.approx(shares[1], rel=1e-12)
    assert d.total[PRC, 0] == pytest.approx(0.6 * shares[0] + 0.4 * shares[1], rel=1e-12)
    assert d.log_price[:, 0] == pytest.approx([0.0, price_prc, price_rest])


def test_with_everything_as_it_was_observed_shares_stay_as_they_were_observed():
    p = _parameters(reach_growth=np.zeros((3, 1)))
    _, d = _step(p, _start(p, **ON), usable=_column(1e7, 1e7, 1e6), **ON)
    assert d.frontier[:, 0] == pytest.approx(np.array([1.0, 0.1, 0.01]) / 1.11)
    assert d.bulk[:, 0] == pytest.approx(np.array([1.0, 0.25, 0.02]) / 1.27)


def test_reach_grows_evenly_from_its_start_to_the_anchor_and_then_fades():
    p = _parameters()
    for time, years in ((2020.0, -2.5), (2023.0, -2.5), (2024.5, -1.0), (2025.5, 0.0)):
        assert distribution.years_of_reach(p, np.float64(time))[0] == pytest.approx(years)
    assert distribution.years_of_reach(p, np.float64(2027.0))[0] == pytest.approx(1.5 * (1 - math.exp(-1.0)))
    assert distribution.years_of_reach(p, np.float64(2125.0))[0] == pytest.approx(1.5)


def test_stack_follows_the_work_through_hosts_and_chips():
    p = _parameters()
    model = _column(0.7, 0.25, 0.05)
    opened = distribution.hosted(p, Levels())
    layers = distribution.stack(p, model, opened, np.array([0.0]))
    # Hosted elsewhere: 0.035 + 0.125 + 0.01 = 0.17, shared 1 : 0.1 : 0.15.
    assert layers[CLOUD, :, 0] == pytest.approx([0.665 + 0.136, 0.125 + 0.0136, 0.04 + 0.0204])
    # Chips bought: 1% of 0.801, 80% of 0.1386 and all of 0.0604 is 0.17929, shared 1 : 0.01.
    bought = 0.00801 + 0.11088 + 0.0604
    assert layers[HARDWARE, :, 0] == pytest.approx([0.79299 + bought / 1.01, 0.02772 + bought * 0.01 / 1.01, 0.0])
    assert layers[MODEL] == pytest.approx(model)


def test_norms_wait_for_the_anchor_and_then_follow_served_work_with_a_lag():
    p = _parameters()
    trusted = np.array([0.45, 0.27, 0.55]) / 1.27
    s, d = _step(p, _start(p), time=2025.49, distribution_to_norms=0.3)
    assert (s.norms == _start(p).norms).all()
    assert d.norms[:, 0] == pytest.approx(trusted)
    tight = {"usable": _column(1e7, 1e4, 1e6), "compute_to_distribution": 1.0}
    s, d = _step(p, _start(p), time=2025.54, years=np.float64(2.0), distribution_to_norms=0.3, **tight)
    assert d.total[PRC, 0] < 0.1 * d.wanted[PRC, 0]
    assert s.norms[:, 0] == pytest.approx(trusted + (d.total[:, 0] - trusted) * (1 - math.exp(-0.6)))


def test_export_finance_comes_to_work_with_its_delay():
    p = _parameters()
    s = _start(p)
    for _ in range(12):
        s, _ = _step(p, s, Levels(export_finance=np.float64(1.0)))
    assert s.backing[0] == pytest.approx(1 - math.exp(-1))


# ------------------------------------------------------------------ what can be served

EVEN = np.stack([_column(0.5, 0.4, 0.1), _column(0.2, 0.7, 0.1)])
CLOSED = np.zeros((3, 1))


def _served(p, usable, strength=1.0, opened=CLOSED, wanted=EVEN):
    return distribution.served(p, wanted, opened, np.full_like(p.bulk_share, strength), _like(p, usable))


def test_a_full_bound_holds_a_supplier_to_its_ceiling_and_gives_its_work_to_those_with_room():
    p = _parameters(bulk_share=0.5, rest_demand=0.1, servable_abroad=_column(1.0, 0.25, 1.0))
    # The PRC has a tenth of all compute and can turn a quarter of it to a demand of a tenth: 25%, wanted 55%.
    shares = _served(p, _column(8.0, 1.0, 1.0))
    assert distribution.both(p, shares)[:, 0] == pytest.approx(
        # What is short, 0.4 x 0.3 / 0.55 and 0.7 x 0.3 / 0.55, goes 5 : 1 in frontier and 2 : 1 in bulk work.
        [0.35 + 0.3 / 0.55 * (0.2 * 5 / 6 + 0.35 * 2 / 3), 0.25, 0.1 + 0.3 / 0.55 * (0.2 / 6 + 0.35 / 3)]
    )


def test_a_second_supplier_that_fills_up_passes_work_on_to_the_third():
    p = _parameters(bulk_share=0.5, rest_demand=0.1, servable_abroad=_column(1.0, 0.25, 0.12))
    shares = distribution.both(p, _served(p, _column(8.0, 1.0, 1.0)))
    assert shares[:, 0] == pytest.approx([0.63, 0.25, 0.12])


def test_where_all_are_full_shares_are_those_of_what_is_served():
    p = _parameters(bulk_share=0.5, rest_demand=0.5, servable_abroad=_column(0.1, 0.1, 0.1))
    assert distribution.both(p, _served(p, _column(6.0, 3.0, 1.0)))[:, 0] == pytest.approx([0.6, 0.3, 0.1], abs=0.05)


def test_half_the_elasticity_leaves_the_geometric_mean_of_what_is_wanted_and_what_can_be_served():
    p = _parameters(bulk_share=0.5, rest_demand=0.1, servable_abroad=_column(1.0, 0.25, 1.0))
    shares = distribution.both(p, _served(p, _column(8.0, 1.0, 1.0), 0.5))
    assert shares[PRC, 0] == pytest.approx(math.sqrt(0.55 * 0.25))


def test_open_weights_lift_the_bound_as_far_as_others_host_them():
    p = _parameters(bulk_share=0.5, rest_demand=0.1, servable_abroad=_column(1.0, 0.25, 1.0))
    shares = distribution.both(p, _served(p, _column(8.0, 1.0, 1.0), opened=_column(0.0, 0.5, 0.0)))
    assert shares[PRC, 0] == pytest.approx(0.5)


@examples(40)
@given(seeds)
def test_no_supplier_serves_more_than_it_can_where_the_world_can_serve_all(seed):
    p = _random(seed)
    random = np.random.default_rng(seed)
    wanted = random.dirichlet([0.5, 0.5, 0.5], size=(2, DRAWS)).transpose(0, 2, 1)
    usable = random.lognormal(0.0, 2.0, size=(3, DRAWS))
    opened = distribution.hosted(p, Levels())
    ceiling = p.servable_abroad * usable / (p.rest_demand * usable.sum(axis=0)) / (1.0 - opened)
    shares = distribution.both(p, _served(p, usable, 1.0, opened, wanted))
    plenty = ceiling.sum(axis=0) > 1.05
    # Those who are full in one round may be asked again in the next by what rounding leaves.
    assert (shares[:, plenty] <= ceiling[:, plenty] * (1 + 1e-4) + 1e-8).all()


# ------------------------------------------------------------------ books


@examples(40)
@given(seeds)
def test_every_set_of_shares_sums_to_one_and_lies_between_none_and_all(seed):
    p = _random(seed)
    random = np.random.default_rng(seed)
    levels = Levels(*(np.float64(level) for level in random.choice([0.0, 1.0, random.random()], size=2)))
    strengths = {name: random.choice([0.0, value, 3 * value]) for name, value in ON.items()}
    strengths["compute_to_distribution"] = random.choice([0.0, 0.5, 1.0])
    released = random.uniform(90.0, 250.0, size=(3, DRAWS))
    usable = random.lognormal(10.0, 4.0, size=(3, DRAWS)) * random.choice([0.0, 1.0], size=(3, DRAWS), p=[0.1, 0.9])
    s, d = _run(p, 24, start=2025.0, levels=levels, released=released, usable=usable, **strengths)
    sets = [d.frontier, d.bulk, d.total, d.wanted, d.norms, *d.stack, *s.wanted, *distribution.readings(p, d)]
    for shares in sets:
        np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=1e-9)
        assert ((shares >= 0.0) & (shares <= 1.0 + 1e-12)).all()


# ------------------------------------------------------------------ responses


def _shares(**changes):
    return _run(_parameters(), 24, start=2026.0, **changes)[1]


def test_better_models_win_frontier_work_first():
    base = _shares(intelligence_to_distribution=0.1)
    better = _shares(intelligence_to_distribution=0.1, released=RELEASED + _column(0.0, 4.0, 0.0))

    def gained(segment):
        odds = [getattr(d, segment)[PRC] / getattr(d, segment)[ALLIED] for d in (base, better)]
        return math.log(odds[1][0] / odds[0][0])

    assert gained("frontier") > 1.5 * gained("bulk") > 0


def test_a_subsidy_wins_bulk_work_first_and_its_end_loses_it():
    none, base, full = (_shares(levels=Levels(prc_export_subsidy=np.float64(level))) for level in (0.0, 0.5, 1.0))
    assert none.bulk[PRC, 0] < base.bulk[PRC, 0] < full.bulk[PRC, 0]
    assert full.bulk[PRC, 0] - base.bulk[PRC, 0] > full.frontier[PRC, 0] - base.frontier[PRC, 0] > 0


def test_open_weight_exports_move_prc_work_to_the_clouds_of_others():
    p = _parameters(subsidy_depth=0.0)
    none, full = (_run(p, 24, levels=Levels(prc_export_subsidy=np.float64(level)))[1] for level in (0.0, 1.0))
    assert full.stack[MODEL, PRC] == pytest.approx(none.stack[MODEL, PRC])
    assert full.stack[CLOUD, PRC, 0] < none.stack[CLOUD, PRC, 0]
    assert full.stack[CLOUD, ALLIED, 0] > none.stack[CLOUD, ALLIED, 0]


def test_export_finance_wins_work_and_clouds_for_the_allied():
    base, financed = (_shares(levels=Levels(export_finance=np.float64(level))) for level in (0.0, 1.0))
    assert (financed.total[ALLIED] > base.total[ALLIED]).all()
    assert (financed.stack[:, PRC] < base.stack[:, PRC]).all()


def test_compute_lets_a_supplier_serve_more():
    scarce, ample = (
        _shares(compute_to_distribution=1.0, usable=_column(1e7, prc, 1e6)).total[PRC, 0] for prc in (3e5, 1e6)
    )
    assert scarce < ample


def test_norms_that_spread_win_trust():
    alone = _shares(distribution_to_norms=0.3)
    trusted = _shares(distribution_to_norms=0.3, norms_to_distribution=1.0)
    assert trusted.norms[ALLIED, 0] > _start(_parameters()).norms[ALLIED, 0]
    assert trusted.total[ALLIED, 0] > alone.total[ALLIED, 0]


def test_more_inertia_keeps_shares_nearer_to_what_they_were():
    quick, slow = (
        _run(_parameters(bulk_inertia=inertia), 6, start=2025.5, levels=Levels(prc_export_subsidy=np.float64(1.0)))[1]
        for inertia in (0.1, 2.0)
    )
    assert 0.25 / 1.27 < slow.bulk[PRC, 0] < quick.bulk[PRC, 0]


def test_however_strong_the_pull_there_are_shares():
    p = _parameters(reach_growth=_column(0.0, 1e3, -1e3))
    d = _run(p, 12, start=2025.5)[1]
    assert d.total[:, 0] == pytest.approx([0.0, 1.0, 0.0], abs=0.2)


def test_a_price_gap_that_closes_costs_the_cheap_supplier_work():
    kept, closed = (_run(_parameters(price_gap_closing=rate), 48, start=2026.0)[1].bulk[PRC, 0] for rate in (0.0, 0.3))
    assert closed < kept


@pytest.mark.parametrize("deficit", [2.0, 10.0, 30.0])
def test_a_low_enough_price_offsets_an_intelligence_deficit_in_bulk_work_but_not_in_frontier_work(deficit):
    even = np.ones((3, 1))
    p = _parameters(
        frontier_odds=even, bulk_odds=even, quality_gap_reference=0 * even, reach_growth=0 * even, price=even
    )
    strength = np.array([0.1])
    price = distribution.offsetting_price(p, strength, deficit)
    behind = _column(150.0, 150.0 - deficit, 150.0)
    s, at_anchor = _start(p), np.zeros((2, 1))
    prices = np.log(np.stack([price**0, price, price**0]))
    shares = distribution.choice(p, s, prices, at_anchor, strength, 0 * strength, behind)
    assert shares[1, :, 0] == pytest.approx([1 / 3] * 3)
    assert shares[0, PRC, 0] < 1 / 3
    dearer = distribution.choice(p, s, 0.5 * prices, at_anchor, strength, 0 * strength, behind)
    assert dearer[1, PRC, 0] < 1 / 3


def test_spending_on_a_router_is_tokens_times_price():
    p = _parameters()
    d = _shares()
    r = distribution.readings(p, d)
    odds = r.router_tokens[PRC, 0] / r.router_tokens[ALLIED, 0]
    assert odds == pytest.approx(d.bulk[PRC, 0] / d.bulk[ALLIED, 0] * math.exp(0.5))
    spend = r.router_spend[PRC, 0] / r.router_spend[ALLIED, 0]
    assert spend == pytest.approx(odds * math.exp(d.log_price[PRC, 0]))
    downloads = r.downloads[PRC, 0] / r.downloads[ALLIED, 0]
    assert downloads == pytest.approx(d.bulk[PRC, 0] / d.bulk[ALLIED, 0] * math.exp(1.5))
    visits = r.visits[PRC, 0] / r.visits[REST, 0]
    assert visits == pytest.approx(d.frontier[PRC, 0] / d.frontier[REST, 0] * math.exp(-0.4))


# ------------------------------------------------------------------ couplings, symmetry, steps, drivers


def _differs(a, b):
    return any((x != y).any() for x, y in zip(a, b, strict=True))


def test_a_coupling_at_zero_has_exactly_no_effect():
    p = _random(7)
    off = _run(p, 12)
    for changes in ({"released": RELEASED + _column(0.0, -40.0, 3.0)}, {"usable": _column(1e7, 1e2, 0.0)}):
        after = _run(p, 12, **changes)
        assert not _differs(off[0], after[0])
        assert not _differs(off[1], after[1])
    assert (off[0].norms == _start(p).norms).all()
    # Norms that move change no share, and norms that nothing moves earn no trust.
    assert not _differs(off[1][:4], _run(p, 12, distribution_to_norms=0.3)[1][:4])
    assert not _differs(off[1], _run(p, 12, norms_to_distribution=1.0)[1])


@pytest.mark.parametrize("name", OFF)
def test_each_coupling_has_an_effect_when_it_is_on(name):
    others = {"distribution_to_norms": 0.3} if name == "norms_to_distribution" else {}
    tight = {"usable": _column(1e7, 1e4, 1e6)}
    p = _random(7)
    assert _differs(_run(p, 12, **tight, **others)[1], _run(p, 12, **tight, **others, **{name: ON[name]})[1])


@examples(20)
@given(seeds)
def test_blocs_that_differ_only_in_their_parameters_are_interchangeable(seed):
    p = _random(seed)
    order = np.random.default_rng(seed).permutation(3)
    swapped = distribution.Parameters(*(value[order] if value.ndim == 2 else value for value in p))
    released, usable = RELEASED + np.zeros((3, DRAWS)), USABLE + np.zeros((3, DRAWS))
    plain = _step(p, _start(p, released=released), released=released, usable=usable, **ON)[1]
    moved = _step(swapped, _start(swapped, released=released[order]), None, released[order], usable[order], **ON)[1]
    for name in ("frontier", "bulk", "total", "norms"):
        np.testing.assert_allclose(getattr(moved, name), getattr(plain, name)[order], rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(moved.stack, plain.stack[:, order], rtol=1e-9, atol=1e-15)


def test_identical_suppliers_share_the_work_evenly_without_programmes():
    even = {name: np.ones((3, 1)) for name in ("frontier_odds", "bulk_odds", "price", "cloud_odds", "chip_odds")}
    even |= {"quality_gap_reference": np.zeros((3, 1)), "reach_growth": np.full((3, 1), 0.4)}
    even |= {name: np.full((3, 1), 0.3) for name in ("servable_abroad", "hosted_by_others", "own_chips", "trust")}
    p = _parameters(**even)
    same = {"released": _column(150.0, 150.0, 150.0), "usable": _column(1e6, 1e6, 1e6)}
    _, d = _step(p, _start(p, released=same["released"]), **same, time=2028.0, **ON)
    for shares in (d.frontier, d.bulk, d.norms, *d.stack):
        assert shares[:, 0] == pytest.approx([1 / 3] * 3)


def test_halving_the_step_moves_no_share_by_a_hundredth():
    p = _sampled()
    levels = Levels(export_finance=np.float64(1.0), prc_export_subsidy=np.float64(1.0))
    for months in (3, 12, 48):
        coarse, fine = (_run(p, months, per_month=n, levels=levels, **ON)[1] for n in (1, 2))
        for name in ("frontier", "bulk", "total", "norms"):
            a, b = getattr(coarse, name), getattr(fine, name)
            assert np.abs(a / b - 1.0).max() < 0.01, (name, months)


QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
"""Compiling is most of what these tests cost."""


def _under_jax(p, released, usable, months):
    """Shares after some months under JAX, in the precision of the parameters."""
    start, gap = jnp.asarray(2025.25, p.price.dtype), distribution.Paths(jnp.asarray(0.9, p.price.dtype))
    levels = Levels(jnp.asarray(0.3, p.price.dtype), jnp.asarray(0.8, p.price.dtype))
    k = {name: jnp.full_like(p.bulk_share, value) for name, value in ON.items()}
    given = {"released": released, "usable_bandwidth": usable, "years": jnp.asarray(1 / 12, p.price.dtype)}

    def month(s, time):
        return distribution.step(p, s, gap, levels, time=time, **given, **k)

    s = distribution.start(p, gap, levels, k["intelligence_to_distribution"], released, start)
    if months == 1:
        return month(s, start + 0.5)[1]
    _, shown = jax.lax.scan(month, s, start + jnp.arange(months) / jnp.asarray(12, p.price.dtype))
    return jax.tree.map(lambda each: each[-1], shown)


def test_both_drivers_agree_and_single_precision_is_close():
    released, usable = RELEASED + np.zeros((3, DRAWS)), _column(1e7, 1e5, 1e6) + np.zeros((3, DRAWS))
    p = _sampled()
    levels = Levels(np.float64(0.3), np.float64(0.8))
    s = distribution.start(p, _paths(0.9), levels, np.full(DRAWS, 0.1), released, np.float64(2025.25))
    for month in range(6):
        s, reference = _step(p, s, levels, released, usable, 2025.25 + month / 12, MONTH, 0.9, **ON)
    for enabled, tolerance in ((True, 1e-10), (False, 2e-4)):
        with jax.enable_x64(enabled):
            given = jax.tree.map(jnp.asarray, (p, released, usable))
            d = jax.jit(_under_jax, static_argnums=3, compiler_options=QUICK)(*given, 6)
            for got, wanted in zip(d, reference, strict=True):
                np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance * 1e-2)


def test_gradients_are_finite_where_a_supplier_has_nothing_to_offer():
    with jax.enable_x64(True):
        usable = jnp.asarray(_column(1e7, 1e4, 0.0) + np.zeros((3, DRAWS)))
        # So far behind that its share is no more than zero, and a third bloc that never sold any.
        released = jnp.asarray(_column(150.0, -1e5, 145.0) + np.zeros((3, DRAWS)))
        p = jax.tree.map(jnp.asarray, _sampled())
        p = p._replace(bulk_odds=p.bulk_odds * jnp.asarray(_column(1.0, 1.0, 0.0)))

        def shown(p, released, usable):
            d = _under_jax(p, released, usable, 1)
            return d.total[PRC].sum() + d.stack[HARDWARE, PRC].sum() + d.norms[REST].sum()

        slopes = jax.jit(jax.grad(shown, argnums=(0, 1, 2)), compiler_options=QUICK)(p, released, usable)
        assert all(bool(jnp.isfinite(leaf).all()) for leaf in jax.tree.leaves(slopes))

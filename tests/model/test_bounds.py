"""Bounds of the whole world: shares are shares, nothing is less than nothing, and every whole is its parts."""

import numpy as np
import pytest
from futures import DECADE, PACKAGES, examples, flat, inputs, random_run, run, sampled, seeds
from hypothesis import given

from fourfronts.policy.loader import levers

ROUNDING = 1e-12

ADD_UP = (
    "distribution.frontier",
    "distribution.bulk",
    "distribution.total",
    "distribution.wanted",
    "distribution.norms",
)
SHARES = (
    *ADD_UP,
    "distribution.stack",
    "adoption.breadth_people",
    "adoption.breadth_firms",
    "adoption.depth",
    "adoption.share",
    "adoption.served",
    "safety.compliance",
    "safety.publishing",
    "safety.room_for_talks",
    "security.exposed_share",
)
MAY_BE_NEGATIVE = {
    "capability",
    "released",
    "largest_run",
    "leased",
    "talent",
    "adoption.speed",
    "distribution.log_price",
    "revenue.revenue_index",
    "revenue.capital_index",
}
"""Points, logarithms and changes; everything else is an amount or a share."""


def _outside(found, low, high):
    """What leaves its bounds, and how far it goes."""
    ends = {name: (float(values.min()), float(values.max())) for name, values in found.items()}
    return {name: each for name, each in ends.items() if not (low <= each[0] and each[1] <= high)}


def _check(p, o):
    found = flat(o)
    assert _outside({name: found[name] for name in SHARES}, 0.0, 1.0 + ROUNDING) == {}
    for name in ADD_UP:
        np.testing.assert_allclose(found[name].sum(axis=1), 1.0, rtol=ROUNDING, err_msg=name)
    np.testing.assert_allclose(o.distribution.stack.sum(axis=2), 1.0, rtol=ROUNDING)
    assert _outside({"resilience": o.resilience}, 0.0, 100.0) == {}
    amounts = {name: values for name, values in found.items() if name not in MAY_BE_NEGATIVE}
    assert _outside(amounts, 0.0, np.inf) == {}
    for name, lever in levers().items():
        assert _outside({name: found[f"levers.{name}"]}, *lever.range) == {}
    _check_wholes(p, o)


def _check_wholes(p, o):
    work, sold = o.adoption, o.distribution
    both = (1 - p.distribution.bulk_share) * sold.frontier + p.distribution.bulk_share * sold.bulk
    np.testing.assert_allclose(sold.total, both, rtol=1e-9, atol=ROUNDING)
    np.testing.assert_allclose(sold.stack[:, 2], sold.total, rtol=1e-9, atol=ROUNDING)
    # Adopters do part of their work with AI, and breadth of either kind is the most that adopters are.
    channel, odds = p.adoption.firm_channel, p.adoption.firm_size_odds
    by_firms = work.breadth_firms * odds / (1 - work.breadth_firms + work.breadth_firms * odds)
    adopters = channel * by_firms + (1 - channel) * work.breadth_people
    np.testing.assert_allclose(work.share, adopters * work.depth, rtol=1e-9)
    assert (work.depth <= p.adoption.depth_limit + ROUNDING).all()
    np.testing.assert_allclose(np.diff(work.share, axis=0) * 12, work.speed[1:], rtol=1e-6, atol=1e-9)
    # What a bloc spends over the cost of what the leading bloc adds to its stock.
    added = o.acquired[:, :, 0].sum(axis=1)
    years = (np.arange(len(added)) + 0.5) / 12 + 2020 - p.revenue.anchor_time[0]
    cost = p.revenue.cost_per_h100e * np.exp(-p.revenue.cost_decline * years[:, None])
    spent = o.revenue.capital * p.revenue.ai_share_of_capital
    np.testing.assert_allclose(o.funding, spent / (added.max(axis=1) * cost)[:, None], rtol=1e-3)


@examples(4)
@given(seeds)
def test_shares_and_amounts_keep_their_bounds_in_any_future_at_any_lever_setting(seed):
    _check(*random_run(seed))


@pytest.mark.parametrize("name", PACKAGES)
def test_shares_and_amounts_keep_their_bounds_under_every_package_to_2035(name):
    p = sampled(64, seed=35)
    _check(p, run(p, inputs(name, DECADE)))


@examples(3)
@given(seeds)
def test_no_capability_falls_and_no_release_comes_before_its_model(seed):
    _, o = random_run(seed)
    assert (np.diff(o.capability, axis=0) >= 0).all()
    assert (np.diff(o.released, axis=0) >= -1e-9).all()
    assert (o.released <= o.capability + 1e-9).all()

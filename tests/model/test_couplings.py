"""Couplings: every one is declared, can be switched off, and is known to close one loop or none."""

from collections import Counter
from pathlib import Path

import numpy as np

from fourfronts.inference.parameters import load
from fourfronts.model import couplings

REGISTRY = load([Path(couplings.__file__).with_suffix(".yaml")])
NAMES = couplings.Parameters._fields


def test_every_coupling_has_one_strength_that_cites_what_is_known_and_in_time():
    assert {each.name for each in REGISTRY.parameters.values()} == set(NAMES)
    assert all(each.bloc is None for each in REGISTRY.parameters.values())
    assert REGISTRY.check_against_evidence() == []


def test_no_strength_is_below_zero_and_none_is_taken_as_known():
    for each in REGISTRY.parameters.values():
        low, high = each.prior.quantile(np.array([1e-6, 1 - 1e-6]))
        assert 0 <= low < high, each.id


def test_a_strength_that_is_a_share_stays_one():
    shares = {"resilience_to_adoption", "lead_to_safety", "compute_to_adoption", "compute_to_distribution"}
    for name in shares | {"revenue_to_capital", "capital_to_compute", "distribution_to_revenue"}:
        assert REGISTRY.get(f"couplings.{name}").prior.quantile(np.array([1 - 1e-6]))[0] < 1, name


def test_every_coupling_closes_one_loop_or_is_one_way():
    counted = Counter([*couplings.ONE_WAY, *(name for loop in couplings.LOOPS.values() for name in loop)])
    assert counted == dict.fromkeys(NAMES, 1)
    assert {couplings.loop_of(name) for name in NAMES} == {"", *couplings.LOOPS}
    assert couplings.loop_of("norms_to_distribution") == "norms"
    assert couplings.loop_of("lead_to_safety") == ""

"""Couplings at 0: every mechanism runs alone. Each coupling moves what it names and nothing else, to the last bit."""

import numpy as np
import pytest
from futures import flat, inputs, replaced, run, sampled, uncoupled

from fourfronts.model import couplings, world
from fourfronts.model.couplings import Parameters as Couplings

FUTURES = 32
"""A multiple of what a processor computes at once, so that each set of futures is computed in the same way."""

CHIPS = {"stock", "leased_out", "usable", "acquired", "leased", "retired", "made"}
MINDS = {"capability", "released", "largest_run", "gains", "ai_multiplier"}
ANSWERS = {"levers.prc_ai_plus_push", "levers.prc_export_subsidy"}
"""Levers whose answer to a rival programme depends on the lead."""

# What each mechanism's parameters reach without any coupling. Compute trains models, and the cost of the leader's new
# compute is what `funding` compares capital with: neither is a coupling.
REACH = {
    "supply": {*CHIPS, *MINDS, "output", "limits", "funding"},
    "access": {*CHIPS, *MINDS, "premium", "funding"},
    "stocks": {*CHIPS, *MINDS},
    "intelligence": {*MINDS, "tokens_harvested"},
    "talent": set(),
    "adoption": {"adoption"},
    "distribution": {"distribution"},
    "resilience": {"resilience"},
    "revenue": {"revenue", "funding"},
    "safety": {"safety"},
    "security": {"security"},
}
FRONTS = {"adoption", "distribution", "resilience", "revenue", "safety", "security"}


def _side_by_side(sets):
    """Several sets of parameters as one, each with its own futures in a row."""
    groups = zip(*sets, strict=True)
    return world.Parameters(
        *(type(group[0])(*(np.concatenate(values, axis=-1) for values in zip(*group, strict=True))) for group in groups)
    )


def _apart(o, first, second):
    """What differs between the futures of two sets: records by name, levers by path."""
    one, other = (slice(number * FUTURES, (number + 1) * FUTURES) for number in (first, second))
    moved = set()
    for name, values in flat(o).items():
        # A lever that answers nothing is the same number in every future.
        by_future = values.shape[-1] > FUTURES and not (name.startswith("levers.") and values.ndim == 1)
        if by_future and not np.array_equal(values[..., one], values[..., other]):
            moved.add(name if name.startswith("levers.") else name.split(".")[0])
    return moved


def _reached(package, **changes):
    """What changes when all parameters of one mechanism are those of other futures, by mechanism."""
    here, elsewhere = (replaced(uncoupled(sampled(FUTURES, seed)), **changes) for seed in (1, 2))
    sets = [here._replace(**{mechanism: getattr(elsewhere, mechanism)}) for mechanism in REACH]
    o = run(_side_by_side([here, *sets]), inputs(package))
    return {mechanism: _apart(o, 0, number) for number, mechanism in enumerate(REACH, start=1)}


@pytest.mark.parametrize(
    ("package", "changes"),
    # Without a programme to answer, or where answers do not look at the lead.
    [("drift", {}), ("hold", {"responses__lead_weight": 0.0}), ("none", {})],
)
def test_without_couplings_no_parameter_of_one_front_reaches_another(package, changes):
    assert _reached(package, **changes) == REACH


def test_the_one_way_around_couplings_is_the_answer_to_a_rival_programme_which_looks_at_the_lead():
    reached = _reached("hold")
    for mechanism in ("supply", "access", "stocks", "intelligence"):
        assert reached[mechanism] == REACH[mechanism] | ANSWERS | {"adoption", "distribution"}
    assert {name: reached[name] for name in FRONTS} == {name: REACH[name] for name in FRONTS}


# What must be on for a coupling to have anything to pass on, and what it then moves.
BEFORE = {
    "resilience_to_adoption": ("adoption_to_resilience",),
    "norms_to_distribution": ("distribution_to_norms",),
    "revenue_to_capital": ("adoption_to_revenue",),
    "capital_to_compute": ("adoption_to_revenue", "revenue_to_capital"),
}
MOVES = {
    "intelligence_to_adoption": {"adoption"},
    "compute_to_adoption": {"adoption"},
    "resilience_to_adoption": {"adoption", "resilience"},
    "intelligence_to_distribution": {"distribution"},
    "compute_to_distribution": {"distribution"},
    "norms_to_distribution": {"distribution"},
    "distribution_to_norms": {"distribution"},
    "adoption_to_revenue": {"revenue"},
    "distribution_to_revenue": {"revenue"},
    "revenue_to_capital": {"revenue", "funding"},
    "capital_to_compute": {*CHIPS, *MINDS, "output", "limits", "funding"},
    "adoption_to_resilience": {"resilience"},
    "lead_to_talent": {"talent", *MINDS} - {"largest_run"},
    "lead_to_safety": {"safety"},
    "intelligence_to_security": {"security"},
}


def _with(*names):
    """Futures in which these couplings are on and all others off."""
    p = sampled(FUTURES, seed=1)
    return uncoupled(p, *(set(Couplings._fields) - set(names))) if names else uncoupled(p)


def test_each_coupling_moves_what_it_names_and_at_strength_0_nothing_at_all():
    assert set(MOVES) == set(Couplings._fields)
    ready = [_with(*BEFORE.get(name, ())) for name in MOVES]
    on = [_with(*BEFORE.get(name, ()), name) for name in MOVES]
    o = run(_side_by_side([_with(), *ready, *on]), inputs("drift"))
    found = {name: _apart(o, 1 + n, 1 + len(MOVES) + n) for n, name in enumerate(MOVES)}
    assert found == MOVES
    # A coupling whose source stands still passes on nothing.
    for number, name in enumerate(MOVES, start=1):
        if name not in BEFORE:
            assert _apart(o, 0, number) == set()


def test_a_loop_needs_all_of_its_couplings_to_come_back_to_where_it_began():
    # From the chips, by way of work and money, to the chips. With one later link cut, the first is not felt there.
    money = ("revenue_to_capital", "capital_to_compute")
    routes = {
        "compute_to_adoption": ("adoption_to_revenue", *money),
        "intelligence_to_adoption": ("adoption_to_revenue", *money),
        "compute_to_distribution": ("distribution_to_revenue", *money),
        "intelligence_to_distribution": ("distribution_to_revenue", *money),
    }
    assert {name for first, rest in routes.items() for name in (first, *rest)} == set(
        couplings.LOOPS["revenue to compute"]
    )
    chips = {"limits", "stock", "capability"}
    for first, rest in routes.items():
        kept = [rest, *(tuple(name for name in rest if name != gone) for gone in rest)]
        o = run(_side_by_side([_with(*names) for each in kept for names in (each, (first, *each))]), inputs("drift"))
        felt = [_apart(o, 2 * number, 2 * number + 1) & chips for number in range(len(kept))]
        assert felt == [chips, *(set() for _ in rest)], first

"""Access: how chips and compute move between blocs.

Here legal exports, diversion (smuggling) and remote renting are computed. Legal imports are the least of what
licences allow, what the importing government admits and what buyers want. What they leave unmet raises the price
premium, which pulls diversion and renting after a delay; detection and the remote-access rule push them down.
"""

from typing import NamedTuple

from fourfronts.model.blocs import CONTROLLED
from fourfronts.model.levers import Levers
from fourfronts.model.ops import Array, by_bloc, decay, namespace, others, power

TPP_PER_H100E = 15832.0
"""Total processing performance of one H100 (evidence CHIP-03): the definition that links the rule's unit to ours."""


class Parameters(NamedTuple):
    """Priors, units and sources are in `access.yaml`. Shapes: (3, draws) where a bloc is meant, else (draws,)."""

    import_appetite: Array  # (3,) share of the others' chips bought when nothing forbids it
    displacement: Array  # share of exports that comes out of the sellers' own purchases
    outside_hyperscalers: Array  # share of vendor sales from which chips can leak
    diversion_share: Array  # share of that pool diverted in 2025
    diversion_elasticity: Array  # response of diversion to unmet demand
    premium_when_closed: Array  # price premium when no legal route is open
    premium_delay: Array  # year
    detection_today: Array  # share of attempts stopped at the 2025 budget
    location_effect: Array  # detection effort added by full location verification
    rent_share: Array  # (3,) share of the third-country pool rented when unmet demand is full
    rent_adjustment_time: Array  # year
    remote_rule_effect: Array  # share of renting stopped by a full rule
    alignment_floor: Array  # effect of detection and remote rules without allied help


class Paths(NamedTuple):
    """Dated series, one value a step."""

    average_chip: Array  # H100e of the average accelerator that vendors ship


class State(NamedTuple):
    """Unmet demand (0 to 1) per bloc. Shapes: (3, draws)."""

    unmet: Array  # as prices show it, with a delay
    unmet_last: Array  # in the step before, without one


class Flows(NamedTuple):
    """Yearly flows of compute, H100e / year, shape (3, draws); `rent_target` and `premium` apart."""

    made: Array  # by maker, exports beyond displaced supply included
    exported: Array  # by maker, legal
    leaked: Array  # by maker, diverted
    legal: Array  # by buyer
    diverted: Array  # by buyer
    rent_target: Array  # H100e by renter
    allowed_performance: Array  # (3,) best chip licensed over the average chip shipped, at most 1
    premium: Array  # price over the list price


def start(p: Parameters) -> State:
    """No unmet demand before any control. Shape: (3, draws)."""
    nothing = p.import_appetite * 0.0
    return State(unmet=nothing, unmet_last=nothing)


def middle(p: Parameters, s: State, years: Array) -> State:
    """Unmet demand in the middle of a step. What controls leave unmet in the step itself shows in the next."""
    return s._replace(unmet=s.unmet + (s.unmet_last - s.unmet) * decay(1.0 / p.premium_delay, years / 2))


def legal_shares(p: Parameters, paths: Paths, levers: Levers) -> tuple[Array, Array, Array]:
    """Share of the others' output bought legally: (wanted without rules, bought under them, performance allowed).

    Shapes: (3, draws) each. Units: share of the sellers' output in H100e.
    """
    xp = namespace(p.import_appetite)
    controlled = by_bloc(p.import_appetite, CONTROLLED)
    performance = xp.minimum(levers.chip_export_ceiling / TPP_PER_H100E / paths.average_chip, 1.0)
    allowed = 1.0 - controlled * (1.0 - performance)
    licensed = xp.minimum(p.import_appetite * allowed, 1.0 - controlled * (1.0 - levers.chip_export_cap))
    admitted = 1.0 - controlled * (1.0 - levers.prc_import_openness)
    return p.import_appetite, licensed * admitted, allowed


def detected(p: Parameters, levers: Levers) -> Array:
    """Share of diversion attempts stopped. Money works with diminishing returns, location checks add to it."""
    xp = namespace(p.detection_today)
    per_budget = -xp.log1p(-p.detection_today)
    effort = per_budget * levers.enforcement_budget + p.location_effect * levers.location_verification
    return -xp.expm1(-effort * helped(p, levers))


def helped(p: Parameters, levers: Levers) -> Array:
    """How much of a rule's reach survives with the allied help there is, 0 to 1."""
    return p.alignment_floor + (1.0 - p.alignment_floor) * levers.allied_alignment


def diverted_share(p: Parameters, s: State, levers: Levers) -> Array:
    """Smuggling: share of the sellers' leakable sales that reaches a controlled bloc. Shape: (3, draws)."""
    xp = namespace(s.unmet)
    controlled = by_bloc(s.unmet, CONTROLLED)
    # The power of zero has no usable gradient, so what is hardly unmet pulls nothing.
    pull = xp.where(s.unmet > 1e-6, power(xp.maximum(s.unmet, 1e-6), p.diversion_elasticity), 0.0)
    passed = (1.0 - detected(p, levers)) / (1.0 - p.detection_today)
    return controlled * xp.minimum(p.diversion_share * pull * passed * levers.prc_evasion_effort, 1.0)


def rent_target(p: Parameters, s: State, levers: Levers, owned: Array) -> Array:
    """Compute that a controlled bloc would rent in third countries, H100e. `owned`: (3, draws) H100e."""
    xp = namespace(owned)
    controlled = by_bloc(s.unmet, CONTROLLED)
    stopped = p.remote_rule_effect * levers.remote_access_rule * helped(p, levers)
    share = p.rent_share * s.unmet * (1.0 - stopped) * levers.prc_evasion_effort
    return controlled * xp.minimum(share, 1.0) * others(owned) * p.outside_hyperscalers


def step(
    p: Parameters,
    s: State,
    paths: Paths,
    levers: Levers,
    output: Array,
    exportable: Array,
    owned: Array,
    years: Array,
) -> tuple[State, Flows]:
    """Move one step's chips.

    `output` and `exportable` (the part of it that is sold abroad at all) are H100e / year, `owned` is H100e at the
    start of the step, all (3, draws); `years` is the step.
    """
    xp = namespace(output)
    wanted, bought, allowed = legal_shares(p, paths, levers)
    exported = exportable * others(bought)
    # Diverted chips are first sold to buyers outside the hyperscalers, so they come out of what is left.
    kept = exportable - exported
    felt = middle(p, s, years)
    leak = diverted_share(p, felt, levers) * p.outside_hyperscalers
    made = output + (1.0 - p.displacement) * exported
    leaked, legal, diverted = kept * others(leak), others(exportable) * bought, others(kept) * leak
    for_rent = owned + (made - exported - leaked + legal + diverted) * years / 2
    flows = Flows(
        made=made,
        exported=exported,
        leaked=leaked,
        legal=legal,
        diverted=diverted,
        rent_target=rent_target(p, felt, levers, for_rent),
        allowed_performance=allowed,
        premium=1.0 + p.premium_when_closed * felt.unmet,
    )
    unmet = by_bloc(output, CONTROLLED) * xp.where(wanted > 0.0, 1.0 - bought / xp.maximum(wanted, 1e-9), 0.0)
    return State(s.unmet + (unmet - s.unmet) * decay(1.0 / p.premium_delay, years), unmet), flows

"""Responses: how the PRC and the allies answer what others do with their levers.

Six levers respond. PRC support for its chips rises with the tightness of controls; effort at evasion with the closing
of routes to chips; the push for adoption and subsidised exports with the allied programme for each, the more so the
further the PRC is behind; openness to imports with the performance on offer; allied alignment with how firmly the
United States acts. Only changes from the levels of May 2026 are answered, because history already holds what was done
before, and each answer comes late: what a government does in a month moves nobody else in that month.
"""

from typing import NamedTuple, TypeAlias

from fourfronts.model.blocs import PRC
from fourfronts.model.levers import Levers
from fourfronts.model.ops import Array, decay, namespace


class Parameters(NamedTuple):
    """Priors, units and sources are in `responses.yaml`. Shapes: (draws,)."""

    reference_time: Array  # year up to which levels count as history
    # scales of what is denied
    wanted_performance: Array  # TPP of the chips that buyers want
    wanted_share: Array  # share of the sellers' output that buyers want
    caught_per_budget: Array  # Poisson rate per attempt at the 2025 budget
    # strength and delay of each response
    chip_support_strength: Array
    chip_support_delay: Array  # year
    evasion_strength: Array
    evasion_delay: Array  # year
    import_openness_strength: Array
    import_openness_delay: Array  # year
    ai_plus_strength: Array
    ai_plus_delay: Array  # year
    export_subsidy_strength: Array
    export_subsidy_delay: Array  # year
    alignment_strength: Array
    alignment_delay: Array  # year
    # what shapes them
    easing_share: Array  # share of a state programme's response that easing undoes
    lead_weight: Array  # how much of a rival programme's response depends on the lead
    usual_lag: Array  # month


class Responding(NamedTuple):
    """One array for each lever that responds."""

    allied_alignment: Array
    prc_chip_support: Array
    prc_import_openness: Array
    prc_evasion_effort: Array
    prc_ai_plus_push: Array
    prc_export_subsidy: Array


Free: TypeAlias = Responding
"""1 where a lever is free to respond in this step, 0 where the user fixed it. Shapes: ()."""

Ranges: TypeAlias = Responding
"""Lowest and highest level of each lever. Shapes: (2,)."""


class State(NamedTuple):
    """Causes in force at the reference, and their changes since as they are felt by now. Shapes: (draws,)."""

    reference: Responding
    felt: Responding


def start(p: Parameters) -> State:
    """Nothing to respond to before the reference."""
    xp = namespace(p.reference_time)
    nothing = Responding(*(xp.zeros_like(p.reference_time) for _ in Responding._fields))
    return State(reference=nothing, felt=nothing)


def performance_offered(p: Parameters, levers: Levers) -> Array:
    """Performance of the best chip licensed over that of the chips that buyers want, at most 1."""
    xp = namespace(p.wanted_performance)
    return xp.minimum(levers.chip_export_ceiling / p.wanted_performance, 1.0)


def chips_denied(p: Parameters, levers: Levers) -> Array:
    """Share of the wanted compute that licences deny, by the ceiling or by the cap, 0 to 1."""
    xp = namespace(p.wanted_share)
    volume = xp.minimum(levers.chip_export_cap / p.wanted_share, 1.0)
    return 1.0 - xp.minimum(performance_offered(p, levers), volume)


def smuggling_checked(p: Parameters, levers: Levers) -> Array:
    """How far checks close smuggling, 0 to 1: money with diminishing returns, and chips that cannot move unnoticed."""
    xp = namespace(p.caught_per_budget)
    unnoticed = xp.exp(-p.caught_per_budget * levers.enforcement_budget)
    return 1.0 - unnoticed * (1.0 - levers.location_verification)


def causes(p: Parameters, levers: Levers) -> Responding:
    """What each response answers, as levels between 0 and 1; tool controls count as far as allies match them."""
    denied = chips_denied(p, levers)
    tools = levers.equipment_controls * levers.allied_alignment
    return Responding(
        allied_alignment=(levers.equipment_controls + levers.hbm_controls) / 2.0,
        prc_chip_support=(tools + levers.hbm_controls + denied) / 3.0,
        prc_import_openness=performance_offered(p, levers),
        # Not the checks at laboratories: closing one route to chips moves effort to the other routes to chips.
        prc_evasion_effort=(denied + levers.remote_access_rule + smuggling_checked(p, levers)) / 3.0,
        prc_ai_plus_push=levers.domestic_adoption_programme,
        prc_export_subsidy=levers.export_finance,
    )


def urgency(p: Parameters, lead_of: Array) -> Array:
    """Factor on the answer to a rival programme: 1 at the usual lag, more further behind, less at parity.

    Shapes: `lead_of` (3, draws), months over the best other bloc, to (draws,).
    """
    xp = namespace(lead_of)
    behind = xp.maximum(-lead_of[PRC], 0.0)
    return 1.0 + p.lead_weight * (2.0 * behind / (behind + p.usual_lag) - 1.0)


def strengths(p: Parameters, lead_of: Array) -> Responding:
    """Change of each lever, in its own unit, for a cause that has gone from 0 to 1 and is fully felt."""
    urgent = urgency(p, lead_of)
    return Responding(
        allied_alignment=p.alignment_strength,
        prc_chip_support=p.chip_support_strength,
        prc_import_openness=p.import_openness_strength,
        prc_evasion_effort=p.evasion_strength,
        prc_ai_plus_push=p.ai_plus_strength * urgent,
        prc_export_subsidy=p.export_subsidy_strength * urgent,
    )


def delays(p: Parameters) -> Responding:
    """Time in which 63% of a lasting change is felt, year."""
    return Responding(
        allied_alignment=p.alignment_delay,
        prc_chip_support=p.chip_support_delay,
        prc_import_openness=p.import_openness_delay,
        prc_evasion_effort=p.evasion_delay,
        prc_ai_plus_push=p.ai_plus_delay,
        prc_export_subsidy=p.export_subsidy_delay,
    )


def changes(p: Parameters, now: Responding, reference: Responding) -> Responding:
    """What has changed since the reference; a state programme answers easing with only a share of what it adds."""
    xp = namespace(p.easing_share)
    # A compiler may fuse a product into the difference, which then is a rounding error and not 0 where nothing changed.
    # No guard against that here: it would take the slope away just where a run starts to differ from history.
    moved = Responding(*(new - old for new, old in zip(now, reference, strict=True)))
    sticky = ("prc_chip_support", "prc_ai_plus_push", "prc_export_subsidy")
    eased = {name: xp.minimum(getattr(moved, name), 0.0) * (1.0 - p.easing_share) for name in sticky}
    return moved._replace(**{name: getattr(moved, name) - eased[name] for name in sticky})


def step(
    p: Parameters,
    s: State,
    levers: Levers,
    free: Free,
    ranges: Ranges,
    lead_of: Array,
    time: Array,
    years: Array,
) -> tuple[State, Levers]:
    """Advance by `years` around `time` (year): the new state, and the levels that hold in this step.

    `levers` are the levels that policy sets. A responding lever is moved by what was felt when the step began, so that
    nothing answers a change in the step in which it starts; it stays in its range, and where it is fixed as it is set.
    `lead_of` is (3, draws), months.
    """
    xp = namespace(p.reference_time)
    strength = strengths(p, lead_of)
    moved = {}
    for name in Responding._fields:
        low, high = getattr(ranges, name)
        answer = getattr(free, name) * getattr(strength, name) * getattr(s.felt, name)
        moved[name] = xp.clip(getattr(levers, name) + answer, low, high)
    effective = levers._replace(**moved)
    now = causes(p, effective)
    history = time < p.reference_time
    reference = Responding(*(xp.where(history, new, old) for new, old in zip(now, s.reference, strict=True)))
    change = changes(p, now, reference)
    felt = Responding(
        *(
            so_far + (new - so_far) * decay(1.0 / delay, years)
            for so_far, new, delay in zip(s.felt, change, delays(p), strict=True)
        )
    )
    return State(reference, felt), effective

"""Supply: who can make chips.

A bloc's output is the least of what its market pays for, what its power can host and, where a chip industry is
held back by controls, what its logic (wafers) and memory (HBM) allow. Capital sets the market's path; controls and
domestic effort set the ceilings.
"""

from typing import NamedTuple

from fourfronts.model.blocs import CONTROLLING, PRC
from fourfronts.model.levers import Levers
from fourfronts.model.ops import MONTHS_PER_YEAR, Array, by_bloc, decay, namespace


class Parameters(NamedTuple):
    """Priors, units and sources are in `supply.yaml`. Shapes: (3, draws) where a bloc is meant, else (draws,)."""

    # market path
    output_anchor: Array  # (3,) H100e / year at anchor_time
    anchor_time: Array  # year
    growth_past: Array  # (3,) 1 / year, before the anchor
    growth_today: Array  # (3,) 1 / year, at the anchor
    growth_long_run: Array  # (3,) 1 / year
    growth_settling_time: Array  # year
    # power
    power_additions: Array  # (3,) GW / year at anchor_time
    power_growth: Array  # (3,) 1 / year
    power_overhead: Array  # facility watts over chip watts
    buildout_gain: Array  # share by which a full build-out programme raises power additions
    # constrained chip industry
    ceilings_apply: Array  # (3,) 1 where logic and memory ceilings bind
    wafers_anchor: Array  # wafers / month at wafers_time
    wafers_time: Array  # year
    wafer_growth_past: Array  # 1 / year
    wafer_growth_today: Array  # 1 / year
    ai_wafer_share: Array
    dies_per_wafer: Array
    yield_start: Array
    yield_time: Array  # year from which learning is counted
    yield_limit: Array
    yield_learning: Array  # 1 / year
    roadmap_delivery: Array  # delivered over announced performance
    foreign_dies: Array  # dies obtained from abroad in all
    bank_use_time: Array  # year
    stacks_per_h100e: Array
    domestic_stacks_anchor: Array  # stacks / year at memory_time
    memory_time: Array  # year
    memory_growth: Array  # 1 / year
    hbm_import_demand: Array  # multiple of the recorded import path
    hbm_control_bite: Array
    equipment_control_bite: Array
    equipment_control_reference: Array
    # extreme-ultraviolet lithography (EUV)
    euv_gain: Array  # compute of a wafer's good dies with EUV, over multi-patterned deep ultraviolet
    euv_delay: Array  # year
    home_euv_time: Array  # year
    home_euv_ramp: Array  # year
    # domestic effort
    indigenisation: Array
    indigenisation_delay: Array  # year
    tightness_reference: Array
    support_gain: Array
    support_reference: Array


class Paths(NamedTuple):
    """Dated series that are the same in every future, one value a step."""

    chip_watts_per_h100e: Array  # W / H100e of new chips
    performance_per_die: Array  # H100e / die of the constrained industry's roadmap
    hbm_imports_open: Array  # stacks / year bought while imports were open
    foreign_die_arrivals: Array  # 1 / year, share of `foreign_dies` arriving


class State(NamedTuple):
    """What supply remembers. Shapes: (3, draws) where marked, else (draws,)."""

    log_market: Array  # (3,) log of the market path over its anchor
    log_wafers: Array  # log of wafer capacity over its anchor
    log_domestic_memory: Array  # log of domestic HBM output over its anchor
    chip_yield: Array
    die_bank: Array  # dies
    memory_bank: Array  # stacks
    pressure: Array  # lagged tightness of controls, 0 to 1
    euv_access: Array  # share of leading-edge wafers made with EUV, 0 to 1


class Ceilings(NamedTuple):
    """What could be made in a year, in H100e / year, by limit. Shapes: (3, draws)."""

    market: Array
    power: Array
    logic: Array
    memory: Array
    output: Array


def start(p: Parameters, time: Array) -> State:
    """State at `time` (year). Shapes: parameters as declared, to State."""
    xp = namespace(p.output_anchor)
    nothing = xp.zeros_like(p.foreign_dies)
    return State(
        log_market=-p.growth_past * (p.anchor_time - time),
        log_wafers=-p.wafer_growth_past * (p.wafers_time - time),
        log_domestic_memory=-p.memory_growth * (p.memory_time - time),
        chip_yield=p.yield_start + nothing,
        die_bank=nothing,
        memory_bank=nothing,
        pressure=nothing,
        euv_access=nothing,
    )


def equipment_denial(levers: Levers) -> Array:
    """Share of tools other than EUV, parts and servicing denied in fact: the rule times how far allies match it."""
    return levers.equipment_controls * levers.allied_alignment


def memory_denial(p: Parameters, levers: Levers) -> Array:
    """Share of foreign HBM denied in fact."""
    return p.hbm_control_bite * levers.hbm_controls


def home_euv(p: Parameters, time: Array) -> Array:
    """Share of the EUV tools wanted that the constrained industry makes itself at `time` (year). Shape: (draws,)."""
    xp = namespace(p.home_euv_time)
    grown = xp.clip((time - p.home_euv_time) / p.home_euv_ramp, 0.0, 1.0)
    # Level at both ends: nothing before the first chips, so that history cannot know of them.
    return grown * grown * (3.0 - 2.0 * grown)


def euv_tools(p: Parameters, levers: Levers, time: Array) -> Array:
    """Share of the EUV tools wanted that can be had at `time` (year), bought or home-made, 0 to 1. Shape: (draws,).

    Home-made tools stand in for what is denied; no greater of two, whose slope is undefined under a full denial.
    """
    return 1.0 - levers.euv_controls * (1.0 - home_euv(p, time))


def market_growth(p: Parameters, time: Array) -> Array:
    """Growth of the market path, 1 / year, at `time`: today's rate declines towards the long-run rate."""
    xp = namespace(p.growth_today)
    since = xp.maximum(time - p.anchor_time, 0.0)
    later = p.growth_long_run + (p.growth_today - p.growth_long_run) * xp.exp(-since / p.growth_settling_time)
    return xp.where(time < p.anchor_time, p.growth_past, later)


def capacity_growth(p: Parameters, s: State, levers: Levers) -> tuple[Array, Array]:
    """Multipliers on the growth of wafers, yield and memory: (what equipment denial leaves, what effort adds).

    Both are 1 at the levels that prevailed when the growth rates were observed, so the rates keep their meaning.
    """
    xp = namespace(p.wafer_growth_today)
    reference = 1.0 - p.equipment_control_bite * p.equipment_control_reference
    access = (1.0 - p.equipment_control_bite * equipment_denial(levers)) / reference
    effort = 1.0 + p.indigenisation * (s.pressure - p.tightness_reference)
    effort = effort + p.support_gain * (levers.prc_chip_support - p.support_reference)
    return access, xp.maximum(effort, 0.0)


def ceilings(p: Parameters, s: State, paths: Paths, levers: Levers, time: Array) -> Ceilings:
    """What each limit allows at `time` (year, middle of the step), in H100e / year. Shapes: (3, draws)."""
    xp = namespace(p.output_anchor)
    market = p.output_anchor * xp.exp(s.log_market)
    buildout = 1.0 + p.buildout_gain * levers.power_buildout * by_bloc(p.output_anchor, CONTROLLING)
    gigawatts = p.power_additions * xp.exp(p.power_growth * (time - p.anchor_time)) * buildout
    power = gigawatts * 1e9 / (paths.chip_watts_per_h100e * p.power_overhead)
    per_die = paths.performance_per_die * p.roadmap_delivery
    logic = (domestic_dies(p, s) + s.die_bank / p.bank_use_time) * per_die
    memory = (stacks_arriving(p, s, paths, levers) + s.memory_bank / p.bank_use_time) / p.stacks_per_h100e
    hosted = xp.minimum(market, power)
    held_back = xp.minimum(hosted, xp.minimum(logic, memory))
    output = p.ceilings_apply * held_back + (1.0 - p.ceilings_apply) * hosted
    return Ceilings(market, power, logic, memory, output)


def domestic_dies(p: Parameters, s: State) -> Array:
    """Good AI dies from the bloc's own fabs, dies / year, counted in dies as they are without EUV. Shape: (draws,).

    EUV changes what a wafer yields, not how many there are; dies from abroad gain nothing by it.
    """
    xp = namespace(p.wafers_anchor)
    wafers = p.wafers_anchor * xp.exp(s.log_wafers) * MONTHS_PER_YEAR * p.ai_wafer_share
    with_euv = 1.0 + (p.euv_gain - 1.0) * s.euv_access
    return wafers * p.dies_per_wafer * s.chip_yield * with_euv


def stacks_arriving(p: Parameters, s: State, paths: Paths, levers: Levers) -> Array:
    """HBM stacks made at home and let in from abroad, stacks / year. Shape: (draws,)."""
    xp = namespace(p.domestic_stacks_anchor)
    home = p.domestic_stacks_anchor * xp.exp(s.log_domestic_memory)
    imported = p.hbm_import_demand * paths.hbm_imports_open * (1.0 - memory_denial(p, levers))
    return home + imported


def step(
    p: Parameters, s: State, paths: Paths, levers: Levers, funding: Array, time: Array, years: Array
) -> tuple[State, Ceilings]:
    """Advance supply by `years` around `time` (year, middle of the step): new state, and what was made.

    `funding` (3, draws) is the log of the market over its path: more or less capital than the path takes for granted.
    """
    xp = namespace(p.output_anchor)
    access, effort = capacity_growth(p, s, levers)
    market_gain = market_growth(p, time) * years
    wafer_growth = xp.where(time < p.wafers_time, p.wafer_growth_past, p.wafer_growth_today * access * effort)
    memory_gain = p.memory_growth * xp.where(time < p.memory_time, 1.0, access * effort) * years
    learning = xp.where(time < p.yield_time, 0.0, p.yield_learning * access)
    yield_gain = xp.maximum(p.yield_limit - s.chip_yield, 0.0) * decay(learning, years)
    euv_change = (euv_tools(p, levers, time) - s.euv_access) * decay(1.0 / p.euv_delay, years)
    middle = s._replace(
        log_market=s.log_market + market_gain / 2 + funding,
        log_wafers=s.log_wafers + wafer_growth * years / 2,
        log_domestic_memory=s.log_domestic_memory + memory_gain / 2,
        chip_yield=s.chip_yield + yield_gain / 2,
        euv_access=s.euv_access + euv_change / 2,
    )
    # A stockpile binds only when it is drawn at its fastest, so that is how each stands in the middle of the step.
    drawn = decay(1.0 / p.bank_use_time, years / 2)
    arrived = p.foreign_dies * paths.foreign_die_arrivals * years / 2
    banks = {"die_bank": s.die_bank * (1.0 - drawn) + arrived, "memory_bank": s.memory_bank * (1.0 - drawn)}
    made = ceilings(p, middle._replace(**banks), paths, levers, time)
    die_bank, memory_bank = banks_after(p, middle, paths, levers, made.output[PRC], years)
    after = State(
        log_market=s.log_market + market_gain,
        log_wafers=s.log_wafers + wafer_growth * years,
        log_domestic_memory=s.log_domestic_memory + memory_gain,
        chip_yield=s.chip_yield + yield_gain,
        die_bank=die_bank,
        memory_bank=memory_bank,
        pressure=s.pressure + (tightness(p, levers) - s.pressure) * decay(1.0 / p.indigenisation_delay, years),
        euv_access=s.euv_access + euv_change,
    )
    return after, made


def tightness(p: Parameters, levers: Levers) -> Array:
    """How hard controls press on the constrained industry, 0 to 1: the mean of tool and memory denial.

    Without EUV, which was denied throughout the years in which growth under controls was observed.
    """
    return 0.5 * (equipment_denial(levers) + memory_denial(p, levers))


def banks_after(
    p: Parameters, s: State, paths: Paths, levers: Levers, output: Array, years: Array
) -> tuple[Array, Array]:
    """Stockpiles of foreign dies and of HBM stacks after making `output` (H100e / year) for `years`; never negative."""
    xp = namespace(output)
    dies_used = output / (paths.performance_per_die * p.roadmap_delivery)
    dies_drawn = xp.maximum(dies_used - domestic_dies(p, s), 0.0)
    dies = s.die_bank + (p.foreign_dies * paths.foreign_die_arrivals - dies_drawn) * years
    stacks = s.memory_bank + (stacks_arriving(p, s, paths, levers) - output * p.stacks_per_h100e) * years
    return xp.maximum(dies, 0.0), xp.maximum(stacks, 0.0)

"""One month of the world: the mechanisms in causal order, and what is recorded of them.

Adding a mechanism is one file and its lines here: a field in the records below and its place in `step`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from fourfronts.model import access, intelligence, stocks, supply
from fourfronts.model.blocs import ALLIED, PRC
from fourfronts.model.lead import Each, lead_months
from fourfronts.model.levers import Levers
from fourfronts.model.ops import Array, namespace


class Parameters(NamedTuple):
    """Parameters of every mechanism."""

    supply: supply.Parameters
    access: access.Parameters
    stocks: stocks.Parameters
    intelligence: intelligence.Parameters


class Paths(NamedTuple):
    """Dated series of every mechanism, one value a step."""

    supply: supply.Paths
    access: access.Paths
    stocks: stocks.Paths


class Inputs(NamedTuple):
    """What drives the world from outside. Every array has the step as its first axis: (steps,)."""

    time: Array  # year, middle of the step
    since_start: Array  # years from the first step's start to the middle of the step
    years: Array  # length of the step
    levers: Levers
    paths: Paths


class State(NamedTuple):
    """State of every mechanism, and the chips made so far (ledger, bloc, draws) for the books to balance."""

    supply: supply.State
    access: access.State
    stocks: stocks.State
    intelligence: intelligence.State
    made: Array


class Mechanisms(NamedTuple):
    """The function that advances each mechanism by a step. Replace one to test another view of how the world works."""

    supply: Callable[..., Any] = supply.step
    access: Callable[..., Any] = access.step
    stocks: Callable[..., Any] = stocks.step
    intelligence: Callable[..., Any] = intelligence.step


AS_SHIPPED = Mechanisms()


class Outputs(NamedTuple):
    """What one step records, stocks at its end. Leading axis is the step once a driver has stacked them."""

    capability: Array  # (bloc, draws) ECI, internal
    released: Array  # (bloc, draws) ECI
    stock: Array  # (channel, ledger, bloc, draws): domestic, legal, diverted, rented
    leased_out: Array  # (ledger, bloc, draws)
    usable: Array  # (ledger, bloc, draws)
    acquired: Array  # (channel, ledger, bloc, draws) a year: domestic, legal, diverted
    leased: Array  # (bloc, draws) H100e / year, net new renting
    retired: Array  # (ledger, bloc, draws) so far, written-off chips included
    made: Array  # (ledger, bloc, draws) so far, by first owner
    output: Array  # (bloc, draws) H100e / year
    limits: Array  # (limit, bloc, draws) H100e / year: market, power, logic, memory
    premium: Array  # (bloc, draws)
    largest_run: Array  # (bloc, draws) log10 FLOP
    gains: Array  # (source, bloc, draws) ECI / year: compute, research, open, distilled, stolen
    ai_multiplier: Array  # (bloc, draws)
    tokens_harvested: Array  # (bloc, draws) a year


LIMITS = ("market", "power", "logic", "memory")
SOURCES_OF_GROWTH = ("compute", "research", "open", "distilled", "stolen")


def at(inputs: Inputs, index: int) -> Inputs:
    """The inputs of one step."""
    levers = Levers(*(level[index] for level in inputs.levers))
    paths = Paths(
        supply.Paths(*(series[index] for series in inputs.paths.supply)),
        access.Paths(*(series[index] for series in inputs.paths.access)),
        stocks.Paths(*(series[index] for series in inputs.paths.stocks)),
    )
    return Inputs(inputs.time[index], inputs.since_start[index], inputs.years[index], levers, paths)


def start(p: Parameters, first: Inputs) -> State:
    """State at the beginning of the first step."""
    time = first.time - first.years / 2
    chips = supply.start(p.supply, time)
    output = supply.ceilings(p.supply, chips, first.paths.supply, first.levers, time).output
    appetite = p.access.import_appetite
    fleet = stocks.start(first.paths.stocks, output, p.supply.growth_past, appetite)
    usable = stocks.use(p.stocks, fleet).usable[0]
    minds = intelligence.start(p.intelligence, usable, p.supply.growth_past[ALLIED], time)
    return State(chips, access.start(p.access), fleet, minds, stocks.owned(fleet))


def step(p: Parameters, s: State, now: Inputs, mechanisms: Mechanisms = AS_SHIPPED) -> tuple[State, Outputs]:
    """Advance the world by one step: supply, access, stocks, intelligence."""
    levers, paths, years = now.levers, now.paths, now.years
    chips, made = mechanisms.supply(p.supply, s.supply, paths.supply, levers, now.time, years)
    # A maker under ceilings keeps what it makes.
    exportable = made.output * (1.0 - p.supply.ceilings_apply)
    held = stocks.owned(s.stocks)[0]
    trade, flows = mechanisms.access(p.access, s.access, paths.access, levers, made.output, exportable, held, years)
    joining = stocks.acquisitions(p.stocks, paths.stocks, flows, p.supply.ceilings_apply)
    fleet = mechanisms.stocks(p.stocks, s.stocks, joining, flows.rent_target, p.access.rent_adjustment_time, years)
    use = stocks.use(p.stocks, fleet)
    minds, gains = mechanisms.intelligence(
        p.intelligence, s.intelligence, levers, use.usable[0], now.time, now.since_start, years
    )
    after = State(chips, trade, fleet, minds, s.made + (joining[0] + joining[1] + joining[2]) * years)
    # Not the difference of two stocks, in which single precision loses what is small.
    leased = stocks.leased(s.stocks, flows.rent_target, p.access.rent_adjustment_time, years) / years
    return after, record(after, made, flows, joining, leased, use, gains)


def record(
    s: State,
    made: supply.Ceilings,
    flows: access.Flows,
    joining: tuple[Array, Array, Array],
    leased: Array,
    use: stocks.Use,
    gains: intelligence.Gains,
) -> Outputs:
    """Gather what a step shows."""
    xp = namespace(use.usable)
    return Outputs(
        capability=s.intelligence.capability,
        released=s.intelligence.released,
        stock=xp.stack([s.stocks.domestic, s.stocks.legal, s.stocks.diverted, use.rented]),
        leased_out=use.leased_out,
        usable=use.usable,
        acquired=xp.stack(joining),
        leased=leased,
        retired=s.stocks.retired + s.stocks.written_off,
        made=s.made,
        output=made.output,
        limits=xp.stack([made.market, made.power, made.logic + 0 * made.market, made.memory + 0 * made.market]),
        premium=flows.premium,
        largest_run=s.intelligence.largest_run,
        gains=xp.stack([gains.compute, gains.research, gains.open, gains.distilled, gains.stolen]),
        ai_multiplier=gains.ai_multiplier,
        tokens_harvested=gains.tokens_harvested,
    )


def lead(p: Parameters, capability: Array, months: Array, each: Each) -> Array:
    """Lead of the allied over the PRC bloc, in months, at chosen months.

    Shapes: `capability` (all months, bloc, draws) ECI, released or internal; `months` (dates,) its rows. Returns
    (dates, draws), negative where the PRC leads.
    """
    speed = intelligence.speed_at_start(p.intelligence, p.supply.growth_past[ALLIED])
    return lead_months(capability[:, ALLIED], capability[:, PRC], months, speed, each)

"""One month of the world: the mechanisms in causal order, and how each moves the next.

Adding a mechanism is one file and its lines here: a field in each record below and its place in a step. How strongly
one front moves another is a coupling (`couplings.py`).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from fourfronts.model import (
    access,
    adoption,
    couplings,
    distribution,
    intelligence,
    recorded,
    resilience,
    responses,
    revenue,
    safety,
    security,
    stocks,
    supply,
    talent,
)
from fourfronts.model.blocs import ALLIED, PRC
from fourfronts.model.lead import Each, lead_months, paced, running_lead
from fourfronts.model.levers import Levers
from fourfronts.model.ops import Array
from fourfronts.model.recorded import LIMITS, SOURCES_OF_GROWTH, Outputs

__all__ = [
    "AS_SHIPPED",
    "LIMITS",
    "SOURCES_OF_GROWTH",
    "Inputs",
    "Mechanisms",
    "Outputs",
    "Parameters",
    "Paths",
    "State",
]


class Parameters(NamedTuple):
    """Parameters of every mechanism."""

    supply: supply.Parameters
    access: access.Parameters
    stocks: stocks.Parameters
    intelligence: intelligence.Parameters
    talent: talent.Parameters
    adoption: adoption.Parameters
    distribution: distribution.Parameters
    resilience: resilience.Parameters
    revenue: revenue.Parameters
    safety: safety.Parameters
    security: security.Parameters
    responses: responses.Parameters
    couplings: couplings.Parameters


class Paths(NamedTuple):
    """Dated series of every mechanism, one value a step."""

    supply: supply.Paths
    access: access.Paths
    stocks: stocks.Paths
    distribution: distribution.Paths


class Inputs(NamedTuple):
    """What drives the world from outside. Every array has the step as its first axis: (steps,)."""

    time: Array  # year, middle of the step
    since_start: Array  # years from the first step's start to the middle of the step
    years: Array  # length of the step; all steps are of the same length
    levers: Levers
    free: responses.Free
    ranges: responses.Ranges  # (steps, 2)
    paths: Paths


class State(NamedTuple):
    """State of every mechanism, the chips made so far (ledger, bloc, draws) for the books to balance, and the pace."""

    supply: supply.State
    access: access.State
    stocks: stocks.State
    intelligence: intelligence.State
    talent: talent.State
    adoption: adoption.State
    distribution: distribution.State
    resilience: resilience.State
    revenue: revenue.State
    safety: safety.State
    security: security.State
    responses: responses.State
    made: Array
    pace: Array  # (draws,) ECI / year of the released frontier, averaged over the last year


class Mechanisms(NamedTuple):
    """The function that advances each mechanism by a step. Replace one to test another view of how the world works."""

    responses: Callable[..., Any] = responses.step
    supply: Callable[..., Any] = supply.step
    access: Callable[..., Any] = access.step
    stocks: Callable[..., Any] = stocks.step
    talent: Callable[..., Any] = talent.step
    intelligence: Callable[..., Any] = intelligence.step
    adoption: Callable[..., Any] = adoption.step
    resilience: Callable[..., Any] = resilience.step
    distribution: Callable[..., Any] = distribution.step
    revenue: Callable[..., Any] = revenue.step
    safety: Callable[..., Any] = safety.step
    security: Callable[..., Any] = security.step


AS_SHIPPED = Mechanisms()


class Chips(NamedTuple):
    """A step of the compute front: its state, and what other fronts need of it."""

    supply: supply.State
    access: access.State
    stocks: stocks.State
    made: Array
    use: stocks.Use
    added: Array  # (3, draws) H100e / year that joined each bloc's stock


class Minds(NamedTuple):
    """A step of the intelligence front."""

    intelligence: intelligence.State
    talent: talent.State
    pace: Array


class Fronts(NamedTuple):
    """A step of the fronts that intelligence and compute drive."""

    adoption: adoption.State
    distribution: distribution.State
    resilience: resilience.State
    revenue: revenue.State
    safety: safety.State
    security: security.State


def at(inputs: Inputs, index: int) -> Inputs:
    """The inputs of one step."""

    def cut(record: Any) -> Any:
        return type(record)(*(cut(each) if isinstance(each, tuple) else each[index] for each in record))

    sliced: Inputs = cut(inputs)
    return sliced


def start(p: Parameters, first: Inputs) -> State:
    """State at the beginning of the first step."""
    time = first.time - first.years / 2
    chips = supply.start(p.supply, time)
    output = supply.ceilings(p.supply, chips, first.paths.supply, first.levers, time).output
    appetite = p.access.import_appetite
    fleet = stocks.start(first.paths.stocks, output, p.supply.growth_past, appetite)
    usable = stocks.use(p.stocks, fleet).usable
    minds = intelligence.start(p.intelligence, usable[0], p.supply.growth_past[ALLIED], time)
    pace = intelligence.speed_at_start(p.intelligence, p.supply.growth_past[ALLIED])
    politics = resilience.start(p.resilience)
    work = adoption.start(p.adoption, minds.released, usable[1], politics.index, time)
    quality = p.couplings.intelligence_to_distribution
    market = distribution.start(p.distribution, first.paths.distribution, first.levers, quality, minds.released, time)
    return State(
        supply=chips,
        access=access.start(p.access),
        stocks=fleet,
        intelligence=minds,
        talent=talent.start(running_lead(minds.released, pace)),
        adoption=work,
        distribution=market,
        resilience=politics,
        revenue=revenue.start(work.share, distribution.both(p.distribution, market.wanted)),
        safety=safety.start(p.safety),
        security=security.start(p.security, minds.released, minds.capability, time),
        responses=responses.start(p.responses),
        made=stocks.owned(fleet),
        pace=pace,
    )


def step(p: Parameters, s: State, now: Inputs, mechanisms: Mechanisms = AS_SHIPPED) -> tuple[State, Outputs]:
    """Advance the world by one step: how others answer, chips, minds, then the fronts that these drive."""
    lead_of = running_lead(s.intelligence.released, s.pace)
    answers, levers = mechanisms.responses(
        p.responses, s.responses, now.levers, now.free, now.ranges, lead_of, now.time, now.years
    )
    chips, shown = compute(p, s, now, levers, mechanisms)
    minds, thought = think(p, s, now, levers, lead_of, chips.use.usable[0], mechanisms)
    fronts, followed = spread(p, s, now, levers, chips, minds, mechanisms)
    after = State(
        supply=chips.supply,
        access=chips.access,
        stocks=chips.stocks,
        intelligence=minds.intelligence,
        talent=minds.talent,
        responses=answers,
        made=chips.made,
        pace=minds.pace,
        **fronts._asdict(),
    )
    return after, Outputs(**shown, **thought, **followed, made=chips.made, levers=levers)


def compute(
    p: Parameters, s: State, now: Inputs, levers: Levers, mechanisms: Mechanisms
) -> tuple[Chips, dict[str, Array]]:
    """The compute front: chips are made, move, and join or leave stocks; and what it shows."""
    paths, years = now.paths, now.years
    funding = p.couplings.capital_to_compute * s.revenue.capital_deviation
    chips, made = mechanisms.supply(p.supply, s.supply, paths.supply, levers, funding, now.time, years)
    # A maker under ceilings keeps what it makes.
    exportable = made.output * (1.0 - p.supply.ceilings_apply)
    held = stocks.owned(s.stocks)[0]
    trade, flows = mechanisms.access(p.access, s.access, paths.access, levers, made.output, exportable, held, years)
    joining = stocks.acquisitions(p.stocks, paths.stocks, flows, p.supply.ceilings_apply)
    fleet = mechanisms.stocks(p.stocks, s.stocks, joining, flows.rent_target, p.access.rent_adjustment_time, years)
    use = stocks.use(p.stocks, fleet)
    # Not the difference of two stocks, in which single precision loses what is small.
    leased = stocks.leased(s.stocks, flows.rent_target, p.access.rent_adjustment_time, years) / years
    added = joining[0] + joining[1] + joining[2]
    after = Chips(chips, trade, fleet, s.made + added * years, use, added[0])
    return after, recorded.compute(made, flows, fleet, use, joining, leased)


def think(
    p: Parameters, s: State, now: Inputs, levers: Levers, lead_of: Array, usable: Array, mechanisms: Mechanisms
) -> tuple[Minds, dict[str, Array]]:
    """The intelligence front: researchers move, capability grows; and what it shows."""
    time, years = now.time, now.years
    moving, drawn = mechanisms.talent(p.talent, s.talent, p.couplings.lead_to_talent, lead_of, time, years)
    minds, gains = mechanisms.intelligence(
        p.intelligence, s.intelligence, levers, usable, drawn, time, now.since_start, years
    )
    pace = paced(s.pace, s.intelligence.released, minds.released, years)
    return Minds(minds, moving, pace), recorded.minds(minds, gains) | {"talent": drawn}


def spread(
    p: Parameters, s: State, now: Inputs, levers: Levers, chips: Chips, minds: Minds, mechanisms: Mechanisms
) -> tuple[Fronts, dict[str, Any]]:
    """What capability and compute drive: use at home and abroad, politics, money, safety, security; what they show."""
    m, c, when = mechanisms, p.couplings, (now.time, now.years)
    released, capability = minds.intelligence.released, minds.intelligence.capability
    serving = chips.use.usable[1]
    to_adoption = (c.intelligence_to_adoption, c.compute_to_adoption, c.resilience_to_adoption)
    work, adopted = m.adoption(
        p.adoption, s.adoption, levers, *to_adoption, released, serving, s.resilience.index, *when
    )
    politics, index = m.resilience(p.resilience, s.resilience, levers, c.adoption_to_resilience, adopted.speed, *when)
    to_market = (c.intelligence_to_distribution, c.compute_to_distribution)
    norms = (c.distribution_to_norms, c.norms_to_distribution)
    path = now.paths.distribution
    market, sold = m.distribution(
        p.distribution, s.distribution, path, levers, *to_market, *norms, released, serving, *when
    )
    to_money = (c.adoption_to_revenue, c.distribution_to_revenue, c.revenue_to_capital)
    money, earned = m.revenue(p.revenue, s.revenue, *to_money, adopted.share, sold.total, *when)
    ahead = running_lead(released, minds.pace)
    care, posture = m.safety(p.safety, s.safety, levers, c.lead_to_safety, ahead, *when)
    holes, exposed = m.security(p.security, s.security, levers, c.intelligence_to_security, released, capability, *when)
    shown = {
        "adoption": adopted,
        "distribution": sold,
        "resilience": index,
        "revenue": earned,
        "funding": revenue.funding_ratio(p.revenue, earned.capital, chips.added, now.time),
        "safety": posture,
        "security": exposed,
    }
    return Fronts(work, market, politics, money, care, holes), shown


def lead(p: Parameters, capability: Array, months: Array, each: Each) -> Array:
    """Lead of the allied over the PRC bloc, in months, at chosen months.

    Shapes: `capability` (all months, bloc, draws) ECI, released or internal; `months` (dates,) its rows. Returns
    (dates, draws), negative where the PRC leads.
    """
    speed = intelligence.speed_at_start(p.intelligence, p.supply.growth_past[ALLIED])
    return lead_months(capability[:, ALLIED], capability[:, PRC], months, speed, each)

"""What one month shows: the record that every run reads its outputs from."""

from typing import NamedTuple

from fourfronts.model import access, adoption, distribution, intelligence, revenue, safety, security, stocks, supply
from fourfronts.model.levers import Levers
from fourfronts.model.ops import Array, namespace

LIMITS = ("market", "power", "logic", "memory")
SOURCES_OF_GROWTH = ("compute", "research", "open", "distilled", "stolen")


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
    talent: Array  # (bloc, draws) log of research labour over what it is without moves between blocs
    adoption: adoption.Adoption
    distribution: distribution.Distribution
    resilience: Array  # (bloc, draws) index from 0 to 100
    revenue: revenue.Revenue
    funding: Array  # (bloc, draws) capital over the cost of the leading bloc's new compute
    safety: safety.Safety
    security: security.Security
    levers: Levers  # levels in force, responses included


def compute(
    made: supply.Ceilings,
    flows: access.Flows,
    fleet: stocks.State,
    use: stocks.Use,
    joining: tuple[Array, Array, Array],
    leased: Array,
) -> dict[str, Array]:
    """What a step shows of chips, by the names of `Outputs`."""
    xp = namespace(use.usable)
    nothing = 0.0 * made.market
    return {
        "stock": xp.stack([fleet.domestic, fleet.legal, fleet.diverted, use.rented]),
        "leased_out": use.leased_out,
        "usable": use.usable,
        "acquired": xp.stack(joining),
        "leased": leased,
        "retired": fleet.retired + fleet.written_off,
        "output": made.output,
        "limits": xp.stack([made.market, made.power, made.logic + nothing, made.memory + nothing]),
        "premium": flows.premium,
    }


def minds(s: intelligence.State, gains: intelligence.Gains) -> dict[str, Array]:
    """What a step shows of capability, by the names of `Outputs`."""
    xp = namespace(s.capability)
    return {
        "capability": s.capability,
        "released": s.released,
        "largest_run": s.largest_run,
        "gains": xp.stack([gains.compute, gains.research, gains.open, gains.distilled, gains.stolen]),
        "ai_multiplier": gains.ai_multiplier,
        "tokens_harvested": gains.tokens_harvested,
    }

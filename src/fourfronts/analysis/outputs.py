"""What a run reports: the outputs, their kinds and units, and how they follow from what the model records."""

from typing import Any, NamedTuple

from fourfronts.model import world
from fourfronts.model.blocs import ALLIED, BLOCS, PRC
from fourfronts.model.distribution import LAYERS
from fourfronts.model.lead import Each
from fourfronts.model.ops import Array, namespace
from fourfronts.model.recorded import LIMITS
from fourfronts.model.responses import Responding


class Output(NamedTuple):
    """A reported quantity: the names along its `kind` axis, its unit and a label for people."""

    kinds: tuple[str, ...]
    unit: str
    label: str


RATIO_KINDS = tuple(
    f"{what}_{whose}_{ledger}"
    for what in ("stock", "flow")
    for whose in ("owned", "usable")
    for ledger in ("flops", "bandwidth")
)

OUTPUTS: dict[str, Output] = {
    "lead_months": Output(
        ("released", "internal", "public_benchmarks", "private_benchmarks", "single_benchmark"),
        "months",
        "Lead of the allied over the PRC frontier",
    ),
    "compute_ratio": Output(RATIO_KINDS, "ratio", "Allied over PRC compute"),
    "capability": Output(BLOCS, "ECI", "Best internal model"),
    "capability_released": Output(BLOCS, "ECI", "Best released model"),
    "usable_compute": Output(BLOCS, "H100e", "Usable compute"),
    "owned_compute": Output((*BLOCS, "prc_without_diverted"), "H100e", "Compute owned, before any rent"),
    "chip_output": Output(BLOCS, "H100e / year", "Compute made"),
    "prc_compute": Output(("domestic", "legal", "diverted", "rented"), "H100e", "PRC usable compute by channel"),
    "prc_illicit_share": Output(("diverted", "diverted_and_rented"), "share", "Share of PRC usable compute"),
    "inflow": Output(
        ("domestic", "legal", "diverted", "rented", "distilled"),
        "H100e / year; tokens / year for distilled",
        "Inflows to the PRC by channel",
    ),
    "catch_up": Output(("open", "distilled", "stolen"), "ECI / year", "PRC gains from the leaders by channel"),
    "ai_multiplier": Output(BLOCS, "factor", "AI's factor on research labour"),
    "price_premium": Output(("prc",), "factor", "Price of a smuggled accelerator over list price"),
    "chip_limit": Output(LIMITS, "1 if it binds", "What limits the PRC's chip output"),
    "adoption": Output(BLOCS, "share of GDP", "AI-weighted share of GDP"),
    "adoption_breadth": Output(
        tuple(f"{who}_{bloc}" for who in ("people", "firms") for bloc in BLOCS), "share", "People and firms that use AI"
    ),
    "adoption_depth": Output(BLOCS, "share", "Share of adopters' work done with AI"),
    "work_served": Output(BLOCS, "share", "Share of the wanted AI work that compute serves"),
    "distribution_share": Output(BLOCS, "share", "Supplier of the AI work that the rest of the world buys"),
    "distribution_frontier": Output(BLOCS, "share", "Supplier of its frontier work"),
    "distribution_bulk": Output(BLOCS, "share", "Supplier of its bulk work"),
    "stack_share": Output(
        tuple(f"{layer}_{bloc}" for layer in LAYERS for bloc in BLOCS), "share", "The same work by layer of the stack"
    ),
    "norms_share": Output(BLOCS, "share", "The same work by whose norms it runs under"),
    "resilience": Output(BLOCS, "index, 0 to 100", "Resilience of politics"),
    "exposure": Output(BLOCS, "share", "Software in use with a way in that attackers know"),
    "exposure_months": Output(BLOCS, "months", "Time that a vulnerability stays open once attackers know of it"),
    "vulnerabilities_fixed": Output(BLOCS, "multiple of 2025", "Vulnerabilities fixed in a year"),
    "search_gain": Output(BLOCS, "factor", "AI's factor on defenders' search with the best access"),
    "safety_posture": Output(
        ("compliance_allied", "compliance_prc", "publishing_allied", "publishing_prc", "talks"),
        "share",
        "Malicious requests complied with, laboratories that publish evaluations, room for talks",
    ),
    "revenue": Output(BLOCS, "USD (2025) / year", "AI revenue"),
    "capital": Output(BLOCS, "USD (2025) / year", "AI capital spending"),
    "funding_ratio": Output(BLOCS, "ratio", "AI capital over the cost of the leading bloc's new compute"),
    "talent": Output(BLOCS, "factor", "Research labour over what it is without moves between blocs"),
    "responses": Output(Responding._fields, "level of the lever", "Levers that answer others, as they are in force"),
}


class Observed(NamedTuple):
    """One step of the model, cut down to what the outputs need. Shapes: (..., draws)."""

    capability: Array
    released: Array
    usable: Array
    owned: Array
    output: Array
    channels: Array
    ratios: Array
    inflow: Array
    catch_up: Array
    ai_multiplier: Array
    premium: Array
    limit: Array
    work: Array
    breadth: Array
    sold: Array
    stack: Array
    resilience: Array
    exposed: Array
    posture: Array
    money: Array
    talent: Array
    responses: Array


class History(NamedTuple):
    """What leads are read from, in every month. Shapes: (months, bloc, draws) ECI."""

    capability: Array
    released: Array


def follow(o: world.Outputs) -> History:
    """Cut one step down to what leads are read from; runs inside the drivers' loops."""
    return History(o.capability, o.released)


def observe(p: world.Parameters, o: world.Outputs) -> Observed:
    """Cut one step's outputs down; runs inside the drivers' loops."""
    xp = namespace(o.usable)
    efficiency = p.stocks.software_efficiency
    # Leased-out chips are a claim on all of a bloc's chips, so each channel is scaled by the part still in its use.
    held = o.stock[:3].sum(axis=0)
    in_use = 1.0 - o.leased_out[0, PRC] / xp.maximum(held[0, PRC], 1e-30)
    mine = o.stock[:, 0, PRC]
    channels = xp.stack([mine[0] * efficiency[PRC] * in_use, mine[1] * in_use, mine[2] * in_use, mine[3]])
    bought = o.acquired.sum(axis=0)
    intensity = o.stock[3, 1] / xp.maximum(o.stock[3, 0], 1e-30)
    new_leases = xp.maximum(o.leased, 0.0)
    used = o.acquired[0] * efficiency + o.acquired[1] + o.acquired[2] + xp.stack([new_leases, new_leases * intensity])
    ratios = [ratio(x[ledger]) for x in (held, o.usable, bought, used) for ledger in (0, 1)]
    inflow = [o.acquired[0, 0, PRC], o.acquired[1, 0, PRC], o.acquired[2, 0, PRC], o.leased[PRC]]
    return Observed(
        capability=o.capability,
        released=o.released,
        usable=o.usable[0],
        owned=xp.stack([*(held[0, bloc] for bloc in range(len(BLOCS))), held[0, PRC] - mine[2]]),
        output=o.output,
        channels=channels,
        ratios=xp.stack(ratios),
        inflow=xp.stack([*inflow, o.tokens_harvested[PRC]]),
        catch_up=o.gains[2:, PRC],
        ai_multiplier=o.ai_multiplier,
        premium=o.premium[PRC : PRC + 1],
        limit=xp.where(o.limits[:, PRC] <= o.limits[:, PRC].min(axis=0), 1.0, 0.0),
        **fronts(o),
    )


def fronts(o: world.Outputs) -> dict[str, Array]:
    """What the outputs need of the other fronts. Shapes: (kind, bloc, draws) or (kind, draws)."""
    xp = namespace(o.usable)
    work, sold, holes, care = o.adoption, o.distribution, o.security, o.safety
    level = 0.0 * o.premium[PRC]
    return {
        "work": xp.stack([work.share, work.depth, work.served]),
        "breadth": xp.stack([work.breadth_people, work.breadth_firms]),
        "sold": xp.stack([sold.total, sold.frontier, sold.bulk, sold.norms]),
        "stack": sold.stack,
        "resilience": o.resilience,
        "exposed": xp.stack([holes.exposed_share, holes.exposed_months, holes.fixed, holes.search_gain]),
        "posture": xp.stack(
            [
                care.compliance[ALLIED],
                care.compliance[PRC],
                care.publishing[ALLIED],
                care.publishing[PRC],
                care.room_for_talks,
            ]
        ),
        "money": xp.stack([o.revenue.revenue, o.revenue.capital, o.funding]),
        "talent": o.talent,
        "responses": xp.stack([getattr(o.levers, name) + level for name in Responding._fields]),
    }


def ratio(by_bloc: Array) -> Array:
    """Allied over PRC. Shapes: (bloc, draws) to (draws,)."""
    xp = namespace(by_bloc)
    return by_bloc[ALLIED] / xp.maximum(by_bloc[PRC], 1e-30)


def report(p: world.Parameters, history: History, at: Observed, months: Array, each: Each) -> dict[str, Any]:
    """Every output at the months where `at` was observed, rows `months` of `history`.

    Shapes: (dates, kind, draws), in the order of `OUTPUTS`.
    """
    return {"lead_months": leads(p, history, months, each)} | compute_and_minds(at) | other_fronts(at)


def leads(p: world.Parameters, history: History, months: Array, each: Each) -> Array:
    """The lead, released and internal, and as each kind of measurement shows it. Shape: (dates, kind, draws)."""
    xp = namespace(history.released)
    released = world.lead(p, history.released, months, each)
    readings = p.intelligence
    lead = [
        released,
        world.lead(p, history.capability, months, each),
        released * readings.public_benchmark_reading,
        released * readings.private_benchmark_reading,
        released * readings.single_benchmark_reading,
    ]
    return xp.stack(lead, axis=1)


def compute_and_minds(at: Observed) -> dict[str, Any]:
    """Outputs of the compute and the intelligence front but for leads."""
    xp = namespace(at.usable)
    total = xp.maximum(at.channels.sum(axis=1), 1e-30)
    illicit = xp.stack([at.channels[:, 2], at.channels[:, 2] + at.channels[:, 3]], axis=1) / total[:, None]
    return {
        "compute_ratio": at.ratios,
        "capability": at.capability,
        "capability_released": at.released,
        "usable_compute": at.usable,
        "owned_compute": at.owned,
        "chip_output": at.output,
        "prc_compute": at.channels,
        "prc_illicit_share": illicit,
        "inflow": at.inflow,
        "catch_up": at.catch_up,
        "ai_multiplier": at.ai_multiplier,
        "price_premium": at.premium,
        "chip_limit": at.limit,
    }


def other_fronts(at: Observed) -> dict[str, Any]:
    """Outputs of the fronts that compute and intelligence drive."""
    xp = namespace(at.usable)
    return {
        "adoption": at.work[:, 0],
        "adoption_breadth": by_kind(at.breadth),
        "adoption_depth": at.work[:, 1],
        "work_served": at.work[:, 2],
        "distribution_share": at.sold[:, 0],
        "distribution_frontier": at.sold[:, 1],
        "distribution_bulk": at.sold[:, 2],
        "norms_share": at.sold[:, 3],
        "stack_share": by_kind(at.stack),
        "resilience": at.resilience,
        "exposure": at.exposed[:, 0],
        "exposure_months": at.exposed[:, 1],
        "vulnerabilities_fixed": at.exposed[:, 2],
        "search_gain": at.exposed[:, 3],
        "safety_posture": at.posture,
        "revenue": at.money[:, 0],
        "capital": at.money[:, 1],
        "funding_ratio": at.money[:, 2],
        "talent": xp.exp(at.talent),
        "responses": at.responses,
    }


def by_kind(values: Array) -> Array:
    """One axis of kinds from two. Shapes: (dates, kind, bloc, draws) to (dates, kind x bloc, draws)."""
    dates, kinds, blocs, draws = values.shape
    return values.reshape(dates, kinds * blocs, draws)

"""What a run reports: the outputs, their kinds and units, and how they follow from what the model records."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from fourfronts.model import world
from fourfronts.model.blocs import ALLIED, BLOCS, PRC
from fourfronts.model.distribution import LAYERS
from fourfronts.model.lead import Each
from fourfronts.model.ops import Array, namespace, side_by_side
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
    "largest_run": Output(BLOCS, "log10 FLOP", "Largest training run so far"),
    "usable_compute": Output(BLOCS, "H100e", "Usable compute"),
    "owned_compute": Output((*BLOCS, "prc_without_diverted"), "H100e", "Compute owned, before any rent"),
    "chip_output": Output(BLOCS, "H100e / year", "Compute made"),
    "prc_compute": Output(("domestic", "legal", "diverted", "rented"), "H100e", "PRC usable compute by channel"),
    "prc_owned": Output(("domestic", "legal", "diverted"), "H100e", "PRC-owned compute by channel"),
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


Pieces: TypeAlias = tuple[Array, ...]
"""An output's values along its `kind` axis, in order: each (..., kinds, draws), or (..., draws) for one kind.

Apart, so that they are copied once, to where a run keeps them, and not joined before.
"""


class History(NamedTuple):
    """What leads are read from, in every month. Shapes: (months, 2, draws) ECI, the allied bloc's and the PRC's."""

    capability: Array
    released: Array


def follow(o: world.Outputs) -> History:
    """Cut one step down to what leads are read from; runs inside the drivers' loops."""
    return History(o.capability[: PRC + 1], o.released[: PRC + 1])


def observe(p: world.Parameters, names: Collection[str], o: world.Outputs) -> dict[str, Pieces]:
    """One step's outputs with these `names`, but for leads; runs inside the drivers' loops."""
    seen = compute(p, o) | minds(o) | other_fronts(o)
    return {name: pieces for name, pieces in seen.items() if name in names}


def minds(o: world.Outputs) -> dict[str, Pieces]:
    """Outputs of the intelligence front but for leads."""
    return {
        "capability": (o.capability,),
        "capability_released": (o.released,),
        "largest_run": (o.largest_run,),
        "catch_up": tuple(gain[PRC] for gain in o.gains[2:]),
        "ai_multiplier": (o.ai_multiplier,),
    }


def compute(p: world.Parameters, o: world.Outputs) -> dict[str, Pieces]:
    """Outputs of the compute front."""
    xp = namespace(o.usable)
    held = o.stock[0] + o.stock[1] + o.stock[2]
    channels = in_use_by_channel(p, o, held[0, PRC])
    total = xp.maximum(channels[0] + channels[1] + channels[2] + channels[3], 1e-30)
    limits = o.limits[:, PRC]
    return {
        # The amounts, of which `report` makes ratios: taken apart by bloc inside the compiled months, they are worked
        # out number by number, which took a seventh of the time of all outputs.
        "compute_ratio": (held, o.usable, *added(p, o)),
        "usable_compute": (o.usable[0],),
        "owned_compute": (held[0], held[0, PRC] - o.stock[2, 0, PRC]),
        "chip_output": (o.output,),
        "prc_compute": channels,
        "prc_owned": tuple(channel[0, PRC] for channel in o.stock[:3]),
        "prc_illicit_share": (channels[2] / total, (channels[2] + channels[3]) / total),
        "inflow": (*(bought[0, PRC] for bought in o.acquired), o.leased[PRC], o.tokens_harvested[PRC]),
        "price_premium": (o.premium[PRC],),
        "chip_limit": (xp.where(limits <= limits.min(axis=0), 1.0, 0.0),),
    }


def in_use_by_channel(p: world.Parameters, o: world.Outputs, owned: Array) -> Pieces:
    """The PRC's usable compute by channel, H100e, each (draws,); `owned` is the sum of its own."""
    xp = namespace(owned)
    # Leased-out chips are a claim on all of a bloc's chips, so each channel is scaled by the part still in its use.
    in_use = 1.0 - o.leased_out[0, PRC] / xp.maximum(owned, 1e-30)
    domestic, legal, diverted, rented = (channel[0, PRC] for channel in o.stock)
    return domestic * p.stocks.software_efficiency[PRC] * in_use, legal * in_use, diverted * in_use, rented


def added(p: world.Parameters, o: world.Outputs) -> tuple[Array, Array]:
    """What joined a bloc's chips in a year, and what came into its use. Shapes: (ledger, bloc, draws)."""
    xp = namespace(o.usable)
    domestic, legal, diverted = o.acquired
    new_leases = xp.maximum(o.leased, 0.0)
    intensity = o.stock[3, 1] / xp.maximum(o.stock[3, 0], 1e-30)
    leases = side_by_side(new_leases, new_leases * intensity)
    bought = legal + diverted
    return domestic + bought, domestic * p.stocks.software_efficiency + bought + leases


def ratio(by_bloc: Array) -> Array:
    """Allied over PRC. Shapes: (dates, ledger, bloc, draws) to (dates, ledger, draws)."""
    xp = namespace(by_bloc)
    return by_bloc[:, :, ALLIED] / xp.maximum(by_bloc[:, :, PRC], 1e-30)


def other_fronts(o: world.Outputs) -> dict[str, Pieces]:
    """Outputs of the fronts that compute and intelligence drive."""
    xp = namespace(o.usable)
    work, sold, holes, care = o.adoption, o.distribution, o.security, o.safety
    level = 0.0 * o.premium[PRC]
    return {
        "adoption": (work.share,),
        "adoption_breadth": (work.breadth_people, work.breadth_firms),
        "adoption_depth": (work.depth,),
        "work_served": (work.served,),
        "distribution_share": (sold.total,),
        "distribution_frontier": (sold.frontier,),
        "distribution_bulk": (sold.bulk,),
        "norms_share": (sold.norms,),
        "stack_share": tuple(sold.stack),
        "resilience": (o.resilience,),
        "exposure": (holes.exposed_share,),
        "exposure_months": (holes.exposed_months,),
        "vulnerabilities_fixed": (holes.fixed,),
        "search_gain": (holes.search_gain,),
        "safety_posture": (
            *(care.compliance[bloc] for bloc in (ALLIED, PRC)),
            *(care.publishing[bloc] for bloc in (ALLIED, PRC)),
            care.room_for_talks,
        ),
        "revenue": (o.revenue.revenue,),
        "capital": (o.revenue.capital,),
        "funding_ratio": (o.funding,),
        "talent": (xp.exp(o.talent),),
        "responses": tuple(getattr(o.levers, name) + level for name in Responding._fields),
    }


def report(
    p: world.Parameters, names: Collection[str], history: History, seen: dict[str, Pieces], months: Array, each: Each
) -> dict[str, Pieces]:
    """The outputs `names` at the months where `seen` was observed, rows `months` of `history`, in order of `OUTPUTS`.

    Pieces are (dates, ..., draws).
    """
    made: dict[str, Callable[[], Pieces]] = {
        "lead_months": lambda: leads(p, history, months, each),
        "compute_ratio": lambda: tuple(map(ratio, seen["compute_ratio"])),
    }
    return {name: made[name]() if name in made else seen[name] for name in OUTPUTS if name in names}


def finite(reported: dict[str, Pieces]) -> Array:
    """Whether every number of a future is finite. Shape: (draws,)."""
    nothing = [0.0 * piece for pieces in reported.values() for piece in pieces]
    total: Any = sum(piece.sum(axis=tuple(range(piece.ndim - 1))) for piece in nothing)
    return total == 0.0


def whole(pieces: Pieces) -> Any:
    """The pieces of an output as one NumPy array, (dates, kind, draws)."""
    return np.concatenate([in_kinds(np.asarray(piece)) for piece in pieces], axis=1)


def in_kinds(piece: Any) -> Any:
    """A piece with its axis of kinds: (dates, draws) to (dates, 1, draws), others as they are."""
    return piece[:, None] if piece.ndim == 2 else piece


def leads(p: world.Parameters, history: History, months: Array, each: Each) -> Pieces:
    """The lead, released and internal, and as each kind of measurement shows it. Shapes: (dates, draws)."""
    released = world.lead(p, history.released, months, each)
    readings = p.intelligence
    return (
        released,
        world.lead(p, history.capability, months, each),
        released * readings.public_benchmark_reading,
        released * readings.private_benchmark_reading,
        released * readings.single_benchmark_reading,
    )

"""What a run reports: the outputs, their kinds and units, and how they follow from what the model records."""

from typing import Any, NamedTuple

from fourfronts.model import world
from fourfronts.model.blocs import ALLIED, BLOCS, PRC
from fourfronts.model.lead import Each
from fourfronts.model.ops import Array, namespace


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
    )


def ratio(by_bloc: Array) -> Array:
    """Allied over PRC. Shapes: (bloc, draws) to (draws,)."""
    xp = namespace(by_bloc)
    return by_bloc[ALLIED] / xp.maximum(by_bloc[PRC], 1e-30)


def report(p: world.Parameters, history: History, at: Observed, months: Array, each: Each) -> dict[str, Any]:
    """Every output at the months where `at` was observed, rows `months` of `history`.

    Shapes: (dates, kind, draws), in the order of `OUTPUTS`.
    """
    xp = namespace(at.usable)
    released = world.lead(p, history.released, months, each)
    readings = p.intelligence
    lead = [
        released,
        world.lead(p, history.capability, months, each),
        released * readings.public_benchmark_reading,
        released * readings.private_benchmark_reading,
        released * readings.single_benchmark_reading,
    ]
    total = xp.maximum(at.channels.sum(axis=1), 1e-30)
    illicit = xp.stack([at.channels[:, 2], at.channels[:, 2] + at.channels[:, 3]], axis=1) / total[:, None]
    return {
        "lead_months": xp.stack(lead, axis=1),
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
    }

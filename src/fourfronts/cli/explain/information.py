"""`fourfronts explain information`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fourfronts.cli.explain.common import about, answered, asked, asked_about, futures, options, several_packages
from fourfronts.cli.run import Say
from fourfronts.errors import InputError

if TYPE_CHECKING:
    from fourfronts.analysis.explain.finding import Finding
    from fourfronts.analysis.explain.information.instruments import Instrument
    from fourfronts.analysis.explain.outcome import Outcome
    from fourfronts.cli.plan import Plan

PACKAGES = ("drift", "hold", "close_loopholes", "defend_models", "champion_exports")
OUTCOMES = ("lead_months[released]", "commanding-lead")
DRAWS, LEAST = 4096, 256
CAMPAIGNS, SITES = 20, 100


@click.command()
@several_packages("A package that may be chosen", *PACKAGES)
@asked_about(*OUTCOMES)
@click.option(
    "--price",
    type=click.FloatRange(min=0),
    metavar="NUMBER",
    help="What a lever moved in full costs, in the unit of the one outcome asked about. [default: the hardest]",
)
@click.option(
    "--campaigns",
    type=click.IntRange(1),
    default=CAMPAIGNS,
    show_default=True,
    help="Of a year's distillation figures.",
)
@click.option(
    "--sites", type=click.IntRange(1), default=SITES, show_default=True, help="Of a year's custody reconciliation."
)
@futures(DRAWS)
@options
def information(out: Path | None, as_json: bool, **given: Any) -> None:
    """Which uncertainty is worth measuring before a package is chosen, and what two instruments could add."""
    answered(answer, out, as_json=as_json, **given)


def answer(
    say: Say,
    *,
    packages: Sequence[str],
    outcomes: Sequence[str],
    price: float | None,
    campaigns: int,
    sites: int,
    at: str,
    **given: Any,
) -> "Finding":
    """The finding. Raises InputError for what cannot be asked."""
    from fourfronts.analysis.explain.information.instruments import instruments
    from fourfronts.analysis.explain.information.question import independent

    wanted, several = asked(at, packages or PACKAGES, outcomes or OUTCOMES, **given)
    wanted = replace(wanted, draws=independent(wanted.registry, wanted.draws))
    check(wanted, several, price)
    tools = instruments({"distillation_figures": campaigns, "custody_reconciliation": sites})
    return _found(wanted, several, tools, about(wanted, several, price=price, campaigns=campaigns, sites=sites), say)


def check(wanted: "Plan", several: "Sequence[Outcome]", price: float | None) -> None:
    """Raise InputError for what can be seen to be wrong before anything is computed."""
    if len(wanted.packages) < 2:
        raise InputError(f"only {wanted.packages[0].name} to choose from; accepted: two packages or more")
    if wanted.draws < LEAST:
        raise InputError(f"draws {wanted.draws} are too few to tell parameters from chance; accepted: {LEAST} or more")
    if price is not None and len(several) > 1:
        names = ", ".join(each.name for each in several)
        raise InputError(
            f"price {price:g} for {names}, which have units of their own; accepted: a price of one --outcome"
        )


def _found(
    wanted: "Plan", several: "Sequence[Outcome]", tools: "Sequence[Instrument]", asked_for: dict[str, Any], say: Say
) -> "Finding":
    from fourfronts.analysis.explain.across import gather
    from fourfronts.analysis.explain.information.question import choices
    from fourfronts.analysis.explain.information.question import information as found
    from fourfronts.analysis.explain.outcome import HEADLINE, needed
    from fourfronts.analysis.explain.outcome import outcomes as parsed

    # The outputs of the other commands as well, whose compiled code is then at hand.
    outputs, _ = needed(parsed(HEADLINE))
    say("the futures of each package")
    view = {wanted.view.name: (wanted.view.label, wanted.registry)}
    common: dict[str, Any] = {"settings": wanted.settings, "draws": wanted.draws, "seed": wanted.seed}
    futures_of = gather(view, wanted.packages, several, outputs=outputs, **common)
    several_choices, drawn, left_out = choices(futures_of, wanted.registry, wanted.seed)
    return found(
        several_choices,
        drawn,
        wanted.registry,
        tools,
        asked_for | {"left_out": left_out},
        price=asked_for["price"],
        seed=wanted.seed,
        progress=lambda done, of: say(f"{done} of {of} regressions"),
    )

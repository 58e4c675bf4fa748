"""`fourfronts explain timing`."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fourfronts.cli.explain.common import HEADLINE, about, answered, asked, asked_about, futures, options
from fourfronts.cli.run import Say

if TYPE_CHECKING:
    from fourfronts.analysis.explain.finding import Finding

OUTCOMES = ("lead_months[released]", "commanding-lead", "neck-and-neck")
FIRST, LAST, EVERY = "2026-07", "2028-07", 3


@click.command()
@click.option("--package", default="hold", show_default=True, metavar="NAME|FILE", help="What is begun.")
@click.option("--first", default=FIRST, show_default=True, metavar="YYYY-MM", help="First month in which it begins.")
@click.option("--last", default=LAST, show_default=True, metavar="YYYY-MM", help="Last month in which it begins.")
@click.option("--every", type=int, default=EVERY, show_default=True, metavar="MONTHS", help="Months between starts.")
@click.option(
    "--threshold",
    type=float,
    metavar="PROBABILITY",
    help="Probability of the first scenario asked about that should still be reached."
    " [default: halfway between drift and the first start]",
)
@asked_about(*OUTCOMES)
@futures()
@options
def timing(out: Path | None, as_json: bool, **given: Any) -> None:
    """What it is worth to begin a package earlier, and until when it serves.

    All its changes move together, so that the first of them starts in each of the months.
    """
    answered(answer, out, as_json=as_json, **given)


def answer(
    say: Say,
    *,
    package: str,
    first: str,
    last: str,
    every: int,
    threshold: float | None,
    outcomes: Sequence[str],
    at: str,
    **given: Any,
) -> "Finding":
    """The finding. Raises InputError for what cannot be asked."""
    from fourfronts.analysis.ensemble import run_ensemble
    from fourfronts.analysis.explain.outcome import needed
    from fourfronts.analysis.explain.outcome import outcomes as parsed
    from fourfronts.analysis.explain.timing.question import start_dates
    from fourfronts.analysis.explain.timing.question import timing as found
    from fourfronts.policy.grid import parse_month

    wanted, several = asked(at, (package,), outcomes or OUTCOMES, **given)
    # The outputs of the other commands as well, whose compiled code is then at hand.
    (read, until), (outputs, _) = needed(several), needed(parsed(HEADLINE))
    starts = start_dates(parse_month(first, "first"), parse_month(last, "last"), every, until)
    return found(
        wanted.packages[0],
        starts,
        several,
        partial(run_ensemble, outputs={*read, *outputs}, monthly=0, **wanted.arguments()),
        about(wanted, several, starts=[str(start) for start in starts], threshold=threshold),
        draws=wanted.draws,
        threshold=threshold,
        seed=wanted.seed,
        progress=lambda done, of: say(f"{done} of {of} starts"),
    )

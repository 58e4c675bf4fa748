"""`fourfronts explain compare`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fourfronts.cli.explain.common import (
    HEADLINE,
    about,
    answered,
    asked,
    asked_about,
    futures,
    options,
    several_packages,
)
from fourfronts.cli.run import Say

if TYPE_CHECKING:
    from fourfronts.analysis.explain.finding import Finding

BASELINE = "drift"
OTHERS = ("hold", "loosen", "none")


@click.command()
@click.option("--baseline", default=BASELINE, show_default=True, metavar="NAME|FILE", help="What others are held to.")
@several_packages("A package, a lever's name or your own file", *OTHERS)
@asked_about(*HEADLINE)
@futures()
@options
def compare(out: Path | None, as_json: bool, **given: Any) -> None:
    """What one package changes against another, in the same futures."""
    answered(answer, out, as_json=as_json, **given)


def answer(
    say: Say, *, baseline: str, packages: Sequence[str], outcomes: Sequence[str], at: str, **given: Any
) -> "Finding":
    """The finding. Raises InputError for what cannot be asked."""
    from fourfronts.analysis.ensemble import run_ensemble
    from fourfronts.analysis.explain.compare import compare as found
    from fourfronts.analysis.explain.outcome import needed

    wanted, several = asked(at, (baseline, *(packages or OTHERS)), outcomes or HEADLINE, **given)
    outputs, _ = needed(several)
    ensembles = run_ensemble(
        wanted.packages,
        outputs=outputs,
        progress=lambda done: say(f"{done:,} of {wanted.draws:,} futures"),
        **wanted.arguments(),
    )
    return found(ensembles, wanted.packages[0].name, several, about(wanted, several))

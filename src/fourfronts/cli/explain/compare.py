"""`fourfronts explain compare`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from fourfronts.cli.explain.common import HEADLINE, about, asked, asked_about, futures, options, ready, show
from fourfronts.cli.run import progress

BASELINE = "drift"
OTHERS = ("hold", "loosen", "none")


@click.command()
@click.option("--baseline", default=BASELINE, show_default=True, metavar="NAME|FILE", help="What others are held to.")
@click.option(
    "--package",
    "packages",
    multiple=True,
    metavar="NAME|FILE",
    help=f"A package, a lever's name or your own file; may be repeated. [default: {', '.join(OTHERS)}]",
)
@asked_about(*HEADLINE)
@futures()
@options
def compare(
    baseline: str,
    packages: Sequence[str],
    outcomes: Sequence[str],
    at: str,
    out: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """What one package changes against another, in the same futures."""
    from fourfronts.analysis.ensemble import run_ensemble
    from fourfronts.analysis.explain.compare import compare as found
    from fourfronts.analysis.explain.outcome import needed
    from fourfronts.report.explain.compare import plate

    wanted, several = asked(at, (baseline, *(packages or OTHERS)), outcomes or HEADLINE, **given)
    ready(out)
    outputs, _ = needed(several)
    with progress() as say:
        ensembles = run_ensemble(
            wanted.packages,
            outputs=outputs,
            progress=lambda done: say(f"{done:,} of {wanted.draws:,} futures"),
            **wanted.arguments(),
        )
    finding = found(ensembles, wanted.packages[0].name, several, about(wanted, several))
    show(finding, plate, out, as_json=as_json)

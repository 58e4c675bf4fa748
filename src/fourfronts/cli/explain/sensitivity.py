"""`fourfronts explain sensitivity`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fourfronts.cli.explain.common import about, answered, asked, needs, options
from fourfronts.cli.run import Say
from fourfronts.errors import InputError

if TYPE_CHECKING:
    from fourfronts.analysis.explain.finding import Finding

PACKAGE, OUTCOME = "drift", "lead_months[released]"
BASE = 1024
METHODS = ("sobol", "groups", "morris", "gradients")


@click.command()
@click.option("--package", default=PACKAGE, show_default=True, metavar="NAME|FILE", help="The package in force.")
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    metavar="NAME",
    help="What is asked about, one thing: OUTPUT[KIND], a scenario, a front, or the file of your own scenario."
    f" [default: {OUTCOME}]",
)
@click.option(
    "--base",
    type=int,
    default=BASE,
    show_default=True,
    metavar="N",
    help="Base samples of Sobol indices, a power of two; N futures are run for each parameter.",
)
@click.option(
    "--only",
    "methods",
    multiple=True,
    type=click.Choice(METHODS),
    help="A method that is wanted; may be repeated. [default: all]",
)
@options
def sensitivity(out: Path | None, as_json: bool, **given: Any) -> None:
    """Which parameters an outcome depends on.

    Sobol indices of every parameter and of groups of them by mechanism, Morris's screening, and slopes averaged over
    futures; and whether the three agree.
    """
    answered(answer, out, as_json=as_json, **given)


def answer(
    say: Say,
    *,
    package: str,
    outcomes: Sequence[str],
    base: int,
    methods: Sequence[str],
    at: str,
    **given: Any,
) -> "Finding":
    """The finding. Raises InputError for what cannot be asked."""
    if len(outcomes) > 1:
        raise InputError(f"outcomes {', '.join(outcomes)}; accepted: one")
    needs("explain", "SALib")
    from fourfronts.analysis.ensemble import run_ensemble
    from fourfronts.analysis.explain.outcome import needed
    from fourfronts.analysis.explain.sensitivity.inputs import simulator
    from fourfronts.analysis.explain.sensitivity.question import futures_needed
    from fourfronts.analysis.explain.sensitivity.question import sensitivity as found

    wanted, (outcome,) = asked(at, (package,), outcomes or (OUTCOME,), **given)
    (chosen,), known, chosen_methods = wanted.packages, wanted.registry, methods or METHODS
    outputs, _ = needed([outcome])
    model = simulator(
        outcome,
        chosen,
        known,
        wanted.settings,
        progress=lambda done: say(f"{done:,} of {total:,} futures"),
    )
    total = futures_needed(model, base, chosen_methods)
    together = None
    if known.posterior is not None:
        joint = run_ensemble([chosen], outputs=outputs, monthly=0, **wanted.arguments())
        together = outcome.of(joint[chosen.name])
    told = about(wanted, [outcome], draws=total, base=base, methods=list(chosen_methods))
    return found(model, outcome, told, base=base, seed=wanted.seed, methods=chosen_methods, together=together)

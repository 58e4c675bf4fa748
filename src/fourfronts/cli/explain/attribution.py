"""`fourfronts explain attribution`."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fourfronts.cli.explain.common import HEADLINE, about, answered, asked, asked_about, futures, options
from fourfronts.cli.run import Say
from fourfronts.errors import InputError

if TYPE_CHECKING:
    from fourfronts.analysis.explain.finding import Finding

DEFAULT, BASELINE, ORDERS = "hold", "drift", 32


@click.command()
@click.option("--package", metavar="NAME|FILE", help=f"What is taken apart, against drift. [default: {DEFAULT}]")
@click.option(
    "--orders",
    type=int,
    metavar="EVEN",
    help=f"Orders of the levers that are sampled, where there are too many to count all. [default: {ORDERS}]",
)
@click.option(
    "--channels", is_flag=True, help="Take apart the past instead: what evasion and distillation did to the lead."
)
@asked_about(*HEADLINE)
@futures()
@options
def attribution(out: Path | None, as_json: bool, **given: Any) -> None:
    """What each lever and policy area adds to what a package changes.

    Shapley values, and which two do more or less together than apart. Areas are exact, over all coalitions; levers are
    where a package changes few of them, and are sampled where it changes many.
    """
    answered(answer, out, as_json=as_json, **given)


def answer(say: Say, *, channels: bool, **given: Any) -> "Finding":
    """The finding. Raises InputError for what cannot be asked."""
    return _channels(say, **given) if channels else _levers(say, **given)


def _levers(
    say: Say, *, package: str | None, orders: int | None, outcomes: Sequence[str], at: str, **given: Any
) -> "Finding":
    from fourfronts.analysis.ensemble import run_ensemble
    from fourfronts.analysis.explain.attribution.question import attribution as found
    from fourfronts.analysis.explain.outcome import needed

    wanted, several = asked(at, (package or DEFAULT,), outcomes or HEADLINE, **given)
    outputs, _ = needed(several)
    count = ORDERS if orders is None else orders
    return found(
        wanted.packages[0],
        several,
        partial(run_ensemble, outputs=outputs, monthly=0, **wanted.arguments()),
        about(wanted, several, orders=count),
        draws=wanted.draws,
        orders=count,
        seed=wanted.seed,
        progress=lambda done, of: say(f"{done:,} of {of:,} parts of {wanted.packages[0].name}"),
    )


def _channels(
    say: Say, *, package: str | None, orders: int | None, outcomes: Sequence[str], at: str, **given: Any
) -> "Finding":
    refused = {"--package": package, "--orders": orders, "--outcome": outcomes, "--set": given["settings"]}
    for name, value in refused.items():
        if value:
            raise InputError(
                f"--channels with {name}: the past is drift's, its lead is asked about; accepted: one of them"
            )
    from fourfronts.analysis.explain.attribution.closeness import LEAD, closeness

    wanted, several = asked(at, (BASELINE,), (LEAD,), **given)
    say("compiling the model")
    return closeness(
        wanted.registry,
        about(wanted, several, channels=True),
        draws=wanted.draws,
        seed=wanted.seed,
        horizon=wanted.horizon,
        progress=lambda done, of: say(f"{done} of {of} pasts"),
    )

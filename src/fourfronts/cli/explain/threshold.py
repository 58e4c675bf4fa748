"""`fourfronts explain threshold`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fourfronts.cli.explain.common import about, answered, futures, options
from fourfronts.cli.plan import Plan, plan
from fourfronts.cli.run import Say
from fourfronts.errors import InputError

if TYPE_CHECKING:
    from fourfronts.analysis.explain.finding import Finding
    from fourfronts.analysis.explain.outcome import Outcome
    from fourfronts.analysis.explain.threshold.question import Question

LEAD, TOP = "lead_months[released]", 8
STATISTICS = ("median", "mean", "p05", "p95")


@click.command()
@click.option("--line", type=float, required=True, help="The value to cross, in the outcome's unit; 0.4 for 40%.")
@click.option(
    "--outcome",
    default=LEAD,
    show_default=True,
    metavar="NAME",
    help="OUTPUT[KIND], a front, or something that a future has or has not: a scenario, the file of your own, or an"
    " output compared with a number.",
)
@click.option(
    "--statistic",
    type=click.Choice(STATISTICS),
    help="What stands for all futures. [default: median; of what a future has or has not: mean, its probability]",
)
@click.option(
    "--below/--above", "below", default=None, help="The side to reach. [default: where the outcome is not now]"
)
@click.option("--lever", "levers", multiple=True, metavar="NAME", help="A lever; two are tried together as well.")
@click.option("--parameter", "parameters", multiple=True, metavar="ID", help="A parameter; may be repeated.")
@click.option(
    "--top", type=click.IntRange(0, 40), default=TOP, show_default=True, help="Parameters tried where none is named."
)
@click.option(
    "--from", "start", default="2026-06", show_default=True, metavar="YYYY-MM", help="First month of a level."
)
@click.option("--beside", metavar="NAME", help="Another outcome that is told at the crossing, as inflow[diverted].")
@click.option("--package", default="drift", show_default=True, metavar="NAME|FILE", help="The policy it starts from.")
@futures()
@options
def threshold(out: Path | None, as_json: bool, **given: Any) -> None:
    """The smallest change of a lever or a parameter that takes an outcome across a line.

    Every lever, and the parameters with the steepest slopes, unless some are named. Levers are held at a level from a
    month on; parameters are moved in every future alike, by standard deviations of their prior.
    """
    answered(answer, out, as_json=as_json, **given)


def answer(
    say: Say, *, line: float, outcome: str, statistic: str | None, package: str, at: str, **given: Any
) -> "Finding":
    """The finding. Raises InputError for what cannot be asked."""
    from fourfronts.policy.grid import parse_month

    own = {name: given.pop(name) for name in ("below", "levers", "parameters", "top", "start", "beside")}
    about_what, beside = _outcomes(outcome, own["beside"], at)
    chosen = _statistic(statistic, about_what)
    wanted = plan(packages=[package], horizon=str(about_what.date), **given)
    _known(wanted, own["levers"], own["parameters"])
    start = parse_month(own["start"], "--from")

    from fourfronts.analysis.explain.threshold.moves import Runs
    from fourfronts.analysis.explain.threshold.question import Question
    from fourfronts.analysis.explain.threshold.question import threshold as found

    several = [each for each in (about_what, beside) if each]
    runs = Runs(
        wanted.packages[0],
        wanted.registry,
        about_what,
        chosen,
        wanted.draws,
        wanted.seed,
        start,
        wanted.settings,
        tuple(dict.fromkeys(name for each in several for name in each.outputs)),
    )
    question = Question(outcome, line, own["below"], own["levers"], own["parameters"], own["top"], beside)
    return found(runs, question, _asked(wanted, question, runs), say)


def _outcomes(outcome: str, beside: str | None, at: str) -> "tuple[Outcome, Outcome | None]":
    """The outcome, and the one beside it, of the same date. Raises InputError for what is wrong with either."""
    from fourfronts.analysis.explain.condition import condition, is_compared
    from fourfronts.analysis.explain.outcome import outcome as named
    from fourfronts.policy.grid import parse_horizon

    month = parse_horizon(at)
    about = condition(outcome, month) if is_compared(outcome) else named(outcome, month)
    other = named(beside, about.date) if beside else None
    if other and other.date != about.date:
        raise InputError(f"--beside {beside} is of {other.date}; accepted: an outcome of {about.date}")
    return about, other


def _statistic(asked: str | None, outcome: "Outcome") -> str:
    if outcome.chance and asked not in (None, "mean"):
        raise InputError(f"statistic {asked!r} of {outcome.name}, which a future has or has not; accepted: mean")
    return asked or ("mean" if outcome.chance else "median")


def _known(wanted: Plan, levers: Sequence[str], parameters: Sequence[str]) -> None:
    """Raise InputError for a lever or a parameter that does not exist, before anything is computed."""
    from fourfronts.policy.loader import lever

    for name in levers:
        lever(name)
    for key in parameters:
        wanted.registry.get(key)


def _asked(wanted: Plan, question: "Question", runs: Any) -> dict[str, Any]:
    return about(
        wanted,
        [runs.outcome],
        statistic=runs.statistic,
        line=question.line,
        levers=list(question.levers),
        parameters=list(question.parameters),
        top=question.top,
        start=str(runs.start),
        beside=question.beside.name if question.beside else None,
    )

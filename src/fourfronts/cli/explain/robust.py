"""`fourfronts explain robust`."""

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
    needs,
    options,
    several_packages,
)
from fourfronts.cli.run import Say
from fourfronts.cli.stages import STAGES, cache
from fourfronts.errors import InputError

if TYPE_CHECKING:
    from fourfronts.analysis.explain.finding import Finding
    from fourfronts.analysis.explain.outcome import Outcome
    from fourfronts.cli.plan import Plan

PACKAGES = ("drift", "hold", "loosen", "close_loopholes", "defend_models", "champion_exports")
CONDITION = "lead_months[released] >= 12"
GENERATIONS, POPULATION, KEEP = 40, 60, 0.5
DRAWS = 512
OWN = ("conditions", "less", "search", "generations", "population", "levers", "keep", "stages")
"""Options that no other question has."""


@click.command()
@several_packages("A package, a lever's name or your own file", *PACKAGES)
@asked_about(*HEADLINE)
@click.option(
    "--condition",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help="What is good enough: a scenario, or an output compared with a number; repeated, all must hold."
    f" [default: {CONDITION}]",
)
@click.option("--less", multiple=True, metavar="NAME", help="An outcome asked about of which less is better.")
@click.option("--search", is_flag=True, help="Search lever levels and start dates for packages that none beats.")
@click.option(
    "--generations", type=click.IntRange(1, 10_000), default=GENERATIONS, show_default=True, help="Of the search."
)
@click.option(
    "--population", type=click.IntRange(1, 10_000), default=POPULATION, show_default=True, help="Packages in each."
)
@click.option(
    "--lever", "levers", multiple=True, metavar="NAME", help="Search these alone. [default: all but the PRC's]"
)
@click.option(
    "--keep",
    type=click.FloatRange(0, 1),
    default=KEEP,
    show_default=True,
    help="Share of the most lead to be gained in a worldview that a package must keep to be on the short list.",
)
@STAGES
@futures(DRAWS)
@options
def robust(out: Path | None, as_json: bool, **given: Any) -> None:
    """Packages across all worldviews: worst case, regret, and how often they are good enough; and a search for more.

    A search that was interrupted goes on where it was.
    """
    answered(answer, out, as_json=as_json, **given)


def answer(say: Say, *, packages: Sequence[str], outcomes: Sequence[str], at: str, **given: Any) -> "Finding":
    """The finding. Raises InputError for what cannot be asked."""
    named = {key: given.pop(key) for key in OWN}
    if named["search"]:
        needs("explain", "pymoo")
        if outcomes or named["less"]:
            raise InputError("--outcome and --less with --search, which has its own objectives; accepted: without them")
    from fourfronts.analysis.explain.robust.question import better, condition
    from fourfronts.policy.grid import parse_horizon

    chosen = ("drift", *packages) if named["search"] and packages and "drift" not in packages else packages
    wanted, several = asked(
        at, chosen or PACKAGES, outcomes or (HEADLINE[:1] if named["search"] else HEADLINE), **given
    )
    month = parse_horizon(at)
    enough = condition(named["conditions"] or (CONDITION,), month)
    better(several, named["less"])
    if not named["search"] and len(wanted.packages) < 2:
        raise InputError(f"only {wanted.packages[0].name} to score; accepted: two packages or more")
    if named["search"]:
        return _searched(wanted, enough, named | {"at": month}, say)
    return _scored(wanted, several, enough, named, say)


def _scored(
    wanted: "Plan", several: "Sequence[Outcome]", enough: "Outcome", named: dict[str, Any], say: Say
) -> "Finding":
    from fourfronts.analysis.explain.across import across, gather
    from fourfronts.analysis.explain.outcome import needed
    from fourfronts.analysis.explain.outcome import outcomes as parsed
    from fourfronts.analysis.explain.robust.question import robust as score

    views = across(wanted.shipped, wanted.view, wanted.switches)
    read = _each_once((several[0], enough, *several[1:]))
    # With the outputs of the other commands as well, whose compiled code is then at hand.
    outputs, _ = needed(parsed(HEADLINE))
    found = gather(
        views,
        wanted.packages,
        read,
        settings=wanted.settings,
        draws=wanted.draws,
        seed=wanted.seed,
        outputs=outputs,
        progress=lambda done, of: say(f"{done} of {of} runs"),
    )
    asked_for = about(wanted, read, condition=enough.name, less=list(named["less"]))
    return score(found, asked_for, condition_name=enough.name, less=named["less"])


def _searched(wanted: "Plan", enough: "Outcome", named: dict[str, Any], say: Say) -> "Finding":
    from fourfronts.analysis.explain.across import across, gather
    from fourfronts.analysis.explain.effort import check_pulled, pulled
    from fourfronts.analysis.explain.outcome import needed
    from fourfronts.analysis.explain.outcome import outcomes as parsed
    from fourfronts.analysis.explain.robust.candidates import OBJECTIVES, READ, Judge, Space
    from fourfronts.analysis.explain.robust.frontier import found, frontier
    from fourfronts.analysis.explain.robust.memory import Memory, question
    from fourfronts.analysis.explain.robust.search import directions
    from fourfronts.cli.plan import LARGEST_SEED

    held, at = {each.lever for each in wanted.settings}, named["at"]
    levers = [name for name in check_pulled(tuple(named["levers"])) or pulled() if name not in held]
    space = Space.of(levers, at)
    directions(len(OBJECTIVES), named["population"])
    views = across(wanted.shipped, wanted.view, wanted.switches)
    own = wanted.view.name
    common: dict[str, Any] = {"settings": wanted.settings, "draws": wanted.draws}
    say("compiling the model")
    known = {name: each for name, (_, each) in views.items()}
    memory = Memory(
        named["stages"] or cache("search"), question(known, own, at, wanted.settings, wanted.draws, wanted.seed)
    )
    judge = Judge(known, own, at, seed=wanted.seed, memory=memory, **common)
    generations = named["generations"]
    tried = found(
        judge,
        space,
        wanted.packages,
        population=named["population"],
        generations=generations,
        seed=wanted.seed,
        progress=lambda done, front: say(f"{done} of {generations} generations, {front} packages that none beats"),
    )
    # Futures of their own, so that a package that was lucky in those of the search is not told to be good.
    fresh = (wanted.seed + 1) % (LARGEST_SEED + 1)
    options = common | {"seed": fresh, "outputs": needed(parsed(HEADLINE))[0]}
    read = _each_once((*parsed(READ, at), enough))
    futures_of = gather(
        views, [*tried, *wanted.packages], read, progress=lambda n, of: say(f"{n} of {of} runs"), **options
    )
    asked_for = about(wanted, read, condition=enough.name, levers=levers, tried=len(judge.tried), **_numbers(named))
    finding = frontier(
        futures_of, own, asked_for, condition_name=enough.name, given=len(wanted.packages), keep=named["keep"]
    )
    memory.forget()
    return finding


def _each_once(several: "Sequence[Outcome]") -> "tuple[Outcome, ...]":
    return tuple({each.name: each for each in several}.values())


def _numbers(named: dict[str, Any]) -> dict[str, Any]:
    return {key: named[key] for key in ("generations", "population", "keep")}

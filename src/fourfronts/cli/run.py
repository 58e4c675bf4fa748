"""`fourfronts run`: futures under policy packages, and what they say; `fourfronts report`, with all else as well."""

import gc
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fourfronts.cli.plan import DRAWS, LARGEST_SEED, OUT, SEED, Plan, options, plan, tell_of_repeats, words
from fourfronts.errors import InputError

if TYPE_CHECKING:
    from fourfronts.analysis.backcast import Series
    from fourfronts.analysis.claims import Ledger
    from fourfronts.analysis.divergence import Divergence
    from fourfronts.analysis.ensemble import Ensemble
    from fourfronts.analysis.full import Full

__all__ = ["DRAWS", "LARGEST_SEED", "SEED", "report", "run"]

MOST_CLAIM_DRAWS = 100_000
"""The ledger keeps its runs in memory together, so that it takes no more futures than this of a larger run."""
MOST_CLOSED = 10_000
"""Futures in which channels are closed, at most: more would add time and no digit."""

Say = Callable[[str], None]


@click.command()
@options
def run(out: Path | None, as_json: bool, **asked: Any) -> None:
    """Simulate futures under policy packages and write a report.

    All packages run on the same draws, so that their differences are policy and not chance. Without --json a summary
    that fits one screen is printed, and summary.json, futures.parquet, figures and report.html are written.
    """
    _go("run", asked, out, as_json=as_json)


@click.command()
@options
@click.option("--full", is_flag=True, help="With questions, claims and back-cast, and all packages by worldview.")
def report(out: Path | None, as_json: bool, full: bool, **asked: Any) -> None:
    """Write the report of a run; with --full the whole of it.

    Without --full it is what run writes. With it the report has the claims ledger, the back-cast and every question of
    `fourfronts explain` as well, each in few futures, and the worldview table covers every package and all futures.
    That takes about a minute longer, and two the first time, when models are compiled.
    """
    _go("report --full" if full else "report", asked, out, as_json=as_json, full=full)


def _go(name: str, asked: Mapping[str, Any], out: Path | None, *, as_json: bool, full: bool = False) -> None:
    wanted = plan(**asked)
    tell_of_repeats(wanted)
    if full:
        from fourfronts.analysis.claims import check_horizon

        check_horizon(wanted.horizon)
    target = out or (None if as_json else OUT)
    if target is not None:
        from fourfronts.report.folder import check_folder

        check_folder(target)
    with _without_garbage_collection(), progress() as say:
        ensembles, summary, more = _simulate(wanted, say, asked if full else None)
        if target is not None:
            say("drawing and writing")
            _write(target, wanted, ensembles, summary, more, shlex.join(words(name, asked, out)))
    _print(summary, target, more, as_json=as_json)


def page(say: Say, *, command: str, **asked: Any) -> str:
    """The report of a run as one page of HTML; `command` is what it says makes it again. Raises as `plan` does."""
    from fourfronts.report.results import drawn_page

    wanted = plan(**asked)
    ensembles, summary, more = _simulate(wanted, say, None)
    say("drawing")
    return drawn_page(ensembles, summary, wanted.registry, command, more)[1]


def _simulate(
    wanted: Plan, say: Say, given: Mapping[str, Any] | None
) -> tuple[dict[str, "Ensemble"], dict[str, Any], "Full"]:
    """The run and what is told of it; all that a full report has where `given`, its options, are there."""
    from fourfronts.analysis.checks import reproduce
    from fourfronts.analysis.ensemble import run_ensemble
    from fourfronts.analysis.full import Full
    from fourfronts.analysis.summary import Beside, summarise

    def done(futures: int) -> None:
        say(f"{futures:,} of {wanted.draws:,} futures")

    say("compiling the model")
    ensembles = run_ensemble(wanted.packages, progress=done, **wanted.arguments())
    found = _divergences(wanted, ensembles)
    stood = _as_policy_stood(wanted, ensembles, say)
    more = Full()
    if given is not None:
        from fourfronts.cli.explain.whole import ask

        more = Full(_ledger(wanted, say), _series(wanted, stood, say), ask(wanted, given, say))
    summary = summarise(
        ensembles,
        reproduce(stood),
        seed=wanted.seed,
        worldview=wanted.view.name,
        settings=wanted.settings,
        couplings=wanted.switches,
        further=wanted.scenarios,
        beside=Beside(_views(wanted, say, full=given is not None), _closed(wanted, say), found, more.series),
        posterior=wanted.registry.posterior,
    )
    return ensembles, summary, more


def _as_policy_stood(wanted: Plan, ensembles: Mapping[str, "Ensemble"], say: Say) -> "Ensemble":
    """Futures to hold published figures against: drift as it is shipped, far enough for the last of them."""
    from fourfronts.analysis.ensemble import run_ensemble
    from fourfronts.policy.grid import DEFAULT_HORIZON
    from fourfronts.policy.loader import package

    drift = package("drift")
    if drift in wanted.packages and not wanted.settings and wanted.horizon >= DEFAULT_HORIZON:
        return ensembles[drift.name]
    say("drift, for the checks")
    further = wanted.arguments(settings=(), horizon=max(wanted.horizon, DEFAULT_HORIZON))
    found = run_ensemble([drift], **further)
    _divergences(replace(wanted, settings=()), found)
    return found[drift.name]


def _divergences(wanted: Plan, ensembles: Mapping[str, "Ensemble"]) -> list["Divergence"]:
    """Why futures run away. Raises InputError, with month and loop, where none of a package's does not."""
    from fourfronts.analysis.divergence import divergences

    found = []
    for name, each in ensembles.items():
        causes = divergences(each, wanted.registry, wanted.seed, settings=wanted.settings)
        if each.failed == each.draws:
            raise InputError(f"package {name}: no future is finite. {causes[0].text}")
        found += causes
    return found


def _views(wanted: Plan, say: Say, *, full: bool) -> dict[str, Any]:
    """Headline results under other worldviews."""
    from fourfronts.analysis.worldviews import FUTURES, across

    say("the other worldviews")
    # The package that others are compared with comes first.
    packages = sorted(wanted.packages, key=lambda each: each.name != "drift")
    return across(
        packages if full else packages[:2],
        wanted.view,
        settings=wanted.settings,
        switches=wanted.switches,
        draws=max(wanted.draws, FUTURES) if full else FUTURES,
        seed=wanted.seed,
        horizon=wanted.horizon,
        parameters=wanted.shipped,
    )


def _closed(wanted: Plan, say: Say) -> dict[str, Any]:
    """The past without illicit channels, in the run's own futures, so that its numbers are those of the run."""
    from fourfronts.analysis.channels import closed

    say("the past without illicit channels")
    draws = min(wanted.draws, MOST_CLOSED)
    return closed(wanted.registry, draws=draws, seed=wanted.seed, horizon=wanted.horizon)


def _ledger(wanted: Plan, say: Say) -> "Ledger":
    from fourfronts.analysis.claims import ledger

    def done(runs: int, of: int) -> None:
        say(f"claims: {runs} of {of} runs")

    say("claims")
    # The registry has what the worldview changes; its name alone is left to tell.
    named = wanted.view.model_copy(update={"priors": {}, "couplings": {}})
    return ledger(
        worldview=named,
        draws=min(wanted.draws, MOST_CLAIM_DRAWS),
        seed=wanted.seed,
        horizon=wanted.horizon,
        parameters=wanted.registry,
        progress=done,
    )


def _series(wanted: Plan, stood: "Ensemble", say: Say) -> "list[Series]":
    from fourfronts.analysis.backcast import backcast

    say("back-cast")
    return backcast(stood, wanted.registry, wanted.seed)


def _write(
    target: Path,
    wanted: Plan,
    ensembles: Mapping[str, "Ensemble"],
    summary: Mapping[str, Any],
    more: "Full",
    command: str,
) -> None:
    from fourfronts.report.results import write_results

    write_results(target, ensembles, summary, wanted.registry, command, more)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """A run makes many small objects and few cycles: looking for those again and again takes a tenth of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def progress() -> Iterator[Say]:
    """Where the run stands, on one line of the terminal; nothing where standard error is none."""
    shown = sys.stderr.isatty()

    def say(text: str) -> None:
        if shown:
            click.echo(f"\r\033[K{text}", err=True, nl=False)

    try:
        yield say
    finally:
        say("")


def _print(summary: Mapping[str, Any], target: Path | None, more: "Full", *, as_json: bool) -> None:
    if as_json:
        from fourfronts.report.results import summary_text

        further: dict[str, Any] = {"claims": more.ledger.as_json()} if more.ledger else {}
        if more.asked:
            further["findings"] = {each.name: each.as_json() for each in more.asked}
        click.echo(summary_text({**summary, **further}), nl=False)
        return
    from fourfronts.report.terminal import TALL, screen

    # What is no terminal has no bottom.
    lines = shutil.get_terminal_size((80, 24)).lines if sys.stdout.isatty() else TALL
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    only_full = ", claims.json, findings" if more.ledger else ""
    files = f"In {target}: report.html, summary.json, futures.parquet, figures{only_full}"
    click.echo(screen(summary, files, colour=colour, lines=lines))

"""`fourfronts run`: futures under policy packages, and what they say."""

import gc
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fourfronts.errors import InputError

if TYPE_CHECKING:
    from fourfronts.analysis.ensemble import Ensemble
    from fourfronts.inference.parameters import Registry
    from fourfronts.policy.grid import Month
    from fourfronts.policy.loader import Package, Worldview
    from fourfronts.policy.paths import Setting

PACKAGES = ("drift", "hold", "loosen", "none")
DRAWS, MOST_DRAWS = 2000, 1_000_000
SEED, LARGEST_SEED = 1, 2**32 - 1
OUT = Path("out")
MEMORY_SHARE = 0.8
"""Share of the machine's memory that the futures may take; the rest is for everything else."""


@dataclass(frozen=True)
class Plan:
    """What a run was asked for, checked."""

    packages: tuple["Package", ...]
    settings: tuple["Setting", ...]
    view: "Worldview"
    registry: "Registry"
    horizon: "Month"
    draws: int
    seed: int

    def arguments(self, **changed: Any) -> dict[str, Any]:
        """What `run_ensemble` takes besides the packages."""
        known = {"draws": self.draws, "seed": self.seed, "worldview": self.view}
        return known | {"settings": self.settings, "horizon": self.horizon} | changed


@click.command()
@click.option(
    "--package",
    "packages",
    multiple=True,
    metavar="NAME|FILE",
    help="A policy package, a single lever's name, or your own YAML file; may be repeated."
    f" [default: {', '.join(PACKAGES)}]",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="LEVER=VALUE[@YYYY-MM]",
    help="Hold one lever at a level from a month on, under every package; may be repeated.",
)
@click.option("--worldview", default="evidence", show_default=True, metavar="NAME|FILE", help="Structural assumptions.")
@click.option(
    "--draws", type=click.IntRange(1, MOST_DRAWS), default=DRAWS, show_default=True, help="Futures per package."
)
@click.option(
    "--seed", type=click.IntRange(0, LARGEST_SEED), default=SEED, show_default=True, help="Seed of the draws."
)
@click.option("--horizon", default="2028-12", show_default=True, metavar="YYYY-MM", help="Last month, up to 2035-12.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help=f"Folder for the files; an earlier run's is replaced as a whole. [default: {OUT}; with --json: none]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary alone, as JSON.")
def run(packages: Sequence[str], settings: Sequence[str], out: Path | None, as_json: bool, **options: Any) -> None:
    """Simulate futures under policy packages and write a report.

    All packages run on the same draws, so that their differences are policy and not chance. Without --json a summary
    that fits one screen is printed, and summary.json, futures.parquet, figures and report.html are written.
    """
    plan = _plan(packages or PACKAGES, settings, **options)
    target = out or (None if as_json else OUT)
    if target is not None:
        from fourfronts.report.folder import check_folder

        check_folder(target)
    with _without_garbage_collection(), _progress() as say:
        ensembles, summary = _simulate(plan, say)
        if target is not None:
            say("drawing and writing")
            _write(target, plan, ensembles, summary, shlex.join(_command(packages, settings, out, options)))
    _print(summary, target, as_json=as_json)


def _plan(
    packages: Sequence[str], settings: Sequence[str], worldview: str, draws: int, seed: int, horizon: str
) -> Plan:
    """The options, checked before anything slow is imported. Raises InputError for the first that is wrong."""
    from fourfronts.policy.grid import Grid, parse_horizon
    from fourfronts.policy.loader import package
    from fourfronts.policy.loader import worldview as find_worldview
    from fourfronts.policy.paths import lever_paths, parse_setting

    last = parse_horizon(horizon)
    chosen = tuple(package(each) for each in packages)
    _check_names(packages, chosen)
    held = tuple(parse_setting(each) for each in settings)
    view = find_worldview(worldview)
    for each in chosen:
        lever_paths(each, held, Grid(horizon=last))

    from fourfronts.inference.parameters import registry

    known = registry().overridden(view.priors, f"worldview {view.name}")
    _check_memory(len(chosen), draws, last.year)
    return Plan(chosen, held, view, known, last, draws, seed)


def _check_names(given: Sequence[str], packages: Sequence["Package"]) -> None:
    first: dict[str, str] = {}
    for text, each in zip(given, packages, strict=True):
        if each.name in first:
            raise InputError(
                f"two packages are called {each.name!r} ({first[each.name]} and {text}); accepted: each name once"
            )
        first[each.name] = text


def _check_memory(packages: int, draws: int, last_year: int) -> None:
    """Refuse a run that would drive the machine out of memory, which then ends without a word."""
    from fourfronts.analysis.outputs import OUTPUTS

    values = sum(len(output.kinds) for output in OUTPUTS.values())
    # Every December from 2020, now, and drift for the checks.
    needed = 4 * values * (last_year - 2020 + 2) * draws * (packages + 1)
    try:
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return
    if needed > MEMORY_SHARE * there:
        fit = int(MEMORY_SHARE * there / needed * draws)
        raise InputError(
            f"draws {draws:,} under {packages} packages need about {needed / 1e9:.0f} GB, and this machine has"
            f" {there / 1e9:.0f}; accepted here: up to {fit:,}"
        )


def _simulate(plan: Plan, say: Callable[[str], None]) -> tuple[dict[str, "Ensemble"], dict[str, Any]]:
    from fourfronts.analysis.checks import reproduce
    from fourfronts.analysis.ensemble import run_ensemble
    from fourfronts.analysis.summary import summarise

    def done(futures: int) -> None:
        say(f"{futures:,} of {plan.draws:,} futures")

    say("compiling the model")
    ensembles = run_ensemble(plan.packages, progress=done, **plan.arguments())
    checks = reproduce(_as_policy_stood(plan, ensembles, say))
    view, settings = plan.view.name, plan.settings
    return ensembles, summarise(ensembles, checks, seed=plan.seed, worldview=view, settings=settings)


def _as_policy_stood(plan: Plan, ensembles: Mapping[str, "Ensemble"], say: Callable[[str], None]) -> "Ensemble":
    """Futures to hold published figures against: drift as it is shipped, far enough for the last of them."""
    from fourfronts.analysis.ensemble import run_ensemble
    from fourfronts.policy.grid import DEFAULT_HORIZON
    from fourfronts.policy.loader import package

    drift = package("drift")
    if drift in plan.packages and not plan.settings and plan.horizon >= DEFAULT_HORIZON:
        return ensembles[drift.name]
    say("drift, for the checks")
    further = plan.arguments(settings=(), horizon=max(plan.horizon, DEFAULT_HORIZON))
    return run_ensemble([drift], **further)[drift.name]


def _write(
    target: Path, plan: Plan, ensembles: Mapping[str, "Ensemble"], summary: Mapping[str, Any], command: str
) -> None:
    from fourfronts.report.results import write_results

    write_results(target, ensembles, summary, plan.registry, command)


def _command(
    packages: Sequence[str], settings: Sequence[str], out: Path | None, options: Mapping[str, Any]
) -> Iterator[str]:
    """The command that makes the same results, whatever the defaults of a later version are."""
    yield from ("fourfronts", "run")
    for each in packages or PACKAGES:
        yield from ("--package", each)
    for each in settings:
        yield from ("--set", each)
    for name in ("worldview", "draws", "seed", "horizon"):
        yield from (f"--{name}", str(options[name]))
    yield from ("--out", str(out or OUT))


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
def _progress() -> Iterator[Callable[[str], None]]:
    """Where the run stands, on one line of the terminal; nothing where standard error is none."""
    shown = sys.stderr.isatty()

    def say(text: str) -> None:
        if shown:
            click.echo(f"\r\033[K{text}", err=True, nl=False)

    try:
        yield say
    finally:
        say("")


def _print(summary: Mapping[str, Any], target: Path | None, *, as_json: bool) -> None:
    if as_json:
        from fourfronts.report.results import summary_text

        click.echo(summary_text(summary), nl=False)
        return
    from fourfronts.report.terminal import screen

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    click.echo(screen(summary, f"In {target}: report.html, summary.json, futures.parquet, figures", colour=colour))

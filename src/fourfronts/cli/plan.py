"""What a run is asked for: the options of the command line, checked, and the command that repeats them."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fourfronts.errors import InputError

if TYPE_CHECKING:
    from fourfronts.inference.parameters import Registry
    from fourfronts.policy.grid import Month
    from fourfronts.policy.loader import Package, Worldview
    from fourfronts.policy.paths import Setting
    from fourfronts.policy.scenarios import Scenario

PACKAGES = ("drift", "hold", "loosen", "none")
DRAWS, MOST_DRAWS = 2000, 1_000_000
SEED, LARGEST_SEED = 1, 2**32 - 1
OUT = Path("out")
MEMORY_SHARE = 0.8
"""Share of the machine's memory that the futures may take; the rest is for everything else."""

REPEATED = {"packages": "package", "settings": "set", "couplings": "coupling", "scenarios": "scenario"}
SINGLE = ("worldview", "draws", "seed", "horizon")

SEEDED = click.option(
    "--seed", type=click.IntRange(0, LARGEST_SEED), default=SEED, show_default=True, help="Seed of the draws."
)
"""The option of every command that draws."""

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--package",
        "packages",
        multiple=True,
        metavar="NAME|FILE",
        help="A policy package, a single lever's name, or your own YAML file; may be repeated."
        f" [default: {', '.join(PACKAGES)}]",
    ),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="LEVER=VALUE[@YYYY-MM]",
        help="Hold one lever at a level from a month on, under every package; may be repeated.",
    ),
    click.option(
        "--worldview", default="evidence", show_default=True, metavar="NAME|FILE", help="Structural assumptions."
    ),
    click.option(
        "--coupling",
        "couplings",
        multiple=True,
        metavar="NAME=off|on|NUMBER",
        help="Switch off what one front does to another, or multiply its strength; may be repeated.",
    ),
    click.option("--prior", is_flag=True, help="Draw from the priors alone, not from what calibration learned."),
    click.option(
        "--scenario",
        "scenarios",
        multiple=True,
        metavar="FILE",
        help="Your own scenario, whose probability is told as well; may be repeated.",
    ),
    click.option(
        "--draws", type=click.IntRange(1, MOST_DRAWS), default=DRAWS, show_default=True, help="Futures per package."
    ),
    SEEDED,
    click.option(
        "--horizon", default="2028-12", show_default=True, metavar="YYYY-MM", help="Last month, up to 2035-12."
    ),
    click.option(
        "--out",
        type=click.Path(path_type=Path),
        help=f"Folder for the files; an earlier run's is replaced as a whole. [default: {OUT}; with --json: none]",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print the summary alone, as JSON."),
)


def options(command: Command) -> Command:
    """The options that every command which simulates packages takes."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class Plan:
    """What a run was asked for, checked.

    `registry` has `shipped`, the posterior or the priors, with the worldview and `switches` on top.
    """

    packages: tuple["Package", ...]
    settings: tuple["Setting", ...]
    view: "Worldview"
    switches: Mapping[str, float]
    scenarios: tuple["Scenario", ...]
    shipped: "Registry"
    registry: "Registry"
    horizon: "Month"
    draws: int
    seed: int

    def arguments(self, **changed: Any) -> dict[str, Any]:
        """What `run_ensemble` takes besides the packages."""
        known = {"draws": self.draws, "seed": self.seed, "parameters": self.registry}
        return known | {"settings": self.settings, "horizon": self.horizon} | changed


def plan(
    *,
    packages: "Sequence[str | Package]" = (),
    settings: Sequence[str] = (),
    couplings: Sequence[str] = (),
    scenarios: Sequence[str] = (),
    worldview: "str | Worldview" = "evidence",
    draws: int = DRAWS,
    seed: int = SEED,
    horizon: str = "2028-12",
    prior: bool = False,
) -> Plan:
    """The options, checked before anything slow is imported. Raises InputError for the first that is wrong.

    A package or a worldview may be given itself in the place of its name.
    """
    from fourfronts.policy.grid import Grid, parse_horizon
    from fourfronts.policy.loader import package
    from fourfronts.policy.loader import worldview as find_worldview
    from fourfronts.policy.paths import lever_paths, parse_setting
    from fourfronts.policy.switches import parse_switches

    last, given = parse_horizon(horizon), packages or PACKAGES
    chosen = tuple(package(each) if isinstance(each, str) else each for each in given)
    check_names([each if isinstance(each, str) else each.name for each in given], chosen)
    held = tuple(parse_setting(each) for each in settings)
    switches = parse_switches(couplings)
    view = find_worldview(worldview) if isinstance(worldview, str) else worldview
    for each in chosen:
        lever_paths(each, held, Grid(horizon=last))

    from fourfronts.inference.parameters import registry
    from fourfronts.inference.posterior import calibrated
    from fourfronts.inference.worldviews import under

    shipped = registry() if prior else calibrated()
    known = under(shipped, view, switches)
    own = own_scenarios(scenarios, last)
    check_memory(len(chosen), draws, last.year)
    return Plan(chosen, held, view, switches, own, shipped, known, last, draws, seed)


def tell_of_repeats(wanted: Plan) -> None:
    """Say, beside the answer, where futures are more than the joint draws that stand behind them."""
    joint = wanted.shipped.posterior.draws if wanted.shipped.posterior else wanted.draws
    if wanted.draws > joint:
        click.echo(
            f"note: {wanted.draws:,} futures live the {joint:,} joint draws of the posterior again and again, and say"
            " little more than these; --prior draws each for itself",
            err=True,
        )


def own_scenarios(paths: Sequence[str], last: "Month") -> tuple["Scenario", ...]:
    """A user's own scenarios. Raises InputError for one that a run up to `last` cannot be held against."""
    if not paths:
        return ()
    from fourfronts.analysis.scenarios import check
    from fourfronts.policy.scenarios import own_scenarios as read_scenarios

    found = read_scenarios(paths)
    for path, each in zip(paths, found, strict=True):
        check(each, last, where=path)
    return found


def check_names(given: Sequence[str], packages: Sequence["Package"]) -> None:
    """Raise InputError for two packages of one name; `given` is how each was asked for."""
    first: dict[str, str] = {}
    for text, each in zip(given, packages, strict=True):
        if each.name in first:
            raise InputError(
                f"two packages are called {each.name!r} ({first[each.name]} and {text}); accepted: each name once"
            )
        first[each.name] = text


def check_memory(packages: int, draws: int, last_year: int) -> None:
    """Refuse a run that would drive the machine out of memory, which then ends without a word."""
    from fourfronts.inference.outputs import OUTPUTS

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


def words(name: str, asked: Mapping[str, Any], out: Path | None) -> Iterator[str]:
    """The command `fourfronts NAME` that makes the same results, whatever the defaults of a later version are."""
    yield from ("fourfronts", *name.split())
    for key, option in REPEATED.items():
        for each in asked[key] or (PACKAGES if key == "packages" else ()):
            yield from (f"--{option}", each)
    for key in SINGLE:
        yield from (f"--{key}", str(asked[key]))
    if asked["prior"]:
        yield "--prior"
    yield from ("--out", str(out or OUT))

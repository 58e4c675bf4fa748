"""What every `explain` command shares: its options, the plan they make, and how a finding is shown and written."""

import json
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fourfronts import __version__
from fourfronts.cli.plan import DRAWS, MOST_DRAWS, SEEDED, Plan, plan
from fourfronts.cli.run import progress
from fourfronts.errors import InputError

if TYPE_CHECKING:
    from fourfronts.analysis.explain.finding import Finding
    from fourfronts.analysis.explain.outcome import Outcome

Command = TypeVar("Command", bound=Callable[..., Any])
Answer = Callable[..., "Finding"]
"""Answers what one command was asked: its options by name, and where to say how far it is."""

WIDEST = 46
"""Characters of a cell on the screen."""
AT = "2028-12"
HEADLINE = ("lead_months[released]", "commanding-lead", "neck-and-neck", "adoption", "distribution", "resilience")
"""`outcome.HEADLINE`, told here so that help needs nothing slow."""


def futures(default: int = DRAWS) -> Callable[[Command], Command]:
    """The option --draws, with a default of the command's own."""
    return click.option(
        "--draws", type=click.IntRange(1, MOST_DRAWS), default=default, show_default=True, help="Futures of each run."
    )


def several_packages(what: str, *default: str) -> Callable[[Command], Command]:
    """The option --package that may be repeated, with what it stands for and defaults of the command's own."""
    return click.option(
        "--package",
        "packages",
        multiple=True,
        metavar="NAME|FILE",
        help=f"{what}; may be repeated. [default: {', '.join(default)}]",
    )


def asked_about(*default: str) -> Callable[[Command], Command]:
    """The option --outcome, with defaults of the command's own."""
    return click.option(
        "--outcome",
        "outcomes",
        multiple=True,
        metavar="NAME",
        help="What is asked about: OUTPUT[KIND], a scenario, a front, or the file of your own scenario; may be"
        f" repeated. [default: {', '.join(default)}]",
    )


_ASSUMPTIONS = (
    click.option("--at", default=AT, show_default=True, metavar="YYYY-MM", help="Month that is asked about."),
    click.option(
        "--set", "settings", multiple=True, metavar="LEVER=VALUE[@YYYY-MM]", help="Hold a lever at a level; repeatable."
    ),
    click.option("--worldview", default="evidence", show_default=True, metavar="NAME|FILE", help="Assumptions."),
    click.option(
        "--coupling", "couplings", multiple=True, metavar="NAME=off|on|NUMBER", help="Scale a coupling; repeatable."
    ),
    click.option("--prior", is_flag=True, help="Draw from the priors alone, not from what calibration learned."),
)

_FORMS = (
    SEEDED,
    click.option("--out", type=click.Path(path_type=Path), help="Folder for the finding; an earlier one is replaced."),
    click.option("--json", "as_json", is_flag=True, help="Print the finding alone, as JSON."),
)


def options(command: Command) -> Command:
    """The options that every command has: assumptions first, then seed and the form of the answer."""
    for option in reversed((*_ASSUMPTIONS, *_FORMS)):
        command = option(command)
    return command


def asked(
    at: str, packages: Sequence[str], outcomes: Sequence[str], **given: Any
) -> tuple[Plan, "tuple[Outcome, ...]"]:
    """The plan of a run that reaches the month and the outcomes, and these. Raises InputError for what is wrong."""
    from fourfronts.analysis.explain.outcome import needed
    from fourfronts.analysis.explain.outcome import outcomes as parsed
    from fourfronts.policy.grid import parse_horizon

    wanted = parsed(outcomes, parse_horizon(at))
    _, last = needed(wanted)
    return plan(packages=packages, horizon=str(last), **given), wanted


def answered(answer: Answer, out: Path | None, *, as_json: bool, **given: Any) -> None:
    """Find what a command was asked, print it, and write it to `out` whole or not at all."""
    if out is not None:
        from fourfronts.report.folder import check_folder

        check_folder(out)
    with progress() as say:
        finding = answer(say, **given)
    show(finding, out, as_json=as_json)


def show(finding: "Finding", out: Path | None, *, as_json: bool) -> None:
    """Print a finding, and write it to `out` whole or not at all."""
    if out is not None:
        write(out, finding)
    if as_json:
        click.echo(json.dumps(finding.as_json(), indent=1))
        return
    click.echo(words(finding))
    if out is not None:
        names = ("finding.json", "table.csv", *(f"{finding.analysis}.{kind}" for kind in ("svg", "png")))
        click.echo(f"In {out}: {', '.join((*names, *finding.details.get('files', ())))}")


def write(out: Path, finding: "Finding") -> None:
    """Write finding.json, table.csv, the picture and what files the finding has into a folder."""
    from fourfronts.report.drawing import house_style, render
    from fourfronts.report.explain.plates import plate
    from fourfronts.report.folder import whole_folder

    with house_style():
        (drawn,) = render([plate(finding)])
    about = {"version": __version__, "analysis": finding.analysis, "asked": finding.as_json()["asked"]}
    with whole_folder(out, about) as folder:
        (folder / "finding.json").write_text(json.dumps(finding.as_json(), indent=1) + "\n", encoding="utf-8")
        (folder / "table.csv").write_text(finding.as_csv(), encoding="utf-8")
        (folder / f"{finding.analysis}.svg").write_bytes(drawn.svg)
        (folder / f"{finding.analysis}.png").write_bytes(drawn.png)
        for name, text in finding.details.get("files", {}).items():
            (folder / name).write_text(text, encoding="utf-8")


def about(wanted: Plan, outcomes: "Sequence[Outcome]", **more: Any) -> dict[str, Any]:
    """What was asked, as a finding keeps it: enough to ask it again."""
    from fourfronts.evidence.loader import EVIDENCE_CUTOFF

    posterior = wanted.registry.posterior
    basis = f"calibrated to {posterior.cutoff}" if posterior else f"priors only, evidence up to {EVIDENCE_CUTOFF}"
    return {
        "version": __version__,
        "packages": [each.name for each in wanted.packages],
        "outcomes": [each.name for each in outcomes],
        "settings": [f"{each.lever}={each.level:g}@{each.start}" for each in wanted.settings],
        "couplings": dict(wanted.switches),
        "worldview": wanted.view.name,
        "basis": basis,
        "draws": wanted.draws,
        "seed": wanted.seed,
        **more,
    }


def words(finding: "Finding", most: int = 24) -> str:
    """A finding for a screen: title, sentences, the first rows of the table, what it cannot know."""
    rows = [{key: _cell(value) for key, value in row.items()} for row in finding.rows[:most]]
    lines = [finding.title, *finding.sentences, ""]
    if rows:
        widths = {key: max(len(key), *(len(row[key]) for row in rows)) for key in rows[0]}
        numbers = {key for key in widths if isinstance(finding.rows[0][key], int | float)}
        for row in [dict(zip(widths, widths, strict=True)), *rows]:
            cells = (
                row[key].rjust(width) if key in numbers else row[key].ljust(width) for key, width in widths.items()
            )
            lines.append("  ".join(cells).rstrip())
    if len(finding.rows) > most:
        lines.append(f"and {len(finding.rows) - most} more (--out or --json has all)")
    if finding.limits:
        lines += ["", *(f"Cannot know: {each}" for each in finding.limits)]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # Five decimals at most: what is smaller is the arithmetic's, not the world's.
        return f"{round(value, 5):.3g}" if isfinite(value) else "-"
    text = "" if value is None else str(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def needs(extra: str, *modules: str) -> None:
    """Raise InputError, with the way out, where the libraries of an optional extra are missing."""
    from importlib.util import find_spec

    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise InputError(f"this needs {', '.join(missing)}; install with: pip install 'fourfronts[{extra}]'")

"""`fourfronts claims`: the checkable claims of the source paper, and what the model says of each."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fourfronts.cli.plan import DRAWS, SEEDED

if TYPE_CHECKING:
    from fourfronts.analysis.claims import Ledger

MOST_DRAWS = 100_000


@click.command()
@click.argument("chosen", metavar="[CLAIM]...", nargs=-1)
@click.option("--worldview", default="evidence", show_default=True, metavar="NAME|FILE", help="Structural assumptions.")
@click.option("--draws", type=click.IntRange(1, MOST_DRAWS), default=DRAWS, show_default=True, help="Futures per run.")
@SEEDED
@click.option(
    "--horizon", default="2028-12", show_default=True, metavar="YYYY-MM", help="Last month, 2028-12 to 2035-12."
)
@click.option("--prior", is_flag=True, help="Draw from the priors alone, not from what calibration learned.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for claims.html, claims.json and claims.txt; an earlier run's is replaced as a whole. [default: none]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the ledger alone, as JSON.")
def claims(
    chosen: Sequence[str],
    worldview: str,
    draws: int,
    seed: int,
    horizon: str,
    prior: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Judge every checkable claim of the source paper.

    Prints a line for each claim: what the model computes for it, the share of futures in which it holds and the
    verdict. With claims named by number, shows only those and all about them: rule, evidence, what would change it.
    """
    from fourfronts.analysis.claims import check_horizon, ledger
    from fourfronts.policy.grid import parse_horizon

    last = parse_horizon(horizon)
    check_horizon(last)
    if out is not None:
        from fourfronts.report.folder import check_folder

        check_folder(out)
    from fourfronts.inference.parameters import registry

    priors = registry() if prior else None
    found = ledger(chosen, worldview=worldview, draws=draws, seed=seed, horizon=last, parameters=priors, progress=_say)
    _say()
    if out is not None:
        options = {"worldview": worldview, "draws": draws, "seed": seed, "horizon": horizon}
        _write(out, found, _command(chosen, options, prior, out))
    _print(found, out, whole=not chosen, as_json=as_json)


def _say(done: int = 0, of: int = 0) -> None:
    """Where the runs stand, on one line of the terminal, wiped without numbers; nothing where there is none."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{f'{done} of {of} runs' if of else ''}", err=True, nl=False)


def _command(chosen: Sequence[str], options: Mapping[str, Any], prior: bool, out: Path) -> str:
    """The command that makes the same ledger, whatever the defaults of a later version are."""
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    flags = ["--prior"] if prior else []
    return shlex.join(["fourfronts", "claims", *chosen, *words, *flags, "--out", str(out)])


def _write(target: Path, found: "Ledger", command: str) -> None:
    from fourfronts.evidence.loader import load
    from fourfronts.report.claims import details, rules_text, screen
    from fourfronts.report.claims_page import page
    from fourfronts.report.folder import whole_folder
    from fourfronts.report.results import summary_text

    ledger = found.as_json()
    about = {key: ledger[key] for key in ("version", "seed", "draws", "horizon", "evidence_digest")}
    texts = [screen(found), rules_text(), *map(details, found.entries)]
    shown = page(found, load(), command)
    with whole_folder(target, about | {"command": command}) as folder:
        (folder / "claims.html").write_text(shown, encoding="utf-8")
        (folder / "claims.json").write_text(summary_text(ledger), encoding="utf-8")
        (folder / "claims.txt").write_text("\n\n".join(texts) + "\n", encoding="utf-8")


def _print(found: "Ledger", out: Path | None, *, whole: bool, as_json: bool) -> None:
    if as_json:
        from fourfronts.report.results import summary_text

        click.echo(summary_text(found.as_json()), nl=False)
        return
    from fourfronts.report.claims import details, screen

    width = shutil.get_terminal_size((80, 24)).columns
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    where = f"In {out}: claims.html, claims.json, claims.txt" if out else ""
    if whole:
        click.echo(screen(found, where, width=width, colour=colour))
        return
    click.echo("\n\n".join(details(each, width=width, colour=colour) for each in found.entries))
    if where:
        click.echo(where)

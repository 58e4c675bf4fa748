"""`fourfronts futures`: as many futures as you like, in parts, on one machine or many."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fourfronts.cli.explain.common import asked, asked_about, needs, options
from fourfronts.cli.plan import tell_of_repeats
from fourfronts.cli.run import progress
from fourfronts.errors import InputError

if TYPE_CHECKING:
    from fourfronts.analysis.parts import Work

DRAWS, MOST = 100_000, 10**12
OUTCOMES = ("lead_months[released]", "commanding-lead", "neck-and-neck")


@click.command()
@click.option(
    "--package",
    "packages",
    multiple=True,
    metavar="NAME|FILE",
    help="A policy package; may be repeated. [default: drift]",
)
@asked_about(*OUTCOMES)
@click.option("--draws", type=click.IntRange(1, MOST), default=DRAWS, show_default=True, help="Futures per package.")
@click.option("--per-part", type=click.IntRange(512), default=65_536, show_default=True, help="Futures in a file.")
@click.option("--shard", "share", default="1/1", show_default=True, metavar="I/N", help="Make only every Nth part.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler whose workers make the parts.")
@options
def futures(
    packages: Sequence[str],
    outcomes: Sequence[str],
    at: str,
    draws: int,
    per_part: int,
    share: str,
    scheduler: str | None,
    out: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Simulate as many futures as you like, in parts that can be interrupted, shared out and gone on with.

    Writes a Parquet file for each part into --out and goes on from what is there; with all there it prints a summary.
    The same call with another --shard makes the other parts.
    """
    from fourfronts.analysis.parts import Work, shard
    from fourfronts.report.parts import compute, keep, missing, prepare, summary

    if out is None:
        raise InputError("--out is missing; accepted: a folder for the parts")
    mine = shard(share)
    # The plan checks names and levels; how many futures fit in memory is no matter here.
    wanted, several = asked(at, packages or ("drift",), outcomes or OUTCOMES, draws=1, **given)
    work = Work(wanted.packages, wanted.settings, wanted.registry, several, wanted.seed, draws, per_part)
    tell_of_repeats(replace(wanted, draws=draws))
    prepare(out, work)
    numbers = missing(out, work, mine)
    with progress() as say:

        def done(parts: int, of: int) -> None:
            say(f"{parts:,} of {of:,} parts")

        if scheduler and numbers:
            needs("cluster", "distributed")
            from fourfronts.analysis.workers import connect, made

            client = connect(scheduler)
            try:
                keep(out, work, made(client, work, numbers), done)
            finally:
                client.close()
        else:
            compute(out, work, numbers, done)
    if left := missing(out, work):
        text = f"{work.parts - len(left):,} of {work.parts:,} parts are in {out}; other shards make the rest"
        click.echo(json.dumps({"parts": work.parts, "missing": len(left)}) if as_json else text)
        return
    _print(summary(out, work), work, out, as_json=as_json)


def _print(rows: Sequence[dict[str, Any]], work: "Work", out: Path, *, as_json: bool) -> None:
    click.echo(json.dumps({**work.about(), "summary": rows}, indent=1) if as_json else _told(rows, work.parts, out))


def _told(rows: Sequence[dict[str, Any]], parts: int, out: Path) -> str:
    lines = [f"{'package':16}{'outcome':30}{'mean':>10}{'p05':>10}{'p50':>10}{'p95':>10}  unit"]
    for row in rows:
        chance = row["unit"] == "probability"
        spread = ["", "", ""] if chance else [f"{row[name]:.4g}" for name in ("p05", "p50", "p95")]
        cells = "".join(f"{cell:>10}" for cell in (f"{row['mean']:.4g}", *spread))
        lines.append(f"{row['package'][:15]:16}{row['outcome'][:29]:30}{cells}  {row['unit']}")
    left_out = sum(row["not_finite"] for row in rows)
    lines.append(f"{rows[0]['futures']:,} futures in {parts:,} parts in {out}; {left_out:,} values are not finite")
    return "\n".join(lines)

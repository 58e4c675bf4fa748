"""`fourfronts bench`: how fast the model runs on this machine, beside its targets and beside C."""

import json
import math
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from fourfronts import __version__
from fourfronts.cli.bench_measures import SECTIONS, TARGET_DRAWS, Entry, Options, measure
from fourfronts.cli.bench_peers import HEADING, PEERS, Peer
from fourfronts.errors import InputError

SCHEMA = "fourfronts/bench/1"
MOST_DRAWS, LARGEST_SEED, MOST_REPEATS = 1_000_000, 2**32 - 1, 1000
DIGITS = 4
BUSY_CORES = 0.1
"""Cores that other processes may use before the numbers are said to be disturbed."""

TITLES = {
    "ensemble": "{draws:,} futures of 108 months, all cores",
    "interactive": "1,000 futures, warm",
    "spine": "Compute and intelligence alone, {draws:,} futures",
    "drivers": "The same months by each driver, one chunk after another",
    "kernel": "The intelligence mechanism alone, against C by hand",
    "startup": "From the prompt to the answer",
    "gradient": "Slopes of the log density, one future, float64, compiled in haste",
    "ring30": "ring30: 30 stocks, 120 steps",
    "ema": "This model in EMA Workbench",
    "stocks": "Compute stocks of the PRC",
}


@click.command()
@click.option(
    "--draws", type=click.IntRange(1, MOST_DRAWS), default=TARGET_DRAWS, show_default=True, help="Futures to compute."
)
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), default=1, show_default=True, help="Seed of the draws.")
@click.option(
    "--repeat", type=click.IntRange(1, MOST_REPEATS), default=5, show_default=True, help="Times each is measured."
)
@click.option(
    "--only",
    "sections",
    type=click.Choice([*SECTIONS, *PEERS]),
    multiple=True,
    help="Measure this part alone; may be repeated.",
)
@click.option("--peers", is_flag=True, help=f"Measure beside other engines: as --only {', '.join(PEERS)} together.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the JSON into this file as well.")
def bench(
    draws: int, seed: int, repeat: int, sections: Sequence[str], peers: bool, as_json: bool, out: Path | None
) -> None:
    """Measure how fast the model runs on this machine.

    All parts but those beside other engines take about seven minutes, and those about three. A target is met when the
    fastest repeat reaches it.
    """
    asked = {*sections, *(PEERS if peers else ())} or SECTIONS.keys()
    chosen = [name for name in (*SECTIONS, *PEERS) if name in asked]
    with written(out) as write, tempfile.TemporaryDirectory(prefix="fourfronts-") as cache:
        options = Options(draws, seed, repeat, cache)
        before = busy_and_own()
        measured = {}
        for name in chosen:
            click.echo(f"measuring {name} ...", err=True)
            beside = name in PEERS
            measured[name] = measure(PEERS[name], options, Peer) if beside else measure(SECTIONS[name], options)
        content = result(options, measured, others_cores(before, busy_and_own()))
        text = json.dumps(content, indent=2)
        write(text + "\n")
    click.echo(text if as_json else table(content))


def result(options: Options, measured: Mapping[str, Sequence[Entry]], others: float | None) -> dict[str, Any]:
    """Everything that was measured, as plain JSON values rounded to four significant digits."""
    entries = [
        {"section": section} | {key: rounded(value) for key, value in asdict(each).items()} | {"met": each.met}
        for section, found in measured.items()
        for each in found
    ]
    asked = {"draws": options.draws, "seed": options.seed, "repeat": options.repeat}
    return {
        "schema": SCHEMA,
        "version": __version__,
        "machine": machine(),
        **asked,
        "cores_used_by_others": rounded(others),
        "entries": entries,
    }


def rounded(value: Any) -> Any:
    """A number to four significant digits; anything else as it is."""
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def machine() -> dict[str, Any]:
    """What the numbers hold for."""
    return {
        "cpu": cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "jax": version("jax"),
        "numpy": version("numpy"),
    }


def cpu_model() -> str:
    """The processor's name as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def busy_and_own() -> tuple[float, float, float] | None:
    """Clock, seconds that all cores were busy and those of them that were ours; None where the system does not say."""
    try:
        fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    except OSError:
        return None
    # user, nice, system, (idle, waiting), interrupts, soft interrupts, stolen by other virtual machines
    ticks = [int(each) for each in fields[1:9]]
    busy = (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
    return time.monotonic(), busy, sum(os.times()[:4])


def others_cores(before: tuple[float, float, float] | None, after: tuple[float, float, float] | None) -> float | None:
    """Cores that other processes used between two readings, on average."""
    if before is None or after is None:
        return None
    clock, busy, own = (late - early for early, late in zip(before, after, strict=True))
    return max(busy - own, 0.0) / max(clock, 1e-9)


def table(content: Mapping[str, Any]) -> str:
    """The result for a screen of 80 columns."""
    facts, others = content["machine"], content["cores_used_by_others"]
    lines = [
        f"fourfronts {content['version']} on {facts['cores']} cores of {facts['cpu']}"[:80],
        f"Python {facts['python']}, JAX {facts['jax']}, NumPy {facts['numpy']}, {facts['system']}"[:80],
    ]
    section = ""
    for each in content["entries"]:
        if each["section"] != section:
            section = each["section"]
            title = TITLES[section].format(draws=content["draws"])
            lines += [
                "",
                f"{title:<34}{HEADING}" if "futures" in each else f"{title:<56}{'fastest':>9}{'median':>9}"[:80],
            ]
        lines += row(each)
    if others is not None and others > BUSY_CORES:
        lines += ["", f"Other processes used {others:.1f} cores meanwhile: an idle machine is faster."]
    return "\n".join(lines)


def row(each: Mapping[str, Any]) -> Iterator[str]:
    """A measured number, with its target or what is noted of it on a line of its own."""
    unit = each["unit"].replace("us", "µs")
    value = "none" if each["minimum"] is None else number(each["minimum"])
    middle = number(each["median"]) if each["repeats"] > 1 and each["median"] is not None else ""
    if "futures" in each:
        yield beside_ours(each, value)
    else:
        yield f"  {each['label']:<42}{unit:>12}{value:>9}{middle:>9}".rstrip()
    verdict = {None: "", True: "met", False: "missed"}[each["met"]]
    if each["target"] is not None:
        yield f"    target {number(each['target'])} {unit}: {verdict or 'not measured'}"
    if each["note"]:
        yield f"    {each['note']}"


def beside_ours(each: Mapping[str, Any], value: str) -> str:
    """An engine's numbers; what is done once has seconds alone, and what is missing has none."""
    count = "" if each["futures"] is None else f"{each['futures']:,}"
    seconds, slower = ("" if each[key] is None else number(each[key]) for key in ("seconds", "slower"))
    difference = "" if each["difference"] is None else f"{each['difference']:.0e}"
    value = "" if each["unit"] == "s" else value
    return f"  {each['label']:<32}{count:>8}{seconds:>9}{value:>11}{slower:>9}{difference:>9}".rstrip()


def number(value: float) -> str:
    """Three significant digits, without an exponent."""
    places = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:,.{places}f}"


@contextmanager
def written(path: Path | None) -> Iterator[Callable[[str], object]]:
    """A function that writes the file as a whole. That it can be written is found out before anything is measured."""
    if path is None:
        yield str
        return
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(f"--out {path}: accepted: a file, in a folder that is there")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            yield file.write
        draft.chmod(0o644)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)

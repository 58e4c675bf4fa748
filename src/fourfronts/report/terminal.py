"""The summary of a run on one screen of 80 columns and 24 lines."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from fourfronts.report.headline import NOW_DATE, QUANTITIES, Range, find, future_dates, one_past
from fourfronts.report.wording import number

WIDTH = 80
BOLD, PLAIN = "\033[1m", "\033[0m"
TERMS = (
    "Each cell: median, then 5th to 95th percentile. Lead: of released models.",
    "Ratios: allied over PRC usable compute, in operations and in memory bandwidth.",
    "PRC compute: usable, by channel, in million H100 equivalents.",
)
LABELS = {
    ("lead_months", "released"): "lead, months",
    ("compute_ratio", "stock_usable_flops"): "FLOPS ratio",
    ("compute_ratio", "stock_usable_bandwidth"): "memory ratio",
    ("prc_compute", "domestic"): "PRC domestic",
    ("prc_compute", "legal"): "PRC legal",
    ("prc_compute", "diverted"): "PRC diverted",
    ("prc_compute", "rented"): "PRC rented",
}

Column = list[str]
Style = Callable[[str], str]


def screen(summary: Mapping[str, Any], where: str, *, colour: bool = False) -> str:
    """The lines to print. `where` says where the files are; `colour` allows escape sequences, for a terminal."""
    bold: Style = _bold if colour else str
    return "\n".join((*_title(summary, bold), *_table(summary, bold), *_closing(summary), where))


def _bold(text: str) -> str:
    return f"{BOLD}{text}{PLAIN}"


def _title(summary: Mapping[str, Any], bold: Style) -> Iterator[str]:
    yield bold(
        f"fourfronts {summary['version']}: {summary['draws']:,} futures, seed {summary['seed']},"
        f" evidence to {summary['evidence_cutoff']}"
    )
    if summary["worldview"] != "evidence":
        yield f"Worldview: {summary['worldview']}."
    if summary["settings"]:
        yield f"On top of every package: {', '.join(summary['settings'])}."
    yield from TERMS


def _table(summary: Mapping[str, Any], bold: Style) -> Iterator[str]:
    """The columns side by side, as many packages as the screen is wide; the others below, with the labels again."""
    shared = one_past(summary)
    dates = future_dates(summary) if shared else (NOW_DATE, *future_dates(summary))
    now = [_now(summary, len(dates))] if shared else []
    first = [_labels(dates), *now, ["", *_short_dates(dates) * len(QUANTITIES)]]
    block = list(first)
    for name in summary["packages"]:
        column = _package(summary, name, dates)
        if len(block) > len(first) and _width([*block, column]) > WIDTH:
            yield from _lines(block, bold)
            block = list(first)
        block.append(column)
    yield from _lines(block, bold)


def _labels(dates: Sequence[str]) -> Column:
    blank = [""] * (len(dates) - 1)
    return ["", *(text for each in QUANTITIES for text in (LABELS[each.output, each.kind], *blank))]


def _now(summary: Mapping[str, Any], dates: int) -> Column:
    name = next(iter(summary["packages"]))
    blank = [""] * (dates - 1)
    cells = (text for each in QUANTITIES for text in (_cell(find(summary, name, each, NOW_DATE)), *blank))
    return [f"now {NOW_DATE}", *cells]


def _package(summary: Mapping[str, Any], name: str, dates: Sequence[str]) -> Column:
    return [name, *(_cell(find(summary, name, each, date)) for each in QUANTITIES for date in dates)]


def _short_dates(dates: Sequence[str]) -> list[str]:
    """Years alone where every date is a December."""
    decembers = all(date.endswith("-12") for date in dates)
    return [f"Dec {date[2:4]}" if decembers else date for date in dates]


def _cell(found: Range | None) -> str:
    if found is None:
        return "no finite"
    dash = ".." if found.p05 < 0 else "-"
    return f"{_tight(found.p50)} {_tight(found.p05)}{dash}{_tight(found.p95)}"


def _tight(value: float) -> str:
    """A number without the nought before its point: four packages have to fit."""
    text = number(value).replace("−", "-")
    return text.replace("0.", ".", 1) if abs(value) < 1 else text


def _width(columns: Sequence[Column]) -> int:
    return sum(max(map(len, column)) + 1 for column in columns) - 1


def _lines(columns: Sequence[Column], bold: Style) -> Iterator[str]:
    widths = [max(map(len, column)) for column in columns]
    for index, row in enumerate(zip(*columns, strict=True)):
        line = " ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        yield line if index else bold(line)


def _closing(summary: Mapping[str, Any]) -> Iterator[str]:
    checks = summary["checks"]
    met = sum(bool(check["overlaps"]) for check in checks)
    yield f"The 90% range under drift overlaps {met} of {len(checks)} published figures."
    failed = {name: package["failed"] for name, package in summary["packages"].items() if package["failed"]}
    if failed:
        counts = ", ".join(f"{name} {count:,}" for name, count in failed.items())
        yield from wrap(f"Not finite and left out, of {summary['draws']:,} futures: {counts}.", WIDTH)

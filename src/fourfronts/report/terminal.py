"""The summary of a run on one screen: 80 columns and 24 lines, or 34 where there are as many."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from fourfronts.report.headline import (
    NOW_DATE,
    SCREEN,
    TALL_SCREEN,
    Quantity,
    Range,
    find,
    future_dates,
    leads,
    margin,
    one_past,
    probability,
    scenario_date,
    scenario_names,
)
from fourfronts.report.wording import basis, number, short_basis, short_share

WIDTH = 80
BOLD, PLAIN = "\033[1m", "\033[0m"
TERMS = "Cells: median, then 5th to 95th percentile. PRC compute: usable, million H100e."
FRONT_TERMS = "Fronts, {date}: how likely the allies lead, and by how many months or points."
TALL = 34
"""Lines from which the second compute ratio and the channels of PRC compute are shown as well."""
LABELS = {
    "lead_months[released]": "lead, months",
    "compute_ratio[stock_usable_flops]": "FLOPS ratio",
    "compute_ratio[stock_usable_bandwidth]": "memory ratio",
    "usable_compute[prc]": "PRC compute",
    "prc_compute[domestic]": "  domestic",
    "prc_compute[legal]": "  legal",
    "prc_compute[diverted]": "  diverted",
    "prc_compute[rented]": "  rented",
    "prc_illicit_share[diverted_and_rented]": "illicit part",
}
SHORT_NAMES = {"commanding-lead": "commanding", "neck-and-neck": "neck & neck"}
LONGEST_LABEL = 12

Column = list[str]
Style = Callable[[str], str]


def screen(summary: Mapping[str, Any], where: str, *, colour: bool = False, lines: int = 24) -> str:
    """The lines to print. `where` says where the files are; `colour` allows escape sequences, for a terminal.

    `lines` is how many the screen has.
    """
    bold: Style = _bold if colour else str
    quantities = TALL_SCREEN if lines >= TALL else SCREEN
    parts = (
        _title(summary, bold),
        _numbers(summary, quantities, bold),
        _fronts(summary, bold),
        _closing(summary),
        (where,),
    )
    return "\n".join(line for part in parts for line in part)


def _bold(text: str) -> str:
    return f"{BOLD}{text}{PLAIN}"


def _title(summary: Mapping[str, Any], bold: Style) -> Iterator[str]:
    run = f"fourfronts {summary['version']}: {summary['draws']:,} futures, seed {summary['seed']}"
    whole = f"{run}, {basis(summary['posterior'], summary['evidence_cutoff'])}"
    yield bold(whole if len(whole) <= WIDTH else f"{run}, {short_basis(summary['posterior'])}")
    if summary["worldview"] != "evidence":
        yield f"Worldview: {summary['worldview']}."
    if summary["couplings"]:
        yield from wrap(f"Couplings: {', '.join(summary['couplings'])}.", WIDTH)
    if summary["settings"]:
        yield from wrap(f"On top of every package: {', '.join(summary['settings'])}.", WIDTH)


def _numbers(summary: Mapping[str, Any], quantities: Sequence[Quantity], bold: Style) -> Iterator[str]:
    """Lead and compute, now and at two dates."""
    yield TERMS
    shared = one_past(summary)
    dates = future_dates(summary) if shared else (NOW_DATE, *future_dates(summary))
    first = [_labels(quantities, dates), ["", *[_short(date) for date in dates] * len(quantities)]]
    if shared:
        first.insert(1, _now(summary, quantities, len(dates)))
    cells = {
        name: [_cell(find(summary, name, each, date), each.unit) for each in quantities for date in dates]
        for name in summary["packages"]
    }
    yield from _table(first, cells, bold)


def _fronts(summary: Mapping[str, Any], bold: Style) -> Iterator[str]:
    """Who leads on the four fronts at the end, then the scenarios of their date."""
    last = future_dates(summary)[-1]
    fronts = list(next(iter(summary["packages"].values()))["scoreboard"])
    names = [*scenario_names(summary), *_own(summary)]
    yield FRONT_TERMS.format(date=_short(last))
    told = _scenario_terms(summary)
    labels = [*fronts, told, *(SHORT_NAMES.get(name, name)[:LONGEST_LABEL] for name in names)]
    cells = {
        package: [
            *(_front_cell(summary, package, front, last) for front in fronts),
            "",
            *(_percent(probability(summary, package, name)) for name in names),
        ]
        for package in summary["packages"]
    }
    # The line between fronts and scenarios is text, and no cell of a column.
    rows = list(_table([["", *(label if label != told else "" for label in labels)]], cells, bold))
    for line in rows:
        yield line or told


def _own(summary: Mapping[str, Any]) -> list[str]:
    return list(next(iter(summary["packages"].values()))["further_scenarios"])


def _scenario_terms(summary: Mapping[str, Any]) -> str:
    if not scenario_names(summary):
        own = " Your own:" if _own(summary) else ""
        return f"Scenarios: of December 2028, which this run does not reach.{own}"
    errors = [
        each.get("standard_error", 0.0)
        for package in summary["packages"].values()
        for each in package["scenarios"].values()
    ]
    date = _short(scenario_date(summary))
    return f"Scenarios, {date}: share of futures; standard error {100 * max(errors):.1f} points or less."


def _front_cell(summary: Mapping[str, Any], package: str, front: str, date: str) -> str:
    found, chance = margin(summary, package, front, date), leads(summary, package, front, date)
    if not found or not chance:
        return "no finite"
    # Four packages have to fit, so that the ends of the range go without decimals.
    low, high = (f"{value:.0f}".replace("-0", "0") for value in (found.p05, found.p95))
    return f"{_percent(chance['allied'])} {_tight(found.p50)} {low}{'..' if found.p05 < 0 else '-'}{high}"


def _percent(share: float | None) -> str:
    if share is None:
        return "no finite"
    return short_share(share)


def _table(first: Sequence[Column], cells: Mapping[str, Column], bold: Style) -> Iterator[str]:
    """Columns side by side, as many packages as the screen is wide; the others below, with the first columns again."""
    block = list(first)
    for name, column in cells.items():
        if len(block) > len(first) and _width([*block, [name, *column]]) > WIDTH:
            yield from _lines(block, bold)
            block = list(first)
        block.append([name, *column])
    yield from _lines(block, bold)


def _labels(quantities: Sequence[Quantity], dates: Sequence[str]) -> Column:
    blank = [""] * (len(dates) - 1)
    return ["", *(text for each in quantities for text in (LABELS[f"{each.output}[{each.kind}]"], *blank))]


def _now(summary: Mapping[str, Any], quantities: Sequence[Quantity], dates: int) -> Column:
    name = next(iter(summary["packages"]))
    blank = [""] * (dates - 1)
    cells = (text for each in quantities for text in (_cell(find(summary, name, each, NOW_DATE), each.unit), *blank))
    return [f"now {NOW_DATE}", *cells]


def _short(date: str) -> str:
    """'Dec 28' for a December, any other month as it is."""
    return f"Dec {date[2:4]}" if date.endswith("-12") else date


def _cell(found: Range | None, unit: str = "") -> str:
    if found is None:
        return "no finite"
    dash = ".." if found.p05 < 0 else "-"
    sign = "%" if unit == "percent" else ""
    return f"{_tight(found.p50)}{sign} {_tight(found.p05)}{dash}{_tight(found.p95)}"


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
        yield from wrap(f"Not finite, left out: {counts}.", WIDTH)
    for cause in summary["divergences"][:1]:
        yield from wrap(cause["text"], WIDTH)

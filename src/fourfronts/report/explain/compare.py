"""Figure: what packages change, month by month, and the change in every outcome at its date."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fourfronts.analysis.explain.compare import PERCENTILES
from fourfronts.analysis.explain.finding import Finding
from fourfronts.policy.grid import NOW
from fourfronts.report.drawing import Plate
from fourfronts.report.fans import fixed_ticks, linear_axis, mark_now, month_times, year_ticks
from fourfronts.report.style import INK, LINE, MARGIN, MUTED, SMALL, WIDTH, Sheet, cut, note, package_colours, spread
from fourfronts.report.wording import signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEFT, RIGHT, FAN, LEGEND, ROW, GAP = 0.62, 0.5, 2.3, 0.48, 0.26, 0.62
NAMES = 3.6
BEFORE = 3
"""Months before today that are shown."""
TOLD = (5, 50, 95)
LINE_APART = 0.055
"""Least distance of two labels at the end of lines, as a part of the axis."""


def plate(finding: Finding, stamp: str) -> Plate:
    """A fan of the first output's change by month, and under it a line for every other row of the table."""
    details, rows = finding.details, finding.rows
    colours = package_colours(details["labels"])
    monthly = next(iter(details["months"].values()), None)
    upper = LEGEND + FAN + GAP if monthly else 0.0
    sheet = Sheet(
        finding.title,
        "The same futures under each package: lines are the median of the difference, bands 90% of futures. Below: mean"
        " difference at the date asked about, with its 90% range, and the share of futures in which it is higher.",
        upper + ROW * (len(rows) + 1) + 0.1,
        (*finding.limits, stamp),
    )
    if monthly:
        axes = sheet.axes(LEFT, LEGEND, WIDTH - LEFT - RIGHT, FAN)
        _fan(axes, monthly, details["labels"], colours)
        sheet.legend(axes, left=LEFT)
    table = sheet.axes(MARGIN, upper, WIDTH - 2 * MARGIN, ROW * (len(rows) + 1))
    _table(table, finding, colours)
    return Plate("compare", sheet, f"{finding.title}. {' '.join(finding.sentences)}")


def _fan(axes: "Axes", monthly: Mapping[str, Any], labels: dict[str, str], colours: dict[str, str]) -> None:
    # Packages part today, so that what came before is a line at nothing.
    first = max(0, monthly["months"].index(str(NOW)) - BEFORE)
    times = month_times(monthly["months"][first:])
    extremes = [0.0]
    ends: list[tuple[float, str, str]] = []
    for name, found in monthly["packages"].items():
        if not found:
            continue
        bands = [band[first:] for band in found]
        axes.fill_between(times, bands[0], bands[-1], color=colours[name], alpha=0.16, linewidth=0)
        axes.plot(times, bands[2], color=colours[name], linewidth=1.8, label=labels[name])
        for percentile, band in zip(PERCENTILES, bands, strict=True):
            if percentile in TOLD:
                words = f"p{percentile:02}" if percentile != 50 else "median"
                ends.append((band[-1], words, colours[name]))
        extremes += [min(bands[0]), max(bands[-1])]
    axes.axhline(0, color=MUTED, linewidth=0.8)
    year_ticks(axes, times[0], times[-1])
    room = 0.06 * (max(extremes) - min(extremes) or 1.0)
    low, high = min(extremes) - room, max(extremes) + room
    linear_axis(axes, low, high, 5)
    for place, (_, words, colour) in zip(
        spread([end for end, *_ in ends], LINE_APART * (high - low)), ends, strict=True
    ):
        note(axes, words, (times[-1], place), (3, 0), colour=colour, size=SMALL, up="center")
    mark_now(axes)
    words = f"{monthly['label']}: difference in {monthly['unit']}"
    note(axes, words, (0, 1), (0, 4), size=SMALL, colour=MUTED, coordinates="axes fraction")


def _table(axes: "Axes", finding: Finding, colours: dict[str, str]) -> None:
    rows, labels = finding.rows, finding.details["labels"]
    axes.set_xlim(0, WIDTH - 2 * MARGIN)
    axes.set_ylim(len(rows) + 0.5, -0.5)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    fixed_ticks(axes.xaxis, [], [])
    fixed_ticks(axes.yaxis, [], [])
    columns = {"Outcome": 0.0, "Package": NAMES, "Change": 5.6, "90% of futures": 6.9, "Higher in": 8.6}
    for title, place in columns.items():
        note(axes, title, (place, 0), size=SMALL, colour=MUTED, up="center")
    for line, row in enumerate(rows, 1):
        axes.axhline(line - 0.5, color=LINE, linewidth=0.6)
        chance = row["unit"] == "probability"
        change = f"{signed(100 * row['mean'])} points" if chance else signed(row["mean"])
        spread = "" if chance else f"{signed(row['p05'])} to {signed(row['p95'])}"
        note(axes, cut(f"{row['outcome']}, {row['unit']}", 56), (0, line), up="center", size=SMALL)
        note(
            axes,
            cut(labels[row["package"]], 30),
            (NAMES, line),
            up="center",
            size=SMALL,
            colour=colours[row["package"]],
        )
        note(axes, change, (columns["Change"], line), up="center", size=SMALL, colour=INK, bold=True)
        note(axes, spread, (columns["90% of futures"], line), up="center", size=SMALL)
        note(axes, "" if chance else f"{row['higher']:.0%}", (columns["Higher in"], line), up="center", size=SMALL)

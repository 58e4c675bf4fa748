"""Figure: how far each lever or parameter must go to take an outcome across a line, and which cannot."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from fourfronts.analysis.explain.drawn import UNITS
from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.explain.threshold.words import amount, stands
from fourfronts.report.drawing import Plate
from fourfronts.report.explain.bare import bare
from fourfronts.report.fans import fixed_ticks, round_ticks
from fourfronts.report.style import BLUE, GREEN, INK, LINE, MARGIN, MUTED, ORANGE, SMALL, WIDTH, Sheet, cut, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW, HEAD, AXIS, SMALL_ROW, GAP = 0.36, 0.28, 0.32, 0.19, 0.3
BARS, TOLD = 3.5, 6.9
"""Inches from the left: where bars begin, and where the change is told in numbers."""
PAIR = 3.2
NEARER = 0.01
"""Share of the way to the line that is worth a number."""
KINDS = {
    "lever": ("Levers: change as a share of the range", BLUE, 1.0, "{:.0%}"),
    "parameter": ("Parameters: change in prior standard deviations, in every future", GREEN, 3.0, "{:g}"),
}
"""Heading, colour, the shortest axis, and how its ticks are written."""


def plate(finding: Finding, stamp: str) -> Plate:
    """Bars of the change needed, levers and parameters apart; what cannot do it in small; for two levers the line."""
    details = finding.details
    reached = {
        kind: [row for row in finding.rows if row["answer"] == "reached" and row["kind"] == kind] for kind in KINDS
    }
    missing = [row for row in finding.rows if row["answer"] != "reached" and row["kind"] in KINDS]
    heights = {
        kind: HEAD + ROW * max(len(rows), 1) + (AXIS if rows else 0.1)
        for kind, rows in reached.items()
        if kind in details["kinds"]
    }
    listed = HEAD + SMALL_ROW * -(-len(missing) // 2) + 0.1 if missing else 0.0
    pair = GAP + PAIR + 0.5 if details["pair"] else 0.0
    sheet = Sheet(
        finding.title,
        f"{stands(details)} Levers are held from {details['start']} on. Bars: the smallest change that crosses the"
        " line, simulated again on both sides of it.",
        sum(heights.values()) + listed + pair,
        (*finding.limits, stamp),
    )
    down = 0.0
    for kind, height in heights.items():
        _bars(sheet, down, kind, reached[kind])
        down += height
    if missing:
        _missing(sheet, down, listed, missing, details)
    if details["pair"]:
        left = 1.0
        _frontier(sheet.axes(left, down + listed + GAP, WIDTH - left - 3.4, PAIR), details)
    return Plate("threshold", sheet, f"{finding.title}. {' '.join(finding.sentences)}")


def _bars(sheet: Sheet, down: float, kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
    heading, colour, least, form = KINDS[kind]
    height = ROW * max(len(rows), 1)
    words = sheet.axes(MARGIN, down, WIDTH - 2 * MARGIN, HEAD + height)
    bare(words, HEAD + height)
    note(words, heading, (0, HEAD / 2), size=SMALL, colour=MUTED, up="center")
    if not rows:
        note(words, "None that was looked at crosses the line by itself.", (0, HEAD + height / 2), up="center")
        return
    axes = sheet.axes(MARGIN + BARS, down + HEAD, TOLD - BARS - 0.25, height)
    longest = max(least, *(row["change"] for row in rows))
    axes.set_xlim(0, longest)
    axes.set_ylim(len(rows), 0)
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
    places = round_ticks(0, longest, 4)
    fixed_ticks(axes.xaxis, places, [form.format(each) for each in places])
    fixed_ticks(axes.yaxis, [], [])
    for number, row in enumerate(rows):
        axes.barh(number + 0.5, max(row["change"], 0.004 * longest), 0.55, color=colour)
        place = HEAD + ROW * (number + 0.5)
        note(words, cut(row["label"], 44), (0, place), up="center" if kind == "lever" else "bottom")
        if kind == "parameter":
            note(words, row["name"], (0, place), (0, -1), up="top", size=SMALL, colour=MUTED)
        unit = UNITS.get(row["unit"], f" {row['unit']}")
        levels = f"{row['now']:.3g} to {row['needed']:.3g}{unit}"
        share = f"{row['change']:.0%}" if kind == "lever" else f"{row['change']:.2g} sd"
        note(words, cut(f"{share}: {levels}", 40), (TOLD, place), up="center", size=SMALL)


def _missing(
    sheet: Sheet, down: float, height: float, rows: Sequence[Mapping[str, Any]], details: Mapping[str, Any]
) -> None:
    """What cannot do it, in two columns, with how far it gets."""
    axes = sheet.axes(MARGIN, down, WIDTH - 2 * MARGIN, height)
    bare(axes, height)
    axes.plot([0, WIDTH - 2 * MARGIN], [0.02, 0.02], color=LINE, linewidth=0.8)
    heading = "Out of reach alone, with the furthest that each gets inside its range, and where"
    note(axes, heading, (0, HEAD / 2), size=SMALL, colour=MUTED, up="center")
    half = -(-len(rows) // 2)
    for number, row in enumerate(rows):
        left = 0.0 if number < half else (WIDTH - 2 * MARGIN) / 2 + 0.1
        place = HEAD + SMALL_ROW * (number % half + 0.5)
        note(axes, cut(row["label"], 42), (left, place), size=SMALL, up="center")
        best = "hardly nearer"
        if (row["best"] - details["now"]) / (details["line"] - details["now"]) > NEARER:
            best = f"{amount(row['best'], details['unit'])} at {row['best_at']:.3g}"
        note(axes, best, (left + 2.75, place), size=SMALL, colour=MUTED, up="center")


def _frontier(axes: "Axes", details: Mapping[str, Any]) -> None:
    """The levels of two levers that lie on the line, where things stand, and the pair that takes least."""
    pairs = [each for each in details["pair"] if isfinite(each["together"])]
    first, second = list(details["pair"][0]["levels"])
    spans = [details["spans"][each] for each in (first, second)]
    for axis, direction, (low, high, _) in zip((axes.xaxis, axes.yaxis), "xy", spans, strict=True):
        room = 0.03 * (high - low)
        axes.set(**{f"{direction}lim": (low - room, high + room)})
        places = round_ticks(low, high, 5)
        fixed_ticks(axis, places, [f"{each:g}" for each in places])
    axes.grid(visible=True, axis="both")
    across_label, up_label = (_named(details, each) for each in (first, second))
    axes.set_xlabel(across_label)
    note(axes, up_label, (0, 1), (0, 5), coordinates="axes fraction", size=SMALL, colour=MUTED)
    present = [span[2] for span in spans]
    axes.plot(*([each] for each in present), "o", color=INK, markersize=6, label="Where things stand", linestyle="")
    if pairs:
        across, up = ([each["levels"][name] for each in pairs] for name in (first, second))
        line = f"On the line: {details['side']} {amount(details['line'], details['unit'])} from here on"
        axes.plot(across, up, "o-", color=BLUE, linewidth=1.8, markersize=4, label=line)
        least = min(pairs, key=lambda each: each["together"])
        place = [least["levels"][name] for name in (first, second)]
        words = f"Least together: {' and '.join(f'{each:.3g}' for each in place)}"
        axes.plot(*([each] for each in place), "D", color=ORANGE, markersize=8, label=words, linestyle="", zorder=3)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), fontsize=SMALL, borderaxespad=0)
    if len(pairs) < len(details["pair"]):
        few = len(details["pair"]) - len(pairs)
        words = f"At {few} of {len(details['pair'])} levels of the first,\nno level of the second does it"
        note(axes, words, (1.02, 0.55), coordinates="axes fraction", size=SMALL, colour=MUTED)


def _named(details: Mapping[str, Any], name: str) -> str:
    """A lever with its unit, where it has one."""
    unit = UNITS.get(details["units"][name], f" {details['units'][name]}").strip()
    return f"{cut(details['labels'][name], 60)}{f' ({unit})' if unit else ''}"

"""Figure: the conditions under which a kind of future comes about, as ranges, as counts, and in a scatter."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from fourfronts.analysis.explain.drawn import UNITS
from fourfronts.analysis.explain.finding import Finding
from fourfronts.report.drawing import Plate
from fourfronts.report.explain.bare import bare
from fourfronts.report.fans import fixed_ticks, log_ticks, round_ticks
from fourfronts.report.style import BLUE, INK, LINE, MARGIN, MUTED, ORANGE, PAST, SMALL, WIDTH, Sheet, cut, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"PRIM": BLUE, "CART": ORANGE}
ROW, HEAD, BARS, GAP, SCATTER, FOOT = 0.5, 0.3, 3.4, 0.5, 3.0, 0.5
RANGE, CONDITION, COST, STUB = 4.3, 6.95, 8.4, 0.06
"""Inches from the left: ranges, conditions, and what the density would be without one; the shortest bar."""
MULTIPLE = 10
"""An axis whose ends are further apart than this is logarithmic."""


def plate(finding: Finding, stamp: str) -> Plate:
    """A bar for each restricted parameter on its own range; under them the counts, and futures with the box."""
    rows = _by_parameter(finding.rows)
    table = HEAD + ROW * max(len(rows), 1)
    points = finding.details["points"]
    sheet = Sheet(
        cut(finding.title, 92),
        "Grey: where 90% of all futures lie (5th to 95th percentile, tick: median). Coloured: where the conditions"
        " hold. Counts are of futures that were not used to find the conditions.",
        table + GAP + (SCATTER + FOOT if points else 0.2),
        (*finding.limits, stamp),
    )
    axes = sheet.axes(MARGIN, 0, WIDTH - 2 * MARGIN, table)
    bare(axes, table)
    if not rows:
        note(axes, "No few conditions tell these futures from the others.", (0, HEAD + ROW / 2), up="center")
    else:
        _ranges(axes, rows)
    if points:
        down = table + GAP
        _counts(sheet.axes(MARGIN, down, BARS, SCATTER), finding.details["methods"])
        left = MARGIN + BARS + 1.05
        _scatter(sheet.axes(left, down, WIDTH - left - 0.4, SCATTER), points, finding.rows)
    return Plate("discover", sheet, f"{finding.title}. {' '.join(finding.sentences)}")


def _by_parameter(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Rows of the table by parameter and method, in the order of the first method that has it."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["parameter"], {})[row["method"]] = row
    return found


def _ranges(axes: "Axes", rows: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    for text, place in {"Parameter": 0.0, "Range": RANGE, "Condition": CONDITION, "Density without it": COST}.items():
        note(axes, text, (place, HEAD / 2), size=SMALL, colour=MUTED, up="center")
    for line, found in enumerate(rows.values()):
        top = HEAD + ROW * line
        axes.plot([0, WIDTH - 2 * MARGIN], [top, top], color=LINE, linewidth=0.6)
        row = next(iter(found.values()))
        unit = UNITS.get(row["unit"], f" {row['unit']}").strip()
        note(axes, cut(f"{row['said']}{f' ({unit})' if unit else ''}", 54), (0, top + 0.17), bold=True, up="center")
        note(axes, cut(row["meaning"], 72), (0, top + 0.36), size=SMALL, colour=MUTED, up="center")
        for number, (method, each) in enumerate(found.items()):
            height = top + (ROW / 2 if len(found) == 1 else 0.16 + 0.2 * number)
            _bar(axes, each, COLOURS[method], height)
            note(axes, f"{method}: {_words(each)}", (CONDITION, height), size=SMALL, up="center")
            words = f"{each['density_without']:.0%}, not {each['density']:.0%}"
            note(axes, words, (COST, height), size=SMALL, up="center")


def _words(row: Mapping[str, Any]) -> str:
    low, high = row["above"], row["below"]
    if isfinite(low) and isfinite(high):
        return f"{low:.3g} to {high:.3g}"
    return f"above {low:.3g}" if isfinite(low) else f"below {high:.3g}"


def _bar(axes: "Axes", row: Mapping[str, Any], colour: str, height: float) -> None:
    """The range of all futures in grey, and on it in colour the part that a condition leaves."""
    left, right, low, high = RANGE + 0.42, CONDITION - 0.62, row["p05"], row["p95"]

    def place(value: float) -> float:
        return float(left + (right - left) * (value - low) / (high - low))

    ends = [place(row[side]) if isfinite(row[side]) else end for side, end in (("above", left), ("below", right))]
    # What is beyond the range of most futures shows as a stub at its end.
    first, last = min(max(ends[0], left), right - STUB), max(min(ends[1], right), left + STUB)
    middle = place(row["p50"])
    axes.plot([left, right], [height, height], color=LINE, linewidth=5, solid_capstyle="butt")
    axes.plot([first, last], [height, height], color=colour, linewidth=5, solid_capstyle="butt")
    axes.plot([middle, middle], [height - 0.05, height + 0.05], color=INK, linewidth=1)
    note(axes, f"{low:.3g}", (left - 0.06, height), size=SMALL, colour=MUTED, up="center", across="right")
    note(axes, f"{high:.3g}", (right + 0.06, height), size=SMALL, colour=MUTED, up="center")


def _counts(axes: "Axes", methods: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """Density and coverage of each method's box with their 90% intervals, and what all futures have."""
    tested = {name: each["tested_in"] for name, each in methods.items() if each}
    lines = [("density", "of the futures under the conditions"), ("coverage", "of all such futures lie there")]
    axes.set_xlim(0, 1)
    axes.set_ylim(2.0, -0.05)
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
    fixed_ticks(axes.xaxis, [0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100%"])
    fixed_ticks(axes.yaxis, [], [])
    for index, (name, words) in enumerate(lines):
        title = f"{name.capitalize()}: {words}"
        note(axes, title, (0, index + 0.08), size=SMALL, colour=INK, up="center", backed=True)
        for number, (method, each) in enumerate(tested.items()):
            place = index + 0.3 + 0.26 * number
            axes.barh(place, each[name], 0.19, color=COLOURS[method], alpha=0.9)
            low, high = each[f"{name}_range"]
            axes.plot([low, high], [place, place], color=INK, linewidth=1)
            after = (min(high, 1.0), place)
            note(axes, f"{method} {each[name]:.0%}", after, (4, 0), size=SMALL, up="center", backed=True)
    base = next(iter(tested.values()))["of_all"]
    axes.plot([base, base], [0.17, 0.72], color=INK, linewidth=1.2, linestyle=(0, (3, 2)))
    across = "center" if base > 0.15 else "left"
    note(axes, f"all futures {base:.0%}", (base, 0.72), (0, -3), size=SMALL, colour=MUTED, up="top", across=across)
    note(axes, "Thin lines: 90% interval of counting", (0, 1.92), size=SMALL, colour=MUTED, up="center")


def _scatter(axes: "Axes", points: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Futures along the two conditions that count most, those of the kind in colour, and each method's box."""
    across, up = (np.asarray(each) for each in points["values"])
    holds = np.asarray(points["holds"])
    axes.scatter(across[~holds], up[~holds], s=5, color=PAST, alpha=0.45, linewidth=0)
    axes.scatter(across[holds], up[holds], s=11, color=INK, alpha=0.85, linewidth=0)
    ends = [_ends(values, rows, name) for values, name in zip((across, up), points["columns"], strict=True)]
    for axis, (low, high), direction in zip((axes.xaxis, axes.yaxis), ends, "xy", strict=True):
        places = _ticks(low, high)
        axes.set(**{f"{direction}scale": "log" if _wide(low, high) else "linear", f"{direction}lim": (low, high)})
        fixed_ticks(axis, places, [f"{each:g}" for each in places])
    axes.grid(visible=True, axis="both")
    for method, colour in COLOURS.items():
        limits = {row["parameter"]: row for row in rows if row["method"] == method}
        if not limits.keys() & set(points["columns"]):
            continue
        (left, right), (low, high) = (
            _limits(limits.get(name), end) for name, end in zip(points["columns"], ends, strict=True)
        )
        axes.plot([left, right, right, left, left], [low, low, high, high, low], color=colour, linewidth=1.8)
    units = [UNITS.get(each, f" {each}").strip() for each in points["units"]]
    names = [f"{said}{f', {unit}' if unit else ''}" for said, unit in zip(points["said"], units, strict=True)]
    axes.set_xlabel(cut(names[0], 60))
    top: dict[str, Any] = {"coordinates": "axes fraction", "size": SMALL}
    note(axes, cut(names[1], 50), (0, 1), (0, 4), colour=MUTED, **top)
    note(axes, "Black: such futures. Lines: boxes", (1, 1), (0, 4), across="right", colour=MUTED, **top)


def _ends(values: Any, rows: Sequence[Mapping[str, Any]], name: str) -> tuple[float, float]:
    """Where an axis begins and ends: 1st to 99th percentile and every limit, with some room."""
    limits = [row[side] for row in rows if row["parameter"] == name for side in ("above", "below")]
    low, high = map(float, np.percentile(values, (1, 99)))
    known = [each for each in limits if isfinite(each)]
    low, high = min([low, *known]), max([high, *known])
    if _wide(low, high):
        return low / 1.15, high * 1.15
    room = 0.04 * (high - low)
    return max(low - room, 0.0) if low >= 0 else low - room, high + room


def _wide(low: float, high: float) -> bool:
    """Whether a range is told better in multiples than in steps."""
    return low > 0 and high > MULTIPLE * low


def _ticks(low: float, high: float) -> list[float]:
    return log_ticks(low, high) if _wide(low, high) else round_ticks(low, high, 5)


def _limits(row: Mapping[str, Any] | None, ends: tuple[float, float]) -> tuple[float, float]:
    """A condition as two numbers; where it has no limit, just inside the axis."""
    low, high = ends
    inside = (
        (low * 1.04, high / 1.04) if _wide(low, high) else (low + 0.012 * (high - low), high - 0.012 * (high - low))
    )
    sides = zip(("above", "below"), inside, strict=True)
    first, last = (row[side] if row and isfinite(row[side]) else end for side, end in sides)
    return first, last

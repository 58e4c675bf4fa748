"""Figure: the parameters that an outcome depends on most, with first-order in total indices, and groups of them."""

from collections.abc import Mapping, Sequence
from math import isfinite
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.explain.sensitivity.words import RANKED
from fourfronts.report.drawing import Plate
from fourfronts.report.fans import amount, fixed_ticks, round_ticks
from fourfronts.report.style import BLUE, INK, MARGIN, MUTED, SKY, SMALL, Sheet, cut, note
from fourfronts.report.wording import number, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = Mapping[str, Any]

SHOWN = 15
COUNTED = 0.005
"""Total index under which groups are told of together."""

LEFT, BARS = 4.05, 2.85
"""Inches that names take, and the bars after them."""
PLACES = {"morris": 7.75, "gradient": 8.3, "change": 9.0}
"""Inches from the left at which further columns are centred."""
GROUP_ROW, ROW, HEAD, GAP = 0.22, 0.47, 0.56, 0.12
LETTERS, LINE_POINTS = 64, 10
"""Letters of a name's line, and the height of one in points."""

_BESIDE = ("axes fraction", "data")
"""A place beside the bars, at the height of a row."""


def plate(finding: Finding, stamp: str) -> Plate:
    """Groups above, the largest parameters below, each with its ranks by the methods and the way it works."""
    details = finding.details
    groups, others = _counted([row for row in finding.rows if row["kind"] == "group"])
    parameters = [row for row in finding.rows if row["kind"] == "parameter"]
    lines = len(groups) + bool(others)
    upper = HEAD + GROUP_ROW * lines + GAP if groups else 0.0
    shown = parameters[:SHOWN]
    lower = HEAD + ROW * len(shown) if shown else 0.0
    sheet = Sheet(finding.title, _subtitle(details, groups, parameters), upper + lower, (*_notes(finding), stamp))
    if groups:
        axes = sheet.axes(LEFT, HEAD, BARS, GROUP_ROW * lines)
        _bars(axes, groups, "total", details["unit"], lines)
        _heading(axes, "Groups of parameters, by mechanism")
        for line, row in enumerate(groups):
            _named(axes, line, f"{row['name'].capitalize()}: {details['sizes'][row['name']]} parameters")
        if others:
            _named(axes, len(groups), f"{others} others, each under {COUNTED:.1%}")
    if shown:
        axes = sheet.axes(LEFT, upper + HEAD, BARS, ROW * len(shown))
        _bars(axes, shown, _column(shown), details["unit"], len(shown))
        _heading(axes, f"The {len(shown)} largest of {details['inputs']} parameters")
        for line, row in enumerate(shown):
            _named(axes, line, details["labels"][row["name"]], row["name"])
        _further(axes, parameters, shown)
    return Plate("sensitivity", sheet, f"{finding.title}. {' '.join(finding.sentences)}")


def _counted(groups: Sequence[Row]) -> tuple[Sequence[Row], int]:
    """The groups that count for something, three at least, and how many others there are."""
    kept = [row for line, row in enumerate(groups) if line < 3 or row["total"] >= COUNTED]
    return kept, len(groups) - len(kept)


def _subtitle(details: Mapping[str, Any], groups: Sequence[Row], parameters: Sequence[Row]) -> str:
    words = [f"{details['outcome']}."]
    if groups or _column(parameters) == "total":
        words.append(
            "Bars are shares of its variance: dark what each explains by itself (first-order index), light with its"
            " interactions (total index); the line is the total index's 90% interval."
        )
    elif _column(parameters) == "morris":
        words.append("Bars are its mean absolute change as a parameter moves by half its distribution (Morris).")
    else:
        words.append("Bars are the mean square slope by the parameter's standard score, over the outcome's variance.")
    if change := _change(parameters):
        step = "one standard deviation" if change == "slope" else "half its distribution"
        words.append(f"Change: mean change in {details['unit']} as the parameter rises by {step}.")
    return " ".join(words)


def _notes(finding: Finding) -> tuple[str, ...]:
    # The last sentence says whether the methods agree, which the ranks show for the largest parameters alone.
    agreed = finding.sentences[-1:] if finding.details["agreement"] else []
    return (*agreed, *finding.limits)


def _has(rows: Sequence[Row], key: str) -> bool:
    return bool(rows) and isfinite(rows[0].get(key, float("nan")))


def _column(rows: Sequence[Row]) -> str:
    """The column that bars show: that of the first method that there is."""
    return next((key for key in RANKED if _has(rows, key)), "total")


def _change(rows: Sequence[Row]) -> str:
    """The column that says which way the outcome goes, or nothing."""
    return next((key for key in ("slope", "morris_mean") if _has(rows, key)), "")


def _bars(axes: "Axes", rows: Sequence[Row], column: str, unit: str, lines: int) -> None:
    """A bar for each of the first of `lines` rows; of a total index with the first-order index and its interval."""
    shares, places = column == "total", list(range(len(rows)))
    ends = [max(row["total_high"] if shares else row[column], 0.0) for row in rows]
    axes.barh(places, [max(row[column], 0.0) for row in rows], 0.62, color=SKY, linewidth=0)
    if shares:
        axes.barh(places, [max(row["first"], 0.0) for row in rows], 0.62, color=BLUE, linewidth=0)
        axes.hlines(places, [max(row["total_low"], 0.0) for row in rows], ends, color=INK, linewidth=1.0)
    most = 1.04 * max([*ends, 1e-9])
    axes.set_xlim(0, most)
    axes.set_ylim(lines - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.spines["bottom"].set_visible(False)
    axes.xaxis.tick_top()
    ticks = round_ticks(0, most, 4)
    fixed_ticks(axes.xaxis, ticks, [f"{100 * tick:g}%" if shares else amount(tick) for tick in ticks])
    axes.tick_params(axis="x", labelsize=SMALL, pad=1)
    fixed_ticks(axes.yaxis, [], [])
    for line, (row, end) in enumerate(zip(rows, ends, strict=True)):
        value = _percent(row[column]) if shares else number(row[column])
        note(axes, value, (end, line), (4, 0), size=SMALL, up="center")
    if column == "morris":
        note(axes, unit, (1, 1), (6, 3), coordinates="axes fraction", size=SMALL, colour=MUTED)


def _percent(value: float) -> str:
    """A share as '46%', '5.8%' or '<0.1%'."""
    if value < 0.0005:
        return "<0.1%"
    # An estimate may miss a share at its end.
    return f"{min(value, 1.0):.0%}" if value >= 0.0995 else f"{value:.1%}"


def _heading(axes: "Axes", text: str) -> None:
    place = ((MARGIN - LEFT) / BARS, 1)
    note(axes, text, place, (0, 18), coordinates="axes fraction", bold=True)


def _named(axes: "Axes", line: int, label: str, key: str = "") -> None:
    """A row's label in up to two lines, and under it the parameter's id."""
    lines = wrap(label, LETTERS)
    if len(lines) > 2:
        lines = [lines[0], cut(" ".join(lines[1:]), LETTERS)]
    colours = [INK] * len(lines) + [MUTED] * bool(key)
    for order, (text, colour) in enumerate(zip([*lines, key], colours, strict=False)):
        up = LINE_POINTS * ((len(colours) - 1) / 2 - order)
        place = ((MARGIN - LEFT) / BARS, line)
        note(axes, text, place, (0, up), coordinates=_BESIDE, size=SMALL, up="center", colour=colour)


def _further(axes: "Axes", parameters: Sequence[Row], shown: Sequence[Row]) -> None:
    """To the right of the bars: each row's rank by every other method, and the change with its direction."""
    for key in RANKED:
        if key in PLACES and key != _column(shown) and _has(shown, key):
            order = sorted(parameters, key=lambda row: -row[key])
            ranks = {row["name"]: str(place) for place, row in enumerate(order, 1)}
            title = {"morris": "Rank by\nMorris", "gradient": "Rank by\nslopes"}[key]
            _column_of(axes, PLACES[key], title, [ranks[row["name"]] for row in shown])
    if change := _change(shown):
        _column_of(axes, PLACES["change"], "Change", [signed(float(f"{row[change]:.3g}")) for row in shown])


def _column_of(axes: "Axes", inches: float, title: str, texts: Sequence[str]) -> None:
    across = (inches - LEFT) / BARS
    note(axes, title, (across, 1), (0, 3), coordinates="axes fraction", size=SMALL, colour=MUTED, across="center")
    for line, text in enumerate(texts):
        note(axes, text, (across, line), coordinates=_BESIDE, size=SMALL, up="center", across="center")

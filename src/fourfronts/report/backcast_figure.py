"""Figures: what published series would have shown in the model, with what they did show on top, and the error."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from fourfronts.analysis.backcast import Point, Score, Series
from fourfronts.evidence.loader import Evidence
from fourfronts.evidence.records import Record
from fourfronts.policy.grid import Month
from fourfronts.report.drawing import Drawing, Plate, house_style, render
from fourfronts.report.fans import (
    NOW_LINE,
    Bands,
    amount,
    draw_part,
    fixed_ticks,
    log_ticks,
    month_times,
    round_ticks,
    year_ticks,
)
from fourfronts.report.published import span
from fourfronts.report.style import BLOC_COLOURS, GREEN, INK, MARGIN, MUTED, PAPER, SMALL, WIDTH, Sheet, cut, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLATES = {
    "backcast_compute": ("Back-cast of compute: published series and the model", ("compute",)),
    "backcast_intelligence": ("Back-cast of intelligence: published series and the model", ("intelligence",)),
    "backcast_adoption": ("Back-cast of adoption: published series and the model", ("adoption",)),
    "backcast_fronts": (
        "Back-cast of the other fronts: published series and the model",
        ("distribution", "money", "safety", "security"),
    ),
}
"""Title and fronts of each figure, by name."""

SUBTITLE = (
    "Fans: the model through the reading of each series (line: median; dark band: 25th to 75th percentile; light band:"
    " 5th to 95th); blue allied, red PRC, green the rest. Error: mean distance of the median from the figures. Inside:"
    " within the light band. Agreement with a figure that a prior rests on is no test of the model; ranges of readings"
    " are wide, so being inside says little."
)
A_ROW = 4
LEFT, BETWEEN = 0.48, 0.46
PANEL_HEIGHT, ABOVE, BELOW, LEGEND = 1.1, 0.58, 0.3, 0.3
LONG = 2
"""Months beyond which the time that a figure stands for is drawn."""
SHAPES = {"": "o", "at_least": "^", "at_most": "v"}
BOUNDS = {"at_least": "lower", "at_most": "upper"}
FOLD = 20.0
"""How far under the smallest figure a logarithmic axis reaches at most."""
FLOATING = ("ECI", "log10 FLOP")
"""Units of scales that do not begin at nothing."""
COLOURS = {**BLOC_COLOURS, "rest": GREEN}


def backcast_figures(series: Sequence[Series], evidence: Evidence, stamp: str) -> list[Drawing]:
    """Every back-cast figure, finished. `stamp` names version, seed and number of futures."""
    with house_style():
        return render(plates(series, evidence, stamp))


def plates(series: Sequence[Series], evidence: Evidence, stamp: str) -> list[Plate]:
    """A sheet of small panels for each of `PLATES` that some series belong to."""
    found = []
    for name, (title, fronts) in PLATES.items():
        if chosen := [each for each in series if each.about.front in fronts]:
            found.append(_plate(name, title, chosen, evidence, stamp))
    return found


def _plate(name: str, title: str, series: Sequence[Series], evidence: Evidence, stamp: str) -> Plate:
    rows = -(-len(series) // A_ROW)
    ids = {row for each in series for point in each.points for row in point.rows}
    money = " Money in billion USD." if any(each.about.unit == "billion USD" for each in series) else ""
    sheet = Sheet(
        title,
        f"{SUBTITLE}{money}",
        LEGEND + rows * (ABOVE + PANEL_HEIGHT + BELOW) - 0.1,
        (f"Published figures: {len(ids)} rows of {_families(evidence, ids)}.", stamp),
    )
    width = (WIDTH - LEFT - MARGIN - BETWEEN * (A_ROW - 1)) / A_ROW
    for index, each in enumerate(series):
        row, column = divmod(index, A_ROW)
        down = LEGEND + ABOVE + row * (ABOVE + PANEL_HEIGHT + BELOW)
        _panel(sheet.axes(LEFT + column * (width + BETWEEN), down, width, PANEL_HEIGHT), each)
    _legend(sheet, series)
    words = "; ".join(f"{each.about.label}: {error_words(each)}, {use_words(each)}" for each in series)
    return Plate(name, sheet, f"{len(series)} small fan charts with published figures on top. {words}.")


def _families(evidence: Evidence, ids: Iterable[str]) -> str:
    """First and last id of each kind: 'COST-001 to COST-036, CYB-001 to CYB-004'."""
    kinds: dict[str, list[Record]] = {}
    for each in sorted(ids):
        kinds.setdefault(each.rstrip("0123456789"), []).append(evidence.get(each))
    return ", ".join(span(rows) if len(rows) > 1 else rows[0].id for rows in kinds.values())


def error_words(series: Series) -> str:
    """The error in words: 'off by 2.3 points; 5 of 6 inside'."""
    score = series.score
    inside = f"{round(score.coverage * score.n)} of {score.n} inside"
    bounds = {point.bound for point in series.points}
    if len(bounds) == 1 and (side := BOUNDS.get(bounds.pop(), "")):
        return f"{side} bounds; {inside.replace('inside', 'kept')}"
    return f"off {_size(series, score)}; {inside}"


def use_words(series: Series) -> str:
    """Which figures set a prior, in words: 'in-sample 5 of 6; others off by 3.9 points'."""
    score, unused = series.score, series.unused
    if unused is None:
        return "in-sample: a prior rests on each"
    if unused.n == score.n:
        return "out of sample: no prior rests on any"
    return f"in-sample {score.n - unused.n} of {score.n}; others off {_size(series, unused)}"


def _size(series: Series, score: Score) -> str:
    if series.about.scale == "log":
        return f"{score.error:.3g}-fold"
    if series.about.unit in ("percent", "ECI"):
        return f"by {score.error:.1f} points"
    return f"{score.error:.1f} {series.about.unit.removesuffix(' FLOP')}"


def _panel(axes: "Axes", series: Series) -> None:
    colour = COLOURS.get(series.about.bloc, MUTED)
    fan = Bands(month_times(series.months), series.rows)
    for part in _parts(axes, series, fan):
        draw_part(axes, part, colour)
    for point in series.points:
        _draw(axes, point)
    year_ticks(axes, float(fan.times[0]), NOW_LINE, short=True)
    values = [point.value for point in series.points]
    if series.about.scale == "log":
        # A total begins at nothing, which a logarithm cannot show.
        low = max(float(fan.rows[0].min()), min(values) / FOLD)
        _log_axis(axes, series, min(*values, low), max(*values, float(fan.rows[4].max())))
    else:
        low, top = min(*values, float(fan.rows[0].min())), max(*values, float(fan.rows[4].max()))
        if series.about.unit == "percent":
            _ticks(axes, series, 0.0, min(top * 1.08, 103.0), round_ticks(0.0, top * 1.05, 4))
        else:
            floor = low if series.about.unit in FLOATING else min(low, 0.0)
            _ticks(axes, series, floor, top + 0.08 * (top - floor), round_ticks(floor, top, 4))
    at: dict[str, Any] = {"coordinates": "axes fraction"}
    note(axes, cut(series.about.label, 28), (0, 1), (-14, 26), bold=True, **at)
    note(axes, error_words(series), (0, 1), (-14, 15.5), size=SMALL, **at)
    note(axes, use_words(series), (0, 1), (-14, 5), size=SMALL, colour=MUTED, **at)


def _parts(axes: "Axes", series: Series, fan: Bands) -> list[Bands]:
    """The fan in one piece, or on either side of a change in what the series counts."""
    splice = getattr(series.about.reading, "splice", None)
    if splice is None:
        return [fan]
    kept = sum(month <= str(splice.until) for month in series.months)
    axes.axvline(_month_start(splice.until) + 1 / 12, color=MUTED, linewidth=0.7, linestyle=(0, (1, 2)))
    place = (_month_start(splice.until) + 1 / 12, 1.0)
    across = axes.get_xaxis_transform()
    note(axes, splice.words, place, (-3, -8), coordinates=across, colour=MUTED, size=SMALL, across="right")
    return [Bands(fan.times[part], fan.rows[:, part]) for part in (slice(None, kept), slice(kept, None))]


def _month_start(month: Month) -> float:
    return Month(*month).decimal_year


def _draw(axes: "Axes", point: Point) -> None:
    first, last = _month_start(point.first), _month_start(point.last) + 1 / 12
    if point.last.offset - point.first.offset >= LONG:
        axes.plot([first, last], [point.value, point.value], color=INK, linewidth=0.7, alpha=0.6)
    axes.plot((first + last) / 2, point.value, **_marker(point.bound, in_sample=point.in_sample), clip_on=False)


def _marker(bound: str, *, in_sample: bool) -> dict[str, Any]:
    face = PAPER if in_sample else INK
    size = 3.8 if not bound else 4.2
    return {
        "linestyle": "none",
        "marker": SHAPES[bound],
        "markersize": size,
        "markerfacecolor": face,
        "markeredgecolor": INK,
        "markeredgewidth": 0.9,
        "zorder": 3,
    }


def _legend(sheet: Sheet, series: Sequence[Series]) -> None:
    bounds = {point.bound for each in series for point in each.points}
    axes = sheet.figure.axes[0]
    labels = [("in-sample: a prior rests on the figure", "", True), ("out of sample", "", False)]
    labels += [(f"{BOUNDS[bound]} bound", bound, True) for bound in ("at_least", "at_most") if bound in bounds]
    for label, bound, used in labels:
        axes.plot([], [], label=label, **_marker(bound, in_sample=used))
    sheet.legend(axes, left=LEFT - 0.1)


def _log_axis(axes: "Axes", series: Series, low: float, high: float) -> None:
    axes.set_yscale("log")
    _ticks(axes, series, low / 1.15, high * 1.15, log_ticks(low / 1.1, high * 1.1))


def _ticks(axes: "Axes", series: Series, low: float, high: float, places: Sequence[float]) -> None:
    sign = {"percent": "%", "multiple": "×"}.get(series.about.unit, "")
    axes.set_ylim(low, high)
    fixed_ticks(axes.yaxis, places, [f"{amount(place)}{sign}" for place in places])

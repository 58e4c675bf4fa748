"""Figure: from the lead as it was to the lead without illicit channels, in steps, at two dates."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fourfronts.analysis.explain.finding import Finding
from fourfronts.report.drawing import Plate
from fourfronts.report.fans import fixed_ticks, round_ticks
from fourfronts.report.style import (
    CHANNEL_COLOURS,
    GREEN,
    INK,
    LINE,
    MARGIN,
    MUTED,
    PAST,
    SMALL,
    WIDTH,
    Sheet,
    note,
    shown,
)
from fourfronts.report.wording import signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"evasion": CHANNEL_COLOURS["diverted"], "distillation": GREEN}
NAMES, NUMBERS, HEAD, ROW, AXIS = 2.55, 2.0, 0.34, 0.3, 0.42
PART = ("p05", "mean", "p95")
OPEN, CLOSED = "Lead as it was", "Lead without both channels"


def plate(finding: Finding, stamp: str) -> Plate:
    """A panel for each date: the mean lead as it was, what each channel took off it, the lead without either."""
    dates = finding.details["dates"]
    panel = HEAD + ROW * 4 + AXIS
    sheet = Sheet(
        finding.title,
        "Months of lead of released models, mean over futures. Coloured: what each channel explains, averaged over the"
        " order in which the two are closed since 2022 (Shapley value); lines: 90% of futures.",
        panel * len(dates) + 0.1,
        (*finding.limits, stamp),
    )
    several = {date: {row["channel"]: row for row in finding.rows if row["date"] == date} for date in dates}
    reached = [_reach(rows, finding.details["lead"][date]) for date, rows in several.items()]
    scale = min(low for low, _ in reached), 1.03 * max(high for _, high in reached)
    for place, (date, rows) in enumerate(several.items()):
        axes = sheet.axes(MARGIN + NAMES, panel * place + HEAD, WIDTH - 2 * MARGIN - NAMES - NUMBERS, ROW * 4)
        _scale(axes, scale)
        _steps(axes, rows, finding.details, date)
    return Plate("closeness", sheet, f"{finding.title}. {' '.join(finding.sentences)}")


def _reach(rows: Mapping[str, Mapping[str, Any]], lead: Mapping[str, float]) -> tuple[float, float]:
    """The lowest and the highest month that is drawn."""
    start, middle = lead["open"], lead["open"] + rows["evasion"]["mean"]
    ends = [left + rows[name][key] for name, left in (("evasion", start), ("distillation", middle)) for key in PART]
    return min(0.0, *ends), max(start, lead["closed"], *ends)


def _scale(axes: "Axes", scale: tuple[float, float]) -> None:
    axes.set_xlim(*scale)
    axes.set_ylim(3.5, -0.5)
    axes.grid(visible=False)
    fixed_ticks(axes.yaxis, [], [])
    ticks = round_ticks(*scale, 8)
    fixed_ticks(axes.xaxis, ticks, [f"{tick:g}" for tick in ticks])
    for tick in ticks:
        axes.axvline(tick, color=LINE, linewidth=0.6, zorder=0)
    axes.set_xlabel("months of lead", labelpad=1, fontsize=SMALL)


def _steps(axes: "Axes", rows: Mapping[str, Mapping[str, Any]], details: Mapping[str, Any], date: str) -> None:
    start, end = details["lead"][date]["open"], details["lead"][date]["closed"]
    middle = start + rows["evasion"]["mean"]
    _whole(axes, 0, OPEN, start)
    for at, (name, left) in enumerate((("evasion", start), ("distillation", middle)), 1):
        _step(axes, at, details["labels"][name], left, rows[name], COLOURS[name])
    _whole(axes, 3, CLOSED, end)
    for at, value in enumerate((start, middle, end)):
        axes.plot([value, value], [at + 0.33, at + 0.67], color=MUTED, linewidth=0.8)
    beyond = rows["beyond"]
    words = f"{date}; together beyond what they do apart: {signed(beyond['mean'])} months ({_range(beyond)})"
    note(axes, words, (0, 1), (-72 * NAMES, 6), coordinates="axes fraction", bold=True)


def _whole(axes: "Axes", at: int, name: str, value: float) -> None:
    axes.barh(at, value, height=0.66, color=PAST, linewidth=0)
    _named(axes, at, name, shown(value))


def _step(axes: "Axes", at: int, name: str, left: float, row: Mapping[str, Any], colour: str) -> None:
    axes.barh(at, row["mean"], left=left, height=0.66, color=colour, linewidth=0)
    axes.plot([left + row["p05"], left + row["p95"]], [at, at], color=INK, linewidth=0.9, solid_capstyle="butt")
    _named(axes, at, name, f"{signed(row['mean'])}  ({_range(row)})")


def _range(row: Mapping[str, Any]) -> str:
    return f"{signed(row['p05'])} to {signed(row['p95'])}"


def _named(axes: "Axes", at: int, name: str, words: str) -> None:
    beside = axes.get_yaxis_transform()
    note(axes, name, (0, at), (-72 * NAMES, 0), coordinates=beside, up="center", size=SMALL)
    note(axes, words, (1, at), (8, 0), coordinates=beside, up="center", size=SMALL)

"""Figure: what areas and levers add to one outcome, below it who acts on whom, beside it the areas for every other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from fourfronts.analysis.explain.attribution.words import ALL, AREA, AREA_PAIR, LEVER, LEVER_PAIR, acting, amount
from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.scenarios import Z90
from fourfronts.report.drawing import Plate
from fourfronts.report.fans import fixed_ticks, round_ticks
from fourfronts.report.style import (
    BLUE,
    GREEN,
    INK,
    LINE,
    MARGIN,
    MUTED,
    NORMAL,
    ORANGE,
    PAST,
    PURPLE,
    SMALL,
    VERMILLION,
    Sheet,
    cut,
    note,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {
    "close_loopholes": BLUE,
    "defend_models": GREEN,
    "champion_exports": ORANGE,
    "resilience": PURPLE,
    "prc_response": VERMILLION,
}
WORDS, PAIRS_TOLD, WORDS_WIDE = 0.165, 3, 100


@dataclass(frozen=True)
class Panel:
    """Inches of a panel: from its left end names, bars and numbers; its title, a row, and the axis under it."""

    left: float
    names: float
    bars: float
    numbers: float
    head: float
    row: float
    axis: float
    size: float
    ticks: int

    def height(self, rows: int) -> float:
        """Of the whole panel with so many rows."""
        return self.head + self.row * rows + self.axis


LARGE = Panel(MARGIN, 2.35, 2.45, 0.75, 0.5, 0.225, 0.3, NORMAL, 5)
LITTLE = Panel(6.05, 1.2, 1.4, 0.8, 0.5, 0.16, 0.22, SMALL, 3)


@dataclass(frozen=True)
class Bar:
    """One row: what is added, in words, in numbers and in colour."""

    name: str
    colour: str
    row: Mapping[str, Any]
    chance: bool

    @property
    def scaled(self) -> tuple[float, float, float]:
        """Mean and both ends of its line as they are drawn: percentage points for a probability."""
        mean = self.row["mean"]
        if not self.chance:
            return mean, self.row["p05"], self.row["p95"]
        error = Z90 * self.row["standard_error"]
        return 100 * mean, 100 * (mean - error), 100 * (mean + error)


def plate(finding: Finding, stamp: str) -> Plate:
    """Bars for the first outcome, a small panel for each other, and the strongest interactions in words."""
    first, *others = finding.details["outcomes"]
    bars, words = _all_bars(finding, first), _words(finding, first)
    little = LITTLE.height(len(finding.details["areas"]) + 1)
    down = LARGE.height(len(bars)) + 0.15
    sheet = Sheet(
        finding.title,
        "Shapley values: the change against drift, shared out among areas and among levers by what each adds, averaged"
        " over the orders in which they may come into force. Bars: mean over futures. Lines: 90% of futures; of a"
        " probability, the 90% error of counting futures. Under each title: the mean under drift, then under the"
        " package.",
        max(down + WORDS * (len(words) + 1) + 0.1, little * len(others)),
        (*finding.limits, stamp),
    )
    _panel(sheet, LARGE, 0.0, bars, finding.details["outcomes"][first])
    for place, name in enumerate(others):
        _panel(sheet, LITTLE, little * place, _area_bars(finding, name), finding.details["outcomes"][name])
    _told(sheet.axes(MARGIN, down, LITTLE.left - MARGIN, WORDS * (len(words) + 1)), words)
    return Plate("attribution", sheet, f"{finding.title}. {' '.join(finding.sentences)}")


def _all_bars(finding: Finding, name: str) -> list[Bar]:
    """The whole, then every area with its levers under it."""
    details, found = finding.details, []
    chance = details["outcomes"][name]["chance"]
    levers = [row for row in finding.rows if row["outcome"] == name and row["part"] == LEVER]
    for bar in _area_bars(finding, name):
        found.append(bar)
        mine = [row for row in levers if details["area_of"][row["name"]] == bar.row["name"]]
        found += [Bar(f"    {cut(details['levers'][row['name']], 34)}", bar.colour, row, chance) for row in mine]
    return found


def _area_bars(finding: Finding, name: str) -> list[Bar]:
    details = finding.details
    chance = details["outcomes"][name]["chance"]
    rows = [row for row in finding.rows if row["outcome"] == name and row["part"] in {ALL, AREA}]
    names = {row["name"]: details["areas"].get(row["name"], details["package"]) for row in rows}
    return [Bar(cut(names[row["name"]], 19), COLOURS.get(row["name"], PAST), row, chance) for row in rows]


def _panel(sheet: Sheet, panel: Panel, down: float, bars: Sequence[Bar], asked: Mapping[str, Any]) -> None:
    axes = sheet.axes(panel.left + panel.names, down + panel.head, panel.bars, panel.row * len(bars))
    label = f"Probability of {asked['label'].lower()}" if asked["chance"] else asked["label"]
    place, shift = (0.0, 1.0), -72 * panel.names
    fits = int((panel.names + panel.bars + panel.numbers) / (0.0092 * panel.size))
    title: dict[str, Any] = {"coordinates": "axes fraction", "size": panel.size}
    note(axes, cut(label, fits), place, (shift, panel.size + 8), bold=True, **title)
    note(axes, _changes(asked), place, (shift, 5), colour=MUTED, **title)
    _scale(axes, panel, bars)
    largest = max(abs(bar.scaled[0]) for bar in bars)
    for at, bar in enumerate(bars):
        _bar(axes, panel, at, bar, largest)


def _changes(asked: Mapping[str, Any]) -> str:
    unit = "percentage points" if asked["chance"] else asked["unit"]
    drift, package = (f"{asked[key]:.1%}" if asked["chance"] else f"{asked[key]:.3g}" for key in ("drift", "package"))
    return f"{asked['date']}: {_minus(drift)} to {_minus(package)}; {unit}"


def _scale(axes: "Axes", panel: Panel, bars: Sequence[Bar]) -> None:
    scaled = [bar.scaled for bar in bars]
    low, high = min(0.0, *(min(each) for each in scaled)), max(0.0, *(max(each) for each in scaled))
    if high - low < 1e-9:
        low, high = -1.0, 1.0
    room = 0.03 * (high - low)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    ticks = round_ticks(low - room, high + room, panel.ticks)
    fixed_ticks(axes.xaxis, ticks, [_minus(f"{tick:+g}") if abs(tick) > 1e-9 else "0" for tick in ticks])
    fixed_ticks(axes.yaxis, [], [])
    axes.tick_params(axis="x", labelsize=SMALL, length=0, pad=1)
    for tick in ticks:
        axes.axvline(tick, color=LINE, linewidth=0.6, zorder=0)
    axes.axvline(0, color=MUTED, linewidth=0.8, zorder=1)


def _bar(axes: "Axes", panel: Panel, at: int, bar: Bar, largest: float) -> None:
    lever = bar.row["part"] == LEVER
    mean, low, high = bar.scaled
    axes.barh(at, mean, height=0.5 if lever else 0.72, color=bar.colour, alpha=0.55 if lever else 0.9, linewidth=0)
    axes.plot([low, high], [at, at], color=INK, linewidth=0.9, solid_capstyle="butt")
    style: dict[str, Any] = {"size": SMALL, "up": "center", "bold": not lever and panel is LARGE}
    beside = axes.get_yaxis_transform()
    note(axes, bar.name, (0, at), (-72 * panel.names, 0), coordinates=beside, **style)
    note(
        axes,
        _minus(amount(mean, largest)),
        (1, at),
        (72 * panel.numbers - 4, 0),
        coordinates=beside,
        across="right",
        **style,
    )


def _minus(text: str, before: str = "") -> str:
    # The sign that figures have in place of a hyphen.
    return text.replace(f"{before}-", f"{before}−")


def _words(finding: Finding, name: str) -> list[str]:
    rows = [row for row in finding.rows if row["outcome"] == name]
    told = [each for part in (AREA_PAIR, LEVER_PAIR) for each in acting(rows, finding.details, part, PAIRS_TOLD)]
    lines = [line for each in told for line in wrap(each, WORDS_WIDE, subsequent_indent="    ")]
    return [_minus(line, "(") for line in lines] or ["No two areas or levers act noticeably on one another."]


def _told(axes: "Axes", words: Sequence[str]) -> None:
    axes.set_axis_off()
    axes.set_ylim(len(words) + 0.5, -0.5)
    note(axes, "Who acts on whom, in the outcome above", (0, 0), up="center", bold=True)
    for line, text in enumerate(words, 1):
        note(axes, text, (0, line), up="center", size=SMALL)

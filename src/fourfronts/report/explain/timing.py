"""Figure: probabilities against the start of a package, with the last date that serves; and every measure below."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fourfronts.analysis.explain.attribution.words import amount
from fourfronts.analysis.explain.finding import Finding
from fourfronts.policy.grid import FIRST, parse_month
from fourfronts.policy.scenarios import COMMANDING_LEAD, CONTESTED, NECK_AND_NECK
from fourfronts.report.drawing import Plate
from fourfronts.report.fans import fixed_ticks, round_ticks
from fourfronts.report.style import (
    BLUE,
    GREEN,
    INK,
    LINE,
    MUTED,
    ORANGE,
    PAST,
    PURPLE,
    SKY,
    SMALL,
    VERMILLION,
    WIDTH,
    Sheet,
    cut,
    note,
    shown,
    spread,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {COMMANDING_LEAD: GREEN, NECK_AND_NECK: VERMILLION, CONTESTED: BLUE}
OTHERS = (PURPLE, ORANGE, SKY)
LEFT, RIGHT, HEAD, TALL, LOW, AXIS, BETWEEN = 0.5, 1.35, 0.46, 2.3, 1.75, 0.4, 0.55
NAMED = {"p05": "5%", "p50": "median", "p95": "95%"}
Rows = Sequence[Mapping[str, Any]]
Label = tuple[float, str, str]
"""Height at the right end of a line, words, colour."""


def plate(finding: Finding, stamp: str) -> Plate:
    """A panel for all probabilities, then for every measure one of its level and one of the gain on drift."""
    known = finding.details["outcomes"]
    chances = [name for name, each in known.items() if each["chance"]]
    measures = [name for name, each in known.items() if not each["chance"]]
    upper = HEAD + TALL + AXIS if chances else 0.0
    lower = HEAD + LOW + AXIS
    sheet = Sheet(
        finding.title,
        f"{finding.details['package']} begun in the month on the horizontal axis: all its changes moved together, in"
        " the same futures. Dashed: drift, in which it is never begun. Bands of means and of probabilities: 90%, from"
        " counting futures.",
        upper + lower * len(measures),
        (*finding.limits, stamp),
    )
    if chances:
        _probabilities(sheet.axes(LEFT, HEAD, WIDTH - LEFT - RIGHT, TALL), finding, chances)
    width = (WIDTH - LEFT - BETWEEN - 2 * 0.85) / 2
    for place, name in enumerate(measures):
        down = upper + lower * place + HEAD
        rows = [row for row in finding.rows if row["outcome"] == name]
        _level(sheet.axes(LEFT, down, width, LOW), rows, known[name])
        _gain(sheet.axes(LEFT + width + 0.85 + BETWEEN, down, width, LOW), rows, known[name])
    return Plate("timing", sheet, f"{finding.title}. {' '.join(finding.sentences)}")


def _time(start: str) -> float:
    return parse_month(start).decimal_year


def _ready(axes: "Axes", rows: Rows, title: str, unit: str) -> list[float]:
    """Times of the starts, with the axis under them and a title over them."""
    times = [_time(row["start"]) for row in rows[:-1]]
    axes.set_xlim(times[0], times[-1])
    step = -(-len(times) // (9 if axes.get_position().width * WIDTH > 5 else 5))
    fixed_ticks(axes.xaxis, times[::step], [row["start"] for row in rows[:-1]][::step])
    axes.tick_params(axis="x", labelsize=SMALL)
    axes.tick_params(axis="y", labelsize=SMALL)
    note(axes, title, (0, 1), (-72 * LEFT + 9, 17), coordinates="axes fraction", size=SMALL + 0.4, bold=True)
    note(axes, unit, (0, 1), (-72 * LEFT + 9, 5), coordinates="axes fraction", size=SMALL, colour=MUTED)
    return times


def _minus(text: str) -> str:
    # The sign that figures have in place of a hyphen.
    return text.replace("-", "−")


def _heights(axes: "Axes", low: float, high: float) -> None:
    """A linear vertical axis with a little room at both ends."""
    room = 0.06 * (high - low or 1.0)
    axes.set_ylim(low - room, high + room)
    ticks = round_ticks(low - room, high + room, 5)
    # Adding nothing makes a nought of what would read as -0.
    fixed_ticks(axes.yaxis, ticks, [_minus(f"{tick + 0.0:g}") for tick in ticks])


def _ends(axes: "Axes", labels: Sequence[Label]) -> None:
    """Words beside the right end of lines, moved apart where they would touch."""
    right, points = axes.get_xlim()[1], 72 / axes.figure.dpi
    heights = [height * points for _, height in axes.transData.transform([(right, each) for each, _, _ in labels])]
    for (place, text, colour), height, moved in zip(labels, heights, spread(heights, SMALL * 1.3), strict=True):
        note(axes, text, (right, place), (5, moved - height), size=SMALL, colour=colour, up="center")


def _probabilities(axes: "Axes", finding: Finding, chances: Sequence[str]) -> None:
    known, spare = finding.details["outcomes"], iter(OTHERS)
    colours = {name: COLOURS.get(name) or next(spare, PAST) for name in chances}
    several = {name: [row for row in finding.rows if row["outcome"] == name] for name in chances}
    dates = " and ".join(dict.fromkeys(known[name]["date"] for name in chances))
    times = _ready(axes, next(iter(several.values())), "Probability by the month in which it begins", f"% in {dates}")
    most = max(row["mean_high"] for rows in several.values() for row in rows)
    found = finding.details["last_date"]
    most = max(most, found["threshold"]) if found else most
    _heights(axes, 0.0, 100 * most)
    labels: list[Label] = []
    for name, rows in several.items():
        *begun, drift = rows
        band = [[100 * row[key] for row in begun] for key in ("mean_low", "mean", "mean_high")]
        axes.fill_between(times, band[0], band[2], color=colours[name], alpha=0.18, linewidth=0)
        axes.plot(times, band[1], color=colours[name], linewidth=1.9, marker="o", markersize=3)
        axes.axhline(100 * drift["mean"], color=colours[name], linewidth=0.9, linestyle=(0, (4, 3)))
        labels += [
            (band[1][-1], f"{cut(known[name]['label'], 18)} {band[1][-1]:.1f}", colours[name]),
            (100 * drift["mean"], f"drift {100 * drift['mean']:.1f}", colours[name]),
        ]
    _ends(axes, labels)
    if found:
        _threshold(axes, found, finding.details["starts"])


def _threshold(axes: "Axes", found: Mapping[str, Any], starts: Sequence[str]) -> None:
    level, (first, last) = 100 * found["threshold"], axes.get_xlim()
    axes.axhline(level, color=INK, linewidth=0.9, linestyle=(0, (1, 2)))
    words = {"never": ": never reached", "always": ": reached at the last start still", "until": ""}
    text = f"threshold {level:.1f}%{words[found['reached']]}"
    note(
        axes,
        text,
        (first, level),
        (4, 3 if level < 50 or level < axes.get_ylim()[1] - 5 else -9),
        size=SMALL,
        backed=True,
    )
    if found["reached"] != "until":
        return
    at = FIRST.year + found["at_offset"] / 12
    low = FIRST.year + found["low_offset"] / 12 if found["low"] else first
    high = FIRST.year + found["high_offset"] / 12 if found["high"] else last
    axes.axvspan(low, high, color=LINE, alpha=0.5, linewidth=0, zorder=0)
    axes.plot([at, at], [axes.get_ylim()[0], level], color=INK, linewidth=1.2)
    ends = f"{found['low'] or f'before {starts[0]}'} to {found['high'] or f'after {starts[-1]}'}"
    left = at < (first + last) / 2
    note(axes, f"last start: {found['at']} ({ends})", (at, 0.5 * level), (4 if left else -4, 0),
         size=SMALL, backed=True, across="left" if left else "right")  # fmt: skip


def _level(axes: "Axes", rows: Rows, asked: Mapping[str, Any]) -> None:
    *begun, drift = rows
    times = _ready(axes, rows, cut(asked["label"], 56), f"{asked['unit']} in {asked['date']}: futures, and their mean")
    bands = {key: [row[key] for row in begun] for key in (*NAMED, "mean_low", "mean", "mean_high")}
    lows, highs = [*bands["p05"], drift["p05"]], [*bands["p95"], drift["p95"]]
    _heights(axes, min(lows), max(highs))
    axes.fill_between(times, bands["p05"], bands["p95"], color=BLUE, alpha=0.13, linewidth=0)
    axes.fill_between(times, bands["mean_low"], bands["mean_high"], color=BLUE, alpha=0.35, linewidth=0)
    axes.plot(times, bands["mean"], color=BLUE, linewidth=1.6, marker="o", markersize=2.5)
    axes.plot(times, bands["p50"], color=BLUE, linewidth=0.9)
    axes.axhline(drift["mean"], color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    labels = [(bands[key][-1], f"{word} {_minus(shown(bands[key][-1]))}", MUTED) for key, word in NAMED.items()]
    mean = (bands["mean"][-1], f"mean {_minus(shown(bands['mean'][-1]))}", BLUE)
    _ends(axes, [*labels, mean, (drift["mean"], f"drift {_minus(shown(drift['mean']))}", MUTED)])


def _gain(axes: "Axes", rows: Rows, asked: Mapping[str, Any]) -> None:
    *begun, _ = rows
    times = _ready(axes, rows, "What beginning then adds to drift", f"{asked['unit']}: mean, and 90% of futures")
    bands = {key: [row[f"gain{key}"] for row in begun] for key in ("_p05", "", "_p95")}
    _heights(axes, min(0.0, *bands["_p05"]), max(0.0, *bands["_p95"]))
    axes.axhline(0, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    axes.fill_between(times, bands["_p05"], bands["_p95"], color=BLUE, alpha=0.13, linewidth=0)
    axes.plot(times, bands[""], color=BLUE, linewidth=1.6, marker="o", markersize=2.5)
    names = {"_p05": "5%", "": "mean", "_p95": "95%"}
    ends = {key: band[-1] for key, band in bands.items()}
    _ends(
        axes,
        [(end, f"{names[key]} {_minus(amount(end))}", MUTED if key else BLUE) for key, end in ends.items()],
    )

"""Figure: trade-offs between packages that none beats, with those on the short list told apart, and what they do."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.explain.finding import Finding
from fourfronts.report.drawing import Plate
from fourfronts.report.explain.shades import columns, rows, shade_table
from fourfronts.report.fans import fixed_ticks
from fourfronts.report.style import (
    BLUE,
    GREEN,
    INK,
    LINE,
    MARGIN,
    MUTED,
    ORANGE,
    PURPLE,
    SKY,
    SMALL,
    VERMILLION,
    WIDTH,
    Sheet,
    cut,
    note,
)
from fourfronts.report.wording import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

LEFT, RIGHT, LINES, LEGEND, AXES_FOOT = 0.55, 0.6, 2.7, 0.42, 0.55
NAMES, ROW, HEAD, FOOT = 2.75, 0.235, 0.55, 0.95
COLOURS = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE)
GIVEN = 2
"""Given packages that are drawn beside those found."""
LESS = ("effort", "cost")
BILLION = 1e9
WORDS = {
    "lead": "lead,\nmonths",
    "commanding": "commanding\nlead, %",
    "adoption": "adoption\nmargin, points",
    "distribution": "distribution\nmargin, points",
    "worst": "lead in worst\nworldview, months",
    "effort": "effort,\nlevers in full",
    "cost": "cost on record,\nbillion USD",
}


def searched(finding: Finding, stamp: str) -> Plate:
    """Parallel coordinates of the packages, the moves of those on the short list, and their regret by worldview."""
    details, table = finding.details, finding.rows
    listed = [row["package"] for row in table if row["kind"] == "short list"]
    given = [row["package"] for row in table if row["kind"] == "given"]
    colours = dict(zip(listed, COLOURS, strict=False))
    levers = _levers(details["moves"])
    upper = LEGEND + LINES + AXES_FOOT
    moves = HEAD + ROW * max(len(levers), 1)
    regret = HEAD + ROW * len([*listed, *given]) + FOOT
    sheet = Sheet(
        finding.title,
        "Every line is a package, and higher is better on every axis: more of the first five, less of the last two."
        " In colour the short list, which no worldview ruins; dashed, packages that were given.",
        upper + moves + regret,
        (f"Short list: {details['rule']}.", *finding.limits, stamp),
    )
    axes = sheet.axes(LEFT, LEGEND, WIDTH - LEFT - RIGHT, LINES)
    _parallel(axes, table, details, colours, given[:GIVEN])
    sheet.legend(axes, left=LEFT, columns=8)
    across = sheet.axes(NAMES, upper + HEAD, WIDTH - NAMES - MARGIN, ROW * max(len(levers), 1))
    _moves(across, levers, details, listed, colours)
    below = sheet.axes(NAMES, upper + moves + HEAD, WIDTH - NAMES - MARGIN, ROW * len([*listed, *given]))
    shown = [*listed, *given]
    shade_table(
        below,
        np.array([details["regret"][name] for name in shown]),
        "Regret in mean lead by worldview, months",
        VERMILLION,
    )
    columns(below, list(details["views"].values()))
    named = [details["labels"][name] for name in shown]
    rows(below, named, {place: colours[name] for place, name in enumerate(shown) if name in colours})
    return Plate("robust", sheet, f"{finding.title}. {' '.join(finding.sentences)}")


def _levers(moves: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Levers that any package moves, those that are moved furthest first."""
    furthest: dict[str, float] = {}
    for each in moves.values():
        for name, move in each.items():
            furthest[name] = furthest.get(name, 0.0) + abs(move["share"])
    return sorted(furthest, key=lambda name: (-furthest[name], name))


def _values(row: Mapping[str, Any], cost: Mapping[str, float]) -> list[float]:
    scaled = {"commanding": 100.0}
    return [cost[row["package"]] / BILLION if name == "cost" else row[name] * scaled.get(name, 1.0) for name in WORDS]


def _parallel(
    axes: "Axes",
    table: Sequence[Mapping[str, Any]],
    details: Mapping[str, Any],
    colours: Mapping[str, str],
    given: Sequence[str],
) -> None:
    shown = [row for row in table if row["kind"] != "given" or row["package"] in given]
    values = np.array([_values(row, details["cost"]) for row in shown])
    low, high = values.min(axis=0), values.max(axis=0)
    places = (values - low) / np.where(high > low, high - low, 1.0)
    less = [index for index, name in enumerate(WORDS) if name in LESS]
    places[:, less] = 1.0 - places[:, less]
    steps = np.arange(len(WORDS))
    for row, line in zip(shown, places, strict=True):
        name = row["package"]
        if name in colours:
            axes.plot(steps, line, color=colours[name], linewidth=2.0, label=details["labels"][name], zorder=3)
        elif row["kind"] == "given":
            dash = (0, (4, 2)) if name == given[0] else (0, (1, 1.4))
            axes.plot(steps, line, color=INK, linewidth=1.5, linestyle=dash, label=details["labels"][name], zorder=2.5)
        else:
            axes.plot(steps, line, color=SKY, linewidth=0.8, alpha=0.45, zorder=2)
    axes.plot([], [], color=SKY, linewidth=0.8, label="Others found")
    _scales(axes, low, high, less)


def _scales(axes: "Axes", low: Floats, high: Floats, less: Sequence[int]) -> None:
    axes.set_xlim(-0.15, len(WORDS) - 0.85)
    axes.set_ylim(-0.02, 1.02)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    fixed_ticks(axes.xaxis, [], [])
    fixed_ticks(axes.yaxis, [], [])
    for index, words in enumerate(WORDS.values()):
        axes.axvline(index, color=LINE, linewidth=1.2, zorder=1)
        bottom, top = (high, low) if index in less else (low, high)
        note(axes, _short(float(top[index])), (index, 1.02), (0, 2), size=SMALL, across="center", bold=True)
        note(
            axes,
            _short(float(bottom[index])),
            (index, -0.02),
            (0, -2),
            size=SMALL,
            across="center",
            up="top",
            bold=True,
        )
        note(axes, words, (index, -0.02), (0, -14), size=SMALL, across="center", up="top", colour=MUTED)


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _moves(
    axes: "Axes", levers: Sequence[str], details: Mapping[str, Any], listed: Sequence[str], colours: Mapping[str, str]
) -> None:
    from matplotlib.colors import to_rgba

    moves = details["moves"]
    title = "What the short list does: new level and start; blue is raised, orange lowered, the darker the further"
    if not levers:
        fixed_ticks(axes.xaxis, [], [])
        fixed_ticks(axes.yaxis, [], [])
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)
        note(axes, "No package is on the short list.", (0, 1), (0, 6), coordinates="axes fraction", size=SMALL)
        return
    shades = np.ones((len(levers), len(listed), 4))
    for (row, column), _ in np.ndenumerate(shades[..., 0]):
        share = moves[listed[column]].get(levers[row], {"share": 0.0})["share"]
        shades[row, column] = to_rgba(BLUE if share >= 0 else ORANGE, 0.5 * abs(share))
    axes.imshow(shades, aspect="auto", interpolation="nearest")
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    fixed_ticks(axes.xaxis, [], [])
    for (row, column), _ in np.ndenumerate(shades[..., 0]):
        move = moves[listed[column]].get(levers[row])
        text = f"{number(move['level'])}  from {move['start']}" if move else "–"
        note(axes, text, (column, row), size=SMALL, across="center", up="center", colour=INK if move else MUTED)
    for place, name in enumerate(listed):
        style: dict[str, Any] = {"size": SMALL, "across": "center", "bold": True, "colour": colours[name]}
        note(axes, cut(details["labels"][name], 18), (place, 1), (0, 4), coordinates=("data", "axes fraction"), **style)
    rows(axes, [details["lever_labels"][name] for name in levers], characters=43)
    note(axes, title, (0, 1), (-NAMES * 72 + 9, 19), coordinates="axes fraction", size=SMALL, bold=True)

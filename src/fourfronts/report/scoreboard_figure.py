"""Figure: the probability that the allied bloc leads each front, over time."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.scoreboard import Front, Standing, scoreboard, shipped_fronts
from fourfronts.evidence.loader import Evidence
from fourfronts.model.blocs import ALLIED
from fourfronts.report.drawing import Plate
from fourfronts.report.fans import NOW_LINE, fixed_ticks, mark_now, month_times, year_ticks
from fourfronts.report.multiples import main_package
from fourfronts.report.published import families, rows_behind
from fourfronts.report.style import PAPER, PAST, SMALL, WIDTH, Sheet, cut, note, package_colours, spread
from fourfronts.report.wording import share

if TYPE_CHECKING:
    from matplotlib.axes import Axes

START = 2023.0
ACROSS = 2
LEFT, LABELS, BETWEEN = 0.7, 1.42, 0.12
HEIGHT, GAP = 1.75, 0.78
LONGEST = 14


def scoreboard_over_time(ensembles: Mapping[str, Ensemble], evidence: Evidence, stamp: str) -> Plate:
    """A panel for each front, a line for each package."""
    del evidence
    boards = {name: scoreboard(each, by_month=True) for name, each in ensembles.items()}
    rows = rows_behind("adoption", "distribution", "resilience")
    fronts, last = shipped_fronts(), next(iter(ensembles.values())).months[-1]
    ranked = (
        "Intelligence: best released model (ECI). Domestic adoption: AI-weighted share of GDP. Global distribution:"
        " share of the AI work that the rest of the world buys."
    )
    sources = (
        f"Resilience: index, 0 to 100. Priors of the last three rest on {len(rows)} rows of the evidence:"
        f" {families(rows, 3)}; see Assumptions."
    )
    sheet = Sheet(
        "Who leads on the four fronts?",
        "Probability that the allied bloc stands highest of the three blocs, as the share of futures in each month, in"
        " percent. Grey: the past, which packages share; colours: packages.",
        -(-len(fronts) // ACROSS) * (HEIGHT + GAP),
        (ranked, sources, stamp),
    )
    width = (WIDTH - LEFT - ACROSS * LABELS - BETWEEN) / ACROSS
    for index, (name, front) in enumerate(fronts.items()):
        row, column = divmod(index, ACROSS)
        place = LEFT + column * (width + LABELS + BETWEEN), 0.36 + row * (HEIGHT + GAP)
        axes = sheet.axes(*place, width, HEIGHT)
        _panel(axes, front, {package: board[name] for package, board in boards.items()}, ensembles)
        axes.tick_params(labelleft=column == 0)
        if column == 0:
            axes.set_ylabel("allied bloc leads")
    told = "; ".join(f"{front.label} {', '.join(_ends(boards, ensembles, name))}" for name, front in fronts.items())
    alt = f"Line charts of the probability that the allied bloc leads each front, to {last}. In {last}: {told}."
    return Plate("scoreboard", sheet, alt)


def _ends(boards: Mapping[str, Mapping[str, Standing]], ensembles: Mapping[str, Ensemble], front: str) -> list[str]:
    return [
        f"{ensembles[package].package.label} {share(float(board[front].leads[-1, ALLIED]))}"
        for package, board in boards.items()
    ]


def _panel(axes: "Axes", front: Front, standings: Mapping[str, Standing], ensembles: Mapping[str, Ensemble]) -> None:
    colours, main = package_colours(ensembles), main_package(ensembles)
    axes.set_ylim(-4, 104)
    ends, shared = [], _one_past([*standings.values()])
    for package, standing in standings.items():
        times = month_times(standing.dates)
        chance = 100 * standing.leads[:, ALLIED]
        past, future = (times <= NOW_LINE) & (times >= START), times >= NOW_LINE - 1 / 12
        if package == main or not shared:
            axes.plot(times[past], chance[past], color=PAST if shared else colours[package], linewidth=1.8)
        axes.plot(times[future], chance[future], color=colours[package], linewidth=1.8)
        ends.append(float(chance[-1]))
    year_ticks(axes, START, float(times[-1]), short=True)
    fixed_ticks(axes.yaxis, [0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
    mark_now(axes)
    note(axes, front.label, (0, 1), (0, 6), coordinates="axes fraction", bold=True)
    _labels(axes, [*standings], ends, float(times[-1]), ensembles)


def _one_past(standings: list[Standing]) -> bool:
    """Whether no package changes the past."""
    past = month_times(standings[0].dates) <= NOW_LINE
    first = standings[0].leads[past]
    return all(np.array_equal(first, each.leads[past], equal_nan=True) for each in standings)


def _labels(
    axes: "Axes", packages: list[str], ends: list[float], time: float, ensembles: Mapping[str, Ensemble]
) -> None:
    """Share and package beside the end of each line, moved apart where they would touch; once where all are alike."""
    colours = package_colours(ensembles)
    finite = [end if np.isfinite(end) else 0.0 for end in ends]
    for package, end in zip(packages, finite, strict=True):
        axes.plot(time, end, "o", color=colours[package], markersize=4, markeredgecolor=PAPER, clip_on=False)
    if len(packages) > 1 and len({share(end / 100) for end in finite}) == 1:
        note(axes, f"{share(finite[0] / 100)} under each", (time, finite[0]), (7, 0), size=SMALL, up="center")
        return
    points = 72 / axes.figure.dpi
    heights = [height * points for _, height in axes.transData.transform([(time, end) for end in finite])]
    for package, end, height, moved in zip(packages, finite, heights, spread(heights, SMALL * 1.35), strict=True):
        text = f"{share(end / 100)} {cut(ensembles[package].package.label, LONGEST)}"
        note(axes, "●", (time, end), (6, moved - height), colour=colours[package], size=SMALL, up="center")
        note(axes, text, (time, end), (15, moved - height), size=SMALL, up="center")

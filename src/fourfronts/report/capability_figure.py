"""Figure: released capability of both blocs, with the released models' scores on top."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.evidence.loader import Evidence
from fourfronts.evidence.records import Model
from fourfronts.report.drawing import Plate
from fourfronts.report.fans import (
    bands,
    day_time,
    draw_fan,
    label_percentiles,
    linear_axis,
    mark_now,
    year_ticks,
)
from fourfronts.report.multiples import A_ROW, LEFT, LEGEND_HEIGHT, RIGHT, main_package
from fourfronts.report.published import scored_models, span
from fourfronts.report.style import BLOC_COLOURS, MUTED, PAPER, SMALL, WIDTH, Sheet, cut, note, package_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLOC_NAMES = {"allied": "Allied", "prc": "PRC"}
START = 2023.0
HEIGHT, BETWEEN = 4.0, 0.3
LABEL_GAP = 5.0
"""ECI points between the names of models, so that no two touch."""


def capability(ensembles: Mapping[str, Ensemble], evidence: Evidence, stamp: str) -> Plate:
    """ECI of the best released model: a panel for each bloc with the main package's fan and the bloc's own models."""
    main = main_package(ensembles)
    label, last = ensembles[main].package.label, ensembles[main].months[-1]
    fans = {bloc: bands(ensembles[main], "capability_released", bloc).since(START) for bloc in BLOC_NAMES}
    models = {bloc: scored_models(evidence, bloc) for bloc in BLOC_NAMES}
    rows = [row for pair in models.values() for group in pair for row in group]
    # One line for each other package, and one for the other bloc.
    columns = len(ensembles) if len(ensembles) <= A_ROW else A_ROW - 1
    strip = LEGEND_HEIGHT + 0.12 + 0.2 * (-(-len(ensembles) // columns) - 1)
    sheet = Sheet(
        "Capability of the best released model of each bloc",
        f"Epoch Capabilities Index (ECI). Fans: {label}. Line: median; dark band: 25th to 75th percentile; light band:"
        " 5th to 95th. Large dots: models that set their bloc’s record on release; small dots: other models.",
        strip + HEIGHT + 0.35,
        (f"Scores: {len(rows)} models of {span(rows)}, Epoch AI (CC BY 4.0), releases up to May 2026.", stamp),
    )
    low = min(row.eci or 0.0 for row in rows)
    high = max(float(fan.rows.max()) for fan in fans.values())
    width = (WIDTH - LEFT - 2 * RIGHT - BETWEEN) / 2
    for index, (bloc, fan) in enumerate(fans.items()):
        axes = sheet.axes(LEFT + index * (width + RIGHT + BETWEEN), strip, width, HEIGHT)
        draw_fan(axes, fan, BLOC_COLOURS[bloc])
        _draw_models(axes, *models[bloc], BLOC_COLOURS[bloc])
        _draw_medians(axes, ensembles, main, bloc)
        year_ticks(axes, START, float(fan.times[-1]))
        linear_axis(axes, low - 8, high + 2, 7)
        mark_now(axes, labelled=True)
        note(axes, BLOC_NAMES[bloc], (0, 1), (0, 22), coordinates="axes fraction", bold=True)
        label_percentiles(axes, fan, BLOC_COLOURS[bloc])
    first, second = sheet.figure.axes
    first.set_ylabel("ECI points")
    sheet.legend(second, columns=columns)
    alt = (
        f"Two fan charts of the ECI of the best released model to {last} under {label}, with the scores of {len(rows)}"
        f" released models. In {last}, median and 5th to 95th percentile: Allied {fans['allied'].at_end}; PRC"
        f" {fans['prc'].at_end}."
    )
    return Plate("capability", sheet, alt)


def _draw_models(axes: "Axes", frontier: list[Model], others: list[Model], colour: str) -> None:
    for group, size, alpha in ((others, 2.6, 0.5), (frontier, 5.0, 1.0)):
        places = [(day_time(row.date_start), row.eci) for row in group if row.date_start and row.eci]
        axes.plot(
            [time for time, _ in places],
            [score for _, score in places],
            linestyle="none",
            marker="o",
            markersize=size,
            color=colour,
            alpha=alpha,
            markeredgecolor=PAPER,
            markeredgewidth=0.5,
        )
    below = 0.0
    for row in frontier:
        if row.date_start and row.eci and row.eci - below >= LABEL_GAP and day_time(row.date_start) >= START:
            below = row.eci
            # Without date or size: 'GPT-4 (Mar 2023)' is GPT-4.
            name = row.quantity.partition(" (")[0]
            note(axes, name, (day_time(row.date_start), row.eci), (5, -3), size=SMALL, up="top", backed=True)


def _draw_medians(axes: "Axes", ensembles: Mapping[str, Ensemble], main: str, bloc: str) -> None:
    colours = package_colours(ensembles)
    for name, each in ensembles.items():
        if name != main:
            fan = bands(each, "capability_released", bloc).parts()[1]
            style: dict[str, Any] = {"color": colours[name], "linewidth": 1.2, "linestyle": (0, (4, 1.5))}
            axes.plot(fan.times, fan.median, label=f"{cut(each.package.label, 28)}, median", **style)
    other = "prc" if bloc == "allied" else "allied"
    fan = bands(ensembles[main], "capability_released", other).since(START)
    style = {"color": MUTED, "linewidth": 0.9, "linestyle": (0, (1, 1.5))}
    axes.plot(fan.times, fan.median, label=f"the other bloc, {cut(ensembles[main].package.label, 16)}, median", **style)

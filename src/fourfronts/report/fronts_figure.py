"""Figures: domestic adoption and global distribution, a fan for each bloc."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.evidence.loader import Evidence
from fourfronts.report.drawing import Plate
from fourfronts.report.fans import Bands, bands, draw_fan, label_percentiles, linear_axis, mark_now, year_ticks
from fourfronts.report.multiples import LEFT, main_package
from fourfronts.report.published import families, rows_behind
from fourfronts.report.style import BLOC_COLOURS, PURPLE, WIDTH, Sheet, cut, note, package_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLOC_NAMES = {"allied": "Allied", "prc": "PRC", "rest": "Rest of the world"}
COLOURS = {**BLOC_COLOURS, "rest": PURPLE}
START = 2023.0
PERCENT = 100.0
COLUMNS = 3
"""Medians of other packages side by side in the legend."""
HEIGHT, BETWEEN, LABELS = 2.9, 0.1, 0.9


@dataclass(frozen=True)
class Shown:
    """One output, a share by bloc: the figure's name and title, what its panels and its axis say."""

    name: str
    output: str
    blocs: tuple[str, ...]
    title: str
    meaning: str
    unit: str
    mechanism: str


ADOPTION = Shown(
    "adoption",
    "adoption",
    ("allied", "prc", "rest"),
    "Domestic adoption",
    "Share of GDP produced with AI, weighted by how much of the work it does, in percent.",
    "percent of GDP",
    "adoption",
)
DISTRIBUTION = Shown(
    "distribution",
    "distribution_share",
    ("allied", "prc", "rest"),
    "Global distribution",
    "Who supplies the AI work that the rest of the world buys, in percent; what it does for itself is its own.",
    "percent of the work",
    "distribution",
)


def adoption(ensembles: Mapping[str, Ensemble], evidence: Evidence, stamp: str) -> Plate:
    """AI-weighted share of GDP of each bloc."""
    del evidence
    return _draw(ADOPTION, ensembles, stamp)


def distribution(ensembles: Mapping[str, Ensemble], evidence: Evidence, stamp: str) -> Plate:
    """Each bloc's share of the AI work that the rest of the world buys."""
    del evidence
    return _draw(DISTRIBUTION, ensembles, stamp)


def _draw(shown: Shown, ensembles: Mapping[str, Ensemble], stamp: str) -> Plate:
    main = main_package(ensembles)
    label, last = ensembles[main].package.label, ensembles[main].months[-1]
    fans = {bloc: _fan(ensembles[main], shown.output, bloc).since(START) for bloc in shown.blocs}
    rows = rows_behind(shown.mechanism)
    strip = 0.3 + 0.2 * -(-max(len(ensembles) - 1, 1) // COLUMNS)
    sheet = Sheet(
        shown.title,
        f"{shown.meaning} Fans: {label}. Line: median; dark band: 25th to 75th percentile; light band: 5th to 95th.",
        strip + HEIGHT + 0.35,
        (f"Priors of this front rest on {len(rows)} rows of the evidence: {families(rows)}; see Assumptions.", stamp),
    )
    highest = max(float(fan.rows.max()) for fan in fans.values())
    width = (WIDTH - LEFT - len(fans) * LABELS - (len(fans) - 1) * BETWEEN) / len(fans)
    for index, (bloc, fan) in enumerate(fans.items()):
        axes = sheet.axes(LEFT + index * (width + LABELS + BETWEEN), strip, width, HEIGHT)
        draw_fan(axes, fan, COLOURS[bloc])
        _draw_medians(axes, ensembles, shown.output, bloc, main)
        year_ticks(axes, START, float(fan.times[-1]), short=True)
        linear_axis(axes, 0, highest * 1.03, 6)
        axes.tick_params(labelleft=index == 0)
        mark_now(axes)
        note(axes, BLOC_NAMES[bloc], (0, 1), (0, 6), coordinates="axes fraction", bold=True)
        label_percentiles(axes, fan, COLOURS[bloc])
    first = sheet.figure.axes[0]
    first.set_ylabel(shown.unit)
    if len(ensembles) > 1:
        sheet.legend(first, columns=COLUMNS)
    words = "; ".join(f"{BLOC_NAMES[bloc]} {fan.at_end}" for bloc, fan in fans.items())
    alt = (
        f"Fan charts of {shown.title.lower()} to {last} under {label}, {shown.unit}, a panel for each bloc. In {last},"
        f" median and 5th to 95th percentile: {words}."
    )
    return Plate(shown.name, sheet, alt)


def _fan(ensemble: Ensemble, output: str, bloc: str) -> Bands:
    fan = bands(ensemble, output, bloc)
    return Bands(fan.times, fan.rows * PERCENT)


def _draw_medians(axes: "Axes", ensembles: Mapping[str, Ensemble], output: str, bloc: str, main: str) -> None:
    colours = package_colours(ensembles)
    for name, each in ensembles.items():
        if name != main:
            fan = _fan(each, output, bloc).parts()[1]
            style: dict[str, Any] = {"color": colours[name], "linewidth": 1.2, "linestyle": (0, (4, 1.5))}
            axes.plot(fan.times, fan.median, label=f"{cut(each.package.label, 24)}, median", **style)

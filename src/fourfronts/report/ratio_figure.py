"""Figure: allied over PRC compute, with the published ratios and the scenarios' thresholds on top."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.evidence.loader import Evidence
from fourfronts.report.drawing import Plate
from fourfronts.report.fans import NOW_LINE, bands, log_axis
from fourfronts.report.multiples import LOOK_BACK, Packages
from fourfronts.report.published import Point, definitions, ratio_points, span
from fourfronts.report.style import INK, MUTED, PAPER, SMALL, Sheet, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

START = 2022.0
"""Nothing is published for the years before."""
OWNED, BANDWIDTH = "stock_owned_flops", "stock_usable_bandwidth"
OTHER_RATIOS = {
    OWNED: ("owned, in operations: median", (0, (5, 1.5))),
    BANDWIDTH: ("usable, in memory bandwidth: median", (0, (1.2, 1.2))),
}


def compute_ratio(ensembles: Mapping[str, Ensemble], evidence: Evidence, stamp: str) -> Plate:
    """Usable operations as fans, two other ways to count as lines, published ratios on top."""
    packages = Packages.of(ensembles, "compute_ratio", "stock_usable_flops", unit="allied : PRC")
    points = ratio_points(evidence)
    published = (
        f"Published ratios: {span(point.row for point in points)} (Epoch AI, RAND), of owned or tracked compute, not"
        " corrected for software or rent."
    )
    thresholds = (
        "Horizontal lines: the compute tests of the two scenarios for the end of 2028 (Anthropic, “2028: two"
        " scenarios”; RATIO-006)."
    )
    sheet = Sheet(
        "Allied compute as a multiple of PRC compute",
        "Stocks, on a logarithmic scale. Fan: usable compute (owned, corrected for software, plus rented) in 8-bit"
        " operations. Line: median; dark band: 25th to 75th percentile; light band: 5th to 95th."
        f"{packages.explained}",
        packages.height,
        (published, thresholds, stamp),
    )
    axes = packages.large_panel(sheet, START)
    fan = packages.fans[packages.main].since(START)
    levels = [each["level"] for each in definitions()["scenarios"]]
    log_axis(axes, min(*levels, float(fan.rows[0].min())), max(*levels, float(fan.rows[4].max())))
    _scenario_lines(axes, labelled=True)
    _other_ratios(axes, ensembles[packages.main], (OWNED, BANDWIDTH), START)
    _draw_points(axes, points)
    packages.finish_large_panel(axes)
    low, high = packages.reach()
    for name, panel in packages.small_panels(sheet).items():
        log_axis(panel, low, high)
        _scenario_lines(panel, labelled=False)
        _other_ratios(panel, ensembles[name], (BANDWIDTH,), NOW_LINE - LOOK_BACK)
    alt = (
        f"Fan chart of allied over PRC usable compute in operations from 2022 to {packages.last} under"
        f" {packages.labels[packages.main]}, with {len(points)} published ratios. In {packages.last}, median and 5th to"
        f" 95th percentile: {packages.ends}."
    )
    return Plate("compute_ratio", sheet, alt)


def _other_ratios(axes: "Axes", ensemble: Ensemble, kinds: tuple[str, ...], first: float) -> None:
    for kind in kinds:
        label, dashes = OTHER_RATIOS[kind]
        other = bands(ensemble, "compute_ratio", kind).since(first)
        axes.plot(other.times, other.median, color=INK, linewidth=1.0, linestyle=dashes, label=label)


def _draw_points(axes: "Axes", points: list[Point]) -> None:
    times, values = [point.time for point in points], [point.value for point in points]
    style: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 5, "color": INK}
    axes.plot(times, values, markeredgecolor=PAPER, markeredgewidth=0.6, label="published ratios", **style)
    for point in points:
        beside = definitions()["ratios"].get(point.row.id, {"words": f"{point.value:g}", "right": -5, "up": 0})
        shift = (beside["right"], beside["up"])
        side = "left" if beside["right"] > 2 else "right"
        note(axes, beside["words"], (point.time, point.value), shift, size=SMALL, across=side, up="center", backed=True)


def _scenario_lines(axes: "Axes", *, labelled: bool) -> None:
    for each in definitions()["scenarios"]:
        axes.axhline(each["level"], color=MUTED, linewidth=0.7, zorder=1.6)
        if labelled:
            across = axes.get_yaxis_transform()
            note(axes, each["words"], (0, each["level"]), (3, 2), coordinates=across, colour=MUTED, size=SMALL)

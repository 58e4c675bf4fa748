"""Figure: the lead in months, with the published gap estimates on top."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.evidence.loader import Evidence
from fourfronts.policy.grid import FIRST
from fourfronts.report.drawing import Plate
from fourfronts.report.fans import linear_axis
from fourfronts.report.multiples import Packages
from fourfronts.report.published import Method, Point, another_gap, blend, cited, gap_points, methods, span
from fourfronts.report.style import MUTED, PAPER, Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def lead_fan(ensembles: Mapping[str, Ensemble], evidence: Evidence, stamp: str) -> Plate:
    """Lead of released models in months: a large panel with published estimates, small ones for each package."""
    packages = Packages.of(ensembles, "lead_months", "released", unit="months")
    points, summary = gap_points(evidence), blend(evidence)
    published = [point for each in points.values() for point in each]
    sources = (
        f"Published estimates: {len(published)} rows of {span(point.row for point in published)}, by Epoch AI, IAPS,"
        " LMArena, METR, NIST CAISI, H. T. Ihle, llm2014 and the experts named there, or derived from these."
    )
    summaries = (
        f"Analysts’ blend: {len(summary)} rows of the same, a judgement, no measurement. Left out: open against closed"
        f" models of any country ({cited(another_gap(evidence))})."
    )
    sheet = Sheet(
        "Lead of the allied frontier over the PRC frontier",
        "Months by which the best released PRC model trails the best released allied model. Line: median; dark band:"
        " 25th to 75th percentile; light band: 5th to 95th. Published estimates: thin lines are ranges, hollow"
        f" signs bounds.{packages.explained}",
        packages.height,
        (sources, summaries, stamp),
    )
    axes = packages.large_panel(sheet, FIRST.year)
    for method in methods():
        _draw_points(axes, points[method.label], method)
    style: dict[str, Any] = {"color": MUTED, "linewidth": 1.0, "linestyle": (0, (4, 2)), "zorder": 1.9}
    axes.plot([p.time for p in summary], [p.value for p in summary], label="analysts’ blend (judgement)", **style)
    fan = packages.fans[packages.main]
    highest = max(float(fan.rows[4].max()), *(point.high for point in published))
    linear_axis(axes, min(0.0, float(fan.rows[0].min())), highest * 1.03, 7)
    packages.finish_large_panel(axes)
    low, high = packages.reach()
    for panel in packages.small_panels(sheet).values():
        linear_axis(panel, min(0.0, low), high * 1.03, 5)
    alt = (
        f"Fan chart of the lead in months from 2020 to {packages.last} under {packages.labels[packages.main]}, with"
        f" {len(published)} published estimates up to May 2026. In {packages.last}, median and 5th to 95th percentile:"
        f" {packages.ends}."
    )
    return Plate("lead_fan", sheet, alt)


def _draw_points(axes: "Axes", points: list[Point], method: Method) -> None:
    ranged = [point for point in points if point.high > point.low]
    axes.vlines(
        [point.time for point in ranged],
        [point.low for point in ranged],
        [point.high for point in ranged],
        color=method.colour,
        linewidth=0.7,
        alpha=0.4,
    )
    for bound in (False, True):
        shown = [point for point in points if point.is_bound is bound]
        axes.plot(
            [point.time for point in shown],
            [point.value for point in shown],
            linestyle="none",
            marker=method.marker,
            markersize=4.2,
            markerfacecolor=PAPER if bound else method.colour,
            markeredgecolor=method.colour if bound else PAPER,
            markeredgewidth=0.9 if bound else 0.5,
            label=None if bound else method.label,
        )

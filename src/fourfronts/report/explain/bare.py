"""Axes to write a table on."""

from typing import TYPE_CHECKING

from fourfronts.report.fans import fixed_ticks
from fourfronts.report.style import MARGIN, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def bare(axes: "Axes", height: float) -> None:
    """Axes in inches, from the top left, with no lines of their own."""
    axes.set_xlim(0, WIDTH - 2 * MARGIN)
    axes.set_ylim(height, 0)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    fixed_ticks(axes.xaxis, [], [])
    fixed_ticks(axes.yaxis, [], [])

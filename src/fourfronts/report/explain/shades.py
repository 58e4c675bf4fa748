"""Tables of numbers on shades of a colour, for figures whose rows and columns have names."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.report.fans import fixed_ticks
from fourfronts.report.style import INK, MUTED, SMALL, cut, note
from fourfronts.report.wording import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

DARKEST = 0.7
"""Opacity of the darkest shade; black numbers can be read on it."""


def shade_table(axes: "Axes", values: Floats, title: str, colour: str) -> None:
    """Numbers (rows, columns) on shades of one colour, the darker the larger; the largest possible is the largest."""
    from matplotlib.colors import to_rgba

    most = float(np.abs(values).max()) or 1.0
    shades = np.array([[to_rgba(colour, DARKEST * abs(each) / most) for each in row] for row in values])
    axes.imshow(shades, aspect="auto", interpolation="nearest")
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    for (row, column), each in np.ndenumerate(values):
        note(axes, number(float(each)), (column, row), size=SMALL, across="center", up="center", colour=INK)
    note(axes, cut(title, 62), (0, 1), (0, 6), coordinates="axes fraction", bold=True, size=SMALL)


def columns(axes: "Axes", labels: Sequence[str]) -> None:
    """Names under the columns, slanted so that they do not touch."""
    fixed_ticks(axes.xaxis, [], [])
    for place, label in enumerate(labels):
        axes.annotate(
            cut(label, 22),
            (place, 0),
            (3, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            rotation=38,
            rotation_mode="anchor",
            ha="right",
            va="top",
            fontsize=SMALL,
            color=MUTED,
            annotation_clip=False,
        )


def rows(axes: "Axes", labels: Sequence[str], colours: Mapping[int, str] | None = None, characters: int = 26) -> None:
    """Names beside the rows, in colours of their own where some are given."""
    fixed_ticks(axes.yaxis, [], [])
    for place, label in enumerate(labels):
        style: dict[str, Any] = {"size": SMALL, "across": "right", "up": "center"}
        colour = (colours or {}).get(place, INK)
        note(
            axes,
            cut(label, characters),
            (0, place),
            (-6, 0),
            coordinates=("axes fraction", "data"),
            colour=colour,
            **style,
        )

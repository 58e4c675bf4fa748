"""How every figure looks: colours, type, the sheet with its title and sources, and bytes that never vary."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito (2008): told apart with every common kind of colour blindness.
BLUE, GREEN, VERMILLION, PURPLE = "#0072b2", "#009e73", "#d55e00", "#cc79a7"
ORANGE, SKY, YELLOW = "#e69f00", "#56b4e9", "#f0e442"

# Neutral tones. The report swaps them for those of its own theme, so each must be used for one purpose only.
INK, MUTED, LINE, PAPER, PAST = "#1b1c1d", "#5b5e61", "#d7d9db", "#ffffff", "#8b9095"

PACKAGE_COLOURS = {"drift": BLUE, "hold": GREEN, "loosen": VERMILLION, "none": PURPLE}
BLOC_COLOURS = {"allied": BLUE, "prc": VERMILLION}
# Cool for what the rules allow, warm for what goes around them.
CHANNEL_COLOURS = {"domestic": BLUE, "legal": SKY, "diverted": VERMILLION, "rented": ORANGE}

WIDTH = 9.6
"""Width of every figure in inches; in the report this is about 90 pixels an inch."""
MARGIN = 0.12
DOTS_PER_INCH = 160
SMALL, NORMAL, LARGE = 7.6, 8.8, 12.5
LINE_HEIGHT = 0.155
"""Inches between the lines of a footer."""
CHARACTERS = 170
"""Characters of SMALL type that fit the sheet's width."""

SETTINGS = {
    "font.family": "DejaVu Sans",
    "font.size": NORMAL,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.labelsize": NORMAL,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": NORMAL,
    "ytick.labelsize": NORMAL,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
    "legend.frameon": False,
    "legend.fontsize": NORMAL,
    "legend.handletextpad": 0.4,
    "legend.columnspacing": 1.4,
    # Letters as wide in the PNG as in the SVG, and drawn in two thirds of the time.
    "text.hinting": "none",
    "svg.hashsalt": "fourfronts",
    "svg.fonttype": "path",
    "path.simplify": True,
    # A package's label is text, whatever signs are in it.
    "text.parse_math": False,
}


def package_colours(names: Iterable[str]) -> dict[str, str]:
    """A colour for every package; the shipped ones always have the same, and others those that are left."""
    chosen = list(names)
    taken = {PACKAGE_COLOURS[name] for name in chosen if name in PACKAGE_COLOURS}
    spare = cycle([each for each in (ORANGE, SKY, PURPLE, VERMILLION, GREEN, BLUE) if each not in taken])
    return {name: PACKAGE_COLOURS.get(name) or next(spare) for name in chosen}


def shown(value: float) -> str:
    """A number as figures have it: '12.0', '1,954'."""
    return f"{value:,.0f}" if abs(value) >= 99.95 else f"{value:.1f}"


def cut(label: str, characters: int) -> str:
    """A label that fits a panel's title or a legend."""
    return label if len(label) <= characters else f"{label[: characters - 1].rstrip()}…"


@dataclass
class Sheet:
    """A figure with a title above and its sources below. Places are given in inches from the top left corner."""

    title: str
    subtitle: str
    height: float
    notes: Sequence[str]
    figure: "Figure" = field(init=False)
    top: float = field(init=False)

    def __post_init__(self) -> None:
        from matplotlib.figure import Figure

        subtitle = wrap(self.subtitle, CHARACTERS - 24)
        footer = [line for note in self.notes for line in wrap(note, CHARACTERS, subsequent_indent="   ")]
        self.top = 0.56 + 0.17 * len(subtitle)
        foot = 0.18 + LINE_HEIGHT * len(footer)
        self.height = self.top + self.height + foot
        self.figure = Figure(figsize=(WIDTH, self.height), facecolor=PAPER)
        self._write(MARGIN, 0.14, self.title, fontsize=LARGE, fontweight="bold")
        self._write(MARGIN, 0.44, "\n".join(subtitle), fontsize=NORMAL, color=MUTED, linespacing=1.35)
        rule = self.height - foot + 0.06
        self._rule(rule)
        self._write(MARGIN, rule + 0.07, "\n".join(footer), fontsize=SMALL, color=MUTED, linespacing=1.4)

    def _write(self, left: float, down: float, text: str, **style: Any) -> None:
        self.figure.text(left / WIDTH, 1 - down / self.height, text, va="top", ha="left", **style)

    def _rule(self, down: float) -> None:
        from matplotlib.lines import Line2D

        height = 1 - down / self.height
        ends = [MARGIN / WIDTH, 1 - MARGIN / WIDTH]
        self.figure.add_artist(Line2D(ends, [height, height], color=LINE, linewidth=0.8))

    def axes(self, left: float, down: float, width: float, height: float, **options: Any) -> "Axes":
        """Axes whose top left corner lies `left` inches in and `down` inches under the title."""
        bottom = self.height - self.top - down - height
        box = (left / WIDTH, bottom / self.height, width / WIDTH, height / self.height)
        return self.figure.add_axes(box, facecolor="none", **options)

    def legend(self, axes: "Axes", *, left: float = 0.62, columns: int = 7) -> None:
        """What the lines of `axes` are, in a strip under the title that all panels share."""
        handles, labels = axes.get_legend_handles_labels()
        place = (left / WIDTH, 1 - (self.top + 0.03) / self.height)
        self.figure.legend(handles, labels, loc="upper left", bbox_to_anchor=place, ncols=columns, borderaxespad=0)


def note(
    axes: "Axes",
    text: str,
    place: tuple[float, float],
    shift: tuple[float, float] = (0, 0),
    *,
    coordinates: Any = "data",
    colour: str = INK,
    size: float = NORMAL,
    bold: bool = False,
    across: str = "left",
    up: str = "baseline",
    backed: bool = False,
) -> None:
    """Write `text` at `place`, moved by `shift` points, outside the axes too; `backed` with paper where lines pass."""
    axes.annotate(
        text,
        place,
        shift,
        xycoords=coordinates,
        textcoords="offset points",
        color=colour,
        fontsize=size,
        fontweight="bold" if bold else "normal",
        ha=across,
        va=up,
        annotation_clip=False,
        bbox={"facecolor": PAPER, "alpha": 0.6, "linewidth": 0, "pad": 0.6} if backed else None,
    )


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Places moved as little as keeps them `gap` apart, in the same order; for labels beside lines."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = [places[index] for index in order]
    # Groups that touch are centred on their mean until no two touch.
    groups = [[place] for place in moved]
    centres = list(moved)
    index = 0
    while index < len(groups) - 1:
        reach = gap * (len(groups[index]) + len(groups[index + 1])) / 2
        if centres[index + 1] - centres[index] >= reach - 1e-9:
            index += 1
            continue
        groups[index] += groups.pop(index + 1)
        del centres[index + 1]
        centres[index] = sum(groups[index]) / len(groups[index])
        index = max(index - 1, 0)
    spaced = [
        centre + gap * (position - (len(group) - 1) / 2)
        for group, centre in zip(groups, centres, strict=True)
        for position in range(len(group))
    ]
    result = [0.0] * len(places)
    for position, original in enumerate(order):
        result[original] = spaced[position]
    return result

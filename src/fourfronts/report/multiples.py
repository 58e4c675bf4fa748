"""The layout two figures share: one large panel over the whole time, then a small panel for every package."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.report.fans import NOW_LINE, Bands, bands, draw_fan, label_percentiles, mark_now, year_ticks
from fourfronts.report.style import MARGIN, MUTED, SMALL, WIDTH, Sheet, cut, note, package_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LARGE_HEIGHT, SMALL_HEIGHT = 3.05, 1.5
LEGEND_HEIGHT = 0.62
LEFT, RIGHT, BETWEEN = 0.62, 0.95, 0.16
ROW = SMALL_HEIGHT + 0.72
A_ROW = 4
"""Small panels side by side."""
LOOK_BACK = 1.5
"""Years of the past that a small panel shows."""


def main_package(ensembles: Mapping[str, Ensemble]) -> str:
    """The package in the large panel: drift where it was run, else the first."""
    return "drift" if "drift" in ensembles else next(iter(ensembles))


@dataclass(frozen=True)
class Packages:
    """One output of every package, ready to be drawn; `main` is the package in the large panel."""

    fans: dict[str, Bands]
    labels: dict[str, str]
    colours: dict[str, str]
    main: str
    last: str
    unit: str

    @classmethod
    def of(cls, ensembles: Mapping[str, Ensemble], name: str, kind: str, *, unit: str) -> "Packages":
        """The fans of one output; `unit` is for the axes."""
        main = main_package(ensembles)
        return cls(
            fans={key: bands(each, name, kind) for key, each in ensembles.items()},
            labels={key: each.package.label for key, each in ensembles.items()},
            colours=package_colours(ensembles),
            main=main,
            last=ensembles[main].months[-1],
            unit=unit,
        )

    @property
    def height(self) -> float:
        """Inches that the panels take."""
        small = ROW * -(-len(self.fans) // A_ROW) if len(self.fans) > 1 else 0
        return LEGEND_HEIGHT + LARGE_HEIGHT + 0.5 + small

    @property
    def ends(self) -> str:
        """The last month under every package, in words."""
        return "; ".join(f"{self.labels[name]} {fan.at_end}" for name, fan in self.fans.items())

    @property
    def explained(self) -> str:
        """What the dashes of the small panels are, to go on after a figure's subtitle."""
        return f" Dashed below: the median under {self.labels[self.main]}." if len(self.fans) > 1 else ""

    def large_panel(self, sheet: Sheet, first: float) -> "Axes":
        """The panel over the time from `first`, under a strip for the legend, with the main package's fan."""
        axes = sheet.axes(LEFT, LEGEND_HEIGHT, WIDTH - LEFT - RIGHT, LARGE_HEIGHT)
        fan = self.fans[self.main]
        draw_fan(axes, fan, self.colours[self.main])
        year_ticks(axes, first, float(fan.times[-1]))
        axes.set_ylabel(self.unit)
        note(axes, cut(self.labels[self.main], 30), (0, 1), (0, 3), coordinates="axes fraction", bold=True)
        mark_now(axes, labelled=True)
        return axes

    def finish_large_panel(self, axes: "Axes") -> None:
        """Legend and labels at the fan's end, once everything is drawn and the scale is set."""
        axes.legend(loc="lower left", bbox_to_anchor=(-0.005, 1.1), ncols=4, borderaxespad=0)
        label_percentiles(axes, self.fans[self.main], self.colours[self.main])

    def small_panels(self, sheet: Sheet) -> "dict[str, Axes]":
        """A small panel for every package, with the main package's median for comparison; none for a single one.

        The caller sets the scale, which should be one for all.
        """
        if len(self.fans) == 1:
            return {}
        width = (WIDTH - LEFT - MARGIN - BETWEEN * (A_ROW - 1)) / A_ROW
        panels: dict[str, Axes] = {}
        for index, name in enumerate(self.fans):
            row, column = divmod(index, A_ROW)
            down = LEGEND_HEIGHT + LARGE_HEIGHT + 0.88 + row * ROW
            axes = sheet.axes(LEFT + column * (width + BETWEEN), down, width, SMALL_HEIGHT)
            self._small_panel(axes, name)
            axes.tick_params(labelleft=column == 0)
            if column == 0:
                axes.set_ylabel(self.unit)
            panels[name] = axes
        return panels

    def _small_panel(self, axes: "Axes", name: str) -> None:
        fan = self.fans[name].since(NOW_LINE - LOOK_BACK)
        draw_fan(axes, fan, self.colours[name])
        if name != self.main:
            reference = self.fans[self.main].parts()[1]
            axes.plot(reference.times, reference.median, color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)))
        mark_now(axes)
        year_ticks(axes, NOW_LINE - LOOK_BACK, float(fan.times[-1]), short=True)
        at_end = f"{self.last}: {fan.at_end}"
        note(axes, cut(self.labels[name], 24), (0, 1), (0, 16), coordinates="axes fraction", bold=True)
        note(axes, at_end, (0, 1), (0, 5), coordinates="axes fraction", colour=MUTED, size=SMALL)

    def reach(self) -> tuple[float, float]:
        """Lowest 5th and highest 95th percentile of all fans in what the small panels show."""
        shown = [fan.since(NOW_LINE - LOOK_BACK).rows for fan in self.fans.values()]
        return min(float(rows[0].min()) for rows in shown), max(float(rows[4].max()) for rows in shown)

"""Fans over time: percentiles of an ensemble by month, drawn with past and future told apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.policy.grid import NOW, parse_month
from fourfronts.report.style import INK, MUTED, PAPER, PAST, SMALL, note, shown, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.floating[Any]]

PERCENTILES = (5, 25, 50, 75, 95)
NOW_LINE = NOW.decimal_year + 1 / 12
"""The end of the last month with evidence, as a decimal year."""


@dataclass(frozen=True)
class Bands:
    """Percentiles by month: `times` (months,) decimal years at mid-month, `rows` (5, months) as `PERCENTILES`."""

    times: Floats
    rows: Floats

    @property
    def median(self) -> Floats:
        """The middle percentile, shape (months,)."""
        middle: Floats = self.rows[2]
        return middle

    @property
    def at_end(self) -> str:
        """The last month in words: '12.0 (5.0 to 23.4)', median and 5th to 95th percentile."""
        low, middle, high = self.last
        return f"{shown(middle)} ({shown(low)} to {shown(high)})"

    @property
    def last(self) -> tuple[float, float, float]:
        """5th percentile, median and 95th percentile in the last month."""
        return float(self.rows[0, -1]), float(self.rows[2, -1]), float(self.rows[4, -1])

    def since(self, first: float) -> "Bands":
        """The months whose middle is not before a decimal year."""
        inside = self.times >= first
        return Bands(self.times[inside], self.rows[:, inside])

    def parts(self) -> tuple["Bands", "Bands"]:
        """Past and future. They share the last month of evidence, so that no gap is seen between them."""
        now = int(np.searchsorted(self.times, NOW_LINE)) - 1
        past, future = slice(None, now + 1), slice(max(now, 0), None)
        return Bands(self.times[past], self.rows[:, past]), Bands(self.times[future], self.rows[:, future])


def month_times(months: Sequence[str]) -> Floats:
    """The middle of each month 'YYYY-MM' as a decimal year."""
    return np.array([parse_month(month).decimal_year + 1 / 24 for month in months])


def day_time(day: date) -> float:
    """A day as a decimal year."""
    return day.year + (day.timetuple().tm_yday - 0.5) / 365.25


def bands(ensemble: Ensemble, name: str, kind: str) -> Bands:
    """Percentiles of one output in every month, over the futures that are kept month by month and are finite."""
    return percentiles(ensemble.months, monthly(ensemble, name)[:, OUTPUTS[name].kinds.index(kind)])


def monthly(ensemble: Ensemble, name: str) -> Floats:
    """One output in every month, shape (months, kind, draws), without the futures that are not finite in it."""
    values: Floats = ensemble.monthly[name]
    finite = np.isfinite(values).all(axis=(0, 1))
    return values if finite.all() else values[..., finite]


def percentiles(months: Sequence[str], values: Floats) -> Bands:
    """Percentiles of `values` (months, draws) by month."""
    return Bands(month_times(months), np.percentile(values, PERCENTILES, axis=1))


def draw_fan(axes: "Axes", fan: Bands, colour: str, *, past: str = PAST) -> None:
    """Two bands (5 to 95%, 25 to 75%) and the median; the past in the tone `past`, the future in `colour`."""
    for part, tone in zip(fan.parts(), (past, colour), strict=True):
        draw_part(axes, part, tone)


def draw_part(axes: "Axes", part: Bands, tone: str) -> None:
    """The two bands and the median of a fan, or of a part of one, in one tone."""
    low, lower, middle, upper, high = part.rows
    axes.fill_between(part.times, low, high, color=tone, alpha=0.17, linewidth=0)
    axes.fill_between(part.times, lower, upper, color=tone, alpha=0.30, linewidth=0)
    axes.plot(part.times, middle, color=tone, linewidth=1.9, solid_capstyle="round")


def mark_now(axes: "Axes", *, labelled: bool = False) -> None:
    """A dotted line where the evidence ends; with labels, on a large panel, on either side of it."""
    axes.axvline(NOW_LINE, color=MUTED, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1.5)
    if labelled:
        top: dict[str, Any] = {"coordinates": axes.get_xaxis_transform(), "colour": MUTED, "size": SMALL}
        note(axes, "back-cast", (NOW_LINE, 1), (-4, 2), across="right", **top)
        note(axes, "futures", (NOW_LINE, 1), (4, 2), **top)
        note(axes, "now: end of May 2026", (NOW_LINE, 1), (0, 12), across="center", **top)


def label_percentiles(axes: "Axes", fan: Bands, colour: str) -> None:
    """The last month's percentiles beside the right end of a fan, moved apart where they would touch."""
    ends = [float(value) for value in fan.rows[:, -1]]
    points = 72 / axes.figure.dpi
    heights = [height * points for _, height in axes.transData.transform([(fan.times[-1], end) for end in ends])]
    words = ["5%", "25%", "median", "75%", "95%"]
    for end, word, height, moved in zip(ends, words, heights, spread(heights, SMALL * 1.35), strict=True):
        middle = word == "median"
        place, shift = (float(fan.times[-1]), end), (6, moved - height)
        tone = INK if middle else MUTED
        note(axes, f"{word} {shown(end)}", place, shift, colour=tone, size=SMALL, bold=middle, up="center")
    axes.plot(fan.times[-1], fan.median[-1], "o", color=colour, markersize=4.5, markeredgecolor=PAPER, clip_on=False)


def year_ticks(axes: "Axes", first: float, last: float, *, short: bool = False) -> None:
    """The time axis from `first` to `last` with a label a year: 2026, or ’26 where there is little room."""
    years = [year for year in range(int(np.ceil(first)), int(last) + 1) if year <= last]
    shown = years[:: -(-len(years) // (6 if short else 12))]
    axes.set_xlim(first, last)
    fixed_ticks(axes.xaxis, shown, [f"’{year % 100:02d}" if short else str(year) for year in shown])


def fixed_ticks(axis: Any, places: Sequence[float], labels: Sequence[str]) -> None:
    """Ticks at these places alone. Quicker than Matplotlib's own way, which makes each of them at once."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    axis.set_major_locator(FixedLocator(list(places)))
    axis.set_major_formatter(FixedFormatter(list(labels)))
    axis.set_minor_locator(NullLocator())


def round_ticks(low: float, high: float, count: int) -> list[float]:
    """About `count` round numbers from `low` to `high`."""
    rough = (high - low) / count
    power = 10 ** np.floor(np.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    # Added nothing, so that minus nothing is nothing.
    return [float(place) + 0.0 for place in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step]


LOG_STEPS = (1, 2, 5)


SIZES = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))
"""How large round numbers are shortened."""


def amount(place: float) -> str:
    """A round number as an axis has it: 0.5, 20, 200k, 3M, 1e25."""
    if place >= 1e12:
        return f"{place:.0e}".replace("e+", "e")
    size, letter = next(((size, letter) for size, letter in SIZES if place >= max(size, 1e4)), (1.0, ""))
    return f"{(place or 0.0) / size:g}{letter}"


def log_ticks(low: float, high: float) -> list[float]:
    """About five round numbers from `low` to `high`, both above nothing; these two where none lies between."""
    places = [step * 10.0**power for power in range(-3, 14) for step in LOG_STEPS]
    inside = [place for place in places if low <= place <= high]
    return inside[:: -(-len(inside) // 5)] if inside else [low, high]


def linear_axis(axes: "Axes", low: float, high: float, count: int) -> None:
    """A linear vertical axis from `low` to `high` with about `count` ticks."""
    axes.set_ylim(low, high)
    ticks = round_ticks(low, high, count)
    fixed_ticks(axes.yaxis, ticks, [f"{tick:g}" for tick in ticks])


LOG_TICKS = (0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 500, 1000)


def log_axis(axes: "Axes", low: float, high: float) -> None:
    """A logarithmic vertical axis that reaches a little beyond `low` and `high`."""
    axes.set_yscale("log")
    axes.set_ylim(low / 1.12, high * 1.12)
    ticks = [tick for tick in LOG_TICKS if low / 1.12 <= tick <= high * 1.12]
    fixed_ticks(axes.yaxis, ticks, [f"{tick:g}" for tick in ticks])

"""Back-cast: what the model says that published series would have shown, beside what they did show.

A series has a scope of its own, so the model's output goes through the mechanism's reading of that series, with the
parameters of each future. Data enters here to be compared with and nothing else. Many a figure has also set a prior,
which makes agreement with it no test: such figures are in-sample and counted apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.past import Past
from fourfronts.evidence.loader import Evidence, load
from fourfronts.inference.figures import Datum, cited, data
from fourfronts.inference.observations import observations
from fourfronts.inference.parameters import Registry
from fourfronts.inference.published import Bound, Published, published, references
from fourfronts.inference.readings import shown
from fourfronts.inference.repeated import rows_told
from fourfronts.policy.grid import Month

PERCENTILES = (5, 25, 50, 75, 95)
BEFORE = 6
"""Months that a fan shows before the first figure."""
NO_LATER = Month(2025, 1)
"""A fan begins by this month, however late the first figure."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Point:
    """One published figure and the model's 5th, 50th and 95th percentile of what the series would show.

    Both stand for the months `first` to `last`. `in_sample` says whether a prior rests on the figure.
    """

    rows: tuple[str, ...]
    first: Month
    last: Month
    value: float
    bound: Bound
    in_sample: bool
    low: float
    median: float
    high: float

    @property
    def inside(self) -> bool:
        """Whether the 90% range has the figure in it, or reaches to the right side of one that is only a bound."""
        too_high = self.value < self.low and self.bound != "at_least"
        too_low = self.value > self.high and self.bound != "at_most"
        return not (too_high or too_low)

    def error(self, *, log: bool) -> float:
        """Median less figure, or the logarithm of their ratio; 0 where a bound is kept."""
        off = float(np.log(self.median / self.value)) if log else self.median - self.value
        kept = (self.bound == "at_least" and off > 0) or (self.bound == "at_most" and off < 0)
        return 0.0 if kept else off


@dataclass(frozen=True)
class Score:
    """How `n` figures compare: how far the median is off, and the share of them inside the 90% range.

    The error is a mean absolute one in the series' unit (`percent`: percentage points), or a factor of 1 or more where
    the series is read on a logarithmic scale.
    """

    n: int
    error: float
    coverage: float


@dataclass(frozen=True)
class Series:
    """One published series beside the model.

    `rows` (5, months) are the percentiles `PERCENTILES` of what the series would show at `months`, up to now.
    """

    name: str
    about: Published
    points: tuple[Point, ...]
    months: tuple[str, ...]
    rows: Floats

    @property
    def in_sample(self) -> float:
        """Share of the figures on which a prior rests."""
        return sum(point.in_sample for point in self.points) / len(self.points)

    @property
    def missed(self) -> bool:
        """Whether a figure lies outside the 90% range."""
        return not all(point.inside for point in self.points)

    @property
    def score(self) -> Score:
        """All figures."""
        return self._score(self.points)

    @property
    def unused(self) -> Score | None:
        """The figures on which no prior rests; None if there are none."""
        rest = [point for point in self.points if not point.in_sample]
        return self._score(rest) if rest else None

    def _score(self, points: Sequence[Point]) -> Score:
        log = self.about.scale == "log"
        off = float(np.mean([abs(point.error(log=log)) for point in points]))
        inside = sum(point.inside for point in points) / len(points)
        return Score(len(points), float(np.exp(off)) if log else off, inside)

    def as_json(self) -> dict[str, Any]:
        """Plain values, errors to four significant digits; the likely reason only where a figure is missed."""
        all_of, unused = self.score, self.unused
        return {
            "name": self.name,
            "label": self.about.label,
            "front": self.about.front,
            "unit": self.about.unit,
            **_score_json(all_of, self.error_unit),
            "in_sample": round(self.in_sample, 4),
            "out_of_sample": _score_json(unused, self.error_unit) if unused else None,
            "bounds_only": all(point.bound for point in self.points),
            "evidence": sorted({row for point in self.points for row in point.rows}),
            "scope": self.about.scope,
            "why": self.about.why if self.missed else "",
        }

    @property
    def error_unit(self) -> str:
        """What an error is counted in."""
        if self.about.scale == "log":
            return "factor"
        return "percentage points" if self.about.unit == "percent" else self.about.unit


def _score_json(score: Score, unit: str) -> dict[str, Any]:
    error = float(f"{score.error:.4g}")
    return {"n": score.n, "mean_absolute_error": error, "error_unit": unit, "coverage": round(score.coverage, 4)}


def backcast(
    ensemble: Ensemble,
    registry: Registry,
    seed: int,
    *,
    series: Mapping[str, Published] | None = None,
    evidence: Evidence | None = None,
) -> list[Series]:
    """Every published series beside `ensemble`, which should run under the policy of the time (drift).

    `registry` and `seed` are those of the ensemble, with its worldview applied (`worldviews.under`), so that readings
    have each future's own parameters. Figures that its posterior was calibrated on are in-sample too. Futures that are
    not finite are left out, and so is a series without figures; nothing is returned where no future is finite. Raises
    InputError for evidence or a parameter that does not exist.
    """
    wanted = published() if series is None else series
    known = evidence or load()
    used = cited(registry)
    if registry.posterior is not None:
        used = used.union(*rows_told(observations(published(), known, registry.posterior.cutoff)).values())
    past = Past(ensemble, registry, seed, references(wanted.values()))
    if not past.kept.size:
        return []
    found = []
    for name, each in wanted.items():
        if figures := data(each, known, used):
            found.append(_compared(name, each, figures, past))
    return found


def _compared(name: str, about: Published, figures: Sequence[Datum], past: Past) -> Series:
    values = shown(about.reading, past)
    first = min(NO_LATER.offset, min(figure.first.offset for figure in figures) - BEFORE)
    first = max(first, 0)
    return Series(
        name=name,
        about=about,
        points=tuple(_point(figure, values) for figure in figures),
        months=past.months[first:],
        rows=np.percentile(values[first:], PERCENTILES, axis=1),
    )


def _point(figure: Datum, values: Floats) -> Point:
    then = values[figure.first.offset : figure.last.offset + 1].mean(axis=0)
    low, median, high = (float(each) for each in np.percentile(then, (5, 50, 95)))
    return Point(
        rows=figure.rows,
        first=figure.first,
        last=figure.last,
        value=figure.value,
        bound=figure.bound,
        in_sample=figure.used,
        low=low,
        median=median,
        high=high,
    )


def as_json(series: Sequence[Series]) -> list[dict[str, Any]]:
    """The back-cast as a summary holds it, under the key `backcast`."""
    return [each.as_json() for each in series]

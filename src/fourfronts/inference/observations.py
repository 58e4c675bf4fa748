"""What calibration is told: the figures of every series on the scale on which it is read, laid out as arrays."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.errors import InputError
from fourfronts.evidence.loader import EVIDENCE_CUTOFF, Evidence
from fourfronts.inference.figures import Datum, data
from fourfronts.inference.published import Published
from fourfronts.model.ops import Array, namespace

LINEAR, LOG, ODDS = range(3)
"""Scales on which a series is read: its unit, its logarithm, the log odds of a percentage."""

CERTAIN = 0.5
"""Percent: a share closer to nothing or to all than this is read as this, since its odds would be without end."""

SMALLEST = 1e-30

ERROR = {
    LINEAR: {"A": 0.5, "A-": 0.7, "B": 1.0, "C": 2.0, "D": 1.5},
    LOG: {"A": 0.03, "A-": 0.05, "B": 0.1, "C": 0.25, "D": 0.2},
    ODDS: {"A": 0.05, "A-": 0.08, "B": 0.15, "C": 0.35, "D": 0.3},
}
"""Standard deviation of a figure without a published range, by scale and grade of its row. A judgement."""

RECALLED = 2.0
"""Factor on it where the figure was written from memory."""

Z90 = 1.6448536269514722

BY_TIME = attrgetter("middle")

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Observations:
    """Figures by series, in time order, padded to one length. Shapes: (series, points) unless told.

    `scale` (series,) is how a series is read and `memory` (series,) how long a misfit lasts, in years. `first` and
    `last` are rows of the months that a figure stands for, `value` and `error` (standard deviation) are on its scale,
    `gap` the years since the figure before it, `bound` is 1 for a lower bound, -1 for an upper one, 0 for a figure.
    `known` says whether a figure was known at the cut-off, `used` whether it calibrates as well. `figures` are the
    figures themselves, by series.
    """

    names: tuple[str, ...]
    series: Mapping[str, Published] = field(repr=False)
    figures: tuple[tuple[Datum, ...], ...] = field(repr=False)
    scale: NDArray[np.int64]
    memory: Floats
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    value: Floats
    error: Floats
    gap: Floats
    bound: NDArray[np.int64]
    used: NDArray[np.bool_]
    known: NDArray[np.bool_]

    @property
    def count(self) -> int:
        """Number of figures that calibrate."""
        return int(self.used.sum())


def observations(
    series: Mapping[str, Published],
    evidence: Evidence,
    cutoff: date = EVIDENCE_CUTOFF,
    own: Mapping[str, Sequence[Datum]] | None = None,
) -> Observations:
    """The figures of `series`. What is about a later time than `cutoff`, or was not known by it, is there but not used.

    `own` are a user's figures by series (`own.read`), which stand beside ours. Raises InputError for a figure that its
    scale cannot hold.
    """
    added = {name: tuple((own or {}).get(name, ())) for name in series}
    figures = tuple(tuple(sorted((*data(each, evidence), *added[name]), key=BY_TIME)) for name, each in series.items())
    by_then = [
        {each.rows for each in (*data(about, evidence, cutoff=cutoff), *added[name])} for name, about in series.items()
    ]
    scales = [scale_of(each) for each in series.values()]
    length = max(map(len, figures))
    numbers = {name: np.zeros((len(series), length)) for name in ("value", "gap")}
    numbers["error"] = np.ones((len(series), length))
    rows = {name: np.zeros((len(series), length), dtype=np.int64) for name in ("first", "last", "bound")}
    known = np.zeros((len(series), length), dtype=bool)
    for row, name in enumerate(series):
        for column, each in enumerate(figures[row]):
            where = f"inference/series: {name}: {', '.join(each.rows)}"
            numbers["value"][row, column] = on_scale(each.value, scales[row], where)
            numbers["error"][row, column] = error(each, scales[row], where)
            rows["first"][row, column], rows["last"][row, column] = each.first.offset, each.last.offset
            rows["bound"][row, column] = {"": 0, "at_least": 1, "at_most": -1}[each.bound]
            known[row, column] = each.rows in by_then[row]
            if column:
                numbers["gap"][row, column] = each.middle - figures[row][column - 1].middle
    return Observations(
        names=tuple(series),
        series=series,
        figures=figures,
        scale=np.array(scales, dtype=np.int64),
        memory=np.array([_noise(name, about).memory for name, about in series.items()]),
        used=known & ~np.array([[bool(each.held_out)] for each in series.values()]),
        known=known,
        value=numbers["value"],
        error=numbers["error"],
        gap=numbers["gap"],
        first=rows["first"],
        last=rows["last"],
        bound=rows["bound"],
    )


def _noise(name: str, about: Published) -> Any:
    if about.noise is None:
        raise InputError(f"inference/series: {name}: noise missing; accepted: its own or its file's")
    return about.noise


def scale_of(series: Published) -> int:
    """The scale on which a series is read."""
    if series.unit == "percent":
        return ODDS
    return LOG if series.scale == "log" else LINEAR


def on_scale(value: float, scale: int, where: str = "") -> float:
    """A figure on its scale. Raises InputError for one that the scale cannot hold."""
    if scale == LINEAR:
        return value
    if scale == LOG:
        if not value > 0:
            raise InputError(f"{where}: value {value:g} is out of range; accepted: above 0")
        return math.log(value)
    if not 0 <= value <= 100:
        raise InputError(f"{where}: value {value:g} percent is out of range; accepted: 0 to 100")
    share = min(max(value, CERTAIN), 100 - CERTAIN) / 100
    return math.log(share / (1 - share))


def scaled(values: Array, scale: Array | int) -> Array:
    """As `on_scale`, for arrays that broadcast: finite and with a slope everywhere, nothing and all held away from."""
    xp = namespace(values)
    positive = xp.maximum(xp.where(scale == LOG, values, 1.0), SMALLEST)
    share = xp.where(scale == ODDS, xp.clip(values, CERTAIN, 100 - CERTAIN) / 100, 0.5)
    odds = xp.log(share) - xp.log1p(-share)
    return xp.where(scale == LINEAR, values, xp.where(scale == LOG, xp.log(positive), odds))


def off_scale(values: Any, scale: int) -> Any:
    """Figures in their unit, of an array on a scale: the inverse of `on_scale`."""
    if scale == LINEAR:
        return values
    return np.exp(values) if scale == LOG else 100 / (1 + np.exp(-values))


def error(figure: Datum, scale: int, where: str = "") -> float:
    """The standard deviation of a figure on its scale: judged, published, or by what a row of its grade is worth."""
    if figure.error is not None:
        return figure.error
    if figure.low is not None and figure.high is not None:
        low, high = (on_scale(each, scale, where) for each in (figure.low, figure.high))
        if high > low:
            return (high - low) / (2 * Z90)
    return ERROR[scale][figure.grade or "C"] * (RECALLED if figure.recalled else 1.0)

"""What a forecaster without a model would say of a series: baselines that the model has to beat on the same figures.

Each gives a normal distribution on the scale of the series (its unit, a logarithm, log odds), from what was known then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.inference.observations import LINEAR, LOG, ODDS, off_scale, on_scale

Floats = NDArray[np.float64]

USUAL = {LINEAR: 3.0, LOG: 0.6, ODDS: 0.6}
"""Standard deviation of a year's change where a series has too few figures to tell: months or ECI, logarithms, log
odds. A judgement."""

WEIGHT = 3
"""Figures that this judgement counts for beside those of the series."""

FEWEST_FOR_A_TREND = 3


@dataclass(frozen=True)
class History:
    """Known figures of a series in time order: `times` in years, `values` and their standard `errors` on the scale."""

    scale: int
    times: Floats
    values: Floats
    errors: Floats


@dataclass(frozen=True)
class Expected:
    """A normal distribution on the scale of a series."""

    mean: float
    deviation: float


def last_value(known: History, time: float, error: float) -> Expected | None:
    """The last figure, ever less surely; None without any."""
    if not known.times.size:
        return None
    wander = _wander(known, np.zeros(max(len(known.times) - 1, 0)))
    return Expected(float(known.values[-1]), _deviation(wander, time - known.times[-1], error))


def linear_drift(known: History, time: float, error: float) -> Expected | None:
    """The mean change so far, in the series' own unit, carried on from the last figure; None with fewer than two."""
    if len(known.times) < 2 or known.times[-1] <= known.times[0]:
        return None
    plain: Any = off_scale(known.values, known.scale)
    speed = (plain[-1] - plain[0]) / (known.times[-1] - known.times[0])
    ahead = float(plain[-1] + speed * (time - known.times[-1]))
    mean = on_scale(_possible(ahead, known.scale), known.scale)
    steps = plain[:-1] + speed * np.diff(known.times)
    expected = np.array([on_scale(_possible(float(each), known.scale), known.scale) for each in steps])
    wander = _wander(known, expected - known.values[:-1])
    return Expected(mean, _deviation(wander, time - known.times[-1], error))


def trend(known: History, time: float, error: float) -> Expected | None:
    """A straight line through all figures on a logarithm (log odds for a share); None with fewer than three."""
    if len(known.times) < FEWEST_FOR_A_TREND or known.times[-1] <= known.times[0]:
        return None
    values = known.values
    if known.scale == LINEAR:
        values = np.log(np.maximum(values, _LEAST))
    design = np.stack([np.ones_like(known.times), known.times - time], axis=1)
    level, slope = np.linalg.lstsq(design, values, rcond=None)[0]
    left = values - design @ np.array([level, slope])
    spread = float(np.sqrt((left**2).sum() / (len(values) - 2)))
    leverage = float(np.linalg.inv(design.T @ design)[0, 0])
    deviation = spread * np.sqrt(1 + leverage)
    if known.scale == LINEAR:
        mean = float(np.exp(level))
        return Expected(mean, float(np.hypot(mean * deviation, error)))
    return Expected(float(level), float(np.hypot(deviation, error)))


BASELINES = {"last value": last_value, "linear drift": linear_drift, "log-linear trend": trend}

_LEAST = 0.1
"""Months or ECI that a logarithm is taken of at least."""


def _possible(value: float, scale: int) -> float:
    """A figure that its scale can hold."""
    if scale == LINEAR:
        return value
    return max(value, 1e-9) if scale == LOG else min(max(value, 0.0), 100.0)


def _wander(known: History, expected: Floats) -> float:
    """Standard deviation of a year's unexpected change, from the figures and the judgement USUAL."""
    usual = USUAL[known.scale] ** 2
    if len(known.times) < 2:
        return float(np.sqrt(usual))
    years = np.maximum(np.diff(known.times), 1 / 12)
    found = (np.diff(known.values) - expected) ** 2 / years
    return float(np.sqrt((found.sum() + WEIGHT * usual) / (len(found) + WEIGHT)))


def _deviation(wander: float, years: float, error: float) -> float:
    return float(np.hypot(wander * np.sqrt(max(years, 0.0)), error))


def crps_normal(expected: Expected, value: float) -> float:
    """Continuous ranked probability score of a normal distribution: smaller is better, in the unit of the scale."""
    from scipy.special import ndtr

    z = (value - expected.mean) / expected.deviation
    density = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    return float(expected.deviation * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)))


def crps_draws(draws: Floats, value: float) -> float:
    """The same of draws (n,), in the form that has no bias from their number."""
    ordered = np.sort(draws)
    n = len(ordered)
    weights = 2 * np.arange(1, n + 1) - n - 1
    apart = float((weights * ordered).sum()) / (n * (n - 1)) if n > 1 else 0.0
    return float(np.abs(draws - value).mean() - apart)


def history(scale: int, figures: Sequence[tuple[float, float, float]]) -> History:
    """From (time in years, value, error) of each known figure."""
    columns = np.array(figures, dtype=np.float64).reshape(-1, 3).T
    return History(scale, *columns)

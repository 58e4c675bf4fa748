"""Where the posterior is highest and how it curves there: what samplers take their scale from, and nothing more.

Gauss-Newton steps on the residuals of the figures, with slopes by central differences, one future a coordinate. What
samplers then move by is the curvature of the places they have come to, on the average.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.inference.observations import Observations
from fourfronts.inference.slopes import BATCH, Predict, covariance, slopes

STEPS, ENOUGH = 20, 0.05
"""Gauss-Newton steps at most, and the gain in log density under which no further one is made."""

LENGTHS = np.geomspace(1.0, 1e-3, 12)
"""Parts of a full step that are tried."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Mode:
    """The highest point found (coordinates,), and a factor (coordinates, coordinates) of the inverse curvature."""

    at: Floats
    factor: Floats
    log_density: float
    steps: int


def find(predict: Predict, density: Callable[[Floats], Any], observed: Observations, start: Floats) -> Mode:
    """The mode near `start` (coordinates,). `density` is the log density of scores (coordinates, BATCH)."""
    at, best = start, float(np.asarray(density(_repeated(start)))[0])
    steps = 0
    for steps in range(1, STEPS + 1):  # noqa: B007
        curvature, slope = _curvature(predict, observed, at)
        direction = np.linalg.solve(curvature, slope)
        tried = _repeated(at)
        tried[:, : len(LENGTHS)] += direction[:, None] * LENGTHS
        found = np.nan_to_num(np.asarray(density(tried)), nan=-np.inf)[: len(LENGTHS)]
        index = int(found.argmax())
        gain = float(found[index]) - best
        if gain > 0:
            at, best = tried[:, index], float(found[index])
        if gain < ENOUGH:
            break
    curvature, _ = _curvature(predict, observed, at)
    return Mode(at, _factor(curvature), best, steps)


def around(predict: Predict, observed: Observations, places: Floats) -> Floats:
    """A factor (coordinates, coordinates) of the inverse of the curvature at places (n, coordinates) on the average."""
    found = [_curvature(predict, observed, place)[0] for place in places]
    return _factor(np.mean(found, axis=0))


def _factor(curvature: Floats) -> Floats:
    factor: Floats = np.linalg.cholesky(np.linalg.inv(curvature))
    return factor


def _repeated(scores: Floats) -> Floats:
    return np.repeat(scores[:, None], BATCH, axis=1)


def _curvature(predict: Predict, observed: Observations, at: Floats) -> tuple[Floats, Floats]:
    """Curvature of minus the log density (Gauss-Newton) and the slope of the log density, at scores (coordinates,)."""
    slopes_at, shown, misfit = slopes(predict, at)
    curvature, slope = np.eye(len(at)), -at
    for row in range(len(observed.names)):
        used = _telling(observed, row, shown[row])
        if not used.size:
            continue
        change = slopes_at[row, used]
        precision = np.linalg.inv(covariance(observed, row, used, float(misfit[row])))
        residual = observed.value[row, used] - shown[row, used]
        curvature = curvature + change.T @ precision @ change
        slope = slope + change.T @ precision @ residual
    return curvature, slope


def _telling(observed: Observations, row: int, shown: Floats) -> NDArray[np.intp]:
    """The figures of a series that say something here: those used, and bounds only where they are not kept."""
    broken = observed.bound[row] * (observed.value[row] - shown) > 0
    return np.flatnonzero(observed.used[row] & ((observed.bound[row] == 0) | broken))

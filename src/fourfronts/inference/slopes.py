"""How what the model shows for each figure moves with each coordinate, and the covariance of what it leaves over."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.inference.observations import Observations

BATCH = 128
"""Futures computed together."""

NUDGE = 1e-4

Floats = NDArray[np.float64]
Predict = Callable[[Floats], tuple[Any, Any, Any]]
"""Predictions (series, points, BATCH), biases and misfits (series, BATCH) of scores (coordinates, BATCH)."""


def in_batches(function: Callable[[Floats], Any], scores: Floats) -> list[Any]:
    """What `function` makes of scores (coordinates, n), in batches of one size; arrays with n last."""
    parts = []
    for start in range(0, scores.shape[1], BATCH):
        some = scores[:, start : start + BATCH]
        padded = np.pad(some, ((0, 0), (0, BATCH - some.shape[1])), mode="edge")
        parts.append([np.asarray(each)[..., : some.shape[1]] for each in function(padded)])
    return [np.concatenate(each, axis=-1) for each in zip(*parts, strict=True)]


def slopes(predict: Predict, at: Floats) -> tuple[Floats, Floats, Floats]:
    """By central differences at scores (coordinates,), one future a coordinate and side.

    How what is shown moves (series, points, coordinates), what is shown (series, points) and misfits (series,).
    """
    size = len(at)
    nudged = np.repeat(at[:, None], 2 * size + 1, axis=1)
    nudged[np.arange(size), np.arange(size)] += NUDGE
    nudged[np.arange(size), size + np.arange(size)] -= NUDGE
    predicted, bias, misfit = in_batches(predict, nudged)
    shown = predicted + bias[:, None]
    change = (shown[..., :size] - shown[..., size : 2 * size]) / (2 * NUDGE)
    return change, shown[..., -1], misfit[:, -1]


def covariance(observed: Observations, row: int, points: NDArray[np.intp], misfit: float) -> Floats:
    """Covariance of the figures of a series around what the model shows, with their own errors."""
    times = observed.gap[row].cumsum()[points]
    apart = np.abs(times[:, None] - times)
    together: Floats = misfit**2 * np.exp(-apart / observed.memory[row]) + np.diag(observed.error[row, points] ** 2)
    return together

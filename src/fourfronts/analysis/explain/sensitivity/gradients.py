"""Slopes of an outcome: how it changes with every parameter at once, in futures as they are, by differentiation.

The mean square of the slope by a standard normal score, over the outcome's variance, is never less than the parameter's
total Sobol index (Poincaré's inequality, as in Sobol and Kucherenko 2009), as long as the outcome has no jumps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.explain.derivative import derivative
from fourfronts.analysis.explain.outcome import Outcome
from fourfronts.analysis.scoreboard import shipped_fronts
from fourfronts.inference.parameters import Registry
from fourfronts.inference.simulation import model_inputs
from fourfronts.policy.grid import Grid
from fourfronts.policy.loader import Package
from fourfronts.policy.paths import Setting
from fourfronts.policy.scenarios import Reference, parse_reference

if TYPE_CHECKING:
    from fourfronts.analysis.explain.sensitivity.inputs import Model

Floats = NDArray[np.float64]
Terms = tuple[tuple[Reference, float], ...]

BATCH = 64
"""Futures differentiated together: one size, so that one piece of code is compiled."""


@dataclass(frozen=True)
class Slopes:
    """Averages over futures of the slope by the standard score, each (inputs,).

    `mean` is in the outcome's unit; `square` is the mean square over the outcome's variance, with its standard error.
    `futures` were used; `dropped` had a slope that is not finite.
    """

    mean: Floats
    square: Floats
    error: Floats
    futures: int
    dropped: int


def averaged(model: "Model", unit: Floats, variance: float) -> Slopes | None:
    """Slopes at points (inputs, n) of a model that has them; None where the outcome is flat or no slope is finite."""
    if model.slopes is None:
        return None
    by_value = model.slopes(model.values(unit))
    by_score = by_value * np.stack([each.by_score(row) for each, row in zip(model.inputs, unit, strict=True)])
    kept = by_score[:, np.isfinite(by_score).all(axis=0)]
    count = kept.shape[1]
    if count < 2 or not kept.any():
        return None
    squares = kept**2 / variance
    error = squares.std(axis=1, ddof=1) / np.sqrt(count)
    return Slopes(kept.mean(axis=1), squares.mean(axis=1), error, count, unit.shape[1] - count)


def terms(asked: Outcome) -> Terms:
    """The outputs that add up to the outcome, each with its factor; none for one that a future has or has not."""
    if asked.chance:
        return ()
    if "[" in asked.name:
        return ((parse_reference(asked.name), 1.0),)
    margin = shipped_fronts()[asked.name].margin
    both: Terms = ((margin.of, margin.times),)
    return (*both, (margin.minus, -margin.times)) if margin.minus else both


def slopes_of(
    asked: Outcome, package: Package, known: Registry, settings: Sequence[Setting], grid: Grid
) -> Callable[[Floats], Floats] | None:
    """Derivatives of the outcome by the values of every parameter (parameters, n), same shape; None for a chance.

    Single precision. They are compiled when first asked for, in the way that compiles in the least time.
    """
    wanted = terms(asked)
    if not wanted:
        return None
    row = grid.labels.index(str(asked.date))

    def slopes(values: Floats) -> Floats:
        from fourfronts.inference.sampler import layout

        inputs = model_inputs(known, package, settings, grid, np.float32)
        compiled = derivative(tuple(key for key, _ in wanted), row, grid.months, layout(known))
        raised, held = np.zeros(len(inputs.levers), np.float32), np.zeros(grid.months, np.float32)
        weights = np.repeat([[times] for _, times in wanted], BATCH, axis=1).astype(np.float32)
        found = np.empty(values.shape)
        for first in range(0, values.shape[1], BATCH):
            part = values[:, first : first + BATCH].astype(np.float32)
            count = part.shape[1]
            # A last batch that is short is filled up with its last future.
            full = np.pad(part, ((0, 0), (0, BATCH - count)), mode="edge")
            found[:, first : first + count] = np.asarray(compiled(raised, full, inputs, weights, held)[1])[:, :count]
        return found

    return slopes

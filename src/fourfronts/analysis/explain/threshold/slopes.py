"""How a statistic of an outcome answers every lever and every parameter: one derivative back through all the months.

The slopes are those of the smoothed statistic (`smooth`). They say which way to look and how far; answers are counted.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import CHUNK, Ensemble, drawn
from fourfronts.analysis.explain.derivative import derivative
from fourfronts.analysis.explain.threshold.moves import Runs, moved
from fourfronts.analysis.explain.threshold.smooth import answers
from fourfronts.inference.draws import in_order
from fourfronts.inference.simulation import model_inputs
from fourfronts.policy.grid import Grid
from fourfronts.policy.scenarios import Reference

Floats = NDArray[np.float64]

MOST = 1024
"""Futures that a derivative is averaged over at most: it only says where to look."""
STEP = 1e-3
"""Standard deviations by which a parameter is moved to see how its values move."""


@dataclass(frozen=True)
class Slopes:
    """Change of the smoothed statistic for one unit of each lever, and for one prior sd of each parameter.

    Not a number where it could not be worked out.
    """

    levers: dict[str, float]
    parameters: dict[str, float]


def slopes(runs: Runs, text: str, ensemble: Ensemble) -> Slopes:
    """The slopes where things stand, from the futures of `ensemble`, which is `runs` with nothing moved.

    A lever is raised by as much in every month from the start on, on top of what it does by itself.
    """
    weights = answers(text, ensemble, runs.outcome.date, runs.statistic)
    grid = Grid(horizon=runs.outcome.date)
    inputs = model_inputs(runs.known, runs.package, runs.settings, grid, np.float32)
    held = (grid.month_times >= runs.start.offset).astype(np.float32)
    levers, parameters = np.zeros(len(inputs.levers)), np.zeros(len(runs.known.parameters))
    used = min(runs.draws, MOST)
    # The weights of all futures add up to one: those of the first stand for the rest.
    scale = runs.draws / used
    for number in range(-(-used // CHUNK)):
        block = np.array(drawn(runs.known, runs.seed, "jax", number))
        here = {key: _chunk(each[:used], number) * scale for key, each in weights.items()}
        by_lever, by_value = _derivative(runs, inputs, held, block, here)
        levers += by_lever
        parameters += [float(by_value[row] @ _speed(each, block[row])) for row, each in enumerate(in_order(runs.known))]
    named = dict(zip(inputs.levers._fields, map(float, levers), strict=True))
    by_id = zip((each.id for each in in_order(runs.known)), map(float, parameters), strict=True)
    return Slopes(named, dict(by_id))


def _chunk(weights: Floats, number: int) -> Floats:
    """The weights of a chunk's futures, with nothing for those that were not run, (CHUNK,)."""
    found = np.zeros(CHUNK)
    kept = weights[number * CHUNK : (number + 1) * CHUNK]
    found[: kept.size] = kept
    return found


def _speed(parameter: Any, values: Any) -> Floats:
    """How fast each future's value moves with a shift of the parameter, in its unit per standard deviation."""
    if parameter.prior.distribution == "fixed":
        return np.zeros(values.size)
    known = values.astype(np.float64)
    return (moved(parameter, known, STEP) - moved(parameter, known, -STEP)) / (2 * STEP)


def _derivative(
    runs: Runs, inputs: Any, held: Any, block: Any, weights: dict[Reference, Floats]
) -> tuple[Floats, Floats]:
    """Slopes by lever, (levers,), and by each parameter's value in each future, (parameters, CHUNK)."""
    from fourfronts.inference.sampler import layout

    given = np.stack(list(weights.values())).astype(np.float32)
    compiled = derivative(tuple(weights), len(held) - 1, len(held), layout(runs.known))
    # A future that is not finite would spoil the sum over futures even with no weight: another stands in for it.
    counts = np.abs(given).sum(axis=0) > 0
    for _ in range(2):
        if not counts.any():
            return np.zeros(len(inputs.levers)), np.zeros(block.shape)
        stood_in = np.where(counts, np.arange(CHUNK), int(np.flatnonzero(counts)[0]))
        found = compiled(np.zeros(len(inputs.levers), np.float32), block[:, stood_in], inputs, given * counts, held)
        by_lever, by_value = (np.asarray(each, dtype=np.float64) for each in found)
        if np.isfinite(by_lever).all() and np.isfinite(by_value).all():
            break
        counts &= np.isfinite(by_value).all(axis=0)
    return by_lever, np.where(counts, by_value, 0.0)

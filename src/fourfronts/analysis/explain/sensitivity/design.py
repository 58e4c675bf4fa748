"""Which points are run for Sobol indices and for Morris's screening, and what their outcomes say.

Points are made a chunk at a time, since a whole design would be hundreds of megabytes. They and the estimates are
SALib's: Saltelli et al. (2010) with first-order and total indices, and Morris (1991) with Campolongo's mean of absolute
effects (2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import CHUNK
from fourfronts.analysis.explain.sensitivity.inputs import Model, Points
from fourfronts.errors import InputError

Floats = NDArray[np.float64]

CONFIDENCE, RESAMPLES = 0.9, 200
LEAST, MOST = 64, 16384
"""Base samples: fewer say nothing of hundreds of inputs, more would take gigabytes."""

TRAJECTORIES, LEVELS = 50, 4
"""Of Morris's screening; so it moves an input by half of its distribution."""

_EDGE = 2.0**-32
"""No input is taken further to either end of its distribution, which may be without end."""


@dataclass(frozen=True)
class Indices:
    """First-order and total indices with the half-widths of their 90% intervals, each (factors,).

    `dropped` base samples had a future that is not finite.
    """

    first: Floats
    first_error: Floats
    total: Floats
    total_error: Floats
    dropped: int


@dataclass(frozen=True)
class Effects:
    """Mean and mean absolute change of the outcome over Morris's step, with its 90% half-width, each (inputs,).

    `dropped` trajectories had a future that is not finite.
    """

    mean: Floats
    absolute: Floats
    error: Floats
    trajectories: int
    dropped: int


def check_base(inputs: int, base: int) -> None:
    """Raise InputError unless a number of base samples is a power of two, and enough."""
    if not LEAST <= base <= MOST or base & (base - 1):
        raise InputError(
            f"base {base}: Sobol indices of {inputs} inputs need at least {LEAST} base samples; accepted: powers of two"
            f" from {LEAST} to {MOST}"
        )


def base_points(inputs: int, base: int, seed: int) -> tuple[Floats, Floats]:
    """Two independent sets of points between 0 and 1, each (inputs, base): the halves of one scrambled Sobol design.

    Raises InputError as `check_base` does.
    """
    check_base(inputs, base)
    from scipy.stats import qmc

    points = qmc.Sobol(2 * inputs, scramble=True, rng=np.random.default_rng(seed)).random(base).T
    inside = np.clip(points, _EDGE, 1.0 - _EDGE)
    return inside[:inputs], inside[inputs:]


def exchanged(first: Floats, second: Floats, factors: Sequence[Sequence[int]]) -> Points:
    """Points of one matrix after the other, a chunk at a time.

    Each matrix is `first` (inputs, base) with the inputs of one factor taken from `second`. Points of `first` fill the
    last chunk.
    """
    base = first.shape[1]

    def chunk(number: int) -> Floats:
        matrix, column = np.divmod(np.arange(number * CHUNK, (number + 1) * CHUNK), base)
        values = first[:, column]
        for each in np.unique(matrix[matrix < len(factors)]):
            here = matrix == each
            rows = np.asarray(factors[each], dtype=np.intp)
            values[np.ix_(rows, here)] = second[np.ix_(rows, column[here])]
        return values

    return chunk


def run_ends(model: Model, first: Floats, second: Floats) -> Floats:
    """Outcomes of both sets of values, each (inputs, base), shape (2, base)."""
    every = tuple(range(len(first)))
    return model.run(exchanged(first, second, [(), every]), 2 * first.shape[1]).reshape(2, -1)


def run_factors(model: Model, first: Floats, second: Floats, factors: Sequence[Sequence[int]]) -> Floats:
    """Outcomes of the first set with each factor taken from the second, shape (factors, base)."""
    base = first.shape[1]
    return model.run(exchanged(first, second, factors), len(factors) * base).reshape(-1, base)


def indices(ends: Floats, crossed: Floats, seed: int) -> Indices:
    """The indices of the factors, of outcomes as `run_ends` and `run_factors` give them.

    A base sample of which any future is not finite is left out with all its futures. Raises InputError where too few
    are left.
    """
    from SALib.analyze import sobol

    kept = np.isfinite(np.vstack([ends, crossed])).all(axis=0)
    left = int(np.count_nonzero(kept))
    if left < LEAST:
        raise InputError(
            f"{left} of {kept.size} base samples have finite outcomes in all their futures; needed: {LEAST}"
        )
    # SALib's order: base sample by base sample the first set, the exchanges, the second set.
    rows = np.vstack([ends[:1], crossed, ends[1:]])[:, kept].T.ravel()
    # A generator, since SALib takes seed 0 for no seed.
    options: dict[str, Any] = {
        "num_resamples": RESAMPLES,
        "conf_level": CONFIDENCE,
        "seed": np.random.default_rng(seed),
    }
    found = sobol.analyze(_problem(len(crossed)), rows, calc_second_order=False, **options)
    first, first_error, total, total_error = (
        np.asarray(found[key], dtype=np.float64) for key in ("S1", "S1_conf", "ST", "ST_conf")
    )
    return Indices(first, first_error, total, total_error, kept.size - left)


def morris(model: Model, seed: int, trajectories: int = TRAJECTORIES) -> Effects:
    """Morris's screening over the middles of the quarters of each input's distribution.

    A trajectory of which any future is not finite is left out. Raises InputError where fewer than two are left.
    """
    from SALib.analyze import morris as analyzer
    from SALib.sample import morris as sampler

    count = len(model.inputs)
    problem = _problem(count)
    # An end of a distribution may lie without end, so that its quarters are told by their middles.
    points = sampler.sample(problem, trajectories, num_levels=LEVELS, seed=seed)
    unit = (points * (LEVELS - 1) + 0.5) / LEVELS

    def chunk(number: int) -> Floats:
        rows = np.minimum(np.arange(number * CHUNK, (number + 1) * CHUNK), len(unit) - 1)
        return model.values(unit[rows].T)

    found = model.run(chunk, len(unit)).reshape(trajectories, count + 1)
    kept = np.isfinite(found).all(axis=1)
    left = int(np.count_nonzero(kept))
    if left < 2:
        raise InputError(f"{left} of {trajectories} trajectories have finite outcomes in all their futures; needed: 2")
    walked = points.reshape(trajectories, count + 1, count)[kept].reshape(-1, count)
    options: dict[str, Any] = {"num_levels": LEVELS, "conf_level": CONFIDENCE, "seed": seed}
    told = analyzer.analyze(problem, walked, found[kept].ravel(), **options)
    # SALib gives effects for the whole range from the first to the last level.
    step = LEVELS / (2 * (LEVELS - 1))
    mean, absolute, error = (
        np.asarray(told[key], dtype=np.float64) * step for key in ("mu", "mu_star", "mu_star_conf")
    )
    return Effects(mean, absolute, error, left, trajectories - left)


def _problem(count: int) -> dict[str, Any]:
    """What SALib asks to know of factors, whose names it does not need."""
    return {"num_vars": count, "names": [str(number) for number in range(count)], "bounds": [[0.0, 1.0]] * count}

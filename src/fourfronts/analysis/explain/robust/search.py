"""A many-objective search: NSGA-III (Deb and Jain 2014), by pymoo, with directions spread over all trade-offs.

It knows nothing of policy: points of a unit cube and what each is worth on several scales, of which less is better.
"""

from collections.abc import Callable
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.errors import InputError

Floats = NDArray[np.float64]
Evaluate = Callable[[Floats], Floats]
"""Points (points, dimensions) to their objectives (points, objectives), of which less is better."""

COARSEST = 2
"""Parts into which the scale of an objective is cut at the least: with fewer only the corners are searched."""
FINEST = 24
INNER = 0.5
"""How far the inner layer of directions reaches towards the corners, as Deb and Jain have it."""


def directions(objectives: int, population: int) -> Floats:
    """Reference directions (directions, objectives), as many as a population can serve; each sums to one.

    Das and Dennis's even grid, with an inner layer of its own where there is room for one, since with many objectives
    the grid alone lies on the edges. Raises InputError, with the number that is needed, for a population too small.
    """
    from pymoo.util.ref_dirs import get_reference_directions

    def size(parts: int) -> int:
        return comb(parts + objectives - 1, parts) if parts else 0

    least = size(COARSEST)
    if population < least:
        raise InputError(
            f"population {population} is too small: the reference directions of {objectives} objectives need {least};"
            f" accepted: {least} or more"
        )
    layers = [
        (outer, inner)
        for outer in range(COARSEST, FINEST + 1)
        for inner in range(outer + 1)
        if size(outer) + size(inner) <= population
    ]
    outer, inner = max(layers, key=lambda each: (size(each[0]) + size(each[1]), each[0]))
    made = [get_reference_directions("das-dennis", objectives, n_partitions=outer)]
    if inner:
        made.append(get_reference_directions("das-dennis", objectives, n_partitions=inner, scaling=INNER))
    return np.concatenate(made)


def pareto(
    evaluate: Evaluate,
    start: Floats,
    objectives: int,
    *,
    generations: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Floats, Floats]:
    """Points that none of the last generation beats on every objective, and their objectives.

    Shapes: `start` (population, dimensions), within 0 to 1, to (points, dimensions) and (points, objectives). The same
    seed gives the same points. `progress` is called after every generation with its number and the number of points
    that are not beaten. Raises InputError as `directions` does, and for an objective that is not finite.
    """
    from pymoo.algorithms.moo.nsga3 import NSGA3
    from pymoo.core.evaluator import Evaluator
    from pymoo.core.problem import Problem
    from pymoo.problems.static import StaticProblem

    population, dimensions = start.shape
    toward = directions(objectives, population)
    problem = Problem(n_var=dimensions, n_obj=objectives, xl=0.0, xu=1.0)
    algorithm = NSGA3(ref_dirs=toward, pop_size=population, sampling=start)
    algorithm.setup(problem, termination=("n_gen", generations), seed=seed, verbose=False)
    for generation in range(1, generations + 1):
        asked: Any = algorithm.ask()
        worth = evaluate(np.asarray(asked.get("X"), dtype=np.float64))
        if not np.isfinite(worth).all():
            raise InputError("an objective is not finite at some point; accepted: objectives with a value everywhere")
        Evaluator().eval(StaticProblem(problem, F=worth), asked)
        algorithm.tell(infills=asked)
        if progress:
            progress(generation, int(non_dominated(algorithm.pop.get("F")).sum()))
    points, worth = (np.asarray(algorithm.pop.get(key), dtype=np.float64) for key in ("X", "F"))
    kept = non_dominated(worth)
    return points[kept], worth[kept]


def non_dominated(worth: Floats) -> NDArray[np.bool_]:
    """Which points no other beats: none is as good on every objective and better on one. Shape: (points,)."""
    no_worse = np.asarray((worth[:, None] <= worth[None]).all(axis=2))
    beats = no_worse & np.asarray((worth[:, None] < worth[None]).any(axis=2))
    return np.asarray(~beats.any(axis=0))

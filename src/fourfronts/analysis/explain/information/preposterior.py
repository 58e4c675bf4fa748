"""What it is worth to know something before choosing: perfect, partial perfect and sample information.

A choice is between packages with a utility in every future, an array (packages, futures). Information lets the choice
follow what is learnt, so that its value is the mean of the best expected utility given what is learnt, less the best
mean utility without it. It is never negative, and never more than that of knowing everything.

Expected utility given a parameter comes by regression over the futures (Strong, Oakley and Brennan 2014), on natural
cubic splines of the parameter's normal scores whose number of terms is chosen by leaving each future out in turn. Given
data with an error it comes by weighing the futures by how likely each would have made the data.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TERMS = (1, 2, 4)
"""Terms of the spline of one parameter, besides the constant, that are tried; none at all is tried too."""
DATA = 4096
"""Data sets that are made to average over, at most."""
AT_ONCE = 256
"""Data sets weighed together, so that memory stays bounded."""


def value(expected: Floats) -> float:
    """The worth of choosing by `expected` (packages, cases), the expected utility given what is learnt in each case."""
    return max(float(expected.max(axis=0).mean() - expected.mean(axis=1).max()), 0.0)


def standard_error(expected: Floats) -> float:
    """The error of `value` that comes of counting so many cases."""
    best = _best(expected)
    gain = expected.max(axis=0) - expected[best]
    return float(gain.std(ddof=1) / np.sqrt(len(gain))) if len(gain) > 1 else float("nan")


def _best(expected: Floats) -> int:
    return int(expected.mean(axis=1).argmax())


def normal_scores(values: Floats) -> Floats:
    """The normal quantiles of the ranks of some values (futures,), ties at their mean rank; 0 where none differ.

    Whatever a parameter's unit and shape, equal steps of its scores are equally likely steps of the parameter.
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    found: Floats = ndtri((rankdata(values) - 0.5) / len(values))
    return found


def splines(scores: Floats, terms: int) -> Floats:
    """Natural cubic spline terms (futures, terms) of scores (futures,): linear beyond the outer knots."""
    if terms == 1:
        return scores[:, None]
    knots = np.quantile(scores, np.linspace(0.02, 0.98, terms + 1))
    span = knots[-1] - knots[0]
    if span <= 0:
        return scores[:, None]

    def cubic(knot: float) -> Floats:
        found: Floats = np.maximum(scores - knot, 0.0) ** 3 / span**2
        return found

    def bent(index: int) -> Floats:
        found: Floats = (cubic(knots[index]) - cubic(knots[-1])) / max(float(knots[-1] - knots[index]), 1e-12)
        return found

    return np.column_stack([scores, *(bent(index) - bent(terms - 1) for index in range(terms - 1))])


class Regression:
    """Expected utility given some parameters, `scores` (parameters, futures), by splines that add up."""

    def __init__(self, scores: Floats) -> None:
        varying = [row for row in scores if np.ptp(row) > 0]
        constant = np.ones((scores.shape[1], 1))
        self.bases = [constant / np.sqrt(len(constant))]
        for terms in TERMS if varying else ():
            design = np.column_stack([constant, *(splines(row, terms) for row in varying)])
            self.bases.append(_orthogonal(design))
        self.left = [1.0 - (base**2).sum(axis=1) for base in self.bases]

    def expected(self, utility: Floats) -> Floats:
        """Expected utility (packages, futures), up to what is the same for all packages.

        The number of terms is the one that predicts best, over all packages, each future from the others.
        """
        over = utility - utility[_best(utility)]
        scale = over.var(axis=1, keepdims=True)
        fits: list[Floats] = [(over @ base) @ base.T for base in self.bases]
        # The error at a future that is left out is the one with it, over what it leaves to the others.
        errors = [
            float((((over - fit) / left) ** 2 / np.where(scale > 0, scale, 1.0)).sum())
            for fit, left in zip(fits, self.left, strict=True)
        ]
        return fits[int(np.argmin(errors))]


def _orthogonal(design: Floats) -> Floats:
    """An orthonormal basis of what the columns span; columns that add nothing are left out."""
    left, sizes, _ = np.linalg.svd(design / np.linalg.norm(design, axis=0), full_matrices=False)
    found: Floats = left[:, sizes > 1e-8 * sizes[0]]
    return found


def by_chance(regression: Regression, utility: Floats, shuffles: int, seed: int) -> Floats:
    """Values (shuffles,) that the regression finds where there is nothing to be learnt: futures are shuffled."""
    random = np.random.default_rng(seed)
    orders = [random.permutation(utility.shape[1]) for _ in range(shuffles)]
    return np.array([value(regression.expected(utility[:, order])) for order in orders])


def given_data(expected: Floats, measured: Floats, errors: Sequence[float], seed: int) -> Floats:
    """Expected utility (packages, data sets) given data: what is measured, with a normal error of each.

    `expected` (packages, futures) is the expected utility given what is measured, `measured` (quantities, futures) on
    the scale of its `errors` (quantities,). Each data set is made in one future and weighs all of them.
    """
    futures = expected.shape[1]
    random = np.random.default_rng(seed)
    made_in = np.arange(futures) if futures <= DATA else random.permutation(futures)[:DATA]
    scaled = measured / np.asarray(errors)[:, None]
    data = scaled[:, made_in] + random.standard_normal((len(scaled), len(made_in)))
    found = np.empty((len(expected), len(made_in)))
    for first in range(0, len(made_in), AT_ONCE):
        part = data[:, first : first + AT_ONCE]
        distance = sum((one[:, None] - other[None]) ** 2 for one, other in zip(part, scaled, strict=True))
        weights = np.exp(-0.5 * (distance - distance.min(axis=1, keepdims=True)))
        found[:, first : first + AT_ONCE] = (expected @ weights.T) / weights.sum(axis=1)
    return found

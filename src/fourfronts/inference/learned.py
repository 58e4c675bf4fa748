"""What calibration taught: every figure before and after it, every parameter's width, and what it cannot tell apart."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.inference.asof import WIDER
from fourfronts.inference.calibration import Problem
from fourfronts.inference.observations import Observations, off_scale
from fourfronts.inference.prediction import misfits

Floats = NDArray[np.float64]

PERCENTILES = (5, 50, 95)
TOGETHER = 0.5
"""Correlation from which two parameters are said not to be told apart."""


def predictive(observed: Observations, predicted: Floats, bias: Floats, misfit: Floats, seed: int) -> Floats:
    """Draws of every figure in its unit as if none were known, (series, points, draws): misfit and error anew."""
    rng = np.random.default_rng([seed, 5])
    spread = np.hypot(misfits(observed, misfit, seed)[:, None], observed.error[..., None])
    drawn = predicted + bias[:, None] + spread * rng.standard_normal(predicted.shape)
    return np.stack([off_scale(each, int(scale)) for each, scale in zip(drawn, observed.scale, strict=True)])


def learned(problem: Problem, scores: Floats, seed: int) -> dict[str, Any]:
    """All three of what follows, as plain values. `scores` (draws, coordinates); use in double precision."""
    return {
        "checks": checks(problem, scores, seed),
        "widths": widths(problem, scores),
        "entangled": entangled(problem, scores),
    }


def checks(problem: Problem, scores: Floats, seed: int) -> list[dict[str, Any]]:
    """Predictive checks of every series: percentiles of every figure under the prior and the posterior, and its rank.

    `scores` (draws, coordinates) are of the posterior; as many are drawn from the priors that calibration began with.
    """
    prior = np.random.default_rng([seed, 6]).standard_normal(scores.shape)
    before, after = (
        predictive(problem.observed, predicted, bias, misfit, seed)
        for predicted, bias, misfit in map(problem.predicted, (prior.T, scores.T))
    )
    return [
        {
            "series": name,
            "label": problem.observed.series[name].label,
            "unit": problem.observed.series[name].unit,
            "scale": problem.observed.series[name].scale,
            "held_out": problem.observed.series[name].held_out or "",
            "figures": [
                {
                    "rows": list(figure.rows),
                    "month": str(figure.last),
                    "value": _plain(figure.value),
                    "bound": figure.bound,
                    "prior": [_plain(each) for each in np.nanpercentile(before[row, point], PERCENTILES)],
                    "posterior": [_plain(each) for each in np.nanpercentile(after[row, point], PERCENTILES)],
                    "rank": _plain((after[row, point] < figure.value).mean()),
                }
                for point, figure in enumerate(problem.observed.figures[row])
            ],
        }
        for row, name in enumerate(problem.observed.names)
    ]


def widths(problem: Problem, scores: Floats) -> list[dict[str, Any]]:
    """How wide every parameter is after calibration over before, in standard deviations of its score.

    `began` is over the prior that calibration began with, `shipped` over the one that the model is shipped with, which
    is narrower where it was loosened. `moved` is by how many standard deviations of the former the middle moved.
    """
    middle, width = scores.mean(axis=0), scores.std(axis=0)
    loosened = set(problem.known.loosened) | set(problem.known.blinded)
    return [
        {
            "name": name,
            "moved": _plain(middle[column]),
            "began": _plain(width[column]),
            "shipped": _plain(width[column] * (WIDER if name in loosened else 1.0)),
            "loosened": name in loosened,
        }
        for column, name in enumerate(problem.target.names)
        if not name.startswith("misfit.")
    ]


def entangled(problem: Problem, scores: Floats) -> list[dict[str, Any]]:
    """Pairs of parameters that the posterior ties together, the closest first: it knows of them jointly, not each."""
    names = [name for name in problem.target.names if not name.startswith("misfit.")]
    correlation: Floats = np.asarray(np.corrcoef(scores[:, : len(names)].T))
    first, second = np.nonzero(np.triu(np.abs(correlation) >= TOGETHER, 1))
    order = np.argsort(-np.abs(correlation[first, second]))
    return [
        {
            "first": names[first[index]],
            "second": names[second[index]],
            "correlation": _plain(correlation[first[index], second[index]]),
        }
        for index in order
    ]


def _plain(value: Any) -> float:
    return float(f"{float(value):.4g}")

"""What calibration taught: every figure before and after it, every parameter's width, and what it cannot tell apart."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.inference.calibration import Problem
from fourfronts.inference.observations import Observations, off_scale
from fourfronts.inference.prediction import misfits

Floats = NDArray[np.float64]

PERCENTILES = (5, 50, 95)
TOGETHER = 0.5
"""Correlation from which two parameters are said not to be told apart."""

ASKED = (
    ("intelligence.open_rate", "intelligence.distillation_rate"),
    ("intelligence.distillation_rate", "intelligence.theft_rate"),
    ("access.diversion_share", "access.rent_share.prc"),
)
"""Pairs that compete to explain one thing: why the PRC stays close, and where its compute comes from."""

MORE, KEPT, TELLERS = 3, 500, 3
"""Further pairs whose joint posterior is kept: the closest tied; draws of it; series named that would tell most."""


def predictive(observed: Observations, predicted: Floats, bias: Floats, misfit: Floats, seed: int) -> Floats:
    """Draws of every figure in its unit as if none were known, (series, points, draws): misfit and error anew."""
    rng = np.random.default_rng([seed, 5])
    spread = np.hypot(misfits(observed, misfit, seed)[:, None], observed.error[..., None])
    drawn = predicted + bias[:, None] + spread * rng.standard_normal(predicted.shape)
    return np.stack([off_scale(each, int(scale)) for each, scale in zip(drawn, observed.scale, strict=True)])


def learned(problem: Problem, scores: Floats, seed: int) -> dict[str, Any]:
    """All four of what follows, as plain values. `scores` (draws, coordinates); use in double precision.

    As many draws are made from the priors that calibration began with.
    """
    prior = np.random.default_rng([seed, 6]).standard_normal(scores.shape)
    before, after = (
        predictive(problem.observed, predicted, bias, misfit, seed)
        for predicted, bias, misfit in map(problem.predicted, (prior.T, scores.T))
    )
    tied = entangled(problem, scores)
    return {
        "checks": checks(problem, before, after),
        "widths": widths(problem, scores),
        "entangled": tied,
        "joint": joint(problem, scores, after, [(each["first"], each["second"]) for each in tied[:MORE]]),
    }


def checks(problem: Problem, before: Floats, after: Floats) -> list[dict[str, Any]]:
    """Predictive checks of every series: percentiles of every figure under the prior and the posterior, and its rank.

    `before` and `after` (series, points, draws) are what would have been published, as `predictive` gives it.
    """
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
    return [
        {
            "name": name,
            "moved": _plain(middle[column]),
            "began": _plain(width[column]),
            "shipped": _plain(width[column] * problem.known.wider(name)),
            "loosened": problem.known.wider(name) > 1.0,
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


def joint(
    problem: Problem, scores: Floats, published: Floats, further: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    """The joint posterior of each pair that is ASKED about and of `further` ones, and what would tell its two apart.

    A pair has one direction in scores that the data leave widest: one of the two for the other, mostly. `width` is that
    of the posterior in it, with 1 for the prior. `tellers` are the series of which one more figure like the last, with
    its misfit and error, would take most of that variance away, and the share that it would take: the square of their
    correlation over draws. `published` (series, points, draws) as `predictive` gives it.
    """
    names, kept = list(problem.target.names), min(KEPT, len(scores))
    values = problem.values(scores[:kept].T)
    return [
        _pair(problem, scores, published, values, (names.index(first), names.index(second)))
        for first, second in dict.fromkeys((*ASKED, *further))
        if first in names and second in names
    ]


def _pair(
    problem: Problem, scores: Floats, published: Floats, values: Floats, columns: tuple[int, int]
) -> dict[str, Any]:
    both = scores[:, columns]
    widths, turn = np.linalg.eigh(np.cov(both.T))
    widest = both @ turn[:, -1]
    shares = {
        name: _shared(published[row, len(problem.observed.figures[row]) - 1], widest)
        for row, name in enumerate(problem.observed.names)
        if problem.observed.figures[row]
    }
    most = sorted(shares, key=lambda name: -shares[name])[:TELLERS]
    return {
        "first": problem.target.names[columns[0]],
        "second": problem.target.names[columns[1]],
        "correlation": _plain(_correlation(both[:, 0], both[:, 1])),
        "width": _plain(np.sqrt(widths[-1])),
        "draws": [[_plain(each) for each in values[column]] for column in columns],
        "tellers": [
            {"series": name, "label": problem.observed.series[name].label, "share": _plain(shares[name])}
            for name in most
        ],
    }


def _shared(shown: Floats, wanted: Floats) -> float:
    """The share of the variance of `wanted` that a rank of `shown` takes away, both (draws,): whatever their scales."""
    ranked = np.argsort(np.argsort(shown)).astype(float)
    return _correlation(ranked, wanted) ** 2


def _correlation(first: Floats, second: Floats) -> float:
    whole: Floats = np.asarray(np.corrcoef(first, second))
    return float(whole[0, 1])


def _plain(value: Any) -> float:
    return float(f"{float(value):.4g}")

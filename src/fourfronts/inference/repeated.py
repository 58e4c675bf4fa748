"""How much the figures that a prior rests on would say again if they calibrated it as well.

A prior that was written down from figures holds what they say already. How much they say of it a second time is what
the model makes of them: a survey that a reading was estimated from says all of it again, a chart from which somebody
judged how fast effort fades says next to nothing. It is worked out by slopes at the middle of the priors, where all
else may be anything that its own prior allows.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fourfronts.inference.observations import Observations
from fourfronts.inference.parameters import Registry
from fourfronts.inference.slopes import Predict, covariance, slopes

Floats = NDArray[np.float64]
Rows = frozenset[str]


def rows_told(told: Observations) -> dict[tuple[int, int], Rows]:
    """For every figure that calibrates, by series and point, the rows that it is from and those that say the same."""
    found: dict[tuple[int, int], Rows] = {}
    for row, name in enumerate(told.names):
        about = told.series[name]
        of_all = about.monthly_means.same_as if about.monthly_means else ()
        for point, figure in enumerate(told.figures[row]):
            if told.used[row, point]:
                same = {other for each in about.points if set(each.rows) & set(figure.rows) for other in each.same_as}
                found[row, point] = frozenset((*figure.rows, *same, *of_all))
    return found


def said_again(predict: Predict, told: Observations, priors: Registry, names: Sequence[str]) -> dict[str, float]:
    """The precision that a parameter's own rows add to it, over that of its prior, for every one that has such rows.

    `names` are the coordinates, and `predict` takes scores of `priors`. With 0 its rows say nothing of it; with 1 as
    much as its prior does. Bounds are left out: they say something only where they are not kept.
    """
    by_figure = rows_told(told)
    about = {
        key: rows
        for key, each in priors.parameters.items()
        if each.prior.distribution != "fixed" and (rows := _own(by_figure, told, set(each.evidence)))
    }
    change, _, misfit = slopes(predict, np.zeros(len(names)))
    added = {}
    for key, rows in about.items():
        curvature = np.eye(len(names))
        for row, points in rows.items():
            precision = np.linalg.inv(covariance(told, row, np.array(points), float(misfit[row])))
            curvature += change[row, points].T @ precision @ change[row, points]
        one = np.eye(len(names))[list(names).index(key)]
        added[key] = max(float(1.0 / (one @ np.linalg.solve(curvature, one))) - 1.0, 0.0)
    return added


def _own(by_figure: dict[tuple[int, int], Rows], told: Observations, evidence: set[str]) -> dict[int, list[int]]:
    """The points, by series, whose figures are from these rows of evidence."""
    found: dict[int, list[int]] = {}
    for (row, point), rows in by_figure.items():
        if rows & evidence and not told.bound[row, point]:
            found.setdefault(row, []).append(point)
    return found

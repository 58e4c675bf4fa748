"""Predictions: a later figure, given earlier ones, is what the joint normal distribution says."""

import numpy as np
import pytest

from fourfronts.inference.figures import Datum
from fourfronts.inference.observations import LINEAR, Observations
from fourfronts.inference.prediction import predict, remaining
from fourfronts.policy.grid import Month

DRAWS = 200_000
TIMES = np.array([1.0, 1.5, 2.25, 3.0])
VALUES, ERRORS = np.array([0.4, 1.2, 0.9, 7.0]), np.array([0.1, 0.3, 0.2, 0.25])
MEMORY, MISFIT = 0.8, 0.6


def _figure(time, value):
    """A figure of one month, whose middle lies half a month before `time`."""
    month = Month(2020 + (round(time * 12) - 1) // 12, (round(time * 12) - 1) % 12 + 1)
    return Datum(("X",), month, month, value, "", used=False)


def _observed(known):
    shape = (1, 4)
    return Observations(
        names=("one",),
        series={},
        figures=(tuple(map(_figure, TIMES, VALUES)),),
        scale=np.array([LINEAR]),
        memory=np.array([MEMORY]),
        first=np.zeros(shape, dtype=int),
        last=np.zeros(shape, dtype=int),
        value=VALUES[None],
        error=ERRORS[None],
        gap=np.diff(TIMES, prepend=TIMES[0])[None],
        bound=np.zeros(shape, dtype=int),
        used=np.array(known)[None],
        known=np.array(known)[None],
    )


def _conditional(known, target):
    """Mean and variance of a figure given those that are known, by the formula for joint normal distributions."""
    among = [index for index, each in enumerate(known) if each and index < target]
    apart = np.abs(TIMES[:, None] - TIMES)
    covariance = MISFIT**2 * np.exp(-apart / MEMORY) + np.diag(ERRORS**2)
    inverse = np.linalg.inv(covariance[np.ix_(among, among)])
    weights = covariance[target, among] @ inverse
    return weights @ VALUES[among], covariance[target, target] - weights @ covariance[among, target]


@pytest.mark.parametrize("known", [[True, True, True, False], [True, False, True, False], [True, True, False, False]])
def test_a_later_figure_is_told_from_the_earlier_ones_that_are_known(known):
    nothing = np.zeros((1, DRAWS))
    drawn = predict(_observed(known), np.zeros((1, 4, DRAWS)), nothing, np.full((1, DRAWS), MISFIT), 0)[0, 3]
    mean, variance = _conditional(known, 3)
    assert drawn.mean() == pytest.approx(mean, abs=5 * np.sqrt(variance / DRAWS))
    assert drawn.std() == pytest.approx(np.sqrt(variance), rel=0.01)


def test_what_is_left_of_a_misfit_is_what_predictions_go_on_from():
    known = [True, True, True, False]
    mean, variance, last = remaining(_observed(known), 0, np.zeros((4, 1)), np.array([MISFIT]))
    keep = np.exp(-(TIMES[3] - TIMES[2]) / MEMORY)
    expected, whole = _conditional(known, 3)
    assert keep * mean[0] == pytest.approx(expected)
    assert keep**2 * variance[0] + MISFIT**2 * (1 - keep**2) + ERRORS[3] ** 2 == pytest.approx(whole)
    assert last == pytest.approx(TIMES[2] - 1 / 24)


def test_a_figure_that_is_not_known_moves_nothing():
    nothing, spread = np.zeros((1, 50)), np.full((1, 50), MISFIT)
    known = [True, True, False, False]
    first = predict(_observed(known), np.zeros((1, 4, 50)), nothing, spread, 0)
    changed = _observed(known)
    changed.value[0, 2:] = 1e6
    np.testing.assert_array_equal(first, predict(changed, np.zeros((1, 4, 50)), nothing, spread, 0))

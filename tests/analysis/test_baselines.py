"""Baselines and scores: by hand, and by the integrals that define them."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from fourfronts.analysis.baselines import (
    USUAL,
    WEIGHT,
    Expected,
    crps_draws,
    crps_normal,
    history,
    last_value,
    linear_drift,
    trend,
)
from fourfronts.inference.observations import LINEAR, LOG, ODDS


@pytest.mark.parametrize("value", [-1.0, 0.3, 4.0])
def test_the_score_of_a_normal_distribution_is_the_integral_that_defines_it(value):
    expected = Expected(0.5, 1.3)

    def squared(x):
        return (norm.cdf(x, 0.5, 1.3) - (x >= value)) ** 2

    whole = quad(squared, -12, value)[0] + quad(squared, value, 14)[0]
    assert crps_normal(expected, value) == pytest.approx(whole, rel=1e-6)


def test_the_score_of_draws_is_that_of_their_distribution_and_of_the_mean_over_pairs():
    draws = np.random.default_rng(0).normal(0.5, 1.3, 200_000)
    assert crps_draws(draws, 2.0) == pytest.approx(crps_normal(Expected(0.5, 1.3), 2.0), rel=0.01)
    few = np.array([1.0, 4.0, 2.5])
    pairs = np.abs(few[:, None] - few).sum() / (3 * 2)
    assert crps_draws(few, 2.0) == pytest.approx(np.abs(few - 2.0).mean() - pairs / 2)


def test_a_baseline_says_nothing_where_it_knows_too_little():
    none, one = history(LOG, []), history(LOG, [(1.0, 2.0, 0.1)])
    two = history(LOG, [(1.0, 2.0, 0.1), (2.0, 2.5, 0.1)])
    assert last_value(none, 3.0, 0.1) is None
    assert linear_drift(one, 3.0, 0.1) is None
    assert trend(two, 3.0, 0.1) is None


def test_the_last_value_is_kept_and_grows_less_sure_with_time():
    known = history(LOG, [(1.0, 2.0, 0.1), (2.0, 2.5, 0.1)])
    soon, late = last_value(known, 2.5, 0.1), last_value(known, 4.0, 0.1)
    assert soon.mean == late.mean == 2.5
    wander = np.sqrt((0.5**2 + WEIGHT * USUAL[LOG] ** 2) / (1 + WEIGHT))
    assert late.deviation == pytest.approx(np.hypot(wander * np.sqrt(2.0), 0.1))
    assert soon.deviation < late.deviation


def test_drift_goes_on_in_the_series_own_unit():
    # 10, then 20 percent a year later: 30 the year after, whatever the odds.
    known = history(ODDS, [(1.0, np.log(0.1 / 0.9), 0.1), (2.0, np.log(0.2 / 0.8), 0.1)])
    assert linear_drift(known, 3.0, 0.1).mean == pytest.approx(np.log(0.3 / 0.7))


def test_a_trend_through_exponential_growth_is_exact():
    known = history(LOG, [(t, 1.0 + 0.7 * t, 0.1) for t in (0.0, 1.0, 2.0, 2.5)])
    found = trend(known, 4.0, 0.2)
    assert found.mean == pytest.approx(1.0 + 0.7 * 4)
    assert found.deviation == pytest.approx(0.2)
    months = history(LINEAR, [(t, np.exp(1.0 + 0.7 * t), 0.1) for t in (0.0, 1.0, 2.0)])
    assert trend(months, 3.0, 0.2).mean == pytest.approx(np.exp(1.0 + 0.7 * 3))

"""The value of information where it is known: a choice between two actions, linear in normal parameters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, qmc

from fourfronts.analysis.explain.information.preposterior import (
    DATA,
    Regression,
    by_chance,
    given_data,
    normal_scores,
    splines,
    standard_error,
    value,
)

FUTURES = 2048
# One action is worth nothing, the other MEAN + FIRST z1 + SECOND z2, with z1 and z2 standard normal.
MEAN, FIRST, SECOND = 0.3, 1.0, 0.7


def closed(mean, spread):
    """Mean of the better of nothing and a normal worth, less the better of the means (Raiffa and Schlaifer 1961)."""
    return spread * norm.pdf(mean / spread) + mean * norm.cdf(mean / spread) - max(mean, 0.0)


@pytest.fixture(scope="module")
def problem():
    z = norm.ppf(qmc.Sobol(3, rng=np.random.default_rng(1)).random(FUTURES)).T
    return np.stack([np.zeros(FUTURES), MEAN + FIRST * z[0] + SECOND * z[1]]), z


def known(z, utility):
    return Regression(normal_scores(z)[None]).expected(utility)


def test_perfect_information_is_worth_what_the_formula_says(problem):
    utility, _ = problem
    assert value(utility) == pytest.approx(closed(MEAN, np.hypot(FIRST, SECOND)), rel=0.01)


@pytest.mark.parametrize(("index", "slope"), [(0, FIRST), (1, SECOND)])
def test_partial_perfect_information_is_worth_what_the_formula_says(problem, index, slope):
    utility, z = problem
    expected = known(z[index], utility)
    assert value(expected) == pytest.approx(closed(MEAN, slope), rel=0.02)
    # Whatever the parameter's unit and shape: its order alone counts.
    assert value(known(np.exp(3 * z[index]), utility)) == pytest.approx(value(expected), rel=1e-9)


def test_two_parameters_together_are_worth_more_than_each_and_here_all(problem):
    utility, z = problem
    both = Regression(np.array([normal_scores(row) for row in z[:2]])).expected(utility)
    assert value(both) == pytest.approx(value(utility), rel=0.01)


@pytest.mark.parametrize("error", [0.05, 0.5, 1.0, 2.0])
def test_sample_information_is_worth_what_the_formula_says(problem, error):
    utility, z = problem
    data = given_data(known(z[0], utility), z[:1], [error], seed=1)
    right = closed(MEAN, FIRST / np.sqrt(1 + error**2))
    # Data are drawn by chance: one in a few thousand.
    assert value(data) == pytest.approx(right, abs=4 * standard_error(data) + 1e-3)
    assert value(data) == pytest.approx(right, rel=0.12)


def test_data_without_an_error_are_as_good_as_knowing_and_vague_data_are_worth_nothing(problem):
    utility, z = problem
    exact = known(z[0], utility)
    assert value(given_data(exact, z[:1], [1e-6], seed=1)) == pytest.approx(value(exact), rel=1e-6)
    assert value(given_data(exact, z[:1], [1e3], seed=1)) == pytest.approx(0, abs=1e-9)


def test_figures_of_several_things_are_weighed_together(problem):
    utility, z = problem
    both = Regression(np.array([normal_scores(row) for row in z[:2]])).expected(utility)
    data = given_data(both, z[:2], [0.5, 1.0], seed=2)
    spread = np.sqrt(FIRST**2 / 1.25 + SECOND**2 / 2)
    assert value(data) == pytest.approx(closed(MEAN, spread), rel=0.1)


def test_more_futures_than_data_sets_are_sampled():
    rng = np.random.default_rng(1)
    z = rng.standard_normal(DATA + 500)
    data = given_data(np.stack([0 * z, z]), z[None], [1.0], seed=1)
    assert data.shape == (2, DATA)
    assert value(data) == pytest.approx(closed(0.0, np.sqrt(0.5)), rel=0.1)


def test_a_bent_response_is_followed():
    z = norm.ppf((np.arange(FUTURES) + 0.5) / FUTURES)
    noise = np.random.default_rng(3).standard_normal(FUTURES)
    utility = np.stack([np.zeros(FUTURES), z**2 - 1 + noise])
    # max(0, z^2 - 1) has the mean 2 phi(1).
    assert value(known(z, utility)) == pytest.approx(2 * norm.pdf(1), rel=0.07)


def test_what_has_no_part_is_worth_no_more_than_chance_shows_and_what_has_is_worth_more(problem):
    utility, z = problem
    chance = by_chance(Regression(normal_scores(z[2])[None]), utility, 100, seed=1)
    assert value(known(z[2], utility)) <= chance.max()
    assert value(known(z[1], utility)) > 5 * chance.max()
    # The regression's own bias is small: a few thousandths of the value of knowing all.
    assert 0 <= chance.mean() < 0.005 * value(utility)
    rng = np.random.default_rng(8)
    others = [value(known(rng.standard_normal(FUTURES), utility)) for _ in range(40)]
    assert sum(other > chance.max() for other in others) <= 2


def test_leaving_futures_out_finds_nothing_in_noise_most_of_the_time_even_where_they_are_few():
    rng = np.random.default_rng(6)
    utility = np.stack([np.zeros(60), rng.standard_normal(60)])
    found = [value(known(rng.standard_normal(60), utility)) for _ in range(60)]
    assert sum(each == 0 for each in found) > 36


def test_a_parameter_that_does_not_vary_tells_nothing(problem):
    utility, _ = problem
    assert value(known(np.full(FUTURES, 3.0), utility)) == 0


def test_scores_are_even_whatever_the_order_and_ties_share_one():
    scores = normal_scores(np.array([5.0, 1.0, 1.0, 9.0]))
    assert scores[1] == scores[2] < scores[0] < scores[3]
    assert scores[[1, 3]] == pytest.approx([norm.ppf(0.25), norm.ppf(0.875)])


def test_splines_are_straight_beyond_the_outer_knots():
    inside = normal_scores(np.arange(500.0))
    terms = splines(inside, 4)
    assert terms.shape == (500, 4)
    far = splines(np.concatenate([inside, np.array([10.0, 11.0, 12.0])]), 4)[-3:]
    assert np.allclose(np.diff(far, axis=0)[0], np.diff(far, axis=0)[1], rtol=1e-6)


@given(st.integers(0, 2**20), st.integers(2, 4))
def test_data_are_worth_no_more_than_knowing_and_that_no_more_than_knowing_everything(seed, packages):
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((3, 300))
    slopes = rng.normal(size=(packages, 3)) * rng.choice([0.0, 0.3, 2.0], 3)
    utility = (
        rng.normal(size=(packages, 1)) + slopes @ z + rng.normal() * np.outer(rng.normal(size=packages), z[0] ** 2)
    )
    utility += 0.5 * rng.standard_normal(utility.shape)
    everything, exact = value(utility), known(z[0], utility)
    data = given_data(exact, z[:1], [rng.choice([0.1, 1.0, 5.0])], seed)
    error = 4 * (standard_error(exact) + standard_error(data)) + 1e-9
    assert 0 <= value(data) <= value(exact) + error
    assert 0 <= value(exact) <= everything + error

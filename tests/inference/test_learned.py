"""What calibration taught: which parameters the data tie together, and what more data would tell them apart."""

from types import SimpleNamespace

import numpy as np
import pytest

from fourfronts.inference.learned import ASKED, joint
from fourfronts.inference.parameters import registry

NAMES = (*ASKED[0], "a.third")


@pytest.fixture(scope="module")
def pairs():
    """Two parameters of which data know the sum, and two series: one of the sum and one of the difference."""
    rng = np.random.default_rng(3)
    total, apart = 0.2 * rng.standard_normal(4000), rng.standard_normal(4000)
    scores = np.stack([total + apart, total - apart, rng.standard_normal(4000)], axis=1) / np.sqrt(2)
    noise = rng.standard_normal(4000)
    published = np.stack([np.exp(total)[None], np.exp(apart + noise)[None]])
    series = {name: SimpleNamespace(label=name.upper()) for name in ("sum", "difference", "empty")}
    problem = SimpleNamespace(
        target=SimpleNamespace(names=NAMES),
        observed=SimpleNamespace(names=tuple(series), figures=([1], [1], []), series=series),
        values=lambda scores: 10 * scores,
    )
    return joint(problem, scores, published, [(NAMES[0], "a.third"), ASKED[0]])


def test_the_pairs_that_people_ask_about_are_parameters_of_the_model():
    for pair in ASKED:
        for name in pair:
            assert registry().get(name).prior.distribution != "fixed"


def test_each_pair_is_told_once_and_pairs_without_a_parameter_are_left_out(pairs):
    assert [(each["first"], each["second"]) for each in pairs] == [ASKED[0], (NAMES[0], "a.third")]


def test_a_pair_of_which_only_the_sum_is_known_is_tied_and_as_wide_as_the_prior_in_the_other_direction(pairs):
    assert pairs[0]["correlation"] == pytest.approx((0.04 - 1) / (0.04 + 1), abs=0.02)
    assert pairs[0]["width"] == pytest.approx(1.0, abs=0.03)


def test_the_series_that_shows_the_difference_would_tell_them_apart_and_not_the_one_that_shows_the_sum(pairs):
    first, second = pairs[0]["tellers"]
    # Half of the variance of what it shows is noise; ranks lose a few hundredths.
    assert (first["series"], first["share"]) == ("difference", pytest.approx(0.5, abs=0.07))
    assert (second["series"], second["share"]) == ("sum", pytest.approx(0.0, abs=0.01))


def test_draws_are_kept_in_the_parameters_units(pairs):
    assert np.std(pairs[0]["draws"][0]) == pytest.approx(10 * np.sqrt(0.52), rel=0.1)

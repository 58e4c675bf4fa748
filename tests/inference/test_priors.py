"""Priors: quantiles are where the file puts them, truncation is exact, and what makes no sense is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import special, stats

from fourfronts.errors import InputError
from fourfronts.inference import priors
from fourfronts.inference.priors import Fixed, Logitnormal, Lognormal, Normal, Uniform, scaled

U = (np.arange(4096) + 0.5) / 4096
PRIOR = TypeAdapter(priors.Prior)

finite = st.floats(-1e6, 1e6)
positive = st.floats(1e-6, 1e6)
share = st.floats(0.001, 0.999)


def rising(values):
    return st.tuples(values, values).map(sorted).filter(lambda pair: pair[1] - pair[0] > 1e-9 * (1 + abs(pair[1])))


@st.composite
def any_prior(draw):
    kind = draw(st.sampled_from(["fixed", "uniform", "normal", "lognormal", "logitnormal"]))
    if kind == "fixed":
        return priors.Fixed(value=draw(finite))
    if kind == "uniform":
        low, high = draw(rising(finite))
        return priors.Uniform(low=low, high=high)
    values = {"normal": finite, "lognormal": positive, "logitnormal": share}[kind]
    p05, p95 = draw(rising(values))
    record = {"normal": priors.Normal, "lognormal": priors.Lognormal, "logitnormal": priors.Logitnormal}[kind]
    return record(p05=p05, p95=p95)


@given(any_prior())
def test_quantiles_rise_are_finite_and_keep_their_shape(prior):
    values = prior.quantile(U)
    assert values.shape == U.shape
    assert np.isfinite(values).all()
    assert (np.diff(values) >= 0).all()


@given(any_prior())
def test_the_percentiles_are_those_given(prior):
    if isinstance(prior, priors.Fixed):
        np.testing.assert_array_equal(prior.quantile(U), prior.value)
        return
    if isinstance(prior, priors.Uniform):
        at, expected = np.array([0.0, 1.0]), [prior.low, prior.high]
    else:
        at, expected = np.array([0.05, 0.95]), [prior.p05, prior.p95]
    np.testing.assert_allclose(prior.quantile(at), expected, rtol=1e-9, atol=1e-12 * max(map(abs, expected)))


def test_the_distributions_are_those_that_scipy_knows():
    middle, spread = 3.0, 2.0 / (2 * priors.Z95)
    np.testing.assert_allclose(priors.Normal(p05=2, p95=4).quantile(U), stats.norm(middle, spread).ppf(U), rtol=1e-12)
    log_spread = np.log(4) / (2 * priors.Z95)
    known = stats.lognorm(log_spread, scale=4).ppf(U)
    np.testing.assert_allclose(priors.Lognormal(p05=2, p95=8).quantile(U), known, rtol=1e-12)
    odds = special.logit(np.array([0.1, 0.7]))
    known = special.expit(stats.norm(odds.mean(), np.ptp(odds) / (2 * priors.Z95)).ppf(U))
    np.testing.assert_allclose(priors.Logitnormal(p05=0.1, p95=0.7).quantile(U), known, rtol=1e-12)


@pytest.mark.parametrize("bounds", [(2.5, 3.5), (-50.0, 3.2), (2.9, 1e9)])
def test_a_truncated_normal_is_exact(bounds):
    middle, spread = 3.0, 2.0 / (2 * priors.Z95)
    low, high = ((bound - middle) / spread for bound in bounds)
    values = priors.Normal(p05=2, p95=4, bounds=bounds).quantile(U)
    np.testing.assert_allclose(values, stats.truncnorm(low, high, middle, spread).ppf(U), rtol=1e-9)
    assert (values >= bounds[0]).all()
    assert (values <= bounds[1]).all()


def test_a_truncated_lognormal_is_exact_and_a_bound_below_zero_cuts_nothing():
    spread, median = np.log(4) / (2 * priors.Z95), 4.0
    known = stats.truncnorm(np.log(3 / median) / spread, np.log(6 / median) / spread).ppf(U)
    cut = priors.Lognormal(p05=2, p95=8, bounds=(3.0, 6.0)).quantile(U)
    np.testing.assert_allclose(cut, median * np.exp(spread * known), rtol=1e-9)
    upper_only = priors.Lognormal(p05=2, p95=8, bounds=(-1.0, 1e12)).quantile(U)
    np.testing.assert_allclose(upper_only, priors.Lognormal(p05=2, p95=8).quantile(U), rtol=1e-9)


def test_the_normal_quantile_is_right_to_the_last_digits_over_all_that_a_design_can_hold():
    tail = np.geomspace(2.0**-34, 0.4, 20_000)
    u = np.concatenate([tail, np.linspace(0.001, 0.999, 20_001), 1 - tail])
    ours, known = priors.normal_quantile(u), special.ndtri(u)
    np.testing.assert_allclose(ours, known, rtol=5e-15, atol=5e-16)


@pytest.mark.parametrize(
    "fields",
    [
        {"distribution": "normal", "p05": 2, "p95": 2},
        {"distribution": "normal", "p05": 3, "p95": 2},
        {"distribution": "normal", "p05": 1, "p95": float("inf")},
        {"distribution": "normal", "p05": 1, "p95": 3, "bounds": [2.5, 4]},
        {"distribution": "normal", "p05": 1, "p95": 3, "bounds": [3, 1]},
        {"distribution": "normal", "p05": 1, "p95": 3, "bounds": [0]},
        {"distribution": "normal", "p05": 1},
        {"distribution": "normal", "p05": 1, "p95": 3, "mean": 2},
        {"distribution": "lognormal", "p05": 0, "p95": 3},
        {"distribution": "lognormal", "p05": 1, "p95": 4, "bounds": [2.1, 9]},
        {"distribution": "logitnormal", "p05": 0.1, "p95": 1},
        {"distribution": "logitnormal", "p05": 0, "p95": 0.5},
        {"distribution": "logitnormal", "p05": 0.1, "p95": 0.5, "bounds": [0, 1]},
        {"distribution": "uniform", "low": 1, "high": 1},
        {"distribution": "uniform", "low": "0", "high": 1},
        {"distribution": "fixed", "value": None},
        {"distribution": "fixed", "value": True},
        {"distribution": "beta", "a": 1},
        {"p05": 1, "p95": 2},
    ],
)
def test_a_prior_that_makes_no_sense_is_refused(fields):
    with pytest.raises(ValidationError):
        PRIOR.validate_python(fields)


@pytest.mark.parametrize(
    "prior",
    [
        Fixed(value=-2.0),
        Uniform(low=-1.0, high=3.0),
        Normal(p05=-1.0, p95=4.0),
        Normal(p05=1.0, p95=4.0, bounds=(0.0, 5.0)),
        Lognormal(p05=0.5, p95=4.0),
        Lognormal(p05=0.5, p95=4.0, bounds=(0.1, 9.0)),
    ],
)
@pytest.mark.parametrize("factor", [0.25, 1.0, 3.0])
def test_a_scaled_prior_is_that_of_the_scaled_value(prior, factor):
    u = np.array([0.01, 0.05, 0.3, 0.5, 0.9, 0.95, 0.99])
    np.testing.assert_allclose(scaled(prior, factor).quantile(u), factor * prior.quantile(u), rtol=1e-12)


def test_a_scaled_share_stays_a_share_with_scaled_percentiles():
    share = scaled(Logitnormal(p05=0.2, p95=0.6), 1.5)
    np.testing.assert_allclose(share.quantile(np.array([0.05, 0.95])), [0.3, 0.9])
    assert 0 < share.quantile(np.array([1e-6]))[0] < share.quantile(np.array([1 - 1e-6]))[0] < 1


@pytest.mark.parametrize("prior", [Uniform(low=1, high=2), Logitnormal(p05=0.1, p95=0.9), Normal(p05=0, p95=1)])
def test_a_prior_scaled_by_nothing_is_nothing(prior):
    assert scaled(prior, 0) == Fixed(value=0.0)


@pytest.mark.parametrize(
    ("prior", "factor", "message"),
    [
        (Fixed(value=1), -1, "factor -1 is out of range; accepted: 0 or more"),
        (Fixed(value=1), math.inf, "factor inf is out of range"),
        (Fixed(value=1), math.nan, "factor nan is out of range"),
        (Logitnormal(p05=0.1, p95=0.8), 1.25, "takes p95 0.8 to 1 or more; accepted: factors under 1.25"),
    ],
)
def test_a_factor_that_gives_no_prior_says_what_is_accepted(prior, factor, message):
    with pytest.raises(InputError, match=message):
        scaled(prior, factor)

"""What calibration draws from: priors as scores, figures as they are weighed, the model as any run computes it."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from fourfronts.evidence.loader import load
from fourfronts.inference import mode
from fourfronts.inference.calibration import Problem, double_precision
from fourfronts.inference.likelihood import Figures, log_likelihood
from fourfronts.inference.observations import LINEAR, Observations, scaled
from fourfronts.inference.parameters import registry
from fourfronts.inference.readings import Seen, shown
from fourfronts.inference.simulation import futures
from fourfronts.model import driver_numpy, world

FEW = 4


@pytest.fixture(scope="module")
def precise():
    with double_precision():
        yield


@pytest.fixture(scope="module")
def problem(precise):
    return Problem(registry(), load(), date(2026, 5, 31), hasty=True)


def _observed(value, error, gap, bound, used, memory=1.0):
    """One series of linear figures."""
    shape = (1, len(value))
    value, error, gap = (np.array(each, dtype=float).reshape(shape) for each in (value, error, gap))
    return Observations(
        names=("one",),
        series={},
        figures=((),),
        scale=np.array([LINEAR]),
        memory=np.array([memory]),
        first=np.zeros(shape, dtype=int),
        last=np.zeros(shape, dtype=int),
        value=value,
        error=error,
        gap=gap,
        bound=np.array(bound, dtype=int).reshape(shape),
        used=np.array(used, dtype=bool).reshape(shape),
        known=np.array(used, dtype=bool).reshape(shape),
    )


def _density(observed, predicted, misfit, bias=0.0):
    import jax.numpy as jnp

    found = log_likelihood(
        observed,
        Figures.of(observed),
        jnp.asarray(predicted).reshape(1, -1, 1),
        jnp.full((1, 1), bias),
        jnp.full((1, 1), misfit),
    )
    return float(found[0])


numbers = st.lists(st.floats(-3, 3), min_size=5, max_size=5)


@settings(max_examples=25)
@given(value=numbers, misfit=st.floats(0.05, 3), memory=st.floats(0.2, 4))
def test_figures_of_a_series_are_weighed_as_one_normal_distribution_with_fading_covariance(
    precise, value, misfit, memory
):
    error, gap = [0.3, 0.1, 0.5, 0.2, 0.4], [0, 0.5, 0.1, 2.0, 0.25]
    observed = _observed(value, error, gap, [0] * 5, [True] * 5, memory)
    times = np.cumsum(gap)
    covariance = misfit**2 * np.exp(-np.abs(times[:, None] - times) / memory) + np.diag(np.square(error))
    expected = multivariate_normal.logpdf(value, mean=np.ones(5), cov=covariance)
    assert _density(observed, np.ones(5), misfit) == pytest.approx(expected, rel=1e-9)
    np.testing.assert_allclose(mode.covariance(observed, 0, np.arange(5), misfit), covariance)


def test_a_figure_that_is_not_used_says_nothing_and_the_others_say_what_they_would_without_it(precise):
    value, error, gap = [1.0, 50.0, 2.0], [0.2, 0.2, 0.2], [0, 0.5, 0.5]
    some = _observed(value, error, gap, [0] * 3, [True, False, True])
    without = _observed([1.0, 2.0], [0.2, 0.2], [0, 1.0], [0] * 2, [True] * 2)
    assert _density(some, np.ones(3), 0.7) == pytest.approx(_density(without, np.ones(2), 0.7))


@pytest.mark.parametrize(("bound", "side"), [(1, -1), (-1, 1)])
def test_a_bound_is_kept_with_the_probability_that_the_series_lies_on_its_right_side(precise, bound, side):
    observed = _observed([2.0], [0.3], [0], [bound], [True])
    for shown_value in (0.5, 2.0, 4.0):
        expected = norm.logcdf(side * (2.0 - shown_value) / np.hypot(0.4, 0.3))
        assert _density(observed, [shown_value], 0.4) == pytest.approx(expected)


def test_what_a_source_errs_by_moves_every_figure_of_its_series(precise, problem):
    observed = _observed([1.0, 2.0], [0.2, 0.2], [0, 1.0], [0, 0], [True, True])
    moved = _observed([0.7, 1.7], [0.2, 0.2], [0, 1.0], [0, 0], [True, True])
    assert _density(observed, np.ones(2), 0.5, bias=0.3) == pytest.approx(_density(moved, np.ones(2), 0.5))

    scores = np.zeros((len(problem.target.names), mode.BATCH))
    row = problem.target.names.index("observation.bias_chip_sales")
    scores[row] = np.linspace(-2, 2, mode.BATCH)
    bias = np.asarray(problem.predict(scores)[1])
    drawn = problem.values(scores)[row]
    for name, each in zip(problem.observed.names, bias, strict=True):
        source = problem.observed.series[name].noise.source
        if source == "observation.bias_chip_sales":
            np.testing.assert_allclose(each, drawn, rtol=1e-6)
        elif source is None:
            assert not each.any()


def test_scores_are_values_of_the_priors(problem):
    rng = np.random.default_rng(0)
    scores = rng.standard_normal((len(problem.target.names), FEW))
    drawn = problem.values(scores)
    for row, axis in enumerate(problem.target.free):
        prior = problem.known.registry.parameters[problem.target.parameters[axis].id].prior
        np.testing.assert_allclose(drawn[row], prior.quantile(norm.cdf(scores[row])), rtol=1e-7, err_msg=str(row))


def test_the_model_that_is_calibrated_is_the_one_that_runs(problem):
    """Figures as predicted by compiled code are those of the NumPy driver with the same parameters and readings."""
    target = problem.target
    scores = 0.3 * np.random.default_rng(1).standard_normal((len(target.names), mode.BATCH))
    predicted = np.asarray(problem.predict(scores)[0])[..., :FEW]
    model, reading, _ = (np.asarray(each)[:, :FEW] for each in target.all_values(scores, problem.told))
    seen = _seen_by_numpy(problem, model, reading)
    for row, (name, about) in enumerate(problem.observed.series.items()):
        monthly = np.asarray(shown(about.reading, seen))
        for point, figure in enumerate(problem.observed.figures[row]):
            mean = monthly[figure.first.offset : figure.last.offset + 1].mean(axis=0)
            expected = scaled(mean, int(problem.observed.scale[row]))
            np.testing.assert_allclose(predicted[row, point], expected, rtol=1e-6, atol=1e-6, err_msg=name)


def _seen_by_numpy(problem, model, reading):
    import jax

    from fourfronts.inference.outputs import OUTPUTS, whole
    from fourfronts.inference.published import references
    from fourfronts.inference.sampler import arranged, layout

    target = problem.target
    parameters = world.Parameters(
        *(type(group)(*map(np.asarray, group)) for group in arranged(model, layout(target.known)))
    )
    inputs = jax.tree.map(np.asarray, problem.told.inputs)
    wanted = references(problem.observed.series.values())
    reported, _ = futures(driver_numpy, world.AS_SHIPPED, wanted, parameters, inputs, np.arange(target.grid.months))
    axes = {each.id: values for each, values in zip(target.parameters, model, strict=True)}
    axes |= {each.id: values for each, values in zip(target.readings, reading, strict=True)}
    return Seen(
        target.grid.labels,
        target.grid.times,
        lambda of: whole(reported[of.output])[:, OUTPUTS[of.output].kinds.index(of.kind)],
        axes.__getitem__,
        parameters.distribution,
        jax.tree.map(np.asarray, problem.told.market),
    )


def test_the_mode_is_where_no_small_step_gains(problem):
    found = problem.mode
    assert found.log_density > float(np.asarray(problem.density(np.zeros((len(found.at), mode.BATCH))))[0]) + 50
    tried = found.at[:, None] + 0.02 * found.factor @ np.random.default_rng(2).standard_normal(
        (len(found.at), mode.BATCH)
    )
    assert np.asarray(problem.density(tried)).max() < found.log_density + 1.0

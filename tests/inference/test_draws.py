"""Draws: joint, repeatable, keyed by their number, and in the shapes that the model takes."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from fourfronts.errors import InputError
from fourfronts.inference import draws
from fourfronts.inference.parameters import registry
from fourfronts.inference.priors import Fixed
from fourfronts.model import world
from fourfronts.policy.grid import Grid

N = 1024


@pytest.fixture(scope="module")
def drawn():
    return draws.draw(registry(), N, seed=1)


def test_every_parameter_is_drawn_in_its_shape(drawn):
    names = {f"{each.mechanism}.{each.name}": each.bloc for each in registry().parameters.values()}
    assert set(drawn) == set(names)
    for name, values in drawn.items():
        assert values.dtype == np.float64
        assert values.shape == ((N,) if names[name] is None else (3, N))
        assert np.isfinite(values).all(), name


def test_every_marginal_is_its_prior(drawn):
    even = (np.arange(N) + 0.5) / N
    for parameter in registry().parameters.values():
        values = drawn[f"{parameter.mechanism}.{parameter.name}"]
        row = values if parameter.bloc is None else values[("allied", "prc", "rest").index(parameter.bloc)]
        # One point in each of the 1,024 slices, so sorted draws lie within a slice of the quantiles.
        low, high = (parameter.prior.quantile(np.clip(even + step, 1e-9, 1 - 1e-9)) for step in (-0.6 / N, 0.6 / N))
        assert (low <= np.sort(row)).all(), parameter.id
        assert (np.sort(row) <= high).all(), parameter.id


def test_parameters_are_drawn_independently():
    drawn = draws.draw(registry(), 4096, seed=1)
    free = [
        each.id for each in registry().parameters.values() if each.bloc is None and not isinstance(each.prior, Fixed)
    ]
    correlation = np.abs(spearmanr(np.array([drawn[name] for name in free]), axis=1).statistic)
    np.fill_diagonal(correlation, 0)
    # Chance alone would give a mean of 0.012 and a largest of 0.07. Of hundreds of axes a few late pairs stay uneven.
    assert correlation.mean() < 0.004
    assert correlation.max() < 0.2
    drivers = np.array([name.split(".")[0] in ("supply", "access", "stocks", "intelligence") for name in free])
    assert correlation[np.ix_(drivers, drivers)].max() < 0.1


@given(st.integers(0, 3000), st.integers(1, 1500), st.integers(0, 2**40))
def test_a_chunk_alone_is_that_chunk_of_the_whole(start, n, seed):
    whole, chunk = draws.draw(registry(), start + n, seed), draws.draw(registry(), n, seed, start)
    for name in ("supply.yield_start", "access.import_appetite"):
        np.testing.assert_array_equal(chunk[name], whole[name][..., start:])


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(drawn):
    again, other = draws.draw(registry(), N, seed=1), draws.draw(registry(), N, seed=2)
    assert all(again[name].tobytes() == drawn[name].tobytes() for name in drawn)
    assert (other["supply.yield_start"] != drawn["supply.yield_start"]).all()


@pytest.mark.parametrize("change", [0.3, {"distribution": "uniform", "low": 0.1, "high": 0.5}])
def test_a_changed_prior_leaves_the_draws_of_every_other_parameter(drawn, change):
    changed = draws.draw(registry().overridden({"supply.yield_start": change}), N, seed=1)
    for name in set(drawn) - {"supply.yield_start"}:
        np.testing.assert_array_equal(changed[name], drawn[name])
    assert (changed["supply.yield_start"] != drawn["supply.yield_start"]).any()
    # The same draw stays at the same quantile, which is what makes two worldviews comparable draw by draw.
    if change != 0.3:
        np.testing.assert_array_equal(
            np.argsort(changed["supply.yield_start"]), np.argsort(drawn["supply.yield_start"])
        )


@pytest.mark.parametrize("n", [0, 1, 3, 1000])
def test_any_number_of_draws_is_allowed_without_a_warning(n):
    assert draws.draw(registry(), n, seed=3)["supply.yield_start"].shape == (n,)


def test_a_number_of_draws_that_cannot_be_is_refused():
    with pytest.raises(InputError, match="draws 0 to -1"):
        draws.draw(registry(), -1, seed=1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_draws_fill_the_record_that_the_model_takes(drawn, dtype):
    filled = draws.assemble(drawn, dtype)
    assert isinstance(filled, world.Parameters)
    for mechanism, group in zip(filled._fields, filled, strict=True):
        assert type(group) is world.Parameters.__annotations__[mechanism]
        for name, values in zip(group._fields, group, strict=True):
            assert values.dtype == dtype
            np.testing.assert_allclose(values, drawn[f"{mechanism}.{name}"], rtol=1e-6, atol=1e-30)


def test_files_and_model_that_differ_are_told_apart_by_name(drawn):
    renamed = {name.replace("supply.yield_start", "supply.yeild_start"): values for name, values in drawn.items()}
    with pytest.raises(InputError) as caught:
        draws.assemble(renamed)
    message = "differ: the files lack supply.yield_start, the model does not use supply.yeild_start"
    assert message in str(caught.value)
    assert "fourfronts.model.world.Parameters" in str(caught.value)


def test_a_record_of_records_is_filled_by_name_and_not_by_order():
    class Inner(NamedTuple):
        b: object
        a: object

    class Outer(NamedTuple):
        inner: Inner

    filled = draws._nested(Outer, {"inner.a": np.array([1.0]), "inner.b": np.array([2.0])}, np.float64)
    assert (filled.inner.a, filled.inner.b) == (1.0, 2.0)


def test_paths_take_their_values_at_the_start_of_their_months_and_are_flat_outside():
    for name, series in registry().paths.items():
        starts = np.array([value.start.decimal_year for value in series.values])
        values = np.array([value.value for value in series.values])
        at = draws.paths_on_grid(registry(), starts)[name]
        np.testing.assert_allclose(at, values, rtol=1e-12)
        outside = draws.paths_on_grid(registry(), np.array([1990.0, 2090.0]))[name]
        np.testing.assert_array_equal(outside, values[[0, -1]])


def test_between_dates_a_linear_path_is_straight_and_a_step_stays():
    for name, series in registry().paths.items():
        for before, after in zip(series.values, series.values[1:], strict=False):
            middle = (before.start.decimal_year + after.start.decimal_year) / 2
            value = draws.paths_on_grid(registry(), np.array([middle]))[name][0]
            expected = (before.value + after.value) / 2 if series.interpolation == "linear" else before.value
            assert value == pytest.approx(expected, rel=1e-9), name


def test_paths_fill_the_record_that_the_model_takes():
    grid = Grid()
    filled = draws.assemble_paths(draws.paths_on_grid(registry(), grid.times), np.float32)
    assert isinstance(filled, world.Paths)
    assert {series.shape for group in filled for series in group} == {(grid.steps,)}
    assert {series.dtype for group in filled for series in group} == {np.dtype(np.float32)}

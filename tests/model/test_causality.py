"""The past does not know the future, and no admissible future breaks the numbers."""

import numpy as np
import pytest
from futures import DECADE, PACKAGES, examples, inputs, parameters, random_levels, run, sampled, seeds
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.model.levers import Levers
from fourfronts.policy.loader import levers


def _cut(earlier, later, step):
    return np.concatenate([earlier[:step], later[step:]])


@examples(10)
@given(seeds, seeds, st.integers(1, 107))
def test_changing_levers_and_paths_from_a_month_on_leaves_every_month_before_it_untouched(seed, other, step):
    p = parameters(seed, draws=4)
    before, after = inputs(random_levels(seed)), inputs(random_levels(other))
    factors = np.random.default_rng(other).uniform(0.5, 2.0, size=32)
    mixed = before._replace(
        levers=Levers(*(_cut(a, b, step) for a, b in zip(before.levers, after.levers, strict=True))),
        paths=type(before.paths)(
            *(
                type(group)(
                    *(
                        _cut(path, path * factor, step)
                        for path, factor in zip(group, factors[: len(group)], strict=True)
                    )
                )
                for group in before.paths
            )
        ),
    )
    one, two = run(p, before), run(p, mixed)
    for name, a, b in zip(one._fields, one, two, strict=True):
        assert a[:step].tobytes() == b[:step].tobytes(), name
    assert not np.array_equal(one.limits[step:], two.limits[step:])


@pytest.mark.parametrize("name", PACKAGES)
def test_every_output_of_five_hundred_futures_is_finite_to_the_end_of_2035(name):
    p = sampled(512)
    o = run(p, inputs(name, DECADE))
    assert [field for field, values in zip(o._fields, o, strict=True) if not np.isfinite(values).all()] == []


@examples(10)
@given(seeds)
def test_every_output_is_finite_for_random_parameters_and_levers(seed):
    p = parameters(seed, draws=16)
    o = run(p, inputs(random_levels(seed, DECADE), DECADE))
    assert [field for field, values in zip(o._fields, o, strict=True) if not np.isfinite(values).all()] == []


@examples(10)
@given(seeds)
def test_every_output_is_finite_with_every_lever_at_an_end_of_its_range(seed):
    random = np.random.default_rng(seed)
    ends = {name: np.full(DECADE.steps, lever.range[random.integers(2)]) for name, lever in levers().items()}
    o = run(parameters(seed, draws=16), inputs(ends, DECADE))
    assert [field for field, values in zip(o._fields, o, strict=True) if not np.isfinite(values).all()] == []


@examples(10)
@given(seeds)
def test_capability_never_falls_and_no_release_comes_before_its_model(seed):
    o = run(parameters(seed), inputs(random_levels(seed)))
    assert (np.diff(o.capability, axis=0) >= 0).all()
    assert (np.diff(o.released, axis=0) >= -1e-9).all()
    assert (o.released <= o.capability + 1e-9).all()

"""The past does not know the future, and no admissible future breaks the numbers."""

import numpy as np
import pytest
from futures import DECADE, PACKAGES, examples, flat, inputs, parameters, random_levels, random_run, run, sampled, seeds
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.policy.grid import Grid
from fourfronts.policy.loader import levers

DRAWS = 16


def _cut(earlier, later, step):
    """A record of inputs that is one up to `step` and another from there on."""
    pairs = zip(earlier, later, strict=True)
    return type(earlier)(
        *(_cut(a, b, step) if isinstance(a, tuple) else np.concatenate([a[:step], b[step:]]) for a, b in pairs)
    )


def _driven(seed):
    """Random levers, random fixing of those that respond, and dated series that are random multiples of the real."""
    random, driven = np.random.default_rng(seed), inputs(random_levels(seed, draws=DRAWS))
    free = type(driven.free)(*(random.integers(2, size=Grid().steps).astype(float) for _ in driven.free))
    paths = type(driven.paths)(
        *(type(group)(*(path * random.uniform(0.5, 2.0) for path in group)) for group in driven.paths)
    )
    return driven._replace(free=free, paths=paths)


@examples(4)
@given(seeds, st.integers(1, 100))
def test_changing_what_drives_the_world_from_a_month_on_leaves_every_month_before_it_untouched(seed, step):
    p, before = parameters(seed, DRAWS), _driven(seed)
    one, two = (flat(run(p, driven)) for driven in (before, _cut(before, _driven(seed + 1), step)))
    for name, values in one.items():
        assert values[:step].tobytes() == two[name][:step].tobytes(), name
    assert {name for name, values in one.items() if np.array_equal(values[step:], two[name][step:])} == set()


def _not_finite(o):
    return [name for name, values in flat(o).items() if not np.isfinite(values).all()]


@pytest.mark.parametrize("name", PACKAGES)
def test_every_output_of_five_hundred_futures_is_finite_to_the_end_of_2035(name):
    assert _not_finite(run(sampled(512), inputs(name, DECADE))) == []


@examples(3)
@given(seeds)
def test_every_output_is_finite_for_random_parameters_and_levers(seed):
    assert _not_finite(random_run(seed, draws=256)[1]) == []


@examples(3)
@given(seeds)
def test_every_output_is_finite_with_every_lever_at_an_end_of_its_range(seed):
    random = np.random.default_rng(seed)
    ends = {
        name: np.broadcast_to(np.asarray(lever.range)[random.integers(2, size=256)], (DECADE.steps, 256))
        for name, lever in levers().items()
    }
    assert _not_finite(run(parameters(seed, draws=256), inputs(ends, DECADE))) == []

"""The same seed gives the same bytes, more draws only add to fewer, and the mean settles as it should."""

from typing import NamedTuple

import numpy as np
import pytest
from futures import PACKAGES, flat, inputs, leads, run, sampled

from fourfronts.model import driver_numpy
from fourfronts.model.blocs import ALLIED, PRC

SCRAMBLES = 6
MOST = 2048


def _cut(parameters, draws):
    """The parameters of some draws."""
    return type(parameters)(*(type(group)(*(values[..., draws] for values in group)) for group in parameters))


def _by_future(first, second):
    """What both runs show of each future: (name, values, values); not levers that are the same in all of them."""
    found, other = flat(first), flat(second)
    return [(name, values, other[name]) for name, values in found.items() if values.ndim > 1]


@pytest.mark.parametrize("name", PACKAGES)
def test_two_runs_of_one_seed_give_the_same_bytes(name):
    first, second = (run(sampled(64, seed=7), inputs(name)) for _ in range(2))
    first, second = flat(first), flat(second)
    assert [name for name, values in first.items() if values.tobytes() != second[name].tobytes()] == []


def test_another_seed_gives_other_futures():
    first, second = (run(sampled(64, seed), inputs("drift")) for seed in (7, 8))
    assert not np.isclose(first.capability[-1], second.capability[-1]).any()


def test_the_first_futures_of_a_larger_run_are_those_of_a_smaller_one():
    few, many = sampled(100, seed=3), sampled(700, seed=3)
    for small, large in zip(few, _cut(many, slice(100)), strict=True):
        for field, a, b in zip(small._fields, small, large, strict=True):
            assert a.tobytes() == b.tobytes(), field
    small, large = run(few, inputs("hold")), run(many, inputs("hold"))
    for name, a, b in _by_future(small, large):
        np.testing.assert_allclose(b[..., :100], a, rtol=1e-12, atol=1e-12, err_msg=name)


def test_a_future_does_not_depend_on_which_others_are_computed_with_it():
    p = sampled(64)
    together = run(p, inputs("drift"))
    for draw in (0, 17, 63):
        alone = run(_cut(p, slice(draw, draw + 1)), inputs("drift"))
        for name, a, b in _by_future(together, alone):
            np.testing.assert_allclose(b[..., 0], a[..., draw], rtol=1e-12, atol=1e-12, err_msg=name)


class Seen(NamedTuple):
    """What the headline numbers need of a step."""

    capability: np.ndarray
    released: np.ndarray
    usable: np.ndarray
    fronts: np.ndarray  # (number, draws): the rivals' shares, resilience and exposure


def _seen(o):
    rivals = (o.adoption.share[:2], o.distribution.total[:2], o.resilience[:2], o.security.exposed_share[:2])
    return Seen(o.capability, o.released, o.usable, np.concatenate(rivals))


def _headlines(seed):
    """Headline numbers of 2028-12 in the futures of one scramble, (numbers, MOST)."""
    p, driven = sampled(MOST, seed), inputs("drift")
    columns = []
    # Stretches of this length stay in a core's cache.
    for start in range(0, MOST, 512):
        part = _cut(p, slice(start, start + 512))
        o = driver_numpy.simulate(part, driven, _seen)
        ratios = np.log(o.usable[-1, :, ALLIED] / o.usable[-1, :, PRC])
        lead = [each[0] for each in leads(part, o, [107])]
        columns.append(np.stack([*lead, *ratios, *o.capability[-1, :2], *o.released[76, :2], *o.fronts[-1]]))
    return np.concatenate(columns, axis=1)


def test_the_mean_over_draws_converges_at_least_as_fast_as_that_of_independent_draws():
    scrambles = np.stack([_headlines(seed) for seed in range(SCRAMBLES)])
    reference = scrambles.mean(axis=(0, 2))
    spread = scrambles.std(axis=(0, 2))
    error = {}
    for draws in (128, 512, MOST):
        off = (scrambles[:, :, :draws].mean(axis=2) - reference) / spread
        error[draws] = np.sqrt(np.mean(off**2))
        assert error[draws] < 1.25 / np.sqrt(draws)
    # Sixteen times the draws: a quarter of the error or less, with room for the luck of a few scrambles.
    assert error[MOST] < error[128] / 3

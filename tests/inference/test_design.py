"""Sobol points: evenly spread, inside (0, 1), and the same whichever stretch is asked for."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from fourfronts.errors import InputError
from fourfronts.inference.design import BITS, BLOCK, design


def points(dimensions, start, n, seed):
    stretch = design(dimensions, seed).stretch(start, n)
    return np.array([stretch.axis(axis) for axis in range(dimensions)])


@pytest.mark.filterwarnings("ignore:The balance properties")
@pytest.mark.parametrize("start", [0, 1, BLOCK - 1, 5 * BLOCK + 3])
def test_points_are_those_of_the_library_that_makes_the_design(start):
    library = qmc.Sobol(7, scramble=True, bits=BITS, rng=np.random.default_rng(11))
    expected = library.random(start + 3 * BLOCK)[start:].T + 0.5 * 2.0**-BITS
    np.testing.assert_array_equal(points(7, start, 3 * BLOCK, 11), expected)


def test_blocks_may_be_asked_for_in_any_order():
    fresh = [points(5, block * BLOCK, 4, 21) for block in (9, 2, 0, 9)]
    whole = points(5, 0, 10 * BLOCK, 21)
    for block, found in zip((9, 2, 0, 9), fresh, strict=True):
        np.testing.assert_array_equal(found, whole[:, block * BLOCK : block * BLOCK + 4])


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 2**62))
def test_a_stretch_alone_is_that_stretch_of_the_whole(start, n, seed):
    whole = points(3, 0, start + n, seed)
    np.testing.assert_array_equal(points(3, start, n, seed), whole[:, start:])


@given(st.integers(0, 2**31), st.integers(0, 10))
def test_a_power_of_two_points_has_one_in_each_slice_of_each_axis(seed, power):
    count = 2**power
    slices = np.sort((points(40, 0, count, seed) * count).astype(int), axis=1)
    np.testing.assert_array_equal(slices, np.broadcast_to(np.arange(count), slices.shape))


def test_points_never_touch_zero_or_one():
    drawn = points(64, 0, 2**14, 3)
    assert drawn.min() >= 0.5 * 2.0**-BITS
    assert drawn.max() < 1


def test_seeds_differ_and_repeat():
    assert (points(4, 0, 64, 1) != points(4, 0, 64, 2)).any(axis=1).all()
    np.testing.assert_array_equal(points(4, 0, 64, 1), points(4, 0, 64, 1))


def test_a_count_that_is_no_power_of_two_draws_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert points(5, 0, 700, 1).shape == (5, 700)


def test_draws_beyond_the_design_say_what_is_accepted():
    with pytest.raises(InputError, match="accepted: 0 to 1073741824"):
        points(2, 2**BITS - 1, 2, 1)

"""Months and the time grid."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.errors import InputError
from fourfronts.policy.grid import DEFAULT_HORIZON, FIRST, LAST, NOW, Grid, Month, parse_horizon, parse_month

months = st.builds(Month, st.integers(2020, 2035), st.integers(1, 12))
horizons = months.filter(lambda month: month > NOW)


@given(months)
def test_a_month_survives_being_written_and_read(month):
    assert parse_month(str(month)) == month


@pytest.mark.parametrize("text", ["2027", "2027-1", "2027-00", "2027-13", "2027-01-01", "27-01", "", "x", None, 2027])
def test_what_is_no_month_is_refused_with_an_example(text):
    with pytest.raises(InputError, match="accepted: YYYY-MM, as in 2027-01"):
        parse_month(text)


def test_decimal_years_start_with_the_month():
    assert Month(2026, 7).decimal_year == 2026.5
    assert Month(2020, 1).offset == 0
    assert Month(2021, 3).offset == 14


@pytest.mark.parametrize("text", ["2026-05", "2019-12", "2036-01"])
def test_a_horizon_before_the_future_or_beyond_reach_is_refused(text):
    with pytest.raises(InputError, match=f"horizon {text} is out of range; accepted: 2026-06 to 2035-12"):
        parse_horizon(text)
    with pytest.raises(InputError, match="out of range"):
        Grid(horizon=parse_month(text))


def test_a_grid_refuses_a_start_after_the_evidence_and_no_steps():
    with pytest.raises(InputError, match="start 2026-06 is out of range; accepted: 2020-01 to 2026-05"):
        Grid(start=Month(2026, 6))
    with pytest.raises(InputError, match="steps per month 0"):
        Grid(steps_per_month=0)


def test_the_default_grid_runs_from_2020_to_the_end_of_2028():
    grid = Grid()
    assert (grid.months, grid.steps) == (108, 108)
    assert (grid.labels[0], grid.labels[-1]) == (str(FIRST), str(DEFAULT_HORIZON))
    assert grid.times[0] == pytest.approx(2020 + 1 / 24)
    assert grid.times[-1] == pytest.approx(2029 - 1 / 24)


@given(horizons, st.integers(1, 4))
def test_steps_are_equal_and_centred_in_their_months(horizon, steps):
    grid = Grid(horizon=horizon, steps_per_month=steps)
    assert grid.times.shape == (grid.steps,) == (len(grid.labels) * steps,)
    np.testing.assert_allclose(np.diff(grid.times), 1 / 12 / steps, atol=1.01 / 8192)
    np.testing.assert_array_equal(grid.times, grid.times.astype(np.float32))
    middles = grid.times.reshape(grid.months, steps).mean(axis=1)
    starts = np.array([parse_month(label).decimal_year for label in grid.labels])
    np.testing.assert_allclose(middles, starts + 1 / 24, rtol=0, atol=0.51 / 8192)


def test_a_grid_accepts_plain_pairs_for_its_ends():
    assert Grid(start=(2020, 1), horizon=(2035, 12)) == Grid(horizon=LAST)

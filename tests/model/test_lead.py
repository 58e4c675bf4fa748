"""Lead in months, worked out by hand and against a plain search."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourfronts.model import driver_numpy
from fourfronts.model.lead import first_reached, lead_months


def _lead(leader, follower, month, speed_before=12.0):
    leader, follower = (np.asarray(values, dtype=float)[:, None] for values in (leader, follower))
    found = lead_months(leader, follower, np.array([month]), np.array([speed_before]), driver_numpy.each)
    return found[0, 0]


def test_at_12_eci_a_year_a_gap_of_6_eci_is_6_months():
    months = np.arange(48)
    leader, follower = 110 + months, 104 + months
    assert _lead(leader, follower, 40) == pytest.approx(6)
    assert _lead(follower, leader, 40) == pytest.approx(-6)


def test_at_18_eci_a_year_the_same_gap_is_4_months():
    months = np.arange(48)
    assert _lead(110 + 1.5 * months, 104 + 1.5 * months, 40) == pytest.approx(4)


def test_equal_histories_have_no_lead():
    months = np.arange(48)
    assert _lead(110 + months, 110 + months, 40) == 0


# Half a point a month for 24 months, from 100 to 112, then two points a month, to 136 in month 36.
KINKED = np.concatenate([100 + 0.5 * np.arange(25), 112 + 2.0 * np.arange(1, 13)])


@pytest.mark.parametrize(
    ("capability", "lead"),
    [
        (115.0, 10.5),  # reached 3 points after the kink: month 25.5
        (106.0, 24.0),  # reached halfway along the slow stretch: month 12
        (112.0, 12.0),  # reached at the kink: month 24
        (136.0, 0.0),  # reached now
        (94.0, 42.0),  # below the history: 6 points at 1 a month before month 0
    ],
)
def test_a_lead_is_read_off_the_leader_s_own_kinked_history(capability, lead):
    follower = np.minimum(KINKED - 1e-3, capability)
    follower[-1] = capability
    assert _lead(KINKED, follower, 36) == pytest.approx(lead, abs=1e-9)


def test_a_level_that_the_leader_reaches_only_later_is_not_a_lead_now():
    leader = np.array([100.0, 101.0, 102.0, 103.0])
    follower = np.array([100.0, 101.5, 103.5, 104.0])
    # In month 2 the follower's 103.5 is ahead; it had the leader's 102 a quarter of the way from month 1.
    assert _lead(leader, follower, 2) == pytest.approx(-0.75)


def test_a_pause_in_the_history_counts_in_full():
    # At 110 from month 2 to month 11, at 111 in month 12: 110.5 was reached in month 11.5.
    leader = np.concatenate([[108.0, 109.0, 110.0], np.full(9, 110.0), [111.0, 112.0]])
    follower = np.full(14, 100.0)
    follower[13] = 110.5
    assert _lead(leader, follower, 13) == pytest.approx(13 - 11.5, abs=1e-6)


@settings(max_examples=50)
@given(st.lists(st.floats(0.01, 5.0), min_size=4, max_size=60), st.floats(0.0, 1.0))
def test_the_date_at_which_a_level_was_reached_is_the_inverse_of_the_history(rises, share):
    history = 100 + np.concatenate([[0.0], np.cumsum(rises)])
    level = 100 + share * (history[-1] - 100)
    found = first_reached(history[:, None], np.array([[level]]), np.array([1.0]), driver_numpy.each)
    assert found[0, 0] == pytest.approx(np.interp(level, history, np.arange(len(history))), abs=1e-6)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0.01, 3.0), st.floats(0.01, 3.0)), min_size=4, max_size=60),
    st.floats(-20.0, 20.0),
)
def test_exchanging_the_blocs_turns_the_sign_and_nothing_else(rises, gap):
    first, second = (100 + np.cumsum(column) for column in np.transpose(rises))
    month = len(rises) - 1
    there, back = _lead(first, second + gap, month), _lead(second + gap, first, month)
    assert there == pytest.approx(-back, abs=1e-9)
    assert np.sign(there) == np.sign(first[-1] - second[-1] - gap) or abs(there) < 1e-6

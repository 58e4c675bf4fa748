"""Lead in months, worked out by hand and against a plain search."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourfronts.model import driver_numpy
from fourfronts.model.lead import PACE_YEARS, SLOWEST_PACE, first_reached, lead_months, paced, running_lead


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


def _column(*by_bloc):
    return np.array(by_bloc, dtype=float)[:, None]


def test_a_running_lead_is_the_gap_to_the_best_other_over_the_pace():
    # At 12 ECI a year, 1 a month: 6 ahead of the best other, who is 4 ahead of the third, which is 10 behind the first.
    lead = running_lead(_column(130.0, 124.0, 120.0), np.array([12.0]))
    assert lead[:, 0] == pytest.approx([6.0, -6.0, -10.0])
    # At 24 a year half of that; level blocs have none.
    assert running_lead(_column(130.0, 124.0, 120.0), np.array([24.0]))[:, 0] == pytest.approx([3.0, -3.0, -5.0])
    assert running_lead(_column(130.0, 130.0, 120.0), np.array([12.0]))[:, 0] == pytest.approx([0.0, 0.0, -10.0])


def test_a_standstill_does_not_make_a_gap_endless():
    for pace in (SLOWEST_PACE, 0.0, -3.0):
        lead = running_lead(_column(130.0, 124.0, 120.0), np.array([pace]))
        assert lead[:, 0] == pytest.approx([72.0, -72.0, -120.0])


def test_a_running_lead_is_the_lead_from_the_histories_while_all_go_at_one_pace():
    months = np.arange(48)
    histories = [110 + 1.5 * months, 104 + 1.5 * months, 92 + 1.5 * months]
    running = running_lead(_column(*(history[40] for history in histories)), np.array([18.0]))
    assert running[0, 0] == pytest.approx(_lead(histories[0], histories[1], 40))
    assert running[2, 0] == pytest.approx(_lead(histories[2], histories[0], 40))


@settings(max_examples=50)
@given(st.lists(st.floats(-50.0, 300.0), min_size=3, max_size=3), st.floats(0.0, 100.0), st.permutations(range(3)))
def test_a_running_lead_has_one_leader_and_no_bloc_is_told_apart(capability, pace, order):
    capability, pace = _column(*capability), np.array([pace])
    lead = running_lead(capability, pace)
    assert (lead > 0).sum() <= 1
    assert lead.max() >= 0
    np.testing.assert_array_equal(running_lead(capability[list(order)], pace), lead[list(order)])


def test_the_pace_follows_the_frontier_over_about_a_year():
    # A month in which the frontier gains 2, not the bloc that gains most: 24 a year. 10 + 14 x (1 - exp(-1/12)).
    before, after = _column(130.0, 120.0, 110.0), _column(132.0, 126.0, 110.0)
    pace = paced(np.array([10.0]), before, after, np.float64(1 / 12))
    assert pace[0] == pytest.approx(10.0 + 14.0 * (1 - np.exp(-1 / 12 / PACE_YEARS)))
    # The frontier may change hands: from 130 to 133, 36 a year.
    pace = paced(np.array([10.0]), before, _column(131.0, 133.0, 110.0), np.float64(1 / 12))
    assert pace[0] == pytest.approx(10.0 + 26.0 * (1 - np.exp(-1 / 12)))
    # At one speed it is that speed, however long the step.
    assert paced(np.array([24.0]), before, after, np.float64(1 / 12))[0] == pytest.approx(24.0)


def test_the_pace_of_a_year_is_that_of_its_two_halves():
    whole = paced(np.array([10.0]), _column(130.0, 0.0, 0.0), _column(150.0, 0.0, 0.0), np.float64(1.0))
    half = paced(np.array([10.0]), _column(130.0, 0.0, 0.0), _column(140.0, 0.0, 0.0), np.float64(0.5))
    half = paced(half, _column(140.0, 0.0, 0.0), _column(150.0, 0.0, 0.0), np.float64(0.5))
    assert whole[0] == pytest.approx(half[0], rel=1e-12)

"""What calibration is told: which figures, for which month, and which of them count."""

from datetime import date

import numpy as np
import pytest

from fourfronts.errors import InputError
from fourfronts.evidence.loader import load
from fourfronts.inference.figures import data
from fourfronts.inference.observations import LINEAR, LOG, ODDS, observations, off_scale, on_scale, scaled
from fourfronts.inference.published import published
from fourfronts.policy.grid import Month


def test_a_series_that_is_held_out_is_known_and_calibrates_nothing():
    told = observations(published(), load())
    held = [row for row, name in enumerate(told.names) if published()[name].held_out]
    assert len(held) == 8
    assert told.known[held].any(axis=1).all()
    assert not told.used[held].any()
    others = [row for row in range(len(told.names)) if row not in held]
    np.testing.assert_array_equal(told.used[others], told.known[others])


def test_how_long_a_match_took_is_known_in_the_month_of_the_match():
    # GPT-5 came out on 7 August 2025 and was matched 8 months later.
    matched = {each.rows[0]: each for each in data(published()["gap_index_to_match"], load())}
    assert matched["LAG-107"].value == 8.0
    assert matched["LAG-107"].first == matched["LAG-107"].last == Month(2026, 4)
    before = {each.rows[0] for each in data(published()["gap_index_to_match"], load(), cutoff=date(2026, 3, 31))}
    assert "LAG-107" not in before
    # Released in March 2023, matched in September 2024.
    assert "LAG-012" in before


@pytest.mark.parametrize(("scale", "value"), [(LINEAR, -3.5), (LOG, 2e7), (ODDS, 42.0)])
def test_scales_are_one_thing_for_numbers_and_for_arrays_and_lead_back(scale, value):
    at = on_scale(value, scale)
    assert scaled(np.array([value]), scale)[0] == pytest.approx(at)
    assert off_scale(np.array([at]), scale)[0] == pytest.approx(value)


def test_nothing_and_all_are_held_away_from_where_odds_end():
    assert on_scale(0.0, ODDS) == on_scale(0.5, ODDS) == pytest.approx(-on_scale(100.0, ODDS))
    np.testing.assert_allclose(scaled(np.array([0.0, 100.0]), ODDS), [on_scale(0, ODDS), on_scale(100, ODDS)])
    assert np.isfinite(scaled(np.array([0.0]), LOG)).all()
    with pytest.raises(InputError, match="accepted: above 0"):
        on_scale(0.0, LOG)

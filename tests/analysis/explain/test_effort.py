"""Effort and cost: what packages ask for, by hand, and the words that the costs were read from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.analysis.explain.effort import COSTS, asked, check_pulled, pulled, share_of_room, today
from fourfronts.errors import InputError
from fourfronts.policy.grid import Grid, Month
from fourfronts.policy.loader import Change, Package, levers, package

GRID, JANUARY = Grid(), Month(2027, 1)


def one(ramp=0, start=JANUARY, **levels):
    changes = {name: Change(level=level, start=start, ramp_months=ramp) for name, level in levels.items()}
    return Package(name="one", label="One", description="A test.", levers=changes)


def test_policy_carried_on_asks_for_nothing():
    ask = asked(package("drift"), GRID)
    assert (ask.effort, ask.low, ask.high, ask.cost) == (0, 0, 0, 0)


def test_a_lever_at_either_end_of_its_range_counts_one_and_half_way_counts_half():
    # Enforcement stands at 1.2 of 0 to 10, detection at 0.3 of 0 to 1.
    assert asked(one(enforcement_budget=10), GRID).effort == pytest.approx(1)
    assert asked(one(enforcement_budget=0), GRID).effort == pytest.approx(1)
    assert asked(one(enforcement_budget=0.6, distillation_detection=0.65), GRID).effort == pytest.approx(1.0)
    assert asked(one(chip_export_ceiling=10_500), GRID).effort == pytest.approx(0.5)


def test_what_has_not_begun_or_is_under_way_by_the_end_counts_as_far_as_it_has_come():
    assert asked(one(distillation_detection=1, start=Month(2029, 1)), GRID).effort == 0
    # Half of the way from December 2027 to December 2029 is gone by the middle of the last month, bar half a month.
    halfway = asked(one(distillation_detection=1, start=Month(2027, 12), ramp=25), GRID).effort
    assert halfway == pytest.approx(12.5 / 25)


def test_responses_of_the_prc_are_no_effort_of_the_allies():
    assert asked(one(prc_import_openness=1), GRID).effort == 0
    assert not [name for name in pulled() if name.startswith("prc_")]


def test_costs_are_what_levers_say_in_words():
    assert set(COSTS) <= set(pulled())
    for name, cost in COSTS.items():
        assert cost.quoted in " ".join(levers()[name].cost.split())
    # A dollar figure that is on record for what a lever costs, and not for what others lose, is used.
    assert COSTS["enforcement_budget"].low == 190e6
    assert (COSTS["power_buildout"].low, COSTS["power_buildout"].high) == (13 * 29e9, 44 * 29e9)


def test_yearly_cost_counts_the_time_and_other_cost_does_not():
    # One level above today's 1.2 for the two years 2027 and 2028.
    ask = asked(one(enforcement_budget=2.2), GRID)
    assert (ask.low, ask.high) == (pytest.approx(380e6), pytest.approx(380e6))
    ask = asked(one(power_buildout=0.5), GRID)
    assert (ask.low, ask.high, ask.cost) == (pytest.approx(188.5e9), pytest.approx(638e9), pytest.approx(413.25e9))


@given(st.data())
def test_the_share_of_the_way_is_within_one_and_has_the_sign_of_the_move(data):
    name = data.draw(st.sampled_from(pulled()))
    low, high = levers()[name].range
    level = data.draw(st.floats(low, high))
    share = share_of_room(name, level)
    assert -1 <= share <= 1
    assert (share > 0) == (level > today(name))
    assert (share < 0) == (level < today(name))


def test_levers_of_others_and_unknown_ones_are_refused():
    assert check_pulled(("hbm_controls", "hbm_controls")) == ("hbm_controls",)
    with pytest.raises(InputError, match=r"unknown lever 'hbm_control': did you mean 'hbm_controls'"):
        check_pulled(("hbm_control",))
    with pytest.raises(InputError, match="'prc_evasion_effort' is a response of the PRC; accepted: enforcement_budget"):
        check_pulled(("prc_evasion_effort",))

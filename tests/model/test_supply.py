"""Supply, worked out by hand."""

import math

import numpy as np
import pytest
from futures import examples, inputs, levels_of, parameters, replaced, run, sampled, seeds
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.model import supply, world
from fourfronts.model.blocs import ALLIED, PRC

MOMENT = np.float64(1e-6)
"""A step so short that nothing but the flows can be seen in it, years."""


def _made(**changes):
    """What a moment of mid-2025 makes, in a world of round numbers."""
    p = replaced(
        sampled(1),
        **{
            f"supply__{name}": value
            for name, value in (
                {
                    "output_anchor": np.array([[1.3e7], [2e6], [0.0]]),
                    "power_additions": np.array([[20.0], [40.0], [5.0]]),
                    "power_overhead": 1.5,
                    "buildout_gain": 0.5,
                    "wafers_anchor": 40_000.0,
                    "wafers_time": 2025.5,
                    "ai_wafer_share": 0.25,
                    "dies_per_wafer": 70.0,
                    "yield_start": 0.3,
                    "yield_time": 2025.5,
                    "roadmap_delivery": 0.8,
                    "bank_use_time": 2.0,
                    "stacks_per_h100e": 8.0,
                    "domestic_stacks_anchor": 2e6,
                    "memory_time": 2025.5,
                    "hbm_import_demand": 1.0,
                    "hbm_control_bite": 0.9,
                    "euv_gain": 3.0,
                    "euv_delay": 2.0,
                    "home_euv_time": 2030.0,
                    "home_euv_ramp": 4.0,
                }
                | changes
            ).items()
        },
    ).supply
    driven = world.at(inputs("drift"), 66)
    paths = supply.Paths(
        chip_watts_per_h100e=np.float64(700.0),
        performance_per_die=np.float64(0.38),
        hbm_imports_open=np.float64(16e6),
        foreign_die_arrivals=np.float64(0.0),
    )
    time = np.float64(2025.5)
    state = supply.start(p, time)
    return p, state, paths, driven.levers._replace(hbm_controls=np.float64(0.8)), time


AS_EXPECTED = np.zeros((3, 1))
CHIP_CONTROLS = ("euv_controls", "equipment_controls", "hbm_controls")


def _ceilings(levers=None, state=None, funding=AS_EXPECTED, **changes):
    p, start, paths, drift, time = _made(**changes)
    s, levels = start._replace(**(state or {})), drift._replace(**(levers or {}))
    return supply.step(p, s, paths, levels, funding, time, MOMENT)[1]


def test_logic_is_wafers_times_dies_times_yield_times_performance():
    # 40,000 wafers a month x 12 x a quarter x 70 dies x 30% = 2.52M dies, of 0.38 x 0.8 H100e.
    assert _ceilings().logic.max() == pytest.approx(766_080, rel=1e-5)


def test_memory_is_stacks_over_stacks_for_each_h100e():
    # 2M made at home and 16M x (1 - 0.9 x 0.8) = 4.48M let in, 8 to an H100e.
    assert _ceilings().memory.max() == pytest.approx(810_000, rel=1e-5)


def test_power_is_watts_over_watts():
    # 20 GW over 700 W x 1.5 for each H100e.
    assert _ceilings().power[ALLIED, 0] == pytest.approx(19_047_619, rel=1e-5)
    # A full build-out programme with a gain of half.
    full = {"power_buildout": np.float64(1.0)}
    assert _ceilings(full).power[ALLIED, 0] == pytest.approx(28_571_429, rel=1e-5)
    assert _ceilings(full).power[PRC, 0] == _ceilings().power[PRC, 0]


def test_output_is_the_least_of_the_limits_that_apply():
    made = _ceilings()
    assert made.output[ALLIED, 0] == pytest.approx(13_000_000, rel=1e-5)
    assert made.output[PRC, 0] == pytest.approx(766_080, rel=1e-5)
    # Half the memory, and memory binds; a market of 0.1M, and the market does; little power, and power does.
    assert _ceilings(stacks_per_h100e=16.0).output[PRC, 0] == pytest.approx(405_000, rel=1e-5)
    poor = np.array([[1.3e7], [1e5], [0.0]])
    assert _ceilings(output_anchor=poor).output[PRC, 0] == pytest.approx(100_000, rel=1e-5)
    dark = np.array([[5.0], [0.1], [5.0]])
    assert _ceilings(power_additions=dark).output[:2, 0] == pytest.approx([4_761_905, 95_238], rel=1e-5)


def test_a_stockpile_of_dies_adds_what_its_time_of_use_allows():
    # 2.5M dies used up over two years: 1.25M more a year, so 3.77M x 0.304; memory binds at 0.81M.
    made = _ceilings(state={"die_bank": np.array([2.5e6])})
    assert made.logic.max() == pytest.approx(1_146_080, rel=1e-5)
    assert made.output[PRC, 0] == pytest.approx(810_000, rel=1e-5)


def test_more_capital_than_expected_buys_a_larger_market_and_only_that():
    # Two and a half times the capital of the path: a log of 0.9163 on 13M and on 2M, where power and memory allow.
    more = np.log(np.array([[1.25], [2.5], [1.0]]))
    rich, usual = _ceilings(funding=more), _ceilings()
    assert rich.market[:, 0] == pytest.approx([16_250_000, 5_000_000, 0], rel=1e-5)
    assert rich.output[ALLIED, 0] == pytest.approx(16_250_000, rel=1e-5)
    for name in ("power", "logic", "memory"):
        np.testing.assert_array_equal(getattr(rich, name), getattr(usual, name))
    # The PRC's industry is held back by logic, whatever the money; a twentieth of it is felt.
    assert rich.output[PRC, 0] == pytest.approx(766_080, rel=1e-5)
    assert _ceilings(funding=np.log(np.full((3, 1), 0.05))).output[PRC, 0] == pytest.approx(100_000, rel=1e-5)
    # Money of a month is not the path: the market that the next step starts from is the same.
    p, state, paths, levers, time = _made()
    one, other = (supply.step(p, state, paths, levers, money, time, MOMENT)[0] for money in (more, AS_EXPECTED))
    np.testing.assert_array_equal(one.log_market, other.log_market)


def _after(years, levers=None, **changes):
    p, state, paths, drift, time = _made(**changes)
    return supply.step(p, state, paths, drift._replace(**(levers or {})), AS_EXPECTED, time, np.float64(years))


def test_what_is_not_used_of_the_memory_is_kept():
    after, made = _after(0.25, wafer_growth_past=0.0, wafer_growth_today=0.0, yield_learning=0.0, memory_growth=0.0)
    # 6.48M stacks a year arrive, 0.76608M x 8 = 6.12864M are used; a quarter of the difference.
    assert made.output[PRC, 0] == pytest.approx(766_080, rel=1e-5)
    assert after.memory_bank[0] == pytest.approx(87_840, rel=1e-4)
    assert after.die_bank[0] == 0


def test_yield_closes_its_distance_to_the_limit():
    free = {name: np.float64(0.0) for name in ("equipment_controls", "hbm_controls")}
    rates = {"yield_limit": 0.7, "yield_learning": 0.4, "equipment_control_reference": 0.0}
    after, _ = _after(1.0, free, **rates)
    # 0.7 - 0.4 x exp(-0.4) = 0.431872.
    assert after.chip_yield[0] == pytest.approx(0.431872, abs=1e-6)


def test_yield_never_falls_below_where_it_stands():
    after, _ = _after(1.0, yield_start=0.6, yield_limit=0.5)
    assert after.chip_yield[0] >= 0.6


def test_market_growth_settles_from_today_s_rate_to_the_long_run_s():
    p = replaced(
        sampled(1),
        supply__growth_past=1.2,
        supply__growth_today=0.9,
        supply__growth_long_run=0.5,
        supply__growth_settling_time=2.0,
    ).supply
    rate = [supply.market_growth(p, np.float64(time))[ALLIED, 0] for time in (2024.0, 2025.5, 2027.5, 2100.0)]
    # 0.5 + 0.4 / e after one settling time.
    assert rate == pytest.approx([1.2, 0.9, 0.5 + 0.4 / math.e, 0.5])


def test_the_market_path_passes_through_its_anchor():
    p = parameters(seed=11)
    o = run(p, inputs("drift"))
    # Month 66 is July 2025: half a month past the anchor at its middle.
    growth = p.supply.growth_today[:2] / 24
    np.testing.assert_allclose(o.limits[66, 0, :2], p.supply.output_anchor[:2] * np.exp(growth), rtol=0.01)


def test_growth_keeps_its_meaning_at_the_controls_under_which_it_was_observed():
    p, state, _, levers, _ = _made(tightness_reference=0.4, support_reference=0.6, equipment_control_reference=0.3)
    levers = levers._replace(
        equipment_controls=np.float64(0.5), allied_alignment=np.float64(0.6), prc_chip_support=np.float64(0.6)
    )
    access, effort = supply.capacity_growth(p, state._replace(pressure=np.array([0.4])), levers)
    assert access[0] == pytest.approx(1.0)
    assert effort[0] == pytest.approx(1.0)


def test_pressure_makes_the_home_industry_grow_faster_and_denial_slower():
    known = {
        "indigenisation": 0.5,
        "support_gain": 0.0,
        "tightness_reference": 0.3,
        "equipment_control_reference": 0.0,
        "equipment_control_bite": 0.6,
    }
    p, state, _, levers, _ = _made(**known)
    levers = levers._replace(equipment_controls=np.float64(1.0), allied_alignment=np.float64(0.5))
    access, effort = supply.capacity_growth(p, state._replace(pressure=np.array([0.9])), levers)
    # 1 - 0.6 x 0.5, and 1 + 0.5 x (0.9 - 0.3).
    assert access[0] == pytest.approx(0.7)
    assert effort[0] == pytest.approx(1.3)


LIFTED = {"euv_controls": np.float64(0.0)}
DISTANT = 1e4
"""A year in which home-made EUV never comes."""


def _years(count, levers=None, steps_a_year=12, **changes):
    """States at the end and what the last step made, after `count` years from mid-2025 on at steady levels."""
    p, state, paths, drift, time = _made(**changes)
    levels, years = drift._replace(**(levers or {})), np.float64(1 / steps_a_year)
    for step in range(round(count * steps_a_year)):
        middle = time + (step + 0.5) * years
        state, made = supply.step(p, state, paths, levels, AS_EXPECTED, middle, years)
    return state, made


def test_with_euv_denied_and_none_made_at_home_its_gain_changes_nothing():
    # Not by a bit: a gain of 1 is a world without the mechanism.
    for denied, absent in zip(
        _years(4, home_euv_time=DISTANT), _years(4, home_euv_time=DISTANT, euv_gain=1.0), strict=True
    ):
        for name in denied._fields:
            np.testing.assert_array_equal(getattr(denied, name), getattr(absent, name), err_msg=name)


def test_a_lifted_euv_control_is_felt_only_after_its_delay():
    # At once nothing; after a delay of two years 1 - 1/e of the wafers are made with EUV.
    assert _ceilings(LIFTED).logic.max() == pytest.approx(766_080, rel=1e-5)
    state, _ = _years(2, LIFTED)
    assert state.euv_access.max() == pytest.approx(1 - 1 / math.e)
    # A control lifted by half lets half as many be made so in the end.
    assert _years(60, {"euv_controls": np.float64(0.5)}, home_euv_time=DISTANT)[0].euv_access.max() == pytest.approx(
        0.5
    )


def test_euv_raises_logic_by_its_gain_and_no_other_limit():
    # Three times the compute of each wafer on half of them is twice 766,080.
    half = {"euv_access": np.array([0.5])}
    with_euv, without = _ceilings(state=half), _ceilings()
    assert with_euv.logic.max() == pytest.approx(1_532_160, rel=1e-5)
    for name in ("market", "power", "memory"):
        np.testing.assert_array_equal(getattr(with_euv, name), getattr(without, name))
    # Memory binds next, so output rises to 810,000 and no further.
    assert with_euv.output[PRC, 0] == pytest.approx(810_000, rel=1e-5)
    np.testing.assert_array_equal(with_euv.output[ALLIED], without.output[ALLIED])


def test_dies_from_abroad_gain_nothing_by_euv_at_home():
    bank, half = {"die_bank": np.array([2.5e6])}, {"euv_access": np.array([0.5])}
    added = _ceilings(state=half | bank).logic - _ceilings(state=half).logic
    # 1.25M dies a year of 0.304 H100e.
    assert added.max() == pytest.approx(380_000, rel=1e-5)


def test_a_stockpile_of_dies_lasts_longer_where_wafers_give_more():
    # At 810,000 H100e a year, where memory binds, 2.66M dies are used: more than the 2.52M made at home without EUV.
    p, state, paths, levers, time = _made(wafer_growth_today=0.0, yield_learning=0.0, memory_growth=0.0)
    bank = {"die_bank": np.array([2.5e6])}
    without, with_euv = (
        supply.step(p, state._replace(**bank, euv_access=share), paths, levers, AS_EXPECTED, time, np.float64(0.25))[0]
        for share in (np.array([0.0]), np.array([0.9]))
    )
    assert without.die_bank[0] == pytest.approx(2.5e6 - (810_000 / 0.304 - 2.52e6) / 4, rel=1e-6)
    assert with_euv.die_bank[0] == 2.5e6


def test_home_made_euv_begins_at_its_date_and_is_complete_after_its_ramp():
    p = _made()[0]
    shares = [supply.home_euv(p, np.float64(time))[0] for time in (2020.0, 2030.0, 2031.0, 2032.0, 2034.0, 2050.0)]
    # A quarter of the way: 3/16 - 2/64.
    assert shares == pytest.approx([0, 0, 0.15625, 0.5, 1, 1])
    assert shares[0] == shares[1] == 0


def test_home_made_euv_makes_the_control_toothless_later():
    early, _ = _years(4.5)
    late, made = _years(40)
    assert early.euv_access.max() == 0
    assert late.euv_access.min() == pytest.approx(1, abs=1e-6)
    # What the control still costs then is nothing.
    np.testing.assert_allclose(made.logic, _years(40, LIFTED)[1].logic, rtol=1e-6)


def test_access_to_euv_is_exact_in_any_step():
    coarse, fine = (_years(3, LIFTED, steps, home_euv_time=DISTANT)[0].euv_access for steps in (1, 48))
    np.testing.assert_allclose(coarse, fine, rtol=1e-12)


@examples(10)
@given(seeds)
def test_access_to_euv_stays_a_share_whatever_is_denied_and_when(seed):
    p = parameters(seed, draws=16).supply
    random, years = np.random.default_rng(seed), np.float64(1 / 12)
    driven = world.at(inputs("drift"), 66)
    state = supply.start(p, np.float64(2020.0))
    for month in range(240):
        levers = driven.levers._replace(euv_controls=np.float64(random.choice([0.0, random.random(), 1.0])))
        time = np.float64(2020 + (month + 0.5) / 12)
        state, _ = supply.step(p, state, driven.paths.supply, levers, 0.0 * p.output_anchor, time, years)
        assert ((state.euv_access >= 0) & (state.euv_access <= 1)).all()


def test_euv_takes_no_notice_of_allied_alignment():
    drift = _made()[3]
    half = drift._replace(euv_controls=np.float64(0.5))
    p, time = _made()[0], np.float64(2026.0)
    loose, tight = (half._replace(allied_alignment=np.float64(level)) for level in (0.0, 1.0))
    np.testing.assert_array_equal(supply.euv_tools(p, loose, time), supply.euv_tools(p, tight, time))


@examples(40)
@given(seeds, st.integers(40, 107), st.floats(0.0, 1.0), st.sampled_from(CHIP_CONTROLS))
def test_denying_tools_or_memory_never_raises_output_at_once_whatever_is_in_stock(seed, step, share, control):
    p = parameters(seed, draws=64).supply
    random = np.random.default_rng(seed)
    time, years = np.float64(2020 + (step + 0.5) / 12), np.float64(1 / 12)
    # A stockpile may be nothing, or anything up to what a decade would bring.
    held = {"die_bank": 5e6 * random.random(64) ** 3, "memory_bank": 2e7 * random.random(64) ** 3}
    held |= {"euv_access": random.random(64) ** 3}
    state = supply.start(p, time)._replace(**held)
    driven = world.at(inputs(levels_of("loosen")), step)
    tighter = driven.levers._replace(**{control: np.float64(share + (1 - share) * getattr(driven.levers, control))})
    before, after = (
        supply.step(p, state, driven.paths.supply, levers, 0.0 * p.output_anchor, time, years)[1].output
        for levers in (driven.levers, tighter)
    )
    assert (after <= before * (1 + 1e-12)).all()

"""Intelligence, worked out by hand."""

import math

import numpy as np
import pytest
from futures import examples, levels_of, parameters, replaced, sampled, seeds
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.model import intelligence
from fourfronts.model.blocs import ALLIED, PRC
from fourfronts.model.levers import Levers

BLOCS = (3, 1)
NOW = np.float64(2027.0)


def _levers(**changes):
    drift = {name: np.float64(0.0) for name in levels_of("drift")} | {"prc_evasion_effort": np.float64(1.0)}
    values = drift | {name: np.float64(level) for name, level in changes.items()}
    return Levers(**{name: values[name] for name in Levers._fields})


def _parameters(**changes):
    return replaced(sampled(1), **{f"intelligence__{name}": value for name, value in changes.items()}).intelligence


def _state(**changes):
    values = dict.fromkeys(intelligence.State._fields, np.zeros(BLOCS)) | {
        "capability": np.full(BLOCS, 120.0),
        "released": np.full(BLOCS, 120.0),
        "largest_run": np.full(BLOCS, 20.0),
        "effort_start": np.array([1e6]),
        "uplift_capability": np.array([1e3]),
        "hardening": np.array([1.0]),
    }
    return intelligence.State(**(values | changes))


def test_the_largest_run_is_a_year_of_the_leading_developer_s_share():
    p = _parameters(
        concentration=0.1,
        research_share=0.5,
        final_run_share=0.2,
        utilisation=0.4,
        run_share_growth=0.3,
        run_share_end=2026.0,
    )
    # 1M H100e x 0.1 x 0.5 x 0.2 x 0.4 = 4,000, of 989.5e12 operations x 31,557,600 s = 3.12262e22 FLOP a year each.
    run = intelligence.run_size(p, np.full(BLOCS, 1e6), NOW)
    assert run[ALLIED, 0] == pytest.approx(math.log10(4000 * 3.12262e22), abs=1e-5)
    # Two years before its growth ends, the share is smaller by exp(-0.6): 0.260577 factors of ten.
    earlier = intelligence.run_size(p, np.full(BLOCS, 1e6), np.float64(2024.0))
    assert (run - earlier)[ALLIED, 0] == pytest.approx(0.260577, abs=1e-6)


NOBODY_MOVED = np.zeros(BLOCS)


def _effort(labour, usable, talent=NOBODY_MOVED, **changes):
    """Research effort of the allied bloc over that of the leader at the start, without any help from AI."""
    known = {"labour_weight": 0.34, "labour_substitution": -0.15, "labour_growth": 0.0, "ai_uplift_reference": 1e-30}
    p = _parameters(research_labour=labour, **(known | changes))
    log_effort, _ = intelligence.research_effort(p, _state(), np.full(BLOCS, usable), talent, np.float64(0.0))
    return math.exp(log_effort[ALLIED, 0])


def test_endless_labour_waits_for_experiments():
    # (1 - 0.34) ** (-1 / 0.15) = 15.96 times, however many researchers there are.
    assert _effort(1e60, 1e6) == pytest.approx(0.66 ** (-1 / 0.15), rel=1e-6)
    assert _effort(1e70, 1e6) == pytest.approx(15.96, abs=0.01)
    # Twice the compute for experiments, twice the limit.
    assert _effort(1e60, 2e6) == pytest.approx(2 * 15.96, abs=0.02)


def test_endless_compute_waits_for_researchers():
    # 0.34 ** (-1 / 0.15) = 1,328 times.
    assert _effort(1.0, 1e70) == pytest.approx(0.34 ** (-1 / 0.15), rel=1e-6)
    assert _effort(0.5, 1e70) == pytest.approx(0.5 * 0.34 ** (-1 / 0.15), rel=1e-6)


def test_twice_of_both_is_twice_the_effort_and_the_start_is_one():
    assert _effort(1.0, 1e6) == pytest.approx(1.0)
    assert _effort(2.0, 2e6) == pytest.approx(2.0)


def test_researchers_drawn_from_elsewhere_count_as_so_much_more_labour():
    # With a log of labour of ln 2 more, twice the labour: (0.34 x 2 ** -0.15 + 0.66) ** (-1 / 0.15) = 1.249990.
    drawn = np.array([[math.log(2)], [0.0], [0.0]])
    assert _effort(1.0, 1e6, drawn) == pytest.approx(_effort(2.0, 1e6), rel=1e-12)
    assert _effort(1.0, 1e6, drawn) == pytest.approx((0.34 * 2**-0.15 + 0.66) ** (-1 / 0.15), rel=1e-12)
    # And in a step: software moves 2 ** 0.34 as fast at nearly free substitution, of the bloc that drew them alone.
    p = _alone(
        software_gain_start=4.0,
        reasoning_gain=1.0,
        research_labour=1.0,
        labour_growth=0.0,
        labour_weight=0.34,
        labour_substitution=-1e-6,
        ai_uplift_reference=1e-30,
        research_parallelism=1.0,
    )
    (_, still), (_, moved) = (_step(p, _state(), np.full(BLOCS, 1e6), 1e-4, talent=t) for t in (NOBODY_MOVED, drawn))
    assert moved.research[ALLIED, 0] / still.research[ALLIED, 0] == pytest.approx(2**0.34, rel=1e-3)
    np.testing.assert_array_equal(moved.research[PRC:], still.research[PRC:])


def test_nearly_free_substitution_is_a_product_of_powers():
    # Four times the labour at a weight of a half, with a substitution near 0: two times the effort.
    assert _effort(4.0, 1e6, labour_weight=0.5, labour_substitution=-1e-6) == pytest.approx(2.0, rel=1e-5)


def test_ai_multiplies_labour_by_its_reference_uplift_at_the_reference_capability():
    p = _parameters(ai_uplift_reference=0.6, ai_uplift_doubling=10.0)
    for capability, factor in ((130.0, 1.6), (140.0, 2.2), (120.0, 1.3)):
        s = _state(capability=np.full(BLOCS, capability), uplift_capability=np.array([130.0]))
        assert intelligence.ai_multiplier(p, s)[ALLIED, 0] == pytest.approx(factor)


def _alone(**changes):
    """A world in which nobody copies."""
    nobody = {"open_rate": 1e-12, "theft_rate": 1e-12, "distillation_rate": 1e-12}
    return _parameters(**(nobody | changes))


def _step(p, s, usable, years, levers=None, talent=NOBODY_MOVED):
    return intelligence.step(p, s, levers or _levers(), usable, talent, NOW, np.float64(0.0), np.float64(years))


def test_ten_times_the_largest_run_is_worth_its_stated_gain():
    p = _alone(eci_per_oom=8.0, software_gain_start=1e-30, run_share_growth=0.0)
    usable = np.full(BLOCS, 1e6)
    known = intelligence.run_size(p, usable, NOW)
    after, gains = _step(p, _state(largest_run=known - 1.0), usable, 1 / 12)
    assert after.capability[:, 0] - 120.0 == pytest.approx([8.0] * 3)
    assert gains.compute[:, 0] == pytest.approx([96.0] * 3)
    # A developer that can run less than before keeps its model.
    after, gains = _step(p, _state(largest_run=known + 1.0), usable, 1 / 12)
    assert after.capability[:, 0] == pytest.approx([120.0] * 3)


def test_steady_effort_gives_the_stated_gain_at_first_and_less_as_ideas_get_harder():
    known = {
        "software_gain_start": 4.0,
        "eci_per_oom": 8.0,
        "reasoning_gain": 1.0,
        "research_labour": 1.0,
        "labour_growth": 0.0,
        "ai_uplift_reference": 1e-30,
        "research_parallelism": 0.5,
    }
    p = _alone(**known)
    first, gains = _step(p, _state(), np.full(BLOCS, 1e6), 1e-3)
    assert gains.research[ALLIED, 0] == pytest.approx(4.0, rel=1e-3)
    # One factor of ten of software costs one of effort (hardening 1); at parallelism 0.5 speed falls by 10 ** 0.5.
    _, later = _step(p, _state(software=np.ones(BLOCS)), np.full(BLOCS, 1e6), 1e-3)
    assert later.research[ALLIED, 0] == pytest.approx(4.0 / math.sqrt(10), rel=1e-3)
    # Over ten years: ds/dt = 0.5 exp(-1.151293 s), so s = ln(1 + 1.151293 x 0.5 x 10) / 1.151293 = 1.661108.
    decade, _ = _step(p, _state(), np.full(BLOCS, 1e6), 10.0)
    assert decade.software[ALLIED, 0] == pytest.approx(math.log(1 + 5.756463) / 1.151293, rel=1e-3)
    assert first.software[ALLIED, 0] > 0


@examples(25)
@given(seeds, st.floats(-3.0, 3.0), st.floats(0.3, 5.0), st.floats(1e-3, 0.5))
def test_own_progress_of_a_step_is_that_of_its_two_halves_however_far_behind_a_bloc_is(
    seed, software, hardening, years
):
    p = parameters(seed).intelligence
    # Neither labour nor AI nor compute moves, so that the step alone can make a difference.
    still = {"labour_growth": 0.0, "ai_uplift_reference": 0.0, "run_share_growth": 0.0}
    p = p._replace(**{name: np.full_like(getattr(p, name), value) for name, value in still.items()})
    nobody = ("open_rate", "theft_rate", "distillation_rate")
    p = p._replace(**{name: np.full_like(getattr(p, name), 1e-12) for name in nobody})
    shape = (3, 8)
    s = _state(
        **{
            name: np.full(shape, value)
            for name, value in (("capability", 120.0), ("released", 120.0), ("largest_run", 40.0))
        },
        software=np.full(shape, software),
        effort_start=np.full(8, 1e6),
        uplift_capability=np.full(8, 1e3),
        hardening=np.full(8, hardening),
    )
    usable = np.full(shape, 1e6)
    whole, _ = _step(p, s, usable, years)
    half, _ = _step(p, s, usable, years / 2)
    half, _ = _step(p, half, usable, years / 2)
    np.testing.assert_allclose(whole.software, half.software, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("delay", [0.7, 3.0, 7.0])
def test_a_release_delay_of_some_months_is_a_lag_of_as_many_months_at_steady_speed(delay):
    p = _alone(release_delay=delay, eci_per_oom=8.0, software_gain_start=1e-30, run_share_growth=0.0)
    s = _state()
    usable = np.full(BLOCS, 1e12)
    s = s._replace(largest_run=intelligence.run_size(p, usable, NOW))
    for _ in range(120):
        # 12 ECI a year, 1 a month, all from compute.
        usable = usable * 10 ** (1 / 8)
        s, _ = _step(p, s, usable, 1 / 12)
    assert (s.capability - s.released)[ALLIED, 0] == pytest.approx(delay, rel=0.02)


def test_release_gating_holds_back_the_allied_models_alone():
    p = _alone(release_delay=3.0, eci_per_oom=8.0, software_gain_start=1e-30, run_share_growth=0.0)
    usable = np.full(BLOCS, 1e12)
    s = _state(largest_run=intelligence.run_size(p, usable, NOW))
    for _ in range(120):
        usable = usable * 10 ** (1 / 8)
        s, _ = _step(p, s, usable, 1 / 12, _levers(release_gating=2.0))
    assert (s.capability - s.released)[:, 0] == pytest.approx([5.0, 3.0, 3.0], rel=0.02)


def test_blocked_exchanges_are_those_that_pass_no_hurdle():
    p = _parameters(detection_effect=0.5, sharing_effect=0.2, deterrence_effect=0.1)
    assert intelligence.blocked(p, _levers())[0] == pytest.approx(0.0)
    # Half the detection stops a quarter; full sharing a fifth and full deterrence a tenth of what is left.
    full = _levers(distillation_detection=0.5, threat_sharing=1.0, legal_deterrence=1.0)
    assert intelligence.blocked(p, full)[0] == pytest.approx(1 - 0.75 * 0.8 * 0.9)


def test_distillation_saturates_in_tokens_and_waits_for_the_student_s_own_compute():
    p = _parameters(
        distillation_rate=0.8,
        exchanges_anchor=np.array([[0.0], [1e7], [0.0]]),
        exchanges_time=2027.0,
        tokens_per_exchange=1000.0,
        tokens_half=1e10,
        student_compute_share=0.1,
        detection_effect=0.5,
    )
    # 1e10 tokens are half the effect; a student with a tenth of the teacher's compute has half of that.
    run = np.array([[26.0], [25.0], [20.0]])
    rate, tokens = intelligence.distillation(p, _state(largest_run=run), _levers(), NOW)
    assert tokens[PRC, 0] == pytest.approx(1e10)
    assert rate[:, 0] == pytest.approx([0.0, 0.2, 0.0])
    # Half the exchanges stopped: a third of the effect in place of a half.
    rate, tokens = intelligence.distillation(p, _state(largest_run=run), _levers(distillation_detection=1.0), NOW)
    assert tokens[PRC, 0] == pytest.approx(5e9)
    assert rate[PRC, 0] == pytest.approx(0.8 / 6)
    # With a ten-thousandth of the teacher's compute next to nothing: 0.4 / 1001.
    poor = np.array([[26.0], [22.0], [20.0]])
    rate, _ = intelligence.distillation(p, _state(largest_run=poor), _levers(), NOW)
    assert rate[PRC, 0] == pytest.approx(0.4 / 1001)


def test_a_year_of_open_diffusion_closes_its_share_of_the_gap():
    p = _alone(open_rate=0.5, software_gain_start=1e-30, run_share_growth=0.0)
    s = _state(capability=np.array([[120.0], [110.0], [120.0]]), released=np.array([[120.0], [110.0], [120.0]]))
    s = s._replace(largest_run=np.full(BLOCS, 40.0))
    after, gains = _step(p, s, np.full(BLOCS, 1e6), 1.0)
    # 10 x (1 - exp(-0.5)) = 3.934693.
    assert after.capability[PRC, 0] - 110.0 == pytest.approx(3.934693, abs=1e-6)
    assert gains.open[PRC, 0] == pytest.approx(3.934693, abs=1e-6)
    # What is copied is software: 3.934693 / (ECI for a factor of ten).
    assert after.software[PRC, 0] == pytest.approx(3.934693 / p.eci_per_oom[0], abs=1e-6)


def test_the_start_carries_the_anchor_back_along_the_early_trend():
    p = _parameters(
        capability_anchor=124.0,
        anchor_time=2023.2,
        initial_lag=np.array([[0.0], [12.0], [24.0]]),
        initial_gap_software=0.5,
        eci_per_oom=8.0,
        software_gain_start=4.0,
        run_share_growth=0.3,
        release_delay=np.array([[3.0], [1.0], [1.0]]),
    )
    s = intelligence.start(p, np.array([[1e5], [1e4], [1e3]]), np.array([1.2]), np.float64(2020.0))
    # Speed 8 x (1.2 + 0.3) / 2.302585 + 4 = 9.211534 a year, back over 3.2 years: 124 - 29.476909 = 94.523091.
    assert s.released[:, 0] == pytest.approx([94.523091, 85.311557, 76.100023], abs=1e-5)
    # A quarter of a year and a month ahead of their releases.
    assert (s.capability - s.released)[:2, 0] == pytest.approx([2.302884, 0.767628], abs=1e-5)
    # Half of the first gap is software: 4.605767 / 8 factors of ten for the PRC.
    assert s.software[:, 0] == pytest.approx([0.0, -0.575721, -1.151442], abs=1e-5)

"""Copying closes a gap and never opens a lead; blocking it never helps the one who copies."""

import numpy as np
import pytest
from futures import (
    DECADE,
    PACKAGES,
    alike,
    examples,
    inputs,
    leads,
    levels_of,
    parameters,
    random_levels,
    random_run,
    replaced,
    run,
    same_chips,
    sampled,
    seeds,
    uncontrolled,
    uncoupled,
)
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.model import intelligence
from fourfronts.model.blocs import ALLIED, PRC, REST
from fourfronts.model.levers import Levers
from fourfronts.policy.grid import Grid

DEFENCES = ("distillation_detection", "threat_sharing", "legal_deterrence")
COPIED = slice(2, 5)
TODAY = 77
"""June 2026, the first month of change: what came before is in the levels that couplings count from."""

bases = st.one_of(st.sampled_from(PACKAGES), seeds)


def _blocked(driven, month, share):
    """All defences of the models raised by `share` of the way to full from `month` on."""

    def raised(level):
        later = np.arange(len(level)) >= month
        return np.where(later if level.ndim == 1 else later[:, None], level + share * (1 - level), level)

    defences = {name: raised(getattr(driven.levers, name)) for name in DEFENCES}
    return driven._replace(levers=driven.levers._replace(**defences))


def _with_and_without(p, base, month, share):
    driven = inputs(base if isinstance(base, str) else random_levels(base, draws=p.access.displacement.size))
    return run(p, driven), run(p, _blocked(driven, month, share))


def _shortened(p, before, after):
    """By how much blocking shortens each future's lead at worst, months, (draws,).

    Only where the allied bloc copies from nobody: else less for the PRC is a little less for both.
    """
    alone = (before.gains[:, COPIED, ALLIED] == 0).all(axis=(0, 1))
    worst = [(shorter - longer).max(axis=0) for shorter, longer in zip(leads(p, before), leads(p, after), strict=True)]
    return np.where(alone, np.maximum(*worst), 0.0)


@pytest.mark.parametrize("base", PACKAGES)
def test_blocking_distillation_never_shortens_a_lead_nor_helps_the_one_who_distils_in_any_likely_future(base):
    p = sampled(256, seed=12)
    before, after = _with_and_without(p, base, TODAY, 1.0)
    assert (after.capability[:, PRC] <= before.capability[:, PRC] + 1e-9).all()
    assert (after.released[:, PRC] <= before.released[:, PRC] + 1e-9).all()
    assert (_shortened(p, before, after) <= 1e-6).all()


@examples(4)
@given(seeds, bases, st.integers(0, 100), st.floats(0.01, 1.0))
def test_without_couplings_blocking_distillation_only_ever_costs_the_one_who_distils(seed, base, month, share):
    p = uncoupled(parameters(seed, draws=64))
    before, after = _with_and_without(p, base, month, share)
    # A month in which AI's own research multiplies a bloc's capability is too long a step to tell the last millionth.
    rounding = 1e-9 + 1e-5 * before.capability.max(axis=(0, 1))
    assert (after.capability[:, PRC] <= before.capability[:, PRC] + rounding).all()
    assert (after.released[:, PRC] <= before.released[:, PRC] + rounding).all()
    assert (_shortened(p, before, after) <= 1e-3).all()


@examples(4)
@given(seeds, bases, st.integers(TODAY, 100), st.floats(0.01, 1.0))
def test_what_blocking_distillation_does_through_the_loops_is_no_more_than_hours_of_lead(seed, base, month, share):
    # A leader that pulls ahead draws researchers and earns more; from its better models and its chips the PRC then
    # takes its part, which in corners of the priors is more than blocking cost it. A hundredth of a month is 7 hours.
    p = parameters(seed, draws=64)
    before, after = _with_and_without(p, base, month, share)
    assert (_shortened(p, before, after) <= 0.01).all()
    gained = (after.capability - before.capability).max(axis=0)
    assert (gained[PRC] <= np.maximum(gained[[ALLIED, REST]].max(axis=0), 0) + 0.01).all()


def test_blocking_distillation_lengthens_the_lead_in_most_futures():
    p = parameters(seed=5, draws=64)
    before, after = _with_and_without(p, "drift", month=60, share=1.0)
    for shorter, longer in zip(leads(p, before, [107]), leads(p, after, [107]), strict=True):
        assert np.mean(longer > shorter + 0.01) > 0.5


@examples(3)
@given(seeds)
def test_the_three_channels_add_up_to_all_that_is_copied(seed):
    _, o = random_run(seed)
    grown = o.gains.sum(axis=1)[1:] / 12
    np.testing.assert_allclose(np.diff(o.capability, axis=0), grown, rtol=1e-9, atol=1e-9)
    assert (o.gains[:, COPIED] >= 0).all()


@pytest.mark.parametrize(("coupled", "grid"), [(True, Grid()), (False, DECADE)], ids=["2028", "2035 uncoupled"])
@examples(2)
@given(seeds, st.floats(1.0, 36.0), st.floats(0.1, 30.0))
def test_a_bloc_that_is_behind_and_differs_only_in_what_it_copies_never_leads(coupled, grid, seed, lag, exchanges):
    # No controls, and blocs alike but for a later start and for who copies whose models. Couplings count from each
    # bloc's own past, so that in the long run one that was behind can earn its way past the other; not by copying.
    p = alike(parameters(seed, draws=64))
    p = p if coupled else uncoupled(p)
    p = replaced(
        p,
        intelligence__initial_lag=np.array([[0.0], [lag], [lag]]),
        intelligence__exchanges_anchor=p.intelligence.exchanges_anchor * np.array([[0.0], [exchanges], [0.0]]),
    )
    o = run(p, same_chips(inputs(uncontrolled(grid), grid)))
    assert (o.capability[:, PRC] <= o.capability[:, ALLIED] + 1e-9).all()
    for lead in leads(p, o):
        assert (lead >= -1e-9).all()


# States of the mechanism alone, with rates and steps far outside what is admissible.
gaps = st.floats(0.0, 60.0)
rates = st.floats(1e-6, 1e3)
steps = st.floats(1e-4, 10.0)


def _levers():
    return Levers(*(np.float64(level[0]) for level in levels_of("drift").values()))._replace(
        prc_evasion_effort=np.float64(1.0), chip_export_ceiling=np.float64(1e6)
    )


def _student(seed, open_rate, distillation_rate, theft_rate):
    """A future with given rates in which nobody progresses unless by copying."""
    return replaced(
        parameters(seed, draws=4),
        intelligence__open_rate=open_rate,
        intelligence__distillation_rate=distillation_rate,
        intelligence__theft_rate=theft_rate,
        intelligence__software_gain_start=1e-30,
        intelligence__run_share_growth=0.0,
    ).intelligence


def _ahead(p, capability, released, largest_run=25.0):
    """A state with given capability and releases of the three blocs and nothing else to tell them apart."""
    draws = p.open_rate.shape
    by_bloc = (3, *draws)
    values = dict.fromkeys(intelligence.State._fields, np.zeros(by_bloc)) | {
        "capability": np.broadcast_to(np.reshape(capability, (3, 1)), by_bloc).astype(float),
        "released": np.broadcast_to(np.reshape(released, (3, 1)), by_bloc).astype(float),
        "largest_run": np.full(by_bloc, largest_run),
        "effort_start": np.full(draws, 1e6),
        "uplift_capability": np.full(draws, 1e3),
        "hardening": np.ones(draws),
    }
    return intelligence.State(**values)


@examples(50)
@given(seeds, rates, rates, rates, gaps, gaps, steps)
def test_copying_closes_at_most_the_gap_whatever_its_rates_and_the_step(
    seed, open_rate, distillation_rate, theft_rate, gap, held_back, years
):
    p = _student(seed, open_rate, distillation_rate, theft_rate)
    teacher = 100.0 + gap
    s = _ahead(p, [teacher, 100.0, 90.0], [max(teacher - held_back, 0.0), 95.0, 85.0])
    *channels, _ = intelligence.catch_up(p, s, _levers(), np.float64(2025.0), np.float64(years))
    assert all((gain >= 0).all() for gain in channels)
    assert (s.capability + sum(channels) <= teacher * (1 + 1e-12)).all()
    assert all((gain[ALLIED] == 0).all() for gain in channels)
    opened, distilled, _ = channels
    assert ((opened + distilled)[PRC] <= max(gap - held_back, 0.0) * (1 + 1e-9)).all()


@examples(25)
@given(seeds, rates, rates, rates, steps)
def test_every_channel_is_shut_where_there_is_no_gap(seed, open_rate, distillation_rate, theft_rate, years):
    p = _student(seed, open_rate, distillation_rate, theft_rate)
    s = _ahead(p, [120.0] * 3, [120.0] * 3)
    *channels, _ = intelligence.catch_up(p, s, _levers(), np.float64(2025.0), np.float64(years))
    assert all((gain == 0).all() for gain in channels)


def test_a_model_that_is_held_back_can_be_stolen_but_neither_studied_nor_distilled():
    p = _student(1, 0.5, 0.5, 0.5)
    s = _ahead(p, [120.0, 110.0, 100.0], [110.0, 109.0, 99.0])
    opened, distilled, stolen, _ = intelligence.catch_up(p, s, _levers(), np.float64(2025.0), np.float64(1 / 12))
    assert (opened[PRC] == 0).all()
    assert (distilled[PRC] == 0).all()
    assert (stolen[PRC] > 0).all()


@pytest.mark.parametrize("growth", [1.0, 1.5])
@examples(25)
@given(seeds, rates, rates, rates, gaps, steps)
def test_a_follower_that_only_copies_never_passes_the_leader_in_any_number_of_steps(
    growth, seed, open_rate, distillation_rate, theft_rate, gap, years
):
    # Compute stands still or grows alike everywhere, so that copying is all that differs.
    p = _student(seed, open_rate, distillation_rate, theft_rate)
    p = p._replace(**{name: np.full((3, 4), value) for name, value in _SAME.items()})
    usable = np.full((3, 4), 1e6)
    s = _ahead(p, [100.0 + gap, 100.0, 95.0], [100.0 + gap, 100.0, 95.0], largest_run=20.0)
    for step in range(20):
        usable = usable * growth
        s, _ = intelligence.step(
            p,
            s,
            _levers(),
            usable,
            np.zeros((3, 4)),
            np.float64(2030 + step * years),
            np.float64(step * years),
            np.float64(years),
        )
        assert (s.capability[ALLIED] >= s.capability[PRC] * (1 - 1e-12)).all()
        assert (s.released[ALLIED] >= s.released[PRC] * (1 - 1e-12)).all()
    assert (s.capability[PRC] - 100.0 > -1e-9).all()


_SAME = {"concentration": 0.1, "research_labour": 1.0, "release_delay": 3.0}

"""Copying closes a gap and never opens a lead; blocking it never helps the one who copies."""

import numpy as np
import pytest
from futures import PACKAGES, examples, inputs, leads, levels_of, parameters, random_levels, replaced, run, seeds
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.model import intelligence
from fourfronts.model.blocs import ALLIED, PRC
from fourfronts.model.levers import Levers

DEFENCES = ("distillation_detection", "threat_sharing", "legal_deterrence")
COPIED = slice(2, 5)
bases = st.one_of(st.sampled_from(PACKAGES), seeds)


def _blocked(levels, month, share):
    """All defences of the models raised by `share` of the way to full from `month` on."""
    raised = dict(levels)
    for name in DEFENCES:
        level = levels[name]
        raised[name] = np.concatenate([level[:month], level[month:] + share * (1 - level[month:])])
    return raised


def _with_and_without(seed, base, month, share):
    p = parameters(seed, draws=32)
    levels = levels_of(base) if isinstance(base, str) else random_levels(base)
    open_door, shut_door = (run(p, inputs(each)) for each in (levels, _blocked(levels, month, share)))
    return p, open_door, shut_door


@examples(12)
@given(seeds, bases, st.integers(1, 100), st.floats(0.01, 1.0))
def test_blocking_distillation_never_raises_the_capability_of_the_one_who_distils(seed, base, month, share):
    _, before, after = _with_and_without(seed, base, month, share)
    assert (after.capability[:, PRC] <= before.capability[:, PRC] + 1e-9).all()
    assert (after.released[:, PRC] <= before.released[:, PRC] + 1e-9).all()


@examples(12)
@given(seeds, bases, st.integers(1, 100), st.floats(0.01, 1.0))
def test_blocking_distillation_never_shortens_the_lead_of_a_bloc_that_copies_from_nobody(seed, base, month, share):
    # Where the allied bloc has itself copied from the PRC, less for the PRC is a little less for both.
    p, before, after = _with_and_without(seed, base, month, share)
    alone = (before.gains[:, COPIED, ALLIED] == 0).all(axis=(0, 1))
    for shorter, longer in zip(leads(p, before), leads(p, after), strict=True):
        assert (longer >= shorter - 1e-6)[:, alone].all()


def test_blocking_distillation_lengthens_the_lead_in_most_futures():
    p, before, after = _with_and_without(seed=5, base="drift", month=60, share=1.0)
    for shorter, longer in zip(leads(p, before, [107]), leads(p, after, [107]), strict=True):
        assert np.mean(longer > shorter + 0.01) > 0.5


@examples(10)
@given(seeds, bases)
def test_the_three_channels_add_up_to_all_that_is_copied(seed, base):
    p = parameters(seed)
    o = run(p, inputs(base if isinstance(base, str) else random_levels(base)))
    grown = o.gains.sum(axis=1)[1:] / 12
    np.testing.assert_allclose(np.diff(o.capability, axis=0), grown, rtol=1e-9, atol=1e-9)
    assert (o.gains[:, COPIED] >= 0).all()


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
            p, s, _levers(), usable, np.float64(2030 + step * years), np.float64(step * years), np.float64(years)
        )
        assert (s.capability[ALLIED] >= s.capability[PRC] * (1 - 1e-12)).all()
        assert (s.released[ALLIED] >= s.released[PRC] * (1 - 1e-12)).all()
    assert (s.capability[PRC] - 100.0 > -1e-9).all()


_SAME = {"concentration": 0.1, "research_labour": 1.0, "release_delay": 3.0}

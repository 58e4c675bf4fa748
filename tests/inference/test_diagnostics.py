"""Diagnostics: good chains pass, and each kind of bad ones is told."""

import numpy as np
import pytest

from fourfronts.inference.diagnostics import agreement, disagreeing, forgetful, of_chains, remembered, sound

NAMES = ("one", "two")


def _chains(seed=0, draws=400):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((4, draws, 2)), rng.standard_normal((4, draws)), np.zeros((4, draws), dtype=bool)


def test_independent_draws_are_sound():
    found = of_chains(NAMES, *_chains())
    assert sound(found) == []
    assert found["rhat_largest"] < 1.02
    assert found["ess_bulk_smallest"] > 1000
    assert set(found["by_name"]) == set(NAMES)


def test_a_chain_of_its_own_is_told_by_name():
    scores, energy, diverged = _chains()
    scores[0, :, 1] += 2
    found = of_chains(NAMES, scores, energy, diverged)
    assert found["rhat_largest_of"] == "two"
    assert any("R-hat" in each and "two" in each for each in sound(found))


def test_chains_that_hardly_move_have_few_effective_draws():
    rng = np.random.default_rng(1)
    _, energy, diverged = _chains()
    walk = rng.standard_normal((4, 400, 2)).cumsum(axis=1) / 10
    assert any("effective draws" in each for each in sound(of_chains(NAMES, walk, energy, diverged)))


def test_divergences_and_slow_energy_are_told():
    scores, energy, diverged = _chains()
    diverged[:, :50] = True
    slow = energy.cumsum(axis=1)
    told = sound(of_chains(NAMES, scores, slow, diverged))
    assert any("200 of 1600 paths diverged (under 1% wanted)" in each for each in told)
    assert any("BFMI" in each for each in told)


def test_samplers_agree_or_are_told_apart():
    rng = np.random.default_rng(2)
    one, same, other = (rng.standard_normal(4000) for _ in range(3))
    found = agreement(
        {"same": one, "moved": one, "wider": one}, {"same": same, "moved": other + 0.5, "wider": 2 * other}
    )
    assert disagreeing(found) == ["samplers differ in moved, wider"]
    assert disagreeing({"same": found["same"]}) == []
    assert found["moved"]["middle"] == pytest.approx(-0.5, abs=0.1)
    assert found["wider"]["width"] == pytest.approx(-np.log(2), abs=0.1)


def test_chains_that_have_not_moved_are_no_second_opinion():
    rng = np.random.default_rng(3)
    began, news = rng.standard_normal(256), rng.standard_normal(256)
    memory = remembered({"moved": began, "stayed": began}, {"moved": news, "stayed": began + 0.3 * news})
    assert memory["stayed"] == pytest.approx(1 / np.sqrt(1.09), abs=0.03)
    assert abs(memory["moved"]) < 0.2
    assert forgetful(memory) == ["slices still tell where they began in stayed"]
    assert forgetful({"moved": memory["moved"]}) == []
    assert forgetful({"never": float("nan")})

"""The search itself: a front that is known, what none beats, and populations that are too small."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fourfronts.analysis.explain.robust.search import directions, non_dominated, pareto
from fourfronts.errors import InputError


def dtlz2(points, objectives=3):
    """Deb, Thiele, Laumanns and Zitzler (2005), problem 2: its Pareto front is the unit sphere's positive part."""
    away = ((points[:, objectives - 1 :] - 0.5) ** 2).sum(axis=1)
    angles = points[:, : objectives - 1] * np.pi / 2
    worth = np.empty((len(points), objectives))
    for index in range(objectives):
        worth[:, index] = (1 + away) * np.prod(np.cos(angles[:, : objectives - 1 - index]), axis=1)
        if index:
            worth[:, index] *= np.sin(angles[:, objectives - 1 - index])
    return worth


def searched(generations=80, seed=1, population=60, progress=None):
    start = np.random.default_rng(5).random((population, 7))
    return pareto(dtlz2, start, 3, generations=generations, seed=seed, progress=progress)


def test_it_finds_the_known_front_of_a_test_problem_and_all_of_it():
    points, worth = searched()
    assert np.allclose(worth, dtlz2(points))
    assert np.abs(np.linalg.norm(worth, axis=1) - 1).max() < 0.03
    # Every direction of the sphere has a point near by.
    toward = directions(3, 60)
    toward /= np.linalg.norm(toward, axis=1, keepdims=True)
    nearest = np.linalg.norm(toward[:, None] - worth[None], axis=2).min(axis=1)
    assert nearest.max() < 0.15


def test_more_generations_come_nearer_and_the_first_is_far():
    far, near = (np.linalg.norm(searched(generations)[1], axis=1).mean() - 1 for generations in (1, 40))
    assert far > 0.1
    assert near < far / 5


def test_the_seed_alone_decides_what_is_found_and_every_generation_is_told():
    told = []
    one, again = (searched(5, progress=lambda *step: told.append(step)) for _ in range(2))
    assert all((a == b).all() for a, b in zip(one, again, strict=True))
    assert [step[0] for step in told] == [1, 2, 3, 4, 5] * 2
    assert told[4][1] == len(one[0])
    other = searched(5, seed=2)[0]
    assert other.shape != one[0].shape or (other != one[0]).any()


@given(st.data())
def test_what_none_beats_is_what_pairwise_comparison_says(data):
    shape = data.draw(st.tuples(st.integers(1, 12), st.integers(1, 4)))
    # Few values, so that ties and equal points are common.
    worth = data.draw(arrays(float, shape, elements=st.integers(0, 3).map(float)))
    kept = non_dominated(worth)
    for one, is_kept in zip(worth, kept, strict=True):
        beaten = any(all(a <= b for a, b in zip(other, one, strict=True)) and (other != one).any() for other in worth)
        assert is_kept != beaten
    assert kept.any()


def test_what_a_search_returns_is_beaten_by_none_of_it():
    _, worth = searched(3)
    assert non_dominated(worth).all()


@pytest.mark.parametrize(("objectives", "population"), [(3, 6), (3, 60), (7, 28), (7, 60), (7, 100)])
def test_directions_fit_the_population_use_most_of_it_and_reach_into_the_middle(objectives, population):
    toward = directions(objectives, population)
    assert 2 * population / 3 < len(toward) <= population
    assert np.allclose(toward.sum(axis=1), 1)
    assert len(np.unique(toward.round(9), axis=0)) >= len(toward) - 1
    if population > 28:
        assert (toward.min(axis=1) > 0).any()


def test_a_population_too_small_is_told_how_many_are_needed():
    with pytest.raises(InputError, match=r"population 27 .* 7 objectives need 28; accepted: 28 or more"):
        directions(7, 27)
    with pytest.raises(InputError, match="need 6"):
        searched(1, population=5)


def test_an_objective_without_a_value_stops_the_search():
    start = np.random.default_rng(1).random((8, 3))
    with pytest.raises(InputError, match="not finite"):
        pareto(lambda points: np.full((len(points), 3), np.nan), start, 3, generations=1, seed=1)

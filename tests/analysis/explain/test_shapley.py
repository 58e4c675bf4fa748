"""Shapley values: known games, the four axioms, sampled orders against exact values, and who acts on whom."""

from itertools import combinations
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.analysis.explain.attribution import shapley
from fourfronts.errors import InputError


def game(players, value):
    """The worth of every coalition, from a function of the set of its members."""
    members = {each: {player for player in range(players) if each >> player & 1} for each in range(1 << players)}
    return {each: np.asarray(value(those), dtype=float) for each, those in members.items()}


def random_game(players, seed, futures=3):
    drawn = np.random.default_rng(seed).normal(size=(1 << players, futures))
    return dict(enumerate(drawn))


games = st.tuples(st.integers(2, 5), st.integers(0, 10**6)).map(lambda each: (each[0], random_game(*each)))


def test_the_glove_game_gives_four_sixths_to_the_only_right_glove():
    gloves = game(3, lambda those: min(len(those & {0, 1}), len(those & {2})))
    assert shapley.values(3, gloves) == pytest.approx([1 / 6, 1 / 6, 4 / 6])


def test_the_airport_game_shares_a_runway_by_the_length_that_each_needs():
    # Littlechild and Owen (1973): each part of the runway is paid for in equal shares by those who need it.
    needs = [8, 11, 13, 18]
    runway = game(4, lambda those: max((needs[each] for each in those), default=0))
    assert shapley.values(4, runway) == pytest.approx([2, 3, 4, 9])


def test_a_majority_with_weights_is_as_strong_as_shapley_and_shubik_say():
    # The quota game [51; 50, 49, 1]: power 4/6, 1/6, 1/6.
    weights = [50, 49, 1]
    votes = game(3, lambda those: sum(weights[each] for each in those) >= 51)
    assert shapley.values(3, votes) == pytest.approx([4 / 6, 1 / 6, 1 / 6])


def test_in_an_additive_game_everybody_gets_what_he_adds_and_nobody_acts_on_anybody():
    parts = [3.0, -1.0, 0.5, 7.0]
    added = game(4, lambda those: 10 + sum(parts[each] for each in those))
    assert shapley.values(4, added) == pytest.approx(parts)
    for one, other in combinations(range(4), 2):
        assert shapley.interaction(4, added, one, other) == pytest.approx(0)


def test_in_a_product_of_two_each_gets_the_mean_of_both_orders():
    factors = [3.0, 5.0]
    product = game(2, lambda those: prod(factors[each] for each in those))
    assert shapley.values(2, product) == pytest.approx([(2 + 10) / 2, (4 + 12) / 2])
    assert shapley.interaction(2, product, 0, 1) == pytest.approx((3 - 1) * (5 - 1))


def test_what_only_three_achieve_is_shared_equally_and_each_pair_acts_with_half_of_it():
    unanimous = game(4, lambda those: float({0, 1, 2} <= those))
    assert shapley.values(4, unanimous) == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])
    assert shapley.interaction(4, unanimous, 0, 1) == pytest.approx(1 / 2)
    assert shapley.interaction(4, unanimous, 0, 3) == 0


@given(games)
def test_values_add_up_to_what_all_achieve_in_every_future(several):
    players, worth = several
    whole = worth[shapley.everyone(players)] - worth[0]
    assert shapley.values(players, worth).sum(axis=0) == pytest.approx(whole, abs=1e-12)
    sampled, _ = shapley.sampled(shapley.orders(players, 6, seed=3), worth)
    assert sampled.sum(axis=0) == pytest.approx(whole, abs=1e-12)


@given(games)
def test_players_who_can_stand_in_for_each_other_get_the_same(several):
    players, worth = several
    # The first two are made alike: what a coalition with one of them is worth, it is worth with the other.
    swapped = {each: (each & ~3) | (each & 1) << 1 | (each >> 1 & 1) for each in worth}
    alike = {each: worth[each] + worth[swapped[each]] for each in worth}
    values = shapley.values(players, alike)
    assert values[0] == pytest.approx(values[1], abs=1e-12)


@given(games)
def test_a_player_who_adds_nothing_gets_nothing_exactly_or_sampled(several):
    players, worth = several
    idle = {each | player << players: worth[each] for each in worth for player in (0, 1)}
    assert shapley.values(players + 1, idle)[players] == pytest.approx(0, abs=1e-12)
    assert shapley.values(players + 1, idle)[:players] == pytest.approx(shapley.values(players, worth), abs=1e-12)
    values, errors = shapley.sampled(shapley.orders(players + 1, 6, seed=1), idle)
    assert values[players] == pytest.approx(0, abs=1e-12)
    assert errors[players] == 0


@given(games, st.integers(0, 10**6))
def test_values_of_a_sum_of_games_are_the_sums_of_their_values(several, seed):
    players, first = several
    second = random_game(players, seed)
    both = {each: first[each] + 2 * second[each] for each in first}
    expected = shapley.values(players, first) + 2 * shapley.values(players, second)
    assert shapley.values(players, both) == pytest.approx(expected, abs=1e-12)


@given(games)
def test_the_interaction_is_what_a_pair_is_worth_as_one_player_beyond_each_without_the_other(several):
    # Grabisch and Roubens (1999), recursion: the pair as one player, less each where the other never comes.
    players, worth = several
    pair, rest = 0b11, [1 << player for player in range(2, players)]
    (together, *_) = shapley.values(players - 1, shapley.grouped(worth, [pair, *rest]))
    (first, *_) = shapley.values(players - 1, shapley.grouped(worth, [0b01, *rest]))
    (second, *_) = shapley.values(players - 1, shapley.grouped(worth, [0b10, *rest]))
    assert shapley.interaction(players, worth, 0, 1) == pytest.approx(together - first - second, abs=1e-12)


def of_order(players, order, seed):
    """A game in which no more than so many players act on one another at once."""
    random = np.random.default_rng(seed)
    terms = {those: random.normal() for size in range(1, order + 1) for those in combinations(range(players), size)}
    return game(players, lambda members: sum(term for those, term in terms.items() if members.issuperset(those)))


def test_an_order_and_its_reverse_are_exact_where_players_act_two_by_two():
    worth = of_order(6, 2, seed=4)
    values, errors = shapley.sampled(shapley.orders(6, 4, seed=9), worth)
    assert values == pytest.approx(shapley.values(6, worth))
    assert errors == pytest.approx(np.zeros(6), abs=1e-12)
    # With three at once they are not.
    assert shapley.sampled(shapley.orders(6, 4, seed=9), of_order(6, 3, seed=4))[1].max() > 0.1


def test_the_two_ends_tell_the_interaction_where_three_act_at_once():
    worth = of_order(6, 3, seed=5)
    for one, other in combinations(range(6), 2):
        alone, last = shapley.at_ends(6, worth, one, other)
        assert (alone + last) / 2 == pytest.approx(shapley.interaction(6, worth, one, other))
    assert shapley.at_ends(6, worth, 0, 1)[0] != pytest.approx(shapley.at_ends(6, worth, 0, 1)[1])


def test_the_ends_are_all_that_their_interactions_read():
    worth = of_order(6, 3, seed=5)
    few = {each: worth[each] for each in shapley.ends(6)}
    assert len(few) == 2 * (1 + 6 + 15)
    for one, other in combinations(range(6), 2):
        assert shapley.at_ends(6, few, one, other) == shapley.at_ends(6, worth, one, other)


def test_sampled_values_come_close_to_exact_ones_and_their_errors_tell_how_close():
    players, worth = 6, random_game(6, seed=2, futures=1)
    exact = shapley.values(players, worth)[:, 0]
    off = []
    for count in (8, 128, 2048):
        values, errors = shapley.sampled(shapley.orders(players, count, seed=0), worth)
        off.append(np.abs(values[:, 0] - exact).max())
        assert (np.abs(values[:, 0] - exact) < 4.5 * errors).all()
    assert off[2] < off[1] < off[0]
    # Errors fall with the root of the number of orders.
    few, many = (shapley.sampled(shapley.orders(players, count, seed=0), worth)[1].mean() for count in (128, 2048))
    assert few / many == pytest.approx(4, rel=0.25)


def test_errors_are_those_of_the_mean_over_futures():
    """Repeated sampling scatters as much as one sample says that it does."""
    players, worth = 5, random_game(5, seed=8, futures=4)
    found = [shapley.sampled(shapley.orders(players, 8, seed), worth) for seed in range(400)]
    scatter = np.std([values.mean(axis=1) for values, _ in found], axis=0)
    said = np.sqrt(np.mean([errors**2 for _, errors in found], axis=0))
    assert said == pytest.approx(scatter, rel=0.15)


def test_sampling_needs_the_worth_of_no_other_coalition_than_those_that_form():
    several = shapley.orders(7, 6, seed=1)
    formed = {each for order in several for each in shapley.joined(order)}
    worth = {each: np.array(float(each)) for each in formed}
    assert len(formed) < 1 << 7
    values, _ = shapley.sampled(several, worth)
    # A coalition worth its own number is an additive game.
    assert values == pytest.approx([1, 2, 4, 8, 16, 32, 64])


def test_orders_depend_on_the_seed_alone_and_come_with_their_reverse():
    several = shapley.orders(5, 6, seed=1)
    assert several == shapley.orders(5, 6, seed=1) != shapley.orders(5, 6, seed=2)
    assert [order[::-1] for order in several[::2]] == several[1::2]
    assert all(sorted(order) == list(range(5)) for order in several)


@pytest.mark.parametrize("count", [-2, 0, 1, 2, 3, 7])
def test_too_few_orders_say_how_many_are_needed(count):
    with pytest.raises(InputError, match=f"{count} orders; accepted: an even number from 4 up"):
        shapley.orders(5, count, seed=1)


def test_groups_join_as_a_whole():
    worth = random_game(4, seed=1)
    assert shapley.grouped(worth, [0b0011, 0b1100])[0b10] is worth[0b1100]
    assert shapley.together(0b11, [0b0011, 0b1000]) == 0b1011

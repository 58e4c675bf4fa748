"""Shapley values: what each player adds to what all achieve together, averaged over the orders in which they may join.

A coalition is a number whose binary digit i says whether player i is in it. What coalitions are worth comes as a
mapping from these numbers to arrays (...) of one shape, as one value a future; what nobody achieves need not be 0.

Shapley, L. S. (1953), A value for n-person games. Interaction index: Grabisch, M. and Roubens, M. (1999). Sampling of
orders, each with its reverse: Mitchell, R. et al. (2022), Sampling permutations for Shapley value estimation.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from fourfronts.errors import InputError

Floats = NDArray[np.float64]
Worth = Mapping[int, Floats]
Order = tuple[int, ...]

FEWEST_ORDERS = 4
"""Two orders, each with its reverse: fewer leave no way to tell the error of sampling."""


def everyone(players: int) -> int:
    """The coalition of all."""
    return (1 << players) - 1


def coalition(members: Sequence[int]) -> int:
    """The coalition of some players."""
    return sum(1 << player for player in set(members))


def grouped(worth: Worth, groups: Sequence[int]) -> dict[int, Floats]:
    """The game of groups that join as a whole, from that of their members; `groups` are coalitions apart."""
    return {each: worth[together(each, groups)] for each in range(1 << len(groups))}


def together(which: int, groups: Sequence[int]) -> int:
    """All members of the groups that a coalition of groups has."""
    return sum(group for number, group in enumerate(groups) if which >> number & 1)


def values(players: int, worth: Worth) -> Floats:
    """Exact Shapley values, shape (players, ...), from the worth of all 2^players coalitions."""
    return np.stack([_weighted(players, worth, (player,)) for player in range(players)])


def interaction(players: int, worth: Worth, one: int, other: int) -> Floats:
    """The Shapley interaction index of two players, shape (...), from the worth of all coalitions.

    What the two do together beyond what they do apart, averaged over who else is there. Below 0 they overlap.
    """
    return _weighted(players, worth, (one, other))


def _weighted(players: int, worth: Worth, members: Sequence[int]) -> Floats:
    """The difference that `members` make, over the coalitions of the others, every size of these weighing the same."""
    others = [player for player in range(players) if player not in members]
    found = np.zeros_like(worth[0], dtype=np.float64)
    for size in range(len(others) + 1):
        # Added up within a size and divided once, so that players who are alike get the same to the last digits.
        of_size = sum(_difference(worth, coalition(those), members) for those in combinations(others, size))
        found += of_size / (comb(len(others), size) * (len(others) + 1))
    return found


def _difference(worth: Worth, others: int, members: Sequence[int]) -> Floats:
    """What one member adds to `others`; of two, how much more the second adds where the first is there."""
    first, *rest = (1 << member for member in members)
    added: Floats = worth[others | first] - worth[others]
    for second in rest:
        added = worth[others | second | first] - worth[others | second] - added
    return added


def at_ends(players: int, worth: Worth, one: int, other: int) -> tuple[Floats, Floats]:
    """What two players do together beyond apart where nobody else is there, and where all others are; (...) each.

    Their mean is the interaction index where at most three players act on one another.
    """
    bare, full = 0, everyone(players) & ~coalition((one, other))
    return _difference(worth, bare, (one, other)), _difference(worth, full, (one, other))


def ends(players: int) -> list[int]:
    """The coalitions that `at_ends` reads: of at most two players, and of all but at most two."""
    few = [coalition(those) for size in range(3) for those in combinations(range(players), size)]
    return list(dict.fromkeys((*few, *(everyone(players) & ~each for each in few))))


def orders(players: int, count: int, seed: int) -> list[Order]:
    """Random orders in which the players may join, each followed by its reverse. Raises InputError for a bad count."""
    if count < FEWEST_ORDERS or count % 2:
        raise InputError(
            f"{count} orders; accepted: an even number from {FEWEST_ORDERS} up, each order has its reverse"
        )
    random = np.random.default_rng(seed)
    found: list[Order] = []
    for _ in range(count // 2):
        order = tuple(int(player) for player in random.permutation(players))
        found += [order, order[::-1]]
    return found


def joined(order: Order) -> Iterator[int]:
    """The coalitions that form as players join in this order, the one of nobody first."""
    found = 0
    yield found
    for player in order:
        found |= 1 << player
        yield found


def sampled(several: Sequence[Order], worth: Worth) -> tuple[Floats, Floats]:
    """Shapley values estimated from orders, (players, ...), and the sampling error of their means, (players,).

    `several` as `orders` gives them, `worth` of the coalitions that they pass. An order and its reverse together give
    the exact values of a game in which players act on one another only two by two. The error is the standard error
    over such pairs of the mean over all of (...).
    """
    players, pairs = len(several[0]), len(several) // 2
    found = np.zeros((players, *np.shape(worth[0])))
    means = np.zeros((pairs, players))
    for number, order in enumerate(several):
        passed = list(joined(order))
        for player, before, after in zip(order, passed, passed[1:], strict=False):
            added = worth[after] - worth[before]
            found[player] += added
            means[number // 2, player] += added.mean() / 2
    return found / len(several), means.std(axis=0, ddof=1) / np.sqrt(pairs)

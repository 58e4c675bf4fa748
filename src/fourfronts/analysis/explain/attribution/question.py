"""What each lever and each policy area adds to what a package changes: Shapley values, and who acts on whom.

A coalition is the package with some of its levers' changes alone. All coalitions are lived in the same futures, so that
values add up to the whole change in every single one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.explain.attribution import shapley
from fourfronts.analysis.explain.attribution.words import ALL, AREA, AREA_PAIR, LEVER, LEVER_PAIR, sentences
from fourfronts.analysis.explain.coalitions import (
    Run,
    Singles,
    changed,
    check_size,
    differ,
    finite_in_all,
    play,
    restricted,
)
from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.explain.outcome import Outcome
from fourfronts.analysis.percentiles import percentiles
from fourfronts.errors import InputError
from fourfronts.model.responses import Responding
from fourfronts.policy.loader import Package, levers

Floats = NDArray[np.float64]

AREAS = {
    "close_loopholes": "Close the loopholes",
    "defend_models": "Defend the models",
    "champion_exports": "Champion exports",
    "resilience": "Resilience",
    "prc_response": "Levers of the PRC",
}
EXACT = 8
"""Levers of whose coalitions all are simulated; of more, orders are sampled."""
ORDERS = 32
"""Orders that are sampled unless told."""


@dataclass(frozen=True)
class Players:
    """Who plays: the levers that a package changes, the areas they are in, and the orders that are sampled, if any."""

    package: Package
    levers: tuple[str, ...]
    orders: tuple[shapley.Order, ...]

    @classmethod
    def of(cls, package: Package, count: int, seed: int) -> "Players":
        """Those of a package. Raises InputError where fewer than two levers change, and for a bad count of orders."""
        names = changed(package)
        if len(names) < 2:
            what = f"only {names[0]}" if names else "no lever"
            raise InputError(f"package {package.name} changes {what}; accepted: one that changes two levers or more")
        several = shapley.orders(len(names), count, seed)
        return cls(package, names, tuple(several) if len(names) > EXACT else ())

    @property
    def areas(self) -> dict[str, int]:
        """The coalition of each area's levers, by area."""
        found = {
            area: shapley.coalition([place for place, name in enumerate(self.levers) if levers()[name].area == area])
            for area in AREAS
        }
        return {area: each for area, each in found.items() if each}

    @property
    def coalitions(self) -> list[int]:
        """Every coalition that the values and interactions ask for, each once."""
        if not self.orders:
            return list(range(1 << len(self.levers)))
        areas = list(self.areas.values())
        found = [shapley.together(each, areas) for each in range(1 << len(areas))]
        found += shapley.ends(len(self.levers))
        found += [each for order in self.orders for each in shapley.joined(order)]
        return list(dict.fromkeys(found))

    def policy(self, which: int) -> Package:
        """The package that a coalition is."""
        kept = {name for place, name in enumerate(self.levers) if which >> place & 1}
        return restricted(self.package, kept, _name(which))


def _name(which: int) -> str:
    return f"coalition_{which}"


def attribution(
    package: Package,
    outcomes: Sequence[Outcome],
    run: Run,
    asked: Mapping[str, Any],
    *,
    draws: int,
    orders: int = ORDERS,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Finding:
    """What areas and levers add to the change that a package makes against drift, for every outcome.

    Rows: a part, who, an outcome; mean, 90% range over futures and standard error of the value; the sampling error of
    orders (0 where all are counted); `alone`, what the change would be without all others, and `last`, what it is on
    top of all others. For two, all of that of what they do together beyond what they do apart. `run` runs packages in
    `draws` futures, `seed` picks the orders, `progress` is called with the runs done and their number.
    Raises InputError for a package without two levers to tell apart, too few orders, more than memory holds, and an
    outcome that no future has.
    """
    players = Players.of(package, orders, seed)
    several = players.coalitions
    check_size(len(several), len(outcomes), draws)

    def done(count: int) -> None:
        if progress:
            progress(count, len(several))

    played = play(map(players.policy, several), outcomes, run, draws, done)
    rows, about = list[dict[str, Any]](), {}
    for place, each in enumerate(outcomes):
        game = _game(each, {which: played[_name(which)][place] for which in several})
        rows += _rows(players, each, game)
        about[each.name] = _about(each, game, players, draws)
    details = _details(players, about, len(several))
    title = f"What each part of {package.label} adds"
    return Finding("attribution", title, rows, sentences(rows, outcomes, details), details, asked, _limits(details))


def _game(asked: Outcome, values: Mapping[int, Singles]) -> dict[int, Floats]:
    """The worth of every coalition in the futures that have one in all of them."""
    kept = finite_in_all(values.values())
    if not kept.any():
        raise InputError(f"{asked.name}: no future has a finite value under every part of the package")
    return {which: row[kept].astype(np.float64) for which, row in values.items()}


def _rows(players: Players, asked: Outcome, game: Mapping[int, Floats]) -> Iterator[dict[str, Any]]:
    full, groups = shapley.everyone(len(players.levers)), list(players.areas.values())
    whole, exact = game[full] - game[0], 0.0
    yield _row(ALL, players.package.name, asked, whole, exact, (whole, whole))
    by_area = shapley.grouped(game, groups)
    for area, group, value in zip(players.areas, groups, shapley.values(len(groups), by_area), strict=True):
        yield _row(AREA, area, asked, value, exact, _alone_and_last(game, group, full))
    yield from sorted(_lever_rows(players, asked, game), key=lambda row: -abs(row["mean"]))
    for one, other in combinations(range(len(groups)), 2):
        both, ends = (
            shapley.interaction(len(groups), by_area, one, other),
            shapley.at_ends(len(groups), by_area, one, other),
        )
        names = list(players.areas)
        yield _row(AREA_PAIR, f"{names[one]} and {names[other]}", asked, both, exact, ends)
    yield from sorted(_pair_rows(players, asked, game), key=lambda row: -abs(row["mean"]))


def _lever_rows(players: Players, asked: Outcome, game: Mapping[int, Floats]) -> Iterator[dict[str, Any]]:
    count = len(players.levers)
    if players.orders:
        values, errors = shapley.sampled(players.orders, game)
    else:
        values, errors = shapley.values(count, game), np.zeros(count)
    for place, name in enumerate(players.levers):
        ends = _alone_and_last(game, 1 << place, shapley.everyone(count))
        yield _row(LEVER, name, asked, values[place], float(errors[place]), ends)


def _pair_rows(players: Players, asked: Outcome, game: Mapping[int, Floats]) -> Iterator[dict[str, Any]]:
    count = len(players.levers)
    for one, other in combinations(range(count), 2):
        ends = shapley.at_ends(count, game, one, other)
        both = (ends[0] + ends[1]) / 2 if players.orders else shapley.interaction(count, game, one, other)
        # What the two ends do not tell is what more than three levers do to one another, which is not simulated.
        error = float("nan") if players.orders else 0.0
        yield _row(LEVER_PAIR, f"{players.levers[one]} and {players.levers[other]}", asked, both, error, ends)


def _alone_and_last(game: Mapping[int, Floats], who: int, full: int) -> tuple[Floats, Floats]:
    return game[who] - game[0], game[full] - game[full & ~who]


def _row(
    part: str, name: str, asked: Outcome, value: Floats, sampling_error: float, ends: tuple[Floats, Floats]
) -> dict[str, Any]:
    count, nan = len(value), float("nan")
    # A chance is 1 or 0 in a future; parts of it have a mean, and no spread that a reader could use.
    low, high = (nan, nan) if asked.chance else map(float, percentiles(value, (5, 95)))
    return {
        "outcome": asked.name,
        "part": part,
        "name": name,
        "unit": asked.unit,
        "date": str(asked.date),
        "mean": float(value.mean()),
        "p05": low,
        "p95": high,
        "standard_error": float(value.std(ddof=1) / np.sqrt(count)) if count > 1 else nan,
        "sampling_error": sampling_error,
        "alone": float(ends[0].mean()),
        "last": float(ends[1].mean()),
        "futures": count,
    }


def _about(asked: Outcome, game: Mapping[int, Floats], players: Players, draws: int) -> dict[str, Any]:
    return {
        "label": asked.label,
        "unit": asked.unit,
        "date": str(asked.date),
        "chance": asked.chance,
        "drift": float(game[0].mean()),
        "package": float(game[shapley.everyone(len(players.levers))].mean()),
        "varies": any(differ(row, game[0]) for row in game.values()),
        "left_out": draws - len(game[0]),
    }


def _details(players: Players, about: Mapping[str, Mapping[str, Any]], runs: int) -> dict[str, Any]:
    return {
        "package": players.package.label,
        "areas": {area: AREAS[area] for area in players.areas},
        "levers": {name: levers()[name].label for name in players.levers},
        "area_of": {name: levers()[name].area for name in players.levers},
        "answers_unless_set": [name for name in players.levers if name in Responding._fields],
        "orders": len(players.orders),
        "runs": runs,
        "outcomes": about,
    }


def _limits(details: Mapping[str, Any]) -> tuple[str, ...]:
    set_here = ", ".join(details["levers"][name] for name in details["answers_unless_set"])
    answers = f" Where a part leaves these alone, they answer too: {set_here}." if set_here else ""
    orders = details["orders"]
    how = (
        f"Levers: {orders} orders sampled, each with its reverse; what two do together is told from the pair alone and"
        " on top of all others, which is exact where no more than three act on one another."
        if orders
        else "Levers: all orders are counted."
    )
    left_out = max(each["left_out"] for each in details["outcomes"].values())
    return (
        (
            "A value is a fair share of a joint effect, not what a lever would do by itself: see alone and last. What"
            " an area's levers add one by one need not add up to what the area adds as a whole."
        ),
        f"PRC and allies answer each part as the model's responses have it, which is part of every value.{answers}",
        f"{how} Ranges are those of the assumptions; none says that the equations are right.",
        *([f"Futures left out because a value is not finite: up to {left_out}."] if left_out else []),
    )

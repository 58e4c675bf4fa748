"""Which uncertainty is worth resolving before a package is chosen: the value of information in the outcome's own unit.

Whoever chooses takes the package with the best expected utility: the outcome less a price for each unit of effort.
Nobody knows that price, and without one the strictest package wins in almost every future, so that nothing is worth
knowing. So the value is told as a function of the price, and in detail at one that is asked for or that is hardest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.explain.across import Futures
from fourfronts.analysis.explain.drawn import columns
from fourfronts.analysis.explain.drawn import values as values_drawn
from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.explain.information.instruments import Instrument
from fourfronts.analysis.explain.information.preposterior import (
    Regression,
    by_chance,
    given_data,
    normal_scores,
    standard_error,
    value,
)
from fourfronts.analysis.explain.information.words import LIMITS, sentences
from fourfronts.analysis.explain.outcome import Outcome
from fourfronts.errors import InputError
from fourfronts.inference.parameters import Registry
from fourfronts.policy.loader import Package

Floats = NDArray[np.float64]

LEAST = 256
"""Futures that a regression on one parameter needs, so that its few terms do not fit what is chance."""
PRICES = 41
LARGE = 95
"""Percentile of the futures' own break-even prices that the range of prices reaches."""
SHUFFLES = 300
"""Shuffles that tell what a parameter shows by chance; about as many as there are parameters to pick the best of."""
FEWER = 100
"""The same for an instrument, of which there are few to pick from."""
SHOWN = 20
"""Parameters in the table; all are in the details."""


@dataclass(frozen=True)
class Choice:
    """A choice between packages: `values` (packages, futures) of an outcome, and the `effort` (packages,) each asks."""

    outcome: Outcome
    packages: tuple[Package, ...]
    values: Floats
    effort: Floats

    def utility(self, price: float) -> Floats:
        """The outcome less `price` for each unit of effort, (packages, futures)."""
        found: Floats = self.values - price * self.effort[:, None]
        return found

    def prices(self) -> Floats:
        """Prices at which the choice is worth looking at: from none to where less effort wins almost everywhere."""
        least = int(np.lexsort((-self.values.mean(axis=1), self.effort))[0])
        more = self.effort > self.effort[least]
        if not more.any():
            return np.zeros(1)
        even = (self.values[more] - self.values[least]) / (self.effort[more] - self.effort[least])[:, None]
        top = float(np.percentile(even, LARGE, axis=1).max())
        return np.linspace(0.0, top, PRICES) if top > 0 else np.zeros(1)


def information(
    choices: Sequence[Choice],
    drawn: Mapping[str, Floats],
    known: Registry,
    instruments: Sequence[Instrument],
    asked: Mapping[str, Any],
    *,
    price: float | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Finding:
    """The value of knowing everything, each parameter, and what the instruments would tell, for each choice.

    `drawn` holds each varying parameter's draws (futures,) by id, of the futures of `choices`. Rows: an outcome and
    what is learnt, with its value a decision in the outcome's unit, the error of counting, the value that chance shows
    and, for an instrument, the value of knowing what it measures exactly. Raises InputError for fewer than two
    packages, and for too few futures.
    """
    for choice in choices:
        _check(choice)
    prices = [choice.prices() for choice in choices]
    curves = [_curve(choice, each) for choice, each in zip(choices, prices, strict=True)]
    at = [price if price is not None else float(curve["prices"][int(np.argmax(curve["evpi"]))]) for curve in curves]
    rows: list[dict[str, Any]] = []
    details: dict[str, Any] = {"curves": {}, "parameters": {}, "instruments": {}, "chance": {}}
    for index, (choice, curve, paid) in enumerate(zip(choices, curves, at, strict=True)):
        several, more = _rows(choice, drawn, known, instruments, paid, seed, _step(progress, index, len(choices)))
        rows += several
        name = choice.outcome.name
        details["curves"][name] = curve | {"price": paid}
        details["parameters"][name], details["chance"][name] = more
    details["instruments"] = {each.name: each.as_json() for each in instruments}
    details["labels"] = {each.name: each.label for each in choices[0].packages}
    details["effort"] = {
        each.name: float(effort) for each, effort in zip(choices[0].packages, choices[0].effort, strict=True)
    }
    details["units"] = {choice.outcome.name: choice.outcome.unit for choice in choices}
    title = "What is worth knowing before a package is chosen"
    return Finding("information", title, rows, sentences(rows, details, price is None), details, asked, LIMITS)


def _check(choice: Choice) -> None:
    packages, futures = choice.values.shape
    if packages < 2:
        names = ", ".join(each.name for each in choice.packages)
        raise InputError(f"only {names} to choose from; accepted: two packages or more")
    if futures < LEAST:
        raise InputError(
            f"{futures} futures are too few to tell a parameter's part from chance; accepted: {LEAST} or more"
        )


def _step(progress: Callable[[int, int], None] | None, index: int, of: int) -> Callable[[int, int], None]:
    def say(done: int, parts: int) -> None:
        if progress:
            progress(index * parts + done, of * parts)

    return say


def _curve(choice: Choice, prices: Floats) -> dict[str, Any]:
    """The value of knowing everything at each price, and the package that is chosen without knowing more."""
    utilities = [choice.utility(price) for price in prices]
    best = [int(each.mean(axis=1).argmax()) for each in utilities]
    names = [each.name for each in choice.packages]
    return {
        "prices": prices.tolist(),
        "evpi": [value(each) for each in utilities],
        "best": [names[index] for index in best],
        "sure": [float((each[index] >= each.max(axis=0)).mean()) for each, index in zip(utilities, best, strict=True)],
    }


def _rows(
    choice: Choice,
    drawn: Mapping[str, Floats],
    known: Registry,
    instruments: Sequence[Instrument],
    price: float,
    seed: int,
    say: Callable[[int, int], None],
) -> tuple[list[dict[str, Any]], tuple[dict[str, float], dict[str, float]]]:
    utility = choice.utility(price)
    everything = value(utility)
    varying = {key: values for key, values in drawn.items() if np.ptp(values) > 0}

    def row(kind: str, what: str, expected: Floats, about: str, **more: float) -> dict[str, Any]:
        return {
            "outcome": choice.outcome.name,
            "learnt": what,
            "kind": kind,
            "value": value(expected),
            "unit": choice.outcome.unit,
            "standard_error": standard_error(expected),
            "chance": more.get("chance", float("nan")),
            "if_exact": more.get("if_exact", float("nan")),
            "share_of_all": value(expected) / everything if everything else float("nan"),
            "price": price,
            "meaning": about,
        }

    rows = [row("everything", "everything", utility, "All that is uncertain, at once (EVPI)")]
    if not everything:
        return rows, ({}, {"largest": 0.0, "mean": 0.0})
    # Any parameter without ties has the same scores, in another order.
    chance = by_chance(
        Regression(normal_scores(np.arange(utility.shape[1], dtype=float))[None]), utility, SHUFFLES, seed
    )
    fits = {}
    for done, (key, values) in enumerate(varying.items(), 1):
        fits[key] = Regression(normal_scores(values)[None]).expected(utility)
        say(done, len(varying))
    worth = dict(sorted(((key, value(fit)) for key, fit in fits.items()), key=lambda each: (-each[1], each[0])))
    largest = float(chance.max())
    for instrument in instruments:
        found = _instrument(instrument, utility, varying, seed)
        if found is not None:
            data, exact, by_luck = found
            words = f"{instrument.label}, {instrument.records} {instrument.record} (EVSI)"
            rows.append(row("instrument", instrument.name, data, words, if_exact=value(exact), chance=by_luck))
    shown = list(worth)[:SHOWN]
    rows += [row("parameter", key, fits[key], known.get(key).meaning, chance=largest) for key in shown]
    return rows, (worth, {"largest": largest, "mean": float(chance.mean())})


def _instrument(
    instrument: Instrument, utility: Floats, varying: Mapping[str, Floats], seed: int
) -> tuple[Floats, Floats, float] | None:
    """Expected utility given an instrument's figures, and given what they measure exactly, and what chance shows of it.

    None where nothing that it measures is uncertain.
    """
    measured = [each for each in instrument.measures if each.parameter in varying]
    if not measured:
        return None
    values = np.array([varying[each.parameter] for each in measured])
    for each, row in zip(measured, values, strict=True):
        if row.min() <= 0:
            raise InputError(f"{instrument.name}: {each.parameter} is {row.min():g} in a future; accepted: above 0")
    regression = Regression(np.array([normal_scores(row) for row in values]))
    exact = regression.expected(utility)
    by_luck = float(by_chance(regression, utility, FEWER, seed).max())
    errors = [each.after(instrument.records) for each in measured]
    return given_data(exact, np.log(values), errors, seed), exact, by_luck


def independent(known: Registry, draws: int) -> int:
    """How many futures of `draws` to run: no more than a posterior has joint draws, since further ones repeat them.

    Two futures of one joint draw tell each other's parameters, and a regression would take that for knowledge.
    """
    return min(draws, known.posterior.draws) if known.posterior else draws


def choices(futures: Futures, known: Registry, seed: int) -> tuple[list[Choice], dict[str, Floats], int]:
    """The choice that each outcome makes, each parameter's draws by id, and how many futures were left out.

    `futures` are of one worldview, whose parameters are `known`. Futures in which an outcome is not finite under some
    package are left out of all. Raises InputError where none is left.
    """
    values = futures.values[0]
    kept = np.isfinite(values).all(axis=(0, 1))
    if not kept.any():
        raise InputError("no future is finite under every package; accepted: assumptions under which some are")
    effort = np.array([each.effort for each in futures.asks])
    found = [
        Choice(outcome, futures.packages, values[:, index, kept], effort)
        for index, outcome in enumerate(futures.outcomes)
    ]
    rows = values_drawn(known, seed, values.shape[-1])
    draws = {each.id: row[kept] for each, row in zip(columns(known), rows, strict=True)}
    return found, draws, int((~kept).sum())

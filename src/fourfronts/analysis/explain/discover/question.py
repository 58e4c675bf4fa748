"""Under which few conditions does a future come about? Scenario discovery over the parameters of an ensemble.

Boxes are found in one half of the futures and counted in the other, so that what was fitted to chance does not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.explain.discover.boxes import (
    SIGNIFICANT,
    Box,
    Count,
    Rule,
    cart,
    chosen,
    count,
    overlap,
    prim,
    quasi_p,
    screen,
)
from fourfronts.analysis.explain.drawn import Column
from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.explain.outcome import Outcome
from fourfronts.analysis.scenarios import Probability
from fourfronts.errors import InputError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

NEEDED = 40
"""Futures of the kind, and as many others, that there must be: half of them find a box, half of them test it."""
IN_EACH = 10
"""Of those, in each half at least."""
SHOWN = 600
"""Futures that the picture shows at most."""
METHODS = {"PRIM": prim, "CART": cart}
LIMITS = (
    (
        "A box says which assumptions such futures have in common. It does not say that one of them is the cause, and"
        " nothing of futures beyond these assumptions."
    ),
    "A parameter that matters only together with others, and never by itself, can be missed.",
)


@dataclass(frozen=True, eq=False)
class Sample:
    """Futures by what was assumed in them: `values` (columns, futures) in the units of `columns`.

    `relatives` (futures,) numbers the joint draw of each: futures of one number are never on both sides of the test.
    """

    columns: Sequence[Column]
    values: Floats
    relatives: Indices


@dataclass(frozen=True, eq=False)
class Found:
    """What a method chose among `columns`: a box, or None, and its counts where it was found and where it was tested.

    `chances` (columns, low and high) are quasi-p-values in the half that found nothing, and `densities` those of the
    box there when it gives up a column, the one that costs most first.
    """

    columns: Sequence[Column]
    box: Box | None = None
    learnt: Count | None = None
    tested: Count | None = None
    chances: Floats | None = None
    densities: Mapping[int, float] | None = None

    @property
    def words(self) -> str:
        """The conditions as a person would say them."""
        assert self.box is not None
        parts = [_limit(self.columns[each], self.box.low[each], self.box.high[each]) for each in self.densities or ()]
        return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"

    @property
    def ids(self) -> set[str]:
        """The restricted parameters."""
        return {self.columns[each].id for each in self.densities or ()}


def discover(
    sample: Sample, held: Floats, asked_of: Outcome, rule: Rule, seed: int, asked: Mapping[str, Any]
) -> Finding:
    """The few conditions under which futures are of the kind that `held` (futures,) marks by 1, by PRIM and by CART.

    Not a number in `held` leaves a future out. Rows: a method and a parameter that it restricts, with the limits, the
    range of all futures, the quasi-p-value, and what the density would be without it; coverage and density are those
    of the half that found nothing. Raises InputError where all futures or none are of the kind, or too few.
    """
    known = np.isfinite(held)
    holds = held[known] > 0.5
    relatives = sample.relatives[known]
    _check(asked_of, holds, relatives)
    learning = half(relatives, seed)
    _check_halves(asked_of, holds, learning)
    columns, values = _varying(sample, known)
    kept = screen(values[:, learning], holds[learning])
    columns, values = [columns[each] for each in kept], values[kept]
    found = {name: _found(search, columns, values, holds, learning, rule) for name, search in METHODS.items()}
    ranges = np.percentile(values, (5, 50, 95), axis=1).T
    rows = [row for name, each in found.items() for row in _rows(name, each, ranges)]
    details = {
        "outcome": asked_of.label,
        "date": str(asked_of.date),
        "left_out": int((~known).sum()),
        "screened": [each.id for each in columns],
        "methods": {name: _plain(each) for name, each in found.items()},
        "shared": _shared(found, values[:, ~learning]),
        "points": _points(found, values[:, ~learning], holds[~learning], ranges),
    }
    sentences = _sentences(found, details, asked_of, (int(learning.sum()), int((~learning).sum())))
    return Finding("discover", f"Conditions for: {asked_of}", rows, sentences, details, asked, LIMITS)


def _check(asked_of: Outcome, holds: Flags, relatives: Indices) -> None:
    kind, futures = int(holds.sum()), int(holds.size)
    if kind in (0, futures):
        raise InputError(
            f"{asked_of.name} holds in {'all' if kind else 'none'} of {futures:,} futures, so that there is nothing to"
            " tell apart; accepted: a condition that holds in some of them"
        )
    fewer = min(kind, futures - kind)
    if fewer < NEEDED:
        which = "holds" if kind == fewer else "does not hold"
        enough = ceil(1.2 * NEEDED * futures / fewer / 100) * 100
        raise InputError(
            f"{asked_of.name} {which} in {fewer} of {futures:,} futures, which are too few; accepted: {NEEDED} or"
            f" more, for which about {enough:,} futures would do"
        )
    # Futures of one joint draw are one assumption lived several times, which says nothing of any parameter.
    draws = min(np.unique(relatives[part]).size for part in (holds, ~holds))
    if draws < NEEDED:
        raise InputError(
            f"{asked_of.name} {'holds' if kind == fewer else 'does not hold'} in futures of {draws} of"
            f" {np.unique(relatives).size:,} joint draws of the posterior, and no more futures than these say anything"
            f" new; accepted: {NEEDED} or more: a condition that more of them meet, another package, or priors only"
        )


def _check_halves(asked_of: Outcome, holds: Flags, learning: Flags) -> None:
    fewest = min(int((part & kept).sum()) for part in (holds, ~holds) for kept in (learning, ~learning))
    if fewest < IN_EACH:
        raise InputError(
            f"{asked_of.name}: a half of the futures has {fewest} of one kind, because too few joint draws stand behind"
            f" them; accepted: {IN_EACH} or more in each half"
        )


def _varying(sample: Sample, known: Flags) -> tuple[list[Column], Floats]:
    """Columns that differ between futures. Raises InputError where none does."""
    values = sample.values[:, known]
    varies = np.ptp(values, axis=1) > 0
    if not varies.any():
        raise InputError("no parameter varies between futures; accepted: assumptions that leave something open")
    return [each for each, kept in zip(sample.columns, varies, strict=True) if kept], values[varies]


def half(relatives: Indices, seed: int) -> Flags:
    """Which futures boxes are found in, (futures,): half of them, by chance, those of one joint draw together.

    By chance, because every other point of a Sobol design lies in one part of the space.
    """
    families, family = np.unique(relatives, return_inverse=True)
    order = np.random.default_rng((seed, len(families))).permutation(len(families))
    found: Flags = order[family] < (len(families) + 1) // 2
    return found


def _found(search: Any, columns: Sequence[Column], values: Floats, holds: Flags, learning: Flags, rule: Rule) -> Found:
    here, there = (values[:, learning], holds[learning]), (values[:, ~learning], holds[~learning])
    box = chosen(search(*here, rule), *here, rule)
    if box is None:
        return Found(columns)
    without = {each: count(box.without(each), *there).density for each in box.dimensions}
    densities = dict(sorted(without.items(), key=lambda each: each[1]))
    return Found(columns, box, count(box, *here), count(box, *there), quasi_p(box, *there), densities)


def _rows(method: str, found: Found, ranges: Floats) -> list[dict[str, Any]]:
    """A row for each restricted parameter, the one whose loss costs most density first."""
    if found.box is None or found.tested is None or found.chances is None or found.densities is None:
        return []
    return [
        {
            "method": method,
            "parameter": found.columns[each].id,
            "above": float(found.box.low[each]),
            "below": float(found.box.high[each]),
            "unit": found.columns[each].unit,
            "p05": float(ranges[each, 0]),
            "p50": float(ranges[each, 1]),
            "p95": float(ranges[each, 2]),
            "quasi_p": float(np.nanmax(found.chances[each])),
            "density_without": without,
            "density": found.tested.density,
            "coverage": found.tested.coverage,
            "of_all": found.tested.base,
            "said": found.columns[each].said,
            "meaning": found.columns[each].meaning,
        }
        for each, without in found.densities.items()
    ]


def _plain(found: Found) -> dict[str, Any]:
    """Counts of a box as plain values, by the half; nothing where there is no box."""
    halves = {"found_in": found.learnt, "tested_in": found.tested}
    return {
        name: {
            "futures": each.futures,
            "kind": each.kind,
            "inside": each.inside,
            "kind_inside": each.kind_inside,
            "coverage": each.coverage,
            "coverage_range": Probability(each.kind_inside, each.kind).interval,
            "density": each.density,
            "density_range": Probability(each.kind_inside, each.inside).interval,
            "of_all": each.base,
        }
        for name, each in halves.items()
        if each is not None
    }


def _shared(found: Mapping[str, Found], values: Floats) -> float | None:
    """Futures in the boxes of both methods over those in either; None where a method has none."""
    one, other = (each.box for each in found.values())
    return overlap(one, other, values) if one and other else None


def _points(found: Mapping[str, Found], values: Floats, holds: Flags, ranges: Floats) -> dict[str, Any]:
    """Futures of the half that found nothing, along the two dimensions that count most; nothing with no box."""
    best = next((each for each in found.values() if each.box), None)
    if best is None:
        return {}
    first = list(best.densities or ())
    # With one restricted dimension, futures are spread along the one that tells them apart best of the others.
    others = [each for each in screen(values, holds, len(values)) if each not in first]
    pair = (first + [int(each) for each in others])[:2]
    return {
        "columns": [best.columns[each].id for each in pair],
        "said": [best.columns[each].said for each in pair],
        "units": [best.columns[each].unit for each in pair],
        "ranges": [list(map(float, ranges[each])) for each in pair],
        "values": [values[each, :SHOWN] for each in pair],
        "holds": holds[:SHOWN],
    }


def _limit(column: Column, low: float, high: float) -> str:
    if np.isfinite(low) and np.isfinite(high):
        return f"{column.said} between {low:.3g} and {column.amount(high)}"
    side, limit = ("above", low) if np.isfinite(low) else ("below", high)
    return f"{column.said} {side} {column.amount(limit)}"


def _unconfirmed(found: Found) -> str:
    """Conditions that might be chance in the half that found nothing, in words; empty where none is."""
    doubtful = [
        found.columns[each].said
        for each in found.densities or ()
        if found.chances is not None and np.nanmax(found.chances[each]) > SIGNIFICANT
    ]
    return f"; there, chance could explain what is added by {' and '.join(doubtful)}" if doubtful else ""


def _sentences(
    found: Mapping[str, Found], details: Mapping[str, Any], asked_of: Outcome, halves: tuple[int, int]
) -> list[str]:
    """What a person can repeat, how far it was fitted, and whether the other method says the same."""
    first, second = found["PRIM"], found["CART"]
    name = f"{asked_of.label} ({asked_of.date})"
    told = [f"PRIM finds no few conditions that tell futures with {name} from the others."]
    if first.tested and first.learnt:
        repeated = f"{name}: so it is in {first.tested.density:.0%} of the futures with {first.words}, against"
        repeated += f" {first.tested.base:.0%} of all; these are {first.tested.coverage:.0%} of all such futures."
        honest = f"Counted in {halves[1]:,} futures that were not used to find the conditions; in the {halves[0]:,}"
        honest += f" that were, the first and the last number are {first.learnt.density:.0%} and"
        told = [repeated, f"{honest} {first.learnt.coverage:.0%}{_unconfirmed(first)}."]
    if not second.tested:
        return [*told, "A classification tree (CART) finds none."]
    numbers = f"{second.tested.density:.0%} of the futures with {second.words}, which are"
    numbers += f" {second.tested.coverage:.0%} of all such futures"
    if not first.tested:
        return [*told, f"A classification tree (CART) finds {numbers}."]
    same = f"{len(first.ids & second.ids)} of these {len(first.ids)} parameters too"
    shared = f"the boxes share {details['shared']:.0%} of the futures that lie in either"
    return [*told, f"A classification tree (CART) restricts {same}: {numbers}; {shared}."]

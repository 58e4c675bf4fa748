"""Which parameters an outcome depends on: Sobol indices, Morris's screening and slopes, and whether they agree."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.explain.outcome import Outcome, finite
from fourfronts.analysis.explain.sensitivity.design import (
    MOST,
    TRAJECTORIES,
    Indices,
    base_points,
    check_base,
    indices,
    morris,
    run_ends,
    run_factors,
)
from fourfronts.analysis.explain.sensitivity.gradients import averaged
from fourfronts.analysis.explain.sensitivity.inputs import Model
from fourfronts.analysis.explain.sensitivity.words import Parts, agreement, limits, sentences
from fourfronts.errors import InputError, unknown

Floats = NDArray[np.float64]

METHODS = ("sobol", "groups", "morris", "gradients")
BASE = 1024
SLOPED = 512
"""Futures in which slopes are averaged, at most."""

RAREST = 20
"""Futures that must differ from the commonest value of the outcome, for shares of its variance to mean anything."""
PRECISION = 1e-6
"""Spread over size below which what varies is the arithmetic."""

NAN = float("nan")


def sensitivity(
    model: Model,
    outcome: Outcome,
    asked: Mapping[str, Any],
    *,
    base: int = BASE,
    seed: int = 0,
    methods: Collection[str] = METHODS,
    together: Floats | None = None,
) -> Finding:
    """How much each input, and each group of them, has to do with the outcome's variance.

    `base` is Saltelli's N: base x (inputs + groups + 2) futures are run. `together` are values of the outcome with the
    parameters drawn jointly, (draws,), to tell what drawing them independently changes. Rows: a group or a parameter,
    with first-order and total indices and their 90% intervals; the mean absolute and the mean change as Morris moves a
    parameter by half its distribution; and the mean square slope by the standard score over the variance, with the mean
    slope. Raises InputError for too few base samples, for an unknown method, and where nothing varies.
    """
    _check(outcome, methods)
    unit, other = base_points(len(model.inputs), base, seed)
    first, second = model.values(unit), model.values(other)
    ends = run_ends(model, first, second)
    variance = _variance(ends, outcome, base)
    single, groups = _indices(model, (first, second), ends, methods, seed)
    parts = Parts(
        single,
        groups,
        morris(model, seed) if "morris" in methods else None,
        averaged(model, unit[:, :SLOPED], variance) if "gradients" in methods else None,
    )
    rows = [*_ordered(_groups(model, parts)), *_ordered(_parameters(model, parts))]
    details = {
        "outcome": str(outcome),
        "unit": outcome.unit,
        "labels": {each.name: each.label for each in model.inputs},
        "agreement": agreement(rows),
        "deviation": float(np.sqrt(variance)),
        "deviation_together": None if together is None else float(finite(together, "the joint draws").std()),
        "base": base,
        "inputs": len(model.inputs),
        "sizes": {name: len(places) for name, places in model.groups.items()},
        "trajectories": parts.effects.trajectories if parts.effects else 0,
        "sloped": parts.slopes.futures if parts.slopes else 0,
        "without_slopes": "gradients" in methods and parts.slopes is None,
    }
    title = f"What {outcome.name} depends on, {outcome.date}"
    told, unknowns = sentences(rows, outcome, details), limits(parts, rows, outcome, details)
    return Finding("sensitivity", title, rows, told, details, asked, unknowns)


def futures_needed(model: Model, base: int, methods: Collection[str]) -> int:
    """The futures that `sensitivity` runs. Raises InputError for a number of base samples that it would refuse."""
    count = len(model.inputs)
    check_base(count, base)
    factors = ("sobol" in methods) * count + ("groups" in methods) * len(model.groups)
    sloped = ("gradients" in methods and model.slopes is not None) * min(base, SLOPED)
    return base * (2 + factors) + ("morris" in methods) * TRAJECTORIES * (count + 1) + sloped


def _check(outcome: Outcome, methods: Collection[str]) -> None:
    for each in methods:
        if each not in METHODS:
            raise unknown("method", each, METHODS)
    if outcome.chance and set(methods) == {"gradients"}:
        raise InputError(
            f"{outcome.name} has no gradients: a future has it or has it not; accepted: sobol, groups, morris"
        )


def _variance(ends: Floats, outcome: Outcome, base: int) -> float:
    """The outcome's variance. Raises InputError where it has none, or none that so few futures can tell."""
    name, values = outcome.name, finite(ends.ravel(), outcome.name)
    if np.ptp(values) <= PRECISION * np.abs(values).max():
        raise InputError(
            f"{name}: nothing varies: it is {values[0]:.6g} in all {values.size:,} futures; accepted: an outcome, a"
            " package and a month in which futures differ"
        )
    different = values.size - int(np.unique(values, return_counts=True)[1].max())
    if different < RAREST:
        enough = 2 ** int(np.ceil(np.log2(base * RAREST / different)))
        way = f"about --base {enough}" if enough <= MOST else f"more than --base {MOST}, the most that is accepted"
        raise InputError(
            f"base {base}: {name} differs from its commonest value in {different} of {values.size:,} futures; needed:"
            f" {RAREST}, which takes {way}"
        )
    return float(values.var())


def _indices(
    model: Model, values: tuple[Floats, Floats], ends: Floats, methods: Collection[str], seed: int
) -> tuple[Indices | None, Indices | None]:
    """Those of single inputs and those of groups, None where not asked for; of the same two sets of points."""
    single = [(place,) for place in range(len(model.inputs))] if "sobol" in methods else []
    together = list(model.groups.values()) if "groups" in methods else []
    if not single and not together:
        return None, None
    crossed = run_factors(model, *values, [*single, *together])
    of_single, of_groups = crossed[: len(single)], crossed[len(single) :]
    return (
        indices(ends, of_single, seed) if single else None,
        indices(ends, of_groups, seed) if together else None,
    )


def _parameters(model: Model, parts: Parts) -> Iterator[dict[str, Any]]:
    if not (parts.single or parts.effects or parts.slopes):
        return
    for place, each in enumerate(model.inputs):
        yield {"kind": "parameter", "name": each.name} | _columns(parts, parts.single, place)


def _groups(model: Model, parts: Parts) -> Iterator[dict[str, Any]]:
    if not parts.groups:
        return
    for place, name in enumerate(model.groups):
        row = _columns(parts, parts.groups, place)
        # A group has indices alone.
        yield {"kind": "group", "name": name} | row | dict.fromkeys(set(row) - set(_shares(parts.groups, 0)), NAN)


def _columns(parts: Parts, of: Indices | None, place: int) -> dict[str, float]:
    """The columns of every method that has something to tell, of the input or group at a place."""
    row: dict[str, float] = {}
    if parts.single or parts.groups:
        row |= _shares(of, place)
    if parts.effects:
        row |= {"morris": float(parts.effects.absolute[place]), "morris_mean": float(parts.effects.mean[place])}
    if parts.slopes:
        row |= {"gradient": float(parts.slopes.square[place]), "slope": float(parts.slopes.mean[place])}
    return row


def _shares(found: Indices | None, place: int) -> dict[str, float]:
    row: dict[str, float] = {}
    for name in ("first", "total"):
        middle, around = (
            (float(getattr(found, name)[place]), float(getattr(found, f"{name}_error")[place])) if found else (NAN, NAN)
        )
        row |= {name: middle, f"{name}_low": middle - around, f"{name}_high": middle + around}
    return row


def _ordered(rows: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """The largest first, by the first method that there is."""
    found = list(rows)
    key = next((key for key in ("total", "morris", "gradient") if found and np.isfinite(found[0].get(key, NAN))), None)
    return sorted(found, key=lambda row: -row[key]) if key else found

"""The NumPy driver: a plain loop over months, in float64 unless the arrays say otherwise.

Reference for the compiled driver, instant to start, and the easiest place to follow a month by hand.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from fourfronts.model import world
from fourfronts.model.ops import Array


def simulate(
    parameters: world.Parameters,
    inputs: world.Inputs,
    observe: Callable[[world.Outputs], Any] | None = None,
    mechanisms: world.Mechanisms = world.AS_SHIPPED,
) -> Any:
    """Run every draw through every step.

    `parameters` hold NumPy arrays (draws,) or (bloc, draws); `inputs` arrays (steps,). Returns `world.Outputs`, or the
    record that `observe` makes of them, with the step as first axis.
    """
    state = world.start(parameters, world.at(inputs, 0))
    rows: list[Any] = []
    for index in range(len(inputs.time)):
        state, outputs = world.step(parameters, state, world.at(inputs, index), mechanisms)
        rows.append(outputs if observe is None else observe(outputs))
    return _stacked(rows)


def simulate_at(
    parameters: world.Parameters,
    inputs: world.Inputs,
    rows: Array,
    follow: Callable[[world.Outputs], Any],
    observe: Callable[[world.Outputs], Any],
    mechanisms: world.Mechanisms = world.AS_SHIPPED,
) -> tuple[Any, Any]:
    """Run every draw and keep what `follow` makes of every step, and what `observe` makes of the steps `rows` alone.

    `rows` (dates,) are step numbers in rising order; the two functions return records of arrays. Returns both records
    with the step, and the date, as first axis.
    """
    kept = frozenset(int(row) for row in rows)
    state = world.start(parameters, world.at(inputs, 0))
    followed: list[Any] = []
    observed: list[Any] = []
    for index in range(len(inputs.time)):
        state, outputs = world.step(parameters, state, world.at(inputs, index), mechanisms)
        followed.append(follow(outputs))
        if index in kept:
            observed.append(observe(outputs))
    return _stacked(followed), _stacked(observed)


def each(function: Callable[[Array], Array], rows: Array) -> Array:
    """What `function` makes of every row, stacked."""
    return np.stack([function(row) for row in rows])


def _stacked(records: list[Any]) -> Any:
    """Records of arrays, which may hold further records, as one record with the step as first axis."""
    first = records[0]
    if isinstance(first, dict):
        return {name: _stacked([record[name] for record in records]) for name in first}
    if isinstance(first, tuple):
        columns = (_stacked(list(column)) for column in zip(*records, strict=True))
        return type(first)(*columns) if hasattr(first, "_fields") else tuple(columns)
    return np.stack(records)

"""The NumPy driver: a plain loop over months, in float64 unless the arrays say otherwise.

Reference for the compiled driver, instant to start, and the easiest place to follow a month by hand.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from fourfronts.model import world
from fourfronts.model.ops import Array


def simulate(
    parameters: world.Parameters, inputs: world.Inputs, observe: Callable[[world.Outputs], Any] | None = None
) -> Any:
    """Run every draw through every step.

    `parameters` hold NumPy arrays (draws,) or (bloc, draws); `inputs` arrays (steps,). Returns `world.Outputs`, or the
    record that `observe` makes of them, with the step as first axis.
    """
    state = world.start(parameters, world.at(inputs, 0))
    rows: list[Any] = []
    for index in range(len(inputs.time)):
        state, outputs = world.step(parameters, state, world.at(inputs, index))
        rows.append(outputs if observe is None else observe(outputs))
    return type(rows[0])(*(np.stack(column) for column in zip(*rows, strict=True)))


def fold(function: Callable[[Array, Array], Array], first: Array, rows: Array) -> Array:
    """Carry `function(carry, row)` over the rows in a loop."""
    carry = first
    for row in rows:
        carry = function(carry, row)
    return carry

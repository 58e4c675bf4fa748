"""The JAX driver: the same months as one compiled scan.

Draws stay on the last axis and are fed in chunks that fit a core's cache; see `docs/engine.md` for what that buys.
"""

from collections.abc import Callable
from typing import Any

import jax

from fourfronts.model import world
from fourfronts.model.ops import Array


def simulate(
    parameters: world.Parameters, inputs: world.Inputs, observe: Callable[[world.Outputs], Any] | None = None
) -> Any:
    """Run every draw through every step; traceable, so it can be compiled, differentiated and batched.

    Same shapes as `driver_numpy.simulate`. `observe` reduces each step's outputs inside the scan, so that what is
    not wanted is never stored.
    """
    first = jax.tree.map(lambda column: column[0], inputs)

    def month(state: world.State, now: world.Inputs) -> tuple[world.State, Any]:
        state, outputs = world.step(parameters, state, now)
        return state, outputs if observe is None else observe(outputs)

    _, outputs = jax.lax.scan(month, world.start(parameters, first), inputs)
    return outputs


def fold(function: Callable[[Array, Array], Array], first: Array, rows: Array) -> Array:
    """Carry `function(carry, row)` over the rows in a compiled scan."""
    return jax.lax.scan(lambda carry, row: (function(carry, row), None), first, rows)[0]

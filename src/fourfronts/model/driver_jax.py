"""The JAX driver: the same months as one compiled scan.

Draws stay on the last axis and are fed in chunks that fit a core's cache; see `docs/engine.md` for what that buys.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from fourfronts.model import world
from fourfronts.model.ops import Array


def simulate(
    parameters: world.Parameters,
    inputs: world.Inputs,
    observe: Callable[[world.Outputs], Any] | None = None,
    mechanisms: world.Mechanisms = world.AS_SHIPPED,
) -> Any:
    """Run every draw through every step; traceable, so it can be compiled, differentiated and batched.

    Same shapes as `driver_numpy.simulate`. `observe` reduces each step's outputs inside the scan, so that what is
    not wanted is never stored.
    """
    first = jax.tree.map(lambda column: column[0], inputs)

    def month(state: world.State, now: world.Inputs) -> tuple[world.State, Any]:
        state, outputs = world.step(parameters, state, now, mechanisms)
        return state, outputs if observe is None else observe(outputs)

    _, outputs = jax.lax.scan(month, world.start(parameters, first), inputs)
    return outputs


def simulate_at(
    parameters: world.Parameters,
    inputs: world.Inputs,
    rows: Array,
    follow: Callable[[world.Outputs], Any],
    observe: Callable[[world.Outputs], Any],
    mechanisms: world.Mechanisms = world.AS_SHIPPED,
) -> tuple[Any, Any]:
    """As `driver_numpy.simulate_at`: what is observed takes the memory of `rows`, however many steps there are."""
    first = jax.tree.map(lambda column: column[0], inputs)
    state = world.start(parameters, first)

    def month(carry: tuple[world.State, Any], now: tuple[world.Inputs, Array]) -> tuple[tuple[world.State, Any], Any]:
        state, observed = carry
        state, outputs = world.step(parameters, state, now[0], mechanisms)
        # Every step writes over the one before until its row is reached; those after the last row are dropped.
        observed = jax.tree.map(lambda kept, new: kept.at[now[1]].set(new), observed, observe(outputs))
        return (state, observed), follow(outputs)

    shapes = jax.eval_shape(lambda: observe(world.step(parameters, state, first, mechanisms)[1]))
    blank = jax.tree.map(lambda one: jnp.zeros((len(rows), *one.shape), one.dtype), shapes)
    row_of_step = jnp.searchsorted(jnp.asarray(rows), jnp.arange(len(inputs.time)))
    (_, observed), followed = jax.lax.scan(month, (state, blank), (inputs, row_of_step))
    return followed, observed


def each(function: Callable[[Array], Array], rows: Array) -> Array:
    """What `function` makes of every row, in a compiled loop."""
    return jax.lax.map(function, rows)

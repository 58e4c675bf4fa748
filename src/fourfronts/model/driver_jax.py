"""The JAX driver: the same months as one compiled scan.

Draws stay on the last axis and are fed in chunks that fit a core's cache; see `docs/engine.md` for what that buys.
"""

from collections.abc import Callable
from functools import partial
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
        state, outputs = _step(parameters, state, now, first, mechanisms)
        return state, outputs if observe is None else observe(outputs)

    _, outputs = jax.lax.scan(month, world.start(parameters, first), inputs)
    return outputs


def _step(
    parameters: world.Parameters,
    state: world.State,
    now: world.Inputs,
    first: world.Inputs,
    mechanisms: world.Mechanisms,
) -> tuple[world.State, world.Outputs]:
    """One step, as long as the first, so that what follows from its length alone is computed once for all."""
    return world.step(parameters, state, now._replace(years=first.years), mechanisms)


def simulate_at(
    parameters: world.Parameters,
    inputs: world.Inputs,
    rows: Array,
    follow: Callable[[world.Outputs], Any],
    observe: Callable[[world.Outputs], Any],
    mechanisms: world.Mechanisms = world.AS_SHIPPED,
) -> tuple[Any, Any]:
    """As `driver_numpy.simulate_at`: what is observed takes the time and memory of `rows`, not of all steps."""
    first = jax.tree.map(lambda column: column[0], inputs)
    state = world.start(parameters, first)

    def month(state: world.State, now: world.Inputs) -> tuple[world.State, world.Outputs]:
        return _step(parameters, state, now, first, mechanisms)

    if len(rows) == len(inputs.time):

        def shown(state: world.State, now: world.Inputs) -> tuple[world.State, tuple[Any, Any]]:
            state, outputs = month(state, now)
            return state, (follow(outputs), observe(outputs))

        # A gradient works each month out again rather than remember everything in it, which is faster too.
        followed, observed = jax.lax.scan(jax.checkpoint(shown, prevent_cse=False), state, inputs)[1]
        return followed, observed

    last = len(inputs.time) - 1

    def further(step: Array, carry: tuple[world.State, Any]) -> tuple[tuple[world.State, Any], world.Outputs]:
        """One step, written into the history of what is followed; a step after the last into a row that is cut off."""
        state, history = carry
        now = jax.tree.map(lambda column: column[jnp.minimum(step, last)], inputs)
        state, outputs = month(state, now)
        history = jax.tree.map(partial(_with_row, step), history, follow(outputs))
        return (state, history), outputs

    def until(carry: tuple[world.State, Any, Array], row: Array) -> tuple[tuple[world.State, Any, Array], Any]:
        """Steps up to `row`, of which the last alone is observed: that costs as much as the step itself."""
        state, history, reached = carry
        so_far = jax.lax.fori_loop(reached, row, lambda step, carry: further(step, carry)[0], (state, history))
        (state, history), outputs = further(row, so_far)
        return (state, history, row + 1), observe(outputs)

    shapes = jax.eval_shape(lambda: follow(month(state, first)[1]))
    blank = jax.tree.map(lambda one: jnp.zeros((last + 2, *one.shape), one.dtype), shapes)
    # One row past the end, so that what is followed is complete when the last row is not the last step.
    ends = jnp.append(jnp.asarray(rows), last + 1)
    (_, followed, _), observed = jax.lax.scan(until, (state, blank, jnp.zeros_like(ends[0])), ends)
    return tuple(jax.tree.map(lambda each_row: each_row[:-1], record) for record in (followed, observed))


def _with_row(index: Array, rows: Array, row: Array) -> Array:
    """`rows` with one of them replaced, which is done in place."""
    return jax.lax.dynamic_update_index_in_dim(rows, row, index, 0)


def each(function: Callable[[Array], Array], rows: Array) -> Array:
    """What `function` makes of every row, in a compiled loop."""
    return jax.lax.map(function, rows)

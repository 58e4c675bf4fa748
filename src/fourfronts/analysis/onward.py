"""The months after now alone: the past, which no lever reaches, is computed once for each draw and gone on from."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from fourfronts.inference.outputs import History, Pieces, finite, follow, observe, report
from fourfronts.model import world
from fourfronts.policy.grid import FIRST, NOW

MONTHS = NOW.offset - FIRST.offset + 1
"""Months of the past, which no lever reaches."""


class Past(NamedTuple):
    """The end of the past: the state to go on from, and what leads are read from. Draws are on the last axis.

    `reported` are the outputs of every month of it, `sound` whether all of them are finite.
    """

    state: Any
    history: History
    reported: dict[str, Pieces]
    sound: Any


@cache
def compiled(outputs: tuple[str, ...], places: Any) -> tuple[Callable[..., Past], Callable[..., Any]]:
    """Two functions by the JAX driver, compiled: the past, and what follows it.

    `until(values, inputs)` is a `Past`; `onward(values, first, state, history, inputs)` are outputs and soundness of
    the months that follow. `values` (axes, draws) lie as `places` says (`sampler.layout`), `inputs` have a row for each
    month, `first` is that of the first month of all. The numbers are those of all months in one go.
    """
    import jax
    import jax.numpy as jnp

    from fourfronts.inference.compilation import OPTIONS, remember_compilations
    from fourfronts.inference.sampler import arranged
    from fourfronts.model.driver_jax import each

    def months(parameters: world.Parameters, first: Any, state: Any, inputs: world.Inputs) -> Any:
        def month(state: world.State, now: world.Inputs) -> tuple[world.State, Any]:
            # One step is as long as another, so that what follows from its length is computed once for all.
            state, seen = world.step(parameters, state, now._replace(years=first.years))
            return state, (follow(seen), observe(parameters, outputs, seen))

        return jax.lax.scan(month, state, inputs)

    def until(values: Any, inputs: world.Inputs) -> Past:
        parameters = arranged(values, places)
        first = jax.tree.map(lambda column: column[0], inputs)
        state, (history, seen) = months(parameters, first, world.start(parameters, first), inputs)
        rows = np.arange(len(inputs.time))
        reported = report(parameters, outputs, history, seen, rows, each)
        return Past(state, history, reported, finite(reported))

    def onward(values: Any, first: Any, state: Any, history: History, inputs: world.Inputs) -> Any:
        parameters = arranged(values, places)
        _, (further, seen) = months(parameters, first, state, inputs)
        whole = jax.tree.map(lambda past, later: jnp.concatenate([past, later]), history, further)
        rows = len(history.capability) + np.arange(len(inputs.time))
        reported = report(parameters, outputs, whole, seen, rows, each)
        return reported, finite(reported)

    remember_compilations()
    return tuple(map(partial(jax.jit, compiler_options=OPTIONS), (until, onward)))  # type: ignore[return-value]


class Halves(NamedTuple):
    """What drives the model in the first month of all, in the months of the past, and in those after it."""

    first: world.Inputs
    past: world.Inputs
    future: world.Inputs


def halves(inputs: world.Inputs) -> Halves:
    """What drives the model, cut where the past ends."""

    def cut(part: Any, rows: int | slice) -> Any:
        return part[rows] if isinstance(part, np.ndarray) else type(part)(*(cut(each, rows) for each in part))

    return Halves(*(cut(inputs, rows) for rows in (0, slice(None, MONTHS), slice(MONTHS, None))))

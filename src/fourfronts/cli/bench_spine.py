"""Compute and intelligence alone: the model in which every other front stands still, and what it reports."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from fourfronts.analysis.headline import headline
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.model import world

FIRST_OF_OTHER_FRONTS = "adoption"

OUTPUTS_ALONE = tuple(OUTPUTS)[: list(OUTPUTS).index(FIRST_OF_OTHER_FRONTS)]
"""Outputs of compute and intelligence."""

HEADLINE_ALONE = tuple(name for name in headline() if name in OUTPUTS_ALONE)


def still(step: Callable[..., Any]) -> Callable[..., Any]:
    """A mechanism whose state stays as it is and which shows ones, in the shapes of `step`."""

    def stay(parameters: Any, state: Any, *others: Any) -> tuple[Any, Any]:
        _, shown = jax.eval_shape(step, parameters, state, *others)
        return state, jax.tree.map(lambda one: jnp.ones(one.shape, one.dtype), shown)

    return stay


def as_the_levers_say(_: Any, state: Any, levers: Any, *_others: Any) -> tuple[Any, Any]:
    """Nobody answers anybody: the levers stay where the package has them."""
    return state, levers


MECHANISMS_ALONE = world.AS_SHIPPED._replace(
    responses=as_the_levers_say,
    **{
        name: still(getattr(world.AS_SHIPPED, name))
        for name in ("adoption", "resilience", "distribution", "revenue", "safety", "security")
    },
)

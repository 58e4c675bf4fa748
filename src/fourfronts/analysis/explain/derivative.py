"""One derivative back through all the months: how outputs in a month answer every lever and every parameter's value."""

from collections.abc import Callable
from functools import cache
from typing import Any

from fourfronts.policy.scenarios import Reference


@cache
def derivative(read: tuple[Reference, ...], row: int, months: int, places: Any) -> Callable[..., Any]:
    """The derivative of a weighted sum of the outputs `read` in the month of a row, compiled, and kept on disk.

    It takes how far levers are raised (levers,), values of parameters (parameters, futures) laid out as `places` says,
    the model's inputs, weights (outputs, futures), and in which months levers are raised (months,), 1 or 0. It gives
    slopes by lever (levers,) and by value (parameters, futures), each future's own: futures know nothing of each other.
    Single precision.
    """
    import jax
    import jax.numpy as jnp

    from fourfronts.inference.compilation import HASTY, remember_compilations
    from fourfronts.inference.outputs import OUTPUTS, in_kinds
    from fourfronts.inference.sampler import arranged
    from fourfronts.inference.simulation import futures
    from fourfronts.model import driver_jax, world

    outputs = tuple(name for name in OUTPUTS if name in {each.output for each in read})

    def total(raised: Any, values: Any, inputs: world.Inputs, weights: Any, held: Any) -> Any:
        levers = type(inputs.levers)(*(path + up * held for path, up in zip(inputs.levers, raised, strict=True)))
        parameters = arranged(values, places)
        # All months, because a loop of a length that is not known beforehand has no gradient.
        rows = jnp.arange(months)
        reported, _ = futures(driver_jax, world.AS_SHIPPED, outputs, parameters, inputs._replace(levers=levers), rows)

        def then(key: Reference) -> Any:
            kinds = jnp.concatenate([in_kinds(piece) for piece in reported[key.output]], axis=1)
            return kinds[row, OUTPUTS[key.output].kinds.index(key.kind)]

        return sum((then(key) * weight).sum() for key, weight in zip(read, weights, strict=True))

    remember_compilations()
    return jax.jit(jax.grad(total, argnums=(0, 1)), compiler_options=HASTY)

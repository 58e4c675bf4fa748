"""The few array operations every mechanism needs, for NumPy and JAX arrays alike.

A mechanism never imports an array library. It asks its own inputs for their namespace (the array-API hook), so
the same source runs in the NumPy loop and in the compiled JAX scan.
"""

from typing import Any, TypeAlias

Array: TypeAlias = Any
"""A NumPy or JAX array; shapes are stated where it is used, draws always on the last axis."""

MONTHS_PER_YEAR = 12.0


def namespace(array: Array) -> Any:
    """Return the array library (`numpy` or `jax.numpy`) that `array` belongs to."""
    return array.__array_namespace__()


def others(by_bloc: Array) -> Array:
    """Sum over the other blocs.

    Shapes: `by_bloc` (bloc, draws) to (bloc, draws).
    """
    return by_bloc.sum(axis=0) - by_bloc


def best_of_others(by_bloc: Array) -> Array:
    """Highest value among the other blocs.

    Shapes: `by_bloc` (3, draws) to (3, draws).
    """
    xp = namespace(by_bloc)
    itself = xp.eye(3, dtype=bool)[:, :, None]
    return _highest(xp.where(itself, -xp.inf, by_bloc), 1)


def highest(by_bloc: Array) -> Array:
    """Highest value of all blocs. Shapes: (3, draws) to (draws,)."""
    return _highest(by_bloc, 0)


def _highest(values: Array, axis: int) -> Array:
    """The maximum along an axis of blocs.

    Picked by its place: the slope of a plain maximum is found by looking for the highest number again, and a compiler
    that computes a number in two places, each in its own way, may find none. And a sum along an axis is a loop of its
    own when compiled: built from slices, it would be worked into the loops that use it and keep those from vector
    instructions, which took twice the time of the whole mechanism.
    """
    xp = namespace(values)
    place = xp.expand_dims(values.argmax(axis=axis), axis)
    blocs = xp.arange(3).reshape((3,) + (1,) * (values.ndim - 1 - axis))
    return xp.where(place == blocs, values, 0.0).sum(axis=axis)


def decay(rate: Array, years: Array) -> Array:
    """Share lost in `years` at a constant `rate` a year: 1 - exp(-rate * years), exact for any step."""
    xp = namespace(rate)
    # As precise as expm1 where little is lost, and half as costly when compiled.
    half = xp.tanh(0.5 * rate * years)
    return 2.0 * half / (1.0 + half)


def side_by_side(first: Array, second: Array) -> Array:
    """Two of a kind on a leading axis: ledgers, segments. Shapes: (..., draws) each to (2, ..., draws)."""
    xp = namespace(second)
    # A choice and not a stack, which would keep compiled loops around it from vector instructions.
    is_second = xp.asarray([False, True]).reshape((2,) + (1,) * second.ndim)
    return xp.where(is_second, second, first)


def power(base: Array, exponent: Array) -> Array:
    """`base` (above zero) to `exponent`; written out because compilers vectorise it three times better than `**`."""
    xp = namespace(base)
    return xp.exp(exponent * xp.log(base))


def by_bloc(like: Array, values: tuple[float, float, float]) -> Array:
    """A constant for each bloc as a column that broadcasts over draws, in the dtype of `like`. Shape: (3, 1)."""
    xp = namespace(like)
    return xp.asarray(values, dtype=like.dtype).reshape((3,) + (1,) * (like.ndim - 1))

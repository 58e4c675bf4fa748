"""The probability of published figures, given the model's parameters: JAX code, double precision, differentiable.

A figure on its scale is what the model shows, plus what errs with its source, plus a misfit of its series that fades
with time (an Ornstein-Uhlenbeck process, followed exactly by a Kalman filter), plus an error of its own.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm

from fourfronts.inference import misfit as process
from fourfronts.inference.observations import Observations, scaled
from fourfronts.inference.published import Published
from fourfronts.inference.readings import Seen, shown
from fourfronts.model.ops import Array


class Figures(NamedTuple):
    """The numbers of `Observations` that change with the cut-off, as arrays (series, points)."""

    value: Array
    error: Array
    used: Array

    @classmethod
    def of(cls, told: Observations) -> "Figures":
        """Those of some observations."""
        return cls(told.value, told.error, told.used)


def predictions(told: Observations, seen: Seen, draws: int) -> Array:
    """What the model shows for every figure, on its scale. Shape: (series, points, draws)."""
    shape = len(seen.months), draws
    monthly = jnp.stack([jnp.broadcast_to(shown(each.reading, seen), shape) for each in told.series.values()])
    # Means over months by differences of running sums, whatever the number of months.
    sums = jnp.concatenate([jnp.zeros_like(monthly[:, :1]), jnp.cumsum(monthly, axis=1)], axis=1)
    series = jnp.arange(len(told.names))[:, None]
    months = jnp.asarray(told.last - told.first + 1)[..., None]
    means = (sums[series, told.last + 1] - sums[series, told.first]) / months
    return scaled(means, jnp.asarray(told.scale)[:, None, None])


def log_likelihood(told: Observations, figures: Figures, predicted: Array, biases: Array, misfit: Array) -> Array:
    """Log density of the figures that are used. Shape: (draws,).

    Shapes: `predicted` (series, points, draws), `biases` (series, draws) of their sources, `misfit` (series, draws)
    standard deviations.
    """
    residuals = figures.value[..., None] - predicted - biases[:, None]
    keep = jnp.exp(-jnp.asarray(told.gap) / jnp.asarray(told.memory)[:, None])
    bound = jnp.asarray(told.bound)
    variance = misfit**2
    exact = figures.used & (bound == 0)

    def point(carry: tuple[Array, Array], now: tuple[Array, ...]) -> tuple[tuple[Array, Array], Array]:
        mean, spread = carry
        residual, kept, own, counts = now
        own, counts = own[:, None] ** 2, counts[:, None]
        mean, spread = process.faded(mean, spread, variance, kept[:, None])
        density = norm.logpdf(residual, mean, jnp.sqrt(spread + own))
        after = process.told(mean, spread, residual, own, counts)
        return after, jnp.where(counts, density, 0.0).sum(axis=0)

    over_points = (jnp.moveaxis(residuals, 1, 0), keep.T, figures.error.T, exact.T)
    _, densities = jax.lax.scan(point, (jnp.zeros_like(variance), variance), over_points)
    # A bound is kept when what the series would show lies on its right side.
    apart = jnp.sqrt(variance[:, None] + figures.error[..., None] ** 2)
    kept = norm.logcdf(-bound[..., None] * residuals / apart)
    bounds = jnp.where((figures.used & (bound != 0))[..., None], kept, 0.0)
    return densities.sum(axis=0) + bounds.sum(axis=(0, 1))


def biases(series: Sequence[Published], parameter: Callable[[str], Any], draws: int) -> Array:
    """By how much each series errs with its source, on its scale. Shape: (series, draws)."""
    found = [parameter(each.noise.source) if each.noise and each.noise.source else 0.0 for each in series]
    return jnp.stack([jnp.broadcast_to(jnp.asarray(each), (draws,)) for each in found])

"""The probability of published figures, given the model's parameters: JAX code, double precision, differentiable.

A figure on its scale is what the model shows, plus what errs with its source, plus a misfit of its series that fades
with time (an Ornstein-Uhlenbeck process, followed exactly by a Kalman filter), plus an error of its own.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm

from fourfronts.inference.observations import CERTAIN, LINEAR, LOG, SMALLEST, Observations
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
        return cls(jnp.asarray(told.value), jnp.asarray(told.error), jnp.asarray(told.used))


def predictions(told: Observations, seen: Seen) -> Array:
    """What the model shows for every figure, on its scale. Shape: (series, points, draws)."""
    monthly = jnp.stack([jnp.broadcast_to(shown(each.reading, seen), _shape(seen)) for each in told.series.values()])
    # Means over months by differences of running sums, whatever the number of months.
    sums = jnp.concatenate([jnp.zeros_like(monthly[:, :1]), jnp.cumsum(monthly, axis=1)], axis=1)
    series = jnp.arange(len(told.names))[:, None]
    months = jnp.asarray(told.last - told.first + 1)[..., None]
    means = (sums[series, told.last + 1] - sums[series, told.first]) / months
    return on_scale(means, jnp.asarray(told.scale)[:, None, None])


def _shape(seen: Seen) -> tuple[int, int]:
    return len(seen.months), seen.parameter(_ANY).shape[-1]


_ANY = "intelligence.eci_per_oom"
"""A parameter that every model has, whose length is the number of draws."""


def on_scale(values: Array, scale: Array) -> Array:
    """As `observations.on_scale`, for arrays that broadcast; finite and with a slope everywhere."""
    positive = jnp.maximum(jnp.where(scale == LOG, values, 1.0), SMALLEST)
    share = jnp.where((scale == LOG) | (scale == LINEAR), 0.5, jnp.clip(values, CERTAIN, 100 - CERTAIN) / 100)
    odds = jnp.log(share) - jnp.log1p(-share)
    return jnp.where(scale == LINEAR, values, jnp.where(scale == LOG, jnp.log(positive), odds))


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
        kept, counts = kept[:, None], counts[:, None]
        mean, spread = kept * mean, kept**2 * spread + variance * (1.0 - kept**2)
        total = spread + own[:, None] ** 2
        news = residual - mean
        density = -0.5 * (jnp.log(2 * jnp.pi * total) + news**2 / total)
        gain = jnp.where(counts, spread / total, 0.0)
        after = (mean + gain * news, spread * (1.0 - gain))
        return after, jnp.where(counts, density, 0.0).sum(axis=0)

    over_points = (jnp.moveaxis(residuals, 1, 0), keep.T, figures.error.T, exact.T)
    _, densities = jax.lax.scan(point, (jnp.zeros_like(variance), variance), over_points)
    # A bound is kept when what the series would show lies on its right side.
    apart = jnp.sqrt(variance[:, None] + figures.error[..., None] ** 2)
    kept = norm.logcdf(-bound[..., None] * residuals / apart)
    bounds = jnp.where((figures.used & (bound != 0))[..., None], kept, 0.0)
    return densities.sum(axis=0) + bounds.sum(axis=(0, 1))


def biases(series: Sequence[Published], parameter: Callable[[str], Any]) -> Array:
    """By how much each series errs with its source, on its scale. Shape: (series, draws)."""
    draws = parameter(_ANY).shape[-1]
    found = [parameter(each.noise.source) if each.noise and each.noise.source else 0.0 for each in series]
    return jnp.stack([jnp.broadcast_to(jnp.asarray(each), (draws,)) for each in found])

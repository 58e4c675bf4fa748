"""What calibration draws from: the log density of scores that are standard normal under the prior.

A coordinate is a parameter of the model that is not fixed, a parameter by which series are read, or the misfit of a
series. A prior turns a score into a value, so every prior is the same to a sampler, and calibration for another
cut-off, with other priors, figures and policy, is the same compiled code.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr, ndtri
from numpy.typing import NDArray

from fourfronts.errors import unknown
from fourfronts.inference.draws import assemble_paths, in_order, paths_on_grid
from fourfronts.inference.likelihood import Figures, biases, log_likelihood, predictions
from fourfronts.inference.observations import Observations
from fourfronts.inference.outputs import OUTPUTS, Pieces, in_kinds
from fourfronts.inference.parameters import Parameter, Registry, observation
from fourfronts.inference.priors import Lognormal
from fourfronts.inference.published import references
from fourfronts.inference.readings import Seen
from fourfronts.inference.sampler import Forms, arranged, layout, placed
from fourfronts.inference.simulation import futures, inputs_from
from fourfronts.model import distribution, driver_jax, world
from fourfronts.model.ops import Array
from fourfronts.policy.grid import FIRST_CHANGE, Grid, Month
from fourfronts.policy.loader import package
from fourfronts.policy.paths import free_paths, lever_paths

Floats = NDArray[np.float64]


class Told(NamedTuple):
    """Everything that a cut-off changes: priors of the model, of series and of misfits, figures, policy and paths."""

    model: Forms
    reading: Forms
    misfit: Forms
    figures: Figures
    inputs: world.Inputs
    market: distribution.Paths


def values(scores: Array, priors: Forms) -> Array:
    """Values of scores that are standard normal under the prior. Shapes: (coordinates, draws)."""
    probability = ndtr(scores)
    inside = ndtri(jnp.clip(priors.below + (1.0 - priors.above - priors.below) * probability, 1e-300, 1.0 - 1e-16))
    bounded = (priors.below > 0) | (priors.above > 0)
    score = jnp.where(bounded, inside, scores)
    return placed(priors, probability, score)


@dataclass(frozen=True, eq=False)
class Target:
    """A model and the figures that it is held against. `free` are the axes of the model's parameters with a prior."""

    known: Registry
    observed: Observations
    grid: Grid
    mechanisms: world.Mechanisms = world.AS_SHIPPED

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The model's parameters in the order of the design."""
        return tuple(in_order(self.known))

    @cached_property
    def readings(self) -> tuple[Parameter, ...]:
        """The parameters by which series are read."""
        return tuple(observation().parameters.values())

    @cached_property
    def free(self) -> NDArray[np.int64]:
        """Axes of the model's parameters that are not fixed."""
        kept = [axis for axis, each in enumerate(self.parameters) if each.prior.distribution != "fixed"]
        return np.array(kept, dtype=np.int64)

    @cached_property
    def calibrating(self) -> tuple[int, ...]:
        """Rows of the series that calibrate, which have a misfit."""
        return tuple(row for row, each in enumerate(self.observed.series.values()) if not each.held_out)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every coordinate: the ids of parameters, and `misfit.SERIES`."""
        model = (self.parameters[axis].id for axis in self.free)
        misfits = (f"misfit.{self.observed.names[row]}" for row in self.calibrating)
        return (*model, *(each.id for each in self.readings), *misfits)

    def split(self, scores: Array) -> tuple[Array, Array, Array]:
        """Scores (coordinates, draws) of the model's parameters, of readings and of misfits."""
        first, second = len(self.free), len(self.free) + len(self.readings)
        return scores[:first], scores[first:second], scores[second:]

    def told(self, cutoff: date, figures: Observations, registry: Registry) -> Told:
        """What a cut-off tells: its figures and priors, and policy as it stood then, carried on unchanged."""
        noises = [figures.series[figures.names[row]].noise for row in self.calibrating]
        misfits = [Lognormal(p05=each.misfit[0], p95=each.misfit[1]).form for each in noises if each]
        paths = assemble_paths(paths_on_grid(registry, self.grid.times))
        told = Told(
            model=Forms.of([each.prior.form for each in in_order(registry)]),
            reading=Forms.of([each.prior.form for each in self.readings]),
            misfit=Forms.of(misfits),
            figures=Figures.of(figures),
            inputs=inputs_from(registry, *policy(cutoff, self.grid), self.grid, np.float64),
            market=paths.distribution,
        )
        moved: Told = jax.device_put(told)
        return moved

    def all_values(self, scores: Array, told: Told) -> tuple[Array, Array, Array]:
        """Values of all the model's parameters, of readings and of misfits, each (number, draws)."""
        of_model, of_readings, of_misfits = self.split(scores)
        every = jnp.zeros((len(self.parameters), scores.shape[-1])).at[self.free].set(of_model)
        return values(every, told.model), values(of_readings, told.reading), values(of_misfits, told.misfit)

    def seen(self, model: Array, reading: Array, told: Told) -> Seen:
        """What series are read from, of values (parameters, draws)."""
        places = layout(self.known)
        parameters = arranged(model, places)
        wanted = tuple(name for name in OUTPUTS if name in references(self.observed.series.values()))
        rows = jnp.arange(self.grid.months)
        reported, _ = futures(driver_jax, self.mechanisms, wanted, parameters, told.inputs, rows)
        axes = {each.id: axis for axis, each in enumerate(self.parameters)}
        own = {each.id: axis for axis, each in enumerate(self.readings)}

        def parameter(key: str) -> Array:
            if key in axes:
                return model[axes[key]]
            if key in own:
                return reading[own[key]]
            raise unknown("parameter", key, {**axes, **own})

        times, market = self.grid.times, parameters.distribution
        return Seen(self.grid.labels, times, partial(_column, reported), parameter, market, told.market)

    def predicted(self, scores: Array, told: Told) -> tuple[Array, Array, Array]:
        """What the model shows for every figure (series, points, draws), biases and misfits (series, draws)."""
        model, reading, of_misfits = self.all_values(scores, told)
        seen = self.seen(model, reading, told)
        series, draws = tuple(self.observed.series.values()), scores.shape[-1]
        misfit = jnp.ones((len(series), draws)).at[jnp.array(self.calibrating)].set(of_misfits)
        return predictions(self.observed, seen, draws), biases(series, seen.parameter, draws), misfit

    def log_density(self, scores: Array, told: Told) -> Array:
        """Log density of the scores up to a constant. Shapes: `scores` (coordinates, draws) to (draws,)."""
        return self.log_density_of(scores, *self.predicted(scores, told), told)

    def log_density_of(self, scores: Array, predicted: Array, bias: Array, misfit: Array, told: Told) -> Array:
        """The same where what the model shows is at hand, as `predicted` gives it."""
        found = log_likelihood(self.observed, told.figures, predicted, bias, misfit)
        return found - 0.5 * (scores**2).sum(axis=0)


def policy(cutoff: date, grid: Grid) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Levels of every lever, and when those that answer are free to, as history has them up to `cutoff` (steps,)."""
    drift = package("drift")
    last = grid.labels.index(str(Month(cutoff.year, cutoff.month)))
    rows = np.minimum(np.arange(grid.steps), (last + 1) * grid.steps_per_month - 1)
    levels, free = lever_paths(drift, (), grid), free_paths(drift, (), grid)
    return {name: each[rows] for name, each in levels.items()}, free


def _column(reported: dict[str, Pieces], of: Any) -> Array:
    """One kind of an output, (months, draws)."""
    column = OUTPUTS[of.output].kinds.index(of.kind)
    for piece in map(in_kinds, reported[of.output]):
        if column < piece.shape[1]:
            return piece[:, column]
        column -= piece.shape[1]
    raise IndexError(of)


def shipped(known: Registry, observed: Observations) -> Target:
    """The target of the shipped model."""
    return Target(known, observed, Grid(horizon=FIRST_CHANGE))

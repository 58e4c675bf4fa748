"""What the tests of the model share: admissible parameters, lever levels and runs, small and in float64."""

from typing import NamedTuple

import numpy as np
from hypothesis import Phase, settings
from hypothesis import strategies as st

from fourfronts.inference.draws import assemble, assemble_paths, draw, paths_on_grid
from fourfronts.inference.parameters import registry
from fourfronts.model import driver_numpy, world
from fourfronts.model.blocs import BLOCS
from fourfronts.model.levers import Levers
from fourfronts.policy.grid import Grid, Month
from fourfronts.policy.loader import levers, package
from fourfronts.policy.paths import lever_paths

PACKAGES = ("drift", "hold", "loosen", "none")
DECADE = Grid(horizon=Month(2035, 12))

seeds = st.integers(0, 2**32 - 1)


def examples(count):
    """Settings for a test on random worlds. One seed is no simpler than another, so that none is looked for."""
    return settings(max_examples=count, phases=(Phase.explicit, Phase.generate))


def parameters(seed, draws=8):
    """Random admissible parameters, (draws,) each; every second draw is a corner where all priors are in a tail."""
    random = np.random.default_rng(seed)
    points = random.uniform(0.001, 0.999, size=(len(registry().parameters), draws))
    points[:, ::2] = random.choice([0.001, 0.02, 0.98, 0.999], size=points[:, ::2].shape)
    values = {}
    for row, parameter in zip(points, registry().parameters.values(), strict=True):
        name = f"{parameter.mechanism}.{parameter.name}"
        if parameter.bloc is None:
            values[name] = parameter.prior.quantile(row)
        else:
            by_bloc = values.setdefault(name, np.empty((len(BLOCS), draws)))
            by_bloc[BLOCS.index(parameter.bloc)] = parameter.prior.quantile(row)
    return assemble(values)


def sampled(draws, seed=0, dtype=np.float64):
    """Parameters of the design from which the program runs."""
    return assemble(draw(registry(), draws, seed), dtype)


def replaced(parameters, **changes):
    """Parameters with some values changed: `mechanism__name=value`, broadcast to the old shape."""
    for key, value in changes.items():
        mechanism, name = key.split("__")
        group = getattr(parameters, mechanism)
        old = getattr(group, name)
        group = group._replace(**{name: np.broadcast_to(np.asarray(value, old.dtype), old.shape).copy()})
        parameters = parameters._replace(**{mechanism: group})
    return parameters


def levels_of(name, grid=None):
    """Level of every lever under a shipped package, (steps,) each."""
    return lever_paths(package(name), (), grid or Grid())


def uncontrolled(grid=None):
    """Levels without any control or programme from the first month on."""
    return {name: np.full_like(path, path[-1]) for name, path in levels_of("none", grid).items()}


def random_levels(seed, grid=None):
    """Every lever jumps at months of its own between levels inside its range, the range's ends included."""
    grid = grid or Grid()
    random = np.random.default_rng(seed)
    levels = {}
    for name, lever in levers().items():
        low, high = lever.range
        pieces = low + (high - low) * random.choice([0.0, 1.0, random.random(), random.random() ** 4], size=6)
        levels[name] = pieces[np.sort(random.integers(6, size=grid.steps))]
    return levels


def inputs(levels, grid=None, dtype=np.float64):
    """What drives the model: a package by name, or levels by lever, on a grid."""
    grid = grid or Grid()
    levels = levels_of(levels, grid) if isinstance(levels, str) else levels
    return world.Inputs(
        time=grid.times.astype(dtype),
        since_start=(grid.times - grid.start.decimal_year).astype(dtype),
        years=np.full(grid.steps, 1 / 12 / grid.steps_per_month, dtype=dtype),
        levers=Levers(**{name: np.asarray(levels[name], dtype=dtype) for name in Levers._fields}),
        paths=assemble_paths(paths_on_grid(registry(), grid.times), dtype),
    )


def run(parameters, driven):
    """Outputs of the reference driver."""
    return driver_numpy.simulate(parameters, driven)


def leads(parameters, outputs, steps=None):
    """Lead in months of the allied bloc, released and internal, at `steps` (all by default): two (steps, draws)."""
    steps = np.arange(len(outputs.released)) if steps is None else np.asarray(steps)
    histories = (outputs.released, outputs.capability)
    return tuple(world.lead(parameters, history, steps, driver_numpy.each) for history in histories)


class Moment(NamedTuple):
    """State at the start of step `step`, and what drives that step."""

    step: int
    state: world.State
    now: world.Inputs


def arrive(parameters, driven, step):
    """The world as it stands when `step` begins."""
    state = world.start(parameters, world.at(driven, 0))
    for earlier in range(step):
        state, _ = world.step(parameters, state, world.at(driven, earlier))
    return Moment(step, state, world.at(driven, step))

"""What the tests of the model share: admissible parameters, lever levels and runs, small and in float64."""

from typing import NamedTuple

import numpy as np
from hypothesis import Phase, settings
from hypothesis import strategies as st

from fourfronts.inference.draws import assemble, assemble_paths, draw, paths_on_grid
from fourfronts.inference.parameters import registry
from fourfronts.model import driver_numpy, world
from fourfronts.model.blocs import ALLIED, BLOCS
from fourfronts.model.levers import Levers
from fourfronts.model.responses import Responding
from fourfronts.policy.grid import Grid, Month
from fourfronts.policy.loader import levers, package
from fourfronts.policy.paths import free_paths, lever_paths, responding_ranges

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


def by_bloc(parameters):
    """The parameters that each bloc has its own value of, as `replaced` takes them."""
    return {
        f"{mechanism}__{name}": values
        for mechanism, group in zip(parameters._fields, parameters, strict=True)
        for name, values in zip(group._fields, group, strict=True)
        if values.ndim == 2
    }


def alike(parameters):
    """Every bloc with the allied value of everything, so with no ceiling on what it can make."""
    return replaced(parameters, **{name: values[ALLIED] for name, values in by_bloc(parameters).items()})


def uncoupled(parameters, *names):
    """Parameters with these couplings off, or with all of them."""
    couplings = parameters.couplings
    off = {name: 0.0 * getattr(couplings, name) for name in names or couplings._fields}
    return parameters._replace(couplings=couplings._replace(**off))


def flat(record, prefix=""):
    """Every array of a record of arrays and further records, by its path: 'adoption.share'."""
    found = {}
    for name, value in zip(record._fields, record, strict=True):
        found.update(flat(value, f"{prefix}{name}.") if isinstance(value, tuple) else {prefix + name: value})
    return found


def levels_of(name, grid=None):
    """Level of every lever under a shipped package, (steps,) each."""
    return lever_paths(package(name), (), grid or Grid())


PROGRAMMES = {
    "domestic_adoption_programme": "adoption.programme_reference",
    "prc_ai_plus_push": "adoption.push_reference",
    "export_finance": "distribution.finance_reference",
    "prc_export_subsidy": "distribution.subsidy_reference",
    "transition_support": "resilience.support_reference",
}
"""Levers that are no controls and act on one bloc alone, with the level at which they change nothing."""


def uncontrolled(grid=None):
    """Levels from the first month on without any control, and with programmes where they change nothing."""
    still = {name: registry().get(reference).prior.value for name, reference in PROGRAMMES.items()}
    still |= {"power_buildout": 0.0, "prc_evasion_effort": 1.0}
    return {name: np.full_like(path, still.get(name, path[-1])) for name, path in levels_of("none", grid).items()}


def random_levels(seed, grid=None, draws=None):
    """Every lever jumps at months of its own between levels inside its range, the range's ends included.

    The same in every future, (steps,), or in each a path of its own, (steps, draws).
    """
    grid = grid or Grid()
    random = np.random.default_rng(seed)

    def path(low, high):
        pieces = low + (high - low) * random.choice([0.0, 1.0, random.random(), random.random() ** 4], size=6)
        return pieces[np.sort(random.integers(6, size=grid.steps))]

    ranges = {name: lever.range for name, lever in levers().items()}
    if draws is None:
        return {name: path(*ends) for name, ends in ranges.items()}
    return {name: np.stack([path(*ends) for _ in range(draws)], axis=1) for name, ends in ranges.items()}


def inputs(levels, grid=None, dtype=np.float64):
    """What drives the model on a grid: a package by name, or levels by lever, of which none is fixed.

    Levels are (steps,), or (steps, draws) for every future its own.
    """
    grid = grid or Grid()
    free = dict.fromkeys(Responding._fields, np.ones(grid.steps))
    if isinstance(levels, str):
        levels, free = levels_of(levels, grid), free_paths(package(levels), (), grid)
    ranges = {name: np.tile(ends, (grid.steps, 1)) for name, ends in responding_ranges().items()}

    def record(kind, values):
        return kind(**{name: np.asarray(values[name], dtype=dtype) for name in kind._fields})

    return world.Inputs(
        time=grid.times.astype(dtype),
        since_start=(grid.times - grid.start.decimal_year).astype(dtype),
        years=np.full(grid.steps, 1 / 12 / grid.steps_per_month, dtype=dtype),
        levers=record(Levers, levels),
        free=record(Responding, free),
        ranges=record(Responding, ranges),
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


def same_chips(driven):
    """The same with every maker's chips having the leaders' bandwidth."""
    stocks = driven.paths.stocks._replace(bandwidth_constrained=driven.paths.stocks.bandwidth_leaders)
    return driven._replace(paths=driven.paths._replace(stocks=stocks))


def random_run(seed, grid=DECADE, draws=64):
    """Random futures, each under random levers of its own: parameters and outputs."""
    p = parameters(seed, draws)
    return p, run(p, inputs(random_levels(seed, grid, draws), grid))


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

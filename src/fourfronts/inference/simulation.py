"""The model set up to run: what drives it from outside, and what it reports of some draws."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from fourfronts.inference.draws import assemble_paths, paths_on_grid
from fourfronts.inference.outputs import Pieces, finite, follow, observe, report
from fourfronts.inference.parameters import Registry
from fourfronts.model import world
from fourfronts.model.levers import Levers
from fourfronts.model.responses import Responding
from fourfronts.policy.grid import Grid
from fourfronts.policy.loader import Package
from fourfronts.policy.paths import Setting, free_paths, lever_paths, responding_ranges


def model_inputs(known: Registry, chosen: Package, settings: Sequence[Setting], grid: Grid, dtype: Any) -> world.Inputs:
    """What drives the model under a package and settings on top, one value a step of `grid`, in `dtype`."""
    return inputs_from(known, lever_paths(chosen, settings, grid), free_paths(chosen, settings, grid), grid, dtype)


def inputs_from(
    known: Registry, levels: Mapping[str, Any], free: Mapping[str, Any], grid: Grid, dtype: Any
) -> world.Inputs:
    """The same from the level of every lever, and from when each that answers others is free to, (steps,) by name."""
    times = grid.times
    ranges = {name: np.tile(range_, (grid.steps, 1)) for name, range_ in responding_ranges().items()}

    def record(kind: Any, values: Mapping[str, Any]) -> Any:
        return kind(**{name: np.asarray(values[name], dtype=dtype) for name in kind._fields})

    return world.Inputs(
        time=times.astype(dtype),
        since_start=(times - grid.start.decimal_year).astype(dtype),
        years=np.full(len(times), 1 / 12 / grid.steps_per_month, dtype=dtype),
        levers=record(Levers, levels),
        free=record(Responding, free),
        ranges=record(Responding, ranges),
        paths=assemble_paths(paths_on_grid(known, times), dtype),
    )


def futures(
    driver: Any,
    mechanisms: world.Mechanisms,
    outputs: Collection[str],
    parameters: world.Parameters,
    inputs: world.Inputs,
    rows: Any,
) -> tuple[dict[str, Pieces], Any]:
    """Outputs of some draws, by the driver's module, at the months with the numbers `rows` in rising order.

    And whether every number of a future is finite, (draws,).
    """
    see = partial(observe, parameters, outputs)
    history, seen = driver.simulate_at(parameters, inputs, rows, follow, see, mechanisms)
    reported = report(parameters, outputs, history, seen, rows, driver.each)
    return reported, finite(reported)

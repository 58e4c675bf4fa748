"""Joint draws from the posterior and the priors, and the dated series, in the shapes that the model takes."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_type_hints

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fourfronts.errors import InputError
from fourfronts.inference.design import design
from fourfronts.inference.parameters import Parameter, PathSeries, Registry
from fourfronts.model import world
from fourfronts.model.blocs import BLOCS

Floats = NDArray[np.float64]
Group = TypeVar("Group", bound=tuple[Any, ...])


def draw(registry: Registry, n: int, seed: int, start: int = 0, *, design_seed: int | None = None) -> dict[str, Floats]:
    """Draws [start, start + n) of the design that `seed` picks, by `mechanism.name`.

    Shapes: (n,), or (3, n) in the order of the blocs for a per-bloc parameter; each in the parameter's unit.
    Scrambled Sobol points go through each prior's inverse distribution function. A parameter keeps its axis
    of the design whatever its prior, so registries with the same parameters differ only where priors do.
    What the registry's posterior has comes from it, all of a future from one joint draw, which `seed` picks; with a
    `design_seed` that picks the design instead. Raises InputError for an impossible number of draws.
    """
    points = design(len(registry.parameters), seed if design_seed is None else design_seed).stretch(start, n)
    learnt, posterior = learnt_rows(registry), registry.posterior
    joint = posterior.taken(seed, start, n) if posterior and learnt else None

    def values(axis: int, parameter: Parameter) -> Floats:
        if joint is None or parameter.id not in learnt:
            return parameter.prior.quantile(points.axis(axis))
        row: Floats = joint[learnt[parameter.id]].astype(np.float64)
        return row

    return by_name(registry, (values(axis, each) for axis, each in enumerate(in_order(registry))))


def learnt_rows(registry: Registry) -> dict[str, int]:
    """The row of the posterior's values for each id that is drawn from it; a fixed parameter is not."""
    rows = registry.posterior.rows if registry.posterior else {}
    wanted = (each.id for each in registry.parameters.values() if each.prior.distribution != "fixed")
    return {key: rows[key] for key in wanted if key in rows}


def by_name(registry: Registry, rows: Iterable[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Rows (n,), one for each axis of the design, by `mechanism.name`: (n,), or (3, n) for a per-bloc parameter."""
    named: dict[str, NDArray[Any]] = {}
    for parameter, row in zip(in_order(registry), rows, strict=True):
        name = f"{parameter.mechanism}.{parameter.name}"
        if parameter.bloc is None:
            named[name] = row
        else:
            named.setdefault(name, np.empty((len(BLOCS), len(row)), row.dtype))[BLOCS.index(parameter.bloc)] = row
    return named


def in_order(registry: Registry) -> list[Parameter]:
    """The parameters in the order of the design's axes: as the world lists its mechanisms, then by id.

    A Sobol design of hundreds of axes is even in any two of its first hundred or so and leaves a few late pairs
    correlated until there are many points, so the mechanisms that drive the others come first.
    """
    mechanisms = list(world.Parameters._fields)
    # A registry of some other model keeps its own order.
    place = {name: number for number, name in enumerate(mechanisms)}
    return sorted(registry.parameters.values(), key=lambda each: (place.get(each.mechanism, len(place)), each.id))


def assemble(draws: Mapping[str, Floats], dtype: DTypeLike = np.float64) -> world.Parameters:
    """Draws as the record that the model takes, in `dtype`.

    Raises InputError when the model and the parameter files do not name the same parameters.
    """
    return _nested(world.Parameters, draws, dtype)


def paths_on_grid(registry: Registry, times: Floats) -> dict[str, Floats]:
    """Every dated series at `times` (decimal years), by `mechanism.name`, each of the shape of `times`."""
    return {key: _path(series, np.asarray(times, dtype=np.float64)) for key, series in registry.paths.items()}


def assemble_paths(series: Mapping[str, Floats], dtype: DTypeLike = np.float64) -> world.Paths:
    """Dated series as the record that the model takes, in `dtype`. Raises InputError as `assemble` does."""
    return _nested(world.Paths, series, dtype)


def _path(series: PathSeries, times: Floats) -> Floats:
    starts = np.array([value.start.decimal_year for value in series.values])
    values = np.array([value.value for value in series.values])
    if series.interpolation == "linear":
        return np.asarray(np.interp(times, starts, values), dtype=np.float64)
    return np.take(values, np.maximum(np.searchsorted(starts, times, side="right") - 1, 0))


def _nested(record: type[Group], values: Mapping[str, Floats], dtype: DTypeLike) -> Group:
    """A NamedTuple of one NamedTuple a mechanism, filled from values by `mechanism.name`."""
    groups = get_type_hints(record)
    wanted = [f"{mechanism}.{name}" for mechanism, group in groups.items() for name in group._fields]
    undeclared, unused = sorted(set(wanted) - set(values)), sorted(set(values) - set(wanted))
    if undeclared or unused:
        raise InputError(
            f"the parameter files and {record.__module__}.{record.__name__} differ: the files lack "
            f"{', '.join(undeclared) or 'nothing'}, the model does not use {', '.join(unused) or 'nothing'}"
        )
    filled = {
        mechanism: group(*(np.asarray(values[f"{mechanism}.{name}"], dtype=dtype) for name in group._fields))
        for mechanism, group in groups.items()
    }
    return record(**filled)

"""Ensembles: many futures of one or more packages, on the same draws, in chunks that fit a core's cache."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.outputs import OUTPUTS, follow, observe, report
from fourfronts.errors import InputError
from fourfronts.inference.draws import assemble, assemble_paths, draw, paths_on_grid
from fourfronts.inference.parameters import Registry, registry
from fourfronts.inference.worldviews import under
from fourfronts.model import driver_numpy, world
from fourfronts.model.levers import Levers
from fourfronts.model.responses import Responding
from fourfronts.policy.grid import DEFAULT_HORIZON, NOW, Grid, Month
from fourfronts.policy.loader import Package, Worldview
from fourfronts.policy.loader import package as find_package
from fourfronts.policy.loader import worldview as find_worldview
from fourfronts.policy.paths import Setting, free_paths, lever_paths, responding_ranges

CHUNK = 512
"""Futures computed together. Part of the seed's contract: a chunk is the same whatever run it is in."""

BLOCK = 8 * CHUNK
"""Futures drawn together: a design is costly to begin and cheap to go on with."""

QUEUE = 2 * BLOCK // CHUNK
"""Chunks drawn and not yet computed: enough that no core waits for the next block, few enough to bound memory."""

MONTHLY_FUTURES = 4096
"""Futures kept month by month; beyond them only the reported dates are kept, so that memory stays bounded."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Ensemble:
    """The futures of one package.

    `values[name]` is (dates, kind, draws) at `dates`; `monthly[name]` (months, kind, first draws) at `months`. Names,
    kinds and units are those of `outputs.OUTPUTS`. `failed` counts futures with a value that is not finite.
    """

    package: Package
    dates: tuple[str, ...]
    months: tuple[str, ...]
    values: dict[str, Floats]
    monthly: dict[str, Floats]
    failed: int

    @property
    def draws(self) -> int:
        """Number of futures."""
        return int(self.values["lead_months"].shape[-1])

    def at(self, name: str, date: str, kind: str) -> Floats:
        """One output's value in every future, shape (draws,), at a date 'YYYY-MM'. Raises InputError if unknown."""
        if name not in OUTPUTS or kind not in OUTPUTS[name].kinds:
            raise InputError(f"no output {name}[{kind}]; accepted: {', '.join(OUTPUTS)}")
        if date not in self.dates:
            raise InputError(f"no date {date}; accepted: {', '.join(self.dates)}")
        found: Floats = self.values[name][self.dates.index(date), OUTPUTS[name].kinds.index(kind)]
        return found


def reported_dates(grid: Grid) -> tuple[str, ...]:
    """Now, every December and the last month, in order."""
    last = grid.labels[-1]
    return tuple(label for label in grid.labels if label.endswith("-12") or label in (str(NOW), last))


def run_ensemble(
    packages: Sequence[str | Package] = ("drift",),
    *,
    settings: Sequence[Setting] = (),
    worldview: str | Worldview = "evidence",
    draws: int = 2000,
    seed: int = 0,
    horizon: Month = DEFAULT_HORIZON,
    driver: str = "jax",
    parameters: Registry | None = None,
    mechanisms: world.Mechanisms = world.AS_SHIPPED,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Ensemble]:
    """Run every package on the same draws, so that differences between packages are not noise.

    `driver` is 'jax' (float32, compiled) or 'numpy' (float64, no compilation). `parameters` replaces the shipped
    priors, `mechanisms` how the world works. `progress` is called with the number of futures done. Raises InputError
    for bad names, levels or counts.
    """
    if draws < 1:
        raise InputError(f"draws {draws} is out of range; accepted: 1 or more")
    if driver not in ("jax", "numpy"):
        raise InputError(f"unknown driver {driver!r}; accepted: jax, numpy")
    chosen = [find_package(each) if isinstance(each, str) else each for each in packages]
    view = find_worldview(worldview) if isinstance(worldview, str) else worldview
    known = under(parameters or registry(), view)
    grid = Grid(horizon=horizon)
    dtype = np.float32 if driver == "jax" else np.float64
    inputs = [model_inputs(known, each, settings, grid, dtype) for each in chosen]
    simulate = compiled(mechanisms) if driver == "jax" else partial(futures, driver_numpy, mechanisms)
    run = _Run(grid, known, seed, draws, inputs, dtype, simulate)
    run.compute(progress)
    return {each.name: run.ensemble(index, each) for index, each in enumerate(chosen)}


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


class _Run:
    """One run's arrays and the chunks that fill them."""

    def __init__(
        self,
        grid: Grid,
        known: Registry,
        seed: int,
        draws: int,
        inputs: list[world.Inputs],
        dtype: Any,
        simulate: Callable[..., dict[str, Any]],
    ) -> None:
        self.grid, self.known, self.seed, self.draws, self.inputs = grid, known, seed, draws, inputs
        self.dtype, self.simulate = dtype, simulate
        self.dates = reported_dates(grid)
        self.rows = np.array([grid.labels.index(date) for date in self.dates])
        self.full = min(draws, MONTHLY_FUTURES)
        self.values = [self._empty(len(self.dates), draws) for _ in inputs]
        self.monthly = [self._empty(grid.months, self.full) for _ in inputs]

    def _empty(self, dates: int, draws: int) -> dict[str, Floats]:
        return {name: np.empty((dates, len(o.kinds), draws), dtype=self.dtype) for name, o in OUTPUTS.items()}

    def compute(self, progress: Callable[[int], None] | None) -> None:
        """Fill the arrays chunk by chunk on every core."""
        with ThreadPoolExecutor(max_workers=cores()) as pool:
            pending: deque[Future[int]] = deque()

            def finish_one() -> None:
                done = pending.popleft().result()
                if progress:
                    progress(done)

            try:
                for start, parameters in chunks(self.known, self.draws, self.seed, self.dtype):
                    pending.append(pool.submit(self._chunk, start, parameters))
                    if len(pending) > QUEUE:
                        finish_one()
                while pending:
                    finish_one()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _chunk(self, start: int, parameters: world.Parameters) -> int:
        """Compute and keep the futures from number `start` on; the number of the one after the last."""
        stop = min(start + CHUNK, self.draws)
        monthly = start < self.full
        rows = np.arange(self.grid.months) if monthly else self.rows
        for index, inputs in enumerate(self.inputs):
            reported = self.simulate(parameters, inputs, rows)
            for name, values in reported.items():
                found = np.asarray(values)[..., : stop - start]
                if monthly:
                    last = min(stop, self.full)
                    self.monthly[index][name][..., start:last] = found[..., : last - start]
                    found = found[self.rows]
                self.values[index][name][..., start:stop] = found
        return stop

    def ensemble(self, index: int, package: Package) -> Ensemble:
        """The finished arrays of one package."""
        values, monthly = self.values[index], self.monthly[index]
        broken = np.zeros(self.draws, dtype=bool)
        for name, array in values.items():
            broken |= ~np.isfinite(array).all(axis=(0, 1))
            broken[: self.full] |= ~np.isfinite(monthly[name]).all(axis=(0, 1))
        return Ensemble(package, self.dates, self.grid.labels, values, monthly, int(broken.sum()))


def cores() -> int:
    """Cores this process may use; one thread feeds each."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chunks(known: Registry, draws: int, seed: int, dtype: Any) -> Iterator[tuple[int, world.Parameters]]:
    """(first future, parameters of CHUNK futures) in order; the last chunk is filled up with further draws."""
    for first in range(0, draws, BLOCK):
        count = min(BLOCK, -(-(draws - first) // CHUNK) * CHUNK)
        for start, parameters in enumerate(_block(known, count, seed, first, dtype)):
            yield first + start * CHUNK, parameters


@lru_cache(maxsize=2)
def _block(known: Registry, count: int, seed: int, first: int, dtype: Any) -> list[world.Parameters]:
    """The next draws in chunks. The latest are kept, because a slider asks for the same ones again and again."""
    whole = assemble(draw(known, count, seed, first), dtype)
    return [sliced(whole, start, start + CHUNK) for start in range(0, count, CHUNK)]


def sliced(parameters: world.Parameters, start: int, stop: int) -> world.Parameters:
    """The parameters of some draws."""

    def cut(group: Any) -> Any:
        return type(group)(*(np.ascontiguousarray(values[..., start:stop]) for values in group))

    return world.Parameters(*map(cut, parameters))


def futures(
    driver: Any, mechanisms: world.Mechanisms, parameters: world.Parameters, inputs: world.Inputs, rows: Any
) -> dict[str, Any]:
    """Outputs of some draws, by the driver's module, at the months with the numbers `rows` in rising order."""
    history, seen = driver.simulate_at(parameters, inputs, rows, follow, partial(observe, parameters), mechanisms)
    return report(parameters, history, seen, rows, driver.each)


@cache
def compiled(mechanisms: world.Mechanisms = world.AS_SHIPPED) -> Callable[..., dict[str, Any]]:
    """`futures` by the JAX driver, compiled, and kept in the user's cache directory between processes."""
    import jax

    from fourfronts.analysis.compilation import OPTIONS, remember_compilations
    from fourfronts.model import driver_jax

    remember_compilations()
    return jax.jit(partial(futures, driver_jax, mechanisms), compiler_options=OPTIONS)

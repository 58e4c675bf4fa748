"""Ensembles: many futures of one or more packages, on the same draws, in chunks that fit a core's cache."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.errors import InputError, unknown
from fourfronts.inference.design import BLOCK
from fourfronts.inference.draws import assemble, by_name, draw
from fourfronts.inference.outputs import OUTPUTS, Pieces, in_kinds
from fourfronts.inference.parameters import Registry
from fourfronts.inference.posterior import calibrated
from fourfronts.inference.simulation import futures, model_inputs
from fourfronts.inference.stages import cores
from fourfronts.inference.worldviews import under
from fourfronts.model import driver_numpy, world
from fourfronts.policy.grid import DEFAULT_HORIZON, NOW, Grid, Month
from fourfronts.policy.loader import Package, Worldview
from fourfronts.policy.loader import package as find_package
from fourfronts.policy.loader import worldview as find_worldview
from fourfronts.policy.paths import Setting

CHUNK = BLOCK
"""Futures computed together. Part of the seed's contract: a chunk is the same whatever run it is in."""

THREADS = 2
"""Threads for each core: while one hands over and takes in, another computes."""

AHEAD = 4
"""Chunks under way or waiting for each core, so that none is idle and memory stays bounded."""

MONTHLY_FUTURES = 4096
"""Futures kept month by month; beyond them only the reported dates are kept, so that memory stays bounded."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Ensemble:
    """The futures of one package.

    `values[name]` is (dates, kind, draws) at `dates`; `monthly[name]` (months, kind, first draws) at `months`. Names,
    kinds and units are those of `outputs.OUTPUTS`. `failed` counts futures with a value that is not finite. `joint` is
    how many joint draws of a posterior stand behind the futures, None where each is drawn for itself.
    """

    package: Package
    dates: tuple[str, ...]
    months: tuple[str, ...]
    values: dict[str, Floats]
    monthly: dict[str, Floats]
    failed: int
    joint: int | None = None

    @property
    def draws(self) -> int:
        """Number of futures."""
        return int(next(iter(self.values.values())).shape[-1])

    @property
    def lived(self) -> float:
        """How often each joint draw is lived, 1 or more: as many times fewer futures say something of their own."""
        return max(self.draws / self.joint, 1.0) if self.joint else 1.0

    def at(self, name: str, date: str, kind: str) -> Floats:
        """One output's value in every future, shape (draws,), at a date 'YYYY-MM'. Raises InputError if unknown."""
        if name not in self.values or kind not in OUTPUTS[name].kinds:
            raise InputError(f"no output {name}[{kind}]; accepted: {', '.join(self.values)}")
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
    outputs: Collection[str] = tuple(OUTPUTS),
    monthly: int | None = None,
    points: Callable[[int], Floats] | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Ensemble]:
    """Run every package on the same draws, so that differences between packages are not noise.

    `driver` is 'jax' (float32, compiled) or 'numpy' (float64, no compilation). `parameters` replaces the shipped
    ones (`posterior.calibrated`), `mechanisms` how the world works. `outputs` names those to keep and `monthly` is how
    many futures are kept month by month (MONTHLY_FUTURES unless told): fewer are faster. `progress` is called with the
    number of futures done. Raises InputError for bad names, levels or counts.
    """
    if draws < 1:
        raise InputError(f"draws {draws} is out of range; accepted: 1 or more")
    if monthly is None:
        monthly = MONTHLY_FUTURES
    if monthly < 0:
        raise InputError(f"monthly {monthly} is out of range; accepted: 0 or more")
    if driver not in ("jax", "numpy"):
        raise InputError(f"unknown driver {driver!r}; accepted: jax, numpy")
    for name in outputs:
        if name not in OUTPUTS:
            raise unknown("output", name, OUTPUTS)
    kept = tuple(name for name in OUTPUTS if name in outputs)
    chosen = [find_package(each) if isinstance(each, str) else each for each in packages]
    view = find_worldview(worldview) if isinstance(worldview, str) else worldview
    known = under(parameters or calibrated(), view)
    grid = Grid(horizon=horizon)
    dtype = np.float32 if driver == "jax" else np.float64
    inputs = [model_inputs(known, each, settings, grid, dtype) for each in chosen]
    simulate = simulator(known, driver, mechanisms, kept)
    given = partial(drawn, known, seed, driver) if points is None else partial(placed, known, driver, points)
    run = _Run(grid, given, (draws, min(draws, monthly)), inputs, dtype, kept, simulate)
    run.compute(progress)
    joint = known.posterior.draws if known.posterior and points is None else None
    return {each.name: run.ensemble(index, each, joint) for index, each in enumerate(chosen)}


class _Run:
    """One run's arrays and the chunks that fill them."""

    def __init__(
        self,
        grid: Grid,
        parameters: Callable[[int], Any],
        draws: tuple[int, int],
        inputs: list[world.Inputs],
        dtype: Any,
        outputs: tuple[str, ...],
        simulate: Callable[..., tuple[dict[str, Pieces], Any]],
    ) -> None:
        self.grid, self.parameters, self.inputs = grid, parameters, inputs
        self.draws, self.full = draws
        self.dtype, self.outputs, self.simulate = dtype, outputs, simulate
        self.dates = reported_dates(grid)
        self.rows = np.array([grid.labels.index(date) for date in self.dates])
        self.values = [self._empty(len(self.dates), self.draws) for _ in inputs]
        self.monthly = [self._empty(grid.months, self.full) for _ in inputs]
        self.finite = np.empty((len(inputs), self.draws), dtype=bool)

    def _empty(self, dates: int, draws: int) -> dict[str, Floats]:
        """An array (dates, kind, draws) for each output, all in one block, which is faster to come by than many."""
        ends = np.cumsum([0, *(len(OUTPUTS[name].kinds) for name in self.outputs)])
        block = np.empty((int(ends[-1]), dates, draws), dtype=self.dtype)
        return {
            name: block[first:last].transpose(1, 0, 2)
            for name, first, last in zip(self.outputs, ends, ends[1:], strict=False)
        }

    def compute(self, progress: Callable[[int], None] | None) -> None:
        """Fill the arrays chunk by chunk on every core."""
        with ThreadPoolExecutor(max_workers=THREADS * cores()) as pool:
            pending: deque[Future[int]] = deque()

            def finish_one() -> None:
                done = pending.popleft().result()
                if progress:
                    progress(done)

            try:
                for number in range(-(-self.draws // CHUNK)):
                    pending.append(pool.submit(self._chunk, number))
                    if len(pending) > AHEAD * cores():
                        finish_one()
                while pending:
                    finish_one()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _chunk(self, number: int) -> int:
        """Compute and keep the futures of a chunk; the number of the one after the last."""
        start, parameters = number * CHUNK, self.parameters(number)
        stop = min(start + CHUNK, self.draws)
        monthly = start < self.full
        rows = np.arange(self.grid.months) if monthly else self.rows
        for index, inputs in enumerate(self.inputs):
            reported, sound = self.simulate(parameters, inputs, rows)
            self.finite[index, start:stop] = np.asarray(sound)[: stop - start]
            for name, pieces in reported.items():
                if monthly:
                    place(pieces, self.monthly[index][name][..., start : min(stop, self.full)])
                # The reported dates are among the months.
                dated = [np.asarray(piece)[self.rows] for piece in pieces] if monthly else pieces
                place(dated, self.values[index][name][..., start:stop])
        return stop

    def ensemble(self, index: int, package: Package, joint: int | None) -> Ensemble:
        """The finished arrays of one package."""
        failed = int(np.count_nonzero(~self.finite[index]))
        values, monthly = self.values[index], self.monthly[index]
        return Ensemble(package, self.dates, self.grid.labels, values, monthly, failed, joint)


def place(pieces: Iterable[Any], kept: Floats) -> None:
    """Write the first draws of an output's pieces into an array (dates, kind, draws)."""
    first = 0
    for piece in pieces:
        found = in_kinds(np.asarray(piece))
        kept[:, first : first + found.shape[1]] = found[..., : kept.shape[-1]]
        first += found.shape[1]


@lru_cache(maxsize=16)
def drawn(known: Registry, seed: int, driver: str, number: int) -> Any:
    """Draws of CHUNK futures as `simulator` takes them. The latest are kept, because a slider asks for them again."""
    if driver == "jax":
        from fourfronts.inference.sampler import chunk

        return chunk(known, seed, number)
    return assemble(draw(known, CHUNK, seed, number * CHUNK))


def placed(known: Registry, driver: str, points: Callable[[int], Floats], number: int) -> Any:
    """Given points of CHUNK futures as `simulator` takes them."""
    values = points(number)
    if values.shape != (len(known.parameters), CHUNK):
        raise InputError(f"points {values.shape}; accepted: ({len(known.parameters)}, {CHUNK})")
    if driver == "jax":
        return values.astype(np.float32)
    return assemble(by_name(known, iter(values.astype(np.float64))))


def simulator(
    known: Registry,
    driver: str,
    mechanisms: world.Mechanisms = world.AS_SHIPPED,
    outputs: tuple[str, ...] = tuple(OUTPUTS),
) -> Callable[..., tuple[dict[str, Pieces], Any]]:
    """`futures` of what `drawn` gives, by a driver."""
    if driver == "jax":
        from fourfronts.inference.sampler import layout

        return compiled(mechanisms, outputs, layout(known))
    return partial(futures, driver_numpy, mechanisms, outputs)


@cache
def compiled(
    mechanisms: world.Mechanisms, outputs: tuple[str, ...], places: Any
) -> Callable[..., tuple[dict[str, Pieces], Any]]:
    """`futures` by the JAX driver, compiled, and kept in the user's cache directory between processes.

    In place of parameters it takes their draws (axes, draws), which lie as `places` says (`sampler.layout`).
    """
    import jax

    from fourfronts.inference.compilation import OPTIONS, remember_compilations
    from fourfronts.inference.sampler import arranged
    from fourfronts.model import driver_jax

    def run(values: Any, inputs: world.Inputs, rows: Any) -> tuple[dict[str, Pieces], Any]:
        return futures(driver_jax, mechanisms, outputs, arranged(values, places), inputs, rows)

    remember_compilations()
    return jax.jit(run, compiler_options=OPTIONS)

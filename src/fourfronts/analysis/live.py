"""Futures at hand: draws and compiled code are kept, so that a lever that moves costs the simulation and no more."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

from fourfronts.analysis.charts import read_by_charts
from fourfronts.analysis.ensemble import CHUNK, Ensemble, drawn, place
from fourfronts.analysis.headline import headline
from fourfronts.analysis.onward import MONTHS, Past, compiled, halves
from fourfronts.errors import InputError
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.inference.parameters import Registry, registry
from fourfronts.inference.posterior import calibrated
from fourfronts.inference.priors import Prior
from fourfronts.inference.simulation import inputs_from
from fourfronts.inference.stages import cores
from fourfronts.inference.worldviews import under
from fourfronts.policy.grid import FIRST_CHANGE, Grid
from fourfronts.policy.loader import Package, PriorChange, Worldview, coupling_id, worldview
from fourfronts.policy.paths import free_paths, lever_paths
from fourfronts.policy.scenarios import scenarios

KEPT_CHUNKS = 24
"""Chunks of draws kept with their past, the latest used: about 170 MB, and enough for every worldview's first look."""
FARTHEST = 6.0
"""Standard deviations from the middle of a prior within which a parameter may be held, where its scale does not end."""

Made = TypeVar("Made")


class Stopped(Exception):  # noqa: N818 - an event, and nothing that went wrong
    """Nobody waits for the answer any more."""


@dataclass(frozen=True)
class Assumed:
    """What futures are drawn from: a worldview, the posterior or the priors alone, and changes on top.

    `couplings` are multipliers of their strengths, `parameters` values at which parameters are held.
    """

    worldview: str = "evidence"
    prior: bool = False
    couplings: tuple[tuple[str, float], ...] = ()
    parameters: tuple[tuple[str, float], ...] = ()

    @property
    def view(self) -> Worldview:
        """The worldview with the held parameters as changes of its own. Raises InputError for an unknown one."""
        view, held = worldview(self.worldview), dict(self.parameters)
        if not held:
            return view
        fixed = {key: PriorChange(prior=value, why="held by the user") for key, value in held.items()}
        # A strength that is held is not scaled by the view as well.
        couplings = {name: each for name, each in view.couplings.items() if coupling_id(name) not in held}
        return view.model_copy(update={"priors": view.priors | fixed, "couplings": couplings})

    @property
    def shipped(self) -> Registry:
        """The parameters before the worldview: with the posterior, or as the priors have them."""
        return registry() if self.prior else calibrated()


@lru_cache(maxsize=32)
def known(assumed: Assumed) -> Registry:
    """The parameters as assumed. Raises InputError for what does not exist or does not fit."""
    return under(assumed.shipped, assumed.view, dict(assumed.couplings))


def reach(prior: Prior) -> tuple[float, float]:
    """Lowest and highest value at which a parameter with this prior may be held; equal for one that is fixed.

    Nothing at all, and all of it, are among them where the scale ends there, so that a channel can be closed.
    """
    form = prior.form
    if form.scale == "probability":
        return form.middle, form.middle + form.spread
    low, high = form.middle - FARTHEST * form.spread, form.middle + FARTHEST * form.spread
    if form.scale == "logarithm":
        low, high = 0.0, float(np.exp(high))
    elif form.scale == "log odds":
        low, high = 0.0, 1.0
    return max(low, form.low), min(high, form.high)


class Kept:
    """The latest `most` things made, by key, for many threads at a time."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._made: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def peek(self, key: Hashable) -> Any:
        """What is there under `key`, or None."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
            return self._made.get(key)

    def put(self, key: Hashable, made: Any) -> None:
        """Keep something, and let the oldest go where there is more than enough."""
        with self._lock:
            self._made[key] = made
            self._made.move_to_end(key)
            while len(self._made) > self.most:
                self._made.popitem(last=False)

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `key` stands for, made by `make` if it is not there."""
        found: Made | None = self.peek(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found


class Live:
    """Answers to levers in motion, up to the month of the scenarios, with what charts and headline read.

    One piece of compiled code serves all, whichever charts are looked at: to observe what few of them ask for costs
    little beside the months themselves, and to compile takes seconds.
    """

    def __init__(self) -> None:
        self.grid = Grid()
        self.outputs = tuple(name for name in OUTPUTS if name in {*headline(), *read_by_charts()})
        self.pool = ThreadPoolExecutor(max_workers=cores(), thread_name_prefix="futures")
        self.chunks = Kept(KEPT_CHUNKS)
        self.closed = False

    def close(self) -> None:
        """Let the threads go; what runs is stopped."""
        self.closed = True
        self.pool.shutdown(wait=False, cancel_futures=True)

    def run(
        self,
        package: Package,
        assumed: Assumed,
        *,
        draws: int,
        seed: int,
        dates: Sequence[str] = (),
        stopped: Callable[[], bool] = lambda: False,
    ) -> Ensemble:
        """The futures of a package, those of `run_ensemble` with the same draws and seed, at `dates` and every month.

        The dates of the scenarios are added. `stopped` is asked before each chunk. Raises InputError for assumptions
        that do not fit and where no future is finite, Stopped when it is stopped.
        """
        _check_starts(package)
        run = _Run(self, package, assumed, draws, seed)

        def chunk(number: int) -> None:
            if stopped() or self.closed:
                raise Stopped
            run.chunk(number)

        try:
            for _ in self.pool.map(chunk, range(-(-draws // CHUNK))):
                pass
        except (RuntimeError, CancelledError):
            # What the pool says to who comes after it was closed.
            if self.closed:
                raise Stopped from None
            raise
        return run.ensemble(dates)


class _Run:
    """One run's arrays and the chunks that fill them."""

    def __init__(self, live: Live, package: Package, assumed: Assumed, draws: int, seed: int) -> None:
        from fourfronts.inference.sampler import layout

        self.live, self.package, self.assumed, self.draws, self.seed = live, package, assumed, draws, seed
        self.parameters, grid = known(assumed), live.grid
        levels, free = lever_paths(package, (), grid), free_paths(package, (), grid)
        inputs = inputs_from(self.parameters, levels, free, grid, np.float32)
        self.first, self.past, self.future = halves(inputs)
        self.until, self.onward = compiled(live.outputs, layout(self.parameters))
        self.monthly = {
            name: np.empty((grid.months, len(OUTPUTS[name].kinds), draws), np.float32) for name in live.outputs
        }
        self.finite = np.empty(draws, dtype=bool)

    def chunk(self, number: int) -> None:
        """Compute and keep the futures of a chunk."""
        start, stop = number * CHUNK, min((number + 1) * CHUNK, self.draws)
        points, past = self.live.chunks.get((self.assumed, self.seed, number), lambda: self._before(number))
        reported, sound = self.onward(points, self.first, past.state, past.history, self.future)
        self.finite[start:stop] = np.asarray(sound & past.sound)[: stop - start]
        for name, kept in self.monthly.items():
            place(past.reported[name], kept[:MONTHS, ..., start:stop])
            place(reported[name], kept[MONTHS:, ..., start:stop])

    def _before(self, number: int) -> tuple[Any, Past]:
        """Draws of a chunk and their past, which are the same whatever is done about the future."""
        points = drawn(self.parameters, self.seed, "jax", number)
        return points, self.until(points, self.past)

    def ensemble(self, dates: Sequence[str]) -> Ensemble:
        """The finished arrays."""
        if not self.finite.any():
            raise InputError("no future is finite under these assumptions; accepted: assumptions under which some are")
        months = self.live.grid.labels
        wanted = tuple(sorted({*dates, *(str(each.date) for each in scenarios().values())}))
        rows = [months.index(date) for date in wanted]
        values = {name: each[rows] for name, each in self.monthly.items()}
        failed = int(np.count_nonzero(~self.finite))
        return Ensemble(self.package, wanted, months, values, self.monthly, failed)


def _check_starts(package: Package) -> None:
    """Raise InputError for a package that would change the past, which is computed once for all of them."""
    for name, change in package.levers.items():
        if change.start < FIRST_CHANGE:
            raise InputError(f"{name}: start {change.start} is over; accepted: {FIRST_CHANGE} or later")
    if package.base:
        _check_starts(package.base)

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
from fourfronts.analysis.ensemble import CHUNK, Ensemble, drawn, place, simulator
from fourfronts.analysis.headline import headline
from fourfronts.errors import InputError
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.inference.parameters import Registry, registry
from fourfronts.inference.posterior import calibrated
from fourfronts.inference.priors import Prior
from fourfronts.inference.simulation import inputs_from
from fourfronts.inference.stages import cores
from fourfronts.inference.worldviews import under
from fourfronts.policy.grid import Grid
from fourfronts.policy.loader import Package, PriorChange, Worldview, coupling_id, worldview
from fourfronts.policy.paths import free_paths, lever_paths
from fourfronts.policy.scenarios import scenarios

KEPT_CHUNKS = 64
"""Chunks of draws kept, the latest used: about 50 MB, enough for every worldview in 4,000 futures."""
FARTHEST = 6.0
"""Standard deviations from the middle of a prior within which a parameter may be set."""

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
    """Lowest and highest value at which a parameter with this prior may be held; equal for one that is fixed."""
    form = prior.form
    if form.scale == "probability":
        return form.middle, form.middle + form.spread
    ends = np.array([form.middle - FARTHEST * form.spread, form.middle + FARTHEST * form.spread])
    if form.scale == "logarithm":
        ends = np.exp(ends)
    elif form.scale == "log odds":
        ends = 1 / (1 + np.exp(-ends))
    low, high = np.clip(ends, form.low, form.high)
    return float(low), float(high)


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

    def __init__(self, horizon: Grid | None = None) -> None:
        self.grid = horizon or Grid()
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
        parameters = known(assumed)
        inputs = inputs_from(
            parameters,
            lever_paths(package, (), self.grid),
            free_paths(package, (), self.grid),
            self.grid,
            np.float32,
        )
        simulate = simulator(parameters, "jax", outputs=self.outputs)
        months = self.grid.labels
        monthly = {name: np.empty((len(months), len(OUTPUTS[name].kinds), draws), np.float32) for name in self.outputs}
        sound = np.empty(draws, dtype=bool)

        def chunk(number: int) -> None:
            if stopped() or self.closed:
                raise Stopped
            start, stop = number * CHUNK, min((number + 1) * CHUNK, draws)
            points = self.chunks.get((assumed, seed, number), lambda: drawn(parameters, seed, "jax", number))
            reported, finite = simulate(points, inputs, np.arange(len(months)))
            sound[start:stop] = np.asarray(finite)[: stop - start]
            for name, pieces in reported.items():
                place(pieces, monthly[name][..., start:stop])

        try:
            for _ in self.pool.map(chunk, range(-(-draws // CHUNK))):
                pass
        except (RuntimeError, CancelledError):
            # What the pool says to who comes after it was closed.
            if self.closed:
                raise Stopped from None
            raise
        if not sound.any():
            raise InputError("no future is finite under these assumptions; accepted: assumptions under which some are")
        wanted = tuple(sorted({*dates, *(str(each.date) for each in scenarios().values())}))
        rows = [months.index(date) for date in wanted]
        values = {name: each[rows] for name, each in monthly.items()}
        return Ensemble(package, wanted, months, values, monthly, int((~sound).sum()))

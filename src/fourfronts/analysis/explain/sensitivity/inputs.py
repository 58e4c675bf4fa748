"""The simulator as a function of independent inputs: every parameter over its own range, whatever the others are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import CHUNK, run_ensemble
from fourfronts.analysis.explain.outcome import Outcome, needed
from fourfronts.analysis.explain.sensitivity.gradients import slopes_of
from fourfronts.inference.draws import in_order, learnt_rows
from fourfronts.inference.parameters import Parameter, Registry
from fourfronts.policy.grid import Grid
from fourfronts.policy.loader import Package
from fourfronts.policy.paths import Setting

Floats = NDArray[np.float64]
Points = Callable[[int], Floats]
"""The values of the futures of a chunk, by its number: (inputs, CHUNK)."""

STRETCH = 128 * CHUNK
"""Futures whose outputs are held at once; of the others the outcome alone is kept."""

BLOC_WORDS = {"allied": "allied", "prc": "PRC", "rest": "rest of the world"}

SMALL_STEP, WIDE_STEP = 1e-3, 0.25
"""Standard scores to either side between which the slope of a quantile function is told.

One that is told by draws is rough: from draw to draw its slope is chance, over a quarter of a score it is not.
"""


@dataclass(frozen=True)
class Input:
    """One number that varies by itself.

    `quantile` gives its value at probabilities (n,), strictly between 0 and 1; `step` is as `SMALL_STEP` says.
    """

    name: str
    group: str
    label: str
    quantile: Callable[[Floats], Floats]
    step: float = SMALL_STEP

    def by_score(self, unit: Floats) -> Floats:
        """How fast its value changes with its standard score at probabilities (n,)."""
        from scipy.special import ndtr, ndtri

        score = ndtri(unit)
        upper, lower = (self.quantile(ndtr(score + side * self.step)) for side in (1, -1))
        found: Floats = (upper - lower) / (2 * self.step)
        return found


@dataclass(frozen=True)
class Model:
    """Independent inputs and what follows from them.

    `run(points, futures)` gives the outcome of so many futures, (futures,), not a number where there is none; `slopes`
    the derivatives of the outcome by values (inputs, n), same shape, where they are defined.
    """

    inputs: tuple[Input, ...]
    run: Callable[[Points, int], Floats]
    slopes: Callable[[Floats], Floats] | None = None

    def values(self, unit: Floats) -> Floats:
        """The inputs' values at probabilities (inputs, n), same shape."""
        return np.stack([each.quantile(row) for each, row in zip(self.inputs, unit, strict=True)])

    @cached_property
    def groups(self) -> dict[str, tuple[int, ...]]:
        """The places of the inputs of each group, by its name."""
        names = dict.fromkeys(each.group for each in self.inputs)
        return {name: tuple(place for place, each in enumerate(self.inputs) if each.group == name) for name in names}


def simulator(
    asked: Outcome,
    package: Package,
    known: Registry,
    settings: Sequence[Setting] = (),
    *,
    driver: str = "jax",
    progress: Callable[[int], None] | None = None,
) -> Model:
    """The simulator under one package as a model of the outcome.

    Its inputs are the parameters that are not fixed. `driver` is as `run_ensemble` has it; `progress` is called with
    the number of futures done so far.
    """
    chosen = _Chosen(asked, package, known, tuple(settings), driver, progress)
    slopes = slopes_of(asked, package, known, settings, Grid(horizon=chosen.horizon))
    inputs = _inputs(known, [chosen.parameters[axis] for axis in chosen.free])
    return Model(inputs, chosen.run, slopes and partial(chosen.slopes, slopes))


def _inputs(known: Registry, free: Sequence[Parameter]) -> tuple[Input, ...]:
    rows = learnt_rows(known)

    def of(each: Parameter) -> Input:
        meaning = each.meaning.rstrip(".")
        label = f"{meaning} ({BLOC_WORDS[each.bloc]})" if each.bloc else meaning
        if known.posterior is None or each.id not in rows:
            return Input(each.id, each.mechanism, label, each.prior.quantile)
        drawn = np.sort(known.posterior.values[rows[each.id]].astype(np.float64))
        return Input(each.id, each.mechanism, label, partial(drawn_quantile, drawn), WIDE_STEP)

    return tuple(map(of, free))


def drawn_quantile(ordered: Floats, unit: Floats) -> Floats:
    """The values at probabilities `unit` (n,) of draws in rising order, straight lines between them."""
    found: Floats = np.interp(unit, np.linspace(0.0, 1.0, len(ordered)), ordered)
    return found


class _Chosen:
    """One package, outcome and set of parameters; counts the futures that it has run."""

    def __init__(
        self,
        asked: Outcome,
        package: Package,
        known: Registry,
        settings: tuple[Setting, ...],
        driver: str,
        progress: Callable[[int], None] | None,
    ) -> None:
        self.asked, self.package, self.known, self.progress = asked, package, known, progress
        self.parameters = in_order(known)
        self.free = [axis for axis, each in enumerate(self.parameters) if each.prior.distribution != "fixed"]
        # Any value will do where it is replaced; what is fixed has but one.
        self.middle = np.stack([each.prior.quantile(np.array([0.5])) for each in self.parameters])
        outputs, self.horizon = needed([asked])
        self.given: Mapping[str, Any] = {
            "settings": settings,
            "parameters": known,
            "horizon": self.horizon,
            "outputs": outputs,
            "monthly": 0,
            "driver": driver,
        }
        self.done = 0

    def whole(self, values: Floats) -> Floats:
        """Values of every parameter, those that are fixed too: (inputs, n) to (parameters, n)."""
        every = np.repeat(self.middle, values.shape[1], axis=1)
        every[self.free] = values
        return every

    def run(self, points: Points, futures: int) -> Floats:
        found = np.empty(futures)
        for start in range(0, futures, STRETCH):
            stop = min(start + STRETCH, futures)
            ensemble = run_ensemble(
                [self.package],
                draws=stop - start,
                points=partial(self._chunk, points, start // CHUNK),
                progress=self._tell,
                **self.given,
            )[self.package.name]
            found[start:stop] = self.asked.of(ensemble)
            self.done += stop - start
        return found

    def slopes(self, of_all: Callable[[Floats], Floats], values: Floats) -> Floats:
        found = of_all(self.whole(values))[self.free]
        self.done += values.shape[1]
        self._tell(0)
        return found

    def _chunk(self, points: Points, before: int, number: int) -> Floats:
        return self.whole(points(before + number))

    def _tell(self, done: int) -> None:
        if self.progress:
            self.progress(self.done + done)

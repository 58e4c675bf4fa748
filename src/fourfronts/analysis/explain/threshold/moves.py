"""What can be moved, and how: levers held at a level from a month on, parameters shifted in every future.

A parameter is shifted on the scale of its prior, by so many standard deviations of it, in every future alike. So its
spread and the order of futures stay as they are, no shift is no change at all, and what is found is the effect of where
the parameter lies and not of knowing it better, which fixing it at one value would mix in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import Ensemble, drawn, run_ensemble
from fourfronts.analysis.explain.drawn import column, values
from fourfronts.analysis.explain.outcome import Outcome, finite
from fourfronts.analysis.explain.threshold.crossing import Span
from fourfronts.analysis.percentiles import percentiles
from fourfronts.errors import InputError
from fourfronts.inference.draws import in_order
from fourfronts.inference.parameters import Parameter, Registry
from fourfronts.inference.priors import normal_quantile
from fourfronts.policy.grid import FIRST_CHANGE, Grid, Month
from fourfronts.policy.loader import Package, lever
from fourfronts.policy.paths import Setting, lever_paths

Floats = NDArray[np.float64]

STATISTICS: dict[str, float] = {"median": 50.0, "p05": 5.0, "p95": 95.0}
"""Percentiles that can stand for an outcome; `mean` can too."""
MEAN = "mean"
FARTHEST = 7.0
"""Standard scores are held within this: beyond it double precision cannot tell a probability from one."""
NINETY_NINE = 2.5758293035489004
"""Standard score at the ends of a 99% range."""
INSIDE = 1e-12


@dataclass(frozen=True)
class Move:
    """One lever or parameter: its span, in its unit or in standard deviations, and what a change is measured by."""

    kind: str
    name: str
    label: str
    unit: str
    span: Span
    scale: float

    @property
    def measure(self) -> str:
        """What a change of 1 is."""
        return "of its range" if self.kind == "lever" else "prior sd"


@dataclass(frozen=True, eq=False)
class Runs:
    """The model, asked again and again in the same futures with something moved."""

    package: Package
    known: Registry
    outcome: Outcome
    statistic: str
    draws: int
    seed: int
    start: Month = FIRST_CHANGE
    settings: Sequence[Setting] = ()
    outputs: Sequence[str] = ()
    done: list[int] = field(default_factory=lambda: [0])

    def ensemble(
        self,
        levels: Mapping[str, float] | None = None,
        shifts: Mapping[str, float] | None = None,
        seed: int | None = None,
    ) -> Ensemble:
        """The futures with levers held at `levels` from the start on and parameters shifted by `shifts`."""
        held = self.held(levels or {})
        chosen = self.seed if seed is None else seed
        self.done[0] += 1
        (found,) = run_ensemble(
            [self.package],
            settings=held,
            draws=self.draws,
            seed=chosen,
            horizon=self.outcome.date,
            parameters=self.known,
            outputs=tuple(self.outputs) or self.outcome.outputs,
            monthly=0,
            points=self.points(shifts, chosen) if shifts else None,
        ).values()
        return found

    def held(self, levels: Mapping[str, float]) -> tuple[Setting, ...]:
        """The settings of the run: a lever that is held takes the place of what was to be set from then on."""
        kept = [each for each in self.settings if each.lever not in levels or each.start < self.start]
        return (*kept, *(Setting(name, level, self.start) for name, level in levels.items()))

    def points(self, shifts: Mapping[str, float], seed: int) -> Callable[[int], Floats]:
        """The draws of a chunk with parameters shifted, as `run_ensemble` takes them."""
        rows = {each.id: (row, each) for row, each in enumerate(in_order(self.known)) if each.id in shifts}

        def block(number: int) -> Any:
            found = np.array(drawn(self.known, seed, "jax", number))
            for key, (row, parameter) in rows.items():
                found[row] = moved(parameter, found[row].astype(np.float64), shifts[key])
            return found

        return block

    def value(self, ensemble: Ensemble) -> float:
        """The statistic of the outcome over the futures that have it."""
        return summarised(finite(self.outcome.of(ensemble), self.outcome.name), self.statistic)

    def error(self, ensemble: Ensemble) -> float:
        """The standard error of counting of the statistic."""
        return counting_error(finite(self.outcome.of(ensemble), self.outcome.name), self.statistic)


def summarised(found: Floats, statistic: str) -> float:
    """The mean or a percentile of finite values (futures,)."""
    if statistic == MEAN:
        return float(found.mean())
    return float(percentiles(found, [STATISTICS[statistic]])[0])


def counting_error(found: Floats, statistic: str) -> float:
    """Standard error of `summarised` over independent futures; a percentile's from the order of values around it."""
    if len(found) < 2:
        return float("nan")
    if statistic == MEAN:
        return float(found.std(ddof=1) / np.sqrt(len(found)))
    share = STATISTICS[statistic] / 100
    reach = np.sqrt(share * (1 - share) / len(found))
    low, high = percentiles(found, [100 * max(share - reach, 0.0), 100 * min(share + reach, 1.0)])
    return float(high - low) / 2


def lever_move(name: str, package: Package, settings: Sequence[Setting], at: Month) -> Move:
    """A lever, which stands where the package and the settings have it at a date. Raises InputError if unknown."""
    found = lever(name)
    path = lever_paths(package, settings, Grid(horizon=at))[name]
    low, high = found.range
    return Move("lever", name, found.label, found.unit, Span(low, high, float(path[-1])), high - low)


def parameter_move(known: Registry, key: str, seed: int, draws: int) -> Move:
    """A parameter, whose median may go from end to end of the 99% range of its prior.

    Raises InputError for one that does not exist, with the nearest, and for one that is fixed.
    """
    parameter = known.get(key)
    if parameter.prior.distribution == "fixed":
        raise InputError(f"parameter {key} is fixed at {parameter.prior.value:g}, so that nothing can be moved")
    row = [each.id for each in in_order(known)].index(key)
    middle = float(scores(parameter, np.median(values(known, seed, draws)[row], keepdims=True))[0])
    span = Span(min(-NINETY_NINE - middle, 0.0), max(NINETY_NINE - middle, 0.0), 0.0)
    shown = column(parameter)
    return Move("parameter", key, shown.said, parameter.unit, span, 1.0)


def scores(parameter: Parameter, found: Floats) -> Floats:
    """Values as standard scores of their prior, same shape: what a standard normal draw would have been."""
    from scipy.special import ndtr

    form = parameter.prior.form
    with np.errstate(divide="ignore"):
        match form.scale:
            case "logarithm":
                at = np.log(found)
            case "log odds":
                at = np.log(found) - np.log1p(-found)
            case _:
                at = found
    standard = (at - form.middle) / form.spread
    inside = 1.0 - form.above - form.below
    share = standard if form.scale == "probability" else (ndtr(standard) - form.below) / inside
    return normal_quantile(np.clip(share, INSIDE, 1.0 - INSIDE))


def moved(parameter: Parameter, found: Floats, shift: float) -> Floats:
    """Values shifted by so many standard deviations of their prior, on its own scale and within its bounds."""
    from scipy.special import ndtr

    if shift == 0.0:
        return found
    return parameter.prior.quantile(ndtr(np.clip(scores(parameter, found) + shift, -FARTHEST, FARTHEST)))

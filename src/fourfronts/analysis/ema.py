"""The simulator as a model of EMA Workbench, for those who plan their experiments there.

EMA Workbench calls a function once for every future. `Future` is that function, compiled for one future; `run_ensemble`
computes hundreds together and is faster by far, so use this for what the workbench alone can do.
"""

import multiprocessing
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import CHUNK, Ensemble, place, simulator
from fourfronts.analysis.explain.outcome import LEAD, needed
from fourfronts.analysis.explain.outcome import outcomes as parsed
from fourfronts.errors import InputError, unknown
from fourfronts.inference.draws import assemble, by_name, draw, in_order
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.inference.parameters import Registry
from fourfronts.inference.posterior import calibrated
from fourfronts.inference.simulation import model_inputs
from fourfronts.model.blocs import BLOCS
from fourfronts.policy.grid import DEFAULT_HORIZON, FIRST_CHANGE, Grid, Month, parse_month
from fourfronts.policy.loader import Package
from fourfronts.policy.loader import package as find_package
from fourfronts.policy.paths import Setting

MISSING = "EMA Workbench is missing; install with: pip install 'fourfronts[peers]'"
PERCENTILES = (5, 50, 95)
PRECISION = {"jax": np.float32, "numpy": np.float64}

Floats = NDArray[np.float64]


class Varied(NamedTuple):
    """A parameter that differs between futures: its axis among all, and percentiles of its draws in its own unit."""

    axis: int
    low: float  # the 5th
    middle: float
    high: float  # the 95th


def model(
    package: str | Package = "drift",
    outcomes: Sequence[str] = (LEAD,),
    *,
    at: str | Month = DEFAULT_HORIZON,
    settings: Sequence[Setting] = (),
    parameters: Registry | None = None,
    driver: str = "jax",
) -> Any:
    """An `ema_workbench.Model` of one package: every parameter that differs is an uncertainty, each outcome a scalar.

    Outcomes are named as `explain` names them and spelled as identifiers, `lead_months__released`. The range of an
    uncertainty is the 5th to the 95th percentile of its draws; to have the draws themselves, with all that the
    posterior knows jointly, run the model on `scenarios`. Drop uncertainties at will: a parameter that is not given
    takes its median. Raises InputError for what is unknown, and where EMA Workbench is missing.
    """
    library = workbench()
    found = find_package(package) if isinstance(package, str) else package
    future = Future(found, outcomes, parse_month(at), settings, parameters, driver)
    # Version 2 wants letters and digits alone.
    made = library.Model("".join(filter(str.isalnum, found.name)), function=future)
    made.uncertainties = [
        library.RealParameter(name, each.low, each.high, default=each.middle) for name, each in future.varied.items()
    ]
    made.outcomes = [library.ScalarOutcome(spelled(each.name)) for each in future.outcomes]
    return made


def scenarios(draws: int, seed: int = 0, parameters: Registry | None = None) -> list[Any]:
    """The futures that a seed draws, for `perform_experiments(scenarios=...)`: an `ema_workbench` scenario each."""
    known = parameters or calibrated()
    names, values = varied(known), drawn(known, draws, seed)
    return as_scenarios({name: values[each.axis] for name, each in names.items()})


def as_scenarios(values: dict[str, Floats]) -> list[Any]:
    """Scenarios of the workbench from the values (draws,) of each uncertainty."""
    library = workbench()
    # What version 2 calls a scenario is a sample since version 3.
    kind = library.Sample if hasattr(library, "Sample") else library.Scenario
    rows = zip(*(column.tolist() for column in values.values()), strict=True)
    return [kind(f"future_{number}", **dict(zip(values, row, strict=True))) for number, row in enumerate(rows)]


class Future:
    """One future of a package: `future(**parameters)` gives its outcomes by name. Can be sent to other processes.

    `varied` holds the parameters that it takes, by `spelled` id. `driver` is 'jax', compiled when it is first called in
    a process, or 'numpy', which starts at once and takes hundreds of times as long.
    """

    def __init__(
        self,
        package: Package,
        outcomes: Sequence[str] = (LEAD,),
        at: Month = DEFAULT_HORIZON,
        settings: Sequence[Setting] = (),
        known: Registry | None = None,
        driver: str = "jax",
    ) -> None:
        if driver not in PRECISION:
            raise InputError(f"unknown driver {driver!r}; accepted: {', '.join(PRECISION)}")
        self.package, self.driver, self.asked = package, driver, (tuple(outcomes), at)
        self.outcomes = parsed(*self.asked)
        self.known = known or calibrated()
        self.varied = varied(self.known)
        self.outputs, last = needed(self.outcomes)
        self.dates = tuple(sorted({str(each.date) for each in self.outcomes}))
        grid = Grid(horizon=max(last, FIRST_CHANGE))
        self.months = grid.labels
        self.rows = np.array([self.months.index(date) for date in self.dates])
        self.inputs = model_inputs(self.known, package, settings, grid, PRECISION[driver])
        self.middle = np.median(drawn(self.known, CHUNK), axis=1)
        self._run: Callable[[Floats], dict[str, Any]] | None = None

    def __call__(self, **values: float) -> dict[str, float]:
        """Outcomes by their spelled names, not a number where this future has none. Raises InputError if unknown."""
        column = self.middle.copy()
        for name, value in values.items():
            if name not in self.varied:
                raise unknown("parameter", name, self.varied)
            column[self.varied[name].axis] = value
        run = self._run = self._run or self._ready()
        found: dict[str, NDArray[np.floating[Any]]] = {}
        for name, pieces in run(column).items():
            found[name] = np.empty((len(self.dates), len(OUTPUTS[name].kinds), 1))
            place(pieces, found[name])
        ensemble = Ensemble(self.package, self.dates, self.months, found, {}, failed=0)
        return {spelled(each.name): float(each.of(ensemble)[0]) for each in self.outcomes}

    def _ready(self) -> Callable[[Floats], dict[str, Any]]:
        """What computes a column of parameters (axes,) in this process."""
        run: Callable[..., Any]
        if self.driver == "numpy":
            run = simulator(self.known, "numpy", outputs=self.outputs)
            return lambda column: run(assemble(by_name(self.known, iter(column[:, None]))), self.inputs, self.rows)[0]
        check_not_forked()
        import jax

        run = simulator(self.known, "jax", outputs=self.outputs)
        # There once, and not handed over with every future.
        inputs, rows = jax.device_put((self.inputs, self.rows))
        return lambda column: run(column[:, None].astype(np.float32), inputs, rows)[0]

    def __getstate__(self) -> dict[str, Any]:
        # What reads an outcome, and what is compiled, is made anew in the other process.
        return self.__dict__ | {"outcomes": (), "_run": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.outcomes = parsed(*self.asked)


def varied(known: Registry) -> dict[str, Varied]:
    """The parameters that differ between futures, by their spelled ids."""
    low, middle, high = np.percentile(drawn(known, CHUNK), PERCENTILES, axis=1)
    return {
        spelled(each.id): Varied(axis, float(low[axis]), float(middle[axis]), float(high[axis]))
        for axis, each in enumerate(in_order(known))
        if low[axis] < high[axis]
    }


def drawn(known: Registry, draws: int, seed: int = 0) -> Floats:
    """Every parameter in the futures that a seed draws, in double precision. Shape: (axes of the design, draws)."""
    named = draw(known, draws, seed)
    values = [(named[f"{each.mechanism}.{each.name}"], each.bloc) for each in in_order(known)]
    return np.stack([rows if bloc is None else rows[BLOCS.index(bloc)] for rows, bloc in values])


def spelled(name: str) -> str:
    """A name as an identifier, as the workbench wants it: lead_months[released] is lead_months__released."""
    return re.sub(r"\W+", "__", name.replace("-", "_")).strip("_")


def check_not_forked() -> None:
    """Raise InputError in a process that was forked from one with JAX: its threads are gone and it would hang."""
    forked = multiprocessing.parent_process() is not None and multiprocessing.get_start_method() == "fork"
    if forked and "jax" in sys.modules:
        raise InputError(
            "this process was forked from one that had loaded JAX, and would hang; accepted:"
            " multiprocessing.set_start_method('spawn', force=True) before the evaluator starts, or driver='numpy'"
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings of a library about what else might be installed, or about its own use of others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def workbench() -> Any:
    """The library. Raises InputError, with the way out, where it is missing."""
    try:
        with quiet():
            import ema_workbench
    except ImportError as error:
        raise InputError(MISSING) from error
    return ema_workbench

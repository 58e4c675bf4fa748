"""What `fourfronts bench` measures: a function a section, each run in a process of its own (`python -m` this module).

A fresh process has a peak of memory of its own and may be kept to one core. What is compiled goes to a folder that is
empty at first, so that the user's own neither helps nor changes.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from fourfronts.errors import InputError

TARGET_DRAWS = 100_000
"""The number of futures that the targets of the whole path are stated for."""

FRONTS = 2.0
"""What the whole model may take over the targets that were set for compute and intelligence alone."""

INTERACTIVE_DRAWS = 1000
RUN_DRAWS = 2000
"""Futures of a `fourfronts run` that is given no number."""

GIB = 2**30


@dataclass(frozen=True)
class Options:
    """How much to measure. `cache` is the folder in which the parts keep what they compile."""

    draws: int
    seed: int
    repeat: int
    cache: str


@dataclass(frozen=True)
class Entry:
    """One measured number. `minimum` and `median` are None where nothing could be measured; `note` says why."""

    name: str
    label: str
    unit: str
    minimum: float | None = None
    median: float | None = None
    repeats: int = 1
    target: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none or nothing was measured."""
        return None if self.target is None or self.minimum is None else self.minimum <= self.target


Measuring = Callable[[Options], list[Entry]]
Sections = Mapping[str, Sequence[Measuring]]


def entry(name: str, label: str, unit: str, values: Sequence[float], target: float | None = None) -> Entry:
    """Minimum and median of repeated measurements."""
    return Entry(name, label, unit, min(values), median(values), len(values), target)


def timed(function: Callable[[], object], repeats: int, per: float = 1.0) -> list[float]:
    """Seconds that each of `repeats` calls took, over `per`."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        taken.append((time.perf_counter() - began) / per)
    return taken


def ready(values: Any) -> Any:
    """JAX's arrays once they are computed; other values as they are."""
    import jax

    return jax.block_until_ready(values)  # type: ignore[no-untyped-call]


def ensemble(options: Options) -> list[Entry]:
    """The whole path of a large ensemble: draws, model and lead; then the model on draws already in memory."""
    from fourfronts.inference.outputs import OUTPUTS
    from fourfronts.model.world import AS_SHIPPED

    found = _large(options, {"mechanisms": AS_SHIPPED, "outputs": OUTPUTS}, FRONTS)
    alone = entry("model_alone", "model and lead, draws in memory", "s", timed(_model_alone(options), options.repeat))
    return [found[0], alone, *found[1:]]


def spine(options: Options) -> list[Entry]:
    """The same path with compute and intelligence alone, for which the first targets were set."""
    from fourfronts.cli.bench_spine import MECHANISMS_ALONE, OUTPUTS_ALONE

    return _large(options, {"mechanisms": MECHANISMS_ALONE, "outputs": OUTPUTS_ALONE}, 1.0, "spine_", ", alone")


def compiling(options: Options) -> list[Entry]:
    """What compiling costs, in a process of its own: the others find what is compiled, as all but the first run do."""
    from fourfronts.inference.outputs import OUTPUTS
    from fourfronts.model.world import AS_SHIPPED

    return _compiling(options, {"mechanisms": AS_SHIPPED, "outputs": OUTPUTS})


def spine_compiling(options: Options) -> list[Entry]:
    """The same with compute and intelligence alone."""
    from fourfronts.cli.bench_spine import MECHANISMS_ALONE, OUTPUTS_ALONE

    return _compiling(options, {"mechanisms": MECHANISMS_ALONE, "outputs": OUTPUTS_ALONE}, "spine_", ", alone")


def _compiling(options: Options, what: dict[str, Any], prefix: str = "", suffix: str = "") -> list[Entry]:
    from fourfronts.analysis import ensemble as room

    # Enough for both ways of keeping futures, month by month and at the reported dates.
    few = min(options.draws, room.MONTHLY_FUTURES + room.CHUNK)
    first, again = timed(lambda: room.run_ensemble(["drift"], draws=few, seed=options.seed, **what), 2)
    return [
        entry(f"{prefix}compiling", f"compiling, once per installation{suffix}", "s", [max(first - again, 0.0)]),
        entry(f"{prefix}compiling_memory", f"most memory meanwhile{suffix}", "GiB", [peak_memory() / GIB]),
    ]


def _large(options: Options, what: dict[str, Any], times: float, prefix: str = "", suffix: str = "") -> list[Entry]:
    """A large ensemble of `what`, against `times` the targets of compute and intelligence alone."""
    from fourfronts.analysis import ensemble as room

    def whole(count: int) -> None:
        room.run_ensemble(["drift"], draws=count, seed=options.seed, **what)

    draws = options.draws
    whole(min(draws, room.MONTHLY_FUTURES + room.CHUNK))
    path = timed(lambda: whole(draws), options.repeat)
    peak = peak_memory() / GIB
    limit = draws == TARGET_DRAWS
    return [
        entry(f"{prefix}whole_path", f"draws, model and lead{suffix}", "s", path, times * 2.0 if limit else None),
        entry(f"{prefix}peak_memory", f"peak memory{suffix}", "GiB", [peak], times * 1.0 if limit else None),
    ]


def _model_alone(options: Options) -> Callable[[], object]:
    """A function that computes every future at the reported dates, given draws and threads that are already there."""
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    from fourfronts.analysis import ensemble as room
    from fourfronts.inference.stages import cores

    inputs, known, grid = _drift(np.float32)
    given = [room.drawn(known, options.seed, "jax", number) for number in range(-(-options.draws // room.CHUNK))]
    rows = np.array([grid.labels.index(date) for date in room.reported_dates(grid)])
    compiled, pool = room.simulator(known, "jax"), ThreadPoolExecutor(room.THREADS * cores())

    def simulate(parameters: Any) -> None:
        for pieces in compiled(parameters, inputs, rows)[0].values():
            for piece in pieces:
                np.asarray(piece)

    simulate(given[0])
    return lambda: list(pool.map(simulate, given))


def _drift(dtype: Any) -> tuple[Any, Any, Any]:
    """Inputs of the policy as it stands, the registry and the grid."""
    from fourfronts.inference.posterior import calibrated
    from fourfronts.inference.simulation import model_inputs
    from fourfronts.policy.grid import Grid
    from fourfronts.policy.loader import package

    grid, known = Grid(), calibrated()
    return model_inputs(known, package("drift"), (), grid, dtype), known, grid


def peak_memory() -> int:
    """Largest resident memory of this process so far, bytes."""
    # Linux counts in KiB, macOS in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def interactive(options: Options) -> list[Entry]:
    """A thousand futures in a process that has run before, as a slider asks for."""
    from fourfronts.analysis.headline import headline
    from fourfronts.inference.outputs import OUTPUTS

    return [
        entry(
            "interactive",
            "headline and fronts, every month",
            "ms",
            _thousand(options, {"outputs": headline()}),
            FRONTS * 30.0,
        ),
        entry("interactive_all", "every output, every month", "ms", _thousand(options, {"outputs": OUTPUTS})),
    ]


def spine_interactive(options: Options) -> list[Entry]:
    """The same with compute and intelligence alone."""
    from fourfronts.cli.bench_spine import HEADLINE_ALONE, MECHANISMS_ALONE

    what = {"mechanisms": MECHANISMS_ALONE, "outputs": HEADLINE_ALONE}
    at_dates, by_month = _thousand(options, what | {"monthly": 0}), _thousand(options, what)
    return [
        entry("spine_interactive", "1,000 futures, headline at its dates", "ms", at_dates, 30.0),
        entry("spine_interactive_monthly", "1,000 futures, headline, every month", "ms", by_month),
    ]


def _thousand(options: Options, what: dict[str, Any]) -> list[float]:
    """Milliseconds that a thousand futures of `what` take."""
    from fourfronts.analysis.ensemble import run_ensemble

    def run() -> None:
        run_ensemble(["drift"], draws=INTERACTIVE_DRAWS, seed=options.seed, **what)

    run()
    return timed(run, 8 * options.repeat, per=1e-3)


def drivers(options: Options) -> list[Entry]:
    """The model's months alone by each driver and precision, one chunk of draws after another."""
    import jax
    import numpy as np

    from fourfronts.analysis.ensemble import CHUNK
    from fourfronts.inference.draws import assemble, draw
    from fourfronts.inference.outputs import OUTPUTS, observe
    from fourfronts.model import driver_jax, driver_numpy

    def months(driver: Any) -> Callable[[Any, Any], Any]:
        return lambda parameters, inputs: driver.simulate(
            parameters, inputs, lambda outputs: observe(parameters, OUTPUTS, outputs)
        )

    found: list[Entry] = []
    for name, driver, dtype in (
        ("jax_float32", driver_jax, np.float32),
        ("jax_float64", driver_jax, np.float64),
        ("numpy_float32", driver_numpy, np.float32),
        ("numpy_float64", driver_numpy, np.float64),
    ):
        inputs, known, _ = _drift(dtype)
        count = min(options.draws, 8 * CHUNK)
        starts = range(0, count, CHUNK)
        given = [assemble(draw(known, CHUNK, options.seed, start), dtype) for start in starts]
        run = jax.jit(months(driver)) if driver is driver_jax else months(driver)

        def everything(run: Any = run, given: Any = given, inputs: Any = inputs) -> None:
            for parameters in given:
                ready(run(parameters, inputs))

        with jax.enable_x64(dtype is np.float64):
            everything()
            taken = timed(everything, options.repeat, per=1e-6 * len(given) * CHUNK)
        label = f"{'JAX' if driver is driver_jax else 'NumPy'}, {np.dtype(dtype).name}"
        measured = entry(name, label, "us/future", taken)
        found.append(replace(measured, note=_times(measured, found[0], "JAX float32") if found else ""))
    return found


def _times(this: Entry, other: Entry, what: str) -> str:
    return f"{(this.minimum or 0) / (other.minimum or 1):.3g} x {what}"


def kernel_one_core(options: Options) -> list[Entry]:
    """One mechanism by JAX and by hand in C, on one core."""
    if not hasattr(os, "sched_setaffinity"):
        return [Entry("kernel_one_core", "one core", "ratio", note="this system keeps no process to one core")]
    # Before JAX starts its threads, so that it has one as well.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    return _kernel(options, "one_core", "one core")


def kernel_all_cores(options: Options) -> list[Entry]:
    """One mechanism by JAX and by hand in C, on all cores."""
    return _kernel(options, "all_cores", "all cores")


def _kernel(options: Options, name: str, where: str) -> list[Entry]:
    from fourfronts.cli.bench_kernel import NoLimitError, compared

    try:
        taken = compared(min(options.draws, 2**14), options.seed, 2 * options.repeat)
    except NoLimitError as reason:
        return [Entry(f"kernel_{name}", f"JAX over C, {where}", "ratio", target=1.5, note=str(reason))]
    jax, c = ([1e6 * each for each in taken[key]] for key in ("jax", "c"))
    return [
        entry(f"kernel_jax_{name}", f"JAX, {where}", "us/future", jax),
        entry(f"kernel_c_{name}", f"C, {where}", "us/future", c),
        entry(f"kernel_{name}", f"JAX over C, {where}", "ratio", [min(jax) / min(c)], 1.5),
    ]


def startup(options: Options) -> list[Entry]:
    """From the shell's prompt to the answer, in new processes; the first run compiles and the later ones read it."""
    draws = str(min(options.draws, RUN_DRAWS))
    loading = "from fourfronts.evidence.loader import load; load()"
    with TemporaryDirectory(prefix="fourfronts-") as folder:
        run = ["-m", "fourfronts", "run", "--draws", draws, "--out", f"{folder}/out"]
        first = timed(lambda: python(run, folder), 1)
        later = timed(lambda: python(run, folder), options.repeat)
    doors = timed(lambda: python(["-m", "fourfronts", "--help"], options.cache), 4 * options.repeat)
    evidence = timed(lambda: python(["-c", loading], options.cache), options.repeat)
    return [
        entry("help", "fourfronts --help", "s", doors, 0.3),
        entry("first_run", f"first fourfronts run, {draws} futures a package", "s", first, FRONTS * 20.0),
        entry("later_run", "later ones", "s", later, FRONTS * 8.0),
        entry("evidence", "Python and the evidence loaded", "s", evidence),
    ]


def gradient(options: Options) -> list[Entry]:
    """Slopes of the log density that calibration draws from, one future, in double precision.

    Compiled in haste, which takes a minute and not several. `calibrate` does otherwise, and runs two to three times as
    fast.
    """
    import jax

    from fourfronts.evidence.loader import EVIDENCE_CUTOFF, load
    from fourfronts.inference.calibration import Problem, double_precision
    from fourfronts.inference.compilation import HASTY
    from fourfronts.inference.parameters import registry

    with double_precision():
        problem = Problem(registry(), load(), EVIDENCE_CUTOFF, options.seed)

        def density(scores: Any, told: Any) -> Any:
            return problem.target.log_density(scores, told).sum()

        slopes = jax.jit(jax.grad(density), compiler_options=HASTY)
        scores = jax.numpy.zeros((len(problem.target.names), 1))
        ready(slopes(scores, problem.told))
        taken = [1e3 * each for each in timed(lambda: ready(slopes(scores, problem.told)), 10 * options.repeat)]
    return [
        entry("gradient", f"log density of {problem.observed.count} figures, {len(scores)} scores", "ms", taken, 15.0)
    ]


SECTIONS: Sections = {
    "ensemble": (compiling, ensemble),
    "interactive": (interactive,),
    "spine": (spine_compiling, spine, spine_interactive),
    "drivers": (drivers,),
    "kernel": (kernel_one_core, kernel_all_cores),
    "startup": (startup,),
    "gradient": (gradient,),
}


def python(arguments: Sequence[str], cache: str) -> str:
    """What a new Python prints, whose compiled code is kept in `cache`. Raises InputError with its last words."""
    environment = os.environ | {"XDG_CACHE_HOME": cache}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode in (-signal.SIGINT, 128 + signal.SIGINT):
        raise KeyboardInterrupt
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no word"]
        raise InputError(f"{' '.join(arguments[:3])} ended with code {done.returncode}: {last[0]}")
    return done.stdout


def measure(functions: Sequence[Measuring], options: Options, kind: Callable[..., Entry] = Entry) -> list[Entry]:
    """The numbers of some functions, each in a new process, as entries of a `kind`."""
    found, asked = [], json.dumps(asdict(options))
    for function in functions:
        printed = python(["-m", function.__module__, function.__name__, asked], options.cache)
        found += [kind(**each) for each in json.loads(printed)]
    return found


def main(sections: Sections, name: str, asked: str) -> None:
    """Run the measuring function called `name`, as `measure` asks for, and print its numbers as JSON."""
    function = next(each for functions in sections.values() for each in functions if each.__name__ == name)
    sys.stdout.write(json.dumps([asdict(each) for each in function(Options(**json.loads(asked)))]))


if __name__ == "__main__":
    main(SECTIONS, *sys.argv[1:])

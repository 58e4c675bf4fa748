"""What `fourfronts bench --peers` measures: the same futures by this engine and by others, results compared.

EMA Workbench and PySD are optional. Where one is missing its numbers say how to install it; the others are measured.
"""

import multiprocessing
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from fourfronts.cli.bench_measures import Entry, Options, Sections, main, timed

RING30_DRAWS, EMA_DRAWS, PYSD_DRAWS, UNCOMPILED_DRAWS = 10_000, 1_000, 200, 16
"""Futures of each at most: the first of the same draws. What takes long is given fewer."""

PROCESSES = 2
FRONTS = ("intelligence", "adoption", "distribution", "resilience")
"""What the whole model is asked for: its margin on each front."""

NEEDED = {"ema_workbench": "EMA Workbench", "pysd": "PySD"}
FILES = Path(__file__).resolve().parents[3] / "benchmarks"
"""Beside the package in a checkout of the repository; an installed wheel has no such folder."""

EXACT, SINGLE = 1e-9, 1e-3
"""Largest differences at which two are taken to compute the same, in double and in single precision."""

SMALL = 0.01
"""Numbers below this share of the largest are compared as if they were of that size: some pass through zero."""

HEADING = f"{'futures':>8}{'seconds':>9}{'µs/future':>11}{'× ours':>9}{'apart':>9}"


@dataclass(frozen=True)
class Peer(Entry):
    """One engine on some futures: `minimum` and `median` are microseconds a future, but for what is done once.

    `seconds` is the fastest repeat, `slower` how many times the microseconds of ours, `difference` the largest
    difference to our results, relative as `apart` has it.
    """

    futures: int | None = None
    seconds: float | None = None
    slower: float | None = None
    difference: float | None = None


def peer(name: str, label: str, futures: int, taken: Sequence[float], note: str = "") -> Peer:
    """An engine's numbers from the seconds that each repeat took."""
    each = [1e6 * seconds / futures for seconds in taken]
    middle = median(each)
    return Peer(name, label, "us/future", min(each), middle, len(each), note=note, futures=futures, seconds=min(taken))


def agreeing(found: Peer, difference: float, most: float) -> Peer:
    """The same with its difference to our results; without numbers where that is more than it may be."""
    if not difference <= most:
        return Peer(found.name, found.label, found.unit, note=f"differs by {difference:.0e}, more than {most:.0e}")
    return replace(found, difference=difference)


def beside(found: Peer, ours: Peer) -> Peer:
    """The same with how many times slower it is than ours."""
    if found.futures is None or found.minimum is None or not ours.minimum:
        return found
    return replace(found, slower=found.minimum / ours.minimum)


def apart(found: Any, wanted: Any) -> float:
    """Largest difference of two arrays relative to what is wanted, or to SMALL of its largest where that is more.

    Numbers that are not finite in both are the same; in one alone they are infinitely far apart.
    """
    import numpy as np

    found, wanted = np.asarray(found, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    known = np.isfinite(wanted)
    if found.shape != wanted.shape or (np.isfinite(found) != known).any():
        return float("inf")
    size = np.maximum(np.abs(wanted), SMALL * np.abs(wanted[known]).max(initial=0.0))
    gap = np.abs(found - wanted)[known & (found != wanted)]
    return float((gap / size[known & (found != wanted)]).max(initial=0.0))


def missing(module: str) -> str:
    """Why an engine cannot be measured, empty where it can."""
    if find_spec(module) is None:
        return f"needs {NEEDED[module]}; install with: pip install 'fourfronts[peers]'"
    return "" if FILES.is_dir() or module != "pysd" else "no benchmarks folder: installed from a wheel, not a checkout"


def absent(module: str, *named: tuple[str, str]) -> list[Peer]:
    """Entries (name, label) without numbers, for an engine that cannot be measured."""
    return [Peer(name, label, "us/future", note=missing(module)) for name, label in named]


def ring30(options: Options) -> list[Entry]:
    """ring30 by this engine and NumPy, through EMA Workbench and through PySD."""
    import numpy as np

    from fourfronts.cli import bench_ring30 as ring

    growth, move, check = ring.CHECK
    given = ring.draws(min(options.draws, RING30_DRAWS), options.seed)
    exact = ring.by_jax(np.float64)
    results = ring.on_every_core(exact, given)
    engines = (
        ("ring30_float64", "this engine, float64", exact, EXACT),
        ("ring30_float32", "this engine, float32", ring.by_jax(np.float32), SINGLE),
        ("ring30_numpy", "NumPy, same chunks and threads", ring.by_numpy, EXACT),
    )
    found = []
    for name, label, run, most in engines:
        far = apart(ring.on_every_core(run, given), results)
        taken = timed(partial(ring.on_every_core, run, given), options.repeat)
        reached = abs(float(run(np.array([[growth], [move]]))[-1, 0]) / check - 1.0)
        note = f"check value to {reached:.0e}" if reached else "check value exact"
        measured = peer(name, label, given.shape[1], taken, note)
        found.append(agreeing(measured, far, most))
    # The bar of this measurement: no more than twice what NumPy takes.
    ours = found[0] = replace(found[0], target=2 * (found[2].minimum or 0.0), difference=None)

    few, last = given[:, :EMA_DRAWS], f"stock {ring.STOCKS}"
    found += ring30_by_ema(few, results[:, : few.shape[1]], options.repeat)
    few = given[:, :PYSD_DRAWS]
    wanted = results[None, :, : few.shape[1]]
    found += by_pysd("ring30", ("growth rate", "move rate"), few, [last], wanted, options.repeat)
    return [beside(each, ours) for each in found]


def ring30_by_ema(given: Any, wanted: Any, repeat: int) -> list[Peer]:
    """ring30 through EMA Workbench: draws (2, futures), our results (steps, futures)."""
    named = ("ring30_ema_sequential", "EMA, sequential"), ("ring30_ema_processes", f"EMA, {PROCESSES} processes")
    if missing("ema_workbench"):
        return absent("ema_workbench", *named)
    return by_ema(named, *ring30_for_ema(given), {"last": wanted.T}, EXACT, repeat)


def ring30_for_ema(given: Any) -> tuple[Any, list[Any]]:
    """ring30 wrapped as an EMA model, and draws (2, futures) as its scenarios."""
    from fourfronts.analysis import ema
    from fourfronts.cli import bench_ring30 as ring

    library = ema.workbench()
    model = library.Model("ring30", function=ring.one)
    ranges = {"growth": ring.GROWTH, "move": ring.MOVE}
    model.uncertainties = [library.RealParameter(name, *limits) for name, limits in ranges.items()]
    model.outcomes = [library.ArrayOutcome("last")]
    return model, ema.as_scenarios(dict(zip(ranges, given, strict=True)))


def ema(options: Options) -> list[Entry]:
    """The whole model as EMA Workbench calls it, a future at a time, beside `run_ensemble` on the same futures."""
    import numpy as np

    from fourfronts.analysis import ema as wrapper
    from fourfronts.analysis.ensemble import CHUNK, run_ensemble
    from fourfronts.analysis.explain.outcome import needed, outcomes
    from fourfronts.inference.posterior import calibrated

    known, asked, count = calibrated(), outcomes(FRONTS), min(options.draws, EMA_DRAWS)
    values = np.pad(wrapper.drawn(known, count, options.seed), ((0, 0), (0, -count % CHUNK)), mode="edge")

    def ours(draws: int, driver: str) -> dict[str, Any]:
        ensemble = run_ensemble(
            ["drift"],
            draws=draws,
            driver=driver,
            parameters=known,
            outputs=needed(asked)[0],
            monthly=0,
            points=lambda number: values[:, number * CHUNK : (number + 1) * CHUNK],
        )["drift"]
        return {wrapper.spelled(each.name): each.of(ensemble) for each in asked}

    wanted = ours(count, "jax")
    first = peer("ema_ours", "this engine, float32", count, timed(partial(ours, count, "jax"), options.repeat))
    named = (
        ("ema_sequential", "EMA, sequential"),
        ("ema_processes", f"EMA, {PROCESSES} processes"),
        ("ema_uncompiled", "EMA, sequential, NumPy driver"),
    )
    if missing("ema_workbench"):
        return [beside(each, first) for each in (first, *absent("ema_workbench", *named))]
    few, scenarios = min(count, UNCOMPILED_DRAWS), wrapper.scenarios(count, options.seed, known)
    model = partial(wrapper.model, "drift", FRONTS, parameters=known)
    found = [
        *by_ema(named[:2], model(), scenarios, wanted, SINGLE, options.repeat),
        *by_ema(named[2:], model(driver="numpy"), scenarios[:few], ours(few, "numpy"), EXACT, 1),
    ]
    return [beside(each, first) for each in (first, *found)]


def by_ema(
    named: Sequence[tuple[str, str]],
    model: Any,
    scenarios: Sequence[Any],
    wanted: Mapping[str, Any],
    most: float,
    repeat: int,
) -> list[Peer]:
    """An EMA model on scenarios, in one process and, where two entries are `named`, in PROCESSES of them.

    `wanted` are our results by outcome, futures first. Compiling and starting processes is not part of the time: a
    first pass, which is not counted, does both.
    """
    from fourfronts.analysis.ema import quiet, workbench

    library = workbench()
    evaluators = (library.SequentialEvaluator, partial(library.MultiprocessingEvaluator, n_processes=PROCESSES))
    found = []
    for (name, label), evaluator in zip(named, evaluators, strict=False):
        results: dict[str, Any] = {}
        with quiet(), spawned(), evaluator(model) as running:
            run = partial(_perform, running, scenarios, results)
            (first,) = timed(run, 1)
            measured = peer(name, label, len(scenarios), timed(run, repeat), f"first pass {first:.1f} s")
        far = max(apart(results[outcome], values) for outcome, values in wanted.items())
        found.append(agreeing(measured, far, most))
    return found


def _perform(running: Any, scenarios: Sequence[Any], results: dict[str, Any]) -> None:
    results.update(running.perform_experiments(scenarios=scenarios)[1])


@contextmanager
def spawned() -> Iterator[None]:
    """New processes start afresh: forked ones would inherit JAX without its threads, and hang."""
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method("spawn", force=True)
    try:
        yield
    finally:
        multiprocessing.set_start_method(before, force=True)


def stocks(options: Options) -> list[Entry]:
    """The PRC's compute by channel, by this engine and through PySD."""
    from fourfronts.cli import bench_stocks as chips
    from fourfronts.cli.bench_ring30 import on_every_core

    given, run = chips.draws(min(options.draws, RING30_DRAWS), options.seed), chips.by_jax()
    wanted = on_every_core(run, given)
    taken = timed(lambda: on_every_core(run, given), options.repeat)
    ours = peer("stocks_float64", "this engine, float64", given.shape[1], taken)
    few = given[:, :PYSD_DRAWS]
    by_stock = wanted.swapaxes(0, 1)[..., : few.shape[1]]
    found = by_pysd("stocks", tuple(chips.RANGES), few, list(chips.START), by_stock, options.repeat)
    return [beside(each, ours) for each in (ours, *found)]


def by_pysd(
    model: str, names: Sequence[str], given: Any, columns: Sequence[str], wanted: Any, repeat: int
) -> list[Peer]:
    """A Vensim model through PySD: translated once, then run for each future.

    Shapes: `given` (names, futures), our results `wanted` (columns, steps, futures), without the start.
    """
    named = (f"{model}_pysd_translation", f"PySD, translating {model}.mdl"), (f"{model}_pysd", "PySD, running it")
    if missing("pysd"):
        return absent("pysd", *named)
    import numpy as np

    from fourfronts.analysis.ema import quiet

    with quiet(), TemporaryDirectory(prefix="fourfronts-") as folder:
        import pysd

        # The translation is written beside the file.
        file = shutil.copy(FILES / f"{model}.mdl", folder)
        translated: list[Any] = []
        (once,) = timed(lambda: translated.append(pysd.read_vensim(file)), 1)
        results: list[Any] = []

        def run() -> None:
            results[:] = [
                translated[0].run(params=dict(zip(names, each, strict=True)), return_columns=columns)
                for each in given.T.tolist()
            ]

        measured = peer(*named[1], given.shape[1], timed(run, repeat))
    found = np.stack([each[columns].to_numpy()[1:].T for each in results], axis=-1)
    far = max(map(apart, found, wanted))
    return [Peer(*named[0], "s", once, once, seconds=once), agreeing(measured, far, EXACT)]


PEERS: Sections = {"ring30": (ring30,), "ema": (ema,), "stocks": (stocks,)}


if __name__ == "__main__":
    main(PEERS, *sys.argv[1:])

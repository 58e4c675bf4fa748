"""The limit that `fourfronts bench` measures the model against: one mechanism by hand in C, and alone under JAX."""

import ctypes
import os
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import CHUNK
from fourfronts.cli.bench_measures import ready
from fourfronts.inference.draws import assemble, draw
from fourfronts.inference.posterior import calibrated
from fourfronts.inference.simulation import model_inputs
from fourfronts.inference.stages import cores
from fourfronts.model import intelligence, world
from fourfronts.model.blocs import BLOCS
from fourfronts.model.levers import Levers
from fourfronts.policy.grid import Grid
from fourfronts.policy.loader import package

SOURCE = Path(__file__).resolve().parents[3] / "benchmarks" / "intelligence.c"
"""Beside the package in a checkout of the repository; an installed wheel has no such file."""

FLAGS = ("-O3", "-ffast-math", "-fPIC")
NATIVE = ("-march=native",)
WIDE = ("-mprefer-vector-width=512",)

AGREEMENT = 1e-4
"""Largest difference, relative to the frontier, at which the two are taken to compute the same."""

Floats = NDArray[np.float32]
Kernel = Callable[["Case"], tuple[Any, Any]]
"""Capability and released capability of a case's futures, each (months, bloc, draws) ECI."""


class NoLimitError(Exception):
    """There is nothing to compare with; the message says why."""


@dataclass(frozen=True)
class Case:
    """What the mechanism starts from and is driven by, for CHUNK futures; JAX arrays except `inputs`."""

    parameters: intelligence.Parameters
    start: intelligence.State
    usable: Any  # (months, bloc, draws) H100e
    inputs: world.Inputs

    @cached_property
    def packed(self) -> tuple[Floats, ...]:
        """The same as the C function takes it: all parameters one array, all parts of the state another."""
        records = [np.concatenate([np.atleast_2d(values) for values in each]) for each in (self.parameters, self.start)]
        levers = np.ascontiguousarray(np.stack(self.inputs.levers, axis=1))
        driven = self.inputs
        return (*records, levers, driven.time, driven.since_start, driven.years, np.asarray(self.usable))


def compared(draws: int, seed: int, repeats: int) -> dict[str, list[float]]:
    """Seconds a future takes by 'jax' and by 'c', `repeats` times each, on every core this process may use.

    Raises NoLimitError where there is nothing to compare with, and where the two do not agree.
    """
    compiler = c_compiler()
    given = cases(draws, seed)
    with TemporaryDirectory(prefix="fourfronts-") as folder, ThreadPoolExecutor(cores()) as pool:
        kernels = {"jax": jax_kernel(), "c": c_kernel(compiler, Path(folder), given[0])}
        apart = max(difference(kernels["c"](case), kernels["jax"](case)) for case in given)
        if not apart <= AGREEMENT:
            raise NoLimitError(f"C and JAX differ by {apart:.1e}, more than {AGREEMENT:.0e}")
        taken: dict[str, list[float]] = {name: [] for name in kernels}
        for _ in range(repeats):
            for name, kernel in kernels.items():
                began = time.perf_counter()
                list(pool.map(lambda case, kernel=kernel: kernel(case) is None, given))
                taken[name].append((time.perf_counter() - began) / (len(given) * CHUNK))
    return taken


def cases(draws: int, seed: int) -> list[Case]:
    """At least `draws` futures of the policy as it stands, in chunks, with usable compute as the whole model has it."""
    import jax

    from fourfronts.inference.compilation import remember_compilations
    from fourfronts.model import driver_jax

    remember_compilations()
    grid, known = Grid(), calibrated()
    inputs = model_inputs(known, package("drift"), (), grid, np.float32)
    first = jax.tree.map(lambda column: column[0], inputs)

    @jax.jit
    def prepared(parameters: world.Parameters) -> tuple[Any, Any, Any]:
        usable = driver_jax.simulate(parameters, inputs, lambda outputs: outputs.usable[0])
        return parameters.intelligence, world.start(parameters, first).intelligence, usable

    made = []
    for first_draw in range(0, draws, CHUNK):
        parameters = assemble(draw(known, CHUNK, seed, first_draw), np.float32)
        mechanism, start, usable = prepared(parameters)
        made.append(Case(mechanism, start, usable, inputs))
    return made


def jax_kernel() -> Kernel:
    """The mechanism alone as the model has it, compiled as the model is."""
    import jax

    from fourfronts.inference.compilation import OPTIONS

    def months(p: Any, start: Any, usable: Any, inputs: world.Inputs) -> Any:
        def month(state: Any, now: tuple[Any, world.Inputs]) -> tuple[Any, Any]:
            compute, driven = now
            times = (driven.time, driven.since_start, driven.years)
            # Where researchers go is another mechanism's result; here nobody moves.
            state, _ = intelligence.step(p, state, driven.levers, compute, jax.numpy.zeros_like(compute), *times)
            return state, (state.capability, state.released)

        return jax.lax.scan(month, start, (usable, inputs))[1]

    compiled = jax.jit(months, compiler_options=OPTIONS)
    return lambda case: ready(compiled(case.parameters, case.start, case.usable, case.inputs))


def c_compiler() -> list[str]:
    """The command of the system's C compiler. Raises NoLimitError where there is none, or nothing to compile."""
    if not SOURCE.is_file():
        raise NoLimitError("no benchmarks folder: installed from a wheel, not a checkout")
    named = shlex.split(os.environ.get("CC", ""))
    found = [path for path in map(shutil.which, named[:1] or ("cc", "gcc", "clang")) if path]
    if not found:
        raise NoLimitError("no C compiler: neither $CC nor cc, gcc, clang on the path")
    return [found[0], *named[1:]]


def c_kernel(compiler: list[str], folder: Path, example: Case) -> Kernel:
    """The mechanism in C, compiled into `folder`. Raises NoLimitError where the compiler fails."""
    function = _compiled(compiler, folder, example)
    array = np.ctypeslib.ndpointer(dtype=np.float32, flags="C_CONTIGUOUS")
    function.argtypes, function.restype = [ctypes.c_long, ctypes.c_long, *[array] * 9], None

    mine = threading.local()

    def run(case: Case) -> tuple[Floats, Floats]:
        months, _, draws = case.usable.shape
        # As C would: one place for results a thread, written over by the next call.
        if not hasattr(mine, "results"):
            mine.results = [np.empty(case.usable.shape, dtype=np.float32) for _ in range(2)]
        function(draws, months, *case.packed, *mine.results)
        capability, released = mine.results
        return capability, released

    return run


def difference(found: tuple[Any, Any], wanted: tuple[Any, Any]) -> float:
    """Largest difference between two results over the month's frontier, because ECI passes through zero; or NaN."""
    return max(
        float((np.abs(np.asarray(a) - b) / np.abs(b).max(axis=1, keepdims=True)).max())
        for a, b in zip(found, map(np.asarray, wanted), strict=True)
    )


def _compiled(compiler: list[str], folder: Path, example: Case) -> Any:
    (folder / "names.h").write_text("\n".join(_names(example)) + "\n", encoding="ascii")
    unlinked, library = folder / "intelligence.o", folder / "intelligence.so"
    # Linked apart and without fast mathematics: else some compilers put code into the library that, on loading, makes
    # the whole process round its smallest numbers to zero.
    link = [*compiler, "-shared", str(unlinked), "-o", str(library), "-lm"]
    # Not every compiler knows every flag; with fewer the limit is a softer one.
    for flags in ((*FLAGS, *NATIVE, *WIDE), (*FLAGS, *NATIVE), FLAGS):
        compile_ = [*compiler, *flags, f"-I{folder}", "-c", str(SOURCE), "-o", str(unlinked)]
        for arguments in (compile_, link):
            done = subprocess.run(arguments, capture_output=True, text=True, check=False)  # noqa: S603
            if done.returncode != 0:
                break
        else:
            return ctypes.CDLL(str(library)).intelligence
    raise NoLimitError(f"{compiler[0]} does not compile {SOURCE.name}: {' '.join(done.stderr.split())[:200]}")


def _names(example: Case) -> Iterator[str]:
    """The C names of rows: those of the Python records, so that neither side can be reordered without the other."""
    for prefix, record in (("P", example.parameters), ("S", example.start)):
        row = 0
        for name, values in zip(record._fields, record, strict=True):
            yield f"#define {prefix}_{name} {row}"
            row += len(BLOCS) if values.ndim > 1 else 1
    yield from (f"#define L_{name} {column}" for column, name in enumerate(Levers._fields))
    yield f"#define LEVERS {len(Levers._fields)}"

"""ring30, a small nonlinear model that `fourfronts bench --peers` runs on every engine.

Thirty stocks in a ring, stock i begins at i. In a step each grows by g S (1 - S / 100) and hands l S² / (20 + S) on to
the next, 120 times. Kept is the last stock at every step.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

STOCKS, STEPS = 30, 120
CAPACITY, HALF = 100, 20
GROWTH, MOVE = (0.02, 0.04), (0.01, 0.03)
"""Ranges of g and l, both uniform."""

CHECK = (0.03, 0.02, 93.45082030248942)
"""g, l, and what the last stock then is at the end, on every engine that was ever tried in double precision."""

BEFORE = np.roll(np.arange(STOCKS), 1)
"""The stock that hands on to each."""

Precision = type[np.float32] | type[np.float64]
Floats = NDArray[np.floating[Any]]


def draws(count: int, seed: int) -> NDArray[np.float64]:
    """Values of g and l in `count` futures, the first the same however many. Shape: (2, count)."""
    low, high = np.array([GROWTH, MOVE]).T[:, :, None]
    return np.ascontiguousarray(low + (high - low) * np.random.default_rng(seed).random((count, 2)).T)


def step(xp: Any, stocks: Any, growth: Any, move: Any) -> Any:
    """One step, with the array library `xp`. Shapes: `stocks` (30, draws), `growth` and `move` (draws,)."""
    moving = move * stocks**2 / (HALF + stocks)
    return stocks + growth * stocks * (1 - stocks / CAPACITY) - moving + xp.roll(moving, 1, axis=0)


def by_numpy(given: Floats) -> Floats:
    """The last stock at every step, (120, draws), of `given` g and l, (2, draws): NumPy, all draws side by side."""
    growth, move = given
    stocks = np.arange(1.0, STOCKS + 1)[:, None] * np.ones_like(growth)
    kept = np.empty((STEPS, len(growth)), stocks.dtype)
    for number in range(STEPS):
        stocks = step(np, stocks, growth, move)
        kept[number] = stocks[-1]
    return kept


def by_jax(dtype: Precision) -> Callable[[Floats], Floats]:
    """The same as the model itself is computed: a compiled scan over steps, draws on the last axis."""
    import jax

    def steps(given: Any) -> Any:
        growth, move = given
        first = jax.numpy.arange(1, STOCKS + 1, dtype=dtype)[:, None] * jax.numpy.ones_like(growth)

        def one(stocks: Any, _: None) -> tuple[Any, Any]:
            after = step(jax.numpy, stocks, growth, move)
            return after, after[-1]

        return jax.lax.scan(one, first, None, length=STEPS)[1]

    return compiled(steps, dtype)


def compiled(function: Callable[[Any], Any], dtype: Precision) -> Callable[[Floats], Floats]:
    """A function of draws (parameters, draws) as JAX computes it with the model's own compiler options, in `dtype`."""
    import jax

    # Sets what the compiler reads from the environment, before it compiles anything.
    from fourfronts.inference.compilation import OPTIONS

    made = jax.jit(function, compiler_options=OPTIONS)

    def run(given: Floats) -> Floats:
        # What precision is meant is a setting of each thread.
        with jax.enable_x64(dtype is np.float64):
            return np.asarray(made(given.astype(dtype)))

    return run


def on_every_core(run: Callable[[Floats], Floats], given: Floats) -> Floats:
    """What `run` makes of draws (parameters, draws), draws last: in chunks and threads, as ensembles are computed."""
    from concurrent.futures import ThreadPoolExecutor

    from fourfronts.analysis.ensemble import CHUNK, THREADS
    from fourfronts.inference.stages import cores

    draws = given.shape[1]
    # Whole chunks, so that one compiled function does for all.
    whole = np.pad(given, ((0, 0), (0, -draws % CHUNK)), mode="edge")
    chunks = np.split(whole, whole.shape[1] // CHUNK, axis=1)
    with ThreadPoolExecutor(THREADS * cores()) as pool:
        return np.concatenate(list(pool.map(run, chunks)), axis=-1)[..., :draws]


def one(growth: float, move: float) -> dict[str, Floats]:
    """A single future as EMA Workbench asks for it: NumPy over the thirty stocks, faster than plain Python."""
    stocks, kept = np.arange(1.0, STOCKS + 1), np.empty(STEPS)
    for number in range(STEPS):
        moving = move * stocks**2 / (HALF + stocks)
        # Faster than np.roll, which thirty numbers are not worth.
        stocks = stocks + growth * stocks * (1 - stocks / CAPACITY) - moving + moving[BEFORE]
        kept[number] = stocks[-1]
    return {"last": kept}

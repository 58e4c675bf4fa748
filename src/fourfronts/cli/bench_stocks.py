"""The PRC's compute by channel as `fourfronts bench --peers` runs it beside PySD: the stocks alone, flows given.

The step is the model's own (`model/stocks.py`), for one bloc and in operations. What the other mechanisms would say,
how much is made, bought, diverted and rented, grows exponentially instead, through numbers of the size that the model
gives. Not from tables, which would be unfair to PySD: reading one takes it a millisecond.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.cli.bench_ring30 import compiled
from fourfronts.model import stocks

MONTHS = 108
YEARS = 1 / 12
"""Length of a step, year."""

FLOWS = {"domestic": (1e4, 0.65), "legal": (8e4, 0.0), "diverted": (1e3, 0.85)}
"""What joins each stock: H100e / year in January 2020, and the rate at which that grows, 1 / year."""

RENT_TARGET = (1e3, 0.8)
"""Compute that would be rented: H100e in January 2020, and its growth, 1 / year."""

START = {"domestic": 3e3, "legal": 3e3, "diverted": 0.0, "rented": 0.0, "retired": 0.0, "written off": 0.0}
"""H100e at the start, and the order in which stocks are kept."""

RANGES = {
    "retirement": (0.005, 0.06),
    "permanent failure": (0.025, 0.06),
    "rent adjustment time": (0.25, 2.0),
    "diversion": (0.0, 2.0),
}
"""What differs between futures, uniform: 1 / year, 1 / year, year, and a factor on what is diverted."""

Floats = NDArray[np.floating[Any]]


def draws(count: int, seed: int) -> NDArray[np.float64]:
    """The parameters of RANGES in `count` futures, the first the same however many. Shape: (4, count)."""
    low, high = np.array(list(RANGES.values())).T[:, :, None]
    return np.ascontiguousarray(low + (high - low) * np.random.default_rng(seed).random((count, len(RANGES))).T)


def growing(first: float, rate: float) -> NDArray[np.float64]:
    """What grows exponentially, at the start of every month, (months,)."""
    values: NDArray[np.float64] = first * np.exp(rate * np.arange(MONTHS) * YEARS)
    return values


def by_jax() -> Callable[[Floats], Floats]:
    """The stocks of START after every month, (months, stocks, draws), of draws (4, draws); float64."""
    import jax

    inflows = [growing(*each) for each in (*FLOWS.values(), RENT_TARGET)]

    def months(given: Any) -> Any:
        retirement, failure, adjustment, diversion = given
        nothing = jax.numpy.zeros_like(retirement)
        p = stocks.Parameters(retirement, failure, software_efficiency=None, bandwidth_kept=None)
        # One ledger, and one bloc.
        began = {name.replace(" ", "_"): (nothing + value)[None, None] for name, value in START.items()}
        began["rented"] = began["rented"][0]

        def month(state: stocks.State, now: Any) -> tuple[stocks.State, Any]:
            domestic, legal, diverted, target = (nothing + value for value in now)
            joining = (domestic[None, None], legal[None, None], (diverted * diversion)[None, None])
            after = stocks.step(p, state, joining, target[None], adjustment, YEARS)
            held = after._asdict()
            return after, jax.numpy.stack([held[name].reshape(-1) for name in began])

        return jax.lax.scan(month, stocks.State(**began), inflows)[1]

    return compiled(months, np.float64)

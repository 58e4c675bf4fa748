"""The last date on which a probability is still high enough, and how sure a count of futures makes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.policy.grid import Month

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

RESAMPLED = 2000
"""Times that the futures are drawn anew from themselves."""


@dataclass(frozen=True)
class LastDate:
    """When a probability was last at a threshold, in months from 2020-01, parts of months included.

    `at` is minus infinity where the probability never reaches the threshold and infinity where it is still there at the
    last date; `low` and `high` are its 90% interval from resampling futures, `never` and `always` how often resampled
    futures say so.
    """

    threshold: float
    at: float
    low: float
    high: float
    never: float
    always: float

    def as_json(self) -> dict[str, Any]:
        """Plain values, months as 'YYYY-MM', None where there is no such month."""
        places = {"at": self.at, "low": self.low, "high": self.high}
        return {
            "threshold": self.threshold,
            **{name: month(place) for name, place in places.items()},
            **{f"{name}_offset": place if np.isfinite(place) else None for name, place in places.items()},
            "reached": "never" if self.at == -np.inf else "always" if self.at == np.inf else "until",
            "never": self.never,
            "always": self.always,
        }


def month(place: float) -> str | None:
    """The month in which a number of months from 2020-01 falls, None where it is infinite."""
    if not np.isfinite(place):
        return None
    years, number = divmod(int(place), 12)
    return str(Month(2020 + years, number + 1))


def last_date(flags: Flags, dates: Sequence[Month], threshold: float, seed: int) -> LastDate:
    """The last date after which the share of true flags is under a threshold, interpolated between dates.

    `flags` (dates, futures), the futures the same at every date. The interval is a bootstrap over futures.
    """
    places = np.array([float(date.offset) for date in dates])
    # Futures that are alike at every date are counted, so that the work does not grow with their number.
    kinds, counts = np.unique(flags, axis=1, return_counts=True)
    total = int(counts.sum())
    drawn = np.random.default_rng(seed).multinomial(total, counts / total, size=RESAMPLED)
    shares = drawn @ kinds.T.astype(np.float64) / total
    found = np.array([crossing(row, places, threshold) for row in shares])
    low, high = np.quantile(found, (0.05, 0.95), method="nearest")
    return LastDate(
        threshold=threshold,
        at=crossing(flags.mean(axis=1), places, threshold),
        low=float(low),
        high=float(high),
        never=float((found == -np.inf).mean()),
        always=float((found == np.inf).mean()),
    )


def crossing(shares: Floats, places: Floats, threshold: float) -> float:
    """Where shares (dates,) last fall under a threshold, between the dates at `places`.

    Minus infinity where they are under it everywhere, infinity where the last is not.
    """
    enough = np.flatnonzero(shares >= threshold)
    if not enough.size:
        return -np.inf
    last = int(enough[-1])
    if last == len(shares) - 1:
        return np.inf
    part = (shares[last] - threshold) / (shares[last] - shares[last + 1])
    return float(places[last] + part * (places[last + 1] - places[last]))

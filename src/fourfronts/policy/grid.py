"""Months and the time grid that every path of a run is laid on."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fourfronts.errors import InputError

_MONTH = re.compile(r"(\d{4})-(\d{2})")


class Month(NamedTuple):
    """A calendar month. Compares in time order and prints as YYYY-MM."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def offset(self) -> int:
        """Months from 2020-01 to this one."""
        return (self.year - 2020) * 12 + self.month - 1

    def later(self, months: int) -> "Month":
        """The month so many months later; earlier if there are less than none."""
        years, month = divmod(self.month - 1 + months, 12)
        return Month(self.year + years, month + 1)

    @property
    def decimal_year(self) -> float:
        """The month's first moment as a decimal year: 2026-07 is 2026.5."""
        return self.year + (self.month - 1) / 12


FIRST = Month(2020, 1)
NOW = Month(2026, 5)
"""The last month with evidence. What stands after it is assumption."""
FIRST_CHANGE = Month(2026, 6)
DEFAULT_HORIZON = Month(2028, 12)
LAST = Month(2035, 12)
FINEST = 8192
"""Parts of a year that a calendar year in single precision can hold."""


def parse_month(text: object, what: str = "month") -> Month:
    """The month that a text such as "2027-01" stands for. Raises InputError that says what is accepted."""
    if isinstance(text, Month):
        return text
    found = _MONTH.fullmatch(text.strip()) if isinstance(text, str) else None
    if found and 1 <= int(found[2]) <= 12:
        return Month(int(found[1]), int(found[2]))
    raise InputError(f"{what} {str(text)!r} is not a month; accepted: YYYY-MM, as in 2027-01")


def parse_horizon(text: str) -> Month:
    """The last month of a run. Raises InputError unless it lies from 2026-06 to 2035-12."""
    return check_horizon(parse_month(text, "horizon"))


def check_horizon(horizon: Month) -> Month:
    """`horizon` itself. Raises InputError unless it is after the last evidence and within reach."""
    if not FIRST_CHANGE <= horizon <= LAST:
        raise InputError(f"horizon {horizon} is out of range; accepted: {FIRST_CHANGE} to {LAST}")
    return horizon


def check_start(start: Month, where: str = "") -> Month:
    """`start` itself. Raises InputError unless a change that starts then could lie on some grid."""
    if not FIRST <= start <= LAST:
        raise InputError(f"{where}start {start} is out of range; accepted: {FIRST} to {LAST}")
    return start


@dataclass(frozen=True)
class Grid:
    """Equal steps from `start` to the end of the month `horizon`. A month is a twelfth of a year."""

    start: Month = FIRST
    horizon: Month = DEFAULT_HORIZON
    steps_per_month: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", Month(*self.start))
        object.__setattr__(self, "horizon", check_horizon(Month(*self.horizon)))
        if not FIRST <= self.start <= NOW:
            raise InputError(f"start {self.start} is out of range; accepted: {FIRST} to {NOW}")
        if self.steps_per_month < 1:
            raise InputError(f"steps per month {self.steps_per_month} is out of range; accepted: 1 or more")

    @property
    def months(self) -> int:
        """Number of months."""
        return self.horizon.offset - self.start.offset + 1

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.months * self.steps_per_month

    @cached_property
    def month_times(self) -> NDArray[np.float64]:
        """Midpoint of every step in months from the first moment of 2020-01, shape (steps,)."""
        return self.start.offset + (np.arange(self.steps) + 0.5) / self.steps_per_month

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """Midpoint of every step as a decimal year, shape (steps,), to the nearest 8,192th of a year.

        Single precision tells calendar years apart no finer than that, so every driver sees the same dates.
        """
        return FIRST.year + np.round(self.month_times / 12 * FINEST) / FINEST

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """One 'YYYY-MM' a month, in order."""
        indices = range(self.start.offset, self.horizon.offset + 1)
        return tuple(str(Month(FIRST.year + index // 12, index % 12 + 1)) for index in indices)

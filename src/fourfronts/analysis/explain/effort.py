"""What a package asks for: effort, which every lever has, and cost in USD, which is on record for few.

Effort is no money. A lever moved all the way to an end of its range counts one, in whichever direction and however long
it is held there; a lever moved part of the way counts that part. So a ceiling that falls from today's level to nothing
and a detection scheme that rises from today's to everything weigh the same, because nobody has said what either costs.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fourfronts.errors import InputError, unknown
from fourfronts.policy.grid import NOW, Grid
from fourfronts.policy.loader import Package, levers
from fourfronts.policy.paths import lever_paths

Floats = NDArray[np.float64]

RESPONSES = "prc_response"
"""The area of levers that answer others and are nobody's here to pull."""


@dataclass(frozen=True)
class Cost:
    """What a lever costs at a level of 1 above another of 0, as its entry in levers.yaml has it in words.

    `low` and `high` are USD, a year where `yearly`, once where not; `quoted` are the words.
    """

    low: float
    high: float
    yearly: bool
    quoted: str


COSTS = {
    "enforcement_budget": Cost(190e6, 190e6, yearly=True, quoted="About 190 million USD a year at level 1"),
    "power_buildout": Cost(
        13 * 29e9,
        44 * 29e9,
        yearly=False,
        quoted="About 29 billion USD for each GW of data centre in all (COST-038); the shortfall is 13 to 44 GW",
    ),
}
"""Levers whose cost is a number of USD; for the others levers.yaml says that it is unknown, or what is lost by whom."""


@dataclass(frozen=True)
class Asked:
    """What a package asks for: `effort`, and `low` to `high` USD for the levers in COSTS alone."""

    effort: float
    low: float
    high: float

    @property
    def cost(self) -> float:
        """The middle of the range in USD."""
        return (self.low + self.high) / 2


def pulled() -> tuple[str, ...]:
    """Levers that the United States and its allies pull, in the order of levers.yaml."""
    return tuple(name for name, each in levers().items() if each.area != RESPONSES)


def check_pulled(names: tuple[str, ...]) -> tuple[str, ...]:
    """`names` themselves, each once. Raises InputError for a lever that does not exist and for a response."""
    for name in names:
        if name not in levers():
            raise unknown("lever", name, pulled())
        if name not in pulled():
            raise InputError(f"lever {name!r} is a response of the PRC; accepted: {', '.join(pulled())}")
    return tuple(dict.fromkeys(names))


def today(name: str) -> float:
    """The level at which a lever stands, in its own unit."""
    return levers()[name].history[-1].level


def room(name: str, level: float) -> float:
    """How far a lever can move from today's level in the direction of `level`, in its own unit; may be nothing."""
    low, high = levers()[name].range
    return high - today(name) if level >= today(name) else today(name) - low


def share_of_room(name: str, level: float) -> float:
    """The part of the way from today's level to the end of a lever's range that `level` has gone; negative if down."""
    way = level - today(name)
    return way / room(name, level) if way else 0.0


def asked(package: Package, grid: Grid, paths: Mapping[str, Floats] | None = None) -> Asked:
    """What a package asks for by the end of `grid`. `paths` are its `lever_paths` there, where they are known."""
    levels = lever_paths(package, (), grid) if paths is None else paths
    effort = sum(abs(share_of_room(name, float(levels[name][-1]))) for name in pulled())
    low, high = (sum(_cost(name, levels[name], grid, end) for name in COSTS) for end in ("low", "high"))
    return Asked(float(effort), float(low), float(high))


def _cost(name: str, path: Floats, grid: Grid, end: str) -> float:
    above = path - today(name)
    rate = COSTS[name].low if end == "low" else COSTS[name].high
    if not COSTS[name].yearly:
        return float(rate * above[-1])
    since = grid.month_times > NOW.offset + 1
    return float(rate * above[since].sum() / 12 / grid.steps_per_month)

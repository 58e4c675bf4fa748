"""Lead in months, from the histories of capability.

Lead at t = t minus the date at which the leader first had the follower's capability at t. Histories are straight lines
from month to month: counting the months below a level finds the line on which it was reached, and a slope goes through.
"""

from collections.abc import Callable
from typing import TypeAlias

from fourfronts.model.ops import MONTHS_PER_YEAR, Array, best_of_others, decay, highest, namespace

Each: TypeAlias = Callable[[Callable[[Array], Array], Array], Array]
"""`each(function, rows)`: what `function` makes of every row, stacked, as each driver does it best."""


def first_reached(history: Array, level: Array, before: Array, each: Each) -> Array:
    """Months after the first point at which a rising `history` reached each `level`.

    Shapes: `history` (months, draws), `level` (dates, draws), `before` (draws,) the slope (per month) assumed before
    the first point, so that a level below the history gets a negative date. Returns (dates, draws).
    """
    xp = namespace(history)
    last = len(history) - 1

    # One date at a time: all months of one stay in a core's cache, all months of all dates do not.
    def reached(wanted: Array) -> Array:
        below = xp.where(history < wanted, 1, 0).sum(axis=0)
        segment = xp.clip(below - 1, 0, last - 1)[None]
        low, high = (xp.take_along_axis(history, each_end, axis=0)[0] for each_end in (segment, segment + 1))
        within = xp.clip((wanted - low) / xp.maximum(high - low, 1e-6), 0.0, 1.0)
        return segment[0].astype(history.dtype) + within

    return xp.minimum((level - history[0]) / before, 0.0) + each(reached, level)


def lead_months(leader: Array, follower: Array, months: Array, speed_before: Array, each: Each) -> Array:
    """Signed lead in months of one bloc over another at chosen months; negative when the other leads.

    Shapes: `leader`, `follower` (all months, draws) in ECI; `months` (dates,) whole numbers, rows of the histories;
    `speed_before` (draws,) ECI / year before the first month. Returns (dates, draws).
    """
    before = speed_before / MONTHS_PER_YEAR
    now = months[:, None].astype(leader.dtype)
    xp = namespace(leader)
    ahead = xp.maximum(now - first_reached(leader, follower[months], before, each), 0.0)
    behind = xp.maximum(now - first_reached(follower, leader[months], before, each), 0.0)
    return ahead - behind


PACE_YEARS = 1.0
"""Time over which the frontier's pace is averaged where a lead has to be told without its history."""

SLOWEST_PACE = 1.0
"""ECI a year below which the pace is not counted, so that a standstill does not make any gap endless."""


def running_lead(capability: Array, pace: Array) -> Array:
    """About how many months each bloc is ahead of the best other, negative if behind, told from one date alone.

    The gap over the frontier's pace: what those who live in that month could say. Shapes: `capability` (3, draws) ECI,
    `pace` (draws,) ECI / year, to (3, draws).
    """
    xp = namespace(capability)
    return (capability - best_of_others(capability)) / xp.maximum(pace, SLOWEST_PACE) * MONTHS_PER_YEAR


def paced(pace: Array, before: Array, after: Array, years: Array) -> Array:
    """The pace after a step that moved capability from `before` to `after`, (3, draws) ECI. Shape: (draws,)."""
    now = (highest(after) - highest(before)) / years
    return pace + (now - pace) * decay(1.0 / (PACE_YEARS + 0.0 * pace), years)

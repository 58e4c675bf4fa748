"""Lead in months, from the histories of capability.

Lead at t = t minus the date at which the leader first had the follower's capability at t. Histories are straight lines
from month to month: counting the months below a level finds the line on which it was reached, and a slope goes through.
"""

from collections.abc import Callable
from typing import TypeAlias

from fourfronts.model.ops import MONTHS_PER_YEAR, Array, namespace

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

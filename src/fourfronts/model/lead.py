"""Lead in months, from the histories of capability.

Lead at t = t minus the date at which the leader first had the follower's capability at t. With piecewise-linear
histories the inverse is a plain sum over segments, which needs no search and has a gradient.
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
    low = history[:-1]
    per_rise = 1.0 / xp.maximum(history[1:] - low, 1e-6)

    # One date at a time: all segments of one stay in a core's cache, all segments of all dates do not.
    def segments_passed(wanted: Array) -> Array:
        return xp.clip((wanted - low) * per_rise, 0.0, 1.0).sum(axis=0)

    return xp.minimum((level - history[0]) / before, 0.0) + each(segments_passed, level)


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

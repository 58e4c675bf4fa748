"""Where a function of one number first crosses a line, going out from where it stands to either side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

Function = Callable[[float], float]

POINTS = 5
"""Places between the two ends, ends included, at which a function is looked at before a crossing is closed in on."""
FINENESS = 1e-3
"""How close a crossing is pinned down, as a share of the whole span."""
STILL = 1e-3
"""A function that goes less than this share of the way to the line counts as not moving."""


@dataclass(frozen=True)
class Span:
    """What a number can be and where it stands. `guess` is where a first derivative at `present` sees the crossing."""

    low: float
    high: float
    present: float
    guess: float | None = None

    @property
    def fineness(self) -> float:
        """How close a crossing is pinned down."""
        return FINENESS * (self.high - self.low)

    def places(self, points: int) -> list[float]:
        """Where to look first: evenly from end to end, where it stands, and the guess, if that lies between."""
        found = {*np.linspace(self.low, self.high, points).tolist(), min(max(self.present, self.low), self.high)}
        if self.guess is not None and self.low < self.guess < self.high:
            found.add(float(self.guess))
        return sorted(found)


@dataclass(frozen=True)
class Line:
    """A value that is to be crossed, downwards where `below` is true."""

    value: float
    below: bool

    def crossed(self, value: float) -> bool:
        """Whether a value lies on the wanted side, or on the line; what is not a number lies nowhere."""
        return value <= self.value if self.below else value >= self.value

    def further(self, one: float, other: float) -> bool:
        """Whether `one` is further on the way across than `other`."""
        return one < other if self.below else one > other


@dataclass(frozen=True)
class Crossing:
    """The nearest place across the line, `level`, with the value there; None where there is none in the span.

    `before` is a place nearer by, no further than the span's fineness, that is not across, with its value; None where
    the present place is across itself. `best` is the place seen with the value furthest on the way. `moves` says
    whether the function changes to speak of, `again` whether places beyond the level were seen that are not across.
    """

    level: float | None
    value: float
    before: float | None
    value_before: float
    best: tuple[float, float]
    moves: bool
    again: bool
    seen: tuple[tuple[float, float], ...]


@dataclass
class _Known:
    """A function that is asked for each place once."""

    function: Function
    values: dict[float, float] = field(default_factory=dict)

    def __call__(self, place: float) -> float:
        if place not in self.values:
            self.values[place] = float(self.function(place))
        return self.values[place]


def nearest(function: Function, span: Span, line: Line, *, now: float | None = None, points: int = POINTS) -> Crossing:
    """The crossing nearest to where a number stands, if any, verified by the function's own values on both sides of it.

    The function is looked at in several places, so that one that turns back is followed too, as long as it stays across
    the line for about a `points`th of the span. Between two places on different sides Brent's method closes in, and
    halving ends it. `now` is the value without any change, where that is not the function's at the present place.
    """
    known = _Known(function)
    places = span.places(points)
    for place in places:
        known(place)
    stands = min(max(span.present, span.low), span.high)
    sides = [[each for each in places if each >= stands], [each for each in reversed(places) if each <= stands]]
    found: tuple[float, float] | None = None
    if line.crossed(known(stands)):
        found = (stands, stands)
    else:
        brackets = [each for side in sides if (each := _bracket(known, side, line))]
        for bracket in sorted(brackets, key=lambda each: abs(each[0] - stands)):
            if found is None or abs(bracket[0] - stands) < abs(found[1] - stands):
                closed = _closed(known, bracket, line, span.fineness)
                if found is None or abs(closed[1] - stands) < abs(found[1] - stands):
                    found = closed
    return _crossing(known, found, line, stands, now)


def frontier(
    function: Callable[[float, float], float], first: Span, second: Span, line: Line, *, points: int = 7
) -> list[tuple[float, Crossing]]:
    """For a grid of levels of one number, and where it stands, the nearest crossing of another."""
    return [
        (level, nearest(lambda other, level=level: function(level, other), second, line))  # type: ignore[misc]
        for level in first.places(points)
    ]


def _bracket(known: _Known, side: Sequence[float], line: Line) -> tuple[float, float] | None:
    """The first two places on the way out of which the second is across the line and the first is not."""
    return next((pair for pair in pairwise(side) if line.crossed(known(pair[1]))), None)


def _closed(known: _Known, bracket: tuple[float, float], line: Line, fineness: float) -> tuple[float, float]:
    """A place that is not across and one that is, no further apart than `fineness`, inside a bracket of such two."""
    from scipy.optimize import brentq

    outward = np.sign(bracket[1] - bracket[0])
    between = sorted(bracket)

    def distance(place: float) -> float:
        return known(float(place)) - line.value

    if abs(bracket[1] - bracket[0]) > fineness and distance(bracket[1]) and np.isfinite(distance(bracket[0])):
        root = float(brentq(distance, *between, xtol=fineness / 4))
        for probe in (root, root - outward * fineness / 2, root + outward * fineness / 2):
            if between[0] <= probe <= between[1]:
                known(float(probe))
    while True:
        inside = sorted((each for each in known.values if between[0] <= each <= between[1]), key=lambda x: outward * x)
        near, far = next(pair for pair in pairwise(inside) if line.crossed(known(pair[1])))
        if abs(far - near) <= fineness:
            return near, far
        known((near + far) / 2)


def _crossing(
    known: _Known, found: tuple[float, float] | None, line: Line, stands: float, now: float | None
) -> Crossing:
    seen = tuple(sorted(known.values.items()))
    values = [value for _, value in seen if np.isfinite(value)]
    start = known(stands) if now is None else now
    best = min(seen, key=lambda each: (each[1] if line.below else -each[1]) if np.isfinite(each[1]) else np.inf)
    moves = any(abs(value - start) > STILL * abs(line.value - start) for value in values)
    if found is None:
        return Crossing(None, float("nan"), None, float("nan"), best, moves, again=False, seen=seen)
    near, far = found
    outward = np.sign(far - stands)
    beyond = [value for place, value in seen if outward * (place - far) > 0]
    again = any(not line.crossed(value) for value in beyond)
    if near == far:
        return Crossing(far, known(far), None, float("nan"), best, moves, again=again, seen=seen)
    return Crossing(far, known(far), near, known(near), best, moves, again=again, seen=seen)

"""Boxes in the space of parameters that hold most of the futures of one kind: PRIM, CART, and how one is chosen.

PRIM (Friedman and Fisher 1999, as EMA Workbench has it) peels thin slices off the whole space where such futures are
rare; CART (scikit-learn's) cuts it in two again and again. A box is judged as in scenario discovery (Bryant and
Lempert 2010): coverage, density, the number of restricted dimensions, and a quasi-p-value for each limit.
"""

import inspect
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

SCREENED = 30
"""Parameters that boxes are searched in: those whose values differ most between the futures of the kind and others."""
SMALLEST = 20
"""Futures in a box at least, so that its density means something."""
LEAST_COVERAGE = 0.2
"""Peeling ends where a box could hold no more than this share of the futures of the kind, however dense it were."""
SIGNIFICANT = 0.05
"""A limit stays if chance alone would raise the density by as much less often than this."""
TRIED = 50
"""Boxes of each number of dimensions, the best by score, whose limits are looked into."""
ANY = 1e-9
"""Density that the peeler of EMA Workbench before 3.0 is told to reach: any."""


@dataclass(frozen=True)
class Rule:
    """How a box is chosen: dimensions at most, coverage and density at least, the share of the best score to lose."""

    most: int = 4
    coverage: float = 0.0
    density: float = 0.0
    loss: float = 0.1


@dataclass(frozen=True, eq=False)
class Box:
    """Limits on every column, infinite where there is none. Shapes: (columns,)."""

    low: Floats
    high: Floats

    @property
    def dimensions(self) -> list[int]:
        """The columns that it restricts, in order."""
        return [int(each) for each in np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high))]

    def inside(self, values: Floats) -> Flags:
        """Which futures lie in it, (futures,). Shape: `values` (columns, futures)."""
        rows = self.dimensions
        within = (values[rows] >= self.low[rows, None]) & (values[rows] <= self.high[rows, None])
        return np.asarray(within.all(axis=0))

    def without(self, column: int, side: str = "both") -> "Box":
        """The box with no limit on a column, or with none on its 'low' or its 'high' side."""
        low, high = self.low.copy(), self.high.copy()
        if side != "high":
            low[column] = -np.inf
        if side != "low":
            high[column] = np.inf
        return Box(low, high)


@dataclass(frozen=True)
class Count:
    """How many futures there are, how many of them of the kind, and both of those in a box."""

    futures: int
    kind: int
    inside: int
    kind_inside: int

    @property
    def base(self) -> float:
        """Share of all futures that are of the kind."""
        return self.kind / self.futures

    @property
    def density(self) -> float:
        """Share of the box that is of the kind; nothing where the box is empty."""
        return self.kind_inside / self.inside if self.inside else 0.0

    @property
    def coverage(self) -> float:
        """Share of the kind that lies in the box."""
        return self.kind_inside / self.kind if self.kind else 0.0

    @property
    def score(self) -> float:
        """Coverage times the share of the way that density goes from that of all futures to one."""
        return self.coverage * (self.density - self.base) / (1.0 - self.base)


def count(box: Box, values: Floats, holds: Flags) -> Count:
    """The futures of `values` (columns, futures) in a box; `holds` says which are of the kind."""
    inside = box.inside(values)
    return Count(holds.size, int(holds.sum()), int(inside.sum()), int((inside & holds).sum()))


def screen(values: Floats, holds: Flags, most: int = SCREENED) -> Indices:
    """The columns that tell the futures of the kind from others best, each by itself, in order. Shape: (up to most,).

    By the largest distance between the two distributions (Kolmogorov-Smirnov), as in regional sensitivity analysis.
    """
    steps = np.where(holds, 1.0 / holds.sum(), -1.0 / (~holds).sum())
    distance = np.abs(np.cumsum(steps[np.argsort(values, axis=1)], axis=1)).max(axis=1)
    return np.sort(np.argsort(-distance, kind="stable")[:most])


def prim(values: Floats, holds: Flags, rule: Rule) -> list[Box]:
    """Boxes of PRIM: peeled off all columns at once and made simpler, and off a few columns that are added one by one.

    Among many columns PRIM cuts a little off several that are only noise, and so not enough off those that matter; on
    few it does not (constrained PRIM, Kwakkel 2019). The column that is added is the one in which a single limit on the
    best box so far would raise its score most.
    """
    every = np.arange(len(values))
    boxes = [each for box in _peeled(values, holds, rule, every) for each in simpler(box, values, holds)]
    best, few = whole(len(values)), every[:0]
    for _ in range(min(rule.most, len(values))):
        few = np.append(few, _next(best, values, holds, few))
        found = _peeled(values, holds, rule, few)
        boxes += found
        best = max([best, *found], key=lambda box: count(box, values, holds).score)
    return boxes


def whole(columns: int) -> Box:
    """The box with no limit."""
    return Box(np.full(columns, -np.inf), np.full(columns, np.inf))


def _peeled(values: Floats, holds: Flags, rule: Rule, few: Indices) -> list[Box]:
    """Every box on PRIM's way from the whole space of some columns to the last that is large enough."""
    import pandas as pd

    fewest = max(SMALLEST, max(rule.coverage, LEAST_COVERAGE) * holds.sum())
    with _quiet():
        from ema_workbench.analysis.prim import Prim

        # Before 3.0 a density is asked for, below which it hands back the whole space.
        asked = {"threshold": ANY} if "threshold" in inspect.signature(Prim).parameters else {}
        frame = pd.DataFrame(values[few].T, columns=[f"x{each}" for each in few])
        found = Prim(frame, holds, mass_min=fewest / holds.size, **asked).find_box().box_lims
    (lowest, highest), *steps = (each[frame.columns].to_numpy(dtype=np.float64) for each in found)
    boxes = []
    for low, high in steps:
        box = whole(len(values))
        box.low[few] = np.where(low == lowest, -np.inf, low)
        box.high[few] = np.where(high == highest, np.inf, high)
        boxes.append(box)
    return boxes


def _next(box: Box, values: Floats, holds: Flags, taken: Indices) -> int:
    """The column, none of those taken, in which one limit raises the score of a box most."""
    inside = box.inside(values)
    kept = holds[inside][np.argsort(values[:, inside], axis=1)].cumsum(axis=1)
    futures = np.arange(1, kept.shape[1] + 1)
    base = holds.mean()

    def best(cases: Floats, of: Floats) -> Floats:
        scores = cases / holds.sum() * (cases / of - base)
        return np.asarray(np.where(of >= SMALLEST, scores, -np.inf).max(axis=1))

    # What is cut off one side is what is left on the other.
    left, right = kept[:, :-1], kept[:, -1:] - kept[:, :-1]
    scores = np.maximum(best(left, futures[:-1]), best(right, futures[-1] - futures[:-1]))
    scores[taken] = -np.inf
    return int(np.argmax(scores))


def cart(values: Floats, holds: Flags, rule: Rule) -> list[Box]:
    """The box of every branch of a classification tree, but for the whole space."""
    with _quiet():
        from sklearn.tree import DecisionTreeClassifier

        learner = DecisionTreeClassifier(max_depth=2 * rule.most, min_samples_leaf=SMALLEST, random_state=0)
        tree = learner.fit(values.T, holds).tree_
    boxes, waiting = [], [(0, whole(len(values)))]
    while waiting:
        node, box = waiting.pop()
        if node:
            boxes.append(box)
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right:
            continue
        column, cut = int(tree.feature[node]), float(tree.threshold[node])
        low, high = box.low.copy(), box.high.copy()
        low[column], high[column] = max(low[column], cut), min(high[column], cut)
        waiting += [(left, Box(box.low, high)), (right, Box(low, box.high))]
    return boxes


def simpler(box: Box, values: Floats, holds: Flags) -> Iterator[Box]:
    """A box and those that come of giving up one dimension after another, always the one whose loss costs least."""
    yield box
    rows = box.dimensions
    outside = (values[rows] < box.low[rows, None]) | (values[rows] > box.high[rows, None])
    broken = outside.sum(axis=0)
    left = list(range(len(rows)))
    while len(left) > 1:
        inside = [broken == outside[each] for each in left]
        densities = [float((kept & holds).sum() / kept.sum()) for kept in inside]
        given_up = left.pop(int(np.argmax(densities)))
        broken = broken - outside[given_up]
        box = box.without(rows[given_up])
        yield box


def chosen(boxes: Sequence[Box], values: Floats, holds: Flags, rule: Rule) -> Box | None:
    """Of the boxes that a rule allows, the one with fewest dimensions whose score is close to the best; None for none.

    Close is within `rule.loss` of the best score. Limits that chance alone would do as well as are given up first.
    """
    scores: dict[int, dict[bytes, tuple[float, Box]]] = {}
    for box in boxes:
        found = count(box, values, holds)
        enough = found.coverage >= rule.coverage and found.density >= rule.density and found.inside >= SMALLEST
        if enough and found.score > 0.0:
            scores.setdefault(len(box.dimensions), {})[box.low.tobytes() + box.high.tobytes()] = found.score, box
    best: dict[int, tuple[float, Box]] = {}
    for same in scores.values():
        for _, box in sorted(same.values(), key=lambda each: -each[0])[:TRIED]:
            kept = _cleaned(box, values, holds, rule)
            score, dimensions = count(kept, values, holds).score, len(kept.dimensions)
            if 0 < dimensions <= rule.most and score > (best[dimensions][0] if dimensions in best else 0.0):
                best[dimensions] = score, kept
    if not best:
        return None
    close = (1.0 - rule.loss) * max(score for score, _ in best.values())
    return best[min(dimensions for dimensions, (score, _) in best.items() if score >= close)][1]


def _cleaned(box: Box, values: Floats, holds: Flags, rule: Rule) -> Box:
    """A box without the limits that are not significant, the least first.

    A limit without which the density would fall under the one asked for stays.
    """
    # As many limits as there are columns and sides were tried, and one of many is easily met by chance.
    significant = SIGNIFICANT / (2 * len(values))
    while box.dimensions:
        chances = quasi_p(box, values, holds)
        worst = int(np.nanargmax(chances))
        wider = box.without(worst // 2, ("low", "high")[worst % 2])
        if chances.flat[worst] <= significant or count(wider, values, holds).density < rule.density:
            break
        box = wider
    return box


def quasi_p(box: Box, values: Floats, holds: Flags) -> Floats:
    """How likely each limit is to be chance, (columns, low and high); not a number where there is none.

    The probability that as many futures drawn from the box without that limit have as many of the kind.
    """
    from scipy.stats import binom

    chances = np.full((len(values), 2), np.nan)
    found = count(box, values, holds)
    for column in box.dimensions:
        for side, limit in enumerate((box.low[column], box.high[column])):
            if np.isfinite(limit):
                wider = count(box.without(column, ("low", "high")[side]), values, holds)
                chances[column, side] = binom.sf(found.kind_inside - 1, found.inside, wider.density)
    return chances


def overlap(one: Box, other: Box, values: Floats) -> float:
    """Futures in both boxes over those in either; not a number where both are empty."""
    first, second = one.inside(values), other.inside(values)
    either = (first | second).sum()
    return float((first & second).sum() / either) if either else float("nan")


@contextmanager
def _quiet() -> Iterator[None]:
    """Both libraries warn of optional parts that are missing and of what later versions will change: not our user's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield

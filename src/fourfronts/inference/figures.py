"""Published figures as numbers: what evidence rows say, for which months, and how surely."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from fourfronts.errors import InputError
from fourfronts.evidence.loader import EVIDENCE_CUTOFF, Evidence
from fourfronts.evidence.records import Gap, Model
from fourfronts.evidence.records import Record as Row
from fourfronts.inference.parameters import Registry
from fourfronts.inference.published import Bound, Figure, MonthlyMeans, Published
from fourfronts.policy.grid import FIRST, NOW, Month

OBSERVED = ("actual", "estimate")
"""Kinds of rows that a model can be held against."""

OF_ONE_KIND = (Gap, Model)
"""Tables without kinds: all of their rows are measured or estimated."""


@dataclass(frozen=True)
class Datum:
    """A published figure as a number in the series' unit, for the months from `first` to `last`.

    `low` and `high` are the ends of its published uncertainty, both None where there is none; `error` a standard
    deviation on the scale of the series where that was judged; `grade` the worst of its rows', `recalled` whether one
    was written from memory. `used` says whether a prior of the model rests on a row.
    """

    rows: tuple[str, ...]
    first: Month
    last: Month
    value: float
    bound: Bound
    used: bool
    low: float | None = None
    high: float | None = None
    error: float | None = None
    grade: str = ""
    recalled: bool = False

    @property
    def middle(self) -> float:
        """The middle of the months that it stands for, in years since the start of 2020."""
        return (self.first.offset + self.last.offset + 1) / 24


def cited(registry: Registry) -> frozenset[str]:
    """Every row that a prior or a dated series of the model rests on."""
    priors = (row for each in registry.parameters.values() for row in each.evidence)
    paths = (row for each in registry.paths.values() for value in each.values for row in value.evidence)
    return frozenset((*priors, *paths))


def data(
    series: Published, evidence: Evidence, used: frozenset[str] = frozenset(), cutoff: date = EVIDENCE_CUTOFF
) -> list[Datum]:
    """The figures of a series in time order, without what was not known by `cutoff` or is about a later time.

    `used` are the rows that priors rest on. Raises InputError for a row that does not exist or cannot be used.
    """
    figures = [_datum(each, evidence, used, cutoff) for each in series.points]
    if series.monthly_means:
        figures += _means(series.monthly_means, evidence, used, cutoff)
    return sorted(filter(None, figures), key=lambda each: (each.last, each.first, each.rows))


def _datum(figure: Figure, evidence: Evidence, used: frozenset[str], cutoff: date) -> Datum | None:
    rows = [evidence.get(each) for each in figure.rows]
    below = [evidence.get(each) for each in figure.over]
    if not all(_observed(row, cutoff) for row in (*rows, *below)):
        return None
    total = sum(_number(row, figure.field) for row in rows)
    value = _number(rows[0], figure.field) / total if figure.share else total
    if below:
        value /= sum(_number(row) for row in below)
    first, last = _period(rows[0])
    if figure.forward:
        # How long it took to be matched is known on the day of the match.
        first = last = _later(rows[0], value)
        if last > NOW or _begin(last) > cutoff:
            return None
    kinds = {row.value_kind for row in rows}
    bound: Bound = figure.bound or ("at_least" if "at_least" in kinds else "at_most" if "at_most" in kinds else "")
    ids = (*figure.rows, *figure.over)
    low, high = _ends(rows[0], figure) if len(ids) == 1 else (None, None)
    return Datum(
        rows=ids,
        first=figure.since or first,
        last=last,
        value=value * figure.times,
        bound=bound,
        used=not used.isdisjoint((*ids, *figure.same_as)),
        low=low,
        high=high,
        error=figure.error,
        grade=max(row.grade for row in (*rows, *below)),
        recalled=any(row.recalled for row in (*rows, *below)),
    )


def _means(wanted: MonthlyMeans, evidence: Evidence, used: frozenset[str], cutoff: date) -> Iterator[Datum]:
    chosen = [row for row in evidence.series if (row.quantity, row.actor) == (wanted.quantity, wanted.actor)]
    if not chosen:
        raise InputError(
            f"inference/series: no evidence on {wanted.quantity!r} of {wanted.actor!r}; accepted: what series name"
        )
    shown = sorted((row for row in chosen if _observed(row, cutoff)), key=lambda row: (_period(row), row.id))
    for (first, last), group in groupby(shown, key=_period):
        rows = list(group)
        ids = tuple(row.id for row in rows)
        value = sum(map(_number, rows)) / len(rows)
        grade = max(row.grade for row in rows)
        yield Datum(ids, first, last, value, "", not used.isdisjoint((*ids, *wanted.same_as)), grade=grade)


def _observed(row: Row, cutoff: date) -> bool:
    """Whether a row is about what had happened by the cut-off and was known then, and no forecast or assumption."""
    told = row.kind in OBSERVED or isinstance(row, OF_ONE_KIND)
    return told and row.known_by(cutoff) and not row.dated_after(cutoff)


def _number(row: Row, field: str = "value") -> float:
    """The value, or the training compute as its logarithm to base ten."""
    found = getattr(row, field, None)
    if not isinstance(found, int | float):
        raise InputError(f"inference/series: {row.id} has no {field}; accepted: rows with one")
    return float(found) if field == "value" else math.log10(found)


def _ends(row: Row, figure: Figure) -> tuple[float | None, float | None]:
    """The published uncertainty of a single row's value, in the unit of its figure."""
    uncertain = row.range_kind == "interval" or isinstance(row, Model)
    if figure.field != "value" or not uncertain or row.low is None or row.high is None or not row.low < row.high:
        return None, None
    return row.low * figure.times, row.high * figure.times


def _period(row: Row) -> tuple[Month, Month]:
    """First and last month of what a row is about, no later than now."""
    if row.date_start is None or row.date_end is None:
        raise InputError(f"inference/series: {row.id} has no date; accepted: dated rows")
    ends = (Month(day.year, day.month) for day in (row.date_start, row.date_end))
    first, last = (min(max(each, FIRST), NOW) for each in ends)
    return first, last


def _later(row: Row, months: float) -> Month:
    """The month that lies `months` after a row's first day."""
    if row.date_start is None:
        raise InputError(f"inference/series: {row.id} has no date; accepted: dated rows")
    offset = Month(row.date_start.year, row.date_start.month).offset + math.floor(
        (row.date_start.day - 1) / 30.44 + months
    )
    return Month(2020 + offset // 12, offset % 12 + 1)


def _begin(month: Month) -> date:
    """The first day of a month."""
    return date(month.year, month.month, 1)

"""Published figures that are drawn over the model's: which rows, of which class, at which date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from fourfronts.errors import InputError
from fourfronts.evidence.loader import EVIDENCE_CUTOFF, Evidence
from fourfronts.evidence.records import Gap, Model, Record
from fourfronts.inference.parameters import registry
from fourfronts.policy.documents import read
from fourfronts.report import style
from fourfronts.report.fans import day_time

DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Method:
    """A class of ways to measure the gap: how it is called and drawn, and words that its rows' methods begin with."""

    label: str
    marker: str
    colour: str
    begins: tuple[str, ...]


@dataclass(frozen=True)
class Point:
    """A published number at a decimal year; `low` and `high` equal `value` on a side without a range."""

    row: Record
    time: float
    value: float
    low: float
    high: float

    @property
    def is_bound(self) -> bool:
        """Whether the row says only 'at least' or 'at most'."""
        return self.row.value_kind in ("at_least", "at_most")


@cache
def definitions() -> dict[str, Any]:
    """What published.yaml says."""
    return read(files("fourfronts.report") / "published.yaml", "report/published.yaml")


@cache
def methods() -> tuple[Method, ...]:
    """The classes of methods, in the order of the legend."""
    return tuple(
        Method(each["label"], each["marker"], getattr(style, each["colour"].upper()), tuple(each["begins"]))
        for each in definitions()["gap_methods"]
    )


def gap_points(evidence: Evidence) -> dict[str, list[Point]]:
    """Published lags by the label of their method, up to the evidence cut-off, in months.

    A forward lag (from an allied record to the PRC match) stands at the date of the match, as the model's lead
    does; matches after the cut-off are left out. Raises InputError for a method that belongs to no class.
    """
    apart = (*definitions()["gap_blend"], *definitions()["another_gap"])
    found: dict[str, list[Point]] = {method.label: [] for method in methods()}
    for row in evidence.gaps:
        if not row.quantity.startswith(apart) and (point := _gap_point(row)):
            found[_method(row).label].append(point)
    return found


def blend(evidence: Evidence) -> list[Point]:
    """The analysts' summary of all methods, in months."""
    return [point for row in _beginning(evidence, "gap_blend") if (point := _gap_point(row))]


def another_gap(evidence: Evidence) -> list[Gap]:
    """Rows on another gap than that between the blocs."""
    return _beginning(evidence, "another_gap")


def _beginning(evidence: Evidence, key: str) -> list[Gap]:
    return [row for row in evidence.gaps if row.quantity.startswith(tuple(definitions()[key]))]


def _method(row: Gap) -> Method:
    for method in methods():
        if row.quantity.startswith(method.begins):
            return method
    raise InputError(
        f"{row.file} line {row.row} ({row.id}), method: {row.quantity!r} belongs to no class;"
        f" accepted: one that begins with {', '.join(word for each in methods() for word in each.begins)}"
    )


def _gap_point(row: Gap) -> Point | None:
    if row.value is None or row.date_start is None:
        return None
    day = row.date_start
    if row.quantity.startswith("ECI forward"):
        day += timedelta(days=round(row.value * DAYS_PER_MONTH))
    if day > EVIDENCE_CUTOFF:
        return None
    low = row.value if row.low is None else row.low
    high = row.value if row.high is None else row.high
    return Point(row, day_time(day), row.value, low, high)


def ratio_points(evidence: Evidence) -> list[Point]:
    """Published ratios of allied (or US) to PRC compute that have a date; a period stands at its middle."""
    rows = (row for row in evidence.facts if row.id.startswith("RATIO-") and row.actor == "both")
    return [
        Point(row, (day_time(row.date_start) + day_time(row.date_end)) / 2, row.value, row.value, row.value)
        for row in rows
        if row.date_start and row.date_end and row.value is not None and not row.after_cutoff
    ]


def scored_models(evidence: Evidence, bloc: str) -> tuple[list[Model], list[Model]]:
    """Models of one bloc with an ECI up to the cut-off: those that set a record on release, and the others."""
    actor = {"allied": "US-allied", "prc": "PRC"}[bloc]
    rows = [row for row in evidence.models if row.actor == actor and row.eci is not None and not row.after_cutoff]
    frontier: list[Model] = []
    for row in sorted(rows, key=lambda row: (str(row.date_start), row.eci or 0.0)):
        if not frontier or (row.eci or 0.0) > (frontier[-1].eci or 0.0):
            frontier.append(row)
    return frontier, [row for row in rows if row not in frontier]


def cited(rows: Iterable[Record]) -> str:
    """Ids, runs of neighbours shortened: 'LAG-002, LAG-004 to LAG-006'."""
    ids = sorted({row.id for row in rows})
    runs = [[each for _, each in run] for _, run in groupby(enumerate(ids), key=_series)]
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)


def _series(place_and_id: tuple[int, str]) -> tuple[str, int]:
    # Within a run of neighbours the number and the place in the list rise together.
    place, row_id = place_and_id
    prefix, _, digits = row_id.rpartition("-")
    return prefix, (int(digits) if digits.isdigit() else 0) - place


def span(rows: Iterable[Record]) -> str:
    """First and last id: 'LAG-002 to LAG-164'."""
    ids = sorted(row.id for row in rows)
    return f"{ids[0]} to {ids[-1]}"


def rows_behind(*mechanisms: str) -> set[str]:
    """Ids of the rows that the priors of mechanisms rest on."""
    return {row for each in registry().parameters.values() if each.mechanism in mechanisms for row in each.evidence}


def families(ids: Iterable[str], most: int = 4) -> str:
    """The largest series of ids, first and last of each: 'ADO-0001 to ADO-0631, GD037 to GD040 and others'."""
    found: dict[str, list[str]] = {}
    for each in sorted(ids):
        found.setdefault(each.rstrip("0123456789"), []).append(each)
    largest = sorted(found.values(), key=len, reverse=True)[:most]
    named = [each[0] if len(each) == 1 else f"{each[0]} to {each[-1]}" for each in sorted(largest)]
    return ", ".join(named) + (" and others" if len(found) > most else "")

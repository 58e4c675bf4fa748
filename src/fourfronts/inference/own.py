"""A user's own figures beside ours: one CSV file, checked to the last field before anything is computed.

Columns: series (a name of `series/`), value, unit (that of the series), as_of (a date or period, as in the evidence),
and as one likes low and high (a 90% range), bound (at_least or at_most) and source.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from fourfronts.errors import InputError, unknown
from fourfronts.evidence.dates import period
from fourfronts.evidence.loader import EVIDENCE_CUTOFF
from fourfronts.inference.figures import Datum
from fourfronts.inference.observations import on_scale, scale_of
from fourfronts.inference.published import Bound, Published, published
from fourfronts.policy.grid import FIRST, Month

NEEDED = ("series", "value", "unit", "as_of")
ALLOWED = (*NEEDED, "low", "high", "bound", "source")
BOUNDS: Mapping[str, Bound] = {"": "", "at_least": "at_least", "at_most": "at_most"}


def read(path: Path, cutoff: date = EVIDENCE_CUTOFF) -> dict[str, tuple[Datum, ...]]:
    """The figures in a file by series.

    Raises InputError that names file, line, field, the value found and what is accepted: for a field that is unknown or
    missing, a series that does not exist, another unit than that of the series, a date after `cutoff` or before 2020,
    and a value that the series cannot have.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file)
            _check_header(path, table.fieldnames or [])
            rows = [(f"{path}, line {table.line_num}", row) for row in table]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if not rows:
        raise InputError(f"{path}: no figures; accepted: a line for each under the header")
    found: dict[str, list[Datum]] = {}
    for number, (where, row) in enumerate(rows, 1):
        name = row["series"].strip()
        if name not in published():
            raise unknown("series", name, published(), where)
        found.setdefault(name, []).append(_figure(where, f"own-{number}", row, published()[name], cutoff))
    return {name: tuple(each) for name, each in found.items()}


def _check_header(path: Path, header: Sequence[str]) -> None:
    for name in header:
        if name not in ALLOWED:
            raise unknown("column", name, ALLOWED, str(path))
    if missing := [name for name in NEEDED if name not in header]:
        raise InputError(f"{path}: column {missing[0]} missing; accepted: {', '.join(ALLOWED)}")


def _figure(where: str, name: str, row: Mapping[str, str], about: Published, cutoff: date) -> Datum:
    unit = row["unit"].strip()
    if unit != about.unit:
        raise InputError(f"{where}: unit {unit!r}; accepted: {about.unit}, in which the series is")
    first, last = _period(where, row["as_of"].strip(), cutoff)
    bound = (row.get("bound") or "").strip()
    if bound not in BOUNDS:
        raise InputError(f"{where}: bound {bound!r}; accepted: at_least, at_most or nothing")
    value = _number(where, "value", row["value"], about)
    ends = [(row.get(end) or "").strip() for end in ("low", "high")]
    if any(ends) and not all(ends):
        raise InputError(f"{where}: only one of low and high; accepted: both or neither")
    low, high = (
        _number(where, end, text, about) if text else None for end, text in zip(("low", "high"), ends, strict=True)
    )
    if low is not None and high is not None and not low < high:
        raise InputError(f"{where}: low {low:g} and high {high:g}; accepted: low below high")
    return Datum((name,), first, last, value, BOUNDS[bound], used=False, low=low, high=high, grade="B")


def _number(where: str, field: str, text: str, about: Published) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{where}: {field} {text!r}; accepted: a number") from None
    on_scale(value, scale_of(about), f"{where}: {field}")
    if value < 0 and about.unit != "months":
        raise InputError(f"{where}: {field} {value:g}; accepted: 0 or more")
    return value


def _period(where: str, text: str, cutoff: date) -> tuple[Month, Month]:
    try:
        first, last = period(text)
    except (InputError, ValueError) as error:
        raise InputError(
            f"{where}: as_of {text!r}; accepted: a date or period such as 2025-03 or 2025 ({error})"
        ) from None
    if last > cutoff:
        raise InputError(f"{where}: as_of {text!r} is after the cut-off; accepted: up to {cutoff}")
    months = Month(first.year, first.month), Month(last.year, last.month)
    if months[0] < FIRST:
        raise InputError(f"{where}: as_of {text!r}; accepted: from {FIRST} on")
    return months

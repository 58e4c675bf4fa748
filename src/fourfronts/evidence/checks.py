"""What must hold within one row of the evidence, beyond the type of each cell."""

from collections.abc import Callable, Iterator, Mapping

from fourfronts.errors import InputError
from fourfronts.evidence.dates import period
from fourfronts.evidence.schema import Cell

Problem = tuple[str, str]
"""The field at fault, and what is wrong with it."""


def row_problems(cells: Mapping[str, Cell]) -> Iterator[Problem]:
    """Every problem of a row whose cells are each of the right type."""
    for check in _CHECKS:
        yield from check(cells)


def _dates_say_what_as_of_says(cells: Mapping[str, Cell]) -> Iterator[Problem]:
    as_of = str(cells["as_of"])
    try:
        expected = period(as_of) if as_of else (None, None)
    except InputError:
        return  # as_of is at fault, and its own check has said so
    for name, day in zip(("date_start", "date_end"), expected, strict=True):
        if cells[name] != day:
            yield name, f"found {cells[name] or 'nothing'}; accepted for as_of {as_of!r}: {day or 'nothing'}"


def _numbers_have_a_unit(cells: Mapping[str, Cell]) -> Iterator[Problem]:
    if "unit" in cells and not cells["unit"] and any(cells.get(name) is not None for name in ("value", "low", "high")):
        yield "unit", "is empty; accepted: a unit of the registry, because the row has a number"


def _grade_is_given(cells: Mapping[str, Cell]) -> Iterator[Problem]:
    if not cells["grade"] and cells.get("kind") != "event":
        yield "grade", "is empty; accepted: A, A-, B, C or D (only an event may go without)"
    if bool(cells["grade"]) != bool(cells["grade_basis"]):
        yield "grade_basis", "accepted: stated or assigned where there is a grade, otherwise nothing"


def _value_is_said_to_be_read(cells: Mapping[str, Cell]) -> Iterator[Problem]:
    if "value_kind" not in cells:
        return
    has_value = cells["value"] is not None or bool(cells.get("value_text"))
    if has_value != bool(cells["value_kind"]):
        yield (
            "value_kind",
            f"found {cells['value_kind']!r}; accepted: a kind where there is a value, otherwise nothing",
        )


def _range_fits_its_kind(cells: Mapping[str, Cell]) -> Iterator[Problem]:
    if "range_kind" not in cells:
        return
    numbers = tuple(cells[name] for name in ("low", "value", "high"))
    low, value, high = (number if isinstance(number, float) else None for number in numbers)
    found = f"low {low}, value {value}, high {high}"
    kind = cells["range_kind"]
    ends = (low is not None) + (high is not None)
    wanted = {"": (0,), "interval": (2,), "bounds_only": (2,), "one_sided": (1,), "other_cases": (1, 2)}
    if ends not in wanted.get(str(kind), (ends,)):
        yield "range_kind", f"found {kind!r} with {found}; accepted: {_range_kinds(ends)}"
    elif kind in ("interval", "bounds_only") and (value is None) != (kind == "bounds_only"):
        yield (
            "range_kind",
            f"found {kind!r} with {found}; accepted: interval with a value, bounds_only without",
        )
    elif kind != "other_cases" and not _in_order(low, value, high):
        yield "low, high", f"the range does not contain its value ({found}); accepted: low <= value <= high"


def _in_order(*numbers: float | None) -> bool:
    present = [number for number in numbers if number is not None]
    return present == sorted(present)


def _range_kinds(ends: int) -> str:
    return ("nothing", "one_sided or other_cases", "interval, other_cases or bounds_only")[ends]


_CHECKS: tuple[Callable[[Mapping[str, Cell]], Iterator[Problem]], ...] = (
    _dates_say_what_as_of_says,
    _numbers_have_a_unit,
    _grade_is_given,
    _value_is_said_to_be_read,
    _range_fits_its_kind,
)

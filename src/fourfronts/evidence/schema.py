"""The schema of the evidence files, read from data/columns.csv, and the tables it describes."""

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from fourfronts.errors import InputError, unknown
from fourfronts.evidence import units
from fourfronts.evidence.dates import period
from fourfronts.evidence.records import Chip, Fact, Gap, Incident, Model, Record, SeriesPoint, Volume

DATA = Path(__file__).parent / "data"
COLUMNS_FILE = "columns.csv"

Cell = str | float | bool | date | None


@dataclass(frozen=True, slots=True)
class Table:
    """A file of the base: the record it becomes, and which of its columns fill the common header."""

    record: type[Record]
    header: dict[str, str] = field(default_factory=dict)
    """Header field -> column of the file, where the names differ."""
    constants: dict[str, str] = field(default_factory=dict)
    """Header field -> the text that all rows of the file share."""


TABLES: dict[str, Table] = {
    "compute_facts": Table(Fact),
    "capability_facts": Table(Fact),
    "diffusion_facts": Table(Fact),
    "adoption_series": Table(SeriesPoint, {"quantity": "series"}),
    "distribution_series": Table(SeriesPoint, {"quantity": "series"}),
    "gap_months": Table(Gap, {"quantity": "method"}, {"actor": "both", "kind": "estimate"}),
    "chip_volumes": Table(Volume, {"quantity": "chip", "actor": "vendor"}),
    "chips": Table(Chip, {"quantity": "chip", "value": "fp8_dense_tflops"}, {"unit": "TOPS"}),
    "frontier_models": Table(
        Model, {"quantity": "model", "value": "eci", "low": "eci_low", "high": "eci_high"}, {"unit": "ECI"}
    ),
    "distillation_incidents": Table(
        Incident,
        {
            "quantity": "target",
            "value": "exchanges",
            "value_kind": "exchanges_kind",
            "value_text": "exchanges_text",
        },
        {"unit": "exchange", "kind": "event"},
    ),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one file: its type, the unit of its numbers, whether it may be empty, what it means."""

    name: str
    type: str
    choices: tuple[str, ...]
    unit: str
    required: bool
    meaning: str

    def read(self, text: str) -> Cell:
        """The typed value of a cell; an empty number or date is None.

        Raises InputError that says what was found and what is accepted.
        """
        if not text:
            if self.required:
                raise InputError(f"is empty; accepted: {self._accepted()}")
            return None if self.type in ("number", "date") else ""
        return _READERS[self.type](self, text)

    def _accepted(self) -> str:
        return " or ".join(self.choices) or {"boolean": "true or false"}.get(self.type, f"any {self.type}")


def _number(_: Column, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise InputError(f"found {text!r}; accepted: a number, or nothing")
    return value


def _date(_: Column, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"found {text!r}; accepted: a day such as 2026-05-31, or nothing") from error


def _period(_: Column, text: str) -> str:
    period(text)
    return text


def _boolean(_: Column, text: str) -> bool:
    if text not in ("true", "false"):
        raise InputError(f"found {text!r}; accepted: true or false")
    return text == "true"


def _unit(_: Column, text: str) -> str:
    units.check(text)
    return text


def _choice(column: Column, text: str) -> str:
    if text not in column.choices:
        raise unknown(column.name, text, column.choices)
    return text


def _text(_: Column, text: str) -> str:
    return text


_READERS: dict[str, Callable[[Column, str], Cell]] = {
    "id": _text,
    "text": _text,
    "number": _number,
    "date": _date,
    "period": _period,
    "boolean": _boolean,
    "unit": _unit,
    "choice": _choice,
}


@lru_cache(maxsize=1)
def columns() -> dict[str, tuple[Column, ...]]:
    """The columns of every table, in the order in which they stand in its file."""
    tables: dict[str, list[Column]] = {name: [] for name in TABLES}
    with (DATA / COLUMNS_FILE).open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            column = Column(
                name=line["column"],
                type=line["type"],
                choices=tuple(filter(None, line["accepts"].split("|"))),
                unit=line["unit"],
                required=line["required"] == "yes",
                meaning=line["meaning"],
            )
            for name in TABLES if line["files"] == "all" else line["files"].split():
                tables[name].append(column)
    return {name: tuple(listed) for name, listed in tables.items()}

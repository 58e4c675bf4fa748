"""Reads the evidence files, checks every cell and row, and hands out typed records."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from fourfronts.errors import InputError, unknown
from fourfronts.evidence import search
from fourfronts.evidence.checks import row_problems
from fourfronts.evidence.dates import period
from fourfronts.evidence.records import (
    EVIDENCE_CUTOFF,
    Chip,
    Fact,
    Gap,
    Incident,
    Model,
    Record,
    SeriesPoint,
    Volume,
)
from fourfronts.evidence.schema import COLUMNS_FILE, DATA, TABLES, Cell, Column, columns

__all__ = ["EVIDENCE_CUTOFF", "Evidence", "digest", "load", "validate"]

PROBLEMS_SHOWN = 5
SomeRecord = TypeVar("SomeRecord", bound=Record)


@dataclass(frozen=True)
class Evidence:
    """The records of the base, in the order of their files and rows."""

    records: tuple[Record, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Record]:
        """Every record under its id."""
        return {record.id: record for record in self.records}

    def get(self, record_id: str) -> Record:
        """The record with this id. Raises InputError with the nearest ids if there is none."""
        try:
            return self.by_id[record_id]
        except KeyError:
            raise unknown("evidence id", record_id, self.by_id) from None

    def search(
        self,
        *,
        actor: str = "",
        quantity: str = "",
        text: str = "",
        since: date | str | None = None,
        until: date | str | None = None,
        grade: str = "",
        file: str = "",
    ) -> tuple[Record, ...]:
        """The records that satisfy every filter given, in the order of the base.

        `actor` and `quantity` are parts of those fields and `text` words to be found anywhere in the row, in
        any case; `since` and `until` keep rows whose period touches the time from or up to that date and drop
        undated ones; `grade` is one or more of A, A-, B, C, D, parted by commas; `file` is the name of a
        file, with or without .csv. Raises InputError for an unknown grade or file and for a date that cannot
        be read.
        """
        wanted = search.Query.of(actor, quantity, text, since, until, grade, file)
        return tuple(record for record in self.records if wanted.admits(record))

    def before(self, cutoff: date) -> "Evidence":
        """The evidence that could be known on `cutoff`: see `Record.known_by`."""
        return Evidence(tuple(record for record in self.records if record.known_by(cutoff)))

    def _of(self, kind: type[SomeRecord]) -> tuple[SomeRecord, ...]:
        return tuple(record for record in self.records if isinstance(record, kind))

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """Single statements and events: compute, capability and diffusion."""
        return self._of(Fact)

    @cached_property
    def series(self) -> tuple[SeriesPoint, ...]:
        """Points of the adoption and distribution series."""
        return self._of(SeriesPoint)

    @cached_property
    def chips(self) -> tuple[Chip, ...]:
        """Accelerators and what they can do."""
        return self._of(Chip)

    @cached_property
    def volumes(self) -> tuple[Volume, ...]:
        """Chips sold or made, by year."""
        return self._of(Volume)

    @cached_property
    def models(self) -> tuple[Model, ...]:
        """Released models and their scores."""
        return self._of(Model)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """Measured lags of PRC models, in months."""
        return self._of(Gap)

    @cached_property
    def incidents(self) -> tuple[Incident, ...]:
        """Reported distillation campaigns."""
        return self._of(Incident)


@lru_cache(maxsize=8)
def load(folder: Path | None = None, cutoff: date | None = None) -> Evidence:
    """The evidence base, checked; that of the package unless another `folder` of such files is given.

    With `cutoff`, only what could be known on that day. Read once per process for each folder and cut-off.
    Raises InputError with the first problems if a file, row or cell is not as the schema says.
    """
    records, problems = _read(folder or DATA)
    if problems:
        more = f"; and {len(problems) - PROBLEMS_SHOWN} more" if len(problems) > PROBLEMS_SHOWN else ""
        raise InputError("; ".join(problems[:PROBLEMS_SHOWN]) + more)
    evidence = Evidence(tuple(records))
    return evidence.before(cutoff) if cutoff else evidence


def validate(folder: Path | None = None) -> list[str]:
    """Every problem of the files in `folder`, one line each; empty if there is none."""
    return _read(folder or DATA)[1]


def digest(folder: Path | None = None) -> str:
    """SHA-256 over the names and contents of the evidence files, the schema included."""
    whole = hashlib.sha256()
    for path in sorted((folder or DATA).glob("*.csv")):
        content = path.read_bytes()
        whole.update(f"{path.name} {len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()


def _read(folder: Path) -> tuple[list[Record], list[str]]:
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; accepted: a folder with evidence files such as compute_facts.csv")
    found = {path.stem: path for path in sorted(folder.glob("*.csv")) if path.name != COLUMNS_FILE}
    if not found:
        raise InputError(f"{folder}: no evidence file in it; accepted: {', '.join(f'{name}.csv' for name in TABLES)}")
    problems = [str(unknown("evidence file", name, TABLES, str(folder))) for name in found if name not in TABLES]
    records: list[Record] = []
    seen: dict[str, str] = {}
    for name in TABLES:
        if name in found:
            _read_file(name, found[name], records, problems, seen)
    return records, problems


def _read_file(name: str, path: Path, records: list[Record], problems: list[str], seen: dict[str, str]) -> None:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            wrong = list(_header_problems(path.name, header, columns()[name]))
            problems += wrong
            for texts in () if wrong else reader:
                where = f"{path.name} line {reader.line_num}"
                record = _read_row(
                    name, where, dict(zip(header, texts, strict=False)), len(texts) - len(header), problems
                )
                if record and record.id in seen:
                    problems.append(f"{where} ({record.id}), id: already used in {seen[record.id]}; accepted: a new id")
                elif record:
                    seen[record.id] = where
                    records.append(record)
    except (csv.Error, UnicodeDecodeError) as error:
        problems.append(f"{path.name}: cannot be read ({error}); accepted: comma-separated text in UTF-8")


def _header_problems(file: str, header: list[str], wanted: Iterable[Column]) -> Iterator[str]:
    names = [column.name for column in wanted]
    for name in header:
        if name not in names:
            yield str(unknown("column", name, names, file))
    for name in names:
        if name not in header:
            yield f"{file}: missing column {name!r}; accepted: {', '.join(names)}"
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield f"{file}: column {name!r} stands twice; accepted: each column once"


def _read_row(name: str, where: str, texts: dict[str, str], surplus: int, problems: list[str]) -> Record | None:
    where = f"{where} ({texts.get('id') or 'no id'})"
    if surplus:
        much = "many" if surplus > 0 else "few"
        problems.append(f"{where}: has {abs(surplus)} cells too {much}; accepted: one for each column")
        return None
    before = len(problems)
    cells: dict[str, Cell] = {}
    for column in columns()[name]:
        try:
            cells[column.name] = column.read(texts[column.name].strip())
        except InputError as error:
            problems.append(f"{where}, {column.name}: {error}")
    if len(problems) == before:
        problems += [f"{where}, {field}: {message}" for field, message in row_problems(cells)]
    return _record(name, cells, where) if len(problems) == before else None


def _record(name: str, cells: dict[str, Cell], where: str) -> Record:
    table = TABLES[name]
    # The schema and the record classes name the same fields, which a test checks and the type checker cannot.
    fields: dict[str, Any] = {**table.constants, **cells}
    fields |= {target: cells[column] for target, column in table.header.items()}
    for column in table.header.values():
        if column not in table.record.__dataclass_fields__:
            del fields[column]
    source_date = fields.get("source_date")
    fields["published"] = period(source_date)[0] if source_date else None
    fields["file"], _, line = where.partition(" (")[0].partition(" line ")
    return table.record(**fields, row=int(line))

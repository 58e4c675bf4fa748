"""Finding records: what a query asks for, and whether a record answers it."""

from dataclasses import dataclass
from datetime import date

from fourfronts.errors import InputError, unknown
from fourfronts.evidence.dates import period
from fourfronts.evidence.records import Record
from fourfronts.evidence.schema import TABLES

GRADES = ("A", "A-", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class Query:
    """The filters of one search, read and checked; empty ones admit everything."""

    actor: str
    quantity: str
    words: tuple[str, ...]
    since: date | None
    until: date | None
    grades: tuple[str, ...]
    file: str

    @classmethod
    def of(
        cls,
        actor: str,
        quantity: str,
        text: str,
        since: date | str | None,
        until: date | str | None,
        grade: str,
        file: str,
    ) -> "Query":
        """The query that these filters mean.

        Raises InputError for an unknown grade or file and for a date that cannot be read.
        """
        grades = tuple(part.strip() for part in grade.split(",") if part.strip())
        for part in grades:
            if part not in GRADES:
                raise unknown("grade", part, GRADES)
        name = file.removesuffix(".csv")
        if name and name not in TABLES:
            raise unknown("evidence file", name, TABLES)
        first = period(since)[0] if isinstance(since, str) else since
        last = period(until)[1] if isinstance(until, str) else until
        if first and last and first > last:
            raise InputError(f"since {since} is later than until {until}; accepted: since on or before until")
        return cls(actor.lower(), quantity.lower(), tuple(text.lower().split()), first, last, grades, name)

    def admits(self, record: Record) -> bool:
        """True if the record satisfies every filter."""
        return (
            self.actor in record.actor.lower()
            and self.quantity in record.quantity.lower()
            and (not self.grades or record.grade in self.grades)
            and (not self.file or record.file == f"{self.file}.csv")
            and (not self.since or (record.date_end is not None and record.date_end >= self.since))
            and (not self.until or (record.date_start is not None and record.date_start <= self.until))
            and self._has_words(record)
        )

    def _has_words(self, record: Record) -> bool:
        if not self.words:
            return True
        fields = (
            record.id,
            record.quantity,
            record.actor,
            record.value_text,
            record.unit,
            record.scope,
            record.source,
            record.note,
        )
        whole = " ".join(fields).lower()
        return all(word in whole for word in self.words)

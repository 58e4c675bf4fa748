"""What could be measured in a year, and how precisely: assumptions of this analysis, stated so that they can be argued.

A record is one campaign or one site. A figure made of several records is in error by the error of one over the square
root of their number, and by a floor which more records of the same kind do not lower, because what is found is not a
fair sample of what there is. Both are standard deviations of the logarithm: 0.3 is about 30 percent either way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import sqrt

from fourfronts.errors import InputError, unknown

LEAST = 1


@dataclass(frozen=True)
class Measured:
    """A parameter that an instrument measures: error of one record and floor, of the logarithm."""

    parameter: str
    error: float
    floor: float

    def after(self, records: int) -> float:
        """The error of a figure made of so many records."""
        return sqrt(self.error**2 / records + self.floor**2)


@dataclass(frozen=True)
class Instrument:
    """A way to measure: a year of it is `records`, each a `record`."""

    name: str
    label: str
    record: str
    records: int
    measures: tuple[Measured, ...]

    def as_json(self) -> dict[str, object]:
        """What is assumed of it."""
        return {
            "label": self.label,
            "records": self.records,
            "record": self.record,
            "errors": {each.parameter: each.after(self.records) for each in self.measures},
        }


INSTRUMENTS = (
    Instrument(
        "distillation_figures",
        "A year of distillation detection figures",
        "campaigns",
        20,
        (
            # Laboratories count exchanges well, but only those of campaigns that they find.
            Measured("intelligence.exchanges_anchor.prc", 1.0, 0.3),
            Measured("intelligence.detection_effect", 1.0, 0.3),
            # What students gain is seen only through what they release.
            Measured("intelligence.distillation_rate", 2.0, 0.4),
        ),
    ),
    Instrument(
        "custody_reconciliation",
        "A year of custody reconciliation",
        "sites",
        100,
        # A share near a tenth, of sites that have their chips or have not: the error of one is the root of nine.
        (Measured("access.diversion_share", 3.0, 0.2),),
    ),
)


def instruments(records: Mapping[str, int] | None = None) -> tuple[Instrument, ...]:
    """The instruments, with other numbers of records for those named. Raises InputError for a bad name or number."""
    given = dict(records or {})
    names = [each.name for each in INSTRUMENTS]
    for name, number in given.items():
        if name not in names:
            raise unknown("instrument", name, names)
        if number < LEAST:
            raise InputError(f"{name}: {number} records; accepted: {LEAST} or more")
    return tuple(replace(each, records=given.get(each.name, each.records)) for each in INSTRUMENTS)

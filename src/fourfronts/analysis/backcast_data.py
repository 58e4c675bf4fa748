"""The published series that the model is held against: which evidence rows, and what of the model they show."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from fourfronts.analysis.outputs import OUTPUTS
from fourfronts.errors import InputError, unknown
from fourfronts.evidence.loader import EVIDENCE_CUTOFF, Evidence
from fourfronts.evidence.records import Record as Row
from fourfronts.inference.parameters import Registry
from fourfronts.model.blocs import BLOCS, PRC
from fourfronts.policy.documents import Name, Record, Text, build, read
from fourfronts.policy.grid import FIRST, NOW, Month, parse_month
from fourfronts.policy.scenarios import Reference, parse_reference

_FILE = "analysis/backcast.yaml"
OBSERVED = ("actual", "estimate")
"""Kinds of rows that a model can be held against."""

Key = Annotated[Reference, BeforeValidator(parse_reference)]
When = Annotated[Month, BeforeValidator(parse_month)]
Ids = Annotated[tuple[Text, ...], Field(strict=False)]
Bound: TypeAlias = Literal["", "at_least", "at_most"]


class Splice(Record):
    """A break: by what factor its later definition raises the odds, and the last month of the earlier one."""

    by: Text
    until: When
    words: Text


class WithoutUS(Record):
    """How the allies other than the United States follow: the odds of the US over the bloc's, and its weight."""

    reading: Text
    weight: Text


class Odds(Record):
    """A share, in percent, whose odds are those of an output times parameters."""

    measure: Literal["odds"]
    of: Key
    without_us: WithoutUS | None = None
    through: Ids = ()
    splice: Splice | None = None


class Market(Record):
    """The PRC's share, in percent, in a series of `distribution.readings`; if `two_way`, of itself and the allies."""

    measure: Literal["market"]
    series: Literal["router_tokens", "router_spend", "visits", "downloads"]
    two_way: bool = False


class Level(Record):
    """An output times a factor, or as a multiple of what it was in a month."""

    measure: Literal["level"]
    of: Key
    times: float = 1.0
    relative_to: When | None = None


Reading: TypeAlias = Odds | Market | Level


class Figure(Record):
    """One published figure: the rows that it is made of. See the head of the file."""

    rows: Annotated[Ids, Field(min_length=1)]
    share: bool = False
    over: Ids = ()
    times: float = 1.0
    since: When | None = None
    bound: Bound = ""
    same_as: Ids = ()


class MonthlyMeans(Record):
    """Every row of a quantity and an actor, each month's taken together."""

    quantity: Text
    actor: Text
    same_as: Ids = ()


def _figure(found: object) -> object:
    return {"rows": [found]} if isinstance(found, str) else found


class Published(Record):
    """One published series and what of the model it shows."""

    label: Text
    front: Name
    unit: Literal["percent", "billion USD", "multiple"]
    scale: Literal["linear", "log"] = "linear"
    reading: Annotated[Reading, Field(discriminator="measure")]
    points: Annotated[tuple[Annotated[Figure, BeforeValidator(_figure)], ...], Field(strict=False)] = ()
    monthly_means: MonthlyMeans | None = None
    scope: Text
    why: Text

    @property
    def bloc(self) -> str:
        """The bloc that the series is about."""
        if isinstance(self.reading, Market):
            return BLOCS[PRC]
        return next((bloc for bloc in BLOCS if self.reading.of.kind.endswith(bloc)), "")


class NotCompared(Record):
    """What no published series can be held against, and why."""

    what: Text
    why: Text


class _Document(Record):
    about: Text
    series: dict[Name, Published]
    not_compared: Annotated[tuple[NotCompared, ...], Field(strict=False)]


@dataclass(frozen=True)
class Datum:
    """A published figure as a number in the series' unit, for the months from `first` to `last`.

    `used` says whether a prior of the model rests on one of its rows.
    """

    rows: tuple[str, ...]
    first: Month
    last: Month
    value: float
    bound: Bound
    used: bool


@cache
def published() -> dict[str, Published]:
    """The series by name, in the order of the file."""
    return dict(_document().series)


@cache
def not_compared() -> tuple[NotCompared, ...]:
    """What the back-cast leaves out."""
    return _document().not_compared


@cache
def _document() -> _Document:
    document = build(_Document, read(files("fourfronts.analysis") / "backcast.yaml", _FILE), _FILE)
    for name, each in document.series.items():
        if not isinstance(each.reading, Market):
            check(each.reading.of, f"{_FILE}: {name}")
    return document


def check(of: Reference, where: str) -> None:
    """Raise InputError, with the nearest names, for an output that the model does not report."""
    if of.output not in OUTPUTS:
        raise unknown("output", of.output, OUTPUTS, where)
    if of.kind not in OUTPUTS[of.output].kinds:
        raise unknown(f"kind of {of.output}", of.kind, OUTPUTS[of.output].kinds, where)


def cited(registry: Registry) -> frozenset[str]:
    """Every row that a prior or a dated series of the model rests on."""
    priors = (row for each in registry.parameters.values() for row in each.evidence)
    paths = (row for each in registry.paths.values() for value in each.values for row in value.evidence)
    return frozenset((*priors, *paths))


def data(series: Published, evidence: Evidence, used: frozenset[str]) -> list[Datum]:
    """The figures of a series in time order, without what was not known by the cut-off or is about a later time.

    `used` are the rows that priors rest on. Raises InputError for a row that does not exist or cannot be used.
    """
    figures = [_datum(each, evidence, used) for each in series.points]
    if series.monthly_means:
        figures += _means(series.monthly_means, evidence, used)
    return sorted(filter(None, figures), key=lambda each: (each.last, each.first, each.rows))


def _datum(figure: Figure, evidence: Evidence, used: frozenset[str]) -> Datum | None:
    rows = [evidence.get(each) for each in figure.rows]
    below = [evidence.get(each) for each in figure.over]
    if not all(_observed(row) for row in (*rows, *below)):
        return None
    total = sum(map(_number, rows))
    value = _number(rows[0]) / total if figure.share else total
    if below:
        value /= sum(map(_number, below))
    first, last = _period(rows[0])
    kinds = {row.value_kind for row in rows}
    bound: Bound = figure.bound or ("at_least" if "at_least" in kinds else "at_most" if "at_most" in kinds else "")
    ids = (*figure.rows, *figure.over)
    return Datum(
        rows=ids,
        first=figure.since or first,
        last=last,
        value=value * figure.times,
        bound=bound,
        used=not used.isdisjoint((*ids, *figure.same_as)),
    )


def _means(wanted: MonthlyMeans, evidence: Evidence, used: frozenset[str]) -> Iterator[Datum]:
    chosen = [row for row in evidence.series if (row.quantity, row.actor) == (wanted.quantity, wanted.actor)]
    if not chosen:
        raise InputError(f"{_FILE}: no evidence on {wanted.quantity!r} of {wanted.actor!r}; accepted: what series name")
    shown = sorted(filter(_observed, chosen), key=lambda row: (_period(row), row.id))
    for (first, last), group in groupby(shown, key=_period):
        rows = list(group)
        ids = tuple(row.id for row in rows)
        value = sum(map(_number, rows)) / len(rows)
        yield Datum(ids, first, last, value, "", not used.isdisjoint((*ids, *wanted.same_as)))


def _observed(row: Row) -> bool:
    """Whether a row is about what had happened by the cut-off and was known then, and no forecast or assumption."""
    return row.kind in OBSERVED and row.known_by(EVIDENCE_CUTOFF) and not row.after_cutoff


def _number(row: Row) -> float:
    if row.value is None:
        raise InputError(f"{_FILE}: {row.id} has no value; accepted: rows with one")
    return row.value


def _period(row: Row) -> tuple[Month, Month]:
    """First and last month of what a row is about, no later than now."""
    if row.date_start is None or row.date_end is None:
        raise InputError(f"{_FILE}: {row.id} has no date; accepted: dated rows")
    ends = (Month(day.year, day.month) for day in (row.date_start, row.date_end))
    first, last = (min(max(each, FIRST), NOW) for each in ends)
    return first, last


def references(series: Iterable[Published]) -> set[str]:
    """The outputs that the readings of some series need."""
    names: set[str] = set()
    for each in series:
        if isinstance(each.reading, Market):
            names |= {"distribution_frontier", "distribution_bulk", "responses"}
        else:
            names.add(each.reading.of.output)
    return names

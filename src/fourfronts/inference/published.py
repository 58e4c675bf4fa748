"""The published series that the model is held against: which evidence rows, and what of the model they show.

They are in `series/`, a file a subject; the head of `series/people.yaml` says how to read one.
"""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from fourfronts.errors import unknown
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.inference.priors import Interval
from fourfronts.model.blocs import BLOCS, PRC
from fourfronts.model.distribution import SEGMENTS
from fourfronts.policy.documents import Name, Record, Text, build, read
from fourfronts.policy.grid import Month, parse_month
from fourfronts.policy.scenarios import Reference, parse_reference

SUBJECTS = (
    "compute",
    "frontier",
    "gap",
    "distillation",
    "people",
    "firms",
    "distribution",
    "money",
    "safety",
    "security",
)
"""The files of series, in the order of the fronts."""

_FOLDER = "inference/series"
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
    """An output times a factor and the parameters `through`, over those `under` and over another output.

    Or as a multiple of what it was in a month.
    """

    measure: Literal["level"]
    of: Key
    over: Key | None = None
    through: Ids = ()
    under: Ids = ()
    times: float = 1.0
    relative_to: When | None = None


class Total(Record):
    """What a yearly flow has added up to since the start of a month, times a share and the growth of its odds.

    `share` is a parameter; its odds move by the parameter `share_drift` a year from `share_time` on, both ways.
    """

    measure: Literal["total"]
    of: Key
    since: When
    share: Text | None = None
    share_drift: Text | None = None
    share_time: float = 2025.0


Reading: TypeAlias = Odds | Market | Level | Total


class Noise(Record):
    """How far a series may stand off the model for reasons of its own, on the scale on which it is read.

    `misfit` are the 5th and 95th percentile of the standard deviation of what the model leaves unexplained, which fades
    with a `memory` in years, so that figures close in time are one piece of news and not two. `source` is the
    parameter, in the same scale, by which all figures of a source err together.
    """

    misfit: Interval
    memory: Annotated[float, Field(gt=0)] = 1.0
    source: Text | None = None


class Figure(Record):
    """One published figure: the rows that it is made of. See the head of `series/people.yaml`."""

    rows: Annotated[Ids, Field(min_length=1)]
    share: bool = False
    over: Ids = ()
    times: float = 1.0
    since: When | None = None
    field: Literal["value", "training_flop"] = "value"
    forward: bool = False
    error: Annotated[float, Field(gt=0)] | None = None
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
    unit: Literal["percent", "billion USD", "multiple", "H100e", "ratio", "ECI", "months", "log10 FLOP", "exchanges"]
    scale: Literal["linear", "log"] = "linear"
    noise: Noise | None = None
    held_out: Text | None = None
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
    """A file of series."""

    about: Text
    noise: Noise
    series: dict[Name, Published]
    not_compared: Annotated[tuple[NotCompared, ...], Field(strict=False)] = ()


MARKET = (
    *(Reference(f"distribution_{segment}", bloc) for segment in SEGMENTS for bloc in BLOCS),
    Reference("responses", "prc_export_subsidy"),
)
"""What readings of the market are made of."""


@cache
def published() -> dict[str, Published]:
    """The series by name, in the order of the files."""
    found: dict[str, Published] = {}
    for subject in SUBJECTS:
        document = _document(subject)
        for name, each in document.series.items():
            found[name] = each if each.noise else each.model_copy(update={"noise": document.noise})
    return found


@cache
def not_compared() -> tuple[NotCompared, ...]:
    """What no series stands for."""
    return tuple(each for subject in SUBJECTS for each in _document(subject).not_compared)


@cache
def _document(subject: str) -> _Document:
    where = f"{_FOLDER}/{subject}.yaml"
    document = build(_Document, read(files("fourfronts.inference") / "series" / f"{subject}.yaml", where), where)
    for name, each in document.series.items():
        for of in outputs_of(each.reading):
            check(of, f"{where}: {name}")
    return document


def outputs_of(reading: Reading) -> tuple[Reference, ...]:
    """The outputs that a reading looks at."""
    if isinstance(reading, Market):
        return MARKET
    over = reading.over if isinstance(reading, Level) else None
    return (reading.of, over) if over else (reading.of,)


def check(of: Reference, where: str) -> None:
    """Raise InputError, with the nearest names, for an output that the model does not report."""
    if of.output not in OUTPUTS:
        raise unknown("output", of.output, OUTPUTS, where)
    if of.kind not in OUTPUTS[of.output].kinds:
        raise unknown(f"kind of {of.output}", of.kind, OUTPUTS[of.output].kinds, where)


def references(series: Iterable[Published]) -> set[str]:
    """The names of the outputs that the readings of some series need."""
    return {of.output for each in series for of in outputs_of(each.reading)}

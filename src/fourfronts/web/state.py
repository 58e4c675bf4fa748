"""A question that the page asks, checked to the last field, and the one form that all its spellings have."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from fourfronts.analysis.charts import charts
from fourfronts.analysis.explain.robust.candidates import timing
from fourfronts.analysis.live import Assumed, reach
from fourfronts.errors import InputError, unknown
from fourfronts.inference.parameters import registry
from fourfronts.model.couplings import Parameters as Couplings
from fourfronts.policy.grid import DEFAULT_HORIZON, FIRST_CHANGE, Grid, Month, parse_month
from fourfronts.policy.loader import Change, Package, changes, lever, levers, packages, worldviews

DEFAULT_DRAWS, MOST_DRAWS = 1000, 4000
SEED, LARGEST_SEED = 1, 2**32 - 1
LONGEST_RAMP = 120
LONGEST_NAME = 60
MOST_PARAMETERS = 40
STRONGEST_COUPLING = 10.0
CHARTS = ("lead", "compute_by_channel")
MOST_CHARTS = len(charts())
YOURS = "yours"
"""What a package is called once levers lie on top of it."""

MONTHS = Grid().labels
STARTS = tuple(month for month in MONTHS if month >= str(FIRST_CHANGE))


class Strict(BaseModel):
    """Refuses unknown fields, infinities and values of the wrong type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, data: Any) -> Any:
        # Before pydantic's own check, which does not say which names are accepted.
        if isinstance(data, Mapping):
            for key in data:
                if key not in cls.model_fields:
                    raise unknown("field", str(key)[:LONGEST_NAME], cls.model_fields)
        return data


class OneOf:
    """Text that is one of `names`: checked with the nearest names in the error, and told in the OpenAPI document."""

    def __init__(self, what: str, names: Iterable[str]) -> None:
        self.what, self.names = what, tuple(names)

    def check(self, text: str) -> str:
        """`text` itself. Raises InputError for any other."""
        if text not in self.names:
            raise unknown(self.what, text[:LONGEST_NAME], self.names)
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        del schema, handler
        return {"type": "string", "enum": list(self.names)}


class MonthOf(OneOf):
    """A month 'YYYY-MM' among `names`, which follow one another."""

    def check(self, text: str) -> str:
        """`text` itself. Raises InputError for any other."""
        if text not in self.names:
            parse_month(text[:LONGEST_NAME], self.what)
            raise InputError(f"{self.what} {text} is out of range; accepted: {self.names[0]} to {self.names[-1]}")
        return text


ChartName = Annotated[str, OneOf("chart", charts())]
PackageName = Annotated[str, OneOf("package", packages())]
WorldviewName = Annotated[str, OneOf("worldview", worldviews())]
Start = Annotated[str, MonthOf("start", STARTS)]
Date = Annotated[str, MonthOf("date", MONTHS)]


class LeverChange(Strict):
    """A lever moves in a straight line from where it stands at `start` to `level`, within `ramp_months`.

    Without them it starts, and moves as long, as the package has it, or else as the package `hold` would.
    """

    level: float
    start: Start | None = None
    ramp_months: Annotated[int, Field(ge=0, le=LONGEST_RAMP)] | None = None


def _changes_schema() -> dict[str, Any]:
    """Every lever with its range, as the OpenAPI document tells it."""

    def one(low: float, high: float) -> dict[str, Any]:
        fields = {
            "level": {"type": "number", "minimum": low, "maximum": high},
            "start": {"type": ["string", "null"], "enum": [*STARTS, None]},
            "ramp_months": {"type": ["integer", "null"], "minimum": 0, "maximum": LONGEST_RAMP},
        }
        return {"type": "object", "properties": fields, "required": ["level"], "additionalProperties": False}

    known = {name: one(*each.range) for name, each in levers().items()}
    return {"type": "object", "properties": known, "additionalProperties": False, "default": {}}


def _numbers_schema(ranges: Mapping[str, tuple[float, float]], most: int | None = None) -> dict[str, Any]:
    """Named numbers with their ranges."""
    known = {name: {"type": "number", "minimum": low, "maximum": high} for name, (low, high) in ranges.items()}
    limit = {"maxProperties": most} if most else {}
    return {"type": "object", "properties": known, "additionalProperties": False, "default": {}} | limit


def _in_range(what: str, values: Mapping[str, float], ranges: Mapping[str, tuple[float, float]]) -> None:
    for name, value in values.items():
        if name not in ranges:
            raise unknown(what, name[:LONGEST_NAME], ranges)
        low, high = ranges[name]
        if not low <= value <= high:
            raise InputError(f"{name}: found {value:g}; accepted: {low:g} to {high:g}")


def ranges_of_parameters() -> dict[str, tuple[float, float]]:
    """Lowest and highest value at which each parameter may be held."""
    return {key: reach(each.prior) for key, each in registry().parameters.items()}


_VIEWED = {name: frozenset(each.couplings) for name, each in worldviews().items()}
"""Couplings that each worldview changes; told once, because worldviews are read anew whenever they are asked for."""
_PARAMETERS = ranges_of_parameters()
_COUPLINGS = dict.fromkeys(Couplings._fields, (0.0, STRONGEST_COUPLING))


def _known_levers(found: dict[str, LeverChange]) -> dict[str, LeverChange]:
    for name, change in found.items():
        if name not in levers():
            raise unknown("lever", name[:LONGEST_NAME], levers())
        lever(name).check_level(change.level, f"{name}: ")
    return found


def _known_parameters(found: dict[str, float]) -> dict[str, float]:
    _in_range("parameter", found, _PARAMETERS)
    return found


def _known_couplings(found: dict[str, float]) -> dict[str, float]:
    _in_range("coupling", found, _COUPLINGS)
    return found


def _short(found: Any) -> Any:
    # Before each entry is looked at: an answer to a thousand wrong names would be as long as the question.
    if isinstance(found, dict | list) and len(found) > MOST_PARAMETERS:
        raise InputError(f"found {len(found)} entries; accepted: up to {MOST_PARAMETERS}")
    return found


Short = BeforeValidator(_short)


class State(Strict):
    """A package with levers on top, what is assumed, how many futures, and what is looked at. All may be left out.

    A lever replaces what the package does with it. `parameters` holds parameters at a value, `couplings` multiplies
    strengths; `date` is the month that the headline is about.
    """

    package: PackageName = "drift"
    levers: Annotated[
        dict[str, LeverChange], Short, AfterValidator(_known_levers), WithJsonSchema(_changes_schema())
    ] = {}
    worldview: WorldviewName = "evidence"
    prior: bool = False
    couplings: Annotated[
        dict[str, float], Short, AfterValidator(_known_couplings), WithJsonSchema(_numbers_schema(_COUPLINGS))
    ] = {}
    parameters: Annotated[
        dict[str, float],
        Short,
        AfterValidator(_known_parameters),
        WithJsonSchema(_numbers_schema(_PARAMETERS, MOST_PARAMETERS)),
    ] = {}
    draws: Annotated[int, Field(ge=1, le=MOST_DRAWS)] = DEFAULT_DRAWS
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = SEED
    date: Date = str(DEFAULT_HORIZON)
    charts: Annotated[list[ChartName], Short, Field(max_length=MOST_CHARTS)] = list(CHARTS)

    def canonical(self) -> Self:
        """The same question in the one form that all its spellings share.

        Names in the house's order, each chart once, starts and ramps told, and nothing that changes nothing: a lever
        that does what the package has it do, a coupling of strength 1 that the worldview leaves alone.
        """
        viewed = _VIEWED[self.worldview]
        own = changes(self.chosen)
        told = {name: _whole(name, self.levers[name], own.get(name)) for name in levers() if name in self.levers}
        moved = {name: change for name, change in told.items() if change != _as_told(own.get(name))}
        couplings = {name: self.couplings[name] for name in Couplings._fields if name in self.couplings}
        return self.model_copy(
            update={
                "levers": moved,
                "couplings": {name: _plain(value) for name, value in couplings.items() if value != 1 or name in viewed},
                "parameters": {name: _plain(self.parameters[name]) for name in sorted(self.parameters)},
                "charts": list(dict.fromkeys(self.charts)),
            }
        )

    @property
    def chosen(self) -> Package:
        """The package under the levers."""
        return packages()[self.package]

    @property
    def asked(self) -> Package:
        """The package with the levers on top: the shipped one itself where none is moved."""
        state = self.canonical()
        if not state.levers:
            return self.chosen
        own = {name: _change(change) for name, change in state.levers.items()}
        label = f"{self.chosen.label}, with your levers"
        description = f"{self.chosen.label}, with {', '.join(own)} as set on the page."
        return Package(name=YOURS, label=label, description=description, levers=changes(self.chosen) | own)

    @property
    def assumed(self) -> Assumed:
        """What the futures are drawn from."""
        state = self.canonical()
        return Assumed(state.worldview, state.prior, tuple(state.couplings.items()), tuple(state.parameters.items()))


def _plain(value: float) -> float:
    # Minus nought is nought, and 1 is 1.0: two spellings of one number.
    return float(value) + 0.0


def _whole(name: str, change: LeverChange, own: Change | None) -> LeverChange:
    start, ramp = (own.start, own.ramp_months) if own else timing(name)
    return LeverChange(
        level=_plain(change.level),
        start=change.start or str(max(start, FIRST_CHANGE)),
        ramp_months=ramp if change.ramp_months is None else change.ramp_months,
    )


def _as_told(change: Change | None) -> LeverChange | None:
    if change is None:
        return None
    return LeverChange(level=_plain(change.level), start=str(change.start), ramp_months=change.ramp_months)


def _change(change: LeverChange) -> Change:
    assert change.start is not None
    assert change.ramp_months is not None
    start: Month = parse_month(change.start)
    return Change(level=change.level, start=start, ramp_months=change.ramp_months)

"""Levers, packages and worldviews as typed records, read from YAML.

A name that ends in .yaml or .yml, or holds a path separator, is a user's own file; any other is shipped.
"""

import itertools
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from fourfronts.errors import InputError, unknown
from fourfronts.policy.citations import Citation, problems
from fourfronts.policy.documents import Record, Text, Unit, build, read
from fourfronts.policy.grid import FIRST, NOW, Month, check_start, parse_month

Area = Literal["close_loopholes", "defend_models", "champion_exports", "resilience", "prc_response"]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
MonthField = Annotated[Month, BeforeValidator(parse_month)]
Interval = Annotated[tuple[float, float], Field(strict=False)]

_SHIPPED = files("fourfronts.policy")
_LEVERS = "levers.yaml"


class Level(Record):
    """How far a lever was pulled from a month on, until the next entry of its history."""

    start: MonthField = Field(alias="from")
    level: float
    evidence: Citation
    why: Text | None = None


class Lever(Record):
    """One thing a government, a firm or a lab can do, as a level over time."""

    label: Text
    area: Area
    meaning: Text
    reacts: Text
    unit: Unit
    range: Interval
    pulled_by: Text
    cost: Text
    evidence: Citation
    why: Text
    history: Annotated[tuple[Level, ...], Field(strict=False, min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        low, high = self.range
        if not low < high:
            raise InputError(f"range {[low, high]} is empty; accepted: [lower, higher]")
        if self.history[0].start != FIRST:
            raise InputError(f"history starts in {self.history[0].start}; accepted: {FIRST}")
        for entry in self.history:
            self.check_level(entry.level)
        starts = [entry.start for entry in self.history]
        if any(later <= earlier for earlier, later in itertools.pairwise(starts)) or starts[-1] > NOW:
            raise InputError(f"history dates {[str(start) for start in starts]} must rise and end by {NOW}")
        return self

    def check_level(self, level: float, where: str = "") -> float:
        """`level` itself. Raises InputError when it lies outside the lever's range."""
        low, high = self.range
        if not low <= level <= high:
            raise InputError(f"{where}level {level:g} is out of range; accepted: {low:g} to {high:g} ({self.unit})")
        return level


class Change(Record):
    """A lever moves in a straight line from where it stands at `start` to `level`, within `ramp_months`."""

    level: float
    start: MonthField
    ramp_months: Annotated[int, Field(ge=0)] = 0
    why: Text | None = None

    @model_validator(mode="after")
    def _on_the_grid(self) -> Self:
        check_start(self.start)
        return self


class Package(Record):
    """Lever changes on top of another package, or of policy as it stood (`drift`) where `base` is None.

    A file that gives `area` instead of `levers` takes what `hold` changes there: the two cannot come apart.
    """

    name: Slug
    label: Text
    description: Text
    base: "Package | None" = None
    area: Area | None = None
    levers: dict[str, Change]

    @field_validator("levers")
    @classmethod
    def _known_and_in_range(cls, changes: dict[str, Change]) -> dict[str, Change]:
        for name, change in changes.items():
            lever(name).check_level(change.level, f"{name}: ")
        return changes


def changes(package: Package) -> dict[str, Change]:
    """What a package changes, with what it takes from the package it builds on."""
    return {**(changes(package.base) if package.base else {}), **package.levers}


def coupling_id(name: str) -> str:
    """The id of the parameter that holds the strength of a coupling."""
    return f"couplings.{name}"


def _multiplier(found: object) -> object:
    # YAML reads a bare `on` or `off` as true or false.
    switches: dict[object, float] = {"on": 1.0, True: 1.0, "off": 0.0, False: 0.0}
    if isinstance(found, bool | str):
        if found not in switches:
            raise InputError(f"found {found!r}; accepted: on, off, or a number from 0 up")
        return switches[found]
    if isinstance(found, int | float) and found < 0:
        raise InputError(f"found {found:g}; accepted: on, off, or a number from 0 up")
    return found


def _prior_change(found: object) -> object:
    """The long form of a change of a prior, which has the prior as one of its fields."""
    if isinstance(found, PriorChange) or (isinstance(found, Mapping) and "prior" in found):
        return found
    return {"prior": found}


def _coupling_change(found: object) -> object:
    return found if isinstance(found, CouplingChange | Mapping) else {"strength": found}


class PriorChange(Record):
    """Another prior for one parameter, and what argues for it. The registry of the parameters validates the prior."""

    prior: Any
    evidence: Citation = ()
    why: Text | None = None


class CouplingChange(Record):
    """What the strength of one coupling is multiplied by: 0 switches it off, 1 leaves it as it is."""

    strength: Annotated[float, BeforeValidator(_multiplier)]
    evidence: Citation = ()
    why: Text | None = None


class Worldview(Record):
    """Structural assumptions: other priors, by parameter id, and couplings made stronger or weaker, by name.

    A change without reasons may be written short, as the prior or the multiplier alone.
    """

    name: Slug
    label: Text
    description: Text
    rationale: Text
    evidence: Citation
    priors: dict[str, Annotated[PriorChange, BeforeValidator(_prior_change)]]
    couplings: dict[str, Annotated[CouplingChange, BeforeValidator(_coupling_change)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_change_each(self) -> Self:
        for name in self.couplings:
            if (key := coupling_id(name)) in self.priors:
                raise InputError(f"both couplings: {name} and priors: {key} are given; accepted: one of them")
        return self


@lru_cache(maxsize=1)
def levers() -> dict[str, Lever]:
    """Every lever by name, in the file's order."""
    return parse_levers(read(_SHIPPED / _LEVERS, _LEVERS), _LEVERS)


def parse_levers(document: dict[str, Any], where: str) -> dict[str, Lever]:
    """The levers of a parsed YAML document. Raises InputError for the first that is not valid."""
    return {
        name: build(Lever, _mapping(body, f"{where}: {name}"), f"{where}: {name}") for name, body in document.items()
    }


def lever(name: str, where: str = "") -> Lever:
    """One lever. Raises InputError with the nearest names when there is none called `name`."""
    if name not in levers():
        raise unknown("lever", name, levers(), where)
    return levers()[name]


def package(name_or_path: str) -> Package:
    """A shipped package, a user's own file, or a single lever: `drift` plus that lever as `hold` has it.

    Raises InputError for an unknown name, with the nearest, and for a file that cannot be read or used.
    """
    if _is_path(name_or_path):
        return _read_package(Path(name_or_path), name_or_path)
    return _shipped_package(name_or_path)


def packages() -> dict[str, Package]:
    """The shipped packages by name, single levers left out."""
    return {name: _shipped_package(name) for name in _names("packages")}


def worldview(name_or_path: str) -> Worldview:
    """A shipped worldview or a user's own file. Raises InputError as `package` does."""
    if _is_path(name_or_path):
        return _read_worldview(Path(name_or_path), name_or_path)
    if name_or_path not in _names("worldviews"):
        raise unknown("worldview", name_or_path, _names("worldviews"))
    return _read_worldview(_SHIPPED / "worldviews" / f"{name_or_path}.yaml", f"worldviews/{name_or_path}.yaml")


def worldviews() -> dict[str, Worldview]:
    """The shipped worldviews by name."""
    return {name: worldview(name) for name in _names("worldviews")}


def check_against_evidence() -> list[str]:
    """What is wrong with the citations of levers and worldviews, a sentence each; empty when nothing is.

    Reads the whole evidence base, so `run` leaves it to the tests and to `fourfronts evidence check`.
    """
    found = []
    for name, each in levers().items():
        found += problems(f"{_LEVERS}: {name}", each.evidence)
        for entry in each.history:
            found += problems(f"{_LEVERS}: {name}: {entry.start}", entry.evidence)
    for name, view in worldviews().items():
        found += problems(f"worldviews/{name}.yaml", view.evidence)
        for key, change in (view.priors | view.couplings).items():
            found += problems(f"worldviews/{name}.yaml: {key}", change.evidence)
    return found


@lru_cache(maxsize=64)
def _shipped_package(name: str) -> Package:
    if name in _names("packages"):
        return _read_package(_SHIPPED / "packages" / f"{name}.yaml", f"packages/{name}.yaml")
    if name in levers():
        return _single_lever(name)
    raise unknown("package", name, [*_names("packages"), *levers()])


def _single_lever(name: str) -> Package:
    changes = _shipped_package("hold").levers
    if name not in changes:
        raise InputError(f"lever {name!r} is no package by itself: 'hold' leaves it alone; use --set {name}=VALUE")
    return Package(
        name=name,
        label=levers()[name].label,
        description=f"Policy as it stood on 2026-05-31, and one change: {name} as the package 'hold' has it.",
        levers={name: changes[name]},
    )


def _read_package(path: Path | Traversable, where: str) -> Package:
    document = read(path, where)
    if (base := document.get("base")) is not None:
        known = [*_names("packages"), *levers()]
        if base not in known:
            raise unknown("package", str(base), known, f"{where}: base")
        document["base"] = _shipped_package(base)
    if "area" in document:
        if "levers" in document:
            raise InputError(f"{where}: both area and levers are given; accepted: one of them")
        changes = _shipped_package("hold").levers
        area = {name: change for name, change in changes.items() if levers()[name].area == document["area"]}
        document["levers"] = area
    return build(Package, document, where)


def _read_worldview(path: Path | Traversable, where: str) -> Worldview:
    return build(Worldview, read(path, where), where)


@lru_cache(maxsize=2)
def _names(folder: str) -> tuple[str, ...]:
    found = (_SHIPPED / folder).iterdir()
    return tuple(sorted(each.name.removesuffix(".yaml") for each in found if each.name.endswith(".yaml")))


def _is_path(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) or "/" in name or "\\" in name


def _mapping(body: object, where: str) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise InputError(f"{where}: found {body!r}; accepted: a mapping of fields to values")
    return body

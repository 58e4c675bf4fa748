"""Scenarios as tests on one future: which conditions must hold at a date for a future to count as one of them.

The thresholds are data, in `policy/scenarios`. Whether an output of that name exists is for the room that has the
outputs to say.
"""

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from fourfronts.errors import InputError, unknown
from fourfronts.policy.documents import Name, Record, Text, build, read
from fourfronts.policy.grid import DEFAULT_HORIZON, Month, parse_month

COMMANDING_LEAD, NECK_AND_NECK, CONTESTED = "commanding-lead", "neck-and-neck", "contested"
RESERVED = (COMMANDING_LEAD, NECK_AND_NECK, CONTESTED)
"""Names that a user's own scenario may not take; a future that meets neither of the shipped two is contested."""

Comparison = Literal[">=", ">", "<=", "<"]
_COMPARISONS: dict[str, Comparison] = {">=": ">=", ">": ">", "<=": "<=", "<": "<"}

_REFERENCE = r"([a-z][a-z0-9_]*)\[([a-z][a-z0-9_]*)\]"
_CONDITION = re.compile(rf"\s*{_REFERENCE}\s*(>=|<=|>|<)\s*(?:{_REFERENCE}|(\S+))\s*")
_FORM = "OUTPUT[KIND] >=, >, <= or < a number or OUTPUT[KIND], as in lead_months[released] >= 12"
_SHIPPED = files("fourfronts.policy") / "scenarios"


@dataclass(frozen=True, order=True)
class Reference:
    """One output of the model and one name along its `kind` axis. Prints as `adoption[allied]`."""

    output: str
    kind: str

    def __str__(self) -> str:
        return f"{self.output}[{self.kind}]"


@dataclass(frozen=True)
class Condition:
    """An output compared with a number or with another output. Prints as it is written in the file."""

    left: Reference
    comparison: Comparison
    right: Reference | float

    def __str__(self) -> str:
        right = self.right if isinstance(self.right, Reference) else f"{self.right:g}"
        return f"{self.left} {self.comparison} {right}"

    @property
    def references(self) -> tuple[Reference, ...]:
        """The outputs that it reads."""
        return (self.left, self.right) if isinstance(self.right, Reference) else (self.left,)


def parse_reference(text: object) -> Reference:
    """The output that a text such as "adoption[prc]" names. Raises InputError that says what is accepted."""
    found = re.fullmatch(_REFERENCE, text.strip()) if isinstance(text, str) else None
    if not found:
        raise InputError(f"found {text!r}; accepted: OUTPUT[KIND], as in adoption[prc]")
    return Reference(found[1], found[2])


def parse_condition(text: object) -> Condition:
    """The condition that a text stands for. Raises InputError that says what is accepted."""
    if isinstance(text, Condition):
        return text
    found = _CONDITION.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise InputError(f"found {text!r}; accepted: {_FORM}")
    output, kind, comparison, other, other_kind, number = found.groups()
    left = Reference(output, kind)
    right = _number(number, text) if number else Reference(other, other_kind)
    if left == right:
        raise InputError(f"found {text!r}, an output compared with itself; accepted: {_FORM}")
    return Condition(left, _COMPARISONS[comparison], right)


def _number(text: str, whole: object) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"found {whole!r}; accepted: {_FORM}")
    return value


Test = Annotated[tuple[Annotated[Condition, BeforeValidator(parse_condition)], ...], Field(strict=False, min_length=1)]
"""Conditions that must all hold."""


class Rule(Record):
    """How many tests make the scenario: every required one, and at least so many of the others."""

    required: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    at_least: Annotated[int, Field(ge=0)]


class Scenario(Record):
    """What a future has to look like at `date` to count as this scenario, front by front, and why so."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    label: Text
    description: Text
    rationale: Text
    date: Annotated[Month, BeforeValidator(parse_month)] = DEFAULT_HORIZON
    tests: Annotated[dict[Name, Test], Field(min_length=1)]
    rule: Rule

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        for front, test in self.tests.items():
            if not consistent(test):
                raise InputError(f"tests: {front}: {_listed(test)} cannot all hold; accepted: conditions that can")
        self._check_rule()
        if not any(map(consistent, self.ways())):
            raise InputError(
                f"rule: no future can meet {self._asked()}, because their conditions contradict each other;"
                " accepted: tests that can hold together"
            )
        return self

    def _check_rule(self) -> None:
        required, others = self.rule.required, self.others
        for front in required:
            if front not in self.tests:
                raise unknown("test", front, self.tests, "rule: required")
        if len(set(required)) < len(required):
            raise InputError(f"rule: required: found {', '.join(required)}; accepted: each test once")
        if self.rule.at_least > len(others):
            raise InputError(
                f"rule: at_least: found {self.rule.at_least}; accepted: 0 to {len(others)}, the number of tests that"
                " are not required"
            )
        if not required and not self.rule.at_least:
            raise InputError("rule: found no required test and at_least 0; accepted: a rule that asks for a test")

    @property
    def others(self) -> tuple[str, ...]:
        """The tests that are not required, in the file's order."""
        return tuple(front for front in self.tests if front not in self.rule.required)

    @property
    def references(self) -> tuple[Reference, ...]:
        """Every output that the tests read, each once."""
        read_by = (each for test in self.tests.values() for condition in test for each in condition.references)
        return tuple(dict.fromkeys(read_by))

    def ways(self) -> Iterator[tuple[Condition, ...]]:
        """The conditions of every smallest set of tests that satisfies the rule."""
        for chosen in itertools.combinations(self.others, self.rule.at_least):
            yield tuple(condition for front in (*self.rule.required, *chosen) for condition in self.tests[front])

    def _asked(self) -> str:
        required = ", ".join(self.rule.required) or "no required test"
        return f"{required} and {self.rule.at_least} of {', '.join(self.others) or 'no others'}"


def consistent(conditions: Iterable[Condition]) -> bool:
    """Whether any values of the outputs meet all `conditions`.

    Every condition says that one quantity exceeds another by some amount, a number counting as so much over nought.
    They contradict each other exactly when some round trip through them demands that a quantity exceed itself.
    """
    excess: dict[tuple[Reference | None, Reference | None], tuple[float, bool]] = {}
    for each in conditions:
        more, less, by = _demand(each)
        excess[more, less] = max(by, excess.get((more, less), by))
    quantities = {quantity for pair in excess for quantity in pair}
    for middle, first, last in itertools.product(quantities, repeat=3):
        if (first, middle) in excess and (middle, last) in excess:
            (one, strictly), (two, also) = excess[first, middle], excess[middle, last]
            through = (one + two, strictly or also)
            excess[first, last] = max(through, excess.get((first, last), through))
    return all(excess.get((each, each), (0.0, False)) <= (0.0, False) for each in quantities)


def _demand(condition: Condition) -> tuple[Reference | None, Reference | None, tuple[float, bool]]:
    """(greater quantity, smaller one, least difference and whether it must be passed); None stands for nought."""
    strictly = condition.comparison in (">", "<")
    other = condition.right if isinstance(condition.right, Reference) else None
    by = 0.0 if isinstance(condition.right, Reference) else condition.right
    if condition.comparison in (">=", ">"):
        return condition.left, other, (by, strictly)
    return other, condition.left, (0.0 - by, strictly)


def exclusive(first: Scenario, second: Scenario) -> bool:
    """Whether no future can be both scenarios, whatever the model says."""
    pairs = itertools.product(first.ways(), second.ways())
    return first.date == second.date and not any(consistent(one + other) for one, other in pairs)


@cache
def scenarios() -> dict[str, Scenario]:
    """The shipped scenarios by name."""
    found = sorted(each.name for each in _SHIPPED.iterdir() if each.name.endswith(".yaml"))
    read_in = [_read(_SHIPPED / name, f"scenarios/{name}") for name in found]
    return {each.name: each for each in read_in}


def scenario(path: str) -> Scenario:
    """A user's own scenario, from a YAML file.

    Raises InputError that names the file, the field, what was found and what is accepted.
    """
    own = _read(Path(path), path)
    if own.name in RESERVED:
        raise InputError(f"{path}: name: found {own.name!r}; accepted: any name but {', '.join(RESERVED)}")
    return own


def own_scenarios(paths: Sequence[str]) -> tuple[Scenario, ...]:
    """A user's own scenarios, each with a name of its own. Raises InputError as `scenario` does."""
    found: dict[str, str] = {}
    own = []
    for path in paths:
        each = scenario(path)
        if each.name in found:
            raise InputError(f"{path}: name: found {each.name!r}, as in {found[each.name]}; accepted: each name once")
        found[each.name] = path
        own.append(each)
    return tuple(own)


def _read(path: Path | Traversable, where: str) -> Scenario:
    document: dict[str, Any] = read(path, where)
    return build(Scenario, document, where)


def _listed(test: Sequence[Condition]) -> str:
    return " and ".join(map(str, test))

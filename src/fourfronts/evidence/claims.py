"""The claims of the source paper as data: what each says, what it rests on, and by which rule it is judged.

A claim names the measure that a run of the model takes for it; what that measure is, this room does not know.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from fourfronts.errors import InputError, unknown

FILE = "claims.yaml"
KINDS = ("figure", "mechanism", "forecast", "policy_effect")
"""What a claim may be: a number, a way the world works, a statement on the future, or what a policy does."""

LONGEST_LABEL = 30


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim. `stated` are the numbers it gives, `limits` the thresholds by which it is judged.

    `sources` name the evidence rows that give a stated number without resting on the paper; `narrower` says what such
    a row leaves out. `why` argues for the rule, `changes` says what would change the verdict.
    """

    number: int
    name: str
    label: str
    type: str
    text: str
    evidence: tuple[str, ...]
    measure: str
    holds_if: str
    why: str
    changes: str
    stated: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    narrower: str = ""
    caveat: str = ""

    @property
    def condition(self) -> str:
        """What has to hold for the claim, with its numbers filled in."""
        return self._filled(self.holds_if)

    @property
    def reason(self) -> str:
        """What argues for the rule, with its numbers filled in."""
        return self._filled(self.why)

    def _filled(self, text: str) -> str:
        return text.format_map({**self.stated, **self.limits})

    @property
    def rows(self) -> tuple[str, ...]:
        """Every evidence id that the claim names, each once."""
        return tuple(dict.fromkeys((*self.evidence, *self.sources.values())))


@dataclass(frozen=True)
class Claims:
    """The claims in order, and the thresholds of the rules they share, by rule."""

    claims: tuple[Claim, ...]
    rules: Mapping[str, Mapping[str, Any]]

    def get(self, key: str) -> Claim:
        """The claim with this number or name. Raises InputError with the nearest names if there is none."""
        for each in self.claims:
            if key in (str(each.number), each.name):
                return each
        raise unknown("claim", key, [each.name for each in self.claims])


@cache
def claims() -> Claims:
    """The shipped claims."""
    return parse((Path(__file__).parent / FILE).read_text(encoding="utf-8"), FILE)


def parse(text: str, where: str) -> Claims:
    """The claims that a YAML text holds.

    Raises InputError that names the file, the claim, the field, what was found and what is accepted.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"{where}: not readable as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(document, dict) or not {"rules", "claims"} <= set(document):
        raise InputError(f"{where}: accepted: a mapping with rules and claims")
    found = tuple(_claim(body, f"{where}: claim {number}") for number, body in enumerate(document["claims"], start=1))
    for number, each in enumerate(found, start=1):
        if each.number != number:
            raise InputError(f"{where}: claim {number}: number: found {each.number}; accepted: {number}")
    _once(where, "name", [each.name for each in found])
    _once(where, "label", [each.label for each in found])
    return Claims(found, document["rules"])


def _claim(body: object, where: str) -> Claim:
    if not isinstance(body, dict):
        raise InputError(f"{where}: found {body!r}; accepted: a mapping of fields to values")
    known = {each.name: each for each in fields(Claim)}
    for name in body:
        if name not in known:
            raise unknown("field", str(name), known, where)
    for name, each in known.items():
        if name not in body and each.default is MISSING and each.default_factory is MISSING:
            raise InputError(f"{where}: {name}: this field is missing")
    for name, value in body.items():
        _check(name, value, f"{where}: {name}")
    claim = Claim(**{**body, "evidence": tuple(body["evidence"])})
    try:
        # The braces are data too, so a wrong one is found when the file is read.
        assert claim.condition
        assert claim.reason
    except (KeyError, IndexError, ValueError) as error:
        names = ", ".join((*claim.stated, *claim.limits)) or "none"
        raise InputError(f"{where}: holds_if, why: wrong braces ({error}); accepted: {{NAME}} of {names}") from error
    return claim


def _check(name: str, value: object, where: str) -> None:
    match name:
        case "number":
            accepted, fits = "a whole number", type(value) is int
        case "evidence":
            fits = isinstance(value, list) and bool(value) and all(isinstance(row, str) for row in value)
            accepted = "a list of evidence ids"
        case "stated" | "limits":
            accepted, fits = "names with a number each", _maps_to(value, (int, float))
        case "sources":
            accepted, fits = "names with an evidence id each", _maps_to(value, (str,))
        case "type":
            accepted, fits = ", ".join(KINDS), value in KINDS
        case "label":
            accepted, fits = (
                f"text of at most {LONGEST_LABEL} signs",
                _is_text(value) and len(str(value)) <= LONGEST_LABEL,
            )
        case _:
            accepted, fits = "text", _is_text(value)
    if not fits:
        raise InputError(f"{where}: found {value!r}; accepted: {accepted}")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _maps_to(value: object, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, dict) and all(
        isinstance(key, str) and isinstance(each, kinds) and not isinstance(each, bool) for key, each in value.items()
    )


def _once(where: str, what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise InputError(f"{where}: {what} {value!r} is given twice; accepted: each {what} once")
        seen.add(value)

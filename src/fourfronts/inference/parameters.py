"""The parameters of the model, from the YAML beside each mechanism: prior, unit, meaning and source."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from fourfronts.errors import InputError, unknown
from fourfronts.inference.priors import Prior
from fourfronts.model.blocs import BLOCS
from fourfronts.policy.citations import Citation, problems
from fourfronts.policy.documents import Name, Record, Text, Unit, build, read
from fourfronts.policy.grid import Month, parse_month
from fourfronts.policy.loader import PriorChange

if TYPE_CHECKING:
    from fourfronts.inference.posterior import Posterior

Bloc = Literal["allied", "prc", "rest"]


class Sourced(Record):
    """A prior and what it rests on."""

    prior: Prior
    evidence: Citation
    why: Text

    @property
    def is_judgement(self) -> bool:
        """Whether the prior rests on no row of the evidence."""
        return not self.evidence


class Parameter(Sourced):
    """One number of the model with its prior: a scalar (`bloc` is None), or one bloc's entry of an array."""

    mechanism: Name
    name: Name
    bloc: Bloc | None
    meaning: Text
    unit: Unit

    @property
    def id(self) -> str:
        """The id `mechanism.name` or `mechanism.name.bloc`."""
        return ".".join(part for part in (self.mechanism, self.name, self.bloc) if part)


class DatedValue(Record):
    """A value of a path at the first moment of a month."""

    start: Annotated[Month, BeforeValidator(parse_month)] = Field(alias="from")
    value: float
    evidence: Citation
    why: Text | None = None


class _DeclaredPath(Record):
    """A path as its file has it."""

    meaning: Text
    unit: Unit
    interpolation: Literal["linear", "step"]
    values: Annotated[tuple[DatedValue, ...], Field(strict=False, min_length=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        starts = [value.start for value in self.values]
        if sorted(set(starts)) != starts:
            raise InputError(f"dates {', '.join(map(str, starts))}; accepted: each later than the one before")
        return self


class PathSeries(_DeclaredPath):
    """A quantity given from outside, the same in every draw; constant outside its first and last date."""

    mechanism: Name
    name: Name

    @property
    def id(self) -> str:
        """The id `mechanism.name`."""
        return f"{self.mechanism}.{self.name}"


class _DeclaredParameter(Record):
    """A parameter as its file has it: a prior with its source, or one for each bloc."""

    meaning: Text
    unit: Unit
    prior: Prior | None = None
    evidence: Citation | None = None
    why: Text | None = None
    blocs: dict[Bloc, Sourced] | None = None

    @model_validator(mode="after")
    def _scalar_or_blocs(self) -> Self:
        scalar = {"prior": self.prior, "evidence": self.evidence, "why": self.why}
        given = [field for field, value in scalar.items() if value is not None]
        if self.blocs is None and len(given) < len(scalar):
            raise InputError(f"{' and '.join(sorted(set(scalar) - set(given)))} missing; accepted: all, or blocs")
        if self.blocs is not None and given:
            raise InputError(f"both {given[0]} and blocs are given; accepted: one of them")
        if self.blocs is not None and set(self.blocs) != set(BLOCS):
            raise InputError(f"blocs {', '.join(self.blocs)}; accepted: all of {', '.join(BLOCS)}")
        return self

    def sources(self) -> Iterator[tuple[Bloc | None, Sourced]]:
        """The prior and its source, with its bloc, or with None for a scalar."""
        if self.blocs is not None:
            yield from self.blocs.items()
        else:
            yield (
                None,
                Sourced.model_validate({"prior": self.prior, "evidence": self.evidence, "why": self.why}),
            )


class _Document(Record):
    """The parameter file of one mechanism."""

    mechanism: Name
    about: Text
    parameters: dict[Name, _DeclaredParameter]
    paths: dict[Name, _DeclaredPath] = Field(default_factory=dict)


class _Changed(Record):
    """A prior that replaces another."""

    prior: Prior


@dataclass(frozen=True, eq=False)
class Registry:
    """Every parameter and every path of the model, by id and in the order of the ids. Equal only to itself.

    Parameters that the `posterior` names are drawn from it, and not from their priors.
    """

    parameters: Mapping[str, Parameter]
    paths: Mapping[str, PathSeries]
    posterior: "Posterior | None" = None

    def get(self, key: str) -> Parameter:
        """The parameter with the id `key`. Raises InputError with the nearest ids when there is none."""
        if key not in self.parameters:
            raise unknown("parameter", key, self.parameters)
        return self.parameters[key]

    def overridden(self, changes: Mapping[str, Any], where: str = "override") -> "Registry":
        """A registry in which the parameters named in `changes` have another prior; itself where none is named.

        A change is a prior, its fields as a mapping, a number, which fixes the parameter, or a `PriorChange`, which
        holds one of these with its reasons. What is changed claims the evidence of the change and none of its own, and
        is a judgement of `where` if the change has none; it leaves the posterior, and the others stay as they were in
        each future. Raises InputError that names `where`.
        """
        if not changes:
            return self
        parameters = dict(self.parameters)
        for key, change in changes.items():
            if key not in parameters:
                raise unknown("parameter", key, parameters, where)
            given = change if isinstance(change, PriorChange) else PriorChange(prior=change)
            is_number = isinstance(given.prior, int | float) and not isinstance(given.prior, bool)
            prior = {"distribution": "fixed", "value": given.prior} if is_number else given.prior
            changed = build(_Changed, {"prior": prior}, f"{where}: {key}").prior
            why = f"Set by {where}: {given.why}" if given.why else f"Set by {where}."
            update = {"prior": changed, "evidence": given.evidence, "why": why}
            parameters[key] = parameters[key].model_copy(update=update)
        learnt = self.posterior and self.posterior.without(changes)
        return replace(self, parameters=parameters, posterior=learnt)

    def digest(self) -> str:
        """SHA-256 of every number that can change a result; wording and citations leave it as it is."""
        priors = {key: parameter.prior.model_dump(mode="json") for key, parameter in self.parameters.items()}
        paths = {
            key: [path.interpolation, *((value.start, value.value) for value in path.values)]
            for key, path in self.paths.items()
        }
        learnt = [self.posterior.digest] if self.posterior else []
        return hashlib.sha256(json.dumps([priors, paths, *learnt], sort_keys=True).encode()).hexdigest()

    def check_against_evidence(self) -> list[str]:
        """What is wrong with the citations, a sentence each; empty when nothing is.

        Reads the whole evidence base, so `run` leaves it to the tests and to `fourfronts evidence check`.
        """
        found = []
        for key, parameter in self.parameters.items():
            found += problems(f"{parameter.mechanism}.yaml: {key}", parameter.evidence)
        for key, path in self.paths.items():
            for value in path.values:
                found += problems(f"{path.mechanism}.yaml: {key}: {value.start}", value.evidence)
        return found


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The registry of the shipped model."""
    return load(file for file in files("fourfronts.model").iterdir() if file.name.endswith(".yaml"))


@lru_cache(maxsize=1)
def observation() -> Registry:
    """The parameters by which published series are read: shares, readings and errors of sources."""
    return load([files("fourfronts.inference") / "observation.yaml"])


def load(parameter_files: Iterable[Path | Traversable]) -> Registry:
    """The registry that parameter files declare, one for each mechanism.

    Raises InputError that names the file, the parameter, the field, the value found and what is accepted.
    """
    documents = [_read(file) for file in parameter_files]
    parameters = {each.id: each for document in documents for each in _parameters(document)}
    paths = {each.id: each for document in documents for each in _paths(document)}
    return Registry(dict(sorted(parameters.items())), dict(sorted(paths.items())))


def _read(file: Path | Traversable) -> _Document:
    document = build(_Document, read(file, file.name), file.name)
    if file.name != f"{document.mechanism}.yaml":
        raise InputError(f"{file.name}: mechanism: found {document.mechanism!r}; accepted: the file's own name")
    if twice := sorted(set(document.parameters) & set(document.paths)):
        raise InputError(f"{file.name}: {twice[0]} is both a parameter and a path; accepted: one of them")
    return document


def _parameters(document: _Document) -> Iterator[Parameter]:
    for name, declared in document.parameters.items():
        for bloc, sourced in declared.sources():
            yield Parameter(
                mechanism=document.mechanism,
                name=name,
                bloc=bloc,
                meaning=declared.meaning,
                unit=declared.unit,
                prior=sourced.prior,
                evidence=sourced.evidence,
                why=sourced.why,
            )


def _paths(document: _Document) -> Iterator[PathSeries]:
    for name, declared in document.paths.items():
        yield PathSeries(mechanism=document.mechanism, name=name, **dict(declared))

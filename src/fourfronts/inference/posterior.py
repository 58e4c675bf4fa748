"""A posterior: joint draws of the parameters as the evidence leaves them, in a file that says what it was made from.

It holds for the evidence and the model that it was made from, which two hashes tell; for others it is refused.
"""

import ast
import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from fourfronts import __version__
from fourfronts.errors import InputError
from fourfronts.evidence.loader import EVIDENCE_CUTOFF, digest
from fourfronts.inference.parameters import Registry, observation, registry
from fourfronts.policy.documents import read as read_yaml
from fourfronts.policy.loader import package
from fourfronts.policy.paths import lever_paths, responding_ranges

HOUSE = Path(__file__).parent.parent
FOLDER = HOUSE / "inference" / "posteriors"
WAY_OUT = "rebuild it with: fourfronts calibrate; run without it with: --prior"

CODE = (
    "priors",
    "readings",
    "observations",
    "figures",
    "likelihood",
    "misfit",
    "target",
    "asof",
    "repeated",
    "slopes",
    "outputs",
    "sampler",
    "simulation",
    "published",
)
"""Modules of this room that can change a calibrated number; every module of the model can."""

WORDING = ("about", "label", "not_compared", "scope", "why", "words")
"""Fields of series that say something to a reader and nothing to calibration."""

SHORT = 12
"""Digits of a hash that people are shown."""

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Posterior:
    """Joint draws of equal weight, with what they were made from.

    `names` are ids of parameters, of the model and of `observation`, and `misfit.SERIES`; `values` (names, draws) are
    in their units, or have further rows where `places` says which are those of the names. `evidence` and `model` are
    hashes as of `evidence_digest` and `model_digest`, `source` is that of `source_digest` or empty, `notes` are JSON
    values. Raises InputError for arrays that do not fit the names.
    """

    cutoff: date
    names: tuple[str, ...]
    values: NDArray[np.float32] = field(repr=False)
    evidence: str
    model: str
    version: str
    seed: int
    notes: Mapping[str, Any] = field(repr=False)
    source: str = ""
    places: tuple[int, ...] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.places is not None:
            return  # made of one that was checked
        if self.values.dtype != np.float32 or self.values.ndim != 2:
            found = f"{self.values.dtype} in {self.values.ndim} dimensions"
            raise InputError(f"values: found {found}; accepted: float32 (names, draws)")
        if len(self.values) != len(self.names) or not self.draws:
            raise InputError(f"values: found shape {self.values.shape}; accepted: ({len(self.names)}, 1 or more draws)")
        if len(set(self.names)) < len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise InputError(f"names: {twice} is given twice; accepted: each name once")
        if not np.isfinite(self.values).all():
            bad = self.names[int(np.isfinite(self.values).all(axis=1).argmin())]
            raise InputError(f"values: {bad} is not finite in some draw; accepted: finite numbers")
        # One draw's values side by side in memory: runs take whole draws, and four times faster so.
        object.__setattr__(self, "values", np.asfortranarray(self.values))

    @classmethod
    def made_here(
        cls, cutoff: date, names: tuple[str, ...], values: NDArray[Any], seed: int, notes: Mapping[str, Any]
    ) -> "Posterior":
        """One made from the evidence and the model as they are here, by this version."""
        drawn = np.asarray(values, dtype=np.float32)
        here = evidence_digest(), model_digest(), __version__
        return cls(cutoff, names, drawn, *here, seed=seed, notes=notes, source=source_digest())

    @property
    def draws(self) -> int:
        """Number of joint draws."""
        return int(self.values.shape[1])

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The row of `values` that holds each name."""
        return dict(zip(self.names, self.places or range(len(self.names)), strict=True))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what a run draws from it: names and values."""
        whole = hashlib.sha256(json.dumps(self.rows).encode())
        whole.update(self.values.tobytes())
        return whole.hexdigest()

    def which(self, seed: int, start: int, n: int) -> Indices:
        """The joint draws that futures [start, start + n) of `seed` take, (n,): a shuffle by the seed, over and over.

        It asks for no names, so a registry keeps the joint draw of each future whatever leaves the posterior.
        """
        return _order(seed, self.draws)[np.arange(start, start + n) % self.draws]

    def taken(self, seed: int, start: int, n: int) -> NDArray[np.float32]:
        """The values that these futures take, (rows of `values`, n)."""
        return self.values.T[self.which(seed, start, n)].T

    def without(self, ids: Collection[str]) -> "Posterior":
        """The same joint draws without the parameters `ids`; itself where it has none of them."""
        kept = {name: row for name, row in self.rows.items() if name not in ids}
        if len(kept) == len(self.names):
            return self
        # The values are shared: a run makes several of these, and copies of megabytes would be felt.
        return replace(self, names=tuple(kept), places=tuple(kept.values()))

    def as_json(self) -> dict[str, Any]:
        """What a summary says of it; hashes are shortened."""
        made_from = {"evidence": self.evidence[:SHORT], "model": self.model[:SHORT]}
        return {"cutoff": self.cutoff.isoformat(), "draws": self.draws, "version": self.version, **made_from}

    def save(self, path: Path) -> None:
        """Write it to one file, whole or not at all; the same content gives the same bytes."""
        told = ("names", "evidence", "model", "version", "seed", "notes", "source")
        about = {"cutoff": self.cutoff.isoformat()} | {name: getattr(self, name) for name in told}
        text = json.dumps(about, sort_keys=True, allow_nan=False).encode()
        values = self.values if self.places is None else np.asfortranarray(self.values[list(self.places)])
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with unfinished.open("wb") as file:
                # Not compressed: bytes would follow the version of the compressor, and draws hardly shrink.
                np.savez(file, about=np.frombuffer(text, np.uint8), values=values)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def read(path: Path, where: str = "") -> Posterior:
    """The posterior in a file, which errors call `where`. Raises InputError for one that is missing or malformed."""
    name = where or str(path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as parts:
            about, values = json.loads(bytes(parts["about"])), parts["values"]
        cutoff, names = date.fromisoformat(about.pop("cutoff")), tuple(about.pop("names"))
        return Posterior(cutoff, names, values, **about)
    except FileNotFoundError:
        raise InputError(f"{name}: no such file; {WAY_OUT}") from None
    except InputError as error:
        raise InputError(f"{name}: {error}; {WAY_OUT}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, BadZipFile) as error:
        raise InputError(f"{name}: cannot be read as a posterior ({error}); {WAY_OUT}") from error


def shipped(cutoff: str = EVIDENCE_CUTOFF.isoformat()) -> Posterior:
    """The posterior of the package for a cut-off, read once.

    Raises InputError for one that is missing or malformed, or made from other evidence or another model.
    """
    return _shipped(FOLDER / f"{cutoff}.npz")


@lru_cache(maxsize=8)
def _shipped(path: Path) -> Posterior:
    where = f"inference/posteriors/{path.name}"
    found = read(path, where)
    if found.cutoff.isoformat() != path.stem:
        raise InputError(f"{where}: cutoff: found {found.cutoff}; accepted: {path.stem}; {WAY_OUT}")
    _same(where, "other evidence", found.evidence, evidence_digest())
    # Files that are the same to the byte need not be parsed to see that they say the same.
    if found.source != source_digest():
        _same(where, "another model", found.model, model_digest())
    return found


def _same(where: str, other: str, there: str, here: str) -> None:
    if there != here:
        hashes = f"hash {there[:SHORT]} there, {here[:SHORT]} here"
        raise InputError(f"{where}: made from {other} ({hashes}); {WAY_OUT}")


@lru_cache(maxsize=1)
def calibrated() -> Registry:
    """The parameters of the shipped model, drawn from the shipped posterior where it has them. Raises as `shipped`."""
    return replace(registry(), posterior=shipped())


@lru_cache(maxsize=1)
def calibrated_observation() -> Registry:
    """The parameters by which series are read, drawn from the same posterior as `calibrated`, and in the same way."""
    return replace(observation(), posterior=calibrated().posterior)


@lru_cache(maxsize=8)
def _order(seed: int, draws: int) -> Indices:
    return np.random.default_rng((seed, draws)).permutation(draws)


@cache
def evidence_digest() -> str:
    """SHA-256 of the shipped evidence, worked out once."""
    return digest()


@cache
def source_digest() -> str:
    """SHA-256 of the bytes of every file that `model_digest` looks into: quick, and changed by any comment."""
    patterns = ("model/*.py", "model/*.yaml", "policy/*.py", "policy/*.yaml", "policy/packages/*.yaml")
    own = ("inference/parameters.py", "inference/observation.yaml", *(f"inference/{name}.py" for name in CODE))
    paths = [path for each in (*patterns, "inference/series/*.yaml") for path in HOUSE.glob(each)]
    whole = hashlib.sha256()
    for path in sorted([*paths, *(HOUSE / name for name in own)]):
        content = path.read_bytes()
        whole.update(f"{path.relative_to(HOUSE).as_posix()} {len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()


@cache
def model_digest() -> str:
    """SHA-256 of everything but evidence that can change a calibrated number; comments and wording leave it as it is.

    The code of the model and of calibration, the priors, the published series, and the policy of the time.
    """
    code = [*sorted(HOUSE.glob("model/*.py")), *(HOUSE / "inference" / f"{name}.py" for name in CODE)]
    series = sorted(HOUSE.glob("inference/series/*.yaml"))
    parts = {
        "code": {path.stem: list(_outline(ast.parse(path.read_bytes()))) for path in code},
        "priors": [registry().digest(), observation().digest()],
        "series": {path.stem: _numbers(read_yaml(path, path.name)) for path in series},
        "levers": {name: levels.tolist() for name, levels in lever_paths(package("drift")).items()},
        "ranges": responding_ranges(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _outline(node: Any) -> Iterator[Any]:
    """A syntax tree as nested lists, without text that stands alone.

    Fields that are empty are left out as well, since versions of Python differ in which they have.
    """
    yield type(node).__name__
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            if parts := [_inside(each) for each in value if not _is_text(each)]:
                yield [name, parts]
        elif value is not None:
            yield [name, _inside(value)]


def _inside(value: Any) -> Any:
    return list(_outline(value)) if isinstance(value, ast.AST) else repr(value)


def _is_text(node: Any) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _numbers(value: Any) -> Any:
    """A document of series without its wording. That a series is held out counts, and not why."""
    if isinstance(value, dict):
        kept = {name: each for name, each in value.items() if name not in WORDING}
        return {name: name == "held_out" or _numbers(each) for name, each in kept.items()}
    return [_numbers(each) for each in value] if isinstance(value, list) else value

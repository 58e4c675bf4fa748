"""What may be known at a cut-off: which priors stand, which are loosened or blinded, which paths and policy go on.

Most priors rest on figures. Where such a figure also calibrates, or was not known yet, the prior must not say it a
second time, or too soon. So a prior is

- *blinded*, if it rests on a row that was not known at the cut-off: its spread is WIDER times as large, and its middle
  moved by a random amount as large as that spread, so that where it lies says nothing that its width does not;
- *loosened*, if it rests on rows that calibrate: by as much as these say of it again (`repeated`), so that they alone
  would make it again what it was, and WIDER times at most;
- *kept* otherwise.

Dated series (paths) and levers keep, after the cut-off, what they were at it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from fourfronts.errors import InputError
from fourfronts.evidence.loader import EVIDENCE_CUTOFF, Evidence
from fourfronts.inference.parameters import Parameter, PathSeries, Registry
from fourfronts.inference.priors import Prior, shifted
from fourfronts.policy.grid import FIRST, Month

WIDER = 3.0
"""How much wider a prior is made that rests on a later figure, and one at most that rests on figures which calibrate.

A judgement. Such a prior keeps a ninth of its weight."""

LEAST = 1.01
"""A prior that would be loosened by less stands."""


@dataclass(frozen=True)
class AsOf:
    """The parameters as of a cut-off, those that are blinded (ids), and those loosened with how much wider they are."""

    cutoff: date
    registry: Registry
    blinded: tuple[str, ...]
    loosened: Mapping[str, float]

    def wider(self, name: str) -> float:
        """How much wider the prior of a parameter is than it was."""
        return WIDER if name in self.blinded else self.loosened.get(name, 1.0)


def as_of(known: Registry, evidence: Evidence, cutoff: date = EVIDENCE_CUTOFF, seed: int = 0) -> AsOf:
    """The parameters with what was known by `cutoff`, before any are loosened.

    `seed` picks where blinded priors are moved to.
    """
    parameters = dict(known.parameters)
    blinded = []
    for key, parameter in known.parameters.items():
        later = any(not evidence.get(row).known_by(cutoff) for row in parameter.evidence)
        if parameter.prior.distribution == "fixed" or not later:
            continue
        blinded.append(key)
        moved = WIDER * _standard_normal(seed, cutoff, key)
        parameters[key] = _changed(parameter, shifted(parameter.prior, moved, WIDER))
    paths = {key: _until(path, cutoff) for key, path in known.paths.items()}
    return AsOf(cutoff, replace(known, parameters=parameters, paths=paths), tuple(blinded), {})


def loosened(known: AsOf, again: Mapping[str, float]) -> AsOf:
    """The same with priors loosened by what figures say of them again, as `repeated.said_again` has it.

    Figures that add to a prior a part of its own precision must find that part taken away. Blinded ones stay.
    """
    parameters = dict(known.registry.parameters)
    wider = {}
    for key, added in again.items():
        factor = max(1.0 - added, WIDER**-2) ** -0.5
        before = parameters[key].prior
        # One that is uniform cannot be made wider.
        if key in known.blinded or factor < LEAST or (after := shifted(before, 0.0, factor)) == before:
            continue
        parameters[key], wider[key] = _changed(parameters[key], after), factor
    return replace(known, registry=replace(known.registry, parameters=parameters), loosened=wider)


def _changed(parameter: Parameter, prior: Prior) -> Parameter:
    return parameter.model_copy(update={"prior": prior})


def _standard_normal(seed: int, cutoff: date, key: str) -> float:
    """A number that depends on the parameter's own id, so that a new parameter moves no other."""
    digest = hashlib.sha256(f"{seed} {cutoff} {key}".encode()).digest()
    return float(np.random.default_rng(int.from_bytes(digest[:8], "big")).standard_normal())


def _until(path: PathSeries, cutoff: date) -> PathSeries:
    """A path without the values that begin after the cut-off; it stays at the last one. Whole at the last cut-off."""
    if cutoff >= EVIDENCE_CUTOFF:
        return path
    last = Month(cutoff.year, cutoff.month)
    kept = tuple(value for value in path.values if value.start <= last)
    if not kept and path.unit != "dimensionless":
        raise InputError(f"{path.id}: nothing was known on {cutoff}; accepted: paths that begin before it, multiples")
    # Of a multiple of what is at the anchor nothing was known but that it is one there.
    multiple = path.values[0].model_copy(update={"start": FIRST, "value": 1.0})
    return path.model_copy(update={"values": kept or (multiple,)})

"""What may be known at a cut-off: which priors stand, which are loosened or blinded, which paths and policy go on.

Most priors rest on figures. Where such a figure also calibrates, or was not known yet, the prior must not say it a
second time, or too soon. So a prior is

- *kept*, if it rests on judgement or on rows that were known and do not calibrate;
- *loosened*, if it rests on a row that calibrates: its spread is WIDER times as large, so that it says a ninth as much;
- *blinded*, if it rests on a row that was not known at the cut-off: loosened, and its middle moved by a random amount
  as large as that spread, so that where it lies says nothing that its width does not.

Dated series (paths) and levers keep, after the cut-off, what they were at it.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from fourfronts.errors import InputError
from fourfronts.evidence.loader import EVIDENCE_CUTOFF, Evidence
from fourfronts.inference.observations import Observations
from fourfronts.inference.parameters import Parameter, PathSeries, Registry
from fourfronts.inference.priors import Prior, shifted
from fourfronts.policy.grid import FIRST, Month

WIDER = 3.0
"""How much wider a prior is made that rests on a figure which calibrates, or on a later one. A judgement."""


@dataclass(frozen=True)
class AsOf:
    """The parameters as of a cut-off, and which of them are loosened or blinded (ids)."""

    cutoff: date
    registry: Registry
    loosened: tuple[str, ...]
    blinded: tuple[str, ...]


def as_of(
    known: Registry, evidence: Evidence, told: Observations, cutoff: date = EVIDENCE_CUTOFF, seed: int = 0
) -> AsOf:
    """The parameters as they may be before they are calibrated by the figures `told`, with what was known by `cutoff`.

    `seed` picks where blinded priors are moved to.
    """
    calibrates = calibrating_rows(told)
    parameters = dict(known.parameters)
    loosened: list[str] = []
    blinded: list[str] = []
    for key, parameter in known.parameters.items():
        later = any(not evidence.get(row).known_by(cutoff) for row in parameter.evidence)
        if parameter.prior.distribution == "fixed" or not (later or calibrates & set(parameter.evidence)):
            continue
        (blinded if later else loosened).append(key)
        moved = WIDER * _standard_normal(seed, cutoff, key) if later else 0.0
        parameters[key] = _changed(parameter, shifted(parameter.prior, moved, WIDER))
    paths = {key: _until(path, cutoff) for key, path in known.paths.items()}
    return AsOf(cutoff, replace(known, parameters=parameters, paths=paths), tuple(loosened), tuple(blinded))


def calibrating_rows(told: Observations) -> frozenset[str]:
    """The rows that calibrate, and those that say the same."""
    rows: set[str] = set()
    for row, name in enumerate(told.names):
        about = told.series[name]
        for column, figure in enumerate(told.figures[row]):
            if told.used[row, column]:
                rows |= set(figure.rows)
                rows |= {same for each in about.points if set(each.rows) & set(figure.rows) for same in each.same_as}
        if about.monthly_means and told.used[row].any():
            rows |= set(about.monthly_means.same_as)
    return frozenset(rows)


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

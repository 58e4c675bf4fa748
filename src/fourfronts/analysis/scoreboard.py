"""The scoreboard: for each front and month, how probable it is that each bloc leads, and by how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.errors import InputError, unknown
from fourfronts.inference.outputs import OUTPUTS, Output
from fourfronts.model.blocs import BLOCS
from fourfronts.policy.documents import Name, Record, Text, build, read
from fourfronts.policy.scenarios import Reference, parse_reference

PERCENTILES = {"p05": 5, "p50": 50, "p95": 95}
DECIMALS = 6
_FILE = "fronts.yaml"

Floats = NDArray[np.floating[Any]]
Key = Annotated[Reference, BeforeValidator(parse_reference)]


class Measure(Record):
    """A number in every future: an output, less another where one is given, in a unit of its own."""

    label: Text
    of: Key
    minus: Key | None = None
    times: float = 1.0
    unit: Text

    @property
    def references(self) -> tuple[Reference, ...]:
        """The outputs that it reads."""
        return (self.of, self.minus) if self.minus else (self.of,)


class Front(Record):
    """One front: the output that ranks the blocs, the margin between the two, and what else belongs beside it."""

    label: Text
    ranked_by: Name
    margin: Measure
    also: dict[Name, Measure] = Field(default_factory=dict)

    @property
    def measures(self) -> dict[str, Measure]:
        """The margin and what else is reported, by name."""
        return {"margin": self.margin, **self.also}


@dataclass(frozen=True)
class Standing:
    """One front at `dates`.

    `leads` (dates, bloc) is the probability that each bloc stands highest, blocs level with each other sharing it; each
    row sums to one, or is not a number where no future is finite. `ranges[name]` (dates, 3) are the 5th, 50th and 95th
    percentiles of the margin and of whatever else the front reports.
    """

    front: Front
    dates: tuple[str, ...]
    leads: Floats
    ranges: Mapping[str, Floats]

    def as_json(self) -> dict[str, Any]:
        """Plain values: by bloc the probability of leading at each date, then the measures."""
        leads = {
            bloc: {date: round(float(row[index]), DECIMALS) for date, row in self._rows(self.leads)}
            for index, bloc in enumerate(BLOCS)
        }
        measures = {
            name: {
                "label": measure.label,
                "unit": measure.unit,
                "by_date": {
                    date: {key: float(f"{value:.6g}") for key, value in zip(PERCENTILES, row, strict=True)}
                    for date, row in self._rows(self.ranges[name])
                },
            }
            for name, measure in self.front.measures.items()
        }
        margin = measures.pop("margin")
        return {"label": self.front.label, **leads, "margin": margin, "also": measures}

    def _rows(self, values: Floats) -> list[tuple[str, Floats]]:
        """Dates with a finite value, and their rows."""
        return [(date, row) for date, row in zip(self.dates, values, strict=True) if np.isfinite(row).all()]


@cache
def shipped_fronts() -> dict[str, Front]:
    """The fronts of the scoreboard by name."""
    return parse_fronts(read(files("fourfronts.analysis") / _FILE, f"analysis/{_FILE}"), f"analysis/{_FILE}")


def parse_fronts(document: Mapping[str, Any], where: str) -> dict[str, Front]:
    """The fronts of a parsed YAML document. Raises InputError for the first that is not valid."""
    found = {}
    for name, body in document.items():
        if not isinstance(body, dict):
            raise InputError(f"{where}: {name}: found {body!r}; accepted: a mapping of fields to values")
        found[name] = build(Front, body, f"{where}: {name}")
        if "margin" in found[name].also:
            raise InputError(f"{where}: {name}: also: found margin; accepted: any other name")
    return found


def scoreboard(
    ensemble: Ensemble,
    *,
    by_month: bool = False,
    fronts: Mapping[str, Front] | None = None,
    outputs: Mapping[str, Output] = OUTPUTS,
) -> dict[str, Standing]:
    """Every front of one package at the reported dates, from all futures; or in every month, from those kept by month.

    Raises InputError for a front that reads an output which does not exist.
    """
    known = shipped_fronts() if fronts is None else fronts
    dates, values = (ensemble.months, ensemble.monthly) if by_month else (ensemble.dates, ensemble.values)
    found = {}
    for name, front in known.items():
        check(front, outputs, f"analysis/{_FILE}: {name}")
        kinds = outputs[front.ranked_by].kinds
        by_bloc = values[front.ranked_by][:, [kinds.index(bloc) for bloc in BLOCS]]
        ranges = {key: _ranges(_measured(values, each, outputs)) for key, each in front.measures.items()}
        found[name] = Standing(front, dates, leading(by_bloc), ranges)
    return found


def leading(by_bloc: Floats) -> Floats:
    """Probability that each bloc stands highest; blocs that are level share it.

    Shapes: (dates, bloc, draws) to (dates, bloc). Futures that are not finite are left out.
    """
    finite = np.asarray(np.isfinite(by_bloc).all(axis=1))
    highest = np.equal(by_bloc, by_bloc.max(axis=1, keepdims=True)) & finite[:, np.newaxis]
    shares = highest / np.maximum(highest.sum(axis=1, keepdims=True), 1)
    with np.errstate(invalid="ignore"):
        found: Floats = shares.sum(axis=2) / finite.sum(axis=1)[:, None]
    return found


def check(front: Front, outputs: Mapping[str, Output] = OUTPUTS, where: str = "") -> None:
    """Raise InputError, with the nearest names, if the front reads what the model does not report."""
    for reference in (Reference(front.ranked_by, bloc) for bloc in BLOCS):
        _check(reference, outputs, f"{where}: ranked_by")
    for name, measure in front.measures.items():
        for reference in measure.references:
            _check(reference, outputs, f"{where}: {name}")


def _check(reference: Reference, outputs: Mapping[str, Output], where: str) -> None:
    if reference.output not in outputs:
        raise unknown("output", reference.output, outputs, where)
    if reference.kind not in outputs[reference.output].kinds:
        raise unknown(f"kind of {reference.output}", reference.kind, outputs[reference.output].kinds, where)


def _measured(values: Mapping[str, Floats], measure: Measure, outputs: Mapping[str, Output]) -> Floats:
    """A measure in every future, shape (dates, draws)."""
    of, *minus = (
        values[key.output][:, outputs[key.output].kinds.index(key.kind)].astype(np.float64)
        for key in measure.references
    )
    found: Floats = (of - minus[0] if minus else of) * measure.times
    return found


def _ranges(values: Floats) -> Floats:
    """Percentiles of the finite values of every date. Shapes: (dates, draws) to (dates, 3)."""
    wanted = list(PERCENTILES.values())
    if np.isfinite(values).all():
        return np.asarray(np.percentile(values, wanted, axis=1)).T
    found = np.full((len(values), len(wanted)), np.nan)
    for index, row in enumerate(values):
        finite = row[np.isfinite(row)]
        if finite.size:
            found[index] = np.percentile(finite, wanted)
    return found

"""What a run says month by month: which outputs stand on a picture together, and their percentiles."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.percentiles import percentiles
from fourfronts.errors import InputError, unknown
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.policy.documents import Name, Record, Text, build, read
from fourfronts.policy.scenarios import Reference, parse_reference

PERCENTILES = (5, 25, 50, 75, 95)
_FILE = "charts.yaml"

Floats = NDArray[np.floating[Any]]


class Series(Record):
    """One output on a chart, `times` so much."""

    label: Text
    of: Annotated[Reference, BeforeValidator(parse_reference)]
    times: float = 1.0


class Chart(Record):
    """One picture: its series in one unit, and how they are drawn."""

    title: Text
    unit: Text
    scale: Literal["linear", "log"]
    kind: Literal["fan", "stacked"]
    series: Annotated[dict[Name, Series], Field(min_length=1)]
    mechanisms: Annotated[tuple[Name, ...], Field(strict=False)]
    published: bool = False
    about: Text


@cache
def charts() -> dict[str, Chart]:
    """The charts by name. Raises InputError for one that reads what the model does not report."""
    document = read(files("fourfronts.analysis") / _FILE, f"analysis/{_FILE}")
    found = {name: build(Chart, body, f"analysis/{_FILE}: {name}") for name, body in document.items()}
    for name, chart in found.items():
        for each in chart.series.values():
            _check(each.of, f"analysis/{_FILE}: {name}")
    return found


def _check(reference: Reference, where: str) -> None:
    if reference.output not in OUTPUTS:
        raise unknown("output", reference.output, OUTPUTS, where)
    if reference.kind not in OUTPUTS[reference.output].kinds:
        raise unknown(f"kind of {reference.output}", reference.kind, OUTPUTS[reference.output].kinds, where)


@cache
def read_by_charts() -> tuple[str, ...]:
    """Names of the outputs that some chart reads, in the order of `OUTPUTS`."""
    read_by = {each.of.output for chart in charts().values() for each in chart.series.values()}
    return tuple(name for name in OUTPUTS if name in read_by)


def fans(monthly: Mapping[str, Floats], chart: Chart) -> dict[str, Floats]:
    """Percentiles of every series, by name, each (5, months) in the chart's unit.

    `monthly[name]` is (months, kind, draws); futures that are not finite in an output are left out of it. Raises
    InputError where none is left.
    """
    return {name: _fan(monthly[each.of.output], each) for name, each in chart.series.items()}


def _fan(values: Floats, series: Series) -> Floats:
    row = values[:, OUTPUTS[series.of.output].kinds.index(series.of.kind)]
    finite = np.isfinite(row).all(axis=0)
    if not finite.any():
        raise InputError(f"{series.of}: no future has a finite value; accepted: assumptions under which some do")
    kept = row if finite.all() else row[:, finite]
    found: Floats = percentiles(kept, PERCENTILES) * series.times
    return found


def lead_at(ensemble: Ensemble, date: str) -> dict[str, float]:
    """Percentiles of the lead of released models at a reported date, in months, of the futures that are finite."""
    values = ensemble.at("lead_months", date, "released")
    kept = values[np.isfinite(values)]
    if not kept.size:
        raise InputError(
            "lead_months[released]: no future has a finite value; accepted: assumptions under which some do"
        )
    found = percentiles(kept, PERCENTILES)
    return {f"p{each:02d}": float(value) for each, value in zip(PERCENTILES, found, strict=True)}

"""Forecasts for later judgement: quantiles of everything observable at each month's end, as it would be published."""

import csv
import io
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.analysis.past import Past
from fourfronts.errors import unknown
from fourfronts.evidence.loader import Evidence, load
from fourfronts.inference.observations import Observations, observations, off_scale, scale_of, scaled
from fourfronts.inference.parameters import Registry
from fourfronts.inference.prediction import misfits, remaining
from fourfronts.inference.published import Key, Published, Reading, Total, outputs_of, published
from fourfronts.inference.readings import shown
from fourfronts.policy.documents import Record, Text, build, read
from fourfronts.policy.grid import NOW, Month

LAST = Month(2027, 12)
"""The last month that is forecast."""

PERCENTILES = (5, 25, 50, 75, 95)
COLUMNS = ("quantity", "actor", "unit", "month", *(f"q{percentile:02}" for percentile in PERCENTILES))
DIGITS = 5
RECORD = "ECI"
"""Unit of series that tell the best model so far."""

Floats = NDArray[np.floating[Any]]


class Wanted(Record):
    """One quantity: of a series, of the model alone, or a sum of outputs."""

    quantity: Text
    actor: Text
    unit: Text
    series: Text | None = None
    reading: Annotated[Reading, Field(discriminator="measure")] | None = None
    sum: Annotated[tuple[Key, ...], Field(strict=False)] = ()


class _Document(Record):
    forecast: Annotated[tuple[Wanted, ...], Field(strict=False)]


class Row(NamedTuple):
    """Quantiles of one quantity at one month's end."""

    quantity: str
    actor: str
    unit: str
    month: str
    quantiles: tuple[float, ...]


@cache
def wanted() -> tuple[Wanted, ...]:
    """What is forecast, in the order of the file. Raises InputError for a series that does not exist."""
    where = "analysis/forecast.yaml"
    found = build(_Document, read(files("fourfronts.analysis") / "forecast.yaml", where), where).forecast
    for each in found:
        if each.series and each.series not in published():
            raise unknown("series", each.series, published(), where)
    return found


def forecast(known: Registry, *, draws: int, seed: int, evidence: Evidence | None = None) -> list[Row]:
    """Quantiles of every wanted quantity from the month after the last evidence to LAST, policy carried on unchanged.

    `known` are the parameters, with a posterior or without.
    """
    told = observations(published(), evidence or load())
    names = {of.output for each in wanted() for of in _outputs(each)} | {"lead_months"}
    futures = run_ensemble(["drift"], draws=draws, seed=seed, parameters=known, outputs=tuple(names), monthly=draws)
    past = Past(futures["drift"], known, seed, names, str(LAST))
    months = [past.row(month) for month in _months()]
    spreads = _misfits(known, told, past, seed)
    rows = []
    for number, each in enumerate(wanted()):
        if each.series:
            values = _as_published(told, told.names.index(each.series), past, spreads, (seed, number), months)
        else:
            values = _of_the_model(each, past)[months]
        quantiles = np.percentile(values, PERCENTILES, axis=1).T
        for month, found in zip(_months(), quantiles, strict=True):
            told_as = tuple(float(f"{value:.{DIGITS}g}") for value in found)
            rows.append(Row(each.quantity, each.actor, each.unit, str(month), told_as))
    return rows


def as_csv(rows: list[Row]) -> str:
    """The forecast as a table with the columns COLUMNS."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([row.quantity, row.actor, row.unit, row.month, *row.quantiles] for row in rows)
    return text.getvalue()


def _months() -> list[Month]:
    return [Month(2020 + offset // 12, offset % 12 + 1) for offset in range(NOW.offset + 1, LAST.offset + 1)]


def _outputs(each: Wanted) -> Iterator[Any]:
    if each.series:
        yield from outputs_of(published()[each.series].reading)
    elif each.reading:
        yield from outputs_of(each.reading)
    yield from each.sum


def _of_the_model(each: Wanted, past: Past) -> Floats:
    if each.reading:
        return np.asarray(shown(each.reading, past))
    total: Floats = np.sum([past.output(of) for of in each.sum], axis=0)
    return total


def _misfits(known: Registry, told: Observations, past: Past, seed: int) -> Floats:
    """Standard deviations of misfits (series, futures): of each future's joint draw, else of their priors."""
    found = np.full((len(told.names), len(past.kept)), np.nan)
    joint = known.posterior
    if joint is not None:
        which = joint.which(seed, 0, int(past.kept.max()) + 1)[past.kept]
        for row, name in enumerate(told.names):
            if f"misfit.{name}" in joint.rows:
                found[row] = joint.values[joint.rows[f"misfit.{name}"], which]
    return misfits(told, found, seed)


def _as_published(
    told: Observations, row: int, past: Past, spreads: Floats, seed: tuple[int, int], months: list[int]
) -> Floats:
    """What a series would show at some months in its unit, (months, futures)."""
    about = told.series[told.names[row]]
    scale = scale_of(about)
    plain = np.asarray(shown(about.reading, past))
    bias = past.parameter(about.noise.source) if about.noise and about.noise.source else 0.0
    points = np.array(
        [
            scaled(plain[figure.first.offset : figure.last.offset + 1].mean(axis=0), scale) + bias
            for figure in told.figures[row]
        ]
    )
    mean, variance, since = remaining(told, row, points, spreads[row])
    keep = np.exp(-((np.array(months) + 1.0) / 12 - since) / told.memory[row])[:, None]
    noise = np.random.default_rng([*seed, 4]).standard_normal((2, plain.shape[1]))
    own = float(np.median(told.error[row, : len(told.figures[row])]))
    misfit = keep * mean + np.sqrt(keep**2 * variance + spreads[row] ** 2 * (1 - keep**2)) * noise[0]
    found: Floats = off_scale(scaled(plain[months], scale) + bias + misfit + own * noise[1], scale)
    if isinstance(about.reading, Total) or about.unit == RECORD:
        # What has been sold stays sold, and a record holds until it is broken.
        found = np.maximum(found, max(figure.value for figure in told.figures[row]))
    return _possible(found, about)


def _possible(values: Floats, about: Published) -> Floats:
    """Gaps may change their sign; nothing else falls under nothing."""
    return values if about.unit in ("months", "ECI", "log10 FLOP") else np.maximum(values, 0.0)

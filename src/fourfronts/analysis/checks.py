"""Published figures beside the model's: does the model give them without having been told?"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.evidence.loader import load
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.policy.documents import read

Values = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Check:
    """One published figure and the model's range for it. `low` and `high` are None where no range is published.

    `futures_below` is the share of futures under the published value: near 0 or 1 it is at the edge of the range.
    """

    name: str
    label: str
    unit: str
    date: str
    published: float
    low: float | None
    high: float | None
    p05: float
    p50: float
    p95: float
    futures_below: float
    overlaps: bool
    evidence: tuple[str, ...]
    why: str

    def as_json(self) -> dict[str, Any]:
        """Plain values; numbers of the model to six significant digits, the likely reason only for a miss."""
        plain = asdict(self) | {
            key: float(f"{getattr(self, key):.6g}") for key in ("p05", "p50", "p95", "futures_below")
        }
        plain["evidence"] = list(self.evidence)
        return plain | {"why": "" if self.overlaps else self.why}


def reproduce(ensemble: Ensemble) -> list[Check]:
    """Every published figure beside the range of `ensemble`, which should run under the policy of the time (drift)."""
    document = definitions()
    # Futures that run away are left out of each figure, and are told of elsewhere.
    with np.errstate(all="ignore"):
        return [_check(ensemble, entry, document["conversions"]) for entry in document["checks"]]


def not_yet() -> list[str]:
    """Published figures that this version cannot be held against, in words."""
    return [str(line) for line in definitions()["not_yet"]]


@cache
def definitions() -> dict[str, Any]:
    """The checks as data."""
    document: dict[str, Any] = read(files("fourfronts.analysis") / "checks.yaml", "analysis/checks.yaml")
    return document


def _check(ensemble: Ensemble, entry: dict[str, Any], conversions: dict[str, Any]) -> Check:
    ids = [entry["evidence"]] if isinstance(entry["evidence"], str) else list(entry["evidence"])
    published, low, high = _published(ids)
    values = MEASURES[entry["measure"]](ensemble, conversions, **entry["arguments"])
    finite = values[np.isfinite(values)]
    p05, p50, p95 = np.percentile(finite, [5, 50, 95])
    bottom, top = (published if low is None else low), (published if high is None else high)
    arguments = entry["arguments"]
    return Check(
        name=entry["name"],
        label=entry["label"],
        unit=entry["unit"],
        date=str(arguments.get("date") or arguments.get("year") or arguments.get("until")),
        published=published,
        low=low,
        high=high,
        p05=float(p05),
        p50=float(p50),
        p95=float(p95),
        futures_below=float((finite < published).mean()),
        overlaps=bool(p05 <= top and bottom <= p95),
        evidence=tuple(ids),
        why=entry["why"],
    )


def _published(ids: Sequence[str]) -> tuple[float, float | None, float | None]:
    """Value and range of one row, or the yearly slope between two dated rows (which has no published range)."""
    rows = [load().get(each) for each in ids]
    if len(rows) == 1:
        return _number(rows[0].value, ids[0]), rows[0].low, rows[0].high
    first, last = rows
    if first.date_start is None or last.date_start is None:
        raise ValueError(f"{ids}: a slope needs two dated rows")
    years = (last.date_start - first.date_start).days / 365.25
    return (_number(last.value, ids[1]) - _number(first.value, ids[0])) / years, None, None


def _number(value: float | None, row: str) -> float:
    if value is None:
        raise ValueError(f"{row} has no value to check against")
    return value


def _monthly(ensemble: Ensemble, name: str, kind: str) -> Values:
    """One output in every month, shape (months, draws)."""
    values: Values = ensemble.monthly[name][:, OUTPUTS[name].kinds.index(kind)].astype(np.float64)
    return values


def _on(ensemble: Ensemble, name: str, kind: str, date: str) -> Values:
    values: Values = _monthly(ensemble, name, kind)[ensemble.months.index(date)]
    return values


def maker_share(ensemble: Ensemble, conversions: dict[str, Any], year: int) -> Values:
    """Huawei's compute made in a year over NVIDIA's, from the blocs' outputs and two fixed shares."""
    rows = [index for index, month in enumerate(ensemble.months) if month.startswith(str(year))]
    prc = _monthly(ensemble, "chip_output", "prc")[rows].sum(axis=0)
    allied = _monthly(ensemble, "chip_output", "allied")[rows].sum(axis=0)
    huawei = conversions["huawei_share_of_prc_output"]["value"]
    nvidia = conversions["nvidia_share_of_allied_output"]["value"]
    share: Values = prc * huawei / (allied * nvidia)
    return share


def owned_ratio(ensemble: Ensemble, conversions: dict[str, Any], date: str, diverted: bool = True) -> Values:
    """Compute owned outside the PRC over inside, with or without smuggled chips on the PRC's side."""
    del conversions
    outside = _on(ensemble, "owned_compute", "allied", date) + _on(ensemble, "owned_compute", "rest", date)
    return outside / _on(ensemble, "owned_compute", "prc" if diverted else "prc_without_diverted", date)


def channel(ensemble: Ensemble, conversions: dict[str, Any], date: str, channel: str) -> Values:
    """PRC compute that came by one channel, H100e."""
    del conversions
    return _on(ensemble, "prc_compute", channel, date)


def lead(ensemble: Ensemble, conversions: dict[str, Any], date: str) -> Values:
    """Lead of released models in months."""
    del conversions
    return _on(ensemble, "lead_months", "released", date)


def speed(ensemble: Ensemble, conversions: dict[str, Any], bloc: str, since: str, until: str) -> Values:
    """Mean growth of a bloc's released frontier between two months, ECI / year."""
    del conversions
    rise = _on(ensemble, "capability_released", bloc, until) - _on(ensemble, "capability_released", bloc, since)
    return rise / (ensemble.months.index(until) - ensemble.months.index(since)) * 12


MEASURES: dict[str, Callable[..., Values]] = {
    "maker_share": maker_share,
    "owned_ratio": owned_ratio,
    "channel": channel,
    "lead": lead,
    "speed": speed,
}

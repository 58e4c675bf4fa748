"""What a back-test says: coverage, where figures fell, and skill against the best baseline, with its uncertainty."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fourfronts.analysis.backtest import MODEL, Scored
from fourfronts.inference.observations import LINEAR, LOG, ODDS, off_scale

RESAMPLES = 2000
WANTED_COVER = (0.80, 0.97)
WANTED_SHARE = 2 / 3
SCALES = {LINEAR: "linear", LOG: "log", ODDS: "odds"}


@dataclass(frozen=True)
class Quantity:
    """One series over all cut-offs: `n` figures after them, and mean CRPS by forecaster on the figures that all tell.

    `skill` is 1 less the model's mean CRPS over that of the best baseline, with its 90% range over resampled figures;
    None where no baseline tells anything.
    """

    name: str
    label: str
    n: int
    compared: int
    crps: dict[str, float]
    best: str
    skill: tuple[float, float, float] | None
    cover50: float
    cover90: float
    scored: tuple[Scored, ...]

    @property
    def no_worse(self) -> bool | None:
        """Whether the model is no worse than the best baseline; None where there is none."""
        return None if self.skill is None else self.crps[MODEL] <= self.crps[self.best]


def quantities(scored: Sequence[Scored], seed: int = 0) -> list[Quantity]:
    """Every series that has figures after some cut-off, in the order of the series."""
    names = list(dict.fromkeys(each.series for each in scored))
    return [_quantity([each for each in scored if each.series == name], seed) for name in names]


def _quantity(scored: Sequence[Scored], seed: int) -> Quantity:
    first = scored[0]
    told = [set(each.crps) for each in scored]
    # Forecasters that tell most figures are compared on those that all of them tell.
    rivals = [name for name in dict.fromkeys(key for each in told for key in each) if name != MODEL]
    rivals = [name for name in rivals if sum(name in each for each in told) >= 0.5 * len(scored)]
    both = [each for each in scored if all(name in each.crps for name in rivals)] if rivals else []
    crps = {name: float(np.mean([each.crps[name] for each in both])) for name in (MODEL, *rivals)} if both else {}
    best = min(rivals, key=lambda name: crps[name]) if both else ""
    return Quantity(
        name=first.series,
        label=first.label,
        n=len(scored),
        compared=len(both),
        crps=crps,
        best=best,
        skill=_skill(both, best, seed) if both else None,
        cover50=coverage(scored, 0.5),
        cover90=coverage(scored, 0.9),
        scored=tuple(scored),
    )


def _skill(scored: Sequence[Scored], best: str, seed: int) -> tuple[float, float, float]:
    """The skill and its 5th and 95th percentile over figures drawn anew."""
    ours = np.array([each.crps[MODEL] for each in scored])
    theirs = np.array([each.crps[best] for each in scored])
    picks = np.random.default_rng(seed).integers(0, len(ours), (RESAMPLES, len(ours)))
    again = 1 - ours[picks].mean(axis=1) / np.maximum(theirs[picks].mean(axis=1), 1e-12)
    low, high = np.percentile(again, (5, 95))
    return float(1 - ours.mean() / max(theirs.mean(), 1e-12)), float(low), float(high)


def coverage(scored: Iterable[Scored], share: float) -> float:
    """Share of figures inside the model's middle `share`."""
    return float(np.mean([each.inside(share) for each in scored]))


def as_json(scored: Sequence[Scored], seed: int = 0) -> dict[str, Any]:
    """The whole verdict as plain values."""
    found = quantities(scored, seed)
    compared = [each for each in found if each.no_worse is not None]
    return {
        "figures": len(scored),
        "cutoffs": sorted({str(each.cutoff) for each in scored}),
        "coverage_50": round(coverage(scored, 0.5), 4),
        "coverage_90": round(coverage(scored, 0.9), 4),
        "no_worse_than_best_baseline": sum(bool(each.no_worse) for each in compared),
        "compared": len(compared),
        "ranks": [round(each.rank, 4) for each in scored],
        "quantities": [
            {
                "name": each.name,
                "label": each.label,
                "figures": each.n,
                "compared": each.compared,
                "crps": {name: float(f"{value:.4g}") for name, value in each.crps.items()},
                "best_baseline": each.best,
                "skill": None if each.skill is None else [round(value, 3) for value in each.skill],
                "coverage_50": round(each.cover50, 4),
                "coverage_90": round(each.cover90, 4),
                "unit": each.scored[0].unit,
                "scale": SCALES[each.scored[0].scale],
                "forecasts": [_forecast(one) for one in each.scored],
            }
            for each in found
        ],
    }


def _forecast(each: Scored) -> dict[str, Any]:
    """A figure and what was forecast of it, in its unit: percentiles PERCENTILES."""
    value, *percentiles = (float(f"{off_scale(one, each.scale):.4g}") for one in (each.value, *each.percentiles))
    return {"cutoff": str(each.cutoff), "month": str(each.month), "value": value, "percentiles": percentiles}

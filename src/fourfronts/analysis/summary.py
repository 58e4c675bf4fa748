"""The summary of a run: the numbers of `summary.json`, in the shape that the front door promises."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts import __version__
from fourfronts.analysis.checks import Check
from fourfronts.analysis.comparison import notes
from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.outputs import OUTPUTS
from fourfronts.evidence.loader import EVIDENCE_CUTOFF
from fourfronts.evidence.loader import digest as evidence_digest
from fourfronts.policy.paths import Setting

SCHEMA = "fourfronts/summary/1"
PERCENTILES = {"p05": 5, "p25": 25, "p50": 50, "p75": 75, "p95": 95}
DIGITS = 6


def summarise(
    ensembles: Mapping[str, Ensemble],
    checks: Sequence[Check],
    *,
    seed: int,
    worldview: str = "evidence",
    settings: Sequence[Setting] = (),
) -> dict[str, Any]:
    """Everything a reader of one run needs, as plain JSON values rounded to six significant digits.

    `outputs[NAME][DATE][KIND]` holds mean and percentiles over the futures whose value is finite; `failed` counts
    the futures that have a value which is not. Scenario probabilities, their tests and the scoreboard of the four
    fronts need mechanisms that this version does not have, and are absent rather than guessed.
    """
    first = next(iter(ensembles.values()))
    side_effects = notes(ensembles)
    return {
        "schema": SCHEMA,
        "version": __version__,
        "seed": seed,
        "draws": first.draws,
        "horizon": first.months[-1],
        "worldview": worldview,
        "settings": [f"{each.lever}={each.level:g}@{each.start}" for each in settings],
        "evidence_cutoff": EVIDENCE_CUTOFF.isoformat(),
        "evidence_digest": evidence_digest(),
        "units": {name: output.unit for name, output in OUTPUTS.items()},
        "packages": {name: package_summary(each, side_effects[name]) for name, each in ensembles.items()},
        "checks": [check.as_json() for check in checks],
    }


def package_summary(ensemble: Ensemble, side_effects: Sequence[str]) -> dict[str, Any]:
    """Label, count of failed futures, side effects in words and the distribution of every output of one package."""
    return {
        "label": ensemble.package.label,
        "failed": ensemble.failed,
        "notes": list(side_effects),
        "outputs": {name: by_date(ensemble, name) for name in OUTPUTS},
    }


def by_date(ensemble: Ensemble, name: str) -> dict[str, dict[str, dict[str, float]]]:
    """Distribution of one output by date and kind."""
    kinds = OUTPUTS[name].kinds
    rows = ensemble.values[name]
    return {
        date: {kind: distribution(rows[index, column]) for column, kind in enumerate(kinds)}
        for index, date in enumerate(ensemble.dates)
    }


def distribution(values: NDArray[np.floating[Any]]) -> dict[str, float]:
    """Mean and percentiles of the finite values, shape (draws,). All are NaN-free unless no value is finite."""
    finite = values[np.isfinite(values)].astype(np.float64)
    if not finite.size:
        return {}
    found = np.percentile(finite, list(PERCENTILES.values()))
    return {"mean": rounded(finite.mean())} | {
        name: rounded(value) for name, value in zip(PERCENTILES, found, strict=True)
    }


def rounded(value: float) -> float:
    """`value` to six significant digits, more than any input has."""
    return float(f"{value:.{DIGITS}g}")

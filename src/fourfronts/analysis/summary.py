"""The summary of a run: the numbers of `summary.json`, in the shape that the front door promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts import __version__
from fourfronts.analysis.backcast import Series
from fourfronts.analysis.checks import Check
from fourfronts.analysis.comparison import notes
from fourfronts.analysis.divergence import Divergence
from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.percentiles import percentiles
from fourfronts.analysis.scenarios import evaluate
from fourfronts.analysis.scoreboard import scoreboard
from fourfronts.evidence.loader import EVIDENCE_CUTOFF
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.inference.posterior import Posterior, evidence_digest
from fourfronts.policy.paths import Setting
from fourfronts.policy.scenarios import Scenario
from fourfronts.policy.switches import written

SCHEMA = "fourfronts/summary/2"
PERCENTILES = {"p05": 5, "p25": 25, "p50": 50, "p75": 75, "p95": 95}
DIGITS = 6

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Beside:
    """What was computed beside the packages: every worldview, the past without channels, divergence, back-cast.

    As `analysis.worldviews.across`, `analysis.channels.closed`, `analysis.divergence.divergences` and
    `analysis.backcast.backcast` give them; empty where they were not asked for.
    """

    worldviews: Mapping[str, Any] = field(default_factory=dict)
    channels: Mapping[str, Any] = field(default_factory=dict)
    divergences: Sequence[Divergence] = ()
    backcast: Sequence[Series] = ()


def summarise(
    ensembles: Mapping[str, Ensemble],
    checks: Sequence[Check],
    *,
    seed: int,
    worldview: str = "evidence",
    settings: Sequence[Setting] = (),
    couplings: Mapping[str, float] | None = None,
    further: Sequence[Scenario] = (),
    beside: Beside | None = None,
    posterior: Posterior | None = None,
) -> dict[str, Any]:
    """Everything a reader of one run needs, as plain JSON values rounded to six significant digits.

    `outputs[NAME][DATE][KIND]` holds mean and percentiles over the futures whose value is finite; `failed` counts
    the futures that have a value which is not. `scenarios`, `tests` and `contested` are those of `Evaluation.as_json`,
    with a user's `further` ones; `scoreboard[FRONT]` that of `Standing.as_json`. `couplings` are what the run was given
    on top of its worldview, `posterior` what it drew from, None for priors alone.
    """
    first = next(iter(ensembles.values()))
    side_effects, more = notes(ensembles), beside or Beside()
    return {
        "schema": SCHEMA,
        "version": __version__,
        "seed": seed,
        "draws": first.draws,
        "horizon": first.months[-1],
        "worldview": worldview,
        "settings": [f"{each.lever}={each.level:g}@{each.start}" for each in settings],
        "couplings": written(couplings or {}),
        "evidence_cutoff": EVIDENCE_CUTOFF.isoformat(),
        "evidence_digest": evidence_digest(),
        "posterior": posterior.as_json() if posterior else None,
        "units": {name: output.unit for name, output in OUTPUTS.items()},
        "packages": {name: package_summary(each, side_effects[name], further) for name, each in ensembles.items()},
        "divergences": [each.as_json() for each in more.divergences],
        "worldviews": dict(more.worldviews),
        "channels_closed": dict(more.channels),
        "backcast": [each.as_json() for each in more.backcast],
        "checks": [check.as_json() for check in checks],
    }


def package_summary(
    ensemble: Ensemble, side_effects: Sequence[str] = (), further: Sequence[Scenario] = ()
) -> dict[str, Any]:
    """Label, failed futures, side effects in words, outputs, scenarios and scoreboard of one package."""
    return {
        "label": ensemble.package.label,
        "failed": ensemble.failed,
        "notes": list(side_effects),
        "outputs": {name: by_date(ensemble, name) for name in OUTPUTS},
        "scoreboard": {name: standing.as_json() for name, standing in scoreboard(ensemble).items()},
        **evaluate(ensemble, further).as_json(),
    }


def by_date(ensemble: Ensemble, name: str) -> dict[str, dict[str, dict[str, float]]]:
    """Distribution of one output by date and kind."""
    kinds = OUTPUTS[name].kinds
    return {
        date: dict(zip(kinds, distributions(rows), strict=True))
        for date, rows in zip(ensemble.dates, ensemble.values[name], strict=True)
    }


def distributions(values: Floats) -> list[dict[str, float]]:
    """Mean and percentiles of the finite values of every row, shape (rows, draws). {} where no value is finite."""
    if not np.isfinite(values).all():
        return [_distribution(row[np.isfinite(row)]) for row in values]
    means = values.mean(axis=1, dtype=np.float64)
    found = percentiles(values, PERCENTILES.values())
    return [
        {"mean": rounded(mean)} | {name: rounded(value) for name, value in zip(PERCENTILES, row, strict=True)}
        for mean, row in zip(means, found.T, strict=True)
    ]


def _distribution(finite: Floats) -> dict[str, float]:
    return distributions(finite[np.newaxis])[0] if finite.size else {}


def rounded(value: float) -> float:
    """`value` to six significant digits, more than any input has."""
    return float(f"{value:.{DIGITS}g}")

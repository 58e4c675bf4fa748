"""Packages against one another in the same futures: what each changes, how surely, and in how many futures.

Every future is drawn once and lived under every package, so that differences are policy and not chance.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.explain.outcome import Outcome
from fourfronts.analysis.percentiles import percentiles
from fourfronts.errors import InputError
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.policy.scenarios import parse_reference

Floats = NDArray[np.float64]

PERCENTILES = (5, 25, 50, 75, 95)
LIMITS = (
    (
        "Ranges are those of the assumptions, in futures drawn alike for all packages; the standard error is that of"
        " counting so many. Neither says that the equations are right."
    ),
)


def compare(
    ensembles: Mapping[str, Ensemble], baseline: str, outcomes: Sequence[Outcome], asked: Mapping[str, Any]
) -> Finding:
    """Every package's outcomes less those of `baseline`, future by future.

    Rows: a package and an outcome, with the mean and percentiles of the difference, its standard error, and the
    probability that the package has more than the baseline (ties count half). For an outcome that a future has or has
    not the difference is one of probabilities. `details` has the same by month for outputs. Raises InputError for a
    baseline that was not run, or with nothing to compare it with.
    """
    if baseline not in ensembles:
        raise InputError(f"baseline {baseline!r} is not among the packages; accepted: {', '.join(ensembles)}")
    others = [name for name in ensembles if name != baseline]
    if not others:
        raise InputError(f"only {baseline} to compare; accepted: two packages or more")
    rows = [_row(ensembles[name], ensembles[baseline], each, name) for each in outcomes for name in others]
    details = {
        "baseline": baseline,
        "labels": {name: each.package.label for name, each in ensembles.items()},
        "months": _by_month(ensembles, baseline, outcomes),
    }
    title = f"What changes against {ensembles[baseline].package.label}"
    labels = {each.name: each.label for each in outcomes}
    return Finding("compare", title, rows, _sentences(rows, ensembles, baseline, labels), details, asked, LIMITS)


def _row(one: Ensemble, other: Ensemble, asked: Outcome, name: str) -> dict[str, Any]:
    change, both = _change(one, other, asked)
    mean = float(change.mean())
    found = {f"p{p:02}": float(each) for p, each in zip(PERCENTILES, percentiles(change, PERCENTILES), strict=True)}
    if asked.chance:
        # The difference of two chances has a mean, and no spread that a reader could use.
        found = dict.fromkeys(found, float("nan"))
    return {
        "outcome": asked.name,
        "package": name,
        "unit": asked.unit,
        "date": str(asked.date),
        "baseline": float(both[1].mean() if asked.chance else np.median(both[1])),
        "value": float(both[0].mean() if asked.chance else np.median(both[0])),
        "mean": mean,
        "standard_error": float(change.std(ddof=1) * np.sqrt(one.lived / len(change))) if len(change) > 1 else np.nan,
        **found,
        "higher": float((change > 0).mean() + 0.5 * (change == 0).mean()),
        "futures": len(change),
    }


def _change(one: Ensemble, other: Ensemble, asked: Outcome) -> tuple[Floats, tuple[Floats, Floats]]:
    """Differences and both values in the futures that have both, each (futures,). Raises InputError where none has."""
    first, second = asked.of(one), asked.of(other)
    kept = np.isfinite(first) & np.isfinite(second)
    if not kept.any():
        raise InputError(f"{asked.name}: no future has a finite value under both {one.package.name} and the baseline")
    return first[kept] - second[kept], (first[kept], second[kept])


def _by_month(
    ensembles: Mapping[str, Ensemble], baseline: str, outcomes: Sequence[Outcome]
) -> dict[str, dict[str, Any]]:
    """Percentiles of the difference in every month, of the outcomes that are outputs, by outcome and package."""
    found: dict[str, dict[str, Any]] = {}
    for each in outcomes:
        if "[" not in each.name:
            continue
        key = parse_reference(each.name)
        kind = OUTPUTS[key.output].kinds.index(key.kind)
        base = ensembles[baseline].monthly[key.output][:, kind].astype(np.float64)
        found[each.name] = {
            "label": each.label,
            "unit": each.unit,
            "months": list(ensembles[baseline].months),
            "packages": {
                name: _bands(ensemble.monthly[key.output][:, kind].astype(np.float64) - base)
                for name, ensemble in ensembles.items()
                if name != baseline
            },
        }
    return found


def _bands(change: Floats) -> list[list[float]]:
    """Percentiles (PERCENTILES, months) over the futures that are finite throughout."""
    kept = change[:, np.isfinite(change).all(axis=0)]
    if not kept.size:
        return []
    found: list[list[float]] = percentiles(kept, PERCENTILES).tolist()
    return found


def _sentences(
    rows: Sequence[Mapping[str, Any]], ensembles: Mapping[str, Ensemble], baseline: str, labels: Mapping[str, str]
) -> list[str]:
    """A sentence for each of the first three rows that say most: those furthest from no change, in standard errors."""
    label = ensembles[baseline].package.label
    told = []
    for row in rows[:3]:
        name = ensembles[row["package"]].package.label
        if row["unit"] == "probability":
            told.append(
                f"Under {name} the probability of {labels[row['outcome']].lower()} is {row['value']:.0%}, not"
                f" {row['baseline']:.0%}."
            )
            continue
        told.append(
            f"{labels[row['outcome']]}, {row['date']}, under {name}: {row['mean']:+.3g} {row['unit']} on average"
            f" against {label} (90% of futures: {row['p05']:+.3g} to {row['p95']:+.3g}); higher in"
            f" {row['higher']:.0%} of them."
        )
    return told

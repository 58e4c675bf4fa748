"""What sensitivity found in words: who leads, whether the methods agree, and what none of them can know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from fourfronts.analysis.explain.outcome import Outcome
from fourfronts.analysis.explain.sensitivity.design import MOST, Effects, Indices
from fourfronts.analysis.explain.sensitivity.gradients import Slopes

RANKED = {"total": "total indices", "morris": "Morris", "gradient": "slopes"}
"""Columns by which parameters are put in order, and what they are called."""

TOP = 10
SEEN = 0.01
"""Share of the variance from which a jump of the outcome is told of."""


@dataclass(frozen=True)
class Parts:
    """What each method found; None for one that was not asked for, or that has no place for the outcome."""

    single: Indices | None
    groups: Indices | None
    effects: Effects | None
    slopes: Slopes | None


def agreement(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How alike the methods put the parameters in order: rank correlations, and the ids that all have among the first.

    Empty with fewer than two methods. A method in whose eyes all parameters are alike has no rank correlation.
    """
    parameters = [row for row in rows if row["kind"] == "parameter"]
    methods = [key for key in RANKED if parameters and np.isfinite(parameters[0].get(key, float("nan")))]
    if len(methods) < 2:
        return {}
    values = {key: np.array([row[key] for row in parameters]) for key in methods}
    names = [row["name"] for row in parameters]
    top = {key: [names[place] for place in np.argsort(-values[key], kind="stable")[:TOP]] for key in methods}
    pairs = [
        {
            "methods": [one, other],
            "rank_correlation": _rank_correlation(values[one], values[other]),
            "shared": len(set(top[one]) & set(top[other])),
        }
        for one, other in combinations(methods, 2)
    ]
    shared = [name for name in top[methods[0]] if all(name in names for names in top.values())]
    return {"methods": methods, "top": min(TOP, len(names)), "pairs": pairs, "shared_by_all": shared}


def _rank_correlation(one: Any, other: Any) -> float:
    """Spearman's."""
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    from scipy.stats import rankdata

    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])


def sentences(rows: Sequence[Mapping[str, Any]], outcome: Outcome, details: Mapping[str, Any]) -> list[str]:
    """Which parameter matters most, which groups, and how far the methods agree."""
    parameters = [row for row in rows if row["kind"] == "parameter"]
    groups = [row for row in rows if row["kind"] == "group"]
    what = f"{outcome.name} in {outcome.date}"
    told = []
    if parameters and "total" in parameters[0] and np.isfinite(parameters[0]["total"]):
        told.append(_by_index(parameters, what, details["labels"]))
    elif parameters:
        told.append(_by_effect(parameters, what, outcome.unit, details["labels"]))
    if groups:
        told.append(_by_group(groups, parameters))
    if details["agreement"]:
        told.append(_agreed(details["agreement"], details["inputs"]))
    return told


def _by_index(rows: Sequence[Mapping[str, Any]], what: str, labels: Mapping[str, str]) -> str:
    top = rows[0]
    low, high = (_share(top[key]) for key in ("total_low", "total_high"))
    words = (
        f"{what} varies most with {top['name']} (“{labels[top['name']]}”): {_share(top['first'])} of its variance"
        f" by itself, {_share(top['total'])} with its interactions (90%: {low} to {high})"
    )
    others = [f"{row['name']} ({_share(row['total'])})" for row in rows[1:3]]
    return f"{words}; next {' and '.join(others)}." if others else f"{words}."


def _by_effect(rows: Sequence[Mapping[str, Any]], what: str, unit: str, labels: Mapping[str, str]) -> str:
    top = rows[0]
    words = f"{what} changes most with {top['name']} (“{labels[top['name']]}”)"
    if "morris" in top:
        return f"{words}: by {top['morris']:.3g} {unit} on average as that moves by half its distribution."
    return f"{words}: by {top['slope']:+.3g} {unit} on average for each of its standard deviations."


def _by_group(groups: Sequence[Mapping[str, Any]], parameters: Sequence[Mapping[str, Any]]) -> str:
    shares = [f"{row['name']} {_share(row['total'])}" for row in groups[:3]]
    words = f"By mechanism, with interactions: {', '.join(shares)} of the variance"
    singles = [row["first"] for row in parameters if np.isfinite(row.get("first", float("nan")))]
    if not singles:
        return f"{words}."
    return f"{words}; parameters one by one account for about {_share(sum(singles))}, interactions for the rest."


def _correlation(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "none, as all are alike"


def _share(estimate: float) -> str:
    """A share in words, which estimates may miss at either end."""
    return f"{min(max(estimate, 0.0), 1.0):.0%}"


def _agreed(found: Mapping[str, Any], inputs: int) -> str:
    pairs = [
        f"{' and '.join(RANKED[key] for key in pair['methods'])} {_correlation(pair['rank_correlation'])}"
        for pair in found["pairs"]
    ]
    count = len(found["methods"])
    which = "both methods" if count == 2 else "all three methods"
    return (
        f"{len(found['shared_by_all'])} of the {found['top']} largest parameters are the same by {which}; rank"
        f" correlations over all {inputs}: {', '.join(pairs)}."
    )


def limits(
    parts: Parts, rows: Sequence[Mapping[str, Any]], outcome: Outcome, details: Mapping[str, Any]
) -> tuple[str, ...]:
    """What the methods cannot know, and what was left out."""
    told = [
        (
            "What a parameter counts for follows from how wide its range is assumed: one with a narrow range counts for"
            " little whatever it does, one that is fixed for nothing, and a wrong equation for nothing either."
        )
    ]
    if details["deviation_together"] is not None:
        told.append(
            "Every parameter is drawn from its own range whatever the others are; what the evidence says of them"
            f" together is left out. So drawn, the outcome's standard deviation is {details['deviation']:.3g}, and"
            f" {details['deviation_together']:.3g} with the parameters as calibration has them together"
            f" ({outcome.unit})."
        )
    if parts.single or parts.groups:
        told.append(_precision(rows, details["base"]))
    told += _about_slopes(parts, rows, outcome, details)
    return (*told, *_dropped(parts))


def _precision(rows: Sequence[Mapping[str, Any]], base: int) -> str:
    around = max(row[f"{key}_high"] - row[key] for row in rows for key in ("first", "total") if np.isfinite(row[key]))
    more = f"; half of that takes --base {4 * base}" if 4 * base <= MOST else ""
    return (
        f"Indices are told to within {around:.2f} (90%, bootstrap, {base:,} base samples){more}. First-order indices"
        " below zero are such errors."
    )


def _about_slopes(
    parts: Parts, rows: Sequence[Mapping[str, Any]], outcome: Outcome, details: Mapping[str, Any]
) -> list[str]:
    if details["without_slopes"]:
        why = "a future has the outcome or has it not" if outcome.chance else "it is flat wherever it has a slope"
        return [f"Slopes are left out: {why}."]
    if not parts.slopes or not parts.single:
        return []
    errors = dict(zip(details["labels"], map(float, parts.slopes.error), strict=True))
    jumps = [
        row["name"]
        for row in rows
        if row["kind"] == "parameter" and row["total_low"] > max(row["gradient"] + 2 * errors[row["name"]], SEEN)
    ]
    if not jumps:
        return []
    words = f"The outcome jumps with {', '.join(jumps[:3])}: their total indices are larger than slopes allow"
    return [f"{words}, which do not see a jump."]


def _dropped(parts: Parts) -> list[str]:
    counts = {
        "base samples": max((each.dropped for each in (parts.single, parts.groups) if each), default=0),
        "trajectories": parts.effects.dropped if parts.effects else 0,
        "slopes": parts.slopes.dropped if parts.slopes else 0,
    }
    left_out = [f"{count:,} {name}" for name, count in counts.items() if count]
    return [f"Left out, since a future of theirs has no finite outcome: {', '.join(left_out)}."] if left_out else []

"""Packages across all worldviews: what each leaves on the table where it does worst, and how often it is good enough.

No worldview is given a weight by how likely it is. What is told of a package is its worst case over worldviews, the
plain mean over them, its regret, and the share of futures that meet a condition.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.explain.across import Futures
from fourfronts.analysis.explain.condition import condition as one_condition
from fourfronts.analysis.explain.condition import is_compared
from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.explain.outcome import Outcome
from fourfronts.errors import InputError, unknown
from fourfronts.policy.grid import Month
from fourfronts.policy.scenarios import NECK_AND_NECK, consistent, parse_condition

Floats = NDArray[np.float64]

CONDITION = "lead_months[released] >= 12"
"""What is good enough unless a user says otherwise: a year of lead, as in the commanding-lead scenario."""
LESS = (NECK_AND_NECK,)
"""Outcomes of which less is better for whoever chooses a package, unless a user names more."""

LIMITS = (
    (
        "Worldviews are not weighted by how likely they are, and there may be others: worst case, mean and regret hold"
        " for the ones that were run and the packages that were compared."
    ),
    (
        "Better is meant from where the United States and its allies stand. Regret counts the outcome alone; what a"
        " package asks for is beside it as effort (levers moved as a share of the way to the end of their range), which"
        " is no money."
    ),
)


def condition(texts: Sequence[str], at: Month) -> Outcome:
    """Whether a future meets every one of some conditions, as in 'lead_months[released] >= 12', at a date.

    Raises InputError as `condition.condition` does, for comparisons that cannot all hold, and for conditions of
    several months.
    """
    each = [one_condition(text, at) for text in dict.fromkeys(texts)]
    name = " and ".join(one.name for one in each)
    if not consistent([parse_condition(text) for text in texts if is_compared(text)]):
        raise InputError(f"condition {name!r}: these cannot all hold; accepted: conditions that can")
    if len(each) == 1:
        return each[0]
    dates = {str(one.date) for one in each}
    if len(dates) > 1:
        raise InputError(
            f"condition {name!r}: asked of {' and '.join(sorted(dates))}; accepted: conditions of one month"
        )
    outputs = tuple(dict.fromkeys(output for one in each for output in one.outputs))
    return Outcome(name, name, each[0].unit, each[0].date, outputs, chance=True, read=partial(_all_met, each))


def _all_met(conditions: Sequence[Outcome], ensemble: Ensemble) -> Floats:
    found: Floats = np.prod([each.of(ensemble) for each in conditions], axis=0)
    return found


def better(outcomes: Sequence[Outcome], less: Sequence[str] = ()) -> Floats:
    """1 for an outcome of which more is better and -1 for one of which less is. Raises InputError for one not asked."""
    names = [each.name for each in outcomes]
    for name in less:
        if name not in names:
            raise unknown("outcome", name, names, "less")
    return np.array([-1.0 if name in (*LESS, *less) else 1.0 for name in names])


def regrets(means: Floats, signs: Floats) -> Floats:
    """How far each package falls short of the best one in the same worldview. Shapes: (views, packages, outcomes)."""
    worth = means * signs
    found: Floats = worth.max(axis=1, keepdims=True) - worth
    return found


def robust(
    futures: Futures, asked_for: Mapping[str, Any], *, condition_name: str = "", less: Sequence[str] = ()
) -> Finding:
    """Packages scored over worldviews, outcome by outcome.

    Rows: an outcome and a package, with its mean over worldviews, its worst worldview and what it is there, and its
    largest regret and where. For a condition or a scenario the mean is the satisficing probability: the share of
    futures that meet it; `condition_name` is the outcome that is the user's condition. Raises InputError for fewer than
    two packages and for a condition that no future meets.
    """
    if len(futures.packages) < 2:
        raise InputError(f"only {futures.packages[0].name} to score; accepted: two packages or more")
    means, counts = futures.means()
    check_met(futures, means, condition_name)
    signs = better(futures.outcomes, less)
    regret = regrets(means, signs)
    rows = [
        _row(futures, means, regret, signs, (package, outcome)) | {"futures": int(counts[:, outcome].min())}
        for outcome in range(len(futures.outcomes))
        for package in range(len(futures.packages))
    ]
    details = {
        "views": dict(futures.views),
        "labels": {each.name: each.label for each in futures.packages},
        "regret": {each.name: regret[:, :, index].T for index, each in enumerate(futures.outcomes)},
        "means": {each.name: means[:, :, index].T for index, each in enumerate(futures.outcomes)},
        "condition": condition_name,
        "units": {each.name: each.unit for each in futures.outcomes},
        "left_out": int(futures.values.shape[-1] * counts.size - counts.sum()),
    }
    title = f"Packages across {len(futures.views)} worldviews"
    return Finding(
        "robust", title, rows, _sentences(futures, rows, means, condition_name, signs), details, asked_for, LIMITS
    )


def check_met(futures: Futures, means: Floats, condition_name: str) -> None:
    """Raise InputError for a condition that no future meets: every package would be as good as any other."""
    for index, each in enumerate(futures.outcomes):
        if each.name == condition_name and not means[:, :, index].any():
            raise InputError(
                f"condition {each.name!r}: no future meets it under any package in any worldview; accepted: a"
                " condition that some future meets"
            )


def _row(
    futures: Futures, means: Floats, regret: Floats, signs: Floats, place: tuple[int, int]
) -> dict[str, str | float]:
    package, index = place
    outcome, views = futures.outcomes[index], list(futures.views)
    worst = int((means[:, package, index] * signs[index]).argmin())
    most = int(regret[:, package, index].argmax())
    return {
        "outcome": outcome.name,
        "package": futures.packages[package].name,
        "unit": outcome.unit,
        "date": str(outcome.date),
        "mean": float(means[:, package, index].mean()),
        "worst": float(means[worst, package, index]),
        "worst_worldview": views[worst],
        "regret": float(regret[most, package, index]),
        "regret_worldview": views[most] if regret[most, package, index] > 0 else "",
        "mean_regret": float(regret[:, package, index].mean()),
        "effort": futures.asks[package].effort,
    }


def _sentences(
    futures: Futures, rows: Sequence[Mapping[str, Any]], means: Floats, condition_name: str, signs: Floats
) -> list[str]:
    first = futures.outcomes[0]
    labels = {each.name: each.label for each in futures.packages}
    told = [row for row in rows if row["outcome"] == first.name]
    least, most = (pick(told, key=lambda row: row["regret"]) for pick in (min, max))
    winners = (means[:, :, 0] * signs[0]).argmax(axis=1)
    names = [futures.packages[index].label for index in winners]
    if len(set(names)) == 1:
        say = [f"{names[0]} is best in {first.name} in all {len(names)} worldviews."]
    else:
        counted = {name: names.count(name) for name in sorted(set(names), key=names.count, reverse=True)}
        listed = ", ".join(f"{name} in {count}" for name, count in counted.items())
        say = [f"Which package is best in {first.name} depends on the worldview: {listed}."]
        say[0] += f" {labels[least['package']]} has the smallest largest regret, {_amount(least['regret'], first)}."
    say.append(
        f"{labels[most['package']]} can be regretted most: {_amount(most['regret'], first)} short of the best package"
        f" in {futures.views[most['regret_worldview'] or least['worst_worldview']]}."
    )
    met = [row for row in rows if row["outcome"] == condition_name]
    if met:
        safe = max(met, key=lambda row: row["worst"])
        say.append(
            f"{safe['outcome']} in {safe['date']} holds in {safe['mean']:.0%} of futures under"
            f" {labels[safe['package']]} over all worldviews, and in {safe['worst']:.0%} in the worst,"
            f" {futures.views[safe['worst_worldview']]}."
        )
    return say


def _amount(value: float, outcome: Outcome) -> str:
    return f"{100 * value:.3g} points of probability" if outcome.chance else f"{value:.3g} {outcome.unit}"

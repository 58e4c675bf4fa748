"""Whether draws can be trusted: what ArviZ says of the chains, and whether two samplers that share no code agree."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_RHAT, FEWEST, LEAST_BFMI = 1.05, 100.0, 0.3
"""Chains agree below this R-hat, this many effective draws are enough, and energy moves well above this."""

MOST_DIVERGED = 0.01
"""Share of paths that may diverge: what is not followed there is not drawn from."""

SAME_MIDDLE, SAME_WIDTH = 0.15, 0.15
"""Two samplers agree if middles differ by less than this share of a standard deviation, and those by less than this."""

MOST_MEMORY = 0.5
"""Correlation between where chains begin and end above which it says little that they stay where they began."""


def of_chains(names: Sequence[str], scores: Floats, energy: Floats, diverged: Floats) -> dict[str, Any]:
    """R-hat and effective draws of every coordinate, divergences and energy. Shapes: `scores` (chains, draws, names).

    `energy` and `diverged` are (chains, draws).
    """
    import arviz_stats.base

    statistics: Any = arviz_stats.base.array_stats  # type: ignore[attr-defined]

    def each(statistic: Any, **how: Any) -> Floats:
        columns = (scores[..., index] for index in range(scores.shape[-1]))
        return np.array([float(statistic(column, chain_axis=0, draw_axis=1, **how)) for column in columns])

    rhat = each(statistics.rhat)
    bulk, tail = each(statistics.ess, method="bulk"), each(statistics.ess, method="tail", prob=(0.05, 0.95))
    bfmi = np.atleast_1d(statistics.bfmi(energy, chain_axis=0, draw_axis=1))
    worst = int(np.nan_to_num(rhat, nan=np.inf).argmax())
    return {
        "chains": scores.shape[0],
        "draws": scores.shape[1],
        "rhat_largest": _plain(rhat[worst]),
        "rhat_largest_of": names[worst],
        "rhat_above_1.01": int((rhat > 1.01).sum()),
        "ess_bulk_smallest": _plain(bulk.min()),
        "ess_bulk_median": _plain(np.median(bulk)),
        "ess_tail_smallest": _plain(tail.min()),
        "divergences": int(diverged.sum()),
        "bfmi_smallest": _plain(bfmi.min()),
        "by_name": {
            name: [_plain(rhat[index]), _plain(bulk[index]), _plain(tail[index])] for index, name in enumerate(names)
        },
    }


def sound(found: Mapping[str, Any]) -> list[str]:
    """What is wrong with some chains, a sentence each; empty when nothing is."""
    wrong = []
    if not found["rhat_largest"] <= MOST_RHAT:
        wrong.append(f"R-hat {found['rhat_largest']:g} of {found['rhat_largest_of']} ({MOST_RHAT} at most wanted)")
    wrong += [
        f"{found[f'ess_{kind}_smallest']:.0f} effective draws ({kind}; {FEWEST:.0f} wanted)"
        for kind in ("bulk", "tail")
        if not found[f"ess_{kind}_smallest"] >= FEWEST
    ]
    paths = found["chains"] * found["draws"]
    if found["divergences"] > MOST_DIVERGED * paths:
        wrong.append(f"{found['divergences']} of {paths} paths diverged (under {MOST_DIVERGED:.0%} wanted)")
    if not found["bfmi_smallest"] >= LEAST_BFMI:
        wrong.append(f"energy moves slowly: BFMI {found['bfmi_smallest']:g} ({LEAST_BFMI} wanted)")
    return wrong


def agreement(first: Mapping[str, Floats], second: Mapping[str, Floats]) -> dict[str, dict[str, float]]:
    """How two samplers differ in some marginals, each (draws,) by name.

    `middle` is the difference of means over the standard deviation, `width` the logarithm of the ratio of standard
    deviations; with the 5th, 50th and 95th percentile of each.
    """
    found = {}
    for name, one in first.items():
        other = second[name]
        width = float(np.hypot(one.std(), other.std()) / np.sqrt(2)) or 1.0
        found[name] = {
            "middle": _plain((one.mean() - other.mean()) / width),
            "width": _plain(np.log(max(one.std(), 1e-300) / max(other.std(), 1e-300))),
            **{f"first_p{p:02}": _plain(np.percentile(one, p)) for p in (5, 50, 95)},
            **{f"second_p{p:02}": _plain(np.percentile(other, p)) for p in (5, 50, 95)},
        }
    return found


def disagreeing(found: Mapping[str, Mapping[str, float]]) -> list[str]:
    """What is wrong where two samplers differ by more than SAME_MIDDLE or SAME_WIDTH, a sentence or none."""
    names = [
        name for name, each in found.items() if abs(each["middle"]) > SAME_MIDDLE or abs(each["width"]) > SAME_WIDTH
    ]
    return [f"samplers differ in {', '.join(names)}"] if names else []


def remembered(first: Mapping[str, Floats], last: Mapping[str, Floats]) -> dict[str, float]:
    """How much marginals, each (chains,) by name, where chains end still tell of where they began: correlations."""
    return {name: _plain(np.corrcoef(each, last[name])[0, 1]) for name, each in first.items()}


def forgetful(memory: Mapping[str, float]) -> list[str]:
    """What is wrong with chains that agree with others because they have not moved, a sentence or none."""
    names = [name for name, each in memory.items() if not each <= MOST_MEMORY]
    return [f"slices still tell where they began in {', '.join(names)}"] if names else []


def _plain(value: Any) -> float:
    return float(f"{float(value):.5g}")

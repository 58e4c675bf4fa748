"""Two packages on the same draws: paired differences, and a side effect a reader should be told of."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import Ensemble

TOLD_FROM = 0.01
"""A side effect is told when it shows in at least one future in a hundred."""

SIDE_EFFECTS = {"chip_output": "makes more chips", "usable_compute": "has more usable compute"}


def difference(first: Ensemble, second: Ensemble, name: str, date: str, kind: str) -> NDArray[np.float64]:
    """`first` minus `second` in every future, shape (draws,). Draws are shared, so this is not noise."""
    return first.at(name, date, kind).astype(np.float64) - second.at(name, date, kind)


def notes(ensembles: Mapping[str, Ensemble], baseline: str = "drift") -> dict[str, list[str]]:
    """Side effects of each package against the baseline, in words; empty where there are none or no baseline."""
    if baseline not in ensembles:
        return {name: [] for name in ensembles}
    return {name: indigenisation(each, ensembles[baseline]) for name, each in ensembles.items()}


def indigenisation(package: Ensemble, baseline: Ensemble) -> list[str]:
    """Say in how many futures a package that leaves the PRC less compute in the middle leaves it more at the edge."""
    last = package.dates[-1]
    if np.median(difference(package, baseline, "usable_compute", last, "prc")) >= 0:
        return []
    said = []
    for name, words in SIDE_EFFECTS.items():
        share = float((difference(package, baseline, name, last, "prc") > 0).mean())
        if share >= TOLD_FROM:
            said.append(
                f"In {share:.0%} of futures the PRC {words} in {last} than under {baseline.package.name}: "
                "its own industry responds to tighter controls."
            )
    return said

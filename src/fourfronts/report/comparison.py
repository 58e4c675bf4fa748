"""Differences between packages, future by future: on common draws they are policy and no noise."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.report.headline import QUANTITIES, Quantity, Range


@dataclass(frozen=True)
class Difference:
    """One quantity at one date under `package` less the same future's under `base`.

    `share_above` is the share of futures in which it is higher under `package`, a tie counted as half.
    """

    quantity: Quantity
    date: str
    package: str
    base: str
    range: Range
    share_above: float


def difference(
    ensembles: Mapping[str, Ensemble], quantity: Quantity, date: str, package: str, base: str
) -> Difference | None:
    """The paired difference at a reported date, or None where no future is finite under both packages."""
    first, second = (
        ensembles[name].at(quantity.output, date, quantity.kind).astype(np.float64) / quantity.scale
        for name in (package, base)
    )
    change = first - second
    change = change[np.isfinite(change)]
    if not change.size:
        return None
    p05, p50, p95 = (float(value) for value in np.percentile(change, (5, 50, 95)))
    above = float((change > 0).mean() + (change == 0).mean() / 2)
    return Difference(quantity, date, package, base, Range(p05, p50, p95), above)


def differences(ensembles: Mapping[str, Ensemble], base: str, date: str) -> dict[Quantity, list[Difference]]:
    """Every headline quantity under every other package less the same under `base`."""
    return {
        quantity: [
            found
            for package in ensembles
            if package != base and (found := difference(ensembles, quantity, date, package, base))
        ]
        for quantity in QUANTITIES
    }

"""What calibration left of every prior: percentiles before and after, and how far each may be moved by hand."""

from typing import Any

import numpy as np

from fourfronts.analysis.live import reach
from fourfronts.analysis.percentiles import percentiles
from fourfronts.analysis.summary import rounded
from fourfronts.inference.draws import learnt_rows
from fourfronts.inference.parameters import Registry

PERCENTILES = (5, 50, 95)


def ranges(known: Registry) -> dict[str, dict[str, Any]]:
    """By parameter: `prior` and `posterior` percentiles in its unit, and `low` and `high`, the ends of what it may be.

    A parameter that calibration left alone has no posterior of its own: None.
    """
    learnt, posterior = learnt_rows(known), known.posterior
    found = {}
    for key, parameter in known.parameters.items():
        low, high = reach(parameter.prior)
        after = percentiles(posterior.values[learnt[key]], PERCENTILES) if posterior and key in learnt else None
        found[key] = {
            "prior": _told(parameter.prior.quantile(np.array(PERCENTILES) / 100)),
            "posterior": None if after is None else _told(after),
            "low": low,
            "high": high,
        }
    return found


def _told(values: Any) -> dict[str, float]:
    return {f"p{name:02d}": rounded(float(value)) for name, value in zip(PERCENTILES, values, strict=True)}

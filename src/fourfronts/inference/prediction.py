"""What later figures of a series are expected to be, given its earlier ones: the model and what of its misfit is left.

The same process that `likelihood` weighs figures by, run forward: a misfit that was there fades, and comes anew.
"""

import numpy as np
from numpy.typing import NDArray

from fourfronts.inference.misfit import faded, told
from fourfronts.inference.observations import Observations
from fourfronts.inference.priors import Lognormal

Floats = NDArray[np.float64]


def misfits(observed: Observations, drawn: Floats, seed: int) -> Floats:
    """Standard deviations of misfits (series, draws): by their prior where `drawn` is NaN or held out, else `drawn`."""
    found = drawn.copy()
    rng = np.random.default_rng([seed, 1])
    for row, name in enumerate(observed.names):
        about = observed.series[name]
        if about.noise and (about.held_out or np.isnan(drawn[row]).any()):
            prior = Lognormal(p05=about.noise.misfit[0], p95=about.noise.misfit[1])
            found[row] = prior.quantile(np.asarray(rng.random(found.shape[1])))
    return found


def predict(observed: Observations, predicted: Floats, biases: Floats, misfit: Floats, seed: int) -> Floats:
    """Draws of every figure on its scale as it would be published, (series, points, draws).

    Each figure is told from those before it that are `observed.known`, and by none at or after it that is not. Shapes:
    `predicted` (series, points, draws), `biases` and `misfit` (series, draws).
    """
    rng = np.random.default_rng([seed, 2])
    shown = predicted + biases[:, None]
    mean, spread = np.zeros_like(misfit), misfit**2
    found = np.empty_like(shown)
    for point in range(shown.shape[1]):
        keep = np.exp(-observed.gap[:, point] / observed.memory)[:, None]
        mean, spread = faded(mean, spread, misfit**2, keep)
        own = observed.error[:, point, None] ** 2
        found[:, point] = shown[:, point] + mean + np.sqrt(spread + own) * rng.standard_normal(mean.shape)
        telling = observed.known[:, point] & (observed.bound[:, point] == 0)
        residual = observed.value[:, point, None] - shown[:, point]
        mean, spread = told(mean, spread, residual, own, telling[:, None])
    return found


def remaining(observed: Observations, row: int, shown: Floats, misfit: Floats) -> tuple[Floats, Floats, float]:
    """Mean and variance (draws,) of a series' misfit after its last known figure, and when that was (years).

    Shapes: `shown` (points, draws) with biases, `misfit` (draws,). Where none is known: nothing, all of it, the start.
    """
    mean, spread, last, now = np.zeros_like(misfit), misfit**2, 0.0, 0.0
    for point in range(len(observed.figures[row])):
        gap = observed.gap[row, point] if point else observed.figures[row][0].middle
        now += gap
        if not observed.known[row, point] or observed.bound[row, point]:
            continue
        keep = np.exp(-(now - last) / observed.memory[row])
        mean, spread = faded(mean, spread, misfit**2, keep)
        residual, own = observed.value[row, point] - shown[point], observed.error[row, point] ** 2
        (mean, spread), last = told(mean, spread, residual, own, np.True_), now
    return mean, spread, last

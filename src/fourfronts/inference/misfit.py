"""How the misfit of a series moves: it fades and comes anew (an Ornstein-Uhlenbeck process), and figures tell of it.

The two steps of a Kalman filter on one number, in plain arithmetic: `likelihood` weighs figures by them, `prediction`
goes on from them.
"""

from fourfronts.model.ops import Array


def faded(mean: Array, spread: Array, variance: Array, keep: Array) -> tuple[Array, Array]:
    """Mean and variance after a time in which the part `keep` is left; `variance` is that of a misfit not told."""
    return keep * mean, keep**2 * spread + variance * (1.0 - keep**2)


def told(mean: Array, spread: Array, residual: Array, own: Array, counts: Array) -> tuple[Array, Array]:
    """Mean and variance after a figure `residual` off the model, with the variance `own` of its error.

    `counts` is 1 for a figure that tells something, 0 for one that does not.
    """
    gain = counts * spread / (spread + own)
    return mean + gain * (residual - mean), spread * (1.0 - gain)

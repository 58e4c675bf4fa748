"""Resilience: how well a bloc keeps its politics stable through the transition, an index from 0 to 100.

A bloc starts from published figures: experts' score of its political stability and its public's trust. AI that takes
over exposed work displaces the index, support and extra growth cushion that, and time brings it back. The index adds
opinions of experts to opinions of publics; it does not foresee successions, shocks or repression, and what a public
dares not say it does not know. Changes within a bloc mean more than differences between blocs.
"""

from typing import NamedTuple

from fourfronts.model.blocs import CONTROLLING
from fourfronts.model.levers import Levers
from fourfronts.model.ops import Array, by_bloc, decay, namespace

STABILITY_LIMIT = 2.5
"""Published scores of political stability run from minus to plus this (evidence RS030): it fixes 0 and 100."""

LEAST_BASELINE = 1.0
"""A baseline is not counted below this many points when losses are taken relative to it: there is nothing to lose."""


class Parameters(NamedTuple):
    """Priors, units and sources are in `resilience.yaml`. Shapes: (3, draws) where a bloc is meant, else (draws,)."""

    political_stability: Array  # (3,) score from -2.5 to 2.5
    public_trust: Array  # (3,) share of the public
    stability_weight: Array  # weight of the score against trust in the index
    anchor_time: Array  # year in which those figures hold
    exposure: Array  # (3,) share of a bloc's work from which AI displaces people
    productivity_gain: Array  # output gained when AI takes over all work
    growth_relief: Array  # year, relief for each unit of extra growth a year
    support_effect: Array  # share of displacement that full transition support absorbs
    support_reference: Array  # level of support under which displacement is stated
    recovery_time: Array  # year


class State(NamedTuple):
    """The index, 0 to 100. Shape: (3, draws)."""

    index: Array


def baseline(p: Parameters) -> Array:
    """The index that published figures give, and to which it returns, 0 to 100. Shape: (3, draws)."""
    stability = 50.0 * (1.0 + p.political_stability / STABILITY_LIMIT)
    return p.stability_weight * stability + (1.0 - p.stability_weight) * 100.0 * p.public_trust


def start(p: Parameters) -> State:
    """Every bloc at its published figures, which stand for all years before them."""
    return State(index=baseline(p))


def felt(p: Parameters, levers: Levers, growth: Array) -> Array:
    """Displacement felt over what is felt at trend growth and at the support of the reference. Shape: (3, draws).

    `growth` is the growth that AI adds, 1 / year.
    """
    supported = by_bloc(growth, CONTROLLING)
    absorbed = p.support_effect * (levers.transition_support - p.support_reference)
    left = 1.0 - supported * absorbed / (1.0 - p.support_effect * p.support_reference)
    return left / (1.0 + p.growth_relief * growth)


def displacement(p: Parameters, levers: Levers, strength: Array, adoption_speed: Array) -> Array:
    """Points that a bloc at its baseline loses in a year. Shape: (3, draws).

    `strength` (draws,) is in points per unit of exposed adoption speed; `adoption_speed` is the share of a bloc's work
    that AI takes over in a year, 1 / year.
    """
    xp = namespace(adoption_speed)
    taken_over = xp.maximum(adoption_speed, 0.0)
    return strength * p.exposure * taken_over * felt(p, levers, p.productivity_gain * taken_over)


def step(
    p: Parameters, s: State, levers: Levers, strength: Array, adoption_speed: Array, time: Array, years: Array
) -> tuple[State, Array]:
    """Advance the index by `years` around `time` (year): (state, index from 0 to 100), both (3, draws).

    `strength` (draws,) and `adoption_speed` (3, draws) are those of `displacement`.
    """
    xp = namespace(s.index)
    base = baseline(p)
    # What adoption did before the published figures is in them already.
    points = xp.where(time > p.anchor_time, displacement(p, levers, strength, adoption_speed), 0.0)
    # A bloc loses in proportion to what it has left, so the index cannot pass zero and the step is exact.
    lost = points / xp.maximum(base, LEAST_BASELINE)
    back = 1.0 / p.recovery_time
    settled = base * back / (back + lost)
    index = s.index + (settled - s.index) * decay(back + lost, years)
    return State(index=index), index

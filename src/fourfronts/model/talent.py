"""Talent: researchers go where the frontier is.

A bloc whose lead is longer than it was at the anchor date draws research labour, one whose lead is shorter loses some,
both slowly. Together with what research does for the lead this is the self-reinforcing cycle.
"""

from typing import NamedTuple

from fourfronts.model.ops import Array, decay, namespace


class Parameters(NamedTuple):
    """Priors, units and sources are in `talent.yaml`. Shapes: (draws,)."""

    anchor_time: Array  # year up to which the lead counts as usual
    delay: Array  # year until 63% of a move is made
    most_months: Array  # month, change of the lead beyond which nobody else moves


class State(NamedTuple):
    """What talent remembers. Shapes: (3, draws)."""

    usual_lead: Array  # month
    drawn: Array  # months of lead, over the usual one, to which labour has moved


def start(lead_of: Array) -> State:
    """Nobody has moved. `lead_of`: (3, draws) months over the best other bloc."""
    return State(usual_lead=lead_of, drawn=0.0 * lead_of)


def step(
    p: Parameters, s: State, lead_to_talent: Array, lead_of: Array, time: Array, years: Array
) -> tuple[State, Array]:
    """Advance by `years` around `time` (year): (state, log of research labour over what it is without this).

    `lead_to_talent` (draws,) is 1 / month; `lead_of` (3, draws) months over the best other bloc. Shape: (3, draws).
    """
    xp = namespace(lead_of)
    history = time < p.anchor_time
    usual = xp.where(history, lead_of, s.usual_lead)
    # A compiler may compute a lead twice, each time in its own way, and find a rounding error where there is no change.
    gained = xp.where(history, 0.0, xp.clip(lead_of - usual, -p.most_months, p.most_months))
    drawn = s.drawn + (gained - s.drawn) * decay(1.0 / p.delay, years)
    return State(usual, drawn), lead_to_talent * drawn

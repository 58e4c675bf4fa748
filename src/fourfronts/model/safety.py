"""Safety posture: what a bloc's models comply with, what its laboratories publish, and room for talks on safety.

Observed levels are carried along their own trends. A lead that shrinks presses laboratories to spend less effort on
safety, those just ahead and those just behind alike; less effort shows in both measures, after a delay. All of that is
counted from the lead at the date of the observed levels.
"""

from typing import NamedTuple

from fourfronts.model.blocs import ALLIED, CONTROLLING, PRC
from fourfronts.model.levers import Levers
from fourfronts.model.ops import Array, by_bloc, decay, namespace

SURE = 60.0
"""Log-odds beyond which a share is 0 or 1, and past which single precision overflows."""


class Parameters(NamedTuple):
    """Priors, units and sources are in `safety.yaml`. Shapes: (3, draws) where a bloc is meant, else (draws,)."""

    anchor_time: Array  # year of the observed levels
    compliance_anchor: Array  # (3,) share
    compliance_trend: Array  # (3,) fall of its log-odds, 1 / year
    compliance_response: Array  # rise of its log-odds if all safety effort is lost
    publishing_anchor: Array  # (3,) share
    publishing_trend: Array  # (3,) rise of its log-odds, 1 / year
    publishing_response: Array  # fall of its log-odds if all safety effort is lost
    clear_lead: Array  # month, lead at which half the pressure of parity is left
    pressure_behind: Array  # share of that pressure that a bloc far behind still feels
    gating_effect: Array  # 1 / month, effort that each month of gating adds
    trend_fading: Array  # year after or before the anchor in which both trends have slowed to a quarter
    effort_delay: Array  # year
    talks_anchor: Array  # room for talks at the anchor, 0 to 1
    talks_lead_effect: Array  # log-odds from parity to a clear lead
    talks_posture_effect: Array  # log-odds from the worst posture of both sides to the best


class State(NamedTuple):
    """What safety remembers. Shapes: (3, draws), `parity_anchor` (draws,)."""

    effort: Array  # over that at the anchor
    pressed: Array  # pressure over that at the anchor, as of the last step
    pressure_anchor: Array
    parity_anchor: Array


class Safety(NamedTuple):
    """What a step shows. Shapes: (3, draws), `room_for_talks` (draws,)."""

    compliance: Array  # share of malicious requests complied with under a standard jailbreak
    publishing: Array  # share of laboratories that publish evaluations
    effort: Array  # over that at the anchor
    room_for_talks: Array  # 0 to 1


def start(p: Parameters) -> State:
    """Effort as at the anchor; pressure and parity are taken from the first step on."""
    xp = namespace(p.compliance_anchor)
    none = xp.zeros_like(p.compliance_anchor)
    return State(effort=none + 1.0, pressed=none, pressure_anchor=none, parity_anchor=none[0])


def parity(p: Parameters, lead_of: Array) -> Array:
    """How near a bloc is to the best other, 1 at parity, towards 0 ahead or behind. Shapes: (3, draws)."""
    leads = lead_of / p.clear_lead
    return 1.0 / (1.0 + leads * leads)


def pressure(p: Parameters, lead_of: Array) -> Array:
    """Competitive pressure on safety effort, 0 (clear lead) to 1 (parity). Shapes: (3, draws)."""
    xp = namespace(lead_of)
    near = parity(p, lead_of)
    return xp.where(lead_of < 0.0, p.pressure_behind + (1.0 - p.pressure_behind) * near, near)


def since_anchor(p: Parameters, time: Array, years: Array) -> Array:
    """Years from the anchor to the end of the step around `time`, negative before it. Shape: (draws,)."""
    # Dates first: single precision keeps their difference, not their sum with half a step.
    return (time - p.anchor_time) + years / 2


def until_anchor(kept: Array, now: Array, since: Array, years: Array) -> Array:
    """`now` until the anchor's date, then its value at that date, in proportion where a step's end lies past it."""
    xp = namespace(now)
    part = xp.clip(1.0 - since / years, 0.0, 1.0)
    return part * now + (1.0 - part) * kept


def trend_years(p: Parameters, since: Array) -> Array:
    """Years' worth of trend in `since` years from the anchor. Shapes: (draws,).

    Trends seen over months fade with distance in either direction, or ten years would make any of them a certainty.
    """
    xp = namespace(since)
    return since / (1.0 + xp.abs(since) / p.trend_fading)


def shifted(share: Array, log_odds: Array) -> Array:
    """A share whose odds are multiplied by exp(`log_odds`); it stays between 0 and 1 without any logarithm."""
    xp = namespace(share)
    factor = xp.exp(xp.clip(log_odds, -SURE, SURE))
    return share * factor / (1.0 - share + share * factor)


def posture(compliance: Array, publishing: Array) -> Array:
    """Mean safety posture of the two sides of the competition, 0 to 1. Shapes: (3, draws) to (draws,)."""
    each = 0.5 * (1.0 - compliance) + 0.5 * publishing
    return 0.5 * (each[ALLIED] + each[PRC])


def step(
    p: Parameters, s: State, levers: Levers, strength: Array, lead_of: Array, time: Array, years: Array
) -> tuple[State, Safety]:
    """Advance safety by `years` around `time` (year).

    `strength` (draws,) is the share of effort lost at parity relative to a clear lead; `lead_of` (3, draws) months of
    each bloc over the best other at the end of the step, negative if behind.
    """
    xp = namespace(s.effort)
    now, near = pressure(p, lead_of), parity(p, lead_of).max(axis=0)
    since = since_anchor(p, time, years)
    pressure_anchor = until_anchor(s.pressure_anchor, now, since, years)
    parity_anchor = until_anchor(s.parity_anchor, near, since, years)
    pressed = now - pressure_anchor
    gated = by_bloc(s.effort, CONTROLLING) * p.gating_effect * levers.release_gating
    # The step's mean pressure, so that its length does not matter.
    wanted = xp.maximum(1.0 - strength * (s.pressed + pressed) / 2 + gated, 0.0)
    effort = s.effort + (wanted - s.effort) * decay(1.0 / p.effort_delay, years)
    trend, lost = trend_years(p, since), 1.0 - effort
    compliance = shifted(p.compliance_anchor, p.compliance_response * lost - p.compliance_trend * trend)
    publishing = shifted(p.publishing_anchor, p.publishing_trend * trend - p.publishing_response * lost)
    better = posture(compliance, publishing) - posture(p.compliance_anchor, p.publishing_anchor)
    clearer = strength * (parity_anchor - near)
    room = shifted(p.talks_anchor, p.talks_lead_effect * clearer + p.talks_posture_effect * better)
    return State(effort, pressed, pressure_anchor, parity_anchor), Safety(compliance, publishing, effort, room)

"""Domestic adoption: how widely and how deeply a bloc puts AI to work.

Breadth, the share of people and the share of firms that use AI, each follow a logistic whose ceiling rises with the
capability of released models. Depth, the share of their work done with AI, follows breadth with a delay and is
bounded by the compute that serves it. Programmes and resilience move the speed of breadth. Each future counts its
responses from its own values at an anchor date: what acted before is in the growth that was observed.
"""

from typing import NamedTuple

from fourfronts.model.blocs import CONTROLLED, CONTROLLING
from fourfronts.model.levers import Levers
from fourfronts.model.ops import Array, by_bloc, decay, namespace, power

LEAST_SERVED = 1e-6
"""Serving compute is not counted below this share of what is needed: zero has no usable logarithm."""
LARGEST_LIFT = 30.0
"""Log-odds beyond which a ceiling has reached 0 or 1 in either precision."""
LARGEST_HISTORY = 60.0
"""Log-odds before the anchor beyond which nobody used AI; single precision cannot hold the exponential of 90."""


class Parameters(NamedTuple):
    """Priors, units and sources are in `adoption.yaml`. Shapes: (3, draws) where a bloc is meant, else (draws,)."""

    # breadth
    anchor_time: Array  # year
    people_anchor: Array  # (3,) share of people aged 15 to 64 at anchor_time
    people_reach: Array  # (3,) share of the others who would follow at that date's capability
    people_speed: Array  # (3,) 1 / year
    launch_time: Array  # (3,) year of the first mass product
    launch_gain: Array  # (3,) log-odds gained in the rush that follows
    launch_fading: Array  # (3,) year
    firms_anchor: Array  # (3,) share of firms with 10 or more employees at anchor_time
    firms_reach: Array  # (3,)
    firms_speed: Array  # (3,) 1 / year since take_off_time
    firms_speed_before: Array  # 1 / year
    take_off_time: Array  # year
    # depth
    depth_limit: Array  # share of work done with AI where everybody has adopted
    depth_lag: Array  # year
    firm_channel: Array  # share of AI work that goes through firms' own systems
    firm_size_odds: Array  # odds by employment over odds by count of firms
    serving_headroom: Array  # serving compute over what the work needed at anchor_time
    serving_need_growth: Array  # 1 / year, of serving compute needed for the same work
    # programmes
    programme_gain: Array  # relative speed added by a full programme
    programme_reference: Array
    push_gain: Array
    push_reference: Array
    # measurement: odds that a series shows over odds in the model's definition
    telemetry_reading: Array  # (3,)
    official_people_reading: Array
    cnnic_reading: Array
    self_report_reading: Array
    self_report_revision_splice: Array
    worker_survey_reading: Array
    web_panel_reading: Array
    us_people_reading: Array
    us_people_weight: Array
    us_firm_reading: Array
    us_output_weight: Array
    btos_reading: Array
    btos_wording_splice: Array
    official_firm_reading: Array
    large_firm_reading: Array
    paid_firm_reading: Array
    firm_panel_reading: Array
    frequent_use_reading: Array


class State(NamedTuple):
    """What adoption remembers. Shapes: (3, draws); the last three are a future's own values at the anchor date."""

    people: Array  # share of people who use AI
    firms: Array  # share of firms that use AI
    depth: Array  # share of adopters' work they would do with AI if all of it were served
    launch_left: Array  # log-odds that the rush after launch has still to bring
    share: Array  # share of GDP, as recorded last
    capability_gain: Array  # ECI of released capability over the anchor's
    released_anchor: Array  # ECI
    load_anchor: Array  # share of GDP wanted from each H100e that serves
    resilience_anchor: Array  # index


class Adoption(NamedTuple):
    """Adoption at the end of a step, `speed` over the step. Shapes: (3, draws)."""

    breadth_people: Array  # share of people aged 15 to 64
    breadth_firms: Array  # share of firms
    depth: Array  # share of adopters' work that is done with AI
    share: Array  # share of GDP that is produced by work done with AI
    speed: Array  # change of that share, 1 / year
    served: Array  # share of the wanted AI work that compute serves


def start(p: Parameters, released: Array, serving: Array, resilience: Array, time: Array) -> State:
    """State at `time` (year): breadth carried back from the anchor along each future's own growth.

    `released` (ECI), `serving` (H100e) and `resilience` (index) are (3, draws).
    """
    xp = namespace(released)
    left = launch_left(p, time)
    people_gain = p.people_speed * (p.anchor_time - time) + left - launch_left(p, p.anchor_time)
    firms_gain = firms_history(p, p.anchor_time) - firms_history(p, time)
    people = before(p.people_anchor, reachable(p.people_anchor, p.people_reach), people_gain)
    firms = before(p.firms_anchor, reachable(p.firms_anchor, p.firms_reach), firms_gain)
    # Breadth hardly moves in the first years, so depth has long followed it.
    adopters = adopting(p, people, firms)
    depth = p.depth_limit * adopters
    return State(
        people=people,
        firms=firms,
        depth=depth,
        launch_left=left,
        share=adopters * depth,
        capability_gain=xp.zeros_like(people),
        released_anchor=released + xp.zeros_like(people),
        load_anchor=adopters * depth / xp.maximum(serving, 1.0),
        resilience_anchor=resilience + xp.zeros_like(people),
    )


def launch_left(p: Parameters, time: Array) -> Array:
    """Log-odds that the rush after launch has still to bring at `time` (year). Shape: (3, draws)."""
    xp = namespace(p.launch_gain)
    return p.launch_gain * xp.exp(-xp.maximum(time - p.launch_time, 0.0) / p.launch_fading)


def firms_history(p: Parameters, time: Array) -> Array:
    """Log-odds that firms gained from take-off to `time` (year), negative before it. Shape: (3, draws)."""
    xp = namespace(p.firms_speed)
    since = time - p.take_off_time
    return p.firms_speed_before * xp.minimum(since, 0.0) + p.firms_speed * xp.maximum(since, 0.0)


def reachable(anchor: Array, reach: Array) -> Array:
    """Ceiling of breadth at the capability of the anchor date; a share of those without AI keeps it above breadth."""
    return anchor + (1.0 - anchor) * reach


def before(anchor: Array, ceiling: Array, gained: Array) -> Array:
    """Breadth that grew to `anchor` under `ceiling` while it `gained` log-odds. Shapes: (3, draws)."""
    xp = namespace(anchor)
    return ceiling / (1.0 + (ceiling / anchor - 1.0) * xp.exp(xp.minimum(gained, LARGEST_HISTORY)))


def grown(breadth: Array, ceiling: Array, gain: Array) -> Array:
    """Breadth after it gained `gain` log-odds of its share of `ceiling`: the logistic's exact solution."""
    xp = namespace(breadth)
    return ceiling / (1.0 + (ceiling / breadth - 1.0) * xp.exp(-gain))


def read(share: Array, odds: Array) -> Array:
    """What a series shows whose odds are `odds` times those of `share`: never below 0, never above 1."""
    return share * odds / (1.0 - share + share * odds)


def other_allies(allied: Array, us: Array, us_weight: Array) -> Array:
    """Share in the allied bloc without the United States, whose weight in the bloc is `us_weight`."""
    xp = namespace(allied)
    return xp.clip((allied - us_weight * us) / (1.0 - us_weight), 0.0, 1.0)


def adopting(p: Parameters, people: Array, firms: Array) -> Array:
    """Share of work in the hands of adopters: firms by what they employ, and people at their own choice."""
    return p.firm_channel * read(firms, p.firm_size_odds) + (1.0 - p.firm_channel) * people


def pace(p: Parameters, s: State, levers: Levers, resilience_to_adoption: Array, resilience: Array) -> Array:
    """Factor on the speed of breadth after the anchor: programmes times resilience, never negative. (3, draws)."""
    xp = namespace(resilience)
    programme = p.programme_gain * (levers.domestic_adoption_programme - p.programme_reference)
    push = p.push_gain * (levers.prc_ai_plus_push - p.push_reference)
    helped = 1.0 + by_bloc(resilience, CONTROLLING) * programme + by_bloc(resilience, CONTROLLED) * push
    change = xp.clip(resilience / xp.maximum(s.resilience_anchor, 1.0) - 1.0, -1.0, 1.0)
    return xp.maximum(helped, 0.0) * xp.maximum(1.0 + resilience_to_adoption * change, 0.0)


def broadened(
    p: Parameters, s: State, lift: Array, speed_factor: Array, time: Array, years: Array
) -> tuple[Array, Array, Array]:
    """People and firms that use AI after a step around `time`, and the rush still to come. Shapes: (3, draws).

    `lift` multiplies the odds of both ceilings, `speed_factor` both speeds of today.
    """
    xp = namespace(lift)
    end = time + years / 2
    left = s.launch_left * xp.exp(-xp.clip(end - p.launch_time, 0.0, years) / p.launch_fading)
    people_gain = p.people_speed * speed_factor * years + s.launch_left - left
    taken_off = xp.clip(end - p.take_off_time, 0.0, years)
    firms_gain = p.firms_speed_before * (years - taken_off) + p.firms_speed * speed_factor * taken_off
    people = grown(s.people, read(reachable(p.people_anchor, p.people_reach), lift), people_gain)
    firms = grown(s.firms, read(reachable(p.firms_anchor, p.firms_reach), lift), firms_gain)
    return people, firms, left


def deepened(p: Parameters, s: State, adopters: Array, years: Array) -> Array:
    """Depth wanted after a step at whose end `adopters` hold that share of work. Shape: (3, draws)."""
    settled_before, settled = p.depth_limit * adopting(p, s.people, s.firms), p.depth_limit * adopters
    # Exact for breadth that grows evenly through the step, however short the delay.
    behind = (settled - settled_before) / years * p.depth_lag
    return settled - behind + (s.depth - settled_before + behind) * (1.0 - decay(1.0 / p.depth_lag, years))


def served(p: Parameters, compute_to_adoption: Array, load: Array, load_anchor: Array, since: Array) -> Array:
    """Share of the wanted AI work that is served, 0 to 1. Shape: (3, draws).

    `load` is the work wanted from each serving H100e, `since` the years since the anchor. With a strength of 1 the
    work served is what compute allows; with 0 compute does not matter.
    """
    xp = namespace(load)
    enough = p.serving_headroom * load_anchor / xp.maximum(load, 1e-30) * xp.exp(-p.serving_need_growth * since)
    return power(xp.clip(enough, LEAST_SERVED, 1.0), compute_to_adoption)


def step(
    p: Parameters,
    s: State,
    levers: Levers,
    intelligence_to_adoption: Array,
    compute_to_adoption: Array,
    resilience_to_adoption: Array,
    released: Array,
    serving: Array,
    resilience: Array,
    time: Array,
    years: Array,
) -> tuple[State, Adoption]:
    """Advance adoption by `years` around `time` (year, middle of the step).

    `released` (ECI) and `serving` (H100e) are those of the step's end, `resilience` the latest known index, each
    (3, draws); the strengths of the couplings are (draws,).
    """
    xp = namespace(released)
    # Up to the anchor a reference moves with what it is the reference for, so every response is exactly nothing.
    early = time < p.anchor_time
    released_anchor = xp.where(early, released, s.released_anchor)
    remembered = s._replace(resilience_anchor=xp.where(early, resilience, s.resilience_anchor))
    gain = released - released_anchor
    # The ceiling is that of the middle of the step, so that its length does not matter.
    lift = xp.exp(xp.clip(intelligence_to_adoption * (s.capability_gain + gain) / 2, -LARGEST_LIFT, LARGEST_LIFT))
    speed_factor = xp.where(early, 1.0, pace(p, remembered, levers, resilience_to_adoption, resilience))
    people, firms, left = broadened(p, s, lift, speed_factor, time, years)
    adopters = adopting(p, people, firms)
    depth = deepened(p, s, adopters, years)
    load = adopters * depth / xp.maximum(serving, 1.0)
    load_anchor = xp.where(early, load, s.load_anchor)
    since = xp.maximum(time + years / 2 - p.anchor_time, 0.0)
    met = xp.where(early, 1.0, served(p, compute_to_adoption, load, load_anchor, since))
    share = adopters * depth * met
    after = remembered._replace(
        people=people,
        firms=firms,
        depth=depth,
        launch_left=left,
        share=share,
        capability_gain=gain,
        released_anchor=released_anchor,
        load_anchor=load_anchor,
    )
    return after, Adoption(people, firms, depth * met, share, (share - s.share) / years, met)

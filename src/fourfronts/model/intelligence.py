"""Intelligence: the front that drives the others.

Capability (ECI) grows with the compute of the largest training run and with software. A leader's software comes
from its own research, which AI speeds up as far as experiment compute allows. A follower also closes part of the
gap by open diffusion, distillation and theft: all three shrink with the gap, so copying never opens a lead.
"""

from typing import NamedTuple

from fourfronts.model.blocs import CONTROLLED, CONTROLLING
from fourfronts.model.levers import Levers
from fourfronts.model.ops import MONTHS_PER_YEAR, Array, best_of_others, by_bloc, decay, highest, namespace

FLOP_PER_H100E_YEAR = 1979e12 / 2 * 365.25 * 86400
"""16-bit operations of one H100e in a year at full use: half its 8-bit rate (evidence CHIP-03)."""


LN2 = 0.6931471805599453
LN10 = 2.302585092994046


class Parameters(NamedTuple):
    """Priors, units and sources are in `intelligence.yaml`. Shapes: (3, draws) for blocs, else (draws,)."""

    # training
    capability_anchor: Array  # ECI of the best released model at anchor_time
    anchor_time: Array  # year
    initial_lag: Array  # (3,) month
    initial_gap_software: Array  # share of the first gap that is software, not compute
    eci_per_oom: Array  # ECI per factor ten of effective compute
    concentration: Array  # (3,) leading developer's share of usable compute
    research_share: Array  # share of its compute that goes to research and training
    final_run_share: Array  # share of that in the largest run
    utilisation: Array
    run_share_growth: Array  # 1 / year, growth of the largest run's share
    run_share_end: Array  # year in which that growth stops
    # own research
    software_gain_start: Array  # ECI / year at fixed compute
    research_labour: Array  # (3,) relative to the leading bloc
    labour_growth: Array  # 1 / year
    labour_weight: Array
    labour_substitution: Array  # below zero: compute and labour are complements
    research_parallelism: Array  # exponent on research effort
    idea_hardening: Array  # 1: early effort growth just offset harder ideas
    reasoning_gain: Array  # factor on software speed once reasoning training began
    reasoning_time: Array  # year
    ai_uplift_reference: Array  # extra research labour from AI at ai_uplift_time
    ai_uplift_time: Array  # year
    ai_uplift_doubling: Array  # ECI for which the uplift doubles
    # catch-up
    open_rate: Array  # 1 / year
    theft_rate: Array  # 1 / year
    distillation_rate: Array  # 1 / year when nothing limits it
    exchanges_anchor: Array  # (3,) exchanges / year attempted at exchanges_time
    exchanges_time: Array  # year
    exchanges_growth: Array  # 1 / year
    tokens_per_exchange: Array
    tokens_half: Array  # tokens / year for half the effect
    student_compute_share: Array  # student's training compute over the teacher's for half the effect
    detection_effect: Array
    sharing_effect: Array
    deterrence_effect: Array
    # release
    release_delay: Array  # (3,) month
    # measurement
    public_benchmark_reading: Array
    private_benchmark_reading: Array
    single_benchmark_reading: Array


class State(NamedTuple):
    """What intelligence remembers. Shapes: (3, draws); the last three (draws,) are constants of a future."""

    capability: Array  # ECI, internal
    released: Array  # ECI, generally available
    software: Array  # factors of ten over the start
    largest_run: Array  # log10 FLOP, highest so far
    effort_start: Array  # research compute of the leading bloc at the start, H100e
    uplift_capability: Array  # ECI at which AI's uplift is the reference one
    hardening: Array  # factors of ten of effort that one factor of ten of software costs


class Gains(NamedTuple):
    """Growth of capability by source, ECI / year. Shapes: (3, draws)."""

    compute: Array
    research: Array
    open: Array
    distilled: Array
    stolen: Array
    ai_multiplier: Array  # AI's factor on research labour
    tokens_harvested: Array  # tokens / year


def speed_at_start(p: Parameters, compute_growth: Array) -> Array:
    """Growth of the leader's capability around the start, ECI / year. Shape: (draws,).

    `compute_growth` (draws,) is the growth rate of the leading bloc's compute, 1 / year.
    """
    return p.eci_per_oom * (compute_growth + p.run_share_growth) / LN10 + p.software_gain_start


def start(p: Parameters, usable: Array, compute_growth: Array, time: Array) -> State:
    """State at `time` (year): the anchor carried back along each future's own early growth.

    `usable` is (3, draws) H100e, `compute_growth` (draws,) 1 / year of the leading bloc.
    """
    speed = speed_at_start(p, compute_growth)
    gap = speed * p.initial_lag / MONTHS_PER_YEAR
    released = p.capability_anchor - speed * (p.anchor_time - time) - gap
    return State(
        capability=released + speed * p.release_delay / MONTHS_PER_YEAR,
        released=released,
        software=-gap / p.eci_per_oom * p.initial_gap_software,
        largest_run=run_size(p, usable, time),
        effort_start=highest(usable),
        uplift_capability=uplift_capability(p, compute_growth),
        hardening=hardening(p, compute_growth),
    )


def hardening(p: Parameters, compute_growth: Array) -> Array:
    """Factors of ten of research effort that each factor of ten of software efficiency costs. Shape: (draws,).

    Studies estimate it as growth of effort over growth of efficiency while progress was about steady.
    """
    effort_growth = p.labour_weight * p.labour_growth + (1.0 - p.labour_weight) * compute_growth
    return p.idea_hardening * effort_growth / LN10 * p.eci_per_oom / p.software_gain_start


def uplift_capability(p: Parameters, compute_growth: Array) -> Array:
    """Capability (ECI) at which AI's uplift of research is the reference one. Shape: (draws,).

    The uplift was observed at a date, so each future ties it to the capability that its own steady growth from the
    anchor gives for that date.
    """
    xp = namespace(compute_growth)
    reasoning = xp.maximum(p.ai_uplift_time - p.reasoning_time, 0.0) * (p.reasoning_gain - 1.0)
    years = p.ai_uplift_time - p.anchor_time
    gain = speed_at_start(p, compute_growth) * years + p.software_gain_start * reasoning
    return p.capability_anchor + gain


def run_size(p: Parameters, usable: Array, time: Array) -> Array:
    """Compute of the leading developer's largest run, log10 FLOP. Shape: (3, draws)."""
    xp = namespace(usable)
    share = p.concentration * p.research_share * p.final_run_share * p.utilisation
    growth = p.run_share_growth * (xp.minimum(time, p.run_share_end) - p.run_share_end)
    return xp.log10(xp.maximum(usable, 1.0) * share * FLOP_PER_H100E_YEAR) + growth / LN10


def ai_multiplier(p: Parameters, s: State) -> Array:
    """Factor by which AI multiplies research labour. Shape: (3, draws)."""
    xp = namespace(s.capability)
    doublings = xp.minimum((s.capability - s.uplift_capability) / p.ai_uplift_doubling, 60.0)
    return 1.0 + p.ai_uplift_reference * xp.exp(LN2 * doublings)


def research_effort(
    p: Parameters, s: State, usable: Array, talent: Array, years_since_start: Array
) -> tuple[Array, Array]:
    """Log of research input over the leader's at the start, and AI's factor on labour. Shapes: (3, draws).

    A CES of experiment compute and AI-boosted labour: with complements, infinite labour still waits for experiments.
    """
    xp = namespace(usable)
    multiplier = ai_multiplier(p, s)
    labour = xp.log(p.research_labour * multiplier) + p.labour_growth * years_since_start + talent
    compute = xp.log(xp.maximum(usable, 1.0) / s.effort_start)
    bend = p.labour_substitution
    mix = p.labour_weight * xp.exp(bend * labour) + (1.0 - p.labour_weight) * xp.exp(bend * compute)
    return xp.log(mix) / bend, multiplier


def software_gain(p: Parameters, s: State, log_effort: Array, time: Array, years: Array) -> Array:
    """Own software progress in a step, factors of ten: effort speeds it, harder ideas slow it. Shape: (3, draws).

    Progress slows itself as it goes, so the step is integrated exactly: a burst of effort cannot overshoot.
    """
    xp = namespace(log_effort)
    paradigm = xp.where(time < p.reasoning_time, 1.0, p.reasoning_gain)
    slowing = p.research_parallelism * LN10 * s.hardening
    speed = p.software_gain_start / p.eci_per_oom * paradigm
    speed = speed * xp.exp(xp.minimum(p.research_parallelism * log_effort - slowing * s.software, 60.0))
    # Not log1p: what it saves is lost when the gain joins the software so far, and it costs three times as much.
    return xp.log(1.0 + slowing * speed * years) / slowing


def blocked(p: Parameters, levers: Levers) -> Array:
    """Share of distillation exchanges stopped by laboratories' checks, sharing and deterrence. Shape: (draws,)."""
    passed = 1.0 - p.detection_effect * levers.distillation_detection
    passed = passed * (1.0 - p.sharing_effect * levers.threat_sharing)
    return 1.0 - passed * (1.0 - p.deterrence_effect * levers.legal_deterrence)


def distillation(p: Parameters, s: State, levers: Levers, time: Array) -> tuple[Array, Array]:
    """Rate at which distillation closes the gap (1 / year) and tokens harvested (1 / year). Shapes: (3, draws)."""
    xp = namespace(s.capability)
    attempted = p.exchanges_anchor * xp.exp(p.exchanges_growth * (time - p.exchanges_time))
    controlled = by_bloc(s.capability, CONTROLLED)
    attempted = attempted * (1.0 + controlled * (levers.prc_evasion_effort - 1.0))
    tokens = attempted * p.tokens_per_exchange * (1.0 - controlled * blocked(p, levers))
    harvested = tokens / (tokens + p.tokens_half)
    student = xp.exp(LN10 * (s.largest_run - best_of_others(s.largest_run)))
    able = student / (student + p.student_compute_share)
    return p.distillation_rate * harvested * able, tokens


def catch_up(p: Parameters, s: State, levers: Levers, time: Array, years: Array) -> tuple[Array, Array, Array, Array]:
    """Gain of capability in a step by (open, distilled, stolen), ECI, and tokens / year. Shapes: (3, draws).

    The teacher is the released model, except for theft, which then closes part of what is left of the internal gap.
    Each is an exact decay, so that no step, however long, carries a follower past its teacher.
    """
    xp = namespace(s.capability)
    deployed = xp.maximum(best_of_others(s.released) - s.capability, 0.0)
    internal = xp.maximum(best_of_others(s.capability) - s.capability, 0.0)
    distil_rate, tokens = distillation(p, s, levers, time)
    studied = p.open_rate + distil_rate
    closed = deployed * decay(studied, years) / studied
    opened, distilled = p.open_rate * closed, distil_rate * closed
    stolen = xp.maximum(internal - opened - distilled, 0.0) * decay(p.theft_rate, years)
    return opened, distilled, stolen, tokens


def release_delay(p: Parameters, levers: Levers) -> Array:
    """Delay from internal to general use, years. Shape: (3, draws)."""
    return (p.release_delay + by_bloc(p.release_delay, CONTROLLING) * levers.release_gating) / MONTHS_PER_YEAR


def released(s: State, capability: Array, delay: Array, waiting: Array, years: Array) -> Array:
    """Released capability at the end of a step in which the internal one grows evenly to `capability`, ECI.

    `waiting` is the share of what was held back at the start that still is; exact however short the `delay` (years).
    """
    xp = namespace(capability)
    lag = (capability - s.capability) / years * delay
    return xp.maximum(s.released, capability - lag + (s.released - s.capability + lag) * waiting)


def step(
    p: Parameters,
    s: State,
    levers: Levers,
    usable: Array,
    talent: Array,
    time: Array,
    since_start: Array,
    years: Array,
) -> tuple[State, Gains]:
    """Advance capability by `years` around `time` (year).

    `usable` is (3, draws) H100e, `talent` (3, draws) the log of research labour over what it is without moves of
    researchers between blocs, `since_start` years.
    """
    xp = namespace(usable)
    largest = xp.maximum(s.largest_run, run_size(p, usable, time + years / 2))
    from_compute = p.eci_per_oom * (largest - s.largest_run)
    log_effort, multiplier = research_effort(p, s, usable, talent, since_start)
    own_software = software_gain(p, s, log_effort, time, years)
    by_itself = from_compute + p.eci_per_oom * own_software
    delay = release_delay(p, levers)
    waiting = 1.0 - decay(1.0 / delay, years)
    # Gaps are those of the middle of the step, so that its length does not matter.
    shown = released(s, s.capability + by_itself, delay, waiting, years)
    middle = s._replace(capability=s.capability + 0.5 * by_itself, released=0.5 * (s.released + shown))
    opened, distilled, stolen, tokens = catch_up(p, middle, levers, time, years)
    copied = opened + distilled + stolen
    capability = s.capability + by_itself + copied
    after = State(
        capability=capability,
        released=released(s, capability, delay, waiting, years),
        software=s.software + own_software + copied / p.eci_per_oom,
        largest_run=largest,
        effort_start=s.effort_start,
        uplift_capability=s.uplift_capability,
        hardening=s.hardening,
    )
    gains = Gains(
        compute=from_compute / years,
        research=p.eci_per_oom * own_software / years,
        open=opened / years,
        distilled=distilled / years,
        stolen=stolen / years,
        ai_multiplier=multiplier,
        tokens_harvested=tokens,
    )
    return after, gains

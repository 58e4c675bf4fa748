"""Revenue: what AI earns in a year, and what is spent to build more of it.

Both follow trends whose growth declines. Revenue departs from its trend where AI work at home grows otherwise than
the trend takes for granted, or where a bloc's share of the work bought abroad changes. Capital follows revenue after a
delay.
"""

from typing import NamedTuple

from fourfronts.model.ops import Array, decay, highest, namespace

LEAST_SHARE = 1e-6
"""A share below this counts as this much, because a logarithm is taken of it."""


class Parameters(NamedTuple):
    """Priors, units and sources are in `revenue.yaml`. Shapes: (3, draws) where a bloc is meant, else (draws,)."""

    anchor_time: Array  # year
    growth_settling_time: Array  # year
    # revenue
    revenue_anchor: Array  # (3,) USD / year at anchor_time
    revenue_growth_past: Array  # (3,) 1 / year, before the anchor
    revenue_growth_today: Array  # (3,) 1 / year, at the anchor
    revenue_growth_long_run: Array  # (3,) 1 / year
    work_growth_today: Array  # (3,) 1 / year, growth of AI work at home that the trend of revenue takes for granted
    work_growth_long_run: Array  # 1 / year
    # capital
    capital_anchor: Array  # (3,) USD / year at anchor_time
    capital_growth_past: Array  # (3,) 1 / year
    capital_growth_today: Array  # (3,) 1 / year
    capital_growth_long_run: Array  # (3,) 1 / year
    capital_delay: Array  # year
    # what compute costs
    ai_share_of_capital: Array  # share of capital that pays for AI compute and its buildings
    cost_per_h100e: Array  # USD / H100e at anchor_time, buildings and power included
    cost_decline: Array  # 1 / year


class State(NamedTuple):
    """What revenue remembers. Shapes: (3, draws). The references are each future's own values at anchor_time."""

    work_reference: Array  # AI-weighted share of the bloc's economy
    foreign_reference: Array  # share of the AI work that the rest of the world buys
    revenue_deviation: Array  # log of revenue over its trend
    capital_deviation: Array  # log of capital over its trend


class Revenue(NamedTuple):
    """What a step shows, at its end. Shapes: (3, draws)."""

    revenue: Array  # USD (2025) / year
    capital: Array  # USD (2025) / year
    revenue_index: Array  # log of revenue over its own trend
    capital_index: Array  # log of capital over its own trend


def start(adoption_share: Array, distribution_share: Array) -> State:
    """Everything on its trend. `adoption_share`, `distribution_share`: (3, draws), 0 to 1."""
    on_trend = 0.0 * adoption_share
    return State(adoption_share, distribution_share, on_trend, on_trend)


def trend(past: Array, today: Array, long_run: Array, since: Array, settled: Array) -> Array:
    """Log of a trend over its value at the anchor, `since` years (negative before it) from there.

    Growth, 1 / year, declines from `today` to `long_run`; `settled` is the years for which today's counts in full.
    """
    xp = namespace(past)
    after = xp.maximum(since, 0.0)
    return past * xp.minimum(since, 0.0) + long_run * after + (today - long_run) * settled


def log_ratio(share: Array, reference: Array) -> Array:
    """Log of a share over its reference, both 0 to 1."""
    xp = namespace(share)
    return xp.log(xp.maximum(share, LEAST_SHARE) / xp.maximum(reference, LEAST_SHARE))


def step(
    p: Parameters,
    s: State,
    adoption_to_revenue: Array,
    distribution_to_revenue: Array,
    revenue_to_capital: Array,
    adoption_share: Array,
    distribution_share: Array,
    time: Array,
    years: Array,
) -> tuple[State, Revenue]:
    """Advance by `years` around `time` (year). Strengths are elasticities, (draws,).

    `adoption_share` (AI-weighted share of each bloc's economy) and `distribution_share` (of the AI work that the rest
    of the world buys, by supplier) are (3, draws) at the end of the step, 0 to 1.
    """
    xp = namespace(adoption_share)
    since = time + years / 2 - p.anchor_time
    settled = p.growth_settling_time * decay(1.0 / p.growth_settling_time, xp.maximum(since, 0.0))
    ahead = time < p.anchor_time
    work = xp.where(ahead, adoption_share, s.work_reference)
    foreign = xp.where(ahead, distribution_share, s.foreign_reference)
    expected = trend(0.0 * since, p.work_growth_today, p.work_growth_long_run, since, settled)
    deviation = adoption_to_revenue * (log_ratio(adoption_share, work) - expected)
    deviation = deviation + distribution_to_revenue * log_ratio(distribution_share, foreign)
    # A compiler may compute a share and its reference each in its own way, a rounding error apart where they are one.
    deviation = xp.where(ahead, 0.0, deviation)
    capital_deviation = follow(p, s, revenue_to_capital, deviation, years)
    revenue = trend(p.revenue_growth_past, p.revenue_growth_today, p.revenue_growth_long_run, since, settled)
    capital = trend(p.capital_growth_past, p.capital_growth_today, p.capital_growth_long_run, since, settled)
    after = State(work, foreign, deviation, capital_deviation)
    return after, Revenue(
        revenue=p.revenue_anchor * xp.exp(revenue + deviation),
        capital=p.capital_anchor * xp.exp(capital + capital_deviation),
        revenue_index=deviation,
        capital_index=capital_deviation,
    )


def follow(p: Parameters, s: State, elasticity: Array, deviation: Array, years: Array) -> Array:
    """Capital's deviation after a step in which revenue's went evenly to `deviation`; exact. Shape: (3, draws)."""
    lag = elasticity * (deviation - s.revenue_deviation) / years * p.capital_delay
    aim, aim_before = elasticity * deviation, elasticity * s.revenue_deviation
    left = 1.0 - decay(1.0 / p.capital_delay, years)
    return aim - lag + (s.capital_deviation - aim_before + lag) * left


def compute_cost(p: Parameters, time: Array) -> Array:
    """Capital cost of one H100e at `time` (year), USD. Shape: (draws,)."""
    xp = namespace(p.cost_per_h100e)
    return p.cost_per_h100e * xp.exp(-p.cost_decline * (time - p.anchor_time))


def funding_ratio(p: Parameters, spending: Array, additions: Array, time: Array) -> Array:
    """What a bloc spends on AI capital over the cost of the compute that the leading bloc adds. Shape: (3, draws).

    `spending` is USD / year (`capital`; with `revenue` over `ai_share_of_capital` it asks whether earnings would do),
    `additions` H100e / year that join each bloc's stock, both (3, draws). Below 1, a bloc could not pay for the leading
    bloc's additions at the leading bloc's prices, whoever would sell them.
    """
    xp = namespace(spending)
    frontier = xp.maximum(highest(additions), 1.0) * compute_cost(p, time)
    return spending * p.ai_share_of_capital / frontier

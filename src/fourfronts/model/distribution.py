"""Global distribution: whose AI the rest of the world buys.

Buyers in `rest` choose between the suppliers of the three blocs: a logit over quality, price, finance, trust and reach,
which shares follow with inertia, cut to what each supplier can serve abroad. Frontier work pays for quality, bulk work
for price. Every term is a deviation from what held at the anchor date, when the shares were observed, so a term with
no strength leaves the shares on their own trend.
"""

from typing import NamedTuple

from fourfronts.model.blocs import CONTROLLED, CONTROLLING
from fourfronts.model.levers import Levers
from fourfronts.model.ops import Array, by_bloc, decay, highest, namespace, side_by_side

SEGMENTS = ("frontier", "bulk")
LAYERS = ("hardware", "cloud", "model")
"""Order of the layer axis: whose chips, whose data centres and whose models serve the work."""

SMALLEST = 1e-9
"""Share below which a supplier's capacity is no longer told apart, so that its logarithm stays finite."""
LARGEST_APPEAL = 60.0
"""Log-odds beyond which a supplier has everything or nothing in either precision."""
ENOUGH_ROOM = 0.1
"""Part of its offer that a supplier must have free to take on work as if it had any amount."""
ROUNDS = 3
"""Times that unserved work looks for suppliers; what is left then is thousandths."""


class Parameters(NamedTuple):
    """Priors, units and sources are in `distribution.yaml`. Shapes: (3, draws) for blocs, else (draws,)."""

    # shares observed at the anchor
    anchor_time: Array  # year
    frontier_odds: Array  # (3,) work bought from a bloc per unit bought from allied suppliers
    bulk_odds: Array  # (3,)
    bulk_share: Array  # share of the work that is bulk
    # choice
    quality_gap_reference: Array  # (3,) ECI behind the best at the anchor
    bulk_quality_weight: Array  # weight of a quality gap in bulk work over that in frontier work
    price: Array  # (3,) list price over the allied one at the anchor
    price_elasticity: Array  # of bulk work
    frontier_price_weight: Array  # elasticity of frontier work over that of bulk work
    price_observed: Array  # year up to which the path of prices is observed
    price_gap_closing: Array  # 1 / year, after that
    frontier_inertia: Array  # year
    bulk_inertia: Array  # year
    # reach
    reach_growth: Array  # (3,) 1 / year, growth of odds in frontier work around the anchor
    bulk_reach: Array  # that growth in bulk work over that in frontier work
    reach_start: Array  # year
    reach_fade: Array  # year, for growth after the anchor to fade
    # programmes
    finance_effect: Array  # log odds of full export finance
    finance_delay: Array  # year
    finance_reference: Array
    subsidy_depth: Array  # log price cut from no to full export subsidy
    subsidy_reference: Array
    hosting_response: Array  # share of work hosted by others added from no to full open-weight exports
    # capacity
    rest_demand: Array  # share of the world's usable compute that the work of `rest` takes
    servable_abroad: Array  # (3,) share of its compute that a bloc can turn to that work
    hosted_by_others: Array  # (3,) share of a bloc's work served from its open weights by the clouds present
    # stack
    cloud_odds: Array  # (3,) clouds present in `rest`, per unit of allied ones
    own_chips: Array  # (3,) share of a bloc's clouds abroad that run on its own chips
    chip_odds: Array  # (3,) chips sold to the others, per unit of allied ones
    # norms
    trust: Array  # (3,) share of people abroad who trust a bloc to regulate AI
    # measurement
    router_reading: Array  # log odds
    visits_reading: Array  # log odds
    download_reading: Array  # log odds


class Paths(NamedTuple):
    """Dated series, one value a step."""

    price_gap: Array  # log price gaps over those at the anchor


class State(NamedTuple):
    """What distribution remembers; the last two are constants of a future, kept to save their logarithms."""

    wanted: Array  # (segment, 3, draws) shares that buyers want
    backing: Array  # (draws,) export finance at work, less that at the anchor
    norms: Array  # (3, draws) share of the work under each bloc's norms
    log_odds: Array  # (segment, 3, draws) at the anchor
    log_price: Array  # (3, draws) at the anchor, over the allied list price


class Distribution(NamedTuple):
    """Shares of the AI work that `rest` buys, by supplier bloc; each sums to 1 over blocs. Shapes: (3, draws)."""

    frontier: Array
    bulk: Array
    total: Array  # both, by the maker of the model
    wanted: Array  # both, before the bound of what suppliers can serve
    stack: Array  # (layer, 3, draws): by maker of the chips, owner of the cloud, maker of the model
    norms: Array
    log_price: Array  # log of the price over the allied list price at the anchor; no share


class Readings(NamedTuple):
    """What published series would show of the same shares. Shapes: (3, draws), each sums to 1 over blocs."""

    router_tokens: Array  # tokens on a developer router
    router_spend: Array  # spending on the same router
    visits: Array  # visits to chat websites outside the PRC
    downloads: Array  # downloads of open weights


def start(
    p: Parameters, paths: Paths, levers: Levers, intelligence_to_distribution: Array, released: Array, time: Array
) -> State:
    """State at `time` (year): shares at rest where buyers want them, norms as people's trust has them.

    `released` is (3, draws) ECI, the strength (draws,) logit / ECI.
    """
    xp = namespace(released)
    s = State(
        wanted=xp.stack([p.frontier_odds, p.bulk_odds]),
        backing=levers.export_finance - p.finance_reference,
        norms=p.trust / p.trust.sum(axis=0),
        # A supplier without any sales at the anchor stays next to nothing, with a finite logarithm.
        log_odds=xp.log(xp.maximum(xp.stack([p.frontier_odds, p.bulk_odds]), SMALLEST)),
        log_price=xp.log(p.price),
    )
    prices = log_price(p, s, paths, levers, time)
    reached = years_of_reach(p, time)
    reached = side_by_side(reached, reached)
    unmoved = 0.0 * intelligence_to_distribution
    return s._replace(wanted=choice(p, s, prices, reached, intelligence_to_distribution, unmoved, released))


def log_price(p: Parameters, s: State, paths: Paths, levers: Levers, time: Array) -> Array:
    """Log of each bloc's price over the allied list price at the anchor. Shape: (3, draws).

    Price gaps follow the observed path, then close at a rate of their own; a subsidy lowers the price at once.
    """
    xp = namespace(s.log_price)
    left = 1.0 - decay(p.price_gap_closing, xp.maximum(time - p.price_observed, 0.0))
    cut = p.subsidy_depth * (levers.prc_export_subsidy - p.subsidy_reference)
    return s.log_price * paths.price_gap * left - by_bloc(s.log_price, CONTROLLED) * cut


def years_of_reach(p: Parameters, time: Array) -> Array:
    """Years of growth at the anchor's rate between the anchor and `time`, negative before it. Shape: that of `time`."""
    xp = namespace(p.anchor_time)
    before = xp.minimum(xp.maximum(time, p.reach_start) - p.anchor_time, 0.0)
    return before + p.reach_fade * decay(1.0 / p.reach_fade, xp.maximum(time - p.anchor_time, 0.0))


def choice(
    p: Parameters,
    s: State,
    prices: Array,
    reached: Array,
    intelligence_to_distribution: Array,
    norms_to_distribution: Array,
    released: Array,
) -> Array:
    """Shares that buyers would choose with nothing to hold them back. Shape: (segment, 3, draws).

    `prices` (3, draws) as `log_price` gives them, `reached` (segment, draws) as `years_of_reach` does, `released`
    (3, draws) ECI, strengths (draws,).
    """
    quality = p.quality_gap_reference - (highest(released) - released)
    quality = intelligence_to_distribution * quality
    cheaper = p.price_elasticity * (s.log_price - prices)
    trusted = norms_to_distribution * (s.norms - p.trust / p.trust.sum(axis=0))
    common = by_bloc(released, CONTROLLING) * p.finance_effect * s.backing + trusted
    frontier = s.log_odds[0] + quality + p.frontier_price_weight * cheaper
    bulk = s.log_odds[1] + p.bulk_quality_weight * quality + cheaper
    frontier = frontier + p.reach_growth * reached[0]
    bulk = bulk + p.reach_growth * (p.bulk_reach * reached[1])
    return side_by_side(shares_of(frontier + common), shares_of(bulk + common))


def shares_of(appeal: Array) -> Array:
    """Shares that a logit gives to suppliers of that appeal. Shapes: (3, draws)."""
    xp = namespace(appeal)
    # Any common level does; the mean needs no search.
    odds = xp.exp(xp.clip(appeal - appeal.sum(axis=0) / 3.0, -LARGEST_APPEAL, LARGEST_APPEAL))
    return odds / odds.sum(axis=0)


def both(p: Parameters, by_segment: Array) -> Array:
    """Share of all work from shares of each segment. Shapes: (segment, 3, draws) to (3, draws)."""
    return (by_segment * side_by_side(1.0 - p.bulk_share, p.bulk_share)[:, None]).sum(axis=0)


def hosted(p: Parameters, levers: Levers) -> Array:
    """Share of each bloc's work that the clouds present serve from its open weights. Shape: (3, draws)."""
    xp = namespace(p.hosted_by_others)
    more = p.hosting_response * (levers.prc_export_subsidy - p.subsidy_reference)
    return xp.clip(p.hosted_by_others + by_bloc(p.hosted_by_others, CONTROLLED) * more, 0.0, 0.95)


def served(p: Parameters, wanted: Array, opened: Array, compute_to_distribution: Array, usable: Array) -> Array:
    """Shares after each bloc is held to what it can serve. Shape: (segment, 3, draws).

    A bloc can serve what its own compute and others' clouds (`opened`, from `hosted`) allow; its offer bends to that
    bound with the elasticity `compute_to_distribution` (draws,): 0 not at all, 1 fully. `usable` (3, draws) is H100e.
    """
    xp = namespace(usable)
    demand = xp.maximum(p.rest_demand * usable.sum(axis=0), SMALLEST)
    ceiling = p.servable_abroad * usable / (demand * (1.0 - opened))
    total = xp.maximum(both(p, wanted), SMALLEST)
    offer = total * xp.exp(compute_to_distribution * xp.log(xp.maximum(ceiling, SMALLEST) / total))
    shares = wanted * xp.minimum(offer / total, 1.0)
    # What one supplier cannot serve goes to those with room, which may fill a second one: hence more than once. Little
    # to those that are nearly full, and no more than they can take, so that nothing jumps when one of them is.
    for _ in range(ROUNDS):
        free = xp.maximum(offer - both(p, shares), 0.0)
        room = wanted * xp.minimum(free / (ENOUGH_ROOM * xp.maximum(offer, SMALLEST)), 1.0)
        short = xp.maximum(1.0 - shares.sum(axis=1, keepdims=True), 0.0)
        gain = short * room / xp.maximum(room.sum(axis=1, keepdims=True), SMALLEST)
        shares = shares + gain * xp.minimum(free / xp.maximum(both(p, gain), SMALLEST), 1.0)
    # Where all are full some work goes unserved; shares are of what is served.
    return shares / shares.sum(axis=1, keepdims=True)


def stack(p: Parameters, model: Array, opened: Array, backing: Array) -> Array:
    """Shares of the same work by chips, cloud and model. Shapes: `model` (3, draws) to (layer, 3, draws)."""
    xp = namespace(model)
    hosts = p.cloud_odds * (1.0 + by_bloc(model, CONTROLLING) * xp.expm1(p.finance_effect * backing))
    elsewhere = (opened * model).sum(axis=0)
    cloud = (1.0 - opened) * model + hosts / hosts.sum(axis=0) * elsewhere
    bought = ((1.0 - p.own_chips) * cloud).sum(axis=0)
    chips = p.own_chips * cloud + p.chip_odds / p.chip_odds.sum(axis=0) * bought
    return xp.stack([chips, cloud, model])


def step(
    p: Parameters,
    s: State,
    paths: Paths,
    levers: Levers,
    intelligence_to_distribution: Array,
    compute_to_distribution: Array,
    distribution_to_norms: Array,
    norms_to_distribution: Array,
    released: Array,
    usable_bandwidth: Array,
    time: Array,
    years: Array,
) -> tuple[State, Distribution]:
    """Advance the market of `rest` by `years` around `time` (year).

    `released` (3, draws) ECI, `usable_bandwidth` (3, draws) H100e of the bandwidth ledger. Strengths (draws,): logit
    / ECI; elasticity of the offer, 0 to 1; 1 / year; logit per unit of norms share.
    """
    xp = namespace(released)
    prices = log_price(p, s, paths, levers, time)
    target = levers.export_finance - p.finance_reference
    backing = s.backing + (target - s.backing) * decay(1.0 / p.finance_delay, years)
    inertia = side_by_side(p.frontier_inertia, p.bulk_inertia)
    moved = decay(1.0 / inertia, years)
    # Exact for a choice that moves evenly through the step, however short the inertia: the middle of the step for
    # shares that move slowly, its end for those that follow at once. Finance is that of the middle.
    reached = years_of_reach(p, time + (1.0 / moved - inertia / years - 0.5) * years)
    middle = s._replace(backing=0.5 * (s.backing + backing))
    chosen = choice(p, middle, prices, reached, intelligence_to_distribution, norms_to_distribution, released)
    wanted = s.wanted + (chosen - s.wanted) * moved[:, None]
    opened = hosted(p, levers)
    shares = served(p, wanted, opened, compute_to_distribution, usable_bandwidth)
    total = both(p, shares)
    # Trust was observed at the anchor, so that norms move from there.
    accepted = xp.where(time > p.anchor_time, decay(distribution_to_norms, years), 0.0)
    norms = s.norms + (total - s.norms) * accepted
    layers = stack(p, total, opened, backing)
    shown = Distribution(shares[0], shares[1], total, both(p, wanted), layers, norms, prices)
    return s._replace(wanted=wanted, backing=backing, norms=norms), shown


def readings(p: Parameters, d: Distribution) -> Readings:
    """What series of another scope would show: the shares with the log odds of the controlled bloc moved."""
    xp = namespace(d.bulk)
    tokens = _reweighted(d.bulk, by_bloc(d.bulk, CONTROLLED) * p.router_reading)
    return Readings(
        router_tokens=tokens,
        router_spend=_reweighted(tokens, d.log_price - xp.max(d.log_price, axis=0)),
        visits=_reweighted(d.frontier, by_bloc(d.bulk, CONTROLLED) * p.visits_reading),
        downloads=_reweighted(d.bulk, by_bloc(d.bulk, CONTROLLED) * p.download_reading),
    )


def _reweighted(shares: Array, log_weight: Array) -> Array:
    weighted = shares * namespace(shares).exp(log_weight)
    return weighted / weighted.sum(axis=0)


def offsetting_price(p: Parameters, intelligence_to_distribution: Array, deficit: Array) -> Array:
    """Price, over a rival's, at which bulk buyers do not mind a `deficit` in ECI behind it. Shape: (draws,)."""
    xp = namespace(p.price_elasticity)
    return xp.exp(-intelligence_to_distribution * p.bulk_quality_weight * deficit / p.price_elasticity)

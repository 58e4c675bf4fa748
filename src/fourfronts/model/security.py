"""Security: how much software in use stands open to attackers who know a way in.

Each bloc defends its software against attackers of the other two. Both sides look for vulnerabilities at a speed
that rises with the capability they have access to; fixes pass through a queue with a bounded capacity and then have
to be installed. Everything is a count or a share in the aggregate: 1 is what was fixed in 2025 in a year.
"""

from typing import NamedTuple

from fourfronts.model.blocs import CONTROLLING
from fourfronts.model.levers import Levers
from fourfronts.model.ops import MONTHS_PER_YEAR, Array, best_of_others, by_bloc, highest, namespace, others


class Parameters(NamedTuple):
    """Priors, units and sources are in `security.yaml`. Shapes: (3, draws) where a bloc is meant, else (draws,)."""

    anchor_time: Array  # year
    # finding
    finding_time: Array  # year that a vulnerability stays hidden from its defenders, without help from AI
    fastest_search: Array  # year that a search takes however capable the model
    review_time: Array  # year for which new code is searched before it is in use
    attack_effort: Array  # (3,) a bloc's search of each other bloc's software over the defenders' own, at anchor_time
    attack_growth: Array  # 1 / year
    exploit_rate: Array  # 1 / year, from a published fix to a known way in, at anchor_time
    # access
    limited_access_reach: Array  # (3,) share of a bloc's software whose defenders get its unreleased models
    limited_access_time: Array  # year from which they do
    gated_reach: Array  # share of the rest that a month of release gating adds
    foreign_access_defence: Array  # (3,) share of a better foreign release's advance that defenders get
    foreign_access_attack: Array  # the same for attackers
    internal_access_attack: Array  # share of their own bloc's unreleased advance that attackers get
    # mending
    fix_time: Array  # year
    patching_capacity: Array  # fixes a year over those of 2025, at anchor_time
    capacity_growth: Array  # 1 / year, after anchor_time
    install_time: Array  # year
    exposed_share_reference: Array  # share of software exposed at the rates of anchor_time


class Pools(NamedTuple):
    """Vulnerabilities in use, by who knows of them. Units: what was fixed in 2025 in a year. Shapes: (3, draws)."""

    hidden: Array  # nobody
    attackers: Array  # attackers only
    queue: Array  # defenders only, not fixed
    queue_known: Array  # both, not fixed
    published: Array  # fixed, not installed, no known way in
    published_known: Array  # fixed, not installed, known way in


class State(NamedTuple):
    """What security remembers. Shapes: (3, draws); `frontier` (draws,)."""

    pools: Pools
    frontier: Array  # ECI of the best model anywhere, released or not, at anchor_time
    released: Array  # ECI at the end of the last step
    capability: Array  # ECI at the end of the last step
    exposed_reference: Array  # vulnerabilities open to attackers in equilibrium at the rates of anchor_time


class Speeds(NamedTuple):
    """Rates of a step, 1 / year. Shapes: (3, draws); `capacity` (draws,)."""

    defence: Array  # a hidden vulnerability is found by its defenders
    attack: Array  # by attackers of the other blocs
    exploit: Array  # a published fix gives attackers a way in
    best_defence: Array  # as `defence`, with the bloc's best model
    capacity: Array  # fixes a year over those of 2025


class Security(NamedTuple):
    """What a step shows, per bloc as the defended one. Shapes: (3, draws).

    Counts are in units of what was fixed in 2025 in a year, in use at the end of the step; flows and speeds are means
    over it.
    """

    known_to_defenders: Array  # found, not fixed
    known_to_attackers: Array  # a way in is known and the software in use is open to it
    found: Array  # by defenders, a year
    fixed: Array  # a year
    search_gain: Array  # search speed of the defenders with the best access, over that without help from AI
    exposed_share: Array  # share of software in use with a way in that attackers know
    exposed_months: Array  # months that a vulnerability stays open after attackers know of it, at the present rates


def start(p: Parameters, released: Array, capability: Array, time: Array) -> State:
    """Equilibrium at `time` (year), before models are of help. `released`, `capability`: (3, draws) ECI."""
    frontier = highest(capability)
    # No model is of help, so it does not matter which there are.
    off, level = 0.0 * frontier, 0.0 * released
    pools = equilibrium(p, speeds(p, off, level, level, off, time, off))
    reference = equilibrium(p, speeds(p, off, level, level, off, p.anchor_time, off))
    return State(pools, frontier, released, capability, open_to_attack(reference))


def open_to_attack(pools: Pools) -> Array:
    """Vulnerabilities in use that attackers know a way to use. Shape: (3, draws)."""
    return pools.attackers + pools.queue_known + pools.published_known


def search_speed(p: Parameters, strength: Array, advance: Array) -> Array:
    """Speed at which a hidden vulnerability is found, 1 / year. Shape: (3, draws).

    `advance` (ECI) is capability beyond the frontier of anchor_time, below which models were of no visible help.
    The time to find shrinks exponentially towards the time that a search takes.
    """
    xp = namespace(advance)
    help_of_ai = xp.exp(-strength * xp.maximum(advance, 0.0))
    return 1.0 / (p.fastest_search + (p.finding_time - p.fastest_search) * help_of_ai)


def at_hand(own: Array, best_abroad: Array, share: Array) -> Array:
    """Capability (ECI) to be had from releases: one's own, and a share of what better foreign ones are ahead."""
    xp = namespace(own)
    return own + share * xp.maximum(best_abroad - own, 0.0)


def speeds(
    p: Parameters, strength: Array, released: Array, capability: Array, frontier: Array, time: Array, gating: Array
) -> Speeds:
    """Rates at `time` (year). `released`, `capability`: (3, draws) ECI; `frontier` (draws,) ECI; `gating` months."""
    xp = namespace(released)
    abroad = best_of_others(released)
    offered = at_hand(released, abroad, p.foreign_access_defence)
    general = search_speed(p, strength, offered - frontier)
    best = search_speed(p, strength, xp.maximum(offered, capability) - frontier)
    best = xp.where(time < p.limited_access_time, general, best)
    # A model held back from general release goes to more defenders first: that is what holding it back is for.
    held = by_bloc(released, CONTROLLING) * (1.0 - xp.exp(-p.gated_reach * gating))
    reach = p.limited_access_reach + (1.0 - p.limited_access_reach) * held
    armed = at_hand(released, abroad, p.foreign_access_attack)
    armed = armed + p.internal_access_attack * xp.maximum(capability - armed, 0.0)
    growth = xp.exp(p.attack_growth * (time - p.anchor_time))
    attack = others(p.attack_effort * growth * search_speed(p, strength, armed - frontier))
    since = xp.maximum(time - p.anchor_time, 0.0)
    return Speeds(
        defence=general + reach * (best - general),
        attack=attack,
        exploit=p.exploit_rate * attack * p.finding_time / others(p.attack_effort),
        best_defence=best,
        capacity=p.patching_capacity * xp.exp(p.capacity_growth * since),
    )


def equilibrium(p: Parameters, v: Speeds) -> Pools:
    """Pools at which as many vulnerabilities come as go, one unit a year, all speeds constant. Shapes: (3, draws)."""
    hidden = 1.0 / (v.attack + v.defence)
    attackers = v.attack * hidden / v.defence
    # One unit a year leaves the queue when it is this long.
    fixing = (1.0 - 1.0 / v.capacity) / p.fix_time
    installing = 1.0 / p.install_time
    queue = v.defence * hidden / (v.attack + fixing)
    queue_known = (v.defence * attackers + v.attack * queue) / fixing
    published = fixing * queue / (v.exploit + installing)
    published_known = (fixing * queue_known + v.exploit * published) / installing
    return Pools(hidden, attackers, queue, queue_known, published, published_known)


def appearing(p: Parameters, v: Speeds) -> Array:
    """New vulnerabilities that come into use, a year: those that defenders do not find before release. (3, draws)."""
    return (1.0 + p.review_time / p.finding_time) / (1.0 + p.review_time * v.defence)


def through(pool: Array, inflow: Array, rate: Array, kept: Array, years: Array) -> tuple[Array, Array]:
    """A pool after a step, and its mean over it; exact for a steady inflow. `kept` is exp(-rate * years)."""
    level = inflow / rate
    lost = (pool - level) * (1.0 - kept)
    return pool - lost, level + lost / (rate * years)


def mend(p: Parameters, waiting: Array, inflow: Array, capacity: Array, years: Array) -> tuple[Array, Array, Array]:
    """Queue after a step, fixes a year, and the rate at which one vulnerability leaves, 1 / year. Shapes: (3, draws).

    One waits for fix_time, and longer the longer the queue, so that no more than `capacity` is fixed. The balance has
    no solution in closed form and can turn within weeks, so the queue at a point `later` in the step is found
    implicitly: it is the positive root of a quadratic.
    """
    xp = namespace(inflow)
    product = capacity * p.fix_time
    # The later the point, the more of the queue is gone within the step; so a steady rate is met to third order.
    turns = capacity * years / (product + waiting)
    later = (3.0 + turns) / (6.0 + turns)
    full = waiting + inflow * years * later
    slope = product + capacity * years * later - full
    root = xp.sqrt(slope * slope + 4.0 * product * full) + xp.abs(slope)
    # Of two forms of the root, the one that takes no difference of nearly equal numbers.
    then = xp.where(slope > 0.0, 2.0 * product * full / root, 0.5 * root)
    fixed = xp.minimum(capacity * then / (product + then), waiting / years + inflow)
    # Rounding may leave less than nothing of a queue that is emptied.
    return xp.maximum(waiting + (inflow - fixed) * years, 0.0), fixed, fixed / then


def step(
    p: Parameters,
    s: State,
    levers: Levers,
    intelligence_to_security: Array,
    released: Array,
    capability: Array,
    time: Array,
    years: Array,
) -> tuple[State, Security]:
    """Advance by `years` around `time` (year). `released`, `capability`: (3, draws) ECI at the end of the step."""
    xp = namespace(released)
    frontier = xp.where(time < p.anchor_time, highest(capability), s.frontier)
    shown, internal = 0.5 * (s.released + released), 0.5 * (s.capability + capability)
    v = speeds(p, intelligence_to_security, shown, internal, frontier, time, levers.release_gating)
    pools, found, fixed, fixing = flow(p, s.pools, v, years)
    after = State(pools, frontier, released, capability, s.exposed_reference)
    odds = p.exposed_share_reference * open_to_attack(pools) / s.exposed_reference
    return after, Security(
        known_to_defenders=pools.queue + pools.queue_known,
        known_to_attackers=open_to_attack(pools),
        found=found,
        fixed=fixed,
        search_gain=v.best_defence * p.finding_time,
        # Systems differ in how much they carry, so the share is that of a geometric count and not of a Poisson one.
        exposed_share=odds / (1.0 - p.exposed_share_reference + odds),
        exposed_months=exposed_months(p, s.pools, pools, v, fixing),
    )


def flow(p: Parameters, s: Pools, v: Speeds, years: Array) -> tuple[Pools, Array, Array, Array]:
    """Pass a step's vulnerabilities on: pools after it, then found, fixed (a year) and the fixing rate (1 / year)."""
    xp = namespace(v.attack)
    installing = 1.0 / p.install_time
    kept_attack, kept_defence = xp.exp(-v.attack * years), xp.exp(-v.defence * years)
    hidden, mean_hidden = through(s.hidden, appearing(p, v), v.attack + v.defence, kept_attack * kept_defence, years)
    attackers, mean_attackers = through(s.attackers, v.attack * mean_hidden, v.defence, kept_defence, years)
    found = v.defence * (mean_hidden + mean_attackers)
    waiting, fixed, fixing = mend(p, s.queue + s.queue_known, found, v.capacity, years)
    kept_queue = xp.exp(-fixing * years)
    queue, mean_queue = through(s.queue, v.defence * mean_hidden, v.attack + fixing, kept_attack * kept_queue, years)
    arriving = v.defence * mean_attackers + v.attack * mean_queue
    queue_known, mean_queue_known = through(s.queue_known, arriving, fixing, kept_queue, years)
    # How long the queue is has been settled above; what is settled here is how much of it attackers know.
    known = waiting * queue_known / (queue + queue_known)
    fixed_known = fixed * mean_queue_known / (mean_queue + mean_queue_known)
    kept_installing = xp.exp(-installing * years)
    kept_published = xp.exp(-v.exploit * years) * kept_installing
    published, mean_published = through(s.published, fixed - fixed_known, v.exploit + installing, kept_published, years)
    arriving = fixed_known + v.exploit * mean_published
    published_known, _ = through(s.published_known, arriving, installing, kept_installing, years)
    after = Pools(hidden, attackers, waiting - known, known, published, published_known)
    return after, found, fixed, fixing


def exposed_months(p: Parameters, before: Pools, after: Pools, v: Speeds, fixing: Array) -> Array:
    """Mean time from attackers' first knowledge to the installed fix at a step's rates, months. Shape: (3, draws).

    Who learns while nobody else knows has the longest use of it, who learns from the published fix the shortest.
    """
    # Twice the means over the step; only their proportions count.
    alone = v.attack * (before.hidden + after.hidden)
    in_queue = v.attack * (before.queue + after.queue)
    from_fix = v.exploit * (before.published + after.published)
    waiting = alone / v.defence + (alone + in_queue) / fixing
    return MONTHS_PER_YEAR * (p.install_time + waiting / (alone + in_queue + from_fix))

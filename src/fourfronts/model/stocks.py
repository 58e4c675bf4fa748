"""Stocks: where every chip is until it is retired or written off.

A chip that was shipped is in exactly one stock (owner, origin). Two ledgers run side by side, 8-bit operations and
memory bandwidth. Rented compute is a claim on chips that others own, so it moves use and never ownership.
"""

from typing import NamedTuple

from fourfronts.model.access import Flows
from fourfronts.model.ops import Array, decay, namespace, others, power, side_by_side


class Parameters(NamedTuple):
    """Priors, units and sources are in `stocks.yaml`. Shapes: (3, draws) where a bloc is meant, else (draws,)."""

    retirement: Array  # 1 / year
    permanent_failure: Array  # 1 / year
    software_efficiency: Array  # (3,) useful work of home-made chips over the same H100e from NVIDIA
    bandwidth_kept: Array  # exponent: how far a licensed chip keeps its bandwidth when its operations are cut


class Paths(NamedTuple):
    """Bandwidth of new chips over their operations, both relative to an H100, one value a step."""

    bandwidth_leaders: Array
    bandwidth_constrained: Array


class State(NamedTuple):
    """Chips in use by origin and owner, and what left. Shapes: (ledger, bloc, draws); `rented` (bloc, draws)."""

    domestic: Array
    legal: Array
    diverted: Array
    rented: Array  # H100e leased abroad, by renter
    retired: Array
    written_off: Array


class Use(NamedTuple):
    """What a bloc can use. Shapes: (ledger, bloc, draws)."""

    owned: Array
    rented: Array
    leased_out: Array
    usable: Array


def start(paths: Paths, output: Array, growth: Array, import_appetite: Array) -> State:
    """Stocks that a history of exponential growth leaves behind.

    `output` (H100e / year), `growth` (1 / year) and `import_appetite` (share) are (3, draws).
    """
    xp = namespace(output)
    made = output / growth
    exported = made * others(import_appetite)
    intensity = ledgers(xp.ones_like(output) * paths.bandwidth_leaders)
    domestic = (made - exported) * intensity
    none = xp.zeros_like(domestic)
    return State(
        domestic=domestic,
        legal=others(made) * import_appetite * intensity,
        diverted=none,
        rented=xp.zeros_like(output),
        retired=none,
        written_off=none,
    )


def ledgers(bandwidth: Array) -> Array:
    """Put a bandwidth intensity beside the unit intensity of operations. Shapes: (3, draws) to (2, 3, draws)."""
    return side_by_side(1.0 + 0.0 * bandwidth, bandwidth)


def acquisitions(p: Parameters, paths: Paths, flows: Flows, ceilings_apply: Array) -> tuple[Array, Array, Array]:
    """Chips that join each stock in a year: (domestic, legal, diverted), each (ledger, bloc, draws)."""
    xp = namespace(flows.made)
    own = ceilings_apply * paths.bandwidth_constrained + (1.0 - ceilings_apply) * paths.bandwidth_leaders
    # A ceiling cuts operations; the vendor keeps the bandwidth, so bandwidth per operation rises as the cap bites.
    licensed = paths.bandwidth_leaders * power(xp.maximum(flows.allowed_performance, 1e-6), -p.bandwidth_kept)
    kept = flows.made - flows.exported - flows.leaked
    leaders = xp.ones_like(kept) * paths.bandwidth_leaders
    return (
        kept * ledgers(own + 0.0 * kept),
        flows.legal * ledgers(licensed),
        flows.diverted * ledgers(leaders),
    )


def step(
    p: Parameters,
    s: State,
    joining: tuple[Array, Array, Array],
    rent_target: Array,
    adjustment: Array,
    years: Array,
) -> State:
    """Add a step's chips and take away what is retired or fails. `rent_target` is (3, draws) H100e."""
    leaving_rate = p.retirement + p.permanent_failure
    share = decay(leaving_rate, years)
    # Chips that arrive during the step are half a step old at its end.
    arriving = 1.0 - decay(leaving_rate, years / 2)
    before = (s.domestic, s.legal, s.diverted)
    after = [stock * (1.0 - share) + flow * years * arriving for stock, flow in zip(before, joining, strict=True)]
    gone = [stock + flow * years - left for stock, flow, left in zip(before, joining, after, strict=True)]
    lost = gone[0] + gone[1] + gone[2]
    failed = lost * p.permanent_failure / leaving_rate
    return State(
        domestic=after[0],
        legal=after[1],
        diverted=after[2],
        rented=s.rented + leased(s, rent_target, adjustment, years),
        retired=s.retired + lost - failed,
        written_off=s.written_off + failed,
    )


def leased(s: State, rent_target: Array, adjustment: Array, years: Array) -> Array:
    """Compute newly rented in a step, H100e, negative where leases end. Shape: (bloc, draws)."""
    return (rent_target - s.rented) * decay(1.0 / adjustment, years)


def owned(s: State) -> Array:
    """Chips owned by each bloc. Shape: (ledger, bloc, draws)."""
    return s.domestic + s.legal + s.diverted


def use(p: Parameters, s: State) -> Use:
    """Usable compute = owned x software efficiency + rented - leased out. Shapes: (ledger, bloc, draws)."""
    xp = namespace(s.domestic)
    held = owned(s)
    hosts = xp.maximum(others(held[0]), 1e-30)
    # A renter leases in proportion from the other blocs, and gets their average bandwidth with it.
    rented = side_by_side(s.rented, s.rented * others(held[1]) / hosts)
    claims = s.rented / hosts
    leased_out = held * others(claims)
    usable = s.domestic * p.software_efficiency + s.legal + s.diverted + rented - leased_out
    return Use(owned=held, rented=rented, leased_out=leased_out, usable=usable)

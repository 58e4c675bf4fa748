"""What a published series would show in every future, from what the model reports and each future's own parameters.

Written for the arrays that come in: NumPy to look back at an ensemble, JAX to be differentiated.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from fourfronts.inference.published import Level, Market, Odds, Reading, Total
from fourfronts.model import adoption, distribution
from fourfronts.model.blocs import ALLIED, BLOCS, PRC
from fourfronts.model.levers import Levers
from fourfronts.model.ops import MONTHS_PER_YEAR, Array, namespace
from fourfronts.policy.grid import Month, parse_month
from fourfronts.policy.scenarios import Reference

PERCENT = 100.0


class Seen:
    """What series are read from: outputs of every month, and parameters.

    `months` are their labels 'YYYY-MM', `times` (months,) their middles in years; `output` gives one output in every
    month, (months, futures); `parameter` one parameter by its id, (futures,), and raises InputError for one that does
    not exist; `market` is the record of the distribution's parameters with futures last, `paths` its dated series.
    """

    def __init__(
        self,
        months: Sequence[str],
        times: Array,
        output: Callable[[Reference], Array],
        parameter: Callable[[str], Array],
        market: distribution.Parameters,
        paths: distribution.Paths,
    ) -> None:
        self.months, self.times = tuple(months), times
        self.output, self.parameter = output, parameter
        self._market, self._paths = market, paths

    def row(self, month: Month) -> int:
        """The row of a month."""
        return self.months.index(str(month))

    @cached_property
    def markets(self) -> Mapping[str, tuple[Array, Array]]:
        """By series, the PRC's share of all and its share of the PRC and the allies, each (months, futures)."""
        # Blocs first and futures last, months between them.
        p = distribution.Parameters(*(each[:, None] if each.ndim == 2 else each for each in self._market))
        frontier, bulk = (self._by_bloc(f"distribution_{segment}") for segment in distribution.SEGMENTS)
        xp = namespace(bulk)
        subsidy = self.output(Reference("responses", "prc_export_subsidy"))
        levers = Levers._make(0.0 for _ in Levers._fields)._replace(prc_export_subsidy=subsidy)
        at_anchor = distribution.State(None, None, None, None, xp.log(p.price))
        paths = distribution.Paths(*(xp.asarray(each)[:, None] for each in self._paths))
        price = distribution.log_price(p, at_anchor, paths, levers, xp.asarray(self.times)[:, None])
        sold = distribution.Distribution(frontier, bulk, bulk, bulk, bulk, bulk, price)
        return {
            name: (shares[PRC], shares[PRC] / (shares[PRC] + shares[ALLIED]))
            for name, shares in distribution.readings(p, sold)._asdict().items()
        }

    def _by_bloc(self, name: str) -> Array:
        """An output by bloc, shape (bloc, months, futures)."""
        found = [self.output(Reference(name, bloc)) for bloc in BLOCS]
        return namespace(found[0]).stack(found)


def shown(reading: Reading, seen: Seen) -> Array:
    """What a series would show in every month, shape (months, futures), in its unit.

    Raises InputError for a parameter that does not exist.
    """
    match reading:
        case Odds():
            return _through_odds(reading, seen)
        case Market():
            return PERCENT * seen.markets[reading.series][reading.two_way]
        case Level():
            return _level(reading, seen)
        case Total():
            return _total(reading, seen)


def _through_odds(reading: Odds, seen: Seen) -> Array:
    share = seen.output(reading.of)
    xp = namespace(share)
    if reading.without_us:
        us = adoption.read(share, seen.parameter(reading.without_us.reading))
        share = adoption.other_allies(share, us, seen.parameter(reading.without_us.weight))
    odds = xp.ones((len(seen.months), 1), dtype=share.dtype)
    for key in reading.through:
        odds = odds * seen.parameter(key)
    if reading.splice:
        until = str(reading.splice.until)
        earlier = xp.asarray([month <= until for month in seen.months])[:, None]
        odds = xp.where(earlier, odds / seen.parameter(reading.splice.by), odds)
    return PERCENT * adoption.read(share, odds)


def _level(reading: Level, seen: Seen) -> Array:
    values = seen.output(reading.of) * reading.times
    if reading.over:
        values = values / seen.output(reading.over)
    for key in reading.through:
        values = values * seen.parameter(key)
    for key in reading.under:
        values = values / seen.parameter(key)
    if reading.relative_to:
        values = values / values[seen.row(reading.relative_to)]
    return values


def _total(reading: Total, seen: Seen) -> Array:
    flow = seen.output(reading.of) / MONTHS_PER_YEAR
    xp = namespace(flow)
    if reading.share:
        odds = seen.parameter(reading.share) / (1.0 - seen.parameter(reading.share))
        if reading.share_drift:
            years = xp.asarray(seen.times)[:, None] - reading.share_time
            odds = odds * xp.exp(seen.parameter(reading.share_drift) * years)
        flow = flow * (odds / (1.0 + odds))
    first = str(parse_month(reading.since))
    counted = xp.asarray([month >= first for month in seen.months])[:, None]
    return xp.cumsum(xp.where(counted, flow, 0.0), axis=0)

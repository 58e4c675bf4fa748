"""What a published series would show in every future, from what the model records and each future's own parameters."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.backcast_data import Level, Market, Odds, Reading
from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.outputs import OUTPUTS
from fourfronts.errors import unknown
from fourfronts.inference.draws import assemble, assemble_paths, draw, paths_on_grid
from fourfronts.inference.parameters import Registry
from fourfronts.model import adoption, distribution
from fourfronts.model.blocs import ALLIED, BLOCS, PRC
from fourfronts.model.levers import Levers
from fourfronts.policy.grid import NOW, Grid
from fourfronts.policy.scenarios import Reference

PERCENT = 100.0

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Past:
    """The months up to now of the futures that are kept month by month and finite, with their parameters.

    `months` are their labels, `kept` the numbers of the futures, `drawn` their parameters by `mechanism.name`, with the
    futures last.
    """

    ensemble: Ensemble
    registry: Registry
    months: tuple[str, ...]
    kept: NDArray[np.intp]
    drawn: dict[str, NDArray[np.float64]]

    @classmethod
    def of(cls, ensemble: Ensemble, registry: Registry, seed: int, outputs: Iterable[str]) -> "Past":
        """The past in `outputs`. `registry` and `seed` must be those of the ensemble, its worldview included."""
        stop = ensemble.months.index(str(NOW)) + 1
        futures = ensemble.monthly["lead_months"].shape[-1]
        finite = np.ones(futures, dtype=bool)
        for name in outputs:
            finite &= np.isfinite(ensemble.monthly[name][:stop]).all(axis=(0, 1))
        kept = np.flatnonzero(finite)
        drawn = {name: values[..., kept] for name, values in draw(registry, futures, seed).items()}
        return cls(ensemble, registry, ensemble.months[:stop], kept, drawn)

    def output(self, of: Reference) -> Floats:
        """One output in every month, shape (months, futures)."""
        column = OUTPUTS[of.output].kinds.index(of.kind)
        found: Floats = self.ensemble.monthly[of.output][: len(self.months), column][:, self.kept].astype(np.float64)
        return found

    def parameter(self, key: str) -> Floats:
        """One parameter by its id, shape (futures,). Raises InputError with the nearest ids when there is none."""
        if key not in self.registry.parameters:
            raise unknown("parameter", key, self.registry.parameters)
        declared = self.registry.get(key)
        values = self.drawn[f"{declared.mechanism}.{declared.name}"]
        return values if declared.bloc is None else values[BLOCS.index(declared.bloc)]

    @cached_property
    def markets(self) -> dict[str, tuple[Floats, Floats]]:
        """By series, the PRC's share of all and its share of the PRC and the allies, each (months, futures)."""
        p = assemble(self.drawn).distribution
        series = assemble_paths(paths_on_grid(self.registry, Grid().times[: len(self.months)])).distribution
        at_anchor = distribution.State(wanted=None, backing=None, norms=None, log_odds=None, log_price=np.log(p.price))
        frontier, bulk = (self._by_bloc(f"distribution_{segment}") for segment in distribution.SEGMENTS)
        subsidy = self.output(Reference("responses", "prc_export_subsidy"))
        nothing = Levers._make(0.0 for _ in Levers._fields)
        shown: dict[str, list[Floats]] = {name: [] for name in distribution.Readings._fields}
        for month, time in enumerate(Grid().times[: len(self.months)]):
            levers = nothing._replace(prc_export_subsidy=subsidy[month])
            paths = distribution.Paths(*(values[month] for values in series))
            price = distribution.log_price(p, at_anchor, paths, levers, time)
            found = distribution.readings(p, _market(frontier[month], bulk[month], price))
            for name, shares in found._asdict().items():
                shown[name].append(shares)
        stacked = {name: np.stack(shares) for name, shares in shown.items()}
        return {
            name: (shares[:, PRC], shares[:, PRC] / (shares[:, PRC] + shares[:, ALLIED]))
            for name, shares in stacked.items()
        }

    def _by_bloc(self, name: str) -> Floats:
        """An output by bloc, shape (months, bloc, futures)."""
        return np.stack([self.output(Reference(name, bloc)) for bloc in BLOCS], axis=1)


def _market(frontier: Floats, bulk: Floats, price: Floats) -> distribution.Distribution:
    """What readings take, filled with no more than they look at."""
    return distribution.Distribution(frontier, bulk, bulk, bulk, bulk, bulk, price)


def shown(reading: Reading, past: Past) -> Floats:
    """What a series would show in every month, shape (months, futures), in its unit.

    Raises InputError for a parameter that does not exist.
    """
    if isinstance(reading, Odds):
        return _through_odds(reading, past)
    if isinstance(reading, Market):
        return PERCENT * past.markets[reading.series][reading.two_way]
    return _level(reading, past)


def _through_odds(reading: Odds, past: Past) -> Floats:
    share = past.output(reading.of)
    if reading.without_us:
        us = adoption.read(share, past.parameter(reading.without_us.reading))
        share = adoption.other_allies(share, us, past.parameter(reading.without_us.weight))
    odds = np.ones((len(past.months), 1))
    for key in reading.through:
        odds = odds * past.parameter(key)
    if reading.splice:
        earlier = np.array(past.months) <= str(reading.splice.until)
        odds = np.where(earlier[:, np.newaxis], odds / past.parameter(reading.splice.by), odds)
    found: Floats = PERCENT * adoption.read(share, odds)
    return found


def _level(reading: Level, past: Past) -> Floats:
    values = past.output(reading.of) * reading.times
    if reading.relative_to:
        values = values / values[past.months.index(str(reading.relative_to))]
    return values

"""The past of an ensemble, as series are read from it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.errors import unknown
from fourfronts.inference.draws import assemble, assemble_paths, draw, paths_on_grid
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.inference.parameters import Registry, observation
from fourfronts.inference.readings import Seen
from fourfronts.model.blocs import BLOCS
from fourfronts.policy.grid import NOW, Grid, parse_month
from fourfronts.policy.scenarios import Reference

APART = 1_000_003
"""Added to the seed for the priors of series, whose draws must not be those of the model's first parameters."""

Floats = NDArray[np.floating[Any]]


class Past(Seen):
    """The months up to `last` of the futures that are kept month by month and finite, with their parameters.

    `kept` are the numbers of the futures.
    """

    def __init__(
        self, ensemble: Ensemble, registry: Registry, seed: int, outputs: Iterable[str], last: str = str(NOW)
    ) -> None:
        """`registry` and `seed` must be those of the ensemble, its worldview included."""
        stop = ensemble.months.index(last) + 1
        futures = ensemble.monthly["lead_months"].shape[-1]
        finite = np.ones(futures, dtype=bool)
        for name in outputs:
            finite &= np.isfinite(ensemble.monthly[name][:stop]).all(axis=(0, 1))
        self.kept = np.flatnonzero(finite)
        self._ensemble, self._known = ensemble, {**observation().parameters, **registry.parameters}
        drawn = {name: values[..., self.kept] for name, values in draw(registry, futures, seed).items()}
        # Readings were calibrated with the model: those of a future are from the same joint draw.
        readings = replace(observation(), posterior=registry.posterior)
        of_series = draw(readings, futures, seed, design_seed=seed + APART)
        self._drawn = drawn | {name: values[..., self.kept] for name, values in of_series.items()}
        times = Grid(horizon=max(Grid().horizon, parse_month(last))).times[:stop]
        paths = assemble_paths(paths_on_grid(registry, times))
        market = assemble(drawn).distribution
        super().__init__(ensemble.months[:stop], times, self._output, self._parameter, market, paths.distribution)

    def _output(self, of: Reference) -> Floats:
        column = OUTPUTS[of.output].kinds.index(of.kind)
        found: Floats = self._ensemble.monthly[of.output][: len(self.months), column][:, self.kept].astype(np.float64)
        return found

    def _parameter(self, key: str) -> Floats:
        if key not in self._known:
            raise unknown("parameter", key, self._known)
        declared = self._known[key]
        values = self._drawn[f"{declared.mechanism}.{declared.name}"]
        return values if declared.bloc is None else values[BLOCS.index(declared.bloc)]

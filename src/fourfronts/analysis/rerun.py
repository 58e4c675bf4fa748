"""Some futures of an ensemble again, by their numbers: every output in every month, with parameters changed at will."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import CHUNK, Ensemble, drawn, simulator
from fourfronts.inference.outputs import whole
from fourfronts.inference.parameters import Registry
from fourfronts.inference.simulation import model_inputs
from fourfronts.model import world
from fourfronts.policy.grid import Grid, parse_month
from fourfronts.policy.paths import Setting

Floats = NDArray[np.floating[Any]]
Told = TypeVar("Told")


class Rerun:
    """How an ensemble was run, to run futures of it again in the same precision by the same driver.

    `registry` (with the worldview applied: `worldviews.under`), `seed`, `settings` and `mechanisms` must be those of
    the ensemble; they give the same futures.
    """

    def __init__(
        self,
        ensemble: Ensemble,
        registry: Registry,
        seed: int,
        settings: Sequence[Setting] = (),
        mechanisms: world.Mechanisms = world.AS_SHIPPED,
    ) -> None:
        self.months, self.registry, self.seed = ensemble.months, registry, seed
        self.dtype = ensemble.values["lead_months"].dtype
        self.driver = "jax" if self.dtype == np.float32 else "numpy"
        grid = Grid(horizon=parse_month(self.months[-1]))
        self.inputs = model_inputs(registry, ensemble.package, settings, grid, self.dtype)
        self.simulate = simulator(registry, self.driver, mechanisms)

    def parameters(self, numbers: NDArray[np.intp]) -> world.Parameters:
        """The parameters of the futures with these numbers, which must rise."""
        parts = []
        for start in np.unique(numbers // CHUNK) * CHUNK:
            chunk = self._arranged(drawn(self.registry, self.seed, self.driver, int(start) // CHUNK))
            parts.append(taken(chunk, numbers[(start <= numbers) & (numbers < start + CHUNK)] - start))
        return _each(lambda *pieces: np.concatenate(pieces, axis=-1), *parts)

    def _arranged(self, drawn: Any) -> world.Parameters:
        """Parameters from draws as the driver takes them."""
        if self.driver == "numpy":
            parameters: world.Parameters = drawn
            return parameters
        from fourfronts.inference.sampler import arranged, layout

        return arranged(np.asarray(drawn), layout(self.registry))

    def _gathered(self, parameters: world.Parameters) -> Any:
        """Draws as the driver takes them, from parameters."""
        if self.driver == "numpy":
            return parameters
        from fourfronts.inference.sampler import gathered, layout

        return gathered(parameters, layout(self.registry))

    def each(self, parameters: world.Parameters, told: Callable[[dict[str, Floats]], Sequence[Told]]) -> list[Told]:
        """What `told` makes of every output of any number of futures, (months, kind, draws) by name, one a future.

        Chunk by chunk, so that memory stays bounded.
        """
        count = parameters.couplings.lead_to_talent.shape[-1]
        # The model is compiled for whole chunks.
        size = -(-count // CHUNK) * CHUNK if self.driver == "jax" else count
        filled = taken(parameters, np.resize(np.arange(count), size))
        found: list[Told] = []
        for start in range(0, size, CHUNK):
            with np.errstate(all="ignore"):
                some = taken(filled, slice(start, start + CHUNK))
                reported, _ = self.simulate(self._gathered(some), self.inputs, np.arange(len(self.months)))
            found += told({name: whole(pieces) for name, pieces in reported.items()})
        return found[:count]


def taken(parameters: world.Parameters, members: Any) -> world.Parameters:
    """The parameters of some of the futures."""
    return _each(lambda values: values[..., members], parameters)


def without(parameters: world.Parameters, couplings: Sequence[str]) -> world.Parameters:
    """The same futures with couplings at strength 0, as if their priors were fixed there."""
    off = {name: 0.0 * getattr(parameters.couplings, name) for name in couplings}
    return parameters._replace(couplings=parameters.couplings._replace(**off))


def _each(function: Callable[..., Any], *records: world.Parameters) -> world.Parameters:
    """A function of the same array of some records, for every array."""
    groups = zip(*records, strict=True)
    return world.Parameters(*(type(group[0])(*map(function, *group)) for group in groups))

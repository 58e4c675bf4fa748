"""What is calibrated: a target with all that a cut-off tells of it; how much is computed; the headline marginals."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.evidence.loader import Evidence
from fourfronts.inference import mode
from fourfronts.inference.asof import AsOf, as_of, loosened
from fourfronts.inference.compilation import HASTY, remember_compilations
from fourfronts.inference.figures import Datum
from fourfronts.inference.observations import observations
from fourfronts.inference.parameters import Registry
from fourfronts.inference.published import published
from fourfronts.inference.repeated import said_again
from fourfronts.inference.slopes import in_batches

if TYPE_CHECKING:
    from fourfronts.inference.samplers import Slices
    from fourfronts.inference.target import Target

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Effort:
    """How much is computed, in `crowds` of chains that go in step, a thread each.

    A sampler that begins first settles, in the frame of the mode, and then moves in frames of where it has come.
    NUTS: `chains` in a crowd, iterations of `settling`, `spreading` and `warm_up`, none of which counts, and `kept`
    ones. Slices: `walkers` in a crowd, `walkers_settling` iterations unless they begin at draws, and `walked` ones, of
    which the second half counts. Numbers of iterations are multiples of `block`. `hasty` saves on compilation.
    """

    crowds: int = 2
    chains: int = 4
    settling: int = 100
    spreading: int = 300
    warm_up: int = 60
    kept: int = 1600
    walkers: int = 128
    walkers_settling: int = 300
    walked: int = 2400
    block: int = 20
    hasty: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """The compiler's."""
        return HASTY if self.hasty else {}


FULL = Effort()
QUICK = Effort(1, 2, 4, 4, 4, 8, walkers=16, walkers_settling=4, walked=8, block=4, hasty=True)
"""Enough to prove the path, not to be used."""


@contextmanager
def double_precision() -> Iterator[None]:
    """Let JAX compute in double precision, and as before afterwards."""
    import jax

    before = bool(jax.config.read("jax_enable_x64"))  # type: ignore[no-untyped-call]
    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)  # type: ignore[no-untyped-call]


class Problem:
    """A target with everything that a cut-off tells of it, and its compiled functions; use in `double_precision`.

    Problems that share a `target` share its compiled code, whatever their cut-offs.
    """

    def __init__(
        self,
        known: Registry,
        evidence: Evidence,
        cutoff: date,
        seed: int = 0,
        like: "Problem | None" = None,
        own: Mapping[str, Sequence[Datum]] | None = None,
        *,
        hasty: bool = False,
    ) -> None:
        from fourfronts.inference.target import shipped

        remember_compilations()
        self.observed = observations(published(), evidence, cutoff, own)
        self.target: Target = like.target if like else shipped(known, self.observed)
        self.compiled: _Compiled = like.compiled if like else _Compiled(self.target, HASTY if hasty else {})
        before = as_of(known, evidence, cutoff, seed)
        self.told = self.target.told(cutoff, self.observed, before.registry)
        again = said_again(self.predict, self.observed, before.registry, self.target.names)
        self.known: AsOf = loosened(before, again)
        self.told = self.target.told(cutoff, self.observed, self.known.registry)

    def predict(self, scores: Floats) -> tuple[Any, Any, Any]:
        """Predictions (series, points, BATCH), biases and misfits (series, BATCH), of scores (coordinates, BATCH)."""
        found: tuple[Any, Any, Any] = self.compiled.predict(scores, self.told)
        return found

    def density(self, scores: Floats) -> Any:
        """Log density of scores (coordinates, BATCH)."""
        return self.compiled.density(scores, *self.predict(scores), self.told)

    def densities(self, scores: Floats) -> Floats:
        """As `density`, of any number of scores (coordinates, n)."""
        (found,) = in_batches(lambda some: (self.density(some),), scores)
        kept: Floats = found
        return kept

    def predicted(self, scores: Floats) -> list[Any]:
        """As `predict`, of any number of scores (coordinates, n)."""
        return in_batches(self.predict, scores)

    def values(self, scores: Floats) -> Floats:
        """Values of all coordinates (coordinates, n)."""
        of_model, *others = self.compiled.values(scores, self.told)
        return np.concatenate([np.asarray(of_model)[self.target.free], *map(np.asarray, others)])

    @cached_property
    def mode(self) -> mode.Mode:
        """The mode, found from the middle of the priors."""
        return mode.find(self.predict, self.density, self.observed, np.zeros(len(self.target.names)))


class _Compiled:
    """The functions of a target, compiled once for every cut-off."""

    def __init__(self, target: Any, options: dict[str, Any]) -> None:
        import jax

        self._target = target
        self._slices: dict[bool, Slices] = {}
        self.predict = jax.jit(target.predicted, compiler_options=options)
        self.density = jax.jit(target.log_density_of)
        self.values = jax.jit(target.all_values)

    def slices(self, *, hasty: bool) -> "Slices":
        """The sampler by slices, which keeps what it has compiled."""
        from fourfronts.inference.samplers import Slices

        if hasty not in self._slices:
            self._slices[hasty] = Slices(self._target, HASTY if hasty else {})
        return self._slices[hasty]


def thinned(draws: Floats, most: int) -> Floats:
    """At most so many draws (draws, coordinates), evenly from all."""
    if len(draws) <= most:
        return draws
    kept: Floats = draws[np.linspace(0, len(draws) - 1, most).round().astype(int)]
    return kept


HEADLINE = (
    "gap_index",
    "allied_eci",
    "prc_eci",
    "allied_largest_run",
    "nvidia_sold",
    "huawei_sold",
    "prc_bought_legally",
    "prc_diverted",
    "leading_laboratory",
    "us_users_telemetry",
    "prc_users_official",
    "us_firms_census",
    "prc_router_tokens",
    "allied_capital",
)
"""Series whose last figure, as the model shows it, two samplers must agree on."""

HEADLINE_PARAMETERS = (
    "intelligence.open_rate",
    "intelligence.distillation_rate",
    "intelligence.theft_rate",
    "intelligence.reasoning_gain",
    "intelligence.eci_per_oom",
    "access.diversion_share",
    "access.rent_share.prc",
    "supply.growth_today.allied",
)


def marginals(problem: Problem, scores: Floats) -> dict[str, Floats]:
    """Headline marginals of scores (draws, coordinates), each (draws,): figures on their scale, parameters' scores."""
    predicted, _, _ = problem.predicted(scores.T)
    last = {name: len(each) - 1 for name, each in zip(problem.observed.names, problem.observed.figures, strict=True)}
    rows = {name: row for row, name in enumerate(problem.observed.names)}
    shown = {name: predicted[rows[name], last[name]] for name in HEADLINE}
    columns = {name: column for column, name in enumerate(problem.target.names)}
    return shown | {name: scores[:, columns[name]] for name in HEADLINE_PARAMETERS}

"""Calibration: from priors and figures to draws from the posterior, in stages that can be interrupted and gone on with.

The mode first; then NUTS; then elliptical slices as a second opinion; then what ArviZ says of both. Every stage leaves
its state in a folder, and goes on from there if model, evidence, seed and effort are those that left it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.errors import InputError
from fourfronts.evidence.loader import Evidence
from fourfronts.inference import mode
from fourfronts.inference.asof import AsOf, as_of
from fourfronts.inference.compilation import HASTY, remember_compilations
from fourfronts.inference.figures import Datum
from fourfronts.inference.observations import observations
from fourfronts.inference.parameters import Registry
from fourfronts.inference.published import published
from fourfronts.inference.stages import Done, Stage

if TYPE_CHECKING:
    from fourfronts.inference.samplers import Frame, Slices
    from fourfronts.inference.target import Target

Floats = NDArray[np.float64]

NUDGE = 1e-5
TRIED = 4
"""Places that are tried for each chain."""
NEAR, WIDE = 1.0, 1.1
"""Where chains of NUTS start, in widths of the mode; how much wider than the mode slices are taken."""


@dataclass(frozen=True)
class Effort:
    """How much is computed. NUTS: `chains` of `warm_up` iterations and `kept` ones.

    Slices: `crowds` of `walkers` in step, `settling` iterations, after which they take their scale from where they are,
    and `walked` ones, of which the second half counts. Numbers of iterations are multiples of `block`.
    `hasty` saves on compilation.
    """

    chains: int = 4
    warm_up: int = 200
    kept: int = 1000
    crowds: int = 2
    walkers: int = 64
    settling: int = 300
    walked: int = 300
    block: int = 20
    hasty: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """The compiler's."""
        return HASTY if self.hasty else {}


FULL = Effort()
QUICK = Effort(2, 4, 8, crowds=1, walkers=16, settling=4, walked=8, block=4, hasty=True)
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
        self.known: AsOf = as_of(known, evidence, self.observed, cutoff, seed)
        self.target: Target = like.target if like else shipped(known, self.observed)
        self.compiled: _Compiled = like.compiled if like else _Compiled(self.target, HASTY if hasty else {})
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
        (found,) = mode.in_batches(lambda some: (self.density(some),), scores)
        kept: Floats = found
        return kept

    def predicted(self, scores: Floats) -> list[Any]:
        """As `predict`, of any number of scores (coordinates, n)."""
        return mode.in_batches(self.predict, scores)

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


def sample_nuts(problem: Problem, effort: Effort, seed: int, folder: Path, done: Done) -> dict[str, Any]:
    """Draws by NUTS: scores (chains, kept, coordinates) and what the sampler says of each, (chains, kept)."""
    import jax.numpy as jnp

    from fourfronts.inference.samplers import Frame, Nuts

    frame, sampler = Frame.of(problem.mode), Nuts(problem.target, effort.options)
    size = len(problem.target.names)

    def start(chain: int) -> Any:
        near = np.random.default_rng([seed, chain]).standard_normal((1, size)) * NEAR
        return sampler.start(near, *_energy(problem, near, frame), seed * effort.chains + chain)

    def advance(chain: int) -> Any:
        del chain

        def once(state: Any, block: int) -> tuple[Any, dict[str, Any]]:
            del block
            state, found = sampler.block(state, frame, problem.told, effort.block)
            return state, found._asdict()

        return once

    blocks = (effort.warm_up + effort.kept) // effort.block
    found = Stage("nuts", folder, effort.chains, blocks, start, advance).run(done)
    kept = {key: each[:, effort.warm_up :] for key, each in found.items()}
    positions = kept.pop("positions")
    scores = frame.scores(jnp.asarray(positions.reshape(-1, size)))
    return kept | {"scores": np.asarray(scores).T.reshape(positions.shape)}


def _energy(problem: Problem, position: Floats, frame: "Frame") -> tuple[Floats, Floats]:
    """Minus the log density at a position (1, coordinates), and its slopes by central differences."""
    size = position.shape[1]
    nudged = np.concatenate([position, position + NUDGE * np.eye(size), position - NUDGE * np.eye(size)])
    found = problem.densities(np.asarray(frame.scores(nudged)))
    slopes = (found[1 : size + 1] - found[size + 1 :]) / (2 * NUDGE)
    return -found[:1], -slopes[None]


def sample_slices(problem: Problem, effort: Effort, seed: int, folder: Path, done: Done) -> Floats:
    """Draws by elliptical slices: scores (chains, iterations, coordinates), of the iterations that count.

    Chains start all over what the mode's curvature allows, and once settled move in the frame of where they have come.
    """
    import jax

    from fourfronts.inference.samplers import Frame

    sampler, size = problem.compiled.slices(hasty=effort.hasty), len(problem.target.names)

    def stage(name: str, frame: Frame, first: Floats, iterations: int, offset: int) -> Floats:
        each = effort.walkers

        def start(group: int) -> Any:
            mine = first[group * each : (group + 1) * each]
            return sampler.start(mine, problem.densities(np.asarray(frame.scores(mine))))

        def advance(group: int) -> Any:
            key = jax.random.fold_in(jax.random.PRNGKey(seed), offset + group)

            def once(state: Any, block: int) -> tuple[Any, dict[str, Any]]:
                now = jax.random.fold_in(key, block)
                state, positions, tries = sampler.block(state, now, frame, problem.told, effort.block)
                return state, {"positions": positions, "tries": tries}

            return once

        blocks = iterations // effort.block
        found = Stage(name, folder, effort.crowds, blocks, start, advance).run(done)["positions"]
        scores = frame.scores(found.reshape(-1, size))
        return np.asarray(scores).T.reshape(found.shape)

    wide = Frame.of(problem.mode, WIDE)
    everywhere = _possible(problem, wide, np.random.default_rng([seed, size]), effort.crowds * effort.walkers)
    settled = stage("settling", wide, everywhere, effort.settling, 0)
    last = settled[:, -1]
    middle = settled[:, settled.shape[1] // 2 :].mean(axis=(0, 1))
    frame = Frame(jax.numpy.asarray(middle), jax.numpy.asarray(_spread(settled, problem.mode)))
    positions = np.linalg.solve(np.asarray(frame.factor), (last - np.asarray(frame.at)).T).T
    walked = stage("slices", frame, positions, effort.walked, effort.crowds)
    return walked[:, effort.walked // 2 :]


def _possible(problem: Problem, frame: "Frame", rng: np.random.Generator, walkers: int) -> Floats:
    """Random positions (walkers, coordinates) at which the figures have some density.

    A slice through a place with none shrinks for ever. Raises InputError where such places are hardly to be found.
    """
    tried = rng.standard_normal((TRIED * walkers, len(problem.target.names)))
    possible = tried[np.isfinite(problem.densities(np.asarray(frame.scores(tried))))]
    if len(possible) < walkers:
        raise InputError(
            f"as of {problem.known.cutoff}: {len(possible)} of {len(tried)} random places have a finite density;"
            f" accepted: {walkers} or more"
        )
    kept: Floats = possible[:walkers]
    return kept


def _spread(settled: Floats, found: mode.Mode) -> Floats:
    """A factor of how chains are spread, as the mode's curvature turns it but with each direction's own width."""
    late = settled[:, settled.shape[1] // 2 :].reshape(-1, settled.shape[-1])
    positions = np.linalg.solve(found.factor, (late - late.mean(axis=0)).T)
    width = np.maximum(positions.std(axis=1), 1.0)
    factor: Floats = found.factor * (WIDE * width)
    return factor


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

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
"""Where chains of NUTS start, in widths of the mode; how much wider than chains have spread slices are taken."""
PLACES = 24
"""Places whose curvature is averaged for a frame."""


@dataclass(frozen=True)
class Effort:
    """How much is computed, in `crowds` of chains that go in step, a thread each.

    Either sampler first settles, in the frame of the mode, and then moves in frames of where it has come.
    NUTS: `chains` in a crowd, iterations of `settling`, `spreading` and `warm_up`, none of which counts, and `kept`
    ones. Slices: `walkers` in a crowd, `walkers_settling` iterations and `walked` ones, of which the second half
    counts. Numbers of iterations are multiples of `block`. `hasty` saves on compilation.
    """

    crowds: int = 2
    chains: int = 4
    settling: int = 100
    spreading: int = 300
    warm_up: int = 60
    kept: int = 1600
    walkers: int = 64
    walkers_settling: int = 300
    walked: int = 1500
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
    from fourfronts.inference.samplers import Frame, Nuts

    sampler, size = Nuts(problem.target, effort.options), len(problem.target.names)
    last, before = effort.warm_up + effort.kept, effort.settling + effort.spreading
    every = before + last

    def stage(name: str, frame: Frame, scores: Floats, iterations: int, before: int) -> dict[str, Any]:
        def start(crowd: int) -> Any:
            mine = _positions(frame, scores[crowd * effort.chains : (crowd + 1) * effort.chains])
            energies, slopes = zip(*(_energy(problem, each, frame) for each in mine), strict=True)
            return sampler.start(
                mine, np.array(energies), np.array(slopes), (seed * every + before) * effort.crowds + crowd
            )

        def advance(crowd: int) -> Any:
            del crowd

            def once(state: Any, block: int) -> tuple[Any, dict[str, Any]]:
                del block
                state, found = sampler.block(state, frame, problem.told, effort.block)
                return state, found._asdict()

            return once

        def so_far(some: int, of: int) -> None:
            done(before + iterations * some // of, every)

        found = Stage(name, folder, effort.crowds, iterations // effort.block, start, advance).run(so_far)
        return found | {"scores": _scores(frame, found.pop("positions"))}

    near = np.random.default_rng([seed, 0]).standard_normal((effort.crowds * effort.chains, size)) * NEAR
    mode = Frame.of(problem.mode)
    first = stage("nuts-settling", mode, np.asarray(mode.scores(near)).T, effort.settling, 0)["scores"]
    curved = _curved(problem, first)
    second = stage("nuts-spreading", curved, first[:, -1], effort.spreading, effort.settling)["scores"]
    found = stage("nuts", spread(curved, second), second[:, -1], last, before)
    return {key: each[:, effort.warm_up :] for key, each in found.items()}


def _energy(problem: Problem, position: Floats, frame: "Frame") -> tuple[float, Floats]:
    """Minus the log density at a position (coordinates,), and its slopes by central differences."""
    size = len(position)
    nudged = np.concatenate([position[None], position + NUDGE * np.eye(size), position - NUDGE * np.eye(size)])
    found = problem.densities(np.asarray(frame.scores(nudged)))
    slopes = (found[1 : size + 1] - found[size + 1 :]) / (2 * NUDGE)
    return -float(found[0]), -slopes


def _scores(frame: "Frame", positions: Floats) -> Floats:
    """Scores of positions, both (chains, iterations, coordinates)."""
    return np.asarray(frame.scores(positions.reshape(-1, positions.shape[-1]))).T.reshape(positions.shape)


def _positions(frame: "Frame", scores: Floats) -> Floats:
    """Positions of scores, both (n, coordinates)."""
    found: Floats = np.linalg.solve(np.asarray(frame.factor), (scores - np.asarray(frame.at)).T).T
    return found


def _late(settled: Floats) -> Floats:
    """The second half of chains (chains, iterations, coordinates), (n, coordinates)."""
    return settled[:, settled.shape[1] // 2 :].reshape(-1, settled.shape[-1])


def _curved(problem: Problem, settled: Floats) -> "Frame":
    """The frame around where chains have come that turns as the curvature there does, on the average."""
    from fourfronts.inference.samplers import Frame

    late = _late(settled)
    return Frame.around(late.mean(axis=0), mode.around(problem.predict, problem.observed, thinned(late, PLACES)))


def spread(frame: "Frame", settled: Floats, wider: float = 1.0) -> "Frame":
    """A frame as wide as chains have spread, `wider` by a factor, in every direction in which they spread beyond it.

    Curvature on the average is that of the sharpest places, and other places are many times as wide. Without this a
    chain takes hundreds of paths from one end of those to the other.
    """
    from fourfronts.inference.samplers import Frame

    late = _late(settled)
    widths, turn = np.linalg.eigh(np.cov(_positions(frame, late).T))
    factor = np.asarray(frame.factor) @ turn * (wider * np.sqrt(np.maximum(widths, 1.0)))
    return Frame.around(late.mean(axis=0), factor)


def sample_slices(problem: Problem, effort: Effort, seed: int, folder: Path, done: Done) -> Floats:
    """Draws by elliptical slices: scores (chains, iterations, coordinates), of the iterations that count.

    Chains start all over what the mode's curvature allows.
    """
    import jax

    from fourfronts.inference.samplers import Frame

    sampler, size = problem.compiled.slices(hasty=effort.hasty), len(problem.target.names)

    def stage(name: str, frame: Frame, first: Floats, iterations: int, offset: int) -> Floats:
        each = effort.walkers

        def start(crowd: int) -> Any:
            mine = first[crowd * each : (crowd + 1) * each]
            return sampler.start(mine, problem.densities(np.asarray(frame.scores(mine))))

        def advance(crowd: int) -> Any:
            key = jax.random.fold_in(jax.random.PRNGKey(seed), offset + crowd)

            def once(state: Any, block: int) -> tuple[Any, dict[str, Any]]:
                now = jax.random.fold_in(key, block)
                state, positions, tries = sampler.block(state, now, frame, problem.told, effort.block)
                return state, {"positions": positions, "tries": tries}

            return once

        blocks = iterations // effort.block
        return _scores(frame, Stage(name, folder, effort.crowds, blocks, start, advance).run(done)["positions"])

    wide = Frame.of(problem.mode, WIDE)
    everywhere = _possible(problem, wide, np.random.default_rng([seed, size]), effort.crowds * effort.walkers)
    settled = stage("settling", wide, everywhere, effort.walkers_settling, 0)
    frame = spread(_curved(problem, settled), settled, WIDE)
    walked = stage("slices", frame, _positions(frame, settled[:, -1]), effort.walked, effort.crowds)
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

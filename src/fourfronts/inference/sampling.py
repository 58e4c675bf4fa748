"""Draws from the posterior, in stages that can be interrupted and gone on with: by NUTS, and by slices.

Every stage leaves its state in a folder, and goes on from there if model, evidence, seed and effort are those that left
it. Slices begin all over the place where they are alone, and at draws of NUTS where they are to say whether these are
draws from the posterior: they leave it what it is, and so wander off from anything else.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from fourfronts.errors import InputError
from fourfronts.inference import mode
from fourfronts.inference.calibration import Effort, Problem, thinned
from fourfronts.inference.samplers import Frame, Nuts
from fourfronts.inference.stages import Done, Stage

Floats = NDArray[np.float64]

NUDGE = 1e-5
TRIED = 4
"""Places that are tried for each chain."""
NEAR, WIDE = 1.0, 1.1
"""Where chains of NUTS start, in widths of the mode; how much wider than chains have spread slices are taken."""
PLACES = 24
"""Places whose curvature is averaged for a frame."""


def sample_nuts(problem: Problem, effort: Effort, seed: int, folder: Path, done: Done) -> tuple[dict[str, Any], Frame]:
    """Draws by NUTS: scores (chains, kept, coordinates) with what it says of each (chains, kept), and their frame."""
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
    frame = spread(curved, _late(second))
    found = stage("nuts", frame, second[:, -1], last, before)
    return {key: each[:, effort.warm_up :] for key, each in found.items()}, frame


def _energy(problem: Problem, position: Floats, frame: Frame) -> tuple[float, Floats]:
    """Minus the log density at a position (coordinates,), and its slopes by central differences."""
    size = len(position)
    nudged = np.concatenate([position[None], position + NUDGE * np.eye(size), position - NUDGE * np.eye(size)])
    found = problem.densities(np.asarray(frame.scores(nudged)))
    slopes = (found[1 : size + 1] - found[size + 1 :]) / (2 * NUDGE)
    return -float(found[0]), -slopes


def _scores(frame: Frame, positions: Floats) -> Floats:
    """Scores of positions, both (chains, iterations, coordinates)."""
    return np.asarray(frame.scores(positions.reshape(-1, positions.shape[-1]))).T.reshape(positions.shape)


def _positions(frame: Frame, scores: Floats) -> Floats:
    """Positions of scores, both (n, coordinates)."""
    found: Floats = np.linalg.solve(np.asarray(frame.factor), (scores - np.asarray(frame.at)).T).T
    return found


def _late(settled: Floats) -> Floats:
    """The second half of chains (chains, iterations, coordinates), (n, coordinates)."""
    return settled[:, settled.shape[1] // 2 :].reshape(-1, settled.shape[-1])


def _curved(problem: Problem, settled: Floats) -> Frame:
    """The frame around where chains have come that turns as the curvature there does, on the average."""
    late = _late(settled)
    return Frame.around(late.mean(axis=0), mode.around(problem.predict, problem.observed, thinned(late, PLACES)))


def spread(frame: Frame, draws: Floats, wider: float = 1.0) -> Frame:
    """A frame as wide as draws (n, coordinates), `wider` by a factor, in each direction in which they spread beyond it.

    Curvature on the average is that of the sharpest places, and other places are many times as wide. Without this a
    chain takes hundreds of paths from one end of those to the other.
    """
    widths, turn = np.linalg.eigh(np.cov(_positions(frame, draws).T))
    factor = np.asarray(frame.factor) @ turn * (wider * np.sqrt(np.maximum(widths, 1.0)))
    return Frame.around(draws.mean(axis=0), factor)


def sample_slices(problem: Problem, effort: Effort, seed: int, folder: Path, done: Done) -> Floats:
    """Draws by elliptical slices: scores (chains, iterations, coordinates), of the iterations that count.

    Chains begin all over what the mode's curvature allows.
    """
    walk = _Walk(problem, effort, seed, folder, done)
    wide = Frame.of(problem.mode, WIDE)
    rng = np.random.default_rng([seed, len(problem.target.names)])
    everywhere = _possible(problem, wide, rng, effort.crowds * effort.walkers)
    settled = walk("settling", wide, everywhere, effort.walkers_settling)
    frame = spread(_curved(problem, settled), _late(settled), WIDE)
    return walk("slices", frame, _positions(frame, settled[:, -1]), effort.walked)[:, effort.walked // 2 :]


def stay(
    problem: Problem, effort: Effort, seed: int, folder: Path, done: Done, draws: Floats, frame: Frame
) -> tuple[Floats, Floats]:
    """Where slices go that begin at `draws` (n, coordinates) of another sampler, which moved in `frame`.

    Where they began (chains, coordinates), and scores (chains, iterations, coordinates) of the iterations that count.
    """
    first = thinned(draws, effort.crowds * effort.walkers)
    wide = spread(frame, draws, WIDE)
    walk = _Walk(problem, effort, seed, folder, done)
    return first, walk("staying", wide, _positions(wide, first), effort.walked)[:, effort.walked // 2 :]


@dataclass(frozen=True)
class _Walk:
    """Iterations of elliptical slices, of chains that begin at positions (chains, coordinates) in a frame."""

    problem: Problem
    effort: Effort
    seed: int
    folder: Path
    done: Done

    def __call__(self, name: str, frame: Frame, first: Floats, iterations: int) -> Floats:
        """Their scores (chains, iterations, coordinates)."""
        import jax

        effort, sampler = self.effort, self.problem.compiled.slices(hasty=self.effort.hasty)
        # Stages of one walk draw other numbers.
        random = jax.random.fold_in(jax.random.PRNGKey(self.seed), crc32(name.encode()))

        def start(crowd: int) -> Any:
            mine = first[crowd * effort.walkers : (crowd + 1) * effort.walkers]
            return sampler.start(mine, self.problem.densities(np.asarray(frame.scores(mine))))

        def advance(crowd: int) -> Any:
            key = jax.random.fold_in(random, crowd)

            def once(state: Any, block: int) -> tuple[Any, dict[str, Any]]:
                now = jax.random.fold_in(key, block)
                state, positions, tries = sampler.block(state, now, frame, self.problem.told, effort.block)
                return state, {"positions": positions, "tries": tries}

            return once

        stage = Stage(name, self.folder, effort.crowds, iterations // effort.block, start, advance)
        return _scores(frame, stage.run(self.done)["positions"])


def _possible(problem: Problem, frame: Frame, rng: np.random.Generator, walkers: int) -> Floats:
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

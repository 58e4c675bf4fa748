"""Two ways to draw from the posterior that share no code: NUTS along gradients, and elliptical slices without any.

Both move in scores that are shifted and turned by the mode (`mode.Mode`), which changes how fast they are and not what
they find. Many chains go in step, so that each evaluation of the model serves them all.
"""

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from fourfronts.inference.mode import Mode
from fourfronts.inference.target import Target, Told
from fourfronts.model.ops import Array

STEPS, DEPTH = (0.0005, 0.07), 7
"""Shortest and longest step, and depth, of a path of NUTS, which has at most two to this power steps.

Every path draws its step, whatever the place, which leaves the posterior what it is. The model has kinks (limits that
bind or do not) and corners in which the figures are hundreds of times as sharp as elsewhere: one step for all places is
either too long for the corners, where chains then stick, or too short for the rest. Half of the steps are above 0.02; a
fifth are below 0.003, which get a chain out of a corner where one of eight stuck for good with none below 0.01.
"""

Floats = NDArray[np.float64]


class Frame(NamedTuple):
    """The shift (coordinates,) and the turn (coordinates, coordinates) from a sampler's positions to scores."""

    at: Array
    factor: Array

    @classmethod
    def of(cls, mode: Mode, wider: float = 1.0) -> "Frame":
        """That of a mode, `wider` by a factor."""
        return cls.around(mode.at, mode.factor * wider)

    @classmethod
    def around(cls, middle: Floats, factor: Floats) -> "Frame":
        """That of a middle (coordinates,) and a factor (coordinates, coordinates)."""
        return cls(jnp.asarray(middle), jnp.asarray(factor))

    def scores(self, positions: Array) -> Array:
        """Scores (coordinates, n) of positions (n, coordinates)."""
        return self.at[:, None] + self.factor @ positions.T


class Block(NamedTuple):
    """Some iterations of chains. Shapes: `positions` (chains, iterations, coordinates), else (chains, iterations).

    `energy` is that of Hamilton's equations, `accepted` the mean probability of acceptance along a path.
    """

    positions: Array
    density: Array
    diverged: Array
    energy: Array
    accepted: Array
    steps: Array


def density(target: Target) -> Callable[[Array, Frame, Told], Array]:
    """Log density of one position (coordinates,); of many under `jax.vmap`, which the model then computes together."""

    @jax.custom_batching.custom_vmap
    def one(position: Array, frame: Frame, told: Told) -> Array:
        return target.log_density(frame.scores(position[None]), told)[0]

    @one.def_vmap
    def _(size: int, batched: Any, positions: Array, frame: Frame, told: Told) -> tuple[Array, bool]:
        del size, batched
        return target.log_density(frame.scores(positions), told), True

    return one


def potential(target: Target) -> Callable[[Array, Frame, Told], Array]:
    """Minus that log density, with a slope."""

    def both(positions: Array, frame: Frame, told: Told) -> tuple[Array, Array]:
        def total(positions: Array) -> tuple[Array, Array]:
            found = -target.log_density(frame.scores(positions), told)
            return found.sum(), found

        slope, found = jax.grad(total, has_aux=True)(positions)
        return jnp.asarray(found), jnp.asarray(slope)

    @jax.custom_batching.custom_vmap
    def with_slope(position: Array, frame: Frame, told: Told) -> tuple[Array, Array]:
        found, slope = both(position[None], frame, told)
        return found[0], slope[0]

    @with_slope.def_vmap
    def _(size: int, batched: Any, positions: Array, frame: Frame, told: Told) -> tuple[Any, Any]:
        del size, batched
        return both(positions, frame, told), (True, True)

    @jax.custom_vjp
    def energy(position: Array, frame: Frame, told: Told) -> Array:
        return with_slope(position, frame, told)[0]

    def forward(position: Array, frame: Frame, told: Told) -> tuple[Array, Array]:
        found, slope = with_slope(position, frame, told)
        return found, slope

    def backward(slope: Array, change: Array) -> tuple[Array, None, None]:
        return change * slope, None, None

    energy.defvjp(forward, backward)
    return energy


class Nuts:
    """The No-U-Turn sampler of NumPyro, several chains in step."""

    def __init__(self, target: Target, options: Mapping[str, Any] | None = None) -> None:
        """`options` are the compiler's."""
        from numpyro.infer.hmc import hmc

        energy = potential(target)

        def given(frame: Frame | None, told: Told | None) -> Callable[[Array], Array]:
            if frame is None or told is None:
                # A flat one makes the same first state, but for what `start` is given.
                return lambda position: 0.0 * position.sum()
            return lambda position: energy(position, frame, told)

        self._options = dict(options or {})
        self._init, self._sample = hmc(potential_fn_gen=given, algo="NUTS")

    def start(self, positions: Floats, energies: Floats, slopes: Floats, seed: int) -> Any:
        """The state of chains at positions (chains, coordinates), given minus the log density there and its slopes.

        They are given because working them out here would compile the whole gradient a second time.
        """
        keys = jax.random.split(jax.random.PRNGKey(seed), len(positions))

        def one(position: Array, energy: Array, slope: Array, key: Array) -> Any:
            state = self._init(
                position,
                0,
                step_size=STEPS[0],
                adapt_step_size=False,
                adapt_mass_matrix=False,
                max_tree_depth=DEPTH,
                model_args=(None, None),
                rng_key=key,
            )
            return state._replace(potential_energy=energy, z_grad=slope)

        return jax.vmap(one)(jnp.asarray(positions), jnp.asarray(energies), jnp.asarray(slopes), keys)

    @cached_property
    def block(self) -> Callable[[Any, Frame, Told, int], tuple[Any, Block]]:
        """Compiled: `iterations` more of every chain."""

        @partial(jax.jit, static_argnums=3, compiler_options=self._options)
        def go(state: Any, frame: Frame, told: Told, iterations: int) -> tuple[Any, Block]:
            def path(state: Any) -> Any:
                mine, key = jax.random.split(state.rng_key)
                step = STEPS[1] * (STEPS[0] / STEPS[1]) ** (jax.random.uniform(mine) ** 2)
                state = state._replace(rng_key=key, adapt_state=state.adapt_state._replace(step_size=step))
                return self._sample(state, (frame, told))

            def once(state: Any, _: None) -> tuple[Any, Block]:
                after = jax.vmap(path)(state)
                shown = Block(
                    positions=after.z,
                    density=-after.potential_energy,
                    diverged=after.diverging,
                    energy=after.energy,
                    accepted=after.accept_prob,
                    steps=after.num_steps,
                )
                return after, shown

            state, shown = jax.lax.scan(once, state, None, length=iterations)
            return state, Block(*(jnp.moveaxis(each, 0, 1) for each in shown))

        return go


class Slices:
    """Elliptical slice sampling of BlackJAX, many chains in step: no gradients, and nothing to tune."""

    def __init__(self, target: Target, options: Mapping[str, Any] | None = None) -> None:
        """`options` are the compiler's."""
        self._density, self._options = density(target), dict(options or {})

    def start(self, positions: Floats, densities: Floats) -> Any:
        """The state of chains at positions (chains, coordinates), given the log densities (chains,) there.

        They are given because working them out here would compile the model once more.
        """
        from blackjax.mcmc.elliptical_slice import EllipSliceState

        over = densities + 0.5 * (positions**2).sum(axis=1)
        return EllipSliceState(jnp.asarray(positions), jnp.asarray(over))

    @cached_property
    def block(self) -> Callable[[Any, Array, Frame, Told, int], tuple[Any, Array, Array]]:
        """Compiled: `iterations` more: positions (chains, iterations, coordinates), tries (chains, iterations)."""
        from blackjax import elliptical_slice

        @partial(jax.jit, static_argnums=4, compiler_options=self._options)
        def go(state: Any, key: Array, frame: Frame, told: Told, iterations: int) -> tuple[Any, Array, Array]:
            over = partial(self._over_normal, frame=frame, told=told)
            size = len(frame.at)
            kernel = elliptical_slice.build_kernel(jnp.ones(size), jnp.zeros(size))
            chains = state.logdensity.shape[0]

            def once(state: Any, key: Array) -> tuple[Any, tuple[Array, Array]]:
                state, shown = jax.vmap(kernel, in_axes=(0, 0, None))(jax.random.split(key, chains), state, over)
                return state, (state.position, shown.subiter)

            state, (positions, tries) = jax.lax.scan(once, state, jax.random.split(key, iterations))
            return state, jnp.moveaxis(positions, 0, 1), tries.T

        return go

    def _over_normal(self, position: Array, frame: Frame, told: Told) -> Array:
        """Log density over that of the normal distribution from which slices are taken; nothing where not finite."""
        found = self._density(position, frame, told) + 0.5 * (position**2).sum()
        return jnp.where(jnp.isfinite(found), found, -jnp.inf)

"""Both samplers find a known distribution, from a frame that does not fit it."""

from typing import NamedTuple

import numpy as np
import pytest

from fourfronts.inference.calibration import double_precision
from fourfronts.inference.samplers import Frame, Nuts, Slices
from fourfronts.inference.sampling import spread

MIDDLE, WIDTH, TIED = np.array([1.0, -2.0, 0.5]), np.array([0.5, 2.0, 1.0]), 0.6


class _Told(NamedTuple):
    """What a target is told: by how much the middle is moved."""

    moved: object


class _Target:
    """A normal distribution of three scores, the first two of them tied."""

    names = ("one", "two", "three")

    def log_density(self, scores, told):
        one, two, three = (scores - MIDDLE[:, None] - told.moved) / WIDTH[:, None]
        tied = (one**2 - 2 * TIED * one * two + two**2) / (1 - TIED**2)
        return -0.5 * (tied + three**2)


@pytest.fixture
def frame():
    with double_precision():
        import jax.numpy as jnp

        yield Frame(jnp.zeros(3), jnp.eye(3) * 2.5)


def _told(moved):
    import jax.numpy as jnp

    return _Told(jnp.asarray(moved))


def _is_known(scores, moved):
    np.testing.assert_allclose(scores.mean(axis=0), MIDDLE + moved, atol=0.2)
    np.testing.assert_allclose(scores.std(axis=0), WIDTH, rtol=0.12)
    assert np.corrcoef(scores[:, 0], scores[:, 1])[0, 1] == pytest.approx(TIED, abs=0.08)


@pytest.mark.parametrize("moved", [0.0, 3.0])
def test_nuts_finds_it(frame, moved, monkeypatch):
    # Every path draws its step, which must not show in what is found.
    monkeypatch.setattr("fourfronts.inference.samplers.STEPS", (0.05, 0.25))
    target, told = _Target(), _told(moved)
    sampler = Nuts(target)
    positions = np.random.default_rng(0).standard_normal((4, 3))
    scores = np.asarray(frame.scores(positions))
    energies = -np.asarray(target.log_density(scores, told))
    nudged = [np.asarray(target.log_density(scores + 1.5e-5 * np.eye(3)[:, [axis]], told)) for axis in range(3)]
    slopes = np.stack([-(each + energies) / 1e-5 for each in nudged], axis=1)
    state = sampler.start(positions, energies, slopes, seed=1)
    _, found = sampler.block(state, frame, told, 900)
    kept = np.asarray(found.positions)[:, 100:].reshape(-1, 3)
    _is_known(np.asarray(frame.scores(kept)).T, moved)
    assert not np.asarray(found.diverged).any()
    assert np.asarray(found.accepted).mean() > 0.7
    assert found.positions.shape == (4, 900, 3)


def test_a_frame_is_as_wide_as_chains_have_spread_and_in_no_direction_narrower_than_it_was(frame):
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
    widths = np.array([4.0, 1.0, 0.1])
    settled = np.random.default_rng(2).standard_normal((8, 2000, 3)) * widths @ turn.T + MIDDLE
    found = spread(Frame.around(np.zeros(3), np.eye(3)), settled.reshape(-1, 3), wider=1.5)
    np.testing.assert_allclose(found.at, MIDDLE, atol=0.15)
    factor = np.asarray(found.factor)
    np.testing.assert_allclose(np.linalg.norm(turn.T @ factor, axis=1), 1.5 * np.maximum(widths, 1.0), rtol=0.05)


def test_slices_find_it(frame):
    import jax

    target, told = _Target(), _told(0.0)
    sampler = Slices(target)
    positions = np.random.default_rng(0).standard_normal((32, 3))
    state = sampler.start(positions, np.asarray(target.log_density(np.asarray(frame.scores(positions)), told)))
    _, found, tries = sampler.block(state, jax.random.PRNGKey(0), frame, told, 1000)
    kept = np.asarray(found)[:, 50:].reshape(-1, 3)
    _is_known(np.asarray(frame.scores(kept)).T, 0.0)
    assert found.shape == (32, 1000, 3)
    assert np.asarray(tries).min() >= 1

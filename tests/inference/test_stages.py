"""Stages: an interrupted one goes on as if nothing had happened."""

import numpy as np
import pytest

from fourfronts.inference.stages import Stage


def _stage(folder, blocks, fails_at=None):
    """Two groups that add random numbers to what they have, three iterations a block of two chains."""

    def start(group):
        return {"sum": np.full(2, float(group)), "count": np.zeros(())}

    def advance(group):
        def once(state, block):
            if (group, block) == fails_at:
                raise KeyboardInterrupt
            steps = np.random.default_rng([group, block]).standard_normal((2, 3))
            path = state["sum"][:, None] + steps.cumsum(axis=1)
            return {"sum": path[:, -1], "count": state["count"] + 1}, {"path": path}

        return once

    return Stage("walk", folder, 2, blocks, start, advance)


def test_an_interrupted_stage_goes_on_from_where_it_was(tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    told = []
    expected = _stage(whole, 4).run(lambda done, of: told.append((done, of)))
    assert told[-1] == (8, 8)
    with pytest.raises(KeyboardInterrupt):
        _stage(broken, 4, fails_at=(0, 2)).run(lambda *_: None)
    again = []
    found = _stage(broken, 4).run(lambda done, of: again.append(done))
    np.testing.assert_array_equal(found["path"], expected["path"])
    assert found["path"].shape == (4, 12)
    # What was done before the interruption is not done again.
    assert again[0] >= 2


def test_a_finished_stage_is_only_read(tmp_path):
    expected = _stage(tmp_path, 3).run(lambda *_: None)
    found = _stage(tmp_path, 3, fails_at=(0, 0)).run(lambda *_: None)
    np.testing.assert_array_equal(found["path"], expected["path"])
    assert not list(tmp_path.glob("*.part"))

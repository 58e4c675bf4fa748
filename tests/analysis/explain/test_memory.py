"""A search that was interrupted: what it has learned is kept, and it ends as if nothing had happened."""

import numpy as np
import pytest

from fourfronts.analysis.explain.robust import candidates
from fourfronts.analysis.explain.robust.candidates import Judge, Space, key
from fourfronts.analysis.explain.robust.frontier import found
from fourfronts.analysis.explain.robust.memory import Memory, question
from fourfronts.inference.parameters import registry
from fourfronts.policy.grid import DEFAULT_HORIZON
from fourfronts.policy.loader import package

SPACE = Space.of(("enforcement_budget", "remote_access_rule", "hbm_controls"), DEFAULT_HORIZON)
POPULATION, GENERATIONS = 30, 4


@pytest.fixture
def judge(monkeypatch):
    """Makes judges whose packages are worth what their levels say, and counts what they simulate; it can break off."""
    monkeypatch.setattr(candidates, "compiled", lambda *_: (lambda *_: None, None))
    monkeypatch.setattr(candidates, "drawn", lambda *_, **__: None)
    simulated = []

    def make(memory=None, breaks_at=None):
        made = Judge({"evidence": registry()}, "evidence", DEFAULT_HORIZON, memory=memory)

        def worth(each):
            if breaks_at is not None and len(simulated) >= breaks_at:
                raise KeyboardInterrupt
            simulated.append(key(each))
            point = SPACE.point(each)
            return np.array(
                [point[0], point[1], point[2], 1 - point[0], point[:3].min(), point[:3].sum() / 3, point[3]]
            )

        made._objectives = worth
        return made

    make.simulated = simulated
    return make


def _search(judge):
    return found(judge, SPACE, [package("drift")], population=POPULATION, generations=GENERATIONS, seed=5)


def test_an_interrupted_search_goes_on_and_ends_as_if_nothing_had_happened(judge, tmp_path):
    expected = _search(judge())
    whole = len(judge.simulated)
    judge.simulated.clear()
    with pytest.raises(KeyboardInterrupt):
        _search(judge(Memory(tmp_path, {"seed": 5}), breaks_at=whole // 2))
    kept = len(Memory(tmp_path, {"seed": 5}).read())
    assert kept > 0
    judge.simulated.clear()
    resumed = judge(Memory(tmp_path, {"seed": 5}))
    again = _search(resumed)
    assert again == expected
    # Nothing that was kept is simulated again, and all that was tried is counted.
    assert len(judge.simulated) == whole - kept
    assert len(resumed.tried) == whole


def test_what_is_kept_is_read_to_the_bit_and_a_line_that_was_cut_off_is_left_out(tmp_path):
    memory = Memory(tmp_path / "new", {"a": 1})
    several = {key(package(name)): np.random.default_rng(1).random(7) / 3 for name in ("hold", "drift", "loosen")}
    memory.add(several)
    with memory.path.open("a", encoding="utf-8") as file:
        file.write('\n[[["hbm_contr')
    memory.add({})
    found_again = Memory(tmp_path / "new", {"a": 1}).read()
    assert set(found_again) == set(several)
    for name, worth in several.items():
        np.testing.assert_array_equal(found_again[name], worth)
    memory.add({key(package("none")): np.ones(7)})
    assert len(memory.read()) == 4
    memory.forget()
    assert memory.read() == {}


def test_another_question_has_a_memory_of_its_own(tmp_path):
    options = {"own": "evidence", "at": DEFAULT_HORIZON, "settings": (), "draws": 512, "seed": 1}
    one = question({"evidence": registry()}, **options)
    others = [
        question({"evidence": registry()}, **options | {"draws": 1024}),
        question({"evidence": registry()}, **options | {"seed": 2}),
        question({"evidence": registry().overridden({"intelligence.open_rate": 0.1})}, **options),
    ]
    assert len({Memory(tmp_path, each).path for each in (one, *others)}) == 4
    assert Memory(tmp_path, one).path == Memory(tmp_path, dict(one)).path

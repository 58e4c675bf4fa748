"""The first answer, kept for the next start: the same, of this package alone, and only until the model is there."""

import threading
import time
from dataclasses import replace

import httpx
import pytest

from fourfronts.analysis.live import Live
from fourfronts.web import first, runner
from fourfronts.web.answers import answer
from fourfronts.web.limits import Limits
from fourfronts.web.state import State


@pytest.fixture(scope="module")
def known():
    live = Live()
    yield answer(live, State(draws=64))
    live.close()


def test_what_is_kept_is_read_back_to_the_bit(known, tmp_path):
    assert first.read(tmp_path) is None
    first.write(tmp_path, known)
    found = first.read(tmp_path)
    assert found.frame(1) == known.frame(1)
    assert found.same_as(known)


def test_an_answer_of_another_package_is_not_told_and_is_forgotten(known, tmp_path, monkeypatch):
    with monkeypatch.context() as other:
        other.setattr(first, "BENEATH", ("numpy",))
        first.write(tmp_path, known)
        assert first.read(tmp_path)
    assert first.read(tmp_path) is None
    first.write(tmp_path, known)
    assert [each.stem for each in tmp_path.iterdir()] == [first.stamp()]


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive"])
def test_a_file_that_cannot_be_read_is_as_none(known, tmp_path, content):
    first.write(tmp_path, known)
    (tmp_path / f"{first.stamp()}.npz").write_bytes(content)
    assert first.read(tmp_path) is None


def test_a_folder_that_refuses_is_left_alone(known, tmp_path):
    (tmp_path / "page").write_text("no folder")
    first.write(tmp_path / "page", known)
    assert first.read(tmp_path / "page") is None


def test_a_start_shows_what_was_kept_until_the_model_has_answered_itself(known, serving, tmp_path, monkeypatch):
    lead = known.head["headline"]["lead"] | {"p50": 123.0}
    wrong = replace(known, head=known.head | {"headline": known.head["headline"] | {"lead": lead}})
    first.write(tmp_path, wrong)
    go = threading.Event()
    monkeypatch.setattr(runner, "answer", lambda *args: go.wait(60) and answer(*args))
    with serving(Limits(), warm=True, kept=tmp_path) as server:

        def told():
            found = httpx.post(f"{server.url}/api/v1/simulate", json={}, timeout=120).json()
            return found["headline"]["lead"]["p50"]

        assert told() == 123.0
        go.set()
        end = time.monotonic() + 120
        while told() == 123.0 and time.monotonic() < end:
            time.sleep(0.1)
        lead = told()
        assert lead != 123.0
        while first.read(tmp_path).head["headline"]["lead"]["p50"] == 123.0 and time.monotonic() < end:
            time.sleep(0.1)
    assert first.read(tmp_path).head["headline"]["lead"]["p50"] == lead

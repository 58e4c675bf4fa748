"""The live socket: frames, the latest state wins, and a page that leaves is not computed for."""

import json
import struct
import time

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from fourfronts.web.limits import Limits


def live(server, **options):
    return connect(f"{server.url.replace('http', 'ws')}/api/v1/live", max_size=None, **options)


def read(frame):
    """Header and numbers of a frame."""
    (length,) = struct.unpack("<I", frame[:4])
    assert length % 4 == 0
    return json.loads(frame[4 : 4 + length]), np.frombuffer(frame[4 + length :], "<f4")


def test_a_frame_has_the_answer_of_the_other_way(server, client):
    state = {"package": "hold", "draws": 300, "charts": ["lead", "capability"]}
    with live(server) as page:
        page.send(json.dumps({"request": 7, "state": state}))
        header, data = read(page.recv(timeout=120))
    expected = client.post("/simulate", json=state).json()

    assert header["request"] == 7
    told = header["answer"]
    assert {name: told[name] for name in ("state", "headline", "fronts")} == {
        name: expected[name] for name in ("state", "headline", "fronts")
    }
    used = 0
    for chart, drawn in expected["charts"].items():
        assert told["charts"][chart]["description"] == drawn["description"]
        for series, each in drawn["series"].items():
            place = told["charts"][chart]["series"][series]["values"]
            size = int(np.prod(place["shape"]))
            values = data[place["offset"] : place["offset"] + size].reshape(place["shape"])
            np.testing.assert_allclose(values, each["values"], rtol=2e-5)
            used += size
    assert used == data.size


def test_the_latest_state_wins(server):
    asked = 40
    with live(server) as page:
        for number in range(asked):
            level = number / asked
            page.send(
                json.dumps({"request": number, "state": {"draws": 999, "levers": {"export_finance": {"level": level}}}})
            )
        answered = []
        while not answered or answered[-1] < asked - 1:
            header, _ = read(page.recv(timeout=120))
            answered.append(header["request"])
    assert answered == sorted(answered)
    assert answered[-1] == asked - 1
    assert len(answered) < asked, "what was dragged past is skipped"


@pytest.mark.parametrize(
    ("text", "number", "words"),
    [
        ('{"request": 3, "state": {"draws": 0}}', 3, "draws: found 0"),
        ('{"request": 3, "state": {"levers": {"x": {"level": 1}}}}', 3, "unknown lever 'x'"),
        ('{"request": 3, "sate": {}}', 3, "did you mean 'state'"),
        ('{"request": -1}', None, "request: found -1"),
        ("not json", None, "not readable as JSON"),
        ("[" * 5000, None, "not readable as JSON"),
        (b"\x00\x01", None, "not readable as JSON"),
    ],
    ids=range(7),
)
def test_a_wrong_message_is_answered_and_the_socket_stays(server, text, number, words):
    with live(server) as page:
        page.send(text)
        header, data = read(page.recv(timeout=60))
        assert header["request"] == number
        assert words in header["problem"]["detail"]
        assert header["problem"]["status"] == 422
        assert data.size == 0
        page.send('{"request": 4, "state": {"draws": 2}}')
        assert read(page.recv(timeout=60))[0]["answer"]["state"]["draws"] == 2


def test_a_message_that_is_too_long_ends_the_socket(server):
    with live(server) as page:
        page.send(" " * 100_000)
        with pytest.raises(ConnectionClosed):
            page.recv(timeout=60)


def test_a_page_that_leaves_is_not_computed_for(serving):
    with serving(Limits(runs=1)) as alone:
        runner, sockets = alone.app.state.runner, alone.app.state.sockets
        with live(alone) as page:
            page.send('{"request": 1, "state": {"draws": 4000, "seed": 8}}')
            end = time.monotonic() + 20
            while not runner.running and time.monotonic() < end:
                time.sleep(0.002)
            assert runner.running
        while (runner.running or sockets.open) and time.monotonic() < end:
            time.sleep(0.01)
        assert not runner.running
        assert sockets.open == 0
        assert runner.computed == 0


def test_pages_of_other_servers_may_not_open_it(server):
    with pytest.raises(InvalidStatus) as refused:
        live(server, origin="https://elsewhere.example")
    assert refused.value.response.status_code == 403
    with live(server, origin=server.url) as page:
        page.send('{"request": 1, "state": {"draws": 2}}')
        assert read(page.recv(timeout=60))[0]["request"] == 1


def test_sockets_are_bounded(serving):
    with serving(Limits(sockets=1)) as small, live(small), pytest.raises(InvalidStatus):
        live(small)


def test_a_visitor_who_drags_too_fast_is_slowed_and_not_refused(serving):
    with serving(Limits(counted=True, per_second=20, burst=1)) as public, live(public) as page:
        began = time.monotonic()
        for number in range(4):
            page.send(json.dumps({"request": number, "state": {"draws": 2, "seed": number}}))
            header, _ = read(page.recv(timeout=60))
            assert "answer" in header
        assert time.monotonic() - began >= 3 / 20

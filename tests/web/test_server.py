"""What stands before the answers: the page, headers, limits, the cache, and the command that starts it all."""

import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from fourfronts.cli import BAD_INPUT
from fourfronts.cli.serve import is_local, listening
from fourfronts.errors import InputError
from fourfronts.web.limits import Budget, Limits


def test_the_root_is_a_page_that_asks_no_other_host(server):
    found = httpx.get(server.url)
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/html")
    assert "http://" not in found.text.replace("http://www.w3.org/", "")
    assert "https://" not in found.text


@pytest.mark.parametrize("path", ["/", "/api/v1/schema", "/api/v1/nothing", "/../secrets", "/%2e%2e/pyproject.toml"])
def test_every_answer_keeps_the_browser_at_home(server, path):
    headers = httpx.get(f"{server.url}{path}").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/../pyproject.toml", "/%2e%2e/%2e%2e/pyproject.toml", "/assets/..%2f..%2fapp.py"])
def test_no_address_leads_out_of_the_page(server, path):
    found = httpx.get(f"{server.url}{path}")
    assert found.status_code == 404
    assert found.json()["status"] == 404


def test_what_cannot_be_is_a_problem(client):
    for found in (client.get("/nothing"), client.get("/simulate"), client.delete("/schema")):
        assert found.status_code in (404, 405)
        assert found.headers["content-type"] == "application/problem+json"
        assert found.json()["status"] == found.status_code


def test_a_request_that_is_too_large_is_refused(client):
    def pieces():
        for _ in range(10):
            yield b" " * 10_000

    for content in (b" " * 70_000, pieces()):
        found = client.post("/simulate", content=content, headers={"content-type": "application/json"})
        assert found.status_code == 413
        assert "accepted: up to 65,536 bytes" in found.json()["detail"]


def test_a_document_is_sent_compressed_and_once(client):
    first = client.get("/schema")
    assert first.headers["content-encoding"] == "gzip"
    again = client.get("/schema", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert client.get("/schema", headers={"accept-encoding": "identity"}).json() == first.json()


def test_the_same_question_is_computed_once(server, client):
    runner = server.app.state.runner
    before = runner.computed
    state = {"draws": 700, "seed": 77}
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: client.post("/simulate", json=state).json(), range(6)))
    again = client.post("/simulate", json=state | {"charts": ["lead", "compute_by_channel"], "levers": {}})
    assert all(each == answers[0] for each in [*answers, again.json()])
    assert runner.computed == before + 1


def test_the_first_page_waits_for_what_is_begun_before_it_comes(serving):
    with serving(Limits(), warm=True) as warm:
        state = {"package": "drift", "charts": ["lead", "compute_by_channel"]}
        assert httpx.post(f"{warm.url}/api/v1/simulate", json=state, timeout=120).status_code == 200
        assert warm.app.state.runner.computed == 1


def test_kept_answers_are_bounded(serving):
    with serving(Limits(kept_answers=2)) as small, httpx.Client(base_url=small.url, timeout=120) as client:
        for seed in (1, 2, 3, 1):
            assert client.post("/api/v1/simulate", json={"draws": 4, "seed": seed}).status_code == 200
        assert small.app.state.runner.computed == 4


def test_when_too_many_wait_the_next_is_told_to_come_again(serving):
    with serving(Limits(runs=1, waiting=1)) as small, httpx.Client(base_url=small.url, timeout=120) as client:

        def ask(seed):
            return client.post("/api/v1/simulate", json={"draws": 4000, "seed": seed})

        assert ask(0).status_code == 200
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(ask, range(1, 9)))
        refused = [each for each in found if each.status_code == 503]
        assert refused
        assert refused[0].headers["retry-after"] == "1"
        assert "accepted here: 2" in refused[0].json()["detail"]
        assert {each.status_code for each in found} == {200, 503}


def test_a_run_that_takes_too_long_is_cut_off(serving):
    with serving(Limits(seconds=0.02)) as hasty:
        found = httpx.post(f"{hasty.url}/api/v1/simulate", json={"draws": 4000}, timeout=120)
        assert found.status_code == 503
        assert "took longer than 0.02 seconds" in found.json()["detail"]


def test_who_leaves_is_not_computed_for(serving):
    with serving(Limits(runs=1)) as alone:
        runner = alone.app.state.runner
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{alone.url}/api/v1/simulate", json={"draws": 4000, "seed": 5}, timeout=0.05)
        end = time.monotonic() + 20
        while runner.running and time.monotonic() < end:
            time.sleep(0.01)
        assert not runner.running
        assert runner.computed == 0
        # And the thread is free for the next.
        assert httpx.post(f"{alone.url}/api/v1/simulate", json={"draws": 4}, timeout=60).status_code == 200


def test_visitors_are_counted_where_others_can_come(serving):
    with serving(Limits(counted=True, per_second=1, burst=3)) as public, httpx.Client(base_url=public.url) as client:
        found = [client.get("/api/v1/evidence/STOCK-001") for _ in range(5)]
    assert [each.status_code for each in found] == [200, 200, 200, 429, 429]
    assert int(found[-1].headers["retry-after"]) >= 1
    assert "content-security-policy" in found[-1].headers
    assert found[-1].json()["title"] == "Too Many Requests"


def test_a_budget_fills_again_and_each_visitor_has_one_of_his_own():
    now = 0.0
    budget = Budget(Limits(counted=True, per_second=2, burst=2), lambda: now)
    assert [budget.wait("a") for _ in range(3)] == [0, 0, 0.5]
    assert budget.wait("b") == 0
    now = 0.5
    assert budget.wait("a") == 0
    assert budget.wait("a") == 0.5
    assert Budget(Limits()).wait("a") == 0


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("example.org", False)],
)
def test_only_what_nobody_else_reaches_is_local(host, local):
    assert is_local(host) is local


def test_a_port_that_is_taken_is_said_at_once():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "fourfronts", "serve", "--port", str(port)], capture_output=True, text=True
        )
    assert done.returncode == BAD_INPUT
    assert (
        done.stderr == f"fourfronts: --port {port} is taken at 127.0.0.1; accepted: another port, or 0 for a free one\n"
    )


def test_an_address_of_nobody_is_refused():
    with pytest.raises(InputError, match="--host 'no such host' is no address"):
        listening("no such host", 0)
    with pytest.raises(InputError, match="cannot be listened at"):
        listening("192.0.2.1", 0)


def test_the_command_says_where_it_is_and_serves_until_it_is_interrupted():
    command = [sys.executable, "-u", "-m", "fourfronts", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        said = running.stdout.readline()
        assert said.startswith("fourfronts is at http://127.0.0.1:")
        url = said.split()[3]
        found = httpx.get(url, timeout=60)
        running.send_signal(2)
        last, wrong = running.communicate(timeout=60)
    assert found.status_code == 200
    assert (running.returncode, last, wrong) == (0, "stopped\n", "")

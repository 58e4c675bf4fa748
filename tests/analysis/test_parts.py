"""Futures in parts: the same bytes whoever makes them, and nothing is lost when a worker is."""

import io
import json
import subprocess
import sys
import time

import numpy as np
import pyarrow.parquet as pq
import pytest

from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.analysis.explain.outcome import outcomes
from fourfronts.analysis.parts import Work, part, shard
from fourfronts.analysis.workers import check, connect, here, made
from fourfronts.errors import InputError
from fourfronts.inference.parameters import registry
from fourfronts.policy.loader import package
from fourfronts.report.parts import compute, keep, missing, path_of, prepare, summary

ASKED = outcomes(["lead_months[released]", "commanding-lead"])


def _work(**changed):
    given = {"seed": 5, "draws": 3000, "per_part": 512, "settings": (), "known": registry(), "outcomes": ASKED}
    return Work(**({"packages": (package("drift"), package("hold"))} | given | changed))


def _nothing(done, of):
    del done, of


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """All parts, made here in one go."""
    folder = tmp_path_factory.mktemp("whole")
    work = _work()
    prepare(folder, work)
    compute(folder, work, missing(folder, work), _nothing)
    return folder


def _bytes(folder, work):
    return [path_of(folder, number).read_bytes() for number in range(work.parts)]


def test_parts_hold_the_futures_of_one_run_in_order(whole):
    work = _work()
    run = run_ensemble(work.packages, draws=3000, seed=5, parameters=work.known)
    parts = [pq.read_table(io.BytesIO(each)) for each in _bytes(whole, work)]
    assert [len(each) for each in parts] == [512] * 5 + [440]
    np.testing.assert_array_equal(np.concatenate([each["future"] for each in parts]), np.arange(3000))
    for name in ("drift", "hold"):
        for each in ASKED:
            found = np.concatenate([table[f"{name}: {each.name}"] for table in parts])
            np.testing.assert_array_equal(found, each.of(run[name]).astype(np.float32))


def test_a_part_says_what_made_it(whole):
    about = json.loads(pq.read_schema(path_of(whole, 0)).metadata[b"fourfronts"])
    assert about == json.loads((whole / "asked.json").read_text()) == json.loads(json.dumps(_work().about()))


def test_shards_make_the_same_bytes_between_them(whole, tmp_path):
    work = _work()
    prepare(tmp_path, work)
    assert missing(tmp_path, work, shard("2/3")) == [1, 4]
    for text in ("2/3", "1/3"):
        compute(tmp_path, work, missing(tmp_path, work, shard(text)), _nothing)
    assert missing(tmp_path, work) == [2, 5]
    compute(tmp_path, work, missing(tmp_path, work), _nothing)
    assert _bytes(tmp_path, work) == _bytes(whole, work)


def test_what_is_there_is_not_made_again(whole, tmp_path):
    work = _work()
    prepare(tmp_path, work)
    for number in (0, 2, 3, 4, 5):
        path_of(tmp_path, number).write_bytes(b"kept")
    told = []
    compute(tmp_path, work, missing(tmp_path, work), lambda *counts: told.append(counts))
    assert told == [(6, 6)]
    assert path_of(tmp_path, 1).read_bytes() == path_of(whole, 1).read_bytes()
    assert path_of(tmp_path, 2).read_bytes() == b"kept"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seed": 6}, "seed: found 5; asked for now: 6"),
        ({"draws": 3001}, "draws: found 3000"),
        ({"per_part": 1024}, "per_part: found 512"),
        ({"outcomes": ASKED[:1]}, "outcomes: found"),
        ({"known": registry().overridden({"stocks.retirement": 0.1})}, "parameters: found"),
    ],
)
def test_a_folder_of_other_work_is_refused_by_field(whole, changed, said):
    with pytest.raises(InputError, match=said):
        prepare(whole, _work(**changed))


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds files and no asked\.json"):
        prepare(tmp_path, _work())


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/0", "-1/2"])
def test_an_impossible_shard_is_refused(text):
    with pytest.raises(InputError, match="accepted: I/N"):
        shard(text)


def test_parts_are_whole_chunks():
    with pytest.raises(InputError, match="a multiple of 512"):
        _work(per_part=1000)


def test_the_summary_is_that_of_all_futures(whole):
    work = _work()
    rows = summary(whole, work)
    run = run_ensemble(work.packages, draws=3000, seed=5, parameters=work.known)
    lead = run["hold"].at("lead_months", "2028-12", "released")
    (row,) = [each for each in rows if (each["package"], each["outcome"]) == ("hold", ASKED[0].name)]
    assert (row["futures"], row["not_finite"]) == (3000, 0)
    wanted = [lead.mean(dtype=np.float64), *np.percentile(lead, [5, 50, 95])]
    np.testing.assert_allclose([row[name] for name in ("mean", "p05", "p50", "p95")], wanted, rtol=1e-6)


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers, each a process of its own; the address and the workers."""
    file = tmp_path / "scheduler.json"
    local = ["--host", "127.0.0.1", "--scheduler-file", str(file)]
    start = [sys.executable, "-m", "dask", "scheduler", "--port", "0", "--no-dashboard", *local]
    work = [sys.executable, "-m", "dask", "worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", *local]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    running = [subprocess.Popen(start, **quiet)]
    try:
        while not file.exists():
            assert running[0].poll() is None, "the scheduler did not start"
            time.sleep(0.1)
        running += [subprocess.Popen(work, **quiet) for _ in range(2)]
        yield json.loads(file.read_text())["address"], running[1:]
    finally:
        for each in running:
            each.kill()
            each.wait()


@pytest.mark.filterwarnings("default")  # its own, of sockets that a killed worker leaves
def test_workers_make_the_same_bytes_although_one_is_killed_half_way(cluster, whole, tmp_path):
    address, workers = cluster
    work, folder = _work(), tmp_path / "parts"
    prepare(folder, work)
    client = connect(address)
    client.wait_for_workers(2, timeout=60)

    def killing(done, of):
        if done == of // 2:
            workers[0].kill()

    try:
        keep(folder, work, made(client, work, missing(folder, work)), killing)
    finally:
        client.close()
    assert workers[0].wait() != 0
    assert _bytes(folder, work) == _bytes(whole, work)


def test_a_scheduler_that_does_not_answer_is_named():
    with pytest.raises(InputError, match=r"scheduler tcp://127\.0\.0\.1:9: no answer within 1 s"):
        connect("tcp://127.0.0.1:9", patience=1.0)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"version": "0.0.1"}, "worker two: version: found 0.0.1; accepted: "),
        ({"model": "f" * 64}, "worker two: model: found ffffffffffff"),
        (ModuleNotFoundError("No module named 'fourfronts'"), "worker two: cannot load fourfronts"),
    ],
)
def test_a_worker_with_another_version_is_refused(found, said):
    class Client:
        def run(self, function, on_error):
            assert on_error == "return"
            other = found if isinstance(found, Exception) else function() | found
            return {"one": function(), "two": other}

    assert set(here()) == {"version", "model", "evidence"}
    with pytest.raises(InputError, match=said):
        check(Client())


def test_a_part_depends_on_its_number_alone():
    assert part(_work(draws=3000), 2) != part(_work(draws=3000), 3)

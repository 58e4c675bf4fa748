"""`fourfronts bench --peers`: every engine computes what ours does, or its speed is not told."""

import json
import multiprocessing
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fourfronts.analysis.explain.outcome import LEAD
from fourfronts.cli import bench as front
from fourfronts.cli import bench_peers, main
from fourfronts.cli import bench_ring30 as ring
from fourfronts.cli import bench_stocks as chips
from fourfronts.cli.bench_measures import SECTIONS, Options
from fourfronts.cli.bench_peers import PEERS, apart
from fourfronts.model import stocks

COMMAND = Path(sys.executable).with_name("fourfronts")
ROOT = Path(__file__).resolve().parents[2]
FEW = Options(draws=8, seed=1, repeat=1, cache="")

NAMES = {
    "ring30": [
        "ring30_float64",
        "ring30_float32",
        "ring30_numpy",
        "ring30_ema_sequential",
        "ring30_ema_processes",
        "ring30_pysd_translation",
        "ring30_pysd",
    ],
    "ema": ["ema_ours", "ema_sequential", "ema_processes", "ema_uncompiled"],
    "stocks": ["stocks_float64", "stocks_pysd_translation", "stocks_pysd"],
}
SINGLE = {"ring30_float32", "ema_sequential", "ema_processes"}
OURS = {"ring30_float64", "ema_ours", "stocks_float64"}


@pytest.fixture(scope="module")
def measured():
    """What is told of the two small models, from the command; the whole model is measured in this process below."""
    parts = ["--only", "ring30", "--only", "stocks"]
    done = subprocess.run(
        [COMMAND, "bench", *parts, "--draws", "64", "--repeat", "1", "--json"],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def fast(monkeypatch):
    """Few futures of what takes long."""
    monkeypatch.setattr(bench_peers, "PYSD_DRAWS", 2)
    monkeypatch.setattr(bench_peers, "UNCOMPILED_DRAWS", 2)


def checked(entries, names):
    """Hold the entries of a section to what a reader is promised of them."""
    assert [each["name"] for each in entries] == names
    for each in entries:
        done_once = each["name"].endswith("_translation")
        assert each["unit"] == ("s" if done_once else "us/future")
        assert 0 < each["minimum"] <= each["median"], each
        assert (each["futures"] is None) is done_once
        assert (each["slower"] == 1.0) is (each["name"] in OURS)
        if done_once or each["name"] in OURS:
            assert each["difference"] is None
            assert each["slower"] in (None, 1.0)
        else:
            assert 0 <= each["difference"] < (1e-3 if each["name"] in SINGLE else 1e-9), each
            assert each["slower"] > 0
            assert each["seconds"] * 1e6 / each["futures"] == pytest.approx(each["minimum"], rel=2e-3)


@pytest.mark.parametrize("section", ["ring30", "stocks"])
def test_every_engine_is_there_and_computes_what_ours_computes(section, measured):
    checked([each for each in measured["entries"] if each["section"] == section], NAMES[section])


def test_ema_workbench_calling_the_whole_model_gets_what_run_ensemble_gives(fast, monkeypatch):
    # The lead alone, which other tests have compiled before.
    monkeypatch.setattr(bench_peers, "FRONTS", (LEAD,))
    found = bench_peers.ema(FEW)
    checked(front.result(FEW, {"ema": found}, None)["entries"], NAMES["ema"])
    assert [each.futures for each in found] == [8, 8, 8, 2]


def test_the_bar_is_twice_what_numpy_takes(measured):
    ours, numpy = (
        next(each for each in measured["entries"] if each["name"] == name)
        for name in ("ring30_float64", "ring30_numpy")
    )
    assert ours["target"] == pytest.approx(2 * numpy["minimum"], rel=2e-3)
    assert ours["met"] is (ours["minimum"] <= ours["target"])


def test_the_table_shows_the_same_numbers_and_fits_80_columns(measured):
    lines = front.table(measured).splitlines()
    assert max(map(len, lines)) <= 80
    assert sum("µs/future" in line and "× ours" in line for line in lines) == 2
    for each in measured["entries"]:
        (line,) = [line for line in lines if line.startswith(f"  {each['label']} ") and at(line, each)]
        cells = line.split()
        assert front.number(each["seconds"]) in cells
        if each["difference"] is not None:
            assert cells[-1] == f"{each['difference']:.0e}"
        if each["slower"] is not None:
            assert front.number(each["slower"]) in cells


def at(line, each):
    """Whether a line of the table is that of an entry and not of one with the same label."""
    return front.number(each["seconds"]) in line.split()


@pytest.mark.parametrize(
    "run",
    [
        lambda given: ring.by_jax(np.float64)(given)[-1, 0],
        lambda given: ring.by_numpy(given)[-1, 0],
        lambda given: ring.one(*given[:, 0])["last"][-1],
        lambda given: ring.on_every_core(ring.by_jax(np.float64), np.repeat(given, 600, axis=1))[-1, -1],
    ],
    ids=["this engine", "NumPy", "as EMA calls it", "in chunks"],
)
def test_ring30_reaches_its_check_value(run):
    growth, move, value = ring.CHECK
    assert (growth, move, value) == (0.03, 0.02, 93.45082030248942)
    assert run(np.array([[growth], [move]])) == pytest.approx(value, rel=1e-10)


def test_ring30_in_single_precision_is_single_precision():
    found = ring.by_jax(np.float32)(np.array([[0.03], [0.02]]))
    assert found.dtype == np.float32
    assert found[-1, 0] == pytest.approx(ring.CHECK[2], rel=1e-6)


def test_chunks_of_draws_are_put_together_in_order():
    given = ring.draws(1100, seed=4)
    np.testing.assert_array_equal(ring.on_every_core(lambda each: each, given), given)


@pytest.mark.parametrize(
    ("draws", "low", "high"),
    [
        (ring.draws, (0.02, 0.01), (0.04, 0.03)),
        (chips.draws, (0.005, 0.025, 0.25, 0.0), (0.06, 0.06, 2.0, 2.0)),
    ],
    ids=["ring30", "stocks"],
)
def test_draws_fill_their_ranges_and_the_first_stay_the_same(draws, low, high):
    given = draws(4000, 7)
    share = (given - np.array(low)[:, None]) / (np.array(high) - np.array(low))[:, None]
    assert ((share >= 0) & (share <= 1)).all()
    np.testing.assert_allclose(share.mean(axis=1), 0.5, atol=0.03)
    np.testing.assert_allclose(np.corrcoef(share), np.eye(len(low)), atol=0.06)
    np.testing.assert_array_equal(given[:, :10], draws(10, 7))
    assert (given[:, :10] != draws(10, 8)).all()


def test_every_chip_that_joined_is_in_a_stock_or_has_left():
    given = chips.draws(8, seed=2)
    found = dict(zip(chips.START, chips.by_jax()(given).swapaxes(0, 1), strict=True))
    joined = sum(
        np.cumsum(chips.growing(*flow))[:, None] * chips.YEARS * (given[3] if name == "diverted" else 1.0)
        for name, flow in chips.FLOWS.items()
    )
    held = sum(found[name] for name in (*chips.FLOWS, "retired", "written off"))
    np.testing.assert_allclose(held, joined + sum(chips.START.values()), rtol=1e-12)
    assert (np.diff(found["written off"], axis=0) > 0).all()


def test_the_stocks_are_those_of_the_model(monkeypatch):
    before = chips.by_jax()(chips.draws(2, seed=2))
    real = stocks.step
    monkeypatch.setattr(stocks, "step", lambda p, *given: real(p._replace(retirement=2 * p.retirement), *given))
    assert (chips.by_jax()(chips.draws(2, seed=2))[-1, 0] < before[-1, 0]).all()


@pytest.mark.parametrize("name", ["ring30", "stocks"])
def test_the_vensim_files_are_what_their_script_writes(name):
    script = runpy.run_path(str(ROOT / "benchmarks" / "vensim.py"))
    assert (ROOT / "benchmarks" / f"{name}.mdl").read_text(encoding="utf-8") == script["text"](script[name]())


def test_what_is_not_installed_is_told_and_the_rest_is_measured(monkeypatch):
    for module in ("ema_workbench", "pysd"):
        monkeypatch.setitem(sys.modules, module, None)
    found = [*bench_peers.ring30(FEW), *bench_peers.stocks(FEW)]
    assert [each.name for each in found] == [*NAMES["ring30"], *NAMES["stocks"]]
    for each in found:
        library = "PySD" if "pysd" in each.name else "EMA Workbench" if "ema" in each.name else ""
        assert (each.minimum is None) is bool(library)
        if library:
            assert each.note == f"needs {library}; install with: pip install 'fourfronts[peers]'"
    shown = front.table(front.result(FEW, {"ring30": found[:7], "stocks": found[7:]}, None))
    assert shown.count("needs PySD; install with: pip install 'fourfronts[peers]'") == 4
    assert max(map(len, shown.splitlines())) <= 80


def test_without_the_benchmarks_folder_pysd_has_nothing_to_run(monkeypatch, tmp_path):
    monkeypatch.setattr(bench_peers, "FILES", tmp_path / "benchmarks")
    assert "not a checkout" in bench_peers.stocks(FEW)[-1].note


@pytest.mark.parametrize(
    ("difference", "told"), [(0.0, True), (1e-10, True), (1e-8, False), (np.inf, False), (np.nan, False)]
)
def test_an_engine_that_computes_something_else_gets_no_speed(difference, told):
    measured = bench_peers.peer("a", "b", 4, [8e-6, 9e-6])
    found = bench_peers.agreeing(measured, difference, bench_peers.EXACT)
    assert [found.minimum, found.median, found.seconds] == ([2.0, 2.125, 8e-6] if told else [None] * 3)
    assert ("differs by" in found.note) is not told


def test_ema_results_are_held_against_ours():
    given, named = ring.draws(4, seed=1), [("ring30", "EMA")]
    model, scenarios = bench_peers.ring30_for_ema(given)
    (right,) = bench_peers.by_ema(named, model, scenarios, {"last": ring.by_numpy(given).T}, 1e-9, 1)
    (wrong,) = bench_peers.by_ema(named, model, scenarios, {"last": ring.by_numpy(given[:, ::-1]).T}, 1e-9, 1)
    assert right.difference < 1e-12
    assert (wrong.minimum, wrong.seconds, wrong.difference) == (None, None, None)


def test_starting_processes_afresh_is_undone_afterwards():
    before = multiprocessing.get_start_method(allow_none=True)
    with bench_peers.spawned():
        assert multiprocessing.get_start_method() == "spawn"
    assert multiprocessing.get_start_method(allow_none=True) == before


def test_differences_are_relative_and_to_a_hundredth_of_the_largest_where_a_number_is_small():
    wanted = np.array([100.0, 10.0, 1e-9, 0.0])
    assert apart(wanted, wanted) == 0.0
    assert apart(wanted + 0.01 * np.eye(4)[1], wanted) == pytest.approx(1e-3)
    assert apart(wanted + 0.01 * np.eye(4)[2], wanted) == pytest.approx(1e-2)
    assert apart(wanted - 0.01 * np.eye(4)[3], wanted) == pytest.approx(1e-2)


def test_numbers_that_are_none_must_be_none_in_both():
    wanted = np.array([1.0, np.nan, 3.0])
    assert apart(wanted, wanted) == 0.0
    assert apart([1.0, 2.0, 3.0], wanted) == np.inf
    assert apart([np.nan, np.nan, 3.0], wanted) == np.inf
    assert apart([1.0], wanted) == np.inf


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (["--peers"], list(PEERS)),
        (["--peers", "--only", "kernel"], ["kernel", *PEERS]),
        (["--only", "stocks"], ["stocks"]),
        ([], list(SECTIONS)),
    ],
)
def test_other_engines_are_measured_when_they_are_asked_for(asked, wanted, monkeypatch, capsys):
    monkeypatch.setattr(front, "measure", lambda functions, *more: [])
    with pytest.raises(SystemExit) as leaving:
        main(["bench", *asked])
    assert leaving.value.code == 0
    assert capsys.readouterr().err.split("measuring ")[1:] == [f"{name} ...\n" for name in wanted]

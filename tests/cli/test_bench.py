"""`fourfronts bench`: every number is there and means what it says. How large it is, no test can know."""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.cli import bench as front
from fourfronts.cli import bench_kernel, main
from fourfronts.cli.bench_measures import SECTIONS, Entry, Options
from fourfronts.cli.bench_spine import MECHANISMS_ALONE, OUTPUTS_ALONE
from fourfronts.model.world import AS_SHIPPED

COMMAND = Path(sys.executable).with_name("fourfronts")
SMALL = ("--draws", "512", "--repeat", "1")

NAMES = {
    "ensemble": ["compiling", "compiling_memory", "whole_path", "model_alone", "peak_memory"],
    "interactive": ["interactive", "interactive_all"],
    "spine": [
        "spine_compiling",
        "spine_compiling_memory",
        "spine_whole_path",
        "spine_peak_memory",
        "spine_interactive",
        "spine_interactive_monthly",
    ],
    "drivers": ["jax_float32", "jax_float64", "numpy_float32", "numpy_float64"],
    "kernel": [f"kernel_{what}{where}" for where in ("one_core", "all_cores") for what in ("jax_", "c_", "")],
    "startup": ["help", "first_run", "later_run", "evidence"],
}
"""All but the gradient, whose compilation takes a minute that the test of `calibrate` spends already."""


@pytest.fixture
def compiler():
    """A C compiler, without which the limit cannot be measured."""
    if not any(map(shutil.which, ("cc", "gcc", "clang"))):
        pytest.skip("needs a C compiler: none of cc, gcc, clang is installed")


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Nearly everything, measured once and in small: what is printed and what is written."""
    parts = [each for name in NAMES for each in ("--only", name)]
    out = tmp_path_factory.mktemp("bench") / "bench.json"
    done = subprocess.run(
        [COMMAND, "bench", *SMALL, *parts, "--json", "--out", out], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in out.parent.iterdir()] == ["bench.json"]
    assert out.read_text() == done.stdout
    return json.loads(done.stdout)


def test_compute_and_intelligence_alone_are_what_they_are_in_the_whole_model_but_for_what_others_do_to_them():
    alone = run_ensemble(["drift"], draws=8, outputs=OUTPUTS_ALONE, mechanisms=MECHANISMS_ALONE)["drift"]
    whole = run_ensemble(["drift"], draws=8, outputs=OUTPUTS_ALONE)["drift"]
    assert alone.failed == 0
    moving = {name for name in AS_SHIPPED._fields if getattr(MECHANISMS_ALONE, name) is getattr(AS_SHIPPED, name)}
    assert moving == {"supply", "access", "stocks", "talent", "intelligence"}
    # Until anyone answers anybody, and revenue pays for more than was expected, nothing differs.
    for name in ("usable_compute", "lead_months"):
        np.testing.assert_array_equal(alone.values[name][:5], whole.values[name][:5])
        assert (alone.values[name][-1] != whole.values[name][-1]).any()


@pytest.fixture(scope="module")
def case():
    """Futures for one call of either kernel."""
    (only,) = bench_kernel.cases(bench_kernel.CHUNK, seed=3)
    return only


def test_every_number_of_every_part_is_there(measured, compiler):
    assert [*NAMES, "gradient"] == list(SECTIONS)
    assert [each["name"] for each in measured["entries"]] == [name for names in NAMES.values() for name in names]
    for each in measured["entries"]:
        assert 0 < each["minimum"] <= each["median"] < math.inf or each["name"].endswith("compiling"), each
        assert each["met"] == (None if each["target"] is None else each["minimum"] <= each["target"])


def test_the_targets_are_those_promised_and_the_large_ones_hold_for_the_large_ensemble_alone(measured):
    targets = {each["name"]: (each["target"], each["unit"]) for each in measured["entries"] if each["target"]}
    assert targets == {
        "interactive": (60.0, "ms"),
        "spine_interactive": (30.0, "ms"),
        "kernel_one_core": (1.5, "ratio"),
        "kernel_all_cores": (1.5, "ratio"),
        "help": (0.3, "s"),
        "first_run": (40.0, "s"),
        "later_run": (16.0, "s"),
    }


def test_the_result_says_what_it_was_measured_on(measured):
    assert (measured["schema"], measured["draws"], measured["repeat"]) == ("fourfronts/bench/1", 512, 1)
    assert measured["machine"]["cores"] >= 1
    assert measured["machine"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert all(measured["machine"].values())


def test_the_table_shows_the_same_numbers_and_fits_80_columns(measured):
    lines = front.table(measured).splitlines()
    assert max(map(len, lines)) <= 80
    for each in measured["entries"]:
        (line,) = [line for line in lines if line.startswith(f"  {each['label']} ")]
        assert front.number(each["minimum"]) in line.split()
    assert sum(line.startswith("    target ") for line in lines) == 7


def test_a_target_is_met_missed_or_not_measured():
    entries = [
        Entry("fast", "Fast", "s", 1.0, 1.2, 3, 2.0),
        Entry("slow", "Slow", "s", 3.0, 3.1, 3, 2.0),
        Entry("none", "Nothing", "ratio", target=1.5, note="no C compiler"),
    ]
    content = front.result(Options(8, 1, 3, ""), {"ensemble": entries}, others=None)
    assert [each["met"] for each in content["entries"]] == [True, False, None]
    shown = front.table(content)
    assert "target 2.00 s: met" in shown
    assert "target 2.00 s: missed" in shown
    assert "target 1.50 ratio: not measured\n    no C compiler" in shown


@pytest.mark.parametrize(("others", "warned"), [(None, False), (0.05, False), (0.8, True)])
def test_a_busy_machine_is_pointed_out(others, warned):
    content = front.result(Options(8, 1, 1, ""), {}, others)
    assert ("Other processes used 0.8 cores" in front.table(content)) is warned


def test_other_processes_are_what_the_cores_did_beyond_our_own_work():
    assert front.others_cores((100.0, 50.0, 5.0), (110.0, 68.0, 13.0)) == pytest.approx(1.0)
    assert front.others_cores((100.0, 50.0, 5.0), (110.0, 58.0, 13.5)) == 0.0
    assert front.others_cores(None, (110.0, 58.0, 13.5)) is None


def test_our_own_work_is_not_taken_for_that_of_others():
    before = front.busy_and_own()
    if before is None:
        pytest.skip("needs /proc/stat, which this system lacks")
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    after = front.busy_and_own()
    assert after[2] - before[2] > 0.02
    assert all(late >= early for early, late in zip(before, after, strict=True))


def test_the_c_kernel_computes_what_the_model_computes(case, compiler, tmp_path):
    found = bench_kernel.c_kernel(bench_kernel.c_compiler(), tmp_path, case)(case)
    wanted = bench_kernel.jax_kernel()(case)
    assert [values.shape for values in found] == [(108, 3, bench_kernel.CHUNK)] * 2
    assert bench_kernel.difference(found, wanted) < 1e-5


def test_loading_the_c_kernel_leaves_the_arithmetic_of_this_process_alone(case, compiler, tmp_path):
    bench_kernel.c_kernel(bench_kernel.c_compiler(), tmp_path, case)
    assert sys.float_info.min / 2 > 0.0, "numbers below the smallest normal one are rounded to zero"


@pytest.mark.parametrize(
    ("written", "instead"),
    [("(now - before) / years", "1.1f * (now - before) / years"), ("S(hardening, 0)", "S(effort_start, 0)")],
)
def test_a_c_kernel_that_computes_something_else_gets_no_ratio(written, instead, compiler, tmp_path, monkeypatch):
    source = bench_kernel.SOURCE.read_text()
    assert written in source
    (tmp_path / "intelligence.c").write_text(source.replace(written, instead))
    monkeypatch.setattr(bench_kernel, "SOURCE", tmp_path / "intelligence.c")
    with pytest.raises(bench_kernel.NoLimitError, match="C and JAX differ by"):
        bench_kernel.compared(bench_kernel.CHUNK, seed=3, repeats=1)


def test_a_number_that_is_none_is_a_difference(case):
    wanted = bench_kernel.jax_kernel()(case)
    broken = np.array(wanted[0])
    broken[5, 1, 7] = np.nan
    assert not bench_kernel.difference((broken, wanted[1]), wanted) <= bench_kernel.AGREEMENT


def test_without_the_benchmarks_folder_there_is_no_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(bench_kernel, "SOURCE", tmp_path / "benchmarks" / "intelligence.c")
    with pytest.raises(bench_kernel.NoLimitError, match="not a checkout"):
        bench_kernel.compared(bench_kernel.CHUNK, seed=3, repeats=1)


def test_a_compiler_that_fails_is_quoted(case, tmp_path, monkeypatch):
    monkeypatch.setenv("CC", f"{sys.executable} -c 'raise SystemExit(\"no such target\")'")
    with pytest.raises(bench_kernel.NoLimitError, match=r"does not compile intelligence\.c: no such target"):
        bench_kernel.c_kernel(bench_kernel.c_compiler(), tmp_path, case)


def test_without_a_compiler_the_command_says_so_and_goes_on():
    environment = {name: value for name, value in os.environ.items() if name != "CC"} | {"PATH": ""}
    done = subprocess.run(
        [COMMAND, "bench", *SMALL, "--only", "kernel"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("not measured\n    no C compiler") == 2
    assert done.stderr == "measuring kernel ...\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--draws", "0"), ("'--draws'", "1<=x<=1000000")),
        (("--draws", "many"), ("'--draws'", "'many'")),
        (("--repeat", "0"), ("'--repeat'", "1<=x<=1000")),
        (("--seed", "-1"), ("'--seed'", "0<=x<=")),
        (("--only", "kernl"), ("'--only'", "'kernl'", "'kernel'")),
        (("--onyl", "kernel"), ("'--onyl'", "--only")),
        (("--out", "."), ("--out .", "accepted: a file")),
        (("--out", "no/such/folder/bench.json"), ("--out no/such/folder/bench.json", "a folder that is there")),
    ],
)
def test_bad_input_is_one_line_and_code_2_before_anything_is_measured(arguments, words, capsys):
    with pytest.raises(SystemExit) as leaving:
        main(["bench", *arguments])
    printed = capsys.readouterr()
    assert (leaving.value.code, printed.out) == (2, "")
    assert printed.err.count("\n") == 1
    for word in words:
        assert word in printed.err


def test_what_fails_inside_is_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(SystemExit) as leaving:
        main(["bench", *SMALL, "--only", "gradient", "--out", str(tmp_path / "bench.json")])
    printed = capsys.readouterr()
    assert leaving.value.code == 2
    assert printed.err.splitlines()[1:] == [
        "fourfronts: -m fourfronts.cli.bench_measures gradient ended with code 1: no word"
    ]
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_leaves_no_file(tmp_path):
    with subprocess.Popen(
        [COMMAND, "bench", "--only", "gradient", "--out", tmp_path / "bench.json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stderr.readline() == "measuring gradient ...\n"
        child.send_signal(signal.SIGINT)
        out, error = child.communicate(timeout=60)
    assert (child.returncode, out, error) == (130, "", "fourfronts: interrupted, nothing was written\n")
    assert list(tmp_path.iterdir()) == []

"""`fourfronts run`: what it writes and prints, what it refuses, and what it leaves behind when it is stopped."""

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fourfronts import cli
from fourfronts.cli import run as module
from fourfronts.errors import InputError

COMMAND = [str(Path(sys.executable).with_name("fourfronts")), "run"]
SMALL = ("--draws", "64", "--package", "drift", "--package", "hold")
FILES = {
    "manifest.json",
    "summary.json",
    "futures.parquet",
    "report.html",
    *(
        f"figures/{name}.{kind}"
        for name in ("lead_fan", "compute_ratio", "prc_compute", "capability")
        for kind in ("svg", "png")
    ),
}


def run(*arguments, **options):
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=120, **options)


def inside(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A finished run, in a folder with nothing else."""
    place = tmp_path_factory.mktemp("run")
    done = run(*SMALL, cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    return place / "out", done.stdout


@pytest.fixture
def here(capsys, monkeypatch, tmp_path):
    """Runs the command in this process, in an empty folder, and gives back what it printed."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        assert cli._call(["run", *arguments]) == 0
        said = capsys.readouterr()
        assert said.err == ""
        return said.out

    return command


@pytest.fixture
def earlier(written, tmp_path):
    """A copy of it, to be put at risk."""
    shutil.copytree(written[0], tmp_path / "out")
    return tmp_path / "out"


# -- what it does


def test_it_writes_the_files_of_the_contract_and_nothing_else(written):
    target, _ = written
    assert inside(target) == FILES
    assert [path.name for path in target.parent.iterdir()] == ["out"]


def test_the_screen_says_where_the_files_are_and_fits(written):
    lines = written[1].splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert lines[-1] == "In out: report.html, summary.json, futures.parquet, figures"
    assert "\033" not in written[1]


def test_the_summary_is_what_json_prints(written, tmp_path):
    done = run(*SMALL, "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (written[0] / "summary.json").read_text()
    # Twice the same command: twice the same bytes; and nothing is written unless --out asks for it.
    assert list(tmp_path.iterdir()) == []
    summary = json.loads(done.stdout)
    assert list(summary) == sorted(summary)
    assert {"schema", "version", "seed", "draws", "evidence_cutoff", "packages", "checks"} <= set(summary)
    assert list(summary["packages"]) == ["drift", "hold"]
    lead = summary["packages"]["hold"]["outputs"]["lead_months"]
    assert {"2026-05", "2027-12", "2028-12"} <= set(lead)
    assert set(lead["2028-12"]["released"]) == {"mean", "p05", "p25", "p50", "p75", "p95"}


def test_the_report_repeats_the_command_that_makes_it(written, tmp_path):
    report = (written[0] / "report.html").read_text()
    options = "--worldview evidence --draws 64 --seed 1 --horizon 2028-12 --out out"
    command = f"fourfronts run --package drift --package hold {options}"
    assert f"<code>{command}</code>" in report
    done = run(*command.split()[2:], cwd=tmp_path)
    assert done.returncode == 0
    assert contents(tmp_path / "out") == contents(written[0])


def test_json_with_out_does_both_and_replaces_an_earlier_run(earlier, here):
    (earlier / "summary.json").write_text("stale")
    printed = here("--draws", "32", "--package", "drift", "--json", "--out", str(earlier), "--seed", "5")
    assert (earlier / "summary.json").read_text() == printed
    assert json.loads(printed)["seed"] == 5
    assert inside(earlier) == FILES


def test_checks_are_of_drift_as_shipped_whatever_was_asked_for(written, here):
    changed = ("--package", "none", "--set", "hbm_controls=0@2022-01", "--horizon", "2026-12")
    summary = json.loads(here("--draws", "64", "--json", *changed))
    assert list(summary["packages"]) == ["none"]
    assert summary["settings"] == ["hbm_controls=0@2022-01"]
    assert summary["checks"] == json.loads((written[0] / "summary.json").read_text())["checks"]


def test_a_package_of_ones_own_and_a_setting_change_what_they_should(tmp_path, here):
    (tmp_path / "mine.yaml").write_text(
        "name: mine\nlabel: Mine\ndescription: A test.\nlevers:\n  chip_export_cap: {level: 1, start: 2026-07}\n"
        "  chip_export_ceiling: {level: 1000000, start: 2026-07}\n"
    )
    options = ("--draws", "64", "--json", "--package", "mine.yaml", "--package", "drift")
    opened, closed = (
        {name: each["outputs"]["prc_compute"]["2028-12"]["legal"]["p50"] for name, each in packages.items()}
        for packages in (
            json.loads(here(*options))["packages"],
            json.loads(here(*options, "--set", "prc_import_openness=0"))["packages"],
        )
    )
    assert opened["mine"] > 1.2 * opened["drift"]
    assert closed["mine"] < opened["mine"]


def test_progress_is_shown_on_a_terminal_and_wiped_at_the_end(tmp_path):
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [*COMMAND, *SMALL, "--json"], stdout=subprocess.DEVNULL, stderr=theirs, cwd=tmp_path
    ) as child:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    assert child.returncode == 0
    assert b"64 of 64 futures" in shown
    assert shown.endswith(b"\r\033[K")
    assert b"\n" not in shown


def _read(terminal):
    try:
        return os.read(terminal, 1024)
    except OSError:  # the other end is closed
        return b""


# -- what it refuses


@pytest.fixture
def refused(capsys, monkeypatch, tmp_path):
    """The one line with which the command refuses these arguments, before anything slow is imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "_simulate", lambda *_: pytest.fail("the run began"))
    # What pytest captures has no file descriptor to be silenced.
    monkeypatch.setattr(cli, "_silence_stdout", lambda: None)

    def refuse(*arguments):
        with pytest.raises(SystemExit) as leaving:
            cli.main(["run", *arguments])
        said = capsys.readouterr()
        assert (leaving.value.code, said.out) == (2, "")
        assert said.err.startswith("fourfronts: ")
        assert said.err.count("\n") == 1
        assert list(tmp_path.glob("out*")) == []
        return said.err

    return refuse


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--package", "drfit"), ("unknown package 'drfit'", "did you mean 'drift'?")),
        (("--package", "nowhere.yaml"), ("nowhere.yaml", "no such file")),
        (("--package", "drift", "--package", "drift"), ("two packages are called 'drift'",)),
        (("--set", "remote_acces_rule=1"), ("unknown lever", "did you mean 'remote_access_rule'?")),
        (("--set", "remote_access_rule"), ("has no '='", "LEVER=VALUE")),
        (("--set", "remote_access_rule=high"), ("'high' is not a number",)),
        (("--set", "remote_access_rule=1.5"), ("level 1.5 is out of range", "0 to 1")),
        (("--set", "remote_access_rule=nan"), ("out of range",)),
        (("--set", "remote_access_rule=1@2027-13"), ("'2027-13' is not a month", "YYYY-MM")),
        (("--set", "remote_access_rule=1@2029-01"), ("2029-01 is outside this run", "2028-12")),
        (("--set", "hbm_controls=1", "--set", "hbm_controls=0"), ("set twice",)),
        (("--worldview", "evidense"), ("unknown worldview", "did you mean 'evidence'?")),
        (("--draws", "0"), ("'--draws'", "1<=x<=1000000")),
        (("--draws", "-5"), ("'--draws'",)),
        (("--draws", "many"), ("'--draws'", "'many'")),
        (("--draws", "1000001"), ("'--draws'",)),
        (("--seed", "-1"), ("'--seed'", "0<=x<=4294967295")),
        (("--seed", "4294967296"), ("'--seed'",)),
        (("--horizon", "2026-05"), ("horizon 2026-05 is out of range", "2026-06 to 2035-12")),
        (("--horizon", "2036-01"), ("out of range",)),
        (("--horizon", "soon"), ("'soon' is not a month",)),
        (("--horizn", "2028-12"), ("Did you mean '--horizon'?",)),
        (("stray",), ("stray",)),
        (("--out", ""), ("the folder you are in",)),
    ],
)
def test_bad_input_is_one_line_that_says_what_is_accepted(refused, arguments, words):
    said = refused(*arguments)
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: mine\n  label: [", ("line 2, column 8",)),
        ("name: mine\nlabel: Mine\ndescription: x\nlevers:\n  hbm_controls: {level: 2, start: 2027-01}", ("0 to 1",)),
        (
            "name: mine\nlabel: Mine\ndescription: x\nlevers:\n  hbm_control: {level: 1, start: 2027-01}",
            ("hbm_controls",),
        ),
        ("name: mine\nlabel: Mine\ndescription: x\nlever: {}", ("unknown field 'lever'", "levers")),
        ("name: mine\nname: yours\n", ("line 2", "given twice")),
        ("", ("mapping",)),
    ],
)
def test_a_faulty_package_file_is_named_with_the_place_of_the_fault(refused, tmp_path, text, words):
    (tmp_path / "mine.yaml").write_text(text)
    said = refused("--package", "mine.yaml")
    assert "mine.yaml" in said
    for word in words:
        assert word in said


def test_two_files_with_one_name_are_both_named(refused, tmp_path):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("name: mine\nlabel: Mine\ndescription: x\nlevers: {}\n")
    said = refused("--package", "a.yaml", "--package", "b.yaml")
    assert "two packages are called 'mine' (a.yaml and b.yaml)" in said


@pytest.mark.parametrize("out", ["taken", "taken/deep/out", "mine"])
def test_a_place_that_cannot_take_the_results_is_refused_before_the_work(refused, tmp_path, out):
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    assert out.split("/")[0] in refused("--out", out)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_a_run_too_large_for_the_machine_is_refused_with_what_would_fit(monkeypatch):
    monkeypatch.setattr(os, "sysconf", lambda name: {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 250_000}[name])
    module._check_memory(4, 2000, 2028)
    with pytest.raises(InputError, match=r"1,000,000 under 4 packages need about \d+ GB, and this machine has 1;"):
        module._check_memory(4, 1_000_000, 2028)


def test_options_are_checked_before_anything_slow_is_imported():
    checked = "from fourfronts.cli import run; import sys; run._plan(['drift'], [], 'evidence', 10, 1, '2028-12'); "
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            checked + "print({'jax', 'matplotlib', 'pyarrow', 'scipy', 'jinja2'} & set(sys.modules))",
        ],
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("set()\n", "")


# -- what it leaves behind when it is stopped


def start(*arguments, **options):
    return subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def test_ctrl_c_while_it_computes_leaves_the_earlier_run_and_no_litter(earlier):
    before = contents(earlier)
    ours, theirs = os.openpty()
    arguments = ["--draws", "100000", "--package", "drift", "--out", str(earlier)]
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=theirs, start_new_session=True
    ) as child:
        os.close(theirs)
        said = b""
        while b" of 100,000 futures" not in said:
            said += os.read(ours, 1024)
        os.killpg(child.pid, signal.SIGINT)
        while chunk := _read(ours):
            said += chunk
        assert child.stdout.read() == b""
    assert child.returncode == 130
    assert said.endswith(b"\r\033[Kfourfronts: interrupted, nothing was written\r\n")
    assert contents(earlier) == before
    assert [path.name for path in earlier.parent.iterdir()] == ["out"]


def test_ctrl_c_while_it_writes_leaves_nothing(tmp_path):
    with start("--draws", "20000", "--package", "drift", "--out", str(tmp_path / "out")) as child:
        deadline = time.monotonic() + 100
        while not any(path.suffix == ".part" and any(path.iterdir()) for path in tmp_path.iterdir()):
            assert child.poll() is None, child.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.002)
        child.send_signal(signal.SIGINT)
        said, error = child.communicate(timeout=60)
    assert (child.returncode, said, error) == (130, "", "fourfronts: interrupted, nothing was written\n")
    assert list(tmp_path.iterdir()) == []


# Takes a limit on the size of any file upon itself, then becomes the command that follows.
IN_LITTLE_ROOM = """
import os, resource, sys
room = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_a_disk_that_fills_up_half_way_is_one_line_and_leaves_the_earlier_run(earlier):
    before = contents(earlier)
    # As on a disk with a quota: the figures fit, the futures do not.
    arguments = [*COMMAND, "--draws", "2000", "--package", "drift", "--out", str(earlier)]
    little_room = [sys.executable, "-c", IN_LITTLE_ROOM, "1200000", *arguments]
    done = subprocess.run(little_room, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"fourfronts: cannot write {earlier}: File too large\n"
    assert contents(earlier) == before
    assert [path.name for path in earlier.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("full_at", [1, 4, 9])
def test_a_full_disk_at_any_file_leaves_the_earlier_run(earlier, monkeypatch, full_at):
    before = contents(earlier)
    opened = []
    really_open = Path.open

    def until_full(self, mode="r", *more, **options):
        if "w" in mode and ".part" in str(self):
            opened.append(self)
            if len(opened) == full_at:
                raise OSError(28, "No space left on device", str(self))
        return really_open(self, mode, *more, **options)

    monkeypatch.setattr(Path, "open", until_full)
    with pytest.raises(OSError, match="No space left on device") as caught:
        cli._call(["run", *SMALL, "--out", str(earlier)])
    assert caught.value.filename == str(earlier / str(opened[-1].relative_to(earlier.parent)).partition("/")[2])
    assert contents(earlier) == before
    assert [path.name for path in earlier.parent.iterdir()] == ["out"]


def test_garbage_collection_is_on_again_afterwards():
    with module._without_garbage_collection():
        assert not gc.isenabled()
    assert gc.isenabled()

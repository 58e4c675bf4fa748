"""`fourfronts run`: what it writes and prints, what it refuses, and what it leaves behind when it is stopped."""

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fourfronts import cli
from fourfronts.cli import run as module
from fourfronts.errors import InputError
from fourfronts.evidence.loader import EVIDENCE_CUTOFF
from fourfronts.inference import parameters
from fourfronts.inference import posterior as posteriors
from fourfronts.inference.posterior import Posterior
from fourfronts.report.results import stamp
from fourfronts.report.terminal import TALL

COMMAND = [str(Path(sys.executable).with_name("fourfronts")), "run"]
SMALL = ("--draws", "64", "--package", "drift", "--package", "hold")
FIGURES = (
    "scenarios",
    "scoreboard",
    "lead_fan",
    "compute_ratio",
    "prc_compute",
    "capability",
    "adoption",
    "distribution",
)
FILES = {
    "manifest.json",
    "summary.json",
    "futures.parquet",
    "report.html",
    *(f"figures/{name}.{kind}" for name in FIGURES for kind in ("svg", "png")),
}
SCENARIO = """
name: {name}
label: A lead of six months
description: The allied bloc leads by half a year at the end of {year}.
rationale: A test.
date: {year}-12
tests:
  lead: ["{condition}"]
rule: {{required: [lead], at_least: 0}}
"""


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
    assert len(lines) < TALL
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
    for package in summary["packages"].values():
        assert sum(each["probability"] for each in package["scenarios"].values()) == pytest.approx(1)
        assert set(package["tests"]) == set(package["contested"]) == {"commanding-lead", "neck-and-neck"}
        for board in package["scoreboard"].values():
            assert sum(board[bloc]["2028-12"] for bloc in ("allied", "prc", "rest")) == pytest.approx(1, abs=2e-6)
    assert len(summary["worldviews"]["views"]) == 7
    assert set(summary["channels_closed"]["added"]) == {"evasion", "distillation", "both"}


@pytest.fixture
def posterior(monkeypatch, tmp_path_factory):
    """A posterior of one parameter in the place of the shipped ones."""
    known, name = parameters.registry(), "intelligence.eci_per_oom"
    values = known.get(name).prior.quantile(np.linspace(0.8, 0.9, 64))[None]
    folder = tmp_path_factory.mktemp("posteriors")
    made = Posterior.made_here(EVIDENCE_CUTOFF, (name,), values, seed=1, notes={})
    made.save(folder / f"{EVIDENCE_CUTOFF}.npz")
    monkeypatch.setattr(posteriors, "FOLDER", folder)
    caches = (posteriors.calibrated, posteriors.calibrated_observation)
    for each in caches:
        each.cache_clear()
    yield made
    for each in caches:
        each.cache_clear()


def test_futures_are_drawn_from_the_posterior_and_with_prior_from_the_priors(here, posterior, tmp_path):
    options = ("--draws", "64", "--package", "drift")
    said, calibrated = here(*options), json.loads((tmp_path / "out" / "summary.json").read_text())
    words = "calibrated on evidence up to 2026-05-31"
    assert said.splitlines()[0].endswith(f"64 futures, seed 1, {words}")
    assert calibrated["posterior"] == posterior.as_json()
    report = (tmp_path / "out" / "report.html").read_text()
    assert words in report
    assert f", {words}." in stamp(calibrated)
    assert "--prior" not in json.loads((tmp_path / "out" / "manifest.json").read_text())["command"]
    said, prior = here(*options, "--prior"), json.loads((tmp_path / "out" / "summary.json").read_text())
    assert said.splitlines()[0].endswith("64 futures, seed 1, priors only, evidence up to 2026-05-31")
    assert prior["posterior"] is None
    report = (tmp_path / "out" / "report.html").read_text()
    assert "priors only, evidence up to 2026-05-31" in report
    assert ", priors only, evidence up to 2026-05-31." in stamp(prior)
    assert "--horizon 2028-12 --prior --out out</code>" in report
    for told in (
        ("packages", "drift", "outputs", "capability", "2028-12"),
        ("worldviews", "views", "normal-technology", "packages", "drift"),
        ("channels_closed", "lead_months"),
    ):
        found = [calibrated, prior]
        for key in told:
            found = [each[key] for each in found]
        assert found[0] != found[1], told


def test_a_posterior_of_another_model_is_refused_in_one_line_and_prior_runs_without(here, posterior, capsys):
    replace(posterior, model="34cd" * 16, source="").save(posteriors.FOLDER / f"{EVIDENCE_CUTOFF}.npz")
    posteriors._shipped.cache_clear()
    with pytest.raises(InputError, match=r"2026-05-31\.npz: made from another model .*calibrate; .* with: --prior$"):
        cli._call(["run", "--draws", "8"])
    assert json.loads(here("--draws", "8", "--package", "drift", "--prior", "--json"))["posterior"] is None


def test_claims_are_judged_on_the_posterior_too_and_with_prior_on_the_priors(posterior, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    told = {}
    for flags in ((), ("--prior",)):
        assert cli._call(["claims", "16", "--draws", "8", *flags, "--out", "ledger", "--json"]) == 0
        told[flags] = json.loads(capsys.readouterr().out)
        command = json.loads((tmp_path / "ledger" / "manifest.json").read_text())["command"]
        assert command.endswith(" ".join(["--horizon 2028-12", *flags, "--out ledger"]))
        words = "priors only, evidence up to" if flags else "calibrated on evidence up to"
        assert words in (tmp_path / "ledger" / "claims.html").read_text()
    assert told[()]["posterior"] == posterior.as_json()
    assert told[("--prior",)]["posterior"] is None
    assert told[()]["claims"] != told[("--prior",)]["claims"]


def test_the_report_repeats_the_command_that_makes_it(written, tmp_path):
    report = (written[0] / "report.html").read_text()
    options = "--worldview evidence --draws 64 --seed 1 --horizon 2028-12 --out out"
    command = f"fourfronts run --package drift --package hold {options}"
    assert f"<code>{command}</code>" in report
    done = run(*command.split()[2:], cwd=tmp_path)
    assert done.returncode == 0
    assert contents(tmp_path / "out") == contents(written[0])


def test_a_scenario_of_ones_own_is_counted_and_is_in_the_command_that_repeats_the_run(tmp_path, here):
    condition = "lead_months[released] >= 6"
    (tmp_path / "mine.yaml").write_text(SCENARIO.format(name="half_a_year", year=2027, condition=condition))
    said = here("--draws", "64", "--package", "drift", "--scenario", "mine.yaml", "--coupling", "lead_to_talent=off")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    own = summary["packages"]["drift"]["further_scenarios"]["half_a_year"]
    assert 0 < own["probability"] < 1
    assert any(line.startswith("half_a_year ") for line in said.splitlines())
    assert "Couplings: lead_to_talent=off." in said
    report = (tmp_path / "out" / "report.html").read_text()
    assert "A lead of six months" in report
    assert "--package drift --coupling lead_to_talent=off --scenario mine.yaml --worldview evidence" in report
    assert summary["couplings"] == ["lead_to_talent=off"]


@pytest.mark.parametrize(
    ("coupling", "output", "kind"),
    [
        ("intelligence_to_adoption", "adoption", "allied"),
        ("lead_to_talent", "talent", "allied"),
        ("intelligence_to_security", "exposure", "allied"),
    ],
)
def test_a_coupling_switched_off_changes_what_it_moves_and_left_on_nothing(here, coupling, output, kind):
    def median(*arguments):
        summary = json.loads(here("--draws", "32", "--package", "drift", "--json", *arguments))
        return summary["packages"]["drift"]["outputs"][output]["2028-12"][kind]["p50"]

    plain = median()
    assert median("--coupling", f"{coupling}=on") == plain
    assert median("--coupling", f"{coupling}=off") != plain


def test_another_worldview_moves_the_result_and_keeps_its_row_in_the_table(here):
    plain, other = (
        json.loads(here("--draws", "512", "--package", "drift", "--json", *arguments))
        for arguments in ((), ("--worldview", "algorithms-dominate"))
    )
    chances = [each["packages"]["drift"]["scenarios"]["commanding-lead"]["probability"] for each in (plain, other)]
    assert chances[1] < chances[0]
    row = plain["worldviews"]["views"]["algorithms-dominate"]["packages"]["drift"]
    assert row["scenarios"] == other["packages"]["drift"]["scenarios"]


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
    with start("--draws", "20000", "--prior", "--package", "drift", "--out", str(tmp_path / "out")) as child:
        deadline = time.monotonic() + 100
        # The folder that is made at the start to see whether one can be is gone at once, which walk does not mind.
        while not any(".part" in folder and files for folder, _, files in os.walk(tmp_path)):
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


def test_more_futures_than_joint_draws_are_told_beside_the_answer():
    draws = ("--package", "drift", "--draws", "2500", "--json")
    told = run(*draws)
    assert "2,500 futures live the 2,000 joint draws of the posterior again and again" in told.stderr
    assert json.loads(told.stdout)["draws"] == 2500
    assert "joint draws" not in run(*draws, "--prior").stderr

"""`fourfronts calibrate`, `backtest` and `forecast`: the whole path in its reduced form, and bad input."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from fourfronts.cli import group
from fourfronts.evidence.loader import EVIDENCE_CUTOFF
from fourfronts.inference import posterior, recalibration
from fourfronts.inference.posterior import Posterior, read

COMMAND = Path(sys.executable).with_name("fourfronts")


def _run(*arguments, code=0):
    done = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == code, done.stderr
    return done


def test_a_reduced_calibration_goes_all_the_way(tmp_path):
    stages, out = tmp_path / "stages", tmp_path / "out"
    told = json.loads(_run("calibrate", "--quick", "--seed", 2, "--stages", stages, "--out", out, "--json").stdout)
    assert told["cutoff"] == "2026-05-31"
    assert told["figures"] > 200
    assert set(told["agreement"]) >= {"gap_index", "nvidia_sold", "intelligence.distillation_rate"}
    found = read(out / "2026-05-31.npz")
    assert found.draws == told["draws"] == 16
    assert {"intelligence.open_rate", "observation.arena_reading", "misfit.gap_index"} <= set(found.names)
    learned = json.loads((out / "learned.json").read_text())
    assert {each["series"] for each in learned["checks"]} >= {"gap_index", "us_firms_census"}
    assert {"predictive_1.png", "predictive_4.svg", "learned.png"} <= {each.name for each in out.iterdir()}
    widths = list(csv.DictReader((out / "widths.csv").read_text(encoding="utf-8").splitlines()))
    assert [each["name"] for each in widths] == [name for name in found.names if not name.startswith("misfit.")]
    # What is finished is read and not computed again, and gives the same bytes.
    again = tmp_path / "again"
    _run("calibrate", "--quick", "--seed", 2, "--stages", stages, "--out", again)
    assert (again / "2026-05-31.npz").read_bytes() == (out / "2026-05-31.npz").read_bytes()


def test_a_reduced_back_test_goes_all_the_way(tmp_path):
    scores = tmp_path / "scores"
    said = _run("backtest", "--quick", "--seed", 2, "--stages", tmp_path / "past", "--out", scores).stdout
    assert "no worse than the best baseline in" in said
    found = json.loads((scores / "backtest.json").read_text())
    assert found["cutoffs"] == ["2025-12-31"]
    assert found["figures"] > 20
    assert 0 <= found["coverage_50"] <= found["coverage_90"] <= 1
    assert (scores / "backtest.png").stat().st_size > 10_000


def test_a_forecast_is_the_documented_table(tmp_path):
    table = tmp_path / "forecast.csv"
    _run("forecast", "--asof", "2026-05-31", "--draws", 64, "--out", table)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert list(rows[0]) == ["quantity", "actor", "unit", "month", "q05", "q25", "q50", "q75", "q95"]
    assert {row["month"] for row in rows} >= {"2026-06", "2027-12"}
    assert all(float(row["q05"]) <= float(row["q50"]) <= float(row["q95"]) for row in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["forecast", "--asof", "2025-01-01"], "no posterior of that cut-off is shipped; accepted: 2026-05-31"),
        (["forecast", "--asof", "2026-05-31", "--draws", "0"], "0 is not in the range"),
        (["calibrate", "--quick", "--ship"], "a reduced run is not to be used"),
        (["calibrate", "--figures", "nowhere.csv"], "nowhere.csv: cannot be read"),
    ],
)
def test_bad_input_is_refused(arguments, said):
    done = _run(*arguments, code=2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("troubles", "code"), [((), 0), (("samplers differ in gap_index",), 1)])
def test_a_posterior_that_its_diagnostics_doubt_is_never_shipped(troubles, code, monkeypatch, tmp_path):
    about = {"figures": 1, "loosened": [], "agreement": {}, "troubles": troubles}
    chains = {"chains": 2, "draws": 4, "rhat_largest": 1.0, "ess_bulk_smallest": 9.0, "ess_bulk_median": 9.0}
    about["chains"] = chains | {"divergences": 0, "bfmi_smallest": 1.0}
    made = Posterior.made_here(EVIDENCE_CUTOFF, ("a.b",), np.ones((1, 4)), 1, about)
    monkeypatch.setattr(recalibration, "calibrate", lambda *_, **__: recalibration.Calibration(made, {}, troubles))
    monkeypatch.setattr(posterior, "FOLDER", tmp_path / "shipped")
    done = CliRunner().invoke(group, ["calibrate", "--ship", "--stages", str(tmp_path / "stages")])
    assert done.exit_code == code, done.output
    assert (tmp_path / "shipped").exists() == (not troubles)

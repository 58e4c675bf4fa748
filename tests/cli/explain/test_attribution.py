"""`fourfronts explain attribution`: what is printed and written, the channels of the past, and bad input."""

import csv
import json

import pytest
from click.testing import CliRunner

from fourfronts.analysis.claim_runs import simulate
from fourfronts.cli import group
from fourfronts.errors import InputError
from fourfronts.inference.parameters import registry
from fourfronts.policy.grid import DEFAULT_HORIZON

SMALL = ("explain", "attribution", "--prior", "--draws", "512")
OWN = """
name: two
label: Two levers
description: Renting is ruled out, and those whom the transition displaces are supported.
levers:
  remote_access_rule: {level: 0.9, start: 2026-07, ramp_months: 12}
  transition_support: {level: 0.6, start: 2027-01, ramp_months: 18}
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text(OWN)
    return path


def test_a_package_is_taken_apart_for_every_front_and_written_in_every_form(run, own, tmp_path):
    out = tmp_path / "found"
    said = run(*SMALL, "--package", own, "--out", out)
    assert said.startswith("What each part of Two levers adds\nAgainst drift Two levers changes Lead of the allied")
    assert "Remote-access rule +" in said
    assert {path.name for path in out.iterdir()} == {
        "finding.json", "table.csv", "attribution.svg", "attribution.png", "manifest.json"
    }  # fmt: skip
    finding = json.loads((out / "finding.json").read_text())
    assert list(finding["details"]["outcomes"]) == [
        "lead_months[released]", "commanding-lead", "neck-and-neck", "adoption", "distribution", "resilience"
    ]  # fmt: skip
    assert (finding["details"]["runs"], finding["asked"]["packages"], finding["asked"]["orders"]) == (4, ["two"], 32)
    rows = list(csv.DictReader((out / "table.csv").read_text().splitlines()))
    assert len(rows) == len(finding["rows"])
    for outcome in finding["details"]["outcomes"]:
        mine = [row for row in rows if row["outcome"] == outcome]
        (whole,) = (float(row["mean"]) for row in mine if row["part"] == "all")
        for part in ("area", "lever"):
            assert sum(float(row["mean"]) for row in mine if row["part"] == part) == pytest.approx(whole, abs=1e-5)
    # The same seed gives the same bytes.
    again = tmp_path / "again"
    run(*SMALL, "--package", own, "--out", again)
    for name in ("finding.json", "table.csv", "attribution.svg"):
        assert (again / name).read_bytes() == (out / name).read_bytes()


def test_the_channels_of_the_past_share_what_closing_both_would_have_added(run, tmp_path):
    out = tmp_path / "found"
    said = run(*SMALL, "--channels", "--out", out)
    assert said.startswith(
        "How much of the PRC's closeness each illicit channel explains\nHad evasion and distillation"
    )
    assert {path.name for path in out.iterdir()} == {
        "finding.json", "table.csv", "closeness.svg", "closeness.png", "manifest.json"
    }  # fmt: skip
    finding = json.loads((out / "finding.json").read_text())
    rows = {(row["date"], row["channel"]): row for row in finding["rows"]}
    runs = dict.fromkeys(("drift", "no_evasion", "no_distillation", "no_channels"), ("lead_months.released",))
    futures = simulate(runs, {}, registry(), DEFAULT_HORIZON, draws=512, seed=1, outputs=("lead_months",))
    for date in ("2026-05", "2028-12"):
        lead = {name: futures.at(name, "lead_months.released", date) for name in runs}
        both = (lead["no_channels"] - lead["drift"]).mean()
        alone = (lead["no_evasion"] - lead["drift"]).mean()
        last = (lead["no_channels"] - lead["no_distillation"]).mean()
        assert rows[date, "both"]["mean"] == pytest.approx(both, rel=1e-5)
        assert rows[date, "evasion"]["mean"] == pytest.approx((alone + last) / 2, rel=1e-5)
        shares = rows[date, "evasion"]["mean"] + rows[date, "distillation"]["mean"]
        assert shares == pytest.approx(both, rel=1e-5)
        assert (
            rows[date, "distillation"]["p05"] < rows[date, "distillation"]["mean"] < rows[date, "distillation"]["p95"]
        )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--package", "hould"), "unknown package 'hould'"),
        (("--package", "drift"), "package drift changes no lever"),
        (("--package", "resilience"), "changes only transition_support; accepted: one that changes two levers or more"),
        (("--outcome", "leed"), "unknown outcome 'leed'"),
        (("--set", "remot_access_rule=1"), "did you mean 'remote_access_rule'"),
        (("--orders", "3"), "3 orders; accepted: an even number from 4 up"),
        (("--draws", "400000"), "runs are too many to keep; accepted here: up to"),
        (("--channels", "--package", "hold"), "--channels with --package"),
        (("--channels", "--outcome", "adoption"), "--channels with --outcome"),
        (("--channels", "--set", "remote_access_rule=1"), "--channels with --set"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(arguments, said, tmp_path):
    with pytest.raises(InputError, match=said):
        CliRunner().invoke(group, [*SMALL, *arguments, "--out", str(tmp_path / "out")], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_computed_where_it_could_not_be_written(tmp_path, monkeypatch):
    (tmp_path / "thesis.txt").write_text("mine")
    monkeypatch.setattr("fourfronts.analysis.ensemble.run_ensemble", lambda *_, **__: pytest.fail("something ran"))
    with pytest.raises(InputError, match=r"holds 'thesis\.txt'"):
        CliRunner().invoke(group, [*SMALL, "--out", str(tmp_path)], catch_exceptions=False)

"""`fourfronts explain sensitivity`: what is printed and written, and bad input."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from click.testing import CliRunner

from fourfronts.cli import group
from fourfronts.errors import InputError
from fourfronts.inference import posterior
from fourfronts.inference.parameters import registry

SMALL = ("explain", "sensitivity", "--prior", "--base", "64")
OPEN, DISTILLED = "intelligence.open_rate", "intelligence.distillation_rate"


def test_all_methods_are_printed_and_written_in_every_form(run, tmp_path):
    out = tmp_path / "found"
    said = run(*SMALL, "--out", out)
    assert said.startswith(
        f"What lead_months[released] depends on, 2028-12\nlead_months[released] in 2028-12 varies most with {OPEN} (“"
    )
    names = {"finding.json", "table.csv", "sensitivity.svg", "sensitivity.png", "manifest.json"}
    assert {path.name for path in out.iterdir()} == names
    finding = json.loads((out / "finding.json").read_text())
    rows = list(csv.DictReader((out / "table.csv").read_text().splitlines()))
    free = [each for each in registry().parameters.values() if each.prior.distribution != "fixed"]
    assert [row["kind"] for row in rows] == ["group"] * 13 + ["parameter"] * len(free)
    by_name = {row["name"]: row for row in finding["rows"]}
    assert by_name["intelligence"]["total"] > 0.7
    assert by_name["intelligence"]["morris"] is None
    assert by_name[OPEN]["total"] > 0.2
    # The faster diffusion is, the shorter the lead, by either method that tells the direction.
    assert by_name[OPEN]["slope"] < -1
    assert by_name[OPEN]["morris_mean"] < -1
    # Nothing in what trust does can reach the lead, so that it has no share at all, and no slope.
    trust = by_name["resilience.public_trust.rest"]
    assert (trust["total"], trust["morris"], trust["slope"]) == (0, 0, 0)
    agreed = finding["details"]["agreement"]
    assert {OPEN, DISTILLED} <= set(agreed["shared_by_all"])
    assert all(pair["rank_correlation"] > 0.8 and pair["shared"] >= 6 for pair in agreed["pairs"])
    assert finding["asked"]["base"] == 64
    # Every parameter and group, the two sets, Morris's trajectories and the futures that slopes are taken in.
    assert finding["asked"]["draws"] == 64 * (len(free) + 13 + 2) + 50 * (len(free) + 1) + 64
    assert "Indices are told to within" in said


def test_one_method_alone_of_a_posterior_says_what_independence_leaves_out(run, monkeypatch):
    score = np.random.default_rng(2).normal(size=400)
    values = np.exp([0.2 * score - 1, -0.3 * score - 1]).astype(np.float32)
    learnt = posterior.Posterior(date(2026, 5, 31), (OPEN, DISTILLED), values, "", "", "", 1, {})
    monkeypatch.setattr(posterior, "calibrated", lambda: replace(registry(), posterior=learnt))
    arguments = ("explain", "sensitivity", "--base", "64", "--only", "groups", "--json")
    said = run(*arguments)
    finding = json.loads(said)
    assert finding["details"]["deviation_together"] > 0
    assert any("as calibration has them together" in each for each in finding["limits"])
    assert finding["asked"]["basis"] == "calibrated to 2026-05-31"
    assert [row["kind"] for row in finding["rows"]] == ["group"] * 13
    assert run(*arguments) == said
    assert run(*arguments, "--seed", "2") != said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--base", "100"), "base 100: Sobol indices of 315 inputs need at least 64 base samples; accepted: powers of"),
        (("--base", "32"), "need at least 64 base samples"),
        (("--outcome", "leed"), "unknown outcome 'leed'"),
        (("--outcome", "lead_months[relased]"), "did you mean 'released'"),
        (("--outcome", "adoption", "--outcome", "resilience"), "outcomes adoption, resilience; accepted: one"),
        (("--package", "hould"), "unknown package 'hould'"),
        (("--at", "2028-13"), "2028-13"),
        (("--outcome", "commanding-lead", "--only", "gradients"), "commanding-lead has no gradients"),
        (("--set", "chip_controls=9"), "unknown lever 'chip_controls'"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(arguments, said, tmp_path):
    with pytest.raises(InputError, match=said.replace("[", r"\[")):
        CliRunner().invoke(group, [*SMALL, *arguments, "--out", str(tmp_path / "out")], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []


def test_an_outcome_that_never_comes_to_pass_leaves_nothing_behind(run, tmp_path):
    own = tmp_path / "runaway.yaml"
    own.write_text(
        "name: runaway\nlabel: Runaway\ndescription: A lead of a century.\nrationale: None.\ndate: 2028-12\n"
        "tests:\n  lead:\n    - lead_months[released] >= 1200\nrule:\n  required: [lead]\n  at_least: 0\n"
    )
    with pytest.raises(InputError, match="runaway: nothing varies: it is 0 in all 128 futures"):
        run(*SMALL, "--outcome", own, "--out", tmp_path / "out")
    assert list(tmp_path.iterdir()) == [own]


def test_results_are_not_written_over_anything_else(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds 'thesis\.txt'"):
        CliRunner().invoke(group, [*SMALL, "--out", str(tmp_path)], catch_exceptions=False)


def test_a_method_that_there_is_not_is_answered_with_those_there_are():
    found = CliRunner().invoke(group, [*SMALL, "--only", "moris"])
    assert found.exit_code == 2
    assert "'sobol', 'groups', 'morris', 'gradients'" in found.output


def test_the_command_is_at_hand_before_anything_slow_is_imported():
    checked = (
        "import sys, fourfronts.cli.explain.sensitivity; "
        "print([name for name in ('numpy', 'jax', 'SALib', 'pandas') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", checked], capture_output=True, text=True, check=True).stdout == "[]\n"

"""`fourfronts explain information`: what is printed and written, and bad input."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.analysis.explain.effort import asked
from fourfronts.analysis.explain.outcome import HEADLINE, needed, outcomes
from fourfronts.cli import group
from fourfronts.errors import InputError
from fourfronts.inference.parameters import registry
from fourfronts.policy.grid import Grid
from fourfronts.policy.loader import package

SMALL = ("explain", "information", "--prior", "--draws", "512")
TWO = ("--package", "drift", "--package", "close_loopholes")
LEAD = "lead_months[released]"


def test_what_is_worth_knowing_is_printed_and_written_in_every_form(run, tmp_path):
    out = tmp_path / "found"
    said = run(*SMALL, *TWO, "--out", out)
    assert said.startswith("What is worth knowing before a package is chosen\nIf effort costs nothing, Close the loop")
    names = {"finding.json", "table.csv", "information.svg", "information.png", "manifest.json"}
    assert {path.name for path in out.iterdir()} == names
    finding = json.loads((out / "finding.json").read_text())
    rows = list(csv.DictReader((out / "table.csv").read_text().splitlines()))
    assert [row["outcome"] for row in rows if row["kind"] == "everything"] == [LEAD, "commanding-lead"]
    # Knowing everything is worth, to the digit, what the futures of the two packages say.
    outputs, _ = needed(outcomes(HEADLINE))
    names = ("drift", "close_loopholes")
    ran = run_ensemble(names, draws=512, seed=1, monthly=0, outputs=outputs, parameters=registry())
    curve = finding["details"]["curves"][LEAD]
    effort = np.array([asked(package(name), Grid()).effort for name in names])
    leads = np.array([ran[name].at("lead_months", "2028-12", "released") for name in names], dtype=float)
    utility = leads - curve["price"] * effort[:, None]
    expected = utility.max(axis=0).mean() - utility.mean(axis=1).max()
    assert finding["rows"][0]["value"] == pytest.approx(expected, rel=1e-3)
    for row in finding["rows"]:
        assert 0 <= row["value"] <= 1.0001 * expected or row["outcome"] != LEAD


def test_records_price_and_outcome_are_the_users(run):
    said = run(*SMALL, *TWO, "--outcome", LEAD, "--price", "0.2", "--sites", "7", "--campaigns", "3", "--json")
    finding = json.loads(said)
    assert {row["price"] for row in finding["rows"]} == {0.2}
    assert finding["details"]["instruments"]["custody_reconciliation"]["records"] == 7
    assert "3 campaigns" in finding["sentences"][-1]
    assert (finding["asked"]["sites"], finding["asked"]["campaigns"], finding["asked"]["price"]) == (7, 3, 0.2)


def test_the_strictest_of_two_always_wins_without_a_price(run):
    said = run(*SMALL, "--package", "none", "--package", "close_loopholes", "--outcome", LEAD, "--price", "0", "--json")
    (row,) = json.loads(said)["rows"]
    assert row["value"] == 0
    assert "One package is best in every future" in json.loads(said)["sentences"][0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--package", "drift"), "only drift to choose from; accepted: two packages or more"),
        (("--package", "drfit", "--package", "hold"), "unknown package 'drfit': did you mean 'drift'"),
        (("--draws", "255"), "draws 255 are too few.*accepted: 256 or more"),
        (("--outcome", "leed"), "unknown outcome 'leed'"),
        (("--price", "1"), "price 1 for .*accepted: a price of one --outcome"),
        (("--set", "hbm_controls=2"), "level 2 is out of range"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_computed(run, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("fourfronts.cli.explain.information._found", lambda *_: pytest.fail("it began"))
    with pytest.raises(InputError, match=words):
        run(*SMALL, *arguments, "--out", "found")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"), [(("--price", "-1"), "x>=0"), (("--sites", "0"), "x>=1"), (("--campaigns", "x"), "'x'")]
)
def test_numbers_out_of_range_are_refused(arguments, words):
    found = CliRunner().invoke(group, [*SMALL, *arguments])
    assert found.exit_code == 2
    assert words in found.output

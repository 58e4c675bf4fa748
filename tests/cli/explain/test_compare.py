"""`fourfronts explain compare`: what is printed and written, and bad input."""

import csv
import json

import pytest
from click.testing import CliRunner

from fourfronts.analysis.explain import outcome
from fourfronts.cli import group
from fourfronts.cli.explain import common
from fourfronts.errors import InputError

SMALL = ("explain", "compare", "--prior", "--draws", "512")


def test_a_finding_is_printed_and_written_in_every_form(run, tmp_path):
    out = tmp_path / "found"
    said = run(*SMALL, "--package", "hold", "--outcome", "lead_months[released]", "--out", out)
    assert said.startswith(
        "What changes against Drift\nLead of the allied over the PRC frontier (released), 2028-12, under Hold: +"
    )
    names = {"finding.json", "table.csv", "compare.svg", "compare.png", "manifest.json"}
    assert {path.name for path in out.iterdir()} == names
    finding = json.loads((out / "finding.json").read_text())
    (row,) = csv.DictReader((out / "table.csv").read_text().splitlines())
    assert float(row["mean"]) == finding["rows"][0]["mean"] > 0
    assert finding["asked"]["packages"] == ["drift", "hold"]
    assert finding["asked"]["basis"] == "priors only, evidence up to 2026-05-31"
    # The same seed gives the same bytes.
    again = tmp_path / "again"
    run(*SMALL, "--package", "hold", "--outcome", "lead_months[released]", "--out", again)
    assert (again / "compare.svg").read_bytes() == (out / "compare.svg").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--package", "hould"), "unknown package 'hould'"),
        (("--package", "drift"), "two packages are called 'drift'"),
        (("--outcome", "leed"), "unknown outcome 'leed'"),
        (("--at", "2028-13"), "2028-13"),
        (("--worldview", "papr"), "did you mean 'paper'"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(arguments, said, tmp_path):
    with pytest.raises(InputError, match=said):
        CliRunner().invoke(group, [*SMALL, *arguments, "--out", str(tmp_path / "out")], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []


def test_what_is_asked_about_unless_told_is_the_headline_of_the_analyses():
    assert common.HEADLINE == outcome.HEADLINE


def test_results_are_not_written_over_anything_else(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds 'thesis\.txt'"):
        CliRunner().invoke(group, [*SMALL, "--out", str(tmp_path)], catch_exceptions=False)


def test_an_unknown_question_is_answered_with_those_there_are():
    found = CliRunner().invoke(group, ["explain", "compair"])
    assert found.exit_code == 2
    assert "compare" in found.output

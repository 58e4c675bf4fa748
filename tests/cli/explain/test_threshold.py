"""`fourfronts explain threshold`: what is printed and written, and bad input."""

import csv
import json

import pytest
from click.testing import CliRunner

from fourfronts.cli import group
from fourfronts.errors import InputError

SMALL = ("explain", "threshold", "--prior", "--draws", "512")
LEVER = ("--lever", "prc_evasion_effort")


def test_the_least_change_is_found_and_written_in_every_form(run, tmp_path):
    out = tmp_path / "found"
    asked = (*LEVER, "--parameter", "intelligence.open_rate", "--parameter", "access.alignment_floor")
    said = run(*SMALL, "--line", "10", *asked, "--out", out)
    assert said.startswith("What it takes to get below 10 months\n")
    assert {path.name for path in out.iterdir()} == {
        "finding.json", "table.csv", "threshold.svg", "threshold.png", "manifest.json"
    }  # fmt: skip
    finding = json.loads((out / "finding.json").read_text())
    assert finding["asked"]["line"] == 10
    assert (finding["details"]["side"], finding["details"]["statistic"]) == ("below", "median")
    rows = list(csv.DictReader((out / "table.csv").read_text().splitlines()))
    assert [row["name"] for row in rows] == [
        "prc_evasion_effort", "intelligence.open_rate", "access.alignment_floor"
    ]  # fmt: skip
    assert [row["answer"] for row in rows] == ["reached", "reached", "out of reach"]
    for row in rows[:2]:
        assert float(row["value"]) <= 10 < float(row["short_of_it"]) < 10.1
    # The same seed gives the same answer.
    assert json.loads(run(*SMALL, "--line", "10", *asked, "--json")) == finding


def test_two_levers_are_drawn_as_a_frontier(run, tmp_path):
    out = tmp_path / "found"
    said = run(*SMALL, "--line", "8", *LEVER, "--lever", "release_gating", "--out", out)
    assert "Together it takes least with PRC evasion effort at" in said
    rows = list(csv.DictReader((out / "table.csv").read_text().splitlines()))
    assert {row["with"] for row in rows if row["kind"] == "pair"} == {"release_gating"}
    assert "On the line: below 8 months" not in said
    assert (out / "threshold.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--line", "100", "--below"), "below 100 already: the answer is no change"),
        (("--line", "6", "--lever", "evasion"), "unknown lever 'evasion'"),
        (("--line", "6", "--parameter", "intelligence.open_rat"), "did you mean 'intelligence.open_rate'"),
        (("--line", "6", "--outcome", "leed"), "unknown outcome 'leed'"),
        (("--line", "0.4", "--outcome", "commanding-lead", "--statistic", "p95"), "accepted: mean"),
        (("--line", "40", "--outcome", "commanding-lead"), "line 40 is no probability"),
        (("--line", "nan"), "line nan is no number"),
        (("--line", "6", "--from", "soon"), "--from 'soon' is not a month"),
        (("--line", "6", "--from", "2031-01"), "start 2031-01 is after the date of the outcome"),
        (("--line", "6", "--beside", "commanding-lead", "--at", "2030-12"), "accepted: an outcome of 2030-12"),
        (("--line", "6", "--package", "hould"), "unknown package 'hould'"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(arguments, said, tmp_path):
    out = tmp_path / "found"
    with pytest.raises(InputError) as refused:
        CliRunner().invoke(group, [*SMALL, "--out", str(out), *arguments], catch_exceptions=False)
    assert said in str(refused.value)
    assert not out.exists()


def test_a_line_must_be_given():
    found = CliRunner().invoke(group, ["explain", "threshold", "--prior"])
    assert found.exit_code == 2
    assert "Missing option '--line'" in found.output

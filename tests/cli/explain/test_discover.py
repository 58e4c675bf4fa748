"""`fourfronts explain discover`: what is printed and written, and bad input."""

import csv
import json

import pytest
from click.testing import CliRunner

from fourfronts.cli import group
from fourfronts.errors import InputError

SMALL = ("explain", "discover", "--prior", "--draws", "512")
SCENARIO = """
name: slim
label: A slim lead
description: The lead at the end of 2028 is under ten months.
rationale: A test.
date: 2028-12
tests:
  lead: ["lead_months[released] < 10"]
rule: {required: [lead], at_least: 0}
"""


def test_conditions_are_found_and_written_in_every_form(run, tmp_path):
    out = tmp_path / "found"
    said = run(*SMALL, "--outcome", "lead_months[released] < 10", "--out", out)
    assert said.startswith("Conditions for: Lead of the allied over the PRC frontier (released) < 10 months, 2028-12\n")
    assert "of the futures with" in said
    assert {path.name for path in out.iterdir()} == {
        "finding.json", "table.csv", "discover.svg", "discover.png", "manifest.json"
    }  # fmt: skip
    finding = json.loads((out / "finding.json").read_text())
    tested = finding["details"]["methods"]["PRIM"]["tested_in"]
    assert tested["futures"] == 256
    # Denser than all futures, beyond the error of counting.
    assert tested["density_range"][0] > tested["of_all"]
    rows = list(csv.DictReader((out / "table.csv").read_text().splitlines()))
    assert {row["method"] for row in rows} == {"PRIM", "CART"}
    assert "intelligence.open_rate" in {row["parameter"] for row in rows}
    # The same seed gives the same bytes.
    again = tmp_path / "again"
    run(*SMALL, "--outcome", "lead_months[released] < 10", "--out", again)
    for name in ("finding.json", "table.csv", "discover.svg"):
        assert (again / name).read_bytes() == (out / name).read_bytes()


def test_a_scenario_of_ones_own_is_read_at_its_own_date(run, tmp_path):
    (tmp_path / "slim.yaml").write_text(SCENARIO)
    said = json.loads(
        run(*SMALL, "--json", "--most-dimensions", "1", "--at", "2027-12", "--outcome", tmp_path / "slim.yaml")
    )
    assert said["details"]["date"] == "2028-12"
    assert said["asked"]["most_dimensions"] == 1
    assert [row["method"] for row in said["rows"]] == ["PRIM", "CART"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--outcome", "comanding-lead"), "did you mean 'commanding-lead'"),
        (("--outcome", "adoption"), "is a number in every future; accepted: a scenario"),
        (("--outcome", "lead_months[released] < soon"), "found 'lead_months[released] < soon'"),
        (("--outcome", "lead_months[released] > 500"), "holds in none of 512 futures"),
        (("--outcome", "lead_months[released] > -500"), "holds in all of 512 futures"),
        (("--outcome", "lead_months[released] > 29"), "which are too few; accepted: 40 or more"),
        (("--package", "hould"), "unknown package 'hould'"),
        (("--set", "remot_access_rule=1"), "did you mean 'remote_access_rule'"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(arguments, said, tmp_path):
    out = tmp_path / "found"
    with pytest.raises(InputError) as refused:
        CliRunner().invoke(group, [*SMALL, "--out", str(out), *arguments], catch_exceptions=False)
    assert said in str(refused.value)
    assert not out.exists()


def test_a_missing_library_is_told_with_the_way_out(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ema_workbench" else True)
    with pytest.raises(InputError, match=r"needs ema_workbench; install with: pip install 'fourfronts\[explain\]'"):
        CliRunner().invoke(group, [*SMALL], catch_exceptions=False)

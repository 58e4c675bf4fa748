"""`fourfronts explain timing`: what is printed and written, and bad input."""

import csv
import json

import pytest
from click.testing import CliRunner

from fourfronts.cli import group
from fourfronts.errors import InputError

SMALL = ("explain", "timing", "--prior", "--draws", "512")


def test_a_package_is_begun_at_every_date_and_written_in_every_form(run, tmp_path):
    out = tmp_path / "found"
    grid = ("--first", "2026-07", "--last", "2027-07", "--every", "6", "--threshold", "0.3")
    said = run(*SMALL, *grid, "--out", out)
    assert said.startswith("When to begin Hold\nBegun in 2026-07, Hold changes Lead of the allied")
    assert {path.name for path in out.iterdir()} == {
        "finding.json", "table.csv", "timing.svg", "timing.png", "manifest.json"
    }  # fmt: skip
    finding = json.loads((out / "finding.json").read_text())
    assert finding["asked"]["starts"] == ["2026-07", "2027-01", "2027-07"]
    assert finding["details"]["last_date"]["threshold"] == 0.3
    rows = list(csv.DictReader((out / "table.csv").read_text().splitlines()))
    gains = [float(row["gain"]) for row in rows if row["outcome"] == "lead_months[released]"]
    # Beginning earlier adds more, and drift adds nothing to itself.
    assert gains == sorted(gains, reverse=True)
    assert gains[0] > 1 > gains[-1] == 0
    # The same seed gives the same bytes.
    again = tmp_path / "again"
    run(*SMALL, *grid, "--out", again)
    for name in ("finding.json", "table.csv", "timing.svg"):
        assert (again / name).read_bytes() == (out / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--package", "hould"), "unknown package 'hould'"),
        (("--package", "drift"), "package drift changes no lever"),
        (("--outcome", "leed"), "unknown outcome 'leed'"),
        (("--set", "remot_access_rule=1"), "did you mean 'remote_access_rule'"),
        (("--first", "2028-01", "--last", "2027-01"), "last 2027-01 is not after first 2028-01"),
        (("--first", "soon"), "first 'soon' is not a month"),
        (("--last", "2029-03"), "after the month that is asked about; accepted: up to 2028-12"),
        (("--first", "2025-01"), "first 2025-01 is past"),
        (("--every", "0"), "every 0 months; accepted: 1 or more"),
        (("--threshold", "30"), "threshold 30 is out of range; accepted: a probability, 0 to 1"),
        (("--threshold", "0.3", "--outcome", "adoption"), "needs a scenario among the outcomes"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(arguments, said, tmp_path):
    with pytest.raises(InputError, match=said):
        CliRunner().invoke(group, [*SMALL, *arguments, "--out", str(tmp_path / "out")], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []

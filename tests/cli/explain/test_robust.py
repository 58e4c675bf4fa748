"""`fourfronts explain robust`: scores and searches as printed and written, and bad input."""

import csv
import json

import pytest
from click.testing import CliRunner

from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.analysis.explain.outcome import HEADLINE, needed, outcomes
from fourfronts.cli import group
from fourfronts.errors import InputError
from fourfronts.inference.parameters import registry
from fourfronts.inference.worldviews import under
from fourfronts.policy.loader import package, worldview

SMALL = ("explain", "robust", "--prior", "--draws", "512")
TWO = ("--package", "drift", "--package", "hold")
SEARCH = (*SMALL, "--search", "--generations", "2", "--population", "28", *TWO)
OUTPUTS, _ = needed(outcomes(HEADLINE))


@pytest.fixture(scope="module")
def searched(run, tmp_path_factory):
    out = tmp_path_factory.mktemp("search") / "found"
    return run(*SEARCH, "--out", out), out


def test_packages_are_scored_in_every_worldview_and_written_in_every_form(run, tmp_path):
    out = tmp_path / "found"
    said = run(*SMALL, *TWO, "--out", out)
    assert said.startswith("Packages across 7 worldviews\nHold is best in lead_months[released] in all 7 worldviews.\n")
    names = {"finding.json", "table.csv", "robust.svg", "robust.png", "manifest.json"}
    assert {path.name for path in out.iterdir()} == names
    rows = list(csv.DictReader((out / "table.csv").read_text().splitlines()))
    assert len(rows) == 2 * (len(HEADLINE) + 1)
    # What is told of a worldview is what a run under it gives.
    finding = json.loads((out / "finding.json").read_text())
    views = list(finding["details"]["views"])
    options = {"draws": 512, "seed": 1, "monthly": 0, "outputs": OUTPUTS}
    ran = run_ensemble([package("hold")], parameters=under(registry(), worldview("takeoff")), **options)["hold"]
    mean = finding["details"]["means"]["lead_months[released]"][1][views.index("takeoff")]
    assert mean == pytest.approx(ran.at("lead_months", "2028-12", "released").mean(), rel=1e-5)
    assert finding["asked"]["condition"] == "lead_months[released] >= 12"


def test_conditions_and_directions_are_the_users(run, tmp_path):
    said = run(
        *SMALL, *TWO, "--outcome", "lead_months[released]", "--less", "lead_months[released]", "--condition",
        "lead_months[released] >= 6", "--condition", "adoption[allied] > adoption[prc]", "--json",
    )  # fmt: skip
    finding = json.loads(said)
    assert finding["sentences"][0] == "Drift is best in lead_months[released] in all 7 worldviews."
    assert [row["outcome"] for row in finding["rows"]][::2] == [
        "lead_months[released]",
        "lead_months[released] >= 6 and adoption[allied] > adoption[prc]",
    ]


def test_a_search_gives_packages_that_none_beats_and_files_that_run(run, searched):
    said, out = searched
    assert said.startswith("Packages that none beats on 7 objectives at once\nThe search found ")
    finding = json.loads((out / "finding.json").read_text())
    kinds = [row["kind"] for row in finding["rows"]]
    assert kinds.count("given") == 2
    assert (out / "robust.png").stat().st_size > 10_000
    inside = [row for row in finding["rows"] if row["kind"] != "given"]
    more, less = ("lead", "commanding", "adoption", "distribution", "worst"), ("effort", "usd_billion_low")
    for one in inside:
        for other in inside:
            no_worse = all(other[name] >= one[name] for name in more) and all(other[name] <= one[name] for name in less)
            better = any(other[name] > one[name] for name in more) or any(other[name] < one[name] for name in less)
            assert not (no_worse and better)
    # The package hold was in the first generation: what beats it or it itself is left.
    assert max(row["lead"] for row in inside) > finding["rows"][-2]["lead"]
    files = finding["details"]["files"]
    assert set(files) == {f"{row['package']}.yaml" for row in inside if row["kind"] == "short list"}
    for name, text in files.items():
        assert (out / name).read_text() == text
    assert ", ".join(files) in said.splitlines()[-1]
    name = next(iter(files))
    again = json.loads(run(*SMALL, "--package", "drift", "--package", out / name, "--seed", "2", "--json"))
    row = next(row for row in finding["rows"] if f"{row['package']}.yaml" == name)
    means = again["details"]["means"]["lead_months[released]"][1]
    # A search judges what it found in the futures of the next seed.
    assert means[list(again["details"]["views"]).index("evidence")] == pytest.approx(row["lead"], rel=1e-5)
    assert min(means) == pytest.approx(row["worst"], rel=1e-5)


def test_a_search_of_some_levers_leaves_the_others_alone_and_takes_the_same_way_each_time(run, tmp_path):
    arguments = (*SEARCH, "--lever", "hbm_controls", "--lever", "remote_access_rule", "--json")
    first, again = run(*arguments), run(*arguments)
    assert first == again
    finding = json.loads(first)
    moved = {name for moves in finding["details"]["moves"].values() for name in moves}
    assert moved <= {"hbm_controls", "remote_access_rule"}
    assert finding["asked"]["levers"] == ["hbm_controls", "remote_access_rule"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--package", "drift"), "only drift to score; accepted: two packages or more"),
        (("--package", "hodl"), "unknown package 'hodl': did you mean 'hold'"),
        (("--outcome", "lead_month[released]"), "unknown output 'lead_month': did you mean 'lead_months'"),
        (("--condition", "lead_months[released] >> 3"), "accepted: OUTPUT"),
        (("--condition", "lead_months[released]"), "accepted: a scenario"),
        (("--less", "distribution_share"), "less: unknown outcome 'distribution_share'"),
        (("--worldview", "papr"), "unknown worldview 'papr': did you mean 'paper'"),
        (("--search", "--outcome", "resilience"), "--search, which has its own objectives"),
        (("--search", "--population", "20"), "population 20 is too small.*7 objectives need 28; accepted: 28 or more"),
        (("--search", "--lever", "hbm_control"), "unknown lever 'hbm_control': did you mean 'hbm_controls'"),
        (("--search", "--lever", "prc_import_openness"), "'prc_import_openness' is a response of the PRC"),
        (("--search", "--lever", "hbm_controls", "--set", "hbm_controls=1"), "every lever is held by a setting"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(run, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=words):
        run(*SMALL, *arguments, "--out", "found")
    assert list(tmp_path.iterdir()) == []


def test_a_condition_that_nothing_meets_is_told_and_nothing_is_written(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"'lead_months\[released\] >= 1000': no future meets it"):
        run(*SMALL, *TWO, "--condition", "lead_months[released] >= 1000", "--out", "found")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"), [(("--keep", "2"), "0<=x<=1"), (("--generations", "0"), "1<=x"), (("--draws", "0"), "1<=x")]
)
def test_numbers_out_of_range_are_refused(arguments, words):
    found = CliRunner().invoke(group, [*SMALL, *arguments])
    assert found.exit_code == 2
    assert words in found.output


def test_a_folder_that_holds_something_else_is_left_alone(run, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"notes\.txt"):
        run(*SMALL, *TWO, "--out", tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"

"""What `fourfronts run` and `fourfronts report` refuse: one line each, before anything slow is imported."""

import os
import subprocess
import sys

import pytest

from fourfronts import cli
from fourfronts.cli import run as module
from fourfronts.cli.plan import check_memory
from fourfronts.errors import InputError

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


@pytest.fixture
def refused(capsys, monkeypatch, tmp_path):
    """The one line with which the command refuses these arguments, before anything slow is imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "_simulate", lambda *_: pytest.fail("the run began"))
    # What pytest captures has no file descriptor to be silenced.
    monkeypatch.setattr(cli, "_silence_stdout", lambda: None)

    def refuse(*arguments):
        with pytest.raises(SystemExit) as leaving:
            cli.main(["run", *arguments])
        said = capsys.readouterr()
        assert (leaving.value.code, said.out) == (2, "")
        assert said.err.startswith("fourfronts: ")
        assert said.err.count("\n") == 1
        assert list(tmp_path.glob("out*")) == []
        return said.err

    return refuse


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--package", "drfit"), ("unknown package 'drfit'", "did you mean 'drift'?")),
        (("--package", "nowhere.yaml"), ("nowhere.yaml", "no such file")),
        (("--package", "drift", "--package", "drift"), ("two packages are called 'drift'",)),
        (("--set", "remote_acces_rule=1"), ("unknown lever", "did you mean 'remote_access_rule'?")),
        (("--set", "remote_access_rule"), ("has no '='", "LEVER=VALUE")),
        (("--set", "remote_access_rule=high"), ("'high' is not a number",)),
        (("--set", "remote_access_rule=1.5"), ("level 1.5 is out of range", "0 to 1")),
        (("--set", "remote_access_rule=nan"), ("out of range",)),
        (("--set", "remote_access_rule=1@2027-13"), ("'2027-13' is not a month", "YYYY-MM")),
        (("--set", "remote_access_rule=1@2029-01"), ("2029-01 is outside this run", "2028-12")),
        (("--set", "hbm_controls=1", "--set", "hbm_controls=0"), ("set twice",)),
        (("--worldview", "evidense"), ("unknown worldview", "did you mean 'evidence'?")),
        (("--coupling", "lead_to_talnet=off"), ("unknown coupling", "did you mean 'lead_to_talent'")),
        (("--coupling", "lead_to_talent"), ("has no '='", "off, on, or a number")),
        (("--coupling", "lead_to_talent=much"), ("found 'much'", "off, on, or a number from 0 up")),
        (("--coupling", "lead_to_talent=off", "--coupling", "lead_to_talent=2"), ("given twice",)),
        (("--coupling", "lead_to_safety=50"), ("lead_to_safety", "factor 50", "accepted: factors under")),
        (("--scenario", "nowhere.yaml"), ("nowhere.yaml", "no such file")),
        (("--draws", "0"), ("'--draws'", "1<=x<=1000000")),
        (("--draws", "-5"), ("'--draws'",)),
        (("--draws", "many"), ("'--draws'", "'many'")),
        (("--draws", "1000001"), ("'--draws'",)),
        (("--seed", "-1"), ("'--seed'", "0<=x<=4294967295")),
        (("--seed", "4294967296"), ("'--seed'",)),
        (("--horizon", "2026-05"), ("horizon 2026-05 is out of range", "2026-06 to 2035-12")),
        (("--horizon", "2036-01"), ("out of range",)),
        (("--horizon", "soon"), ("'soon' is not a month",)),
        (("--horizn", "2028-12"), ("Did you mean '--horizon'?",)),
        (("stray",), ("stray",)),
        (("--out", ""), ("the folder you are in",)),
    ],
)
def test_bad_input_is_one_line_that_says_what_is_accepted(refused, arguments, words):
    said = refused(*arguments)
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: mine\n  label: [", ("line 2, column 8",)),
        ("name: mine\nlabel: Mine\ndescription: x\nlevers:\n  hbm_controls: {level: 2, start: 2027-01}", ("0 to 1",)),
        (
            "name: mine\nlabel: Mine\ndescription: x\nlevers:\n  hbm_control: {level: 1, start: 2027-01}",
            ("hbm_controls",),
        ),
        ("name: mine\nlabel: Mine\ndescription: x\nlever: {}", ("unknown field 'lever'", "levers")),
        ("name: mine\nname: yours\n", ("line 2", "given twice")),
        ("", ("mapping",)),
    ],
)
def test_a_faulty_package_file_is_named_with_the_place_of_the_fault(refused, tmp_path, text, words):
    (tmp_path / "mine.yaml").write_text(text)
    said = refused("--package", "mine.yaml")
    assert "mine.yaml" in said
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"condition": "leed_months[released] >= 6"}, ("unknown output 'leed_months'", "did you mean 'lead_months'")),
        ({"condition": "lead_months[relaesed] >= 6"}, ("unknown kind", "did you mean 'released'")),
        ({"condition": "lead_months[released] is 6"}, ("tests",)),
        ({"year": "2031"}, ("date: found 2031-12", "2028-12")),
        ({"name": "contested"}, ("name: found 'contested'",)),
    ],
)
def test_a_faulty_scenario_file_is_named_with_its_fault(refused, tmp_path, fields, words):
    given = {"name": "mine", "year": "2027", "condition": "lead_months[released] >= 6"} | fields
    (tmp_path / "mine.yaml").write_text(SCENARIO.format(**given))
    said = refused("--scenario", "mine.yaml")
    assert "mine.yaml" in said
    for word in words:
        assert word in said


def test_two_scenarios_of_one_name_are_refused(refused, tmp_path):
    for name in ("a.yaml", "b.yaml"):
        given = {"name": "mine", "year": "2027", "condition": "lead_months[released] >= 6"}
        (tmp_path / name).write_text(SCENARIO.format(**given))
    assert "found 'mine', as in a.yaml" in refused("--scenario", "a.yaml", "--scenario", "b.yaml")


def test_two_files_with_one_name_are_both_named(refused, tmp_path):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("name: mine\nlabel: Mine\ndescription: x\nlevers: {}\n")
    said = refused("--package", "a.yaml", "--package", "b.yaml")
    assert "two packages are called 'mine' (a.yaml and b.yaml)" in said


@pytest.mark.parametrize("out", ["taken", "taken/deep/out", "mine"])
def test_a_place_that_cannot_take_the_results_is_refused_before_the_work(refused, tmp_path, out):
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    assert out.split("/")[0] in refused("--out", out)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_a_run_too_large_for_the_machine_is_refused_with_what_would_fit(monkeypatch):
    monkeypatch.setattr(os, "sysconf", lambda name: {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 250_000}[name])
    check_memory(4, 2000, 2028)
    with pytest.raises(InputError, match=r"1,000,000 under 4 packages need about \d+ GB, and this machine has 1;"):
        check_memory(4, 1_000_000, 2028)


def test_options_are_checked_before_anything_slow_is_imported():
    checked = "from fourfronts.cli import plan; import sys; plan.plan(couplings=['lead_to_talent=off']); "
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            checked + "print({'jax', 'matplotlib', 'pyarrow', 'scipy', 'jinja2'} & set(sys.modules))",
        ],
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("set()\n", "")

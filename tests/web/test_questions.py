"""Long questions: a stream of progress and a last line, the answer of the command line, ended when nobody listens."""

import json
import time

import httpx
import pytest
from click.testing import CliRunner

from fourfronts.cli import group
from fourfronts.cli.serve import questions
from fourfronts.web.limits import Limits
from fourfronts.web.options import OPTIONS


def ask(client, name, **options):
    """The lines of a stream, and whether all but the last are progress."""
    with client.stream("POST", f"/analyses/{name}", json=options) as found:
        assert found.status_code == 200, found.read()
        assert found.headers["content-type"].startswith("application/x-ndjson")
        lines = [json.loads(line) for line in found.iter_lines()]
    assert all(list(line) == ["progress"] for line in lines[:-1])
    return lines


def test_a_finding_is_that_of_the_command_line(client):
    lines = ask(client, "compare", state={"package": "hold", "draws": 300, "seed": 4})
    arguments = ["explain", "compare", "--package", "hold", "--draws", "300", "--seed", "4", "--json"]
    done = CliRunner().invoke(group, arguments, catch_exceptions=False)
    assert lines[-1]["finding"] == json.loads(done.output)
    assert any("futures" in line["progress"] for line in lines[:-1])


def test_levers_of_the_page_are_what_is_asked_about(client):
    state = {"levers": {"export_finance": {"level": 1.0}, "threat_sharing": {"level": 1.0}}, "draws": 256}
    finding = ask(client, "attribution", state=state, outcomes=["lead_months[released]"])[-1]["finding"]
    named = json.dumps(finding["rows"])
    assert "export_finance" in named
    assert "threat_sharing" in named
    assert finding["asked"]["packages"] == ["yours"]


def test_what_is_assumed_reaches_the_question(client):
    for changed in ({"worldview": "paper"}, {"parameters": {"intelligence.open_rate": 1.5}}, {"prior": True}):
        base, other = (
            ask(client, "compare", state={"package": "hold", "draws": 128, **more})[-1]["finding"]["rows"]
            for more in ({}, changed)
        )
        assert base != other, changed


def test_what_cannot_be_asked_is_the_last_line(client):
    lines = ask(client, "compare", state={"draws": 64})
    assert lines[-1]["problem"]["status"] == 422
    assert "two packages are called 'drift'" in lines[-1]["problem"]["detail"]
    lines = ask(client, "compare", state={"package": "hold", "draws": 64}, outcomes=["led"])
    assert "unknown outcome 'led'" in lines[-1]["problem"]["detail"]


@pytest.mark.parametrize(
    ("name", "options", "field"),
    [
        ("compare", {"outcomes": ["../../secret.yaml"]}, "outcomes.0"),
        ("compare", {"outcomes": ["mine.yaml"]}, "outcomes.0"),
        ("compare", {"baseline": "/etc/passwd"}, "baseline"),
        ("discover", {"outcome": "scenario.yml"}, "outcome"),
        ("robust", {"packages": ["./mine.yaml"]}, "packages.0"),
        ("timing", {"every": 0}, "every"),
        ("threshold", {}, "line"),
        ("sensitivity", {"base": 100_000}, "base"),
        ("attribution", {"order": 2}, None),
    ],
)
def test_options_are_checked_before_anything_is_computed(client, name, options, field):
    found = client.post(f"/analyses/{name}", json=options)
    assert found.status_code == 422, found.text
    assert found.json().get("field") == field


def test_every_question_of_the_page_is_asked_with_options_that_the_command_line_has():
    known = questions()
    assert set(OPTIONS) == set(known)
    for name, options in OPTIONS.items():
        given = options.model_validate({"line": 1.0} if name == "threshold" else {}).given()
        assert set(given) <= {*known[name].defaults, "draws"}, name


def test_who_leaves_ends_the_question(serving):
    with serving(Limits(questions=1)) as alone:
        lane, end = alone.app.state.runner.questions, time.monotonic() + 120
        asked = {"state": {"package": "hold", "draws": 4000}, "every": 1}
        with httpx.Client(base_url=f"{alone.url}/api/v1", timeout=120) as client:
            with client.stream("POST", "/analyses/timing", json=asked) as found:
                next(found.iter_lines())
                while not lane.under_way and time.monotonic() < end:
                    time.sleep(0.01)
                assert lane.under_way == 1
            while lane.under_way and time.monotonic() < end:
                time.sleep(0.02)
        assert lane.under_way == 0


def test_what_takes_too_long_ends_with_a_problem(serving):
    with (
        serving(Limits(question_seconds=0.05)) as hasty,
        httpx.Client(base_url=f"{hasty.url}/api/v1", timeout=120) as client,
    ):
        lines = ask(client, "timing", state={"package": "hold", "draws": 4000})
    assert "took longer" in lines[-1]["problem"]["detail"]

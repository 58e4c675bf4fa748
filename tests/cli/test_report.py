"""`fourfronts report`: what a run writes, and with --full claims, back-cast and questions as well."""

import csv
import html
import json

import pytest

from fourfronts import cli
from fourfronts.cli.explain import whole
from fourfronts.errors import InputError

SMALL = ("--draws", "256", "--package", "drift", "--package", "hold", "--package", "loosen")


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """The folder of one full report."""
    target = tmp_path_factory.mktemp("report") / "out"
    assert cli._call(["report", "--full", *SMALL, "--out", str(target)]) == 0
    return target


def test_the_full_report_has_claims_back_cast_and_every_package_in_the_worldview_table(full):
    files = {path.relative_to(full).as_posix() for path in full.rglob("*") if path.is_file()}
    assert {"report.html", "summary.json", "futures.parquet", "claims.json", "manifest.json"} <= files
    assert {name for name in files if "backcast" in name}
    page = (full / "report.html").read_text()
    for section in ("answer", "scenarios", "scoreboard", "worldviews", "channels", "backcast", "claims", "limits"):
        assert f'<section id="{section}"' in page
        assert f'href="#{section}"' in page
    summary = json.loads((full / "summary.json").read_text())
    assert list(summary["worldviews"]["packages"]) == ["drift", "hold", "loosen"]
    assert summary["backcast"]
    claims = json.loads((full / "claims.json").read_text())["claims"]
    assert len(claims) == 19
    assert all(f'id="claim-{each["number"]}"' in page for each in claims)


def test_every_question_has_its_sentences_its_picture_its_table_and_its_files(full):
    page = (full / "report.html").read_text()
    assert 'href="#questions"' in page
    for name, question in whole.QUESTIONS.items():
        _, _, rest = page.partition(f'<section id="question-{name}"')
        section = rest.partition("</section>")[0]
        assert f'<h3 id="h-question-{name}">{question.text}</h3>' in section
        told = json.loads((full / "findings" / f"{name}.json").read_text())
        assert told["sentences"]
        plain = html.unescape(section)
        assert [each for each in told["sentences"] if f"<p>{each}</p>" not in plain] == []
        assert f'<figure id="figure-question_{name}">' in section
        assert ("<table" in section) is bool(told["rows"])
        assert f"fourfronts explain {question.command} " in section
        rows = list(csv.reader((full / "findings" / f"{name}.csv").read_text().splitlines()))
        assert len(rows) == len(told["rows"]) + 1
        assert (full / "figures" / f"question_{name}.png").stat().st_size > 10_000


def test_it_says_how_to_make_it_again(full):
    page = (full / "report.html").read_text()
    options = (
        "--package drift --package hold --package loosen --worldview evidence --draws 256 --seed 1 --horizon 2028-12"
    )
    assert f"<code>fourfronts report --full {options}" in page


def test_claims_and_questions_are_of_the_couplings_and_the_worldview_of_the_run(full, capsys, monkeypatch):
    few = {name: whole.QUESTIONS[name] for name in ("compare", "information")}
    monkeypatch.setattr(whole, "QUESTIONS", few)
    arguments = ["--worldview", "takeoff", "--coupling", "lead_to_talent=off", "--json"]
    assert cli._call(["report", "--full", "--draws", "48", "--package", "drift", *arguments]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["claims"]["worldview"] == "takeoff"
    plain = json.loads((full / "claims.json").read_text())
    name = "self_reinforcing"
    headline, other = (
        next(each["findings"][0]["p50"] for each in ledger["claims"] if each["name"] == name)
        for ledger in (plain, summary["claims"])
    )
    assert headline != other
    found = summary["findings"]
    assert found["compare"]["finding"]["asked"]["worldview"] == "takeoff"
    assert found["compare"]["finding"]["asked"]["couplings"] == {"lead_to_talent": 0}
    assert found["compare"]["finding"]["asked"]["packages"] == ["drift", "hold", "loosen", "none"]
    # So few futures tell nothing of what is worth knowing, and are no reason to fail.
    assert found["information"]["finding"] is None
    assert "48 are too few" in found["information"]["why_not"]


def test_interrupting_a_question_writes_nothing(tmp_path, monkeypatch):
    def stopped(say, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(whole, "QUESTIONS", {"compare": whole.QUESTIONS["compare"]})
    monkeypatch.setattr(whole.compare, "answer", stopped)
    with pytest.raises(KeyboardInterrupt):
        cli._call(["report", "--full", "--draws", "16", "--package", "drift", "--out", str(tmp_path / "out")])
    assert list(tmp_path.iterdir()) == []


def test_without_full_it_is_the_report_of_a_run(tmp_path):
    arguments = ["--draws", "16", "--package", "drift"]
    for name in ("run", "report"):
        assert cli._call([name, *arguments, "--out", str(tmp_path / name)]) == 0
    ran, reported = ((tmp_path / name / "summary.json").read_text() for name in ("run", "report"))
    assert ran == reported
    assert "<code>fourfronts report --package drift" in (tmp_path / "report" / "report.html").read_text()


def test_a_full_report_that_ends_before_the_claims_is_refused(tmp_path):
    with pytest.raises(InputError, match="horizon 2027-12 is too early"):
        cli._call(["report", "--full", "--horizon", "2027-12", "--out", str(tmp_path / "out")])
    assert list(tmp_path.iterdir()) == []

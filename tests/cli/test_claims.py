"""`fourfronts claims`: what it prints and writes, and what it refuses."""

import json

import pytest

from fourfronts import cli
from fourfronts.errors import InputError


@pytest.fixture
def here(capsys, monkeypatch, tmp_path):
    """Runs the command in this process, in an empty folder, and gives back what it printed."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        assert cli._call(["claims", *arguments]) == 0
        said = capsys.readouterr()
        assert said.err == ""
        return said.out

    return command


def test_a_claim_asked_for_is_told_in_full(here):
    said = here("16", "--draws", "8")
    assert said.startswith("16. 20 times the security fixes: supported\n")
    assert "What would change it:" in said
    assert here("security_fixes", "--draws", "8") == said


def test_json_is_the_ledger_alone(here, tmp_path):
    ledger = json.loads(here("16", "--draws", "8", "--seed", "5", "--json"))
    assert ledger["schema"] == "fourfronts/claims/1"
    assert (ledger["draws"], ledger["seed"], ledger["horizon"], ledger["worldview"]) == (8, 5, "2028-12", "evidence")
    (claim,) = ledger["claims"]
    assert (claim["number"], claim["verdict"]) == (16, "supported")
    assert claim["findings"][0]["p50"] == pytest.approx(423 / 21, rel=1e-4)
    assert list(tmp_path.iterdir()) == []


def test_out_gets_the_ledger_as_data_and_as_text_and_how_to_make_it_again(here, tmp_path):
    said = here("16", "--draws", "8", "--out", "ledger")
    assert said.rstrip().endswith("In ledger: claims.html, claims.json, claims.txt")
    folder = tmp_path / "ledger"
    assert sorted(path.name for path in folder.iterdir()) == [
        "claims.html",
        "claims.json",
        "claims.txt",
        "manifest.json",
    ]
    assert json.loads((folder / "claims.json").read_text())["claims"][0]["number"] == 16
    text = (folder / "claims.txt").read_text()
    assert "Claims of the source paper" in text
    assert "16. 20 times the security fixes" in text
    command = json.loads((folder / "manifest.json").read_text())["command"]
    assert command.startswith("fourfronts claims 16 --worldview evidence --draws 8 --seed 1 --horizon 2028-12")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("chanels",), "unknown claim 'chanels': did you mean 'channels'"),
        (("--horizon", "2027-12"), "horizon 2027-12 is too early"),
        (("--worldview", "evidense"), "unknown worldview 'evidense': did you mean 'evidence'"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_computed(here, arguments, words):
    with pytest.raises(InputError, match=words):
        here(*arguments)


def test_a_folder_that_holds_something_else_is_left_alone(here, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"notes\.txt"):
        here("16", "--out", "mine")
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"


def test_evidence_says_which_claim_names_a_row(capsys):
    assert cli._call(["evidence", "show", "RATIO-006", "--json"]) == 0
    assert "claim 2" in json.loads(capsys.readouterr().out)["used_by"]

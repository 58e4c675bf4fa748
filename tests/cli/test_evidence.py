"""`fourfronts evidence`: what a reader sees, what a program reads, and how it says no."""

import json
import os
import shutil

import pytest

from fourfronts.cli import main
from fourfronts.evidence import load
from fourfronts.evidence.schema import DATA, TABLES


@pytest.fixture
def call(capsys):
    """Runs `fourfronts evidence ...` and returns its exit code, output and errors."""

    def run(*arguments):
        with pytest.raises(SystemExit) as leaving:
            main(["evidence", *map(str, arguments)])
        printed = capsys.readouterr()
        return leaving.value.code, printed.out, printed.err

    return run


@pytest.fixture
def folder(tmp_path):
    """A copy of the evidence files."""
    return shutil.copytree(DATA, tmp_path / "evidence")


def test_list_shows_what_was_asked_for_and_how_much_there_is(call):
    code, out, err = call("list", "--actor", "PRC", "--text", "smuggled", "--limit", 3)
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0].split() == ["id", "as", "of", "value", "unit", "grade", "actor", "quantity"]
    assert [line.split()[0] for line in lines[1:-1]] == ["SMUG-001", "SMUG-002", "SMUG-003"]
    assert lines[-1] == "18 rows; 3 shown, --limit 0 shows all"


@pytest.mark.parametrize("width", [70, 80, 132])
def test_the_table_fits_the_terminal(call, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, _ = call("list", "--file", "compute_facts", "--limit", 0)
    lines = out.splitlines()
    assert code == 0
    assert len(lines) == 243 + 2
    assert max(map(len, lines)) <= width
    for record, line in zip(load().search(file="compute_facts"), lines[1:], strict=False):
        assert line.split()[0] == record.id
        if record.value is not None and record.value < 1000 and record.value_kind == "exact":
            assert f" {record.value:g} " in line


def test_list_as_json_holds_whole_rows(call):
    code, out, _ = call("list", "--file", "chips", "--until", "2020", "--json")
    content = json.loads(out)
    assert code == 0
    assert content["found"] == 2
    assert [row["id"] for row in content["rows"]] == ["CHIP-01", "CHIP-21"]
    assert content["rows"][0]["tpp"] == 4992
    assert content["rows"][0]["date_start"] == "2020-11-16"
    assert content["rows"][0]["after_cutoff"] is False


def test_an_empty_result_is_no_error(call):
    assert call("list", "--text", "zzz")[:2] == (0, "0 rows\n")


def test_show_says_where_a_number_comes_from(call):
    code, out, _ = call("show", "STOCK-059")
    assert code == 0
    for words in (
        "3.3 fold_per_year",
        "2.7 to 4.1 (interval)",
        "A (stated)",
        "2022-2025",
        "Epoch AI",
        "https://",
        "doubling time 7 months",
    ):
        assert words in out
    where, used_by = out.splitlines()[-2:]
    assert where.endswith(f"{os.sep}compute_facts.csv:{load().get('STOCK-059').row}")
    assert "supply.growth_past.allied" in used_by


def test_show_says_which_parameters_and_levers_rest_on_a_row(call):
    _, out, _ = call("show", "EVT-030", "--json")
    assert json.loads(out)["used_by"] == ["lever remote_access_rule"]
    _, out, _ = call("show", "EVT-036")
    assert out.splitlines()[-1].split() == ["used", "by", "nothing", "yet"]


@pytest.mark.parametrize(
    ("record_id", "words"),
    [
        ("CHIP-03", ["hbm_tb_s            3.35 TB/second", "price_usd           25,000 USD"]),
        ("INC-05", ["at least 13,000,000 exchange", "accounts_text       part of about 24000"]),
        ("RND-029", ["value               2028-06\n", "forecast"]),
        ("EVT-036", ["2026-11-09, after the evidence cut-off 2026-05-31", "none"]),
        ("TRN-042", ["B (stated), recalled from memory"]),
        ("VOL-014", ["62,000 to 160,000 (bounds only)"]),
        ("SMUG-005", ["10,000 to open (one sided)"]),
        ("RATIO-006", ["undated"]),
    ],
)
def test_show_tells_bounds_memory_and_cutoff_apart(call, record_id, words):
    code, out, _ = call("show", record_id)
    assert code == 0
    assert [each for each in words if each not in out] == []


def test_every_row_can_be_shown(call):
    for record in load().records[::40]:
        code, out, _ = call("show", record.id)
        assert code == 0
        assert record.source in out
        assert call("show", record.id, "--json")[1].startswith("{")


def test_check_counts_every_file(call):
    code, out, _ = call("check")
    lines = out.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines[:-1]] == [f"{name}.csv" for name in TABLES]
    assert lines[0].split()[1:] == [
        *("243", "rows", "A", "38", "A-", "0", "B", "121", "C", "28", "D", "20", "none", "36"),
        *("19", "after", "2026-05-31"),
    ]
    assert lines[-1].startswith("no problem in 2453 rows; digest ")


def test_check_lists_every_problem_and_fails(call, folder):
    path = folder / "chips.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",false,", ",no,").replace("CHIP-02", "CHIP-01"), encoding="utf-8")
    code, out, err = call("check", "--folder", folder)
    assert (code, err) == (1, "")
    assert len(out.splitlines()) == 43 + 1
    assert "chips.csv line 4 (CHIP-03), recalled: found 'no'; accepted: true or false" in out
    assert out.splitlines()[-1] == "43 problems"


def test_check_as_json_says_the_same_to_a_program(call, folder):
    code, out, _ = call("check", "--folder", folder, "--json")
    content = json.loads(out)
    assert (code, content["problems"]) == (0, [])
    assert sum(counted["rows"] for counted in content["files"]) == 2453
    (folder / "chips.csv").write_text("id\n")
    code, out, _ = call("check", "--folder", folder, "--json")
    assert code == 1
    assert len(json.loads(out)["problems"]) > 10


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "STOCK-59"), "unknown evidence id 'STOCK-59': did you mean 'STOCK-059'"),
        (("list", "--grade", "E"), "unknown grade 'E'; accepted: A, A-, B, C, D"),
        (("list", "--file", "chip"), "unknown evidence file 'chip': did you mean 'chips'"),
        (("list", "--since", "2026-13"), "'2026-13' is not a date; accepted: 2025, 2025-06"),
        (("list", "--since", "2027", "--until", "2026"), "since 2027 is later than until 2026"),
        (("list", "--limit", "-1"), "-1 is not in the range"),
        (("check", "--folder", "/no/such/folder"), "/no/such/folder: no such folder; accepted: "),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(call, arguments, words):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert words in err

"""Loading: what is wrong with a file is said with its place, what was found and what is accepted."""

import csv
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fourfronts.errors import InputError
from fourfronts.evidence import digest, load, validate
from fourfronts.evidence.records import EVIDENCE_CUTOFF
from fourfronts.evidence.schema import DATA, TABLES, columns

# File, row, column, what is put there, and what the message must say beyond the place.
BROKEN_CELLS = {
    "a number that is none": (
        "compute_facts",
        "STOCK-059",
        "value",
        "3,3",
        "found '3,3'; accepted: a number",
    ),
    "a number that is infinite": ("chips", "CHIP-03", "tpp", "inf", "found 'inf'; accepted: a number"),
    "a date that does not exist": (
        *("chips", "CHIP-03", "date_start", "2022-09-31"),
        "found '2022-09-31'; accepted: a day such as 2026-05-31",
    ),
    "a period that is none": (
        "gap_months",
        "LAG-007",
        "as_of",
        "summer",
        "'summer' is not a date; accepted: 2025",
    ),
    "a source date that is none": ("compute_facts", "VOL-010", "source_date", "Dec", "'Dec' is not a date"),
    "dates that contradict as_of": (
        *("diffusion_facts", "AD001", "date_end", "2026-06-30"),
        "found 2026-06-30; accepted for as_of '2025-12..2026-05': 2026-05-31",
    ),
    "a missing date": ("chips", "CHIP-03", "date_end", "", "found nothing; accepted for as_of '2022-09-20'"),
    "a range without its value": (
        *("compute_facts", "STOCK-059", "low", "3.4"),
        "the range does not contain its value (low 3.4, value 3.3, high 4.1); accepted: low <= value <= high",
    ),
    "a bound the value breaks": (
        *("gap_months", "LAG-138", "high", "11"),
        "the range does not contain its value (low None, value 12.0, high 11.0)",
    ),
    "bounds in the wrong order": (
        "compute_facts",
        "VOL-014",
        "low",
        "170000",
        "accepted: low <= value <= high",
    ),
    "half an interval": (
        *("compute_facts", "STOCK-059", "high", ""),
        "found 'interval' with low 2.7, value 3.3, high None; accepted: one_sided or other_cases",
    ),
    "a range of no kind": (
        *("compute_facts", "STOCK-059", "range_kind", ""),
        "found '' with low 2.7, value 3.3, high 4.1; accepted: interval, other_cases or bounds_only",
    ),
    "a kind of range without a range": (
        *("compute_facts", "STOCK-060", "range_kind", "interval"),
        "found 'interval' with low None, value 2.3, high None; accepted: nothing",
    ),
    "bounds only, with a value": (
        *("compute_facts", "STOCK-059", "range_kind", "bounds_only"),
        "accepted: interval with a value, bounds_only without",
    ),
    "an unknown kind of range": (
        *("compute_facts", "STOCK-059", "range_kind", "intervall"),
        "unknown range_kind 'intervall': did you mean 'interval'? accepted: interval, other_cases",
    ),
    "a missing source": ("adoption_series", "ADO-0042", "source", "", "is empty; accepted: any text"),
    "a missing quantity": ("capability_facts", "ECI-001", "quantity", " ", "is empty; accepted: any text"),
    "an unknown unit": (
        *("compute_facts", "STOCK-001", "unit", "H100eq"),
        "unknown unit 'H100eq': did you mean 'H100e'? accepted: ",
    ),
    "a number without a unit": ("compute_facts", "STOCK-001", "unit", "", "is empty; accepted: a unit"),
    "an unknown grade": (
        *("frontier_models", "MODEL-001", "grade", "A+"),
        "unknown grade 'A+': did you mean 'A'? accepted: A, A-, B, C, D",
    ),
    "a missing grade": (
        *("distribution_series", "DIS-0001", "grade", ""),
        "is empty; accepted: A, A-, B, C or D (only an event may go without)",
    ),
    "a grade of no basis": (
        "chips",
        "CHIP-03",
        "grade_basis",
        "",
        "accepted: stated or assigned where there is",
    ),
    "a truth value that is none": (
        "chips",
        "CHIP-03",
        "recalled",
        "TRUE",
        "found 'TRUE'; accepted: true or false",
    ),
    "no truth value": ("chips", "CHIP-03", "recalled", "", "is empty; accepted: true or false"),
    "an unknown kind": (
        "chip_volumes",
        "UNITS-001",
        "kind",
        "guess",
        "unknown kind 'guess'; accepted: actual",
    ),
    "a value read in no way": (
        *("compute_facts", "STOCK-001", "value_kind", ""),
        "found ''; accepted: a kind where there is a value, otherwise nothing",
    ),
    "no id": ("chips", "CHIP-03", "id", "", "is empty; accepted: any id"),
}
# The field a message names where it is not the cell that was broken.
NAMED_FIELD = {
    "a range without its value": "low, high",
    "a bound the value breaks": "low, high",
    "bounds in the wrong order": "low, high",
    "half an interval": "range_kind",
    "a missing grade": "grade",
}


@pytest.mark.parametrize("case", BROKEN_CELLS)
def test_a_broken_cell_is_named_with_its_place_and_what_is_accepted(case, copy, edit):
    name, record_id, column, text, expected = BROKEN_CELLS[case]
    line = edit(name, record_id, column, text)
    field = NAMED_FIELD.get(case, column)
    shown_id = "no id" if column == "id" else record_id
    first = validate(copy)[0]
    assert first.startswith(f"{name}.csv line {line} ({shown_id}), {field}: ")
    assert expected in first
    with pytest.raises(InputError, match=re.escape(first)):
        load(copy)


def _lines(path):
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def test_an_unknown_column_is_named_with_its_neighbour(copy):
    path = copy / "chips.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("hbm_gb", "hbm_gbyte", 1), encoding="utf-8")
    problems = validate(copy)
    assert problems[0].startswith("chips.csv: unknown column 'hbm_gbyte': did you mean 'hbm_gb'")
    assert problems[1].startswith("chips.csv: missing column 'hbm_gb'; accepted: id, chip, vendor")
    assert len(problems) == 2


def test_a_column_that_stands_twice_is_named(copy):
    path = copy / "chips.csv"
    path.write_text(
        "".join(line.rstrip("\n") + (",url\n" if not n else ",x\n") for n, line in enumerate(_lines(path))),
        encoding="utf-8",
    )
    assert validate(copy) == ["chips.csv: column 'url' stands twice; accepted: each column once"]


def test_an_id_used_twice_is_named_with_both_places_even_across_files(copy, edit):
    line = edit("capability_facts", "GAP-001", "id", "STOCK-001")
    place, earlier = f"capability_facts.csv line {line} (STOCK-001)", "compute_facts.csv line 2"
    assert validate(copy) == [f"{place}, id: already used in {earlier}; accepted: a new id"]


@pytest.mark.parametrize(("surplus", "words"), [(",", "1 cells too many"), (None, "1 cells too few")])
def test_a_row_of_the_wrong_length_is_named(copy, surplus, words):
    path = copy / "distillation_incidents.csv"
    lines = _lines(path)
    row = lines[1].rstrip("\n")
    lines[1] = (row + surplus if surplus else row.rpartition(",")[0]) + "\n"
    path.write_text("".join(lines), encoding="utf-8")
    assert validate(copy) == [f"distillation_incidents.csv line 2 (INC-01): has {words}; accepted: one for each column"]


def test_a_file_of_another_name_is_refused(copy):
    (copy / "chips.csv").rename(copy / "chip.csv")
    assert validate(copy)[0].startswith(f"{copy}: unknown evidence file 'chip': did you mean 'chips'")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b'id,chip\n"open quote'], ids=["not text", "not CSV"])
def test_a_file_that_cannot_be_read_is_named(copy, content):
    (copy / "chips.csv").write_bytes(content)
    problems = validate(copy)
    assert problems[0].startswith("chips.csv: ")
    assert "accepted: " in problems[0]


def test_an_empty_file_misses_its_columns(copy):
    (copy / "chips.csv").write_text("")
    assert [problem.partition(";")[0] for problem in validate(copy)] == [
        f"chips.csv: missing column {column.name!r}" for column in columns()["chips"]
    ]


def test_a_folder_that_is_none_or_holds_no_evidence_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such folder; accepted: a folder"):
        validate(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"no evidence file in it; accepted: compute_facts\.csv"):
        load(tmp_path)


def test_every_problem_is_listed_and_loading_shows_the_first(copy, edit):
    for number in range(1, 9):
        edit("gap_months", f"LAG-{number:03d}", "unit", "moon")
    assert len(validate(copy)) == 8
    with pytest.raises(InputError, match=r"LAG-001.*LAG-005.*; and 3 more") as caught:
        load(copy)
    assert "LAG-006" not in str(caught.value)


def test_files_of_ones_own_load_like_those_of_the_package(copy):
    for name in set(TABLES) - {"chips"}:
        (copy / f"{name}.csv").unlink()
    path = copy / "chips.csv"
    # As a spreadsheet may save it: with a byte order mark and Windows line ends.
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig", newline="\r\n")
    assert [chip.id for chip in load(copy).chips] == [chip.id for chip in load().chips]
    assert load(copy).facts == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), text=st.text(max_size=12))
def test_no_cell_whatever_it_holds_breaks_the_check(tmp_path, data, text):
    with (DATA / "distillation_incidents.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    row = data.draw(st.integers(0, len(rows) - 1))
    rows[row][data.draw(st.integers(0, len(rows[0]) - 1))] = text
    folder = tmp_path / "one"
    folder.mkdir(exist_ok=True)
    with (folder / "distillation_incidents.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    for problem in validate(folder):
        assert problem.startswith("distillation_incidents.csv")
        assert "accepted" in problem


def test_an_unknown_id_is_named_with_its_neighbours():
    with pytest.raises(InputError, match="unknown evidence id 'STOCK-59': did you mean 'STOCK-059'"):
        load().get("STOCK-59")


def test_the_cutoff_leaves_out_what_was_not_yet_known():
    known, everything = load(cutoff=EVIDENCE_CUTOFF), load()
    assert {record.id for record in known.records} == {
        record.id for record in everything.records if record.known_by(EVIDENCE_CUTOFF)
    }
    left_out = {record.id for record in everything.records} - {record.id for record in known.records}
    assert {"EVT-031", "EVT-036", "PAR-003"} <= left_out
    with pytest.raises(InputError, match="EVT-036"):
        known.get("EVT-036")


@given(st.dates(), st.dates())
def test_more_is_known_later_and_never_less(one, other):
    earlier, later = sorted((one, other))
    for record in load().facts:
        assert record.known_by(later) or not record.known_by(earlier)


def test_the_digest_changes_with_any_byte_and_with_nothing_else(copy, edit):
    before = digest(copy)
    assert before == digest() == digest(copy)
    assert re.fullmatch("[0-9a-f]{64}", before)
    (copy / "notes.txt").write_text("not evidence")
    assert digest(copy) == before
    edit("chips", "CHIP-03", "tpp", "15833")
    assert digest(copy) != before


def test_the_base_is_read_once():
    assert load() is load()

"""The evidence of the package: nothing lost on the way from the originals, all of it readable and sourced."""

import re
import sys
from dataclasses import fields
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from fourfronts.evidence import load, units, validate
from fourfronts.evidence.records import EVIDENCE_CUTOFF
from fourfronts.evidence.schema import DATA, TABLES, columns

HERE = Path(__file__).parent


def _helper(name):
    spec = spec_from_file_location(name, HERE / f"{name}.py")
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


originals = _helper("originals")
RAW = HERE.parents[2] / "shared" / "evidence"


@pytest.fixture(scope="module")
def evidence():
    return load()


def test_the_package_has_every_file_and_no_problem():
    assert {path.stem for path in DATA.glob("*.csv")} == {*TABLES, "columns"}
    assert validate() == []


@pytest.mark.parametrize("name", TABLES)
def test_no_row_is_lost_and_no_cell_changed(name):
    expected = originals.EXPECTED[name]
    rows = [originals.after(name, row) for row in originals.read(DATA / f"{name}.csv")]
    assert len(rows) == expected["rows"]
    changed = [column for column, sha in expected["columns"].items() if originals.fingerprint(rows, column) != sha]
    assert changed == []


# Where the files that these were made from stand beside the repository, a change is shown cell by cell.
if RAW.is_dir():

    @pytest.mark.parametrize("name", TABLES)
    def test_every_cell_equals_the_original_beside_the_repository(name):
        before = [originals.before(name, row) for row in originals.read(RAW / f"{name}.csv")]
        after = [originals.after(name, row) for row in originals.read(DATA / f"{name}.csv")]
        assert after == before


def test_a_changed_cell_does_not_go_unseen():
    rows = [originals.after("chips", row) for row in originals.read(DATA / "chips.csv")]
    rows[2]["tpp"] = "15833"
    assert originals.fingerprint(rows, "tpp") != originals.EXPECTED["chips"]["columns"]["tpp"]


def test_counts_by_kind_of_record(evidence):
    assert len(evidence.records) == len(evidence.by_id) == 2453
    assert len(evidence.facts) == 746
    assert len(evidence.series) == 1194
    assert (len(evidence.chips), len(evidence.volumes)) == (43, 86)
    assert (len(evidence.models), len(evidence.gaps), len(evidence.incidents)) == (211, 164, 9)


def test_ids_given_here_follow_the_order_of_the_file(evidence):
    schemes = {
        "adoption_series.csv": "ADO-{:04d}",
        "distribution_series.csv": "DIS-{:04d}",
        "gap_months.csv": "LAG-{:03d}",
        "chip_volumes.csv": "UNITS-{:03d}",
        "chips.csv": "CHIP-{:02d}",
        "frontier_models.csv": "MODEL-{:03d}",
        "distillation_incidents.csv": "INC-{:02d}",
    }
    for file, scheme in schemes.items():
        ids = [record.id for record in evidence.records if record.file == file]
        assert ids == [scheme.format(number) for number in range(1, len(ids) + 1)]


def test_records_know_the_line_they_stand_on(evidence):
    for record_id in ("STOCK-059", "CHIP-03", "ADO-0654", "RS042"):
        record = evidence.get(record_id)
        line = (DATA / record.file).read_text(encoding="utf-8").splitlines()[record.row - 1]
        assert line.startswith(f"{record_id},")


def test_every_unit_is_one_that_pint_reads(evidence):
    own = {column.unit for listed in columns().values() for column in listed} - {"", "see unit"}
    used = {record.unit for record in evidence.records} - {""}
    assert len(used) > 50
    for unit in own | used:
        units.parse(unit)


def test_every_number_has_a_unit_and_every_row_a_source(evidence):
    for record in evidence.records:
        assert record.source, record.id
        if any(number is not None for number in (record.value, record.low, record.high)):
            assert record.unit, record.id


def test_only_events_go_without_a_grade(evidence):
    assert {record.kind for record in evidence.records if not record.grade} == {"event"}
    assert {record.grade_basis for record in evidence.facts if record.grade} == {"stated"}
    assert {record.grade_basis for record in evidence.series} == {"assigned"}


def test_what_was_derived_here_is_grade_d(evidence):
    derived = [
        record
        for record in (*evidence.gaps, *evidence.series)
        if record.source.startswith(("Derived", "analyst blend", "Computed from", "Implied"))
    ]
    assert len(derived) > 300
    assert {record.grade for record in derived} == {"D"}


def test_figures_written_from_memory_are_marked(evidence):
    def mentions(record):
        texts = (
            record.note,
            record.source,
            record.quantity,
            getattr(record, "flop_confidence", ""),
        )
        return any("recalled" in text for text in texts)

    marked = {record.id for record in evidence.records if record.recalled}
    mentioned = {record.id for record in evidence.records if mentions(record)}
    # In these three the word is about another figure than the row's own.
    assert mentioned - marked == {"SAF-007", "SAF-017", "SAF-024"}
    # Taiwan's share in these two is from general knowledge, in other words.
    assert marked - mentioned == {"NW041", "NW045"}


def test_intervals_contain_their_value(evidence):
    intervals = [record for record in evidence.records if record.range_kind == "interval"]
    assert len(intervals) > 250
    for record in intervals:
        assert record.low <= record.value <= record.high, record.id


def test_bounds_and_texts_are_kept_apart_from_plain_numbers(evidence):
    minimax = evidence.get("INC-05")
    assert (minimax.exchanges, minimax.exchanges_kind) == (13_000_000, "at_least")
    assert (minimax.accounts, minimax.accounts_kind) == (24_000, "at_most")
    assert evidence.get("INC-06").accounts is None
    assert evidence.get("INC-06").accounts_text == "hundreds of accounts"
    wording = evidence.get("GAP-022")
    assert (wording.value, wording.value_kind) == (None, "text")
    assert wording.value_text == "at least several months"
    coder = evidence.get("RND-029")
    assert (coder.value, coder.value_text, coder.value_kind) == (None, "2028-06", "date")
    assert evidence.get("IMP-011").value_kind == "at_most"


def test_the_reference_chips_are_the_units_named_after_them(evidence):
    h100, b300 = evidence.get("CHIP-03"), evidence.get("CHIP-08")
    assert (h100.quantity, b300.quantity) == ("H100 SXM", "B300 / GB300")
    assert h100.tpp == 15_832 == units.factor("H100e", "TPP")
    assert units.convert(h100.value, h100.unit, "H100e") == pytest.approx(1, rel=1e-12)
    assert units.convert(h100.hbm_tb_s, "TB/second", "H100_bandwidth") == pytest.approx(1, rel=1e-12)
    assert units.convert(b300.fp8_dense_tflops, "TOPS", "B300e") == pytest.approx(1, rel=1e-12)


def test_scores_keep_the_interval_their_source_states(evidence):
    with_interval = [model for model in evidence.models if model.eci_low is not None]
    assert len(with_interval) > 130
    for model in with_interval:
        assert model.eci_low <= model.eci <= model.eci_high
        assert re.search(rf"90% CI {model.eci_low:.1f}-{model.eci_high:.1f}", model.source)


def test_nothing_after_the_cutoff_can_pass_for_known(evidence):
    assert date(2026, 5, 31) == EVIDENCE_CUTOFF
    late = [record for record in evidence.records if record.after_cutoff]
    assert len(late) == 45
    assert evidence.get("EVT-036").after_cutoff
    # A forecast of 2025 about 2027 was known; an event to come was not, though it was announced.
    assert evidence.get("VOL-010").known_by(EVIDENCE_CUTOFF)
    assert not evidence.get("EVT-036").known_by(EVIDENCE_CUTOFF)
    assert not evidence.get("PAR-003").known_by(EVIDENCE_CUTOFF)
    # A plan for 2026 to 2030 that was published in June 2026, and a sum over 2025 that was published later.
    assert not evidence.get("COST-037").known_by(EVIDENCE_CUTOFF)
    assert evidence.get("STOCK-004").known_by(EVIDENCE_CUTOFF)
    # Undated, so it counts from its publication.
    assert not evidence.get("RATIO-006").after_cutoff
    assert evidence.get("RATIO-006").dated_after(date(2026, 5, 13))


def test_the_schema_and_the_records_name_the_same_fields():
    for name, table in TABLES.items():
        named = {field.name for field in fields(table.record)}
        in_file = {column.name for column in columns()[name]}
        assert set(table.header) | set(table.constants) <= named
        assert in_file - named <= set(table.header.values())
        own = named - {field.name for field in fields(table.record.__base__)}
        assert own <= in_file, name
        assert all(column.meaning for column in columns()[name])


def test_the_documentation_lists_every_range_that_is_no_interval(evidence, root):
    page = (root / "docs" / "evidence.md").read_text(encoding="utf-8").partition("## Ranges")[2]
    page = page.partition("\n## ")[0]
    for kind in ("other_cases", "one_sided", "bounds_only"):
        passage = page.partition(f"- `{kind}`: ")[2].partition("\n- ")[0]
        listed = set(re.findall(r"`([A-Z]+-?\d+)`", passage))
        named = {record.id for record in (*evidence.facts, *evidence.volumes) if record.range_kind == kind}
        assert listed == named
    counts = {kind: sum(gap.range_kind == kind for gap in evidence.gaps) for kind in ("other_cases", "one_sided")}
    assert counts == {"other_cases": 25, "one_sided": 8}
    assert "25 rows" in page
    assert "eight lags" in page
    assert f"{sum(record.range_kind == 'interval' for record in evidence.records)} rows" in page


def test_the_documentation_counts_the_rows_of_every_file(evidence, root):
    page = (root / "docs" / "evidence.md").read_text(encoding="utf-8")
    assert f"{len(evidence.records):,} rows in ten files" in page
    for name in TABLES:
        rows = sum(record.file == f"{name}.csv" for record in evidence.records)
        assert f"| `{name}` | {rows} |" in page

"""How the evidence files of the package relate to the files they were made from, cell by cell.

`before` puts a row of an original file, and `after` a row of a package file, into the same form, so that the
two can be compared with the originals at hand or, through `originals.json`, without them. Values, ranges,
dates, sources and names are compared as text, character by character; grade and note, and unit and scope,
as the two parts of what the original has in one cell.
"""

import csv
import hashlib
import json
import re
from pathlib import Path

HERE = Path(__file__).parent
UNIT_WORDS = {
    row["words"]: (row["unit"], row["scope"])
    for row in csv.DictReader((HERE / "unit_words.csv").read_text(encoding="utf-8").splitlines())
}
EXPECTED = json.loads((HERE / "originals.json").read_text(encoding="utf-8"))

FACTS = ("compute_facts", "capability_facts", "diffusion_facts")
SERIES = ("adoption_series", "distribution_series")
# Package column -> original column, where the two differ in name only.
RENAMED = {
    "adoption_series": {"as_of": "date"},
    "distribution_series": {"as_of": "date"},
    "gap_months": {"value": "gap_months"},
    "chip_volumes": {"as_of": "year", "value": "units", "low": "units_low", "high": "units_high"},
    "chips": {"as_of": "release_date"},
    "frontier_models": {"as_of": "release_date"},
    "distillation_incidents": {"as_of": "date"},
}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def before(name: str, row: dict[str, str]) -> dict[str, str]:
    """A row of an original file in the common form."""
    cells = dict(row)
    if name in FACTS:
        grade, note = re.fullmatch(r"(?:conf[= ]([A-D]-?)(?:; ?| |$))?(.*)", cells["note"]).groups()
        cells["note"] = f"{grade or ''}|{note.rstrip('; ')}"
    if name in FACTS + SERIES:
        cells["unit"] = "|".join(UNIT_WORDS[cells["unit"]])
    return cells


def after(name: str, row: dict[str, str]) -> dict[str, str]:
    """A row of a package file in the common form, with the columns of the original file only."""
    cells = dict(row)
    if name in FACTS:
        cells["note"] = f"{cells['grade']}|{cells['note']}"
        cells["value"] = cells["value"] or cells["value_text"]
    if name in FACTS + SERIES:
        cells["unit"] = f"{cells['unit']}|{cells['scope']}"
    if name == "distillation_incidents":
        for count in ("accounts", "exchanges"):
            cells[count] = cells[f"{count}_text"] or cells[count]
    renamed = RENAMED.get(name, {})
    cells = {renamed.get(column, column): text for column, text in cells.items()}
    return {column: cells[column] for column in EXPECTED[name]["columns"]}


def fingerprint(rows: list[dict[str, str]], column: str) -> str:
    """SHA-256 of a column: every cell in the order of the rows."""
    return hashlib.sha256("\x1f".join(row[column] for row in rows).encode()).hexdigest()


def refresh() -> None:
    """Write `originals.json` anew from the package, after a row was corrected on purpose."""
    data = HERE.parents[1] / "src" / "fourfronts" / "evidence" / "data"
    renewed = {}
    for name, expected in EXPECTED.items():
        rows = [after(name, row) for row in read(data / f"{name}.csv")]
        columns = {column: fingerprint(rows, column) for column in expected["columns"]}
        renewed[name] = {"rows": len(rows), "columns": columns}
    (HERE / "originals.json").write_text(json.dumps(renewed, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    refresh()

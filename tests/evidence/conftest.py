"""A copy of the evidence files that a test may break."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fourfronts.evidence.schema import DATA


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with a copy of every evidence file."""
    return Path(shutil.copytree(DATA, tmp_path / "evidence"))


@pytest.fixture
def edit(copy: Path) -> Callable[[str, str, str, str], int]:
    """Sets one cell of the copy, named by file, id and column, and returns the line it stands on."""

    def set_cell(name: str, record_id: str, column: str, text: str) -> int:
        path = copy / f"{name}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        line = next(number for number, row in enumerate(rows) if row[0] == record_id)
        rows[line][rows[0].index(column)] = text
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        return line + 1

    return set_cell

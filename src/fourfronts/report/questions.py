"""The questions of the full report: what of each stands on the page, its picture and its files."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

from fourfronts.analysis.full import Asked
from fourfronts.report.drawing import Drawing, house_style, render
from fourfronts.report.explain.plates import plate
from fourfronts.report.wording import exact

FIGURE = "question_"
"""How the names of the pictures begin; the question's own name follows."""
FOLDER = "findings"
MOST_ROWS = 40


@dataclass(frozen=True)
class Part:
    """One question on the page, its table as text; `more` rows of that stand in the question's files alone."""

    asked: Asked
    figure: Mapping[str, Any] | None
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    more: int


def drawings(asked: Sequence[Asked]) -> list[Drawing]:
    """The picture of every finding."""
    with house_style():
        return render(
            # The sentences stand above the picture, so that its title need not be told again.
            replace(plate(each.finding), name=f"{FIGURE}{each.name}", alt=" ".join(each.finding.sentences))
            for each in asked
            if each.finding
        )


def parts(asked: Sequence[Asked], figures: Mapping[str, Mapping[str, Any]]) -> list[Part]:
    """Every question for the page; `figures` are the page's pictures by name."""
    return [_part(each, figures.get(f"{FIGURE}{each.name}")) for each in asked]


def _part(each: Asked, figure: Mapping[str, Any] | None) -> Part:
    rows = each.finding.rows if each.finding else []
    shown = [{name: cell(value) for name, value in row.items()} for row in rows[:MOST_ROWS]]
    # A column in which nothing stands, as that of an option that was not used, would only take room.
    names = [name for name in rows[0] if any(row[name] for row in shown)] if rows else []
    heads = [name.replace("_", " ") for name in names]
    return Part(each, figure, heads, [[row[name] for name in names] for row in shown], len(rows) - len(shown))


def cell(value: Any) -> str:
    """A value of a table: numbers to three significant digits, nothing where there is none."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        # Four decimals at most: what is smaller is the arithmetic's, not the world's.
        return exact(round(float(f"{value:.3g}"), 4) or 0.0).replace("-", "−") if isfinite(value) else ""
    return "" if value is None else str(value)


def files(asked: Sequence[Asked]) -> Iterator[tuple[Path, str]]:
    """Where each finding is written, as JSON and its table as CSV, below the folder of the results."""
    for each in asked:
        if each.finding:
            told = json.dumps(each.finding.as_json(), indent=1)
            yield Path(FOLDER, f"{each.name}.json"), f"{told}\n"
            yield Path(FOLDER, f"{each.name}.csv"), each.finding.as_csv()

"""What an analysis found, in the forms a reader may want: a table, plain values, sentences, a picture's data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fourfronts.analysis.tables import csv_text

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "fourfronts/finding/1"


@dataclass(frozen=True)
class Finding:
    """The answer to one question.

    `rows` are the table, every row with the same columns; `sentences` two or three that a person can repeat, written
    from the numbers; `details` what the picture and a program need besides, plain values; `asked` what was asked, plain
    values; `limits` what it cannot know, a sentence each.
    """

    analysis: str
    title: str
    rows: Sequence[Mapping[str, Any]]
    sentences: Sequence[str]
    details: Mapping[str, Any]
    asked: Mapping[str, Any]
    limits: Sequence[str] = ()

    @property
    def table(self) -> "pd.DataFrame":
        """The rows as a data frame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows))

    def as_json(self) -> dict[str, Any]:
        """Everything as plain values, numbers to six significant digits; what is not a number is null."""
        parts = {"title": self.title, "asked": self.asked, "rows": list(self.rows), "details": self.details}
        words = {"sentences": list(self.sentences), "limits": list(self.limits)}
        return {
            "schema": SCHEMA,
            "analysis": self.analysis,
            **{key: plain(part) for key, part in parts.items()},
            **words,
        }

    def as_csv(self) -> str:
        """The rows as CSV, numbers to six significant digits."""
        return csv_text(plain(list(self.rows)))


def plain(value: Any) -> Any:
    """A value as JSON has it: arrays as lists, numbers to six significant digits, null for what is not a number."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    return value if value is None else str(value)

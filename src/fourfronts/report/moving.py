"""Words for what is shown while a lever moves: a sentence for each chart, and who leads each front."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.charts import PERCENTILES, Chart
from fourfronts.report.first_page import standing
from fourfronts.report.headline import Range
from fourfronts.report.wording import listed, month, number, span

Floats = NDArray[np.floating[Any]]

LOW, MIDDLE, HIGH = (PERCENTILES.index(each) for each in (5, 50, 95))


def described(chart: Chart, rows: Mapping[str, Floats], months: Sequence[str], date: str) -> str:
    """A chart in one sentence, at one month: medians, and 90% ranges where it shows them.

    `rows[series]` is (5, months), as `charts.fans` gives it.
    """
    column = months.index(date)
    told = [f"{_name(chart, name)}{_told(chart, each[:, column])}" for name, each in rows.items()]
    single = len(chart.series) == 1
    what = "medians" if chart.kind == "stacked" else "median and 90% range" if single else "medians and 90% ranges"
    return f"{chart.title}, {month(date)} ({chart.unit}; {what}): {listed(told)}."


def _name(chart: Chart, name: str) -> str:
    return "" if len(chart.series) == 1 else f"{chart.series[name].label} "


def _told(chart: Chart, column: Floats) -> str:
    low, middle, high = (float(column[row]) for row in (LOW, MIDDLE, HIGH))
    if chart.kind == "stacked":
        return number(middle)
    return f"{number(middle)} ({span(Range(low, middle, high))})"


def leading(chances: Mapping[str, float]) -> str:
    """Who leads a front: 'very likely the allied bloc (94%)', 'open (allied 60%, PRC 38%, rest 2%)'."""
    words, chance = standing(chances)
    return f"{words} ({chance})" if chance else words

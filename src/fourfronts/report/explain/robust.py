"""Figure: packages across worldviews as a table of shades; after a search, the trade-offs between packages as well."""

import numpy as np

from fourfronts.analysis.explain.finding import Finding
from fourfronts.report.drawing import Plate
from fourfronts.report.explain.shades import columns, rows, shade_table
from fourfronts.report.explain.tradeoffs import searched
from fourfronts.report.fans import fixed_ticks
from fourfronts.report.style import GREEN, MARGIN, VERMILLION, WIDTH, Sheet

NAMES, GAP, ROW, HEAD, FOOT = 1.75, 0.3, 0.3, 0.42, 1.05
"""Inches: room for packages' names, between tables, for a row, for a table's title and for worldviews' names."""


def plate(finding: Finding, stamp: str) -> Plate:
    """Regret in the first outcome, and how often the condition holds, for each package in each worldview."""
    if "objectives" in finding.details:
        return searched(finding, stamp)
    details = finding.details
    names = list(details["labels"])
    first = next(iter(details["regret"]))
    shown = (("regret", first), ("means", details["condition"] or first))
    sheet = Sheet(
        finding.title,
        "Left: mean regret, how far a package falls short of the best of these in the same worldview. Right: the share"
        " of futures that meet what was asked. Every worldview has the same futures under each package.",
        HEAD + ROW * len(names) + FOOT,
        (*finding.limits, stamp),
    )
    width = (WIDTH - NAMES - MARGIN - GAP) / 2
    for column, (kind, name) in enumerate(shown):
        axes = sheet.axes(NAMES + column * (width + GAP), HEAD, width, ROW * len(names))
        regret = kind == "regret"
        values = np.asarray(details[kind][name])
        chance = details["units"][name] == "probability"
        what = "Regret" if regret else "Mean"
        title = f"{what}: {name}, {'%' if chance else details['units'][name]}"
        shade_table(axes, values * (100 if chance else 1), title, VERMILLION if regret else GREEN)
        columns(axes, list(details["views"].values()))
        if column == 0:
            rows(axes, [details["labels"][each] for each in names])
        else:
            fixed_ticks(axes.yaxis, [], [])
    return Plate("robust", sheet, f"{finding.title}. {' '.join(finding.sentences)}")

"""Figure: the PRC's usable compute by the channel it came through."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.evidence.loader import Evidence
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.report.drawing import Plate
from fourfronts.report.fans import Bands, linear_axis, mark_now, month_times, monthly, percentiles, year_ticks
from fourfronts.report.multiples import LEFT, main_package
from fourfronts.report.style import CHANNEL_COLOURS, INK, LINE, MARGIN, MUTED, PAPER, SMALL, WIDTH, Sheet, cut, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

START = 2023.0
"""The years before hold too little compute to be seen beside the rest."""
MILLION = 1e6
ACROSS, PANEL_HEIGHT, PANEL_GAP, BETWEEN = 2, 2.0, 0.72, 0.45
FAR_APART = 2.5
"""Panels keep one scale unless the largest is more than this many times the smallest."""


def prc_compute(ensembles: Mapping[str, Ensemble], evidence: Evidence, stamp: str) -> Plate:
    """Medians of the channels on top of one another, with the total's own median and 90% band, for each package."""
    totals = {name: _total(each) for name, each in ensembles.items()}
    tops = {name: float(total.rows[4].max()) for name, total in totals.items()}
    one_scale = max(tops.values()) <= FAR_APART * min(tops.values())
    last = next(iter(ensembles.values())).months[-1]
    sheet = _sheet(len(ensembles), one_scale, evidence, stamp)
    width = (WIDTH - LEFT - MARGIN - BETWEEN) / ACROSS
    for index, (name, each) in enumerate(ensembles.items()):
        row, column = divmod(index, ACROSS)
        down = 0.52 + row * (PANEL_HEIGHT + PANEL_GAP)
        axes = sheet.axes(LEFT + column * (width + BETWEEN), down, width, PANEL_HEIGHT)
        _stack(axes, each, totals[name])
        _reference(axes, ensembles, totals, name)
        linear_axis(axes, 0, max(tops.values()) if one_scale else tops[name], 5)
        if column == 0:
            axes.set_ylabel("million H100e")
        at_end = f"total in {last}: {totals[name].at_end}"
        note(axes, cut(each.package.label, 26), (0, 1), (0, 5), coordinates="axes fraction", bold=True)
        note(axes, at_end, (1, 1), (0, 5), coordinates="axes fraction", colour=MUTED, size=SMALL, across="right")
    # A package other than the main one has every kind of line.
    sheet.legend(max(sheet.figure.axes, key=lambda axes: len(axes.lines)))
    words = "; ".join(f"{each.package.label} {totals[name].at_end}" for name, each in ensembles.items())
    alt = (
        "Stacked areas of PRC usable compute that is domestic, legal, diverted or rented, by package. Total in million"
        f" H100 equivalents in {last}, median and 5th to 95th percentile: {words}."
    )
    return Plate("prc_compute", sheet, alt)


def _sheet(packages: int, one_scale: bool, evidence: Evidence, stamp: str) -> Sheet:
    several = "One scale for all panels." if one_scale else "Mind the scales, which differ between panels."
    scales = several if packages > 1 else ""
    chip = evidence.get("CHIP-03")
    terms = (
        "Domestic: made in the PRC. Legal: imported under the rules of the time. Diverted: smuggled. Rented: used in"
        f" third countries. One H100 equivalent (H100e) is {chip.value:,.0f} trillion 8-bit operations a second"
        f" ({chip.id})."
    )
    return Sheet(
        "PRC usable compute by channel",
        "Million H100 equivalents. Colours: the median of each channel, on top of one another. Thick line and grey"
        " band: median and 5th to 95th percentile of the total (thin dashes: the 5th), to which medians of parts do"
        f" not add up. {scales}".rstrip(),
        0.2 + -(-packages // ACROSS) * (PANEL_HEIGHT + PANEL_GAP),
        (terms, stamp),
    )


def _total(ensemble: Ensemble) -> Bands:
    whole = monthly(ensemble, "prc_compute").sum(axis=1) / MILLION
    return percentiles(ensemble.months, whole).since(START)


def _reference(axes: "Axes", ensembles: Mapping[str, Ensemble], totals: Mapping[str, Bands], name: str) -> None:
    main = main_package(ensembles)
    if name != main:
        total = totals[main].parts()[1]
        label = f"total under {cut(ensembles[main].package.label, 16)}, median"
        axes.plot(total.times, total.median, color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)), label=label)


def _stack(axes: "Axes", ensemble: Ensemble, total: Bands) -> None:
    times = total.times
    shown = month_times(ensemble.months) >= START
    medians = np.median(monthly(ensemble, "prc_compute")[shown], axis=2) / MILLION
    low, high = total.rows[0], total.rows[4]
    axes.fill_between(times, low, high, color=LINE, linewidth=0, label="total, 5th to 95th", zorder=0.9)
    below = np.zeros(len(medians))
    for kind, channel in zip(OUTPUTS["prc_compute"].kinds, medians.T, strict=True):
        top = below + channel
        axes.fill_between(times, below, top, color=CHANNEL_COLOURS[kind], alpha=0.85, linewidth=0, label=kind)
        below = top
    axes.plot(times, total.median, color=INK, linewidth=1.5, label="total, median")
    axes.plot(times, low, color=PAPER, linewidth=0.9, linestyle=(0, (2, 2)))
    mark_now(axes)
    year_ticks(axes, START, float(times[-1]))

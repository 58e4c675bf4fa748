"""Figure: what each uncertainty and each instrument is worth to a choice, and how the price of effort matters to it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fourfronts.analysis.explain.finding import Finding
from fourfronts.report.drawing import Plate
from fourfronts.report.fans import fixed_ticks, round_ticks
from fourfronts.report.style import (
    BLUE,
    INK,
    MARGIN,
    MUTED,
    ORANGE,
    SMALL,
    VERMILLION,
    WIDTH,
    Sheet,
    cut,
    note,
    package_colours,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMES, BARS, GAP, HEAD, FOOT, ROW = 2.75, 3.2, 0.85, 0.36, 0.5, 0.25
CURVE = 2.0
MOST = 12
"""Parameters that have a bar."""
REACH = 1.64
"""Standard errors on either side that hold 90%."""


def plate(finding: Finding, stamp: str) -> Plate:
    """Bars of the first outcome's parameters and instruments, and its value of knowing everything by price."""
    name = next(iter(finding.details["curves"]))
    rows = [row for row in finding.rows if row["outcome"] == name]
    tools = [row for row in rows if row["kind"] == "instrument"]
    shown = [*tools, *[row for row in rows if row["kind"] == "parameter"][:MOST]]
    curve, unit = finding.details["curves"][name], rows[0]["unit"]
    height = max(ROW * len(shown), CURVE)
    price = f"{_amount(curve['price'], unit)} {_unit(unit)} a lever moved in full"
    sheet = Sheet(
        finding.title,
        f"Worth to one choice between packages, in {_unit(unit)} of {name}. Left: knowing a parameter exactly (EVPPI),"
        f" or a year of an instrument's figures (EVSI), when effort costs {price}. Right: knowing everything (EVPI).",
        HEAD + height + FOOT,
        (*_assumed(finding.details["instruments"]), *finding.limits, stamp),
    )
    bars = sheet.axes(NAMES, HEAD, BARS, height)
    _bars(bars, shown, finding.details["chance"][name], unit)
    left = NAMES + BARS + GAP
    axes = sheet.axes(left, HEAD, WIDTH - left - MARGIN - 0.1, CURVE)
    _curve(axes, curve, finding.details["labels"], unit)
    return Plate("information", sheet, f"{finding.title}. {' '.join(finding.sentences)}")


def _unit(unit: str) -> str:
    return "points of probability" if unit == "probability" else unit


def _amount(value: float, unit: str) -> str:
    return f"{100 * value if unit == 'probability' else value:.2g}"


def _assumed(instruments: Mapping[str, Any]) -> list[str]:
    """What is assumed of each instrument, a note each."""
    return [
        f"{each['label']}: {each['records']} {each['record']}, which tell "
        + ", ".join(f"{key} within {100 * error:.0f}%" for key, error in each["errors"].items())
        + " (one standard deviation of the logarithm, assumed)."
        for each in instruments.values()
    ]


def _bars(axes: "Axes", shown: Sequence[Mapping[str, Any]], chance: Mapping[str, float], unit: str) -> None:
    scale = 100.0 if unit == "probability" else 1.0
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    fixed_ticks(axes.yaxis, [], [])
    if not shown:
        fixed_ticks(axes.xaxis, [], [])
        note(axes, "One package is best in every future: nothing is worth knowing.", (0.0, 0.9), size=SMALL)
        return
    top = max(max(row["value"] + REACH * row["standard_error"] for row in shown) * scale, 1e-9)
    axes.set_xlim(0, top * 1.16)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    for place, row in enumerate(shown):
        tool = row["kind"] == "instrument"
        value, error = row["value"] * scale, REACH * row["standard_error"] * scale
        # What chance shows as well is pale.
        depth = 1.0 if (row["if_exact"] if tool else row["value"]) > row["chance"] else 0.35
        axes.barh(place, value, height=0.62, color=ORANGE if tool else BLUE, alpha=depth, linewidth=0, zorder=2)
        axes.plot([max(value - error, 0), value + error], [place, place], color=INK, linewidth=1.0, zorder=3)
        label = row["meaning"].split(",")[0] if tool else row["learnt"]
        style: dict[str, Any] = {"size": SMALL, "across": "right", "up": "center", "bold": tool}
        note(axes, cut(label, 44), (0, place), (-6, 0), coordinates=("axes fraction", "data"), **style)
        exact = row["if_exact"] * scale if tool else 0.0
        right = max(value + error, exact)
        note(axes, f"{value:.2g}", (right, place), (4, 0), size=SMALL, up="center", colour=MUTED, backed=True)
        if tool:
            axes.plot([exact, exact], [place - 0.36, place + 0.36], color=VERMILLION, linewidth=1.6, zorder=3)
    axes.axvline(chance["largest"] * scale, color=MUTED, linewidth=0.9, linestyle=(0, (3, 2)), zorder=1)
    ticks = round_ticks(0, top * 1.16, 4)
    fixed_ticks(axes.xaxis, ticks, [f"{tick:g}" for tick in ticks])
    words = f"{_unit(unit)}; lines: 90% of counting error, red: if exact, dashed and pale: chance"
    note(axes, words, (0, 0), (-110, -24), coordinates="axes fraction", size=SMALL, colour=MUTED, up="top")
    note(axes, "Worth of knowing one thing", (0, 1), (0, 6), coordinates="axes fraction", size=SMALL, bold=True)


def _curve(axes: "Axes", curve: Mapping[str, Any], labels: Mapping[str, str], unit: str) -> None:
    scale = 100.0 if unit == "probability" else 1.0
    prices, values = ([each * scale for each in curve[key]] for key in ("prices", "evpi"))
    colours = package_colours(labels)
    top = max(*values, 1e-9) * 1.12 if len(values) > 1 else (values[0] or 1.0)
    axes.set_ylim(0, top)
    axes.set_xlim(0, prices[-1] or 1.0)
    for name in dict.fromkeys(curve["best"]):
        within = [each == name for each in curve["best"]]
        # A stretch reaches to the next price, so that no gap is left where the choice changes.
        reach = [inside or (index > 0 and within[index - 1]) for index, inside in enumerate(within)]
        axes.fill_between(prices, 0, values, where=reach, color=colours[name], alpha=0.35, linewidth=0)
        axes.plot([], [], color=colours[name], linewidth=6, alpha=0.35, label=cut(labels[name], 26))
    axes.plot(prices, values, color=INK, linewidth=1.5)
    paid = curve["price"] * scale
    if paid <= (prices[-1] or 1.0):
        axes.axvline(paid, color=VERMILLION, linewidth=1.0, linestyle=(0, (3, 2)))
    for axis, high, count in ((axes.xaxis, prices[-1] or 1.0, 4), (axes.yaxis, top, 4)):
        ticks = round_ticks(0, high, count)
        fixed_ticks(axis, ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xlabel(f"price of a lever moved in full,\n{_unit(unit)}", fontsize=SMALL)
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(-0.02, -0.3),
        fontsize=SMALL,
        handletextpad=0.9,
        title="chosen knowing no more",
        title_fontsize=SMALL,
    )
    note(axes, f"EVPI, {_unit(unit)}", (0, 1), (0, 6), coordinates="axes fraction", size=SMALL, bold=True)

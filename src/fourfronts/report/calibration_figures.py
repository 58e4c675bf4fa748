"""Pictures of a calibration and a back-test: figures before and after, what was learned, where later ones fell."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fourfronts.policy.grid import Month
from fourfronts.report.drawing import Drawing, Plate, house_style, render
from fourfronts.report.fans import amount, fixed_ticks, log_ticks, round_ticks, year_ticks
from fourfronts.report.style import BLUE, INK, LINE, MARGIN, MUTED, ORANGE, SMALL, WIDTH, Sheet, cut, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

A_ROW, A_SHEET = 4, 16
LEFT, BETWEEN = 0.5, 0.48
HEIGHT, ABOVE, BELOW, LEGEND = 1.1, 0.45, 0.28, 0.3
SHAPES = {"": "o", "at_least": "^", "at_most": "v"}
PAIRS_A_ROW, PAIR = 3, 3.5
"""Panels beside each other, and the height of one in inches."""
TOLD = 40
"""Parameters that are shown: those of which calibration taught most."""
WORTH = 0.005
"""The share of a variance from which a series is said to tell of it."""

Json = Mapping[str, Any]


def calibration_figures(learned: Json, stamp: str) -> list[Drawing]:
    """Predictive checks of every series, a sheet for each sixteen, widths of parameters, and joint posteriors."""
    series = [each for each in learned["checks"] if each["figures"]]
    sheets = [series[first : first + A_SHEET] for first in range(0, len(series), A_SHEET)]
    with house_style():
        plates = [_checks(number, len(sheets), each, stamp) for number, each in enumerate(sheets, 1)]
        return render([*plates, _widths(learned["widths"], stamp), _joint(learned["joint"], stamp)])


def backtest_figure(found: Json, stamp: str) -> list[Drawing]:
    """Where later figures fell among the model's draws, and skill by series."""
    with house_style():
        return render([_skill(found, stamp)])


def _checks(number: int, of: int, series: Sequence[Json], stamp: str) -> Plate:
    rows = -(-len(series) // A_ROW)
    title = f"Published figures before and after calibration ({number} of {of})"
    words = (
        "Bars: 90% of what would have been published, with misfit and error, under the priors that calibration began"
        " with (light) and under the posterior (dark, line: median). Triangles: lower and upper bounds."
    )
    sheet = Sheet(title, words, LEGEND + rows * (ABOVE + HEIGHT + BELOW), (stamp,))
    width = (WIDTH - LEFT - MARGIN - BETWEEN * (A_ROW - 1)) / A_ROW
    for index, each in enumerate(series):
        row, column = divmod(index, A_ROW)
        down = LEGEND + ABOVE + row * (ABOVE + HEIGHT + BELOW)
        _panel(sheet.axes(LEFT + column * (width + BETWEEN), down, width, HEIGHT), each)
    axes = sheet.figure.axes[0]
    axes.plot([], [], color=LINE, linewidth=5, label="prior, 90%")
    axes.plot([], [], color=BLUE, linewidth=3, label="posterior, 90%")
    axes.plot([], [], "o", color=INK, markersize=3.5, label="published figure")
    sheet.legend(axes, left=LEFT - 0.1)
    inside = [_inside(figure) for each in series for figure in each["figures"]]
    alt = f"{len(series)} panels; {sum(inside)} of {len(inside)} figures lie in the posterior's 90% range."
    return Plate(f"predictive_{number}", sheet, alt)


def _inside(figure: Json) -> bool:
    low, _, high = figure["posterior"]
    too_low = figure["value"] < low and figure["bound"] != "at_least"
    too_high = figure["value"] > high and figure["bound"] != "at_most"
    return not (too_low or too_high)


def _panel(axes: "Axes", series: Json) -> None:
    times = [Month(*map(int, figure["month"].split("-"))).decimal_year for figure in series["figures"]]
    log = series["scale"] == "log"
    shown: list[float] = []
    for time, figure in zip(times, series["figures"], strict=True):
        prior, posterior, value = figure["prior"], figure["posterior"], figure["value"]
        axes.plot([time, time], [prior[0], prior[2]], color=LINE, linewidth=5, solid_capstyle="butt")
        axes.plot([time, time], [posterior[0], posterior[2]], color=BLUE, linewidth=3, solid_capstyle="butt")
        axes.plot([time - 0.04, time + 0.04], [posterior[1]] * 2, color="white", linewidth=1)
        axes.plot(time, value, SHAPES[figure["bound"]], color=INK, markersize=3.5, zorder=3)
        shown += [value, posterior[0], posterior[2]]
    first, last = min(times) - 0.3, max(times) + 0.3
    # At least one year begins on the axis.
    first = min(first, float(int(last)))
    year_ticks(axes, first, last, short=True)
    _scale(axes, [each for each in shown if each > 0] if log else shown, log=log)
    at: dict[str, Any] = {"coordinates": "axes fraction"}
    held = " (held out)" if series["held_out"] else ""
    inside = sum(map(_inside, series["figures"]))
    note(axes, cut(series["label"], 30), (0, 1), (-14, 15), bold=True, **at)
    told = f"{series['unit']}; {inside} of {len(series['figures'])} inside{held}"
    note(axes, told, (0, 1), (-14, 5), size=SMALL, colour=MUTED, **at)


def _scale(axes: "Axes", shown: Sequence[float], *, log: bool) -> None:
    """The axis of what is published and the posterior; wide priors are cut off."""
    low, high = min(shown), max(shown)
    if log:
        axes.set_yscale("log")
        axes.set_ylim(low / 1.3, high * 1.3)
        ticks = log_ticks(low / 1.3, high * 1.3)
        fixed_ticks(axes.yaxis, ticks, [amount(tick) for tick in ticks])
        return
    room = 0.08 * (high - low) or 1.0
    # What cannot be negative begins at nothing.
    floor = max(low - room, 0.0) if low >= 0 else low - room
    axes.set_ylim(floor, high + room)
    ticks = round_ticks(floor, high + room, 4)
    fixed_ticks(axes.yaxis, ticks, [amount(tick) for tick in ticks])


def _widths(widths: Sequence[Json], stamp: str) -> Plate:
    most = sorted(widths, key=lambda each: each["shipped"])[:TOLD]
    line = 0.17
    sheet = Sheet(
        f"What the data taught: the {len(most)} parameters that became narrowest",
        "Width after calibration over that of the prior, in standard deviations on the prior's own scale. Orange: the"
        " prior rests on figures that say it again, so that calibration began with a wider one, up to three times.",
        0.85 + line * len(most),
        (stamp,),
    )
    axes = sheet.axes(3.3, 0.3, WIDTH - 3.3 - 0.5, line * len(most))
    for row, each in enumerate(reversed(most)):
        axes.plot([0, each["began"]], [row, row], color=LINE, linewidth=4, solid_capstyle="butt")
        axes.plot(each["began"], row, "|", color=BLUE, markersize=8, markeredgewidth=2)
        axes.plot(each["shipped"], row, "o", color=ORANGE if each["loosened"] else BLUE, markersize=4)
    axes.axvline(1, color=MUTED, linewidth=0.8)
    axes.set_xlim(0, max(1.6, *(each["shipped"] for each in most)) * 1.03)
    axes.set_ylim(-0.7, len(most) - 0.3)
    fixed_ticks(axes.yaxis, range(len(most)), [each["name"] for each in reversed(most)])
    axes.set_xlabel("width over that of the prior: | that calibration began with, ● that is shipped")
    words = "; ".join(f"{each['name']} {each['shipped']:.2f}" for each in most[:10])
    return Plate("learned", sheet, f"Width of the posterior over the prior, the narrowest first: {words}.")


def _joint(pairs: Sequence[Json], stamp: str) -> Plate:
    rows = -(-len(pairs) // PAIRS_A_ROW)
    width = (WIDTH - MARGIN - 0.75 * PAIRS_A_ROW) / PAIRS_A_ROW
    sheet = Sheet(
        "What the data cannot tell apart: pairs of parameters, jointly",
        "Each point is one draw of the posterior. Above: how closely the two are tied, and how wide the"
        " posterior stays in its widest direction (1: as wide as the prior). Below: the series of which one more figure"
        " would tell most, and the share of that variance that it would take.",
        rows * PAIR,
        (stamp,),
    )
    for index, each in enumerate(pairs):
        row, column = divmod(index, PAIRS_A_ROW)
        axes = sheet.axes(0.75 + column * (width + 0.75), row * PAIR + 0.5, width, PAIR - 1.65)
        first, second = each["draws"]
        for axis, values in ((axes.xaxis, first), (axes.yaxis, second)):
            _pair_axis(axes, axis, values)
        axes.plot(first, second, ".", color=BLUE, markersize=2.5, alpha=0.5, markeredgewidth=0)
        axes.set_xlabel(each["first"], fontsize=SMALL)
        axes.set_ylabel(each["second"], fontsize=SMALL)
        at: dict[str, Any] = {"coordinates": "axes fraction", "size": SMALL}
        note(
            axes, f"correlation {each['correlation']:+.2f}, width {each['width']:.2f}", (0, 1), (0, 6), bold=True, **at
        )
        for line, teller in enumerate(teller for teller in each["tellers"] if teller["share"] >= WORTH):
            words = f"{cut(teller['label'], 44)}: {teller['share']:.0%}"
            note(axes, words, (0, 0), (0, -42 - 10 * line), colour=MUTED, **at)
    told = (f"{each['first']} and {each['second']} {each['correlation']:+.2f}" for each in pairs)
    return Plate("joint", sheet, f"Correlation in the posterior: {'; '.join(told)}.")


def _pair_axis(axes: "Axes", axis: Any, values: Sequence[float]) -> None:
    """A logarithmic axis for what is positive, with three ticks at most."""
    low, high = min(values), max(values)
    set_scale, set_limits = (axes.set_xscale, axes.set_xlim) if axis is axes.xaxis else (axes.set_yscale, axes.set_ylim)
    if low > 0:
        set_scale("log")
        set_limits(low / 1.1, high * 1.1)
        ticks = log_ticks(low / 1.1, high * 1.1)
        ticks = ticks[:: -(-len(ticks) // 3)]
    else:
        room = 0.05 * (high - low)
        set_limits(low - room, high + room)
        ticks = round_ticks(low - room, high + room, 3)
    fixed_ticks(axis, ticks, [f"{tick:g}" for tick in ticks])


def _skill(found: Json, stamp: str) -> Plate:
    told = [each for each in found["quantities"] if each["skill"] is not None]
    told.sort(key=lambda each: each["skill"][0])
    line = 0.19
    height = line * len(told)
    sheet = Sheet(
        "Back-test: figures that came after five cut-offs",
        f"Left: share of {found['figures']} figures by where they fell among the model's draws, even if ranges are"
        " right. Right: skill against the best baseline of each series (above 0: the model is better), with its 90%"
        " range over resampled figures; in brackets the number of figures and that baseline.",
        0.95 + height,
        (stamp,),
    )
    ranks = sheet.axes(LEFT + 0.15, 0.3, 1.9, min(height, 2.4))
    shares = [1 / len(found["ranks"])] * len(found["ranks"])
    ranks.hist(found["ranks"], bins=10, range=(0, 1), color=BLUE, weights=shares)
    ranks.axhline(0.1, color=MUTED, linewidth=0.8)
    ranks.set_xlabel("share of draws below the figure")
    ranks.set_ylabel("share of figures")
    axes = sheet.axes(5.6, 0.3, WIDTH - 5.6 - 0.2, height)
    for row, each in enumerate(told):
        middle, low, high = each["skill"]
        axes.plot([max(low, -3), min(high, 1)], [row, row], color=LINE, linewidth=4, solid_capstyle="butt")
        axes.plot(max(middle, -3), row, "o", color=BLUE if middle >= 0 else ORANGE, markersize=4.5)
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.set_xlim(-3.05, 1.05)
    axes.set_ylim(-0.7, len(told) - 0.3)
    names = [f"{each['label']} ({each['compared']}; {each['best_baseline']})" for each in told]
    fixed_ticks(axes.yaxis, range(len(told)), names)
    axes.set_xlabel("skill: 1 less CRPS over that of the best baseline")
    cover = f"{found['coverage_50']:.0%} inside the 50% range, {found['coverage_90']:.0%} inside the 90% range"
    better = f"no worse than the best baseline in {found['no_worse_than_best_baseline']} of {found['compared']} series"
    return Plate("backtest", sheet, f"{found['figures']} later figures: {cover}; {better}.")

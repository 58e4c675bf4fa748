"""Figure: how probable each scenario is under each package."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.scenarios import Probability, evaluate
from fourfronts.evidence.loader import Evidence
from fourfronts.policy.scenarios import COMMANDING_LEAD, CONTESTED, NECK_AND_NECK, scenarios
from fourfronts.report.drawing import Plate
from fourfronts.report.fans import fixed_ticks
from fourfronts.report.style import BLUE, INK, LINE, PAPER, VERMILLION, WIDTH, Sheet, cut, note
from fourfronts.report.wording import month, share

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {COMMANDING_LEAD: BLUE, CONTESTED: LINE, NECK_AND_NECK: VERMILLION}
"""In the order of the bars: the two scenarios at the ends, what is neither between them."""
WHITE = "#fefefe"
"""Words on a colour, which stay white where the page's theme makes its paper dark."""
WORDS = {COMMANDING_LEAD: WHITE, CONTESTED: INK, NECK_AND_NECK: WHITE}
LEFT, RIGHT = 2.0, 1.3
BAR, PITCH = 0.62, 0.42
"""Height of a bar as a part of its line, and of a line in inches."""
ROOM = 0.05
"""Share from which its own number fits into a bar."""


def scenario_bars(ensembles: Mapping[str, Ensemble], evidence: Evidence, stamp: str) -> Plate | None:
    """A bar for each package, divided into the three scenarios; None where the run ends before their date."""
    del evidence
    found = {name: evaluate(each).probabilities for name, each in ensembles.items()}
    if not all(found.values()) or not all(each[CONTESTED].of for each in found.values()):
        return None
    labels = {name: each.package.label for name, each in ensembles.items()}
    date = str(scenarios()[COMMANDING_LEAD].date)
    error = max(each.standard_error for chances in found.values() for each in chances.values())
    sources = (
        "Tests follow Anthropic, “2028: two scenarios”: a lead of 12 to 24 months (GAP-023), a compute ratio of 11"
        " (RATIO-006); what it gives no figure for is judgement."
    )
    sheet = Sheet(
        f"How probable is each scenario of {month(date)}?",
        "Share of simulated futures, in percent. Contested: neither scenario’s tests are met. Standard error:"
        f" {100 * error:.1f} points or less.",
        0.5 + PITCH * len(ensembles) + 0.35,
        (sources, stamp),
    )
    axes = sheet.axes(LEFT, 0.42, WIDTH - LEFT - RIGHT, PITCH * len(ensembles))
    axes.set_xlim(0, 100)
    axes.set_ylim(len(ensembles) - 0.5, -0.5)
    axes.grid(visible=False)
    for row, (name, chances) in enumerate(found.items()):
        _bar(axes, row, chances)
        note(axes, cut(labels[name], 24), (0, row), (-8, 0), across="right", up="center", bold=True)
    _heads(axes, found)
    fixed_ticks(axes.xaxis, [0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
    fixed_ticks(axes.yaxis, [], [])
    told = "; ".join(
        f"{labels[name]} {', '.join(f'{_label(key)} {share(each.value)}' for key, each in chances.items())}"
        for name, chances in found.items()
    )
    alt = f"Bars of the share of futures that are each scenario in {month(date)}, by package: {told}."
    return Plate("scenarios", sheet, alt)


def _label(name: str) -> str:
    known = scenarios()
    return known[name].label.lower() if name in known else name


def _bar(axes: "Axes", row: int, chances: Mapping[str, Probability]) -> None:
    left = 0.0
    for name, colour in COLOURS.items():
        value = chances[name].value
        # Each part begins a hair's breadth after the last, so that they are told apart in print as well.
        axes.barh(row, 100 * value, left=100 * left, height=BAR, color=colour, edgecolor=PAPER, linewidth=0.8)
        middle = 100 * (left + value / 2)
        if value >= ROOM:
            note(axes, share(value), (middle, row), across="center", up="center", colour=WORDS[name])
        left += value
    if chances[NECK_AND_NECK].value < ROOM:
        note(axes, share(chances[NECK_AND_NECK].value), (100, row), (5, 0), up="center")


def _heads(axes: "Axes", found: Mapping[str, Mapping[str, Probability]]) -> None:
    """Names of the three over the bars, each with its colour."""
    first = next(iter(found.values()))
    middle = 100 * (first[COMMANDING_LEAD].value + first[CONTESTED].value / 2)
    places = {COMMANDING_LEAD: 0.0, CONTESTED: min(max(middle - 5, 30), 75), NECK_AND_NECK: 100.0}
    for name, place in places.items():
        shift = 5 if name == NECK_AND_NECK else 0
        note(axes, "■", (place, -0.5), (shift, 8), colour=COLOURS[name])
        note(axes, _label(name).capitalize(), (place, -0.5), (shift + 10, 8), bold=True)

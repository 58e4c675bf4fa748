"""The figures of a run."""

from collections.abc import Callable, Mapping

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.evidence.loader import Evidence
from fourfronts.report.capability_figure import capability
from fourfronts.report.channel_figure import prc_compute
from fourfronts.report.drawing import Drawing, Plate, house_style, render
from fourfronts.report.fronts_figure import adoption, distribution
from fourfronts.report.lead_figure import lead_fan
from fourfronts.report.ratio_figure import compute_ratio
from fourfronts.report.scenario_figure import scenario_bars
from fourfronts.report.scoreboard_figure import scoreboard_over_time

FIGURES: tuple[Callable[[Mapping[str, Ensemble], Evidence, str], Plate | None], ...] = (
    scenario_bars,
    scoreboard_over_time,
    lead_fan,
    compute_ratio,
    prc_compute,
    capability,
    adoption,
    distribution,
)
"""Each draws one figure, or none where a run has nothing for it."""


def figures(ensembles: Mapping[str, Ensemble], evidence: Evidence, stamp: str) -> list[Drawing]:
    """Every figure of a run, in the order of the report. The same run gives the same bytes.

    `stamp` names version, seed and number of futures; it stands under each figure.
    """
    with house_style():
        plates = (draw(ensembles, evidence, stamp) for draw in FIGURES)
        return render(plate for plate in plates if plate)

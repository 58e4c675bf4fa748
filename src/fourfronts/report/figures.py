"""The figures of a run."""

from collections.abc import Mapping

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.evidence.loader import Evidence
from fourfronts.report.capability_figure import capability
from fourfronts.report.channel_figure import prc_compute
from fourfronts.report.drawing import Drawing, house_style, render
from fourfronts.report.lead_figure import lead_fan
from fourfronts.report.ratio_figure import compute_ratio

FIGURES = (lead_fan, compute_ratio, prc_compute, capability)


def figures(ensembles: Mapping[str, Ensemble], evidence: Evidence, stamp: str) -> list[Drawing]:
    """Every figure of a run, in the order of the report. The same run gives the same bytes.

    `stamp` names version, seed and number of futures; it stands under each figure.
    """
    with house_style():
        return render(draw(ensembles, evidence, stamp) for draw in FIGURES)

"""The picture of a finding, whichever question it answers."""

from collections.abc import Callable, Mapping

from fourfronts import __version__
from fourfronts.analysis.explain.finding import Finding
from fourfronts.report.drawing import Plate
from fourfronts.report.explain import (
    attribution,
    closeness,
    compare,
    discover,
    information,
    robust,
    sensitivity,
    threshold,
    timing,
)

PLATES: Mapping[str, Callable[[Finding, str], Plate]] = {
    "attribution": attribution.plate,
    "closeness": closeness.plate,
    "compare": compare.plate,
    "discover": discover.plate,
    "information": information.plate,
    "robust": robust.plate,
    "sensitivity": sensitivity.plate,
    "threshold": threshold.plate,
    "timing": timing.plate,
}
"""By the finding's `analysis`."""


def plate(finding: Finding) -> Plate:
    """The picture of a finding, with a stamp that says what made it."""
    return PLATES[finding.analysis](finding, stamp(finding))


def stamp(finding: Finding) -> str:
    """What made a picture: version, assumptions, futures and seed."""
    known = finding.asked
    parts = [f"Model: fourfronts {__version__}", str(known.get("basis", ""))]
    # Of sensitivity, `draws` are all that its methods run together.
    each = "" if finding.analysis == "sensitivity" else " of each run"
    parts += [f"{known['draws']:,} futures{each}" if "draws" in known else ""]
    parts += [f"{name} {known[name]}" for name in ("worldview", "seed") if name in known]
    return ", ".join(filter(None, parts)) + "."

"""The numbers in plain sentences, written from the summary: ranges first, the statistic named, no verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.report.comparison import difference
from fourfronts.report.headline import BANDWIDTH, CHANNELS, ILLICIT, LEAD, NOW_DATE, RATIO, find, future_dates
from fourfronts.report.wording import listed, month, number, share, signed, span


@dataclass(frozen=True)
class Statement:
    """A sentence, and where it ends in a colon the points that follow."""

    text: str
    points: tuple[str, ...] = ()


def answer(summary: Mapping[str, Any], ensembles: Mapping[str, Ensemble], base: str) -> list[Statement]:
    """Statements on what policy changes about the lead, on compute, its channels and how the model checks out.

    `base` is the package that the others are compared with. A range is from the 5th to the 95th percentile. What has
    no finite value is left out.
    """
    found = (
        _changes(summary, ensembles, base),
        _ratio(summary, base),
        _ratios(summary),
        _channels(summary, base),
        _checks(summary),
    )
    return [statement for statement in found if statement]


def _label(summary: Mapping[str, Any], name: str) -> str:
    label: str = summary["packages"][name]["label"]
    return label


def _changes(summary: Mapping[str, Any], ensembles: Mapping[str, Ensemble], base: str) -> Statement | None:
    """What each other package does to the lead, future by future."""
    last = future_dates(summary)[-1]
    points = []
    for name in summary["packages"]:
        found = difference(ensembles, LEAD, last, name, base) if name != base else None
        later = find(summary, name, LEAD, last)
        if found and later:
            low, median, high = (signed(value) for value in (found.range.p05, found.range.p50, found.range.p95))
            points.append(
                f"{_label(summary, name)}: by {low} to {high} months (90% range; median {median}), to {span(later)}"
                f" months; longer in {share(found.share_above)} of futures"
            )
    text = f"Against {_label(summary, base)} in the same futures, the lead in {month(last)} changes under"
    return Statement(text, tuple(points)) if points else None


def _ratio(summary: Mapping[str, Any], base: str) -> Statement | None:
    now, memory = (find(summary, base, quantity, NOW_DATE) for quantity in (RATIO, BANDWIDTH))
    if now is None or memory is None:
        return None
    return Statement(
        f"At the end of {month(NOW_DATE)} allied usable compute is {span(now)} times the PRC’s in operations a second"
        f" (90% range; median {number(now.p50)}), and {span(memory)} times in memory bandwidth (median"
        f" {number(memory.p50)})."
    )


def _ratios(summary: Mapping[str, Any]) -> Statement | None:
    last = future_dates(summary)[-1]
    ends = [
        f"{span(found)} under {_label(summary, name)} (median {number(found.p50)})"
        for name in summary["packages"]
        if (found := find(summary, name, RATIO, last))
    ]
    return Statement(f"In {month(last)} the ratio in operations is {listed(ends)}.") if ends else None


def _channels(summary: Mapping[str, Any], base: str) -> Statement | None:
    last = future_dates(summary)[-1]
    parts = [
        f"{quantity.kind} {span(found)} (median {number(found.p50)})"
        for quantity in CHANNELS
        if (found := find(summary, base, quantity, last))
    ]
    illicit = find(summary, base, ILLICIT, last)
    if not parts or not illicit:
        return None
    return Statement(
        f"In {month(last)}, under {_label(summary, base)}, the PRC can use, in million H100 equivalents:"
        f" {listed(parts)}. Diverted and rented compute together are {span(illicit)} percent of its compute (90% range;"
        f" median {number(illicit.p50)})."
    )


def _checks(summary: Mapping[str, Any]) -> Statement:
    checks = summary["checks"]
    met = sum(bool(check["overlaps"]) for check in checks)
    if met == len(checks):
        return Statement(f"The model’s 90% range overlaps all {met} published figures that it was held against.")
    return Statement(
        f"The model’s 90% range overlaps {met} of the {len(checks)} published figures that it was held against; the"
        " misses and their likely reasons are listed below."
    )

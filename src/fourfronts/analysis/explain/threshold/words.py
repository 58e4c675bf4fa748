"""The words of `threshold`: its title and the sentences that a person can repeat."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fourfronts.analysis.explain.drawn import UNITS

TOLD = 3
"""Levers, and parameters, that a sentence names."""


def title(details: Mapping[str, Any]) -> str:
    """The question as a title."""
    return f"What it takes to get {details['side']} {amount(details['line'], details['unit'])}"


def stands(details: Mapping[str, Any]) -> str:
    """Where things stand without any change."""
    what = "the probability" if details["unit"] == "probability" else f"the {details['statistic']}"
    if what in ("the p05", "the p95"):
        what = f"the {what[-2:].lstrip('0')}th percentile"
    return f"{details['outcome']}, {details['date']}: {what} is {amount(details['now'], details['unit'])}."


def sentences(rows: Sequence[Mapping[str, Any]], details: Mapping[str, Any]) -> list[str]:
    """Where things stand with the levers that do it most easily, the parameters that do, and what cannot."""
    reached = [row for row in rows if row["answer"] == "reached"]
    told = [stands(details) + _levers([row for row in reached if row["kind"] == "lever"], details)]
    if any(row["kind"] == "parameter" for row in rows):
        told.append(_parameters([row for row in reached if row["kind"] == "parameter"], details))
    if details["pair"]:
        told.append(_pair(details))
    single = [row for row in rows if row["kind"] != "pair"]
    missing = [row for row in single if row["answer"] != "reached"]
    return [*told, _missing(missing, len(single), details)] if missing else told


def amount(value: float, unit: str) -> str:
    """A value with its unit: '6 months', '40%'."""
    return f"{100 * value:.3g}%" if unit == "probability" else f"{value:.3g}{UNITS.get(unit, f' {unit}')}"


def change(row: Mapping[str, Any]) -> str:
    """How large a change is: '48% of its range', '1.2 prior standard deviations'."""
    return f"{row['change']:.0%} of its range" if row["kind"] == "lever" else f"{row['change']:.2g} prior sd"


def _moved(row: Mapping[str, Any]) -> str:
    what = row["label"] if row["kind"] == "lever" else f"the median of {row['label']}"
    unit = UNITS.get(row["unit"], f" {row['unit']}")
    if not row["change"]:
        return f"{what} held at {row['now']:.3g}{unit}, where it stands, and answering nothing"
    return f"{what} from {row['now']:.3g} to {row['needed']:.3g}{unit} ({change(row)})"


def _levers(reached: Sequence[Mapping[str, Any]], details: Mapping[str, Any]) -> str:
    line = f"{details['side']} {amount(details['line'], details['unit'])}"
    if not reached:
        return f" No lever that was asked about takes it {line} by itself." if _asked(details, "lever") else ""
    named = "; ".join(_moved(row) for row in reached[:TOLD])
    most = " most easily" if len(reached) > 1 else ""
    return f" From {details['start']} on, these take it {line}{most}: {named}.{_beside(reached[0], details)}"


def _asked(details: Mapping[str, Any], kind: str) -> bool:
    return kind in details["kinds"]


def _beside(row: Mapping[str, Any], details: Mapping[str, Any]) -> str:
    beside = details["beside"]
    if beside is None or not np.isfinite(row["beside"]):
        return ""
    was, then = (amount(each, beside["unit"]) for each in (beside["value"], row["beside"]))
    first = "the first of them" if row["answer"] == "reached" else "it"
    return f" With {first} {beside['label']} is {then} (now {was})."


def _parameters(reached: Sequence[Mapping[str, Any]], details: Mapping[str, Any]) -> str:
    if not reached:
        return "No parameter that was asked about does it inside the 99% range of its prior."
    named = "; ".join(_moved(row) for row in reached[:TOLD])
    return f"So does a parameter, moved in every future: {named}.{_beside(reached[0], details)}"


def _pair(details: Mapping[str, Any]) -> str:
    """The pair that takes the smallest changes together."""
    line = f"{details['side']} {amount(details['line'], details['unit'])}"
    found = [each for each in details["pair"] if np.isfinite(each["together"])]
    if not found:
        return f"No levels of the two levers together, of those looked at, take it {line}."
    least = min(found, key=lambda each: each["together"])
    levels = [f"{details['labels'][name]} at {level:.3g}" for name, level in least["levels"].items()]
    shares = " and ".join(f"{each:.0%}" for each in least["changes"])
    return f"Together it takes least with {' and '.join(levels)}, {shares} of their ranges away from now."


def _missing(missing: Sequence[Mapping[str, Any]], of: int, details: Mapping[str, Any]) -> str:
    """How many cannot do it, and how far the one that comes nearest goes."""
    still = [row for row in missing if row["answer"] == "moves nothing"]
    moving = [row for row in missing if row["answer"] == "out of reach"]
    if of == 1 and still:
        return f"{still[0]['label']} moves nothing to speak of, from one end of its range to the other."
    words = f"{len(missing)} of {of} cannot do it alone within their range"
    if still:
        words += f", {len(still)} of which move it by less than a thousandth of the way"
    if moving:
        nearest = moving[0]
        unit = UNITS.get(nearest["unit"], f" {nearest['unit']}")
        words += f"; {nearest['label']} comes nearest: {amount(nearest['best'], details['unit'])}"
        words += f" with {'its median' if nearest['kind'] == 'parameter' else 'it'} at {nearest['best_at']:.3g}{unit}"
    return f"{words}.{_beside(moving[0], details) if moving else ''}"

"""What an attribution found, in sentences that a person can repeat."""

from collections.abc import Mapping, Sequence
from typing import Any

from fourfronts.analysis.explain.outcome import Outcome

ALL, AREA, LEVER, AREA_PAIR, LEVER_PAIR = "all", "area", "lever", "two areas", "two levers"
"""Parts of the table: the whole change, what areas and levers add, and what two do beyond what they do apart."""

PAIRS = {AREA_PAIR: AREA, LEVER_PAIR: LEVER}
"""Whose pairs they are."""

HARDLY = 1e-3
"""Share of the largest value up to which another is told as nothing."""
NOTICED = 0.03
"""Share of the largest value from which on what two do together is worth a word."""
SURE = 3.0
"""Standard errors from nothing, below which it may be chance."""


def sentences(rows: Sequence[Mapping[str, Any]], outcomes: Sequence[Outcome], details: Mapping[str, Any]) -> list[str]:
    """Three about the first outcome: the areas, the levers, and who acts on whom. One where nothing changes."""
    first = outcomes[0]
    mine = [row for row in rows if row["outcome"] == first.name]
    if not details["outcomes"][first.name]["varies"]:
        return [f"No part of {details['package']} changes {first} in any future: nothing to share out."]
    return [_areas(mine, first, details), _levers(mine, first, details), _pairs(mine, first, details)]


def size(value: float, asked: Outcome | Mapping[str, Any], largest: float = 0.0) -> str:
    """A difference with its unit: '+1.48 months', '+9.2 points' of a probability; `largest` as `amount` has it."""
    chance = asked.chance if isinstance(asked, Outcome) else asked["chance"]
    unit = asked.unit if isinstance(asked, Outcome) else asked["unit"]
    return f"{amount(100 * value, 100 * largest)} points" if chance else f"{amount(value, largest)} {unit}"


def amount(value: float, largest: float = 0.0) -> str:
    """A difference with its sign and two or three digits: '+1.48', '-0.0032', '+1,200', '+18.5 million'.

    '0' for nothing, and for what is hardly any beside the `largest` of its kind.
    """
    size = abs(value)
    if size <= HARDLY * largest:
        return "0"
    if size >= 1e6:
        return f"{value / 1e6:+,.1f} million"
    if size >= 100:
        return f"{value:+,.0f}"
    return f"{value:+.1f}" if size >= 10 else f"{value:+.2f}" if size >= 0.1 else f"{value:+.2g}"


def _largest(rows: Sequence[Mapping[str, Any]]) -> float:
    found: float = max(abs(row["mean"]) for row in rows if row["part"] in {ALL, AREA, LEVER})
    return found


def _shares(rows: Sequence[Mapping[str, Any]], asked: Outcome, largest: float, names: Mapping[str, str]) -> list[str]:
    times = 100 if asked.chance else 1
    return [f"{names[row['name']]} {amount(times * row['mean'], times * largest)}" for row in rows]


def _part(rows: Sequence[Mapping[str, Any]], part: str) -> list[Mapping[str, Any]]:
    return sorted((row for row in rows if row["part"] == part), key=lambda row: -abs(row["mean"]))


def _areas(rows: Sequence[Mapping[str, Any]], asked: Outcome, details: Mapping[str, Any]) -> str:
    (whole,) = _part(rows, ALL)
    spread = "" if asked.chance else f" (90% of futures: {amount(whole['p05'])} to {amount(whole['p95'])})"
    parts = _shares(_part(rows, AREA), asked, _largest(rows), details["areas"])
    change = f"{size(whole['mean'], asked, _largest(rows))} on average{spread}"
    shares = f": {', '.join(parts)}" if len(parts) > 1 else ""
    return f"Against drift {details['package']} changes {asked} by {change}{shares}."


def _levers(rows: Sequence[Mapping[str, Any]], asked: Outcome, details: Mapping[str, Any]) -> str:
    found = _part(rows, LEVER)
    parts = _shares(found[:3], asked, _largest(rows), details["levers"])
    how = "all orders counted"
    if details["orders"]:
        error = size(max(row["sampling_error"] for row in found), asked).lstrip("+")
        how = f"{details['orders']} orders sampled, with a standard error of {error} or less"
    return f"Of its {len(found)} levers these add most: {'; '.join(parts)} ({how})."


def _pairs(rows: Sequence[Mapping[str, Any]], asked: Outcome, details: Mapping[str, Any]) -> str:
    told = {part: acting(rows, details, part, 1) for part in PAIRS}
    if not any(told.values()):
        return f"No two areas or levers act noticeably on one another: {_at_most(rows, tuple(PAIRS), asked)}."
    if told[AREA_PAIR] or not _part(rows, AREA_PAIR):
        return " ".join(f"{each}." for several in told.values() for each in several)
    (levers,) = told[LEVER_PAIR]
    return f"{levers}; no two areas act noticeably on one another ({_at_most(rows, (AREA_PAIR,), asked)})."


def _at_most(rows: Sequence[Mapping[str, Any]], parts: Sequence[str], asked: Outcome) -> str:
    most = max(abs(row["mean"]) for row in rows if row["part"] in parts)
    return f"{size(most, asked, _largest(rows)).lstrip('+')} at most"


def acting(rows: Sequence[Mapping[str, Any]], details: Mapping[str, Any], part: str, most: int) -> list[str]:
    """In words, of one outcome's rows: up to so many pairs of areas, or of levers, that act noticeably on one another.

    That is by a few per cent of the largest value, and by more than counting futures could have made up.
    """
    of, names = PAIRS[part], details["areas" if part == AREA_PAIR else "levers"]
    largest = _largest(rows)
    value = {row["name"]: row["mean"] for row in rows if row["part"] == of}
    told = []
    for row in _part(rows, part)[:most]:
        if abs(row["mean"]) <= max(NOTICED * largest, SURE * row["standard_error"]):
            continue
        one, other = row["name"].split(" and ")
        alike = row["mean"] * (value[one] + value[other]) > 0
        by = size(row["mean"], details["outcomes"][row["outcome"]])
        told.append(f"{names[one]} and {names[other]} do {'more' if alike else 'less'} together than apart ({by})")
    return told

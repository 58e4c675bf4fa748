"""The first page: four plain sentences, and who leads which front in words. Ranges first, no verdict on policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fourfronts.policy.scenarios import COMMANDING_LEAD, NECK_AND_NECK
from fourfronts.report.headline import (
    LEAD,
    NOW_DATE,
    Range,
    find,
    future_dates,
    leads,
    margin,
    one_past,
    probability,
    scenario_date,
    scenario_names,
)
from fourfronts.report.wording import listed, month, number, share, span

CERTAIN, VERY_LIKELY, LIKELY = 0.99, 0.9, 2 / 3
NAMES = {"allied": "the allied bloc", "prc": "the PRC", "rest": "the rest of the world"}
SHORT_NAMES = {"allied": "allied", "prc": "PRC", "rest": "rest"}


@dataclass(frozen=True)
class Cell:
    """Who leads one front at one date, in words, and the allied margin over the PRC."""

    words: str
    chance: str
    margin: Range | None


@dataclass(frozen=True)
class Row:
    """One front: its name, the unit of its margin, and a cell for each column."""

    label: str
    unit: str
    cells: tuple[Cell, ...]


def sentences(summary: Mapping[str, Any], base: str) -> list[str]:
    """Lead, scenarios, fronts and closed channels, a sentence or two each; what has no finite value is left out."""
    found = (_lead(summary, base), _scenarios(summary, base), _fronts(summary, base), _channels(summary))
    return [sentence for sentence in found if sentence]


def _label(summary: Mapping[str, Any], name: str) -> str:
    label: str = summary["packages"][name]["label"]
    return label


def months(found: Range) -> str:
    """'4.7 to 16 months (90% range; median 9.4)'."""
    return f"{span(found)} months (90% range; median {number(found.p50)})"


def _lead(summary: Mapping[str, Any], base: str) -> str:
    last = future_dates(summary)[-1]
    now, later = (find(summary, base, LEAD, date) for date in (NOW_DATE, last))
    if now is None or later is None:
        return ""
    sign = " Below zero the PRC leads." if min(now.p05, later.p05) < 0 else ""
    return (
        f"At the end of {month(NOW_DATE)} the best released allied model leads the best released PRC model by"
        f" {months(now)}; in {month(last)}, under {_label(summary, base)}, by {months(later)}.{sign}"
    )


def _scenarios(summary: Mapping[str, Any], base: str) -> str:
    packages = list(summary["packages"])
    if not scenario_names(summary):
        return ""
    ahead, level = (
        [found for package in packages if (found := probability(summary, package, name)) is not None]
        for name in (COMMANDING_LEAD, NECK_AND_NECK)
    )
    if len(ahead) < len(packages):
        return ""
    each = [
        f"{share(value)}{' of futures' if not index else ''} under {_label(summary, package)}"
        for index, (package, value) in enumerate(zip(packages, ahead, strict=True))
    ]
    ends = dict.fromkeys(share(value) for value in (min(level), max(level)))
    return (
        f"In {month(scenario_date(summary))} a commanding lead comes about in {listed(each)}; neck and neck in"
        f" {' to '.join(ends)}. All other futures are contested, for they meet the tests of neither."
        f"{_views(summary, base)}"
    )


def _views(summary: Mapping[str, Any], base: str) -> str:
    """How far the probability of a commanding lead depends on how one sees the world."""
    table = summary["worldviews"]
    if not table or base not in table["packages"]:
        return ""
    found = {
        view["label"]: value
        for view in table["views"].values()
        if (value := view["packages"][base]["scenarios"].get(COMMANDING_LEAD, {}).get("probability")) is not None
    }
    if not found:
        return ""
    low, high = min(found, key=lambda each: found[each]), max(found, key=lambda each: found[each])
    return (
        f" Across {len(found)} worldviews the share with a commanding lead under {_label(summary, base)} goes from"
        f" {share(found[low])} ({low}) to {share(found[high])} ({high})."
    )


def _fronts(summary: Mapping[str, Any], base: str) -> str:
    last = future_dates(summary)[-1]
    groups: dict[str, list[str]] = {}
    for name, board in summary["packages"][base]["scoreboard"].items():
        if chances := leads(summary, base, name, last):
            who = max(chances, key=lambda bloc: chances[bloc])
            led = chances[who] >= LIKELY
            label = board["label"].lower()
            groups.setdefault(who if led else "open", []).append(f"{label} ({share(chances[who])})" if led else label)
    if not groups:
        return ""
    told = [f"{NAMES[who]} leads in {listed(words)}" for who, words in groups.items() if who != "open"]
    if still := groups.get("open"):
        told.append(f"in {listed(still)} no bloc leads in two futures of three")
    return f"In {month(last)}, under {_label(summary, base)} and by share of futures, {'; '.join(told)}."


def _channels(summary: Mapping[str, Any]) -> str:
    closed = summary["channels_closed"]
    if not closed:
        return ""
    was, without, added = (
        Range(**closed[key][which][NOW_DATE])
        for key, which in (("lead_months", "as_it_was"), ("lead_months", "both"), ("added", "both"))
    )
    return (
        "Had diverted chips, rented compute and distillation all been closed to the PRC since 2022, the lead would now"
        f" be {months(without)} instead of {span(was)}: in the same future {span(added)} months more (median"
        f" {number(added.p50)})."
    )


def scoreboard_rows(summary: Mapping[str, Any], base: str) -> tuple[list[str], list[Row]]:
    """Heads of the columns and a row for each front: now, where packages share it, then the end under each package."""
    last, packages = future_dates(summary)[-1], list(summary["packages"])
    columns = [(package, last) for package in packages]
    heads = [f"{month(last)}, {_label(summary, package)}" for package in packages]
    if one_past(summary):
        columns.insert(0, (base, NOW_DATE))
        heads.insert(0, f"{month(NOW_DATE)} (now)")
    return heads, [_row(summary, base, front, columns) for front in summary["packages"][base]["scoreboard"]]


def _row(summary: Mapping[str, Any], base: str, front: str, columns: Sequence[tuple[str, str]]) -> Row:
    board = summary["packages"][base]["scoreboard"][front]
    cells = tuple(
        Cell(*standing(leads(summary, package, front, date)), margin(summary, package, front, date))
        for package, date in columns
    )
    return Row(board["label"], board["margin"]["unit"], cells)


def standing(chances: Mapping[str, float]) -> tuple[str, str]:
    """Who leads, in words, and with which probability: ('very likely the allied bloc', '94%')."""
    if not chances:
        return "no finite value", ""
    ordered = sorted(chances, key=lambda bloc: -chances[bloc])
    top = chances[ordered[0]]
    for least, words in ((CERTAIN, "almost certainly"), (VERY_LIKELY, "very likely"), (LIKELY, "likely")):
        if top >= least:
            return f"{words} {NAMES[ordered[0]]}", share(top)
    return "open", ", ".join(f"{SHORT_NAMES[bloc]} {share(chances[bloc])}" for bloc in ordered)

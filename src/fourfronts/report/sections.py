"""Rows of the report's tables on scenarios, fronts, worldviews and closed channels, from the summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fourfronts.analysis.channels import CLOSED
from fourfronts.policy.scenarios import scenarios
from fourfronts.report.first_page import SHORT_NAMES
from fourfronts.report.headline import (
    NOW_DATE,
    Range,
    future_dates,
    leads,
    margin,
    one_past,
    scenario_names,
)
from fourfronts.report.wording import number, short_share

CHANNEL_WORDS = {
    "as_it_was": "As it was",
    "evasion": "Without diverted and rented compute",
    "distillation": "Without distillation",
    "both": "Without any of the three",
}


@dataclass(frozen=True)
class Told:
    """A probability with its sampling error, as words: '30%', '28.1 to 31.5%'."""

    share: str
    interval: str


@dataclass(frozen=True)
class FrontTest:
    """One test of a scenario: its conditions and, by package, how often it holds and contested futures fail it."""

    front: str
    required: bool
    conditions: tuple[str, ...]
    holds: tuple[Told, ...]
    fails: tuple[str, ...]


@dataclass(frozen=True)
class ScenarioPart:
    """One scenario: what it is, by package its probability, and its tests."""

    name: str
    label: str
    description: str
    date: str
    rule: str
    chances: tuple[Told, ...]
    tests: tuple[FrontTest, ...]


@dataclass(frozen=True)
class FrontRow:
    """One front at one date, by package: probability that each bloc leads, and the allied margin."""

    date: str
    cells: tuple[tuple[str, Range | None], ...]


@dataclass(frozen=True)
class FrontPart:
    """One front at the dates that are shown."""

    label: str
    unit: str
    rows: tuple[FrontRow, ...]


@dataclass(frozen=True)
class ViewRow:
    """One worldview under one package: lead, ratio, scenarios and how often the allied bloc leads each front."""

    package: str
    lead: Range | None
    ratio: Range | None
    scenarios: tuple[str, ...]
    leads: tuple[str, ...]


def told(found: Mapping[str, float]) -> Told:
    """A counted probability of the summary in words."""
    if "probability" not in found:
        return Told("none counted", "")
    return Told(short_share(found["probability"]), f"{100 * found['p05']:.1f} to {100 * found['p95']:.1f}%")


def scenario_parts(summary: Mapping[str, Any]) -> list[ScenarioPart]:
    """The two shipped scenarios with their tests; empty where the run ends before their date."""
    known, each = scenarios(), summary["packages"].values()
    return [
        ScenarioPart(
            name,
            known[name].label,
            known[name].description,
            str(known[name].date),
            f"{' and '.join(known[name].rule.required)}, and {known[name].rule.at_least} of"
            f" {', '.join(known[name].others)}",
            tuple(told(package["scenarios"][name]) for package in each),
            tuple(_test_row(summary, name, front) for front in known[name].tests),
        )
        for name in scenario_names(summary)
        if name in known
    ]


def _test_row(summary: Mapping[str, Any], name: str, front: str) -> FrontTest:
    scenario = scenarios()[name]
    each = list(summary["packages"].values())
    failing = [package["contested"][name][front] for package in each]
    return FrontTest(
        front,
        front in scenario.rule.required,
        tuple(str(condition) for condition in scenario.tests[front]),
        tuple(told(package["tests"][name][front]) for package in each),
        tuple(short_share(found["probability"]) if "probability" in found else "none" for found in failing),
    )


def contested(summary: Mapping[str, Any]) -> tuple[Told, ...]:
    """Probability by package that neither scenario's tests are met."""
    return tuple(told(each["scenarios"]["contested"]) for each in summary["packages"].values() if each["scenarios"])


def own_parts(summary: Mapping[str, Any]) -> list[tuple[str, tuple[Told, ...], dict[str, Any]]]:
    """A user's own scenarios: label, probability by package, and tests with their conditions and probabilities."""
    found = []
    for name, first in next(iter(summary["packages"].values()))["further_scenarios"].items():
        mine = [package["further_scenarios"][name] for package in summary["packages"].values()]
        tests = {
            front: (body["conditions"], tuple(told(each["tests"][front]) for each in mine))
            for front, body in first["tests"].items()
        }
        found.append((first["label"], tuple(map(told, mine)), tests))
    return found


def front_parts(summary: Mapping[str, Any]) -> list[FrontPart]:
    """Every front now and at the two dates of the future, with one cell where packages share the past."""
    names = list(summary["packages"])
    shared = names[:1] if one_past(summary) else names
    dates = [(NOW_DATE, shared), *((date, names) for date in future_dates(summary))]
    boards = summary["packages"][names[0]]["scoreboard"]
    return [
        FrontPart(
            board["label"],
            board["margin"]["unit"],
            tuple(_front_row(summary, front, date, packages) for date, packages in dates),
        )
        for front, board in boards.items()
    ]


def _front_row(summary: Mapping[str, Any], front: str, date: str, packages: Sequence[str]) -> FrontRow:
    cells = ((_leads(summary, name, front, date), margin(summary, name, front, date)) for name in packages)
    return FrontRow(date, tuple(cells))


def _leads(summary: Mapping[str, Any], package: str, front: str, date: str) -> str:
    found = leads(summary, package, front, date)
    return ", ".join(f"{SHORT_NAMES[bloc]} {short_share(value)}" for bloc, value in found.items()) or "no finite value"


def view_rows(summary: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], list[ViewRow]]]:
    """Every worldview of the table with a row for each package."""
    table = summary["worldviews"]
    return [
        (view, [_view_row(label, view["packages"][name]) for name, label in table["packages"].items()])
        for view in (table["views"].values() if table else ())
    ]


def _view_row(label: str, found: Mapping[str, Any]) -> ViewRow:
    chances = [each.get("probability") for each in found["scenarios"].values()]
    return ViewRow(
        label,
        _range(found["lead_months"]),
        _range(found["compute_ratio"]),
        tuple("none" if value is None else short_share(value) for value in chances),
        tuple(short_share(value) for value in found["leads"].values()),
    )


def _range(found: Mapping[str, float]) -> Range | None:
    return Range(found["p05"], found["p50"], found["p95"]) if found else None


def channel_rows(summary: Mapping[str, Any]) -> list[tuple[str, list[tuple[Range, Range | None]]]]:
    """Lead with channels as they were and closed, at each date: the lead, and the months that closing adds."""
    closed = summary["channels_closed"]
    if not closed:
        return []
    dates = list(closed["lead_months"]["as_it_was"])
    return [
        (
            CHANNEL_WORDS[which],
            [
                (
                    Range(**closed["lead_months"][which][date]),
                    Range(**closed["added"][which][date]) if which in closed["added"] else None,
                )
                for date in dates
            ],
        )
        for which in ("as_it_was", *CLOSED)
    ]


def view_error(summary: Mapping[str, Any]) -> str:
    """The largest standard error of a share in the worldview table, in points."""
    draws = summary["worldviews"].get("draws", 1)
    return number(100 * 0.5 / draws**0.5)

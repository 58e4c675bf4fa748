"""The report: one page that opens offline, with nothing in it that comes from elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fourfronts.analysis.checks import not_yet
from fourfronts.analysis.claims import Ledger
from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.full import Full
from fourfronts.evidence.loader import Evidence
from fourfronts.inference.parameters import Registry
from fourfronts.report import claims_page, questions, sections
from fourfronts.report.answer import answer
from fourfronts.report.assumptions import LeverRow, cited_ids, lever_rows, parameter_rows
from fourfronts.report.comparison import differences
from fourfronts.report.drawing import Drawing
from fourfronts.report.first_page import scoreboard_rows, sentences
from fourfronts.report.headline import (
    NOW_DATE,
    QUANTITIES,
    find,
    future_dates,
    one_past,
    scenario_date,
    scenario_names,
)
from fourfronts.report.inline import inline_svg
from fourfronts.report.multiples import main_package
from fourfronts.report.page import environment, style_sheet
from fourfronts.report.wording import month

TEMPLATE = "report.html.j2"
FIRST_FIGURE, BOARD_FIGURE, PAST_FIGURES = "scenarios", "scoreboard", "backcast"
"""Figures with a place of their own; the others stand together."""

SECTIONS = (
    ("answer", "The answer"),
    ("scenarios", "Scenarios"),
    ("scoreboard", "Scoreboard"),
    ("worldviews", "Worldviews"),
    ("channels", "Illicit channels"),
    ("numbers", "Numbers"),
    ("differences", "What policy changes"),
    ("figures", "Figures"),
    ("questions", "Questions"),
    ("checks", "Checks"),
    ("backcast", "Back-cast"),
    ("claims", "Claims"),
    ("assumptions", "Assumptions"),
    ("limits", "Limits"),
    ("reproduce", "Reproduce"),
    ("licence", "Licence and sources"),
)


def report(
    ensembles: Mapping[str, Ensemble],
    summary: Mapping[str, Any],
    drawings: Sequence[Drawing],
    evidence: Evidence,
    registry: Registry,
    command: str,
    more: Full | None = None,
) -> str:
    """The page, in HTML. Its numbers are those of `summary`; `command` is what makes it again.

    `registry` holds the priors that the run drew from, those of its worldview included; what `more` holds becomes
    sections.
    """
    further = more or Full()
    levers = lever_rows(ensembles)
    base, last = main_package(ensembles), future_dates(summary)[-1]
    absent = _absent(ensembles, summary, further)
    return (
        environment()
        .get_template(TEMPLATE)
        .render(
            summary=summary,
            packages=ensembles,
            base=base,
            base_label=ensembles[base].package.label,
            now=NOW_DATE,
            last=last,
            sections=[(key, title) for key, title in SECTIONS if not absent.get(key)],
            failed=_failed(summary),
            answer=answer(summary, ensembles, base),
            headline=_headline(summary),
            differences={} if absent["differences"] else differences(ensembles, base, last),
            met=sum(bool(check["overlaps"]) for check in summary["checks"]),
            not_yet=not_yet(),
            command=command,
            css=style_sheet(),
            **_first_page(summary, base),
            **_fronts(summary),
            **_figures(drawings, further),
            **_assumptions(ensembles, registry, levers),
            **(claims_page.context(further.ledger) if further.ledger else {"claims": None}),
            evidence=_evidence(summary, evidence, registry, levers, further.ledger),
        )
    )


def _absent(ensembles: Mapping[str, Ensemble], summary: Mapping[str, Any], more: Full) -> dict[str, bool]:
    """Sections that not every report has, and whether this one is without."""
    return {
        "differences": len(ensembles) == 1,
        "worldviews": not summary["worldviews"],
        "channels": not summary["channels_closed"],
        "backcast": not summary["backcast"],
        "claims": more.ledger is None,
        "questions": not more.asked,
    }


def _first_page(summary: Mapping[str, Any], base: str) -> dict[str, Any]:
    heads, board = scoreboard_rows(summary, base)
    return {"sentences": sentences(summary, base), "board_heads": heads, "board": board}


def _fronts(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What the sections on scenarios, scoreboard, worldviews and closed channels need."""
    labels = scenario_names(summary)
    return {
        "scenarios": sections.scenario_parts(summary),
        "contested": sections.contested(summary),
        "own_scenarios": sections.own_parts(summary),
        "fronts": sections.front_parts(summary),
        "views": sections.view_rows(summary),
        "view_error": sections.view_error(summary),
        "scenario_labels": list(labels.values()),
        "scenario_month": month(scenario_date(summary)) if labels else "",
        "channels": sections.channel_rows(summary),
    }


def _figures(drawings: Iterable[Drawing], more: Full) -> dict[str, Any]:
    from markupsafe import Markup

    found = {
        # Matplotlib wrote it, as shapes: no word of a user's is in it.
        each.name: {
            "name": each.name,
            "title": each.title,
            "alt": each.alt,
            "svg": Markup(inline_svg(each.svg, each.name)),  # noqa: S704
        }
        for each in drawings
    }
    first, board = found.pop(FIRST_FIGURE, None), found.pop(BOARD_FIGURE, None)
    past = [found.pop(name) for name in list(found) if name.startswith(PAST_FIGURES)]
    answers = questions.parts(more.asked, found)
    shown = [found[name] for name in found if not name.startswith(questions.FIGURE)]
    return {
        "first_figure": first,
        "board_figure": board,
        "past_figures": past,
        "figures": shown,
        "questions": answers,
    }


def _assumptions(ensembles: Mapping[str, Ensemble], registry: Registry, levers: Sequence[LeverRow]) -> dict[str, Any]:
    return {
        "levers": levers,
        "changed": [name for name in ensembles if any(name in row.changes for row in levers)],
        "parameters": parameter_rows(registry),
        "parameter_count": len(registry.parameters),
        "judged": sum(each.is_judgement for each in registry.parameters.values()),
    }


def _evidence(
    summary: Mapping[str, Any],
    evidence: Evidence,
    registry: Registry,
    levers: Sequence[LeverRow],
    ledger: Ledger | None,
) -> list[Any]:
    """Every row that the page names, in the order of the evidence."""
    cited = cited_ids(levers, parameter_rows(registry).values())
    cited |= {row for check in summary["checks"] for row in check["evidence"]}
    cited |= {row for view in summary["worldviews"].get("views", {}).values() for row in view["evidence"]}
    cited |= {row for series in summary["backcast"] for row in series["evidence"]}
    cited |= claims_page.rows_of(ledger) if ledger else set()
    return [row for row in evidence.records if row.id in cited]


def _headline(summary: Mapping[str, Any]) -> list[Any]:
    """For each quantity the dates, and for each date the ranges: one if all packages share it, else one each."""
    names = list(summary["packages"])
    shared = names[:1] if one_past(summary) else names
    rows = [(NOW_DATE, shared), *((date, names) for date in future_dates(summary))]
    return [
        (quantity, [(date, [find(summary, name, quantity, date) for name in shown]) for date, shown in rows])
        for quantity in QUANTITIES
    ]


def _failed(summary: Mapping[str, Any]) -> list[str]:
    return [
        f"{each['failed']:,} of {summary['draws']:,} futures under {each['label']}"
        for each in summary["packages"].values()
        if each["failed"]
    ]

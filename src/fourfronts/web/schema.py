"""Everything the page needs to draw itself, so that a new lever or output appears without touching the page."""

from typing import Any

from fourfronts import __version__
from fourfronts.analysis.charts import Chart, charts
from fourfronts.analysis.explain.effort import today
from fourfronts.analysis.explain.robust.candidates import timing
from fourfronts.analysis.scoreboard import shipped_fronts
from fourfronts.evidence.loader import EVIDENCE_CUTOFF, load
from fourfronts.inference.parameters import registry
from fourfronts.inference.posterior import calibrated, evidence_digest, model_digest
from fourfronts.model.couplings import Parameters as Couplings
from fourfronts.model.couplings import loop_of
from fourfronts.model.responses import Responding
from fourfronts.policy.grid import FIRST_CHANGE, NOW
from fourfronts.policy.loader import Lever, Package, changes, coupling_id, levers, packages, worldviews
from fourfronts.policy.scenarios import CONTESTED, scenarios
from fourfronts.report.published import rows_behind
from fourfronts.report.wording import basis
from fourfronts.web.published import published
from fourfronts.web.state import (
    DEFAULT_DRAWS,
    LARGEST_SEED,
    LONGEST_RAMP,
    MONTHS,
    MOST_DRAWS,
    SEED,
    STRONGEST_COUPLING,
)

GROUPS = {
    "close_loopholes": "Close the loopholes",
    "defend_models": "Defend the models",
    "champion_exports": "Champion exports and adoption",
    "resilience": "Resilience",
    "prc_responses": "PRC responses",
}
"""The paper's policy areas in its order, and the levers that answer them."""


def schema() -> dict[str, Any]:
    """The document, as plain values."""
    posterior = calibrated().posterior
    about = posterior.as_json() if posterior else None
    return {
        "version": __version__,
        "evidence_cutoff": EVIDENCE_CUTOFF.isoformat(),
        "evidence_digest": evidence_digest(),
        "model_digest": model_digest(),
        "basis": f"Calibrated {basis(about, EVIDENCE_CUTOFF.isoformat()).removeprefix('calibrated ')}"
        if about
        else basis(None, EVIDENCE_CUTOFF.isoformat()).capitalize(),
        "months": list(MONTHS),
        "now": str(NOW),
        **_limits(),
        "groups": [{"id": name, "label": label} for name, label in GROUPS.items()],
        "levers": [_lever(name, each) for name, each in levers().items()],
        "packages": [_package(each) for each in packages().values()],
        "worldviews": _worldviews(),
        "couplings": [_coupling(name) for name in Couplings._fields],
        "charts": [_chart(name, each) for name, each in charts().items()],
        "scenarios": _scenarios(),
        "fronts": [
            {"id": name, "label": each.label, "margin_label": each.margin.label, "margin_unit": each.margin.unit}
            for name, each in shipped_fronts().items()
        ],
    }


def _limits() -> dict[str, Any]:
    return {
        "draws": {"default": DEFAULT_DRAWS, "max": MOST_DRAWS},
        "seed": {"default": SEED, "max": LARGEST_SEED},
        "ramp_months": {"max": LONGEST_RAMP},
    }


def _lever(name: str, each: Lever) -> dict[str, Any]:
    start, ramp = timing(name)
    low, high = each.range
    return {
        "id": name,
        "label": each.label,
        "group": group(each),
        "unit": each.unit,
        "low": low,
        "high": high,
        "today": today(name),
        "earliest_start": str(FIRST_CHANGE),
        "default_start": str(start),
        "default_ramp_months": ramp,
        # It moves by itself, in answer to others, until it is set.
        "answers_others": name in Responding._fields,
        "meaning": each.meaning,
        "reacts": each.reacts,
        "why": each.why,
        "pulled_by": each.pulled_by,
        "cost": each.cost,
        "evidence": list(each.evidence),
        "marks": [
            {"package": package.name, "level": package.levers[name].level}
            for package in packages().values()
            if name in package.levers
        ],
    }


def group(each: Lever) -> str:
    """The group of the page that a lever stands in."""
    return "prc_responses" if each.area == "prc_response" else each.area


def _package(each: Package) -> dict[str, Any]:
    moved = {
        name: {"level": change.level, "start": str(change.start), "ramp_months": change.ramp_months}
        for name, change in changes(each).items()
    }
    return {"id": each.name, "label": each.label, "description": each.description, "levers": moved}


def _worldviews() -> list[dict[str, Any]]:
    return [
        {
            "id": name,
            "label": each.label,
            "description": each.description,
            "rationale": each.rationale,
            "evidence": list(each.evidence),
            "changes": [*each.priors, *(f"couplings.{coupling}" for coupling in each.couplings)],
            "couplings": {coupling: change.strength for coupling, change in each.couplings.items()},
        }
        for name, each in worldviews().items()
    ]


def _coupling(name: str) -> dict[str, Any]:
    strength = registry().get(coupling_id(name))
    return {
        "id": name,
        "label": name.replace("_", " ").capitalize(),
        "loop": loop_of(name),
        # What its strength may be multiplied by: 0 switches it off.
        "low": 0.0,
        "high": STRONGEST_COUPLING,
        "meaning": strength.meaning,
        "unit": strength.unit,
        "judgement": strength.is_judgement,
        "evidence": list(strength.evidence),
        "why": strength.why,
    }


def _chart(name: str, chart: Chart) -> dict[str, Any]:
    drawn = published(name)["points"] if chart.published else []
    sources = {point["id"] for point in drawn} or rows_behind(*chart.mechanisms) & set(load().by_id)
    return {
        "id": name,
        "title": chart.title,
        "unit": chart.unit,
        "kind": chart.kind,
        "scale": chart.scale,
        "series": [{"id": key, "label": each.label} for key, each in chart.series.items()],
        "published": chart.published,
        "about": chart.about,
        "sources": sorted(sources),
    }


def _scenarios() -> list[dict[str, Any]]:
    shipped = [
        {
            "id": name,
            "label": each.label,
            "description": each.description,
            "date": str(each.date),
            "tests": [
                {"front": front, "conditions": [str(condition) for condition in test]}
                for front, test in each.tests.items()
            ],
            "required": list(each.rule.required),
            "at_least": each.rule.at_least,
        }
        for name, each in scenarios().items()
    ]
    neither = {"id": CONTESTED, "label": "Contested", "description": "Every future that meets the tests of neither."}
    return [shipped[0], neither | {"tests": []}, *shipped[1:]]

"""The report: one page that opens offline, with nothing in it that comes from elsewhere."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fourfronts.analysis.checks import not_yet
from fourfronts.analysis.ensemble import Ensemble
from fourfronts.evidence.loader import Evidence
from fourfronts.evidence.records import Record
from fourfronts.inference.parameters import Registry
from fourfronts.report import wording
from fourfronts.report.answer import answer
from fourfronts.report.assumptions import cited_ids, lever_rows, parameter_rows
from fourfronts.report.comparison import differences
from fourfronts.report.drawing import Drawing
from fourfronts.report.headline import NOW_DATE, QUANTITIES, find, future_dates, one_past
from fourfronts.report.inline import inline_svg
from fourfronts.report.multiples import main_package

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATE, STYLE_SHEET = "report.html.j2", "report.css"


def report(
    ensembles: Mapping[str, Ensemble],
    summary: Mapping[str, Any],
    drawings: Sequence[Drawing],
    evidence: Evidence,
    registry: Registry,
    command: str,
) -> str:
    """The page, in HTML. Its numbers are those of `summary`; `command` is what makes it again.

    `registry` holds the priors that the run drew from, those of its worldview included.
    """
    from markupsafe import Markup

    levers, parameters = lever_rows(ensembles), parameter_rows(registry)
    base = main_package(ensembles)
    others = len(ensembles) > 1
    cited = cited_ids(levers, parameters.values()) | {row for check in summary["checks"] for row in check["evidence"]}
    # Our own file; beside the figures it is the only text that is not escaped.
    css = Markup(files("fourfronts.report").joinpath(STYLE_SHEET).read_text(encoding="utf-8"))  # noqa: S704
    return (
        _environment()
        .get_template(TEMPLATE)
        .render(
            summary=summary,
            packages=ensembles,
            base=base,
            base_label=ensembles[base].package.label,
            changed=[name for name in ensembles if any(name in row.changes for row in levers)],
            now=NOW_DATE,
            last=future_dates(summary)[-1],
            sections=[section for section in SECTIONS if others or section[0] != "differences"],
            answer=answer(summary, ensembles, base),
            failed=_failed(summary),
            headline=_headline(summary),
            differences=differences(ensembles, base, future_dates(summary)[-1]) if others else {},
            figures=[_figure(each) for each in drawings],
            met=sum(bool(check["overlaps"]) for check in summary["checks"]),
            not_yet=not_yet(),
            levers=levers,
            parameters=parameters,
            parameter_count=len(registry.parameters),
            judged=sum(each.is_judgement for each in registry.parameters.values()),
            evidence=[row for row in evidence.records if row.id in cited],
            command=command,
            css=css,
        )
    )


SECTIONS = (
    ("answer", "The answer"),
    ("numbers", "Numbers"),
    ("differences", "What policy changes"),
    ("figures", "Figures"),
    ("checks", "Checks"),
    ("assumptions", "Assumptions"),
    ("limits", "Limits"),
    ("reproduce", "Reproduce"),
    ("licence", "Licence and sources"),
)


def _figure(drawing: Drawing) -> dict[str, Any]:
    from markupsafe import Markup

    # Matplotlib wrote it, as shapes: no word of a user's is in it.
    svg = Markup(inline_svg(drawing.svg, drawing.name))  # noqa: S704
    return {"name": drawing.name, "title": drawing.title, "alt": drawing.alt, "svg": svg}


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


def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("fourfronts.report", ""), autoescape=True, undefined=StrictUndefined, trim_blocks=False
    )
    environment.filters.update(
        number=wording.number,
        signed=wording.signed,
        span=wording.span,
        month=wording.month,
        listed=wording.listed,
        share=wording.share,
        exact=wording.exact,
        thousands=lambda value: f"{value:,}",
        quantity=_quantity,
        published=_published,
        published_range=_published_range,
        reading=_reading,
    )
    return environment


def _quantity(value: float, unit: str) -> str:
    """A checked number in its unit: shares in percent, compute in millions, the rest as it is."""
    if unit == "share":
        return f"{wording.number(value * 100)}%"
    if unit == "H100e":
        return f"{wording.number(value / 1e6)}M"
    return wording.number(value)


def _published(check: Mapping[str, Any]) -> str:
    """The published value as exactly as its source gives it, up to three digits."""
    value = float(f"{check['published']:.3g}")
    scaled, sign = {"share": (value * 100, "%"), "H100e": (value / 1e6, "M")}.get(check["unit"], (value, ""))
    return f"{scaled:.3g}{sign}"


def _published_range(check: Mapping[str, Any]) -> str:
    low, high = (None if check[side] is None else _quantity(check[side], check["unit"]) for side in ("low", "high"))
    if low is None or high is None:
        return f"at least {low}" if low is not None else f"at most {high}"
    return f"{low} to {high}"


def _reading(row: Record) -> str:
    """Value and range of a row of the evidence, with its unit."""
    if row.value is None:
        return row.value_text
    bounds = (
        f" ({wording.exact(row.low)} to {wording.exact(row.high)})"
        if row.low is not None and row.high is not None
        else ""
    )
    return f"{wording.exact(row.value)}{bounds} {row.unit}".strip()

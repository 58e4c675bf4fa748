"""What every page shares: the template engine with the filters that write numbers, and the style sheet."""

from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fourfronts.evidence.records import Record
from fourfronts.report import wording

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

STYLE_SHEET = "report.css"


def style_sheet() -> "Markup":
    """Our own file; beside the figures it is the only text of a page that is not escaped."""
    from markupsafe import Markup

    return Markup(files("fourfronts.report").joinpath(STYLE_SHEET).read_text(encoding="utf-8"))  # noqa: S704


def environment() -> "Environment":
    """The templates of this room, with everything escaped and every missing name an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("fourfronts.report", ""), autoescape=True, undefined=StrictUndefined, trim_blocks=False
    )
    made.filters.update(
        number=wording.number,
        signed=wording.signed,
        span=wording.span,
        month=wording.month,
        listed=wording.listed,
        share=wording.share,
        exact=wording.exact,
        basis=wording.basis,
        thousands=lambda value: f"{value:,}",
        quantity=_quantity,
        published=_published,
        published_range=_published_range,
        reading=_reading,
    )
    return made


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

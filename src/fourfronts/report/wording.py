"""Numbers and dates as people read them."""

from collections.abc import Mapping
from typing import Any

from fourfronts.policy.grid import parse_month
from fourfronts.report.headline import Range

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def number(value: float) -> str:
    """About two significant digits, and never more than two decimals: 153, 24, 4.8, 0.35."""
    size = abs(value)
    # The limits are where the next form would round up to the same text.
    digits = 0 if size >= 9.95 else 1 if size >= 0.995 else 2
    text = f"{size:,.{digits}f}"
    return f"−{text}" if value < 0 and float(text.replace(",", "")) else text


def exact(value: float) -> str:
    """A number as it was given, in a form people read: '0.025', '21,000', '11.3 million'."""
    size = abs(value)
    if 1e6 <= size < 1e9:
        return f"{value / 1e6:,.6g} million"
    return f"{value:,.0f}" if 1e4 <= size < 1e6 and value == round(value) else f"{value:g}"


def signed(value: float) -> str:
    """A difference with its sign: '+1.4', '−0.35', '0.00'."""
    text = number(abs(value))
    return text if not float(text.replace(",", "")) else f"{'−' if value < 0 else '+'}{text}"


def basis(posterior: Mapping[str, Any] | None, cutoff: str) -> str:
    """What futures were drawn from: 'calibrated on evidence up to 2026-05-31', or 'priors only, evidence up to ...'."""
    if posterior is None:
        return f"priors only, evidence up to {cutoff}"
    return f"calibrated on evidence up to {posterior['cutoff']}"


def short_basis(posterior: Mapping[str, Any] | None) -> str:
    """The same where there is little room: 'calibrated to 2026-05-31' or 'priors only'."""
    return f"calibrated to {posterior['cutoff']}" if posterior else "priors only"


def share(value: float) -> str:
    """A share of futures: '43%', and at the ends 'under 1%', 'over 99%' unless it is none or all."""
    if 0 < value < 0.01:
        return "under 1%"
    if 0.99 < value < 1:
        return "over 99%"
    return f"{value:.0%}"


def short_share(value: float) -> str:
    """The same where there is little room: '43%', '<1%', '>99%'."""
    return share(value).replace("under ", "<").replace("over ", ">")


def span(found: Range) -> str:
    """The 90% range: '4.8 to 16'."""
    return f"{number(found.p05)} to {number(found.p95)}"


def month(date: str) -> str:
    """'2028-12' as 'December 2028'."""
    parsed = parse_month(date)
    return f"{MONTHS[parsed.month - 1]} {parsed.year}"


def listed(parts: list[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"

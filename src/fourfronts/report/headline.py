"""The few numbers that answer first, taken from the summary: for the terminal's screen and the report's tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fourfronts.policy.grid import DEFAULT_HORIZON, NOW

NOW_DATE = str(NOW)
MILLION = 1e6


@dataclass(frozen=True)
class Quantity:
    """One headline output: where it stands in the summary, its name and unit for people, and its scale."""

    output: str
    kind: str
    label: str
    unit: str
    scale: float = 1.0


@dataclass(frozen=True)
class Range:
    """Median and 90% range."""

    p05: float
    p50: float
    p95: float


_FLOPS, _MEMORY = "Allied : PRC usable compute, in 8-bit operations", "Allied : PRC usable compute, in memory bandwidth"
QUANTITIES = (
    Quantity("lead_months", "released", "Lead of released models", "months"),
    Quantity("compute_ratio", "stock_usable_flops", _FLOPS, "ratio"),
    Quantity("compute_ratio", "stock_usable_bandwidth", _MEMORY, "ratio"),
    Quantity("prc_compute", "domestic", "PRC usable compute, domestic", "million H100e", MILLION),
    Quantity("prc_compute", "legal", "PRC usable compute, imported legally", "million H100e", MILLION),
    Quantity("prc_compute", "diverted", "PRC usable compute, diverted", "million H100e", MILLION),
    Quantity("prc_compute", "rented", "PRC usable compute, rented abroad", "million H100e", MILLION),
)


def find(summary: Mapping[str, Any], package: str, quantity: Quantity, date: str) -> Range | None:
    """The range of one quantity, or None where no future has a finite value."""
    numbers = summary["packages"][package]["outputs"][quantity.output][date][quantity.kind]
    if not numbers:
        return None
    return Range(*(numbers[name] / quantity.scale for name in ("p05", "p50", "p95")))


def future_dates(summary: Mapping[str, Any]) -> tuple[str, ...]:
    """The two dates of the future to be shown: 2027-12 and 2028-12, unless the run ends sooner or later."""
    package = next(iter(summary["packages"].values()))
    dates = [date for date in package["outputs"]["lead_months"] if date > NOW_DATE]
    default = str(DEFAULT_HORIZON)
    if default in dates[:-1]:
        return default, dates[-1]
    return tuple(dates[-2:])


def one_past(summary: Mapping[str, Any]) -> bool:
    """Whether all packages have the same numbers for now, as they do unless one of them changes the past."""
    names = list(summary["packages"])
    return all(
        find(summary, name, quantity, NOW_DATE) == find(summary, names[0], quantity, NOW_DATE)
        for name in names[1:]
        for quantity in QUANTITIES
    )

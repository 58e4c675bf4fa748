"""The few numbers that answer first, taken from the summary: for the terminal's screen and the report's tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fourfronts.model.blocs import BLOCS
from fourfronts.policy.grid import DEFAULT_HORIZON, NOW
from fourfronts.policy.scenarios import scenarios

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
LEAD = Quantity("lead_months", "released", "Lead of released models", "months")
RATIO = Quantity("compute_ratio", "stock_usable_flops", _FLOPS, "ratio")
BANDWIDTH = Quantity("compute_ratio", "stock_usable_bandwidth", _MEMORY, "ratio")
PRC_TOTAL = Quantity("usable_compute", "prc", "PRC usable compute, total", "million H100e", MILLION)
ILLICIT = Quantity(
    "prc_illicit_share", "diverted_and_rented", "Diverted or rented, of PRC usable compute", "percent", 0.01
)
CHANNELS = (
    Quantity("prc_compute", "domestic", "PRC usable compute, domestic", "million H100e", MILLION),
    Quantity("prc_compute", "legal", "PRC usable compute, imported legally", "million H100e", MILLION),
    Quantity("prc_compute", "diverted", "PRC usable compute, diverted", "million H100e", MILLION),
    Quantity("prc_compute", "rented", "PRC usable compute, rented abroad", "million H100e", MILLION),
)
_ABROAD = "share of the AI work that the rest of the world buys"
FRONTS = (
    Quantity("adoption", "allied", "Allied AI-weighted share of GDP", "percent", 0.01),
    Quantity("adoption", "prc", "PRC AI-weighted share of GDP", "percent", 0.01),
    Quantity("distribution_share", "allied", f"Allied {_ABROAD}", "percent", 0.01),
    Quantity("distribution_share", "prc", f"PRC {_ABROAD}", "percent", 0.01),
    Quantity("resilience", "allied", "Allied resilience", "index, 0 to 100"),
    Quantity("resilience", "prc", "PRC resilience", "index, 0 to 100"),
)
QUANTITIES = (LEAD, RATIO, BANDWIDTH, PRC_TOTAL, ILLICIT, *CHANNELS, *FRONTS)
"""What the report's tables show."""
SCREEN = (LEAD, RATIO, PRC_TOTAL, ILLICIT)
"""What the terminal's one screen has room for, beside fronts and scenarios."""
TALL_SCREEN = (LEAD, RATIO, BANDWIDTH, PRC_TOTAL, *CHANNELS, ILLICIT)
"""What a taller one has room for."""


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


def scenario_names(summary: Mapping[str, Any]) -> dict[str, str]:
    """Name and label of the three scenarios, the two that exclude each other first; empty where the run ends before."""
    first = next(iter(summary["packages"].values()))
    known = scenarios()
    return {name: known[name].label if name in known else name.capitalize() for name in first["scenarios"]}


def probability(summary: Mapping[str, Any], package: str, scenario: str) -> float | None:
    """The share of futures that are a scenario, of the three or a user's own; None where none could be counted."""
    each = summary["packages"][package]
    found: float | None = (each["scenarios"] | each["further_scenarios"])[scenario].get("probability")
    return found


def scenario_date(summary: Mapping[str, Any]) -> str:
    """The date of the two shipped scenarios, of which the summary must have a probability."""
    first = next(iter(scenario_names(summary)))
    return str(scenarios()[first].date)


def leads(summary: Mapping[str, Any], package: str, front: str, date: str) -> dict[str, float]:
    """Probability that each bloc leads a front, by bloc; empty where no future is finite."""
    board = summary["packages"][package]["scoreboard"][front]
    return {bloc: board[bloc][date] for bloc in BLOCS if date in board[bloc]}


def margin(summary: Mapping[str, Any], package: str, front: str, date: str) -> Range | None:
    """The allied margin over the PRC on a front, or None where no future is finite."""
    numbers = summary["packages"][package]["scoreboard"][front]["margin"]["by_date"].get(date)
    return Range(**numbers) if numbers else None


def one_past(summary: Mapping[str, Any]) -> bool:
    """Whether all packages have the same numbers for now, as they do unless one of them changes the past."""
    names = list(summary["packages"])
    return all(
        find(summary, name, quantity, NOW_DATE) == find(summary, names[0], quantity, NOW_DATE)
        for name in names[1:]
        for quantity in QUANTITIES
    )

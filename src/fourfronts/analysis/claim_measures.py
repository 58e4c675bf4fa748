"""What a measure of a claim is: the runs it needs, and what it makes of their futures."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.claim_runs import Futures
from fourfronts.analysis.verdicts import Part
from fourfronts.evidence.claims import Claim

LEAD = "lead_months.released"
TARGET = "2028-12"
"""Date of the paper's scenarios."""


@dataclass(frozen=True)
class Finding:
    """One thing that the model computes for a claim: median and 90% range, equal where it is a single number."""

    label: str
    unit: str
    p05: float
    p50: float
    p95: float

    def as_json(self) -> dict[str, Any]:
        """Plain values to six significant digits."""
        return {
            key: float(f"{value:.6g}") if isinstance(value, float) else value for key, value in asdict(self).items()
        }


@dataclass(frozen=True)
class Outcome:
    """What a measure says of its claim. The first finding comes first everywhere; `short` is its shortest name.

    `verdict` is given only where the claim's own rule is another than that of its weakest part.
    """

    short: str
    findings: tuple[Finding, ...]
    parts: tuple[Part, ...]
    verdict: str | None = None


@dataclass(frozen=True)
class Measure:
    """How a claim is measured. `needs` and `monthly` give by run the outputs to keep, at reported dates or by month."""

    compute: Callable[[Futures, Claim], Outcome]
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    monthly: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def found(label: str, unit: str, values: NDArray[np.floating[Any]]) -> Finding:
    """The distribution of something over futures, shape (draws,)."""
    p05, p50, p95 = (float(value) for value in np.percentile(values, [5, 50, 95]))
    return Finding(label, unit, p05, p50, p95)


def needs_of(claim: Claim) -> list[str]:
    """The things that a claim needs, of a condition that reads 'First, ... . Second, ... .'."""
    found = re.split(r"(?:^| )(?:First|Second|Third), ", claim.condition)[1:]
    return [each[0].upper() + each[1:] for each in found]


def single(label: str, unit: str, value: float) -> Finding:
    """A single number."""
    return Finding(label, unit, float(value), float(value), float(value))

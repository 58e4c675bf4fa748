"""Couplings: how strongly each front moves another, one number apiece.

A mechanism is handed the strengths it needs. At strength 0 the coupling is off and the mechanism follows its own trend.
Some couplings close loops, in which what a bloc gains helps it to gain more; `LOOPS` says which.
"""

from types import MappingProxyType
from typing import NamedTuple

from fourfronts.model.ops import Array


class Parameters(NamedTuple):
    """Strengths, 0 or more. Priors, units and sources are in `couplings.yaml`. Shapes: (draws,)."""

    # what moves adoption
    intelligence_to_adoption: Array  # 1 / ECI, logit of the ceiling of breadth
    compute_to_adoption: Array  # elasticity of depth to serving compute
    resilience_to_adoption: Array  # share of its speed lost from reference to 0
    # what moves distribution
    intelligence_to_distribution: Array  # 1 / ECI, logit of choice
    compute_to_distribution: Array  # elasticity of the offer abroad to what can be served
    norms_to_distribution: Array  # logit of trust per unit of norms share
    distribution_to_norms: Array  # 1 / year
    # what moves money and chips
    adoption_to_revenue: Array  # elasticity
    distribution_to_revenue: Array  # elasticity
    revenue_to_capital: Array  # elasticity
    capital_to_compute: Array  # elasticity
    # what moves people
    adoption_to_resilience: Array  # points per unit of exposed adoption speed
    lead_to_talent: Array  # 1 / month, relative research labour
    # what moves safety and security
    lead_to_safety: Array  # share of effort lost at parity
    intelligence_to_security: Array  # 1 / ECI, log of the speed of finding


LOOPS = MappingProxyType(
    {
        "self-reinforcing lead": ("lead_to_talent",),
        "revenue to compute": (
            "intelligence_to_adoption",
            "compute_to_adoption",
            "intelligence_to_distribution",
            "compute_to_distribution",
            "adoption_to_revenue",
            "distribution_to_revenue",
            "revenue_to_capital",
            "capital_to_compute",
        ),
        "norms": ("distribution_to_norms", "norms_to_distribution"),
        "transition": ("adoption_to_resilience", "resilience_to_adoption"),
    }
)
"""The loops that couplings close, each with the couplings it runs through; no coupling is in two."""

ONE_WAY = ("lead_to_safety", "intelligence_to_security")
"""Couplings that close no loop: nothing that they move acts back."""


def loop_of(coupling: str) -> str:
    """Name of the loop that a coupling belongs to; empty for one that closes none."""
    return next((loop for loop, couplings in LOOPS.items() if coupling in couplings), "")

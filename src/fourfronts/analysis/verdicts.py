"""From numbers to a verdict on a claim: rules stated in words beforehand, each of which can say no.

A rule looks at a proposition in every future, at a published figure within the model's range, at a number between two
limits, or at the sources of a figure that the model itself starts from. The thresholds are data, in `claims.yaml`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.evidence.claims import Claim, claims
from fourfronts.evidence.loader import load
from fourfronts.evidence.records import EVIDENCE_CUTOFF

SUPPORTED, CONDITIONAL = "supported", "supported under conditions"
NOT_SUPPORTED, NOT_TESTABLE = "not supported", "not testable here"
VERDICTS = (SUPPORTED, CONDITIONAL, NOT_SUPPORTED, NOT_TESTABLE)

FEWEST = 30
"""Futures that a share is taken of at the least; a share of fewer says little."""

Bools = NDArray[np.bool_]
Values = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Part:
    """One thing that a claim needs, and the verdict on it alone by one of the `rules`.

    `share` is the share of futures in which it holds, None where it is not about futures; `holds` and `counted`, each
    (draws,), say in which it holds and which are counted. `rests_on` names the parameters that make the chain from
    which the direction of an effect follows.
    """

    says: str
    verdict: str
    reads: str
    rule: str
    share: float | None = None
    rests_on: tuple[str, ...] = ()
    holds: Bools | None = field(default=None, repr=False, compare=False)
    counted: Bools | None = field(default=None, repr=False, compare=False)


def thresholds() -> Mapping[str, Mapping[str, Any]]:
    """The thresholds of the shared rules, by rule."""
    return claims().rules


def rules() -> dict[str, str]:
    """Every rule in words."""
    share, figure, source = (thresholds()[name] for name in ("share", "figure", "source"))
    outside = (1 - figure["middle"]) / 2
    return {
        "share": (
            f"A proposition: supported if it holds in at least {share['supported']:.0%} of futures, not supported if in"
            f" at most {share['not_supported']:.0%}, under conditions between."
        ),
        "figure": (
            f"A published figure: supported if it lies in the middle {figure['middle']:.0%} of the model's futures (at"
            f" least {outside:.0%} below it and above it), under conditions if in the {figure['range']:.0%} range, else"
            f" not supported; not testable if that range spans a factor of more than {figure['widest']:g}, which would"
            " let nearly any figure pass."
        ),
        "level": (
            "A number between two limits, which the claim gives: supported from one on, not supported up to the other,"
            " under conditions between."
        ),
        "source": (
            "A figure that the model itself starts from: supported if a source that does not rest on the paper, graded"
            f" {' or '.join(source['grades'])}, gives it within {source['tolerance']:.0%}; under conditions if its"
            " grade is lower or it covers less than the claim; not supported if no such source agrees; not testable if"
            " there is none."
        ),
        "together": (
            "Several parts: a claim needs them all, so it has the verdict of its weakest part, from not supported over"
            " not testable and under conditions to supported."
        ),
        "assumed": (
            "Not testable here if a link of the chain on which the direction of an effect rests is judgement alone: the"
            " model then repeats an assumption, whatever the numbers say."
        ),
    }


def of_share(says: str, holds: Bools, among: Bools | None = None, rests_on: tuple[str, ...] = ()) -> Part:
    """Judge a proposition that is true or false in every future; only futures `among` count, all if None."""
    counted = np.ones(holds.shape, dtype=np.bool_) if among is None else among
    number = int(counted.sum())
    if number < FEWEST:
        return Part(says, NOT_TESTABLE, f"Only {number} futures count, too few for a share.", "share")
    share = float(holds[counted].mean())
    limits = thresholds()["share"]
    of = "futures" if among is None else "those futures"
    error = (share * (1 - share) / number) ** 0.5
    near = any(abs(share - limit) < 2 * error for limit in limits.values())
    close = " Another seed may cross the limit." if near else ""
    return Part(
        says,
        between(share, limits["supported"], limits["not_supported"]),
        f"It holds in {percent(share)} of {of}.{close}",
        "share",
        share,
        rests_on,
        holds,
        counted,
    )


def of_figure(says: str, stated: float, values: Values) -> Part:
    """Judge a published figure by its place in the model's futures, shape (draws,), all above zero."""
    if values.size < FEWEST:
        return Part(says, NOT_TESTABLE, f"Only {values.size} futures count, too few for a range.", "figure")
    limits = thresholds()["figure"]
    below = float((values < stated).mean())
    p05, p95 = np.percentile(values, [5, 95])
    reads = f"{percent(below)} of futures are below it (90% range {p05:.2g} to {p95:.2g})."
    if p95 > limits["widest"] * p05:
        return Part(says, NOT_TESTABLE, f"{reads} The range is too wide to tell.", "figure")
    inside = min(below, 1 - below)
    if inside >= (1 - limits["middle"]) / 2:
        return Part(says, SUPPORTED, reads, "figure")
    return Part(says, CONDITIONAL if inside >= (1 - limits["range"]) / 2 else NOT_SUPPORTED, reads, "figure")


def of_level(says: str, value: float, reads: str, supported: float, not_supported: float) -> Part:
    """Judge a single number: supported from `supported` on, not supported up to `not_supported`."""
    return Part(says, between(value, supported, not_supported), reads, "level")


def of_sources(claim: Claim) -> list[Part]:
    """Judge every number that a claim states by the row that gives it without resting on the paper."""
    return [_of_source(claim, name, value) for name, value in claim.stated.items()]


def _of_source(claim: Claim, name: str, stated: float) -> Part:
    says = f"A source that does not rest on the paper gives {stated:g}."
    if name not in claim.sources:
        return Part(says, NOT_TESTABLE, "The evidence holds none.", "source")
    row, limits = load().get(claim.sources[name]), thresholds()["source"]
    if row.value is None or not row.known_by(EVIDENCE_CUTOFF):
        return Part(says, NOT_TESTABLE, f"{row.id} has no number that was known by {EVIDENCE_CUTOFF}.", "source")
    reads = f"{row.id} ({row.source}, grade {row.grade}) gives {row.value:g}."
    if abs(row.value - stated) > limits["tolerance"] * abs(stated):
        return Part(says, NOT_SUPPORTED, reads, "source")
    if claim.narrower or row.grade not in limits["grades"]:
        return Part(says, CONDITIONAL, f"{reads} {claim.narrower}".strip(), "source")
    return Part(says, SUPPORTED, reads, "source")


def between(value: float, supported: float, not_supported: float) -> str:
    """The verdict on a number that speaks for a claim when it is high."""
    if value >= supported:
        return SUPPORTED
    return NOT_SUPPORTED if value <= not_supported else CONDITIONAL


def together(parts: Sequence[Part]) -> str:
    """The verdict on a claim that needs all `parts`: that of the weakest."""
    found = {part.verdict for part in parts}
    return next(verdict for verdict in (NOT_SUPPORTED, NOT_TESTABLE, CONDITIONAL, SUPPORTED) if verdict in found)


def percent(share: float) -> str:
    """A share of futures as text: no 0% or 100% unless it is none or all."""
    if 0 < share < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < share < 1 else f"{share:.0%}"

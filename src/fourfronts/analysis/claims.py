"""The claims ledger: every checkable claim of the source paper, what the model computes for it, and the verdict."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts import __version__
from fourfronts.analysis import claim_compute, claim_fronts, claim_lead
from fourfronts.analysis.claim_measures import Finding, Measure
from fourfronts.analysis.claim_runs import Futures, Run, definitions, run, simulate
from fourfronts.analysis.verdicts import FEWEST, NOT_TESTABLE, VERDICTS, Part, percent, rules, thresholds, together
from fourfronts.errors import InputError
from fourfronts.evidence.claims import Claim, claims
from fourfronts.evidence.loader import EVIDENCE_CUTOFF
from fourfronts.evidence.loader import digest as evidence_digest
from fourfronts.inference.draws import draw
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.inference.parameters import Registry
from fourfronts.inference.posterior import Posterior, calibrated
from fourfronts.inference.worldviews import under
from fourfronts.model.blocs import BLOCS
from fourfronts.policy.citations import problems
from fourfronts.policy.grid import DEFAULT_HORIZON, LAST, Month
from fourfronts.policy.loader import Worldview
from fourfronts.policy.loader import worldview as find_worldview

SCHEMA = "fourfronts/claims/1"
SPLITS = 2
"""Parameters named for each part, at most: those that best part the futures in which it holds from the others."""


@dataclass(frozen=True)
class Split:
    """A parameter on which a part depends: the shares of futures in which it holds, above and below its median."""

    parameter: str
    meaning: str
    above: float
    below: float

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        shares = {"above": _rounded(self.above), "below": _rounded(self.below)}
        return {"parameter": self.parameter, "meaning": self.meaning} | shares

    @property
    def reads(self) -> str:
        """In words."""
        return f"{percent(self.above)} of futures with {self.parameter} above its median, {percent(self.below)} below"


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. `findings[0]`, called `short`, is its headline; `depends` says for each part on what.

    `runs` are the ways to run the model that it is judged by.
    """

    claim: Claim
    short: str
    findings: tuple[Finding, ...]
    parts: tuple[Part, ...]
    verdict: str
    depends: tuple[tuple[Split, ...], ...]
    runs: tuple[Run, ...]

    @property
    def share(self) -> float | None:
        """Share of futures in which the first part that is about futures holds."""
        return next((part.share for part in self.parts if part.share is not None), None)

    def as_json(self) -> dict[str, Any]:
        """Plain values: the claim as the data has it, and what was found."""
        claim = self.claim
        known = ("number", "name", "label", "type", "text", "measure", "changes", "caveat", "narrower")
        plain: dict[str, Any] = {name: getattr(claim, name) for name in known}
        plain |= {name: dict(getattr(claim, name)) for name in ("stated", "limits", "sources")}
        return plain | {
            "evidence": list(claim.rows),
            "holds_if": claim.condition,
            "why": claim.reason,
            "verdict": self.verdict,
            "headline": self.short,
            "findings": [each.as_json() for each in self.findings],
            "runs": [each.as_json() for each in self.runs],
            "parts": [
                {
                    "says": part.says,
                    "verdict": part.verdict,
                    "reads": part.reads,
                    "rule": part.rule,
                    "share": _rounded(part.share),
                    "depends": [each.as_json() for each in depends],
                }
                for part, depends in zip(self.parts, self.depends, strict=True)
            ],
        }


@dataclass(frozen=True)
class Ledger:
    """The entries in order, and how they were computed. `left_out` counts futures that were not finite in some run.

    `posterior` is what the runs drew from, None for priors alone.
    """

    entries: tuple[Entry, ...]
    draws: int
    seed: int
    worldview: str
    horizon: str
    runs: int
    left_out: int
    posterior: Posterior | None = None

    @property
    def verdicts(self) -> dict[str, int]:
        """Number of claims by verdict, all four in their order."""
        return {verdict: sum(each.verdict == verdict for each in self.entries) for verdict in VERDICTS}

    def as_json(self) -> dict[str, Any]:
        """Everything a reader needs, as plain JSON values; the same run gives the same."""
        return {
            "schema": SCHEMA,
            "version": __version__,
            "seed": self.seed,
            "draws": self.draws,
            "horizon": self.horizon,
            "worldview": self.worldview,
            "evidence_cutoff": EVIDENCE_CUTOFF.isoformat(),
            "evidence_digest": evidence_digest(),
            "posterior": self.posterior.as_json() if self.posterior else None,
            "runs": self.runs,
            "left_out": self.left_out,
            "rules": rules(),
            "verdicts": self.verdicts,
            "claims": [each.as_json() for each in self.entries],
        }


def measures() -> dict[str, Measure]:
    """Every measure by the name that the data gives it."""
    return claim_compute.MEASURES | claim_lead.measures() | claim_fronts.MEASURES


def ledger(
    chosen: Sequence[str] = (),
    *,
    worldview: str | Worldview = "evidence",
    draws: int = 2000,
    seed: int = 0,
    horizon: Month = DEFAULT_HORIZON,
    driver: str = "jax",
    parameters: Registry | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Ledger:
    """Judge the claims, or those `chosen` by number or name, on the runs that they need.

    `progress` is called with the runs done and their number. Raises InputError for an unknown claim, worldview or
    count, for a horizon before the date that claims speak of, and where the model lacks what a measure reads.
    """
    check_horizon(horizon)
    view = find_worldview(worldview) if isinstance(worldview, str) else worldview
    shipped = parameters or calibrated()
    known = under(shipped, view)
    wanted = [claims().get(key) for key in dict.fromkeys(chosen)] or list(claims().claims)
    by_claim = {each.number: measures()[each.measure] for each in wanted}
    for each in wanted:
        _check_outputs(each, by_claim[each.number])
    needs, monthly = _gathered(by_claim.values(), "needs"), _gathered(by_claim.values(), "monthly")
    options = {"draws": draws, "seed": seed, "driver": driver}
    futures = simulate(needs, monthly, known, horizon, progress, **options)
    drawn = _drawn(known, draws, seed, futures.kept) if futures.runs else {}
    # What a parameter rests on is asked of the shipped priors: a worldview is an assumption throughout.
    entries = tuple(_entry(each, by_claim[each.number], futures, shipped, drawn) for each in wanted)
    runs, left_out = len(futures.runs), futures.left_out
    return Ledger(entries, draws, seed, view.name, str(horizon), runs, left_out, known.posterior)


def check_horizon(horizon: Month) -> None:
    """Raise InputError unless a run up to `horizon` reaches the date of the paper's scenarios."""
    if horizon < DEFAULT_HORIZON:
        raise InputError(f"horizon {horizon} is too early for claims about 2028; accepted: {DEFAULT_HORIZON} to {LAST}")


def check_against_evidence() -> list[str]:
    """What is wrong with the citations of claims and their conversions, a sentence each; empty when nothing is."""
    found = [problem for each in claims().claims for problem in problems(f"claims.yaml: {each.name}", each.rows)]
    for name, body in definitions()["conversions"].items():
        found += problems(f"analysis/claims.yaml: {name}", tuple(body["evidence"]))
    return found


def _check_outputs(claim: Claim, measure: Measure) -> None:
    """Raise InputError if the model does not report what the measure of a claim reads."""
    for references in (*measure.needs.values(), *measure.monthly.values()):
        for output, _, kind in (reference.partition(".") for reference in references):
            kinds = OUTPUTS[output].kinds if output in OUTPUTS else OUTPUTS
            if output not in OUTPUTS or kind not in kinds:
                raise InputError(
                    f"claim {claim.number} ({claim.name}): its measure reads {output}[{kind}], which the model does not"
                    f" report; accepted: {', '.join(kinds)}"
                )


def _gathered(some: Iterable[Measure], what: str) -> dict[str, tuple[str, ...]]:
    """Outputs by run that any of the measures needs."""
    found: dict[str, dict[str, None]] = {}
    for each in some:
        for name, references in getattr(each, what).items():
            found.setdefault(name, {}).update(dict.fromkeys(references))
    return {name: tuple(references) for name, references in found.items()}


def _entry(
    claim: Claim, measure: Measure, futures: Futures, known: Registry, drawn: Mapping[str, NDArray[np.float64]]
) -> Entry:
    outcome = measure.compute(futures, claim)
    parts = tuple(_assumed(part, known) for part in outcome.parts)
    depends = tuple(tuple(_splits(part, known, drawn)) for part in parts)
    runs = tuple(run(name) for name in {**measure.needs, **measure.monthly})
    return Entry(claim, outcome.short, outcome.findings, parts, outcome.verdict or together(parts), depends, runs)


def _assumed(part: Part, known: Registry) -> Part:
    """The part, not testable if a link of the chain that its direction rests on is judgement alone."""
    assumed = [key for key in part.rests_on if _sets_direction(known, key)]
    if not assumed:
        return part
    reads = f"{part.reads} But {' and '.join(assumed)} is judgement."
    return replace(part, verdict=NOT_TESTABLE, reads=reads)


def _sets_direction(known: Registry, key: str) -> bool:
    parameter = known.get(key)
    ends = parameter.prior.quantile(np.array([1e-6, 1 - 1e-6]))
    return parameter.is_judgement and bool(ends[0] >= 0)


def _drawn(known: Registry, draws: int, seed: int, kept: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """Every uncertain parameter in the kept futures, by id, each (draws,)."""
    found = {}
    for key, values in draw(known, draws, seed).items():
        rows = (
            {f"{key}.{bloc}": row for bloc, row in zip(BLOCS, values, strict=True)}
            if values.ndim > 1
            else {key: values}
        )
        found.update({name: row[kept] for name, row in rows.items() if row.min() < row.max()})
    return found


def _splits(part: Part, known: Registry, drawn: Mapping[str, NDArray[np.float64]]) -> Iterator[Split]:
    """The parameters whose lower and upper half differ most in how often the part holds, if by enough to tell."""
    if part.holds is None or part.counted is None or part.verdict == NOT_TESTABLE:
        return
    counted, holds = part.counted, part.holds[part.counted]
    number = holds.size
    # Of a hundred parameters with no effect, one differs by over three standard errors about every fourth time.
    noise = 4 * np.sqrt(holds.mean() * (1 - holds.mean()) / max(number, 1)) * 2
    least = max(thresholds()["depends"]["least"], float(noise))
    found = []
    for key, values in drawn.items():
        upper = values[counted] > np.median(values)
        if min(upper.sum(), number - upper.sum()) >= FEWEST:
            above, below = float(holds[upper].mean()), float(holds[~upper].mean())
            found.append(Split(key, known.get(key).meaning, above, below))
    found.sort(key=lambda each: -abs(each.above - each.below))
    yield from (each for each in found[:SPLITS] if abs(each.above - each.below) >= least)


def _rounded(share: float | None) -> float | None:
    return None if share is None else float(f"{share:.6g}")

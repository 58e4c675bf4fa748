"""What a run assumes, as rows for tables: levels of the levers under each package, priors of the parameters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.inference.parameters import PathSeries, Registry
from fourfronts.inference.priors import Fixed, Lognormal, Normal, Prior, Uniform
from fourfronts.policy.loader import Change, Lever, changes, levers
from fourfronts.report.wording import exact


@dataclass(frozen=True)
class LeverRow:
    """One lever: its level as policy stood, and in words what each package changes about it."""

    name: str
    lever: Lever
    now: str
    changes: Mapping[str, str]


@dataclass(frozen=True)
class ParameterRow:
    """One parameter, or one exogenous path."""

    id: str
    meaning: str
    prior: str
    unit: str
    evidence: tuple[str, ...]
    why: str


def lever_rows(ensembles: Mapping[str, Ensemble]) -> list[LeverRow]:
    """Every lever, in the order of their file; a package that leaves a lever alone has no entry."""
    changed = {name: changes(each.package) for name, each in ensembles.items()}
    rows = []
    for name, lever in levers().items():
        last = lever.history[-1]
        words = {package: _change(found[name]) for package, found in changed.items() if name in found}
        rows.append(LeverRow(name, lever, f"{exact(last.level)} since {last.start}", words))
    return rows


def _change(change: Change) -> str:
    ramp = f" over {change.ramp_months} months" if change.ramp_months else " at once"
    return f"{exact(change.level)} from {change.start}{ramp}"


def parameter_rows(registry: Registry) -> dict[str, list[ParameterRow]]:
    """Every parameter and path by mechanism, in the order of their ids."""
    rows: dict[str, list[ParameterRow]] = {}
    for each in registry.parameters.values():
        row = ParameterRow(each.id, each.meaning, prior_words(each.prior), each.unit, each.evidence, each.why)
        rows.setdefault(each.mechanism, []).append(row)
    for path in registry.paths.values():
        rows.setdefault(path.mechanism, []).append(_path_row(path))
    return rows


def _path_row(path: PathSeries) -> ParameterRow:
    words = ", ".join(f"{exact(value.value)} in {value.start}" for value in path.values)
    kind = "straight lines between" if path.interpolation == "linear" else "steps"
    cited = tuple(dict.fromkeys(row for value in path.values for row in value.evidence))
    whys = " ".join(value.why for value in path.values if value.why)
    return ParameterRow(path.id, path.meaning, f"given from outside, {kind}: {words}", path.unit, cited, whys)


def prior_words(prior: Prior) -> str:
    """A prior in words: '0.55 to 1.15 (normal)', where the numbers are the 5th and 95th percentiles."""
    if isinstance(prior, Fixed):
        return f"{exact(prior.value)} (fixed)"
    if isinstance(prior, Uniform):
        return f"{exact(prior.low)} to {exact(prior.high)} (uniform, whole range)"
    bounds = prior.bounds if isinstance(prior, Normal | Lognormal) else None
    cut = f", cut at {exact(bounds[0])} and {exact(bounds[1])}" if bounds else ""
    return f"{exact(prior.p05)} to {exact(prior.p95)} ({prior.distribution}{cut})"


def cited_ids(levers_shown: Iterable[LeverRow], parameters: Iterable[Sequence[ParameterRow]]) -> set[str]:
    """Every row of the evidence that a lever or a parameter names."""
    found = {row for each in levers_shown for row in each.lever.evidence}
    found |= {row for each in levers_shown for entry in each.lever.history for row in entry.evidence}
    return found | {row for group in parameters for each in group for row in each.evidence}

"""The runs that claims are judged by: each distinct one simulated once, all of them on the same draws."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import MONTHLY_FUTURES, Ensemble, run_ensemble
from fourfronts.errors import InputError, unknown
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.inference.parameters import Registry
from fourfronts.policy.documents import read
from fourfronts.policy.grid import NOW, Month
from fourfronts.policy.loader import Package, changes, levers
from fourfronts.policy.loader import package as find_package
from fourfronts.policy.paths import Setting, parse_setting

TOGETHER = 2
"""Packages simulated at once: the whole of an ensemble is in memory until what the claims need is cut out of it."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Run:
    """One way to run the model: a package, levers held on top of it, and parameters that have a single value."""

    package: Package
    settings: tuple[Setting, ...] = ()
    fixed: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the run, which its package bears as well."""
        return self.package.name

    def as_json(self) -> dict[str, Any]:
        """What a reader needs to run it again, as plain values."""
        levers = {
            name: {"level": change.level, "start": str(change.start), "ramp_months": change.ramp_months}
            for name, change in changes(self.package).items()
        }
        settings = [{"lever": each.lever, "level": each.level, "start": str(each.start)} for each in self.settings]
        return {
            "name": self.name,
            "label": self.package.label,
            "levers": levers,
            "settings": settings,
            "fixed": dict(self.fixed),
        }


@cache
def definitions() -> dict[str, Any]:
    """Runs and conversions as data."""
    document: dict[str, Any] = read(files("fourfronts.analysis") / "claims.yaml", "analysis/claims.yaml")
    return document


def run(name: str) -> Run:
    """The run called `name`. Raises InputError, with the nearest names, if there is none or the model lacks a lever."""
    known = definitions()["runs"]
    if name not in known:
        raise unknown("run", name, known, "analysis/claims.yaml")
    body = known[name]
    settings = tuple(parse_setting(text) for text in body.get("settings", ()))
    return Run(_package(name, body), settings, body.get("fixed", {}))


def _package(name: str, body: Mapping[str, Any]) -> Package:
    if "package" in body:
        return find_package(body["package"]).model_copy(update={"name": name, "label": body["label"]})
    areas, delay = body["areas"], body.get("delay_months", 0)
    changes = {
        lever: change.model_copy(update={"start": change.start.later(delay)})
        for lever, change in find_package("hold").levers.items()
        if levers()[lever].area in areas
    }
    when = f", {delay} months later" if delay else ""
    words = f"The levers of hold in {', '.join(areas)}{when}; all else as it stood on 2026-05-31."
    return Package(name=name, label=body["label"], description=words, levers=changes)


class Futures:
    """What the claims need of every run, cut down to the futures that are finite in all of them.

    A reference such as 'lead_months.released' names an output and its kind. `kept` (draws,) says which futures those
    are, `left_out` how many are not.
    """

    def __init__(self, runs: Mapping[str, Ensemble], last: str) -> None:
        self.runs, self.last, self.now = runs, last, str(NOW)
        self.kept: NDArray[np.bool_]
        self.left_out: int
        if not runs:
            self.kept, self.left_out = np.ones(0, dtype=np.bool_), 0
            return
        sound = {name: _finite(each) for name, each in runs.items()}
        self.kept = np.logical_and.reduce(list(sound.values()))
        self.left_out = int((~self.kept).sum())
        if not self.kept.any():
            worst = min(sound, key=lambda name: int(sound[name].sum()))
            raise InputError(
                f"no future is finite in every run that the claims need (run {worst} has {int(sound[worst].sum())});"
                " accepted: priors that give some"
            )

    def at(self, run: str, reference: str, date: str) -> Floats:
        """One output in every kept future, shape (draws,), at a date 'YYYY-MM'."""
        output, _, kind = reference.partition(".")
        values: Floats = self.runs[run].at(output, date, kind)[self.kept].astype(np.float64)
        return values

    def monthly(self, run: str, reference: str) -> Floats:
        """One output in every month, shape (months, draws), of the kept futures that are recorded by month."""
        output, _, kind = reference.partition(".")
        rows = self.runs[run].monthly[output][:, OUTPUTS[output].kinds.index(kind)]
        values: Floats = rows[:, self.kept[: rows.shape[-1]]].astype(np.float64)
        return values

    def months(self, run: str, year: int) -> list[int]:
        """Rows of `monthly` that fall in a year."""
        return [row for row, month in enumerate(self.runs[run].months) if month.startswith(str(year))]


def simulate(
    needs: Mapping[str, Iterable[str]],
    monthly: Mapping[str, Iterable[str]],
    known: Registry,
    last: Month,
    progress: Callable[[int, int], None] | None = None,
    **options: Any,
) -> Futures:
    """Simulate every run that is needed, once, and keep the outputs that are.

    `needs[run]` and `monthly[run]` are references such as 'lead_months.released'; `known` holds the priors, and
    `options` go to `run_ensemble` (draws, seed, driver). `progress` is called with the runs done and their number.
    Raises InputError where the model has no such lever or parameter.
    """
    wanted = {name: _outputs(references) for name, references in needs.items()}
    by_month = {name: _outputs(references) for name, references in monthly.items()}
    groups: dict[Any, list[Run]] = {}
    for name in sorted(wanted | by_month):
        each = run(name)
        groups.setdefault((each.settings, tuple(sorted(each.fixed.items()))), []).append(each)
    found: dict[str, Ensemble] = {}
    for runs in groups.values():
        priors = known.overridden(runs[0].fixed, f"analysis/claims.yaml: run {runs[0].name}")
        at_once = TOGETHER if options.get("draws", 0) <= MONTHLY_FUTURES else 1
        for first in range(0, len(runs), at_once):
            some = runs[first : first + at_once]
            packages = [each.package for each in some]
            made = run_ensemble(packages, settings=some[0].settings, parameters=priors, horizon=last, **options)
            for name, ensemble in made.items():
                found[name] = _cut(ensemble, wanted.get(name, ()), by_month.get(name, ()))
            if progress:
                progress(len(found), sum(map(len, groups.values())))
    return Futures(found, str(last))


def _finite(ensemble: Ensemble) -> NDArray[np.bool_]:
    """Futures in which every output that is kept is finite at every date, shape (draws,)."""
    found: NDArray[np.bool_] = np.logical_and.reduce(
        [np.isfinite(array).all(axis=(0, 1)) for array in ensemble.values.values()]
    )
    return found


def _outputs(references: Iterable[str]) -> tuple[str, ...]:
    """The outputs that references name, each once."""
    return tuple(dict.fromkeys(reference.partition(".")[0] for reference in references))


def _cut(whole: Ensemble, values: Iterable[str], monthly: Iterable[str]) -> Ensemble:
    # An ensemble counts its draws by the lead.
    kept = dict.fromkeys(("lead_months", *values, *monthly))
    return Ensemble(
        whole.package,
        whole.dates,
        whole.months,
        {name: whole.values[name].copy() for name in kept},
        {name: whole.monthly[name].copy() for name in dict.fromkeys(monthly)},
        whole.failed,
    )

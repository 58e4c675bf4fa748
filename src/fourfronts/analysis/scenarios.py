"""Which scenario each future is, how sure a count of futures makes its probability, and which tests fail."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.errors import InputError, unknown
from fourfronts.inference.outputs import OUTPUTS, Output
from fourfronts.policy import scenarios as definitions
from fourfronts.policy.grid import Month, parse_month
from fourfronts.policy.scenarios import CONTESTED, Condition, Reference, Scenario, exclusive

Z90 = NormalDist().inv_cdf(0.95)
DECIMALS = 6

Flags = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

COMPARE = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less}


@dataclass(frozen=True)
class Probability:
    """A share of futures, counted.

    The errors are those of independent draws. The draws here are a scrambled Sobol design, whose shares vary less from
    seed to seed, so they err on the wide side. They say nothing of whether priors or equations are right. `lived` is
    how often each draw was counted (`Ensemble.lived`).
    """

    futures: int
    of: int
    lived: float = 1.0

    @property
    def value(self) -> float:
        """The share; not a number where nothing was counted."""
        return self.futures / self.of if self.of else math.nan

    @property
    def standard_error(self) -> float:
        """Binomial standard error of the share."""
        return math.sqrt(self.value * (1 - self.value) / self.of * self.lived) if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 90% interval, which stays within 0 and 1 and has a width even at a count of nought."""
        if not self.of:
            return math.nan, math.nan
        counted = self.of / self.lived
        weight = Z90**2 / counted
        middle = (self.value + weight / 2) / (1 + weight)
        reach = Z90 / (1 + weight) * math.sqrt(self.value * (1 - self.value) / counted + weight / (4 * counted))
        return max(middle - reach, 0.0), min(middle + reach, 1.0)

    def as_json(self) -> dict[str, float]:
        """Plain values to six decimals; only the counts where nothing was counted."""
        counts: dict[str, float] = {"futures": self.futures, "of": self.of}
        if not self.of:
            return counts
        low, high = self.interval
        shares = {"probability": self.value, "standard_error": self.standard_error, "p05": low, "p95": high}
        return {name: round(share, DECIMALS) for name, share in shares.items()} | counts


@dataclass(frozen=True)
class Verdict:
    """One scenario over the futures: whether each is it, and whether each passes each test. Shapes: (futures,)."""

    scenario: Scenario
    holds: Flags
    passes: Mapping[str, Flags]
    lived: float = 1.0

    @property
    def probability(self) -> Probability:
        """Share of futures that are this scenario."""
        return counted(self.holds, self.lived)

    @property
    def tests(self) -> dict[str, Probability]:
        """Share of futures that pass each test."""
        return {front: counted(passed, self.lived) for front, passed in self.passes.items()}


@dataclass(frozen=True)
class Evaluation:
    """What the futures of one package are.

    `shipped` are the two scenarios that exclude each other, over the same futures, and empty where the run ends before
    their date; `further` a user's own, each by itself. `left_out` counts futures in which an output that the shipped
    two read is not finite.
    """

    shipped: tuple[Verdict, ...]
    further: tuple[Verdict, ...]
    left_out: int

    @property
    def contested(self) -> Flags:
        """Futures that are neither, shape (futures,). Empty where the shipped two are."""
        return ~reduce(np.logical_or, (each.holds for each in self.shipped)) if self.shipped else np.ones(0, dtype=bool)

    @property
    def probabilities(self) -> dict[str, Probability]:
        """Commanding lead, neck and neck, contested: counts that add up to the number of futures."""
        if not self.shipped:
            return {}
        each = {verdict.scenario.name: verdict.probability for verdict in self.shipped}
        return each | {CONTESTED: counted(self.contested, self.shipped[0].lived)}

    @property
    def failing(self) -> dict[str, dict[str, Probability]]:
        """Share of contested futures in which each test fails, by scenario and test. A future may fail several."""
        among = self.contested
        return {
            verdict.scenario.name: {
                front: counted(~passed[among], verdict.lived) for front, passed in verdict.passes.items()
            }
            for verdict in self.shipped
        }

    def as_json(self) -> dict[str, Any]:
        """`scenarios`, `tests`, `contested` and `further_scenarios` of the summary, as plain values."""
        return {
            "scenarios": _adding_up({name: each.as_json() for name, each in self.probabilities.items()}),
            "scenarios_left_out": self.left_out,
            "tests": {each.scenario.name: _tests_json(each) for each in self.shipped},
            "contested": {
                name: {front: each.as_json() for front, each in tests.items()} for name, tests in self.failing.items()
            },
            "further_scenarios": {
                each.scenario.name: each.probability.as_json()
                | {"label": each.scenario.label, "tests": _tests_json(each)}
                for each in self.further
            },
        }


def evaluate(
    ensemble: Ensemble,
    further: Sequence[Scenario] = (),
    *,
    shipped: Sequence[Scenario] | None = None,
    outputs: Mapping[str, Output] = OUTPUTS,
) -> Evaluation:
    """Every future of a package held against the shipped scenarios, and against `further` ones of a user.

    Shipped scenarios whose date the run does not reach are left out. Raises InputError as `check` does, and for shipped
    scenarios that do not exclude each other.
    """
    horizon = parse_month(ensemble.months[-1])
    known = definitions.scenarios().values() if shipped is None else shipped
    pair = tuple(each for each in known if within(each, horizon))
    for each in (*pair, *further):
        check(each, horizon, outputs)
    if shipped is None:
        _check_shipped()
    else:
        _check_exclusive(pair)
    usable = _usable(ensemble, pair, outputs)
    return Evaluation(
        shipped=tuple(_verdict(ensemble, each, usable, outputs) for each in pair),
        further=tuple(_verdict(ensemble, each, _usable(ensemble, [each], outputs), outputs) for each in further),
        left_out=int((~usable).sum()),
    )


def check(scenario: Scenario, horizon: Month, outputs: Mapping[str, Output] = OUTPUTS, where: str = "") -> None:
    """Raise InputError, with the nearest names, if the scenario reads what a run up to `horizon` does not report.

    `where` is the scenario's file, where it has one.
    """
    place = where or f"scenario {scenario.name}"
    for front, test in scenario.tests.items():
        for condition in test:
            for reference in condition.references:
                if reference.output not in outputs:
                    raise unknown("output", reference.output, outputs, f"{place}: tests: {front}")
                kinds = outputs[reference.output].kinds
                if reference.kind not in kinds:
                    raise unknown(f"kind of {reference.output}", reference.kind, kinds, f"{place}: tests: {front}")
    if not within(scenario, horizon):
        raise InputError(
            f"{place}: date: found {scenario.date}; accepted: a month up to the last of the run, {horizon}"
        )


def within(scenario: Scenario, horizon: Month) -> bool:
    """Whether a run up to `horizon` reaches the scenario's date."""
    return scenario.date <= horizon


def counted(flags: Flags, lived: float = 1.0) -> Probability:
    """The share of true values, shape (futures,), of draws that are each there `lived` times."""
    return Probability(int(flags.sum()), int(flags.size), lived)


@cache
def _check_shipped() -> None:
    # Once: a lever that is dragged has its futures evaluated many times a second.
    _check_exclusive(tuple(definitions.scenarios().values()))


def _check_exclusive(pair: Sequence[Scenario]) -> None:
    for index, first in enumerate(pair):
        for second in pair[index + 1 :]:
            if not exclusive(first, second):
                raise InputError(
                    f"scenarios {first.name} and {second.name}: one future can be both; accepted: tests that exclude"
                    " each other"
                )


def _verdict(ensemble: Ensemble, scenario: Scenario, usable: Flags, outputs: Mapping[str, Output]) -> Verdict:
    passes = {
        front: reduce(np.logical_and, (_holds(ensemble, scenario, each, outputs)[usable] for each in test))
        for front, test in scenario.tests.items()
    }
    needed = [passes[front] for front in scenario.rule.required]
    others = sum((passes[front].astype(int) for front in scenario.others), np.zeros(int(usable.sum()), dtype=int))
    holds = reduce(np.logical_and, needed, others >= scenario.rule.at_least)
    return Verdict(scenario, holds, passes, ensemble.lived)


def _holds(ensemble: Ensemble, scenario: Scenario, condition: Condition, outputs: Mapping[str, Output]) -> Flags:
    left, other = _values(ensemble, scenario, condition.left, outputs), condition.right
    right = _values(ensemble, scenario, other, outputs) if isinstance(other, Reference) else other
    found: Flags = COMPARE[condition.comparison](left, right)
    return found


def _usable(ensemble: Ensemble, read: Sequence[Scenario], outputs: Mapping[str, Output]) -> Flags:
    """Futures in which everything that the scenarios, all of one date, read is finite, shape (futures,)."""
    finite = [np.isfinite(_values(ensemble, each, key, outputs)) for each in read for key in each.references]
    return np.logical_and.reduce(finite) if finite else np.ones(0, dtype=bool)


def _values(ensemble: Ensemble, scenario: Scenario, reference: Reference, outputs: Mapping[str, Output]) -> Floats:
    """One output at the scenario's date, shape (futures,): all of them at a reported date, else those kept by month."""
    kind, date = outputs[reference.output].kinds.index(reference.kind), str(scenario.date)
    if date in ensemble.dates:
        found: Floats = ensemble.values[reference.output][ensemble.dates.index(date), kind]
    else:
        found = ensemble.monthly[reference.output][ensemble.months.index(date), kind]
    return found


def _tests_json(verdict: Verdict) -> dict[str, Any]:
    return {
        front: each.as_json() | {"conditions": [str(condition) for condition in verdict.scenario.tests[front]]}
        for front, each in verdict.tests.items()
    }


def _adding_up(found: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """The last probability as what the rounded others leave of one."""
    if not all("probability" in each for each in found.values()) or not found:
        return found
    *others, last = found
    others_sum = sum(found[name]["probability"] for name in others)
    return found | {last: found[last] | {"probability": round(1 - others_sum, DECIMALS)}}

"""What is asked about: one number that every future has at a date, by the name that a person would give it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import Ensemble, reported_dates
from fourfronts.analysis.scenarios import check, evaluate
from fourfronts.analysis.scoreboard import Measure, shipped_fronts
from fourfronts.errors import InputError, unknown
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.policy.grid import DEFAULT_HORIZON, Grid, Month
from fourfronts.policy.scenarios import COMMANDING_LEAD, CONTESTED, NECK_AND_NECK, Reference, Scenario, own_scenarios
from fourfronts.policy.scenarios import scenarios as shipped_scenarios

Floats = NDArray[np.float64]

LEAD = "lead_months[released]"
HEADLINE = (LEAD, COMMANDING_LEAD, NECK_AND_NECK, "adoption", "distribution", "resilience")
"""The lead, the two scenarios and the other three fronts."""


@dataclass(frozen=True)
class Outcome:
    """One number of every future at `date`.

    `outputs` are those of the model that it reads. `chance` says that it is 1 or 0, so that its mean is a probability.
    """

    name: str
    label: str
    unit: str
    date: Month
    outputs: tuple[str, ...]
    chance: bool
    read: Callable[[Ensemble], Floats]

    def of(self, ensemble: Ensemble) -> Floats:
        """Its value in every future, shape (draws,); not a number where the future has none."""
        return self.read(ensemble)

    def __str__(self) -> str:
        return f"{self.label}, {self.date}"


def outcome(text: str, at: Month = DEFAULT_HORIZON) -> Outcome:
    """The outcome that a text names, at a date.

    `OUTPUT[KIND]`, as in lead_months[released]; a scenario, as in commanding-lead, or the file of one's own, which have
    their own date; a front, for its margin. Raises InputError, with the nearest names, for anything else.
    """
    if "[" in text:
        return _output(text, at)
    if text in shipped_scenarios() or text == CONTESTED or text.endswith((".yaml", ".yml")):
        return _scenario(text)
    if text in shipped_fronts():
        return _margin(text, shipped_fronts()[text].margin, at)
    examples = [*HEADLINE, CONTESTED, "intelligence"]
    names = [f"{name}[{kind}]" for name, output in OUTPUTS.items() for kind in output.kinds]
    raise unknown("outcome", text, dict.fromkeys([*examples, *names]))


def outcomes(texts: Sequence[str], at: Month = DEFAULT_HORIZON) -> tuple[Outcome, ...]:
    """Several, each once. Raises InputError as `outcome` does."""
    return tuple(outcome(text, at) for text in dict.fromkeys(texts))


def needed(several: Sequence[Outcome]) -> tuple[tuple[str, ...], Month]:
    """The outputs that a run must keep to tell some outcomes, and the last month that it must reach.

    Raises InputError for a date that such a run does not report.
    """
    read = {name for each in several for name in each.outputs}
    last = max(each.date for each in several)
    dates = reported_dates(Grid(horizon=last))
    for each in several:
        if str(each.date) not in dates:
            raise InputError(
                f"{each.name}: {each.date} is not reported by a run to {last}, which other outcomes need; accepted:"
                f" {', '.join(dates)}"
            )
    return tuple(name for name in OUTPUTS if name in read), last


def _output(text: str, at: Month) -> Outcome:
    name, _, kind = text.removesuffix("]").partition("[")
    if name not in OUTPUTS:
        raise unknown("output", name, OUTPUTS)
    if kind not in OUTPUTS[name].kinds:
        raise unknown(f"kind of {name}", kind, OUTPUTS[name].kinds)
    output = OUTPUTS[name]
    label = f"{output.label} ({kind.replace('_', ' ')})"
    return Outcome(text, label, output.unit, at, (name,), chance=False, read=partial(value, Reference(name, kind), at))


def value(reference: Reference, at: Month, ensemble: Ensemble) -> Floats:
    """An output at a date in every future, shape (draws,), not a number where it is not finite."""
    found = ensemble.at(reference.output, str(at), reference.kind).astype(np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def _margin(name: str, measure: Measure, at: Month) -> Outcome:
    read = tuple(dict.fromkeys(reference.output for reference in measure.references))
    # A part of a function can be sent to other processes, and a function in this one cannot.
    ahead = partial(_ahead, measure, at)
    return Outcome(name, measure.label, measure.unit, at, read, chance=False, read=ahead)


def _ahead(measure: Measure, at: Month, ensemble: Ensemble) -> Floats:
    found = value(measure.of, at, ensemble)
    if measure.minus:
        found = found - value(measure.minus, at, ensemble)
    return found * measure.times


def _scenario(text: str) -> Outcome:
    shipped = shipped_scenarios()
    if text == CONTESTED:
        read = tuple(dict.fromkeys(key.output for each in shipped.values() for key in each.references))
        date = max(each.date for each in shipped.values())
        return Outcome(CONTESTED, "Contested", "probability", date, read, chance=True, read=_contested)
    (found,) = [shipped[text]] if text in shipped else own_scenarios([text])
    check(found, found.date, where="" if text in shipped else text)
    read = tuple(dict.fromkeys(key.output for key in found.references))
    return Outcome(found.name, found.label, "probability", found.date, read, chance=True, read=partial(_holds, found))


def _holds(scenario: Scenario, ensemble: Ensemble) -> Floats:
    found = evaluate(ensemble, [scenario], shipped=())
    return _spread(found.further[0].holds, ensemble, scenario)


def _contested(ensemble: Ensemble) -> Floats:
    commanding, neck = (_holds(each, ensemble) for each in shipped_scenarios().values())
    return 1.0 - commanding - neck


def _spread(holds: NDArray[np.bool_], ensemble: Ensemble, scenario: Scenario) -> Floats:
    """Flags of the futures that have all that a scenario reads, as numbers of all futures."""
    keys = [(key.output, str(scenario.date), key.kind) for key in scenario.references]
    usable = np.logical_and.reduce([np.isfinite(ensemble.at(*key)) for key in keys])
    found = np.full(ensemble.draws, np.nan)
    found[usable] = holds
    return found


def finite(values: Floats, what: str) -> Floats:
    """The finite values, shape (up to draws,). Raises InputError where none is."""
    kept: Floats = values[np.isfinite(values)]
    if not kept.size:
        raise InputError(f"{what}: no future has a finite value; accepted: assumptions under which some do")
    return kept

"""How a statistic of an outcome answers each output of each future, once what is counted has been made smooth.

A count has no slope. So a percentile is smoothed by weighing futures by how near to it they lie, and a condition by a
logistic curve in the place of a step. The width of both follows Silverman's rule, so it shrinks as futures are added.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.explain.condition import is_compared
from fourfronts.analysis.explain.threshold.moves import MEAN, STATISTICS
from fourfronts.analysis.scoreboard import shipped_fronts
from fourfronts.policy.grid import Month
from fourfronts.policy.scenarios import (
    CONTESTED,
    Condition,
    Reference,
    Scenario,
    own_scenarios,
    parse_condition,
    parse_reference,
)
from fourfronts.policy.scenarios import scenarios as shipped_scenarios

Floats = NDArray[np.float64]
Values = Mapping[Reference, Any]
Widths = Mapping[Condition, float]

LOGISTIC = 1.8137993642342178
"""Standard deviation of a logistic distribution of scale one."""


def answers(text: str, ensemble: Ensemble, at: Month, statistic: str) -> dict[Reference, Floats]:
    """Derivative of a smoothed statistic of the outcome `text` by each output that it reads, in each future (futures,).

    Nothing for futures in which one of these outputs is not finite. `statistic` is left aside for a condition, whose
    probability it is.
    """
    parts = _parts(text)
    read = {each: ensemble.at(each.output, str(at), each.kind).astype(np.float64) for each in _references(parts)}
    kept = np.logical_and.reduce([np.isfinite(each) for each in read.values()])
    finite = {each: values[kept] for each, values in read.items()}
    slopes = _of_margin(parts, finite, statistic) if isinstance(parts, dict) else _of_condition(parts, finite)
    found = {each: np.zeros(kept.size) for each in read}
    for each, slope in slopes.items():
        found[each][kept] = slope
    return found


def _parts(text: str) -> dict[Reference, float] | tuple[tuple[float, Condition | Scenario], ...]:
    """A sum of outputs with their factors, or of probabilities of conditions and scenarios with theirs."""
    if is_compared(text):
        return ((1.0, parse_condition(text)),)
    if "[" in text:
        return {parse_reference(text): 1.0}
    if text in shipped_fronts():
        margin = shipped_fronts()[text].margin
        return {margin.of: margin.times} | ({margin.minus: -margin.times} if margin.minus else {})
    shipped = shipped_scenarios()
    if text == CONTESTED:
        return tuple((-1.0, each) for each in shipped.values())
    return ((1.0, shipped[text] if text in shipped else own_scenarios([text])[0]),)


def _references(parts: Any) -> list[Reference]:
    if isinstance(parts, dict):
        return list(parts)
    return list(dict.fromkeys(each for _, part in parts for each in part.references))


def _of_margin(parts: Mapping[Reference, float], read: Values, statistic: str) -> dict[Reference, Floats]:
    value = sum(factor * read[each] for each, factor in parts.items())
    weights = _weights(np.asarray(value), statistic)
    return {each: factor * weights for each, factor in parts.items()}


def _weights(value: Floats, statistic: str) -> Floats:
    """How much a statistic moves when one future's value does, (futures,); they add up to one."""
    if statistic == MEAN:
        return np.full(value.size, 1.0 / value.size)
    width = _width(value)
    middle = np.percentile(value, STATISTICS[statistic])
    # The slope of the logistic curve, written so that it does not overflow.
    near = 1.0 / np.cosh(np.clip((value - middle) / (2.0 * width), -300, 300)) ** 2 if width else value == middle
    return np.asarray(near / near.sum(), dtype=np.float64)


def _width(value: Floats) -> float:
    """Scale of a logistic curve that is as wide as Silverman's rule has a normal kernel for these values."""
    low, high = np.percentile(value, (25, 75))
    spread = min(float(value.std()), float(high - low) / 1.349) or float(value.std())
    return float(1.06 * spread * value.size**-0.2 / LOGISTIC)


def _of_condition(parts: Sequence[tuple[float, Condition | Scenario]], read: Values) -> dict[Reference, Floats]:
    """The slope of the mean over futures of the smoothed conditions."""
    import jax

    conditions = {each for _, part in parts for each in _conditions(part)}
    widths = {each: _width(np.asarray(_margin(each, read))) for each in conditions}

    def total(values: Values) -> Any:
        return sum((factor * _probability(part, values, widths)).mean() for factor, part in parts)

    slopes = jax.grad(total)({each: values.astype(np.float32) for each, values in read.items()})
    return {each: np.asarray(slope, dtype=np.float64) for each, slope in slopes.items()}


def _conditions(part: Condition | Scenario) -> list[Condition]:
    return [part] if isinstance(part, Condition) else [each for test in part.tests.values() for each in test]


def _margin(condition: Condition, read: Values) -> Any:
    """By how much a condition is met, (futures,)."""
    right = read[condition.right] if isinstance(condition.right, Reference) else condition.right
    more = read[condition.left] - right
    return more if condition.comparison in (">=", ">") else -more


def _probability(part: Condition | Scenario, read: Values, widths: Widths) -> Any:
    """The smoothed probability that each future meets a condition, or a scenario's rule, (futures,)."""
    if isinstance(part, Condition):
        return _met(part, read, widths)
    tests = {name: _all(partial(_met, read=read, widths=widths), test) for name, test in part.tests.items()}
    required = _all(tests.__getitem__, part.rule.required)
    return required * _at_least(part.rule.at_least, [tests[name] for name in part.others])


def _met(condition: Condition, read: Values, widths: Widths) -> Any:
    import jax

    margin, width = _margin(condition, read), widths[condition]
    # Where all futures are alike, the step has no slope to be smoothed into.
    return jax.nn.sigmoid(margin / width) if width else (margin >= 0).astype(np.float32)


def _all(probability: Callable[[Any], Any], parts: Sequence[Any]) -> Any:
    found: Any = 1.0
    for each in parts:
        found = found * probability(each)
    return found


def _at_least(number: int, probabilities: Sequence[Any]) -> Any:
    """Probability that at least so many of some independent tests are passed."""
    exactly: list[Any] = [1.0] + [0.0] * len(probabilities)
    for passed in probabilities:
        failed = 1.0 - passed
        exactly = [
            each * failed + (exactly[count - 1] * passed if count else 0.0) for count, each in enumerate(exactly)
        ]
    return sum(exactly[number:])

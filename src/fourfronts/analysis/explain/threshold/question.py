"""What is the smallest change that takes an outcome across a line? One lever or parameter at a time, or two levers.

A derivative through the model says which way to look and how far (`slopes`); what is told is then found and verified by
simulating the same futures again on both sides of it, and once more in futures of another seed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fourfronts.analysis.explain.drawn import values
from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.explain.outcome import Outcome
from fourfronts.analysis.explain.threshold.crossing import Crossing, Line, frontier, nearest
from fourfronts.analysis.explain.threshold.moves import Move, Runs, lever_move, moved, parameter_move
from fourfronts.analysis.explain.threshold.slopes import Slopes, slopes
from fourfronts.analysis.explain.threshold.words import sentences, title
from fourfronts.errors import InputError
from fourfronts.inference.draws import in_order
from fourfronts.policy.loader import lever
from fourfronts.policy.loader import levers as all_levers

TOP = 8
"""Parameters that are looked at when none is named: those with the steepest slopes."""
POINTS_OF_PAIR = 7
LIMITS = (
    (
        "A lever is held at its level from a month on, whatever that costs and whoever would have to agree; a lever"
        " that otherwise answers others no longer does. A parameter is moved in every future by as many standard"
        " deviations of its prior, and keeps its spread."
    ),
    (
        "A crossing and a return between two of the places looked at, a quarter of the range apart, can be missed. The"
        " standard error is that of counting; it does not say that the equations are right."
    ),
)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Question:
    """What is asked: the outcome by its `text`, the line, and the side, None for the side where it is not now.

    `levers` and `parameters` are those to move; with none, all levers and the `top` parameters by slope. `beside` is an
    outcome that is told as well where the line is crossed.
    """

    text: str
    line: float
    below: bool | None = None
    levers: Sequence[str] = ()
    parameters: Sequence[str] = ()
    top: int = TOP
    beside: Outcome | None = None


def threshold(runs: Runs, question: Question, asked: Mapping[str, Any], say: Say = lambda _: None) -> Finding:
    """The smallest change of each lever and parameter that takes the outcome's statistic across the line.

    Rows: a lever or a parameter with its level or median now and at the crossing, the change as a share of the lever's
    range or in prior standard deviations, the statistic there and a hair before it, and that of another seed; where
    there is no crossing, the furthest value and where it is. Two levers and no parameter: also rows of both together.
    Raises InputError for what does not exist, and for a line that is crossed already.
    """
    _check(runs, question)
    say("where things stand")
    base = runs.ensemble()
    now = runs.value(base)
    line = _line(question, runs, now)
    say("slopes of all levers and parameters")
    steep = slopes(runs, question.text, base)
    moves = _moves(runs, question, steep)
    rows = []
    for number, move in enumerate(moves, 1):
        say(f"{move.label} ({number} of {len(moves)})")
        rows.append(_row(runs, question, move, line, now, steep))
    pairs = _pairs(runs, moves, line, say) if _is_pair(question) else []
    rows.sort(key=lambda row: _order(row, line))
    details = {
        "now": now,
        "error": runs.error(base),
        "line": line.value,
        "side": "below" if line.below else "above",
        "statistic": runs.statistic,
        "unit": runs.outcome.unit,
        "outcome": runs.outcome.label,
        "date": str(runs.outcome.date),
        "start": str(runs.start),
        "beside": None if question.beside is None else _beside(question.beside, base),
        "failed": base.failed,
        "kinds": sorted({each.kind for each in moves}),
        "units": {each.name: each.unit for each in moves},
        "labels": {each.name: each.label for each in moves},
        "spans": {each.name: [each.span.low, each.span.high, each.span.present] for each in moves},
        "runs": runs.done[0],
        "pair": pairs,
    }
    rows += [_pair_row(each, line) for each in pairs]
    return Finding("threshold", title(details), rows, sentences(rows, details), details, asked, LIMITS)


def _check(runs: Runs, question: Question) -> None:
    if not np.isfinite(question.line):
        raise InputError(f"line {question.line} is no number; accepted: a finite number")
    if runs.outcome.chance and not 0 <= question.line <= 1:
        raise InputError(f"line {question.line:g} is no probability; accepted: 0 to 1, as in 0.4")
    if runs.start > runs.outcome.date:
        raise InputError(f"start {runs.start} is after the date of the outcome; accepted: up to {runs.outcome.date}")
    for names in (question.levers, question.parameters):
        twice = [each for each in names if list(names).count(each) > 1]
        if twice:
            raise InputError(f"{twice[0]} is given twice; accepted: each once")
    # Before anything slow begins.
    _named(runs, question.levers, question.parameters)


def _line(question: Question, runs: Runs, now: float) -> Line:
    """The line with its side. Raises InputError where the outcome is there already."""
    line = Line(question.line, now > question.line if question.below is None else question.below)
    if line.crossed(now):
        side = "on" if now == line.value else "below" if line.below else "above"
        raise InputError(
            f"the {runs.statistic} of {runs.outcome.name} is {now:.4g}, {side} {line.value:g} already: the answer is no"
            f" change; accepted: a line {'below' if line.below else 'above'} {now:.4g}, or the other side of this one"
        )
    return line


def _is_pair(question: Question) -> bool:
    return len(question.levers) == 2 and not question.parameters


def _moves(runs: Runs, question: Question, steep: Slopes) -> list[Move]:
    levers, parameters = list(question.levers), list(question.parameters)
    if not levers and not parameters:
        levers = list(all_levers())
        known = {key: abs(slope) for key, slope in steep.parameters.items() if np.isfinite(slope) and slope}
        parameters = sorted(known, key=lambda key: -known[key])[: question.top]
    return _named(runs, levers, parameters)


def _named(runs: Runs, levers: Sequence[str], parameters: Sequence[str]) -> list[Move]:
    """Levers and parameters by name. Raises InputError as `lever_move` and `parameter_move` do."""
    found = [lever_move(each, runs.package, runs.settings, runs.outcome.date) for each in levers]
    return found + [parameter_move(runs.known, each, runs.seed, runs.draws) for each in parameters]


def _row(runs: Runs, question: Question, move: Move, line: Line, now: float, steep: Slopes) -> dict[str, Any]:
    slope = (steep.levers if move.kind == "lever" else steep.parameters)[move.name]
    guess = move.span.present + (line.value - now) / slope if np.isfinite(slope) and slope else None
    span = replace(move.span, guess=guess)
    found = nearest(lambda level: runs.value(_run(runs, move, level)), span, line, now=now)
    reached = found.level is not None
    level = found.level if found.level is not None else found.best[0]
    other = _run(runs, move, level, _another(runs.seed)) if reached else None
    here = _run(runs, move, level) if reached or question.beside else None
    return {
        "kind": move.kind,
        "name": move.name,
        "answer": "reached" if reached else "out of reach" if found.moves else "moves nothing",
        "now": _shown(runs, move, move.span.present),
        "needed": _shown(runs, move, level) if reached else float("nan"),
        "unit": move.unit,
        "change": abs(level - move.span.present) / move.scale if reached else float("nan"),
        "measure": move.measure,
        "value": found.value,
        "short_of_it": found.value_before,
        "another_seed": runs.value(other) if other else float("nan"),
        "standard_error": runs.error(here) if here and reached else float("nan"),
        "best": found.best[1],
        "best_at": _shown(runs, move, found.best[0]),
        "slope": slope * move.scale,
        "turns_back": found.again,
        "beside": _beside(question.beside, here)["value"] if question.beside and here else float("nan"),
        "label": move.label,
        "with": "",
        "with_level": float("nan"),
    }


def _run(runs: Runs, move: Move, level: float, seed: int | None = None) -> Any:
    if move.kind == "lever":
        return runs.ensemble(levels={move.name: level}, seed=seed)
    return runs.ensemble(shifts={move.name: level} if level else None, seed=seed)


def _another(seed: int) -> int:
    return seed + 1 if seed < 2**32 - 1 else seed - 1


def _shown(runs: Runs, move: Move, level: float) -> float:
    """A lever's level itself; of a parameter the median over the futures."""
    if move.kind == "lever":
        return level
    row = [each.id for each in in_order(runs.known)].index(move.name)
    drawn = values(runs.known, runs.seed, runs.draws)[row]
    return float(np.median(moved(runs.known.get(move.name), drawn, level)))


def _beside(outcome: Outcome, ensemble: Any) -> dict[str, Any]:
    """Another outcome in some futures: its mean where it is a probability, else its median."""
    found = outcome.of(ensemble)
    found = found[np.isfinite(found)]
    value = float("nan") if not found.size else float(found.mean() if outcome.chance else np.median(found))
    # One output has a kind with a unit of its own, told after the unit of the others.
    unit = outcome.unit if "[distilled]" in outcome.name else outcome.unit.split(";")[0]
    return {"label": outcome.label, "name": outcome.name, "unit": unit, "value": value}


def _order(row: Mapping[str, Any], line: Line) -> tuple[Any, ...]:
    """Levers by change, then parameters by change; then what cannot do it, the nearest to it first."""
    if row["answer"] == "reached":
        return (0, row["kind"], row["change"])
    return (1 if row["answer"] == "out of reach" else 2, "", abs(row["best"] - line.value))


def _pairs(runs: Runs, moves: Sequence[Move], line: Line, say: Say) -> list[dict[str, Any]]:
    """For a grid of levels of the first lever, the level of the second that takes the outcome across."""
    first, second = moves

    def value(one: float, other: float) -> float:
        say(f"{first.label} and {second.label}: {first.name} at {one:.3g}")
        return runs.value(runs.ensemble(levels={first.name: one, second.name: other}))

    return [
        _pair(runs, first, second, level, found)
        for level, found in frontier(value, first.span, second.span, line, points=POINTS_OF_PAIR)
    ]


def _pair(runs: Runs, first: Move, second: Move, level: float, found: Crossing) -> dict[str, Any]:
    reached = found.level is not None
    other = found.level if found.level is not None else float("nan")
    change = [abs(level - first.span.present) / first.scale, abs(other - second.span.present) / second.scale]
    levels = {first.name: level, second.name: other}
    return {
        "levels": levels,
        "now": first.span.present,
        "changes": change,
        "together": sum(change),
        "value": found.value,
        "short_of_it": found.value_before,
        "another_seed": runs.value(runs.ensemble(levels, seed=_another(runs.seed))) if reached else float("nan"),
        "best": found.best[1],
    }


def _pair_row(pair: Mapping[str, Any], line: Line) -> dict[str, Any]:
    """A row of the table for two levers together; the change is the sum of the shares of their ranges."""
    (first, level), (second, other) = pair["levels"].items()
    blank = float("nan")
    return {
        "kind": "pair",
        "name": first,
        "answer": "reached" if line.crossed(pair["value"]) else "out of reach",
        "now": pair["now"],
        "needed": level,
        "unit": lever(first).unit,
        "change": pair["together"],
        "measure": "of both ranges",
        "value": pair["value"],
        "short_of_it": pair["short_of_it"],
        "another_seed": pair["another_seed"],
        "standard_error": blank,
        "best": pair["best"],
        "best_at": blank,
        "slope": blank,
        "turns_back": False,
        "beside": blank,
        "label": lever(first).label,
        "with": second,
        "with_level": other,
    }

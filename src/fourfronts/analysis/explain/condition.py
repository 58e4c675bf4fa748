"""What a future has or has not: a scenario by its name, a file of one's own, or an output compared with a number."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.explain.outcome import Outcome, outcome, value
from fourfronts.analysis.scenarios import COMPARE
from fourfronts.errors import InputError
from fourfronts.policy.grid import DEFAULT_HORIZON, Month
from fourfronts.policy.scenarios import Condition, Reference, parse_condition

Floats = NDArray[np.float64]


def condition(text: str, at: Month = DEFAULT_HORIZON) -> Outcome:
    """The condition that a text names, at a date: 1 in the futures that meet it, 0 in the others.

    A scenario, the file of one's own, or OUTPUT[KIND] compared with a number or another output. Raises InputError for
    what is unknown, with the nearest, and for an outcome that is a number in every future.
    """
    if is_compared(text):
        return _compared(parse_condition(text), at)
    found = outcome(text, at)
    if not found.chance:
        example = f"{text} < 6" if "[" in text else "lead_months[released] < 6"
        raise InputError(
            f"condition {text!r} is a number in every future; accepted: a scenario, your own scenario's file, or an"
            f" output compared with a number, as in '{example}'"
        )
    return found


def is_compared(text: str) -> bool:
    """Whether a text compares one thing with another."""
    return any(sign in text for sign in COMPARE)


def _compared(asked: Condition, at: Month) -> Outcome:
    parts = [outcome(str(each), at) for each in asked.references]
    read = tuple(dict.fromkeys(each.output for each in asked.references))
    right = parts[1].label if isinstance(asked.right, Reference) else f"{asked.right:g} {parts[0].unit}"
    label = f"{parts[0].label} {asked.comparison} {right}"
    return Outcome(str(asked), label, "probability", at, read, chance=True, read=partial(_held, asked, at))


def _held(asked: Condition, at: Month, ensemble: Ensemble) -> Floats:
    left = value(asked.left, at, ensemble)
    right = value(asked.right, at, ensemble) if isinstance(asked.right, Reference) else np.full_like(left, asked.right)
    held = COMPARE[asked.comparison](left, right).astype(np.float64)
    return np.where(np.isfinite(left) & np.isfinite(right), held, np.nan)

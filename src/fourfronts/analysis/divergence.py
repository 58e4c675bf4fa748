"""Divergence: futures whose numbers run away, from which month, and through which loop of couplings.

A future diverges when an output stops being finite or grows past a bound that is stated as data. To find the cause, its
own parameters are run again with the couplings of one loop after another switched off: a loop without which the future
stays in bounds is one that it takes to diverge.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from fourfronts.analysis.ensemble import CHUNK, Ensemble
from fourfronts.analysis.rerun import Rerun, taken, without
from fourfronts.errors import unknown
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.inference.parameters import Registry
from fourfronts.model import couplings, world
from fourfronts.policy.documents import Name, Record, Text, build, read
from fourfronts.policy.grid import NOW
from fourfronts.policy.paths import Setting

EXAMINED = 4 * CHUNK
"""Futures that are run again at most, so that a model that always diverges is still told about within seconds."""
MOST = 0.9
"""Share of futures with one cause of which a coupling must be true to be named."""
WHOLE_HISTORY = ("lead_months",)
"""Outputs read from all months at once, which a value that comes later spoils: they do not tell the month."""
_FILE = "analysis/divergence.yaml"

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]


class Bound(Record):
    """How many times its value of now an output may reach before its number means nothing."""

    times: Annotated[float, Field(gt=1.0)]
    why: Text


class _Document(Record):
    bounds: dict[Name, Bound]


@dataclass(frozen=True)
class Cause:
    """What keeps futures in bounds when it is switched off.

    `loops` are those each of which does so alone, `couplings` the single ones that do for most of them. Where there is
    neither, `together` tells whether all couplings switched off at once do it; it is None if that was not looked for.
    """

    loops: tuple[str, ...] = ()
    couplings: tuple[str, ...] = ()
    together: bool | None = True

    @property
    def text(self) -> str:
        """In words: 'loop revenue to compute (adoption_to_revenue, revenue_to_capital)'."""
        if self.loops:
            through = f" ({', '.join(self.couplings)})" if self.couplings else ""
            several = f"loops {' and '.join(self.loops)}, each of which it takes"
            return f"{several if len(self.loops) > 1 else f'loop {self.loops[0]}'}{through}"
        if self.couplings:
            return f"no loop; coupling {' and '.join(self.couplings)}"
        if self.together is None:
            return f"cause not looked for beyond the first {EXAMINED:,}"
        return "several loops, any of which is enough" if self.together else "no coupling; a mechanism by itself"


@dataclass(frozen=True)
class Divergence:
    """Futures of one package that diverge for one reason: how many, and from which month.

    `output` is the first that is out of bounds in that month; others may be so as well.
    """

    package: str
    label: str
    futures: int
    draws: int
    month: str
    output: str
    cause: Cause

    @property
    def text(self) -> str:
        """One sentence."""
        return (
            f"In {self.futures:,} of {self.draws:,} futures under {self.label} the model diverges from {self.month} on:"
            f" {self.cause.text}."
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values, with the sentence."""
        return {
            "package": self.package,
            "futures": self.futures,
            "draws": self.draws,
            "month": self.month,
            "output": self.output,
            "loops": list(self.cause.loops),
            "couplings": list(self.cause.couplings),
            "text": self.text,
        }


@cache
def bounds() -> dict[str, Bound]:
    """The bounds by output."""
    found = build(_Document, read(files("fourfronts.analysis") / "divergence.yaml", _FILE), _FILE).bounds
    for name in found:
        if name not in OUTPUTS:
            raise unknown("output", name, OUTPUTS, _FILE)
    return dict(found)


def divergences(
    ensemble: Ensemble,
    registry: Registry,
    seed: int,
    *,
    settings: Sequence[Setting] = (),
    mechanisms: world.Mechanisms = world.AS_SHIPPED,
) -> list[Divergence]:
    """Why futures of `ensemble` diverge, a record for each cause, the most frequent first; empty if none does.

    `registry` (with the worldview applied: `worldviews.under`), `seed`, `settings` and `mechanisms` are those of the
    ensemble. Runs nothing where no future diverges. Of more than `EXAMINED` futures the first are examined, and the
    others counted in a record of their own.
    """
    numbers = np.flatnonzero(diverging(ensemble))
    if not numbers.size:
        return []
    rerun = Rerun(ensemble, registry, seed, settings, mechanisms)
    examined = rerun.parameters(numbers[:EXAMINED])
    firsts = rerun.each(examined, lambda values: _firsts(values, ensemble.months))
    # Beside other futures the last digit may differ, so one that only just diverged may not do so again.
    again = [future for future, (month, _) in enumerate(firsts) if month]
    if not again:
        return []
    found = [
        _divergence(ensemble, len(members), [firsts[again[each]] for each in members], cause)
        for cause, members in _causes(taken(examined, again), rerun)
    ]
    found.sort(key=lambda each: (-each.futures, each.month))
    if rest := max(numbers.size - EXAMINED, 0):
        found.append(_divergence(ensemble, rest, [firsts[each] for each in again], Cause(together=None)))
    return found


def _divergence(ensemble: Ensemble, count: int, firsts: Sequence[tuple[str, str]], cause: Cause) -> Divergence:
    month, output = min(firsts)
    package = ensemble.package
    return Divergence(package.name, package.label, count, ensemble.draws, month, output, cause)


def diverging(ensemble: Ensemble) -> Bools:
    """Whether each future diverges in the months that are kept of it. Shape: (draws,)."""
    at_dates, by_month = (_beyond(ensemble.values, ensemble.dates), _beyond(ensemble.monthly, ensemble.months))
    if ensemble.failed:
        at_dates |= _not_finite(ensemble.values)
        by_month |= _not_finite(ensemble.monthly)
    gone: Bools = np.asarray(at_dates.any(axis=0))
    gone[: by_month.shape[1]] |= by_month.any(axis=0)
    return gone


def _beyond(values: Mapping[str, Floats], months: Sequence[str]) -> Bools:
    """Whether an output is past its bound. Shape: (months, draws)."""
    found = np.zeros(values["lead_months"].shape[::2], dtype=bool)
    for name, bound in bounds().items():
        found |= _past(values[name], months, bound.times).any(axis=1)
    return found


def _past(values: Floats, months: Sequence[str], times: float) -> Bools:
    """Whether values after now are more than `times` those of now, or than a unit. Shape: that of `values`."""
    now = months.index(str(NOW))
    found = np.zeros_like(values, dtype=bool)
    with np.errstate(invalid="ignore"):
        found[now:] = np.abs(values[now:]) > times * np.maximum(np.abs(values[now].astype(np.float64)), 1.0)
    return found


def _not_finite(values: Mapping[str, Floats], leaving: Sequence[str] = ()) -> Bools:
    """Whether any output but those named is not finite. Shape: (months, draws)."""
    found = np.zeros(values["lead_months"].shape[::2], dtype=bool)
    for name, each in values.items():
        if name not in leaving:
            found |= ~np.isfinite(each).all(axis=1)
    return found


def _firsts(values: Mapping[str, Floats], months: Sequence[str]) -> list[tuple[str, str]]:
    """The first month out of bounds and the output that is, of each future; empty for one that is in bounds."""
    beyond = _beyond(values, months)
    gone = _not_finite(values, WHOLE_HISTORY) | beyond
    # What the lead alone shows has no month of its own, so it counts from the last.
    gone[-1] |= (_not_finite(values) | beyond).any(axis=0)
    found = []
    for future, row in enumerate(gone.argmax(axis=0)):
        out = gone[row, future]
        found.append((months[row], _which(values, months, int(row), future)) if out else ("", ""))
    return found


def _which(values: Mapping[str, Floats], months: Sequence[str], row: int, future: int) -> str:
    """The first output out of bounds in one month of one future: what is too large before what is no number at all."""
    for shape in (np.isinf, np.isnan):
        for name in (*bounds(), *OUTPUTS):
            bad = np.asarray(shape(values[name][row, :, future]))
            if bound := bounds().get(name):
                bad = bad | _past(values[name][..., future], months, bound.times)[row]
            if bad.any() and name not in WHOLE_HISTORY:
                return f"{name}[{OUTPUTS[name].kinds[int(bad.argmax())]}]"
    return WHOLE_HISTORY[0]


def _causes(examined: world.Parameters, rerun: Rerun) -> list[tuple[Cause, list[int]]]:
    """Each cause and the futures, by their place in `examined`, that have it."""
    cured = {loop: _cured(examined, rerun, names) for loop, names in couplings.LOOPS.items()}
    count = next(iter(cured.values())).size
    groups: dict[tuple[str, ...], list[int]] = {}
    for future in range(count):
        groups.setdefault(tuple(loop for loop in cured if cured[loop][future]), []).append(future)
    found = []
    for loops, members in groups.items():
        if loops:
            names = [name for loop in loops for name in couplings.LOOPS[loop]]
            found.append((Cause(loops, _needed(taken(examined, members[:CHUNK]), rerun, names)), members))
        else:
            found += _without_loop(examined, rerun, members)
    return found


def _without_loop(examined: world.Parameters, rerun: Rerun, members: list[int]) -> list[tuple[Cause, list[int]]]:
    """Causes of futures that no single loop's absence keeps in bounds."""
    some = taken(examined, members)
    left = dict(enumerate(members))
    found = []
    trials = [(Cause(couplings=(name,)), (name,)) for name in couplings.ONE_WAY]
    for cause, names in (*trials, (Cause(), couplings.Parameters._fields)):
        cured = _cured(some, rerun, names)
        if here := [place for place in left if cured[place]]:
            found.append((cause, [left.pop(place) for place in here]))
    return [*found, (Cause(together=False), list(left.values()))] if left else found


def _needed(parameters: world.Parameters, rerun: Rerun, names: Iterable[str]) -> tuple[str, ...]:
    """The couplings each of which, switched off alone, keeps most of some futures in bounds."""
    return tuple(name for name in names if np.mean(_cured(parameters, rerun, (name,))) >= MOST)


def _cured(parameters: world.Parameters, rerun: Rerun, names: Sequence[str]) -> Bools:
    """Whether each future stays in bounds without some couplings. Shape: (draws,)."""

    def bounded(values: Mapping[str, Floats]) -> list[bool]:
        gone = _not_finite(values) | _beyond(values, rerun.months)
        return [not future.any() for future in gone.T]

    return np.array(rerun.each(without(parameters, names), bounded), dtype=bool)

"""When to act: one package begun at several dates, in the same futures, and the last date that still serves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.explain.coalitions import Run, begins, check_size, differ, finite_in_all, moved, play
from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.explain.outcome import Outcome
from fourfronts.analysis.explain.timing.last_date import last_date
from fourfronts.analysis.explain.timing.words import sentences
from fourfronts.analysis.percentiles import percentiles
from fourfronts.analysis.scenarios import Z90, counted
from fourfronts.errors import InputError
from fourfronts.policy.grid import FIRST_CHANGE, Month
from fourfronts.policy.loader import Package
from fourfronts.policy.loader import package as find_package

Floats = NDArray[np.float64]

NEVER = "never"
"""The start of a package that is not begun: drift."""
PERCENTILES = {"p05": 5, "p50": 50, "p95": 95}


def start_dates(first: Month, last: Month, every: int, until: Month) -> tuple[Month, ...]:
    """Months from first to last, `every` so many. Raises InputError unless two or more, to come, and by `until`."""
    if every < 1:
        raise InputError(f"every {every} months; accepted: 1 or more")
    if first < FIRST_CHANGE:
        raise InputError(f"first {first} is past; accepted: {FIRST_CHANGE} or later")
    if last <= first:
        raise InputError(f"last {last} is not after first {first}; accepted: a later month")
    if last > until:
        raise InputError(f"last {last} is after the month that is asked about; accepted: up to {until}")
    found = tuple(first.later(months) for months in range(0, last.offset - first.offset + 1, every))
    if len(found) < 2:
        raise InputError(f"every {every} months from {first} to {last} is one date; accepted: two or more")
    return found


def timing(
    package: Package,
    starts: Sequence[Month],
    outcomes: Sequence[Outcome],
    run: Run,
    asked: Mapping[str, Any],
    *,
    draws: int,
    threshold: float | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Finding:
    """A package begun at each of `starts`, and never: outcomes, what is gained on drift and lost by delay.

    A package begins with its first change; all changes move together. Rows: a start and an outcome, with percentiles
    over futures (of an outcome that a future has or has not only its probability, as the mean), the 90% interval of the
    mean from counting futures, the gain on drift, the loss against the first start and against the start before for
    each month, all from paired futures with standard errors. `threshold` (halfway between drift and the first start
    unless told) is held against the first outcome that is a scenario (unless told, the first that the start
    changes): `details["last_date"]` is the last start that still reaches it. Raises InputError for a package without
    changes, a threshold outside 0 to 1 or without a scenario, and an outcome that no future has.
    """
    chances = _chances(outcomes, threshold)
    shift = begins(package).offset
    several = [find_package("drift").model_copy(update={"name": NEVER})]
    several += [moved(package, start.offset - shift, f"start_{start}") for start in starts]
    check_size(len(several), len(outcomes), draws)
    played = play(several, outcomes, run, draws, lambda done: progress(done, len(several)) if progress else None)
    values = {each.name: _kept(each, [played[one.name][row] for one in several]) for row, each in enumerate(outcomes)}
    rows = [row for each in outcomes for row in _rows(each, starts, values[each.name])]
    details = _details(package, starts, outcomes, values, draws)
    details["last_date"] = _last(chances, starts, values, threshold, seed)
    title = f"When to begin {package.label}"
    return Finding("timing", title, rows, sentences(rows, outcomes, details), details, asked, _limits(details))


def _chances(outcomes: Sequence[Outcome], threshold: float | None) -> list[Outcome]:
    if threshold is not None and not 0 <= threshold <= 1:
        raise InputError(f"threshold {threshold:g} is out of range; accepted: a probability, 0 to 1")
    found = [each for each in outcomes if each.chance]
    if threshold is not None and not found:
        raise InputError("a threshold of probability needs a scenario among the outcomes; accepted: commanding-lead")
    return found


def _kept(asked: Outcome, rows: Sequence[NDArray[np.float32]]) -> Floats:
    """Values (1 + starts, futures), drift first, of the futures that have one under all."""
    kept = finite_in_all(rows)
    if not kept.any():
        raise InputError(f"{asked.name}: no future has a finite value at every start")
    return np.stack([row[kept] for row in rows]).astype(np.float64)


def _rows(asked: Outcome, starts: Sequence[Month], values: Floats) -> Iterator[dict[str, Any]]:
    drift, *begun = values
    unknown = np.full_like(drift, np.nan)
    for place, value in enumerate(begun):
        before = max(place - 1, 0)
        months = starts[place].offset - starts[before].offset
        a_month = (begun[before] - value) / months if months else unknown
        yield _row(asked, str(starts[place]), value) | _changes(asked, value - drift, begun[0] - value, a_month)
    yield _row(asked, NEVER, drift) | _changes(asked, drift - drift, begun[0] - drift, unknown)


def _row(asked: Outcome, start: str, value: Floats) -> dict[str, Any]:
    mean, reach = float(value.mean()), Z90 * _error(value)
    low, high = counted(value > 0.5).interval if asked.chance else (mean - reach, mean + reach)
    return {
        "outcome": asked.name,
        "start": start,
        "unit": asked.unit,
        "date": str(asked.date),
        "mean": mean,
        "mean_low": low,
        "mean_high": high,
        **_ranges(asked, value),
        "futures": len(value),
    }


def _ranges(asked: Outcome, value: Floats, prefix: str = "") -> dict[str, float]:
    """Percentiles over futures; those of a chance, which is 1 or 0 in a future, would tell a reader nothing."""
    found = np.full(len(PERCENTILES), np.nan) if asked.chance else percentiles(value, PERCENTILES.values())
    return {f"{prefix}{name}": float(each) for name, each in zip(PERCENTILES, found, strict=True)}


def _changes(asked: Outcome, gain: Floats, lost: Floats, a_month: Floats) -> dict[str, float]:
    return {
        **_paired("gain", gain),
        **_ranges(asked, gain, "gain_"),
        **_paired("lost", lost),
        **_paired("lost_a_month", a_month),
    }


def _paired(name: str, change: Floats) -> dict[str, float]:
    return {name: float(change.mean()), f"{name}_error": _error(change)}


def _error(value: Floats) -> float:
    """Standard error of a mean."""
    return float(value.std(ddof=1) / np.sqrt(len(value))) if len(value) > 1 else float("nan")


def _last(
    chances: Sequence[Outcome],
    starts: Sequence[Month],
    values: Mapping[str, Floats],
    threshold: float | None,
    seed: int,
) -> dict[str, Any] | None:
    """The last start of the first scenario; without a threshold, of the first whose probability the start changes."""
    for asked in chances:
        drift, *begun = values[asked.name]
        between = float(drift.mean() + begun[0].mean()) / 2
        if threshold is None and drift.mean() == begun[0].mean():
            continue
        level = between if threshold is None else threshold
        found = last_date(np.stack(begun) > 0.5, starts, level, seed)
        return {"outcome": asked.name, "halfway": threshold is None, **found.as_json()}
    return None


def _details(
    package: Package, starts: Sequence[Month], outcomes: Sequence[Outcome], values: Mapping[str, Floats], draws: int
) -> dict[str, Any]:
    return {
        "package": package.label,
        "starts": [str(start) for start in starts],
        "own_start": str(begins(package)),
        "outcomes": {
            each.name: {
                "label": each.label,
                "unit": each.unit,
                "date": str(each.date),
                "chance": each.chance,
                "varies": any(differ(row, values[each.name][0]) for row in values[each.name]),
                "left_out": draws - values[each.name].shape[1],
            }
            for each in outcomes
        },
    }


def _limits(details: Mapping[str, Any]) -> tuple[str, ...]:
    left_out = max(each["left_out"] for each in details["outcomes"].values())
    return (
        (
            "All changes of the package start so many months later, with the same levels and ramps, and the rest of the"
            " world waits for none of them: a law that comes late may be another law."
        ),
        (
            "Outcomes are read at one date, which a late start leaves less time to: part of what delay costs is that"
            " effects have not come yet, and not that they never will."
        ),
        "Ranges are those of the assumptions; none says that the equations are right.",
        *([f"Futures left out because a value is not finite: up to {left_out}."] if left_out else []),
    )

"""Packages made of another's changes: some of its levers alone, or all of them at another time; and many such runs."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.explain.outcome import Outcome
from fourfronts.errors import InputError
from fourfronts.policy.grid import Month, check_start
from fourfronts.policy.loader import Package, levers

Singles = NDArray[np.float32]
Floats = NDArray[np.float64]
Run = Callable[[Sequence[Package]], Mapping[str, Ensemble]]
"""Runs packages on the same draws: `run_ensemble` with all else that it takes given."""

TOGETHER = 65_536
"""Futures of all packages that are in memory at once, with every output that is kept; one package at least."""
MOST_VALUES = 4 * 10**8
"""Numbers of all packages, outcomes and futures that are kept, of four bytes each."""

ROUNDING = 1e-3
"""Share of an outcome's usual size by which arithmetic in single precision may err in some future along the way."""


def changed(package: Package) -> tuple[str, ...]:
    """The levers that a package, or one that it builds on, changes, in the order of the levers' file."""
    found = set(package.levers) | (set(changed(package.base)) if package.base else set())
    return tuple(name for name in levers() if name in found)


def restricted(package: Package, kept: Collection[str], name: str) -> Package:
    """A package of that name with the changes of some levers alone; all others stay as history left them."""
    base = restricted(package.base, kept, package.base.name) if package.base else None
    changes = {lever: change for lever, change in package.levers.items() if lever in kept}
    return package.model_copy(update={"name": name, "levers": changes, "base": base})


def begins(package: Package) -> Month:
    """The month in which its first change starts. Raises InputError where it changes nothing."""
    starts = list(_starts(package))
    if not starts:
        raise InputError(f"package {package.name} changes no lever; accepted: one that changes some, as hold does")
    return min(starts)


def _starts(package: Package) -> Iterable[Month]:
    yield from (change.start for change in package.levers.values())
    if package.base:
        yield from _starts(package.base)


def moved(package: Package, months: int, name: str) -> Package:
    """A package of that name whose changes all start so many months later, or earlier where these are below 0.

    Ramps and levels stay. Raises InputError where a change would leave what can be simulated.
    """
    base = moved(package.base, months, package.base.name) if package.base else None
    changes = {
        lever: change.model_copy(update={"start": check_start(change.start.later(months), f"{lever}: ")})
        for lever, change in package.levers.items()
    }
    return package.model_copy(update={"name": name, "levers": changes, "base": base})


def play(
    packages: Iterable[Package],
    outcomes: Sequence[Outcome],
    run: Run,
    draws: int,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Singles]:
    """What every package comes to, (outcomes, draws) by name; futures without a value have none (not a number).

    Packages run a few at a time, and of each only the outcomes are kept. `progress` is called with the number done.
    """
    waiting, found = iter(packages), dict[str, Singles]()
    while some := list(islice(waiting, max(TOGETHER // draws, 1))):
        for name, ensemble in run(some).items():
            found[name] = np.stack([each.of(ensemble) for each in outcomes]).astype(np.float32)
        if progress:
            progress(len(found))
    return found


def check_size(packages: int, outcomes: int, draws: int) -> None:
    """Raise InputError where what `play` keeps would be more than a usual machine holds."""
    if packages * outcomes * draws > MOST_VALUES:
        raise InputError(
            f"draws {draws:,} of {packages:,} runs are too many to keep; accepted here: up to"
            f" {MOST_VALUES // (packages * outcomes):,}"
        )


def differ(one: Floats, other: Floats) -> bool:
    """Whether two packages' values, one a future, are further apart in any of them than rounding makes them."""
    return bool((np.abs(one - other) > ROUNDING * np.abs(other).mean()).any())


def finite_in_all(rows: Iterable[Singles]) -> NDArray[np.bool_]:
    """Futures that have a value in every row, shape (draws,)."""
    found: NDArray[np.bool_] = np.logical_and.reduce([np.isfinite(row) for row in rows])
    return found

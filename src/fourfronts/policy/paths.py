"""The level of every lever at every step: history, then a package's changes, then single settings on top.

Some levers answer others in the model; which of them a user has fixed, and from when, is told here as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fourfronts.errors import InputError
from fourfronts.model.responses import Responding
from fourfronts.policy.grid import FIRST_CHANGE, Grid, Month, check_start, parse_month
from fourfronts.policy.loader import Change, Lever, Package, lever, levers

__all__ = ["Grid", "Setting", "free_paths", "lever_paths", "parse_month", "parse_setting", "responding_ranges"]

Floats = NDArray[np.float64]
Path = Callable[[Floats], Floats]
"""Level of one lever as a function of time in months from the first moment of 2020-01."""


@dataclass(frozen=True)
class Setting:
    """One lever held at one level from a month on, with no ramp."""

    lever: str
    level: float
    start: Month = FIRST_CHANGE

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", Month(*self.start))
        lever(self.lever).check_level(self.level, f"{self.lever}: ")
        check_start(self.start, f"{self.lever}: ")


def parse_setting(text: str) -> Setting:
    """The setting that LEVER=VALUE[@YYYY-MM] stands for, as in remote_access_rule=0.8@2027-01.

    Raises InputError for an unknown lever, a value that is no number or out of range, and for no month.
    """
    name, equals, rest = text.partition("=")
    value, at, month = rest.partition("@")
    if not equals:
        raise InputError(f"setting {text!r} has no '='; accepted: LEVER=VALUE or LEVER=VALUE@YYYY-MM")
    name = name.strip()
    lever(name, f"setting {text!r}")
    try:
        level = float(value)
    except ValueError:
        raise InputError(f"setting {text!r}: {value!r} is not a number; accepted: as in {name}=0.8@2027-01") from None
    return Setting(name, level, parse_month(month, f"setting {text!r}:") if at else FIRST_CHANGE)


def lever_paths(package: Package, settings: Sequence[Setting] = (), grid: Grid | None = None) -> dict[str, Floats]:
    """The level of every lever at the midpoint of every step, shape (steps,), in the lever's own unit.

    Levels follow history, then the package's changes, then `settings` in order of their months. A package's
    change that starts after the horizon has no effect. Raises InputError for a setting outside the grid and
    for two settings of one lever in one month.
    """
    grid = grid or Grid()
    _check(settings, grid)
    return {name: _lever_path(name, each, package, settings)(grid.month_times) for name, each in levers().items()}


def free_paths(package: Package, settings: Sequence[Setting] = (), grid: Grid | None = None) -> dict[str, Floats]:
    """For every lever that answers others: 1 while it is free to, 0 from the month on in which the user sets it.

    Shape (steps,) each. A change of the package or of one it builds on fixes a lever from its start, as a setting does.
    Raises InputError as `lever_paths` does.
    """
    grid = grid or Grid()
    _check(settings, grid)
    free = {}
    for name in Responding._fields:
        starts = [setting.start for setting in settings if setting.lever == name] + _change_starts(name, package)
        fixed_from = min(starts).offset if starts else np.inf
        free[name] = np.where(grid.month_times < fixed_from, 1.0, 0.0)
    return free


def responding_ranges() -> dict[str, tuple[float, float]]:
    """Lowest and highest level of every lever that answers others, in the lever's own unit."""
    return {name: lever(name).range for name in Responding._fields}


def _change_starts(name: str, package: Package) -> list[Month]:
    before = _change_starts(name, package.base) if package.base else []
    return [*before, package.levers[name].start] if name in package.levers else before


def _lever_path(name: str, each: Lever, package: Package, settings: Sequence[Setting]) -> Path:
    path = _package_path(name, each, package)
    for setting in sorted(settings, key=lambda setting: setting.start):
        if setting.lever == name:
            path = _changed(path, Change(level=setting.level, start=setting.start))
    return path


def _package_path(name: str, each: Lever, package: Package) -> Path:
    path = _package_path(name, each, package.base) if package.base else _history(each)
    return _changed(path, package.levers[name]) if name in package.levers else path


def _history(each: Lever) -> Path:
    starts = np.array([entry.start.offset for entry in each.history])
    levels = np.array([entry.level for entry in each.history])
    return lambda times: levels[np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)]


def _changed(base: Path, change: Change) -> Path:
    """`base` until the change starts, then a straight line to the new level, then that level."""
    start = float(change.start.offset)
    end = start + change.ramp_months
    origin = float(base(np.array([start]))[0])

    def path(times: Floats) -> Floats:
        risen = np.interp(times, [start, end], [origin, change.level]) if end > start else change.level
        # Interpolation may overshoot its own end by a rounding error.
        risen = np.clip(risen, min(origin, change.level), max(origin, change.level))
        return np.where(times < start, base(times), risen)

    return path


def _check(settings: Sequence[Setting], grid: Grid) -> None:
    seen = set()
    for setting in settings:
        if not grid.start <= setting.start <= grid.horizon:
            raise InputError(
                f"{setting.lever}: start {setting.start} is outside this run; accepted: {grid.start} to {grid.horizon}"
            )
        if (setting.lever, setting.start) in seen:
            raise InputError(f"{setting.lever} is set twice from {setting.start}; accepted: one value a month")
        seen.add((setting.lever, setting.start))

"""A month is short enough: with half the step, no headline number moves by more than one percent."""

from functools import cache

import numpy as np
import pytest
from futures import PACKAGES, inputs, leads, run, sampled

from fourfronts.model.blocs import ALLIED, BLOCS, CHANNELS, PRC
from fourfronts.policy.grid import Grid

DATES = ("2023-12", "2026-05", "2028-12")
TOLERANCE = 0.01
# For a single future and not the median. In the first months after a rule it moves a little more: smuggling and renting
# follow the unmet demand of the month before, so that no control backfires in the month it starts.
TOLERANCE_OF_ONE = 0.02


@cache
def _headlines(package, steps_per_month):
    """Headline numbers by name at the ends of the months DATES, and the least that each counts as: (dates, draws)."""
    grid = Grid(steps_per_month=steps_per_month)
    p = sampled(256)
    o = run(p, inputs(package, grid))
    o = type(o)(*(values[steps_per_month - 1 :: steps_per_month] for values in o))
    months = [grid.labels.index(date) for date in DATES]
    at = type(o)(*(values[months] for values in o))
    released, internal = leads(p, o, months)
    values = {"lead released": released, "lead internal": internal}
    for ledger, name in enumerate(("operations", "bandwidth")):
        values[f"ratio in {name}"] = at.usable[:, ledger, ALLIED] / at.usable[:, ledger, PRC]
    for index, bloc in enumerate(BLOCS):
        values[f"capability {bloc}"] = at.capability[:, index]
        values[f"capability released {bloc}"] = at.released[:, index]
    for index, channel in enumerate(CHANNELS):
        values[f"PRC {channel}"] = at.stock[:, index, 0, PRC]
    # A channel counts as at least a hundredth of PRC compute. At the first date diversion and renting are two months
    # old and a week is much of what they are, so that there they are judged as parts of the whole.
    share = np.array([1.0, 0.01, 0.01])[:, None]
    least = {name: at.usable[:, 0, PRC] * share if name.startswith("PRC") else 0 * released for name in values}
    return values, least


@pytest.mark.parametrize("package", PACKAGES)
def test_no_median_moves_by_more_than_one_percent(package):
    (coarse, least), (fine, _) = _headlines(package, 1), _headlines(package, 2)
    moved = {}
    for name, futures in coarse.items():
        before, after = np.median(futures, axis=1), np.median(fine[name], axis=1)
        size = np.maximum(np.abs(before), np.median(least[name], axis=1))
        moved[name] = np.abs(after - before) / size
    assert _too_much(moved, TOLERANCE) == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_future_of_the_middle_ninety_percent_moves_by_more_than_two_percent(package):
    (coarse, least), (fine, _) = _headlines(package, 1), _headlines(package, 2)
    moved = {}
    for name, before in coarse.items():
        low, high = np.quantile(before, [0.05, 0.95], axis=1, keepdims=True)
        # Near zero a percentage says nothing, so a number counts as at least the size of the median.
        size = np.maximum(np.abs(before), np.abs(np.median(before, axis=1, keepdims=True)))
        size = np.maximum(size, least[name])
        inside = (before >= low) & (before <= high)
        moved[name] = np.where(inside, np.abs(fine[name] - before) / size, 0.0).max(axis=1)
    assert _too_much(moved, TOLERANCE_OF_ONE) == {}


def _too_much(moved, tolerance):
    """Headline numbers that move by more than `tolerance`: by how much, at each of DATES."""
    return {name: [round(float(m), 4) for m in by_date] for name, by_date in moved.items() if max(by_date) > tolerance}

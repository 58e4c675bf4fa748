"""The design that draws come from: scrambled Sobol points, a block at a time and one axis after another."""

from copy import deepcopy
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.errors import InputError

BITS = 30
"""Binary digits of a point; a design holds two to that power of them."""

BLOCK = 512
"""Points worked out together, a power of two."""

NEIGHBOURS, KEPT = 4, 64
"""Blocks before the one asked for that are worked out on the way to it, and blocks that are remembered."""

Floats = NDArray[np.float64]
Digits = NDArray[np.uint32]


class Design:
    """The scrambled Sobol design of some dimensions that `seed` picks.

    The points of any block whose first number is a multiple of its size differ from those of the first block in the
    same binary digits, so that one `table` (dimensions, BLOCK) serves all blocks and no memory is needed for each.
    """

    def __init__(self, dimensions: int, seed: int) -> None:
        from scipy.stats import qmc

        self._origin = qmc.Sobol(dimensions, scramble=True, bits=BITS, rng=np.random.default_rng(seed))
        self._moving = deepcopy(self._origin)
        self.table = _digits(self._moving.random(BLOCK).T)
        self._shifts: dict[int, Digits] = {}
        self._lock = Lock()

    def stretch(self, start: int, n: int) -> "Stretch":
        """Points [start, start + n). Raises InputError for points beyond the design."""
        if start < 0 or n < 0 or start + n > 2**BITS:
            raise InputError(f"draws {start} to {start + n} are out of range; accepted: 0 to {2**BITS}")
        blocks = range(start // BLOCK, -(-(start + n) // BLOCK))
        return Stretch(self.table, [self.shift(block) for block in blocks], start % BLOCK, n)

    def shift(self, block: int) -> Digits:
        """The digits in which a block's points differ from those of the first block, (dimensions,)."""
        with self._lock:
            if block not in self._shifts:
                following = -(-self._moving.num_generated // BLOCK)
                if block < following:
                    self._moving, following = deepcopy(self._origin), block
                # Threads ask for neighbours in any order, and the way back is long: blocks that are passed are kept.
                for passed in range(max(following, block - NEIGHBOURS), block + 1):
                    self._shifts[passed] = self._shift(passed)
                while len(self._shifts) > KEPT:
                    del self._shifts[next(iter(self._shifts))]
            return self._shifts[block]

    def _shift(self, block: int) -> Digits:
        further = block * BLOCK - self._moving.num_generated
        if further:
            self._moving.fast_forward(further)
        shift: Digits = _digits(self._moving.random(1)[0]) ^ self.table[:, 0]
        return shift


class Stretch:
    """Some points of a design that follow each other."""

    def __init__(self, table: Digits, shifts: list[Digits], skipped: int, n: int) -> None:
        self._table, self._shifts, self._skipped, self._n = table, shifts, skipped, n

    def axis(self, index: int) -> Floats:
        """The points along one axis, (n,), each strictly between 0 and 1."""
        digits = np.empty((len(self._shifts), BLOCK), dtype=np.uint32)
        for row, shift in zip(digits, self._shifts, strict=True):
            np.bitwise_xor(self._table[index], shift[index], out=row)
        kept = digits.reshape(-1)[self._skipped : self._skipped + self._n]
        return (kept.astype(np.float64) + 0.5) * 2.0**-BITS


@lru_cache(maxsize=4)
def design(dimensions: int, seed: int) -> Design:
    """The design, kept: scrambling takes as long as drawing thousands of points."""
    return Design(dimensions, seed)


def _digits(points: Any) -> Digits:
    """The binary digits of points, which are whole multiples of two to the power of minus BITS."""
    return np.ascontiguousarray(points * 2.0**BITS).astype(np.uint32)

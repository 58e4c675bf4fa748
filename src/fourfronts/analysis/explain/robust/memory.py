"""What an interrupted search has learned: what each package tried was worth, a line each in a file.

A search of the same seed tries the same packages in the same order, so it comes to where it was without a simulation.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts import __version__
from fourfronts.inference.parameters import Registry
from fourfronts.inference.posterior import evidence_digest, model_digest
from fourfronts.policy.grid import Month, parse_month
from fourfronts.policy.paths import Setting

Floats = NDArray[np.float64]
Key = tuple[tuple[str, float, Month], ...]
"""What tells one package from another: levers with levels and months of their start."""


class Memory:
    """A file in `folder` that is for one question alone: `about` is all that the worth of a package depends on."""

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        name = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
        self.path = folder / f"{name}.jsonl"

    def read(self) -> dict[Key, Floats]:
        """Everything that was kept, nothing where there is no file. A line that was cut off is left out."""
        if not self.path.exists():
            return {}
        found: dict[Key, Floats] = {}
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                levers, worth = json.loads(line)
            except json.JSONDecodeError:
                continue
            found[tuple((name, level, parse_month(start)) for name, level, start in levers)] = np.array(worth)
        return found

    def add(self, several: Mapping[Key, Floats]) -> None:
        """Keep what more packages are worth."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = (
            json.dumps([[[name, level, str(start)] for name, level, start in each], worth.tolist()])
            for each, worth in several.items()
        )
        with self.path.open("a", encoding="utf-8") as file:
            file.writelines(f"\n{line}" for line in lines)

    def forget(self) -> None:
        """Remove the file: the search has ended."""
        self.path.unlink(missing_ok=True)


def question(
    views: Mapping[str, Registry], own: str, at: Month, settings: Sequence[Setting], draws: int, seed: int
) -> dict[str, Any]:
    """All that the worth of a package depends on, plain values."""
    return {
        "version": __version__,
        "model": model_digest(),
        "evidence": evidence_digest(),
        "views": {name: known.digest() for name, known in views.items()},
        "own": own,
        "at": str(at),
        "settings": [f"{each.lever}={each.level!r}@{each.start}" for each in settings],
        "draws": draws,
        "seed": seed,
    }

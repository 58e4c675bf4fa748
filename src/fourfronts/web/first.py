"""The answer to the page's first question, kept in a file, so that a start shows it while the model is being loaded.

It is the answer that this very package gave to it before: the file's name is a hash of every file of the package and
of the versions beneath it. The server computes it again when it has loaded the model.
"""

import hashlib
import json
import os
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from fourfronts.web.answers import Answer

HOUSE = Path(__file__).parents[1]
BENEATH = ("jax", "jaxlib", "numpy", "scipy")
ABOUT = "about"


def stamp() -> str:
    """What tells one package from another: SHA-256 of its files, and of what it runs on."""
    whole = hashlib.sha256(f"{sys.version} {' '.join(version(name) for name in BENEATH)}".encode())
    for path in sorted(HOUSE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            content = path.read_bytes()
            whole.update(f"{path.relative_to(HOUSE).as_posix()} {len(content)}\n".encode())
            whole.update(content)
    return whole.hexdigest()


def read(folder: Path) -> Answer | None:
    """The answer that this package gave before, or None. A file that cannot be read is as none."""
    try:
        with np.load(folder / f"{stamp()}.npz", allow_pickle=False) as file:
            about: dict[str, Any] = json.loads(str(file[ABOUT]))
            series = {
                chart: {name: file[f"{chart}/{name}"] for name in names} for chart, names in about["series"].items()
            }
            return Answer(about["head"], about["descriptions"], series)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def write(folder: Path, answer: Answer) -> None:
    """Keep an answer, whole or not at all, and forget those of other packages. A folder that refuses is left alone."""
    about = {
        "head": answer.head,
        "descriptions": answer.descriptions,
        "series": {chart: list(rows) for chart, rows in answer.series.items()},
    }
    arrays = {f"{chart}/{name}": rows for chart, several in answer.series.items() for name, rows in several.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / f"{stamp()}.npz"
        made = place.with_suffix(f".{os.getpid()}")
        with made.open("wb") as file:
            np.savez(file, **{ABOUT: np.array(json.dumps(about))}, **arrays)  # type: ignore[arg-type]
        made.replace(place)
        for other in folder.glob("*.npz"):
            if other != place:
                other.unlink(missing_ok=True)
    except OSError:
        return

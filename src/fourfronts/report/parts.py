"""A folder of parts: which are there, that they are all of the same work, and what they say together."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fourfronts.analysis.parts import Work, part
from fourfronts.analysis.percentiles import percentiles
from fourfronts.errors import InputError
from fourfronts.report.folder import write_bytes, write_text

ASKED = "asked.json"
PERCENTILES = (5, 25, 50, 75, 95)

Done = Callable[[int, int], None]
"""Told how many parts of how many are there."""


def prepare(folder: Path, work: Work) -> None:
    """Make a folder ready for the parts of `work`.

    Raises InputError, with the field, where it holds those of other work or anything else.
    """
    asked, path = work.about(), folder / ASKED
    if path.exists():
        _check_same(path, asked)
        return
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder}: holds files and no {ASKED}; accepted: a new or empty folder, or one of parts")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(asked, indent=1, sort_keys=True) + "\n")


def _check_same(path: Path, asked: Mapping[str, Any]) -> None:
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: cannot be read ({error}); accepted: what an earlier call wrote") from error
    for name, value in asked.items():
        if there.get(name) != value:
            raise InputError(f"{path}: {name}: found {there.get(name)!r}; asked for now: {value!r}; take a new folder")


def path_of(folder: Path, number: int) -> Path:
    """The file of a part."""
    return folder / f"part-{number:06}.parquet"


def missing(folder: Path, work: Work, share: tuple[int, int] = (1, 1)) -> list[int]:
    """Numbers of the parts of a shard that are not there yet."""
    mine, of = share
    return [number for number in range(mine - 1, work.parts, of) if not path_of(folder, number).exists()]


def compute(folder: Path, work: Work, numbers: Sequence[int], done: Done) -> None:
    """Make parts here, one after the other, each on every core."""
    keep(folder, work, ((number, part(work, number)) for number in numbers), done)


def keep(folder: Path, work: Work, made: Iterator[tuple[int, bytes]], done: Done) -> None:
    """Write parts as they are made, each whole or not at all."""
    left = len(missing(folder, work))
    for number, content in made:
        write_bytes(path_of(folder, number), content)
        left -= 1
        done(work.parts - left, work.parts)


def summary(folder: Path, work: Work) -> list[dict[str, Any]]:
    """Mean, spread and percentiles of every column over all parts, one column in memory at a time."""
    import pyarrow.parquet as pq

    rows = []
    for package in work.packages:
        for each in work.outcomes:
            name = f"{package.name}: {each.name}"
            files = (path_of(folder, number) for number in range(work.parts))
            values = np.concatenate([pq.read_table(file, columns=[name])[name].to_numpy() for file in files])
            finite = values[np.isfinite(values)]
            if not finite.size:
                raise InputError(f"{name}: no future has a finite value")
            spread = zip(PERCENTILES, percentiles(finite, PERCENTILES), strict=True)
            rows.append(
                {
                    "package": package.name,
                    "outcome": each.name,
                    "unit": each.unit,
                    "date": str(each.date),
                    "mean": float(finite.mean(dtype=np.float64)),
                    **{f"p{p:02}": float(value) for p, value in spread},
                    "futures": len(values),
                    "not_finite": len(values) - len(finite),
                }
            )
    return rows

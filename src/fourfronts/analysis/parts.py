"""Futures by the million, in parts: each a Parquet file, made by this machine, by a shard of many, or by a scheduler.

A part depends on what was asked and on its number alone, so it is the same bytes whoever makes it, and what is there
already need not be made again.
"""

import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from fourfronts import __version__
from fourfronts.analysis.ensemble import CHUNK, drawn, run_ensemble
from fourfronts.analysis.explain.outcome import Outcome, needed
from fourfronts.errors import InputError
from fourfronts.inference.parameters import Registry
from fourfronts.inference.posterior import evidence_digest, model_digest
from fourfronts.policy.loader import Package
from fourfronts.policy.paths import Setting

SCHEMA = "fourfronts/parts/1"
PER_PART = 128 * CHUNK


@dataclass(frozen=True, eq=False)
class Work:
    """What was asked: `draws` futures of each package, of which the outcomes are kept, `per_part` in a file."""

    packages: tuple[Package, ...]
    settings: tuple[Setting, ...]
    known: Registry
    outcomes: tuple[Outcome, ...]
    seed: int
    draws: int
    per_part: int = PER_PART

    def __post_init__(self) -> None:
        if self.per_part < CHUNK or self.per_part % CHUNK:
            raise InputError(f"{self.per_part} futures in a part; accepted: a multiple of {CHUNK}")

    @property
    def parts(self) -> int:
        """Number of parts."""
        return -(-self.draws // self.per_part)

    def span(self, number: int) -> tuple[int, int]:
        """First future of a part and the one after its last."""
        return number * self.per_part, min((number + 1) * self.per_part, self.draws)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the value columns: 'drift: lead_months[released]'."""
        return tuple(f"{package.name}: {each.name}" for package in self.packages for each in self.outcomes)

    def about(self) -> dict[str, Any]:
        """Everything that the bytes of a part depend on, plain values."""
        return {
            "schema": SCHEMA,
            "version": __version__,
            "model": model_digest(),
            "evidence": evidence_digest(),
            "parameters": self.known.digest(),
            "packages": [json.loads(each.model_dump_json()) for each in self.packages],
            "settings": [f"{each.lever}={each.level:g}@{each.start}" for each in self.settings],
            "outcomes": [f"{each.name} {each.date}" for each in self.outcomes],
            "seed": self.seed,
            "draws": self.draws,
            "per_part": self.per_part,
        }


def part(work: Work, number: int) -> bytes:
    """One part as a Parquet file: the number of each future, and a float32 column for each package and outcome."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    start, stop = work.span(number)
    outputs, horizon = needed(work.outcomes)
    found = run_ensemble(
        work.packages,
        settings=work.settings,
        parameters=work.known,
        draws=stop - start,
        horizon=horizon,
        outputs=outputs,
        monthly=0,
        points=lambda chunk: drawn(work.known, work.seed, "jax", start // CHUNK + chunk),
    )
    columns = [each.of(ensemble).astype(np.float32) for ensemble in found.values() for each in work.outcomes]
    names = ["future", *work.columns]
    table = pa.table([pa.array(np.arange(start, stop, dtype=np.int64)), *map(pa.array, columns)], names=names)
    # The file says what made it, so that a part that was moved is still known.
    table = table.replace_schema_metadata({"fourfronts": json.dumps(work.about(), sort_keys=True)})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", compression_level=1, write_statistics=False)
    return buffer.getvalue()


def shard(text: str) -> tuple[int, int]:
    """'2/8' as (2, 8). Raises InputError for anything that is not I/N with I from 1 to N."""
    first, _, of = text.partition("/")
    if not (first.isdecimal() and of.isdecimal() and 1 <= int(first) <= int(of)):
        raise InputError(f"shard {text!r}; accepted: I/N with I from 1 to N, as in 2/8")
    return int(first), int(of)

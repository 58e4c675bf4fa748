"""Every future as a table: `futures.parquet`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.inference.outputs import OUTPUTS

ROWS_AT_ONCE = 100_000
"""Bounds the memory that writing takes: about 20 MB on top of the ensembles."""


def columns() -> list[str]:
    """Names of the value columns, output and kind joined by a point: 'lead_months.released'."""
    return [f"{name}.{kind}" for name, output in OUTPUTS.items() for kind in output.kinds]


def write_futures(path: Path, ensembles: Mapping[str, Ensemble], summary: Mapping[str, Any]) -> None:
    """Write one row for each package, date and draw, with a float32 column for each output and kind.

    Rows are ordered by package, then date, then draw. Units, version, seed, worldview, settings and the digest of
    the evidence are in the file's metadata. Raises OSError where the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema(pa, summary)
    values = columns()
    with (
        path.open("wb") as file,
        pq.ParquetWriter(
            file,
            schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=["package", "date"],
            use_byte_stream_split=values,
            # Statistics of a simulated column help no reader and cost time.
            write_statistics=["package", "date", "draw"],
        ) as writer,
    ):
        for name, ensemble in ensembles.items():
            for index, date in enumerate(ensemble.dates):
                for start in range(0, ensemble.draws, ROWS_AT_ONCE):
                    stop = min(start + ROWS_AT_ONCE, ensemble.draws)
                    writer.write_table(_rows(pa, schema, ensemble, name, date, index, start, stop))


def _schema(pa: Any, summary: Mapping[str, Any]) -> Any:
    about = {
        "version": summary["version"],
        "seed": str(summary["seed"]),
        "draws": str(summary["draws"]),
        "worldview": summary["worldview"],
        "settings": ", ".join(summary["settings"]),
        "couplings": ", ".join(summary["couplings"]),
        "evidence_cutoff": summary["evidence_cutoff"],
        "evidence_digest": summary["evidence_digest"],
    }
    fields = [
        pa.field("package", pa.dictionary(pa.int32(), pa.string())),
        pa.field("date", pa.dictionary(pa.int32(), pa.string())),
        pa.field("draw", pa.int32()),
    ]
    for name, output in OUTPUTS.items():
        described = {"unit": output.unit, "label": output.label}
        fields += [pa.field(f"{name}.{kind}", pa.float32(), metadata=described) for kind in output.kinds]
    return pa.schema(fields, metadata={f"fourfronts.{key}": value for key, value in about.items()})


def _rows(pa: Any, schema: Any, ensemble: Ensemble, name: str, date: str, index: int, start: int, stop: int) -> Any:
    count = stop - start
    repeated = pa.array(np.zeros(count, dtype=np.int32))
    arrays = [
        pa.DictionaryArray.from_arrays(repeated, pa.array([name])),
        pa.DictionaryArray.from_arrays(repeated, pa.array([date])),
        pa.array(np.arange(start, stop, dtype=np.int32)),
    ]
    for output in OUTPUTS:
        arrays += [pa.array(row[start:stop].astype(np.float32)) for row in ensemble.values[output][index]]
    return pa.Table.from_arrays(arrays, schema=schema)

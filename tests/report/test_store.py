"""futures.parquet holds every future, exactly, and says what it is."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from fourfronts.inference.outputs import OUTPUTS
from fourfronts.report import store


@pytest.fixture(scope="module")
def table(results):
    return pq.read_table(results / "futures.parquet")


def test_there_is_one_row_for_each_package_date_and_draw(table, a_run):
    ensembles = a_run.ensembles
    keys = list(zip(*(table[name].to_pylist() for name in ("package", "date", "draw")), strict=True))
    expected = [
        (name, date, draw)
        for name, ensemble in ensembles.items()
        for date in ensemble.dates
        for draw in range(ensemble.draws)
    ]
    assert keys == expected


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_value_comes_back_exactly_in_single_precision(table, a_run, name):
    for number, kind in enumerate(OUTPUTS[name].kinds):
        column = table[f"{name}.{kind}"]
        assert str(column.type) == "float"
        written = np.concatenate(
            [ensemble.values[name][:, number].reshape(-1) for ensemble in a_run.ensembles.values()]
        )
        assert np.array_equal(column.to_numpy(), written.astype(np.float32), equal_nan=True)


def test_the_file_says_what_made_it_and_in_which_units(table, a_run):
    about = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert about["fourfronts.version"] == a_run.summary["version"]
    assert about["fourfronts.seed"] == "1"
    assert about["fourfronts.evidence_digest"] == a_run.summary["evidence_digest"]
    assert table.schema.field("prc_compute.rented").metadata[b"unit"] == b"H100e"


def test_values_are_stored_as_split_bytes_and_squeezed(results):
    column = pq.ParquetFile(results / "futures.parquet").metadata.row_group(0).column(3)
    assert column.path_in_schema == store.columns()[0]
    assert column.compression == "ZSTD"
    assert "BYTE_STREAM_SPLIT" in column.encodings


def test_writing_in_pieces_changes_nothing(a_run, tmp_path, monkeypatch, table):
    monkeypatch.setattr(store, "ROWS_AT_ONCE", 40)
    store.write_futures(tmp_path / "pieces.parquet", a_run.ensembles, a_run.summary)
    assert pq.read_table(tmp_path / "pieces.parquet").equals(table)

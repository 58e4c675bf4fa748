"""`fourfronts futures`: parts from the command line, resumed and shared out, and bad input."""

import json

import pytest
from click.testing import CliRunner

from fourfronts.cli import group
from fourfronts.errors import InputError

SMALL = ("futures", "--prior", "--draws", "1500", "--per-part", "512", "--outcome", "lead_months[released]")


def _run(*arguments):
    found = CliRunner().invoke(group, [*map(str, arguments)], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_shards_fill_a_folder_and_the_last_one_tells_what_all_say(tmp_path):
    out = tmp_path / "parts"
    assert "1 of 3 parts are in" in _run(*SMALL, "--shard", "2/2", "--out", out)
    told = json.loads(_run(*SMALL, "--shard", "1/2", "--out", out, "--json"))
    assert sorted(path.name for path in out.iterdir()) == ["asked.json", *(f"part-{n:06}.parquet" for n in range(3))]
    (row,) = told["summary"]
    assert (row["package"], row["futures"], row["unit"]) == ("drift", 1500, "months")
    assert row["p05"] < row["p50"] < row["p95"]
    # With all parts there the answer comes from them alone.
    assert "1,500 futures in 3 parts" in _run(*SMALL, "--out", out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--out is missing"),
        (("--out", "parts", "--shard", "3/2"), "accepted: I/N"),
        (("--out", "parts", "--per-part", "1000"), "a multiple of 512"),
        (("--out", "parts", "--outcome", "lead"), "unknown outcome 'lead'"),
        (("--out", "parts", "--package", "hould"), "unknown package"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said):
        CliRunner().invoke(group, [*SMALL, *arguments], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []

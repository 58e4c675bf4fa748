"""YAML from a person's hand: what is refused, and whether the message says where and what is accepted."""

import pytest
from pydantic import Field

from fourfronts.errors import InputError
from fourfronts.policy import documents


class Boat(documents.Record):
    name: documents.Text
    length: float = Field(alias="from")
    crew: int = 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: [}", "boat.yaml, line 2, column 5: "),
        ("a: 1\n\tb: 2", "boat.yaml, line 2, column 1: "),
        ("a: 1\nb:\n  c: 1\n  c: 2", "boat.yaml, line 4, column 3: key 'c' is given twice"),
        ("a: 1\n2: 3", "boat.yaml, line 2, column 1: key 2 is not text"),
        ("? [a]\n: 1", "key ['a'] is not text"),
        ("a: !!python/name:os.system", "boat.yaml, line 1, column 4: could not determine a constructor"),
        ("a: 2026-13-45", "boat.yaml: not readable as YAML"),
        ("a: \x07", "boat.yaml"),
        ("plain words", "boat.yaml: found 'plain words'; accepted: a mapping"),
        ("", "boat.yaml: found None; accepted: a mapping"),
        ("a: " + "[" * 100_000, "boat.yaml: brackets nested more than 100 deep"),
    ],
)
def test_malformed_yaml_is_refused_with_its_place(text, message):
    with pytest.raises(InputError) as caught:
        documents.parse(text, "boat.yaml")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["1e6", "1E6", "1.0e+6", "1e+06", "1000000.0"])
def test_every_way_to_write_a_number_is_a_number(text):
    assert documents.parse(f"a: {text}", "x.yaml")["a"] == 1_000_000.0


def test_words_that_look_a_little_like_numbers_stay_words():
    assert documents.parse("a: [e5, 1e, 2027-01, 1e5x]", "x.yaml") == {"a": ["e5", "1e", "2027-01", "1e5x"]}


def test_a_file_that_cannot_be_read_is_refused_with_the_reason(tmp_path):
    (tmp_path / "latin.yaml").write_bytes("name: Zoë".encode("latin-1"))
    for path, reason in [
        (tmp_path / "latin.yaml", "not UTF-8 text (byte 8)"),
        (tmp_path / "none.yaml", "no such file"),
        (tmp_path, "is a directory"),
    ]:
        with pytest.raises(InputError, match=r"^here: ") as caught:
            documents.read(path, "here")
        assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"name": "Ada"}, "x: from: this field is missing"),
        ({"name": "", "from": 1}, "x: name: found ''; accepted: "),
        ({"name": 3, "from": 1}, "x: name: found 3; accepted: string"),
        ({"name": "Ada", "from": "1"}, "x: from: found '1'; accepted: number"),
        ({"name": "Ada", "from": True}, "x: from: found True; accepted: number"),
        ({"name": "Ada", "from": float("inf")}, "x: from: found inf; accepted: a finite number"),
        ({"name": "Ada", "from": 1, "crew": 1.5}, "x: crew: found 1.5; accepted: "),
        (
            {"nam": "Ada", "from": 1},
            "x: unknown field 'nam': did you mean 'name'? accepted: name, from, crew",
        ),
        ({"name": "Ada", "length": 1}, "x: unknown field 'length'"),
        ({"name": ["long"] * 99, "from": 1}, "...; accepted: string"),
    ],
)
def test_a_field_that_does_not_fit_is_named_with_its_value_and_what_is_accepted(data, message):
    with pytest.raises(InputError) as caught:
        documents.build(Boat, data, "x")
    assert message in str(caught.value)
    assert len(str(caught.value)) < 200


def test_records_cannot_be_changed():
    boat = documents.build(Boat, {"name": "Ada", "from": 4}, "x")
    with pytest.raises(ValueError, match="frozen"):
        boat.crew = 2

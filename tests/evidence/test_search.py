"""Searching: every filter narrows, and what is found is what was asked for."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.errors import InputError
from fourfronts.evidence import load
from fourfronts.evidence.dates import period
from fourfronts.evidence.schema import TABLES
from fourfronts.evidence.search import GRADES

filters = st.fixed_dictionaries(
    {},
    optional={
        "actor": st.sampled_from(["PRC", "us-allied", "China", "huawei", "nobody"]),
        "quantity": st.sampled_from(["compute", "share", "H100", "capital spending", "lag"]),
        "text": st.sampled_from(["smuggled", "epoch", "Huawei 2026", "bn", "derived here", "zzz"]),
        "since": st.sampled_from(["2020", "2024-06", "2025-Q3", "2026-05-31"]),
        "until": st.sampled_from(["2026-06-01", "2027", "2026-H2"]),
        "grade": st.sampled_from([*GRADES, "A, A-", "B,C,D"]),
        "file": st.sampled_from([*TABLES, "chips.csv"]),
    },
)


def ids(records):
    return [record.id for record in records]


@given(filters)
def test_results_are_rows_of_the_base_in_its_order(asked):
    evidence = load()
    found = ids(evidence.search(**asked))
    assert found == [record_id for record_id in evidence.by_id if record_id in set(found)]


@given(filters, filters)
def test_another_filter_never_adds_a_row(asked, more):
    both = {**more, **asked}
    assert set(ids(load().search(**both))) <= set(ids(load().search(**asked)))


@given(filters)
def test_filters_together_find_what_each_finds_alone(asked):
    evidence = load()
    expected = set(evidence.by_id)
    for name, text in asked.items():
        expected &= set(ids(evidence.search(**{name: text})))
    assert set(ids(evidence.search(**asked))) == expected


@given(st.dates(date(2019, 1, 1), date(2030, 1, 1)))
def test_since_and_until_part_the_dated_rows_but_for_those_across_the_day(day):
    evidence = load()
    dated = [record for record in evidence.records if record.date_start]
    since, until = set(ids(evidence.search(since=day))), set(ids(evidence.search(until=day)))
    assert since | until == set(ids(dated))
    assert since & until == {record.id for record in dated if record.date_start <= day <= record.date_end}


def test_no_filter_finds_everything():
    assert load().search() == load().records


def test_each_filter_finds_what_it_says():
    evidence = load()
    smuggled = evidence.search(text="SMUGGLED cumulative", actor="prc", file="compute_facts.csv", grade="B")
    assert [record.id for record in smuggled] == [f"SMUG-00{number}" for number in (1, 2, 3, 4)]
    assert {record.actor for record in evidence.search(actor="us-ALLIED")} == {"US-allied"}
    assert {record.grade for record in evidence.search(grade="A-,D")} == {"A-", "D"}
    assert {record.file for record in evidence.search(file="gap_months")} == {"gap_months.csv"}
    assert evidence.search(quantity="h100 sxm") == (evidence.get("CHIP-03"),)
    late = evidence.search(since="2026-06-01", text="export-control event")
    assert [record.id for record in late] == [f"EVT-0{number}" for number in range(31, 37)]
    assert all(record.date_end >= period("2027")[0] for record in evidence.search(since="2027"))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"grade": "E"}, "unknown grade 'E'; accepted: A, A-, B, C, D"),
        ({"grade": "A,a-"}, "unknown grade 'a-': did you mean 'A-'"),
        ({"file": "chip"}, "unknown evidence file 'chip': did you mean 'chips'"),
        ({"since": "last year"}, "'last year' is not a date; accepted: "),
        ({"until": "2026-13"}, "'2026-13' is not a date; accepted: "),
        ({"since": "2027", "until": "2026"}, "since 2027 is later than until 2026; accepted: "),
    ],
)
def test_a_filter_that_means_nothing_is_refused(asked, words):
    with pytest.raises(InputError) as caught:
        load().search(**asked)
    assert words in str(caught.value)

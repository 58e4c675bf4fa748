"""The claims as data: all of them there, each whole, and a mistake in the file told with its place."""

import re

import pytest

from fourfronts.errors import InputError
from fourfronts.evidence.claims import KINDS, LONGEST_LABEL, claims, parse
from fourfronts.evidence.loader import load

ONE = """
rules: {share: {supported: 0.667, not_supported: 0.333}}
claims:
  - number: 1
    name: some_claim
    label: A claim
    type: figure
    text: Something is so.
    stated: {share: 0.5}
    limits: {months: 3}
    sources: {share: VOL-009}
    evidence: [VOL-010]
    measure: some_measure
    holds_if: The share is {share:.0%} for {months:g} months.
    why: Because.
    changes: Something else.
"""

# What is put in the place of what, and what the message must say.
BROKEN = {
    "no list of claims": ("claims:", "claim:", "accepted: a mapping with rules and claims"),
    "an unknown field": ("    why:", "    wherefore:", "claim 1: unknown field 'wherefore'"),
    "a missing field": ("    why: Because.\n", "", "claim 1: why: this field is missing"),
    "a type that is none": ("type: figure", "type: number", "type: found 'number'; accepted: figure, mechanism"),
    "a number out of order": ("number: 1", "number: 2", "number: found 2; accepted: 1"),
    "a number that is none": ("number: 1", "number: one", "number: found 'one'; accepted: a whole number"),
    "evidence that is no list": ("[VOL-010]", "VOL-010", "evidence: found 'VOL-010'; accepted: a list"),
    "no evidence": ("[VOL-010]", "[]", "evidence: found []; accepted: a list of evidence ids"),
    "a threshold that is no number": (
        "months: 3",
        "months: three",
        "limits: found {'months': 'three'}; accepted: names",
    ),
    "a label too long for the table": ("label: A claim", f"label: {'a' * 31}", "accepted: text of at most 30 signs"),
    "an empty text": ("text: Something is so.", "text: ' '", "text: found ' '; accepted: text"),
    "braces of an unknown number": ("{months:g}", "{weeks:g}", "holds_if, why: wrong braces ('weeks')"),
    "malformed YAML": ("rules: {", "rules: {{", "not readable as YAML"),
}


def test_the_nineteen_claims_are_there_in_order_and_whole() -> None:
    found = claims().claims
    assert [each.number for each in found] == list(range(1, 20))
    assert {each.type for each in found} == set(KINDS)
    for each in found:
        assert each.text.endswith(".")
        assert each.condition.endswith(".")
        assert each.changes.endswith(".")
        assert len(each.label) <= LONGEST_LABEL
        assert "{" not in each.condition + each.reason


def test_every_row_that_a_claim_names_is_in_the_evidence() -> None:
    assert [row for each in claims().claims for row in each.rows if row not in load().by_id] == []


def test_stated_numbers_are_those_of_the_rows_that_quote_the_paper() -> None:
    def stated(name: str) -> list[float]:
        return list(claims().get(name).stated.values())

    rows = load()
    assert stated("huawei_share") == [rows.get("VOL-009").value, rows.get("VOL-010").value]
    assert stated("compute_ratio") == [rows.get("RATIO-006").value]
    assert stated("lead_2028") == [rows.get("GAP-023").low, rows.get("GAP-023").high]
    assert stated("jailbreaks")[0] == rows.get("GD045").value
    assert stated("publishing") == [rows.get("SAF-027").value]
    assert stated("security_fixes") == [rows.get("CYB-005").value]
    assert "271" in rows.get("CYB-004").note
    assert claims().get("security_fixes").limits["from_the_model"] == 271


def test_a_source_never_is_a_row_that_quotes_the_paper() -> None:
    for each in claims().claims:
        for row in each.sources.values():
            assert "2028" not in load().get(row).source, f"{each.name}: {row}"


def test_a_claim_is_found_by_number_and_by_name() -> None:
    assert claims().get("4") is claims().get("channels")
    with pytest.raises(InputError, match=r"unknown claim 'chanels': did you mean 'channels'\?"):
        claims().get("chanels")


def test_conditions_are_filled_in_from_stated_numbers_and_limits() -> None:
    (one,) = parse(ONE, "mine.yaml").claims
    assert one.condition == "The share is 50% for 3 months."
    assert one.rows == ("VOL-010", "VOL-009")


@pytest.mark.parametrize("what", BROKEN)
def test_a_mistake_is_told_with_its_place(what: str) -> None:
    old, new, said = BROKEN[what]
    assert old in ONE
    with pytest.raises(InputError, match=f"mine.yaml.*{re.escape(said)}"):
        parse(ONE.replace(old, new), "mine.yaml")


def test_two_claims_of_one_name_are_refused() -> None:
    second = ONE[ONE.index("  - number") :].replace("number: 1", "number: 2")
    with pytest.raises(InputError, match="name 'some_claim' is given twice"):
        parse(ONE + second, "mine.yaml")

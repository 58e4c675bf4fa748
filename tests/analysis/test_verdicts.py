"""Rules that judge claims: each can end in every verdict it has, and none favours a side."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.analysis import verdicts
from fourfronts.analysis.verdicts import (
    CONDITIONAL,
    NOT_SUPPORTED,
    NOT_TESTABLE,
    SUPPORTED,
    Part,
    between,
    of_figure,
    of_level,
    of_share,
    of_sources,
    rules,
    thresholds,
    together,
)
from fourfronts.evidence.claims import claims

MIRRORED = {SUPPORTED: NOT_SUPPORTED, NOT_SUPPORTED: SUPPORTED, CONDITIONAL: CONDITIONAL, NOT_TESTABLE: NOT_TESTABLE}


def true_in(count: int, of: int = 300) -> np.ndarray:
    return np.arange(of) < count


def part(verdict: str) -> Part:
    return Part("", verdict, "", "share")


@pytest.mark.parametrize(
    ("count", "verdict"), [(300, SUPPORTED), (201, SUPPORTED), (150, CONDITIONAL), (99, NOT_SUPPORTED)]
)
def test_a_proposition_is_judged_by_its_share_of_futures(count: int, verdict: str) -> None:
    found = of_share("so", true_in(count))
    assert found.verdict == verdict
    assert found.share == pytest.approx(count / 300)


@given(st.integers(0, 300))
def test_a_proposition_and_its_opposite_get_opposite_verdicts(count: int) -> None:
    holds = true_in(count)
    assert of_share("not so", ~holds).verdict == MIRRORED[of_share("so", holds).verdict]


def test_a_share_that_another_seed_may_take_across_a_limit_says_so() -> None:
    assert "Another seed" in of_share("so", true_in(201)).reads
    assert "Another seed" in of_share("so", true_in(90)).reads
    assert "Another seed" not in of_share("so", true_in(150)).reads
    assert "Another seed" not in of_share("so", true_in(300)).reads


def test_only_futures_that_count_are_counted_and_too_few_tell_nothing() -> None:
    among = true_in(100)
    assert of_share("so", true_in(90), among).share == pytest.approx(0.9)
    assert of_share("so", true_in(90), true_in(29)).verdict == NOT_TESTABLE
    assert of_share("so", true_in(90), true_in(0)).share is None


@pytest.mark.parametrize(
    ("stated", "verdict"),
    [
        (100, SUPPORTED),
        (76, SUPPORTED),
        (60, CONDITIONAL),
        (140, CONDITIONAL),
        (45, NOT_SUPPORTED),
        (155, NOT_SUPPORTED),
    ],
)
def test_a_figure_is_judged_by_its_place_in_the_range(stated: float, verdict: str) -> None:
    assert of_figure("so", stated, np.linspace(50, 150, 501)).verdict == verdict


def test_a_range_that_lets_anything_pass_tells_nothing() -> None:
    assert of_figure("so", 1.0, np.geomspace(0.1, 10, 500)).verdict == NOT_TESTABLE
    assert of_figure("so", 1.0, np.geomspace(0.4, 2.5, 500)).verdict == SUPPORTED


@given(st.floats(-1, 2))
def test_a_number_is_judged_by_two_limits(value: float) -> None:
    verdict = of_level("so", value, "", 0.6, 0.2).verdict
    assert verdict == (SUPPORTED if value >= 0.6 else NOT_SUPPORTED if value <= 0.2 else CONDITIONAL)
    assert between(value, 0.6, 0.2) == verdict


def test_a_limit_itself_belongs_to_the_verdict_that_it_begins() -> None:
    assert [between(value, 0.6, 0.2) for value in (0.6, 0.2)] == [SUPPORTED, NOT_SUPPORTED]


def test_a_claim_has_the_verdict_of_its_weakest_part() -> None:
    order = (SUPPORTED, CONDITIONAL, NOT_TESTABLE, NOT_SUPPORTED)
    for index, weakest in enumerate(order):
        assert together([part(each) for each in order[: index + 1]]) == weakest
        assert together([part(weakest)]) == weakest


def test_a_figure_that_the_model_starts_from_is_judged_by_its_sources() -> None:
    test_of_two = claims().get("jailbreaks")
    assert [each.verdict for each in of_sources(test_of_two)] == [SUPPORTED, SUPPORTED]
    assert [each.verdict for each in of_sources(replace(test_of_two, narrower="One model."))] == [CONDITIONAL] * 2
    assert [each.verdict for each in of_sources(replace(test_of_two, sources={}))] == [NOT_TESTABLE] * 2
    off = replace(test_of_two, stated={"prc": 70, "allied": 8})
    assert [each.verdict for each in of_sources(off)] == [NOT_SUPPORTED, SUPPORTED]
    # Graded B, so no more than under conditions.
    poor = replace(test_of_two, stated={"prc": 94}, sources={"prc": "GD045"})
    assert [each.verdict for each in of_sources(poor)] == [CONDITIONAL]


def test_a_source_that_was_not_known_by_the_cut_off_tells_nothing() -> None:
    late = replace(claims().get("jailbreaks"), stated={"prc": 295}, sources={"prc": "COST-037"})
    assert [each.verdict for each in of_sources(late)] == [NOT_TESTABLE]


def test_the_words_of_the_rules_hold_the_thresholds_that_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {name: dict(body) for name, body in thresholds().items()}
    other["share"]["supported"], other["figure"]["widest"], other["source"]["tolerance"] = 0.83, 17, 0.27
    assert of_share("so", true_in(240)).verdict == SUPPORTED
    monkeypatch.setattr(verdicts, "thresholds", lambda: other)
    assert of_share("so", true_in(240)).verdict == CONDITIONAL
    assert "83%" in rules()["share"]
    assert "17" in rules()["figure"]
    assert "27%" in rules()["source"]


def test_shares_and_limits_are_symmetrical() -> None:
    share = thresholds()["share"]
    assert share["supported"] + share["not_supported"] == pytest.approx(1)

"""Scenarios: the shipped thresholds are those of the design, and a user's mistakes are explained."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.errors import InputError
from fourfronts.policy import citations, scenarios
from fourfronts.policy.documents import build, parse
from fourfronts.policy.grid import Month
from fourfronts.policy.scenarios import (
    Condition,
    Reference,
    Scenario,
    consistent,
    exclusive,
    parse_condition,
    parse_reference,
)

EVIDENCE_ID = re.compile(r"\b[A-Z]{2,8}-?\d{2,4}\b")
HEAD = "name: mine\nlabel: Mine\ndescription: A test.\nrationale: Because.\n"
TESTS = "tests: {one: ['a[x] >= 1'], two: ['b[x] >= 1'], three: ['c[x] >= 1']}\n"
RULE = "rule: {required: [one], at_least: 1}\n"


def scenario(tests=TESTS, rule=RULE, head=HEAD):
    return build(Scenario, parse(head + tests + rule, "mine.yaml"), "mine.yaml")


def conditions(*texts):
    return tuple(map(parse_condition, texts))


@pytest.fixture
def scenario_file(tmp_path):
    def write(text, name="mine.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_the_shipped_tests_are_the_table_of_the_design():
    found = {
        name: {front: [str(each) for each in test] for front, test in each.tests.items()}
        for name, each in scenarios.scenarios().items()
    }
    assert found == {
        "commanding-lead": {
            "intelligence": ["lead_months[released] >= 12"],
            "compute": [
                "compute_ratio[stock_usable_flops] >= 11",
                "prc_illicit_share[diverted_and_rented] < 0.05",
            ],
            "adoption": ["adoption[allied] >= adoption[prc]"],
            "distribution": ["distribution_share[prc] < 0.2"],
        },
        "neck-and-neck": {
            "intelligence": ["lead_months[released] <= 4"],
            "compute": ["compute_ratio[stock_usable_flops] < 6"],
            "adoption": ["adoption[prc] >= adoption[allied]"],
            "distribution": ["distribution_share[prc] >= 0.4"],
        },
    }


def test_the_shipped_rule_is_intelligence_and_two_of_the_other_three_at_the_end_of_2028():
    for each in scenarios.scenarios().values():
        assert each.date == Month(2028, 12)
        assert each.rule.required == ("intelligence",)
        assert (each.rule.at_least, each.others) == (2, ("compute", "adoption", "distribution"))


def test_no_future_can_be_both_shipped_scenarios():
    lead, parity = scenarios.scenarios().values()
    assert exclusive(lead, parity)
    assert exclusive(parity, lead)
    assert not exclusive(lead, lead)


def test_exclusion_needs_the_same_date():
    lead, parity = scenarios.scenarios().values()
    assert not exclusive(lead, parity.model_copy(update={"date": Month(2027, 12)}))


def test_ids_named_in_the_rationales_exist_and_were_known_in_time():
    for each in scenarios.scenarios().values():
        named = tuple(sorted(set(EVIDENCE_ID.findall(each.rationale))))
        assert len(named) > 3
        assert citations.problems(each.name, named) == []


def test_a_condition_prints_as_it_is_written():
    for text in ("a[x] >= 1", "a[x] < 0.05", "a[x] > b[y]", "a[x] <= -2", "a_1[x_2] >= 1e+06"):
        assert str(parse_condition(text)) == text
    assert parse_condition("  a[x]>=b[y] ") == Condition(Reference("a", "x"), ">=", Reference("b", "y"))


@pytest.mark.parametrize(
    "text",
    [
        *("a[x] == 1", "a >= 1", "a[x] >= ", "1 <= a[x]", "a[x] >= nan", "a[x] >= inf", "a[x] >= many", "a[x]", ""),
        *("a[x] >= 1 and b[x] >= 1", "a[x] >> 1", "A[x] >= 1", "a[x] >= b", 3, None),
    ],
)
def test_what_is_no_condition_is_refused_with_the_form(text):
    with pytest.raises(InputError, match=r"accepted: OUTPUT\[KIND\] >=, >, <= or < a number or OUTPUT\[KIND\]"):
        parse_condition(text)


def test_an_output_compared_with_itself_is_refused():
    with pytest.raises(InputError, match="compared with itself"):
        parse_condition("a[x] >= a[x]")


@pytest.mark.parametrize("text", ["a", "a[x", "a[]", "[x]", "a[x] ", 5])
def test_a_reference_names_an_output_and_a_kind(text):
    if text == "a[x] ":
        assert parse_reference(text) == Reference("a", "x")
    else:
        with pytest.raises(InputError, match=r"accepted: OUTPUT\[KIND\]"):
            parse_reference(text)


@pytest.mark.parametrize(
    ("texts", "can_hold"),
    [
        (["a[x] >= 1", "a[x] <= 1"], True),
        (["a[x] > 1", "a[x] <= 1"], False),
        (["a[x] >= 1", "a[x] < 1"], False),
        (["a[x] >= 12", "a[x] <= 4"], False),
        (["a[x] >= b[x]", "b[x] >= a[x]"], True),
        (["a[x] > b[x]", "b[x] >= a[x]"], False),
        (["a[x] >= b[x]", "b[x] >= 3", "a[x] < 2"], False),
        (["a[x] >= b[x]", "b[x] >= c[x]", "c[x] > a[x]"], False),
        (["a[x] >= b[x]", "b[x] >= 3", "a[y] < 2"], True),
        (["a[x] <= -1", "a[x] >= -2"], True),
        (["a[x] <= -2", "a[x] >= -1"], False),
        (["a[x] >= 1"], True),
        ([], True),
    ],
)
def test_conditions_that_contradict_each_other_are_found(texts, can_hold):
    for order in itertools.permutations(conditions(*texts)):
        assert consistent(order) == can_hold


NAMES = st.sampled_from(["a[x]", "b[x]", "c[x]"])
HALVES = st.sampled_from(["0", "1", "2"])
TEXTS = st.tuples(NAMES, st.sampled_from([">=", ">", "<=", "<"]), st.one_of(NAMES, HALVES)).filter(
    lambda parts: parts[0] != parts[2]
)


@given(st.lists(TEXTS, max_size=6))
def test_contradictions_are_those_that_no_assignment_meets(parts):
    found = conditions(*(" ".join(each) for each in parts))
    # Whole thresholds leave room for three different values between two of them at steps of a quarter.
    grid = [quarter / 4 for quarter in range(-4, 13)]
    compare = {
        ">=": lambda left, right: left >= right,
        ">": lambda left, right: left > right,
        "<=": lambda left, right: left <= right,
        "<": lambda left, right: left < right,
    }

    def holds(values, each):
        right = values[each.right.output] if isinstance(each.right, Reference) else each.right
        return compare[each.comparison](values[each.left.output], right)

    possible = any(
        all(holds(dict(zip("abc", values, strict=True)), each) for each in found)
        for values in itertools.product(grid, repeat=3)
    )
    assert consistent(found) == possible


def test_a_file_of_ones_own_is_read_with_the_default_date(scenario_file):
    own = scenarios.scenario(scenario_file(HEAD + TESTS + RULE))
    assert own.date == Month(2028, 12)
    assert own.others == ("two", "three")
    assert scenarios.scenario(scenario_file(HEAD + "date: 2027-06\n" + TESTS + RULE)).date == Month(2027, 6)


def test_references_are_listed_once():
    own = scenario("tests: {one: ['a[x] >= b[x]', 'a[x] < 3'], two: ['b[x] >= 1']}\n")
    assert own.references == (Reference("a", "x"), Reference("b", "x"))


def test_ways_are_the_smallest_sets_that_satisfy_the_rule():
    assert [tuple(map(str, way)) for way in scenario().ways()] == [
        ("a[x] >= 1", "b[x] >= 1"),
        ("a[x] >= 1", "c[x] >= 1"),
    ]


@pytest.mark.parametrize(
    ("tests", "rule", "message"),
    [
        (TESTS, "rule: {required: [onee], at_least: 1}", "rule: required: unknown test 'onee': did you mean 'one'?"),
        (TESTS, "rule: {required: [one], at_least: 3}", "rule: at_least: found 3; accepted: 0 to 2"),
        (TESTS, "rule: {required: [one], at_least: -1}", "rule.at_least: found -1; accepted: greater"),
        (TESTS, "rule: {required: [one], at_least: 1.5}", "rule.at_least: found 1.5"),
        (TESTS, "rule: {required: [one, one], at_least: 1}", "required: found one, one; accepted: each test once"),
        (TESTS, "rule: {at_least: 0}", "found no required test and at_least 0"),
        (TESTS, "rule: {required: [one]}", "rule.at_least: this field is missing"),
        (TESTS, "", "rule: this field is missing"),
        ("tests: {}\n", RULE, "tests: found {}"),
        ("tests: {one: []}\n", RULE, "tests.one: found []"),
        ("tests: {one: 'a[x] >= 1'}\n", RULE, "tests.one: found 'a[x] >= 1'; accepted: tuple"),
        ("tests: {one: ['a[x] = 1']}\n", RULE, "tests.one.0: found 'a[x] = 1'; accepted: OUTPUT[KIND]"),
        (
            "tests: {one: ['a[x] >= 2', 'a[x] <= 1'], two: ['b[x] >= 1']}\n",
            RULE,
            "tests: one: a[x] >= 2 and a[x] <= 1 cannot all hold",
        ),
        (
            "tests: {one: ['a[x] >= 2'], two: ['a[x] <= 1']}\n",
            RULE,
            "rule: no future can meet one and 1 of two, because their conditions contradict each other",
        ),
    ],
)
def test_a_mistake_in_a_scenario_file_is_told_with_its_file_and_field(scenario_file, tests, rule, message):
    path = scenario_file(HEAD + tests + rule)
    with pytest.raises(InputError) as caught:
        scenarios.scenario(path)
    assert str(caught.value).startswith(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_tests_that_contradict_each_other_may_be_alternatives():
    own = scenario("tests: {one: ['a[x] >= 2'], two: ['a[x] <= 1'], three: ['b[x] > 0']}\n")
    assert own.rule.at_least == 1


@pytest.mark.parametrize("field", ["name", "label", "description", "rationale"])
def test_every_text_of_a_scenario_is_required(scenario_file, field):
    head = "".join(line + "\n" for line in HEAD.splitlines() if not line.startswith(field))
    with pytest.raises(InputError, match=f"{field}: this field is missing"):
        scenarios.scenario(scenario_file(head + TESTS + RULE))


def test_an_empty_rationale_is_no_rationale(scenario_file):
    with pytest.raises(InputError, match="rationale: found ''"):
        scenarios.scenario(scenario_file(HEAD.replace("Because.", "''") + TESTS + RULE))


@pytest.mark.parametrize("name", ["commanding-lead", "neck-and-neck", "contested"])
def test_a_shipped_name_is_taken(scenario_file, name):
    with pytest.raises(InputError, match=f"name: found '{name}'; accepted: any name but"):
        scenarios.scenario(scenario_file(HEAD.replace("mine", name) + TESTS + RULE))


def test_two_files_with_one_name_are_refused_with_both_places(scenario_file):
    one, two = scenario_file(HEAD + TESTS + RULE, "one.yaml"), scenario_file(HEAD + TESTS + RULE, "two.yaml")
    assert [each.name for each in scenarios.own_scenarios([one])] == ["mine"]
    with pytest.raises(InputError, match=r"two\.yaml: name: found 'mine', as in .*one\.yaml; accepted: each name once"):
        scenarios.own_scenarios([one, two])


def test_a_date_that_is_no_month_is_refused(scenario_file):
    with pytest.raises(InputError, match="date: month 'soon' is not a month; accepted: YYYY-MM"):
        scenarios.scenario(scenario_file(HEAD + "date: soon\n" + TESTS + RULE))


def test_a_path_that_holds_no_file_is_told_so():
    with pytest.raises(InputError, match="cannot be read"):
        scenarios.scenario("nowhere.yaml")

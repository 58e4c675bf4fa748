"""Scenario probabilities: every future is exactly one of three, counted right, with honest errors."""

import json
import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.scenarios import Probability, check, evaluate
from fourfronts.errors import InputError
from fourfronts.inference.outputs import Output
from fourfronts.policy.documents import build, parse
from fourfronts.policy.grid import Month
from fourfronts.policy.loader import package
from fourfronts.policy.scenarios import Scenario, scenarios

# Only what the shipped tests read, so that they are tested apart from the rest of the model.
READ = {
    "lead_months": Output(("released",), "months", "Lead"),
    "compute_ratio": Output(("stock_usable_flops",), "ratio", "Ratio"),
    "prc_illicit_share": Output(("diverted_and_rented",), "share", "Illicit share"),
    "adoption": Output(("allied", "prc", "rest"), "share", "Adoption"),
    "distribution_share": Output(("allied", "prc", "rest"), "share", "Distribution"),
}
LEAD, RATIO, ILLICIT, ALLIED, PRC, SHARE = range(6)
COMMANDING = [18, 20, 0.01, 0.3, 0.2, 0.1]
PARITY = [1, 3, 0.5, 0.2, 0.3, 0.6]


def ensemble(futures, months=("2028-11", "2028-12"), dates=("2028-12",)):
    """One future a row: lead, ratio, illicit share, allied and PRC adoption, PRC share."""
    rows = np.asarray(futures, dtype=float).reshape(-1, 6).T
    nought = np.zeros_like(rows[0])
    values = {
        "lead_months": rows[[LEAD]],
        "compute_ratio": rows[[RATIO]],
        "prc_illicit_share": rows[[ILLICIT]],
        "adoption": np.stack([rows[ALLIED], rows[PRC], nought]),
        "distribution_share": np.stack([1 - rows[SHARE], rows[SHARE], nought]),
    }
    monthly = {name: np.stack([np.full_like(each, 99), each]) for name, each in values.items()}
    return Ensemble(package("drift"), dates, months, {name: v[None] for name, v in values.items()}, monthly, 0)


def counts(futures):
    return [each.futures for each in evaluate(ensemble(futures), outputs=READ).probabilities.values()]


def own(tests, rule="{required: [one], at_least: 0}", date="2028-12", name="mine"):
    text = f"name: {name}\nlabel: Mine\ndescription: D.\nrationale: R.\ndate: {date}\ntests: {tests}\nrule: {rule}\n"
    return build(Scenario, parse(text, "mine.yaml"), "mine.yaml")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [1, 0, 0]),
        ({LEAD: 12}, [1, 0, 0]),
        ({LEAD: 11.99}, [0, 0, 1]),
        ({RATIO: 11}, [1, 0, 0]),
        # One of the other three may fail, two may not.
        ({RATIO: 10.9}, [1, 0, 0]),
        ({SHARE: 0.2}, [1, 0, 0]),
        ({RATIO: 10.9, SHARE: 0.2}, [0, 0, 1]),
        ({ILLICIT: 0.05, SHARE: 0.19}, [1, 0, 0]),
        ({ILLICIT: 0.05, SHARE: 0.2}, [0, 0, 1]),
        ({PRC: 0.31, SHARE: 0.2}, [0, 0, 1]),
        ({PRC: 0.3, SHARE: 0.2}, [1, 0, 0]),
    ],
)
def test_the_commanding_lead_is_that_of_the_design(change, expected):
    assert counts([change.get(index, value) for index, value in enumerate(COMMANDING)]) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [0, 1, 0]),
        ({LEAD: 4}, [0, 1, 0]),
        ({LEAD: 4.01}, [0, 0, 1]),
        ({LEAD: -30}, [0, 1, 0]),
        ({RATIO: 6}, [0, 1, 0]),
        ({RATIO: 6, SHARE: 0.39}, [0, 0, 1]),
        ({RATIO: 5.99, SHARE: 0.39}, [0, 1, 0]),
        ({RATIO: 6, SHARE: 0.4}, [0, 1, 0]),
        ({ALLIED: 0.3, RATIO: 6}, [0, 1, 0]),
        ({ALLIED: 0.31, RATIO: 6}, [0, 0, 1]),
        # Every other test in the PRC's favour does not make up for the lead.
        ({LEAD: 8}, [0, 0, 1]),
    ],
)
def test_neck_and_neck_is_that_of_the_design(change, expected):
    assert counts([change.get(index, value) for index, value in enumerate(PARITY)]) == expected


FUTURES = arrays(
    float,
    st.tuples(st.integers(1, 40), st.just(6)),
    elements=st.sampled_from([-3.0, 0.0, 0.04, 0.05, 0.1, 0.2, 0.4, 0.5, 4.0, 6.0, 11.0, 12.0, 20.0]),
)


@given(FUTURES)
def test_every_future_is_exactly_one_of_three(futures):
    found = evaluate(ensemble(futures), outputs=READ)
    lead, parity = found.shipped
    assert not (lead.holds & parity.holds).any()
    assert sum(each.futures for each in found.probabilities.values()) == len(futures)
    plain = [Decimal(str(each["probability"])) for each in found.as_json()["scenarios"].values()]
    assert sum(plain) == 1
    assert list(found.probabilities) == ["commanding-lead", "neck-and-neck", "contested"]


@given(FUTURES)
def test_a_scenario_is_no_likelier_than_the_test_that_it_requires(futures):
    for each in evaluate(ensemble(futures), outputs=READ).shipped:
        assert each.probability.futures <= each.tests["intelligence"].futures
        for flags in each.passes.values():
            assert flags.shape == each.holds.shape


def test_thresholds_hold_in_single_precision_too():
    found = evaluate(ensemble([COMMANDING, [12, 11, 0.05, 0.3, 0.3, 0.2]]), outputs=READ)
    narrow = ensemble([COMMANDING, [12, 11, 0.05, 0.3, 0.3, 0.2]])
    for name, values in narrow.values.items():
        narrow.values[name] = values.astype(np.float32)
    assert evaluate(narrow, outputs=READ).as_json() == found.as_json()


def test_a_probability_is_a_count_with_its_binomial_error():
    share = Probability(30, 100)
    assert share.value == 0.3
    assert share.standard_error == pytest.approx(math.sqrt(0.3 * 0.7 / 100))


@pytest.mark.parametrize(("futures", "of"), [(0, 10), (10, 10), (3, 10), (1, 2000), (1234, 2000)])
def test_the_interval_is_wilsons_at_90_percent(futures, of):
    expected = stats.binomtest(futures, of).proportion_ci(0.9, method="wilson")
    assert Probability(futures, of).interval == pytest.approx((expected.low, expected.high), abs=1e-12)
    low, high = Probability(futures, of).interval
    assert 0 <= low < high <= 1


def test_contested_futures_say_which_tests_fail():
    # The first fails the lead alone, the second compute and distribution, the third is not contested.
    found = evaluate(ensemble([[8, *COMMANDING[1:]], [18, 8, 0.01, 0.3, 0.2, 0.3], COMMANDING]), outputs=READ)
    lead = {front: each.value for front, each in found.failing["commanding-lead"].items()}
    assert lead == {"intelligence": 0.5, "compute": 0.5, "adoption": 0.0, "distribution": 0.5}
    parity = {front: each.value for front, each in found.failing["neck-and-neck"].items()}
    assert parity == {"intelligence": 1.0, "compute": 1.0, "adoption": 1.0, "distribution": 1.0}
    assert {each.of for tests in found.failing.values() for each in tests.values()} == {2}


def test_each_test_has_its_own_probability_and_its_conditions_in_words():
    found = evaluate(ensemble([COMMANDING, PARITY]), outputs=READ).as_json()["tests"]["commanding-lead"]
    assert {front: each["probability"] for front, each in found.items()} == dict.fromkeys(found, 0.5)
    assert found["adoption"]["conditions"] == ["adoption[allied] >= adoption[prc]"]


def test_no_contested_future_means_no_share_rather_than_a_division_by_nought():
    found = evaluate(ensemble([COMMANDING]), outputs=READ).as_json()
    assert found["contested"]["neck-and-neck"]["compute"] == {"futures": 0, "of": 0}
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_future_that_is_not_finite_in_what_is_read_is_left_out_and_counted():
    broken = [math.nan, *COMMANDING[1:]]
    found = evaluate(ensemble([COMMANDING, broken, PARITY]), outputs=READ)
    assert [each.futures for each in found.probabilities.values()] == [1, 1, 0]
    assert (found.left_out, found.as_json()["scenarios_left_out"]) == (1, 1)


def test_an_ensemble_without_a_finite_future_has_counts_and_no_probabilities():
    found = evaluate(ensemble([[math.nan] * 6]), outputs=READ).as_json()
    assert found["scenarios"]["contested"] == {"futures": 0, "of": 0}
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_run_that_ends_before_the_scenarios_date_has_none():
    short = ensemble([COMMANDING], months=("2028-10", "2028-11"), dates=("2028-11",))
    found = evaluate(short, outputs=READ)
    assert found.as_json()["scenarios"] == {}
    assert found.as_json()["tests"] == {}
    assert (found.probabilities, found.left_out) == ({}, 0)


def test_a_users_scenario_is_reported_apart_and_changes_nothing_else():
    futures = [COMMANDING, PARITY, [8, *COMMANDING[1:]]]
    mine = own("{one: ['lead_months[released] > 5'], two: ['adoption[rest] > 1']}")
    found, plain = evaluate(ensemble(futures), [mine], outputs=READ), evaluate(ensemble(futures), outputs=READ)
    assert found.as_json() | {"further_scenarios": {}} == plain.as_json()
    further = found.as_json()["further_scenarios"]["mine"]
    assert (further["futures"], further["of"], further["label"]) == (2, 3, "Mine")
    assert further["tests"]["two"]["futures"] == 0


def test_a_rule_without_required_tests_counts_the_others():
    tests = "{one: ['lead_months[released] > 5'], two: ['compute_ratio[stock_usable_flops] > 5']}"
    futures = [[6, 6, 0, 0, 0, 0], [6, 1, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0]]
    either = evaluate(ensemble(futures), [own(tests, "{at_least: 1}")], outputs=READ).further[0]
    assert either.probability.futures == 2


def test_a_date_between_reported_ones_is_read_from_the_monthly_record():
    mine = own("{one: ['lead_months[released] >= 99']}", date="2028-11")
    assert evaluate(ensemble([COMMANDING]), [mine], outputs=READ).further[0].probability.futures == 1


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        (
            own("{one: ['lead_month[released] > 5']}"),
            "scenario mine: tests: one: unknown output 'lead_month': did you mean 'lead_months'",
        ),
        (
            own("{one: ['adoption[allied] > adoption[china]']}"),
            "scenario mine: tests: one: unknown kind of adoption 'china'; accepted: allied, prc, rest",
        ),
        (
            own("{one: ['lead_months[released] > 5']}", date="2029-01"),
            "scenario mine: date: found 2029-01; accepted: a month up to the last of the run, 2028-12",
        ),
    ],
)
def test_what_a_run_does_not_report_is_told_with_the_nearest(scenario, message):
    with pytest.raises(InputError) as caught:
        evaluate(ensemble([COMMANDING]), [scenario], outputs=READ)
    assert message in str(caught.value)


def test_a_check_before_the_run_names_the_file():
    with pytest.raises(InputError, match=r"^here\.yaml: tests: one: unknown output 'x'"):
        check(own("{one: ['x[y] > 5']}"), Month(2028, 12), READ, "here.yaml")


def test_scenarios_that_a_future_could_both_be_are_no_partition():
    lead, parity = scenarios().values()
    loose = parity.model_copy(update={"tests": parity.tests | {"intelligence": lead.tests["adoption"]}})
    with pytest.raises(InputError, match="one future can be both; accepted: tests that exclude each other"):
        evaluate(ensemble([COMMANDING]), shipped=[lead, loose], outputs=READ)


def test_the_shipped_scenarios_read_what_the_model_reports():
    for each in scenarios().values():
        check(each, Month(2028, 12))

"""What can be asked about: outputs, scenarios and fronts by name, each a number of every future."""

import pickle

import numpy as np
import pytest

from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.analysis.explain.outcome import HEADLINE, finite, needed, outcome, outcomes
from fourfronts.analysis.scoreboard import shipped_fronts
from fourfronts.errors import InputError
from fourfronts.policy.grid import DEFAULT_HORIZON, Month
from fourfronts.policy.scenarios import scenarios


def test_an_output_is_read_at_its_date_and_what_is_not_finite_is_no_number(made):
    asked = outcome("lead_months[released]")
    assert (asked.unit, str(asked.date), asked.outputs, asked.chance) == ("months", "2028-12", ("lead_months",), False)
    found = asked.of(made(lead_months={"released": [3.0, np.inf, 5.0]}))
    np.testing.assert_array_equal(found, [3.0, np.nan, 5.0])
    assert str(asked) == "Lead of the allied over the PRC frontier (released), 2028-12"


def test_a_front_is_its_margin_in_its_own_unit(made):
    asked = outcome("adoption")
    assert asked.unit == shipped_fronts()["adoption"].margin.unit
    np.testing.assert_allclose(asked.of(made(adoption={"allied": [0.30], "prc": [0.12]})), [18.0], rtol=1e-6)


@pytest.fixture
def futures(made):
    """Five futures: commanding lead, a lead alone, neck and neck, neither, and one without a lead."""
    return made(
        lead_months={"released": [18.0, 18.0, 2.0, 8.0, np.nan]},
        compute_ratio={"stock_usable_flops": [20.0, 2.0, 2.0, 8.0, 8.0]},
        prc_illicit_share={"diverted_and_rented": [0.01, 0.5, 0.5, 0.5, 0.5]},
        adoption={"allied": [0.3, 0.1, 0.1, 0.1, 0.1], "prc": [0.1, 0.3, 0.3, 0.1, 0.1]},
        distribution_share={"prc": [0.1, 0.5, 0.5, 0.3, 0.3]},
    )


def test_a_scenario_holds_or_not_in_every_future_and_the_three_add_up_to_one(futures):
    commanding, neck, contested = (outcome(name).of(futures) for name in (*scenarios(), "contested"))
    np.testing.assert_array_equal(commanding, [1, 0, 0, 0, np.nan])
    np.testing.assert_array_equal(neck, [0, 0, 1, 0, np.nan])
    np.testing.assert_array_equal(contested, [0, 1, 0, 1, np.nan])


def test_a_scenario_has_its_own_date_whatever_is_asked():
    assert str(outcome("commanding-lead", Month(2030, 12)).date) == "2028-12"


def test_a_users_own_scenario_is_an_outcome(tmp_path, futures):
    file = tmp_path / "mine.yaml"
    file.write_text(
        "name: mine\nlabel: Mine\ndescription: A lead of five months.\nrationale: A test.\ndate: 2028-12\n"
        "tests: {intelligence: ['lead_months[released] >= 5']}\nrule: {required: [intelligence], at_least: 0}\n"
    )
    asked = outcome(str(file))
    assert (asked.name, asked.label, asked.chance) == ("mine", "Mine", True)
    np.testing.assert_array_equal(asked.of(futures), [1, 1, 0, 1, np.nan])


def test_a_run_keeps_what_the_outcomes_read_and_reaches_the_last_of_them():
    several = outcomes(["adoption", "commanding-lead", "adoption"], Month(2027, 12))
    assert [each.name for each in several] == ["adoption", "commanding-lead"]
    outputs, last = needed(several)
    assert set(outputs) == {"lead_months", "compute_ratio", "prc_illicit_share", "adoption", "distribution_share"}
    assert str(last) == "2028-12"


def test_a_date_that_the_run_does_not_report_is_refused_before_anything_is_computed():
    with pytest.raises(InputError, match="adoption: 2027-06 is not reported by a run to 2028-12, which other outcomes"):
        needed(outcomes(["adoption", "commanding-lead"], Month(2027, 6)))
    assert str(needed(outcomes(["adoption"], Month(2027, 6)))[1]) == "2027-06"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lead_month[released]", "unknown output 'lead_month': did you mean 'lead_months'"),
        ("lead_months[relesed]", "unknown kind of lead_months 'relesed': did you mean 'released'"),
        ("comanding-lead", "unknown outcome 'comanding-lead': did you mean 'commanding-lead'"),
        ("nowhere.yaml", "nowhere.yaml"),
    ],
)
def test_an_unknown_outcome_is_refused_with_the_nearest(text, said):
    with pytest.raises(InputError, match=said.replace("[", r"\[").replace("]", r"\]")):
        outcome(text)


def test_outcomes_with_no_finite_value_are_refused():
    assert finite(np.array([1.0, np.nan]), "x").tolist() == [1.0]
    with pytest.raises(InputError, match="x: no future has a finite value"):
        finite(np.array([np.nan]), "x")


def test_the_headline_is_the_lead_both_scenarios_and_the_other_fronts():
    assert {each.name for each in outcomes(HEADLINE)} == {
        "lead_months[released]", *scenarios(), *(name for name in shipped_fronts() if name != "intelligence")
    }  # fmt: skip


@pytest.mark.parametrize("name", [*HEADLINE, "contested", "usable_compute[prc]"])
def test_an_outcome_can_be_sent_to_another_process(name):
    made = outcome(name, DEFAULT_HORIZON)
    sent = pickle.loads(pickle.dumps(made))
    assert (sent.name, sent.outputs, sent.date) == (made.name, made.outputs, made.date)
    ensemble = run_ensemble(["drift"], draws=16, seed=1, driver="numpy", monthly=0)["drift"]
    np.testing.assert_array_equal(sent.of(ensemble), made.of(ensemble))

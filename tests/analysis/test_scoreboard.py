"""The scoreboard: shares of futures that sum to one, margins in the front's own unit."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.scoreboard import check, leading, parse_fronts, scoreboard, shipped_fronts
from fourfronts.errors import InputError
from fourfronts.inference.outputs import Output
from fourfronts.model.blocs import BLOCS
from fourfronts.policy.loader import package

# `resilience` in another order of the blocs, to see that names and not places decide.
READ = {
    "lead_months": Output(("internal", "released"), "months", "Lead"),
    "capability_released": Output(BLOCS, "ECI", "Released"),
    "adoption": Output(BLOCS, "share", "Adoption"),
    "distribution_share": Output(BLOCS, "share", "Distribution"),
    "resilience": Output(("rest", "prc", "allied"), "index", "Resilience"),
}
DATES, MONTHS, DRAWS = ("2027-12", "2028-12"), ("2027-12", "2028-11", "2028-12"), 40
FRONT = {"label": "L", "ranked_by": "adoption", "margin": {"label": "M", "of": "adoption[allied]", "unit": "u"}}


@pytest.fixture
def ensemble():
    random = np.random.default_rng(5)
    monthly = {name: random.random((len(MONTHS), len(each.kinds), DRAWS)) for name, each in READ.items()}
    values = {name: each[[0, 2]] for name, each in monthly.items()}
    return Ensemble(package("drift"), DATES, MONTHS, values, monthly, 0)


def test_the_fronts_are_those_of_the_design():
    assert list(shipped_fronts()) == ["intelligence", "adoption", "distribution", "resilience"]
    units = [front.margin.unit for front in shipped_fronts().values()]
    assert units == ["months", "percentage points of GDP", "percentage points of the work rest buys", "index points"]
    assert list(shipped_fronts()["distribution"].also) == ["rest"]


def test_probabilities_of_leading_are_shares_of_futures(ensemble):
    found = scoreboard(ensemble, outputs=READ)["adoption"]
    for row in range(len(DATES)):
        leader = ensemble.values["adoption"][row].argmax(axis=0)
        np.testing.assert_allclose(found.leads[row], [(leader == bloc).mean() for bloc in range(3)])


def test_blocs_are_found_by_name_and_not_by_place(ensemble):
    found = scoreboard(ensemble, outputs=READ)["resilience"]
    leader = ensemble.values["resilience"].argmax(axis=1)
    np.testing.assert_allclose(found.leads[:, BLOCS.index("allied")], (leader == 2).mean(axis=1))


def test_margins_are_in_the_fronts_own_unit(ensemble):
    found, values = scoreboard(ensemble, outputs=READ), ensemble.values
    expected = {
        "intelligence": values["lead_months"][:, 1],
        "adoption": 100 * (values["adoption"][:, 0] - values["adoption"][:, 1]),
        "distribution": 100 * (values["distribution_share"][:, 0] - values["distribution_share"][:, 1]),
        "resilience": values["resilience"][:, 2] - values["resilience"][:, 1],
    }
    for name, margin in expected.items():
        np.testing.assert_allclose(found[name].ranges["margin"], np.percentile(margin, [5, 50, 95], axis=1).T)
    rest = 100 * values["distribution_share"][:, 2]
    np.testing.assert_allclose(found["distribution"].ranges["rest"], np.percentile(rest, [5, 50, 95], axis=1).T)


def test_every_month_agrees_with_the_reported_dates(ensemble):
    at_dates, by_month = scoreboard(ensemble, outputs=READ), scoreboard(ensemble, by_month=True, outputs=READ)
    for name, found in by_month.items():
        assert found.dates == MONTHS
        np.testing.assert_array_equal(found.leads[[0, 2]], at_dates[name].leads)
        np.testing.assert_array_equal(found.ranges["margin"][[0, 2]], at_dates[name].ranges["margin"])


LEVELS = st.sampled_from([0.0, 1.0, 2.0, math.nan, math.inf])


@given(arrays(float, st.tuples(st.integers(1, 4), st.just(3), st.integers(1, 12)), elements=LEVELS))
def test_each_row_sums_to_one_over_the_finite_futures(by_bloc):
    shares = leading(by_bloc)
    some = np.isfinite(by_bloc).all(axis=1).any(axis=1)
    np.testing.assert_allclose(shares[some].sum(axis=1), 1)
    assert np.isnan(shares[~some]).all()
    assert (shares[some] >= 0).all()


def test_blocs_that_are_level_share_the_lead():
    np.testing.assert_allclose(leading(np.array([[[1.0], [1.0], [0.0]]])), [[0.5, 0.5, 0.0]])
    np.testing.assert_allclose(leading(np.array([[[1.0, 0], [1.0, 3], [1.0, 0]]])), [[1 / 6, 4 / 6, 1 / 6]])


def test_a_future_that_is_not_finite_is_left_out(ensemble):
    ensemble.values["adoption"][0, 2, :10] = math.nan
    ensemble.values["lead_months"][1, 1, :] = math.inf
    found = scoreboard(ensemble, outputs=READ)
    leader = ensemble.values["adoption"][0, :, 10:].argmax(axis=0)
    np.testing.assert_allclose(found["adoption"].leads[0, 0], (leader == 0).mean())
    assert np.isnan(found["intelligence"].ranges["margin"][1]).all()
    assert list(found["intelligence"].as_json()["margin"]["by_date"]) == ["2027-12"]


def test_the_summary_has_the_form_of_the_contract(ensemble):
    found = {name: each.as_json() for name, each in scoreboard(ensemble, outputs=READ).items()}
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for front in found.values():
        for date in DATES:
            assert sum(front[bloc][date] for bloc in BLOCS) == pytest.approx(1, abs=3e-6)
            assert list(front["margin"]["by_date"][date]) == ["p05", "p50", "p95"]
    assert found["distribution"]["also"]["rest"]["unit"] == "percent of the work rest buys"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ranked_by": "adopton"}, "x: ranked_by: unknown output 'adopton': did you mean 'adoption'"),
        ({"ranked_by": "lead_months"}, "x: ranked_by: unknown kind of lead_months 'allied'"),
        ({"margin": FRONT["margin"] | {"minus": "adoption[rst]"}}, "x: margin: unknown kind of adoption 'rst'"),
    ],
)
def test_a_front_that_reads_what_is_not_reported_is_refused(change, message):
    front = parse_fronts({"one": FRONT | change}, "fronts.yaml")["one"]
    with pytest.raises(InputError, match=message):
        check(front, READ, "x")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (3, "fronts.yaml: one: found 3; accepted: a mapping"),
        (
            FRONT | {"margin": {"of": "adoption", "label": "M", "unit": "u"}},
            "margin.of: found 'adoption'; accepted: OUTPUT",
        ),
        (
            FRONT | {"also": {"margin": FRONT["margin"]}},
            "fronts.yaml: one: also: found margin; accepted: any other name",
        ),
        ({"label": "L", "ranked_by": "adoption"}, "fronts.yaml: one: margin: this field is missing"),
    ],
)
def test_a_mistake_in_the_fronts_file_is_told_with_its_place(body, message):
    with pytest.raises(InputError) as caught:
        parse_fronts({"one": body}, "fronts.yaml")
    assert message in str(caught.value)


def test_the_shipped_fronts_read_what_the_model_reports():
    for front in shipped_fronts().values():
        check(front)

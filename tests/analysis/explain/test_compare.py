"""Packages on the same draws: differences future by future, and how often one has more than the other."""

import json
from dataclasses import replace

import numpy as np
import pytest

from fourfronts.analysis.explain.compare import compare
from fourfronts.analysis.explain.outcome import outcomes
from fourfronts.errors import InputError

LEAD = outcomes(["lead_months[released]"])


def _pair(made, hold, drift):
    return {"drift": made(lead_months={"released": drift}), "hold": made("hold", lead_months={"released": hold})}


def test_differences_are_of_the_same_future_and_not_of_the_distributions(made):
    rng = np.random.default_rng(1)
    drift = rng.normal(12, 5, 400)
    found = compare(_pair(made, drift + 1.5, drift), "drift", LEAD, {})
    (row,) = found.rows
    # The spread of either is five months; that of the difference is nothing.
    assert row["mean"] == pytest.approx(1.5, abs=1e-5)
    assert (row["p95"] - row["p05"], row["standard_error"]) == pytest.approx((0, 0), abs=1e-5)
    assert row["higher"] == 1.0
    assert row["value"] - row["baseline"] == pytest.approx(1.5, abs=1e-5)
    assert "under Hold: +1.5 months on average" in found.sentences[0]


def test_futures_that_live_a_joint_draw_again_do_not_make_a_difference_surer(made):
    rng = np.random.default_rng(2)
    pair = _pair(made, np.tile(rng.normal(2, 1, 50), 4), np.zeros(200))
    again = {name: replace(each, joint=50) for name, each in pair.items()}
    (alone,), (shared,) = (compare(each, "drift", LEAD, {}).rows for each in (pair, again))
    assert shared["standard_error"] == pytest.approx(2 * alone["standard_error"])
    assert shared["mean"] == alone["mean"]


def test_a_tie_counts_half_and_futures_without_a_number_in_either_are_left_out(made):
    found = compare(_pair(made, [3, 2, 2, np.nan, 1], [2, 2, 3, 9, np.nan]), "drift", LEAD, {})
    (row,) = found.rows
    assert (row["futures"], row["higher"], row["mean"]) == (3, 0.5, 0.0)


def test_the_difference_of_two_scenario_probabilities_has_a_mean_and_no_range(made):
    def futures(name, lead):
        return made(
            name,
            lead_months={"released": lead},
            compute_ratio={"stock_usable_flops": [20.0] * 4},
            prc_illicit_share={"diverted_and_rented": [0.01] * 4},
            adoption={"allied": [0.3] * 4, "prc": [0.1] * 4},
            distribution_share={"prc": [0.1] * 4},
        )

    pair = {"drift": futures("drift", [1, 1, 1, 20]), "hold": futures("hold", [1, 20, 20, 20])}
    found = compare(pair, "drift", outcomes(["commanding-lead"]), {})
    (row,) = found.rows
    assert (row["baseline"], row["value"], row["mean"]) == (0.25, 0.75, 0.5)
    assert found.as_json()["rows"][0]["p05"] is None
    assert found.sentences == ["Under Hold the probability of commanding lead is 75%, not 25%."]


def test_every_row_is_in_the_table_and_in_plain_json(made):
    found = compare(_pair(made, [3.0, 4.0], [1.0, 1.0]), "drift", LEAD, {"draws": 2})
    assert list(found.table["mean"]) == [2.5]
    told = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert (told["analysis"], told["asked"], told["rows"][0]["mean"]) == ("compare", {"draws": 2}, 2.5)
    assert told["details"]["months"]["lead_months[released]"]["packages"]["hold"][2] == [2.5]


@pytest.mark.parametrize(
    ("names", "baseline", "said"),
    [
        (("drift", "hold"), "none", "baseline 'none' is not among the packages; accepted: drift, hold"),
        (("drift",), "drift", "only drift to compare"),
    ],
)
def test_nothing_to_compare_is_refused(made, names, baseline, said):
    pair = _pair(made, [3.0], [1.0])
    with pytest.raises(InputError, match=said):
        compare({name: pair[name] for name in names}, baseline, LEAD, {})


def test_futures_without_any_number_are_refused(made):
    with pytest.raises(InputError, match="no future has a finite value under both hold"):
        compare(_pair(made, [np.nan], [1.0]), "drift", LEAD, {})

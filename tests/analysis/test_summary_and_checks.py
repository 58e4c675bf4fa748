"""The summary holds what the front door promises; checks show published figures as they are."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from fourfronts import __version__
from fourfronts.analysis.checks import definitions, not_yet, reproduce
from fourfronts.analysis.comparison import difference, indigenisation, notes
from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.percentiles import percentiles
from fourfronts.analysis.scenarios import evaluate
from fourfronts.analysis.summary import SCHEMA, Beside, distributions, summarise
from fourfronts.evidence.loader import load
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.model.blocs import BLOCS
from fourfronts.policy.documents import build
from fourfronts.policy.paths import parse_setting
from fourfronts.policy.scenarios import Scenario

DRAWS, SEED = 700, 7
OWN = {
    "name": "mine",
    "label": "Mine",
    "description": "A test.",
    "rationale": "A test.",
    "date": "2028-12",
    "tests": {"lead": ["lead_months[released] >= 8"]},
    "rule": {"required": ["lead"], "at_least": 0},
}


def test_the_summary_holds_what_the_contract_says(ensembles: dict[str, Ensemble]) -> None:
    found = summarise(ensembles, reproduce(ensembles["drift"]), seed=SEED, settings=[parse_setting("hbm_controls=1")])
    assert (found["schema"], found["version"], found["seed"], found["draws"]) == (SCHEMA, __version__, SEED, DRAWS)
    assert found["evidence_cutoff"] == "2026-05-31"
    assert found["settings"] == ["hbm_controls=1@2026-06"]
    for package in found["packages"].values():
        assert set(package["outputs"]) == set(OUTPUTS)
        for name, dates in package["outputs"].items():
            assert {"2020-12", "2026-05", "2028-12"} <= set(dates)
            for kinds in dates.values():
                assert list(kinds) == list(OUTPUTS[name].kinds)
                for numbers in kinds.values():
                    assert list(numbers) == ["mean", "p05", "p25", "p50", "p75", "p95"]
                    assert all(map(math.isfinite, numbers.values()))
                    assert numbers["p05"] <= numbers["p25"] <= numbers["p50"] <= numbers["p75"] <= numbers["p95"]


def test_scenarios_and_scoreboard_are_those_of_the_ensemble(ensembles: dict[str, Ensemble]) -> None:
    found = summarise(ensembles, [], seed=SEED)["packages"]
    for name, each in ensembles.items():
        evaluation, package = evaluate(each), found[name]
        assert {key: package[key] for key in evaluation.as_json()} == evaluation.as_json()
        assert list(package["scenarios"]) == ["commanding-lead", "neck-and-neck", "contested"]
        assert sum(chance["probability"] for chance in package["scenarios"].values()) == pytest.approx(1, abs=1e-12)
        assert list(package["scoreboard"]) == ["intelligence", "adoption", "distribution", "resilience"]
        for board in package["scoreboard"].values():
            for date in each.dates:
                assert sum(board[bloc][date] for bloc in BLOCS) == pytest.approx(1, abs=2e-6)
                assert set(board["margin"]["by_date"][date]) == {"p05", "p50", "p95"}


def test_what_the_run_was_given_and_what_was_computed_beside_it_are_there(ensembles: dict[str, Ensemble]) -> None:
    drift = {"drift": ensembles["drift"]}
    plain = summarise(drift, [], seed=SEED)
    assert (plain["couplings"], plain["worldviews"], plain["channels_closed"]) == ([], {}, {})
    assert (plain["divergences"], plain["backcast"]) == ([], [])
    switches = {"lead_to_talent": 0.0, "norms_to_distribution": 2.5}
    mine = build(Scenario, OWN, "mine.yaml")
    beside = Beside({"draws": 1}, {"draws": 2})
    told = summarise(drift, [], seed=SEED, couplings=switches, further=[mine], beside=beside)
    assert told["couplings"] == ["lead_to_talent=off", "norms_to_distribution=2.5"]
    assert (told["worldviews"], told["channels_closed"]) == ({"draws": 1}, {"draws": 2})
    lead = ensembles["drift"].at("lead_months", "2028-12", "released")
    own = told["packages"]["drift"]["further_scenarios"]["mine"]
    assert own["probability"] == pytest.approx((lead >= 8).mean())


def test_all_packages_of_a_default_run_fit_into_little_more_than_a_megabyte(ensembles: dict[str, Ensemble]) -> None:
    text = json.dumps(summarise(ensembles, reproduce(ensembles["drift"]), seed=SEED), indent=2)
    assert len(text) < 1_500_000


def test_the_summary_survives_json(ensembles: dict[str, Ensemble]) -> None:
    found = summarise(ensembles, reproduce(ensembles["drift"]), seed=SEED)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_distribution_leaves_out_what_is_not_finite_and_says_nothing_of_nothing() -> None:
    values = np.array([[1.0, 2.0, 3.0, np.nan, np.inf], [np.nan] * 5, [0.0, 1.0, 2.0, 3.0, 4.0]])
    first, second, third = distributions(values)
    assert (first["p50"], second, third["mean"]) == (2.0, {}, 2.0)


@given(
    arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 40)), elements=st.floats(-1e6, 1e6, width=32)),
    st.lists(st.floats(0, 100), min_size=1, max_size=5),
)
def test_percentiles_are_those_of_numpy(values: NDArray[np.float32], wanted: list[float]) -> None:
    expected = np.percentile(values.astype(np.float64), wanted, axis=-1)
    np.testing.assert_allclose(percentiles(values, wanted), expected, rtol=1e-12, atol=1e-9)


def test_checks_read_the_published_value_from_the_evidence(ensembles: dict[str, Ensemble]) -> None:
    by_name = {check.name: check for check in reproduce(ensembles["drift"])}
    smuggled = load().get("SMUG-002")
    check = by_name["diverted_2025"]
    assert (check.published, check.low, check.high) == (smuggled.value, smuggled.low, smuggled.high)
    slope = by_name["allied_speed_recent"]
    assert slope.published == pytest.approx((161.49 - 127.27) / ((365 * 2 + 14) / 365.25), rel=1e-3)


def test_every_published_figure_of_the_design_is_checked(ensembles: dict[str, Ensemble]) -> None:
    names = {check.name for check in reproduce(ensembles["drift"])}
    assert {"huawei_share_2025", "huawei_share_2026", "huawei_share_2027"} <= names
    assert {"owned_ratio_2023", "owned_ratio_2024", "owned_ratio_2025", "owned_ratio_2025_without_diverted"} <= names
    assert {"diverted_2025", "gap_2022", "gap_2024", "gap_2025", "gap_2026"} <= names
    assert any(name.endswith("speed_recent") for name in names)
    assert any("adoption" in line.lower() for line in not_yet())


def test_overlap_is_decided_by_the_ranges(ensembles: dict[str, Ensemble]) -> None:
    for check in reproduce(ensembles["drift"]):
        low = check.published if check.low is None else check.low
        high = check.published if check.high is None else check.high
        assert check.overlaps == (check.p05 <= high and low <= check.p95)
        assert 0.0 <= check.futures_below <= 1.0
        assert bool(check.as_json()["why"]) != check.overlaps


def test_a_miss_is_shown_as_a_miss(ensembles: dict[str, Ensemble]) -> None:
    shifted = {name: array.copy() for name, array in ensembles["drift"].monthly.items()}
    shifted["lead_months"] += 100
    wrong = Ensemble(**{**vars(ensembles["drift"]), "monthly": shifted})
    misses = {check.name for check in reproduce(wrong) if not check.overlaps}
    assert {"gap_2022", "gap_2024", "gap_2025", "gap_2026"} <= misses


def test_conversions_cite_evidence_that_exists() -> None:
    for conversion in definitions()["conversions"].values():
        for row in conversion["evidence"]:
            load().get(row)


def test_differences_are_taken_future_by_future(ensembles: dict[str, Ensemble]) -> None:
    gap = difference(ensembles["hold"], ensembles["drift"], "lead_months", "2028-12", "released")
    apart = np.std(ensembles["hold"].at("lead_months", "2028-12", "released"))
    assert gap.shape == (DRAWS,)
    assert np.std(gap) < 0.6 * apart


def test_a_tighter_package_that_ends_with_more_prc_chips_is_told(ensembles: dict[str, Ensemble]) -> None:
    hold, drift = ensembles["hold"], ensembles["drift"]
    grown = {name: array.copy() for name, array in hold.values.items()}
    prc = OUTPUTS["chip_output"].kinds.index("prc")
    grown["chip_output"][-1, prc, :70] = drift.values["chip_output"][-1, prc, :70] * 2
    changed = Ensemble(**{**vars(hold), "values": grown})
    assert any("makes more chips" in line for line in indigenisation(changed, drift))
    assert indigenisation(ensembles["none"], drift) == []


def test_notes_need_the_baseline(ensembles: dict[str, Ensemble]) -> None:
    assert notes({"hold": ensembles["hold"]}) == {"hold": []}
    assert notes(ensembles)["drift"] == []

"""The summary holds what the front door promises; checks show published figures as they are."""

import json
import math

import numpy as np
import pytest

from fourfronts import __version__
from fourfronts.analysis.checks import definitions, not_yet, reproduce
from fourfronts.analysis.comparison import difference, indigenisation, notes
from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.outputs import OUTPUTS
from fourfronts.analysis.summary import SCHEMA, distribution, summarise
from fourfronts.evidence.loader import load
from fourfronts.policy.paths import parse_setting

DRAWS, SEED = 700, 7


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


def test_the_summary_survives_json(ensembles: dict[str, Ensemble]) -> None:
    found = summarise(ensembles, reproduce(ensembles["drift"]), seed=SEED)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_distribution_leaves_out_what_is_not_finite_and_says_nothing_of_nothing() -> None:
    values = np.array([1.0, 2.0, 3.0, np.nan, np.inf])
    assert distribution(values)["p50"] == 2.0
    assert distribution(np.array([np.nan])) == {}


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

"""Outputs: parts add up to their wholes, and each name means what it says."""

import numpy as np
import pytest

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.inference.outputs import OUTPUTS, RATIO_KINDS, finite


def test_prc_compute_by_channel_adds_up_to_what_the_prc_can_use(ensembles: dict[str, Ensemble]) -> None:
    for each in ensembles.values():
        channels = each.values["prc_compute"].sum(axis=1)
        usable = each.values["usable_compute"][:, OUTPUTS["usable_compute"].kinds.index("prc")]
        np.testing.assert_allclose(channels, usable, rtol=1e-5)


def test_ratios_are_the_stocks_they_name(ensembles: dict[str, Ensemble]) -> None:
    drift = ensembles["drift"]
    usable = drift.values["usable_compute"]
    ratio = drift.values["compute_ratio"][:, RATIO_KINDS.index("stock_usable_flops")]
    np.testing.assert_allclose(ratio, usable[:, 0] / usable[:, 1], rtol=1e-5)
    owned = drift.values["owned_compute"]
    ratio = drift.values["compute_ratio"][:, RATIO_KINDS.index("stock_owned_flops")]
    np.testing.assert_allclose(ratio, owned[:, 0] / owned[:, 1], rtol=1e-5)


def test_ratios_come_as_flow_or_stock_owned_or_usable_operations_or_bandwidth() -> None:
    assert len(set(RATIO_KINDS)) == 8
    assert {kind.split("_")[0] for kind in RATIO_KINDS} == {"stock", "flow"}
    assert {kind.split("_")[1] for kind in RATIO_KINDS} == {"owned", "usable"}
    assert {kind.split("_")[2] for kind in RATIO_KINDS} == {"flops", "bandwidth"}


def test_the_two_ledgers_differ_by_about_the_factor_that_the_design_states(ensembles: dict[str, Ensemble]) -> None:
    flops = np.median(ensembles["drift"].at("compute_ratio", "2025-12", "stock_usable_flops"))
    bandwidth = np.median(ensembles["drift"].at("compute_ratio", "2025-12", "stock_usable_bandwidth"))
    assert 1.3 < flops / bandwidth < 3.0


def test_illicit_share_is_diverted_and_rented_over_all(ensembles: dict[str, Ensemble]) -> None:
    channels = ensembles["drift"].values["prc_compute"]
    both = ensembles["drift"].values["prc_illicit_share"][:, 1]
    np.testing.assert_allclose(both, channels[:, 2:].sum(axis=1) / channels.sum(axis=1), rtol=1e-5)


def test_an_internal_lead_is_reported_beside_the_released_one(ensembles: dict[str, Ensemble]) -> None:
    lead = ensembles["drift"].values["lead_months"]
    kinds = OUTPUTS["lead_months"].kinds
    assert not np.array_equal(lead[:, kinds.index("released")], lead[:, kinds.index("internal")])
    assert np.median(lead[-1, kinds.index("private_benchmarks")]) > np.median(
        lead[-1, kinds.index("public_benchmarks")]
    )


def test_cumulated_inflows_make_the_legal_stock_before_retirement(ensembles: dict[str, Ensemble]) -> None:
    drift = ensembles["drift"]
    legal = OUTPUTS["inflow"].kinds.index("legal")
    bought = drift.monthly["inflow"][:, legal].sum(axis=0) / 12
    stock = drift.monthly["prc_compute"][:, OUTPUTS["prc_compute"].kinds.index("legal")]
    assert (stock[-1] - stock[0] <= bought * 1.001).all()
    assert (stock[-1] >= 0.4 * bought).all()


SUPPLIERS = ("distribution_share", "distribution_frontier", "distribution_bulk", "norms_share")


def test_suppliers_shares_add_up_to_all_the_work_in_every_layer_and_segment(ensembles: dict[str, Ensemble]) -> None:
    for each in ensembles.values():
        for name in SUPPLIERS:
            np.testing.assert_allclose(each.monthly[name].sum(axis=1), 1.0, atol=1e-5, err_msg=name)
        stack = each.monthly["stack_share"]
        for first, layer in ((0, "hardware"), (3, "cloud"), (6, "model")):
            assert OUTPUTS["stack_share"].kinds[first] == f"{layer}_allied"
            np.testing.assert_allclose(stack[:, first : first + 3].sum(axis=1), 1.0, atol=1e-5, err_msg=layer)
        # The model layer is the total that the front is ranked by, and lies between its segments.
        np.testing.assert_allclose(stack[:, 6:], each.monthly["distribution_share"], atol=1e-6)
        low = np.minimum(each.monthly["distribution_frontier"], each.monthly["distribution_bulk"])
        high = np.maximum(each.monthly["distribution_frontier"], each.monthly["distribution_bulk"])
        assert (each.monthly["distribution_share"] >= low - 1e-5).all()
        assert (each.monthly["distribution_share"] <= high + 1e-5).all()


def test_shares_and_indices_of_every_front_stay_in_their_bounds(ensembles: dict[str, Ensemble]) -> None:
    shares = {name for name, output in OUTPUTS.items() if output.unit in {"share", "share of GDP"}}
    assert shares >= {*SUPPLIERS, "stack_share", "adoption", "adoption_breadth", "exposure", "safety_posture"}
    shares -= {"prc_illicit_share"}
    for each in ensembles.values():
        for name in sorted(shares):
            values = each.monthly[name]
            assert (values >= 0).all(), name
            assert (values <= 1 + 1e-5).all(), name
        assert (each.monthly["resilience"] >= 0).all()
        assert (each.monthly["resilience"] <= 100).all()
        for name in ("revenue", "capital", "funding_ratio", "talent", "exposure_months", "search_gain"):
            assert (each.monthly[name] > 0).all(), name


def test_adoption_is_what_adopters_do_with_ai_and_no_more_than_who_adopts(ensembles: dict[str, Ensemble]) -> None:
    drift = ensembles["drift"]
    share, depth, breadth = (drift.monthly[name] for name in ("adoption", "adoption_depth", "adoption_breadth"))
    assert OUTPUTS["adoption_breadth"].kinds[:4] == ("people_allied", "people_prc", "people_rest", "firms_allied")
    assert (share <= depth * (1 + 1e-5)).all()
    assert (np.diff(np.median(breadth, axis=-1), axis=0) >= -1e-6).all()


def test_talent_is_a_factor_and_nobody_has_moved_by_the_end_of_history(ensembles: dict[str, Ensemble]) -> None:
    for each in ensembles.values():
        now = each.months.index("2026-05")
        assert (each.monthly["talent"][: now + 1] == 1.0).all()
        assert (each.monthly["talent"][-1] != 1.0).any()


def test_responses_are_the_levels_in_force(ensembles: dict[str, Ensemble]) -> None:
    kinds = OUTPUTS["responses"].kinds
    under = {name: each.monthly["responses"] for name, each in ensembles.items()}
    # Under drift every lever stands in every future where policy set it.
    assert (under["drift"] == under["drift"][..., :1]).all()
    # What a package sets itself answers nothing: without controls, imports are open and no ally aligns.
    assert (under["none"][-1, kinds.index("prc_import_openness")] == 1.0).all()
    assert (under["none"][-1, kinds.index("allied_alignment")] == 0.0).all()
    # Firmer controls are answered with support for chips and effort at evasion, looser ones with less of the latter.
    support, evasion = kinds.index("prc_chip_support"), kinds.index("prc_evasion_effort")
    assert np.median(under["hold"][-1, support]) > np.median(under["drift"][-1, support])
    assert np.median(under["hold"][-1, evasion]) > np.median(under["drift"][-1, evasion])
    assert np.median(under["none"][-1, evasion]) < np.median(under["drift"][-1, evasion])


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # zero times infinity is how one is told
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_future_with_one_number_that_is_not_finite_is_told_from_the_others(bad):
    by_bloc, single = np.ones((4, 3, 5)), np.full((4, 5), 1e300)
    by_bloc[2, 1, 3] = single[0, 0] = bad
    told = finite({"one": (np.ones((4, 3, 5)), by_bloc), "other": (single,)})
    assert told.tolist() == [False, True, True, False, True]

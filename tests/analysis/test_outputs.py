"""Outputs: parts add up to their wholes, and each name means what it says."""

import numpy as np

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.outputs import OUTPUTS, RATIO_KINDS


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

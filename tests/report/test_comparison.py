"""Differences between packages are taken future by future."""

from dataclasses import replace

import numpy as np
import pytest

from fourfronts.report.comparison import difference, differences
from fourfronts.report.headline import QUANTITIES

LEAD = QUANTITIES[0]


def with_lead(ensemble, lead):
    values = {**ensemble.values, "lead_months": ensemble.values["lead_months"].copy()}
    values["lead_months"][ensemble.dates.index("2028-12"), 0] = lead
    return replace(ensemble, values=values)


def test_futures_are_paired_before_they_are_summarised(a_run):
    drift = a_run.ensembles["drift"]
    lead = np.linspace(-50, 50, drift.draws, dtype=np.float32)
    runs = {"drift": with_lead(drift, lead), "hold": with_lead(drift, lead + 2)}
    found = difference(runs, LEAD, "2028-12", "hold", "drift")
    # Unpaired, the range would be as wide as the lead's own; paired, it is the one difference there is.
    assert (found.range.p05, found.range.p50, found.range.p95) == pytest.approx((2, 2, 2), abs=1e-4)
    assert found.share_above == 1


def test_the_reverse_difference_is_the_mirror_image(a_run):
    there = difference(a_run.ensembles, LEAD, "2028-12", "loosen", "drift")
    back = difference(a_run.ensembles, LEAD, "2028-12", "drift", "loosen")
    assert (there.range.p05, there.range.p95) == pytest.approx((-back.range.p95, -back.range.p05), abs=1e-9)
    assert there.share_above == pytest.approx(1 - back.share_above)


def test_a_tie_counts_as_half(a_run):
    drift = a_run.ensembles["drift"]
    assert difference({"drift": drift, "same": drift}, LEAD, "2028-12", "same", "drift").share_above == 0.5


def test_a_future_that_is_not_finite_under_one_package_is_left_out_of_the_pair(a_run):
    drift = a_run.ensembles["drift"]
    lead = np.full(drift.draws, 5, dtype=np.float32)
    broken = lead + 1
    broken[:3] = np.nan
    runs = {"drift": with_lead(drift, lead), "hold": with_lead(drift, broken)}
    assert difference(runs, LEAD, "2028-12", "hold", "drift").range.p05 == 1
    runs["hold"] = with_lead(drift, np.full(drift.draws, np.nan))
    assert difference(runs, LEAD, "2028-12", "hold", "drift") is None


def test_every_other_package_is_compared_on_every_headline_quantity(a_run):
    found = differences(a_run.ensembles, "drift", "2028-12")
    assert list(found) == list(QUANTITIES)
    assert {tuple(each.package for each in row) for row in found.values()} == {("hold", "loosen", "none")}


def test_policy_moves_the_lead_the_way_the_packages_are_named(a_run):
    hold, loosen, none = differences(a_run.ensembles, "drift", "2028-12")[LEAD]
    assert hold.range.p50 > 0 > loosen.range.p50 > none.range.p50

"""Forecasts for later judgement: everything asked for, at every month's end, from what is known."""

import csv
import io

import numpy as np
import pytest

from fourfronts.analysis.forecast import COLUMNS, as_csv, forecast, wanted
from fourfronts.evidence.loader import load
from fourfronts.inference.parameters import registry
from fourfronts.inference.posterior import calibrated

DRAWS = 300


@pytest.fixture(scope="module")
def rows():
    return forecast(registry(), draws=DRAWS, seed=3)


def test_every_quantity_has_every_month_and_quantiles_that_rise(rows):
    months = [f"{2026 + (5 + index) // 12}-{(5 + index) % 12 + 1:02}" for index in range(19)]
    assert months[0] == "2026-06"
    assert months[-1] == "2027-12"
    for each in wanted():
        mine = [row for row in rows if (row.quantity, row.actor) == (each.quantity, each.actor)]
        assert [row.month for row in mine] == months
        for row in mine:
            assert np.all(np.diff(row.quantiles) >= 0)
            assert np.all(np.isfinite(row.quantiles))
            assert row.unit == each.unit


def test_what_was_asked_for_is_there():
    told = {(each.quantity, each.actor) for each in wanted()}
    for actor in ("NVIDIA", "Google", "AMD", "Huawei"):
        assert any("compute" in quantity and who == actor for quantity, who in told)
    assert {who for quantity, who in told if quantity == "best released ECI"} == {"allied", "PRC"}
    assert sum("gap" in quantity for quantity, _ in told) >= 6
    assert {f"located compute on {ledger}" for ledger in ("FLOPS", "bandwidth")} <= {quantity for quantity, _ in told}
    for use in ("people", "firms", "manufacturers"):
        assert any(use in quantity for quantity, _ in told)
    assert {who for quantity, who in told if "using AI" in quantity} >= {"United States", "European Union", "PRC"}
    assert any("H200" in quantity for quantity, _ in told)
    assert any("router" in quantity for quantity, _ in told)


def test_a_forecast_goes_on_from_the_last_figure(rows):
    """NVIDIA had sold 17 million H100e by March 2026; what a misfit of a few percent leaves of that is not much."""
    june = next(row for row in rows if row.actor == "NVIDIA" and row.month == "2026-06")
    assert 17.0e6 < june.quantiles[2] < 24e6
    later = next(row for row in rows if row.actor == "NVIDIA" and row.month == "2027-12")
    assert later.quantiles[4] / later.quantiles[0] > june.quantiles[4] / june.quantiles[0]


def test_the_table_is_that_of_the_documentation(rows):
    table = list(csv.reader(io.StringIO(as_csv(rows))))
    assert tuple(table[0]) == COLUMNS == ("quantity", "actor", "unit", "month", "q05", "q25", "q50", "q75", "q95")
    assert len(table) == len(rows) + 1
    assert all(len(line) == len(COLUMNS) for line in table)


def test_the_same_seed_gives_the_same_forecast(rows):
    assert forecast(registry(), draws=DRAWS, seed=3) == rows


def test_what_has_been_sold_stays_sold(rows):
    # The last figures: 17,048,399 of NVIDIA and 4,515,701 of Google, both of March 2026, and 401,698 bought by the PRC.
    sold = {"NVIDIA": 17_048_399, "Google": 4_515_701, "PRC": 401_698}
    for actor, least in sold.items():
        quantity = "compute bought legally since 2022" if actor == "PRC" else ""
        mine = [row for row in rows if row.actor == actor and (not quantity or row.quantity == quantity)]
        assert min(row.quantiles[0] for row in mine) >= least * (1 - 1e-4)


def test_the_best_model_so_far_is_never_worse_than_one_that_is_out(rows):
    # MODEL-205 of the allies and MODEL-210 of the PRC, the best by May 2026.
    best = {"allied": load().get("MODEL-205").value, "PRC": load().get("MODEL-210").value}
    for actor, least in best.items():
        mine = [row for row in rows if (row.quantity, row.actor) == ("best released ECI", actor)]
        assert min(row.quantiles[0] for row in mine) >= least * (1 - 1e-4)
        assert mine[-1].quantiles[2] > least


def test_the_forecast_that_was_put_on_record_is_that_of_the_shipped_posterior(root):
    table = csv.DictReader((root / "docs" / "forecast-2026-05-31.csv").read_text(encoding="utf-8").splitlines())
    recorded = {(row["quantity"], row["actor"], row["month"]): row for row in table}
    found = forecast(calibrated(), draws=2000, seed=1)
    assert len(found) == len(recorded)
    for row in found:
        line = recorded[row.quantity, row.actor, row.month]
        told = [float(line[name]) for name in COLUMNS[4:]]
        # Single precision differs from machine to machine in the fifth digit, and a percentile with it.
        assert told == pytest.approx(row.quantiles, rel=2e-3, abs=5e-3), line

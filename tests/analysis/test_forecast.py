"""Forecasts for later judgement: everything asked for, at every month's end, from what is known."""

import csv
import io

import numpy as np
import pytest

from fourfronts.analysis.forecast import COLUMNS, as_csv, forecast, wanted
from fourfronts.inference.parameters import registry

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

"""Stocks, worked out by hand."""

import numpy as np
import pytest

from fourfronts.model import stocks
from fourfronts.model.access import Flows
from fourfronts.model.blocs import ALLIED, PRC, REST


def _parameters(**changes):
    values = {
        "retirement": np.array([0.06]),
        "permanent_failure": np.array([0.04]),
        "software_efficiency": np.array([[1.0], [0.6], [1.0]]),
        "bandwidth_kept": np.array([1.0]),
    }
    return stocks.Parameters(**(values | changes))


def _state(domestic, legal, diverted, rented):
    """A state whose bandwidth ledger is twice the ledger of operations."""
    chips = [
        np.array([values, [2 * v for v in values]], dtype=float)[..., None] for values in (domestic, legal, diverted)
    ]
    nothing = np.zeros((2, 3, 1))
    return stocks.State(*chips, np.array(rented, dtype=float)[:, None], nothing, nothing)


def _joining(domestic):
    flow = np.zeros((2, 3, 1))
    flow[:, ALLIED] = domestic
    return flow, np.zeros((2, 3, 1)), np.zeros((2, 3, 1))


def test_half_a_year_of_a_stock_that_loses_ten_percent_a_year():
    s = _state([100, 0, 0], [0, 50, 0], [0, 0, 0], [0, 0, 0])
    nobody = np.zeros((3, 1))
    after = stocks.step(_parameters(), s, _joining(24.0), nobody, np.array([0.5]), np.float64(0.5))
    # 100 x exp(-0.05) = 95.122942; 12 joined, on average a quarter of a year ago: 12 x exp(-0.025) = 11.703719.
    assert after.domestic[0, ALLIED, 0] == pytest.approx(106.826661, abs=1e-6)
    # 112 - 106.826661 = 5.173339 left, 6 parts in 10 retired and 4 parts failed.
    assert after.retired[0, ALLIED, 0] == pytest.approx(3.104003, abs=1e-6)
    assert after.written_off[0, ALLIED, 0] == pytest.approx(2.069336, abs=1e-6)
    # 50 x exp(-0.05) = 47.561471, and nothing joined.
    assert after.legal[0, PRC, 0] == pytest.approx(47.561471, abs=1e-6)
    # The ledger of bandwidth: 200 x exp(-0.05) + 12 x exp(-0.025) = 190.245885 + 11.703719.
    assert after.domestic[1, ALLIED, 0] == pytest.approx(201.949604, abs=1e-6)


def test_rented_compute_moves_towards_what_renters_want():
    s = _state([100, 0, 0], [0, 0, 0], [0, 0, 0], [0, 10, 0])
    wanted = np.array([[0.0], [30.0], [0.0]])
    after = stocks.step(_parameters(), s, _joining(0.0), wanted, np.array([0.5]), np.float64(0.5))
    # One adjustment time on: 10 + 20 x (1 - 1/e) = 22.642411.
    assert after.rented[PRC, 0] == pytest.approx(22.642411, abs=1e-6)


def test_a_renter_uses_what_hosts_lease_out_and_owns_none_of_it():
    # The PRC owns 40 made at home, 8 bought and 2 smuggled, and rents 10 from 60 allied and 40 other chips.
    s = _state([60, 40, 30], [0, 8, 10], [0, 2, 0], [0, 10, 0])
    use = stocks.use(_parameters(), s)
    assert use.owned[0, :, 0] == pytest.approx([60, 50, 40])
    # A tenth of each host's chips.
    assert use.leased_out[0, :, 0] == pytest.approx([6, 0, 4])
    # 40 x 0.6 + 8 + 2 + 10 = 44 for the PRC; hosts have what they have not leased out.
    assert use.usable[0, :, 0] == pytest.approx([54, 44, 36])
    # In bandwidth everything doubles, the rented part through its hosts' average.
    assert use.usable[1, :, 0] == pytest.approx([108, 88, 72])


def test_a_chip_cut_to_a_ceiling_keeps_its_bandwidth_and_so_brings_more_for_each_operation():
    # 100 H100e of legal imports a year at 15% of the performance of the average chip sold.
    column = np.array([[0.0], [100.0], [0.0]])
    nothing = np.zeros((3, 1))
    allowed = np.array([[1.0], [0.15], [1.0]])
    flows = Flows(nothing, nothing, nothing, column, nothing, nothing, allowed, nothing)
    paths = stocks.Paths(bandwidth_leaders=np.float64(1.2), bandwidth_constrained=np.float64(1.0))
    for kept, bandwidth in ((0.0, 120.0), (1.0, 800.0), (0.5, 309.838668)):
        # 120 x (1 / 0.15) to the power of what is kept.
        p = _parameters(bandwidth_kept=np.array([kept]))
        _, legal, _ = stocks.acquisitions(p, paths, flows, np.array([[0.0], [1.0], [0.0]]))
        assert legal[0, PRC, 0] == pytest.approx(100)
        assert legal[1, PRC, 0] == pytest.approx(bandwidth)
        assert legal[:, [ALLIED, REST]].max() == 0


def test_exports_and_leaks_leave_the_maker_s_own_stock():
    made, exported, leaked = (np.array([[v], [0.0], [0.0]]) for v in (105.0, 20.0, 5.0))
    legal, diverted = (np.array([[0.0], [v], [0.0]]) for v in (20.0, 5.0))
    flows = Flows(made, exported, leaked, legal, diverted, made, np.ones((3, 1)), made)
    paths = stocks.Paths(bandwidth_leaders=np.float64(1.5), bandwidth_constrained=np.float64(1.0))
    domestic, bought, smuggled = stocks.acquisitions(_parameters(), paths, flows, np.zeros((3, 1)))
    assert domestic[:, :, 0].tolist() == [[80.0, 0.0, 0.0], [120.0, 0.0, 0.0]]
    assert bought[:, PRC, 0].tolist() == [20.0, 30.0]
    assert smuggled[:, PRC, 0].tolist() == [5.0, 7.5]

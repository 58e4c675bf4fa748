"""Access, worked out by hand with numbers like those of 2024 and 2025."""

import math

import numpy as np
import pytest
from futures import examples, parameters, random_levels, seeds
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.model import access
from fourfronts.model.blocs import ALLIED, PRC, REST
from fourfronts.model.levers import Levers

FREE = {
    "enforcement_budget": 1.0,
    "location_verification": 0.0,
    "remote_access_rule": 0.0,
    "chip_export_ceiling": 1e6,
    "chip_export_cap": 1.0,
    "equipment_controls": 0.0,
    "hbm_controls": 0.0,
    "allied_alignment": 1.0,
    "distillation_detection": 0.0,
    "threat_sharing": 0.0,
    "legal_deterrence": 0.0,
    "release_gating": 0.0,
    "power_buildout": 0.0,
    "prc_chip_support": 0.0,
    "prc_import_openness": 1.0,
    "prc_evasion_effort": 1.0,
}
H20 = 2368.0
PATHS = access.Paths(average_chip=np.float64(0.9))
MONTH = np.float64(1 / 12)


def _levers(**changes):
    names = Levers._fields
    values = {name: FREE.get(name, 0.0) for name in names} | changes
    return Levers(*(np.float64(values[name]) for name in names))


def _parameters(**changes):
    values = {
        "import_appetite": np.array([[0.0], [0.15], [0.08]]),
        "displacement": np.array([0.8]),
        "outside_hyperscalers": np.array([0.3]),
        "diversion_share": np.array([0.1]),
        "diversion_elasticity": np.array([1.0]),
        "premium_when_closed": np.array([0.8]),
        "premium_delay": np.array([0.5]),
        "detection_today": np.array([0.2]),
        "location_effect": np.array([1.0]),
        "rent_share": np.array([[0.0], [0.05], [0.0]]),
        "rent_adjustment_time": np.array([0.5]),
        "remote_rule_effect": np.array([0.7]),
        "alignment_floor": np.array([0.5]),
    }
    return access.Parameters(**(values | changes))


@pytest.mark.parametrize(
    ("licence", "share"),
    [
        # What buyers want: 15% of the sellers' output.
        ({}, 0.15),
        # Only chips up to an H20: 2368 / 15832 / 0.9 = 16.6189% of the average chip's performance; 15% of that.
        ({"chip_export_ceiling": H20}, 0.0249284),
        # A volume cap of 2% is less, one of 5% is not.
        ({"chip_export_ceiling": H20, "chip_export_cap": 0.02}, 0.02),
        ({"chip_export_ceiling": H20, "chip_export_cap": 0.05}, 0.0249284),
        # Beijing admits a tenth of what is licensed.
        ({"chip_export_ceiling": H20, "prc_import_openness": 0.1}, 0.00249284),
        # A ceiling above the average chip (0.9 x 15832 = 14249) forbids nothing; none at all forbids everything.
        ({"chip_export_ceiling": 14300.0}, 0.15),
        ({"chip_export_ceiling": 0.0}, 0.0),
    ],
)
def test_legal_imports_are_the_least_of_what_is_licensed_admitted_and_wanted(licence, share):
    _, bought, _ = access.legal_shares(_parameters(), PATHS, _levers(**licence))
    assert bought[PRC, 0] == pytest.approx(share, rel=1e-5)
    assert bought[[ALLIED, REST], 0] == pytest.approx([0.0, 0.08])


@pytest.mark.parametrize(
    ("changes", "stopped"),
    [
        ({}, 0.2),
        # Twice the money leaves 0.8 x 0.8 of the attempts.
        ({"enforcement_budget": 2.0}, 0.36),
        ({"enforcement_budget": 0.0}, 0.0),
        # Full location checks leave 1/e of what is left: 1 - 0.8 / 2.718282.
        ({"location_verification": 1.0}, 0.705696),
        # Without allied help half the effort: 1 - sqrt(0.8).
        ({"allied_alignment": 0.0}, 0.105573),
    ],
)
def test_detection_grows_with_money_checks_and_allied_help(changes, stopped):
    assert access.detected(_parameters(), _levers(**changes))[0] == pytest.approx(stopped, abs=1e-6)


def _shut(unmet=1.0):
    """The state of a world in which PRC demand has long been unmet."""
    values = {name: np.zeros((3, 1)) for name in access.State._fields}
    return access.State(**{name: np.array([[0.0], [unmet], [0.0]]) for name in values})


def _step(state, levers, p=None):
    output = np.array([[1e7], [1e6], [0.0]])
    exportable = np.array([[1e7], [0.0], [0.0]])
    owned = np.array([[8e6], [1e6], [2e6]])
    return access.step(p or _parameters(), state, PATHS, levers, output, exportable, owned, MONTH)


def test_where_everything_is_denied_all_that_arrives_is_smuggled_or_rented():
    _, flows = _step(_shut(), _levers(chip_export_ceiling=0.0))
    assert flows.legal[PRC, 0] == 0
    # The rest of the world still buys 8% of 10M; a tenth of the 30% outside the hyperscalers of what is kept leaks:
    # 9.2M x 0.3 x 0.1.
    assert flows.diverted[PRC, 0] == pytest.approx(276_000)
    assert flows.leaked[ALLIED, 0] == pytest.approx(276_000)
    # Five percent of 30% of what others own in the middle of the month: 10M H100e and half a month of the 10.16M a
    # year that is made less the 0.276M that leaks.
    assert flows.rent_target[PRC, 0] == pytest.approx(0.015 * (10e6 + 9.884e6 / 24))
    assert flows.premium[PRC, 0] == pytest.approx(1.8)
    # A fifth of the exports of 0.8M displaced no sale at home.
    assert flows.made[ALLIED, 0] == pytest.approx(10_160_000)


def test_a_full_rule_and_less_effort_cut_renting_and_smuggling_in_proportion():
    denied = {"chip_export_ceiling": 0.0}
    _, flows = _step(_shut(), _levers(**denied, remote_access_rule=1.0, enforcement_budget=2.0))
    # Seven tenths of renting stopped; 0.64 attempts pass where 0.8 passed.
    assert flows.rent_target[PRC, 0] == pytest.approx(0.3 * 0.015 * (10e6 + (10.16e6 - 220_800) / 24))
    assert flows.diverted[PRC, 0] == pytest.approx(276_000 * 0.8)
    _, flows = _step(_shut(), _levers(**denied, prc_evasion_effort=0.5))
    assert flows.rent_target[PRC, 0] == pytest.approx(0.5 * 0.015 * (10e6 + (10.16e6 - 138_000) / 24))
    assert flows.diverted[PRC, 0] == pytest.approx(138_000)


def test_unmet_demand_follows_the_rules_with_its_delay():
    state = access.start(_parameters())
    for _ in range(6):
        state, _ = _step(state, _levers(chip_export_ceiling=0.0))
    # Half a year at a delay of half a year: 1 - 1/e.
    assert state.unmet[:, 0] == pytest.approx([0.0, 1 - math.exp(-1), 0.0])


def test_smuggling_in_a_month_follows_what_was_unmet_before_it_and_not_in_it():
    p, denied = _parameters(), _levers(chip_export_ceiling=0.0)
    first, flows = _step(access.start(p), denied)
    assert flows.diverted[PRC, 0] == 0
    _, flows = _step(first, denied)
    # One month at a delay of half a year, and half of the next.
    felt = 1 - math.exp(-1.5 / 6)
    assert flows.premium[PRC, 0] == pytest.approx(1 + 0.8 * felt)
    _, same = _step(first, _levers())
    assert same.premium[PRC, 0] == flows.premium[PRC, 0]


def test_nothing_is_smuggled_or_rented_while_nothing_is_denied():
    state, flows = _step(access.start(_parameters()), _levers())
    assert state.unmet.max() == 0
    assert flows.rent_target.max() == 0
    assert flows.diverted.max() == 0


def test_who_wants_nothing_lacks_nothing():
    p = _parameters(import_appetite=np.zeros((3, 1)))
    state, _ = _step(access.start(p), _levers(chip_export_ceiling=0.0), p)
    assert state.unmet.max() == 0


amounts = st.floats(0.0, 1e9)


@examples(40)
@given(seeds, st.lists(amounts, min_size=9, max_size=9), st.floats(0.0, 1.0))
def test_what_leaves_one_bloc_arrives_in_another_and_nobody_sells_more_than_there_is(seed, values, unmet):
    p = parameters(seed).access
    levels = random_levels(seed)
    levers = Levers(*(np.float64(levels[name][seed % 108]) for name in Levers._fields))
    output, share, owned = np.reshape(values, (3, 3, 1))
    output, owned = output + np.zeros((3, 8)), owned + np.zeros((3, 8))
    exportable = output * np.minimum(share / 1e9, 1.0)
    state = access.start(p)
    state = state._replace(unmet=state.unmet + np.array([[0.0], [unmet], [0.0]]))
    after, flows = access.step(p, state, PATHS, levers, output, exportable, owned, MONTH)
    rounding = {"rtol": 1e-9, "atol": 1e-12 * max(values)}
    np.testing.assert_allclose(flows.exported.sum(axis=0), flows.legal.sum(axis=0), **rounding)
    np.testing.assert_allclose(flows.leaked.sum(axis=0), flows.diverted.sum(axis=0), **rounding)
    assert (flows.exported + flows.leaked <= exportable + rounding["atol"]).all()
    bought = flows.made - flows.exported - flows.leaked + flows.legal + flows.diverted
    held = owned + bought * MONTH / 2
    assert (flows.rent_target <= held.sum(axis=0) - held + rounding["atol"]).all()
    assert all((flow >= 0).all() for flow in flows)
    assert ((after.unmet >= 0) & (after.unmet <= 1)).all()
    assert (after.unmet[[ALLIED, REST]] == 0).all()

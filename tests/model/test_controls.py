"""What tightening a compute control does, in the month it starts and later."""

import numpy as np
from futures import (
    DECADE,
    PACKAGES,
    arrive,
    examples,
    inputs,
    parameters,
    random_levels,
    replaced,
    run,
    seeds,
)
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.model import world
from fourfronts.model.blocs import PRC
from fourfronts.policy.loader import levers

# Each control with the end of its range that is tightest.
CONTROLS = {
    "enforcement_budget": 1,
    "location_verification": 1,
    "remote_access_rule": 1,
    "chip_export_ceiling": 0,
    "chip_export_cap": 0,
    "euv_controls": 1,
    "equipment_controls": 1,
    "hbm_controls": 1,
    "allied_alignment": 1,
}
ROUNDING = 1e-12
DRAWS = 64
bases = st.one_of(st.sampled_from(PACKAGES), seeds)
months = st.integers(3, 107)


def _moment(p, base, step):
    """The world before a month, under a package, or at levels of each future's own."""
    return arrive(p, inputs(base if isinstance(base, str) else random_levels(base, draws=DRAWS)), step)


def _usable(p, moment, **changes):
    """PRC usable compute by ledger, (ledger, draws), at the end of the month, with some levels changed in it."""
    levels = moment.now.levers._replace(**{name: np.asarray(level) for name, level in changes.items()})
    _, o = world.step(p, moment.state, moment.now._replace(levers=levels))
    return o.usable[:, PRC]


def _tightened(moment, control, share):
    """The control's level, moved by `share` of the way to its tightest; a ceiling by that share of its decades."""
    level, tightest = getattr(moment.now.levers, control), levers()[control].range[CONTROLS[control]]
    if control == "chip_export_ceiling":
        return level * 1e-6**share
    return level + share * (tightest - level)


def _shares(seed):
    """How far each future tightens, most of the way or hardly at all."""
    return np.random.default_rng(seed).uniform(size=DRAWS) ** 3 + 1e-3


def _raised(before, after):
    """Futures in which the PRC has more than before."""
    return int((after > before * (1 + ROUNDING)).sum())


@examples(6)
@given(seeds, bases, months)
def test_tightening_any_control_never_adds_operations_to_the_prc_in_the_month_it_starts(seed, base, step):
    p, share = parameters(seed, DRAWS), _shares(seed)
    moment = _moment(p, base, step)
    before = _usable(p, moment)
    raised = {
        control: _raised(before[0], _usable(p, moment, **{control: _tightened(moment, control, share)})[0])
        for control in CONTROLS
    }
    assert raised == dict.fromkeys(CONTROLS, 0)
    all_at_once = {control: _tightened(moment, control, share) for control in CONTROLS}
    assert _raised(before[0], _usable(p, moment, **all_at_once)[0]) == 0


@examples(6)
@given(seeds, bases, months)
def test_tightening_a_control_other_than_the_ceiling_never_adds_bandwidth_to_the_prc_in_the_month_it_starts(
    seed, base, step
):
    p, share = parameters(seed, DRAWS), _shares(seed)
    moment = _moment(p, base, step)
    before = _usable(p, moment)
    raised = {
        control: _raised(before[1], _usable(p, moment, **{control: _tightened(moment, control, share)})[1])
        for control in CONTROLS
        if control != "chip_export_ceiling"
    }
    assert set(raised.values()) == {0}, raised


@examples(3)
@given(seeds, bases, months)
def test_a_lower_ceiling_adds_bandwidth_only_through_what_cut_chips_keep_of_theirs(seed, base, step):
    # Cut chips that keep their bandwidth bring more of it for each operation, so that a lower ceiling can let more
    # bandwidth through, most of all under a volume cap, which is counted in operations. Chips that lose both alike
    # cannot.
    p = replaced(parameters(seed, DRAWS), stocks__bandwidth_kept=0.0)
    moment = _moment(p, base, step)
    after = _usable(p, moment, chip_export_ceiling=_tightened(moment, "chip_export_ceiling", _shares(seed)))
    assert (after <= _usable(p, moment) * (1 + ROUNDING)).all()


@examples(2)
@given(seeds, st.integers(60, 100))
def test_a_control_at_its_present_level_changes_nothing(seed, step):
    p = parameters(seed)
    moment = _moment(p, "drift", step)
    for control in CONTROLS:
        level = float(getattr(moment.now.levers, control))
        np.testing.assert_array_equal(_usable(p, moment, **{control: level}), _usable(p, moment))


DENIAL = 48


def _with_tools_denied(seed, indigenisation):
    """Outputs by month without any control, and with all tools denied from month DENIAL on."""
    p = replaced(
        parameters(seed, draws=16),
        supply__indigenisation=indigenisation,
        supply__indigenisation_delay=1.0,
        supply__equipment_control_bite=0.3,
        # The market must not hide what the industry could make.
        supply__output_anchor=np.array([[1.3e7], [1e9], [0.0]]),
    )
    free = inputs("none", DECADE)
    tools = ("equipment_controls", "allied_alignment")
    all_of_them = {name: np.where(np.arange(DECADE.steps) < DENIAL, getattr(free.levers, name), 1.0) for name in tools}
    return [run(p, driven) for driven in (free, free._replace(levers=free.levers._replace(**all_of_them)))]


def test_denied_tools_make_the_home_industry_larger_years_later_where_it_pushes_back_hard():
    free, denied = _with_tools_denied(seed=3, indigenisation=2.0)
    assert (denied.usable[DENIAL, 0, PRC] <= free.usable[DENIAL, 0, PRC] * (1 + ROUNDING)).all()
    assert (denied.usable[-1, 0, PRC] > free.usable[-1, 0, PRC] * 1.01).any()


def test_denied_tools_only_cost_the_home_industry_where_it_does_not_push_back():
    free, denied = _with_tools_denied(seed=3, indigenisation=0.0)
    assert (denied.made[:, 0, PRC] <= free.made[:, 0, PRC] * (1 + ROUNDING)).all()
    assert (denied.made[-1, 0, PRC] < free.made[-1, 0, PRC]).all()


@examples(2)
@given(seeds)
def test_an_importer_that_admits_less_of_what_is_licensed_buys_less(seed):
    p = parameters(seed, DRAWS)
    moment = _moment(p, "none", 90)
    assert (_usable(p, moment, prc_import_openness=0.2) < _usable(p, moment)).all()

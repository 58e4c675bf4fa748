"""Lever paths: history is history, nothing depends on later changes, ramps are straight and stay in range."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.errors import InputError
from fourfronts.model.responses import Responding
from fourfronts.policy import loader
from fourfronts.policy.grid import FIRST_CHANGE, Grid, Month, parse_month
from fourfronts.policy.loader import Change, Package
from fourfronts.policy.paths import Setting, free_paths, lever_paths, parse_setting, responding_ranges

NAMES = sorted(loader.levers())
SHIPPED = sorted(loader.packages())
HORIZON = Month(2035, 12)
GRID = Grid(horizon=HORIZON)

later_months = st.builds(Month, st.integers(2027, 2034), st.integers(1, 12))


@st.composite
def changes(draw, name):
    low, high = loader.levers()[name].range
    return Change(level=draw(st.floats(low, high)), start=draw(later_months), ramp_months=draw(st.integers(0, 36)))


@st.composite
def packages(draw):
    names = draw(st.sets(st.sampled_from(NAMES), max_size=6))
    base = draw(st.sampled_from([None, *SHIPPED]))
    return Package(
        name="test",
        label="Test",
        description="Test.",
        base=loader.package(base) if base else None,
        levers={name: draw(changes(name)) for name in sorted(names)},
    )


@st.composite
def overrides(draw):
    name = draw(st.sampled_from(NAMES))
    low, high = loader.levers()[name].range
    return Setting(name, draw(st.floats(low, high)), draw(later_months))


def one_change(name, change, base=None):
    return Package(name="test", label="Test", description="Test.", base=base, levers={name: change})


@given(packages(), overrides())
def test_every_level_stays_in_its_range(package, setting):
    for name, path in lever_paths(package, [setting], GRID).items():
        low, high = loader.levers()[name].range
        assert path.shape == (GRID.steps,)
        assert ((path >= low) & (path <= high)).all(), name


@given(packages())
def test_a_path_never_depends_on_later_changes(package):
    before = lever_paths(package.base or loader.package("drift"), grid=GRID)
    after = lever_paths(package, grid=GRID)
    for name in NAMES:
        start = package.levers[name].start.offset if name in package.levers else GRID.steps
        np.testing.assert_array_equal(after[name][:start], before[name][:start])


@given(packages(), overrides())
def test_a_setting_rules_from_its_month_on_and_nothing_before_or_beside_it(package, setting):
    before = lever_paths(package, grid=GRID)
    after = lever_paths(package, [setting], GRID)
    for name in NAMES:
        start = setting.start.offset if name == setting.lever else GRID.steps
        np.testing.assert_array_equal(after[name][:start], before[name][:start])
        assert (after[name][start:] == setting.level).all()


@given(packages(), later_months)
def test_a_shorter_horizon_is_the_beginning_of_a_longer_one(package, horizon):
    long, short = lever_paths(package, grid=GRID), lever_paths(package, grid=Grid(horizon=horizon))
    for name in NAMES:
        np.testing.assert_array_equal(short[name], long[name][: len(short[name])])


@given(st.sampled_from(NAMES), st.data())
def test_ramps_are_straight_and_end_at_their_level(name, data):
    change = data.draw(changes(name))
    path = lever_paths(one_change(name, change), grid=GRID)[name][change.start.offset :]
    steps = np.diff(path)
    assert (steps >= 0).all() or (steps <= 0).all()
    inside = np.diff(path[: change.ramp_months])
    scale = max(abs(path).max(), 1)
    np.testing.assert_allclose(inside, inside[0] if len(inside) else 0, rtol=0, atol=1e-9 * scale)
    assert (path[change.ramp_months :] == change.level).all()


@given(packages())
def test_halving_the_step_leaves_the_average_of_every_month(package):
    whole = lever_paths(package, grid=GRID)
    halves = lever_paths(package, grid=Grid(horizon=HORIZON, steps_per_month=2))
    for name in NAMES:
        averages = halves[name].reshape(-1, 2).mean(axis=1)
        np.testing.assert_allclose(averages, whole[name], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("package", SHIPPED)
def test_no_shipped_package_rewrites_history(package):
    drift, path = lever_paths(loader.package("drift")), lever_paths(loader.package(package))
    for name in NAMES:
        np.testing.assert_array_equal(path[name][: FIRST_CHANGE.offset], drift[name][: FIRST_CHANGE.offset])


def test_history_steps_in_the_month_it_names_and_its_last_level_goes_on():
    path = lever_paths(loader.package("drift"))["chip_export_ceiling"]
    at = {month: path[parse_month(month).offset] for month in ("2022-09", "2022-10", "2023-10", "2023-11", "2025-04")}
    assert at == {"2022-09": 1e6, "2022-10": 15832, "2023-10": 15832, "2023-11": 2368, "2025-04": 2368}
    assert (path[parse_month("2025-05").offset : parse_month("2025-08").offset] == 0).all()
    assert (path[parse_month("2026-01").offset :] == 21000).all()


def test_a_ramp_starts_from_where_the_base_package_stands_then():
    change = Change(level=0, start=Month(2026, 11), ramp_months=2)
    path = lever_paths(one_change("release_gating", change, loader.package("hold")))["release_gating"]
    # `hold` climbs to one month from July to December 2026: four sixths are reached when this change begins.
    october = Month(2026, 10).offset
    np.testing.assert_allclose(path[october : october + 4], [3.5 / 6, 0.5, 4 / 6 / 4, 0])


def test_later_settings_follow_earlier_ones_whatever_their_order():
    texts = ["hbm_controls=0.2@2028-01", "hbm_controls=0.6@2027-01"]
    for order in (texts, texts[::-1]):
        path = lever_paths(loader.package("none"), [parse_setting(text) for text in order])["hbm_controls"]
        levels = [path[Month(year, 6).offset] for year in (2026, 2027, 2028)]
        assert levels == [0, 0.6, 0.2]


def test_a_package_change_after_the_horizon_has_no_effect():
    change = Change(level=0, start=Month(2030, 1))
    short = Grid(horizon=Month(2029, 12))
    np.testing.assert_array_equal(
        lever_paths(one_change("hbm_controls", change), grid=short)["hbm_controls"],
        lever_paths(loader.package("drift"), grid=short)["hbm_controls"],
    )


def test_a_setting_is_read_with_and_without_its_month():
    assert parse_setting("remote_access_rule=0.8@2027-01") == Setting("remote_access_rule", 0.8, Month(2027, 1))
    assert parse_setting(" chip_export_ceiling = 3e4 ") == Setting("chip_export_ceiling", 30000, FIRST_CHANGE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("remote_access_rule", "has no '='; accepted: LEVER=VALUE or LEVER=VALUE@YYYY-MM"),
        ("remote_acces=1", "unknown lever 'remote_acces': did you mean 'remote_access_rule'"),
        ("remote_access_rule=much", "'much' is not a number"),
        ("remote_access_rule=", "'' is not a number"),
        ("remote_access_rule=nan", "level nan is out of range; accepted: 0 to 1"),
        ("remote_access_rule=1.1", "level 1.1 is out of range; accepted: 0 to 1 (dimensionless)"),
        ("remote_access_rule=1@2027", "'2027' is not a month; accepted: YYYY-MM"),
        ("remote_access_rule=1@", "'' is not a month"),
        ("remote_access_rule=1@2036-01", "start 2036-01 is out of range; accepted: 2020-01 to 2035-12"),
    ],
)
def test_a_setting_that_cannot_be_used_is_explained(text, message):
    with pytest.raises(InputError) as caught:
        parse_setting(text)
    assert message in str(caught.value)


def test_a_setting_outside_the_run_or_given_twice_is_refused():
    late = parse_setting("hbm_controls=1@2029-01")
    with pytest.raises(InputError, match="start 2029-01 is outside this run; accepted: 2020-01 to 2028-12"):
        lever_paths(loader.package("drift"), [late])
    with pytest.raises(InputError, match="hbm_controls is set twice from 2029-01"):
        lever_paths(loader.package("drift"), [late, late], GRID)


def first_fixed(package, settings=(), grid=GRID):
    """The month from which each lever that answers others is fixed; those free to the end are left out."""
    found = {}
    for name, free in free_paths(package, settings, grid).items():
        assert set(free) <= {0.0, 1.0}
        # Once fixed, always fixed.
        assert (np.diff(free) <= 0).all()
        if not free.all():
            offset = int(np.argmin(free)) // grid.steps_per_month
            found[name] = str(Month(2020 + offset // 12, offset % 12 + 1))
    return found


@pytest.mark.parametrize(
    ("package", "fixed"),
    [
        ("drift", {}),
        ("hold", {"allied_alignment": "2026-10"}),
        ("loosen", {"allied_alignment": "2026-07", "prc_import_openness": "2026-07"}),
        ("none", {"allied_alignment": "2026-06", "prc_import_openness": "2026-06"}),
        ("defend_models", {}),
        ("allied_alignment", {"allied_alignment": "2026-10"}),
    ],
)
def test_what_a_shipped_package_sets_answers_nothing_from_then_on_and_all_else_is_free(package, fixed):
    assert first_fixed(loader.package(package)) == fixed


def test_every_lever_that_answers_others_has_a_path_and_the_range_of_its_lever():
    free = free_paths(loader.package("drift"))
    assert set(free) == set(responding_ranges()) == set(Responding._fields)
    assert all(path.shape == (Grid().steps,) for path in free.values())
    for name, found in responding_ranges().items():
        assert found == loader.levers()[name].range


def test_a_setting_fixes_from_its_month_even_at_the_level_that_stands_and_the_earliest_change_counts():
    settings = [parse_setting("prc_chip_support=0.6@2027-03"), parse_setting("allied_alignment=0.5@2026-08")]
    expected = {"prc_chip_support": "2027-03", "allied_alignment": "2026-08"}
    assert first_fixed(loader.package("hold"), settings) == expected
    assert first_fixed(loader.package("hold"), settings, Grid(horizon=HORIZON, steps_per_month=2)) == expected
    late = [parse_setting("allied_alignment=0.5@2028-08")]
    assert first_fixed(loader.package("hold"), late) == {"allied_alignment": "2026-10"}


def test_what_a_package_builds_on_fixes_too():
    change = Change(level=0.5, start=Month(2030, 1), ramp_months=12)
    mine = one_change("prc_chip_support", change, loader.package("hold"))
    assert first_fixed(mine) == {"allied_alignment": "2026-10", "prc_chip_support": "2030-01"}
    again = one_change("allied_alignment", change, loader.package("hold"))
    assert first_fixed(again) == {"allied_alignment": "2026-10"}


def test_a_lever_is_free_in_a_run_that_ends_before_the_change_and_settings_outside_the_run_are_refused():
    mine = one_change("prc_chip_support", Change(level=0.5, start=Month(2030, 1)))
    assert first_fixed(mine, grid=Grid(horizon=Month(2029, 12))) == {}
    with pytest.raises(InputError, match="start 2029-01 is outside this run"):
        free_paths(loader.package("drift"), [parse_setting("prc_chip_support=1@2029-01")])


@given(packages())
def test_where_a_lever_is_free_it_stands_where_history_left_it(package):
    drift, paths = lever_paths(loader.package("drift"), grid=GRID), lever_paths(package, grid=GRID)
    for name, free in free_paths(package, grid=GRID).items():
        np.testing.assert_array_equal(paths[name][free == 1], drift[name][free == 1])

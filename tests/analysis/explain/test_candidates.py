"""Packages to be searched: points and packages, and that the judge says what ordinary runs say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.analysis.explain.across import across, gather
from fourfronts.analysis.explain.effort import asked, pulled, share_of_room, today
from fourfronts.analysis.explain.outcome import HEADLINE, needed, outcomes
from fourfronts.analysis.explain.robust.candidates import DEAD, LATEST, OBJECTIVES, READ, STEPS, Judge, Space, key
from fourfronts.errors import InputError
from fourfronts.inference.parameters import registry
from fourfronts.policy.grid import DEFAULT_HORIZON, Grid, Month
from fourfronts.policy.loader import levers, package, packages, worldview
from fourfronts.policy.paths import parse_setting

END, SEED, DRAWS = DEFAULT_HORIZON, 3, 512
SPACE = Space.of(pulled(), END)
OUTPUTS, _ = needed(outcomes(HEADLINE))
POINTS = arrays(float, SPACE.dimensions, elements=st.floats(0, 1))


@pytest.fixture(scope="module")
def views():
    return across(registry(), worldview("evidence"), {})


@pytest.fixture(scope="module")
def judge(views):
    known = {name: each for name, (_, each) in views.items()}
    return Judge(known, "evidence", END, draws=DRAWS, seed=SEED)


@given(POINTS)
def test_every_point_is_a_package_that_can_be_written_down_and_read_back(point):
    found = SPACE.package(point, "found")
    for name, change in found.levers.items():
        share = share_of_room(name, change.level)
        assert abs(share) * STEPS == pytest.approx(round(abs(share) * STEPS), abs=1e-3)
        assert abs(share) * STEPS >= DEAD - 1e-3
        held = package("hold").levers.get(name)
        earliest = held.start if held else Month(2026, 7)
        assert 0 <= change.start.offset - earliest.offset <= LATEST
        assert change.ramp_months == (held.ramp_months if held else 12)
    assert key(SPACE.package(SPACE.point(found), "again")) == key(found)


def test_shipped_packages_are_near_a_point_and_drift_is_one():
    assert SPACE.package(SPACE.point(package("drift")), "found").levers == {}
    for each in packages().values():
        near = SPACE.package(SPACE.point(each), "near")
        for name in set(each.levers) & set(pulled()):
            found = near.levers[name].level if name in near.levers else today(name)
            # Half a step, or under the step at which a lever counts as left alone.
            off = abs(share_of_room(name, found) - share_of_room(name, each.levers[name].level))
            assert off <= DEAD / STEPS + 1e-6


def test_the_first_generation_holds_the_known_packages_and_leaves_many_levers_alone():
    known = [package("drift"), package("hold")]
    start = SPACE.start(40, 1, known)
    assert start.shape == (40, SPACE.dimensions)
    assert (start[0] == SPACE.point(known[0])).all()
    assert (start[1] == SPACE.point(known[1])).all()
    moved = [len(SPACE.package(point, "one").levers) for point in start[2:]]
    assert 0.2 * len(pulled()) < np.mean(moved) < 0.8 * len(pulled())
    assert (SPACE.start(40, 1, known) == start).all()
    assert (SPACE.start(40, 2, known)[2:] != start[2:]).any()


def test_levers_that_are_not_searched_stay_where_they_are_and_some_must_be_searched():
    small = Space.of(("hbm_controls",), END)
    assert set(small.package(np.array([0.0, 0.5]), "found").levers) == {"hbm_controls"}
    with pytest.raises(InputError, match="every lever is held"):
        Space.of((), END)
    with pytest.raises(InputError, match="no lever can be pulled before 2026-07"):
        Space.of(pulled(), Month(2026, 7))
    assert Space.of(pulled(), Month(2027, 1)).latest == 6


def test_the_judge_says_what_ordinary_runs_of_each_worldview_say(judge, views):
    several = [package("hold"), package("close_loopholes"), SPACE.package(SPACE.start(5, 1, [])[4], "found")]
    told = dict(zip(OBJECTIVES, judge(several).T, strict=True))
    ran = gather(views, several, outcomes(READ), draws=DRAWS, seed=SEED, outputs=OUTPUTS)
    own = ran.values[list(views).index("evidence")].mean(axis=-1)
    for index, name in enumerate(("lead", "commanding", "adoption", "distribution")):
        assert told[name] == pytest.approx(own[:, index], rel=1e-5)
    # The six other worldviews share a chunk of 512 futures.
    leads = [
        row[:, 0].mean(axis=-1) if name == "evidence" else row[:, 0, :85].mean(axis=-1)
        for name, row in zip(views, ran.values, strict=True)
    ]
    assert told["worst"] == pytest.approx(np.min(leads, axis=0), rel=1e-5)
    asks = [asked(each, Grid()) for each in several]
    assert told["effort"] == pytest.approx([each.effort for each in asks])
    assert told["cost"] == pytest.approx([each.cost for each in asks])


def test_a_package_in_every_worldview_is_what_a_run_of_it_gives(views):
    ran = gather(views, [package("drift"), package("hold")], outcomes(HEADLINE), draws=64, seed=SEED, outputs=OUTPUTS)
    assert ran.values.shape == (7, 2, len(HEADLINE), 64)
    for row, (_, known) in zip(ran.values, views.values(), strict=True):
        options = {"parameters": known, "draws": 64, "seed": SEED, "monthly": 0, "outputs": OUTPUTS}
        runs = run_ensemble(["drift", "hold"], **options)
        for place, name in enumerate(("drift", "hold")):
            for index, each in enumerate(outcomes(HEADLINE)):
                assert (row[place, index] == each.of(runs[name])).all()


def test_settings_are_on_top_of_every_package(views):
    known = {"evidence": views["evidence"][1]}
    options = {"draws": DRAWS, "seed": SEED}
    held = Judge(known, "evidence", END, settings=[parse_setting("remote_access_rule=0.9")], **options)
    free = Judge(known, "evidence", END, **options)
    assert held([package("drift")])[0, 0] > 0.1 + free([package("drift")])[0, 0]
    # One worldview alone is the worst of one.
    assert free([package("drift")])[0, 4] == free([package("drift")])[0, 0]


def test_a_package_that_was_judged_is_not_judged_again(judge):
    judge([package("hold")])
    before = len(judge.seen)
    judge([package("hold").model_copy(update={"name": "other", "label": "Other"})])
    assert len(judge.seen) == before


def test_levels_are_read_aloud_with_few_digits():
    rng = np.random.default_rng(2)
    for point in rng.random((20, SPACE.dimensions)):
        for name, change in SPACE.package(point, "found").levers.items():
            assert change.level == float(f"{change.level:.6g}")
            assert levers()[name].range[0] <= change.level <= levers()[name].range[1]

"""The Pareto set and the short list, from worlds made by hand; and files that the command line accepts."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.analysis.explain.across import Futures
from fourfronts.analysis.explain.effort import Asked, pulled
from fourfronts.analysis.explain.outcome import outcomes
from fourfronts.analysis.explain.robust.candidates import OBJECTIVES, READ, SIGNS, Space
from fourfronts.analysis.explain.robust.frontier import found, frontier, package_file
from fourfronts.analysis.explain.robust.question import condition
from fourfronts.analysis.explain.robust.search import non_dominated
from fourfronts.errors import InputError
from fourfronts.policy.grid import DEFAULT_HORIZON, Grid, Month
from fourfronts.policy.loader import Change, Package, package
from fourfronts.policy.paths import lever_paths
from fourfronts.report.explain.robust import plate

ENOUGH = "lead_months[released] >= 12"
VIEWS = {"evidence": "Evidence", "takeoff": "Takeoff"}
ASKED = {"draws": 4, "seed": 1}


def named(name, level=0.9):
    change = Change(level=level, start=Month(2027, 3), ramp_months=6)
    return Package(name=name, label=name.title(), description="A test.", levers={"hbm_controls": change})


def world(means, efforts, costs=None):
    """Packages p0, p1, ... and drift last, with means (views, packages, READ and the condition) in four futures."""
    means = np.asarray(means, dtype=float)
    several = [*(named(f"p{index}") for index in range(means.shape[1] - 1)), package("drift")]
    values = np.repeat(means[..., None], 4, axis=-1) + np.array([-0.25, 0.25, 0.25, -0.25])
    read = (*outcomes(READ), condition([ENOUGH], DEFAULT_HORIZON))
    costs = costs or [0.0] * len(several)
    asks = tuple(Asked(effort, cost, cost) for effort, cost in zip(efforts, costs, strict=True))
    return Futures(values, VIEWS, tuple(several), read, asks)


def explained(futures, **more):
    return frontier(futures, "evidence", ASKED, condition_name=ENOUGH, given=1, **more)


HAND = [
    # lead, commanding, adoption, distribution, condition: four that were found, then drift.
    [[14, 0.5, 3, 60, 0.6], [13, 0.5, 3, 60, 0.5], [13, 0.4, 3, 60, 0.5], [12, 0.5, 4, 61, 0.4], [10, 0.3, 3, 59, 0.2]],
    [[12, 0.4, 3, 60, 0.4], [9, 0.4, 3, 60, 0.3], [9, 0.3, 3, 60, 0.3], [11, 0.4, 4, 61, 0.3], [8, 0.2, 3, 59, 0.1]],
]


def test_what_another_beats_is_left_out_and_who_is_ruined_is_counted_by_hand():
    finding = explained(world(HAND, [5, 3, 3.5, 2, 0]))
    rows = {row["package"]: row for row in finding.rows}
    # p2 has no more of anything than p1 and asks for more.
    assert set(rows) == {"p0", "p1", "p3", "drift"}
    # The most that is gained is 4 months in both worldviews: p1 keeps 3 and 1, p3 keeps 2 and 3.
    assert {name: row["ruined_in"] for name, row in rows.items()} == {"p0": 0, "p1": 1, "p3": 0, "drift": 2}
    assert {name: row["kind"] for name, row in rows.items()} == {
        "p0": "short list",
        "p3": "short list",
        "p1": "found",
        "drift": "given",
    }
    assert [row["package"] for row in finding.rows] == ["p0", "p3", "p1", "drift"]
    assert (rows["p1"]["lead"], rows["p1"]["worst"], rows["p1"]["effort"]) == (13, 9, 3)
    assert (rows["p1"]["regret"], rows["p1"]["satisficing_worst"]) == (3, pytest.approx(0.3))
    assert "The search found 3 packages" in finding.sentences[0]
    assert "No worldview ruins 2 of them" in finding.sentences[1]
    assert "least effort that does it is 2, P3, with 12 months against 10 under drift" in finding.sentences[1]
    assert finding.details["regret"]["p3"].tolist() == [2, 1]


def test_keeping_less_is_easier_and_a_loss_on_another_front_ruins_whatever_is_kept():
    assert [row["ruined_in"] for row in explained(world(HAND, [5, 3, 3.5, 2, 0]), keep=0.2).rows] == [0, 0, 0, 1 + 1]
    worse = np.array(HAND, dtype=float)
    worse[1, 3, 2] = 2.9
    finding = explained(world(worse, [5, 3, 3.5, 2, 0]), keep=0.2)
    assert {row["package"]: row["ruined_in"] for row in finding.rows}["p3"] == 1


def test_where_every_package_is_ruined_none_is_listed_and_it_is_said():
    ruined = np.array(HAND, dtype=float)
    ruined[0, :4, 3] = 58
    finding = explained(world(ruined, [5, 3, 3.5, 2, 0]))
    assert "Every one of them is ruined in some worldview" in finding.sentences[1]
    assert finding.details["files"] == {}
    assert plate(finding, "stamp").sheet.figure


def test_a_given_package_that_is_beaten_is_named():
    futures = world(HAND, [5, 3, 3.5, 2, 2.5])
    assert explained(futures).sentences[-1] == "Beaten on every objective by some package found: Drift."
    assert "None of drift is beaten" in explained(world(HAND, [5, 3, 3.5, 2, 0])).sentences[-1]


@given(st.integers(2, 15), st.integers(0, 2**16))
def test_no_package_of_the_set_is_beaten_and_every_one_left_out_is(packages, seed):
    rng = np.random.default_rng(seed)
    means = rng.integers(0, 4, (2, packages + 1, 5)).astype(float)
    means[..., 4] = 0.5
    futures = world(means, rng.integers(0, 3, packages + 1), rng.integers(0, 2, packages + 1).tolist())
    finding = explained(futures)
    inside = {row["package"] for row in finding.rows if row["kind"] != "given"}
    own, asks = means[0, :packages], futures.asks[:packages]
    worth = np.column_stack(
        [own[:, :4], means[:, :packages, 0].min(axis=0), [a.effort for a in asks], [a.cost for a in asks]]
    )
    kept = non_dominated(worth * SIGNS)
    assert inside == {f"p{index}" for index in np.flatnonzero(kept)}
    # Nobody on the short list is ruined, and it never grows long.
    listed = [row for row in finding.rows if row["kind"] == "short list"]
    assert all(row["ruined_in"] == 0 for row in listed)
    assert len(listed) <= 5


def test_a_condition_that_nothing_meets_is_refused():
    hopeless = np.array(HAND, dtype=float)
    futures = world(hopeless, [5, 3, 3.5, 2, 0])
    values = futures.values.copy()
    values[:, :, 4] = 0.0
    with pytest.raises(InputError, match="no future meets it under any package in any worldview"):
        explained(Futures(values, VIEWS, futures.packages, futures.outcomes, futures.asks))


def test_a_listed_package_is_written_as_a_file_that_reads_back_the_same(tmp_path):
    finding = explained(world(HAND, [5, 3, 3.5, 2, 0]))
    assert set(finding.details["files"]) == {"p0.yaml", "p3.yaml"}
    space, rng = Space.of(pulled(), DEFAULT_HORIZON), np.random.default_rng(4)
    for each in (named("p0"), *(space.package(point, "found-01") for point in rng.random((5, space.dimensions)))):
        path = tmp_path / f"{each.name}.yaml"
        path.write_text(package_file(each))
        back = package(str(path))
        assert back == each
        paths, again = lever_paths(each, (), Grid()), lever_paths(back, (), Grid())
        assert all((paths[name] == again[name]).all() for name in paths)


def test_a_search_names_what_it_finds_from_least_effort_and_takes_no_name_twice():
    space = Space.of(("hbm_controls", "export_finance"), DEFAULT_HORIZON)

    def judge(several):
        # Lead grows with the first lever's level, distribution with the second's; both ask for effort.
        rows = []
        for each in several:
            first, second = (
                abs(each.levers[name].level - start) if name in each.levers else 0.0
                for name, start in (("hbm_controls", 0.8), ("export_finance", 0.1))
            )
            rows.append([first, 0.0, 0.0, second, 0.0, first + second, 0.0])
        return np.array(rows)

    mine = named("found-02")
    several = found(judge, space, [mine], population=28, generations=6, seed=1)
    assert "found-02" not in [each.name for each in several]
    assert several[0].name == "found-01"
    efforts = [row[5] for row in judge(several)]
    assert efforts == sorted(efforts)
    assert len({json.dumps(each.model_dump(mode="json")["levers"]) for each in several}) == len(several)
    # Policy carried on as it stood beats all on effort, and is found by that name no more than by another.
    drift = found(judge, space, [package("drift")], population=28, generations=6, seed=1)
    assert all(each.levers for each in drift)
    with pytest.raises(InputError, match="nothing was found but the packages given"):
        found(
            lambda several: judge(several) * [0, 0, 0, 0, 0, 1, 0],
            space,
            [package("drift")],
            population=28,
            generations=6,
            seed=1,
        )
    assert set(OBJECTIVES) == {"lead", "commanding", "adoption", "distribution", "worst", "effort", "cost"}

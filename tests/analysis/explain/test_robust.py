"""Packages across worldviews, from worlds made by hand: regret, worst case, satisficing, and bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.analysis.explain import across as module
from fourfronts.analysis.explain.across import Futures, across, gather, in_threads
from fourfronts.analysis.explain.effort import Asked
from fourfronts.analysis.explain.outcome import outcomes
from fourfronts.analysis.explain.robust.question import better, condition, regrets, robust
from fourfronts.errors import InputError
from fourfronts.inference.parameters import registry
from fourfronts.policy.grid import DEFAULT_HORIZON, Month
from fourfronts.policy.loader import Worldview, package, worldview
from fourfronts.report.explain.robust import plate

LEAD, NECK, ENOUGH = "lead_months[released]", "neck-and-neck", "lead_months[released] >= 12"
NAMES = ("drift", "hold", "loosen")
VIEWS = {"evidence": "Evidence", "paper": "Source paper", "takeoff": "Takeoff"}
ASKED = {"draws": 2, "seed": 1}


def world(lead, enough=None, neck=None, noise=0.5):
    """Three packages with mean leads (views, packages), and shares that meet the condition, in two futures each."""
    lead = np.asarray(lead, dtype=float)
    read = (*outcomes([LEAD]), condition([ENOUGH], DEFAULT_HORIZON), *outcomes([NECK]))
    parts = [
        lead,
        np.full(lead.shape, 0.5) if enough is None else enough,
        np.zeros(lead.shape) if neck is None else neck,
    ]
    means = np.stack([np.asarray(part, dtype=float) for part in parts], axis=-1)
    values = means[..., None] + noise * np.array([-1.0, 1.0])
    asks = tuple(Asked(effort, 0.0, 0.0) for effort in (0.0, 10.0, 3.0))
    return Futures(values, VIEWS, tuple(map(package, NAMES)), read, asks)


# The textbook case: hold is best in two worldviews, loosen in one, and drift regrets least at the most.
LEADS = [[10, 14, 8], [10, 12, 9], [10, 5, 12]]


def table(finding, outcome):
    return {row["package"]: row for row in finding.rows if row["outcome"] == outcome}


def test_the_regret_table_is_the_one_worked_out_by_hand():
    finding = robust(world(LEADS), ASKED, condition_name=ENOUGH)
    rows = table(finding, LEAD)
    assert finding.details["regret"][LEAD].tolist() == [[4, 2, 2], [0, 0, 7], [6, 3, 0]]
    assert {name: row["regret"] for name, row in rows.items()} == {"drift": 4, "hold": 7, "loosen": 6}
    assert {name: row["regret_worldview"] for name, row in rows.items()} == {
        "drift": "evidence",
        "hold": "takeoff",
        "loosen": "evidence",
    }
    assert {name: row["worst"] for name, row in rows.items()} == {"drift": 10, "hold": 5, "loosen": 8}
    assert {name: row["mean"] for name, row in rows.items()} == pytest.approx(
        {"drift": 10, "hold": 31 / 3, "loosen": 29 / 3}
    )
    assert rows["hold"]["mean_regret"] == pytest.approx(7 / 3)
    assert [rows[name]["effort"] for name in NAMES] == [0, 10, 3]
    assert "depends on the worldview: Hold in 2, Loosen in 1" in finding.sentences[0]
    assert "Drift has the smallest largest regret, 4 months" in finding.sentences[0]
    assert finding.sentences[1].startswith("Hold can be regretted most: 7 months short of the best package in Takeoff")


def test_a_package_that_is_best_everywhere_is_said_to_be():
    finding = robust(world([[1, 3, 2], [1, 3, 2], [1, 3, 2]]), ASKED, condition_name=ENOUGH)
    assert finding.sentences[0] == f"Hold is best in {LEAD} in all 3 worldviews."
    assert table(finding, LEAD)["hold"]["regret"] == 0
    assert table(finding, LEAD)["hold"]["regret_worldview"] == ""


def test_of_some_outcomes_less_is_better():
    neck = [[0.1, 0.0, 0.3], [0.1, 0.0, 0.3], [0.1, 0.2, 0.3]]
    rows = table(robust(world(LEADS, neck=neck), ASKED, condition_name=ENOUGH), NECK)
    assert {name: row["worst"] for name, row in rows.items()} == pytest.approx(
        {"drift": 0.1, "hold": 0.2, "loosen": 0.3}
    )
    assert {name: row["regret"] for name, row in rows.items()} == pytest.approx(
        {"drift": 0.1, "hold": 0.1, "loosen": 0.3}
    )
    flipped = table(robust(world(LEADS), ASKED, condition_name=ENOUGH, less=[LEAD]), LEAD)
    assert {name: row["regret"] for name, row in flipped.items()} == {"drift": 5, "hold": 6, "loosen": 7}
    with pytest.raises(InputError, match="less: unknown outcome 'adoption'"):
        better(outcomes([LEAD]), ["adoption"])


def test_satisficing_is_told_for_the_package_that_is_safest():
    enough = [[0.5, 0.8, 0.1], [0.4, 0.7, 0.1], [0.4, 0.2, 0.1]]
    finding = robust(world(LEADS, enough), ASKED, condition_name=ENOUGH)
    assert (
        "holds in 43% of futures under Drift over all worldviews, and in 40% in the worst, Source paper"
        in finding.sentences[2]
    )
    assert table(finding, ENOUGH)["hold"]["worst_worldview"] == "takeoff"


@given(st.integers(0, 2**20))
def test_in_every_worldview_some_package_is_not_regretted_and_none_is_regretted_less_than_nothing(seed):
    rng = np.random.default_rng(seed)
    means, signs = rng.normal(size=(4, 5, 3)), rng.choice([-1.0, 1.0], 3)
    regret = regrets(means, signs)
    assert (regret >= 0).all()
    assert (regret.min(axis=1) == 0).all()
    # Adding the same to every package of a worldview changes no regret.
    assert np.allclose(regrets(means + rng.normal(size=(4, 1, 3)), signs), regret)


def test_futures_without_a_value_under_one_package_count_for_none():
    futures = world(LEADS)
    values = futures.values.copy()
    values[0, 2, 0, 1] = np.nan
    finding = robust(Futures(values, VIEWS, futures.packages, futures.outcomes, futures.asks), ASKED)
    # The first future alone is left in that worldview; it lies half a month under the mean for all alike.
    assert finding.details["means"][LEAD][:, 0].tolist() == [9.5, 13.5, 7.5]
    assert finding.details["left_out"] == 1
    assert table(finding, LEAD)["drift"]["futures"] == 1
    values[0, 1, 0, 0] = np.nan
    with pytest.raises(InputError, match=r"lead_months\[released\]: no future of worldview evidence is finite"):
        robust(Futures(values, VIEWS, futures.packages, futures.outcomes, futures.asks), ASKED)


def test_one_package_alone_and_a_condition_that_nothing_meets_are_refused():
    futures = world(LEADS, np.zeros((3, 3)), noise=0.0)
    with pytest.raises(InputError, match=r"condition 'lead_months\[released\] >= 12': no future meets it"):
        robust(futures, ASKED, condition_name=ENOUGH)
    single = Futures(futures.values[:, :1], VIEWS, futures.packages[:1], futures.outcomes, futures.asks[:1])
    with pytest.raises(InputError, match="only drift to score; accepted: two packages or more"):
        robust(single, ASKED)


def test_conditions_are_all_met_or_none_is(made):
    both = condition(["lead_months[released] >= 12", "adoption[allied] > adoption[prc]"], DEFAULT_HORIZON)
    lead = {"released": [13.0, 13.0, 11.0, np.nan]}
    held = both.of(made(lead_months=lead, adoption={"allied": [0.3, 0.1, 0.3, 0.3], "prc": [0.2] * 4}))
    assert held[:3].tolist() == [1, 0, 0]
    assert np.isnan(held[3])
    assert both.outputs == ("lead_months", "adoption")
    for texts, words in [
        (["lead_months[released] >= 12", "lead_months[released] < 6"], "cannot all hold"),
        (["lead_months[releasd] >= 12"], "did you mean 'released'"),
        (["lead_months[released] >= many"], "accepted: OUTPUT"),
        (["commanding-leed"], "did you mean 'commanding-lead'"),
    ]:
        with pytest.raises(InputError, match=words):
            condition(texts, DEFAULT_HORIZON)
    with pytest.raises(InputError, match="asked of 2028-11 and 2028-12; accepted: conditions of one month"):
        condition(["lead_months[released] >= 12", "commanding-lead"], Month(2028, 11))


def test_a_users_own_worldview_comes_beside_the_shipped_ones_and_the_evidence_first():
    fields = {"label": "Mine", "description": "x", "rationale": "x", "evidence": "judgement"}
    mine = Worldview.model_validate({"name": "mine", "priors": {"intelligence.open_rate": 5.0}, **fields})
    views = across(registry(), mine, {})
    assert next(iter(views)) == "evidence"
    assert len(views) == 8
    assert views["mine"][0] == "Mine"
    assert views["mine"][1].get("intelligence.open_rate").prior.distribution == "fixed"
    assert len(across(registry(), worldview("paper"), {})) == 7


def test_outcomes_of_a_month_that_runs_do_not_report_are_read_from_a_run_that_ends_there(monkeypatch, made):
    horizons = []

    def run(packages, horizon, **_):
        horizons.append(str(horizon))
        ran = made(lead_months={"released": [1.0, 2.0]}, adoption={"allied": [1.0, 2.0]})
        return {each.name: ran for each in packages}

    monkeypatch.setattr(module, "run_ensemble", run)
    monkeypatch.setattr(module.Outcome, "of", lambda self, ensemble: np.full(2, self.date.month))
    months = [*outcomes([LEAD]), *outcomes(["adoption"], Month(2027, 6)), *outcomes(["resilience"], Month(2027, 12))]
    ran = gather({"evidence": ("Evidence", None)}, [package("drift")], months, draws=2, seed=1)
    assert sorted(horizons) == ["2027-06", "2028-12"]
    assert ran.values[0, 0, :, 0].tolist() == [12, 6, 12]


def test_the_first_job_that_fails_stops_the_rest():
    done = []

    def fail():
        raise InputError("no")

    with pytest.raises(InputError, match="no"):
        in_threads([fail, *[lambda: done.append(1)] * 200])
    assert len(done) < 200


def test_the_picture_has_every_number_of_both_tables():
    finding = robust(world(LEADS), ASKED, condition_name=ENOUGH)
    drawn = plate(finding, "stamp")
    texts = [text.get_text() for axes in drawn.sheet.figure.axes for text in axes.texts]
    for number in ("4.0", "7.0", "6.0", "50", "Source paper", "Hold"):
        assert number in texts
    assert drawn.alt.startswith("Packages across 3 worldviews")

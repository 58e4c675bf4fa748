"""Beside the packages: the same under every worldview, and the past without illicit channels."""

import numpy as np
import pytest

from fourfronts.analysis import worldviews as module
from fourfronts.analysis.channels import closed
from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.analysis.scenarios import evaluate
from fourfronts.analysis.scoreboard import scoreboard
from fourfronts.analysis.worldviews import across
from fourfronts.inference.parameters import registry
from fourfronts.inference.posterior import calibrated
from fourfronts.inference.worldviews import under
from fourfronts.policy.grid import DEFAULT_HORIZON
from fourfronts.policy.loader import Worldview, package, worldview, worldviews
from fourfronts.policy.paths import parse_setting

DRAWS, SEED = 64, 3
OPTIONS = {"draws": DRAWS, "seed": SEED, "horizon": DEFAULT_HORIZON}


def test_every_shipped_worldview_is_there_and_the_evidence_first() -> None:
    found = across([package("drift")], worldview("paper"), **OPTIONS)
    assert next(iter(found["views"])) == "evidence"
    assert set(found["views"]) == set(worldviews())
    assert (found["draws"], found["date"], found["packages"]) == (DRAWS, "2028-12", {"drift": "Drift"})


def test_a_row_is_what_a_run_under_that_worldview_gives() -> None:
    settings, switches = [parse_setting("hbm_controls=1@2027-01")], {"lead_to_talent": 0.0}
    view = worldview("takeoff")
    row = across([package("hold")], view, settings=settings, switches=switches, **OPTIONS)["views"]["takeoff"]
    known = under(calibrated(), view, switches)
    (ran,) = run_ensemble(["hold"], settings=settings, parameters=known, draws=DRAWS, seed=SEED).values()
    numbers = row["packages"]["hold"]
    lead = np.percentile(ran.at("lead_months", "2028-12", "released"), [5, 50, 95])
    assert [numbers["lead_months"][key] for key in ("p05", "p50", "p95")] == pytest.approx(lead, rel=1e-5)
    assert numbers["scenarios"] == {name: each.as_json() for name, each in evaluate(ran).probabilities.items()}
    board = scoreboard(ran)
    assert numbers["leads"] == {name: pytest.approx(each.leads[-1, 0], abs=1e-6) for name, each in board.items()}


def test_a_users_own_worldview_takes_the_place_of_a_shipped_one_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "worldviews", lambda: {"evidence": worldview("evidence")})
    fields = {"label": "Mine", "description": "x", "rationale": "x", "evidence": "judgement"}
    priors = {"intelligence.open_rate": 5.0}
    mine = Worldview.model_validate({"name": "mine", "priors": priors, **fields})
    rows = across([package("drift")], mine, **OPTIONS)["views"]
    assert list(rows) == ["evidence", "mine"]
    medians = [row["packages"]["drift"]["lead_months"]["p50"] for row in rows.values()]
    assert medians[1] < medians[0]
    same = Worldview.model_validate({"name": "evidence", "priors": priors, **fields})
    assert across([package("drift")], same, **OPTIONS)["views"]["evidence"]["label"] == "Mine"


def test_algorithms_dominate_moves_the_headline_as_its_rationale_says() -> None:
    views = across([package("drift"), package("hold")], worldview("evidence"), **(OPTIONS | {"draws": 512}))["views"]
    evidence, algorithms = views["evidence"]["packages"], views["algorithms-dominate"]["packages"]
    gains = [
        found["hold"]["lead_months"]["p50"] - found["drift"]["lead_months"]["p50"] for found in (evidence, algorithms)
    ]
    # Little compute is enough to follow, so that the lead is shorter and policy on compute does less about it.
    assert gains[1] < gains[0]
    for name in ("drift", "hold"):
        assert algorithms[name]["lead_months"]["p50"] < evidence[name]["lead_months"]["p50"]


def test_closing_channels_never_shortens_the_lead_and_both_add_most() -> None:
    found = closed(registry(), **OPTIONS)
    (drift,) = run_ensemble(["drift"], draws=DRAWS, seed=SEED, parameters=registry()).values()
    now = np.percentile(drift.at("lead_months", "2026-05", "released"), [5, 50, 95])
    assert list(found["lead_months"]["as_it_was"]["2026-05"].values()) == pytest.approx(now, rel=1e-5)
    for date in ("2026-05", "2028-12"):
        added = {which: found["added"][which][date]["p50"] for which in ("evasion", "distillation", "both")}
        assert 0 < added["evasion"] < added["both"]
        assert 0 < added["distillation"] < added["both"]
        assert found["added"]["both"][date]["p05"] >= 0

"""The runs behind claims: what the page opens are the futures that the verdict rests on."""

import pytest

from fourfronts.analysis.claim_runs import definitions, run
from fourfronts.policy.grid import FIRST_CHANGE
from fourfronts.web.counterfactuals import state_of

DRAWS, SEED = 2000, 1


@pytest.fixture(scope="module")
def ledger(client):
    return {each["number"]: each for each in client.get("/claims").json()["claims"]}


def _run(claim, name):
    return next(each for each in claim["runs"] if each["name"] == name)


@pytest.mark.parametrize(
    ("claim", "name", "label"),
    [
        (7, "close_defend", "Lead with both areas enacted, 2028-12"),
        (8, "loosen", "Lead under loosen, 2028-12"),
        (8, "drift", "Lead under drift, 2028-12"),
    ],
)
def test_opening_a_run_gives_the_figure_of_the_ledger(client, ledger, claim, name, label):
    found = next(each for each in ledger[claim]["findings"] if each["label"] == label)
    state = _run(ledger[claim], name)["state"]
    answer = client.post("/simulate", json=state).json()
    assert answer["state"]["draws"] == DRAWS
    for percentile in ("p05", "p50", "p95"):
        assert answer["headline"]["lead"][percentile] == pytest.approx(found[percentile], rel=1e-4)


def test_closing_a_channel_in_the_past_gives_the_lead_of_the_ledger(client, ledger):
    labels = {each["label"]: each for each in ledger[4]["findings"]}
    state = _run(ledger[4], "no_evasion")["state"] | {"date": "2026-05"}
    without = client.post("/simulate", json=state).json()["headline"]["lead"]["p50"]
    as_it_is = client.post("/simulate", json={"draws": DRAWS, "date": "2026-05"}).json()["headline"]["lead"]["p50"]
    explained = labels["Months of the PRC's closeness explained by diversion and renting, 2026-05"]
    assert explained["p05"] < without - as_it_is < explained["p95"]


def test_a_run_that_changes_what_is_over_cannot_be_opened(ledger):
    for name in definitions()["runs"]:
        found, state = run(name), state_of(run(name), draws=DRAWS, seed=SEED)
        if any(each.start < FIRST_CHANGE for each in found.settings):
            assert state is None
        else:
            assert state is not None, name
            assert set(state.parameters) | {f"couplings.{each}" for each in state.couplings} == set(found.fixed)
    assert _run(ledger[4], "no_channels")["state"] is None


def test_every_run_of_a_claim_has_a_name_that_a_reader_understands(ledger):
    labels = [each["label"] for claim in ledger.values() for each in claim["runs"]]
    assert labels
    assert not [label for label in labels if "_" in label]

"""What the page looks up: the schema that it draws itself from, evidence, parameters, claims, figures, files."""

import csv
import io

import pytest

from fourfronts.analysis.charts import charts
from fourfronts.evidence.claims import claims
from fourfronts.evidence.loader import load
from fourfronts.inference.parameters import registry
from fourfronts.model.couplings import Parameters as Couplings
from fourfronts.policy.loader import levers, package, packages, worldviews
from fourfronts.report.published import gap_points
from fourfronts.web.state import MONTHS, ranges_of_parameters


@pytest.fixture(scope="module")
def schema(client):
    return client.get("/schema").json()


def test_the_schema_names_everything_that_can_be_asked_for(schema):
    assert [each["id"] for each in schema["levers"]] == list(levers())
    assert [each["id"] for each in schema["packages"]] == list(packages())
    assert [each["id"] for each in schema["worldviews"]] == list(worldviews())
    assert [each["id"] for each in schema["charts"]] == list(charts())
    assert [each["id"] for each in schema["scenarios"]] == ["commanding-lead", "contested", "neck-and-neck"]
    assert [each["id"] for each in schema["fronts"]] == ["intelligence", "adoption", "distribution", "resilience"]
    assert schema["months"] == list(MONTHS)
    assert (schema["months"][0], schema["now"], schema["months"][-1]) == ("2020-01", "2026-05", "2028-12")
    assert schema["basis"] == "Calibrated on evidence up to 2026-05-31"
    assert [each["id"] for each in schema["couplings"]] == list(Couplings._fields)
    assert schema["draws"] == {"default": 1000, "max": 4000}
    assert schema["seed"] == {"default": 1, "max": 2**32 - 1}
    groups = ["close_loopholes", "defend_models", "champion_exports", "resilience", "prc_responses"]
    assert [each["id"] for each in schema["groups"]] == groups
    assert {each["group"] for each in schema["levers"]} == set(groups)


def test_every_lever_says_what_it_is_where_it_stands_and_what_packages_do_with_it(schema):
    for told in schema["levers"]:
        lever = levers()[told["id"]]
        assert told["low"] <= told["today"] <= told["high"]
        assert (told["low"], told["high"], told["unit"]) == (*lever.range, lever.unit)
        assert all(told[name] for name in ("label", "meaning", "reacts", "pulled_by", "cost"))
        assert "2026-06" == told["earliest_start"] <= told["default_start"] <= MONTHS[-1]
        for mark in told["marks"]:
            assert mark["level"] == package(mark["package"]).levers[told["id"]].level
    hold = next(each for each in schema["packages"] if each["id"] == "hold")
    assert hold["levers"]["export_finance"] == {"level": 0.7, "start": "2026-10", "ramp_months": 18}


def test_every_coupling_says_what_its_strength_means_and_how_far_it_may_be_multiplied(schema, client):
    document = client.get("/openapi.json").json()
    accepted = document["components"]["schemas"]["State"]["properties"]["couplings"]["properties"]
    for told in schema["couplings"]:
        parameter = registry().get(f"couplings.{told['id']}")
        assert (told["meaning"], told["unit"], told["why"]) == (parameter.meaning, parameter.unit, parameter.why)
        assert accepted[told["id"]] == {"type": "number", "minimum": told["low"], "maximum": told["high"]}
        assert (told["low"], told["high"]) == (0, 10)
    labels = {told["id"]: (told["label"], told["loop"]) for told in schema["couplings"]}
    assert labels["lead_to_talent"] == ("Lead to talent", "self-reinforcing lead")
    assert labels["lead_to_safety"] == ("Lead to safety", "")


def test_a_worldview_says_what_it_multiplies_couplings_by(schema):
    for told in schema["worldviews"]:
        changes = worldviews()[told["id"]].couplings
        assert told["couplings"] == {name: change.strength for name, change in changes.items()}
    assert any(told["couplings"] for told in schema["worldviews"])


def test_what_is_cited_can_be_looked_up(schema, client):
    known = set(load().by_id)
    for part in ("levers", "worldviews", "couplings"):
        assert all(set(each["evidence"]) <= known for each in schema[part])
    for chart in schema["charts"]:
        assert chart["sources"], chart["id"]
        assert set(chart["sources"]) <= known
    row = client.get(f"/evidence/{schema['charts'][0]['sources'][0]}").json()
    assert row["source"]


def test_parts_of_the_schema_stand_alone(schema, client):
    assert client.get("/levers").json() == schema["levers"]
    assert client.get("/packages").json() == schema["packages"]


def test_evidence_is_found_by_words_grade_and_date_a_page_at_a_time(client):
    whole = client.get("/evidence").json()
    assert whole["found"] == len(load().records)
    assert (len(whole["rows"]), whole["pages"]) == (50, -(-whole["found"] // 50))
    last = client.get("/evidence", params={"page": whole["pages"]}).json()
    assert last["rows"][-1]["id"] == load().records[-1].id
    assert client.get("/evidence", params={"page": whole["pages"] + 1}).json()["rows"] == []

    asked = {"text": "huawei", "grade": "A,B", "from": "2025", "until": "2025-12"}
    found = client.get("/evidence", params=asked).json()
    expected = load().search(text="huawei", grade="A,B", since="2025", until="2025-12")
    assert found["found"] == len(expected) > 0
    assert [row["id"] for row in found["rows"]] == [row.id for row in expected[:50]]


def test_a_row_says_what_rests_on_it(client):
    row = client.get("/evidence/REM-001").json()
    assert "lever remote_access_rule" in row["used_by"]
    parameter = next(each for each in registry().parameters.values() if each.evidence)
    assert parameter.id in client.get(f"/evidence/{parameter.evidence[0]}").json()["used_by"]
    claim = claims().claims[0]
    assert "claim 1" in client.get(f"/evidence/{claim.rows[0]}").json()["used_by"]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/evidence?grade=Z", 422, "unknown grade 'Z'"),
        ("/evidence?from=soon", 422, "'soon' is not a date"),
        ("/evidence?from=2026&until=2020", 422, "since on or before until"),
        ("/evidence?page=0", 422, "page: found '0'"),
        ("/evidence?author=me", 422, "author: this is not known here"),
        ("/evidence/STOCK-0001", 404, "did you mean 'STOCK-001'"),
        ("/evidence/..%2f..%2fpyproject.toml", 404, ""),
        ("/published", 422, "chart: this field is missing"),
        ("/published?chart=led", 422, "did you mean 'lead'"),
        ("/claims/0", 422, "number: found '0'"),
        ("/claims/99", 404, "no claim 99; accepted: 1 to"),
    ],
)
def test_what_is_not_there_is_said_by_name(client, path, status, words):
    found = client.get(path)
    assert (found.status_code, found.json()["status"]) == (status, status)
    assert words in found.json()["detail"]


def test_parameters_tell_prior_posterior_and_reasons(client):
    told = client.get("/parameters").json()
    by_id = {each["id"]: each for each in told["parameters"]}
    assert list(by_id) == list(registry().parameters)
    rate = by_id["intelligence.open_rate"]
    assert rate["prior"]["p05"] < rate["prior"]["p50"] < rate["prior"]["p95"]
    # What calibration taught is narrower than what was thought before.
    assert rate["posterior"]["p95"] - rate["posterior"]["p05"] < rate["prior"]["p95"] - rate["prior"]["p05"]
    assert (rate["low"], rate["high"]) == ranges_of_parameters()["intelligence.open_rate"]
    assert all(each["why"] and each["meaning"] and each["prior_words"] for each in told["parameters"])
    assert all(each["judgement"] == (not each["evidence"]) for each in told["parameters"])
    assert {each["posterior"] is None for each in told["parameters"]} == {True, False}
    assert told["paths"]


def test_published_points_are_those_of_the_figures(client):
    lead = client.get("/published", params={"chart": "lead"}).json()
    rows = {point.row.id for points in gap_points(load()).values() for point in points}
    assert rows <= {point["id"] for point in lead["points"]}
    assert all(point["low"] <= point["value"] <= point["high"] for point in lead["points"])
    assert all(2018 < point["time"] < 2026.5 and point["source"] for point in lead["points"])
    assert {point["method"] for point in lead["points"]} == set(lead["methods"])
    for chart, definition in charts().items():
        points = client.get("/published", params={"chart": chart}).json()["points"]
        assert bool(points) == definition.published
        assert {point["series"] for point in points} <= set(definition.series)


def test_the_ledger_has_every_claim_and_its_verdict(client):
    told = client.get("/claims").json()
    assert [each["number"] for each in told["claims"]] == [each.number for each in claims().claims]
    assert sum(told["verdicts"].values()) == len(told["claims"])
    assert client.get("/claims/3").json() == told["claims"][2]


def test_the_back_test_has_its_scores(client):
    told = client.get("/backtest").json()
    assert told["figures"] == len(told["ranks"]) == sum(len(each["forecasts"]) for each in told["quantities"]) > 0
    assert 0 < told["coverage_90"] <= 1


def test_the_data_of_a_chart_is_a_table(client):
    state = {"draws": 64, "charts": ["lead", "adoption"]}
    found = client.post("/export/csv", json=state)
    assert found.headers["content-type"].startswith("text/csv")
    assert found.headers["content-disposition"] == 'attachment; filename="fourfronts.csv"'
    rows = list(csv.DictReader(io.StringIO(found.text)))
    assert len(rows) == 3 * len(MONTHS)
    values = client.post("/simulate", json=state).json()["charts"]["lead"]["series"]["released"]["values"]
    assert [float(rows[0][name]) for name in ("p05", "p25", "p50", "p75", "p95")] == [row[0] for row in values]


def test_a_run_taken_along_says_what_it_was_made_from(client, schema):
    found = client.post("/export/json", json={"draws": 64}).json()
    assert found["model_digest"] == schema["model_digest"]
    assert found["state"]["draws"] == 64
    assert found["headline"]["lead"]["p50"] > 0
    assert "seconds" not in found


@pytest.mark.parametrize(
    "state",
    [
        {"package": "hold"},
        {
            "levers": {"export_finance": {"level": 0.9}},
            "worldview": "paper",
            "parameters": {"intelligence.open_rate": 0.3},
            "couplings": {"lead_to_talent": 0},
        },
    ],
    ids=["package", "levers"],
)
def test_the_lines_of_python_make_the_view_again(client, state, capsys):
    asked = state | {"draws": 128, "seed": 9}
    lines = client.post("/export/python", json=asked).text
    exec(compile(lines, "fourfronts.py", "exec"), {"__name__": "__exported__"})
    printed = [float(word) for word in capsys.readouterr().out.strip(" []\n").split()]
    lead = client.post("/simulate", json=asked).json()["headline"]["lead"]
    assert printed == pytest.approx(list(lead.values()), rel=1e-4)


def test_the_report_is_one_page_about_the_package_of_the_page(client):
    state = {"levers": {"export_finance": {"level": 0.9}}, "draws": 64}
    found = client.post("/export/report", json=state)
    assert found.status_code == 200
    assert found.headers["content-disposition"] == 'attachment; filename="fourfronts.html"'
    assert "Drift, with your levers" in found.text
    assert "run_ensemble" in found.text
    lead = client.post("/simulate", json=state | {"package": "drift", "levers": {}}).json()["headline"]["lead"]
    assert f"{lead['p50']:.1f}" in found.text

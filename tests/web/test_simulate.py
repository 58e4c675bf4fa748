"""What the page asks and is answered: the numbers of a run, and errors that name the field and what is accepted."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from fourfronts.analysis.charts import charts
from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.cli import group
from fourfronts.policy.loader import package
from fourfronts.policy.paths import parse_setting
from fourfronts.web.state import MONTHS, State


def ask(client, **state):
    found = client.post("/simulate", json=state)
    assert found.status_code == 200, found.text
    return found.json()


def test_an_answer_has_the_numbers_of_a_run_of_the_command_line(client):
    answer = ask(client, package="hold", draws=600, seed=3)
    done = CliRunner().invoke(
        group, ["run", "--package", "hold", "--draws", "600", "--seed", "3", "--json"], catch_exceptions=False
    )
    summary = json.loads(done.output)["packages"]["hold"]

    lead = summary["outputs"]["lead_months"]["2028-12"]["released"]
    assert answer["headline"]["lead"] == {name: lead[name] for name in ("p05", "p25", "p50", "p75", "p95")}
    told = {name: each["probability"] for name, each in summary["scenarios"].items()}
    assert answer["headline"]["scenarios"] == told
    assert sum(told.values()) == pytest.approx(1)
    for front in answer["fronts"]:
        board = summary["scoreboard"][front["id"]]
        assert {bloc: front[bloc] for bloc in ("allied", "prc", "rest")} == {
            bloc: board[bloc]["2028-12"] for bloc in ("allied", "prc", "rest")
        }
        assert front["margin"] == board["margin"]["by_date"]["2028-12"]


def test_charts_are_percentiles_of_the_same_futures_in_their_unit(client):
    answer = ask(client, draws=600, seed=3, charts=list(charts()))
    (run,) = run_ensemble(["drift"], draws=600, seed=3, monthly=600).values()
    for name, chart in charts().items():
        drawn = answer["charts"][name]
        assert list(drawn["series"]) == list(chart.series)
        assert drawn["description"].startswith(chart.title)
        for key, series in chart.series.items():
            values = np.array(drawn["series"][key]["values"])
            monthly = run.monthly[series.of.output]
            from fourfronts.inference.outputs import OUTPUTS

            row = monthly[:, OUTPUTS[series.of.output].kinds.index(series.of.kind)] * series.times
            np.testing.assert_allclose(values, np.percentile(row, [5, 25, 50, 75, 95], axis=1), rtol=2e-5, atol=1e-9)
            assert values.shape == (5, len(MONTHS))


def test_a_lever_at_once_is_a_setting_of_the_command_line(client):
    levers = {"remote_access_rule": {"level": 0.8, "start": "2027-01", "ramp_months": 0}}
    answer = ask(client, draws=512, seed=2, levers=levers)
    setting = parse_setting("remote_access_rule=0.8@2027-01")
    (run,) = run_ensemble(["drift"], settings=[setting], draws=512, seed=2, monthly=0).values()
    expected = np.percentile(run.at("lead_months", "2028-12", "released"), 50)
    assert answer["headline"]["lead"]["p50"] == pytest.approx(float(expected), rel=1e-5)


def test_what_is_assumed_reaches_the_futures(client):
    base = ask(client, draws=256)["headline"]["lead"]
    for changed in (
        {"worldview": "paper"},
        {"prior": True},
        {"couplings": {"lead_to_talent": 0}},
        {"parameters": {"intelligence.open_rate": 1.5}},
        {"seed": 2},
    ):
        assert ask(client, draws=256, **changed)["headline"]["lead"] != base, changed


def test_the_date_moves_the_headline_and_not_the_scenarios(client):
    now, later = (ask(client, draws=256, date=date)["headline"] for date in ("2026-05", "2028-12"))
    assert now["date"] == "2026-05"
    assert now["lead"] != later["lead"]
    assert now["scenarios"] == later["scenarios"]


def test_the_past_is_the_same_whatever_is_done(client):
    drift, none = (
        ask(client, package=name, draws=256)["charts"]["lead"]["series"]["released"]["values"]
        for name in ("drift", "none")
    )
    now = MONTHS.index("2026-05") + 1
    np.testing.assert_array_equal(np.array(drift)[:, :now], np.array(none)[:, :now])
    assert np.any(np.array(drift)[:, now:] != np.array(none)[:, now:])


@pytest.mark.parametrize(
    ("state", "field", "words"),
    [
        ({"packag": "hold"}, None, "did you mean 'package'?"),
        ({"package": "../../secret.yaml"}, "package", "unknown package '../../secret.yaml'"),
        ({"worldview": "mine.yaml"}, "worldview", "unknown worldview 'mine.yaml'"),
        ({"levers": {"remot_access_rule": {"level": 1}}}, "levers", "did you mean 'remote_access_rule'"),
        ({"levers": {"remote_access_rule": {"level": 2}}}, "levers", "level 2 is out of range; accepted: 0 to 1"),
        ({"levers": {"remote_access_rule": {}}}, "levers.remote_access_rule.level", "this field is missing"),
        (
            {"levers": {"remote_access_rule": {"level": 1, "start": "2026-05"}}},
            "levers.remote_access_rule.start",
            "accepted: 2026-06 to 2028-12",
        ),
        (
            {"levers": {"remote_access_rule": {"level": 1, "ramp_months": 121}}},
            "levers.remote_access_rule.ramp_months",
            "found 121; accepted: less than or equal to 120",
        ),
        ({"levers": {"remote_access_rule": {"level": "1"}}}, "levers.remote_access_rule.level", "found '1'"),
        ({"draws": 0}, "draws", "found 0; accepted: greater than or equal to 1"),
        ({"draws": 4001}, "draws", "found 4001; accepted: less than or equal to 4000"),
        ({"draws": True}, "draws", "found True; accepted: integer"),
        ({"seed": -1}, "seed", "found -1"),
        ({"date": "2029-01"}, "date", "date 2029-01 is out of range; accepted: 2020-01 to 2028-12"),
        ({"date": "soon"}, "date", "'soon' is not a month"),
        ({"charts": ["lead", "led"]}, "charts.1", "did you mean 'lead'"),
        ({"charts": ["lead"] * 9}, "charts", "accepted:"),
        ({"parameters": {"intelligence.open_rat": 1}}, "parameters", "did you mean 'intelligence.open_rate'"),
        (
            {"parameters": {"intelligence.open_rate": 1e9}},
            "parameters",
            "intelligence.open_rate: found 1e+09; accepted",
        ),
        ({"couplings": {"lead_to_talent": -1}}, "couplings", "lead_to_talent: found -1; accepted: 0 to 10"),
        ({"couplings": {"lead_to_safety": 5}}, None, "accepted: factors under"),
        ([], None, "accepted: a JSON object"),
    ],
    ids=str,
)
def test_bad_input_is_refused_by_name(client, state, field, words):
    found = client.post("/simulate", json=state)
    assert found.status_code == 422, found.text
    assert found.headers["content-type"] == "application/problem+json"
    problem = found.json()
    assert {"type", "title", "status", "detail"} <= set(problem)
    assert problem["status"] == 422
    assert problem.get("field") == field
    assert words in problem["detail"]


@pytest.mark.parametrize(
    "body", ['{"draws": NaN}', '{"levers": {"export_finance": {"level": 1e999}}}', "{", "", "\xff"]
)
def test_a_body_that_is_no_finite_json_is_refused(client, body):
    content = body.encode("latin-1")
    found = client.post("/simulate", content=content, headers={"content-type": "application/json"})
    assert found.status_code in (400, 422), found.text
    assert found.headers["content-type"] == "application/problem+json"


def test_all_spellings_of_a_question_are_one():
    hold = package("hold").levers["export_finance"]
    plain = State(package="hold")
    told = {"level": hold.level, "start": str(hold.start), "ramp_months": hold.ramp_months}
    for spelling in (
        {"levers": {"export_finance": told}},
        {"levers": {"export_finance": {"level": hold.level}}},
        {"couplings": {"lead_to_talent": 1}},
        {"charts": ["lead", "compute_by_channel", "lead"]},
    ):
        assert State.model_validate({"package": "hold"} | spelling).canonical() == plain.canonical(), spelling
    assert State().canonical() != plain.canonical()


def test_a_coupling_of_one_is_kept_where_the_worldview_has_another():
    from fourfronts.policy.loader import worldviews

    name, view = next((name, each) for name, each in worldviews().items() if each.couplings)
    coupling = next(iter(view.couplings))
    state = State.model_validate({"worldview": name, "couplings": {coupling: 1}})
    assert state.canonical().couplings == {coupling: 1.0}


def test_a_lever_takes_the_place_of_what_the_package_does_with_it():
    later = State.model_validate({"package": "hold", "levers": {"export_finance": {"level": 0.7, "start": "2028-01"}}})
    assert str(later.asked.levers["export_finance"].start) == "2028-01"
    assert later.asked.levers["threat_sharing"] == package("hold").levers["threat_sharing"]

"""Levers and packages: the shipped files hold together, and a user's mistakes are explained."""

import copy
import re

import pytest

from fourfronts.errors import InputError
from fourfronts.model.levers import Levers
from fourfronts.policy import citations, documents, loader
from fourfronts.policy.grid import FIRST_CHANGE

NOT_IN_HOLD = {
    "euv_controls",
    "prc_chip_support",
    "prc_import_openness",
    "prc_evasion_effort",
    "prc_ai_plus_push",
    "prc_export_subsidy",
}
EVIDENCE_ID = re.compile(r"\b(?:[A-Z]{3,8}-\d{2,4}|(?:AD|EC|GD|NW|RS|SC)\d{3})\b")
AREAS = ("close_loopholes", "defend_models", "champion_exports", "resilience")
HEADER = "name: mine\nlabel: Mine\ndescription: A test.\n"
LEVER = {
    "label": "Rule",
    "area": "close_loopholes",
    "meaning": "What it is.",
    "reacts": "Why.",
    "unit": "dimensionless",
    "range": [0, 1],
    "pulled_by": "Someone",
    "cost": "unknown",
    "evidence": "judgement",
    "why": "Because.",
    "history": [{"from": "2020-01", "level": 0, "evidence": ["EVT-001"]}],
}


@pytest.fixture
def package_file(tmp_path):
    def write(text, name="mine.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_the_levers_are_those_the_model_reads():
    assert set(loader.levers()) == set(Levers._fields)


def test_every_lever_cites_only_evidence_known_by_the_cut_off():
    assert loader.check_against_evidence() == []


def test_ids_named_in_the_text_of_levers_and_packages_exist_and_were_known_in_time():
    texts = [text for each in loader.levers().values() for text in (each.cost, each.why)]
    texts += [entry.why or "" for each in loader.levers().values() for entry in each.history]
    for package in loader.packages().values():
        texts += [package.description, *(change.why or "" for change in package.levers.values())]
    named = tuple(sorted(set(EVIDENCE_ID.findall(" ".join(texts)))))
    assert len(named) > 20
    assert citations.problems("text", named) == []


def test_a_citation_of_an_unknown_or_later_row_is_reported():
    assert "unknown evidence id 'EVT-9999'" in citations.problems("x", ("EVT-9999",))[0]
    # An event of November 2026 that was announced a year before is still not known to have happened.
    assert "EVT-036 is about 2026-11-09" in citations.problems("x", ("EVT-036",))[0]
    assert citations.problems("x", ("EVT-004", "CHIP-06")) == []


def test_the_shipped_packages_are_those_the_design_names():
    assert set(loader.packages()) == {"drift", "hold", "loosen", "none", *AREAS}
    for name, package in loader.packages().items():
        assert package.name == name


def test_drift_changes_nothing():
    assert loader.package("drift").levers == {}
    assert loader.package("drift").base is None


def test_the_areas_partition_hold():
    hold = loader.package("hold").levers
    parts = [loader.package(area).levers for area in AREAS]
    assert sum(map(len, parts)) == len(hold)
    assert {name: change for part in parts for name, change in part.items()} == hold


def test_hold_leaves_the_prc_and_what_is_denied_in_full_alone_and_pulls_everything_else_in_time():
    hold = loader.package("hold").levers
    assert set(loader.levers()) - set(hold) == NOT_IN_HOLD
    for name, change in hold.items():
        assert change.start >= FIRST_CHANGE, name
        assert 6 <= change.ramp_months <= 18, name


def test_none_lifts_every_control_at_once():
    levels = {name: change.level for name, change in loader.package("none").levers.items()}
    wide_open = {"chip_export_ceiling": 1_000_000, "chip_export_cap": 1, "prc_import_openness": 1}
    programmes = {"export_finance", "domestic_adoption_programme", "power_buildout", "transition_support"}
    untouched = programmes | (NOT_IN_HOLD - {"prc_import_openness", "euv_controls"})
    assert levels == {name: wide_open.get(name, 0) for name in set(loader.levers()) - untouched}
    assert {change.start for change in loader.package("none").levers.values()} == {FIRST_CHANGE}


def test_hold_tightens_and_loosen_loosens_every_control():
    now = {name: each.history[-1].level for name, each in loader.levers().items()}
    lower_is_tighter = {"chip_export_ceiling", "chip_export_cap", "prc_import_openness"}
    for name, change in loader.package("hold").levers.items():
        assert (change.level < now[name]) == (name in lower_is_tighter), name
    for name, change in loader.package("loosen").levers.items():
        assert (change.level > now[name]) == (name in lower_is_tighter), name


@pytest.mark.parametrize("name", sorted(set(Levers._fields) - NOT_IN_HOLD))
def test_every_lever_of_hold_is_a_package_of_its_own(name):
    package = loader.package(name)
    assert package.levers == {name: loader.package("hold").levers[name]}
    assert package.name == name


@pytest.mark.parametrize("name", sorted(NOT_IN_HOLD))
def test_a_lever_that_hold_leaves_alone_is_no_package_and_the_error_says_what_to_do(name):
    with pytest.raises(InputError, match=f"'hold' leaves it alone; use --set {name}=VALUE"):
        loader.package(name)


@pytest.mark.parametrize(
    ("load", "wrong", "right"), [("package", "holt", "hold"), ("worldview", "evidense", "evidence")]
)
def test_an_unknown_name_comes_with_the_nearest(load, wrong, right):
    with pytest.raises(InputError, match=f"unknown {load} '{wrong}': did you mean '{right}'"):
        getattr(loader, load)(wrong)


def test_a_file_of_ones_own_has_the_same_form_and_may_build_on_a_shipped_package(package_file):
    text = HEADER + "base: hold\nlevers: {hbm_controls: {level: 0.5, start: 2027-01, ramp_months: 6}}"
    package = loader.package(package_file(text))
    assert package.base == loader.package("hold")
    assert package.levers["hbm_controls"].level == 0.5
    assert loader.package(package_file(text, "mine.yml")) == package


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "levers: {hbm_control: {level: 1, start: 2027-01}}",
            "unknown lever 'hbm_control': did you mean 'hbm_controls'",
        ),
        (
            "levers: {hbm_controls: {level: 2, start: 2027-01}}",
            "levers: hbm_controls: level 2 is out of range; accepted: 0 to 1",
        ),
        (
            "levers: {hbm_controls: {level: high, start: 2027-01}}",
            "levers.hbm_controls.level: found 'high'; accepted: number",
        ),
        (
            "levers: {hbm_controls: {level: yes, start: 2027-01}}",
            "levers.hbm_controls.level: found True; accepted: number",
        ),
        ("levers: {hbm_controls: {level: .nan, start: 2027-01}}", "levers.hbm_controls.level: found nan"),
        (
            "levers: {hbm_controls: {level: 1, start: 2036-01}}",
            "start 2036-01 is out of range; accepted: 2020-01 to 2035-12",
        ),
        (
            "levers: {hbm_controls: {level: 1, start: soon}}",
            "start: month 'soon' is not a month; accepted: YYYY-MM",
        ),
        ("levers: {hbm_controls: {level: 1, start: 2027-01-01}}", "month '2027-01-01' is not a month"),
        ("levers: {hbm_controls: {level: 1}}", "levers.hbm_controls.start: this field is missing"),
        (
            "levers: {hbm_controls: {level: 1, start: 2027-01, ramp: 3}}",
            "levers.hbm_controls: unknown field 'ramp'",
        ),
        (
            "levers: {hbm_controls: {level: 1, start: 2027-01, ramp_months: -1}}",
            "ramp_months: found -1; accepted: greater",
        ),
        ("levers: {hbm_controls: 1}", "levers.hbm_controls: found 1; accepted: a mapping"),
        ("levers: [hbm_controls]", "levers: found ['hbm_controls']; accepted: a mapping"),
        ("", "levers: this field is missing"),
        ("base: hodl\nlevers: {}", "base: unknown package 'hodl': did you mean 'hold'"),
        ("base: [hold]\nlevers: {}", "base: unknown package"),
        ("area: defend_model", "area: found 'defend_model'; accepted: 'close_loopholes', 'defend_models'"),
        ("area: defend_models\nlevers: {}", "both area and levers are given"),
        ("levers: {}\nlevers: {}", "line 5, column 1: key 'levers' is given twice"),
        ("levers: {hbm_controls: [}", "line 4, column 25: "),
    ],
)
def test_a_mistake_in_a_package_file_is_told_with_its_file_and_place(package_file, body, message):
    path = package_file(HEADER + body)
    with pytest.raises(InputError) as caught:
        loader.package(path)
    assert str(caught.value).startswith(path)
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere.yaml", "no/such/file", "./"])
def test_a_path_that_holds_no_file_is_told_so(name):
    with pytest.raises(InputError, match="cannot be read"):
        loader.package(name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "furlong"}, "unit: unknown unit 'furlong'"),
        ({"range": [1, 0]}, "is empty; accepted: [lower, higher]"),
        ({"range": [0]}, "range.1: this field is missing"),
        ({"area": "elsewhere"}, "area: found 'elsewhere'; accepted: 'close_loopholes'"),
        (
            {"evidence": []},
            "evidence: found []; accepted: a list of different evidence ids, or the word judgement",
        ),
        ({"evidence": ["EVT-001", "EVT-001"]}, "accepted: a list of different evidence ids"),
        ({"evidence": "guess"}, "evidence: found 'guess'"),
        ({"history": []}, "history: found []"),
        (
            {"history": [{"from": "2021-01", "level": 0, "evidence": "judgement"}]},
            "history starts in 2021-01; accepted: 2020-01",
        ),
        (
            {"history": [{"from": "2020-01", "level": 3, "evidence": "judgement"}]},
            "level 3 is out of range; accepted: 0 to 1",
        ),
        ({"history": [LEVER["history"][0], LEVER["history"][0]]}, "must rise"),
        ({"history": [LEVER["history"][0], LEVER["history"][0] | {"from": "2026-06"}]}, "end by 2026-05"),
    ],
)
def test_a_mistake_in_a_lever_is_told_with_its_field(change, message):
    with pytest.raises(InputError) as caught:
        loader.parse_levers({"rule": LEVER | change}, "levers.yaml")
    assert str(caught.value).startswith("levers.yaml: rule: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("field", sorted(LEVER))
def test_every_field_of_a_lever_is_required(field):
    lever = copy.deepcopy(LEVER)
    del lever[field]
    with pytest.raises(InputError, match=f"levers.yaml: rule: {field}: this field is missing"):
        loader.parse_levers({"rule": lever}, "levers.yaml")


def test_a_lever_that_is_no_mapping_is_refused():
    with pytest.raises(InputError, match=r"levers\.yaml: rule: found 3; accepted: a mapping"):
        loader.parse_levers({"rule": 3}, "levers.yaml")


def test_the_shipped_lever_file_is_read_without_loss():
    text = (loader._SHIPPED / "levers.yaml").read_text(encoding="utf-8")
    assert list(documents.parse(text, "levers.yaml")) == list(loader.levers())

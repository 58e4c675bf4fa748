"""The registry: what the shipped files declare, what an override does, how a mistake in a file is told."""

import re
from importlib.resources import files

import pytest
import yaml

from fourfronts.errors import InputError
from fourfronts.inference import parameters
from fourfronts.inference.parameters import registry
from fourfronts.inference.priors import Fixed, Uniform
from fourfronts.model.blocs import BLOCS
from fourfronts.policy import citations

EVIDENCE_ID = re.compile(r"\b[A-Z]{3,8}-\d{2,4}\b")

FILE = """
mechanism: tides
about: A mechanism for tests.
parameters:
  height:
    meaning: How high.
    unit: H100e / year
    prior: {distribution: lognormal, p05: 1, p95: 4}
    evidence: [CHIP-03]
    why: Because.
  speed:
    meaning: How fast.
    unit: 1/year
    blocs:
      allied: {prior: {distribution: fixed, value: 1}, evidence: judgement, why: Because.}
      prc: {prior: {distribution: normal, p05: 1, p95: 2}, evidence: [CHIP-33], why: Because.}
      rest: {prior: {distribution: uniform, low: 0, high: 1}, evidence: judgement, why: Because.}
paths:
  moon:
    meaning: How near.
    unit: W
    interpolation: linear
    values:
      - {from: 2020-01, value: 1, evidence: [CHIP-03]}
      - {from: 2021-01, value: 3, evidence: judgement, why: Because.}
"""


def load(tmp_path, text=FILE):
    file = tmp_path / "tides.yaml"
    file.write_text(text, encoding="utf-8")
    return parameters.load([file])


def test_a_file_becomes_one_parameter_for_each_number(tmp_path):
    tides = load(tmp_path)
    assert list(tides.parameters) == [
        "tides.height",
        "tides.speed.allied",
        "tides.speed.prc",
        "tides.speed.rest",
    ]
    assert list(tides.paths) == ["tides.moon"]
    height, speed = tides.get("tides.height"), tides.get("tides.speed.prc")
    assert (height.bloc, height.evidence, height.is_judgement) == (None, ("CHIP-03",), False)
    assert (speed.bloc, speed.unit, speed.meaning) == ("prc", "1/year", "How fast.")
    assert tides.get("tides.speed.rest").is_judgement
    assert [str(value.start) for value in tides.paths["tides.moon"].values] == ["2020-01", "2021-01"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mechanism: tides", "mechanism: winds", "mechanism: found 'winds'; accepted: the file's own name"),
        ("about: A mechanism for tests.\n", "", "about: this field is missing"),
        ("    meaning: How high.\n", "", "parameters.height.meaning: this field is missing"),
        ("    unit: H100e / year\n", "", "parameters.height.unit: this field is missing"),
        ("    evidence: [CHIP-03]\n    why", "    why", "parameters.height: evidence missing"),
        ("    why: Because.\n  speed", "  speed", "parameters.height: why missing"),
        ("    prior: {distribution: lognormal, p05: 1, p95: 4}\n", "", "parameters.height: prior missing"),
        ("unit: H100e / year", "unit: H100 / year", "parameters.height.unit: unknown unit 'H100'"),
        (
            "p05: 1, p95: 4",
            "p05: 4, p95: 1",
            "parameters.height.prior.lognormal: p05 4 and p95 1 do not rise",
        ),
        ("p05: 1, p95: 4", "p05: 0, p95: 1", "height.prior.lognormal.p05: found 0; accepted: greater than 0"),
        ("p05: 1, p95: 4", "p05: one, p95: 4", "found 'one'; accepted: number"),
        ("p05: 1, p95: 4", "p05: 1, p99: 4", "unknown field 'p99': did you mean 'p95'"),
        ("distribution: lognormal", "distribution: lognorm", "found 'lognorm'; accepted: 'fixed'"),
        ("distribution: lognormal, ", "", "parameters.height.prior: the field 'distribution' is missing"),
        (
            "evidence: [CHIP-03]\n    why",
            "evidence: guess\n    why",
            "parameters.height.evidence: found 'guess'; accepted: a list",
        ),
        ("evidence: [CHIP-03]\n    why", "evidence: []\n    why", "parameters.height.evidence: found []"),
        ("  speed:", "  height:", "line 11, column 3: key 'height' is given twice"),
        (
            "    why: Because.\n  speed",
            "    why: Because.\n    source: x\n  speed",
            "parameters.height: unknown field 'source'",
        ),
        (
            "      rest: {prior",
            "      south: {prior",
            "blocs.south: found 'south'; accepted: 'allied', 'prc' or 'rest'",
        ),
        (
            "      rest: {",
            "      #rest: {",
            "parameters.speed: blocs allied, prc; accepted: all of allied, prc, rest",
        ),
        (
            "    unit: 1/year\n",
            "    unit: 1/year\n    why: x\n",
            "parameters.speed: both why and blocs are given",
        ),
        ("  moon:", "  height:", "height is both a parameter and a path"),
        (
            "interpolation: linear",
            "interpolation: cubic",
            "paths.moon.interpolation: found 'cubic'; accepted: 'linear' or 'step'",
        ),
        ("from: 2021-01", "from: 2020-01", "paths.moon: dates 2020-01, 2020-01; accepted: each later"),
        (
            "from: 2021-01",
            "from: 2021",
            "paths.moon.values.1.from: month '2021' is not a month; accepted: YYYY-MM",
        ),
        (
            "{from: 2020-01, value: 1, evidence: [CHIP-03]}",
            "{from: 2020-01, value: 1}",
            "values.0.evidence: this field is missing",
        ),
        (
            "  height:",
            "  Height:",
            "parameters.Height: found 'Height'; accepted: a name of lower-case letters",
        ),
        ("parameters:", "parameter:", "unknown field 'parameter': did you mean 'parameters'"),
    ],
)
def test_a_mistake_in_a_parameter_file_is_told_with_its_place(tmp_path, old, new, message):
    assert old in FILE
    with pytest.raises(InputError) as caught:
        load(tmp_path, FILE.replace(old, new, 1))
    assert str(caught.value).startswith("tides.yaml")
    assert message in str(caught.value)


def test_an_override_changes_one_prior_and_drops_its_claim_to_evidence(tmp_path):
    tides = load(tmp_path)
    changed = tides.overridden(
        {"tides.height": 2, "tides.speed.prc": {"distribution": "uniform", "low": 0, "high": 1}}, "mine"
    )
    assert changed.get("tides.height").prior == Fixed(value=2.0)
    assert changed.get("tides.speed.prc").prior == Uniform(low=0, high=1)
    assert changed.get("tides.height").is_judgement
    assert changed.get("tides.height").why == "Set by mine."
    assert changed.get("tides.speed.allied") is tides.get("tides.speed.allied")
    assert tides.get("tides.height").evidence == ("CHIP-03",)
    assert tides.overridden({"tides.height": Uniform(low=0, high=1)}).get("tides.height").prior.high == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tides.hight": 1}, "mine: unknown parameter 'tides.hight': did you mean 'tides.height'"),
        ({"tides.speed": 1}, "mine: unknown parameter 'tides.speed': did you mean 'tides.speed.prc'"),
        ({"tides.height": "high"}, "mine: tides.height: prior: found 'high'; accepted: a mapping"),
        ({"tides.height": True}, "mine: tides.height: prior: found True"),
        ({"tides.height": float("nan")}, "mine: tides.height: prior.fixed.value: found nan"),
        (
            {"tides.height": {"distribution": "normal", "p05": 2, "p95": 1}},
            "mine: tides.height: prior.normal: p05 2",
        ),
    ],
)
def test_an_override_that_does_not_fit_is_explained(tmp_path, changes, message):
    with pytest.raises(InputError) as caught:
        load(tmp_path).overridden(changes, "mine")
    assert message in str(caught.value)


def test_an_unknown_parameter_comes_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match=r"unknown parameter 'tide\.height': did you mean 'tides\.height'"):
        load(tmp_path).get("tide.height")


def test_the_digest_follows_the_numbers_and_not_the_words(tmp_path):
    digest = load(tmp_path).digest()
    assert load(tmp_path, FILE.replace("Because.", "For another reason.")).digest() == digest
    assert load(tmp_path, FILE.replace("[CHIP-33]", "judgement")).digest() == digest
    changed = {
        load(tmp_path, FILE.replace(old, new, 1)).digest()
        for old, new in [
            ("p95: 4", "p95: 5"),
            ("distribution: lognormal", "distribution: normal"),
            ("from: 2021-01", "from: 2021-02"),
            ("value: 3", "value: 3.5"),
            ("linear", "step"),
            ("height:", "depth:"),
        ]
    }
    assert len(changed | {digest}) == 7


def test_a_citation_that_cannot_stand_is_reported_for_parameters_and_paths(tmp_path):
    text = FILE.replace("[CHIP-33]", "[CHIP-9999]").replace(
        "value: 3, evidence: judgement", "value: 3, evidence: [EVT-036]"
    )
    problems = load(tmp_path, text).check_against_evidence()
    assert len(problems) == 2
    assert problems[0].startswith("tides.yaml: tides.speed.prc: unknown evidence id 'CHIP-9999'")
    assert problems[1].startswith("tides.yaml: tides.moon: 2021-01: evidence EVT-036 is about 2026-11-09")
    assert load(tmp_path).check_against_evidence() == []


def test_the_shipped_priors_rest_only_on_evidence_known_by_the_cut_off():
    assert registry().check_against_evidence() == []


def test_ids_named_in_the_reasons_of_the_shipped_priors_exist_and_were_known_in_time():
    texts = " ".join(parameter.why for parameter in registry().parameters.values())
    named = tuple(sorted(set(EVIDENCE_ID.findall(texts))))
    assert citations.problems("text", named) == []


def test_every_mechanism_has_its_file_and_every_file_is_read():
    names = {
        file.name.removesuffix(".yaml") for file in files("fourfronts.model").iterdir() if file.name.endswith(".yaml")
    }
    assert names == {parameter.mechanism for parameter in registry().parameters.values()}


def test_blocs_are_declared_in_the_model_order():
    for file in files("fourfronts.model").iterdir():
        if file.name.endswith(".yaml"):
            for name, body in yaml.safe_load(file.read_text(encoding="utf-8"))["parameters"].items():
                assert tuple(body.get("blocs", BLOCS)) == BLOCS, name

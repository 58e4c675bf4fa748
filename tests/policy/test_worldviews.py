"""Worldviews: each says what it assumes and where that is argued, and applies to parameters that exist."""

import re

import pytest

from fourfronts.errors import InputError
from fourfronts.inference.parameters import load, registry
from fourfronts.inference.priors import Fixed, Lognormal, Uniform
from fourfronts.inference.worldviews import couplings, under
from fourfronts.policy import citations, loader

EVIDENCE_ID = re.compile(r"\b[A-Z]{2,8}-?\d{2,4}\b")
VIEWS = {"paper", "algorithms-dominate", "indigenisation", "normal-technology", "takeoff", "open-diffusion"}
HEAD = "name: mine\nlabel: Mine\ndescription: A test.\nrationale: Because.\nevidence: judgement\n"
PARAMETERS = """
mechanism: couplings
about: Two couplings.
parameters:
  one_to_two:
    meaning: First strength.
    unit: dimensionless
    prior: {distribution: lognormal, p05: 0.1, p95: 0.4}
    evidence: [EVT-001]
    why: Because.
  two_to_one:
    meaning: Second strength.
    unit: dimensionless
    prior: {distribution: logitnormal, p05: 0.2, p95: 0.8}
    evidence: judgement
    why: Because.
"""


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "couplings.yaml"
    path.write_text(PARAMETERS, encoding="utf-8")
    return load([path])


@pytest.fixture
def view(tmp_path):
    def read(body, head=HEAD):
        path = tmp_path / "mine.yaml"
        path.write_text(head + body, encoding="utf-8")
        return loader.worldview(str(path))

    return read


def test_the_shipped_worldviews_are_those_the_design_names():
    assert set(loader.worldviews()) == VIEWS | {"evidence"}
    for name, each in loader.worldviews().items():
        assert each.name == name


def test_the_default_worldview_changes_nothing():
    default = loader.worldview("evidence")
    assert (default.priors, default.couplings) == ({}, {})
    assert under(registry(), default).digest() == registry().digest()


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_every_other_worldview_applies_and_changes_results(name):
    assert under(registry(), loader.worldview(name)).digest() != registry().digest()


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_every_change_says_why_and_what_it_cites(name):
    each = loader.worldview(name)
    assert each.evidence
    for key, change in (each.priors | each.couplings).items():
        assert change.why, key
    # A view with nothing but judgement in it would be an opinion.
    cited = [change for change in each.priors.values() if change.evidence]
    assert len(cited) > len(each.priors) / 2


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_a_view_names_what_stands_against_it_or_whose_it_is(name):
    assert re.search(r"Against it stand|summaries only", loader.worldview(name).rationale)


def test_every_worldview_cites_only_evidence_known_by_the_cut_off():
    assert loader.check_against_evidence() == []


def test_ids_named_in_the_text_of_worldviews_exist_and_were_known_in_time():
    texts = []
    for each in loader.worldviews().values():
        texts += [each.rationale, *(change.why or "" for change in (each.priors | each.couplings).values())]
    named = tuple(sorted(set(EVIDENCE_ID.findall(" ".join(texts)))))
    assert len(named) > 30
    assert citations.problems("text", named) == []


def test_a_late_citation_of_a_worldview_is_reported(monkeypatch, view):
    late = view("priors: {a.b: {prior: 1, evidence: [EVT-036]}}")
    monkeypatch.setattr(loader, "worldviews", lambda: {"mine": late})
    assert any(
        line.startswith("worldviews/mine.yaml: a.b: evidence EVT-036") for line in loader.check_against_evidence()
    )


def test_a_change_may_be_written_short(view):
    short = view("priors: {a.b: 0.5, c.d: {distribution: fixed, value: 1}}\ncouplings: {one_to_two: 2}")
    long = view(
        "priors: {a.b: {prior: 0.5}, c.d: {prior: {distribution: fixed, value: 1}}}\n"
        "couplings: {one_to_two: {strength: 2}}"
    )
    assert short == long
    assert short.priors["a.b"].prior == 0.5
    assert short.couplings["one_to_two"].strength == 2


@pytest.mark.parametrize(
    ("written", "multiplier"), [("off", 0), ("on", 1), ("'off'", 0), ("'on'", 1), ("0", 0), ("1.5", 1.5), ("1e1", 10)]
)
def test_a_coupling_is_off_on_or_multiplied(view, written, multiplier):
    assert view(f"priors: {{}}\ncouplings: {{one_to_two: {written}}}").couplings["one_to_two"].strength == multiplier


def test_a_coupling_switched_off_has_no_strength_in_any_future(small, view):
    changed = under(small, view("priors: {}\ncouplings: {one_to_two: off}"))
    assert changed.get("couplings.one_to_two").prior == Fixed(value=0.0)
    assert changed.get("couplings.two_to_one") == small.get("couplings.two_to_one")


def test_a_coupling_left_on_keeps_its_prior_and_its_evidence(small, view):
    assert under(small, view("priors: {}\ncouplings: {one_to_two: on}")) == small


def test_a_multiplied_coupling_has_a_scaled_prior_with_the_reasons_of_the_view(small, view):
    body = "priors: {}\ncouplings: {one_to_two: {strength: 0.5, evidence: [EVT-002], why: Half.}}"
    changed = under(small, view(body)).get("couplings.one_to_two")
    assert changed.prior == Lognormal(p05=0.05, p95=0.2)
    assert changed.evidence == ("EVT-002",)
    assert changed.why == "Set by worldview mine: 0.5 times what the evidence gives. Half."


def test_a_changed_prior_has_the_reasons_of_the_view(small, view):
    prior = "{distribution: uniform, low: 0, high: 1}"
    body = f"priors: {{couplings.one_to_two: {{prior: {prior}, evidence: [EVT-002], why: A.}}}}"
    changed = under(small, view(body)).get("couplings.one_to_two")
    assert changed.prior == Uniform(low=0, high=1)
    assert (changed.evidence, changed.why) == (("EVT-002",), "Set by worldview mine: A.")
    plain = under(small, view("priors: {couplings.one_to_two: 1}")).get("couplings.one_to_two")
    assert (plain.evidence, plain.why) == ((), "Set by worldview mine.")


def test_couplings_are_the_parameters_of_their_file(small):
    assert couplings(small) == ("one_to_two", "two_to_one")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "priors: this field is missing"),
        ("priors: [a]", "priors: found ['a']; accepted: a mapping"),
        ("priors: {}\ncouplings: {one_to_two: maybe}", "found 'maybe'; accepted: on, off, or a number from 0 up"),
        ("priors: {}\ncouplings: {one_to_two: -1}", "found -1; accepted: on, off, or a number from 0 up"),
        (
            "priors: {}\ncouplings: {one_to_two: .inf}",
            "couplings.one_to_two.strength: found inf; accepted: a finite number",
        ),
        ("priors: {}\ncouplings: {one_to_two: [1]}", "couplings.one_to_two.strength: found [1]; accepted: number"),
        ("priors: {}\ncouplings: {one_to_two: {strenght: 1}}", "unknown field 'strenght': did you mean 'strength'"),
        ("priors: {}\ncouplings: {one_to_two: {why: A.}}", "couplings.one_to_two.strength: this field is missing"),
        ("priors: {a.b: {prior: 1, wy: A.}}", "unknown field 'wy': did you mean 'why'"),
        (
            "priors: {couplings.one_to_two: 1}\ncouplings: {one_to_two: off}",
            "both couplings: one_to_two and priors: couplings.one_to_two are given; accepted: one of them",
        ),
    ],
)
def test_a_mistake_in_a_worldview_file_is_told_with_its_file_and_field(view, body, message):
    with pytest.raises(InputError) as caught:
        view(body)
    assert "mine.yaml: " in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", ["name", "label", "description", "rationale", "evidence"])
def test_every_field_of_a_worldview_is_required(view, field):
    head = "".join(line + "\n" for line in HEAD.splitlines() if not line.startswith(field))
    with pytest.raises(InputError, match=f"{field}: this field is missing"):
        view("priors: {}", head)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "priors: {couplings.one_to_tow: 1}",
            "worldview mine: unknown parameter 'couplings.one_to_tow': did you mean 'couplings.one_to_two'",
        ),
        (
            "priors: {}\ncouplings: {one_to_tow: 1}",
            "worldview mine: couplings: unknown coupling 'one_to_tow': did you mean 'one_to_two'",
        ),
        (
            "priors: {}\ncouplings: {two_to_one: 2}",
            "worldview mine: couplings: two_to_one: factor 2 takes p95 0.8 to 1 or more; accepted: factors under 1.25",
        ),
        (
            "priors: {couplings.one_to_two: {distribution: uniform, low: 1, high: 0}}",
            "worldview mine: couplings.one_to_two: prior.uniform: low 1 and high 0 do not rise",
        ),
        ("priors: {couplings.one_to_two: off}", "worldview mine: couplings.one_to_two: prior: found False"),
    ],
)
def test_what_does_not_fit_the_parameters_is_told_when_the_view_is_applied(small, view, body, message):
    with pytest.raises(InputError) as caught:
        under(small, view(body))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)

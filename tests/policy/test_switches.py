"""Couplings switched on the command line: what is read, and what is refused with the nearest name."""

import pytest

from fourfronts.errors import InputError
from fourfronts.inference.parameters import registry
from fourfronts.inference.priors import Fixed, scaled
from fourfronts.inference.worldviews import couplings, under
from fourfronts.model.couplings import Parameters
from fourfronts.policy.loader import worldview
from fourfronts.policy.switches import parse_switch, parse_switches, written


@pytest.mark.parametrize(
    ("value", "multiplier"), [("off", 0.0), ("on", 1.0), ("0", 0.0), ("2", 2.0), ("1e-3", 0.001), (" 0.5 ", 0.5)]
)
def test_a_coupling_is_off_on_or_multiplied(value, multiplier):
    assert parse_switch(f"lead_to_talent={value}") == ("lead_to_talent", multiplier)


def test_what_is_written_is_read_again():
    texts = ["lead_to_talent=off", "norms_to_distribution=2.5", "lead_to_safety=on"]
    assert written(parse_switches(texts)) == texts


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["lead_to_talent"], "has no '='; accepted: NAME=VALUE"),
        (["lead_to_talnet=off"], "unknown coupling 'lead_to_talnet': did you mean 'lead_to_talent'"),
        (["=off"], "unknown coupling ''"),
        (["lead_to_talent=maybe"], "found 'maybe'; accepted: off, on, or a number from 0 up"),
        (["lead_to_talent=-1"], "found '-1'"),
        (["lead_to_talent=nan"], "found 'nan'"),
        (["lead_to_talent=inf"], "found 'inf'"),
        (["lead_to_talent="], "found ''"),
        (["lead_to_talent=off", "lead_to_talent=on"], "coupling lead_to_talent is given twice"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_is_accepted(texts, words):
    with pytest.raises(InputError) as caught:
        parse_switches(texts)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_coupling_of_the_model_can_be_switched():
    assert set(Parameters._fields) == set(couplings(registry()))
    off = under(registry(), worldview("evidence"), dict.fromkeys(Parameters._fields, 0.0))
    assert all(off.get(f"couplings.{name}").prior == Fixed(value=0.0) for name in Parameters._fields)


def test_a_switch_takes_the_place_of_the_views_multiplier_and_scales_its_prior():
    halved, paper = worldview("open-diffusion"), worldview("paper")
    assert halved.couplings["compute_to_distribution"].strength == 0.5
    key = "couplings.compute_to_distribution"
    assert under(registry(), halved, {"compute_to_distribution": 1.0}).get(key) == registry().get(key)
    key = "couplings.lead_to_talent"
    assert key in paper.priors
    seen = under(registry(), paper).get(key).prior
    assert under(registry(), paper, {"lead_to_talent": 2.0}).get(key).prior == scaled(seen, 2.0)


def test_a_multiplier_that_makes_a_share_more_than_one_is_refused():
    with pytest.raises(InputError, match=r"coupling: lead_to_safety: factor 9 takes p95"):
        under(registry(), worldview("evidence"), {"lead_to_safety": 9.0})

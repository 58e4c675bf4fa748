"""Units: the registry has what the evidence needs, converts it rightly and refuses the rest by name."""

import math
import subprocess
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fourfronts.errors import InputError
from fourfronts.evidence import units

names = st.sampled_from(units.NAMES)
values = st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) > 1e-9)
SAME_DIMENSION = [
    ("second", "s", "minute", "hour", "day", "week", "month", "quarter", "year"),
    ("TPP", "TOPS", "H100e", "B300e"),
    ("TB/second", "GB/s", "H100_bandwidth"),
    (
        "share",
        "percent",
        "percentage_point",
        "probability",
        "ratio",
        "fold",
        "count",
        "million",
        "dimensionless",
    ),
    ("W", "kW", "MW", "GW", "kWh/hour", "TWh/year"),
    ("USD", "billion USD", "trillion USD"),
    ("USD/(million token)", "USD/token"),
    ("1/year", "1/month", "percent/year", "percentage_point/quarter"),
]
pairs = st.sampled_from(SAME_DIMENSION).flatmap(lambda group: st.tuples(st.sampled_from(group), st.sampled_from(group)))


@pytest.mark.parametrize(
    ("value", "from_unit", "to_unit", "expected"),
    [
        (1, "H100e", "TPP", 15_832),
        (1, "H100e", "TOPS", 1_979),
        (1, "B300e", "H100e", 5_000 / 1_979),
        (3.35, "TB/s", "H100_bandwidth", 1),
        (2, "years", "months", 24),
        (1, "quarter", "month", 3),
        (1, "year", "day", 365.25),
        (50, "percent", "share", 0.5),
        (12, "1/year", "1/month", 1),
        (3, "USD/(million token)", "USD/(billion token)", 3_000),
        (8.76, "TWh/year", "GW", 8.76e12 / 365.25 / 24 / 1e9),
        (0.105, "trillion USD", "billion USD", 105),
        (45_000, "wafer/month", "wafers/year", 540_000),
    ],
)
def test_conversions_worked_out_by_hand(value, from_unit, to_unit, expected):
    assert units.convert(value, from_unit, to_unit) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", units.NAMES)
def test_every_name_of_the_registry_is_a_unit(name):
    assert units.convert(2.0, name, name) == 2.0


@given(pairs, values)
def test_there_and_back_again_is_the_same_value(pair, value):
    there = units.convert(value, *pair)
    assert units.convert(there, *reversed(pair)) == pytest.approx(value, rel=1e-12, abs=0)


@given(st.sampled_from(SAME_DIMENSION).flatmap(lambda group: st.tuples(*[st.sampled_from(group)] * 3)))
def test_a_detour_changes_nothing(three):
    first, second, third = three
    direct = units.factor(first, third)
    assert math.isclose(units.factor(first, second) * units.factor(second, third), direct, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("from_unit", "to_unit"),
    [
        ("RMB", "USD"),
        ("USD_2023", "USD"),
        ("FLOP", "H100e month"),
        ("fold_per_year", "1/year"),
        ("fold_per_year", "fold"),
        ("calendar_year", "year"),
        ("H100e", "H100_bandwidth"),
        ("AECI", "ECI"),
        ("chip", "die"),
        ("month", "percent"),
    ],
)
def test_what_needs_an_assumption_does_not_convert_silently(from_unit, to_unit):
    with pytest.raises(InputError, match="does not convert") as caught:
        units.convert(1.0, from_unit, to_unit)
    assert repr(from_unit) in str(caught.value)
    assert repr(to_unit) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "wrong", "near"),
    [
        ("H100", "H100", "H100e"),
        ("H1O0e/year", "H1O0e", "H100e"),
        ("billion usd", "usd", "USD"),
        ("pecent", "pecent", "percent"),
        ("USD per token", "per", "percent"),
    ],
)
def test_an_unknown_unit_is_named_with_its_neighbours(text, wrong, near):
    with pytest.raises(InputError) as caught:
        units.parse(text)
    assert f"unknown unit {wrong!r}" in str(caught.value)
    assert repr(near) in str(caught.value)
    assert "accepted: " in str(caught.value)


@pytest.mark.parametrize("text", ["", " ", "%", "3 month", "month**", "(month", "month)", "1", "month//year", "month "])
def test_what_is_no_unit_says_what_is_accepted(text):
    with pytest.raises(InputError, match="accepted: names joined by") as caught:
        units.parse(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("text", ["kUSD", "kilomonth", "meter", "delta_month", "pi", "speed_of_light"])
def test_no_prefix_and_no_constant_slips_in(text):
    with pytest.raises(InputError):
        units.parse(text)


def _expression(parts):
    return st.tuples(parts, st.sampled_from([" ", "*", "/", " / ", " * "]), parts).map("".join)


parts = names | names.map("{}s".format) | names.map("{}**2".format) | names.map("{}**-1".format)
expressions = st.recursive(parts, lambda inner: _expression(inner) | inner.map("({})".format), max_leaves=5)


@given(expressions | expressions.map("1/{}".format) | st.text("1/* ()-.monthyearUSD", max_size=14))
def test_the_quick_check_and_pint_agree(text):
    try:
        units.check(text)
    except InputError:
        with pytest.raises(InputError):
            units.parse(text)
    else:
        assert units.convert(1.0, text, text) == 1.0


@given(names, names)
def test_dimensions_decide_what_converts(one, other):
    same = units.parse(one).dimensionality == units.parse(other).dimensionality
    assume(one != other)
    if same:
        assert units.factor(one, other) > 0
    else:
        with pytest.raises(InputError, match="does not convert"):
            units.factor(one, other)


def test_checking_a_unit_and_loading_the_evidence_need_no_pint():
    script = """
import sys
from fourfronts.evidence import load, units
load()
units.check("billion USD/year")
heavy = {"pint", "numpy", "pandas"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", script], check=True)

"""Numbers as people read them say neither more nor other than what was computed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.report.headline import Range
from fourfronts.report.style import shown
from fourfronts.report.wording import exact, listed, month, number, share, signed, span


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00"),
        (-0.001, "0.00"),
        (0.349, "0.35"),
        (0.994, "0.99"),
        (0.996, "1.0"),
        (9.94, "9.9"),
        (9.96, "10"),
        (23.5, "24"),
        (-4.84, "−4.8"),
        (1954.2, "1,954"),
    ],
)
def test_a_number_has_about_two_digits(value, text):
    assert number(value) == text


@given(st.floats(-1e9, 1e9))
def test_a_number_is_close_to_what_it_stands_for(value):
    read = float(number(value).replace("−", "-").replace(",", ""))
    assert math.isclose(read, value, rel_tol=0.051, abs_tol=0.0051)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.025, "0.025"), (3.0, "3"), (2368.0, "2368"), (21000.0, "21,000"), (1e6, "1 million"), (11.3e6, "11.3 million")],
)
def test_an_assumption_is_written_as_exactly_as_it_was_given(value, text):
    assert exact(value) == text


@given(st.floats(-1e6, 1e6))
def test_a_difference_shows_its_sign_unless_it_rounds_to_nothing(value):
    text = signed(value)
    assert text[0] == ("+" if value > 0 else "−") if number(abs(value)) != "0.00" else text == "0.00"


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0%"), (0.004, "under 1%"), (0.01, "1%"), (0.43, "43%"), (0.997, "over 99%"), (1, "100%")]
)
def test_a_share_is_certain_only_where_every_future_agrees(value, text):
    assert share(value) == text


def test_ranges_months_and_lists():
    assert span(Range(-1.25, 3.0, 12.6)) == "−1.2 to 13"
    assert month("2028-12") == "December 2028"
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(("value", "text"), [(99.94, "99.9"), (99.96, "100"), (12.04, "12.0"), (1953.6, "1,954")])
def test_a_number_in_a_figure_never_gains_a_digit_by_rounding(value, text):
    assert shown(value) == text

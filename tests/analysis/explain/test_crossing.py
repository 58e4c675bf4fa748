"""Crossings of functions that are known: the nearest one, from both sides of it, and nothing where there is none."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.analysis.explain.threshold.crossing import Line, Span, frontier, nearest


def counted(function):
    asked = []

    def known(place):
        asked.append(place)
        return function(place)

    return known, asked


@pytest.mark.parametrize(
    ("function", "span", "line", "level"),
    [
        (lambda x: 10 - 2 * x, Span(0, 10, 1), Line(4, below=True), 3),
        (lambda x: 10 - 2 * x, Span(0, 10, 4), Line(4, below=False), 3),
        (math.exp, Span(-5, 5, 0), Line(10, below=False), math.log(10)),
        # Down and up again: from 0 it crosses 3 where it falls, at 1, and from 10 where it rises, at 5.
        (lambda x: (x - 3) ** 2 - 1, Span(0, 10, 0), Line(3, below=True), 1),
        (lambda x: (x - 3) ** 2 - 1, Span(0, 10, 10), Line(3, below=True), 5),
        # Both sides lead across: the nearer is taken.
        (lambda x: abs(x - 4), Span(0, 10, 4), Line(2, below=False), 6),
        (lambda x: x**2 if x > 0 else 3 * abs(x), Span(-10, 10, 0), Line(3, below=False), -1),
    ],
)
def test_the_nearest_crossing_is_found_and_verified_on_both_sides(function, span, line, level):
    found = nearest(function, span, line)
    assert found.level == pytest.approx(level, abs=span.fineness)
    assert line.crossed(function(found.level))
    assert not line.crossed(function(found.before))
    assert abs(found.level - found.before) <= span.fineness
    assert abs(found.before - span.present) < abs(found.level - span.present)
    assert (found.value, found.value_before) == (function(found.level), function(found.before))


def test_a_function_that_turns_back_is_told():
    assert nearest(lambda x: (x - 3) ** 2 - 1, Span(0, 10, 0), Line(3, below=True)).again
    assert not nearest(lambda x: 10 - 2 * x, Span(0, 10, 1), Line(4, below=True)).again


def test_a_count_that_jumps_is_pinned_down_to_the_jump():
    found = nearest(lambda x: 0.2 if x < math.pi else 0.6, Span(0, 10, 0), Line(0.4, below=False))
    assert found.before < math.pi <= found.level
    assert (found.value_before, found.value) == (0.2, 0.6)
    assert found.level - found.before <= 0.01


def test_out_of_reach_says_how_far_and_where():
    found = nearest(lambda x: 10 - x, Span(0, 5, 1), Line(4, below=True))
    assert found.level is None
    assert found.before is None
    assert math.isnan(found.value)
    assert found.best == (5, 5)
    assert found.moves


def test_a_function_that_stands_still_is_told():
    assert not nearest(lambda x: 10 + 1e-5 * x, Span(0, 5, 1), Line(4, below=True)).moves
    assert nearest(lambda x: 10 + 0.1 * x, Span(0, 5, 1), Line(4, below=True)).moves


def test_a_place_that_is_across_by_itself_is_no_change():
    # As when a lever that answers others is held where it stands.
    found = nearest(lambda x: 3 + x, Span(0, 5, 0), Line(4, below=True), now=6.0)
    assert (found.level, found.before, found.value) == (0, None, 3)


def test_a_good_guess_saves_runs_and_a_bad_one_does_no_harm():
    plain, many = counted(lambda x: math.exp(-x))
    guessed, few = counted(lambda x: math.exp(-x))
    without = nearest(plain, Span(0, 10, 0), Line(0.3, below=True))
    nearest(guessed, Span(0, 10, 0, guess=-math.log(0.3) + 1e-4), Line(0.3, below=True))
    assert len(few) < len(many)
    wild = nearest(lambda x: math.exp(-x), Span(0, 10, 0, guess=1e9), Line(0.3, below=True))
    assert wild.level == without.level


def test_no_place_is_asked_for_twice():
    known, asked = counted(lambda x: 10 - 2 * x)
    nearest(known, Span(0, 10, 1), Line(4, below=True))
    assert len(asked) == len(set(asked))


def test_places_without_a_value_are_not_across():
    found = nearest(lambda x: math.nan if x > 6 else 10 - 2 * x, Span(0, 10, 1), Line(4, below=True))
    assert found.level == pytest.approx(3, abs=0.01)
    nowhere = nearest(lambda x: math.nan if x > 2 else 10 - x, Span(0, 10, 1), Line(4, below=True))
    assert nowhere.level is None
    assert nowhere.best[1] == 9


@given(
    steep=st.floats(0.01, 100),
    bend=st.floats(0, 5),
    root=st.floats(-4.9, 4.9),
    up=st.booleans(),
    present=st.floats(-5, 5),
)
def test_a_crossing_of_any_rising_or_falling_function_lies_between_its_two_places(steep, bend, root, up, present):
    def function(place):
        moved = place - root
        return (1 if up else -1) * (steep * moved + bend * moved**3)

    line = Line(0.0, below=function(present) > 0)
    span = Span(-5, 5, present)
    found = nearest(function, span, line)
    if line.crossed(function(present)):
        assert found.level == present
        return
    assert line.crossed(found.value)
    assert not line.crossed(found.value_before)
    assert min(found.before, found.level) <= root <= max(found.before, found.level)
    assert abs(found.level - found.before) <= span.fineness * 1.0001


def test_the_frontier_of_two_is_the_line_that_is_known():
    found = frontier(lambda x, y: 10 - x - 2 * y, Span(0, 4, 1), Span(0, 4, 0), Line(4, below=True))
    assert [level for level, _ in found] == pytest.approx([0, 2 / 3, 1, 4 / 3, 2, 8 / 3, 10 / 3, 4])
    for level, crossing in found:
        assert crossing.level == pytest.approx((6 - level) / 2, abs=0.004)

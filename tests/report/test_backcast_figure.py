"""Back-cast figures: every series has a panel that states its error, and no word lies over another."""

import re
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from fourfronts.analysis.backcast import Point, Series, backcast
from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.evidence.loader import load
from fourfronts.inference.parameters import registry
from fourfronts.inference.published import published
from fourfronts.policy.grid import NOW, Month
from fourfronts.report import backcast_figure as module
from fourfronts.report.backcast_figure import PLATES, backcast_figures, error_words, plates, use_words
from fourfronts.report.drawing import house_style
from fourfronts.report.style import DOTS_PER_INCH


def words(figure):
    """Every text of a drawn figure with its box, in pixels."""
    figure.dpi = DOTS_PER_INCH
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    hidden = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                # A tick outside its axis is in the figure and is not drawn, nor is the label on the other side.
                hidden |= {tick.label2} if low - 1e-9 <= tick.get_loc() <= high + 1e-9 else {tick.label1, tick.label2}
    found = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [(text.get_text(), text.get_window_extent(canvas.get_renderer())) for text in found if text not in hidden]


@pytest.fixture(scope="module")
def series():
    """A small run that ends where the back-cast does."""
    options = {"draws": 96, "seed": 1, "driver": "numpy", "horizon": Month(2026, 6), "parameters": registry()}
    return backcast(run_ensemble(["drift"], **options)["drift"], registry(), 1)


@pytest.fixture(scope="module")
def sheets(series):
    with house_style():
        yield [(plate, words(plate.sheet.figure)) for plate in plates(series, load(), "stamp")]


def _series(name, *points):
    return Series(name, published()[name], points, ("2026-05",), np.ones((5, 1)))


def _point(value, median, bound="", *, used=False):
    return Point(("ADO-0001",), NOW, NOW, value, bound, used, 0.9 * median, median, 1.1 * median)


def test_every_series_has_a_panel_with_its_error_and_whether_it_is_a_test(series, sheets):
    found = [text for _, texts in sheets for text, _ in texts]
    assert [plate.name for plate, _ in sheets] == list(PLATES)
    assert sum(len(plate.sheet.figure.axes) for plate, _ in sheets) == len(published()) == len(series)
    for each in series:
        assert each.about.label in found
        assert error_words(each) in found
        assert use_words(each) in found


def test_no_word_lies_over_another_or_leaves_the_sheet(sheets):
    for plate, found in sheets:
        box = plate.sheet.figure.bbox
        outside = [
            text
            for text, place in found
            if place.x0 < -1 or place.y0 < -1 or place.x1 > box.x1 + 1 or place.y1 > box.y1 + 1
        ]
        assert outside == []
        over = [
            (one, other)
            for (one, first), (other, second) in combinations(found, 2)
            if min(first.x1, second.x1) - max(first.x0, second.x0) > 2
            and min(first.y1, second.y1) - max(first.y0, second.y0) > 4
        ]
        assert over == []


def test_every_figure_is_drawn_on_top_of_the_fan_where_it_belongs(series, sheets):
    panels = {axes.texts[-3].get_text(): axes for plate, _ in sheets for axes in plate.sheet.figure.axes}
    for each in series:
        axes = panels[each.about.label]
        marks = [line for line in axes.lines if line.get_marker() in "o^v" and len(line.get_xdata())]
        assert [float(mark.get_ydata()[0]) for mark in marks] == [point.value for point in each.points]
        low, high = axes.get_ylim()
        assert all(low <= point.value <= high for point in each.points)
        for mark, point in zip(marks, each.points, strict=True):
            middle = (point.first.decimal_year + point.last.decimal_year + 1 / 12) / 2
            assert mark.get_xdata()[0] == pytest.approx(middle)
            assert mark.get_markerfacecolor() == (module.PAPER if point.in_sample else module.INK)


def test_the_fan_breaks_where_the_wording_changed(series, sheets):
    panels = [axes for plate, _ in sheets for axes in plate.sheet.figure.axes]
    (panel,) = [axes for axes in panels if any("wording" in text.get_text() for text in axes.texts)]
    census = next(each for each in series if each.name == "us_firms_census")
    medians = [line for line in panel.lines if len(line.get_xdata()) > 2]
    assert len(medians) == 2
    assert medians[0].get_xdata()[-1] < Month(2025, 12).decimal_year < medians[1].get_xdata()[0]
    assert sum(len(line.get_xdata()) for line in medians) == len(census.months)


def test_each_sheet_says_what_is_drawn_and_from_where(sheets):
    for _, found in sheets:
        text = " ".join(" ".join(text.split()) for text, _ in found)
        assert "median" in text
        assert "5th" in text
        assert "is no test of the model" in text
        assert "in-sample" in text
        assert "stamp" in text
        assert re.search(r"Published figures: \d+ rows of \w+-\d+( to|,)", text)


def test_errors_in_words():
    assert error_words(_series("eu_users_official", _point(20.0, 22.0), _point(20.0, 30.0))) == (
        "off by 6.0 points; 1 of 2 inside"
    )
    assert error_words(_series("allied_capital", _point(100.0, 150.0))) == "off 1.5-fold; 0 of 1 inside"
    assert error_words(_series("allied_revenue", _point(1.0, 9.0, "at_least"))) == "lower bounds; 1 of 1 kept"
    assert error_words(_series("allied_fixes", _point(9.0, 1.0, "at_most"))) == "upper bounds; 1 of 1 kept"


def test_use_in_words():
    used, new = _point(20.0, 22.0, used=True), _point(20.0, 25.0)
    assert use_words(_series("eu_users_official", used)) == "in-sample: a prior rests on each"
    assert use_words(_series("eu_users_official", new)) == "out of sample: no prior rests on any"
    assert use_words(_series("eu_users_official", used, new)) == "in-sample 1 of 2; others off by 5.0 points"


def test_the_words_beside_a_figure_hold_its_errors(series, sheets):
    for (plate, _), (_, fronts) in zip(sheets, PLATES.values(), strict=True):
        for each in series:
            assert (f"{each.about.label}: {error_words(each)}" in plate.alt) is (each.about.front in fronts)


def test_every_front_of_the_file_has_a_sheet():
    assert {each.front for each in published().values()} == {front for _, fronts in PLATES.values() for front in fronts}


def test_the_same_series_give_the_same_bytes(series):
    few = [each for each in series if each.about.front == "safety"]
    first, second = (backcast_figures(few, load(), "stamp") for _ in range(2))
    assert [each.name for each in first] == ["backcast_fronts"]
    assert first[0].svg == second[0].svg
    assert first[0].png == second[0].png
    assert first[0].png.startswith(b"\x89PNG")


def test_a_figure_far_beyond_the_fan_stays_in_its_panel(series):
    (each,) = [each for each in series if each.name == "prc_visits"]
    far = replace(each, points=(replace(each.points[0], value=60.0),))
    with house_style():
        (plate,) = plates([far], load(), "stamp")
    assert plate.sheet.figure.axes[0].get_ylim()[1] > 60

"""Figures: the same bytes every time, words that do not lie over one another, published figures where they belong."""

import io
import re
from datetime import date
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fourfronts.errors import InputError
from fourfronts.policy.grid import Month
from fourfronts.policy.loader import Change, Package
from fourfronts.report import figures as module
from fourfronts.report.drawing import house_style
from fourfronts.report.fans import NOW_LINE, Bands, bands, day_time, log_axis, percentiles, round_ticks
from fourfronts.report.published import another_gap, blend, cited, gap_points, methods, ratio_points, scored_models
from fourfronts.report.scenario_figure import scenario_bars
from fourfronts.report.scoreboard_figure import scoreboard_over_time
from fourfronts.report.style import DOTS_PER_INCH, PACKAGE_COLOURS, PAST, WIDTH, package_colours, spread
from fourfronts.report.wording import share

NAMES = [
    "scenarios",
    "scoreboard",
    "lead_fan",
    "compute_ratio",
    "prc_compute",
    "capability",
    "adoption",
    "distribution",
]
SHARES = {"scenarios", "scoreboard"}
"""Figures of shares of futures, which are no distribution and have no median."""


def words(figure):
    """Every text of a drawn figure with its box, in pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    figure.dpi = DOTS_PER_INCH
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    found = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    # A tick outside its axis is in the figure and is not drawn.
    hidden = {
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        for label in (tick.label1, tick.label2)
        if not _drawn(axis, tick, label)
    }
    return [(text.get_text(), text.get_window_extent(renderer)) for text in found if text not in hidden]


def _drawn(axis, tick, label):
    low, high = sorted(axis.get_view_interval())
    shown = axis.get_tick_params().get("labelleft" if axis.axis_name == "y" else "labelbottom", True)
    return label is tick.label1 and shown and low - 1e-9 <= tick.get_loc() <= high + 1e-9


@pytest.fixture(scope="module", params=[("four", None), ("one", ["hold"]), ("many", True)], ids=lambda each: each[0])
def sheets(request, a_run, run_of):
    many = ["drift", "hold", "close_loopholes", "defend_models", "champion_exports", "remote_access_rule"]
    chosen = many if request.param[1] is True else request.param[1]
    made = run_of(chosen) if chosen else a_run
    with house_style():
        plates = {
            plate.name: plate for plate in (draw(made.ensembles, made.evidence, "stamp") for draw in module.FIGURES)
        }
        yield {name: (plate, words(plate.sheet.figure)) for name, plate in plates.items()}


@pytest.mark.parametrize("name", NAMES)
def test_no_word_lies_over_another_or_leaves_the_sheet(sheets, name):
    plate, found = sheets[name]
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


@pytest.mark.parametrize("name", NAMES)
def test_each_figure_says_its_unit_its_statistic_its_source_and_its_run(sheets, name):
    _, found = sheets[name]
    text = " ".join(" ".join(text.split()) for text, _ in found)
    if name in SHARES:
        assert re.search(r"[Ss]hare of (simulated )?futures", text)
        assert "in percent" in text
        assert "100%" in text
    else:
        assert "median" in text
        assert "5th" in text
    assert "stamp" in text
    assert re.search(r"months|allied : PRC|million H100e|ECI points|percent of (GDP|the work)|in percent", text)
    assert re.search(r"(LAG|RATIO|CHIP|MODEL|ADO|DIS|GAP)-\d+", text)


def test_the_words_beside_a_figure_hold_its_numbers(a_run, sheets):
    plate, _ = sheets["lead_fan"]
    if "drift" in plate.alt.lower():
        low, median, high = bands(a_run.ensembles["drift"], "lead_months", "released").last
        assert f"Drift {median:.1f} ({low:.1f} to {high:.1f})" in plate.alt


def test_bars_and_their_words_are_the_probabilities_of_the_summary(a_run, sheets):
    plate, found = sheets["scenarios"]
    texts = [text for text, _ in found]
    for package in a_run.summary["packages"].values():
        if package["label"] not in texts or package["label"] not in ("Drift", "Hold"):
            continue
        chances = {name: share(each["probability"]) for name, each in package["scenarios"].items()}
        told = f"{package['label']} commanding lead {chances['commanding-lead']}, neck and neck"
        assert f"{told} {chances['neck-and-neck']}, contested {chances['contested']}" in plate.alt
        assert set(chances.values()) <= set(texts)
    (axes,) = plate.sheet.figure.axes
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert ends[2::3] == pytest.approx([100] * (len(ends) // 3))


def test_a_run_that_ends_before_the_scenarios_has_no_bars(run_of):
    made = run_of(["drift"], horizon=Month(2027, 3))
    with house_style():
        assert scenario_bars(made.ensembles, made.evidence, "stamp") is None


def test_the_scoreboard_ends_at_the_shares_of_the_summary(a_run):
    with house_style():
        plate = scoreboard_over_time(a_run.ensembles, a_run.evidence, "stamp")
    for panel, board in zip(
        plate.sheet.figure.axes, a_run.summary["packages"]["hold"]["scoreboard"].values(), strict=True
    ):
        line = next(line for line in panel.lines if line.get_color() == PACKAGE_COLOURS["hold"])
        assert line.get_ydata()[-1] == pytest.approx(100 * board["allied"]["2028-12"], abs=1e-3)
        assert f"{board['label']} Drift" in plate.alt


def test_packages_that_change_the_past_have_lines_of_their_own_there(run_of):
    change = {"chip_export_ceiling": Change(level=1e6, start="2022-01")}
    made = run_of(["drift", Package(name="mine", label="Mine", description="x", levers=change)])
    with house_style():
        plate = scoreboard_over_time(made.ensembles, made.evidence, "stamp")
    # The past is grey only where it is everybody's: who is most resilient the change leaves as it was.
    _, _, distribution, resilience = plate.sheet.figure.axes
    assert PAST in {line.get_color() for line in resilience.lines}
    assert PAST not in {line.get_color() for line in distribution.lines}


@pytest.mark.parametrize("front", ["adoption", "distribution"])
def test_shares_of_a_front_are_drawn_in_percent_and_start_at_nought(a_run, sheets, front):
    plate, _ = sheets[front]
    output = {"adoption": "adoption", "distribution": "distribution_share"}[front]
    assert all(axes.get_ylim()[0] == 0 for axes in plate.sheet.figure.axes)
    if "Drift" in plate.alt:
        low, median, high = (100 * each for each in bands(a_run.ensembles["drift"], output, "prc").last)
        assert f"PRC {median:.1f} ({low:.1f} to {high:.1f})" in plate.alt


def test_the_same_run_gives_the_same_bytes(a_run, results):
    drawings = module.figures(a_run.ensembles, a_run.evidence, _stamp(a_run))
    assert [drawing.name for drawing in drawings] == NAMES
    for drawing in drawings:
        assert (results / "figures" / f"{drawing.name}.svg").read_bytes() == drawing.svg
        assert (results / "figures" / f"{drawing.name}.png").read_bytes() == drawing.png


def _stamp(a_run):
    from fourfronts.report.results import stamp

    return stamp(a_run.summary)


def test_a_users_own_style_and_dollar_signs_change_nothing(a_run, monkeypatch):
    import matplotlib as mpl

    monkeypatch.setattr(module, "FIGURES", (module.capability,))
    with mpl.rc_context({"font.size": 30, "axes.grid": False, "svg.fonttype": "none"}):
        styled = module.figures(a_run.ensembles, a_run.evidence, "price $x^ a$")
        after = mpl.rcParams["font.size"]
    assert after == 30
    assert styled == module.figures(a_run.ensembles, a_run.evidence, "price $x^ a$")


@pytest.mark.parametrize("name", NAMES)
def test_files_are_what_they_say_and_carry_no_date(results, name):
    svg = (results / "figures" / f"{name}.svg").read_text()
    assert svg.startswith("<?xml")
    assert "dc:date" not in svg
    png = (results / "figures" / f"{name}.png").read_bytes()
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.format == "PNG"
        assert picture.width == round(WIDTH * DOTS_PER_INCH)
    assert b"tIME" not in png


@pytest.mark.parametrize(
    "names", [["drift", "hold"], [f"package{n}" for n in range(6)], ["drift", "mine", "hold", "other"]]
)
def test_packages_are_told_apart_by_colour(names):
    colours = package_colours(names)
    assert len(set(colours.values())) == len(names)
    assert colours.get("drift", PACKAGE_COLOURS["drift"]) == PACKAGE_COLOURS["drift"]


# -- fans


def test_past_and_future_meet_at_the_last_month_of_evidence():
    months = [f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13)]
    whole = percentiles(months, np.arange(24 * 40, dtype=float).reshape(24, 40))
    past, future = whole.parts()
    assert past.times[-1] == future.times[0] == pytest.approx(2026 + 4.5 / 12)
    assert past.times[-1] < NOW_LINE < future.times[1]
    assert len(past.times) + len(future.times) == 25


def test_futures_that_are_not_finite_are_left_out_of_a_fan(a_run):
    from dataclasses import replace

    drift = a_run.ensembles["drift"]
    values = drift.monthly["lead_months"].copy()
    values[-1, 0, :5] = np.inf
    broken = replace(drift, monthly={**drift.monthly, "lead_months": values})
    rows = bands(broken, "lead_months", "released").rows
    assert np.isfinite(rows).all()
    assert rows[:, -1] == pytest.approx(np.percentile(values[-1, 0, 5:], (5, 25, 50, 75, 95)))


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8), st.floats(0.1, 50))
def test_labels_are_moved_apart_and_keep_their_order(places, gap):
    moved = spread(places, gap)
    order = np.argsort(places, kind="stable")
    steps = np.diff(np.array(moved)[order])
    assert (steps >= gap - 1e-6).all()
    assert np.mean(moved) == pytest.approx(np.mean(places), abs=1e-6)


def test_labels_with_room_stay_where_they_are():
    assert spread([10.0, 0.0, 20.0], 5) == [10.0, 0.0, 20.0]


@given(st.floats(-100, 100), st.floats(0.01, 1e6), st.integers(3, 9))
def test_ticks_are_round_lie_inside_and_are_not_too_many(low, size, count):
    ticks = round_ticks(low, low + size, count)
    assert all(low - 1e-6 * size <= tick <= low + size + 1e-6 * size for tick in ticks)
    assert 1 <= len(ticks) <= count + 1
    for one, other in pairwise(ticks):
        assert f"{other - one:e}"[0] in "125" or f"{other - one:.0e}"[0] in "125"


def test_a_logarithmic_axis_has_labels_whatever_its_reach():
    from matplotlib.figure import Figure

    for low, high in ((0.5, 3), (2.7, 54), (9, 700)):
        axes = Figure().add_subplot()
        log_axis(axes, low, high)
        assert len(axes.get_yticks()) >= 2
        assert axes.get_ylim()[0] < low < high < axes.get_ylim()[1]


# -- published figures


def test_every_row_on_the_gap_belongs_to_one_class_the_summary_or_another_gap(a_run):
    evidence = a_run.evidence
    drawn = {point.row.id for points in gap_points(evidence).values() for point in points}
    apart = {point.row.id for point in blend(evidence)} | {row.id for row in another_gap(evidence)}
    assert drawn & apart == set()
    late = {row.id for row in evidence.gaps} - drawn - apart
    # Only lags whose match came after the cut-off may be missing.
    assert all(evidence.get(each).quantity.startswith("ECI forward") for each in late)
    for row in evidence.gaps:
        fitting = [method.label for method in methods() if row.quantity.startswith(method.begins)]
        assert len(fitting) <= 1, row.quantity


def test_a_forward_lag_stands_at_the_date_of_the_match(a_run):
    points = {point.row.id: point for each in gap_points(a_run.evidence).values() for point in each}
    # GPT-4 of 2023-03-15 was matched 18.2 months later, by Qwen2.5-72B of 2024-09-19.
    assert points["LAG-012"].value == 18.2
    assert points["LAG-012"].time == pytest.approx(day_time(date(2024, 9, 19)), abs=0.01)
    assert all(point.time <= NOW_LINE for point in points.values())


def test_a_gap_by_an_unknown_method_is_an_error_that_names_its_row(a_run):
    from dataclasses import replace

    strange = replace(a_run.evidence.gaps[1], quantity="astrology")
    with pytest.raises(InputError, match=r"LAG-002.*'astrology' belongs to no class"):
        gap_points(type(a_run.evidence)((strange,)))


def test_ratios_have_a_date_and_words_of_their_own(a_run):
    from fourfronts.report.published import definitions

    points = ratio_points(a_run.evidence)
    assert {point.row.id for point in points} == set(definitions()["ratios"])
    for point in points:
        said = definitions()["ratios"][point.row.id]["words"]
        assert float(said.split()[0]) == point.value


def test_scenario_lines_are_the_thresholds_of_the_paper(a_run):
    from fourfronts.report.published import definitions

    levels = [each["level"] for each in definitions()["scenarios"]]
    assert levels[0] == a_run.evidence.get("RATIO-006").value == 11
    assert levels[1] == 6


@pytest.mark.parametrize("bloc", ["allied", "prc"])
def test_frontier_models_rise_and_no_model_is_drawn_twice(a_run, bloc):
    frontier, others = scored_models(a_run.evidence, bloc)
    scores = [row.eci for row in frontier]
    assert scores == sorted(scores)
    ids = [row.id for row in (*frontier, *others)]
    assert len(ids) == len(set(ids))
    assert max(row.eci for row in others) <= scores[-1]


def test_ids_are_shortened_to_runs(a_run):
    ids = ["LAG-002", "LAG-004", "LAG-005", "LAG-006", "LAG-008", "LAG-009", "CHIP-03"]
    assert cited(map(a_run.evidence.get, ids)) == "CHIP-03, LAG-002, LAG-004 to LAG-006, LAG-008, LAG-009"


def test_bands_since_keeps_what_is_not_before():
    whole = Bands(np.array([2024.0, 2025.0, 2026.0]), np.arange(15.0).reshape(5, 3))
    assert whole.since(2025).times.tolist() == [2025, 2026]
    assert whole.since(2025).rows.shape == (5, 2)

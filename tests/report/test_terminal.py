"""The summary on the terminal: one screen, right numbers, and no sign that a plain terminal cannot show."""

import copy

import pytest

from fourfronts.analysis.ensemble import reported_dates
from fourfronts.policy.grid import Grid, Month
from fourfronts.policy.loader import Change, Package
from fourfronts.policy.paths import parse_setting
from fourfronts.report.headline import SCREEN, find, future_dates, one_past
from fourfronts.report.terminal import BOLD, TALL, screen

WHERE = "In out: report.html, summary.json, futures.parquet, figures"


def test_a_taller_screen_shows_every_channel_and_both_ratios_too(a_run):
    lines = screen(a_run.summary, WHERE, lines=TALL).splitlines()
    assert len(lines) < TALL
    assert max(map(len, lines)) <= 80
    starts = ("memory ratio", "  domestic", "  legal", "  diverted", "  rented")
    assert all(any(line.startswith(start) for line in lines) for start in starts)


def test_the_default_run_fits_80_columns_and_24_lines(a_run):
    lines = screen(a_run.summary, WHERE).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert lines[-1] == WHERE


def test_a_million_futures_with_failures_in_every_package_fit_as_well(a_run):
    summary = copy.deepcopy(a_run.summary) | {"draws": 1_000_000, "seed": 2**32 - 1}
    for package in summary["packages"].values():
        package["failed"] = 123_456
    text = screen(summary, WHERE)
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 80
    assert text.count(" 123,456") == 4
    assert ": 1,000,000 futures," in text
    assert text.splitlines()[0].endswith(", priors only")


def test_the_first_line_says_what_futures_were_drawn_from(a_run):
    posterior = {"cutoff": "2026-05-31", "draws": 4000, "version": "0.1.0", "evidence": "0", "model": "1"}
    words_of = (
        (None, "priors only, evidence up to 2026-05-31"),
        (posterior, "calibrated on evidence up to 2026-05-31"),
    )
    for told, words in words_of:
        first = screen(a_run.summary | {"posterior": told}, WHERE).splitlines()[0]
        assert first.endswith(f", seed 1, {words}")
    many = a_run.summary | {"posterior": posterior, "draws": 1_000_000, "seed": 2**32 - 1}
    first = screen(many, WHERE).splitlines()[0]
    assert first.endswith(", seed 4294967295, calibrated to 2026-05-31")
    assert len(first) <= 80


def test_every_number_of_lead_and_compute_is_there_for_now_and_both_dates(a_run):
    text = screen(a_run.summary, WHERE)
    rows = [line for line in text.splitlines() if "Dec 27 " in line or "  Dec 28 " in line]
    assert len(rows) == 2 * len(SCREEN)
    for quantity, (first, second) in zip(SCREEN, zip(rows[::2], rows[1::2], strict=True), strict=True):
        for date, row in (("2027-12", first), ("2028-12", second)):
            for name in a_run.summary["packages"]:
                assert _cell(find(a_run.summary, name, quantity, date), quantity) in row.split()
        assert _cell(find(a_run.summary, "drift", quantity, "2026-05"), quantity) in first.split()


def test_the_four_fronts_say_how_likely_the_allies_lead_and_by_how_much(a_run):
    lines = screen(a_run.summary, WHERE).splitlines()
    for front in ("intelligence", "adoption", "distribution", "resilience"):
        (line,) = (line for line in lines if line.startswith(f"{front} "))
        for package in a_run.summary["packages"].values():
            board = package["scoreboard"][front]
            median = board["margin"]["by_date"]["2028-12"]["p50"]
            tight = f"{'-' if median < 0 else ''}{_tight(abs(median))}"
            assert f" {_percent(board['allied']['2028-12'])} {tight} " in line


def test_the_three_probabilities_of_every_package_are_there_with_their_error(a_run):
    lines = screen(a_run.summary, WHERE).splitlines()
    errors = []
    short = {"commanding-lead": "commanding", "neck-and-neck": "neck & neck", "contested": "contested"}
    for name, label in short.items():
        (line,) = (line for line in lines if line.startswith(label))
        chances = [package["scenarios"][name] for package in a_run.summary["packages"].values()]
        assert line.removeprefix(label).split() == [_percent(each["probability"]) for each in chances]
        errors += [each["standard_error"] for each in chances]
    assert any(f"standard error {100 * max(errors):.1f} points or less" in line for line in lines)


def test_a_users_own_scenario_has_a_line_of_its_own(a_run):
    summary = copy.deepcopy(a_run.summary)
    for package in summary["packages"].values():
        package["further_scenarios"] = {"a_very_long_name": {"probability": 0.995, "label": "Mine", "tests": {}}}
    lines = screen(summary, WHERE).splitlines()
    assert any(line.split() == ["a_very_long_", ">99%", ">99%", ">99%", ">99%"] for line in lines)


def test_a_run_that_ends_before_the_scenarios_says_so(run_of):
    text = screen(run_of(["drift"], horizon=Month(2027, 3)).summary, WHERE)
    assert "of December 2028, which this run does not reach" in text
    assert "commanding" not in text
    assert "Fronts, 2027-03:" in text


def test_why_futures_run_away_is_told(a_run):
    summary = copy.deepcopy(a_run.summary) | {"divergences": [{"text": "In 3 of 96 futures the model diverges."}]}
    summary["packages"]["drift"]["failed"] = 3
    assert "In 3 of 96 futures the model diverges." in screen(summary, WHERE)


def _cell(found, quantity):
    return f"{_tight(found.p50)}{'%' if quantity.unit == 'percent' else ''}"


def _percent(value):
    return "<1%" if 0 < value < 0.01 else ">99%" if 0.99 < value < 1 else f"{value:.0%}"


def _tight(value):
    text = f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.995 else f"{value:.2f}"
    return text.removeprefix("0") if value < 0.995 else text


def test_it_says_how_many_published_figures_are_met(a_run):
    met = sum(check["overlaps"] for check in a_run.summary["checks"])
    assert f"{met} of {len(a_run.summary['checks'])} published figures" in screen(a_run.summary, WHERE)


def test_it_is_plain_ascii_without_colour_and_the_same_words_with_it(a_run):
    plain, coloured = screen(a_run.summary, WHERE), screen(a_run.summary, WHERE, colour=True)
    assert plain.isascii()
    assert BOLD in coloured
    assert coloured.replace(BOLD, "").replace("\033[0m", "") == plain


def test_more_packages_than_fit_side_by_side_go_on_below(run_of):
    names = ("drift", "close_loopholes", "defend_models", "champion_exports", "remote_access_rule")
    lines = screen(run_of(names).summary, WHERE).splitlines()
    assert max(map(len, lines)) <= 80
    # Once over the numbers and once over the fronts.
    for name in names:
        assert sum(name in line.split() for line in lines if line.startswith(" ")) == 2


def test_a_package_that_changes_the_past_has_its_own_numbers_for_now(run_of):
    change = {"chip_export_ceiling": Change(level=1e6, start="2022-01")}
    other = Package(name="no_controls_ever", label="No controls ever", description="x", levers=change)
    summary = run_of(["drift", other]).summary
    assert not one_past(summary)
    text = screen(summary, WHERE)
    assert "now 2026-05" not in text
    assert sum(" 2026-05 " in line for line in text.splitlines()) == len(SCREEN)


@pytest.mark.parametrize(
    ("horizon", "dates"),
    [
        ((2028, 12), ("2027-12", "2028-12")),
        ((2026, 6), ("2026-06",)),
        ((2027, 3), ("2026-12", "2027-03")),
        ((2035, 12), ("2028-12", "2035-12")),
        ((2029, 6), ("2028-12", "2029-06")),
    ],
)
def test_the_dates_follow_the_horizon(horizon, dates):
    reported = reported_dates(Grid(horizon=Month(*horizon)))
    summary = {"packages": {"drift": {"outputs": {"lead_months": {date: {} for date in reported}}}}}
    assert future_dates(summary) == dates


def test_a_horizon_that_is_no_december_still_fits(run_of):
    summary = run_of(horizon=Month(2027, 3)).summary
    assert max(map(len, screen(summary, WHERE).splitlines())) <= 80


def test_what_was_set_on_top_is_said(run_of):
    summary = run_of(["drift"], settings=[parse_setting("remote_access_rule=0.8@2027-01")]).summary
    assert "On top of every package: remote_access_rule=0.8@2027-01." in screen(summary, WHERE)
    switched = summary | {"worldview": "takeoff", "couplings": ["lead_to_talent=off"]}
    assert "Worldview: takeoff.\nCouplings: lead_to_talent=off.\n" in screen(switched, WHERE)


def test_a_quantity_without_a_finite_value_says_so(a_run):
    summary = copy.deepcopy(a_run.summary)
    summary["packages"]["hold"]["outputs"]["lead_months"]["2028-12"]["released"] = {}
    assert "no finite" in screen(summary, WHERE)

"""The summary on the terminal: one screen, right numbers, and no sign that a plain terminal cannot show."""

import copy

import pytest

from fourfronts.analysis.ensemble import reported_dates
from fourfronts.policy.grid import Grid, Month
from fourfronts.policy.loader import Change, Package
from fourfronts.policy.paths import parse_setting
from fourfronts.report.headline import QUANTITIES, find, future_dates, one_past
from fourfronts.report.terminal import BOLD, screen

WHERE = "In out: report.html, summary.json, futures.parquet, figures"


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
    assert "of 1,000,000 futures" in text


def test_every_headline_number_is_there_for_now_and_both_dates(a_run):
    text = screen(a_run.summary, WHERE)
    rows = [line for line in text.splitlines() if "Dec 27" in line or "Dec 28" in line]
    assert len(rows) == 2 * len(QUANTITIES)
    for quantity, (first, second) in zip(QUANTITIES, zip(rows[::2], rows[1::2], strict=True), strict=True):
        for date, row in (("2027-12", first), ("2028-12", second)):
            for name in a_run.summary["packages"]:
                assert _tight(find(a_run.summary, name, quantity, date).p50) in row.split()
        assert _tight(find(a_run.summary, "drift", quantity, "2026-05").p50) in first.split()


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
    for name in names:
        assert sum(name in line.split() for line in lines if line.startswith(" ")) == 1


def test_a_package_that_changes_the_past_has_its_own_numbers_for_now(run_of):
    change = {"chip_export_ceiling": Change(level=1e6, start="2022-01")}
    other = Package(name="no_controls_ever", label="No controls ever", description="x", levers=change)
    summary = run_of(["drift", other]).summary
    assert not one_past(summary)
    text = screen(summary, WHERE)
    assert "now 2026-05" not in text
    assert sum(line.split()[-5:-4] == ["2026-05"] or " 2026-05 " in line for line in text.splitlines()) == len(
        QUANTITIES
    )


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


def test_a_quantity_without_a_finite_value_says_so(a_run):
    summary = copy.deepcopy(a_run.summary)
    summary["packages"]["hold"]["outputs"]["lead_months"]["2028-12"]["released"] = {}
    assert "no finite" in screen(summary, WHERE)

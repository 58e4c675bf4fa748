"""The views behind the main one, and what can be taken along."""

import csv
import io
import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def saved(view: "Page", button: str, exact: bool = True) -> bytes:
    with view.expect_download() as download:
        view.get_by_role("button", name=button, exact=exact).first.click()
    return Path(download.value.path()).read_bytes()


def test_settings_are_compared_side_by_side_with_what_differs(view, show):
    view.get_by_role("button", name="Save to compare").click()
    view.locator("[data-package=hold]").click()
    show(view, "Compare")
    view.locator("[data-column='1'] [data-median=released]").wait_for(state="attached")
    assert view.locator("[data-column]").count() == 2
    assert view.get_by_role("region", name="What differs").get_by_text("Remote-access rule").is_visible()


def test_settings_of_one_kind_are_saved_under_names_of_their_own(view, show):
    for _ in range(2):
        view.get_by_role("button", name="Save to compare").click()
    show(view, "Compare")
    names = [each.input_value() for each in view.get_by_label("Name", exact=True).all()]
    assert names == ["Drift", "Drift (2)"]


def test_evidence_is_found_by_word_and_grade_and_says_what_rests_on_it(view, show):
    show(view, "Evidence")
    view.get_by_label("Words").fill("ASML")
    view.get_by_label("Grade").select_option("B")
    view.get_by_role("button", name="Search").click()
    view.wait_for_function("() => (rows => rows > 0 && rows < 50)(document.querySelectorAll('.view tbody tr').length)")
    grades = set(view.locator(".view tbody td:nth-child(5)").all_inner_texts())
    assert grades == {"B"}
    view.locator(".view tbody .ids button").first.click()
    view.get_by_role("dialog").get_by_text("Parameters that use it").wait_for()


def test_a_search_is_not_overtaken_by_the_answer_to_an_earlier_one(view, show):
    held = []
    view.route("**/evidence?page=1", lambda route: held.append(route))  # noqa: PLW0108 - it needs a function
    show(view, "Evidence")
    view.get_by_label("Words").fill("ASML")
    view.get_by_role("button", name="Search").click()
    view.locator(".view tbody tr").first.wait_for()
    before = view.locator(".view form [role=status]").inner_text()
    with view.expect_response("**/evidence?page=1"):
        held[0].continue_()
    view.wait_for_timeout(500)
    assert view.locator(".view form [role=status]").inner_text() == before


def test_every_claim_opens_what_is_behind_its_verdict(view, show, patience):
    show(view, "Claims")
    view.locator("[data-claim='1']").wait_for(timeout=patience)
    claim = view.locator("[data-claim='1']")
    claim.locator("summary").click()
    assert claim.get_by_text("It holds if").is_visible()


def test_a_run_behind_a_claim_is_opened_with_the_levers_and_held_against_todays_policy(view, show, patience):
    before = view.locator("[data-lead]").inner_text()
    show(view, "Claims")
    claim = view.locator("[data-claim='7']")
    claim.wait_for(timeout=patience)
    claim.locator("summary").click()
    claim.get_by_role("button", name="Open Close the loopholes and defend the models with the levers").click()
    view.locator("[data-ghost]").first.wait_for(state="attached")
    view.wait_for_function("before => document.querySelector('[data-lead]').innerText !== before", arg=before)
    assert view.locator("#lever-remote_access_rule").get_attribute("aria-valuetext") == "0.9"
    assert view.locator(".lead").get_by_text("before:").is_visible()
    view.get_by_role("button", name="Undo").click()
    view.wait_for_function("before => document.querySelector('[data-lead]').innerText === before", arg=before)


def test_a_run_that_changes_the_past_is_named_and_has_no_button(view, show, patience):
    show(view, "Claims")
    claim = view.locator("[data-claim='4']")
    claim.wait_for(timeout=patience)
    claim.locator("summary").click()
    told = claim.locator("li", has_text="All three channels closed since 2022")
    assert told.get_by_text("which no lever here reaches").is_visible()
    assert told.get_by_role("button").count() == 0
    claim.get_by_role("button", name="Open Nothing was ever diverted or rented abroad with the levers").click()
    # A view begins at its top, where it says what is fixed.
    assert (view.get_by_text("2 assumptions fixed by you").bounding_box() or {"y": -1})["y"] > 0


def test_the_back_test_is_told_in_figures_and_bars(view, show):
    show(view, "Back-test")
    view.locator(".scroll tbody tr").first.wait_for()
    assert view.locator(".scroll tbody svg rect").count() > 10


def test_the_back_test_shows_every_forecast_of_a_chosen_day_beside_what_came(view, show):
    committed = json.loads((files("fourfronts.analysis") / "backtest.json").read_text(encoding="utf-8"))
    show(view, "Back-test")
    for cutoff in (committed["cutoffs"][0], committed["cutoffs"][-1]):
        view.locator(f"[data-cutoff='{cutoff}']").click()
        view.locator(f"[data-cutoff='{cutoff}'][aria-pressed=true]").wait_for()
        made = [each for one in committed["quantities"] for each in one["forecasts"] if each["cutoff"] == cutoff]
        hits = [each for each in made if each["percentiles"][0] <= each["value"] <= each["percentiles"][-1]]
        assert view.locator("circle.hit").count() == len(hits)
        assert view.locator("circle.miss").count() == len(made) - len(hits)
    view.get_by_text("The same as numbers").click()
    assert view.locator("details[open] tbody tr").count() == len(made)


def test_a_chart_is_taken_along_as_picture_and_as_numbers(view):
    title = view.locator("[data-chart=lead] select option:checked").inner_text()
    svg = saved(view, f"Save {title} as SVG").decode()
    assert svg.startswith("<svg")
    assert "rows of evidence" in svg
    assert "var(--" not in svg
    assert saved(view, f"Save {title} as PNG").startswith(b"\x89PNG")
    rows = list(csv.DictReader(io.StringIO(saved(view, f"Save {title} as CSV").decode())))
    assert len(rows) == 108
    assert float(rows[-1]["released_p05"]) < float(rows[-1]["released_p50"]) < float(rows[-1]["released_p95"])


def test_a_run_is_taken_along_as_data_and_as_python(view):
    view.locator("[data-package=hold]").click()
    view.get_by_role("button", name="Export", exact=True).click()
    found = json.loads(saved(view, "Settings and answer as JSON"))
    assert found["state"]["package"] == "hold"
    view.get_by_role("button", name="Python lines that reproduce this view").click()
    view.locator("dialog pre").wait_for()
    compile(view.locator("dialog pre").inner_text(), "shown", "exec")


def test_the_numbers_of_a_chart_can_be_read_as_a_table(view):
    title = view.locator("[data-chart=lead] select option:checked").inner_text()
    view.get_by_role("button", name=f"Show {title} as a table").click()
    table = view.get_by_role("region", name=title)
    assert table.get_by_role("rowheader", name="December 2028").is_visible()


def test_why_tells_what_each_lever_adds_and_how_far_it_is(view, show, patience):
    show(view, "Why")
    assert view.get_by_text("Your setting is today's policy").is_visible()
    for lever in ("remote_access_rule", "hbm_controls"):
        show(view, "Levers")
        view.locator(f"#lever-{lever}").press("Home")
        show(view, "Why")
        assert view.get_by_text("Your setting moves one lever").count() == (lever == "remote_access_rule")
    view.get_by_role("button", name="Find out why").click()
    view.locator(".view tbody tr").first.wait_for(timeout=patience)
    said = view.locator(".view tbody th").all_inner_texts()
    assert {"Close the loopholes", "Remote-access rule", "High-bandwidth-memory controls"} <= set(said)


def test_a_report_of_the_setting_is_taken_along_and_names_its_package(view):
    view.locator("[data-package=hold]").click()
    view.get_by_role("button", name="Export", exact=True).click()
    report = saved(view, "Report of this setting (HTML)").decode()
    assert report.startswith("<!doctype html")
    assert "policy packages: Drift and Hold" in report

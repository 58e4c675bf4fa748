"""What a visitor may assume besides policy: parameters, couplings, futures, ramps; marked in every view."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

TALENT = "[data-coupling='lead_to_talent']"


@pytest.fixture
def assumptions(view, show) -> "Page":
    """The view, once its parameters are there."""
    show(view, "Assumptions")
    view.locator("[data-parameter]").first.wait_for()
    return view


def medians(page: "Page") -> str | None:
    return page.locator("[data-median=released]").get_attribute("d")


def test_a_fixed_parameter_is_marked_everywhere(assumptions, show):
    row = assumptions.locator("[data-parameter='access.diversion_share']")
    row.locator("input").fill("0.1")
    row.locator("input").press("Enter")
    assert row.get_by_text("fixed by you").is_visible()
    show(assumptions, "Levers")
    assert assumptions.get_by_text("1 assumption fixed by you").is_visible()
    assumptions.get_by_role("button", name="Undo").click()
    assert assumptions.get_by_text("1 assumption fixed by you").count() == 0


def test_a_coupling_switched_off_changes_the_answer_and_is_marked_until_released(assumptions, show):
    show(assumptions, "Levers")
    before = medians(assumptions)
    show(assumptions, "Assumptions")
    row = assumptions.locator(TALENT)
    row.get_by_role("checkbox").uncheck()
    strength = row.get_by_role("spinbutton")
    assert strength.input_value() == "0"
    assert row.get_by_text("fixed by you").is_visible()
    show(assumptions, "Why")
    assert assumptions.get_by_text("1 assumption fixed by you").is_visible()
    show(assumptions, "Levers")
    assumptions.wait_for_function(
        "before => ![null, undefined, before].includes(document.querySelector('[data-median]')?.getAttribute('d'))",
        arg=before,
    )
    show(assumptions, "Assumptions")
    row.get_by_role("button", name="Release Lead to talent").click()
    assert strength.input_value() == "1"
    assert strength.evaluate("each => each === document.activeElement")
    assert assumptions.get_by_text("fixed by you").count() == 0


def test_a_strength_out_of_range_is_taken_to_the_end_of_it(assumptions):
    strength = assumptions.locator(TALENT).get_by_role("spinbutton")
    strength.fill("99")
    strength.press("Enter")
    assert strength.input_value() == "10"
    assert assumptions.get_by_role("alert").count() == 0


def test_a_worldview_that_moves_a_coupling_is_shown_and_can_be_overruled(assumptions, show, schema):
    view = next(each for each in schema["worldviews"] if each["couplings"])
    name, strength = next(iter(view["couplings"].items()))
    show(assumptions, "Levers")
    assumptions.locator(f"[data-worldview='{view['id']}']").click()
    show(assumptions, "Assumptions")
    row = assumptions.locator(f"[data-coupling='{name}']")
    field = row.get_by_role("spinbutton")
    assert float(field.input_value()) == strength
    assert row.get_by_text("fixed by you").count() == 0
    field.fill("1")
    field.press("Enter")
    assert row.get_by_text("fixed by you").is_visible()


def test_futures_seed_and_prior_are_told_in_every_view_and_reset_takes_them_back(assumptions, show):
    for label, value in (("Number of futures", "500"), ("Seed", "7")):
        field = assumptions.get_by_label(label)
        field.fill(value)
        field.press("Enter")
    assumptions.get_by_label("Prior only").check()
    assumptions.locator("[data-parameter]").last.scroll_into_view_if_needed()
    for name in ("Levers", "Evidence"):
        show(assumptions, name)
        for words in ("1 assumption fixed by you", "500 futures instead of 1,000", "seed 7 instead of 1"):
            expect(assumptions.get_by_text(words)).to_be_in_viewport()
    assumptions.get_by_role("button", name="Reset").click()
    assert assumptions.locator(".notice").count() == 0
    show(assumptions, "Assumptions")
    assert assumptions.get_by_label("Number of futures").input_value() == "1000"
    assert assumptions.get_by_label("Seed").input_value() == "1"
    assert not assumptions.get_by_label("Prior only").is_checked()


def test_a_link_carries_every_assumption(assumptions, answered, show):
    assumptions.locator(TALENT).get_by_role("checkbox").uncheck()
    assumptions.get_by_label("Number of futures").fill("300")
    assumptions.get_by_label("Number of futures").press("Enter")
    show(assumptions, "Levers")
    assumptions.get_by_role("button", name="Share").click()
    assumptions.wait_for_function("() => document.querySelector('#share-link').value !== ''")
    other = assumptions.context.new_page()
    other.goto(assumptions.get_by_label("Link", exact=True).input_value())
    answered(other)
    assert other.get_by_text("1 assumption fixed by you").is_visible()
    assert other.get_by_text("300 futures instead of 1,000").is_visible()


def test_the_ramp_of_a_lever_that_moves_can_be_set(assumptions, show):
    assert assumptions.get_by_text("No lever moves under this setting").is_visible()
    show(assumptions, "Levers")
    assumptions.locator("[data-package=hold]").click()
    show(assumptions, "Assumptions")
    row = assumptions.locator("[data-ramp='remote_access_rule']")
    row.get_by_role("spinbutton").fill("36")
    row.get_by_role("spinbutton").press("Enter")
    assert row.get_by_text("set by you").is_visible()
    show(assumptions, "Levers")
    assert assumptions.locator("[data-lever=remote_access_rule].own").count() == 1
    assumptions.get_by_role("button", name="About Remote-access rule").click()
    assert assumptions.get_by_label("Months from start to full level").input_value() == "36"


def test_settings_that_differ_in_what_is_assumed_say_so_side_by_side(assumptions, show):
    assumptions.get_by_role("button", name="Save to compare").click()
    assumptions.locator(TALENT).get_by_role("checkbox").uncheck()
    assumptions.get_by_label("Seed").fill("7")
    assumptions.get_by_label("Seed").press("Enter")
    show(assumptions, "Compare")
    differs = assumptions.get_by_role("region", name="What differs")
    for words in ("Lead to talent, strength times", "Seed"):
        assert differs.get_by_role("rowheader", name=words, exact=True).is_visible()

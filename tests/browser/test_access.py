"""Everybody can read and move it all: contrast and roles by axe, names, the keyboard's place, what is read aloud."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIEWS = ["Levers", "Compare", "Why", "Evidence", "Claims", "Back-test", "Assumptions"]
RULE = "#lever-remote_access_rule"
NAMED = "button|slider|img|dialog|combobox|textbox|searchbox|spinbutton|checkbox|link|region|article|navigation"
NAMELESS = re.compile(rf"^\s*- '?({NAMED})(?![a-z])(?! \")")
"""A line of a snapshot of what a screen reader is told, for something that needs a name and has none."""

WATCH = """() => {
  window.heard = [];
  const what = { childList: true, characterData: true, subtree: true };
  for (const each of document.querySelectorAll("[aria-live], [role=status], [role=alert], output"))
    if (each.getAttribute("aria-live") !== "off")
      new MutationObserver(() => window.heard.push(each.textContent)).observe(each, what);
}"""


@pytest.fixture(scope="session")
def axe(root: Path) -> str:
    """What looks for faults."""
    path = root / "web" / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists():
        pytest.skip("needs axe-core: `npm ci` in web")
    return path.read_text(encoding="utf-8")


@pytest.fixture
def into(show, patience):
    """Goes to a view and waits until everything that it shows is there."""

    def go(page: "Page", name: str) -> None:
        if name == "Compare":
            for _ in range(2):
                page.get_by_role("button", name="Save to compare").click()
        if name == "Why":
            page.locator(RULE).press("Home")
            page.locator("#lever-hbm_controls").press("Home")
        if name != "Levers":
            show(page, name)
        if name == "Why":
            page.get_by_role("button", name="Find out why").click()
        there = {"Levers": "[data-front]", "Compare": "[data-column='2'] [data-median=released]"}
        page.locator(there.get(name, ".view tbody tr")).first.wait_for(state="attached", timeout=patience)

    return go


def faults(page: "Page", axe: str) -> list[Any]:
    """What axe finds in light and in dark."""
    page.evaluate(axe)
    said = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = page.evaluate("rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", RULES)
        said += [(scheme, each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found["violations"]]
    return said


@pytest.mark.parametrize("name", VIEWS)
def test_axe_finds_nothing_in_a_view_light_or_dark(view, into, axe, name):
    into(view, name)
    assert faults(view, axe) == []


@pytest.mark.parametrize("name", ["Share", "Export", "About Remote-access rule", "Open evidence"])
def test_axe_finds_nothing_in_an_open_dialog_light_or_dark(view, axe, name):
    open_dialog(view, name)
    if name == "Export":
        view.get_by_role("button", name="Python lines").click()
        view.get_by_role("region", name="Python lines").wait_for()
    assert faults(view, axe) == []


def open_dialog(page: "Page", name: str) -> "Locator":
    """Opens a dialog by keyboard and gives the button that it was opened with."""
    button = page.get_by_role("button", name=name, exact=True)
    if name.startswith("Open"):
        page.locator("[data-chart=lead] figcaption summary").click()
        button = page.locator("[data-chart=lead] figcaption .ids button").first
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    if name.startswith("Open"):
        page.get_by_role("dialog").locator("dl").wait_for()
    if name == "Share":
        page.wait_for_function("() => document.querySelector('#share-embed').value !== ''")
    return button


@pytest.mark.parametrize("way", ["Escape", "Close"])
@pytest.mark.parametrize("name", ["Share", "Export", "About Remote-access rule", "Open evidence"])
def test_the_keyboard_goes_on_where_a_dialog_was_opened(view, name, way):
    button = open_dialog(view, name)
    assert view.evaluate("() => document.activeElement.closest('dialog, [role=dialog]') !== null")
    if way == "Escape":
        view.keyboard.press("Escape")
    else:
        view.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    view.get_by_role("dialog").wait_for(state="detached")
    assert button.evaluate("each => each === document.activeElement")


def test_the_keyboard_goes_on_with_the_lever_that_was_looked_at_last(view):
    open_dialog(view, "About Remote-access rule")
    other = open_dialog(view, "About Export-enforcement budget")
    view.keyboard.press("Escape")
    assert other.evaluate("each => each === document.activeElement")


def test_the_keyboard_keeps_its_place_when_a_button_takes_itself_away(view, show):
    view.locator(RULE).press("End")
    view.get_by_role("button", name="Take back your setting of Remote-access rule").press("Enter")
    assert view.locator(RULE).evaluate("each => each === document.activeElement")
    view.get_by_role("button", name="Save to compare").click()
    show(view, "Compare")
    view.get_by_role("button", name="Open", exact=True).press("Enter")
    view.locator(RULE).wait_for()
    assert view.get_by_role("button", name="Levers", exact=True).evaluate("each => each === document.activeElement")


@pytest.mark.parametrize("name", VIEWS)
def test_everything_that_can_be_moved_or_looked_at_has_a_name(view, into, name):
    into(view, name)
    told = view.locator("body").aria_snapshot().splitlines()
    assert len(told) > 30
    assert [line for line in told if NAMELESS.match(line)] == []


@pytest.mark.parametrize("name", ["Share", "Export", "About Remote-access rule", "Open evidence"])
def test_every_dialog_has_a_name_and_so_has_everything_in_it(view, name):
    open_dialog(view, name)
    told = view.locator("dialog, [role=dialog]").aria_snapshot().splitlines()
    assert "dialog" in told[0]
    assert [line for line in told if NAMELESS.match(line)] == []


def test_names_of_levers_and_charts_tell_them_apart(view):
    told = view.locator("body").aria_snapshot()
    for kind in ("slider", "img", "combobox"):
        names = re.findall(rf"- '?{kind} \"([^\"]+)\"", told)
        assert len(names) > 1
        assert all(re.search(r"[A-Za-z]{3}", each) for each in names)
        assert len(set(names)) == len(names), kind
    buttons = re.findall(r"- '?button \"((?:About|Save|Show|Take back) [^\"]+)\"", told)
    assert len(buttons) > 25
    assert len(set(buttons)) == len(buttons)
    charts = re.findall(r"- '?img \"(Lead of the allied over the PRC frontier\. [^\"]*\d[^\"]*)\"", told)
    assert len(charts) == 1


def test_an_answer_is_read_aloud_once_and_not_while_a_lever_is_dragged(view):
    said = view.locator("[data-said]")
    view.wait_for_function("() => document.querySelector('[data-said]').textContent !== ''")
    before = said.inner_text()
    assert re.match(r"Allied lead over the PRC in December 2028: \d+\.\d months, 90% range", before)
    view.evaluate(WATCH)
    slider = view.locator(RULE)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    view.mouse.move(box["x"] + 20, box["y"] + 12)
    view.mouse.down()
    for step in range(30):
        view.mouse.move(box["x"] + 20 + step * 3, box["y"] + 12)
        view.wait_for_timeout(40)
    assert view.evaluate("() => window.heard") == []
    view.mouse.up()
    view.wait_for_function("() => window.heard.length > 0")
    view.wait_for_timeout(1000)
    (heard,) = view.evaluate("() => window.heard")
    assert heard.startswith("Allied lead over the PRC")
    assert heard != before
    assert said.get_attribute("aria-live") == "polite"

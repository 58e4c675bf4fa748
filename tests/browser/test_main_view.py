"""The page as a visitor uses it: levers, packages, worldviews, links, keyboard, phone, and a server that goes away."""

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

RULE = "#lever-remote_access_rule"


def lead(page: "Page") -> str:
    return page.locator("[data-lead] strong").first.inner_text()


def medians(page: "Page") -> str | None:
    return page.locator("[data-median=released]").get_attribute("d")


def until_changed(page: "Page", before: str | None) -> None:
    page.wait_for_function(
        "before => document.querySelector('[data-median=released]')?.getAttribute('d') !== before", arg=before
    )


@pytest.fixture
def page_of_somebody_else(page: "Page", tmp_path: Path) -> "Iterator[Callable[[str], Page]]":
    """Opens a page of another server of this machine that is nothing but some HTML."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()

        def opened(html: str) -> "Page":
            body = f"<!doctype html><title>Another page</title>{html}"
            (tmp_path / "index.html").write_text(body, encoding="utf-8")
            found = page.context.new_page()
            found.goto(f"http://127.0.0.1:{other.server_port}/")
            return found

        yield opened
        other.shutdown()


def spoken(slider: "Locator") -> str:
    return slider.get_attribute("aria-valuetext") or ""


def drag(page: "Page", slider: "Locator", to: float) -> None:
    """Takes the thumb from where it is to a share of the track, and leaves the button down."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    low, high, value = (float(slider.evaluate(f"each => each.{name}")) for name in ("min", "max", "value"))
    thumb, middle = 16, box["y"] + box["height"] / 2
    start = box["x"] + thumb / 2 + (value - low) / (high - low) * (box["width"] - thumb)
    end = box["x"] + thumb / 2 + to * (box["width"] - thumb)
    page.mouse.move(start, middle)
    page.mouse.down()
    page.mouse.move((start + end) / 2, middle)
    page.mouse.move(end, middle)


def test_the_page_answers_on_one_screen(view):
    assert re.fullmatch(r"−?\d+\.\d", lead(view))
    assert view.locator("[data-chart]").count() == 2
    assert view.locator("[data-front]").count() == 4
    for place in (".headline", "[data-chart=lead] svg", "[data-chart=compute_by_channel] svg", ".fronts"):
        box = view.locator(place).first.bounding_box()
        assert box
        assert box["y"] + box["height"] <= 768, f"{place} reaches below the screen"
    assert view.evaluate("document.documentElement.scrollWidth") == 1366


def test_charts_follow_while_a_slider_is_held_and_the_old_future_stays_as_a_ghost(view):
    before = medians(view)
    drag(view, view.locator(RULE), 1.0)
    until_changed(view, before)
    assert view.locator("[data-ghost]").count() > 0
    assert view.get_by_role("button", name="Undo").is_disabled(), "a drag that goes on is no step yet"
    view.mouse.up()
    view.get_by_role("button", name="Undo").click()
    view.wait_for_function(
        "before => document.querySelector('[data-median=released]').getAttribute('d').startsWith(before)",
        arg=(before or "")[:40],
    )
    assert spoken(view.locator(RULE)) == "0.1"


def test_every_slider_can_be_dragged_and_says_its_level(view, schema):
    for lever in schema["levers"]:
        slider = view.locator(f"#lever-{lever['id']}")
        before = spoken(slider)
        drag(view, slider, 0.2 if float(slider.evaluate("each => each.value / each.max")) > 0.5 else 0.9)
        view.mouse.up()
        assert spoken(slider) != before, lever["id"]
        assert view.locator(f"[data-lever={lever['id']}].own").count() == 1
    view.wait_for_function("() => document.querySelector('.connection').classList.contains('open')")
    assert view.get_by_role("alert").count() == 0


@pytest.mark.parametrize(("kind", "chosen"), [("package", "hold"), ("worldview", "takeoff")])
def test_one_click_chooses(view, kind, chosen):
    before = medians(view)
    view.locator(f"[data-{kind}={chosen}]").click()
    assert view.locator(f"[data-{kind}={chosen}]").get_attribute("aria-pressed") == "true"
    until_changed(view, before)
    view.get_by_role("button", name="Reset").click()
    assert view.locator(f"[data-{kind}={chosen}]").get_attribute("aria-pressed") == "false"


def test_a_link_gives_the_same_view_to_somebody_else(view, answered):
    view.locator("[data-package=hold]").click()
    view.locator("[data-worldview=takeoff]").click()
    view.locator(RULE).focus()
    view.keyboard.press("Home")
    view.get_by_label("Chart 2").select_option("adoption")
    view.wait_for_selector("[data-chart=adoption] svg")
    view.wait_for_timeout(1000)
    view.get_by_role("button", name="Share").click()
    link = view.get_by_label("Link", exact=True)
    view.wait_for_function("() => document.querySelector('#share-link').value !== ''")
    other = view.context.new_page()
    other.goto(link.input_value())
    answered(other)
    assert spoken(other.locator(RULE)) == "0"
    assert other.locator("[data-worldview=takeoff]").get_attribute("aria-pressed") == "true"
    assert other.locator("[data-chart=adoption]").count() == 1
    assert lead(other) == lead(view)


def test_another_page_can_hold_the_charts_without_the_levers(view, page_of_somebody_else):
    view.locator("[data-package=hold]").click()
    view.get_by_role("button", name="Share").click()
    view.wait_for_function("() => document.querySelector('#share-embed').value !== ''")
    other = page_of_somebody_else(view.get_by_label("HTML to embed the charts").input_value())
    inside = other.frame_locator("iframe")
    inside.locator("[data-median=released]").wait_for(state="attached")
    assert inside.locator("[data-chart]").count() == 2
    assert inside.locator("#levers, header").count() == 0
    assert inside.locator("[data-lead]").inner_text() == view.locator("[data-lead]").inner_text()


def test_a_broken_link_says_so_and_shows_todays_policy(page, server, answered):
    page.goto(f"{server.address}#s=nonsense")
    answered(page)
    assert page.get_by_text("This link cannot be read").is_visible()


def test_everything_works_by_keyboard_alone(view):
    view.keyboard.press("Tab")
    view.keyboard.press("Enter")
    for _ in range(40):
        view.keyboard.press("Tab")
        if view.evaluate("document.activeElement.id") == "lever-enforcement_budget":
            break
    slider = view.locator("#lever-enforcement_budget")
    before = spoken(slider)
    view.keyboard.press("ArrowRight")
    assert spoken(slider) != before
    view.keyboard.press("Control+z")
    assert spoken(slider) == before
    view.keyboard.press("Shift+Tab")
    view.keyboard.press("Enter")
    panel = view.get_by_role("dialog", name="About Export-enforcement budget")
    assert panel.is_visible()
    for heading in ("What it stands for", "Why the model reacts as it does", "Who pulls it", "Cost", "Sources"):
        assert panel.get_by_text(heading, exact=True).is_visible()
    view.keyboard.press("Escape")
    assert panel.count() == 0
    assert view.evaluate("document.activeElement.className") == "info"


def test_a_phone_shows_everything_without_scrolling_sideways(page, server, answered):
    page.set_viewport_size({"width": 375, "height": 740})
    page.goto(server.address)
    answered(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    slider = page.locator(RULE)
    slider.scroll_into_view_if_needed()
    slider.press("End")
    assert spoken(slider) == "1"
    assert page.locator("[data-lead]").is_visible()


def test_a_server_that_comes_back_is_asked_again(page, own_server, answered):
    page.goto(own_server.address)
    answered(page)
    before = medians(page)
    own_server.stop()
    page.get_by_text("Connection lost").wait_for()
    page.locator("[data-package=hold]").click()
    own_server.start()
    page.locator(".connection.open").wait_for(timeout=60_000)
    page.wait_for_function(
        "before => document.querySelector('[data-median=released]').getAttribute('d') !== before",
        arg=before,
        timeout=120_000,
    )

"""The README's pictures of the page, taken of what is tested: nothing in them overlaps, and nothing is cut.

`pytest tests/browser/test_pictures.py --pictures docs/images` writes them.
"""

from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

MOST_BYTES = 250_000
LAPTOP, PHONE = (1366, 768), (375, 740)

CUT = """() => {
  const all = "button, label, h1, h2, h3, legend, summary, th, li, .level, .chances, .chances span, .margin, .flag";
  const there = (each) => each.checkVisibility() && !each.closest(".unseen, .skip");
  const shown = (each) => there(each) && each.getBoundingClientRect().width > 1;
  const cut = (each) => each.scrollWidth > each.clientWidth && getComputedStyle(each).display !== "inline";
  const found = [...document.querySelectorAll(all)].filter((each) => shown(each) && cut(each));
  return found.map((each) => each.textContent.trim());
}"""
"""What has more text than room."""

CUT_BELOW = """() => [...document.querySelectorAll("figcaption, article, .odds, .lead")]
  .filter((each) => each.scrollHeight > each.clientHeight + 1).map((each) => each.textContent.trim())"""
"""What has more lines than room."""

CUT_CHOICES = """() => {
  const ARROW = 16;
  const pen = document.createElement("canvas").getContext("2d");
  return [...document.querySelectorAll("select")].filter((each) => {
    const style = getComputedStyle(each);
    pen.font = style.font;
    const room = each.clientWidth - parseFloat(style.paddingLeft) - ARROW;
    return pen.measureText(each.selectedOptions[0].text).width > room;
  }).map((each) => each.selectedOptions[0].text);
}"""
"""Chosen options that do not fit into what shows them."""

CUT_IN_CHARTS = """() => [...document.querySelectorAll(".frame svg text")].filter((each) => {
  const [box, frame] = [each.getBoundingClientRect(), each.ownerSVGElement.getBoundingClientRect()];
  const beside = box.left < frame.left - 1 || box.right > frame.right + 1;
  return beside || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
}).map((each) => each.textContent)"""
"""Words of a chart that reach over its edge."""

CROSSING = """() => [...document.querySelectorAll(".frame svg")].flatMap((svg) => {
  const words = [...svg.querySelectorAll("text")].map((each) => [each.textContent, each.getBoundingClientRect()]);
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3;
  const after = (at, a) => words.slice(at + 1).filter(([, b]) => meet(a, b));
  return words.flatMap(([one, a], at) => after(at, a).map(([other]) => [one, other]));
})"""
"""Words of a chart that lie on one another."""


def take(page: "Page", path: Path) -> None:
    """A picture in as many colours as it takes to be small."""
    page.mouse.move(0, 0)
    page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    page.screenshot(path=path, animations="disabled")
    if path.stat().st_size > MOST_BYTES:
        Image.open(path).convert("RGB").quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(path)
    assert 10_000 < path.stat().st_size < MOST_BYTES


def whole(page: "Page", places: list[str]) -> None:
    """Nothing scrolls sideways, no text is cut, and no two of `places` overlap."""
    page.evaluate("() => scrollTo(0, 0)")
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") == 0
    for looking in (CUT, CUT_BELOW, CUT_CHOICES, CUT_IN_CHARTS, CROSSING):
        assert page.evaluate(looking) == []
    boxes = [(place, page.locator(place).first.bounding_box()) for place in places]
    for (one, a), (other, b) in combinations(boxes, 2):
        assert a, f"{one} is not there"
        assert b, f"{other} is not there"
        beside = a["x"] + a["width"] <= b["x"] + 0.5 or b["x"] + b["width"] <= a["x"] + 0.5
        above = a["y"] + a["height"] <= b["y"] + 0.5 or b["y"] + b["height"] <= a["y"] + 0.5
        assert beside or above, f"{one} overlaps {other}"


def chosen(page: "Page") -> None:
    """`hold`, and then one lever moved, so that the future before it stays as the ghost."""
    page.locator("[data-package=hold]").click()
    page.wait_for_timeout(1500)
    before = page.locator("[data-lead] strong").inner_text()
    page.locator("#lever-location_verification").press("Home")
    page.wait_for_selector("[data-ghost]", state="attached")
    page.wait_for_timeout(1500)
    assert page.locator(".lead .before").inner_text() == f"before: {before}"
    assert page.locator("[data-lead] strong").inner_text() != before


MAIN = [".headline", "[data-chart=lead]", "[data-chart=compute_by_channel]", ".fronts", ".side"]


def test_the_main_view_is_whole_on_a_laptop(view, pictures):
    chosen(view)
    whole(view, ["header", *MAIN])
    take(view, pictures / "page_main.png")


def test_the_view_of_why_is_whole_on_a_laptop(view, show, patience, pictures):
    view.locator("[data-package=defend_models]").click()
    for lever in ("remote_access_rule", "enforcement_budget"):
        view.locator(f"#lever-{lever}").press("End")
    show(view, "Why")
    view.get_by_role("button", name="Find out why").click()
    view.locator(".view tbody tr").first.wait_for(timeout=patience)
    whole(view, ["header", ".view > h2", ".view > .row", ".view ul.said", ".view .scroll"])
    take(view, pictures / "page_why.png")


def test_settings_side_by_side_are_whole_on_a_laptop(view, show):
    for package in ("hold", "loosen"):
        view.locator(f"[data-package={package}]").click()
        view.get_by_role("button", name="Save to compare").click()
    show(view, "Compare")
    for place in range(3):
        view.locator(f"[data-column='{place}'] [data-median]").first.wait_for(state="attached")
    whole(view, ["header", ".view > h2", *(f"[data-column='{place}']" for place in range(3)), ".view > .scroll"])


def test_the_main_view_is_whole_on_a_phone(chromium, server, answered, pictures):
    width, height = PHONE
    context = chromium.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=2, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(server.address)
    answered(page)
    chosen(page)
    whole(page, ["header", *MAIN])
    take(page, pictures / "page_phone.png")
    context.close()

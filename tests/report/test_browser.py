"""The report in a real browser, offline, on a laptop and on a phone, by day and by night."""

import pytest

pytestmark = pytest.mark.browser

SIZES = {"laptop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}

# WCAG 2: text against the first painted background behind it.
CONTRAST = """
() => {
  const channel = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const parse = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour[3] > 0) return colour;
    }
    return [255, 255, 255, 1];
  };
  const low = [];
  const words = 'h1, h2, h3, p, li, dd, td, th, a, span, code, summary, figcaption, caption, b';
  for (const element of document.querySelectorAll(words)) {
    if (!element.offsetParent || !element.textContent.trim()) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push([element.textContent.trim().slice(0, 40), ratio]);
  }
  return low;
}
"""


@pytest.fixture(params=SIZES)
def opened(request, page, results):
    page.set_viewport_size(SIZES[request.param])
    problems = []
    page.on("console", lambda message: problems.append(message.text))
    page.context.set_offline(True)
    page.goto((results / "report.html").as_uri())
    yield page
    assert problems == []


def test_the_page_is_never_wider_than_the_screen(opened):
    for details in opened.query_selector_all("details"):
        details.evaluate("element => element.open = true")
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_headings_and_figures_are_there_to_be_seen(opened):
    assert [each.inner_text() for each in opened.query_selector_all("h2")][:2] == ["The answer", "Scenarios"]
    drawings = opened.query_selector_all("svg.plot")
    assert len(drawings) == 8
    for drawing in drawings:
        box = drawing.bounding_box()
        assert box["width"] >= 600
        assert box["height"] >= 250
        painted = drawing.evaluate(
            "svg => [...svg.querySelectorAll('path')].filter(p => p.getBBox().width > 20).length"
        )
        assert painted >= 10


def test_figures_and_tables_scroll_in_themselves_where_the_screen_is_narrow(opened):
    for region in opened.query_selector_all("figure .scroll"):
        inside, outside = region.evaluate("region => [region.scrollWidth, region.clientWidth]")
        assert outside <= opened.viewport_size["width"]
        assert inside > outside if opened.viewport_size["width"] < 600 else inside == outside


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_by_day_and_by_night(opened, scheme):
    opened.emulate_media(color_scheme=scheme)
    background = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") is (scheme == "light")
    assert opened.evaluate(CONTRAST) == []
    # The words of a figure follow the theme as well.
    words = opened.locator("svg.plot g[style*='fill: var(--ink)']").first
    ink = words.evaluate("element => getComputedStyle(element).fill")
    assert ink == ("rgb(27, 28, 29)" if scheme == "light" else "rgb(233, 234, 235)")


def test_details_open_without_a_script_and_links_lead_to_the_evidence(opened):
    opened.locator("#assumptions summary").first.click()
    table = opened.locator("#assumptions details").first.locator("table")
    assert table.is_visible()
    opened.locator("#checks a.id").first.click()
    assert opened.evaluate("location.hash").startswith("#row-")

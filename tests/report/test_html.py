"""The report: whole, offline, accessible, and holding the numbers of the summary and no others."""

import copy
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from fourfronts.policy.loader import Change, Package, levers
from fourfronts.report.headline import QUANTITIES, find, future_dates
from fourfronts.report.html import report
from fourfronts.report.inline import THEME, inline_svg
from fourfronts.report.wording import number, span

VOID = {"meta", "link", "br", "hr", "img", "input", "path", "use", "rect", "clippath"}


class Page(HTMLParser):
    """Elements with their attributes and text, in order; fails on tags that do not match."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.elements, self.open = [], []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag in {"td", "th", "li"}:
            self.handle_data(" ")
        element = {"tag": tag, "text": "", **dict(attributes)}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.elements.append({"tag": tag, "text": "", **dict(attributes)})

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag):
        return [element for element in self.elements if element["tag"] == tag]


@pytest.fixture(scope="module")
def page(page_source):
    return Page(page_source)


def rendered(a_run, summary=None, ensembles=None, command="fourfronts run"):
    parts = (ensembles or a_run.ensembles, summary or a_run.summary, [], a_run.evidence, a_run.registry)
    return report(*parts, command)


def test_nothing_in_it_comes_from_elsewhere(page, page_source):
    for element in page.elements:
        for name, value in element.items():
            if name in {"href", "src", "srcset", "action", "poster", "data", "xlink:href", "content"}:
                assert value.startswith(("#", "data:")) or name == "content", element
    styles = " ".join(element["text"] for element in page.all("style"))
    styles += " ".join(str(element.get("style", "")) for element in page.elements)
    assert set(re.findall(r"url\((.)", page_source)) <= {"#"}
    assert "@import" not in styles
    assert {element["tag"] for element in page.elements} & {
        "script",
        "iframe",
        "object",
        "embed",
        "base",
        "img",
    } == set()
    assert "://" not in page_source


def test_the_policy_of_the_page_allows_nothing_from_elsewhere(page):
    (policy,) = [each["content"] for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "http" not in policy


def test_it_is_small_enough_to_send(page_source):
    assert len(page_source.encode()) < 3_000_000


def test_every_id_is_there_once_and_every_link_leads_somewhere(page):
    ids = [element["id"] for element in page.elements if "id" in element]
    assert len(ids) == len(set(ids))
    links = {element["href"][1:] for element in page.elements if element.get("href", "").startswith("#")}
    assert links - set(ids) == set()
    for element in page.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert element.get(name, ids[0]) in ids
        for used in re.findall(r"url\(#([^)]*)\)", " ".join(map(str, element.values()))):
            assert used in ids


def test_a_reader_without_sight_can_find_the_way(page):
    assert page.all("html")[0]["lang"] == "en"
    assert page.all("a")[0]["href"] == "#answer"
    assert len(page.all("h1")) == len(page.all("main")) == 1
    levels = [int(element["tag"][1]) for element in page.elements if re.fullmatch(r"h[1-6]", element["tag"])]
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    for drawing in (element for element in page.all("svg") if element.get("class") == "plot"):
        assert drawing["role"] == "img"
        assert drawing["aria-labelledby"].startswith("caption-")
    captions = [element["text"] for element in page.all("figcaption")]
    assert len(captions) == 4
    assert all("percentile" in caption for caption in captions)


def test_every_table_has_a_caption_and_says_what_its_headers_head(page):
    assert len(page.all("caption")) == len(page.all("table")) >= 8
    assert all(element["scope"] in {"col", "row", "rowgroup"} for element in page.all("th"))
    regions = [element for element in page.elements if element.get("class") == "scroll"]
    assert all(element["tabindex"] == "0" and element["aria-label"] for element in regions)


def test_the_headline_table_holds_the_numbers_of_the_summary(page, a_run):
    (table,) = [each["text"] for each in page.all("table") if each["text"].lstrip().startswith("Headline results")]
    parts = re.split("|".join(re.escape(f"{each.label}, {each.unit}") for each in QUANTITIES), table)[1:]
    for quantity, text in zip(QUANTITIES, parts, strict=True):
        for date in ("2026-05", *future_dates(a_run.summary)):
            for name in a_run.summary["packages"]:
                found = find(a_run.summary, name, quantity, date)
                assert re.search(rf"{number(found.p50)}\s+{span(found)}\b", text), (quantity, date, name)


def test_the_answer_is_made_of_numbers_of_the_summary(page, a_run):
    (answer,) = [each["text"] for each in page.all("ul") if each.get("class") == "answer"]
    lead, operations, bandwidth, *channels = QUANTITIES
    for quantity, name, date in [
        (lead, "drift", "2026-05"),
        (lead, "drift", "2028-12"),
        *((lead, name, "2028-12") for name in ("hold", "loosen", "none")),
        *((operations, name, "2028-12") for name in a_run.summary["packages"]),
        (bandwidth, "drift", "2026-05"),
        *((channel, "drift", "2028-12") for channel in channels),
    ]:
        assert span(find(a_run.summary, name, quantity, date)) in answer
    assert answer.count("90% range") >= 5
    assert answer.count("median") >= 10


def test_checks_are_shown_with_the_reason_of_every_miss_and_of_nothing_else(page, a_run):
    (table,) = [each["text"] for each in page.all("table") if "Futures below" in each["text"]]
    for check in a_run.summary["checks"]:
        assert check["label"] in table
        assert (check["why"] in table) if check["why"] else True
    misses = sum(not check["overlaps"] for check in a_run.summary["checks"])
    assert table.count("Likely reason") == table.count("miss\n") == misses
    assert all(bool(check["why"]) is not check["overlaps"] for check in a_run.summary["checks"])


def test_assumptions_name_every_lever_every_parameter_and_every_judgement(page, a_run):
    text = " ".join(element["text"] for element in page.all("section") if element.get("id") == "assumptions")
    for name, lever in levers().items():
        assert name in text
        assert lever.pulled_by in text
    for key, parameter in a_run.registry.parameters.items():
        assert key in text
        assert parameter.meaning in text
    judged = sum(each.is_judgement for each in a_run.registry.parameters.values())
    assert f"{judged} of them rest on no row of the evidence" in text
    assert "0.9 from 2026-07 over 12 months" in text


def test_credit_limits_and_the_way_to_reproduce_are_there(page_source, a_run):
    assert "Data from Epoch AI" in page_source
    assert "Creative Commons Attribution 4.0" in page_source
    assert "What this model cannot know" in page_source
    assert "fourfronts run --draws 96 --seed 1" in page_source
    assert a_run.summary["evidence_digest"] in page_source
    assert a_run.summary["version"] in page_source


def test_a_users_words_are_text_and_never_markup(a_run):
    nasty = "<script>alert(1)</script> & \"quotes\" 'too'"
    change = {"remote_access_rule": Change(level=0.5, start="2026-07")}
    package = Package(name="mine", label=nasty, description=nasty, levers=change)
    from dataclasses import replace

    mine = replace(a_run.ensembles["hold"], package=package)
    summary = copy.deepcopy(a_run.summary)
    summary["packages"] = {"mine": summary["packages"]["hold"] | {"label": nasty}}
    source = rendered(a_run, summary, {"mine": mine}, command=f"fourfronts run --package '{nasty}'")
    page = Page(source)
    assert page.all("script") == []
    assert nasty in page.all("dl")[0]["text"]
    assert nasty in page.all("pre")[0]["text"]


def test_one_package_has_no_differences_and_no_link_to_them(a_run):
    summary = copy.deepcopy(a_run.summary)
    summary["packages"] = {"hold": summary["packages"]["hold"]}
    page = Page(rendered(a_run, summary, {"hold": a_run.ensembles["hold"]}))
    assert "What policy changes" not in " ".join(each["text"] for each in page.all("h2") + page.all("a"))


def test_failed_futures_are_reported(a_run):
    summary = copy.deepcopy(a_run.summary)
    summary["packages"]["none"]["failed"] = 7
    assert "7 of 96 futures under No controls" in rendered(a_run, summary)
    assert "Not finite" not in rendered(a_run)


def test_values_that_are_nowhere_finite_are_left_out_of_the_answer_and_named_in_the_table(a_run):
    summary = copy.deepcopy(a_run.summary)
    for date in summary["packages"]["drift"]["outputs"]["lead_months"].values():
        date["released"] = {}
    source = rendered(a_run, summary)
    assert "no finite value" in source
    assert "leads the best released PRC model" not in source


@pytest.mark.parametrize("name", ["lead_fan", "compute_ratio", "prc_compute", "capability"])
def test_inlined_figures_keep_their_shapes_and_take_the_tones_of_the_page(results, name):
    svg = (results / "figures" / f"{name}.svg").read_bytes()
    inlined = inline_svg(svg, name)
    assert inlined.count("<path") == svg.count(b"<path")
    assert inlined.count("<use") == svg.count(b"<use")
    for tone, variable in THEME.items():
        assert tone not in inlined
        assert inlined.count(f"var({variable})") == svg.decode().lower().count(f": {tone}")
    assert "<style" not in inlined
    assert "<!--" not in inlined

"""The report: whole, offline, accessible, and holding the numbers of the summary and no others."""

import copy
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from fourfronts.analysis.full import Full
from fourfronts.policy.grid import Month
from fourfronts.policy.loader import Change, Package, levers
from fourfronts.report import claims_page
from fourfronts.report.first_page import standing
from fourfronts.report.headline import BANDWIDTH, CHANNELS, LEAD, QUANTITIES, RATIO, find, future_dates, leads, margin
from fourfronts.report.html import report
from fourfronts.report.inline import THEME, inline_svg
from fourfronts.report.wording import number, share, short_share, span

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
    assert len(captions) == 8
    assert all(re.search("percentile|share of futures|probability", caption) for caption in captions)


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


def test_the_answer_is_four_sentences_of_numbers_of_the_summary(page, a_run):
    (answer,) = [each["text"] for each in page.all("ul") if each.get("class") == "answer"]
    for date in ("2026-05", "2028-12"):
        assert span(find(a_run.summary, "drift", LEAD, date)) in answer
    for package in a_run.summary["packages"].values():
        assert share(package["scenarios"]["commanding-lead"]["probability"]) in answer
    without = a_run.summary["channels_closed"]["lead_months"]["both"]["2026-05"]
    assert f"{number(without['p05'])} to {number(without['p95'])} months" in answer
    takeoff = a_run.summary["worldviews"]["views"]["takeoff"]["packages"]["drift"]["scenarios"]["commanding-lead"]
    assert f"{share(takeoff['probability'])} (Takeoff)" in answer
    assert [element["tag"] for element in page.elements if element["text"] in answer].count("li") == 4


def test_the_statements_are_made_of_numbers_of_the_summary(page, a_run):
    (text,) = [each["text"] for each in page.all("ul") if each.get("class") == "statements"]
    for quantity, name, date in [
        *((LEAD, name, "2028-12") for name in ("hold", "loosen", "none")),
        *((RATIO, name, "2028-12") for name in a_run.summary["packages"]),
        (BANDWIDTH, "drift", "2026-05"),
        *((channel, "drift", "2028-12") for channel in CHANNELS),
    ]:
        assert span(find(a_run.summary, name, quantity, date)) in text
    assert text.count("90% range") >= 4
    assert text.count("median") >= 10


def table_of(page, begins):
    (table,) = [each["text"] for each in page.all("table") if each["text"].lstrip().startswith(begins)]
    return table


def test_the_first_page_says_in_words_who_leads_which_front(page, a_run):
    table = table_of(page, "Who leads on the four fronts")
    for name, package in a_run.summary["packages"].items():
        for front, board in package["scoreboard"].items():
            words, chance = standing(leads(a_run.summary, name, front, "2028-12"))
            assert f"{words} ({chance})" in table
            assert span(margin(a_run.summary, name, front, "2028-12")) in table
            assert board["label"] in table


@pytest.mark.parametrize(
    ("chances", "words"),
    [
        ((1.0, 0.0, 0.0), ("almost certainly the allied bloc", "100%")),
        ((0.05, 0.94, 0.01), ("very likely the PRC", "94%")),
        ((0.1, 0.2, 0.7), ("likely the rest of the world", "70%")),
        ((0.3, 0.66, 0.04), ("open", "PRC 66%, allied 30%, rest 4%")),
    ],
)
def test_words_follow_the_share_of_futures(chances, words):
    assert standing(dict(zip(("allied", "prc", "rest"), chances, strict=True))) == words
    assert standing({}) == ("no finite value", "")


def test_scenarios_are_shown_with_their_error_and_every_test_with_what_fails(page, a_run):
    chances, tests = table_of(page, "Probability of each scenario"), table_of(page, "Each test by itself")
    for package in a_run.summary["packages"].values():
        for found in package["scenarios"].values():
            interval = f"{100 * found['p05']:.1f} to {100 * found['p95']:.1f}%"
            assert f"{short_share(found['probability'])} {interval}" in chances
        for name, found in package["tests"].items():
            for front, each in found.items():
                assert all(condition in tests for condition in each["conditions"])
                assert f"{short_share(each['probability'])} {100 * each['p05']:.1f}" in tests
                failing = package["contested"][name][front]["probability"]
                assert f"failed in {short_share(failing)}" in tests


def test_the_scoreboard_table_has_every_front_now_and_at_both_dates(page, a_run):
    table = table_of(page, "Probability that each bloc leads each front")
    for front, board in a_run.summary["packages"]["hold"]["scoreboard"].items():
        assert f"{board['label']}, margin in {board['margin']['unit']}" in table
        for date in ("2026-05", *future_dates(a_run.summary)):
            assert f"allied {short_share(board['allied'][date])}, PRC {short_share(board['prc'][date])}" in table
            assert span(margin(a_run.summary, "hold", front, date)) in table


def test_the_worldview_table_has_a_row_for_every_view_and_package(page, a_run):
    table = table_of(page, "Results in December 2028")
    assert "Evidence" in table
    for view in a_run.summary["worldviews"]["views"].values():
        row = table.split(view["label"])[1]
        for found in view["packages"].values():
            assert number(found["lead_months"]["p50"]) in row
            assert all(short_share(value) in row for value in found["leads"].values())
            assert all(short_share(each["probability"]) in row for each in found["scenarios"].values())


def test_the_past_without_illicit_channels_is_shown_with_its_range(page, a_run):
    table = table_of(page, "Lead of released models in months, and the months")
    closed = a_run.summary["channels_closed"]
    for which in ("as_it_was", "evasion", "distillation", "both"):
        for found in closed["lead_months"][which].values():
            assert f"{number(found['p50'])} {number(found['p05'])} to {number(found['p95'])}" in table
    assert number(closed["added"]["both"]["2026-05"]["p50"]) in table


def test_sections_that_were_not_computed_are_absent_and_not_linked(a_run):
    summary = copy.deepcopy(a_run.summary) | {"worldviews": {}, "channels_closed": {}}
    page = Page(rendered(a_run, summary))
    absent = {"worldviews", "channels", "backcast", "claims"}
    assert {each["id"] for each in page.all("section")} & absent == set()
    assert {each["href"].removeprefix("#") for each in page.all("a")} & absent == set()


def test_a_run_that_ends_before_the_scenarios_says_so_and_shows_its_own(run_of):
    summary = run_of(["drift"], horizon=Month(2027, 3)).summary
    tests = {"lead": {"probability": 0.5, "p05": 0.4, "p95": 0.6, "conditions": ["lead_months[released] >= 3"]}}
    mine = {"label": "<My own>", "probability": 0.5, "p05": 0.4, "p95": 0.6, "tests": tests}
    summary["packages"]["drift"]["further_scenarios"] = {"mine": mine}
    made = run_of(["drift"], horizon=Month(2027, 3))
    page = Page(rendered(made, summary))
    text = page.all("main")[0]["text"]
    assert "tests on December 2028, which this run does not reach" in text
    own = table_of(page, "Share of futures that are each of your own scenarios")
    assert "<My own>" in own
    assert "lead_months[released] >= 3" in own


def test_what_was_switched_and_why_futures_run_away_is_said(a_run):
    summary = copy.deepcopy(a_run.summary) | {"couplings": ["lead_to_talent=off"]}
    summary["divergences"] = [{"text": "In 3 of 96 futures the model diverges."}]
    source = rendered(a_run, summary)
    assert "couplings lead_to_talent=off" in source
    assert "In 3 of 96 futures the model diverges." in source


# -- the full report


@pytest.fixture(scope="module")
def ledger():
    from fourfronts.analysis.claims import ledger

    return ledger(["lead_today", "security_fixes"], draws=24, seed=1, driver="numpy")


def test_the_full_report_has_the_claims_and_the_back_cast(a_run, ledger):
    from fourfronts.analysis.backcast import backcast

    series = backcast(a_run.stood, a_run.registry, 1)
    summary = copy.deepcopy(a_run.summary) | {"backcast": [each.as_json() for each in series]}
    more = Full(ledger, series)
    source = report(a_run.ensembles, summary, [], a_run.evidence, a_run.registry, "fourfronts report --full", more)
    page = Page(source)
    test_every_id_is_there_once_and_every_link_leads_somewhere(page)
    errors = table_of(page, "Mean distance of the model’s median")
    assert all(each.about.label in errors for each in series)
    verdicts = table_of(page, "What the model computes for each claim")
    for entry in ledger.entries:
        assert f"{entry.claim.number}. {entry.claim.label}" in verdicts
        assert entry.verdict in verdicts
        assert entry.claim.changes in " ".join(page.all("main")[0]["text"].split())


def test_the_claims_page_stands_alone_and_opens_offline(a_run, ledger):
    source = claims_page.page(ledger, a_run.evidence, "fourfronts claims 3 16 --out ledger")
    page = Page(source)
    test_nothing_in_it_comes_from_elsewhere(page, source)
    test_the_policy_of_the_page_allows_nothing_from_elsewhere(page)
    test_every_id_is_there_once_and_every_link_leads_somewhere(page)
    assert page.all("pre")[0]["text"] == "fourfronts claims 3 16 --out ledger"
    for entry in ledger.entries:
        for found in entry.findings:
            assert claims_page.finding(found) in page.all("main")[0]["text"]
        assert set(entry.claim.rows) <= {each["id"].removeprefix("row-") for each in page.all("tr") if "id" in each}


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
    assert any(nasty in each["text"] for each in page.all("dl"))
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


@pytest.mark.parametrize("name", ["scenarios", "scoreboard", "lead_fan", "compute_ratio", "adoption"])
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

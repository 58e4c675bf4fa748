"""The questions of the full report on its page, in whatever state they come."""

from dataclasses import replace

import pytest

from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.full import Asked, Full
from fourfronts.report import questions
from fourfronts.report.html import report

ROWS = [{"name": f"row {number}", "long_share": 0.1, "never": None, "with": float("nan")} for number in range(3)]
FINDING = Finding(
    "compare", "What <b>changes</b>", ROWS, ["A sentence.", "Another & more."], {}, {"draws": 5}, ["Not this."]
)
ASKED = Asked("compare", "What changes?", "fourfronts explain compare '<x>'", "My <i>own</i>", FINDING, "5 futures")


@pytest.fixture
def section(a_run):
    """The part of the page that holds the questions."""

    def made(*asked):
        source = report(
            a_run.ensembles, a_run.summary, [], a_run.evidence, a_run.registry, "fourfronts report", Full(asked=asked)
        )
        _, _, rest = source.partition('<section id="questions"')
        return rest.partition('<section id="checks"')[0]

    return made


def test_an_ordinary_report_has_none(section, page_source):
    assert section() == ""
    assert 'href="#questions"' not in page_source


def test_a_question_is_told_with_its_sentences_its_table_its_limits_and_its_command(section):
    found = section(ASKED)
    assert '<a href="#question-compare">What changes?</a></li>' in found
    assert '<h3 id="h-question-compare">What changes?</h3>' in found
    assert "<p>A sentence.</p>\n<p>Another &amp; more.</p>" in found
    assert "<li>Not this.</li>" in found
    assert "Made in 5 futures. In more:" in found
    assert '<th scope="row">row 2</th><td>0.1</td></tr>' in found


def test_words_of_a_user_are_text_and_no_markup(section):
    found = section(ASKED)
    assert "What &lt;b&gt;changes&lt;/b&gt;" in found
    assert "My &lt;i&gt;own&lt;/i&gt;" in found
    assert "explain compare &#39;&lt;x&gt;&#39;</code>" in found
    assert [tag for tag in ("<b>", "<i>", "<x>") if tag in found] == []


def test_columns_that_hold_nothing_are_left_out(section):
    found = section(ASKED)
    assert '<th scope="col">long share</th></tr>' in found
    assert "never" not in found


def test_a_question_without_an_answer_says_why_and_how_to_ask_it(section):
    found = section(replace(ASKED, finding=None, made="", why_not="futures are too few"))
    assert "What changes?</a> No answer in this report.</li>" in found
    assert "<p>This report has no answer: futures are too few.</p>" in found
    assert "fourfronts explain compare" in found
    assert "<details>" not in found
    assert "Made in" not in found


def test_a_finding_with_no_rows_has_no_empty_table(section):
    found = section(replace(ASKED, finding=replace(FINDING, rows=[])))
    assert "<table" not in found
    assert "A sentence." in found


def test_a_long_table_says_where_the_rest_is(section):
    rows = [{"name": f"row {number}"} for number in range(questions.MOST_ROWS + 1)]
    found = section(replace(ASKED, finding=replace(FINDING, rows=rows)))
    assert found.count('<th scope="row">') == questions.MOST_ROWS
    assert "The first 40 of 41 rows; <code>findings/compare.csv</code> has all." in found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (False, "no"),
        (12_000, "12,000"),
        (1.23456, "1.23"),
        (-0.5, "−0.5"),
        (-1e-9, "0"),
        (123456.0, "123,000"),
        (float("nan"), ""),
        (float("inf"), ""),
        (None, ""),
        ("2028-12", "2028-12"),
    ],
)
def test_cells_are_short_numbers_and_plain_words(value, text):
    assert questions.cell(value) == text

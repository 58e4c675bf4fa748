"""The ledger as text: one screen, right numbers, and everything about a claim when it is asked for."""

from dataclasses import replace

import pytest

from fourfronts.analysis.claim_measures import Finding
from fourfronts.analysis.claims import Entry, Ledger, Split
from fourfronts.analysis.verdicts import CONDITIONAL, NOT_SUPPORTED, NOT_TESTABLE, SUPPORTED, Part
from fourfronts.evidence.claims import claims
from fourfronts.report.claims import SHORT, details, rules_text, screen
from fourfronts.report.terminal import BOLD

VERDICTS = (SUPPORTED, CONDITIONAL, NOT_SUPPORTED, NOT_TESTABLE)


def entry(number: int) -> Entry:
    claim = claims().get(str(number))
    verdict = VERDICTS[number % 4]
    part = Part(claim.condition, verdict, "It holds in 71% of futures.", "share", 0.71)
    finding = Finding("Lead of something", "months", -0.037, 12.34, 25.1)
    split = Split("intelligence.open_rate", "Share of the gap that closes.", 0.3, 0.9)
    return Entry(claim, "a short name", (finding, replace(finding, label="Another")), (part,), verdict, ((split,),), ())


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    """All claims with made-up numbers."""
    return Ledger(tuple(map(entry, range(1, 20))), 2000, 1, "evidence", "2028-12", 28, 0)


def test_all_claims_fit_80_columns_and_24_lines(ledger: Ledger) -> None:
    lines = screen(ledger).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert screen(ledger, "In here: claims.json").splitlines()[-1] == "In here: claims.json"


def test_every_claim_is_there_with_its_number_share_and_verdict(ledger: Ledger) -> None:
    text = screen(ledger)
    for each in ledger.entries:
        (line,) = [line for line in text.splitlines() if each.claim.label in line]
        assert line.split()[0] == str(each.claim.number)
        assert "12 -.037..25" in line
        assert "71%" in line
        assert line.endswith(SHORT[each.verdict])
    assert "4 supported, 5 conditional, 5 not supported, 5 not testable." in text


def test_what_does_not_fit_is_wrapped_in_its_column(ledger: Ledger) -> None:
    long = replace(ledger.entries[0], short="a headline that is far too long for one line of the table")
    lines = screen(replace(ledger, entries=(long,))).splitlines()
    assert max(map(len, lines)) <= 80
    first, *more = lines[3 : lines.index("1 conditional.")]
    assert first.split()[:3] == ["1", "Huawei", "over"]
    assert len(more) >= 1
    assert {len(line) - len(line.lstrip()) for line in more} == {first.index("a headline")}


def test_a_wider_terminal_gets_the_same_words(ledger: Ledger) -> None:
    narrow, wide = screen(ledger, width=80), screen(ledger, width=200)
    assert narrow.split() == wide.split()
    assert screen(ledger, width=20) == narrow


def test_it_is_plain_ascii_without_colour_and_the_same_words_with_it(ledger: Ledger) -> None:
    plain, coloured = screen(ledger), screen(ledger, colour=True)
    assert plain.isascii()
    assert coloured.replace(BOLD, "").replace("\033[0m", "") == plain


def test_what_was_left_out_and_another_worldview_are_told(ledger: Ledger) -> None:
    text = screen(replace(ledger, left_out=1234, worldview="takeoff"))
    assert "left out: 1,234 futures" in text
    assert "Worldview: takeoff." in text


def test_details_hold_everything_about_a_claim(ledger: Ledger) -> None:
    for each in ledger.entries:
        text = " ".join(details(each).split())
        for said in (each.claim.text, each.claim.condition, each.claim.reason, each.claim.changes, each.claim.caveat):
            assert " ".join(said.split()) in text
        assert each.verdict in text
        assert "at least 67% of futures" in text
        assert "Another: 12 (-0.037 to 25) months" in text
        assert "intelligence.open_rate above its median" in text
        assert all(row in text for row in each.claim.rows)
        assert max(map(len, details(each).splitlines())) <= 80


def test_the_rules_are_there_in_words() -> None:
    text = " ".join(rules_text().split())
    assert "A proposition: supported if" in text
    assert "the verdict of its weakest part" in text

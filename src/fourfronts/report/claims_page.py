"""The claims of the source paper as a part of the report, and as a page of its own."""

from typing import Any

from fourfronts.analysis.claim_measures import Finding
from fourfronts.analysis.claims import Entry, Ledger
from fourfronts.analysis.verdicts import CONDITIONAL, NOT_SUPPORTED, NOT_TESTABLE, SUPPORTED, percent, rules
from fourfronts.evidence.loader import EVIDENCE_CUTOFF, Evidence
from fourfronts.evidence.records import Record
from fourfronts.report.page import environment, style_sheet
from fourfronts.report.wording import basis, exact, number

PAGE = "claims_page.html.j2"
MARKS = {SUPPORTED: "yes", CONDITIONAL: "", NOT_SUPPORTED: "no", NOT_TESTABLE: "muted"}
"""Style of each verdict; the words say it as well, so that colour alone tells nothing."""


def page(ledger: Ledger, evidence: Evidence, command: str) -> str:
    """The ledger as a page that opens offline; `command` is what makes it again."""
    about = context(ledger)
    return (
        environment()
        .get_template(PAGE)
        .render(**about, evidence=cited(ledger, evidence), command=command, css=style_sheet())
    )


def context(ledger: Ledger) -> dict[str, Any]:
    """What the template of the claims needs."""
    return {
        "claims": ledger,
        "claim_rows": [(each, _headline(each), _share(each)) for each in ledger.entries],
        "claim_rules": list(rules().values()),
        "claim_counts": [f"{count} {verdict}" for verdict, count in ledger.verdicts.items() if count],
        "claim_basis": claims_basis(ledger),
        "marks": MARKS,
        "finding": finding,
    }


def claims_basis(ledger: Ledger) -> str:
    """What the runs of the ledger drew from, in words."""
    return basis(ledger.posterior.as_json() if ledger.posterior else None, EVIDENCE_CUTOFF.isoformat())


def rows_of(ledger: Ledger) -> set[str]:
    """Ids of the evidence that claims name."""
    return {row for each in ledger.entries for row in each.claim.rows}


def cited(ledger: Ledger, evidence: Evidence) -> list[Record]:
    """The rows of the evidence that claims name, in the order of the evidence."""
    named = rows_of(ledger)
    return [row for row in evidence.records if row.id in named]


def _headline(entry: Entry) -> str:
    return f"{entry.short}: {finding(entry.findings[0])}"


def _share(entry: Entry) -> str:
    return "" if entry.share is None else percent(entry.share)


def finding(found: Finding) -> str:
    """'13 (7.0 to 20)', a single number where there is no range."""
    middle, ends = _number(found.p50), [_number(value) for value in (found.p05, found.p95)]
    return middle if found.p05 == found.p95 else f"{middle} ({ends[0]} to {ends[1]})"


def _number(value: float) -> str:
    size = abs(value)
    if size >= 1e9:
        return f"{value / 1e9:,.3g} billion"
    if size >= 1e6:
        return exact(float(f"{value:.3g}"))
    # Two decimals would show a share of a few percent as one digit.
    return f"{value:.3f}".replace("-", "−") if 0 < size < 0.0995 else number(value)

"""The claims ledger as text: a table that fits one screen, and everything about one claim."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from fourfronts.analysis.claim_measures import Finding
from fourfronts.analysis.claims import Entry, Ledger
from fourfronts.analysis.verdicts import CONDITIONAL, NOT_SUPPORTED, NOT_TESTABLE, SUPPORTED, percent, rules
from fourfronts.report.terminal import BOLD, PLAIN
from fourfronts.report.wording import number

NARROWEST = 80
SHORT = {
    SUPPORTED: "supported",
    CONDITIONAL: "conditional",
    NOT_SUPPORTED: "not supported",
    NOT_TESTABLE: "not testable",
}
HEAD = ("", "claim", "the model computes", "holds", "verdict")
INDENT = "  "


def screen(ledger: Ledger, where: str = "", *, width: int = NARROWEST, colour: bool = False) -> str:
    """The ledger as a table of `width` columns, 80 at least, a line for each claim; `where` says where files are."""
    rows = [_row(each) for each in ledger.entries]
    widths = _widths(rows, max(width, NARROWEST))
    title = (
        f"Claims of the source paper: {ledger.draws:,} futures, seed {ledger.seed}, to {ledger.horizon},"
        f" {ledger.runs} runs"
    )
    lines = [_bold(title, colour)]
    if ledger.worldview != "evidence":
        lines.append(f"Worldview: {ledger.worldview}.")
    lines.append("Median, then 5th to 95th percentile; holds: share of futures in which it does.")
    lines.append(_bold(_joined(HEAD, widths), colour))
    for row in rows:
        lines += [_joined(cells, widths) for cells in _wrapped(row, widths)]
    counts = ", ".join(f"{count} {SHORT[verdict]}" for verdict, count in ledger.verdicts.items() if count)
    lines += [f"{counts}.", "Rule, evidence and what would change it: fourfronts claims NUMBER."]
    if ledger.left_out:
        lines.append(f"Not finite in some run and left out: {ledger.left_out:,} futures.")
    return "\n".join([*lines, where] if where else lines)


def details(entry: Entry, *, width: int = NARROWEST, colour: bool = False) -> str:
    """Everything about one claim: what it says, how it is judged, what was found and what would change it."""
    return "\n".join(_details(entry, max(width, NARROWEST), colour))


def rules_text(*, width: int = NARROWEST) -> str:
    """The rules that all claims share, in words."""
    return "\n".join(line for text in rules().values() for line in wrap(text, max(width, NARROWEST)))


def _details(entry: Entry, width: int, colour: bool) -> Iterator[str]:
    claim = entry.claim
    yield _bold(f"{claim.number}. {claim.label}: {entry.verdict}", colour)
    kind = claim.type.replace("_", " ")
    yield from _paragraph(f"Claim ({kind}): {claim.text}", width)
    yield from _paragraph(f"It holds if: {claim.condition}", width)
    yield from _paragraph(f"Why this rule: {claim.reason}", width)
    for rule in dict.fromkeys(part.rule for part in entry.parts):
        yield from _paragraph(f"Rule. {rules()[rule]}", width)
    for part, depends in zip(entry.parts, entry.depends, strict=True):
        says = "" if part.says == claim.condition else f"{part.says} "
        yield from _paragraph(f"- {part.verdict}: {says}{part.reads}", width)
        for each in depends:
            yield from _paragraph(f"  It depends: {each.reads} ({each.meaning})", width)
    yield f"{INDENT}The model computes:"
    for found in entry.findings:
        yield from wrap(
            f"{found.label}: {_reading(found)} {found.unit}",
            width,
            initial_indent=2 * INDENT,
            subsequent_indent=3 * INDENT,
        )
    if claim.caveat:
        yield from _paragraph(f"Mind: {claim.caveat}", width)
    yield from _paragraph(f"What would change it: {claim.changes}", width)
    yield from _paragraph(f"Evidence: {', '.join(claim.rows)}", width)


def _paragraph(text: str, width: int) -> list[str]:
    return wrap(text, width, initial_indent=INDENT, subsequent_indent=2 * INDENT)


def _row(entry: Entry) -> tuple[str, ...]:
    first = entry.findings[0]
    dash = ".." if first.p05 < 0 else "-"
    reach = "" if first.p05 == first.p95 else f" {_tight(first.p05)}{dash}{_tight(first.p95)}"
    share = "" if entry.share is None else percent(entry.share).replace("under ", "<").replace("over ", ">")
    headline = f"{entry.short} {_tight(first.p50)}{reach}"
    return (str(entry.claim.number), entry.claim.label, headline, share, SHORT[entry.verdict])


def _reading(found: Finding) -> str:
    if found.p05 == found.p95:
        return _plain(found.p50)
    dash = " to " if found.p05 < 0 else "-"
    return f"{_plain(found.p50)} ({_plain(found.p05)}{dash}{_plain(found.p95)})"


def _plain(value: float) -> str:
    if abs(value) >= 1e6:
        return f"{value / 1e9:,.3g} billion" if abs(value) >= 1e9 else f"{value / 1e6:,.3g} million"
    # Two decimals would show a share of a few percent as one digit.
    return f"{value:.3f}" if 0 < abs(value) < 0.0995 else number(value).replace("−", "-")


def _tight(value: float) -> str:
    """A number without the nought before its point, as on the screen of a run."""
    text = _plain(value)
    return text.replace("0.", ".", 1) if abs(value) < 1 else text


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Widths of the columns; the claim and the number share what the others leave."""
    widths = [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]
    while sum(widths) + len(widths) - 1 > width and max(widths[1:3]) > 10:
        widths[1 if widths[1] > widths[2] else 2] -= 1
    return widths


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> Iterator[tuple[str, ...]]:
    cells = [wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
    for line in range(max(map(len, cells))):
        yield tuple(cell[line] if line < len(cell) else "" for cell in cells)


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    return " ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _bold(text: str, colour: bool) -> str:
    return f"{BOLD}{text}{PLAIN}" if colour else text

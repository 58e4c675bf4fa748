"""`fourfronts evidence`: what the model rests on, row by row."""

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from fourfronts.evidence.loader import EVIDENCE_CUTOFF, digest, load, validate
from fourfronts.evidence.records import Record
from fourfronts.evidence.schema import DATA, TABLES, columns
from fourfronts.evidence.search import GRADES
from fourfronts.inference.parameters import registry
from fourfronts.policy import loader as policy
from fourfronts.report.evidence import plain, users

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


@click.group()
def evidence() -> None:
    """List, show and check what the model rests on."""


@evidence.command("list")
@click.option("--actor", default="", help="Part of the bloc, country or organisation the row is about.")
@click.option("--quantity", default="", help="Part of what is measured: a quantity, series, chip or model.")
@click.option("--text", default="", help="Words to be found anywhere in the row.")
@click.option("--since", default="", help="Only rows about this date or later, such as 2025 or 2025-06.")
@click.option("--until", default="", help="Only rows about this date or earlier.")
@click.option("--grade", default="", help=f"One or more of {', '.join(GRADES)}, parted by commas.")
@click.option("--file", "file", default="", help=f"One file: {', '.join(TABLES)}.")
@click.option("--limit", type=click.IntRange(min=0), default=40, show_default=True, help="Rows; 0 for all.")
@as_json
def list_rows(limit: int, as_json: bool, **filters: str) -> None:
    """List the rows that satisfy every filter given."""
    since, until = filters.pop("since") or None, filters.pop("until") or None
    found = load().search(since=since, until=until, **filters)
    shown = found[:limit] if limit else found
    if as_json:
        click.echo(_json({"found": len(found), "rows": [plain(record) for record in shown]}))
        return
    if shown:
        click.echo(_table(shown, shutil.get_terminal_size((110, 24)).columns))
    rest = "" if len(shown) == len(found) else f"; {len(shown)} shown, --limit 0 shows all"
    click.echo(f"{len(found)} {'row' if len(found) == 1 else 'rows'}{rest}")


@evidence.command()
@click.argument("record_id", metavar="ID")
@as_json
def show(record_id: str, as_json: bool) -> None:
    """Show everything about one row: its number, grade, source and place."""
    record = load().get(record_id)
    used_by = users(record_id)
    if as_json:
        click.echo(_json(plain(record) | {"used_by": used_by}))
        return
    for name, text in (*_details(record), ("used by", ", ".join(used_by) or "nothing yet")):
        click.echo(f"{name:<20}{text}")


@evidence.command()
@click.option("--folder", type=click.Path(path_type=Path), help="Check these files, not the package's own.")
@as_json
@click.pass_context
def check(context: click.Context, folder: Path | None, as_json: bool) -> None:
    """Check every cell and row, and what parameters, levers and claims cite; exit with 1 and every problem."""
    problems = validate(folder)
    if not problems and folder is None:
        from fourfronts.analysis.claims import check_against_evidence as check_claims

        problems = registry().check_against_evidence() + policy.check_against_evidence() + check_claims()
    files = [] if problems else _count(load(folder).records)
    if as_json:
        whole = digest(folder)
        click.echo(_json({"folder": str(folder or DATA), "digest": whole, "files": files, "problems": problems}))
    elif problems:
        click.echo("\n".join(problems))
        click.echo(f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}")
    else:
        for counted in files:
            graded = "".join(f"{grade} {counted['grades'].get(grade, 0):<5}" for grade in (*GRADES, "none"))
            after = f"{counted['after_cutoff']} after {EVIDENCE_CUTOFF}"
            click.echo(f"{counted['file']:<28}{counted['rows']:>5} rows   {graded}{after}")
        click.echo(f"no problem in {sum(counted['rows'] for counted in files)} rows; digest {digest(folder)[:16]}")
    if problems:
        context.exit(1)


def _count(records: Iterable[Record]) -> list[dict[str, Any]]:
    by_file: dict[str, list[Record]] = {}
    for record in records:
        by_file.setdefault(record.file, []).append(record)
    return [
        {
            "file": file,
            "rows": len(rows),
            "grades": dict(Counter(row.grade or "none" for row in rows)),
            "after_cutoff": sum(row.after_cutoff for row in rows),
        }
        for file, rows in by_file.items()
    ]


def _json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, default=str)


def _number(value: float | None) -> str:
    """At most six significant digits, with thousands parted where that is easier to read."""
    if value is None:
        return ""
    if 1e4 <= abs(value) < 1e10 and value == int(value):
        return f"{value:,.0f}"
    return f"{value:.6g}"


_READ_AS = {"at_least": "at least ", "at_most": "at most ", "about": "about "}


def _value(record: Record) -> str:
    if record.value is None:
        return record.value_text or (f"{_number(record.low)} to {_number(record.high)}" if record.range_kind else "")
    return _READ_AS.get(record.value_kind, "") + _number(record.value)


_HEAD = ("id", "as of", "value", "unit", "grade", "actor", "quantity")
# Columns that may be cut, and how much room each deserves; an id or a value cut short would mislead.
_ROOM = {_HEAD.index(name): room for name, room in {"as of": 1, "unit": 1, "actor": 1, "quantity": 2}.items()}
_NARROWEST = 6


def _table(records: Sequence[Record], width: int) -> str:
    rows = [(row.id, row.as_of, _value(row), row.unit, row.grade, row.actor, row.quantity) for row in records]
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows, strict=True)]
    while sum(widths) + 2 * (len(widths) - 1) > width:
        wide = [column for column in _ROOM if widths[column] > _NARROWEST]
        if not wide:
            break
        widths[max(wide, key=lambda column: widths[column] / _ROOM[column])] -= 1
    return "\n".join(
        "  ".join(_cut(cell, size).ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in (_HEAD, *rows)
    )


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _details(record: Record) -> Iterable[tuple[str, str]]:
    unit = "" if record.value is None and record.value_text else f" {record.unit} {record.scope}"
    yield "id", record.id
    yield "quantity", record.quantity
    yield "actor", record.actor
    if reading := _value(record):
        yield "value", f"{reading}{unit}".strip()
    if record.value_text and record.value is not None:
        yield "in words", record.value_text
    if record.range_kind:
        low, high = _number(record.low) or "open", _number(record.high) or "open"
        yield "range", f"{low} to {high} ({record.range_kind.replace('_', ' ')})"
    if record.kind:
        yield "kind", record.kind
    late = f", after the evidence cut-off {EVIDENCE_CUTOFF}" if record.after_cutoff else ""
    yield "as of", f"{record.as_of or 'undated'}{late}"
    memory = ", recalled from memory" if record.recalled else ""
    yield (
        "grade",
        f"{record.grade or 'none'}{f' ({record.grade_basis})' if record.grade_basis else ''}{memory}",
    )
    for column in columns()[record.file.removesuffix(".csv")]:
        own = getattr(record, column.name, None)
        if own not in (None, "") and column.name not in Record.__dataclass_fields__:
            text = _number(own) if isinstance(own, float) else str(own)
            yield column.name, f"{text} {column.unit}".strip()
    for name in ("source", "source_date", "url", "note"):
        if text := getattr(record, name):
            yield name.replace("_", " "), text
    yield "where", f"{DATA / record.file}:{record.row}"

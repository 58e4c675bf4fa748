"""Rows of the evidence as plain values, and what rests on each."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from fourfronts.evidence.claims import claims
from fourfronts.evidence.records import Record
from fourfronts.inference.parameters import registry
from fourfronts.policy.loader import levers


def plain(record: Record) -> dict[str, Any]:
    """Everything about one row, dates as ISO text."""
    told = asdict(record) | {"after_cutoff": record.after_cutoff}
    return {name: each.isoformat() if hasattr(each, "isoformat") else each for name, each in told.items()}


def users(record_id: str) -> list[str]:
    """Ids of the parameters, dated series, levers and claims that rest on a row, none where nothing does."""
    return list(_users().get(record_id, ()))


@cache
def _users() -> Mapping[str, list[str]]:
    found: dict[str, dict[str, None]] = {}

    def add(user: str, *rows: str) -> None:
        for row in rows:
            found.setdefault(row, {})[user] = None

    known = registry()
    for key, parameter in known.parameters.items():
        add(key, *parameter.evidence)
    for key, path in known.paths.items():
        add(key, *(row for value in path.values for row in value.evidence))
    for name, lever in levers().items():
        add(f"lever {name}", *lever.evidence, *(row for entry in lever.history for row in entry.evidence))
    for claim in claims().claims:
        add(f"claim {claim.number}", *claim.rows)
    return {row: list(each) for row, each in found.items()}

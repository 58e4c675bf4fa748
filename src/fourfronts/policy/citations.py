"""What a number may cite: rows of the evidence base, known by the cut-off, or the single word `judgement`."""

from typing import Annotated

from pydantic import BeforeValidator

from fourfronts.errors import InputError
from fourfronts.evidence.records import EVIDENCE_CUTOFF

JUDGEMENT = "judgement"


def _citation(found: object) -> tuple[str, ...]:
    if found in (JUDGEMENT, ()):
        return ()
    rows = found if isinstance(found, list | tuple) else ()
    if rows and all(isinstance(row, str) and row for row in rows) and len(set(rows)) == len(rows):
        return tuple(rows)
    raise InputError(f"found {found!r}; accepted: a list of different evidence ids, or the word {JUDGEMENT}")


Citation = Annotated[tuple[str, ...], BeforeValidator(_citation)]
"""Evidence ids; empty where the file says `judgement`."""


def problems(where: str, citation: tuple[str, ...]) -> list[str]:
    """What is wrong with a citation: a sentence for each row that is missing or was known too late."""
    # The evidence base takes longer to load than everything else that reads this module.
    from fourfronts.evidence import loader

    found = []
    for row in citation:
        try:
            record = loader.load().get(row)
        except InputError as error:
            found.append(f"{where}: {error}")
            continue
        if not record.known_by(EVIDENCE_CUTOFF):
            published = record.source_date or "at no known date"
            found.append(
                f"{where}: evidence {row} is about {record.as_of}, published {published};"
                f" accepted: what was known by {EVIDENCE_CUTOFF}"
            )
    return found

"""Tables behind the page: evidence, parameters, the claims ledger and the back-test's scores."""

import asyncio
import json
import threading
from importlib.resources import files
from typing import Any

from fourfronts.analysis.assumed import ranges
from fourfronts.analysis.claims import ledger
from fourfronts.evidence.loader import load
from fourfronts.inference.parameters import PathSeries
from fourfronts.inference.posterior import calibrated
from fourfronts.report.assumptions import prior_words
from fourfronts.report.evidence import plain, users
from fourfronts.web.counterfactuals import told as behind
from fourfronts.web.documents import Document
from fourfronts.web.runner import Runner

ROWS = 50
"""Rows of the evidence on a page."""
CLAIM_DRAWS, CLAIM_SEED = 2000, 1
"""Futures and seed of the ledger, those of `fourfronts claims`."""


def evidence(text: str, grade: str, since: str, until: str, page: int) -> dict[str, Any]:
    """A page of the rows that fit. Raises InputError for a grade or a date that cannot be read."""
    found = load().search(text=text, grade=grade, since=since or None, until=until or None)
    first = (page - 1) * ROWS
    rows = [_row(each.id) for each in found[first : first + ROWS]]
    return {"found": len(found), "page": page, "pages": -(-len(found) // ROWS), "rows": rows}


def evidence_row(record_id: str) -> dict[str, Any]:
    """One row. Raises InputError with the nearest ids if there is none."""
    return _row(load().get(record_id).id)


def _row(record_id: str) -> dict[str, Any]:
    return plain(load().get(record_id)) | {"used_by": users(record_id)}


def parameters() -> dict[str, Any]:
    """Every parameter with prior, posterior and reasons, and every series that is given from outside."""
    known = calibrated()
    numbers = ranges(known)
    told = [
        {
            "id": key,
            "mechanism": each.mechanism,
            "bloc": each.bloc,
            "meaning": each.meaning,
            "unit": each.unit,
            "distribution": each.prior.distribution,
            "prior_words": prior_words(each.prior),
            **numbers[key],
            "judgement": each.is_judgement,
            "evidence": list(each.evidence),
            "why": each.why,
        }
        for key, each in known.parameters.items()
    ]
    return {"parameters": told, "paths": [_path(each) for each in known.paths.values()]}


def _path(series: PathSeries) -> dict[str, Any]:
    return {
        "id": series.id,
        "mechanism": series.mechanism,
        "meaning": series.meaning,
        "unit": series.unit,
        "interpolation": series.interpolation,
        "values": [
            {"from": str(each.start), "value": each.value, "evidence": list(each.evidence), "why": each.why}
            for each in series.values
        ],
    }


def backtest() -> Any:
    """The scores of the forecasts that the model would have made, as they were when they were last computed."""
    return json.loads((files("fourfronts.analysis") / "backtest.json").read_text(encoding="utf-8"))


class Ledgers:
    """The claims ledger, computed when it is first asked for and kept."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self._task: asyncio.Task[dict[str, Any]] | None = None

    async def whole(self) -> Document:
        """All of it."""
        return Document.of(await self._found())

    async def one(self, number: int) -> Document:
        """One claim."""
        return Document.of((await self._found())["claims"][number - 1])

    async def _found(self) -> dict[str, Any]:
        if self._task is None or (self._task.done() and self._task.exception()):
            work = self.runner.questions.do(_ledger, threading.Event())
            self._task = asyncio.create_task(work)
        # It is everybody's, so that one who leaves does not end it.
        return await asyncio.shield(self._task)


def _ledger() -> dict[str, Any]:
    """The ledger, each run with the state of the page that has the same futures."""
    found = ledger(draws=CLAIM_DRAWS, seed=CLAIM_SEED)
    whole = found.as_json()
    for entry, told in zip(found.entries, whole["claims"], strict=True):
        told["runs"] = [behind(run, draws=CLAIM_DRAWS, seed=CLAIM_SEED) for run in entry.runs]
    return whole

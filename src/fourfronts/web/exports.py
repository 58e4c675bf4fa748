"""What a visitor takes along: the data of the charts, the run, and the lines of Python that make it again."""

import csv
import io
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response

from fourfronts import __version__
from fourfronts.analysis.charts import PERCENTILES, charts
from fourfronts.evidence.loader import EVIDENCE_CUTOFF
from fourfronts.inference.posterior import evidence_digest, model_digest
from fourfronts.report.assumptions import changes
from fourfronts.web.problems import documented
from fourfronts.web.runner import Runner
from fourfronts.web.state import MONTHS, State

KINDS: dict[str, tuple[str, str, Callable[[State, dict[str, Any]], str]]]


def add_exports(router: APIRouter, runner: Runner) -> None:
    """The addresses under /export."""
    answers = documented(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )
    for name, (media_type, ending, write) in KINDS.items():
        _add(router, runner, name, (media_type, ending, write), answers)


def _add(
    router: APIRouter,
    runner: Runner,
    name: str,
    kind: tuple[str, str, Callable[[State, dict[str, Any]], str]],
    answers: dict[int | str, dict[str, Any]],
) -> None:
    media_type, ending, write = kind

    async def export(request: Request, state: State) -> Response:
        del request
        # The lines that make a run again need no run.
        told = {} if write is as_python else (await runner.answer(state)).as_json()
        headers = {"content-disposition": f'attachment; filename="fourfronts.{ending}"'}
        return Response(write(state.canonical(), told), headers=headers, media_type=media_type)

    given: dict[int | str, dict[str, Any]] = {
        200: {"content": {media_type: {}}, "description": f"The file fourfronts.{ending}."}
    }
    router.add_api_route(
        f"/export/{name}", export, methods=["POST"], name=f"export_{name}", responses=given | answers,
        response_class=Response,
    )  # fmt: skip


def as_csv(state: State, told: dict[str, Any]) -> str:
    """The charts of a state: a row for each chart, series and month."""
    del state
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["chart", "series", "unit", "month", *(f"p{each:02d}" for each in PERCENTILES)])
    for chart, drawn in told["charts"].items():
        for series, each in drawn["series"].items():
            for month, *values in zip(MONTHS, *each["values"], strict=True):
                writer.writerow([chart, series, charts()[chart].unit, month, *values])
    return text.getvalue()


def as_json(state: State, told: dict[str, Any]) -> str:
    """A run with what it was made from, the same for the same state."""
    del state
    about = {
        "schema": "fourfronts/view/1",
        "version": __version__,
        "evidence_cutoff": EVIDENCE_CUTOFF.isoformat(),
        "evidence_digest": evidence_digest(),
        "model_digest": model_digest(),
        "months": list(MONTHS),
    }
    return json.dumps(about | {name: each for name, each in told.items() if name != "seconds"}, indent=1) + "\n"


def as_python(state: State, told: dict[str, Any]) -> str:
    """The lines that make the futures of a state again and print the lead."""
    del told
    moved = {} if not state.levers else changes(state.asked)
    lines = ["import numpy as np", "", "from fourfronts.analysis.ensemble import run_ensemble"]
    lines += ["from fourfronts.analysis.live import Assumed, known"]
    if moved:
        lines += ["from fourfronts.policy.grid import parse_month"]
        lines += ["from fourfronts.policy.loader import Change, Package"]
    lines += ["", f"assumed = {_assumed(state)}"]
    if moved:
        lines += ["levers = {"]
        lines += [
            f'    "{name}": Change(level={each.level!r}, start=parse_month("{each.start}"),'
            f" ramp_months={each.ramp_months}),"
            for name, each in moved.items()
        ]
        lines += [
            "}",
            f'package = Package(name="yours", label="Yours", description="{state.asked.description}", levers=levers)',
        ]
    else:
        lines += [f'package = "{state.package}"']
    lines += [
        f"runs = run_ensemble([package], parameters=known(assumed), draws={state.draws}, seed={state.seed})",
        "(futures,) = runs.values()",
        'month = futures.months.index("' + state.date + '")',
        'lead = futures.monthly["lead_months"][month, 0]',
        f"print(np.percentile(lead, {list(PERCENTILES)}))",
    ]
    return "\n".join(lines) + "\n"


def _assumed(state: State) -> str:
    found = state.assumed
    return (
        f'Assumed(worldview="{found.worldview}", prior={found.prior}, couplings={found.couplings!r},'
        f" parameters={found.parameters!r})"
    )


KINDS = {
    "csv": ("text/csv", "csv", as_csv),
    "json": ("application/json", "json", as_json),
    "python": ("text/x-python", "py", as_python),
}
"""Media type, ending and writer of each kind of export."""

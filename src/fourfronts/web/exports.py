"""What a visitor takes along: the data of the charts, the run, and the lines of Python that make it again."""

import csv
import io
import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response

from fourfronts import __version__
from fourfronts.analysis.charts import PERCENTILES, charts
from fourfronts.analysis.live import Stopped
from fourfronts.evidence.loader import EVIDENCE_CUTOFF
from fourfronts.inference.posterior import evidence_digest, model_digest
from fourfronts.policy.loader import changes
from fourfronts.web.options import assumptions
from fourfronts.web.problems import documented
from fourfronts.web.runner import CLOSED_BY_CLIENT, ClientGone, Runner, gone, unless_gone
from fourfronts.web.state import MONTHS, State

DRIFT = "drift"

Report = Callable[..., str]
"""Writes the report of a run: where to say how far it is, and the run's options by name."""

KINDS: dict[str, tuple[str, str, Callable[[State, dict[str, Any]], str]]]


def add_exports(router: APIRouter, runner: Runner, report: Report | None) -> None:
    """The addresses under /export; that of the report where there is something to write it."""
    answers = documented(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )
    for name, (media_type, ending, write) in KINDS.items():
        _add(router, runner, name, (media_type, ending, write), answers)
    if report:
        _add_report(router, runner, report, answers)


def _add_report(router: APIRouter, runner: Runner, report: Report, answers: dict[int | str, dict[str, Any]]) -> None:
    given: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {}}, "description": "One page of HTML."}}

    @router.post("/export/report", responses=given | answers, response_class=Response)
    async def export_report(request: Request, state: State) -> Response:
        """The report of the state's package beside drift, as `fourfronts run` writes it; takes some seconds."""
        asked, stop = state.canonical(), threading.Event()

        def say(_: str) -> None:
            if stop.is_set():
                raise Stopped

        def work() -> str:
            packages = [DRIFT, *([] if asked.asked.name == DRIFT else [asked.asked])]
            return report(say, packages=packages, command=as_python(asked, {}), **assumptions(asked))

        try:
            page = await unless_gone(runner.questions.do(work, stop), gone(request))
        except (ClientGone, Stopped):
            return Response(status_code=CLOSED_BY_CLIENT)
        headers = {"content-disposition": 'attachment; filename="fourfronts.html"'}
        return Response(page, headers=headers, media_type="text/html")


def _add(
    router: APIRouter,
    runner: Runner,
    name: str,
    kind: tuple[str, str, Callable[[State, dict[str, Any]], str]],
    answers: dict[int | str, dict[str, Any]],
) -> None:
    media_type, ending, write = kind

    async def export(request: Request, state: State) -> Response:
        # The lines that make a run again need no run.
        try:
            told = {} if write is as_python else await unless_gone(_told(runner, state), gone(request))
        except (ClientGone, Stopped):
            return Response(status_code=CLOSED_BY_CLIENT)
        headers = {"content-disposition": f'attachment; filename="fourfronts.{ending}"'}
        return Response(write(state.canonical(), told), headers=headers, media_type=media_type)

    given: dict[int | str, dict[str, Any]] = {
        200: {"content": {media_type: {}}, "description": f"The file fourfronts.{ending}."}
    }
    router.add_api_route(
        f"/export/{name}",
        export,
        methods=["POST"],
        name=f"export_{name}",
        description=(write.__doc__ or "").strip(),
        responses=given | answers,
        response_class=Response,
    )


async def _told(runner: Runner, state: State) -> dict[str, Any]:
    return (await runner.answer(state)).as_json()


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

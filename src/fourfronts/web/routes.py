"""The addresses of the interface, and what each takes and gives."""

from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from fourfronts.analysis.live import Stopped
from fourfronts.errors import InputError
from fourfronts.evidence.claims import claims
from fourfronts.web import exports, tables
from fourfronts.web.documents import Document
from fourfronts.web.problems import Problem, documented
from fourfronts.web.published import published
from fourfronts.web.questions import Question, add_questions
from fourfronts.web.runner import CLOSED_BY_CLIENT, ClientGone, Runner, gone, unless_gone
from fourfronts.web.schema import schema
from fourfronts.web.shapes import Answered, Found, Published
from fourfronts.web.state import ChartName, State

Questions = Mapping[str, Question]

UNPROCESSABLE, TOO_MANY, BUSY = (
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
ASKED = documented(UNPROCESSABLE, HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_MANY, BUSY)
READ = documented(UNPROCESSABLE, TOO_MANY)


def answered(shape: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """The shape of an answer, for the OpenAPI document."""
    return {200: {"model": shape}}


def routes(runner: Runner, questions: Questions, report: exports.Report | None) -> APIRouter:
    """Every address under the interface's prefix but the socket."""
    router = APIRouter()
    _documents(router)
    _evidence(router)
    _claims(router, runner)
    _simulate(router, runner)
    exports.add_exports(router, runner, report)
    add_questions(router, runner, questions)
    return router


def _documents(router: APIRouter) -> None:
    made: dict[str, tuple[str, Callable[[], Any]]] = {
        "schema": ("Everything that the page draws itself from.", schema),
        "packages": ("The packages of levers.", lambda: schema()["packages"]),
        "levers": ("Every lever: what it stands for, who pulls it, its range.", lambda: schema()["levers"]),
        "parameters": ("Every parameter with prior, posterior and reasons.", tables.parameters),
        "backtest": ("How the model would have forecast figures since 2023.", tables.backtest),
    }
    for name, (words, make) in made.items():
        _document(router, name, words, make)


def _document(router: APIRouter, name: str, words: str, make: Callable[[], Any]) -> None:
    @cache
    def document() -> Document:
        return Document.of(make())

    # No coroutine, so that what takes a moment to make is made in a thread.
    @router.get(f"/{name}", name=name, description=words, responses=documented(TOO_MANY))
    def get(request: Request) -> Response:
        return document().response(request)


class EvidenceQuery(BaseModel, extra="forbid"):
    """What rows are looked for. `from` and `until` are dates as sources give them, such as 2025, 2025-06 or 2025-Q2."""

    text: Annotated[str, Field(max_length=200)] = ""
    grade: Annotated[str, Field(max_length=20)] = ""
    since: Annotated[str, Field(alias="from", max_length=40)] = ""
    until: Annotated[str, Field(max_length=40)] = ""
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


def _evidence(router: APIRouter) -> None:
    @router.get("/evidence", responses=answered(Found) | READ)
    def evidence(query: Annotated[EvidenceQuery, Query()]) -> Response:
        """Rows of the evidence, a page of them, each with what rests on it."""
        found = tables.evidence(query.text, query.grade, query.since, query.until, query.page)
        return Response(Document.of(found).body, media_type="application/json")

    missing = documented(HTTPStatus.NOT_FOUND)

    @router.get("/evidence/{record_id}", responses=READ | missing)
    def evidence_row(record_id: Annotated[str, Path(max_length=40)]) -> Response:
        """One row of the evidence."""
        try:
            found = tables.evidence_row(record_id)
        except InputError as error:
            raise Problem(HTTPStatus.NOT_FOUND, str(error), "record_id") from None
        return Response(Document.of(found).body, media_type="application/json")

    @router.get("/published", responses=answered(Published) | READ)
    def published_points(request: Request, chart: Annotated[ChartName, Query()]) -> Response:
        """Figures of others that are drawn over a chart."""
        return Document.of(published(chart)).response(request)


def _claims(router: APIRouter, runner: Runner) -> None:
    ledger = tables.Ledgers(runner)
    missing = documented(HTTPStatus.NOT_FOUND)

    @router.get("/claims", responses=documented(TOO_MANY, BUSY))
    async def claims_ledger(request: Request) -> Response:
        """Every claim of the source paper with the model's verdict, computed once."""
        return (await ledger.whole()).response(request)

    @router.get("/claims/{number}", responses=READ | missing | documented(BUSY))
    async def claim(request: Request, number: Annotated[int, Path(ge=1, le=1000)]) -> Response:
        """One claim with all about it."""
        if number > len(claims().claims):
            detail = f"no claim {number}; accepted: 1 to {len(claims().claims)}"
            raise Problem(HTTPStatus.NOT_FOUND, detail, "number")
        return (await ledger.one(number)).response(request)


def _simulate(router: APIRouter, runner: Runner) -> None:
    @router.post("/simulate", responses=answered(Answered) | ASKED)
    async def simulate(request: Request, state: State) -> Response:
        """What the futures of a state say: headline, fronts, and the charts that it names."""
        try:
            found = await unless_gone(runner.answer(state), gone(request))
        except (ClientGone, Stopped):
            return Response(status_code=CLOSED_BY_CLIENT)
        return Response(Document.of(found.as_json()).body, media_type="application/json")

"""The application: the page, the interface behind it, and what stands before both."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response, WebSocket
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse

from fourfronts import __version__
from fourfronts.analysis.live import Live, Stopped
from fourfronts.web import first, pages, reference
from fourfronts.web.exports import Report
from fourfronts.web.limits import Budget, Guard, Limits
from fourfronts.web.problems import ProblemDetails, handle_problems
from fourfronts.web.routes import Questions, routes
from fourfronts.web.runner import Runner
from fourfronts.web.socket import Sockets
from fourfronts.web.state import State

API = "/api/v1"
DESCRIPTION = "Simulates the competition over frontier AI under policy levers, as probabilities over futures."


def create(
    questions: Questions | None = None,
    limits: Limits | None = None,
    *,
    report: Report | None = None,
    warm: bool = True,
    kept: Path | None = None,
) -> FastAPI:
    """The application.

    `questions` are the analyses that can be asked for, by name, each with what answers it, and `report` writes the
    report of a run: they live in a room after this one. `warm` has the model compiled in the background while the
    first page loads, which shows the answer that is kept in the folder `kept` meanwhile.
    """
    allowed = limits or Limits()
    budget = Budget(allowed)
    runner = Runner(Live(), allowed)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        warming = asyncio.create_task(warm_up(runner, kept)) if warm else None
        yield
        if warming:
            warming.cancel()
        runner.close()

    app = FastAPI(
        title="fourfronts",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        openapi_url=f"{API}/openapi.json",
        # The usual pages about an interface come from another host.
        docs_url=None,
        redoc_url=None,
    )
    app.state.runner = runner
    app.include_router(routes(runner, questions or {}, report), prefix=API)
    _add_socket(app, Sockets(runner, allowed, budget))
    pages.add(app)
    handle_problems(app)
    app.add_middleware(Guard, limits=allowed, budget=budget)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _add_socket(app: FastAPI, sockets: Sockets) -> None:
    """The addresses that the OpenAPI document cannot tell of: the socket, and the document in words."""
    app.state.sockets = sockets

    @app.websocket(f"{API}/live")
    async def live(socket: WebSocket) -> None:
        await sockets.serve(socket)

    @app.get(f"{API}/docs", include_in_schema=False)
    def docs() -> Response:
        return HTMLResponse(reference.page(app.openapi(), API))


async def warm_up(runner: Runner, kept: Path | None = None) -> None:
    """Compile the model and draw the first futures before anyone asks; who asks meanwhile waits for the same run.

    With a folder, who asks gets the answer that this package gave before, and the computed one is kept there.
    """
    before = first.read(kept) if kept else None
    if before:
        runner.offer(State(), before)
    with contextlib.suppress(Stopped):
        found = await runner.answer(State(), anew=True)
        if kept and not (before and found.same_as(before)):
            await asyncio.to_thread(first.write, kept, found)


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The document, with the problems that routes refer to."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        parts: Mapping[str, Any] = ProblemDetails.model_json_schema()
        document.setdefault("components", {}).setdefault("schemas", {})["ProblemDetails"] = parts
        # FastAPI's own form of a problem, which is never sent.
        for name in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(name, None)
        app.openapi_schema = document
    return app.openapi_schema

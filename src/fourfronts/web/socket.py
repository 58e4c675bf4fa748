"""The live socket: states come in while a lever is dragged, answers go out, and the latest state wins."""

import asyncio
import contextlib
import json
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field
from starlette.websockets import WebSocket, WebSocketDisconnect

from fourfronts.analysis.live import Stopped
from fourfronts.web.answers import framed
from fourfronts.web.limits import Budget, Limits, visitor
from fourfronts.web.problems import Problem, of_any
from fourfronts.web.runner import Runner
from fourfronts.web.state import State, Strict

LARGEST_REQUEST = 2**53 - 1
"""The largest whole number that every browser can tell from its neighbours."""
TRY_AGAIN_LATER, POLICY_VIOLATION = 1013, 1008


class LiveRequest(Strict):
    """One message of the page: a state, and a number by which it knows the answer again."""

    request: Annotated[int, Field(ge=0, le=LARGEST_REQUEST)]
    state: State = State()


class Latest:
    """The message that came last, and no other: what was dragged past is not worth an answer."""

    def __init__(self) -> None:
        self._text: str | None = None
        self._came = asyncio.Event()

    def put(self, text: str) -> None:
        """Take the place of what has not been read yet."""
        self._text = text
        self._came.set()

    async def take(self) -> str:
        """Wait for a message."""
        await self._came.wait()
        self._came.clear()
        text, self._text = self._text, None
        assert text is not None
        return text


class Sockets:
    """Every open socket, and what each is answered."""

    def __init__(self, runner: Runner, limits: Limits, budget: Budget) -> None:
        self.runner, self.limits, self.budget = runner, limits, budget
        self.open = 0

    async def serve(self, socket: WebSocket) -> None:
        """Talk to one page until it leaves."""
        if not same_origin(socket):
            await socket.close(POLICY_VIOLATION, "accepted: a page of this server")
            return
        if self.open >= self.limits.sockets:
            await socket.close(TRY_AGAIN_LATER, f"accepted: up to {self.limits.sockets} pages at a time")
            return
        self.open += 1
        try:
            await socket.accept()
            await self._talk(socket)
        finally:
            self.open -= 1

    async def _talk(self, socket: WebSocket) -> None:
        latest = Latest()
        answering = asyncio.create_task(self._answer(socket, latest))
        listening = asyncio.create_task(_listen(socket, latest))
        try:
            await asyncio.wait({answering, listening}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # A run that nobody waits for any more is stopped by this.
            for task in (answering, listening):
                task.cancel()
            found = await asyncio.gather(answering, listening, return_exceptions=True)
        for each in found:
            if isinstance(each, Exception) and not isinstance(each, WebSocketDisconnect):
                raise each

    async def _answer(self, socket: WebSocket, latest: Latest) -> None:
        while True:
            text = await latest.take()
            while wait := self.budget.wait(visitor(socket.scope)):
                await asyncio.sleep(wait)
            frame = await self._framed(text)
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.send_bytes(frame)

    async def _framed(self, text: str) -> bytes:
        try:
            asked = LiveRequest.model_validate_json(text)
            return (await self.runner.answer(asked.state)).frame(asked.request)
        except Stopped:
            problem = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the run was stopped; accepted: the same again")
        except Exception as error:  # noqa: BLE001 - whatever it is, the page hears of it and the socket stays
            problem = of_any(error)
        return framed({"request": number_in(text), "problem": problem.as_json()})


async def _listen(socket: WebSocket, latest: Latest) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        # What is no text is answered as text that cannot be read.
        latest.put(message.get("text") or "")


def number_in(text: str) -> int | None:
    """The number of a request that is wrong otherwise, so that the page knows which it was."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    number = found.get("request") if isinstance(found, dict) else None
    return number if type(number) is int and 0 <= number <= LARGEST_REQUEST else None


def same_origin(socket: WebSocket) -> bool:
    """Whether the page that opens a socket is one of this server's; a program that is no browser says no origin.

    Browsers let any page open a socket to any server, so a page elsewhere could have this machine compute.
    """
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")

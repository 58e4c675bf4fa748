"""How much one visitor, and all of them together, may ask for; and what every answer says to the browser."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fourfronts.web.problems import Problem

MOST_VISITORS = 4096
"""Addresses whose requests are counted, the latest; memory stays bounded whoever comes."""

SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
"""Nothing inline and no other host. Any page may embed this one: it knows no user in whose name it could act."""

HEADERS = {
    "content-security-policy": "; ".join(f"{kind} {hosts}" for kind, hosts in SOURCES.items()),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True)
class Limits:
    """Of one server. `per_second` and `burst` hold for each visitor where `counted`; 20 can drag at once."""

    counted: bool = False
    per_second: float = 40.0
    burst: float = 120.0
    runs: int = 2
    waiting: int = 64
    seconds: float = 30.0
    questions: int = 1
    questions_waiting: int = 4
    question_seconds: float = 900.0
    sockets: int = 256
    body: int = 64 * 1024
    kept_answers: int = 256


class Budget:
    """Requests that each visitor has left: so many a second, and a few more at a time."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits, self.clock = limits, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, visitor: str, cost: float = 1.0) -> float:
        """Seconds to wait before a request; none where it may be made now, which then counts."""
        if not self.limits.counted:
            return 0.0
        now = self.clock()
        left, before = self._left.pop(visitor, (self.limits.burst, now))
        left = min(self.limits.burst, left + (now - before) * self.limits.per_second)
        allowed = left >= cost
        self._left[visitor] = (left - cost if allowed else left, now)
        while len(self._left) > MOST_VISITORS:
            self._left.popitem(last=False)
        return 0.0 if allowed else (cost - left) / self.limits.per_second


class Guard:
    """Stands before the whole application: counts requests, bounds their size, and sets the headers of answers."""

    def __init__(self, app: ASGIApp, limits: Limits, budget: Budget) -> None:
        self.app, self.limits, self.budget = app, limits, budget

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", []),
                    *((name.encode(), value.encode()) for name, value in HEADERS.items()),
                ]
            await send(message)

        if wait := self.budget.wait(visitor(scope)):
            await too_many(wait).response()(scope, receive, with_headers)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self.limits.body:
            await self._too_large().response()(scope, receive, with_headers)
            return
        await self.app(scope, self._bounded(receive), with_headers)

    def _bounded(self, receive: Receive) -> Receive:
        """A body without a length told beforehand is read up to the limit."""
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.limits.body:
                raise self._too_large()
            return message

        return bounded

    def _too_large(self) -> Problem:
        detail = f"the request is too large; accepted: up to {self.limits.body:,} bytes"
        return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, headers={"Connection": "close"})


def too_many(wait: float) -> Problem:
    """The problem of a visitor who asks too often."""
    seconds = max(1, round(wait + 0.5))
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"too many requests; accepted: the next in {seconds} s",
        headers={"Retry-After": str(seconds)},
    )


def visitor(scope: Scope) -> str:
    """Whose request it is: the address it comes from."""
    client = scope.get("client")
    return client[0] if client else ""

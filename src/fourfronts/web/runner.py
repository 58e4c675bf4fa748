"""Who may compute when: few runs at a time, none for longer than its time, none twice, none that nobody waits for."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from fastapi import Request

from fourfronts.analysis.live import Kept, Live
from fourfronts.web.answers import Answer, answer
from fourfronts.web.limits import Limits
from fourfronts.web.problems import Problem
from fourfronts.web.state import State

CLOSED_BY_CLIENT = 499
"""The status, seen by nobody but a log, of an answer to who has left."""

Found = TypeVar("Found")


@dataclass
class Running(Generic[Found]):
    """A run under way: what it will find, how many wait for it, and the word that stops it."""

    task: "asyncio.Task[Found]"
    stop: threading.Event
    waiting: int = 0


@dataclass
class Lane:
    """Threads that do one kind of work, few at a time; who comes when too many wait is told to ask again."""

    at_once: int
    most_waiting: int
    seconds: float
    under_way: int = 0
    pool: ThreadPoolExecutor = field(init=False)
    free: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.pool = ThreadPoolExecutor(max_workers=self.at_once, thread_name_prefix="answers")
        self.free = asyncio.Semaphore(self.at_once)

    async def do(self, work: Callable[[], Found], stop: threading.Event) -> Found:
        """What `work` gives, done in a thread; it is asked to stop by `stop`, which this sets when nobody waits.

        Its place is free again when the thread has heard, so that there are never more than were promised. Raises
        Problem for who comes too late, and when time is up.
        """
        most = self.at_once + self.most_waiting
        if self.under_way >= most:
            detail = f"{self.under_way} runs are under way or waiting; accepted here: {most}"
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "1"})
        future = await self._begun(work)
        try:
            return await asyncio.wait_for(asyncio.shield(future), self.seconds)
        except TimeoutError:
            detail = f"the run took longer than {self.seconds:g} seconds; accepted: one with fewer draws"
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail) from None
        finally:
            stop.set()

    async def _begun(self, work: Callable[[], Found]) -> "asyncio.Future[Found]":
        """The work under way, once there is a place."""
        self.under_way += 1
        held = False
        try:
            held = await self.free.acquire()
            future = asyncio.get_running_loop().run_in_executor(self.pool, work)
        except BaseException:
            self._leave(held=held)
            raise
        future.add_done_callback(heard)
        future.add_done_callback(lambda _: self._leave(held=True))
        return future

    def _leave(self, *, held: bool) -> None:
        self.under_way -= 1
        if held:
            self.free.release()


class Runner:
    """Answers to states. The same state is computed once, however many ask, and the latest answers are kept."""

    def __init__(self, live: Live, limits: Limits) -> None:
        self.live = live
        self.lane = Lane(limits.runs, limits.waiting, limits.seconds)
        self.questions = Lane(limits.questions, limits.questions_waiting, limits.question_seconds)
        self.kept = Kept(limits.kept_answers)
        self.running: dict[str, Running[Answer]] = {}
        self.computed = 0

    def offer(self, state: State, known: Answer) -> None:
        """Have an answer at hand until it is computed."""
        self.kept.put(state.canonical().model_dump_json(), known)

    async def answer(self, state: State, *, anew: bool = False) -> Answer:
        """The answer to a state, one that is kept unless it is asked for `anew`.

        Raises InputError for what cannot be computed, Problem for what is too much.
        """
        asked = state.canonical()
        key = asked.model_dump_json()
        found: Answer | None = None if anew else self.kept.peek(key)
        if found is not None:
            return found
        if key not in self.running:
            stop = threading.Event()
            self.running[key] = Running(asyncio.create_task(self._compute(key, asked, stop)), stop)
            self.running[key].task.add_done_callback(heard)
        return await self._wait(key)

    async def _wait(self, key: str) -> Answer:
        """Wait with the others for a run; the last one who leaves before it is done stops it."""
        running = self.running[key]
        running.waiting += 1
        try:
            return await asyncio.shield(running.task)
        finally:
            running.waiting -= 1
            if not running.waiting:
                running.stop.set()
                if self.running.get(key) is running:
                    del self.running[key]

    async def _compute(self, key: str, asked: State, stop: threading.Event) -> Answer:
        found = await self.lane.do(lambda: answer(self.live, asked, stop.is_set), stop)
        self.computed += 1
        self.kept.put(key, found)
        return found

    def close(self) -> None:
        """Stop what runs and let the threads go."""
        for running in self.running.values():
            running.stop.set()
        for lane in (self.lane, self.questions):
            lane.pool.shutdown(wait=False, cancel_futures=True)
        self.live.close()


def heard(done: "asyncio.Future[Any]") -> None:
    """Take note of how something ended that nobody may have waited for, which is then no mistake to be logged."""
    if not done.cancelled():
        done.exception()


async def gone(request: Request) -> None:
    """Wait until who asked has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def unless_gone(work: Coroutine[Any, Any, Found], gone: Coroutine[Any, Any, None]) -> Found:
    """What `work` gives, which is given up when `gone` ends first. Raises ClientGone then."""
    doing, leaving = asyncio.ensure_future(work), asyncio.ensure_future(gone)
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise ClientGone
    finally:
        for each in (doing, leaving):
            each.cancel()
        await asyncio.gather(doing, leaving, return_exceptions=True)


class ClientGone(Exception):  # noqa: N818 - an event, and nothing that went wrong
    """Who asked has left."""

"""Long questions to the futures: each answer is a stream of lines, how far it is, and in the end what was found."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from fourfronts.analysis.live import Stopped
from fourfronts.web.options import OPTIONS, Options
from fourfronts.web.problems import documented, of_any
from fourfronts.web.runner import Runner, heard

if TYPE_CHECKING:
    from fourfronts.analysis.explain.finding import Finding

LINES = "application/x-ndjson"
QUIET_SECONDS = 10.0
"""After so long without a word the stream says that it is still there, so that nothing on the way closes it."""

Answer = Callable[..., "Finding"]
"""Answers a question of the command line: where to say how far it is, and its options by name."""


@dataclass(frozen=True)
class Question:
    """One analysis: what answers it, and the options of the command line with their defaults."""

    answer: Answer
    defaults: Mapping[str, Any]


def add_questions(router: APIRouter, runner: Runner, questions: Mapping[str, Question]) -> None:
    """The addresses under /analyses, one for each question that there is an answer to."""
    for name, options in OPTIONS.items():
        if name in questions:
            _add(router, runner, name, options, questions[name])


def _add(router: APIRouter, runner: Runner, name: str, options: type[Options], question: Question) -> None:
    async def ask(asked: Options) -> StreamingResponse:
        # What is wrong with the state is told before the stream begins, and by its status.
        given = {**question.defaults, **asked.given()}
        return StreamingResponse(_lines(runner, partial(question.answer, **given)), media_type=LINES)

    ask.__annotations__["asked"] = options
    ask.__doc__ = options.__doc__
    answers = documented(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.TOO_MANY_REQUESTS,
    )
    shape: dict[int | str, dict[str, Any]] = {
        200: {
            "content": {LINES: {"schema": {"type": "string"}}},
            "description": "Lines of JSON: {progress}, and a last {finding} or {problem}.",
        }
    }
    router.add_api_route(
        f"/analyses/{name}",
        ask,
        methods=["POST"],
        name=f"analysis_{name}",
        responses=shape | answers,
        response_class=StreamingResponse,
    )


async def _lines(runner: Runner, answer: Callable[..., "Finding"]) -> AsyncIterator[str]:
    loop, said, stop = asyncio.get_running_loop(), asyncio.Queue[str](), threading.Event()

    def say(text: str) -> None:
        # The one place that every question comes by again and again, so that here it can be ended.
        if stop.is_set():
            raise Stopped
        loop.call_soon_threadsafe(said.put_nowait, text)

    first = "begun" if runner.questions.under_way < runner.questions.at_once else "waiting for another question to end"
    task = asyncio.create_task(runner.questions.do(partial(answer, say), stop))
    task.add_done_callback(heard)
    try:
        yield _line(progress=first)
        while not task.done():
            word = asyncio.create_task(said.get())
            await asyncio.wait({task, word}, timeout=QUIET_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if word.done():
                yield _line(progress=word.result())
            else:
                word.cancel()
                if not task.done():
                    yield _line(progress="still at work")
        yield _last(task)
    finally:
        # Who asked has left, or all is said.
        stop.set()
        task.cancel()


def _last(task: "asyncio.Task[Finding]") -> str:
    try:
        return _line(finding=task.result().as_json())
    except Exception as error:  # noqa: BLE001 - the stream has begun, so that its last line has to say it
        return _line(problem=of_any(error).as_json())


def _line(**content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"

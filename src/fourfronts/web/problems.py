"""What went wrong, as problem details (RFC 9457): what was found, in which field, and what is accepted."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from fourfronts.errors import InputError

MEDIA_TYPE = "application/problem+json"
LONGEST_VALUE = 60

Headers = Mapping[str, str] | None

log = logging.getLogger("fourfronts.web")


class ProblemDetails(BaseModel):
    """Why a request has no answer."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    field: str | None = None


class Problem(Exception):  # noqa: N818 - the name that RFC 9457 gives it
    """A request that cannot be answered, and why."""

    def __init__(self, status: HTTPStatus, detail: str, field: str = "", headers: Headers = None) -> None:
        """`headers` go with the answer, as in a time after which to ask again."""
        super().__init__(detail)
        self.status, self.detail, self.field, self.headers = status, detail, field, dict(headers or {})

    def as_json(self) -> dict[str, Any]:
        """Plain values; without a field where none is at fault."""
        found = ProblemDetails(
            title=self.status.phrase, status=self.status, detail=self.detail, field=self.field or None
        )
        return found.model_dump(exclude_none=True)

    def response(self) -> Response:
        """The answer to the request."""
        return Response(json.dumps(self.as_json()), self.status, self.headers, MEDIA_TYPE)


def of_input(error: InputError) -> Problem:
    """What a room further down refused."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))


def of_validation(
    errors: Sequence[Mapping[str, Any]], skip: Iterable[str] = ("body", "query", "path", "state")
) -> Problem:
    """The first of pydantic's errors in the house's words."""
    first, left_out = errors[0], set(skip)
    place = [str(part) for part in first["loc"] if str(part) not in left_out and part != "[key]"]
    field = ".".join(place)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{field}: {_reason(first)}" if field else _reason(first), field)


def _reason(error: Mapping[str, Any]) -> str:
    context = error.get("ctx") or {}
    match error["type"]:
        case "missing":
            return "this field is missing"
        case "value_error":
            return str(context["error"])
        case "extra_forbidden":
            return "this is not known here"
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"found {_shown(error.get('input'))}; accepted: a JSON object"
        case "json_invalid":
            return f"not readable as JSON: {context.get('error', 'broken off')}"
    accepted = error["msg"].removeprefix("Input should ").removeprefix("be ").removeprefix("a valid ")
    return f"found {_shown(error.get('input'))}; accepted: {accepted}"


def _shown(value: object) -> str:
    text = " ".join(repr(value)[: 4 * LONGEST_VALUE].split())
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 3] + "..."


def of_any(error: Exception) -> Problem:
    """Whatever was raised, as a problem; what is a mistake of ours is logged, and told without its insides."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, InputError):
        return of_input(error)
    if isinstance(error, RequestValidationError | ValidationError):
        return of_validation(error.errors())
    if isinstance(error, HTTPException):
        # A body that is too large comes to light while the framework reads it.
        if isinstance(error.__cause__, Problem):
            return error.__cause__
        status = HTTPStatus(error.status_code)
        return Problem(status, status.description or status.phrase, headers=error.headers)
    log.error("a request failed", exc_info=error)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "a mistake in fourfronts itself; the server's log has it")


def handle_problems(app: FastAPI) -> None:
    """Answer with problem details whatever is raised."""

    async def answer(request: Request, error: Exception) -> Response:
        del request
        return of_any(error).response()

    for kind in (Problem, InputError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, answer)


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, for the OpenAPI document."""
    schema = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
    return {int(each): {"description": each.phrase, "content": {MEDIA_TYPE: schema}} for each in statuses}

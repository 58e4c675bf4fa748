"""Long questions to the futures: each answer is a stream of lines, how far it is, and in the end what was found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter

from fourfronts.web.runner import Runner


@dataclass(frozen=True)
class Question:
    """One analysis: what answers it, and the options that it takes with their defaults."""

    answer: Callable[..., Any]
    defaults: Mapping[str, Any]


def add_questions(router: APIRouter, runner: Runner, questions: Mapping[str, Question]) -> None:
    """The addresses under /analyses."""
    del router, runner, questions

"""Every question of `fourfronts explain` about one run, in few futures, as the full report has them."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fourfronts.analysis.full import Asked
from fourfronts.cli.explain import (
    attribution,
    compare,
    discover,
    information,
    robust,
    sensitivity,
    threshold,
    timing,
)
from fourfronts.cli.plan import PACKAGES, Plan
from fourfronts.cli.run import Say
from fourfronts.errors import InputError
from fourfronts.policy.loader import package

DRIFT, ALTERNATIVE = "drift", "hold"
"""What packages are held against, and the one that is asked about where a run has no other: the paper's in full."""
LINE = "12"
"""Months of lead that a commanding lead asks for."""

MODULES = {
    "attribution": attribution,
    "compare": compare,
    "discover": discover,
    "information": information,
    "robust": robust,
    "sensitivity": sensitivity,
    "threshold": threshold,
    "timing": timing,
}

Named = Mapping[str, str]
"""The packages of a run: name, and how it was asked for."""


def _subject(named: Named) -> str:
    """The package that questions about one are asked about: the run's first that is not drift."""
    return _others(named, (ALTERNATIVE,))[0]


def _one(named: Named) -> Iterator[str]:
    yield from ("--package", _subject(named))


def _compared(named: Named) -> Iterator[str]:
    yield from ("--baseline", named.get(DRIFT, DRIFT))
    for each in _others(named, compare.OTHERS):
        yield from ("--package", each)


def _scored(named: Named) -> Iterator[str]:
    yield from _choice(named, robust.PACKAGES)


def _chosen(named: Named) -> Iterator[str]:
    yield from _choice(named, information.PACKAGES)


def _choice(named: Named, shipped: Sequence[str]) -> Iterator[str]:
    """The run's packages, and beside them those that a package has to compete with."""
    for each in ({DRIFT: DRIFT} | dict(named) | {name: name for name in shipped if name not in named}).values():
        yield from ("--package", each)


def _others(named: Named, otherwise: Sequence[str]) -> Sequence[str]:
    return [text for name, text in named.items() if name != DRIFT] or otherwise


def _past(named: Named) -> Iterator[str]:
    del named
    yield "--channels"


@dataclass(frozen=True)
class Question:
    """A question: its command, what of the run it is about, and its settings for a report and for an answer to quote.

    `made` says in words what the report's settings came to, from what the finding was asked.
    """

    text: str
    command: str
    about: Callable[[Named], Iterator[str]]
    quick: Mapping[str, int]
    whole: Mapping[str, int]
    made: str = "{draws:,} futures under each package"
    further: tuple[str, ...] = ()


QUESTIONS = {
    "compare": Question(
        "What does policy change, and how surely?", "compare", _compared, {"draws": 2000}, {"draws": 10_000}
    ),
    "sensitivity": Question(
        "What does the answer depend on?",
        "sensitivity",
        _one,
        {"base": 64},
        {"base": 1024},
        "{draws:,} futures ({base} base samples)",
    ),
    "attribution": Question(
        "Which lever does the work?",
        "attribution",
        _one,
        {"draws": 128, "orders": 8},
        {"draws": 2000, "orders": 32},
        "{draws:,} futures with each part of the package, and {orders} orders of its levers",
    ),
    "past_channels": Question(
        "What did the illicit channels do?",
        "attribution",
        _past,
        {"draws": 2000},
        {"draws": 10_000},
        "{draws:,} futures of each past",
    ),
    "discover": Question(
        "Under which few conditions does the lead reach ten months?",
        "discover",
        _one,
        {"draws": 2000},
        {"draws": 8000},
        "{draws:,} futures",
    ),
    "robust": Question(
        "Which package does no worldview ruin?",
        "robust",
        _scored,
        {"draws": 512},
        {"draws": 2000},
        "{draws:,} futures under each package and worldview",
    ),
    "timing": Question(
        "What does waiting cost?",
        "timing",
        _one,
        {"draws": 1000, "every": 6},
        {"draws": 4000, "every": 3},
        "{draws:,} futures of each start",
    ),
    "threshold": Question(
        "How little would have to change?",
        "threshold",
        _one,
        {"draws": 256, "top": 4},
        {"draws": 2000, "top": 8},
        "{draws:,} futures of each change, and the {top} parameters with the steepest slopes",
        ("--line", LINE),
    ),
    "information": Question("What is worth measuring first?", "information", _chosen, {"draws": 2000}, {"draws": 8000}),
}
"""By the name of its section, in the order of `docs/explain.md`."""


def ask(wanted: Plan, given: Mapping[str, Any], say: Say) -> list[Asked]:
    """Every question about a run, with its assumptions. `given` has the options that `wanted` was made of.

    A question that cannot be asked of this run, or without a library that is not installed, has the reason instead.
    """
    texts = given["packages"] or PACKAGES
    named = {each.name: text for each, text in zip(wanted.packages, texts, strict=True)}
    return [
        _ask(key, question, named, wanted, given, _beside(say, f"question {number} of {len(QUESTIONS)}, {key}"))
        for number, (key, question) in enumerate(QUESTIONS.items(), 1)
    ]


def _ask(key: str, question: Question, named: Named, wanted: Plan, given: Mapping[str, Any], say: Say) -> Asked:
    # The past is drift's, so that nothing can be set on top of it.
    settings = () if question.about is _past else given["settings"]
    words = [*question.about(named), *question.further, *_assumed(wanted, given, settings)]
    # Futures beyond the joint draws of a posterior say little more.
    joint = wanted.shipped.posterior.draws if wanted.shipped.posterior else max(question.whole.values())
    whole = {name: min(value, joint) if name == "draws" else value for name, value in question.whole.items()}
    told = shlex.join(("fourfronts", "explain", question.command, *words, *_numbers(whole)))
    # A run in few futures is one that is wanted soon.
    quick = {name: min(value, wanted.draws) if name == "draws" else value for name, value in question.quick.items()}
    options = _read(question.command, [*words, *_numbers(quick)])
    asked = Asked(key, question.text, told, package(_subject(named)).label if question.about is _one else "")
    say("begins")
    try:
        finding = MODULES[question.command].answer(say, **options)
    except InputError as error:
        return replace(asked, why_not=str(error))
    return replace(asked, finding=finding, made=question.made.format(**finding.asked))


def _assumed(wanted: Plan, given: Mapping[str, Any], settings: Sequence[str]) -> Iterator[str]:
    yield from ("--at", str(wanted.horizon), "--worldview", given["worldview"])
    for each in settings:
        yield from ("--set", each)
    for each in given["couplings"]:
        yield from ("--coupling", each)
    if given["prior"]:
        yield "--prior"
    yield from ("--seed", str(wanted.seed))


def _numbers(options: Mapping[str, int]) -> Iterator[str]:
    for name, value in options.items():
        yield from (f"--{name}", str(value))


def _read(command: str, words: Sequence[str]) -> dict[str, Any]:
    """The options as the command itself reads them, its defaults included."""
    parsed = getattr(MODULES[command], command).make_context(command, list(words)).params
    return {name: value for name, value in parsed.items() if name not in {"out", "as_json"}}


def _beside(say: Say, what: str) -> Say:
    return lambda text: say(f"{what}: {text}")

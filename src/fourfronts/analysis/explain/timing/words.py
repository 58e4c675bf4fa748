"""What the timing of a package changes, in sentences that a person can repeat."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from fourfronts.analysis.explain.attribution.words import size
from fourfronts.analysis.explain.outcome import Outcome


def sentences(rows: Sequence[Mapping[str, Any]], outcomes: Sequence[Outcome], details: Mapping[str, Any]) -> list[str]:
    """The value of beginning early in the first outcome that varies, in the scenario, and the last date for it."""
    varies = [each for each in outcomes if details["outcomes"][each.name]["varies"]]
    if not varies:
        names = ", ".join(each.name for each in outcomes)
        return [f"When {details['package']} begins changes {names} in no future: there is no value of acting earlier."]
    told = [_cost(rows, each, details) for each in varies[:2]]
    still = [each.name for each in outcomes if each not in varies]
    if details["last_date"]:
        told.append(last_words(details, rows))
    elif still:
        told.append(f"When it begins does not change {', '.join(still)}.")
    return told


def _cost(rows: Sequence[Mapping[str, Any]], asked: Outcome, details: Mapping[str, Any]) -> str:
    mine = [row for row in rows if row["outcome"] == asked.name]
    first, *_, last, _never = mine
    begun = mine[:-1]
    months = _months(first["start"], last["start"])
    worst, (before, _) = max(
        zip(begun[1:], pairwise(begun), strict=True), key=lambda pair: abs(pair[0]["lost_a_month"])
    )
    gained = f"the probability of {_label(details, asked.name)}" if asked.chance else asked.label
    a_month = size(-last["lost"] / months, asked)
    return (
        f"Begun in {first['start']}, {details['package']} changes {gained} in {asked.date} by"
        f" {size(first['gain'], asked)} on average against drift, begun in {last['start']} by"
        f" {size(last['gain'], asked)}: each month of delay changes it by {a_month}, most between {before['start']} and"
        f" {worst['start']} ({size(-worst['lost_a_month'], asked)} a month)."
    )


def last_words(details: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    """The last date in words, with never and always, and how sure it is."""
    found, (first, *_, last) = details["last_date"], details["starts"]
    halfway = ", halfway between drift and the first start," if found["halfway"] else ""
    level, name = f"{found['threshold']:.1%}{halfway}", f"probability of {_label(details, found['outcome'])}"
    if found["reached"] == "until":
        low, high = found["low"] or f"before {first}", found["high"] or f"after {last}"
        return (
            f"The last start after which the {name} falls under {level} is {found['at']} (90% interval from counting"
            f" futures: {low} to {high})."
        )
    sure = _sure(found[found["reached"]])
    if found["reached"] == "never":
        return f"The {name} is under {level} at every start from {first} on: it is never reached{sure}."
    begun = [row for row in rows if row["outcome"] == found["outcome"]][:-1]
    under = [row["start"] for row in begun if row["mean"] < found["threshold"]]
    if under:
        return f"The {name} is under {level} up to a start in {under[-1]} and not after: no later start ends it{sure}."
    return f"The {name} is {level} or more at every start up to {last}: always, as far as was asked{sure}."


def _label(details: Mapping[str, Any], name: str) -> str:
    label: str = details["outcomes"][name]["label"]
    return label.lower()


def _sure(share: float) -> str:
    return "" if share > 0.995 else f" (so in {share:.0%} of resamples of the futures)"


def _months(first: str, last: str) -> int:
    years, months = (int(b) - int(a) for a, b in zip(first.split("-"), last.split("-"), strict=True))
    return 12 * years + months

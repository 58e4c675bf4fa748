"""What the value of information says, in sentences, and what it cannot know."""

from collections.abc import Mapping, Sequence
from typing import Any

LIMITS = (
    (
        "Effort is levers moved as a share of the way to the end of their range; its price is nobody's, and is varied."
        " At other prices than the one shown in detail information is worth less or more, as the curve has it."
    ),
    (
        "What is worth measuring depends on what can be chosen: among other packages it is something else. Only"
        " uncertainty that is in the model counts, and a parameter brings with it whatever is correlated with it."
    ),
    (
        "How precise a year of figures would be is an assumption of this analysis, not of the evidence, and what"
        " measuring costs is left out."
    ),
)


def sentences(rows: Sequence[Mapping[str, Any]], details: Mapping[str, Any], hardest: bool) -> list[str]:
    """Three sentences about the first outcome, and one about each further one."""
    outcomes = list(details["curves"])
    first = [row for row in rows if row["outcome"] == outcomes[0]]
    return [*_first(first, details, hardest), *(_further(rows, name) for name in outcomes[1:])]


def amount(value: float, unit: str) -> str:
    """A value in words, as in '0.31 months' or '1.2 points of probability'."""
    return f"{100 * value:.2g} points of probability" if unit == "probability" else f"{value:.2g} {unit}"


def _first(rows: Sequence[Mapping[str, Any]], details: Mapping[str, Any], hardest: bool) -> list[str]:
    everything = rows[0]
    name, unit = everything["outcome"], everything["unit"]
    curve = details["curves"][name]
    at = f"{amount(everything['price'], unit)} for each lever moved in full"
    free = details["labels"][curve["best"][0]]
    without = (
        f"If effort costs nothing, {free} is best in {curve['sure'][0]:.0%} of futures, and knowing everything before"
        f" choosing would add {amount(curve['evpi'][0], unit)} of {name} a decision."
    )
    if not everything["value"]:
        where = "at any price of effort" if hardest else f"if effort costs {at}"
        return [
            f"One package is best in every future {where}: nothing that could be measured would change it.",
            without,
        ]
    most = ", the most at any price" if hardest else ""
    told = [
        f"{without} If it costs {at}, that is worth {amount(everything['value'], unit)}{most}.",
        _parameters([row for row in rows if row["kind"] == "parameter"], unit),
    ]
    tools = [row for row in rows if row["kind"] == "instrument"]
    if tools:
        each = "; ".join(
            f"{row['meaning'].removesuffix(' (EVSI)')}: {amount(row['value'], unit)}"
            f" ({amount(row['if_exact'], unit)} if exact{_luck(row)})"
            for row in tools
        )
        told.append(f"What instruments would add to a decision: {each}.")
    return told


def _luck(row: Mapping[str, Any]) -> str:
    return ", which chance shows too" if row["if_exact"] <= row["chance"] else ""


def _parameters(rows: Sequence[Mapping[str, Any]], unit: str) -> str:
    clear = [row for row in rows if row["value"] > row["chance"]]
    if not clear:
        return "No single parameter is worth more than what chance shows in so many futures."
    named = ", ".join(f"{row['learnt']} ({amount(row['value'], unit)})" for row in clear[:3])
    return f"Worth knowing most, each by itself: {named}; chance shows up to {amount(clear[0]['chance'], unit)}."


def _further(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    mine = [row for row in rows if row["outcome"] == name]
    everything, unit = mine[0], mine[0]["unit"]
    if not everything["value"]:
        return f"{name}: one package is best in every future, so that nothing is worth knowing."
    clear = [row for row in mine if row["kind"] == "parameter" and row["value"] > row["chance"]]
    best = f"; most of any parameter: {clear[0]['learnt']}, {amount(clear[0]['value'], unit)}" if clear else ""
    return (
        f"{name}: knowing everything is worth {amount(everything['value'], unit)} if a lever moved in full costs"
        f" {amount(everything['price'], unit)}{best}."
    )

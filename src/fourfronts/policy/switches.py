"""Couplings switched off or made stronger or weaker for one run, as the command line gives them."""

import math
from collections.abc import Mapping, Sequence

from fourfronts.errors import InputError, unknown
from fourfronts.model.couplings import Parameters

SWITCHES = {"off": 0.0, "on": 1.0}


def parse_switches(texts: Sequence[str]) -> dict[str, float]:
    """Multipliers of the strengths of couplings, by name, from texts such as "lead_to_talent=off".

    Raises InputError as `parse_switch` does, and for a coupling that is given twice.
    """
    found: dict[str, float] = {}
    for text in texts:
        name, multiplier = parse_switch(text)
        if name in found:
            raise InputError(f"coupling {name} is given twice; accepted: each once")
        found[name] = multiplier
    return found


def parse_switch(text: str) -> tuple[str, float]:
    """The coupling and the multiplier that NAME=off, NAME=on or NAME=NUMBER stands for.

    Raises InputError, with the nearest names, for an unknown coupling, and for what is no such multiplier.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    where = f"coupling {text!r}"
    accepted = "off, on, or a number from 0 up"
    if not equals:
        raise InputError(f"{where} has no '='; accepted: NAME=VALUE, where VALUE is {accepted}")
    if name not in Parameters._fields:
        raise unknown("coupling", name, Parameters._fields, where)
    try:
        multiplier = SWITCHES[value] if value in SWITCHES else float(value)
    except ValueError:
        multiplier = math.nan
    if not 0 <= multiplier < math.inf:
        raise InputError(f"{where}: found {value!r}; accepted: {accepted}")
    return name, multiplier


def written(switches: Mapping[str, float]) -> list[str]:
    """The same as texts, in order: "lead_to_talent=off", "norms_to_distribution=2"."""
    words = {multiplier: word for word, multiplier in SWITCHES.items()}
    return [f"{name}={words.get(multiplier, f'{multiplier:g}')}" for name, multiplier in switches.items()]

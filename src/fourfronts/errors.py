"""Errors that a person can act on: what was found, where, and what is accepted."""

import difflib
from collections.abc import Iterable

MAX_NAMED = 12


class InputError(ValueError):
    """Something the user gave cannot be used; the command line prints it as one line and exits with 2."""


def nearest(name: str, options: Iterable[str]) -> list[str]:
    """Up to three of `options` that look like `name`, the likeliest first, whatever their case."""
    by_lower: dict[str, str] = {}
    for option in options:
        by_lower.setdefault(option.lower(), option)
    return [by_lower[match] for match in difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)]


def unknown(what: str, name: str, options: Iterable[str], where: str = "") -> InputError:
    """The error for a name that is not among `options`.

    Reads "policy.yaml: unknown lever 'remot_access': did you mean 'remote_access_rule'? accepted: ...".
    A long list of options is cut to the first few and a count.
    """
    accepted = list(options)
    likely = nearest(name, accepted)
    place = f"{where}: " if where else ""
    suggestion = f": did you mean {' or '.join(repr(option) for option in likely)}?" if likely else ";"
    shown = ", ".join(accepted[:MAX_NAMED])
    more = f" and {len(accepted) - MAX_NAMED} more" if len(accepted) > MAX_NAMED else ""
    return InputError(f"{place}unknown {what} {name!r}{suggestion} accepted: {shown}{more}")

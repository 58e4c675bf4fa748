"""Dates as sources give them: a day, a month, a quarter, a half, a year, or a range of these."""

import re
from datetime import date, timedelta
from functools import lru_cache

from fourfronts.errors import InputError

ACCEPTED = "2025, 2025-06, 2025-06-30, 2025-Q2, 2025-H1, 2022-2025, 2024-08/2026-06, 2025-12..2026-05 or FY2026-28"

_POINT = re.compile(r"(\d{4})(?:-(?:Q([1-4])|H([12])|(\d\d)(?:-(\d\d))?))?")
_YEARS = re.compile(r"(\d{4})-(\d{4})")
_FISCAL_YEARS = re.compile(r"FY(\d\d)(\d\d)(?:-(\d\d))?")


@lru_cache(maxsize=4096)
def period(text: str) -> tuple[date, date]:
    """First and last day of the period that `text` names, both inclusive.

    A fiscal year is taken as the calendar year of the same number. Raises InputError for anything else, for
    a date that does not exist and for a range that ends before it begins.
    """
    try:
        first, last = _ends(text.strip())
    except ValueError as error:
        raise InputError(f"{text!r} is not a date; accepted: {ACCEPTED}") from error
    if first > last:
        raise InputError(f"{text!r} ends before it begins; accepted: the earlier date first")
    return first, last


def _ends(text: str) -> tuple[date, date]:
    if match := _FISCAL_YEARS.fullmatch(text):
        century, first_year, last_year = match.groups()
        return date(int(century + first_year), 1, 1), date(int(century + (last_year or first_year)), 12, 31)
    if match := _YEARS.fullmatch(text):
        return _point(match[1])[0], _point(match[2])[1]
    begin, separator, end = text.partition(".." if ".." in text else "/")
    return _point(begin)[0], _point(end if separator else begin)[1]


def _point(text: str) -> tuple[date, date]:
    match = _POINT.fullmatch(text)
    if not match:
        raise ValueError(text)
    year, quarter, half, month, day = (int(part) if part else 0 for part in match.groups())
    if day:
        return date(year, month, day), date(year, month, day)
    if quarter:
        return date(year, 3 * quarter - 2, 1), _month_end(year, 3 * quarter)
    if half:
        return date(year, 6 * half - 5, 1), _month_end(year, 6 * half)
    if match[4]:
        return date(year, month, 1), _month_end(year, month)
    return date(year, 1, 1), date(year, 12, 31)


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)

"""Dates as sources give them, read as the days they cover."""

import calendar
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.errors import InputError
from fourfronts.evidence.dates import period

days = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2025-06", date(2025, 6, 1), date(2025, 6, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-05-31", date(2026, 5, 31), date(2026, 5, 31)),
        ("2025-Q1", date(2025, 1, 1), date(2025, 3, 31)),
        ("2025-Q4", date(2025, 10, 1), date(2025, 12, 31)),
        ("2027-H1", date(2027, 1, 1), date(2027, 6, 30)),
        ("2027-H2", date(2027, 7, 1), date(2027, 12, 31)),
        ("2022-2025", date(2022, 1, 1), date(2025, 12, 31)),
        ("2024-08/2026-06", date(2024, 8, 1), date(2026, 6, 30)),
        ("2025-12..2026-05", date(2025, 12, 1), date(2026, 5, 31)),
        ("2023..2025", date(2023, 1, 1), date(2025, 12, 31)),
        ("FY2026-28", date(2026, 1, 1), date(2028, 12, 31)),
        ("FY2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_every_form_in_the_evidence_covers_its_days(text, first, last):
    assert period(text) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "2025-13", "2025-00", "2025-02-30", "2025-Q5", "2025-H3", "25", "2025-6", "20250601"),
        *(
            "2025-06-",
            "2025..",
            "/2025",
            "2025-Q1-01",
            "2025-01 to 2025-02",
            "0000",
            "2025-06..2025-07..2025-08",
        ),
        *("2026..2025", "2026-2025", "2025-06/2025-05", "FY2028-26"),
    ],
)
def test_what_is_no_date_is_refused_with_the_forms_that_are(text):
    with pytest.raises(InputError, match="accepted: ") as caught:
        period(text)
    assert repr(text) in str(caught.value)


@given(days)
def test_a_day_lies_in_its_month_quarter_half_and_year(day):
    forms = (
        f"{day:%Y-%m}",
        f"{day.year}-Q{(day.month + 2) // 3}",
        f"{day.year}-H{1 + (day.month > 6)}",
        f"{day.year}",
    )
    inner = period(day.isoformat())
    assert inner == (day, day)
    for form in forms:
        outer = period(form)
        assert outer[0] <= inner[0] <= inner[1] <= outer[1]
        assert outer[0].day == 1
        assert outer[1].day == calendar.monthrange(outer[1].year, outer[1].month)[1]
        inner = outer


@given(days, days, st.sampled_from(["..", "/"]))
def test_a_range_runs_from_its_first_day_to_its_last(one, other, separator):
    first, last = sorted((one, other))
    assert period(f"{first}{separator}{last}") == (first, last)
    assert period(f"{first:%Y-%m}{separator}{last:%Y-%m}") == (
        period(f"{first:%Y-%m}")[0],
        period(f"{last:%Y-%m}")[1],
    )


@given(st.text("0123456789-QHFY./ ", max_size=18) | st.text(max_size=12))
def test_any_text_is_a_period_in_order_or_a_clear_refusal(text):
    try:
        first, last = period(text)
    except InputError as error:
        refusal = str(error)
    else:
        refusal = "accepted: " if first <= last else "not in order"
    assert "accepted: " in refusal

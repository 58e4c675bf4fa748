"""The records of the evidence base: one class a table, all with the same header."""

from dataclasses import dataclass
from datetime import date

EVIDENCE_CUTOFF = date(2026, 5, 31)
"""Evidence dated later may be compared with, but no prior may rest on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What every record has; an absent number is None, an absent text "".

    `value`, `low` and `high` are in `unit`. `as_of` is when the row is about, `date_start` and `date_end` its
    first and last day; `source_date` is when the source was published, `published` the first day of that
    period. `file` and `row` (the line in it) say where the row stands.
    """

    id: str
    quantity: str
    actor: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    scope: str = ""
    value_text: str = ""
    value_kind: str = ""
    range_kind: str = ""
    kind: str = ""
    as_of: str = ""
    date_start: date | None = None
    date_end: date | None = None
    grade: str = ""
    grade_basis: str = ""
    recalled: bool = False
    source: str
    url: str = ""
    source_date: str = ""
    published: date | None = None
    note: str = ""
    file: str = ""
    row: int = 0

    @property
    def after_cutoff(self) -> bool:
        """True if what the row is about begins after the evidence cut-off."""
        return self.dated_after(EVIDENCE_CUTOFF)

    def dated_after(self, cutoff: date) -> bool:
        """True if what the row is about begins after `cutoff`; an undated row counts from its publication."""
        begins = self.date_start or self.published
        return begins is not None and begins > cutoff

    def known_by(self, cutoff: date) -> bool:
        """True if the row could be known on `cutoff`.

        A row about a time that had passed was known; one about a time that reaches beyond the cut-off was known if it
        was published by then and is no event. So a forecast for 2027 published in 2025 was known in 2026, a plan for
        2026 to 2030 published in June 2026 was not known in May, and neither was an event of November 2026.
        """
        ends = self.date_end or self.date_start
        if ends is not None and ends <= cutoff:
            return True
        if self.published is not None and self.published > cutoff:
            return False
        return not self.dated_after(cutoff) or (self.kind != "event" and self.published is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Record):
    """One statement with its number, or one event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPoint(Record):
    """One value of a series; `quantity` is the name of the series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Record):
    """How many months the best PRC model was behind on one date by one method; `quantity` is the method."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume(Record):
    """Units of a chip sold or made in a year; `quantity` is the chip, `actor` the vendor or channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip(Record):
    """One accelerator package; `quantity` is its name, `value` its 8-bit dense performance in TOPS.

    Units: TFLOPS (16-bit), TOPS (8-bit), TPP, GB, TB/second, W, USD of the time.
    """

    vendor: str
    bf16_dense_tflops: float | None
    fp8_dense_tflops: float | None
    tpp: float | None
    hbm_gb: float | None
    hbm_tb_s: float | None
    tdp_w: float | None
    price_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Record):
    """One released model; `quantity` is its name, `value`, `low` and `high` its ECI with the 90% interval.

    Units: FLOP, ECI points, minutes (METR 50% horizon), percent, Elo points.
    """

    lab: str
    training_flop: float | None
    flop_confidence: str
    eci: float | None
    eci_low: float | None
    eci_high: float | None
    metr_horizon_min: float | None
    gpqa_diamond: float | None
    swe_bench_verified: float | None
    arena_elo: float | None
    open_weights: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident(Record):
    """One reported distillation campaign; `quantity` is the model that was copied, `value` the exchanges.

    `accounts_kind` and `exchanges_kind` say how a number is to be read, the texts hold the source's words.
    """

    target: str
    method: str
    accounts: float | None
    accounts_kind: str
    accounts_text: str
    exchanges: float | None
    exchanges_kind: str
    exchanges_text: str
    tokens: float | None

"""The shapes of answers, for the OpenAPI document; answers are made as plain values, and tests hold them to these."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from fourfronts.web.state import State


class Shape(BaseModel):
    """A shape with no other fields."""

    model_config = ConfigDict(extra="forbid")


class Lead(Shape):
    """Percentiles over the futures, in months."""

    p05: float
    p25: float
    p50: float
    p75: float
    p95: float


class Headline(Shape):
    """Lead at a date, and the probabilities of the scenarios at theirs; the largest standard error of those."""

    date: str
    lead: Lead
    scenarios: dict[str, float]
    scenario_date: str
    standard_error: float


class Margin(Shape):
    """Percentiles of the allied margin over the PRC, in the front's unit."""

    p05: float
    p50: float
    p95: float


class FrontStanding(Shape):
    """Probability that each bloc leads a front, the margin, and both in words."""

    id: str
    allied: float | None = None
    prc: float | None = None
    rest: float | None = None
    margin: Margin | None
    words: str


class Percentiles(Shape):
    """`values` has a row for each of `percentiles` and a column for each month."""

    percentiles: list[int]
    values: list[list[float]]


class Drawn(Shape):
    """The series of one chart, and the chart in a sentence."""

    series: dict[str, Percentiles]
    description: str


class Answered(Shape):
    """The answer to a state, which is told in its canonical form. `failed` counts futures that ran away."""

    state: State
    headline: Headline
    fronts: list[FrontStanding]
    charts: dict[str, Drawn]
    failed: int
    seconds: float


class Found(Shape):
    """A page of rows."""

    found: int
    page: int
    pages: int
    rows: list[dict[str, Any]]


class Published(Shape):
    """Figures of others over a chart."""

    chart: str
    methods: list[str]
    points: list[dict[str, Any]]

"""Figures of others that are drawn over a chart, with their ranges, methods and rows."""

from functools import cache
from typing import Any

from fourfronts.evidence.loader import load
from fourfronts.report.fans import day_time
from fourfronts.report.published import Point, blend, gap_points, ratio_points, scored_models

BLEND = "analysts’ blend (judgement)"


@cache
def published(chart: str) -> dict[str, Any]:
    """The points of a chart, none where nothing is drawn over it. `time` is a decimal year, values in its unit."""
    found = {"lead": _lead, "compute_ratio": _ratio, "capability": _capability}
    points = found[chart]() if chart in found else []
    return {"chart": chart, "methods": list(dict.fromkeys(each["method"] for each in points)), "points": points}


def _lead() -> list[dict[str, Any]]:
    by_method = {**gap_points(load()), BLEND: blend(load())}
    return [_point(each, method, "released") for method, points in by_method.items() for each in points]


def _ratio() -> list[dict[str, Any]]:
    return [_point(each, "published ratios", "usable") for each in ratio_points(load())]


def _capability() -> list[dict[str, Any]]:
    found = []
    for bloc in ("allied", "prc"):
        for method, rows in zip(("record on release", "other models"), scored_models(load(), bloc), strict=True):
            for row in rows:
                if row.date_start is None or row.eci is None:
                    continue
                low = row.eci if row.eci_low is None else row.eci_low
                high = row.eci if row.eci_high is None else row.eci_high
                found.append(_point(Point(row, day_time(row.date_start), row.eci, low, high), method, bloc))
    return found


def _point(point: Point, method: str, series: str) -> dict[str, Any]:
    row = point.row
    return {
        "id": row.id,
        "series": series,
        "method": method,
        "time": round(point.time, 4),
        "as_of": row.as_of,
        "value": point.value,
        "low": point.low,
        "high": point.high,
        "bound": row.value_kind if point.is_bound else None,
        "label": row.quantity,
        "source": row.source,
        "url": row.url,
        "grade": row.grade,
    }

"""The answer to one state: headline, fronts and charts, as JSON values or as a binary frame."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.charts import PERCENTILES, charts, fans, lead_at
from fourfronts.analysis.ensemble import Ensemble
from fourfronts.analysis.live import Live
from fourfronts.analysis.scenarios import evaluate
from fourfronts.analysis.scoreboard import scoreboard
from fourfronts.analysis.summary import rounded
from fourfronts.model.blocs import BLOCS
from fourfronts.policy.scenarios import scenarios
from fourfronts.report.moving import described, leading
from fourfronts.web.state import State

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Answer:
    """What the futures of a state say. `head` is plain values, `series[chart][name]` (5, months) percentiles."""

    head: dict[str, Any]
    descriptions: dict[str, str]
    series: dict[str, dict[str, Floats]]

    def as_json(self) -> dict[str, Any]:
        """Everything as plain values, numbers to six significant digits."""
        return self._with(lambda values: [[rounded(float(each)) for each in row] for row in values])

    def same_as(self, other: "Answer") -> bool:
        """Whether both say the same, however long they took."""
        one, two = self.as_json(), other.as_json()
        return one | {"seconds": 0} == two | {"seconds": 0}

    def frame(self, request: int) -> bytes:
        """A frame of the socket: the header, then every number of the charts as float32, little-endian."""
        data: list[bytes] = []
        offset = 0

        def placed(values: Floats) -> dict[str, Any]:
            nonlocal offset
            place = {"offset": offset, "shape": list(values.shape)}
            data.append(np.ascontiguousarray(values, dtype="<f4").tobytes())
            offset += values.size
            return place

        return framed({"request": request, "answer": self._with(placed)}, b"".join(data))

    def _with(self, told: Callable[[Floats], Any]) -> dict[str, Any]:
        drawn = {
            chart: {
                "series": {
                    name: {"percentiles": list(PERCENTILES), "values": told(values)} for name, values in rows.items()
                },
                "description": self.descriptions[chart],
            }
            for chart, rows in self.series.items()
        }
        return {**self.head, "charts": drawn}


def framed(header: dict[str, Any], data: bytes = b"") -> bytes:
    """Length of the header (uint32, little-endian), the header padded to a multiple of 4, the data."""
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    return len(text).to_bytes(4, "little") + text + data


def answer(live: Live, state: State, stopped: Callable[[], bool] = lambda: False) -> Answer:
    """Simulate a state and say what it looks like. Raises InputError and Stopped as `Live.run` does."""
    began = time.perf_counter()
    asked = state.canonical()
    ensemble = live.run(
        asked.asked, asked.assumed, draws=asked.draws, seed=asked.seed, dates=[asked.date], stopped=stopped
    )
    series = {name: fans(ensemble.monthly, charts()[name]) for name in asked.charts}
    head = {
        "state": asked.model_dump(),
        "headline": _headline(ensemble, asked.date),
        "fronts": _fronts(ensemble, asked.date),
        "failed": ensemble.failed,
        "seconds": round(time.perf_counter() - began, 4),
    }
    words = {name: described(charts()[name], rows, ensemble.months, asked.date) for name, rows in series.items()}
    return Answer(head, words, series)


def _headline(ensemble: Ensemble, date: str) -> dict[str, Any]:
    found = evaluate(ensemble).probabilities
    told = {name: each.as_json() for name, each in found.items()}
    return {
        "date": date,
        "lead": {name: rounded(value) for name, value in lead_at(ensemble, date).items()},
        "scenarios": {name: each.get("probability", 0.0) for name, each in told.items()},
        # Shipped scenarios are of one date, whichever month is looked at.
        "scenario_date": str(next(iter(scenarios().values())).date),
        "standard_error": max(each.get("standard_error", 0.0) for each in told.values()),
    }


def _fronts(ensemble: Ensemble, date: str) -> list[dict[str, Any]]:
    found = []
    for name, standing in scoreboard(ensemble).items():
        board = standing.as_json()
        chances = {bloc: board[bloc][date] for bloc in BLOCS if date in board[bloc]}
        margin = board["margin"]["by_date"].get(date)
        found.append({"id": name, **chances, "margin": margin, "words": leading(chances)})
    return found

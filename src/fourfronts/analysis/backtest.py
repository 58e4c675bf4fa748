"""Back-test: calibrate on what was known at a cut-off, forecast what came after, and score it against baselines.

Figures count by the date that they are about. Many were published or revised later, and no earlier edition is in the
evidence, so this is a test with today's edition of yesterday's figures; `asof` says what becomes of priors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.baselines import BASELINES, Expected, crps_draws, crps_normal, history
from fourfronts.evidence.loader import Evidence
from fourfronts.inference.calibration import QUICK, Effort, Problem, thinned
from fourfronts.inference.observations import Z90, Observations
from fourfronts.inference.parameters import registry
from fourfronts.inference.prediction import misfits, predict
from fourfronts.inference.sampling import sample_slices
from fourfronts.policy.grid import Month

CUTOFFS = (date(2023, 12, 31), date(2024, 6, 30), date(2024, 12, 31), date(2025, 6, 30), date(2025, 12, 31))
BACKTEST = Effort(crowds=2, walkers=64, walkers_settling=200, walked=400, block=20)
LITTLE = QUICK
"""Efforts of a calibration: of the whole back-test, and of one that proves the path."""

DRAWS = 1000
"""Draws of a posterior that forecast, at most."""

BLEND = "analyst blend"
MODEL = "model"
PERCENTILES = (5, 25, 50, 75, 95)
ANALYSTS = "ANALYST BLEND"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """One figure that came after a cut-off: where it fell among the draws, and every forecaster's CRPS, on its scale.

    `years` is how long after the cut-off it stands. `percentiles` are those of the model, PERCENTILES; `scale` and
    `unit` say how the series is read.
    """

    cutoff: date
    series: str
    label: str
    rows: tuple[str, ...]
    month: Month
    years: float
    value: float
    percentiles: tuple[float, ...]
    rank: float
    crps: Mapping[str, float]
    scale: int
    unit: str

    def inside(self, share: float) -> bool:
        """Whether the middle 50 or 90% of the model's draws hold the figure."""
        tail = (1 - share) / 2
        return tail <= self.rank <= 1 - tail


def backtest(
    evidence: Evidence,
    folder: Path,
    *,
    cutoffs: Sequence[date] = CUTOFFS,
    effort: Effort,
    seed: int,
    say: Callable[[str], None] = lambda _: None,
) -> list[Scored]:
    """Every figure after every cut-off, scored. Stages of each calibration are kept in `folder` and gone on from."""
    scored: list[Scored] = []
    first: Problem | None = None
    for cutoff in cutoffs:
        problem = Problem(registry(), evidence, cutoff, seed, first, hasty=effort.hasty)
        first = first or problem
        place = folder / str(cutoff)
        place.mkdir(parents=True, exist_ok=True)

        def done(blocks: int, of: int, cutoff: date = cutoff) -> None:
            say(f"as of {cutoff}: {100 * blocks // of}%")

        say(f"as of {cutoff}: looking for the mode")
        chains = sample_slices(problem, effort, seed, place, done)
        scores = chains.reshape(-1, chains.shape[-1])
        drawn = forecasts(problem, thinned(scores, DRAWS), seed)
        scored += score(problem.observed, drawn, evidence, cutoff)
    return scored


def forecasts(problem: Problem, scores: Floats, seed: int) -> Floats:
    """Draws of every figure on its scale, (series, points, draws), of scores (draws, coordinates)."""
    predicted, bias, misfit = problem.predicted(scores.T)
    return predict(problem.observed, predicted, bias, misfits(problem.observed, misfit, seed), seed)


def score(observed: Observations, drawn: Floats, evidence: Evidence, cutoff: date) -> list[Scored]:
    """The figures after the cut-off, of forecasts (series, points, draws). Bounds cannot be scored and are left out."""
    blend = _blend(evidence, cutoff)
    found = []
    for row, name in enumerate(observed.names):
        scale = int(observed.scale[row])
        figures = [(each.middle, point) for point, each in enumerate(observed.figures[row])]
        known = history(
            scale,
            [
                (time, observed.value[row, point], observed.error[row, point])
                for time, point in figures
                if observed.known[row, point] and not observed.bound[row, point]
            ],
        )
        for time, point in figures:
            if observed.known[row, point] or observed.bound[row, point]:
                continue
            value, error = float(observed.value[row, point]), float(observed.error[row, point])
            # Futures that ran away by then say nothing; where most did, neither does the model.
            draws = drawn[row, point][np.isfinite(drawn[row, point])]
            if 2 * len(draws) < drawn.shape[-1]:
                continue
            crps = {MODEL: crps_draws(draws, value)}
            for each, forecast in BASELINES.items():
                if expected := forecast(known, time, error):
                    crps[each] = crps_normal(expected, value)
            if blend and observed.series[name].unit == "months":
                crps[BLEND] = crps_normal(Expected(blend.mean, float(np.hypot(blend.deviation, error))), value)
            figure = observed.figures[row][point]
            found.append(
                Scored(
                    cutoff=cutoff,
                    series=name,
                    label=observed.series[name].label,
                    rows=figure.rows,
                    month=figure.last,
                    years=time - _years(cutoff),
                    value=value,
                    percentiles=tuple(float(each) for each in np.percentile(draws, PERCENTILES)),
                    rank=float((draws < value).mean()),
                    crps=crps,
                    scale=scale,
                    unit=observed.series[name].unit,
                )
            )
    return found


def _years(cutoff: date) -> float:
    return (Month(cutoff.year, cutoff.month).offset + 1) / 12


def _blend(evidence: Evidence, cutoff: date) -> Expected | None:
    """The analysts' own summary of the gap as of a cut-off, carried on; their range is taken as a 90% one."""
    rows = [row for row in evidence.gaps if row.quantity.startswith(ANALYSTS) and row.known_by(cutoff)]
    rows = [row for row in rows if row.date_start is not None and row.date_start <= cutoff]
    if not rows:
        return None
    last = max(rows, key=lambda row: row.date_start or date.min)
    if last.value is None or last.low is None or last.high is None:
        return None
    return Expected(last.value, (last.high - last.low) / (2 * Z90))

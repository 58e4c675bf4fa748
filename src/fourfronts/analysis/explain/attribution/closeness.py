"""How many months of the PRC's closeness each illicit channel explains: a game of two, evasion and distillation."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.channels import BASE, CLOSED
from fourfronts.analysis.claim_runs import Futures, simulate
from fourfronts.analysis.explain.attribution import shapley
from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.percentiles import percentiles
from fourfronts.inference.parameters import Registry
from fourfronts.policy.grid import Month

Floats = NDArray[np.float64]

LEAD = "lead_months[released]"
_LEAD = "lead_months.released"
CHANNELS = ("evasion", "distillation")
RUNS = (BASE, *(CLOSED[each] for each in (*CHANNELS, "both")))
"""The run in which nothing, the first channel, the second, and both are closed: as coalitions 0 to 3 have it."""
LABELS = {
    "evasion": "Evasion: diversion and renting of chips",
    "distillation": "Distillation of models",
    "both": "Both",
    "beyond": "Both together beyond apart",
}
PERCENTILES = {"p05": 5, "p50": 50, "p95": 95}


def closeness(
    known: Registry,
    asked: Mapping[str, Any],
    *,
    draws: int,
    seed: int,
    horizon: Month,
    progress: Callable[[int, int], None] | None = None,
) -> Finding:
    """Months that each channel takes off the lead of released models, now and at the end, under drift's policy.

    Shapley values over the order in which the two are closed since 2022. Rows: a date and a channel, both, and what the
    two do together beyond apart; mean, percentiles over futures, standard error, `alone` where the other stays open and
    `last` where the other is closed. Raises InputError as `claim_runs.simulate` does.
    """
    options = {"draws": draws, "seed": seed, "outputs": ("lead_months",)}
    futures = simulate(dict.fromkeys(RUNS, (_LEAD,)), {}, known, horizon, progress, **options)
    dates = (futures.now, futures.last)
    games = {date: {which: futures.at(run, _LEAD, date) for which, run in enumerate(RUNS)} for date in dates}
    rows = [row for date in dates for row in _rows(games[date], date)]
    lead = {
        date: {"open": float(game[0].mean()), "closed": float(game[shapley.everyone(2)].mean())}
        for date, game in games.items()
    }
    details = {"labels": LABELS, "dates": list(dates), "lead": lead, "left_out": futures.left_out}
    title = "How much of the PRC's closeness each illicit channel explains"
    return Finding("closeness", title, rows, _sentences(rows, lead, dates), details, asked, _limits(futures))


def _rows(game: Mapping[int, Floats], date: str) -> list[dict[str, Any]]:
    first, second = shapley.values(len(CHANNELS), game)
    both = game[3] - game[0]
    return [
        _row("evasion", date, first, (game[1] - game[0], game[3] - game[2])),
        _row("distillation", date, second, (game[2] - game[0], game[3] - game[1])),
        _row("both", date, both, (both, both)),
        _row("beyond", date, beyond := shapley.interaction(2, game, 0, 1), (beyond, beyond)),
    ]


def _row(name: str, date: str, value: Floats, ends: tuple[Floats, Floats]) -> dict[str, Any]:
    count = len(value)
    spread = percentiles(value, PERCENTILES.values())
    return {
        "date": date,
        "channel": name,
        "unit": "months",
        "mean": float(value.mean()),
        **{name: float(each) for name, each in zip(PERCENTILES, spread, strict=True)},
        "standard_error": float(value.std(ddof=1) / np.sqrt(count)) if count > 1 else float("nan"),
        "alone": float(ends[0].mean()),
        "last": float(ends[1].mean()),
        "futures": count,
    }


def _sentences(
    rows: list[dict[str, Any]], lead: Mapping[str, Mapping[str, float]], dates: tuple[str, str]
) -> list[str]:
    now, _ = dates
    evasion, distillation, both, beyond = (row for row in rows if row["date"] == now)
    if not any(row["mean"] or row["p05"] or row["p95"] for row in rows):
        return ["Closing the channels changes the lead in no future: under these assumptions they explain nothing."]
    return [
        (
            f"Had evasion and distillation been closed since 2022, the lead in {now} would be"
            f" {lead[now]['closed']:.1f} months on average and not {lead[now]['open']:.1f}:"
            f" {both['mean']:.2f} months of the PRC's closeness are theirs ({_spread(both)})."
        ),
        (
            f"Distillation explains {distillation['mean']:.2f} months of it ({_spread(distillation)}), evasion"
            f" {evasion['mean']:.2f} ({_spread(evasion)})."
        ),
        (
            f"Closing both adds {abs(beyond['mean']):.2g} months"
            f" {'more' if beyond['mean'] >= 0 else 'less'} than closing each adds by itself ({_spread(beyond)})."
        ),
    ]


def _spread(row: Mapping[str, float]) -> str:
    return f"90% of futures: {row['p05']:.2g} to {row['p95']:.2g}"


def _limits(futures: Futures) -> tuple[str, ...]:
    return (
        (
            "What would have been is the model's: policy is drift's in every past, and nobody answers a channel that is"
            " closed by other means than those of the model. Other reasons for closeness, such as open publication, are"
            " not among the two."
        ),
        "Ranges are those of the assumptions; none says that the equations are right.",
        *([f"Futures left out because a value is not finite: {futures.left_out}."] if futures.left_out else []),
    )

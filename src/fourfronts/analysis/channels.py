"""The past undone: how long the lead would be had the PRC's illicit channels been closed since 2022."""

from typing import Any

from fourfronts.analysis.claim_runs import Futures, simulate
from fourfronts.analysis.percentiles import percentiles
from fourfronts.analysis.summary import rounded
from fourfronts.inference.parameters import Registry
from fourfronts.policy.grid import Month

LEAD = "lead_months.released"
BASE = "drift"
CLOSED = {"evasion": "no_evasion", "distillation": "no_distillation", "both": "no_channels"}
"""What is closed, and the run of the claims ledger that closes it: diversion and renting, distillation, all three."""


def closed(known: Registry, *, draws: int, seed: int, horizon: Month, driver: str = "jax") -> dict[str, Any]:
    """The lead of released models, now and at the end, with the channels as they were and without them.

    Policy is drift's, priors are `known`. `lead_months[WHICH][DATE]` holds p05, p50 and p95, and `added[WHICH][DATE]`
    those of the months that closing the channels adds to the same future.
    """
    wanted = dict.fromkeys((BASE, *CLOSED.values()), (LEAD,))
    futures = simulate(wanted, {}, known, horizon, draws=draws, seed=seed, driver=driver)
    dates = (futures.now, futures.last)
    runs = {"as_it_was": BASE, **CLOSED}
    return {
        "draws": draws,
        "left_out": futures.left_out,
        "lead_months": {
            which: {date: _range(futures.at(run, LEAD, date)) for date in dates} for which, run in runs.items()
        },
        "added": {which: {date: _added(futures, run, date) for date in dates} for which, run in CLOSED.items()},
    }


def _added(futures: Futures, run: str, date: str) -> dict[str, float]:
    return _range(futures.at(run, LEAD, date) - futures.at(BASE, LEAD, date))


def _range(values: Any) -> dict[str, float]:
    p05, p50, p95 = (rounded(float(each)) for each in percentiles(values, (5, 50, 95)))
    return {"p05": p05, "p50": p50, "p95": p95}

"""The headline results under every worldview: what of an answer rests on one way to see the world."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fourfronts.analysis.ensemble import CHUNK, Ensemble, run_ensemble
from fourfronts.analysis.scenarios import evaluate
from fourfronts.analysis.scoreboard import scoreboard
from fourfronts.analysis.summary import distributions
from fourfronts.inference.parameters import Registry
from fourfronts.inference.posterior import calibrated
from fourfronts.inference.stages import cores
from fourfronts.inference.worldviews import under
from fourfronts.model.blocs import ALLIED
from fourfronts.policy.grid import Month
from fourfronts.policy.loader import Package, Worldview, worldviews
from fourfronts.policy.paths import Setting

FUTURES = CHUNK
"""Futures for each worldview in an ordinary run: what is computed together anyway."""

HEADLINES = {"lead_months": "released", "compute_ratio": "stock_usable_flops"}
"""Outputs in the table, and their kinds."""


def across(
    packages: Sequence[Package],
    chosen: Worldview,
    *,
    settings: Sequence[Setting] = (),
    switches: Mapping[str, float] | None = None,
    draws: int = FUTURES,
    seed: int = 0,
    horizon: Month,
    driver: str = "jax",
    parameters: Registry | None = None,
) -> dict[str, Any]:
    """Headline results at the end of the run under every shipped worldview, and under the one `chosen` for the run.

    Settings and switched couplings are on top of each, and each is on top of `parameters`, the shipped posterior unless
    told. `packages` holds the label of each package; `views[NAME]` label,
    description, rationale and its evidence, and by package the headline outputs, the scenario probabilities and in
    `leads` the probability that the allied bloc leads each front.
    """
    views = worldviews() | {chosen.name: chosen}
    # The view that every other is read against comes first.
    ordered = sorted(views.values(), key=lambda each: each.name != "evidence")

    def results(view: Worldview) -> dict[str, Any]:
        known = under(parameters or calibrated(), view, switches)
        options: dict[str, Any] = {"draws": draws, "seed": seed, "horizon": horizon, "driver": driver}
        ran = run_ensemble(packages, settings=settings, parameters=known, **options)
        return {name: _headlines(each) for name, each in ran.items()}

    with ThreadPoolExecutor(max_workers=cores()) as pool:
        found = list(pool.map(results, ordered))
    return {
        "draws": draws,
        "date": str(horizon),
        "packages": {each.name: each.label for each in packages},
        "views": {
            view.name: {
                "label": view.label,
                "description": view.description,
                "rationale": view.rationale,
                "evidence": list(view.evidence),
                "packages": numbers,
            }
            for view, numbers in zip(ordered, found, strict=True)
        },
    }


def _headlines(ensemble: Ensemble) -> dict[str, Any]:
    last = ensemble.dates[-1]
    standings = scoreboard(ensemble)
    return {
        "failed": ensemble.failed,
        **{
            name: {key: value for key, value in numbers.items() if key in ("p05", "p50", "p95")}
            for name, kind in HEADLINES.items()
            for numbers in distributions(ensemble.at(name, last, kind)[None])
        },
        "scenarios": {name: each.as_json() for name, each in evaluate(ensemble).probabilities.items()},
        "leads": {name: round(float(each.leads[-1, ALLIED]), 6) for name, each in standings.items()},
    }

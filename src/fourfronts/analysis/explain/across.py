"""The same packages under every worldview, in futures drawn alike wherever worldviews agree."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import reported_dates, run_ensemble
from fourfronts.analysis.explain.effort import Asked, asked
from fourfronts.analysis.explain.outcome import Outcome, needed
from fourfronts.errors import InputError
from fourfronts.inference.parameters import Registry
from fourfronts.inference.stages import cores
from fourfronts.inference.worldviews import under
from fourfronts.policy.grid import Grid, Month
from fourfronts.policy.loader import Package, Worldview, worldviews
from fourfronts.policy.paths import Setting

Floats = NDArray[np.float64]

TOGETHER = 12
"""Packages that are run at once, so that memory stays bounded."""


@dataclass(frozen=True)
class Futures:
    """Outcomes in every future: `values` (views, packages, outcomes, draws), not a number where a future has none.

    `views` holds the label of each worldview by name, `asks` what each package asks for.
    """

    values: Floats
    views: Mapping[str, str]
    packages: tuple[Package, ...]
    outcomes: tuple[Outcome, ...]
    asks: tuple[Asked, ...]

    def means(self) -> tuple[Floats, NDArray[np.intp]]:
        """Means (views, packages, outcomes), and the futures they are of (views, outcomes).

        A future counts only if the outcome is finite in it under every package, so that packages are compared in the
        same futures. Raises InputError where none is left.
        """
        kept = np.asarray(np.isfinite(self.values).all(axis=1))
        counts = kept.sum(axis=-1)
        for view, outcome in np.argwhere(counts == 0):
            name = list(self.views)[view]
            raise InputError(
                f"{self.outcomes[outcome].name}: no future of worldview {name} is finite under every package;"
                " accepted: assumptions under which some are"
            )
        summed = np.where(kept[:, None], self.values, 0.0).sum(axis=-1)
        return summed / counts[:, None], counts


def across(shipped: Registry, chosen: Worldview, switches: Mapping[str, float]) -> dict[str, tuple[str, Registry]]:
    """Label and parameters of every shipped worldview and of the one chosen, by name, the evidence first.

    Each is on top of `shipped`, the posterior or the priors, and switched couplings are on top of each.
    """
    views = worldviews() | {chosen.name: chosen}
    ordered = sorted(views.values(), key=lambda each: each.name != "evidence")
    return {each.name: (each.label, under(shipped, each, switches)) for each in ordered}


def gather(
    views: Mapping[str, tuple[str, Registry]],
    packages: Sequence[Package],
    outcomes: Sequence[Outcome],
    *,
    settings: Sequence[Setting] = (),
    draws: int,
    seed: int,
    outputs: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Futures:
    """Every package run under every worldview, on draws that are the same wherever priors are.

    `views` holds the label and the parameters of each worldview by name; `outputs` are kept besides those that the
    outcomes read. `progress` is told how many runs of how many are done. Raises InputError as `run_ensemble` does.
    """
    values = np.empty((len(views), len(packages), len(outcomes), draws))
    jobs = [
        (view, first, part)
        for view in range(len(views))
        for first in range(0, len(packages), TOGETHER)
        for part in _parts(outcomes)
    ]
    known = [registry for _, registry in views.values()]

    def job(view: int, first: int, part: Sequence[int]) -> None:
        some, read = packages[first : first + TOGETHER], [outcomes[index] for index in part]
        kept, horizon = needed(read)
        options: dict[str, Any] = {"draws": draws, "seed": seed, "monthly": 0, "outputs": {*kept, *outputs}}
        ran = run_ensemble(some, settings=settings, parameters=known[view], horizon=horizon, **options)
        for offset, each in enumerate(ran.values()):
            for index, outcome in zip(part, read, strict=True):
                values[view, first + offset, index] = outcome.of(each)

    in_threads([partial(job, *each) for each in jobs], progress)
    grid = Grid(horizon=max(each.date for each in outcomes))
    labels = {name: label for name, (label, _) in views.items()}
    asks = tuple(asked(each, grid) for each in packages)
    return Futures(values, labels, tuple(packages), tuple(outcomes), asks)


def in_threads(jobs: Sequence[Callable[[], None]], progress: Callable[[int, int], None] | None = None) -> None:
    """Do all jobs, as many at once as there are cores; none is begun after one has failed or the user interrupts."""
    with ThreadPoolExecutor(max_workers=cores()) as pool:
        try:
            for done, each in enumerate([pool.submit(job) for job in jobs], 1):
                each.result()
                if progress:
                    progress(done, len(jobs))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _parts(outcomes: Sequence[Outcome]) -> Iterator[list[int]]:
    """Outcomes that one run tells: those at dates that it reports, and others each with the run that ends there."""
    kept = reported_dates(Grid(horizon=max(each.date for each in outcomes)))
    by_run: dict[Month | None, list[int]] = {}
    for index, each in enumerate(outcomes):
        by_run.setdefault(None if str(each.date) in kept else each.date, []).append(index)
    yield from by_run.values()

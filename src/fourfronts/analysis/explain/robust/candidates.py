"""Packages to be searched: from a point of the unit cube to lever levels and start dates, and what each is worth.

Each lever has two coordinates: how far it goes from where it stands, down to one end of its range or up to the other,
and how many months after the earliest start. Levels go in twentieths of the way, so that a package can be read aloud.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import CHUNK, Ensemble, drawn
from fourfronts.analysis.explain.effort import Asked, asked, room, share_of_room, today
from fourfronts.analysis.explain.outcome import LEAD, finite, outcome
from fourfronts.analysis.explain.robust.memory import Key, Memory
from fourfronts.analysis.onward import MONTHS, Past, compiled, halves
from fourfronts.errors import InputError
from fourfronts.inference.outputs import OUTPUTS, whole
from fourfronts.inference.parameters import Registry
from fourfronts.inference.simulation import inputs_from
from fourfronts.inference.stages import cores
from fourfronts.model import world
from fourfronts.policy.grid import Grid, Month
from fourfronts.policy.loader import Change, Package, package
from fourfronts.policy.paths import Setting, free_paths, lever_paths
from fourfronts.policy.scenarios import COMMANDING_LEAD

Floats = NDArray[np.float64]

STEPS = 20
"""Levels between today's and an end of the range."""
DEAD = 2
"""Steps under which a lever counts as left alone, so that packages stay short."""
LATEST = 24
"""Months after the earliest start up to which the search may put a lever off."""
EARLIEST, RAMP = Month(2026, 7), 12
"""Start and months of change of a lever that the package `hold` leaves alone; the others have those of `hold`."""

READ = (LEAD, COMMANDING_LEAD, "adoption", "distribution")
"""Outcomes that objectives are means of, under the worldview that was asked for."""
OBJECTIVES = {
    "lead": "Mean lead, months",
    "commanding": "Commanding lead, probability",
    "adoption": "Adoption margin, points of GDP",
    "distribution": "Distribution margin, points",
    "worst": "Mean lead in the worst worldview, months",
    "effort": "Effort, levers moved in full",
    "cost": "Cost on record, USD",
}
SIGNS = np.array([-1.0, -1.0, -1.0, -1.0, -1.0, 1.0, 1.0])
"""What makes less better of each objective."""


@dataclass(frozen=True)
class Space:
    """The levers that are searched and how late each may start, at most `latest` months after its earliest start."""

    levers: tuple[str, ...]
    latest: int

    @classmethod
    def of(cls, levers: Sequence[str], horizon: Month) -> "Space":
        """Of some levers, for packages that are judged at `horizon`. Raises InputError if none could start by then."""
        if not levers:
            raise InputError("every lever is held by a setting; accepted: levers that are left to be searched")
        first = min(timing(name)[0] for name in levers)
        if horizon <= first:
            raise InputError(f"no lever can be pulled before {horizon}; accepted: a month after {first}")
        return cls(tuple(levers), min(LATEST, horizon.offset - first.offset))

    @property
    def dimensions(self) -> int:
        """Coordinates of a point: a level and a start of every lever."""
        return 2 * len(self.levers)

    def package(self, point: Floats, name: str, label: str = "") -> Package:
        """The package that a point (dimensions,) stands for."""
        moves, delays = np.split(np.asarray(point), 2)
        changes = {}
        for lever, move, delay in zip(self.levers, moves, delays, strict=True):
            steps = round((2 * move - 1) * STEPS)
            level = _level(lever, steps)
            if abs(steps) < DEAD or level == today(lever):
                continue
            earliest, ramp = timing(lever)
            start = earliest.later(round(delay * self.latest))
            changes[lever] = Change(level=level, start=start, ramp_months=ramp)
        words = "Found by a search over lever levels and start dates; all else as it stood on 2026-05-31."
        return Package(name=name, label=label or name, description=words, levers=changes)

    def point(self, chosen: Package) -> Floats:
        """The point (dimensions,) whose package is nearest to what a given one changes itself, its base left out."""
        moves, delays = np.full(len(self.levers), 0.5), np.zeros(len(self.levers))
        for index, lever in enumerate(self.levers):
            change = chosen.levers.get(lever)
            if change:
                moves[index] = 0.5 + share_of_room(lever, change.level) / 2
                months = change.start.offset - timing(lever)[0].offset
                delays[index] = min(max(months / self.latest, 0.0), 1.0)
        return np.concatenate([moves, delays])

    def start(self, population: int, seed: int, known: Sequence[Package]) -> Floats:
        """A first generation (population, dimensions): known packages, and others that leave half the levers alone."""
        rng = np.random.default_rng(seed)
        points = rng.random((population, self.dimensions))
        alone = rng.random((population, len(self.levers))) < 0.5
        points[:, : len(self.levers)] = np.where(alone, 0.5, points[:, : len(self.levers)])
        given = [self.point(each) for each in known][:population]
        if given:
            points[: len(given)] = given
        return points


def _level(lever: str, steps: int) -> float:
    way = room(lever, today(lever) + steps) * steps / STEPS if steps else 0.0
    return float(f"{today(lever) + way:.6g}")


def timing(lever: str) -> tuple[Month, int]:
    """When a lever starts, and how long it moves, where nobody says: as `hold` has it, or else EARLIEST and RAMP."""
    held = package("hold").levers.get(lever)
    return (held.start, held.ramp_months) if held else (EARLIEST, RAMP)


class Judge:
    """What packages are worth, in the same futures for all: one call of compiled code a chunk of futures, no more.

    `draws` futures of the worldview `own`, in whole chunks, and one chunk that the other worldviews share. The past,
    which is the same under every package, is computed once. What `memory` has of packages is not computed again, and
    what is computed is added to it.
    """

    def __init__(
        self,
        views: Mapping[str, Registry],
        own: str,
        at: Month,
        *,
        settings: Sequence[Setting] = (),
        draws: int = CHUNK,
        seed: int = 0,
        memory: Memory | None = None,
    ) -> None:
        from fourfronts.inference.sampler import layout

        self.read = tuple(outcome(each, at) for each in READ)
        self.grid = Grid(horizon=max(each.date for each in self.read))
        self.known, self.settings = views[own], tuple(settings)
        self.dates = tuple(sorted({str(each.date) for each in self.read}))
        self.rows = np.array([self.grid.labels.index(date) for date in self.dates]) - MONTHS
        needed = {name for each in self.read for name in each.outputs}
        outputs = tuple(name for name in OUTPUTS if name in needed)
        self.until, self.onward = compiled(outputs, layout(self.known))
        whole_chunk = {own: slice(0, CHUNK)}
        chunks = [(drawn(self.known, seed, "jax", number), whole_chunk) for number in range(-(-draws // CHUNK))]
        others = [name for name in views if name != own]
        if others:
            chunks.append(_shared({name: views[name] for name in others}, seed))
        # Nothing that a package changes is in the past, so that any package tells it.
        _, past, _ = halves(self._inputs(package("hold")))
        self.chunks = [(points, self.until(points, past), places) for points, places in chunks]
        self.own = own
        self.memory = memory
        self.seen: dict[Key, Floats] = memory.read() if memory else {}
        self.tried: set[Key] = set()

    def __call__(self, packages: Sequence[Package]) -> Floats:
        """Objectives as they are read (packages, objectives), in the order of OBJECTIVES."""
        self.tried.update(map(key, packages))
        new = {key(each): each for each in packages if key(each) not in self.seen}
        with ThreadPoolExecutor(max_workers=cores()) as pool:
            try:
                found = dict(zip(new, pool.map(self._objectives, new.values()), strict=True))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        if self.memory and found:
            self.memory.add(found)
        self.seen.update(found)
        return np.array([self.seen[key(each)] for each in packages])

    def _objectives(self, each: Package) -> Floats:
        inputs = self._inputs(each)
        by_view: dict[str, list[Floats]] = {}
        for points, past, places in self.chunks:
            found = self._values(each, points, past, inputs)
            for name, place in places.items():
                by_view.setdefault(name, []).append(found[:, place])
        values = {name: np.concatenate(parts, axis=1) for name, parts in by_view.items()}
        return objectives(values, self.own, asked(each, self.grid), each.name)

    def _inputs(self, each: Package) -> world.Inputs:
        levels = lever_paths(each, self.settings, self.grid)
        free = free_paths(each, self.settings, self.grid)
        return inputs_from(self.known, levels, free, self.grid, np.float32)

    def _values(self, each: Package, points: Any, past: Past, inputs: world.Inputs) -> Floats:
        """The outcomes that objectives read, (outcomes, CHUNK)."""
        driven = halves(inputs)
        reported, _ = self.onward(points, driven.first, past.state, past.history, driven.future)
        kept = {name: whole(pieces)[self.rows] for name, pieces in reported.items()}
        ensemble = Ensemble(each, self.dates, self.grid.labels, kept, {}, 0)
        return np.stack([read.of(ensemble) for read in self.read])


def objectives(values: Mapping[str, Floats], own: str, ask: Asked, what: str) -> Floats:
    """Objectives of one package from its outcomes READ (outcomes, draws) in every worldview."""
    means = [float(finite(row, f"package {what}: {name}").mean()) for row, name in zip(values[own], READ, strict=True)]
    worst = min(float(finite(rows[0], f"package {what}: {LEAD}").mean()) for rows in values.values())
    return np.array([*means, worst, ask.effort, ask.cost])


def key(each: Package) -> Key:
    """What tells one searched package from another, whatever they are called."""
    return tuple((name, change.level, change.start) for name, change in each.levers.items())


def _shared(views: Mapping[str, Registry], seed: int) -> tuple[Any, dict[str, slice]]:
    """One chunk of futures that worldviews share in equal parts, and which are whose."""
    each = CHUNK // len(views)
    parts = [np.asarray(drawn(known, seed, "jax", 0))[:, :each] for known in views.values()]
    whole_parts = np.concatenate(parts, axis=1)
    # The rest repeats the last future and is read by nobody.
    padded = np.pad(whole_parts, ((0, 0), (0, CHUNK - whole_parts.shape[1])), mode="edge")
    return padded, {name: slice(place * each, (place + 1) * each) for place, name in enumerate(views)}

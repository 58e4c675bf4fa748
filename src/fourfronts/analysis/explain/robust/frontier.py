"""What a search over packages found: those that none beats on every objective, and those that no worldview ruins."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from fourfronts.analysis.explain.across import Futures
from fourfronts.analysis.explain.effort import COSTS, share_of_room
from fourfronts.analysis.explain.finding import Finding
from fourfronts.analysis.explain.robust.candidates import OBJECTIVES, READ, SIGNS, Judge, Space, key
from fourfronts.analysis.explain.robust.question import check_met, regrets
from fourfronts.analysis.explain.robust.search import non_dominated, pareto
from fourfronts.errors import InputError
from fourfronts.policy.loader import Package, levers

Floats = NDArray[np.float64]

KEEP = 0.5
"""Share of the most that can be gained in a worldview which a package must keep there."""
LISTED = 5
BILLION = 1e9
SHORT, FOUND, GIVEN = "short list", "found", "given"
BASE = "drift"
"""What a package must not be worse than: policy carried on as it stood."""

LIMITS = (
    (
        "Effort is levers moved as a share of the way to the end of their range, each weighing the same: no money, and"
        " no measure of how hard a law is to pass. Cost on record covers"
        f" {' and '.join(each.replace('_', ' ') for each in COSTS)} alone, whoever pays it."
    ),
    (
        "The search tries some packages out of endlessly many, and judges them at one date, whatever comes after it;"
        " each lever changes as fast as the package hold has it. What is told of a package comes from futures that the"
        " search has not seen."
    ),
    "Worldviews are not weighted by how likely they are; a package that none of these ruins may be ruined by another.",
)


def found(
    judge: Judge,
    space: Space,
    known: Sequence[Package],
    *,
    population: int,
    generations: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[Package]:
    """Packages of the last generation that no other beats, from least to most effort, called found-01 and so on.

    `known` are packages that the first generation holds; they are not found again. Raises InputError as `search.pareto`
    does, and where nothing else is left.
    """

    def worth(points: Floats) -> Floats:
        values: Floats = judge([space.package(point, "tried") for point in points]) * SIGNS
        return values

    start = space.start(population, seed, known)
    points, best = pareto(worth, start, len(OBJECTIVES), generations=generations, seed=seed, progress=progress)
    effort = best[:, list(OBJECTIVES).index("effort")]
    several = [space.package(points[index], "found") for index in np.argsort(effort, kind="stable")]
    given = {key(each) for each in known}
    each_once = {key(each): each for each in several if key(each) not in given}.values()
    if not each_once:
        raise InputError("nothing was found but the packages given; accepted: more generations, packages or levers")
    taken = {each.name for each in known}
    free = (number for number in count(1) if f"found-{number:02}" not in taken)
    return [
        each.model_copy(update={"name": f"found-{number:02}", "label": f"Found {number:02}"})
        for number, each in zip(free, each_once, strict=False)
    ]


def frontier(
    futures: Futures, own: str, asked_for: Mapping[str, Any], *, condition_name: str, given: int, keep: float = KEEP
) -> Finding:
    """The Pareto set among packages, judged anew, and a short list of those that no worldview ruins.

    `futures` has found packages, then `given` others with `drift` among them; its outcomes begin with those of READ,
    and `condition_name` is one of them. A worldview ruins a package if the package keeps less than `keep` of the most
    lead that any gains there over drift, or has less than drift in another of READ. Found packages that another one
    beats are left out. Rows: a package with its objectives under `own`, its largest regret in lead, its smallest
    satisficing probability and the number of worldviews that ruin it. Raises InputError for a condition that no future
    meets.
    """
    means, _ = futures.means()
    check_met(futures, means, condition_name)
    worth = _objectives(futures, means, own)
    free = len(futures.packages) - given
    kept = [*np.flatnonzero(non_dominated(worth[:free] * SIGNS)), *range(free, len(futures.packages))]
    ruined = _ruined(futures, means, keep)
    regret = regrets(means[:, kept, :1], np.ones(1))[:, :, 0]
    worst = dict(zip(kept, regret.max(axis=0), strict=True))
    short = _short([index for index in kept if index < free and not ruined[:, index].any()], worth, worst)
    order = sorted(kept, key=lambda index: (index not in short, index >= free, index))
    names = [each.name for each in futures.outcomes]
    met = means[:, :, names.index(condition_name)].min(axis=0)

    def row(index: int) -> dict[str, Any]:
        kind = SHORT if index in short else FOUND if index < free else GIVEN
        ask = futures.asks[index]
        return {
            "package": futures.packages[index].name,
            "kind": kind,
            **dict(zip(list(OBJECTIVES)[:-1], map(float, worth[index]), strict=False)),
            "usd_billion_low": ask.low / BILLION,
            "usd_billion_high": ask.high / BILLION,
            "regret": float(worst[index]),
            "satisficing_worst": float(met[index]),
            "ruined_in": int(ruined[:, index].sum()),
        }

    rows = [row(index) for index in order]
    listed = [futures.packages[index] for index in sorted(short)]
    by_view = {
        "regret": {futures.packages[index].name: regret[:, kept.index(index)] for index in order},
        "ruined": {futures.packages[index].name: ruined[:, index] for index in order},
    }
    details = by_view | _details(futures, order, listed) | {"own": own, "rule": _rule(keep)}
    title = f"Packages that none beats on {len(OBJECTIVES)} objectives at once"
    return Finding("robust", title, rows, _sentences(rows, futures, worth, details), details, asked_for, LIMITS)


def _details(futures: Futures, order: Sequence[int], listed: Sequence[Package]) -> dict[str, Any]:
    return {
        "objectives": dict(OBJECTIVES),
        "cost": {futures.packages[index].name: futures.asks[index].cost for index in order},
        "views": dict(futures.views),
        "labels": {each.name: each.label for each in futures.packages},
        "moves": {each.name: _moves(each) for each in listed},
        "lever_labels": {name: each.label for name, each in levers().items()},
        "files": {f"{each.name}.yaml": package_file(each) for each in listed},
    }


def package_file(each: Package) -> str:
    """A package as the text of a file that `--package FILE` accepts."""
    changes = {
        name: {"level": change.level, "start": str(change.start), "ramp_months": change.ramp_months}
        for name, change in each.levers.items()
    }
    fields = {"name": each.name, "label": each.label, "description": each.description, "levers": changes}
    return yaml.safe_dump(fields, sort_keys=False, width=120, allow_unicode=True)


def _objectives(futures: Futures, means: Floats, own: str) -> Floats:
    """Objectives (packages, objectives) as they are read, in the order of OBJECTIVES."""
    names = [each.name for each in futures.outcomes[: len(READ)]]
    if tuple(names) != READ:
        raise InputError(f"outcomes {', '.join(names)}; accepted: {', '.join(READ)} first")
    asks = np.array([[each.effort, each.cost] for each in futures.asks])
    here = means[list(futures.views).index(own), :, : len(READ)]
    return np.column_stack([here, means[:, :, 0].min(axis=0), asks])


def _ruined(futures: Futures, means: Floats, keep: float) -> NDArray[np.bool_]:
    """Whether a worldview ruins a package, (views, packages)."""
    base = [each.name for each in futures.packages].index(BASE)
    gain = means[:, :, : len(READ)] - means[:, base : base + 1, : len(READ)]
    most = gain[:, :, 0].max(axis=1, keepdims=True)
    found_ruined: NDArray[np.bool_] = (gain[:, :, 0] < keep * most) | (gain[:, :, 1:] < 0).any(axis=2)
    return found_ruined


def _rule(keep: float) -> str:
    return (
        f"a worldview ruins a package that keeps less than {keep:.0%} of the most lead any package gains there over"
        f" {BASE}, or that has less than {BASE} in commanding lead, adoption or distribution"
    )


def _short(sound: Sequence[int], worth: Floats, worst: Mapping[int, float]) -> set[int]:
    """Up to LISTED of some packages: the one of least effort, and in each band of more the one of least regret."""
    effort = list(OBJECTIVES).index("effort")
    ordered = sorted(sound, key=lambda index: (worth[index, effort], index))
    bands = [band for band in np.array_split(ordered[1:], LISTED - 1) if len(band)]
    return {*ordered[:1], *(min(map(int, band), key=lambda index: (worst[index], index)) for band in bands)}


def _moves(each: Package) -> dict[str, dict[str, Any]]:
    """By lever: its new level, unit, start, and the share of the way to the end of its range, negative if down."""
    return {
        name: {
            "level": change.level,
            "unit": levers()[name].unit,
            "start": str(change.start),
            "share": share_of_room(name, change.level),
        }
        for name, change in each.levers.items()
    }


def _sentences(
    rows: Sequence[Mapping[str, Any]], futures: Futures, worth: Floats, details: Mapping[str, Any]
) -> list[str]:
    here = [row for row in rows if row["kind"] != GIVEN]
    given = [row for row in rows if row["kind"] == GIVEN]
    span = {name: (min(row[name] for row in here), max(row[name] for row in here)) for name in ("lead", "effort")}
    lead, effort = (f"{low:.3g} to {high:.3g}" for low, high in span.values())
    found_words = f"The search found {len(here)} packages that no other of them beats on every objective"
    say = [f"{found_words}, with a mean lead of {lead} months for an effort of {effort}."]
    listed = [row for row in here if row["kind"] == SHORT]
    base = next(row for row in given if row["package"] == BASE)
    sound = sum(row["ruined_in"] == 0 for row in here)
    if listed:
        least = min(listed, key=lambda row: row["effort"])
        pulled = sorted(details["moves"][least["package"]].items(), key=lambda move: -abs(move[1]["share"]))
        most = ", ".join(f"{levers()[name].label.lower()} {_to(move)}" for name, move in pulled[:3])
        say.append(
            f"No worldview ruins {sound} of them ({details['rule']}); the least effort that does it is"
            f" {least['effort']:.3g}, {details['labels'][least['package']]}, with {least['lead']:.3g} months against"
            f" {base['lead']:.3g} under {BASE}; its largest moves: {most}."
        )
    else:
        say.append(f"Every one of them is ruined in some worldview ({details['rule']}), so that none is listed.")
    beaten = _beaten([row["package"] for row in given], [row["package"] for row in here], futures, worth)
    if beaten:
        say.append(f"Beaten on every objective by some package found: {', '.join(beaten)}.")
    else:
        say.append(f"None of {', '.join(row['package'] for row in given)} is beaten on every objective.")
    return say


def _to(move: Mapping[str, Any]) -> str:
    unit = "" if move["unit"] == "dimensionless" else f" {move['unit']}"
    return f"to {move['level']:.3g}{unit} from {move['start']}"


def _beaten(given: Sequence[str], here: Sequence[str], futures: Futures, worth: Floats) -> list[str]:
    """Names of given packages that some found one is as good as on every objective and better on one."""
    place = {each.name: index for index, each in enumerate(futures.packages)}
    others = worth[[place[name] for name in here]] * SIGNS
    mine = {name: worth[place[name]] * SIGNS for name in given}
    return [
        futures.packages[place[name]].label
        for name, one in mine.items()
        if ((others <= one).all(axis=1) & (others < one).any(axis=1)).any()
    ]

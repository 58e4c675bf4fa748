"""The whole of a calibration: every stage in its folder, the verdict on them, and the posterior that comes of it."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from fourfronts.evidence.loader import EVIDENCE_CUTOFF, Evidence, load
from fourfronts.inference.calibration import FULL, Effort, Problem, double_precision, marginals, thinned
from fourfronts.inference.diagnostics import agreement, disagreeing, forgetful, of_chains, remembered, sound
from fourfronts.inference.figures import Datum
from fourfronts.inference.learned import learned
from fourfronts.inference.parameters import registry
from fourfronts.inference.posterior import Posterior, evidence_digest, model_digest
from fourfronts.inference.sampling import sample_nuts, stay

DRAWS = 2000
"""Joint draws that a posterior keeps, at most."""

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Calibration:
    """A posterior, what was learned (`learned.learned`), and what is wrong with it, a sentence each."""

    posterior: Posterior
    learned: dict[str, Any]
    troubles: tuple[str, ...]


def calibrate(
    folder: Path,
    *,
    cutoff: date = EVIDENCE_CUTOFF,
    effort: Effort = FULL,
    seed: int = 1,
    evidence: Evidence | None = None,
    own: Mapping[str, Sequence[Datum]] | None = None,
    say: Say = lambda _: None,
) -> Calibration:
    """Draw from the posterior as of `cutoff`, in stages kept in `folder`, of which what is there is used.

    `own` are a user's figures beside ours. `say` is told where it stands.
    """
    known = evidence or load()
    asked = {"cutoff": str(cutoff), "seed": seed, "effort": asdict(effort), "own": repr(sorted((own or {}).items()))}
    stages = prepared(folder, asked)
    with double_precision():
        say("compiling the model")
        problem = Problem(registry(), known, cutoff, seed, own=own, hasty=effort.hasty)
        say("looking for the mode")
        found, frame = sample_nuts(problem, effort, seed, stages, _told(say, "NUTS"))
        flat = found["scores"].reshape(-1, found["scores"].shape[-1])
        first, walked = stay(problem, effort, seed, stages, _told(say, "elliptical slices"), flat, frame)
        say("comparing")
        kept, after = thinned(flat, DRAWS), thinned(walked.reshape(-1, walked.shape[-1]), DRAWS)
        both = agreement(marginals(problem, kept), marginals(problem, after))
        memory = remembered(marginals(problem, first), marginals(problem, walked[:, -1]))
        chains = of_chains(problem.target.names, found["scores"], found["energy"], found["diverged"])
        values = problem.values(kept.T)
        taught = learned(problem, kept, seed)
    troubles = [*sound(chains), *disagreeing(both), *forgetful(memory)]
    notes = {
        "own_figures": sum(map(len, (own or {}).values())),
        "effort": asdict(effort),
        "figures": problem.observed.count,
        "loosened": {name: round(factor, 3) for name, factor in problem.known.loosened.items()},
        "blinded": list(problem.known.blinded),
        "mode_log_density": problem.mode.log_density,
        "chains": chains,
        "agreement": {name: {**each, "memory": memory[name]} for name, each in both.items()},
        "troubles": troubles,
    }
    posterior = Posterior.made_here(cutoff, problem.target.names, values, seed, notes)
    return Calibration(posterior, taught, tuple(troubles))


def prepared(folder: Path, what: dict[str, Any]) -> Path:
    """A folder for the stages of one calibration, emptied if it holds those of another."""
    made_from = {**what, "evidence": evidence_digest(), "model": model_digest()}
    name = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:16]
    mine = folder / name
    for other in folder.glob("*"):
        if other.is_dir() and other != mine:
            shutil.rmtree(other)
    mine.mkdir(parents=True, exist_ok=True)
    return mine


def _told(say: Say, what: str) -> Callable[[int, int], None]:
    return lambda done, of: say(f"{what}: {100 * done // of}%")

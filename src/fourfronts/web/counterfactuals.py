"""The runs behind a claim as states of the page, so that a reader opens what a verdict rests on and goes on from it."""

from typing import Any

from pydantic import ValidationError

from fourfronts.analysis.claim_runs import Run, definitions
from fourfronts.model.couplings import Parameters as Couplings
from fourfronts.policy.grid import FIRST_CHANGE
from fourfronts.policy.loader import coupling_id
from fourfronts.web.state import State

BASE = "drift"
"""The package that changes nothing, on which a run without one of its own is laid."""


def state_of(run: Run, *, draws: int, seed: int) -> State | None:
    """The same futures as the run, or None where it changes the past or holds a parameter where none can be held."""
    if any(each.start < FIRST_CHANGE for each in run.settings):
        return None
    package = definitions()["runs"][run.name].get("package")
    told = run.as_json()
    levers: dict[str, Any] = {} if package else told["levers"]
    # A setting has no ramp.
    levers |= {
        each["lever"]: {"level": each["level"], "start": each["start"], "ramp_months": 0} for each in told["settings"]
    }
    strengths = {coupling_id(name): name for name in Couplings._fields}
    # Of a strength only nought is the same as a multiple and as a number.
    couplings = {strengths[key]: 0.0 for key, value in run.fixed.items() if key in strengths and value == 0}
    parameters = {key: float(value) for key, value in run.fixed.items() if key not in strengths}
    if len(couplings) + len(parameters) < len(run.fixed):
        return None
    question: dict[str, Any] = {
        "package": package or BASE,
        "levers": levers,
        "couplings": couplings,
        "parameters": parameters,
        "draws": draws,
        "seed": seed,
    }
    try:
        return State(**question).canonical()
    except ValidationError:
        return None


def told(run: Run, *, draws: int, seed: int) -> dict[str, Any]:
    """The run as plain values, with the state that the page can open, or None."""
    state = state_of(run, draws=draws, seed=seed)
    return run.as_json() | {"state": state.model_dump(exclude_defaults=True) if state else None}

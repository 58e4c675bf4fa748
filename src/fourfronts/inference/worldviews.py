"""A worldview applied to the parameters: its priors in the place of theirs, its multipliers on the couplings."""

from collections.abc import Mapping

from fourfronts.errors import InputError, unknown
from fourfronts.inference.parameters import Registry
from fourfronts.inference.priors import scaled
from fourfronts.policy.loader import CouplingChange, PriorChange, Worldview, coupling_id


def under(known: Registry, view: Worldview, switches: Mapping[str, float] | None = None) -> Registry:
    """The parameters as `view` has them, with the couplings named in `switches` multiplied on top.

    A coupling switched off has strength 0 in every future; any other multiplier scales the prior of its strength. A
    switch takes the place of the view's own multiplier of that coupling, and scales the view's prior where it has one.
    Raises InputError for a parameter or a coupling that does not exist, with the nearest, and for a prior that does not
    fit.
    """
    where, given = f"worldview {view.name}", switches or {}
    own = {name: change for name, change in view.couplings.items() if name not in given}
    seen = known.overridden(view.priors | _strengths(known, own, f"{where}: couplings"), where)
    on_top = {name: CouplingChange(strength=multiplier) for name, multiplier in given.items()}
    return seen.overridden(_strengths(seen, on_top, "coupling"), "coupling")


def couplings(known: Registry) -> tuple[str, ...]:
    """The names of the couplings whose strength is a parameter, in the order of their ids."""
    prefix = coupling_id("")
    return tuple(key.removeprefix(prefix) for key in known.parameters if key.startswith(prefix))


def _strengths(known: Registry, changes: Mapping[str, CouplingChange], where: str) -> dict[str, PriorChange]:
    return {
        coupling_id(name): _strength(known, name, change, where)
        for name, change in changes.items()
        # Left as it is, it keeps its evidence too.
        if _exists(known, name, where) and change.strength != 1
    }


def _exists(known: Registry, name: str, where: str) -> bool:
    if coupling_id(name) not in known.parameters:
        raise unknown("coupling", name, couplings(known), where)
    return True


def _strength(known: Registry, name: str, change: CouplingChange, where: str) -> PriorChange:
    parameter = known.get(coupling_id(name))
    try:
        prior = scaled(parameter.prior, change.strength)
    except InputError as error:
        raise InputError(f"{where}: {name}: {error}") from error
    said = "off" if change.strength == 0 else f"{change.strength:g} times what the evidence gives"
    return PriorChange(prior=prior, evidence=change.evidence, why=f"{said}. {change.why or ''}".strip())

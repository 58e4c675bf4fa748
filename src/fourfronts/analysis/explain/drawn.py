"""What a run drew: the value of every parameter in every future, to the bit, and how parameters are called aloud."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fourfronts.analysis.ensemble import CHUNK, drawn
from fourfronts.inference.draws import in_order, learnt_rows
from fourfronts.inference.parameters import Parameter, Registry

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

OF = {"allied": "of the allied bloc", "prc": "of the PRC", "rest": "of the rest of the world"}
UNITS = {"dimensionless": "", "1/year": " a year", "month": " months", "year": " years"}


@dataclass(frozen=True)
class Column:
    """A parameter for people: its id, how it is said aloud, what it means and its unit."""

    id: str
    said: str
    meaning: str
    unit: str

    def amount(self, value: float) -> str:
        """A value with its unit: '0.35', '7.2 months'."""
        return f"{value:.3g}{UNITS.get(self.unit, f' {self.unit}')}"


def column(parameter: Parameter) -> Column:
    """One parameter for people."""
    words = parameter.name.replace("_", " ")
    said = f"{words} {OF[parameter.bloc]}" if parameter.bloc else words
    return Column(parameter.id, said, parameter.meaning, parameter.unit)


def columns(known: Registry) -> tuple[Column, ...]:
    """Every parameter, in the order of the rows of `values`."""
    return tuple(column(each) for each in in_order(known))


def values(known: Registry, seed: int, draws: int) -> Floats:
    """Every parameter in the first `draws` futures of a compiled run, each in its unit. Shape: (parameters, draws).

    The numbers that `run_ensemble` with these parameters and this seed works with, single precision in double.
    """
    blocks = [np.asarray(drawn(known, seed, "jax", number)) for number in range(-(-draws // CHUNK))]
    return np.concatenate(blocks, axis=1)[:, :draws].astype(np.float64)


def relatives(known: Registry, seed: int, draws: int) -> Indices:
    """The joint draw of the posterior that each future takes, (draws,); futures of one number are not independent.

    Without a posterior every future has a number of its own.
    """
    if known.posterior is None or not learnt_rows(known):
        return np.arange(draws)
    return known.posterior.which(seed, 0, draws)

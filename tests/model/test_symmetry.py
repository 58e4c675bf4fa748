"""Nothing but parameters, controls and programmes tells the blocs apart."""

from itertools import permutations

import numpy as np
import pytest
from futures import (
    PROGRAMMES,
    alike,
    by_bloc,
    examples,
    flat,
    inputs,
    leads,
    parameters,
    replaced,
    run,
    same_chips,
    sampled,
    seeds,
    uncontrolled,
)
from hypothesis import given

from fourfronts.model.blocs import ALLIED, BLOCS, PRC

NOT_BY_BLOC = "safety.room_for_talks"
"""Of the two sides of the competition together."""


def _by_bloc(o):
    """What a run shows of each bloc: {name: (bloc, ...)}."""
    # Logic and memory are the constrained industry's alone and bind nobody here.
    o = o._replace(limits=o.limits[:, :2])
    found = {name: values for name, values in flat(o).items() if not name.startswith("levers.") and name != NOT_BY_BLOC}
    return {name: np.moveaxis(values, -2, 0) for name, values in found.items()}


@examples(4)
@given(seeds)
def test_identical_blocs_without_controls_have_no_lead_on_any_front(seed):
    p = alike(parameters(seed, draws=64))
    o = run(p, same_chips(inputs(uncontrolled())))
    for lead in leads(p, o):
        np.testing.assert_allclose(lead, 0.0, atol=1e-6)
    for name, values in _by_bloc(o).items():
        for other in values[1:]:
            np.testing.assert_allclose(other, values[ALLIED], rtol=1e-9, atol=1e-9, err_msg=name)


@examples(2)
@given(seeds)
def test_blocs_that_differ_only_in_their_parameters_are_interchangeable(seed):
    p = parameters(seed, draws=32)
    # The world before 2020 is told from the leading bloc's growth, and only the PRC's makers stand under ceilings.
    p = replaced(
        p, supply__ceilings_apply=0.0, supply__growth_past=p.supply.growth_past[ALLIED], access__import_appetite=0.1
    )
    driven = same_chips(inputs(uncontrolled()))
    first = run(p, driven)
    for order in permutations(range(len(BLOCS))):
        swapped = replaced(p, **{name: values[list(order)] for name, values in by_bloc(p).items()})
        o = run(swapped, driven)
        for name, values in _by_bloc(o).items():
            before = _by_bloc(first)[name]
            size = np.abs(before).max(axis=(0, 1), keepdims=True)
            off = np.abs(values - before[list(order)]) / np.maximum(size, 1.0)
            assert off.max() < 1e-6, f"{name} {order}"
        if order == (PRC, ALLIED, 2):
            np.testing.assert_allclose(o.safety.room_for_talks, first.safety.room_for_talks, rtol=1e-6)


@pytest.mark.parametrize("name", ["drift", "hold"])
def test_controls_alone_give_identical_blocs_a_lead_on_the_side_that_controls(name):
    # Buyers of each bloc want the other's chips; only the PRC's are denied them. Programmes change nothing here.
    p = replaced(alike(sampled(256, seed=1)), access__import_appetite=0.15)
    driven, still = inputs(name), uncontrolled()
    programmes = {each: still[each] for each in (*PROGRAMMES, "power_buildout")}
    o = run(p, same_chips(driven._replace(levers=driven.levers._replace(**programmes))))
    released, internal = leads(p, o, [107])
    # In a few futures more is smuggled than would have been bought.
    for ahead in (o.usable[-1, 0, ALLIED] > o.usable[-1, 0, PRC], released > 0, internal > 0):
        assert ahead.mean() > 0.98
    assert np.median(released) > 1

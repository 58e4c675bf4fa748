"""Nothing but parameters and controls tells the blocs apart."""

from itertools import permutations

import numpy as np
import pytest
from futures import examples, inputs, leads, levels_of, parameters, replaced, run, seeds, uncontrolled
from hypothesis import given

from fourfronts.model.blocs import ALLIED, BLOCS, PRC


def _by_bloc(p):
    """Names of the per-bloc parameters as `replaced` takes them, with their values."""
    found = {}
    for mechanism, group in zip(p._fields, p, strict=True):
        for name, values in zip(group._fields, group, strict=True):
            if values.ndim == 2:
                found[f"{mechanism}__{name}"] = values
    return found


def _alike(p):
    """Every bloc with the allied value of everything, so with no ceiling on what it can make."""
    return replaced(p, **{name: values[ALLIED] for name, values in _by_bloc(p).items()})


def _same_chips(driven):
    stocks = driven.paths.stocks._replace(bandwidth_constrained=driven.paths.stocks.bandwidth_leaders)
    return driven._replace(paths=driven.paths._replace(stocks=stocks))


@examples(15)
@given(seeds)
def test_identical_blocs_without_controls_have_no_lead(seed):
    p = _alike(parameters(seed))
    o = run(p, _same_chips(inputs(uncontrolled())))
    for lead in leads(p, o):
        np.testing.assert_allclose(lead, 0.0, atol=1e-6)
    for name in ("capability", "usable", "output", "gains"):
        values = getattr(o, name)
        blocs = np.moveaxis(values, -2, 0)
        np.testing.assert_allclose(blocs[PRC], blocs[ALLIED], rtol=1e-9, atol=1e-9, err_msg=name)


@examples(5)
@given(seeds)
def test_blocs_that_differ_only_in_their_parameters_are_interchangeable(seed):
    p = parameters(seed, draws=4)
    # The world before 2020 is told from the leading bloc's growth, and only the PRC's makers stand under ceilings.
    p = replaced(
        p, supply__ceilings_apply=0.0, supply__growth_past=p.supply.growth_past[ALLIED], access__import_appetite=0.1
    )
    driven = _same_chips(inputs(uncontrolled()))
    first = run(p, driven)
    for order in permutations(range(len(BLOCS))):
        swapped = replaced(p, **{name: values[list(order)] for name, values in _by_bloc(p).items()})
        o = run(swapped, driven)
        # Logic and memory are the constrained industry's alone and bind nobody here.
        one, other = (each._replace(limits=each.limits[:, :2]) for each in (first, o))
        for name, a, b in zip(first._fields, one, other, strict=True):
            np.testing.assert_allclose(b, a[..., order, :], rtol=1e-6, atol=1e-6, err_msg=f"{name} {order}")


@pytest.mark.parametrize("name", ["drift", "hold"])
def test_controls_alone_give_identical_blocs_a_lead_on_the_side_that_controls(name):
    p = _alike(parameters(seed=1, draws=16))
    # Buyers of each bloc want the other's chips; only the PRC's are denied them.
    p = replaced(p, access__import_appetite=0.15)
    o = run(p, _same_chips(inputs(levels_of(name))))
    ratio = o.usable[-1, 0, ALLIED] / o.usable[-1, 0, PRC]
    assert (ratio > 1).all()
    released, internal = leads(p, o, [107])
    assert (internal > 0).all()
    assert np.median(released) > 0

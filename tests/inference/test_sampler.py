"""Compiled draws: those of the reference, in single precision."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from fourfronts.errors import InputError
from fourfronts.inference import sampler
from fourfronts.inference.design import BLOCK
from fourfronts.inference.draws import assemble, draw
from fourfronts.inference.parameters import Registry, registry
from fourfronts.inference.priors import Lognormal, Normal, Uniform

SEED = 5
BOUNDED = {
    "stocks.retirement": Normal(p05=0.05, p95=0.2, bounds=(0.08, 0.15)),
    "stocks.permanent_failure": Lognormal(p05=0.01, p95=0.1, bounds=(0.005, 0.05)),
    "couplings.lead_to_talent": Uniform(low=-1.0, high=2.0),
}


def _chunk(known, number):
    return sampler.arranged(sampler.chunk(known, SEED, number), sampler.layout(known))


def test_parameters_can_be_laid_out_again_as_they_were_drawn():
    values = np.asarray(sampler.chunk(registry(), SEED, 2))
    places = sampler.layout(registry())
    np.testing.assert_array_equal(sampler.gathered(sampler.arranged(values, places), places), values)


def test_registries_that_differ_in_priors_alone_share_what_is_compiled_for_them():
    assert sampler.layout(registry()) == sampler.layout(registry().overridden({"stocks.retirement": 0.1}))


def _agree(known, number):
    found, expected = _chunk(known, number), assemble(draw(known, BLOCK, SEED, number * BLOCK))
    for mechanism, group in zip(expected._fields, expected, strict=True):
        for name, values in zip(group._fields, group, strict=True):
            drawn = np.asarray(getattr(getattr(found, mechanism), name))
            assert drawn.dtype == np.float32
            # A prior that straddles zero has draws near it, of which only the distance from the rest is told.
            np.testing.assert_allclose(
                drawn, values, rtol=1e-5, atol=1e-6 * np.abs(values).max(), err_msg=f"{mechanism}.{name}"
            )


@pytest.mark.parametrize("number", [0, 1, 40])
def test_compiled_draws_are_those_of_the_reference(number):
    _agree(registry(), number)


def test_compiled_draws_of_bounded_priors_are_those_of_the_reference():
    _agree(registry().overridden({name: prior.model_dump() for name, prior in BOUNDED.items()}), 0)


def test_the_far_tails_are_drawn_as_finely_as_the_middle():
    known = registry()
    name = next(name for name, each in known.parameters.items() if isinstance(each.prior, Lognormal))
    parameter = known.parameters[name]
    draws = {number: np.asarray(_values(_chunk(known, number), parameter)) for number in range(64)}
    expected = {number: _values(assemble(draw(known, BLOCK, SEED, number * BLOCK)), parameter) for number in range(64)}
    worst = max(np.max(np.abs(draws[number] / expected[number] - 1.0)) for number in range(64))
    assert worst < 2e-5


def _values(parameters, parameter):
    return getattr(getattr(parameters, parameter.mechanism), parameter.name)


def test_a_registry_that_lacks_a_parameter_says_which():
    known = registry()
    missing = "stocks.retirement"
    fewer = Registry({name: each for name, each in known.parameters.items() if name != missing}, known.paths)
    with pytest.raises(InputError, match=r"the files lack stocks\.retirement"):
        sampler.chunk(fewer, SEED, 0)


def test_a_layout_that_is_asked_for_while_code_is_compiled_leaves_nothing_of_it_behind():
    # Calibration is the first to ask for it, and does so inside compiled code.
    known = replace(registry())
    values = np.zeros((len(known.parameters), 2), dtype=np.float32)
    jax.jit(lambda values: sampler.arranged(values, sampler.layout(known)).stocks.retirement)(values)
    assert np.isfinite(np.asarray(sampler.chunk(known, SEED, 0))).all()

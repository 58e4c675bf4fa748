"""The books of compute: every chip is somewhere, once, and nothing is used that does not exist."""

import numpy as np
import pytest
from futures import DECADE, PACKAGES, examples, inputs, parameters, random_run, run, seeds
from hypothesis import given

from fourfronts.model.blocs import ALLIED, PRC

ROUNDING = 1e-9


def _check(p, o):
    held = o.stock[:, :3].sum(axis=1)
    np.testing.assert_allclose(held + o.retired, o.made, rtol=ROUNDING)

    amounts = {"stock": o.stock, "acquired": o.acquired, "retired": o.retired, "leased out": o.leased_out}
    negative = {name: values.min() for name, values in amounts.items() if values.min() < 0}
    assert negative == {}
    assert (np.diff(o.retired, axis=0) >= 0).all()

    # What renters rent, hosts lease out, and no host more than it owns.
    np.testing.assert_allclose(o.leased_out.sum(axis=2), o.stock[:, 3].sum(axis=2), rtol=ROUNDING)
    assert (o.leased_out <= held * (1 + ROUNDING)).all()
    assert (o.usable >= 0).all()

    # Exports move chips between blocs. They add to what is made only where a sale displaced no sale at home.
    extra = (1 - p.access.displacement) * o.acquired[:, 1, 0].sum(axis=1)
    np.testing.assert_allclose(o.acquired[:, :, 0].sum(axis=(1, 2)), o.output.sum(axis=1) + extra, rtol=ROUNDING)
    # A maker keeps a share of its output, never more than all of it and what it made for export.
    assert (o.acquired[:, 0, 0] <= o.output * (1 + ROUNDING)).all()
    assert (o.acquired[:, 2, 0, ALLIED] == 0).all()


@pytest.mark.parametrize("name", PACKAGES)
def test_chips_made_are_in_use_retired_or_written_off_under_every_package(name):
    p = parameters(seed=2028, draws=64)
    _check(p, run(p, inputs(name, DECADE)))


@examples(3)
@given(seeds)
def test_chips_made_are_in_use_retired_or_written_off_at_any_lever_setting(seed):
    _check(*random_run(seed))


@examples(3)
@given(seeds)
def test_a_bloc_uses_what_it_owns_and_rents_and_nothing_else(seed):
    p, o = random_run(seed)
    held = o.stock[:, :3].sum(axis=1)
    work = o.stock[:, 0] * p.stocks.software_efficiency + o.stock[:, 1] + o.stock[:, 2]
    np.testing.assert_allclose(o.usable, work + o.stock[:, 3] - o.leased_out, rtol=ROUNDING)
    most = np.maximum(p.stocks.software_efficiency, 1.0) * held + o.stock[:, 3]
    assert (o.usable <= most * (1 + ROUNDING)).all()


@examples(3)
@given(seeds)
def test_output_never_exceeds_any_limit_that_applies(seed):
    p, o = random_run(seed)
    bound = o.limits[:, :2].min(axis=1)
    held_back = p.supply.ceilings_apply == 1
    bound = np.where(held_back, np.minimum(bound, o.limits[:, 2:].min(axis=1)), bound)
    np.testing.assert_allclose(o.output, bound, rtol=ROUNDING)
    assert held_back[PRC].all()
    assert not held_back[ALLIED].any()

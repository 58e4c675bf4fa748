"""What figures say again of the priors that rest on them: as much as they add, and only their own."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.inference.asof import WIDER, AsOf, loosened
from fourfronts.inference.figures import Datum
from fourfronts.inference.observations import LINEAR, Observations
from fourfronts.inference.parameters import Registry, registry
from fourfronts.inference.priors import Normal
from fourfronts.inference.repeated import rows_told, said_again
from fourfronts.policy.grid import Month

LEVEL, READING = "adoption.firms_speed_before", "adoption.btos_reading"
"""Two parameters that stand for any: here the first is read by one series, with the second, and alone by another."""

ROWS = {LEVEL: ("ROW-1",), READING: ("ROW-2",)}


def _datum(row, bound=""):
    month = Month(2025, 1)
    return Datum(rows=(row,), value=0.0, first=month, last=month, bound=bound, used=False)


def _told(rows, error, bound=("", "")):
    """Two series of one figure each, the first from `rows[0]`, the second from `rows[1]`, without misfit."""
    shape = (2, 1)
    about = SimpleNamespace(points=(), monthly_means=None)
    return Observations(
        names=("both", "alone"),
        series={"both": about, "alone": about},
        figures=tuple((_datum(row, which),) for row, which in zip(rows, bound, strict=True)),
        scale=np.full(2, LINEAR),
        memory=np.ones(2),
        first=np.zeros(shape, dtype=int),
        last=np.zeros(shape, dtype=int),
        value=np.zeros(shape),
        error=np.array(error, dtype=float).reshape(shape),
        gap=np.zeros(shape),
        bound=np.array([[{"": 0, "at_least": 1}[each]] for each in bound]),
        used=np.ones(shape, dtype=bool),
        known=np.ones(shape, dtype=bool),
    )


def _predict(scores):
    shown = np.stack([scores[0] + scores[1], scores[0]])[:, None]
    nothing = np.zeros((2, scores.shape[1]))
    return shown, nothing, nothing


def _priors():
    known = registry()
    some = {
        key: known.parameters[key].model_copy(update={"evidence": rows, "prior": Normal(p05=-1.0, p95=1.0)})
        for key, rows in ROWS.items()
    }
    return Registry(parameters=some, paths={})


def _again(told):
    return said_again(_predict, told, _priors(), (LEVEL, READING))


@given(error=st.floats(0.1, 10.0), other=st.floats(0.1, 10.0))
def test_the_figures_that_a_prior_rests_on_make_a_loosened_one_again_what_it_was(error, other):
    told = _told(("ROW-1", "ROW-3"), (error, other))
    again = _again(told)
    # A figure of the sum, with the second under its prior of width one.
    added = 1 / (error**2 + 1)
    assert again == {LEVEL: pytest.approx(added, rel=1e-6)}
    known = AsOf(None, _priors(), (), {})
    after = loosened(known, again)
    factor = after.wider(LEVEL)
    if factor > 1:
        assert factor == pytest.approx(min((1 - added) ** -0.5, WIDER), rel=1e-6)
        assert after.registry.parameters[LEVEL].prior.form.spread == pytest.approx(
            factor * known.registry.parameters[LEVEL].prior.form.spread
        )
        if factor < WIDER:
            assert factor**-2 + added == pytest.approx(1.0, rel=1e-6)
    assert after.wider(READING) == 1.0
    assert after.registry.parameters[READING] == known.registry.parameters[READING]


def test_figures_that_say_nothing_of_a_prior_leave_it_as_it_is():
    again = _again(_told(("ROW-3", "ROW-2"), (0.1, 0.1)))
    # The second rests on a row that shows the first alone.
    assert again == {READING: pytest.approx(0.0, abs=1e-9)}
    after = loosened(AsOf(None, _priors(), (), {}), again)
    assert not after.loosened
    assert after.registry.parameters == _priors().parameters


def test_a_figure_that_says_more_than_the_prior_loosens_it_as_far_as_a_prior_is_loosened():
    after = loosened(AsOf(None, _priors(), (), {}), _again(_told(("ROW-3", "ROW-1"), (1.0, 0.1))))
    assert after.loosened == {LEVEL: WIDER}


def test_bounds_and_figures_that_do_not_calibrate_say_nothing():
    assert _again(_told(("ROW-1", "ROW-3"), (0.1, 0.1), ("at_least", ""))) == {}
    told = _told(("ROW-1", "ROW-2"), (0.1, 0.1))
    told.used[:] = False
    assert rows_told(told) == {}
    assert _again(told) == {}


def test_a_blinded_prior_is_not_loosened_as_well():
    known = AsOf(None, _priors(), (LEVEL,), {})
    after = loosened(known, {LEVEL: 5.0})
    assert after.registry.parameters == known.registry.parameters
    assert after.wider(LEVEL) == WIDER

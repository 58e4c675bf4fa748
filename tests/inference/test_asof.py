"""What may be known at a cut-off: nothing later, by figures, priors, paths or policy."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from fourfronts.evidence.loader import Evidence, load
from fourfronts.inference.asof import WIDER, as_of
from fourfronts.inference.calibration import Problem, double_precision
from fourfronts.inference.observations import observations
from fourfronts.inference.parameters import registry
from fourfronts.inference.priors import Fixed, Logitnormal, Lognormal, Normal, Uniform, shifted
from fourfronts.inference.published import published
from fourfronts.inference.repeated import rows_told
from fourfronts.inference.target import policy
from fourfronts.policy.grid import Grid, Month
from fourfronts.policy.loader import levers

CUTOFFS = [date(2023, 12, 31), date(2024, 12, 31), date(2025, 12, 31)]


@pytest.fixture(scope="module")
def latest():
    """What is calibrated as of the last cut-off, whose compiled functions serve earlier ones."""
    with double_precision():
        yield Problem(registry(), load(), date(2026, 5, 31), hasty=True)


def _figures(told):
    return {
        (name, figure.rows): (told.value[row, point], told.error[row, point])
        for row, name in enumerate(told.names)
        for point, figure in enumerate(told.figures[row])
        if told.used[row, point]
    }


def _with_other_later_rows(evidence, cutoff, factor=7):
    """The evidence with every number of a row that was not known by the cut-off made `factor` times as large."""

    def changed(record):
        if record.known_by(cutoff) and not record.dated_after(cutoff):
            return record
        numbers = {
            name: factor * getattr(record, name)
            for name in ("value", "low", "high")
            if getattr(record, name) is not None
        }
        return replace(record, **numbers)

    return Evidence(tuple(map(changed, evidence.records)))


@pytest.mark.parametrize("cutoff", CUTOFFS)
def test_evidence_after_the_cut_off_cannot_enter(cutoff):
    evidence = load()
    # A share of seven hundred percent would be refused, so only series that can hold any number are looked at.
    series = {name: each for name, each in published().items() if each.unit != "percent"}
    told = observations(series, evidence, cutoff)
    other_evidence = _with_other_later_rows(evidence, cutoff)
    other = observations(series, other_evidence, cutoff)
    assert _figures(told)
    assert _figures(told) == _figures(other)
    assert as_of(registry(), evidence, cutoff).registry.digest() == (
        as_of(registry(), other_evidence, cutoff).registry.digest()
    )
    # And what came later is there to be scored, changed as it was.
    assert not np.array_equal(told.value, other.value)


@pytest.mark.parametrize("cutoff", CUTOFFS)
def test_every_figure_that_calibrates_was_about_a_time_before_the_cut_off(cutoff):
    told = observations(published(), load(), cutoff)
    for row in range(len(told.names)):
        for point, figure in enumerate(told.figures[row]):
            if told.used[row, point]:
                assert figure.last <= Month(cutoff.year, cutoff.month)
                assert all(load().get(each).known_by(cutoff) for each in figure.rows)


@pytest.mark.parametrize("cutoff", CUTOFFS)
def test_a_prior_that_rests_on_a_later_row_is_blinded(cutoff):
    evidence, known = load(), registry()
    found = as_of(known, evidence, cutoff)
    later = {
        key
        for key, each in known.parameters.items()
        if each.prior.distribution != "fixed" and any(not evidence.get(row).known_by(cutoff) for row in each.evidence)
    }
    assert set(found.blinded) == later
    moved = []
    for key in later:
        old, new = known.parameters[key].prior, found.registry.parameters[key].prior
        if isinstance(old, Uniform) or getattr(old, "bounds", None):
            continue
        assert new.form.spread == pytest.approx(WIDER * old.form.spread)
        moved.append((new.form.middle - old.form.middle) / new.form.spread)
    # Where it lies says nothing: it was moved as far as it is wide.
    assert abs(np.mean(moved)) < 4 / np.sqrt(len(moved))
    assert np.std(moved) == pytest.approx(1, abs=4 / np.sqrt(2 * len(moved)))
    again = as_of(known, evidence, cutoff)
    assert again.registry.digest() == found.registry.digest()


def test_at_the_last_cut_off_priors_are_loosened_by_what_their_own_figures_say_again_and_nothing_else_changes(latest):
    known, found = registry(), latest.known
    rows = frozenset().union(*rows_told(latest.observed).values())
    assert not found.blinded
    # A survey that a reading was estimated from says all of it again; what is said of how fast effort fades, nothing.
    assert found.wider("adoption.firm_panel_reading") == WIDER
    assert found.wider("access.rent_share.prc") == 1.0
    for key, each in known.parameters.items():
        prior = found.registry.parameters[key].prior
        assert (prior == each.prior) is (key not in found.loosened)
        if key in found.loosened:
            assert rows & set(each.evidence)
            assert 1.0 < found.wider(key) <= WIDER
    assert found.registry.paths == known.paths


@pytest.mark.parametrize("cutoff", CUTOFFS)
def test_how_much_priors_are_loosened_says_nothing_of_later_evidence(cutoff, latest):
    evidence = load()
    first = Problem(registry(), evidence, cutoff, like=latest)
    other = Problem(registry(), _with_other_later_rows(evidence, cutoff, 0.9), cutoff, like=latest)
    assert not np.array_equal(first.observed.value, other.observed.value)
    assert first.known.loosened == other.known.loosened
    assert first.known.registry.digest() == other.known.registry.digest()
    # Some are loosened, so that this is a test, and none twice.
    assert first.known.loosened
    assert not set(first.known.loosened) & set(first.known.blinded)


def test_paths_and_levers_keep_what_they_were_at_the_cut_off():
    cutoff = date(2024, 6, 30)
    evidence, grid = load(), Grid(horizon=Month(2026, 6))
    found = as_of(registry(), evidence, cutoff)
    for key, path in found.registry.paths.items():
        assert all(value.start <= Month(2024, 6) for value in path.values), key
    levels, _ = policy(cutoff, grid)
    row = grid.labels.index("2024-06")
    for name, each in levels.items():
        assert np.all(each[row:] == each[row]), name
    # Later history exists, so that this is a test.
    assert any(entry.start > Month(2024, 6) for each in levers().values() for entry in each.history)


def test_a_shifted_prior_moves_and_widens_on_its_own_scale():
    assert shifted(Fixed(value=3.0), 1.0, 2.0) == Fixed(value=3.0)
    assert shifted(Uniform(low=0, high=1), 1.0, 2.0) == Uniform(low=0, high=1)
    for prior in (Normal(p05=-1, p95=4), Lognormal(p05=0.5, p95=9), Logitnormal(p05=0.1, p95=0.6)):
        new = shifted(prior, 0.7, 2.0)
        assert new.form.spread == pytest.approx(2 * prior.form.spread)
        assert new.form.middle == pytest.approx(prior.form.middle + 0.7 * prior.form.spread)
    bounded = shifted(Normal(p05=0.3, p95=0.85, bounds=(0.1, 1.0)), 50.0, 3.0)
    assert bounded.bounds == (0.1, 1.0)
    assert 0.1 < bounded.form.middle < 1.0

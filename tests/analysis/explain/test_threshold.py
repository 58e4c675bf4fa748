"""What takes an outcome across a line: moves, smoothing and slopes that are known, and answers simulated again."""

import math
from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.analysis.ensemble import CHUNK, drawn, run_ensemble
from fourfronts.analysis.explain.outcome import outcome
from fourfronts.analysis.explain.threshold import moves, smooth
from fourfronts.analysis.explain.threshold import slopes as slopes_module
from fourfronts.analysis.explain.threshold.moves import (
    Runs,
    counting_error,
    lever_move,
    moved,
    parameter_move,
    scores,
    summarised,
)
from fourfronts.analysis.explain.threshold.question import Question, threshold
from fourfronts.analysis.explain.threshold.slopes import slopes
from fourfronts.errors import InputError
from fourfronts.inference.draws import draw, in_order
from fourfronts.inference.parameters import registry
from fourfronts.inference.posterior import Posterior
from fourfronts.inference.simulation import model_inputs
from fourfronts.policy.grid import Grid, Month
from fourfronts.policy.loader import package
from fourfronts.policy.paths import Setting, lever_paths
from fourfronts.policy.scenarios import Reference, parse_condition, scenarios

LEAD = "lead_months[released]"
RELEASED = Reference("lead_months", "released")
DRAWS, SEED = 512, 1
EVASION, OPEN = "prc_evasion_effort", "intelligence.open_rate"


def runs(statistic="median", **more):
    return Runs(package("drift"), registry(), outcome(LEAD), statistic, DRAWS, SEED, **more)


@pytest.fixture(scope="module")
def base():
    return runs().ensemble()


@pytest.fixture(scope="module")
def finding():
    """The least change that takes a month and a half off the median lead."""
    now = runs().value(runs().ensemble())
    asked = Question(LEAD, now - 1.5, levers=[EVASION, "transition_support"], parameters=[OPEN])
    return threshold(runs(), asked, {})


def test_a_shift_moves_values_by_so_many_standard_deviations_on_the_scale_of_the_prior():
    known = registry()
    byform = {each.prior.form.scale: each for each in known.parameters.values() if each.prior.distribution != "fixed"}
    assert set(byform) == {"probability", "score", "logarithm", "log odds"}
    for scale, parameter in byform.items():
        form = parameter.prior.form
        values = parameter.prior.quantile(np.array([0.1, 0.5, 0.8]))
        shifted = moved(parameter, values, 0.5)
        if scale == "probability":
            assert shifted == pytest.approx(parameter.prior.quantile(_normal(scores(parameter, values) + 0.5)))
        elif not form.below and not form.above:
            on = {"score": lambda x: x, "logarithm": np.log, "log odds": lambda x: np.log(x / (1 - x))}[scale]
            assert on(shifted) - on(values) == pytest.approx(0.5 * form.spread)


def _normal(score):
    return np.array([0.5 * math.erfc(-each / math.sqrt(2)) for each in score])


def test_scores_of_prior_draws_are_standard_normal():
    known = registry()
    drawn_values = draw(known, 2048, 3)
    for each in [each for each in known.parameters.values() if each.prior.distribution != "fixed" and not each.bloc]:
        found = scores(each, drawn_values[f"{each.mechanism}.{each.name}"])
        assert found.mean() == pytest.approx(0, abs=0.02)
        assert found.std() == pytest.approx(1, abs=0.02)


@given(st.sampled_from(sorted(registry().parameters)), st.floats(-2.5, 2.5), st.integers(0, 50))
def test_shifting_keeps_the_order_of_futures_and_the_bounds_of_the_prior(key, shift, seed):
    parameter = registry().get(key)
    if parameter.prior.distribution == "fixed":
        return
    values = np.sort(parameter.prior.quantile(np.random.default_rng(seed).random(20)))
    found = moved(parameter, values, shift)
    assert np.isfinite(found).all()
    assert (np.diff(found) >= -1e-9 * np.abs(found[1:])).all()
    assert ((found >= values - 1e-9 * np.abs(values)) if shift > 0 else (found <= values + 1e-9 * np.abs(values))).all()
    assert moved(parameter, values, 0.0) is values
    low, high = parameter.prior.quantile(np.array([1e-15, 1 - 1e-15]))
    assert (low <= found).all()
    assert (found <= high).all()


def test_statistics_and_their_errors_of_counting_are_those_of_known_distributions():
    found = np.random.default_rng(1).normal(3.0, 2.0, 20_000)
    assert summarised(found, "mean") == pytest.approx(3, abs=0.05)
    assert summarised(found, "median") == pytest.approx(3, abs=0.06)
    assert summarised(found, "p95") == pytest.approx(3 + 2 * 1.645, abs=0.1)
    assert counting_error(found, "mean") == pytest.approx(2 / math.sqrt(20_000), rel=0.03)
    assert counting_error(found, "median") == pytest.approx(2 * math.sqrt(math.pi / 2 / 20_000), rel=0.1)


def test_a_lever_stands_where_package_and_settings_have_it():
    hold, at = package("hold"), Month(2028, 12)
    assert lever_move("remote_access_rule", hold, (), at).span.present == pytest.approx(0.9)
    held = (Setting("remote_access_rule", 0.3, Month(2027, 1)),)
    assert lever_move("remote_access_rule", hold, held, at).span.present == pytest.approx(0.3)


def test_a_lever_that_is_moved_takes_the_place_of_later_settings_of_it():
    settings = (Setting(EVASION, 2.0, Month(2026, 3)), Setting(EVASION, 3.0, Month(2027, 1)))
    held = runs(settings=settings).held({EVASION: 1.5})
    path = lever_paths(package("drift"), held)[EVASION]
    assert path[-1] == 1.5
    assert path[Month(2026, 4).offset] == 2.0


def test_the_median_of_a_parameter_may_go_through_the_99_percent_range_of_its_prior():
    move = parameter_move(registry(), OPEN, SEED, DRAWS)
    parameter = registry().get(OPEN)
    row = [each.id for each in in_order(registry())].index(OPEN)
    values = np.asarray(drawn(registry(), SEED, "jax", 0))[row].astype(np.float64)
    ends = [float(np.median(moved(parameter, values, end))) for end in (move.span.low, move.span.high)]
    assert ends == pytest.approx(parameter.prior.quantile(np.array([0.005, 0.995])), rel=2e-3)


def test_a_posterior_is_moved_from_where_it_lies_to_the_ends_of_the_prior():
    spread = np.exp(np.random.default_rng(2).normal(np.log(0.9), 0.1, 200)).astype(np.float32)
    learnt = Posterior(date(2026, 5, 31), (OPEN,), spread[None], "e", "m", "v", 1, {})
    known = replace(registry(), posterior=learnt)
    span = parameter_move(known, OPEN, SEED, DRAWS).span
    parameter, values = known.get(OPEN), spread.astype(np.float64)
    ends = [float(np.median(moved(parameter, values, end))) for end in (span.low, span.high)]
    assert ends == pytest.approx(parameter.prior.quantile(np.array([0.005, 0.995])), rel=0.02)
    assert abs(span.low) > span.high > 0
    # Its spread stays, on the scale of the prior.
    assert np.log(moved(parameter, values, 0.5)).std() == pytest.approx(np.log(values).std(), rel=1e-6)


def test_a_shift_reaches_the_model_and_moves_that_parameter_alone():
    block = runs().points({OPEN: 1.0}, SEED)(0)
    plain = np.asarray(drawn(registry(), SEED, "jax", 0))
    row = [each.id for each in in_order(registry())].index(OPEN)
    assert np.flatnonzero((block != plain).any(axis=1)).tolist() == [row]
    assert block.shape == (len(registry().parameters), CHUNK)


@pytest.mark.parametrize("statistic", ["median", "mean", "p05", "p95"])
def test_smoothed_statistics_move_as_one_when_all_futures_do(base, statistic):
    weights = smooth.answers(LEAD, base, Month(2028, 12), statistic)[RELEASED]
    assert weights.sum() == pytest.approx(1.0)
    lead = base.at("lead_months", "2028-12", "released").astype(float)
    # The futures that count lie around the percentile.
    assert float(weights @ lead) == pytest.approx(summarised(lead, statistic), abs=1.2)


def test_a_future_that_is_not_finite_counts_for_nothing():
    ensemble = runs().ensemble()
    ensemble.values["lead_months"][-1, 0, 3] = np.inf
    weights = smooth.answers(LEAD, ensemble, Month(2028, 12), "mean")[RELEASED]
    assert weights[3] == 0
    assert weights.sum() == pytest.approx(1.0)


def test_a_smoothed_condition_is_close_to_its_count_and_its_slope_is_that_of_the_density(base):
    lead = base.at("lead_months", "2028-12", "released").astype(float)
    asked = parse_condition(f"{LEAD} < 10")
    widths = {asked: smooth._width(lead - 10)}
    assert float(smooth._probability(asked, {RELEASED: lead}, widths).mean()) == pytest.approx(
        (lead < 10).mean(), abs=0.03
    )
    slope = smooth.answers(f"{LEAD} < 10", base, Month(2028, 12), "mean")[RELEASED].sum()
    density = ((lead > 8.5) & (lead < 11.5)).mean() / 3
    assert slope == pytest.approx(-density, rel=0.2)


def test_the_smoothed_rule_of_a_scenario_is_that_of_independent_tests():
    chances = np.array([0.2, 0.5, 0.9])
    for number in range(4):
        by_hand = sum(
            math.prod(p if passed else 1 - p for p, passed in zip(chances, each, strict=True))
            for each in product((0, 1), repeat=3)
            if sum(each) >= number
        )
        assert float(smooth._at_least(number, list(chances))) == pytest.approx(by_hand)


def test_a_smoothed_scenario_far_from_its_thresholds_is_the_scenario():
    read = {
        Reference("lead_months", "released"): np.array([40.0, -40.0]),
        Reference("compute_ratio", "stock_usable_flops"): np.array([100.0, 0.0]),
        Reference("prc_illicit_share", "diverted_and_rented"): np.array([0.0, 1.0]),
        Reference("adoption", "allied"): np.array([0.9, 0.1]),
        Reference("adoption", "prc"): np.array([0.1, 0.9]),
        Reference("distribution_share", "prc"): np.array([0.0, 1.0]),
    }
    for name, expected in {"commanding-lead": [1, 0], "neck-and-neck": [0, 1]}.items():
        part = scenarios()[name]
        widths = dict.fromkeys(smooth._conditions(part), 0.001)
        assert np.asarray(smooth._probability(part, read, widths)) == pytest.approx(expected, abs=1e-3)


def test_slopes_are_those_that_moving_things_shows(base):
    found = slopes(runs("mean"), LEAD, base)

    def change(up, down, by):
        return (runs("mean").value(up) - runs("mean").value(down)) / by

    few = 0.05
    by_parameter = change(runs().ensemble(shifts={OPEN: few}), runs().ensemble(shifts={OPEN: -few}), 2 * few)
    assert found.parameters[OPEN] == pytest.approx(by_parameter, rel=0.03)
    # This lever answers nothing, so that holding it is all that happens.
    name = "enforcement_budget"
    by_lever = change(runs().ensemble({name: 1.3}), runs().ensemble({name: 1.1}), 0.2)
    assert found.levers[name] == pytest.approx(by_lever, rel=0.1)
    assert found.levers["transition_support"] == pytest.approx(0.0, abs=1e-3)
    fixed = [key for key, each in registry().parameters.items() if each.prior.distribution == "fixed"]
    assert {found.parameters[key] for key in fixed} == {0.0}


def test_slopes_stand_with_a_future_that_is_not_finite():
    grid = Grid()
    inputs = model_inputs(registry(), package("drift"), (), grid, np.float32)
    held = (grid.month_times >= Month(2026, 6).offset).astype(np.float32)
    block = np.array(drawn(registry(), SEED, "jax", 0))
    weights = np.full(CHUNK, 1 / CHUNK)
    weights[3] = 0.0
    sound, _ = slopes_module._derivative(runs(), inputs, held, block, {RELEASED: weights})
    block[:, 3] = np.nan
    broken, by_value = slopes_module._derivative(runs(), inputs, held, block, {RELEASED: weights})
    assert broken == pytest.approx(sound, rel=1e-4, abs=1e-5)
    assert np.isfinite(by_value).all()
    # One that is weighed too is found by its slopes, and left out.
    weights[3] = 1 / CHUNK
    found, by_value = slopes_module._derivative(runs(), inputs, held, block, {RELEASED: weights})
    assert found == pytest.approx(sound, rel=1e-4, abs=1e-5)
    assert np.isfinite(by_value).all()


def test_what_is_found_is_on_the_line_when_it_is_simulated_again_and_a_little_less_is_not(finding):
    (lever,) = [row for row in finding.rows if row["name"] == EVASION]
    line = finding.details["line"]
    given = {"draws": DRAWS, "seed": SEED, "parameters": registry(), "outputs": ("lead_months",), "monthly": 0}

    def median(level):
        again = run_ensemble(["drift"], settings=[Setting(EVASION, level)], **given)["drift"]
        return float(np.median(again.at("lead_months", "2028-12", "released")))

    assert lever["answer"] == "reached"
    assert median(lever["needed"]) == pytest.approx(lever["value"])
    assert median(lever["needed"]) <= line < median(lever["needed"] - 0.01)
    assert lever["value"] == pytest.approx(line, abs=lever["standard_error"])
    assert lever["another_seed"] == pytest.approx(line, abs=4 * lever["standard_error"])
    assert lever["change"] == pytest.approx((lever["needed"] - 1.0) / 5.0)


def test_a_parameter_that_does_it_is_told_by_its_median_and_its_shift(finding):
    (row,) = [row for row in finding.rows if row["name"] == OPEN]
    assert row["kind"] == "parameter"
    form = registry().get(OPEN).prior.form
    assert math.log(row["needed"] / row["now"]) / form.spread == pytest.approx(row["change"], rel=1e-3)
    again = runs().value(runs().ensemble(shifts={OPEN: row["change"]}))
    assert again == pytest.approx(finding.details["line"], abs=row["standard_error"])


def test_a_lever_that_moves_nothing_says_so_and_comes_last(finding):
    assert finding.rows[-1]["name"] == "transition_support"
    assert finding.rows[-1]["answer"] == "moves nothing"
    assert "1 of 3 cannot do it alone within their range" in finding.sentences[-1]
    assert finding.sentences[0].startswith(
        "Lead of the allied over the PRC frontier (released), 2028-12: the median is"
    )
    assert "PRC evasion effort from 1 to" in finding.sentences[0]


def test_two_levers_are_tried_together_and_the_pair_needs_less_of_each(base):
    now = runs().value(base)
    asked = Question(LEAD, now - 5, levers=[EVASION, "release_gating"])
    found = threshold(replace(runs(), statistic="median"), asked, {})
    pairs = [row for row in found.rows if row["kind"] == "pair" and row["answer"] == "reached"]
    assert len(pairs) >= 3
    for row in pairs:
        assert row["value"] <= now - 5
        both = runs().value(runs().ensemble({EVASION: row["needed"], "release_gating": row["with_level"]}))
        assert both == pytest.approx(row["value"])
    # The more of one, the less of the other.
    others = [row["with_level"] for row in sorted(pairs, key=lambda row: row["needed"])]
    assert others == sorted(others, reverse=True)
    assert any(each.startswith("Together it takes least with PRC evasion effort at") for each in found.sentences)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Question(LEAD, 100.0, below=True), r"below 100 already: the answer is no change"),
        (Question(LEAD, 1.0, below=False), r"above 1 already: the answer is no change"),
        (Question(LEAD, 6.0, levers=["prc_evasion"]), "unknown lever 'prc_evasion': did you mean 'prc_evasion_effort'"),
        (Question(LEAD, 6.0, parameters=["intelligence.open_rat"]), "did you mean 'intelligence.open_rate'"),
        (Question(LEAD, 6.0, levers=[EVASION, EVASION]), "given twice"),
    ],
)
def test_what_cannot_be_answered_is_refused(question, words):
    with pytest.raises(InputError, match=words):
        threshold(runs(), question, {})


def test_a_parameter_that_is_fixed_is_refused():
    fixed = next(key for key, each in registry().parameters.items() if each.prior.distribution == "fixed")
    with pytest.raises(InputError, match=f"parameter {fixed} is fixed at"):
        parameter_move(registry(), fixed, SEED, DRAWS)


def test_a_line_that_is_no_probability_is_refused():
    asked = replace(runs(moves.MEAN), outcome=outcome("commanding-lead"))
    with pytest.raises(InputError, match="line 40 is no probability"):
        threshold(asked, Question("commanding-lead", 40.0), {})


def test_levels_that_begin_after_the_outcome_are_refused():
    with pytest.raises(InputError, match="start 2030-01 is after the date"):
        threshold(runs(start=Month(2030, 1)), Question(LEAD, 6.0), {})

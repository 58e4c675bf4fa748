"""Sensitivity: SALib's own test functions through our way of running, and what the simulator adds to it."""

import re
from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text
from SALib.analyze import sobol as analyzer
from SALib.sample import sobol as sampler
from SALib.test_functions import Ishigami, Sobol_G
from scipy.special import ndtri

from fourfronts.analysis.ensemble import CHUNK
from fourfronts.analysis.explain.outcome import Outcome, outcome
from fourfronts.analysis.explain.sensitivity import inputs as sensitivity_inputs
from fourfronts.analysis.explain.sensitivity.design import (
    CONFIDENCE,
    RESAMPLES,
    base_points,
    exchanged,
    indices,
    morris,
    run_ends,
    run_factors,
)
from fourfronts.analysis.explain.sensitivity.gradients import averaged, terms
from fourfronts.analysis.explain.sensitivity.inputs import (
    SMALL_STEP,
    WIDE_STEP,
    Input,
    Model,
    drawn_quantile,
    simulator,
)
from fourfronts.analysis.explain.sensitivity.question import BASE, METHODS, futures_needed, sensitivity
from fourfronts.analysis.explain.sensitivity.words import agreement, sentences
from fourfronts.analysis.scoreboard import shipped_fronts
from fourfronts.cli.explain import sensitivity as command
from fourfronts.errors import InputError
from fourfronts.inference.draws import in_order
from fourfronts.inference.parameters import registry
from fourfronts.inference.posterior import Posterior
from fourfronts.policy.grid import Month
from fourfronts.policy.loader import package
from fourfronts.policy.paths import parse_setting
from fourfronts.report.drawing import house_style, render
from fourfronts.report.explain.sensitivity import plate

Y = Outcome("y[all]", "Y", "units", Month(2028, 12), (), chance=False, read=lambda _: np.empty(0))
LEAD = outcome("lead_months[released]")


def _uniform(low, high, unit):
    return low + (high - low) * unit


def _model(function, bounds, groups=None, slopes=None):
    """A function of points (n, inputs), as SALib's are, run as the simulator is: chunk by chunk."""
    names = groups or [f"g{place}" for place in range(len(bounds))]
    inputs = tuple(
        Input(f"x{place}", group, f"Input {place}", partial(_uniform, *ends))
        for place, (group, ends) in enumerate(zip(names, bounds, strict=True))
    )

    def run(points, futures):
        chunks = [function(points(number).T) for number in range(-(-futures // CHUNK))]
        assert all(chunk.shape == (CHUNK,) for chunk in chunks)
        return np.concatenate(chunks)[:futures]

    return Model(inputs, run, slopes)


def _sobol(model, base, seed=1, factors=None):
    """Indices of single inputs, or of `factors`."""
    first, second = (model.values(each) for each in base_points(len(model.inputs), base, seed))
    factors = factors or [(place,) for place in range(len(model.inputs))]
    return indices(run_ends(model, first, second), run_factors(model, first, second, factors), seed)


def _by_name(finding, kind="parameter"):
    return {row["name"]: row for row in finding.rows if row["kind"] == kind}


ISHIGAMI = _model(Ishigami.evaluate, [(-np.pi, np.pi)] * 3, groups=["one", "two", "one"])


def test_ishigami_comes_out_as_published():
    found = _sobol(ISHIGAMI, 4096)
    assert found.first == pytest.approx([0.3139, 0.4424, 0.0], abs=0.015)
    assert found.total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.015)
    assert found.dropped == 0
    # The published values lie in the intervals, which are not so wide that anything would.
    assert (np.abs(found.total - [0.5576, 0.4424, 0.2437]) < 2 * found.total_error).all()
    assert (found.total_error < 0.04).all()


def test_sobol_g_comes_out_as_published():
    a = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])
    found = _sobol(_model(partial(Sobol_G.evaluate, a=a), [(0, 1)] * 8), 2048)
    assert found.first == pytest.approx(Sobol_G.sensitivity_index(a), abs=0.02)
    assert found.total == pytest.approx(Sobol_G.total_sensitivity_index(a), abs=0.02)


@pytest.mark.parametrize("base", [64, 1024])
def test_points_and_indices_are_those_of_salib_to_the_digit(base):
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[-np.pi, np.pi]] * 3}
    rows = sampler.sample(problem, base, calc_second_order=False, seed=np.random.default_rng(7))
    options = {"num_resamples": RESAMPLES, "conf_level": CONFIDENCE, "seed": np.random.default_rng(7)}
    theirs = analyzer.analyze(problem, Ishigami.evaluate(rows), calc_second_order=False, **options)
    ours = _sobol(ISHIGAMI, base, seed=7)
    np.testing.assert_allclose(ours.first, theirs["S1"], rtol=1e-12)
    np.testing.assert_allclose(ours.total, theirs["ST"], rtol=1e-12)
    np.testing.assert_allclose(ours.first_error, theirs["S1_conf"], rtol=1e-12)
    np.testing.assert_allclose(ours.total_error, theirs["ST_conf"], rtol=1e-12)


def test_groups_are_those_of_salib_to_the_digit():
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[-np.pi, np.pi]] * 3}
    problem["groups"] = ["one", "two", "one"]
    rows = sampler.sample(problem, 256, calc_second_order=False, seed=np.random.default_rng(7))
    options = {"num_resamples": 10, "seed": 1}
    theirs = analyzer.analyze(problem, Ishigami.evaluate(rows), calc_second_order=False, **options)
    assert ISHIGAMI.groups == {"one": (0, 2), "two": (1,)}
    ours = _sobol(ISHIGAMI, 256, seed=7, factors=list(ISHIGAMI.groups.values()))
    np.testing.assert_allclose(ours.first, theirs["S1"], rtol=1e-12)
    np.testing.assert_allclose(ours.total, theirs["ST"], rtol=1e-12)


def test_the_groups_of_a_sum_have_the_shares_of_its_parts():
    # Variances 1, 4 and 9 twelfths; the product inside the second group is its own affair.
    def function(x):
        return x[:, 0] + 2 * x[:, 1] + np.sqrt(108 / 7) * x[:, 2] * x[:, 3]

    model = _model(function, [(0, 1)] * 4, groups=["sum", "sum", "product", "product"])
    found = sensitivity(model, Y, {}, base=2048, methods=["groups", "sobol"])
    groups, single = _by_name(found, "group"), _by_name(found)
    product = 108 / 7 * 7 / 144
    shares = np.array([5 / 12, product]) / (5 / 12 + product)
    for name, share in zip(("sum", "product"), shares, strict=True):
        assert (groups[name]["first"], groups[name]["total"]) == pytest.approx((share, share), abs=0.02)
    # Within the product either input alone explains less than with the other.
    assert single["x2"]["first"] < single["x2"]["total"] - 0.05
    assert single["x1"]["first"] == pytest.approx(4 / 12 / (5 / 12 + product), abs=0.02)
    assert [row["kind"] for row in found.rows] == ["group"] * 2 + ["parameter"] * 4
    assert "product 64%, sum 36% of the variance" in found.sentences[1]


@given(
    base=st.sampled_from([64, 128, 512, 1024]),
    factors=st.lists(st.sets(st.integers(0, 4)).map(sorted), min_size=1, max_size=6),
)
def test_points_made_by_chunks_are_those_of_the_whole_design(base, factors):
    rng = np.random.default_rng(base)
    first, second = rng.random((2, 5, base))
    whole = np.concatenate(
        [np.where(np.isin(np.arange(5), factor)[:, None], second, first) for factor in factors], axis=1
    )
    points = exchanged(first, second, factors)
    chunks = np.concatenate([points(number) for number in range(-(-whole.shape[1] // CHUNK))], axis=1)
    assert np.array_equal(chunks[:, : whole.shape[1]], whole)
    assert chunks.shape[1] % CHUNK == 0


@pytest.mark.parametrize("base", [0, -64, 32, 63, 100, 1000, 32768])
def test_base_samples_that_are_too_few_or_no_power_of_two_are_refused_with_what_is_needed(base):
    with pytest.raises(InputError, match=f"base {base}: .* need at least 64 .* powers of two from 64 to 16384"):
        sensitivity(ISHIGAMI, Y, {}, base=base)
    with pytest.raises(InputError, match=f"base {base}"):
        futures_needed(ISHIGAMI, base, ["sobol"])


@pytest.mark.parametrize("level", [0.0, 7.0, -1e9])
def test_an_outcome_without_variance_says_so(level):
    # Noise of single precision is none.
    model = _model(lambda x: level + np.abs(level) * 1e-8 * x[:, 0], [(0, 1)] * 3)
    with pytest.raises(InputError, match=r"y\[all\]: nothing varies: it is .* in all 128 futures"):
        sensitivity(model, Y, {}, base=64)


def test_an_outcome_that_is_too_rare_is_refused_with_the_base_samples_that_it_takes():
    rare = _model(lambda x: np.where(x[:, 0] > 0.97, 1.0, 0.0), [(0, 1)] * 3)
    chance = replace(Y, chance=True)
    with pytest.raises(InputError, match=r"in 4 of 128 futures; needed: 20, which takes about --base 512$"):
        sensitivity(rare, chance, {}, base=64)
    found = sensitivity(rare, chance, {}, base=2048, methods=["sobol"])
    assert _by_name(found)["x0"]["total"] == pytest.approx(1.0, abs=0.1)
    assert _by_name(found)["x1"]["total"] == 0.0


def test_futures_without_a_number_leave_with_their_base_sample_and_are_counted():
    def holed(x):
        return np.where(x[:, 0] > 2.9, np.nan, Ishigami.evaluate(x))

    model = _model(holed, [(-np.pi, np.pi)] * 3)
    found = _sobol(model, 1024)
    first, second = (model.values(each) for each in base_points(3, 1024, 1))
    # The first input is the same in the first set and all its exchanges but its own, which has that of the second.
    assert found.dropped == np.count_nonzero((first[0] > 2.9) | (second[0] > 2.9)) > 40
    assert found.total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.06)
    told = sensitivity(model, Y, {}, base=1024, seed=1, methods=["sobol"]).limits[-1]
    assert told.endswith(f"no finite outcome: {found.dropped} base samples.")
    with pytest.raises(InputError, match=r"0 of 64 base samples have finite outcomes"):
        indices(np.ones((2, 64)), np.full((3, 64), np.nan), 1)
    with pytest.raises(InputError, match=r"no future has a finite value"):
        sensitivity(_model(lambda x: np.full(len(x), np.nan), [(0, 1)]), Y, {}, base=64)


@pytest.mark.parametrize("seed", [0, 5])
def test_the_seed_alone_picks_the_numbers(seed):
    # SALib takes seed 0 for none.
    one, other = (sensitivity(ISHIGAMI, Y, {}, base=64, seed=seed).as_json() for _ in range(2))
    assert one == other
    assert one != sensitivity(ISHIGAMI, Y, {}, base=64, seed=seed + 1).as_json()


def test_morris_tells_the_change_over_half_of_each_distribution():
    model = _model(lambda x: 3 * x[:, 0] - x[:, 1] + 0 * x[:, 2], [(0, 2), (0, 1), (0, 1)])
    found = morris(model, 1)
    assert found.mean == pytest.approx([3.0, -0.5, 0.0])
    assert found.absolute == pytest.approx([3.0, 0.5, 0.0])
    assert (found.trajectories, found.dropped) == (50, 0)


def test_a_trajectory_without_a_number_is_left_out_whole():
    model = _model(lambda x: np.where(x[:, 1] > 0.8, np.nan, 3 * x[:, 0] - x[:, 1]), [(0, 1)] * 2)
    found = morris(model, 1)
    assert 0 < found.dropped < 49
    assert found.trajectories == 50 - found.dropped
    assert found.mean == pytest.approx([1.5, -0.5])
    with pytest.raises(InputError, match="0 of 50 trajectories have finite outcomes"):
        morris(_model(lambda x: np.full(len(x), np.nan), [(0, 1)] * 2), 1)


NORMAL = [Input(f"z{place}", "g", f"Score {place}", ndtri) for place in range(2)]


def test_slopes_of_a_sum_of_scores_are_its_factors_and_their_squares_its_shares():
    model = Model(tuple(NORMAL), lambda points, futures: np.empty(0), lambda z: np.stack([0 * z[0] + 2, 0 * z[1] - 1]))
    found = averaged(model, base_points(2, 64, 1)[0], 5.0)
    assert found.mean == pytest.approx([2, -1], rel=1e-4)
    assert found.square == pytest.approx([0.8, 0.2], rel=1e-4)
    assert (found.futures, found.dropped) == (64, 0)


def test_a_slope_without_end_is_left_out_and_a_flat_outcome_has_none():
    unit = base_points(2, 64, 1)[0]
    steep = Model(tuple(NORMAL), lambda points, futures: np.empty(0), lambda z: np.where(z > 0, np.nan, 1.0))
    found = averaged(steep, unit, 1.0)
    assert found.futures == np.count_nonzero((unit < 0.5).all(axis=0)) == 64 - found.dropped
    flat = replace(steep, slopes=lambda z: 0 * z)
    assert averaged(flat, unit, 1.0) is None
    assert averaged(replace(steep, slopes=lambda z: z * np.nan), unit, 1.0) is None
    assert averaged(replace(steep, slopes=None), unit, 1.0) is None


def _curved(z):
    return np.exp(0.5 * z[:, 0]) + 0.3 * z[:, 1] * z[:, 0]


def _smooth_model(function, slopes):
    one = _model(function, [(0, 1)] * 2)
    return Model(tuple(NORMAL), one.run, slopes)


def test_mean_square_slopes_bound_total_indices_where_nothing_jumps():
    model = _smooth_model(_curved, lambda z: np.stack([0.5 * np.exp(0.5 * z[0]) + 0.3 * z[1], 0.3 * z[0]]))
    found = sensitivity(model, Y, {}, base=1024)
    for row in _by_name(found).values():
        assert row["gradient"] >= row["total"] - 0.02
        assert row["gradient"] <= 1.6 * row["total"]
    assert not any("jumps" in each for each in found.limits)
    assert found.details["agreement"]["shared_by_all"] == ["z0", "z1"]


def test_a_jump_that_slopes_do_not_see_is_told_of():
    model = _smooth_model(
        lambda z: np.where(z[:, 0] > 0, 5.0, 0.0) + 0.1 * z[:, 1], lambda z: np.stack([0 * z[0], 0 * z[1] + 0.1])
    )
    found = sensitivity(model, Y, {}, base=256)
    assert any("The outcome jumps with z0:" in each for each in found.limits)


def test_agreement_is_of_ranks_and_says_nothing_where_all_are_alike():
    def rows(**columns):
        names = [f"p{place}" for place in range(12)]
        return [
            {"kind": "parameter", "name": name} | {key: float(values[place]) for key, values in columns.items()}
            for place, name in enumerate(names)
        ]

    rising = np.arange(12.0)
    found = agreement(rows(total=rising, morris=np.exp(rising), gradient=-rising))
    by_pair = {tuple(pair["methods"]): pair for pair in found["pairs"]}
    assert by_pair["total", "morris"]["rank_correlation"] == pytest.approx(1.0)
    assert by_pair["total", "gradient"]["rank_correlation"] == pytest.approx(-1.0)
    assert (by_pair["total", "morris"]["shared"], by_pair["total", "gradient"]["shared"]) == (10, 8)
    assert found["shared_by_all"] == [f"p{place}" for place in range(9, 1, -1)]
    assert np.isnan(agreement(rows(total=rising, morris=0 * rising))["pairs"][0]["rank_correlation"])
    assert agreement(rows(total=rising)) == {}


def test_a_screening_that_sees_nothing_is_told_in_words():
    # What happens beyond the last of Morris's levels alone.
    model = _model(lambda x: np.where(x[:, 0] > 0.9, x[:, 1], 0.0), [(0, 1)] * 2)
    found = sensitivity(model, Y, {}, base=256, methods=["sobol", "morris"])
    assert found.sentences[-1].endswith("total indices and Morris none, as all are alike.")


@given(st.floats(-0.4, 0.4), st.floats(0.5, 1.5))
def test_shares_in_sentences_are_shares_however_estimates_miss(low, high):
    rows = [{"kind": "parameter", "name": "x", "first": low, "total": high, "total_low": low, "total_high": high}]
    rows.append({"kind": "group", "name": "g"} | {key: rows[0][key] for key in ("first", "total")})
    told = sentences(rows, Y, {"labels": {"x": "X"}, "agreement": {}, "inputs": 1})
    shares = [int(each) for each in re.findall(r"(-?\d+)%", " ".join(told).replace("(90%:", ""))]
    assert len(shares) >= 5
    assert all(0 <= each <= 100 for each in shares)


def test_an_outcome_that_a_future_has_or_has_not_has_no_slopes_and_says_so():
    model, chance = _model(lambda x: np.where(x[:, 0] > 0.5, 1.0, 0.0), [(0, 1)] * 2), replace(Y, chance=True)
    found = sensitivity(model, chance, {}, base=64)
    assert "gradient" not in found.rows[0]
    assert any("Slopes are left out: a future has the outcome or has it not" in each for each in found.limits)
    with pytest.raises(InputError, match=r"no gradients: .* accepted: sobol, groups, morris"):
        sensitivity(model, chance, {}, base=64, methods=["gradients"])
    with pytest.raises(InputError, match="unknown method 'moris': did you mean 'morris'"):
        sensitivity(model, chance, {}, base=64, methods=["moris"])


def test_each_method_has_its_columns_and_all_rows_have_the_same():
    for methods, columns in {
        ("groups",): {"first", "first_low", "first_high", "total", "total_low", "total_high"},
        ("morris",): {"morris", "morris_mean"},
        ("sobol", "groups", "morris"): {"total", "morris"},
    }.items():
        found = sensitivity(ISHIGAMI, Y, {}, base=64, methods=methods)
        assert all(set(row) == set(found.rows[0]) for row in found.rows)
        assert columns <= set(found.rows[0])
        assert {row["kind"] for row in found.rows} == {
            *(["group"] if "groups" in methods else []),
            *(["parameter"] if set(methods) - {"groups"} else []),
        }
        assert found.sentences


def test_the_futures_told_beforehand_are_those_that_are_run():
    ran = []

    def counted(points, futures):
        ran.append(futures)
        return ISHIGAMI.run(points, futures)

    model = replace(ISHIGAMI, run=counted)
    for methods in (["sobol"], ["groups"], ["morris"], ["sobol", "groups", "morris", "gradients"]):
        ran.clear()
        sensitivity(model, Y, {}, base=64, methods=methods)
        assert futures_needed(model, 64, methods) == sum(ran)


def test_a_quantile_told_by_draws_is_numpys_and_its_slope_is_not_their_roughness():
    rng = np.random.default_rng(3)
    drawn, unit = np.sort(rng.normal(10, 2, 2000)), base_points(1, 1024, 1)[0][0]
    np.testing.assert_allclose(drawn_quantile(drawn, unit), np.quantile(drawn, unit), rtol=1e-12)
    smooth = Input("x", "g", "X", partial(drawn_quantile, drawn), WIDE_STEP).by_score(unit)
    # Two to the power of two, as if the distribution were known; from draw to draw it would be twice that.
    assert (smooth**2).mean() == pytest.approx(4.0, rel=0.12)
    rough = Input("x", "g", "X", partial(drawn_quantile, drawn), SMALL_STEP).by_score(unit)
    assert (rough**2).mean() > 6.0


@pytest.mark.parametrize(
    "methods", [METHODS, ["groups"], ["sobol"], ["morris"], ["gradients"], ["morris", "gradients"]]
)
def test_every_form_of_finding_is_drawn_with_all_that_it_tells(methods):
    model = _smooth_model(_curved, lambda z: np.stack([0.5 * np.exp(0.5 * z[0]) + 0.3 * z[1], 0.3 * z[0]]))
    found = sensitivity(model, Y, {}, base=64, methods=methods)
    with house_style():
        drawn = plate(found, "A stamp.")
        (picture,) = render([drawn])
    texts = [each.get_text() for each in drawn.sheet.figure.findobj(Text)]
    said = "\n".join(texts)
    assert "nan" not in said
    assert ("G: 2 parameters" in said) == ("groups" in methods)
    assert ("Score 0" in texts) == (list(methods) != ["groups"])
    assert ("Rank by\nslopes" in texts) == ("gradients" in methods and len(methods) > 1)
    # In the direction of the slope or, without slopes, of Morris's effects.
    assert ("Change" in texts) == bool({"morris", "gradients"} & set(methods))
    assert all(each in said.replace("\n   ", " ") for each in found.limits)
    assert picture.png.startswith(b"\x89PNG")
    assert found.sentences[0] in picture.alt


@pytest.fixture(scope="module")
def known():
    """The shipped parameters and a posterior of three of them, two of which go together."""
    free = [each for each in in_order(registry()) if each.prior.distribution != "fixed"]
    names = ("intelligence.open_rate", "intelligence.distillation_rate", "intelligence.theft_rate")
    score = np.random.default_rng(2).normal(size=400)
    values = np.stack([np.exp(0.2 * score - 1), np.exp(-0.3 * score - 1), np.full(400, 0.05)]).astype(np.float32)
    assert set(names) <= {each.id for each in free}
    learnt = Posterior(date(2026, 5, 31), names, values, "", "", "", 1, {})
    return replace(registry(), posterior=learnt)


def test_inputs_are_the_parameters_that_are_not_fixed_over_their_own_ranges(known):
    model = simulator(LEAD, package("drift"), known.overridden({"intelligence.initial_lag.prc": 7.0}))
    by_id = {each.id: each for each in in_order(known)}
    names = [each.name for each in model.inputs]
    fixed = {key for key, each in by_id.items() if each.prior.distribution == "fixed"} | {
        "intelligence.initial_lag.prc"
    }
    assert set(names) == set(by_id) - fixed
    assert len(fixed) > 10
    inputs = dict(zip(names, model.inputs, strict=True))
    unit = np.array([0.1, 0.5, 0.93])
    assert np.array_equal(
        inputs["access.diversion_share"].quantile(unit), by_id["access.diversion_share"].prior.quantile(unit)
    )
    drawn = known.posterior.values[0].astype(np.float64)
    np.testing.assert_allclose(inputs["intelligence.open_rate"].quantile(unit), np.quantile(drawn, unit))
    assert np.ptp(inputs["intelligence.theft_rate"].quantile(unit)) == 0
    # Slopes of the one are told finely, of the other over many draws.
    assert (inputs["access.diversion_share"].step, inputs["intelligence.open_rate"].step) == (SMALL_STEP, WIDE_STEP)
    assert inputs["access.diversion_share"].group == "access"
    assert list(model.groups)[:2] == ["supply", "access"]


def test_a_run_in_stretches_is_the_run_at_once_and_every_future_has_its_own_point(known, monkeypatch):
    told = []
    model = simulator(LEAD, package("drift"), known, driver="numpy", progress=told.append)
    values = model.values(base_points(len(model.inputs), 1024, 1)[0])
    points = exchanged(values[:, :CHUNK], values[:, CHUNK:], [(), tuple(range(len(values)))])
    whole = model.run(points, 700)
    assert told[-1] == 700
    monkeypatch.setattr(sensitivity_inputs, "STRETCH", CHUNK)
    assert np.array_equal(model.run(points, 700), whole)
    assert told[-1] == 1400
    # The same future by the simulator's own front door.
    one = simulator(LEAD, package("drift"), known, driver="numpy")
    assert one.run(lambda number: np.repeat(values[:, 600:601], CHUNK, axis=1), 1)[0] == pytest.approx(whole[600])


def test_slopes_of_the_simulator_are_finite_differences_in_double_precision(known):
    model = simulator(LEAD, package("drift"), known, driver="numpy")
    unit = base_points(len(model.inputs), 64, 4)[0][:, :16]
    values = model.values(unit)
    slopes = model.slopes(values)
    assert slopes.shape == values.shape
    names = [each.name for each in model.inputs]
    asked = [
        names.index(name)
        for name in (
            "intelligence.open_rate",
            "intelligence.student_compute_share",
            "access.diversion_share",
            "intelligence.release_delay.prc",
            "intelligence.research_parallelism",
            "supply.wafer_growth_past",
            "intelligence.eci_per_oom",
            "intelligence.labour_growth",
        )
    ]
    steps = 1e-6 * np.abs(values[asked])
    moved = np.repeat(values[:, None, :], 2 * len(asked), axis=1)
    for order, place in enumerate(asked):
        moved[place, 2 * order] += steps[order]
        moved[place, 2 * order + 1] -= steps[order]
    flat = moved.reshape(len(values), -1)
    padded = np.pad(flat, ((0, 0), (0, CHUNK - flat.shape[1])), mode="edge")
    found = model.run(lambda number: padded, flat.shape[1]).reshape(len(asked), 2, 16)
    differences = (found[:, 0] - found[:, 1]) / (2 * steps)
    scale = np.abs(differences).max(axis=1, keepdims=True) + 1e-9
    # A difference may straddle a kink, which the slope does not; not in more than a few.
    close = np.abs(slopes[asked] - differences) < 2e-3 * scale
    assert close.mean() > 0.97
    assert np.abs(slopes[asked]).max(axis=1)[0] > 1.0


def test_package_and_settings_are_in_force_in_futures_and_in_slopes(known):
    def both(name, *settings):
        model = simulator(LEAD, package(name), known, [parse_setting(each) for each in settings], driver="numpy")
        values = model.values(base_points(len(model.inputs), 64, 4)[0][:, :8])
        points = np.pad(values, ((0, 0), (0, CHUNK - 8)), mode="edge")
        return model.run(lambda number: points, 8), model.slopes(values)

    drift, hold, without = both("drift"), both("hold"), both("drift", "distillation_detection=0.9")
    for changed in (hold, without):
        assert (changed[0] > drift[0]).all()
        assert np.abs(changed[1] - drift[1]).max() > 0.1


@pytest.mark.parametrize("text", ["lead_months[internal]", "adoption[prc]", *shipped_fronts()])
def test_what_is_differentiated_adds_up_to_the_outcome(made, text):
    rng = np.random.default_rng(6)
    asked = outcome(text)
    kinds = {key.output: {} for key, _ in terms(asked)}
    for key, _ in terms(asked):
        kinds[key.output][key.kind] = rng.normal(size=5)
    ensemble = made(**kinds)
    total = sum(times * ensemble.at(key.output, "2028-12", key.kind) for key, times in terms(asked))
    np.testing.assert_allclose(total, asked.of(ensemble), rtol=1e-6)
    assert not terms(outcome("commanding-lead"))


def test_what_independence_changes_is_told_where_there_is_a_posterior():
    found = sensitivity(ISHIGAMI, Y, {}, base=64, methods=["groups"], together=np.array([1.0, 3.0, np.nan]))
    assert found.details["deviation_together"] == 1.0
    (told,) = [each for each in found.limits if "together" in each]
    assert "and 1 with the parameters as calibration has them together (units)" in told
    alone = sensitivity(ISHIGAMI, Y, {}, base=64, methods=["groups"])
    assert not any("together" in each for each in alone.limits)


def test_the_command_offers_every_method():
    assert (command.METHODS, command.BASE) == (METHODS, BASE)

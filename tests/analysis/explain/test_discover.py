"""Scenario discovery: a planted box comes out, what was fitted to chance does not count, values are the run's own."""

import itertools
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourfronts.analysis.ensemble import CHUNK, run_ensemble
from fourfronts.analysis.explain import drawn
from fourfronts.analysis.explain.condition import condition
from fourfronts.analysis.explain.discover import boxes, question
from fourfronts.analysis.explain.discover.boxes import Box, Rule
from fourfronts.analysis.explain.discover.question import NEEDED, Sample, discover, half
from fourfronts.analysis.explain.drawn import Column
from fourfronts.analysis.explain.outcome import Outcome
from fourfronts.errors import InputError
from fourfronts.inference.parameters import registry
from fourfronts.inference.posterior import Posterior
from fourfronts.policy.grid import Month
from fourfronts.report.drawing import house_style, render
from fourfronts.report.explain.discover import plate

FUTURES, COLUMNS = 2000, 10
KIND = Outcome("planted", "Planted", "probability", Month(2028, 12), (), chance=True, read=lambda _: np.zeros(0))


def sample(values, relatives=None):
    columns = tuple(Column(f"some.x{each}", f"x{each}", f"Meaning of {each}.", "month") for each in range(len(values)))
    return Sample(columns, values, np.arange(values.shape[1]) if relatives is None else relatives)


def planted(seed=3, wrong=0.05):
    """Uniform columns, and a box in two of them whose futures are of the kind, all but for some that err."""
    rng = np.random.default_rng(seed)
    values = rng.random((COLUMNS, FUTURES))
    inside = (values[3] < 0.4) & (values[7] > 0.5)
    return values, inside ^ (rng.random(FUTURES) < wrong)


def found(values, holds, rule=None, seed=1):
    return discover(sample(values), np.asarray(holds, dtype=float), KIND, rule or Rule(), seed, {})


@pytest.fixture(scope="module")
def finding():
    return found(*planted())


@pytest.mark.parametrize("method", ["PRIM", "CART"])
def test_a_planted_box_comes_out_with_its_limits_and_without_the_noise_dimensions(finding, method):
    rows = {row["parameter"]: row for row in finding.rows if row["method"] == method}
    assert set(rows) == {"some.x3", "some.x7"}
    assert rows["some.x3"]["below"] == pytest.approx(0.4, abs=0.03)
    assert rows["some.x7"]["above"] == pytest.approx(0.5, abs=0.03)
    assert rows["some.x3"]["above"] == -np.inf
    assert rows["some.x7"]["below"] == np.inf
    assert all(row["quasi_p"] < 1e-6 for row in rows.values())
    # One in twenty errs on either side: 0.19 of all futures in the box, and 0.04 outside.
    assert rows["some.x3"]["density"] == pytest.approx(0.95, abs=0.04)
    assert rows["some.x3"]["coverage"] == pytest.approx(0.19 / 0.23, abs=0.06)
    assert rows["some.x3"]["of_all"] == pytest.approx(0.23, abs=0.03)
    # Without one limit the box holds all that lies under the other.
    assert rows["some.x3"]["density_without"] == pytest.approx(0.05 + 0.9 * 0.4, abs=0.06)
    assert rows["some.x7"]["density_without"] == pytest.approx(0.05 + 0.9 * 0.5, abs=0.06)


def test_both_methods_agree_on_the_planted_box_and_the_sentences_say_so(finding):
    assert finding.details["shared"] > 0.85
    assert "x3 below 0." in finding.sentences[0]
    assert "x7 above 0." in finding.sentences[0]
    assert finding.sentences[2].startswith("A classification tree (CART) restricts 2 of these 2 parameters too")


def test_a_box_is_found_whatever_the_scales_of_the_parameters():
    values, holds = planted()
    stretched = np.exp(4 * values - 9)
    rows = [row for row in found(stretched, holds).rows if row["method"] == "PRIM"]
    assert {row["parameter"] for row in rows} == {"some.x3", "some.x7"}
    (limit,) = [row["below"] for row in rows if row["parameter"] == "some.x3"]
    assert (np.log(limit) + 9) / 4 == pytest.approx(0.4, abs=0.03)


def noise():
    rng = np.random.default_rng(0)
    return rng.random((12, 800)), rng.random(800) < 0.3


def test_in_pure_chance_nothing_is_found():
    finding = found(*noise())
    assert finding.rows == []
    assert finding.details["methods"] == {"PRIM": {}, "CART": {}}


def test_what_is_told_is_counted_in_the_half_that_found_nothing(monkeypatch):
    # Without the test of significance dense boxes are found in chance, as dense as everything else where it counts.
    monkeypatch.setattr(boxes, "SIGNIFICANT", 1e9)
    finding = found(*noise())
    for method in ("PRIM", "CART"):
        learnt, tested = (finding.details["methods"][method][half] for half in ("found_in", "tested_in"))
        assert learnt["density"] > learnt["of_all"] + 0.1
        error = np.sqrt(0.3 * 0.7 / tested["inside"])
        assert tested["density"] == pytest.approx(tested["of_all"], abs=3 * error)
        assert learnt["futures"] + tested["futures"] == 800
        assert {row["density"] for row in finding.rows if row["method"] == method} == {tested["density"]}
    assert "; there, chance could explain what is added by x" in finding.sentences[1]


def test_futures_without_an_outcome_are_left_out_and_counted():
    values, holds = planted()
    held = holds.astype(float)
    held[:100] = np.nan
    finding = discover(sample(values), held, KIND, Rule(), 1, {})
    tested = finding.details["methods"]["PRIM"]
    assert finding.details["left_out"] == 100
    assert tested["found_in"]["futures"] + tested["tested_in"]["futures"] == FUTURES - 100


@pytest.mark.parametrize(("kept", "word"), [(True, "all"), (False, "none")])
def test_an_outcome_that_always_or_never_holds_is_refused(kept, word):
    with pytest.raises(InputError, match=f"planted holds in {word} of 2,000 futures"):
        found(planted()[0], np.full(FUTURES, kept))


def test_too_few_cases_are_refused_and_the_error_says_how_many_are_needed():
    values, _ = planted()
    few = np.arange(FUTURES) < NEEDED - 1
    with pytest.raises(InputError, match=r"holds in 39 of 2,000 futures, .*accepted: 40 or more, .*2,500 futures"):
        found(values, few)
    with pytest.raises(InputError, match="does not hold in 39 of 2,000"):
        found(values, ~few)


def test_futures_that_differ_in_nothing_are_refused():
    with pytest.raises(InputError, match="no parameter varies"):
        found(np.ones((4, FUTURES)), planted()[1])


def test_futures_of_few_joint_draws_are_refused_however_many_they_are():
    values, holds = planted()
    relatives = np.arange(FUTURES)
    relatives[holds] = np.arange(holds.sum()) % (NEEDED - 1)
    with pytest.raises(
        InputError, match=r"planted holds in futures of 39 of [\d,]+ joint draws .*accepted: 40 or more"
    ):
        discover(sample(values, relatives), holds.astype(float), KIND, Rule(), 1, {})


def test_joint_draws_that_leave_one_half_without_cases_are_refused():
    holds = np.arange(100) < 50
    with pytest.raises(InputError, match="too few joint draws"):
        question._check_halves(KIND, holds, holds)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=200), st.integers(0, 100))
def test_futures_of_one_joint_draw_are_never_on_both_sides(relatives, seed):
    learning = half(np.array(relatives), seed)
    assert not {*np.array(relatives)[learning]} & {*np.array(relatives)[~learning]}


def test_a_user_can_ask_for_fewer_dimensions_for_coverage_and_for_density():
    values, holds = (each[..., :1000] for each in planted())
    one = found(values, holds, Rule(most=1)).rows
    assert [row["method"] for row in one] == ["PRIM", "CART"]
    usual = found(values, holds).details["methods"]["PRIM"]["found_in"]
    wide = found(values, holds, Rule(coverage=0.9)).details["methods"]["PRIM"]["found_in"]
    assert usual["coverage"] < 0.9 <= wide["coverage"]
    asked = usual["density"] + 0.005
    dense = found(values, holds, Rule(density=asked)).details["methods"]["PRIM"]["found_in"]
    assert dense["density"] >= asked


def test_where_no_box_is_allowed_the_finding_says_so_and_can_be_drawn():
    values, holds = planted()
    finding = found(values, holds, Rule(coverage=1.0, density=1.0))
    assert finding.rows == []
    assert finding.sentences[0].startswith("PRIM finds no few conditions")
    with house_style():
        (drawing,) = render([plate(finding, "stamp")])
    assert "no few conditions" in drawing.alt


def test_quasi_p_values_are_those_of_the_workbench():
    values, holds = planted(wrong=0.3)
    values, holds = values[:8, :400], holds[:400]
    import pandas as pd

    with boxes._quiet():
        from ema_workbench.analysis.prim import Prim

        more = {"threshold": 0.1} if hasattr(Prim, "determine_coi") else {}
        frame = pd.DataFrame(values.T, columns=[f"x{each}" for each in range(8)])
        theirs = Prim(frame, holds, mass_min=0.1, **more).find_box()
    chances = theirs.qp if hasattr(theirs, "qp") else theirs.p_values
    step = len(theirs.box_lims) - 1
    low, high = theirs.box_lims[step].to_numpy(dtype=float)
    whole = theirs.box_lims[0].to_numpy(dtype=float)
    ours = Box(np.where(low == whole[0], -np.inf, low), np.where(high == whole[1], np.inf, high))
    found = boxes.quasi_p(ours, values, holds)
    assert len(ours.dimensions) >= 3
    for each in ours.dimensions:
        # The workbench writes -1 where there is no limit.
        assert np.nan_to_num(found[each], nan=-1.0) == pytest.approx(chances[step][f"x{each}"], rel=1e-9)


def test_a_box_is_counted_right():
    values = np.array([[0.1, 0.2, 0.3, 0.4], [1.0, 2.0, 3.0, 4.0]])
    box = Box(np.array([0.2, -np.inf]), np.array([np.inf, 3.0]))
    count = boxes.count(box, values, np.array([True, True, False, True]))
    assert (count.futures, count.kind, count.inside, count.kind_inside) == (4, 3, 2, 1)
    assert (count.density, count.coverage, count.base) == (0.5, 1 / 3, 0.75)
    assert count.score == pytest.approx(1 / 3 * (0.5 - 0.75) / 0.25)


@given(st.integers(0, 1000))
def test_giving_up_dimensions_never_loses_a_future(seed):
    rng = np.random.default_rng(seed)
    values, holds = rng.random((6, 60)), rng.random(60) < 0.5
    box = Box(rng.random(6) * 0.5 - 0.2, rng.random(6) * 0.5 + 0.7)
    chain = list(boxes.simpler(box, values, holds))
    assert [len(each.dimensions) for each in chain] == [6, 5, 4, 3, 2, 1]
    inside = [each.inside(values) for each in chain]
    assert all((one <= other).all() for one, other in itertools.pairwise(inside))


def test_the_screen_keeps_what_tells_futures_apart():
    values, holds = planted()
    assert {3, 7} <= set(boxes.screen(values, holds, 4))


def test_values_are_to_the_bit_those_that_the_run_works_with():
    draws, seed = 700, 5
    mine = drawn.values(registry(), seed, draws)
    assert mine.shape == (len(registry().parameters), draws)

    def points(number):
        block = np.zeros((len(mine), CHUNK))
        kept = mine[:, number * CHUNK : (number + 1) * CHUNK]
        block[:, : kept.shape[1]] = kept
        return block + (block == 0) * mine[:, :1]

    given = {"draws": draws, "parameters": registry(), "outputs": ("lead_months",), "monthly": 0}
    ours = run_ensemble(["drift"], points=points, **given)["drift"].values["lead_months"]
    theirs = run_ensemble(["drift"], seed=seed, **given)["drift"].values["lead_months"]
    assert np.array_equal(ours, theirs)


def test_values_and_relatives_follow_the_posterior():
    names = ("intelligence.open_rate", "access.diversion_share")
    posterior = Posterior(
        date(2026, 5, 31), names, np.array([[0.1, 0.2, 0.3], [0.01, 0.02, 0.03]], np.float32), "e", "m", "v", 1, {}
    )
    known = replace(registry(), posterior=posterior)
    values, relatives = drawn.values(known, 4, 60), drawn.relatives(known, 4, 60)
    rows = [each.id for each in drawn.columns(known)]
    for row, key in enumerate(names):
        assert values[rows.index(key)] == pytest.approx(posterior.values[row, relatives])
    assert set(relatives) == {0, 1, 2}
    assert list(drawn.relatives(registry(), 4, 5)) == [0, 1, 2, 3, 4]


def test_a_condition_is_counted_as_it_reads():
    asked = condition("lead_months[released] < 6")
    ensemble = run_ensemble(["drift"], draws=64, parameters=registry(), outputs=asked.outputs, monthly=0)["drift"]
    lead = ensemble.at("lead_months", "2028-12", "released")
    assert np.array_equal(asked.of(ensemble), (lead < 6).astype(float))
    assert asked.chance
    assert str(asked) == "Lead of the allied over the PRC frontier (released) < 6 months, 2028-12"
    two = condition("lead_months[released] >= lead_months[internal]")
    internal = ensemble.at("lead_months", "2028-12", "internal")
    assert np.array_equal(two.of(ensemble), (lead >= internal).astype(float))
    ensemble.values["lead_months"][-1, 0, 7] = np.nan
    assert np.flatnonzero(np.isnan(asked.of(ensemble))).tolist() == [7]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lead_months[released]", r"a number in every future; .*'lead_months\[released\] < 6'"),
        ("adoption", "a number in every future"),
        ("lead_month[released] < 6", "unknown output 'lead_month': did you mean 'lead_months'"),
        ("lead_months[released] < six", "found .*six"),
        ("comanding-lead", "did you mean 'commanding-lead'"),
    ],
)
def test_what_is_no_condition_is_refused(text, words):
    with pytest.raises(InputError, match=words):
        condition(text)

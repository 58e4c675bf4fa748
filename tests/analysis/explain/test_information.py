"""Which uncertainty is worth resolving: a whole finding with known answers, prices, instruments, and bad input."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.stats import norm, qmc

from fourfronts.analysis.explain.across import Futures
from fourfronts.analysis.explain.drawn import values as values_drawn
from fourfronts.analysis.explain.effort import Asked
from fourfronts.analysis.explain.information.instruments import INSTRUMENTS, Instrument, Measured, instruments
from fourfronts.analysis.explain.information.question import Choice, choices, independent, information
from fourfronts.analysis.explain.outcome import outcomes
from fourfronts.errors import InputError
from fourfronts.inference.parameters import registry
from fourfronts.inference.posterior import Posterior
from fourfronts.policy.loader import package
from fourfronts.report.explain.information import plate

LEAD, COMMANDING = outcomes(["lead_months[released]", "commanding-lead"])
PACKAGES = (package("drift"), package("hold"))
SHARE, RATE, OPEN = "access.diversion_share", "intelligence.distillation_rate", "intelligence.open_rate"
FUTURES = 2048
MEAN, FIRST, SECOND = 0.3, 1.0, 0.7
SPREAD = 0.8
"""Standard deviation of the logarithm of what is measured."""
ASKED = {"draws": FUTURES, "seed": 1}


def closed(mean, spread):
    return spread * norm.pdf(mean / spread) + mean * norm.cdf(mean / spread) - max(mean, 0.0)


@pytest.fixture(scope="module")
def scores():
    return norm.ppf(qmc.Sobol(3, rng=np.random.default_rng(1)).random(FUTURES)).T


@pytest.fixture(scope="module")
def drawn(scores):
    return {SHARE: 0.1 * np.exp(SPREAD * scores[0]), RATE: np.exp(scores[1]), OPEN: np.exp(scores[2])}


def choice(second, effort=(0.0, 4.0), outcome=LEAD):
    """Drift is worth nothing and hold `second`, before effort."""
    return Choice(outcome, PACKAGES, np.stack([np.zeros(len(second)), second]), np.array(effort))


def custody(error):
    return Instrument("custody", "Custody", "sites", 4, (Measured(SHARE, 2 * error, 0.0),))


def explained(several, drawn, tools=(), **more):
    return information(several, drawn, registry(), tools, ASKED, **more)


def test_a_choice_between_two_actions_has_the_values_of_the_formulas(scores, drawn):
    # Hold asks for four levers at 0.5 each, which leaves a mean of 0.3.
    linear = choice(MEAN + 2 + FIRST * scores[0] + SECOND * scores[1])
    finding = explained([linear], drawn, [custody(0.5)], price=0.5)
    rows = {row["learnt"]: row for row in finding.rows}
    assert rows["everything"]["value"] == pytest.approx(closed(MEAN, np.hypot(FIRST, SECOND)), rel=0.01)
    assert rows[SHARE]["value"] == pytest.approx(closed(MEAN, FIRST), rel=0.02)
    assert rows[RATE]["value"] == pytest.approx(closed(MEAN, SECOND), rel=0.02)
    # A year of four records, each with an error of 1, measures the logarithm with an error of one half.
    left = SPREAD**2 / (SPREAD**2 + 0.5**2)
    assert rows["custody"]["value"] == pytest.approx(closed(MEAN, FIRST * np.sqrt(left)), rel=0.1)
    assert rows["custody"]["if_exact"] == rows[SHARE]["value"]
    assert rows[OPEN]["value"] <= rows[OPEN]["chance"] < rows[RATE]["value"]
    assert {row["price"] for row in finding.rows} == {0.5}
    assert [row["kind"] for row in finding.rows] == ["everything", "instrument", *["parameter"] * 3]
    assert f"Worth knowing most, each by itself: {SHARE} (0.27 months), {RATE} (0.15 months);" in finding.sentences[1]
    assert "Custody, 4 sites: 0.2" in finding.sentences[2]


def test_the_price_that_is_looked_at_is_the_one_at_which_the_choice_is_hardest(scores, drawn):
    # Hold's mean of 2 is worth its four levers at a price of one half.
    finding = explained([choice(2 + scores[0])], drawn)
    curve = finding.details["curves"]["lead_months[released]"]
    assert curve["price"] == pytest.approx(0.5, abs=0.03)
    assert finding.rows[0]["value"] == max(curve["evpi"]) == pytest.approx(closed(0.0, 1.0), rel=0.02)
    assert curve["prices"][0] == 0
    assert (curve["best"][0], curve["best"][-1]) == ("hold", "drift")
    # With a price of nothing hold is best unless z falls under -2.
    assert curve["sure"][0] == pytest.approx(norm.cdf(2), abs=0.005)
    assert curve["evpi"][0] == pytest.approx(closed(2.0, 1.0), rel=0.05)
    assert "If effort costs nothing, Hold is best in 98% of futures" in finding.sentences[0]
    assert "the most at any price" in finding.sentences[0]


def test_nothing_is_worth_knowing_when_one_package_is_best_in_every_future(scores, drawn):
    finding = explained([choice(-np.exp(scores[0]))], drawn, [custody(0.5)])
    (row,) = finding.rows
    assert (row["learnt"], row["value"]) == ("everything", 0)
    assert "One package is best in every future at any price of effort" in finding.sentences[0]
    assert plate(finding, "stamp").sheet.figure
    sure = explained([choice(5 + 0.1 * scores[0])], drawn, price=0.0)
    assert sure.rows[0]["value"] == 0
    assert "if effort costs 0 months" in sure.sentences[0]


def test_packages_of_the_same_effort_need_no_price(scores, drawn):
    finding = explained([choice(scores[0], effort=(2.0, 2.0))], drawn)
    assert finding.details["curves"]["lead_months[released]"]["prices"] == [0]
    assert finding.rows[0]["value"] == pytest.approx(closed(0.0, 1.0), rel=0.02)
    assert plate(finding, "stamp").sheet.figure


def test_an_outcome_that_a_future_has_or_has_not_is_worth_points_of_probability(scores, drawn):
    held = (scores[0] > 0).astype(float)
    finding = explained([choice(2 + scores[0]), choice(held, outcome=COMMANDING)], drawn)
    rows = [row for row in finding.rows if row["outcome"] == "commanding-lead"]
    assert rows[0]["unit"] == "probability"
    # At the hardest price it is had in half of the futures for its own expected worth: half of one half.
    assert rows[0]["value"] == pytest.approx(0.25, abs=0.01)
    assert finding.sentences[-1].startswith("commanding-lead: knowing everything is worth 25 points of probability")
    # Ties are no loss: drift is as good where hold does not bring it.
    assert finding.details["curves"]["commanding-lead"]["sure"][0] == 1


def test_the_picture_shows_instruments_parameters_and_what_was_assumed(scores, drawn):
    finding = explained([choice(2 + scores[0] + 0.3 * scores[1])], drawn, instruments({"custody_reconciliation": 50}))
    drawing = plate(finding, "stamp")
    texts = [text.get_text() for axes in drawing.sheet.figure.axes for text in axes.texts]
    assert {"A year of custody reconciliation", SHARE, RATE} <= set(texts)
    assert any("50 sites, which tell access.diversion_share within 47%" in note for note in drawing.sheet.notes)


def test_more_records_are_worth_more_up_to_the_floor(scores, drawn):
    linear = choice(MEAN + 2 + FIRST * scores[0])

    def worth(records):
        tools = [tool for tool in instruments({"custody_reconciliation": records}) if tool.name.startswith("custody")]
        finding = explained([linear], drawn, tools, price=0.5)
        return {row["learnt"]: row["value"] for row in finding.rows}

    few, many, endless = (worth(records) for records in (2, 100, 10**9))
    assert 0 < few["custody_reconciliation"] < many["custody_reconciliation"] < endless["custody_reconciliation"]
    assert endless["custody_reconciliation"] < 0.99 * endless[SHARE]


def test_instruments_measure_parameters_of_the_model_that_are_positive():
    known = registry()
    for tool in INSTRUMENTS:
        for each in tool.measures:
            assert known.get(each.parameter).prior.quantile(np.array([1e-6]))[0] > 0
            assert each.after(tool.records) == pytest.approx(np.sqrt(each.error**2 / tool.records + each.floor**2))
    with pytest.raises(InputError, match="unknown instrument 'custody_recon': did you mean 'custody_reconciliation'"):
        instruments({"custody_recon": 3})
    with pytest.raises(InputError, match="custody_reconciliation: 0 records; accepted: 1 or more"):
        instruments({"custody_reconciliation": 0})


def test_what_is_known_is_not_measured_and_what_is_not_positive_is_refused(scores, drawn):
    linear = choice(2 + scores[1])
    fixed = drawn | {SHARE: np.full(FUTURES, 0.0)}
    finding = explained([linear], fixed, [custody(0.5)])
    assert "custody" not in [row["learnt"] for row in finding.rows]
    with pytest.raises(InputError, match=f"custody: {SHARE} is -1 in a future; accepted: above 0"):
        explained([linear], drawn | {SHARE: np.where(scores[0] > 0, 1.0, -1.0)}, [custody(0.5)])


def test_one_package_alone_and_too_few_futures_are_refused(scores, drawn):
    alone = Choice(LEAD, PACKAGES[:1], scores[:1], np.zeros(1))
    with pytest.raises(InputError, match="only drift to choose from; accepted: two packages or more"):
        explained([alone], drawn)
    with pytest.raises(InputError, match=r"255 futures are too few .*; accepted: 256 or more"):
        explained([choice(scores[0][:255])], {key: row[:255] for key, row in drawn.items()})


def futures_of(values):
    asks = (Asked(0.0, 0.0, 0.0), Asked(4.0, 0.0, 0.0))
    return Futures(values[None], {"evidence": "Evidence"}, PACKAGES, (LEAD, COMMANDING), asks)


def test_draws_are_those_of_the_run_and_futures_without_a_value_are_left_out_of_both():
    values = np.random.default_rng(1).normal(size=(2, 2, 600))
    values[1, 0, 7] = np.nan
    values[0, 1, 9] = np.inf
    found, drawn, left_out = choices(futures_of(values), registry(), seed=3)
    assert left_out == 2
    kept = np.delete(np.arange(600), [7, 9])
    assert (found[0].values == values[:, 0, kept]).all()
    assert found[1].outcome is COMMANDING
    assert found[0].effort.tolist() == [0, 4]
    row = list(drawn).index(SHARE)
    assert (drawn[SHARE] == values_drawn(registry(), 3, 600)[row, kept]).all()
    with pytest.raises(InputError, match="no future is finite under every package"):
        choices(futures_of(np.full((2, 2, 600), np.nan)), registry(), seed=3)


def test_a_posterior_gives_no_more_futures_than_it_has_joint_draws():
    values = np.random.default_rng(1).random((2, 300), dtype=np.float32) + 0.1
    learnt = Posterior.made_here(date(2026, 5, 31), (SHARE, RATE), values, 1, {})
    known = replace(registry(), posterior=learnt)
    assert independent(known, 4096) == 300
    assert independent(known, 200) == 200
    assert independent(registry(), 4096) == 4096
    _, drawn, _ = choices(futures_of(np.zeros((2, 2, 300))), known, seed=3)
    assert sorted(drawn[SHARE]) == pytest.approx(sorted(values[0]))
    # Both parameters of a future are of one joint draw.
    order = np.argsort(values[0])
    places = np.searchsorted(values[0][order], drawn[SHARE].astype(np.float32))
    assert drawn[RATE] == pytest.approx(values[1][order][places])


def test_the_same_seed_gives_the_same_finding(scores, drawn):
    one, again = (explained([choice(2 + scores[0])], drawn, [custody(0.5)], seed=4).as_json() for _ in range(2))
    assert one == again

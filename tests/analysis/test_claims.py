"""The ledger: its runs are what they are called, share their draws, and every claim comes out of them whole."""

import json
from dataclasses import replace

import numpy as np
import pytest

from fourfronts.analysis import claim_runs, claims
from fourfronts.analysis.claim_measures import Measure, Outcome, single
from fourfronts.analysis.claim_runs import Futures, definitions, run, simulate
from fourfronts.analysis.claims import Ledger, ledger
from fourfronts.analysis.verdicts import CONDITIONAL, NOT_SUPPORTED, NOT_TESTABLE, SUPPORTED, VERDICTS, Part, of_share
from fourfronts.errors import InputError
from fourfronts.inference.parameters import registry
from fourfronts.policy.grid import DEFAULT_HORIZON, Month
from fourfronts.policy.loader import Package, levers, package

DRAWS, SEED = 64, 3
AREAS = ("close_loopholes", "defend_models", "champion_exports")
LEAD = "lead_months.released"


def futures(*names: str, monthly: bool = False, **options: object) -> Futures:
    """Some runs, by name."""
    needs = dict.fromkeys(names, (LEAD, "prc_compute.diverted", "catch_up.distilled"))
    by_month = needs if monthly else {}
    settings = {"draws": DRAWS, "seed": SEED} | options
    return simulate(needs, by_month, registry(), DEFAULT_HORIZON, **settings)


@pytest.fixture(scope="module")
def whole() -> Ledger:
    """All claims, once."""
    return ledger(draws=200, seed=SEED)


@pytest.fixture(scope="module")
def four() -> Futures:
    """Two packages and two closed channels, month by month."""
    return futures("drift", "close", "no_diversion", "no_distillation", monthly=True)


# -- runs


def test_runs_are_distinct_so_that_none_is_simulated_twice() -> None:
    bodies = [json.dumps(body, sort_keys=True) for body in definitions()["runs"].values()]
    assert len(set(bodies)) == len(bodies)


def test_every_run_is_needed_and_every_needed_run_is_defined() -> None:
    needed = {name for each in claims.measures().values() for name in (*each.needs, *each.monthly)}
    assert needed == set(definitions()["runs"])


def test_every_run_can_be_read() -> None:
    known = registry().parameters
    for name in definitions()["runs"]:
        each = run(name)
        assert each.name == name
        assert set(each.fixed) <= set(known)
    with pytest.raises(InputError, match="unknown run 'drft': did you mean 'drift'"):
        run("drft")


def test_areas_are_the_levers_of_hold_in_them_and_no_others() -> None:
    hold = package("hold").levers
    assert dict(run("close").package.levers) == dict(package("close_loopholes").levers)
    assert set(run("all_areas").package.levers) == {name for name in hold if levers()[name].area in AREAS}
    pair = run("close_defend").package.levers
    assert {levers()[name].area for name in pair} == {"close_loopholes", "defend_models"}


def test_a_delay_moves_every_start_and_nothing_else() -> None:
    now, later = run("all_areas").package.levers, run("all_2027").package.levers
    assert set(now) == set(later)
    for name, change in now.items():
        assert later[name].start == Month(change.start.year + 1, change.start.month)
        assert (later[name].level, later[name].ramp_months) == (change.level, change.ramp_months)


def test_closed_channels_stay_closed_from_2022_on_and_leave_what_came_before(four: Futures) -> None:
    some, controls = four, four.runs["drift"].months.index("2022-01")
    assert some.monthly("drift", "prc_compute.diverted")[:controls].max() == 0
    assert some.monthly("drift", "prc_compute.diverted")[-1].min() > 0
    assert some.monthly("no_diversion", "prc_compute.diverted").max() == 0
    assert some.monthly("no_distillation", "catch_up.distilled")[controls:].max() == 0
    before = slice(0, controls)
    np.testing.assert_array_equal(
        some.monthly("no_distillation", "catch_up.distilled")[before],
        some.monthly("drift", "catch_up.distilled")[before],
    )


def test_runs_share_their_draws_and_packages_their_past(four: Futures) -> None:
    some = four
    np.testing.assert_array_equal(some.at("drift", LEAD, some.now), some.at("close", LEAD, some.now))
    # Closing a channel never shortens the lead of the same future.
    assert (some.at("no_distillation", LEAD, some.now) > some.at("drift", LEAD, some.now) - 1e-3).all()


def test_clear_lead_and_near_parity_have_one_past_and_part_at_once() -> None:
    some = futures("clear_lead", "near_parity")
    np.testing.assert_array_equal(some.at("clear_lead", LEAD, some.now), some.at("near_parity", LEAD, some.now))
    assert np.median(some.at("near_parity", LEAD, "2028-12")) < 4
    assert np.median(some.at("clear_lead", LEAD, "2028-12")) > 12


def test_only_what_is_needed_is_kept_and_progress_counts_every_run() -> None:
    seen: list[tuple[int, int]] = []
    needs = {"drift": (LEAD, "prc_compute.diverted"), "no_diversion": (LEAD,)}
    options = {"draws": DRAWS, "seed": SEED}
    some = simulate(needs, {}, registry(), DEFAULT_HORIZON, lambda *so_far: seen.append(so_far), **options)
    assert set(some.runs["drift"].values) == {"lead_months", "prc_compute"}
    assert set(some.runs["no_diversion"].values) == {"lead_months"}
    assert some.runs["drift"].monthly == {}
    assert seen == [(1, 2), (2, 2)]


def test_a_future_that_is_not_finite_in_one_run_is_left_out_of_all(four: Futures) -> None:
    close = four.runs["close"]
    holed = close.values["lead_months"].copy()
    holed[0, 0, 5] = np.nan
    runs = {**four.runs, "close": replace(close, values={**close.values, "lead_months": holed})}
    cut = Futures(runs, four.last)
    assert cut.left_out == 1
    np.testing.assert_array_equal(cut.at("drift", LEAD, cut.now), np.delete(four.at("drift", LEAD, cut.now), 5))
    assert cut.monthly("drift", "catch_up.distilled").shape == (108, DRAWS - 1)
    with pytest.raises(InputError, match="no future is finite in every run"):
        Futures({"close": replace(close, values={"lead_months": holed * np.nan})}, four.last)


# -- the ledger


def test_every_claim_has_a_verdict_a_headline_and_its_reasons(whole: Ledger) -> None:
    assert len(whole.entries) == 19
    for each in whole.entries:
        assert each.verdict in VERDICTS
        assert each.findings
        assert each.parts
        for finding in each.findings:
            assert np.isfinite([finding.p05, finding.p50, finding.p95]).all()
            assert finding.p05 <= finding.p50 <= finding.p95
    assert sum(whole.verdicts.values()) == 19


def test_the_ledger_is_plain_json_and_the_same_for_the_same_seed(whole: Ledger) -> None:
    text = json.dumps(whole.as_json(), allow_nan=False, sort_keys=True)
    alone = ledger(["channels"], draws=200, seed=SEED).as_json()["claims"][0]
    assert alone == next(each for each in json.loads(text)["claims"] if each["name"] == "channels")


def test_the_verdict_of_a_claims_own_rule_goes_before_that_of_its_weakest_part(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = (Part("so", SUPPORTED, "It is.", "source"), Part("so", NOT_SUPPORTED, "It is not.", "source"))
    for own, verdict in ((None, NOT_SUPPORTED), (CONDITIONAL, CONDITIONAL)):
        outcome = Outcome("so", (single("so", "share", 1.0),), parts, own)
        monkeypatch.setattr(claims, "measures", lambda outcome=outcome: {"inaction": Measure(lambda *_: outcome)})
        assert ledger(["inaction"], draws=8).entries[0].verdict == verdict


def test_a_measure_that_needs_no_run_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    part = Part("so", SUPPORTED, "It is.", "source")
    alone = Measure(lambda *_: Outcome("so", (single("so", "share", 1.0),), (part,)))
    monkeypatch.setattr(claims, "measures", lambda: {"security_fixes": alone})
    found = ledger(["security_fixes"], draws=8)
    assert found.runs == 0
    assert found.entries[0].verdict == SUPPORTED


def test_an_output_that_the_model_lacks_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = Measure(lambda *_: Outcome("", (), ()), {"drift": ("lead_years.released",)})
    monkeypatch.setattr(claims, "measures", lambda: {"lead_today": lacking})
    with pytest.raises(InputError, match=r"claim 3 \(lead_today\): its measure reads lead_years\[released\]"):
        ledger(["3"])


def test_a_horizon_before_the_scenarios_is_refused() -> None:
    with pytest.raises(InputError, match="horizon 2027-12 is too early for claims about 2028; accepted: 2028-12"):
        ledger(["3"], horizon=Month(2027, 12))


def test_what_a_claim_cites_was_known_by_the_cut_off() -> None:
    assert claims.check_against_evidence() == []


# -- what is read off the draws


def test_a_parameter_on_which_a_part_depends_is_named_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    known = registry()
    draws = 2000
    drawn = claims._drawn(known, draws, SEED, np.ones(draws, dtype=bool))
    rate = drawn["intelligence.open_rate"]
    part = of_share("so", rate < np.median(rate))
    (split,) = claims._splits(part, known, drawn)
    assert (split.parameter, split.above, split.below) == ("intelligence.open_rate", 0.0, 1.0)
    noise = of_share("so", np.random.default_rng(1).random(draws) < 0.5)
    assert list(claims._splits(noise, known, drawn)) == []


def test_a_direction_that_is_judgement_alone_is_not_tested() -> None:
    known = registry()
    judged = next(
        key for key, each in known.parameters.items() if each.is_judgement and claims._sets_direction(known, key)
    )
    sourced = next(key for key, each in known.parameters.items() if not each.is_judgement)
    holds = np.ones(100, dtype=bool)
    assert claims._assumed(of_share("so", holds, rests_on=(sourced,)), known).verdict == SUPPORTED
    part = claims._assumed(of_share("so", holds, rests_on=(sourced, judged)), known)
    assert part.verdict == NOT_TESTABLE
    assert judged in part.reads
    either_way = known.overridden({judged: {"distribution": "normal", "p05": -1, "p95": 1}})
    assert claims._assumed(of_share("so", holds, rests_on=(judged,)), either_way).verdict == SUPPORTED


def test_runs_are_simulated_a_few_at_a_time_to_bound_memory(four: Futures, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once: list[int] = []

    def counted(packages: list[Package], **_: object) -> dict[str, object]:
        at_once.append(len(packages))
        return {each.name: replace(four.runs["drift"], package=each) for each in packages}

    monkeypatch.setattr(claim_runs, "run_ensemble", counted)
    names = ("drift", "close", "defend", "champion", "close_defend")
    assert set(futures(*names).runs) == set(names)
    assert at_once == [2, 2, 1]
    at_once.clear()
    futures(*names, draws=claim_runs.MONTHLY_FUTURES + 1)
    assert at_once == [1] * 5


def test_a_single_number_is_a_finding_without_a_range() -> None:
    assert single("so", "share", 0.5).as_json() == {"label": "so", "unit": "share", "p05": 0.5, "p50": 0.5, "p95": 0.5}

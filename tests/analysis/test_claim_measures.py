"""Measures of claims, on futures made up for them: each claim can be supported, and each can fail."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fourfronts.analysis import claim_compute, claim_lead
from fourfronts.analysis.claim_measures import Outcome
from fourfronts.analysis.claims import measures
from fourfronts.analysis.verdicts import CONDITIONAL, NOT_SUPPORTED, NOT_TESTABLE, SUPPORTED, together
from fourfronts.evidence.claims import claims

DRAWS = 400
SPREAD = np.geomspace(0.8, 1.25, DRAWS)
MONTHS = tuple(f"{year}-{month:02d}" for year in range(2020, 2029) for month in range(1, 13))

World = dict[Any, float]
"""Value by (run, reference, date), by (run, reference) or by reference, in this order; what is not there is 1."""


class MadeUp:
    """Futures with the interface of the real ones, every value spread by a fifth about what a world says."""

    now, last = "2026-05", "2028-12"
    runs: dict[str, Any]

    def __init__(self, world: World) -> None:
        self.world = world
        self.runs = {"drift": SimpleNamespace(months=MONTHS)}
        self.kept = np.ones(DRAWS, dtype=bool)

    def at(self, run: str, reference: str, date: str) -> np.ndarray:
        keys = ((run, reference, date), (run, reference), reference)
        return SPREAD * next((self.world[key] for key in keys if key in self.world), 1.0)

    def monthly(self, run: str, reference: str) -> np.ndarray:
        return np.stack([self.at(run, reference, month) for month in MONTHS])

    def months(self, run: str, year: int) -> list[int]:
        return [row for row, month in enumerate(MONTHS) if month.startswith(str(year))]


def lead(**by_run: float) -> World:
    return {(run, "lead_months.released"): months for run, months in by_run.items()}


def judged(name: str, world: World) -> tuple[Outcome, str]:
    claim = claims().get(name)
    outcome = measures()[claim.measure].compute(MadeUp(world), claim)
    return outcome, outcome.verdict or together(outcome.parts)


# What a Huawei share of 4% of NVIDIA's takes of the blocs' outputs, given the fixed shares of the two firms.
PRC_OUTPUT, ALLIED_OUTPUT = 0.04 * 0.68 / 0.9, 1.0
BOUND = {f"chip_limit.{limit}": 0.0 for limit in ("market", "power", "logic", "memory")}
LIFTED = {
    (f"no_{which}_control", "chip_output.prc"): made for which, made in (("euv", 1.2), ("duv", 1.3), ("hbm", 2.0))
}
DISTILLING = {("drift", "catch_up.distilled"): 1.0, "capability_released.allied": 150.0, "capability.prc": 140.0}
APART = lead(close_defend=16, clear_lead=20, near_parity=2)
DRIVEN = APART | {("capability_apart", "adoption.allied"): 0.5, ("near_parity", "distribution_share.allied"): 0.5}
LAG = lead(no_subsidy=20, no_deficit=2)

SUPPORTING: dict[str, World] = {
    "compute_ratio": {("close", "compute_ratio.stock_usable_flops"): 20.0},
    "lead_today": lead(drift=7),
    "channels": lead(drift=8, no_channels=16),
    "distillation_compute": DISTILLING | {("close", "catch_up.distilled"): 0.5},
    "binding_limits": BOUND | LIFTED | {"chip_limit.memory": 1.0},
    "lead_2028": lead(close_defend=17, drift=9),
    "inaction": lead(drift=2, loosen=1),
    "timing": lead(drift=5, all_areas=10, all_2027=6, all_2028=5),
    "not_sufficient": DRIVEN | {"distribution_share.prc": 0.55},
    "self_reinforcing": lead(all_areas=12, no_feedback=8, no_ai_research=10),
    "lead_and_safety": APART
    | {("near_parity", "safety_posture.talks"): 0.5, ("near_parity", "safety_posture.publishing_allied"): 0.5},
    "funding": {"funding_ratio.prc": 0.3},
    "subsidised_exports": LAG
    | {
        ("no_subsidy", "distribution_share.prc"): 0.1,
        ("no_deficit", "distribution_share.prc"): 0.2,
        ("full_subsidy", "distribution_share.prc"): 0.3,
    },
}
OPPOSING: dict[str, World] = {
    "compute_ratio": {("close", "compute_ratio.stock_usable_flops"): 6.0},
    "lead_today": lead(drift=1),
    "channels": lead(drift=8, no_channels=9),
    "distillation_compute": DISTILLING | {("close", "catch_up.distilled"): 0.99},
    "binding_limits": BOUND | LIFTED | {"chip_limit.market": 1.0},
    "lead_2028": lead(close_defend=8, drift=7),
    "inaction": lead(drift=12, loosen=10),
    "timing": lead(drift=5, all_areas=10, all_2027=9, all_2028=5),
    "not_sufficient": DRIVEN | {"distribution_share.prc": 0.1},
    "self_reinforcing": lead(all_areas=12, no_feedback=12, no_ai_research=12),
    "lead_and_safety": APART
    | {("near_parity", "safety_posture.talks"): 1.0, ("near_parity", "safety_posture.publishing_allied"): 2.0},
    "funding": {"funding_ratio.prc": 2.0},
    "subsidised_exports": LAG
    | {
        ("no_subsidy", "distribution_share.prc"): 0.1,
        ("no_deficit", "distribution_share.prc"): 0.3,
        ("full_subsidy", "distribution_share.prc"): 0.15,
    },
}


@pytest.mark.parametrize("name", SUPPORTING)
def test_a_world_in_which_the_claim_is_true_supports_it(name: str) -> None:
    assert judged(name, SUPPORTING[name])[1] == SUPPORTED


@pytest.mark.parametrize("name", OPPOSING)
def test_a_world_in_which_the_claim_is_false_does_not(name: str) -> None:
    assert judged(name, OPPOSING[name])[1] == NOT_SUPPORTED


def test_every_measure_that_needs_a_run_is_put_to_both_tests() -> None:
    apart = {"huawei_share", "three_areas", "one_scheme", "jailbreaks", "publishing", "security_fixes"}
    needed = {
        each.name for each in claims().claims if measures()[each.measure].needs or measures()[each.measure].monthly
    }
    assert set(SUPPORTING) == set(OPPOSING) == needed - apart


def test_every_claim_names_a_measure_that_is_there_and_every_measure_a_claim() -> None:
    assert {each.measure for each in claims().claims} == set(measures())


# -- one claim at a time


def test_the_huawei_share_is_of_compute_made_in_the_year() -> None:
    made = {"chip_output.prc": PRC_OUTPUT, "chip_output.allied": ALLIED_OUTPUT}
    flat = MadeUp(made)
    # Both outputs are spread alike, so the share itself is one number.
    flat.at = lambda run, reference, date: np.full(DRAWS, made[reference]) * (SPREAD if "prc" in reference else 1.0)  # type: ignore[method-assign]
    claim = claims().get("huawei_share")
    outcome = measures()["maker_share"].compute(flat, claim)
    assert outcome.findings[0].p50 == pytest.approx(0.04, rel=1e-3)
    assert [part.verdict for part in outcome.parts] == [SUPPORTED, NOT_SUPPORTED]
    assert together(outcome.parts) == NOT_SUPPORTED


def test_months_of_closeness_are_the_same_futures_with_and_without_the_channel() -> None:
    world = lead(drift=8, no_diversion=9, no_renting=8.5, no_evasion=9.5, no_distillation=10, no_channels=12)
    findings = judged("channels", world)[0].findings
    months = {each.label.partition(" by ")[2].partition(",")[0]: each.p50 for each in findings[:5]}
    assert months == pytest.approx(
        {"all three": 4, "distillation": 2, "diversion and renting": 1.5, "renting abroad": 0.5, "diversion": 1},
        rel=0.01,
    )


def test_a_lead_that_is_long_already_is_no_closeness_to_be_explained() -> None:
    outcome, verdict = judged("channels", lead(drift=30, no_channels=40))
    assert verdict == NOT_TESTABLE
    assert "too few" in outcome.parts[0].reads


def test_loosened_controls_are_a_condition_of_parity_and_never_spoil_it() -> None:
    assert judged("inaction", lead(drift=12, loosen=2))[1] == CONDITIONAL
    assert judged("inaction", lead(drift=2, loosen=12))[1] == SUPPORTED


def test_a_lead_does_not_drive_what_it_leaves_as_it_was() -> None:
    outcome, verdict = judged("not_sufficient", APART | {"distribution_share.prc": 0.55})
    assert [part.verdict for part in outcome.parts] == [NOT_SUPPORTED, NOT_SUPPORTED, SUPPORTED]
    assert verdict == NOT_SUPPORTED


@pytest.mark.parametrize("name", ["not_sufficient", "lead_and_safety", "subsidised_exports"])
@pytest.mark.parametrize(("clear", "near"), [(20, 8), (8, 2), (8, 7)])
def test_what_a_lead_does_is_read_only_where_it_is_clear_in_one_world_and_near_parity_in_the_other(
    name: str, clear: float, near: float
) -> None:
    leads = lead(clear_lead=clear, near_parity=near, no_subsidy=clear, no_deficit=near)
    assert judged(name, SUPPORTING[name] | leads)[1] == NOT_TESTABLE


def test_where_a_lag_costs_no_share_there_is_nothing_to_offset() -> None:
    shares = {(run, "distribution_share.prc"): 0.1 for run in ("no_subsidy", "no_deficit")}
    assert (
        judged("subsidised_exports", LAG | shares | {("full_subsidy", "distribution_share.prc"): 0.2})[1]
        == NOT_TESTABLE
    )


def test_which_control_binds_is_the_one_whose_lifting_adds_most_in_that_year() -> None:
    # Memory until 2027, then tools; at the end of 2028 lifting anything adds nothing.
    made = "chip_output.prc"
    by_year = {"2026": (1.05, 1.0, 2.0), "2027": (1.05, 1.3, 1.2), "2028": (1.0, 1.005, 0.9)}
    world = BOUND | {"chip_limit.memory": 1.0}
    for year, levels in by_year.items():
        world |= dict(zip(((run, made, f"{year}-12") for run in claim_compute.LIFTED), levels, strict=True))
    outcome, verdict = judged("binding_limits", world)
    most = {each.label: each.p50 for each in outcome.findings if "lift" in each.label and each.unit == "share"}
    assert [label for label, share in most.items() if share == 1] == [
        "Futures in which lifting HBM controls adds most, end of 2026",
        "Futures in which lifting DUV and other tool controls adds most, end of 2027",
        "Futures in which no lift adds 1%, end of 2028",
    ]
    assert sum(most.values()) == 3
    # Each control needs a tenth in one of the years: EUV never has it, and a claim is as good as its weakest part.
    assert [part.verdict for part in outcome.parts] == [SUPPORTED, NOT_SUPPORTED, SUPPORTED, SUPPORTED]
    assert verdict == NOT_SUPPORTED
    gained = {each.label: each for each in outcome.findings if each.unit == "H100e / year"}
    hbm = gained["PRC output that lifting HBM controls adds, end of 2026"]
    # All of drift's output, which is spread by a fifth.
    assert (hbm.p05, hbm.p50, hbm.p95) == pytest.approx(tuple(np.percentile(SPREAD, [5, 50, 95])))


def test_funds_are_judged_at_the_horizon_and_not_today() -> None:
    today = {("drift", "funding_ratio.prc", "2026-05"): 2.0}
    assert judged("funding", today | {"funding_ratio.prc": 0.3})[1] == SUPPORTED


@pytest.mark.parametrize(
    ("pairs", "verdicts"),
    [
        ((0.1, 0.1, 0.1), [SUPPORTED] * 3),
        ((0.3, 0.1, 0.1), [SUPPORTED, SUPPORTED, NOT_SUPPORTED]),
        ((0.1, 0.27, 0.1), [SUPPORTED, CONDITIONAL, SUPPORTED]),
    ],
)
def test_an_area_is_needed_if_the_others_do_worse_without_it(
    monkeypatch: pytest.MonkeyPatch, pairs: tuple[float, ...], verdicts: list[str]
) -> None:
    without = dict(zip(("close_defend", "close_champion", "defend_champion"), pairs, strict=True))
    chance = dict.fromkeys(claim_lead.SETS, 0.0) | {"all_areas": 0.3} | without
    commanding: Callable[..., float] = lambda futures, run: chance[run]  # noqa: E731
    monkeypatch.setattr(claim_lead, "_commanding", commanding)
    outcome, verdict = judged("three_areas", lead(**dict.fromkeys(claim_lead.SETS, 10.0)))
    assert [part.verdict for part in outcome.parts] == verdicts
    assert verdict == (
        SUPPORTED if len(set(verdicts)) == 1 else min(verdicts, key=[NOT_SUPPORTED, CONDITIONAL, SUPPORTED].index)
    )


def test_one_scheme_must_fit_into_all_that_was_diverted() -> None:
    fits = judged("one_scheme", {"prc_compute.diverted": 700e3, "usable_compute.prc": 2e6})
    assert fits[1] == CONDITIONAL
    assert fits[0].findings[2].p05 == pytest.approx(2.5e9 / 40e3)
    assert fits[0].findings[2].p95 == pytest.approx(2.5e9 / 27e3)
    assert judged("one_scheme", {"prc_compute.diverted": 7e3, "usable_compute.prc": 2e6})[1] == NOT_SUPPORTED


def test_figures_that_the_model_starts_from_are_judged_by_sources_whatever_it_gives() -> None:
    for level in (0.1, 0.9):
        world = {
            f"safety_posture.{kind}_{bloc}": level
            for kind in ("compliance", "publishing")
            for bloc in ("prc", "allied")
        }
        assert judged("jailbreaks", world)[1] == SUPPORTED
        assert judged("publishing", world)[1] == NOT_TESTABLE


def test_the_fixes_are_counted_from_the_evidence() -> None:
    outcome, verdict = judged("security_fixes", {})
    assert outcome.findings[0].p50 == pytest.approx(423 / 21)
    assert outcome.findings[1].p50 == pytest.approx(271 / (423 - 21))
    assert outcome.findings[2].p50 == pytest.approx(152 / 21)
    assert verdict == SUPPORTED

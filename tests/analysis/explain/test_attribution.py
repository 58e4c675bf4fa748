"""Attribution: worlds made by hand with known shares, the model itself, what is left out, and what is refused."""

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from fourfronts.analysis.claim_runs import Futures
from fourfronts.analysis.ensemble import run_ensemble
from fourfronts.analysis.explain import coalitions
from fourfronts.analysis.explain.attribution import closeness as channels
from fourfronts.analysis.explain.attribution.question import EXACT, Players, attribution
from fourfronts.analysis.explain.attribution.words import amount
from fourfronts.analysis.explain.coalitions import changed, restricted
from fourfronts.analysis.explain.outcome import outcomes
from fourfronts.errors import InputError
from fourfronts.inference.parameters import registry
from fourfronts.policy.grid import DEFAULT_HORIZON
from fourfronts.policy.loader import Package, package
from fourfronts.policy.paths import lever_paths
from fourfronts.report.explain.attribution import plate
from fourfronts.report.explain.closeness import plate as channel_plate

LEAD = outcomes(["lead_months[released]"])
RELEASED = "lead_months[released]"
FUTURES = 50
FRONTS = ("adoption", "resilience")


def world(made, lead, **further):
    """A run in which outputs are functions of the set of levers that a package changes."""

    def run(packages):
        found = {}
        for each in packages:
            members = set(changed(each))
            values = {name: {kind: of(members) for kind, of in kinds.items()} for name, kinds in further.items()}
            ensemble = made("drift", lead_months={"released": lead(members)}, **values)
            found[each.name] = replace(ensemble, package=each)
        return found

    return run


def of(finding, part, outcome=RELEASED):
    return {row["name"]: row for row in finding.rows if row["part"] == part and row["outcome"] == outcome}


NOISE = np.random.default_rng(3).normal(size=FUTURES)
SIZES = {name: 0.5 * place for place, name in enumerate(changed(package("hold")), 1)}


def additive(members):
    return 10 + NOISE + sum(SIZES[name] * (1 + 0.1 * NOISE) for name in members)


def test_in_a_world_without_interactions_every_lever_and_area_gets_what_it_adds(made):
    found = attribution(package("hold"), LEAD, world(made, additive), {}, draws=FUTURES, orders=4, seed=1)
    levers, areas, both = of(found, "lever"), of(found, "area"), {**of(found, "two levers"), **of(found, "two areas")}
    spread = 1 + 0.1 * NOISE.mean()
    for name, size in SIZES.items():
        assert levers[name]["mean"] == pytest.approx(size * spread, abs=1e-5)
        assert levers[name]["alone"] == pytest.approx(levers[name]["last"], abs=1e-5)
        assert levers[name]["sampling_error"] == pytest.approx(0, abs=1e-5)
        assert levers[name]["standard_error"] == pytest.approx(0.1 * size * NOISE.std(ddof=1) / FUTURES**0.5, rel=1e-3)
    for area, row in areas.items():
        mine = [size for name, size in SIZES.items() if found.details["area_of"][name] == area]
        assert row["mean"] == pytest.approx(sum(mine) * spread, abs=1e-4)
    assert max(abs(row["mean"]) for row in both.values()) < 1e-4
    assert found.sentences[2].startswith("No two areas or levers act noticeably on one another")


def test_what_two_levers_achieve_only_together_is_shared_and_named(made):
    def lead(members):
        pair = {"hbm_controls", "distillation_detection"} <= members
        return additive(members) + 6.0 * pair - 3.0 * ({"release_gating", "export_finance"} <= members)

    found = attribution(package("hold"), LEAD, world(made, lead), {}, draws=FUTURES, orders=4, seed=1)
    levers, plain = of(found, "lever"), 1 + 0.1 * NOISE.mean()
    assert levers["hbm_controls"]["mean"] == pytest.approx(SIZES["hbm_controls"] * plain + 3, abs=1e-4)
    assert levers["hbm_controls"]["alone"] == pytest.approx(SIZES["hbm_controls"] * plain, abs=1e-4)
    assert levers["hbm_controls"]["last"] == pytest.approx(SIZES["hbm_controls"] * plain + 6, abs=1e-4)
    assert levers["release_gating"]["mean"] == pytest.approx(SIZES["release_gating"] * plain - 1.5, abs=1e-4)
    both = of(found, "two levers")
    assert both["hbm_controls and distillation_detection"]["mean"] == pytest.approx(6, abs=1e-4)
    assert both["release_gating and export_finance"]["mean"] == pytest.approx(-3, abs=1e-4)
    assert of(found, "two areas")["close_loopholes and defend_models"]["mean"] == pytest.approx(6, abs=1e-4)
    words = found.sentences[2]
    assert "Close the loopholes and Defend the models do more together than apart (+6.00 months)" in words
    assert "High-bandwidth-memory controls and Detection" in words


def test_a_pair_that_needs_a_third_acts_with_half_of_what_the_three_achieve(made):
    def lead(members):
        return NOISE + 4.0 * ({"hbm_controls", "release_gating", "export_finance"} <= members)

    found = attribution(package("hold"), LEAD, world(made, lead), {}, draws=FUTURES, orders=4, seed=1)
    row = of(found, "two levers")["hbm_controls and release_gating"]
    assert (row["mean"], row["alone"], row["last"]) == pytest.approx((2, 0, 4), abs=1e-5)
    areas = of(found, "two areas")["close_loopholes and defend_models"]
    assert (areas["mean"], areas["alone"], areas["last"]) == pytest.approx((2, 0, 4), abs=1e-5)


def test_levers_and_areas_add_up_to_the_whole_change_whatever_the_world(made):
    random = np.random.default_rng(5)
    worth = {}

    def lead(members):
        # Any game at all: every set of levers has a lead of its own.
        return worth.setdefault(frozenset(members), random.normal(size=FUTURES))

    for name in ("hold", "loosen"):
        found = attribution(package(name), LEAD, world(made, lead), {}, draws=FUTURES, orders=6, seed=1)
        whole = of(found, "all")[name]["mean"]
        for part in ("lever", "area"):
            assert sum(row["mean"] for row in of(found, part).values()) == pytest.approx(whole, abs=1e-5)


def test_few_levers_are_counted_over_all_orders_and_many_sampled(made):
    few = attribution(package("loosen"), LEAD, world(made, lambda m: NOISE + len(m) ** 2), {}, draws=FUTURES, seed=1)
    many = attribution(package("hold"), LEAD, world(made, lambda m: NOISE + len(m) ** 2), {}, draws=FUTURES, seed=1)
    assert (len(changed(package("loosen"))), few.details["orders"], few.details["runs"]) == (EXACT, 0, 2**EXACT)
    assert many.details["orders"] == 32
    assert "all orders counted" in few.sentences[1]
    assert "32 orders sampled" in many.sentences[1]
    # Levers that are alike get the same share of a square.
    assert {round(row["mean"], 3) for row in of(few, "lever").values()} == {EXACT}
    assert [row["sampling_error"] for row in of(few, "lever").values()] == [0.0] * EXACT


def test_sampled_levers_lie_within_their_error_of_the_exact_ones(made, monkeypatch):
    random, names = np.random.default_rng(2), changed(package("loosen"))
    weight = {name: random.uniform(0.2, 1.2) for name in names}

    def lead(members):
        return NOISE * 0.01 + np.exp(sum(weight[name] for name in members))

    exact = of(attribution(package("loosen"), LEAD, world(made, lead), {}, draws=FUTURES, seed=1), "lever")
    monkeypatch.setattr("fourfronts.analysis.explain.attribution.question.EXACT", 2)
    sampled = attribution(package("loosen"), LEAD, world(made, lead), {}, draws=FUTURES, orders=64, seed=1)
    assert 0 < sampled.details["runs"] < 256
    for name, row in of(sampled, "lever").items():
        assert 0 < row["sampling_error"] < 0.1 * abs(row["mean"])
        assert row["mean"] == pytest.approx(exact[name]["mean"], abs=4 * row["sampling_error"])


def test_every_coalition_is_simulated_once_and_in_batches(made, monkeypatch):
    monkeypatch.setattr(coalitions, "TOGETHER", 7 * FUTURES)
    seen, batches, said = [], [], []

    def run(packages):
        batches.append(len(packages))
        seen.extend(changed(each) for each in packages)
        return world(made, additive)(packages)

    found = attribution(package("hold"), LEAD, run, {}, draws=FUTURES, seed=1, progress=lambda *done: said.append(done))
    assert len(seen) == len(set(seen)) == found.details["runs"]
    assert max(batches) == 7
    assert said[-1] == (found.details["runs"], found.details["runs"])
    assert [done for done, _ in said] == sorted(done for done, _ in said)


def test_results_depend_on_the_seed_alone(made):
    def lead(members):
        return NOISE + np.sin(17 * sum(SIZES[name] for name in members))

    first, again, other = (
        attribution(package("hold"), LEAD, world(made, lead), {}, draws=FUTURES, orders=4, seed=seed).as_json()
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_futures_without_a_number_in_some_coalition_are_left_out_and_counted(made):
    def lead(members):
        values = additive(members)
        if "hbm_controls" in members and "export_finance" not in members:
            values[:3] = np.nan
        return values

    found = attribution(package("hold"), LEAD, world(made, lead), {}, draws=FUTURES, orders=4, seed=1)
    assert {row["futures"] for row in found.rows} == {FUTURES - 3}
    assert "up to 3" in found.limits[-1]
    assert of(found, "lever")["hbm_controls"]["mean"] == pytest.approx(
        SIZES["hbm_controls"] * (1 + 0.1 * NOISE[3:].mean()), abs=1e-4
    )
    with pytest.raises(InputError, match="no future has a finite value"):
        attribution(package("hold"), LEAD, world(made, lambda _: NOISE * np.nan), {}, draws=FUTURES, orders=4)


def test_an_outcome_that_nothing_changes_is_said_to_be_one(made):
    found = attribution(package("loosen"), LEAD, world(made, lambda _: 10 + NOISE), {}, draws=FUTURES, seed=1)
    (told,) = found.sentences
    assert told.startswith(
        "No part of Loosen changes Lead of the allied over the PRC frontier (released), 2028-12 in any"
    )
    assert {row["mean"] for row in found.rows} == {0.0}
    json.dumps(found.as_json(), allow_nan=False)
    plate(found, "")


def test_every_outcome_has_its_own_shares_and_a_chance_has_no_range_over_futures(made):
    asked = outcomes([RELEASED, "resilience", "commanding-lead"])
    fronts = {
        "compute_ratio": {"stock_usable_flops": lambda _: [20.0] * FUTURES},
        "prc_illicit_share": {"diverted_and_rented": lambda _: [0.01] * FUTURES},
        "adoption": {"allied": lambda _: [0.3] * FUTURES, "prc": lambda _: [0.1] * FUTURES},
        "distribution_share": {"allied": lambda _: [0.8] * FUTURES, "prc": lambda _: [0.1] * FUTURES},
        "resilience": {"allied": lambda m: 50 + NOISE + 2 * ("transition_support" in m), "prc": lambda _: 0 * NOISE},
    }
    run = world(made, lambda m: np.where(np.arange(FUTURES) < 10 + 10 * ("hbm_controls" in m), 20.0, 1.0), **fronts)
    found = attribution(package("hold"), asked, run, {}, draws=FUTURES, orders=4, seed=1)
    assert of(found, "lever", "resilience")["transition_support"]["mean"] == pytest.approx(2, abs=1e-4)
    assert of(found, "lever", "resilience")["hbm_controls"]["mean"] == pytest.approx(0, abs=1e-4)
    chance = of(found, "lever", "commanding-lead")["hbm_controls"]
    assert chance["mean"] == pytest.approx(10 / FUTURES)
    assert np.isnan([chance["p05"], chance["p95"]]).all()
    assert found.details["outcomes"]["commanding-lead"]["package"] == pytest.approx(20 / FUTURES)
    drawn = plate(found, "").sheet.figure
    words = [each.get_text() for axes in drawn.axes for each in axes.texts]
    assert "2028-12: 20.0% to 40.0%; percentage points" in words


def test_a_part_of_a_package_has_its_changes_alone_those_of_its_base_among_them():
    built = Package(
        name="more",
        label="More",
        description="On top of hold.",
        base=package("hold"),
        levers={"hbm_controls": {"level": 1, "start": "2027-01"}, "euv_controls": {"level": 0.5, "start": "2027-01"}},
    )
    assert len(changed(built)) == len(changed(package("hold"))) + 1
    part = restricted(built, {"hbm_controls", "remote_access_rule"}, "part")
    levels, whole, drift = (lever_paths(each) for each in (part, built, package("drift")))
    for name in levels:
        expected = whole if name in ("hbm_controls", "remote_access_rule") else drift
        assert (levels[name] == expected[name]).all(), name


def test_areas_are_those_of_the_levers_and_the_prcs_only_where_the_package_sets_one():
    assert list(Players.of(package("hold"), 4, 1).areas) == [
        "close_loopholes", "defend_models", "champion_exports", "resilience"
    ]  # fmt: skip
    assert list(Players.of(package("loosen"), 4, 1).areas) == ["close_loopholes", "prc_response"]


@pytest.mark.parametrize(
    ("name", "orders", "draws", "said"),
    [
        ("drift", 32, 9, "package drift changes no lever; accepted: one that changes two levers or more"),
        ("resilience", 32, 9, "package resilience changes only transition_support"),
        ("hold", 5, 9, "5 orders; accepted: an even number from 4 up"),
        ("hold", 32, 10**6, r"draws 1,000,000 of \d+ runs are too many to keep; accepted here: up to"),
    ],
)
def test_what_cannot_be_taken_apart_is_refused_before_anything_runs(name, orders, draws, said):
    def run(packages):
        pytest.fail("something ran")

    with pytest.raises(InputError, match=said):
        attribution(package(name), LEAD, run, {}, draws=draws, orders=orders)


def test_differences_are_told_with_the_digits_that_count():
    told = [amount(each, 5.0) for each in (1.484, -0.0132, 1234.5, 1.85e7, 0.001, 12.34)]
    assert told == ["+1.48", "-0.013", "+1,234", "+18.5 million", "0", "+12.3"]


def test_in_the_model_itself_parts_add_up_in_every_future_and_an_idle_lever_gets_nothing():
    """Two levers of the model that do not meet, and one that changes nothing, in double precision."""
    levers = {
        "transition_support": {"level": 0.6, "start": "2027-01"},
        "remote_access_rule": {"level": 0.9, "start": "2026-07"},
        "euv_controls": {"level": 1, "start": "2026-07"},
    }
    apart = Package(name="apart", label="Apart", description="Levers that do not meet.", levers=levers)
    asked = outcomes([RELEASED, "resilience"])
    run = partial(
        run_ensemble,
        outputs=("lead_months", "resilience"),
        monthly=0,
        draws=64,
        seed=1,
        parameters=registry(),
        driver="numpy",
    )
    found = attribution(apart, asked, run, {}, draws=64, seed=1)
    ensembles = run([package("drift"), apart])
    for outcome in asked:
        change = outcome.of(ensembles["apart"]) - outcome.of(ensembles["drift"])
        assert of(found, "all", outcome.name)["apart"]["mean"] == pytest.approx(change.mean(), abs=1e-5)
    lead, resilience = of(found, "lever"), of(found, "lever", "resilience")
    assert lead["remote_access_rule"]["mean"] > 0.05
    assert abs(lead["transition_support"]["mean"]) < 1e-3
    assert resilience["transition_support"]["mean"] > 0.05
    assert (lead["euv_controls"]["mean"], resilience["euv_controls"]["mean"]) == (0, 0)
    both = of(found, "two levers")["remote_access_rule and transition_support"]
    assert abs(both["mean"]) < 1e-3


@pytest.fixture
def pasts(made, monkeypatch):
    """The past with its channels closed, made by hand: evasion 2 months, distillation 3, both 6."""

    def simulate(needs, monthly, known, last, progress, **options):
        added = {"drift": 0.0, "no_evasion": 2.0, "no_distillation": 3.0, "no_channels": 6.0}
        ensembles = {name: made("drift", lead_months={"released": 9 + NOISE + added[name]}) for name in needs}
        for name, each in ensembles.items():
            values = np.repeat(each.values["lead_months"], 2, axis=0)
            ensembles[name] = replace(each, dates=("2026-05", "2028-12"), values={"lead_months": values})
        return Futures(ensembles, str(last))

    monkeypatch.setattr(channels, "simulate", simulate)
    return channels.closeness(registry(), {}, draws=FUTURES, seed=1, horizon=DEFAULT_HORIZON)


def test_two_channels_share_what_closing_both_adds(pasts):
    rows = {row["channel"]: row for row in pasts.rows if row["date"] == "2026-05"}
    assert rows["evasion"]["mean"] == pytest.approx(2.5, abs=1e-5)
    assert rows["distillation"]["mean"] == pytest.approx(3.5, abs=1e-5)
    assert (rows["both"]["mean"], rows["beyond"]["mean"]) == pytest.approx((6, 1), abs=1e-5)
    assert (rows["evasion"]["alone"], rows["evasion"]["last"]) == pytest.approx((2, 3), abs=1e-5)
    assert (rows["distillation"]["alone"], rows["distillation"]["last"]) == pytest.approx((3, 4), abs=1e-5)
    assert pasts.details["lead"]["2026-05"]["closed"] - pasts.details["lead"]["2026-05"]["open"] == pytest.approx(6)
    assert pasts.sentences[1].startswith("Distillation explains 3.50 months of it")
    assert "Closing both adds 1 months more than closing each" in pasts.sentences[2]


def test_the_steps_of_the_picture_lead_from_the_lead_as_it_was_to_the_lead_without_channels(pasts):
    drawn = channel_plate(pasts, "").sheet.figure
    bars = [[(bar.get_x(), bar.get_width()) for bar in axes.patches] for axes in drawn.axes]
    assert len(bars) == 2
    for (_, start), (at, evasion), (then, distillation), (_, end) in bars:
        assert at == pytest.approx(start)
        assert then == pytest.approx(start + evasion)
        assert end == pytest.approx(then + distillation)

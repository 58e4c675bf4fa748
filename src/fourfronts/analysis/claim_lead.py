"""Measures of the claims about the lead at the frontier: how long it is, what keeps it short, what lengthens it."""

from collections.abc import Iterable

import numpy as np

from fourfronts.analysis.claim_measures import LEAD, TARGET, Finding, Measure, Outcome, found, single
from fourfronts.analysis.claim_runs import Floats, Futures
from fourfronts.analysis.scenarios import evaluate
from fourfronts.analysis.verdicts import CONDITIONAL, SUPPORTED, of_level, of_share
from fourfronts.evidence.claims import Claim
from fourfronts.policy.scenarios import COMMANDING_LEAD, scenarios

CHANNELS = {
    "no_diversion": "diversion",
    "no_renting": "renting abroad",
    "no_evasion": "diversion and renting",
    "no_distillation": "distillation",
    "no_channels": "all three",
}
BEFORE_CONTROLS = "2021-12"
"""The last December before the first control of October 2022 and the year that the claim counts from."""

AREAS = {"close": "closing loopholes", "defend": "defending the models", "champion": "championing exports"}
WITHOUT = {"close": "defend_champion", "defend": "close_champion", "champion": "close_defend"}


def lead_today(futures: Futures, claim: Claim) -> Outcome:
    """Lead now, of released and of internal models, and what tests show of it."""
    names = {
        "released": "released models",
        "internal": "internal models",
        "public_benchmarks": "public tests",
        "private_benchmarks": "private tests",
    }
    findings = [
        found(f"Lead by {words}, {futures.now}", "months", futures.at("drift", f"lead_months.{kind}", futures.now))
        for kind, words in names.items()
    ]
    long_enough = futures.at("drift", LEAD, futures.now) >= claim.limits["months"]
    return Outcome("lead now", tuple(findings), (of_share(claim.condition, long_enough),))


def channels(futures: Futures, claim: Claim) -> Outcome:
    """How much longer the lead would be today without each channel, in the same future."""
    lead = futures.at("drift", LEAD, futures.now)
    without = {run: futures.at(run, LEAD, futures.now) for run in CHANNELS}
    explained = [
        found(f"Months of the PRC's closeness explained by {words}, {futures.now}", "months", without[run] - lead)
        for run, words in reversed(CHANNELS.items())
    ]
    shares = "prc_illicit_share.diverted_and_rented"
    findings = (
        *explained,
        found(f"Lead as it is, {futures.now}", "months", lead),
        found(f"Lead without any of the three, {futures.now}", "months", without["no_channels"]),
        found("PRC compute that was diverted or rented", "share", futures.at("drift", shares, futures.now)),
        *_opened_later(futures),
    )
    close = claim.limits["close"]
    return Outcome(
        "months, all 3", findings, (of_share(claim.condition, without["no_channels"] >= close, lead < close),)
    )


def _opened_later(futures: Futures) -> Iterable[Finding]:
    """What had come by the channels before 2022: nothing by diversion or renting, some by distillation, which stays."""
    evaded = futures.at("drift", "prc_compute.diverted", BEFORE_CONTROLS) + futures.at(
        "drift", "prc_compute.rented", BEFORE_CONTROLS
    )
    yield found("Diverted and rented compute at the end of 2021", "H100e", evaded)
    rows = futures.monthly("drift", "catch_up.distilled")
    months = futures.runs["drift"].months
    early, until_now = months.index(BEFORE_CONTROLS) + 1, months.index(futures.now) + 1
    distilled = rows[:early].sum(axis=0) / np.maximum(rows[:until_now].sum(axis=0), 1e-9)
    yield found("Distillation before 2022, of all until now", "share", distilled)


def lead_2028(futures: Futures, claim: Claim) -> Outcome:
    """Lead at the scenarios' date with loopholes closed and distillation deterred."""
    low, high = claim.stated["low"], claim.stated["high"]
    lead, under_drift = futures.at("close_defend", LEAD, TARGET), futures.at("drift", LEAD, TARGET)
    findings = (
        found(f"Lead with both areas enacted, {TARGET}", "months", lead),
        found(f"Lead under drift, {TARGET}", "months", under_drift),
        found("Months that both areas add", "months", lead - under_drift),
        single(f"Futures with {low:g} to {high:g} months", "share", ((lead >= low) & (lead <= high)).mean()),
        single(f"Futures with more than {high:g} months", "share", (lead > high).mean()),
        single(f"Futures with {low:g} months or more under drift", "share", (under_drift >= low).mean()),
    )
    return Outcome("lead in 2028", findings, (of_share(claim.condition, lead >= low),))


def inaction(futures: Futures, claim: Claim) -> Outcome:
    """Lead at the scenarios' date if nothing changes, and if controls are loosened as well."""
    lead = {run: futures.at(run, LEAD, TARGET) for run in ("drift", "loosen")}
    findings = tuple(found(f"Lead under {run}, {TARGET}", "months", values) for run, values in lead.items())
    months = claim.limits["months"]
    drift = of_share(claim.condition, lead["drift"] <= months)
    loosen = of_share(f"Under loosen it is at most {months:g} months in December 2028.", lead["loosen"] <= months)
    # The claim is about inaction; loosened controls are a condition, so they can mend it and never spoil it.
    mended = drift.verdict != SUPPORTED and loosen.verdict == SUPPORTED
    return Outcome("lead in 2028", findings, (drift, loosen), CONDITIONAL if mended else drift.verdict)


def timing(futures: Futures, claim: Claim) -> Outcome:
    """Months of lead at the horizon that acting adds, by the year in which it begins."""
    base = futures.at("drift", LEAD, futures.last)
    runs = {2026: "all_areas", 2027: "all_2027", 2028: "all_2028"}
    value = {year: futures.at(run, LEAD, futures.last) - base for year, run in runs.items()}
    first, second = value[2026] - value[2027], value[2027] - value[2028]
    findings = (
        found(f"Lead lost by waiting from 2026 to 2027, {futures.last}", "months", first),
        found(f"Lead lost by waiting from 2027 to 2028, {futures.last}", "months", second),
        *(found(f"Lead that acting in {year} adds, {futures.last}", "months", gain) for year, gain in value.items()),
    )
    return Outcome("a year costs", findings, (of_share(claim.condition, first > second),))


def three_areas(futures: Futures, claim: Claim) -> Outcome:
    """Probability of a commanding lead with every set of policy areas, and what each area adds to the others."""
    chance = {run: _commanding(futures, run) for run in SETS}
    findings = [single("Commanding lead with all three areas", "probability", chance["all_areas"])]
    findings += [
        single(f"Commanding lead, {run.replace('_', ' and ')}", "probability", share)
        for run, share in chance.items()
        if run != "all_areas"
    ]
    findings += [
        found(f"Lead with {run.replace('_', ' ')}, {TARGET}", "months", futures.at(run, LEAD, TARGET)) for run in SETS
    ]
    parts = []
    for area, words in AREAS.items():
        lost = chance["all_areas"] - chance[WITHOUT[area]]
        reads = f"Without it the probability is {chance[WITHOUT[area]]:.3f} instead of {chance['all_areas']:.3f}."
        parts.append(
            of_level(f"{words.capitalize()} is needed.", lost, reads, claim.limits["needed"], claim.limits["idle"])
        )
    return Outcome("probability", tuple(findings), tuple(parts))


def _commanding(futures: Futures, run: str) -> float:
    return evaluate(futures.runs[run]).probabilities[COMMANDING_LEAD].value


def self_reinforcing(futures: Futures, claim: Claim) -> Outcome:
    """What the feedbacks of a lead add to it at the horizon."""

    def added(run: str) -> Floats:
        difference: Floats = futures.at("all_areas", LEAD, futures.last) - futures.at(run, LEAD, futures.last)
        return difference

    ahead = futures.at("all_areas", LEAD, futures.now) > 0
    findings = (
        found(f"Lead that all feedbacks add, {futures.last}", "months", added("no_feedback")),
        found(f"Lead that AI's part in research adds, {futures.last}", "months", added("no_ai_research")),
        found(f"Lead with all of them, {futures.last}", "months", futures.at("all_areas", LEAD, futures.last)),
    )
    holds = added("no_feedback") >= claim.limits["months"]
    return Outcome("months added", findings, (of_share(claim.condition, holds, ahead),))


SETS = (
    *("drift", "close", "defend", "champion"),
    *("close_defend", "close_champion", "defend_champion", "all_areas"),
)
EVADED = ("prc_illicit_share.diverted_and_rented", "prc_compute.diverted", "prc_compute.rented")
READINGS = tuple(f"lead_months.{kind}" for kind in ("released", "internal", "public_benchmarks", "private_benchmarks"))


def measures() -> dict[str, Measure]:
    """The measures of this module by name; the scenarios say what a commanding lead reads."""
    read_by = {f"{ref.output}.{ref.kind}": None for each in scenarios().values() for ref in each.references}
    lead = (LEAD,)
    return {
        "lead_today": Measure(lead_today, {"drift": READINGS}),
        "channels": Measure(
            channels,
            {"drift": (LEAD, *EVADED), **dict.fromkeys(CHANNELS, lead)},
            {"drift": ("catch_up.distilled",)},
        ),
        "lead_2028": Measure(lead_2028, {"close_defend": lead, "drift": lead}),
        "inaction": Measure(inaction, {"drift": lead, "loosen": lead}),
        "timing": Measure(timing, dict.fromkeys(("drift", "all_areas", "all_2027", "all_2028"), lead)),
        "three_areas": Measure(three_areas, dict.fromkeys(SETS, (LEAD, *read_by))),
        "self_reinforcing": Measure(
            self_reinforcing, dict.fromkeys(("all_areas", "no_feedback", "no_ai_research"), lead)
        ),
    }

"""Measures of the claims about the other fronts: adoption, distribution, safety, security and money."""

import numpy as np

from fourfronts.analysis.claim_measures import LEAD, Finding, Measure, Outcome, found, needs_of, single
from fourfronts.analysis.claim_runs import Futures
from fourfronts.analysis.verdicts import (
    FEWEST,
    NOT_TESTABLE,
    Bools,
    Part,
    of_level,
    of_share,
    of_sources,
    percent,
    thresholds,
)
from fourfronts.evidence.claims import Claim
from fourfronts.evidence.loader import load

ADOPTION, ALLIED_SHARE, PRC_SHARE = "adoption.allied", "distribution_share.allied", "distribution_share.prc"
SIDES = {"prc": "PRC", "allied": "allied"}
CLEAR, NEAR = "clear_lead", "near_parity"
"""Two runs alike in all but the lead."""


def contrast(futures: Futures, claim: Claim, clear: str, near: str) -> tuple[Bools, list[Finding]]:
    """Futures in which the lead is clear in one run and near parity in the other, at the horizon; and both leads."""
    leads = {run: futures.at(run, LEAD, futures.last) for run in (clear, near)}
    apart = (leads[clear] >= claim.limits["lead"]) & (leads[near] <= claim.limits["parity"])
    findings = [
        found(f"Lead with distillation {words}, {futures.last}", "months", leads[run])
        for run, words in ((clear, "off"), (near, "without limit"))
    ]
    return apart, findings


def not_sufficient(futures: Futures, claim: Claim) -> Outcome:
    """What capability does to adoption, a lead to distribution, and how often it goes with a loss abroad."""
    first, second, third = needs_of(claim)
    least = claim.limits["relative"]
    grown, still = (futures.at(run, ADOPTION, futures.last) for run in ("all_areas", "capability_apart"))
    gain = grown / np.maximum(still, LEAST) - 1.0
    apart, leads = contrast(futures, claim, CLEAR, NEAR)
    sold, sold_at_parity = (futures.at(run, ALLIED_SHARE, futures.last) for run in (CLEAR, NEAR))
    moved = sold / np.maximum(sold_at_parity, LEAST) - 1.0
    parts = [
        of_share(first, gain >= least, rests_on=("couplings.intelligence_to_adoption",)),
        of_share(second, moved >= least, apart, ("couplings.intelligence_to_distribution",)),
    ]
    ahead = futures.at("close_defend", LEAD, futures.last) >= claim.limits["lead"]
    supplied = futures.at("close_defend", PRC_SHARE, futures.last)
    often = float((supplied[ahead] >= claim.limits["loss"]).mean()) if ahead.any() else 0.0
    if ahead.sum() < FEWEST:
        parts.append(Part(third, NOT_TESTABLE, f"Only {int(ahead.sum())} futures have such a lead.", "level"))
    else:
        reads = f"So it is in {percent(often)} of the futures with such a lead."
        parts.append(of_level(third, often, reads, claim.limits["often"], claim.limits["seldom"]))
    behind_at_home = futures.at("close_defend", "adoption.prc", futures.last) >= futures.at(
        "close_defend", ADOPTION, futures.last
    )
    at_home = float(behind_at_home[ahead].mean()) if ahead.any() else 0.0
    findings = (
        single(f"Loss abroad in spite of such a lead, {futures.last}", "share", often),
        single(f"PRC ahead in adoption in spite of such a lead, {futures.last}", "share", at_home),
        found(f"What capability adds to allied adoption, relative, {futures.last}", "share", gain),
        found(f"What a clear lead adds to the allied share abroad, relative, {futures.last}", "share", moved),
        found(f"PRC share of the work that rest buys, {futures.last}", "share", supplied),
        single("Futures with such a lead", "share", ahead.mean()),
        *leads,
    )
    return Outcome("lead, but loss", findings, tuple(parts))


def lead_and_safety(futures: Futures, claim: Claim) -> Outcome:
    """Room for talks and published evaluations where the lead is clear and where it is not."""
    apart, leads = contrast(futures, claim, CLEAR, NEAR)
    parts, findings = [], []
    measured = {
        "talks": ("room for talks", "talks_lead_effect"),
        "publishing_allied": ("the share that publishes", "publishing_response"),
    }
    for kind, (words, response) in measured.items():
        reference = f"safety_posture.{kind}"
        clear, near = (futures.at(run, reference, futures.last) for run in (CLEAR, NEAR))
        gain = clear / np.maximum(near, LEAST) - 1.0
        findings.append(found(f"What a clear lead adds to {words}, relative, {futures.last}", "share", gain))
        rests_on = ("couplings.lead_to_safety", f"safety.{response}")
        says = f"A clear lead raises {words} by at least {claim.limits['points']:.0%}."
        parts.append(of_share(says, gain >= claim.limits["points"], apart, rests_on))
    return Outcome("gain of talks", (*findings, *leads), tuple(parts))


def jailbreaks(futures: Futures, claim: Claim) -> Outcome:
    """Compliance under a standard jailbreak by bloc, now and at the horizon."""
    findings = _postures(futures, "compliance", "Malicious requests complied with")
    return Outcome("PRC, model", findings, tuple(of_sources(claim)))


def publishing(futures: Futures, claim: Claim) -> Outcome:
    """Share of laboratories that publish safety evaluations by bloc, now and at the horizon."""
    findings = _postures(futures, "publishing", "Laboratories that publish safety evaluations")
    return Outcome("PRC, model", findings, tuple(of_sources(claim)))


def _postures(futures: Futures, kind: str, words: str) -> tuple[Finding, ...]:
    return tuple(
        found(f"{words}, {name}, {date}", "share", futures.at("drift", f"safety_posture.{kind}_{bloc}", date))
        for date in (futures.now, futures.last)
        for bloc, name in SIDES.items()
    )


def security_fixes(futures: Futures, claim: Claim) -> Outcome:
    """The multiple of fixes from the evidence, how much of the rise the model itself found, and a whole bloc's."""
    after, before = (load().get(claim.sources[name]).value for name in ("month", "before"))
    assert after is not None
    assert before is not None
    factor, stated, own = after / before, claim.stated["factor"], claim.limits["from_the_model"]
    credited = own / (after - before)
    findings = (
        single("Fixes of April 2026 over the mean month of 2025", "factor", factor),
        single("Rise that the model itself found", "share", credited),
        single("The same factor without what the model found", "factor", (after - own) / before),
        *(
            found(f"{words}, {date}", "factor", futures.at("drift", reference, date))
            for date in (futures.now, futures.last)
            for reference, words in SECURITY.items()
        ),
    )
    share, source = thresholds()["share"], thresholds()["source"]
    first, second = needs_of(claim)
    off = abs(factor / stated - 1)
    parts = (
        of_level(first, -off, f"The factor is {factor:.1f}.", -source["tolerance"], -2 * source["tolerance"]),
        of_level(second, credited, f"It found {credited:.0%} of the rise.", share["supported"], share["not_supported"]),
    )
    return Outcome("factor", findings, parts)


def funding(futures: Futures, claim: Claim) -> Outcome:
    """What the PRC spends on AI over what the leading bloc's additions of compute cost."""
    ratio = "funding_ratio.prc"
    findings = [
        found(f"PRC spending over the cost of the frontier, {date}", "ratio", futures.at("drift", ratio, date))
        for date in (futures.last, futures.now)
    ]
    findings += [
        found(
            f"{what.capitalize()}, {name}, {futures.last}",
            "billion USD / year",
            futures.at("drift", f"{what}.{bloc}", futures.last) / BILLION,
        )
        for what in ("revenue", "capital")
        for bloc, name in SIDES.items()
    ]
    short = futures.at("drift", ratio, futures.last) < claim.limits["covered"]
    return Outcome("funds over cost", tuple(findings), (of_share(claim.condition, short),))


def subsidised_exports(futures: Futures, claim: Claim) -> Outcome:
    """What subsidy adds to the PRC's share of work abroad, beside what its lag takes away."""
    lagging, subsidised, level = (
        futures.at(run, PRC_SHARE, futures.last) for run in ("no_subsidy", "full_subsidy", "no_deficit")
    )
    gain, deficit = subsidised - lagging, level - lagging
    apart, leads = contrast(futures, claim, "no_subsidy", "no_deficit")
    findings = (
        found(f"Share that full subsidy adds, less what the lag takes, {futures.last}", "share", gain - deficit),
        found(f"Share that the lag takes, {futures.last}", "share", deficit),
        found(f"Share that full subsidy adds, {futures.last}", "share", gain),
        found(f"PRC share with full subsidy, {futures.last}", "share", subsidised),
        *leads,
    )
    return Outcome("net share", findings, (of_share(claim.condition, gain >= deficit, apart & (deficit > 0)),))


BILLION = 1e9
LEAST = 1e-12
"""Keeps a ratio finite where the value below it is nought."""
SECURITY = {
    "search_gain.allied": "AI's factor on defenders' search, allied",
    "vulnerabilities_fixed.allied": "Vulnerabilities fixed over those of 2025, allied",
}
POSTURES = tuple(
    f"safety_posture.{kind}" for kind in ("compliance_prc", "compliance_allied", "publishing_prc", "publishing_allied")
)
SAFETY = (LEAD, "safety_posture.talks", "safety_posture.publishing_allied")
MONEY = ("funding_ratio.prc", *(f"{what}.{bloc}" for what in ("revenue", "capital") for bloc in ("allied", "prc")))

MEASURES = {
    "not_sufficient": Measure(
        not_sufficient,
        {
            "all_areas": (ADOPTION,),
            "capability_apart": (ADOPTION,),
            CLEAR: (LEAD, ALLIED_SHARE),
            NEAR: (LEAD, ALLIED_SHARE),
            "close_defend": (LEAD, PRC_SHARE, ADOPTION, "adoption.prc"),
        },
    ),
    "lead_and_safety": Measure(lead_and_safety, {CLEAR: SAFETY, NEAR: SAFETY}),
    "jailbreaks": Measure(jailbreaks, {"drift": POSTURES[:2]}),
    "publishing": Measure(publishing, {"drift": POSTURES[2:]}),
    "security_fixes": Measure(security_fixes, {"drift": tuple(SECURITY)}),
    "funding": Measure(funding, {"drift": MONEY}),
    "subsidised_exports": Measure(
        subsidised_exports,
        {"no_subsidy": (LEAD, PRC_SHARE), "full_subsidy": (PRC_SHARE,), "no_deficit": (LEAD, PRC_SHARE)},
    ),
}

"""Measures of the claims about compute: who makes it, how much of it each side has, and what holds it back."""

import numpy as np

from fourfronts.analysis.checks import definitions as published
from fourfronts.analysis.claim_measures import TARGET, Finding, Measure, Outcome, found, needs_of, single
from fourfronts.analysis.claim_runs import Floats, Futures, definitions
from fourfronts.analysis.verdicts import of_figure, of_share, of_sources
from fourfronts.evidence.claims import Claim

MILLION = 1e6
LIMITS = ("market", "power", "logic", "memory")
MADE = "chip_output.prc"
OUTPUT = (MADE, "chip_output.allied")
LIFTED = {
    "no_euv_control": "EUV controls",
    "no_duv_control": "DUV and other tool controls",
    "no_hbm_control": "HBM controls",
}
"""Runs in which one control alone is lifted since 2022, with the words for what is lifted."""
LIFTED_YEARS = (2026, 2027, 2028)
LEAST = 1e-12
"""Keeps a ratio finite where nothing is made."""


def maker_share(futures: Futures, claim: Claim) -> Outcome:
    """Huawei's compute made in a year over NVIDIA's, for each year that the claim gives a share of."""
    fixed = published()["conversions"]
    scale = fixed["huawei_share_of_prc_output"]["value"] / fixed["nvidia_share_of_allied_output"]["value"]
    findings, parts = [], []
    for name, stated in claim.stated.items():
        year = int(name.rpartition("_")[2])
        rows = futures.months("drift", year)
        prc, allied = (futures.monthly("drift", made)[rows].sum(axis=0) for made in OUTPUT)
        share = scale * prc / allied
        findings.append(found(f"Huawei's compute over NVIDIA's in {year}", "share", share))
        parts.append(of_figure(f"{stated:.0%} in {year} lies in the model's range.", stated, share))
    return Outcome("share 2026", tuple(findings), tuple(parts))


def compute_ratio(futures: Futures, claim: Claim) -> Outcome:
    """Allied over PRC usable compute with controls strengthened, beside drift."""
    names = {
        "stock_usable_flops": "usable, operations",
        "stock_owned_flops": "owned, operations",
        "stock_usable_bandwidth": "usable, bandwidth",
    }
    findings = [
        found(
            f"Allied over PRC compute, {words}, {run} {TARGET}",
            "ratio",
            futures.at(run, f"compute_ratio.{kind}", TARGET),
        )
        for kind, words in names.items()
        for run in ("close", "drift")
    ]
    ratio = futures.at("close", "compute_ratio.stock_usable_flops", TARGET)
    under_drift = futures.at("drift", "compute_ratio.stock_usable_flops", TARGET)
    findings.append(
        single("Futures at the stated ratio under drift", "share", (under_drift >= claim.stated["ratio"]).mean())
    )
    return Outcome("usable ratio", tuple(findings), (of_share(claim.condition, ratio >= claim.stated["ratio"]),))


def distillation_compute(futures: Futures, claim: Claim) -> Outcome:
    """The rate at which distillation closes the gap, with controls on compute and without, and what that is worth."""
    rates, gaps = {}, {}
    for run in ("drift", "close"):
        leader, follower = (futures.at(run, name, TARGET) for name in ("capability_released.allied", "capability.prc"))
        gaps[run] = leader - follower
        rates[run] = futures.at(run, "catch_up.distilled", TARGET) / np.maximum(gaps[run], 1e-9)
    both = (gaps["drift"] > 0) & (gaps["close"] > 0) & (rates["drift"] > 0)
    left = rates["close"][both] / rates["drift"][both]
    findings: list[Finding] = []
    if both.any():
        findings += [
            found(f"Rate of distillation under controls over that under drift, {TARGET}", "ratio", left),
            found("Share of the gap closed in a year by distillation, drift", "1/year", rates["drift"][both]),
            found("Share of the gap closed in a year by distillation, close", "1/year", rates["close"][both]),
        ]
    for run, without in (("drift", "no_distillation"), ("close", "close_no_distillation")):
        gained = futures.at(without, "lead_months.released", TARGET) - futures.at(run, "lead_months.released", TARGET)
        findings.append(found(f"Lead that distillation takes by {TARGET}, {run}", "months", gained))
    weaker = rates["close"] <= (1 - claim.limits["weaker"]) * rates["drift"]
    rests_on = ("intelligence.student_compute_share",)
    return Outcome("rate left", tuple(findings), (of_share(claim.condition, weaker, both, rests_on),))


def binding_limits(futures: Futures, claim: Claim) -> Outcome:
    """Which limit sets PRC output at the end of each year, and what lifting each control alone would add to it."""
    findings, held_back = [], []
    for year in range(2023, 2029):
        by_limit = {limit: futures.at("drift", f"chip_limit.{limit}", f"{year}-12") for limit in LIMITS}
        binds = np.argmax(np.stack(list(by_limit.values())), axis=0)
        for row, limit in enumerate(LIMITS):
            findings.append(
                single(f"Futures in which {limit} sets PRC output, end of {year}", "share", (binds == row).mean())
            )
        if year in LIFTED_YEARS:
            held_back.append(by_limit["logic"] + by_limit["memory"] >= claim.limits["share"])
    every_year = np.logical_and.reduce(held_back)
    parts = [of_share(needs_of(claim)[0], every_year)]
    gains, relative = lifts(futures)
    least = claim.limits["adds"]
    for words, grown in zip(LIFTED.values(), relative, strict=True):
        says = f"Lifting {words} alone adds at least {least:.0%} to PRC output at the end of 2026, of 2027 or of 2028."
        parts.append(of_share(says, (grown >= least).any(axis=0)))
    bind = single("Futures in which wafers or memory bind, end of 2028", "share", held_back[-1].mean())
    lifted = which_adds_most(gains, relative, claim.limits["noticed"])
    return Outcome("bind in 2028", (bind, *lifted, *findings), tuple(parts))


def lifts(futures: Futures) -> tuple[Floats, Floats]:
    """PRC output that lifting each control alone adds, at the ends of `LIFTED_YEARS`, and the same over drift's output.

    Shapes: both (controls, years, draws), in H100e / year and as a share.
    """
    dates = [f"{year}-12" for year in LIFTED_YEARS]
    made = np.stack([futures.at("drift", MADE, date) for date in dates])
    gains = np.stack([np.stack([futures.at(run, MADE, date) for date in dates]) - made for run in LIFTED])
    return gains, gains / np.maximum(made, LEAST)


def which_adds_most(gains: Floats, relative: Floats, noticed: float) -> list[Finding]:
    """How often each control is the one whose lifting adds most, and what each adds, by year.

    A future in which no lift adds a share of `noticed` counts for none. Shapes: (controls, years, draws).
    """
    any_adds, most = relative.max(axis=0) >= noticed, gains.argmax(axis=0)
    findings = []
    for row, year in enumerate(LIFTED_YEARS):
        for control, words in enumerate(LIFTED.values()):
            share = (any_adds[row] & (most[row] == control)).mean()
            findings.append(single(f"Futures in which lifting {words} adds most, end of {year}", "share", share))
        findings.append(
            single(f"Futures in which no lift adds {noticed:.0%}, end of {year}", "share", (~any_adds[row]).mean())
        )
    for row, year in enumerate(LIFTED_YEARS):
        for control, words in enumerate(LIFTED.values()):
            label = f"PRC output that lifting {words} adds, end of {year}"
            findings.append(found(label, "H100e / year", gains[control, row]))
    return findings


def one_scheme(futures: Futures, claim: Claim) -> Outcome:
    """The compute that the servers of one scheme held, over what the PRC could use and over all that was diverted."""
    price = definitions()["conversions"]["server_usd_per_h100e"]
    value = claim.stated["million_usd"] * MILLION
    least, most = value / price["high"], value / price["low"]
    middle = (least * most) ** 0.5
    usable = futures.at("drift", "usable_compute.prc", "2025-12")
    diverted = futures.at("drift", "prc_compute.diverted", "2025-12")
    findings = (
        found("The scheme's compute over PRC usable compute, end of 2025", "share", middle / usable),
        found(
            "The scheme's compute over all diverted compute, end of 2025", "share", middle / np.maximum(diverted, 1.0)
        ),
        Finding("The scheme's compute, by price of a server", "H100e", least, middle, most),
    )
    at_least = of_share("All diverted compute at the end of 2025 is at least that of the scheme.", diverted >= middle)
    return Outcome("share of PRC", findings, (*of_sources(claim), at_least))


RATIOS = tuple(
    f"compute_ratio.{kind}" for kind in ("stock_usable_flops", "stock_owned_flops", "stock_usable_bandwidth")
)
DISTILLING = ("capability_released.allied", "capability.prc", "catch_up.distilled", "lead_months.released")

MEASURES = {
    "maker_share": Measure(maker_share, monthly={"drift": OUTPUT}),
    "compute_ratio": Measure(compute_ratio, {"close": RATIOS, "drift": RATIOS}),
    "distillation_compute": Measure(
        distillation_compute,
        {
            "drift": DISTILLING,
            "close": DISTILLING,
            "no_distillation": ("lead_months.released",),
            "close_no_distillation": ("lead_months.released",),
        },
    ),
    "binding_limits": Measure(
        binding_limits,
        {"drift": (*(f"chip_limit.{limit}" for limit in LIMITS), MADE)} | dict.fromkeys(LIFTED, (MADE,)),
    ),
    "one_scheme": Measure(one_scheme, {"drift": ("usable_compute.prc", "prc_compute.diverted")}),
}

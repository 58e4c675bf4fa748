"""Measures of the claims about compute: who makes it, how much of it each side has, and what holds it back."""

import numpy as np

from fourfronts.analysis.checks import definitions as published
from fourfronts.analysis.claim_measures import TARGET, Finding, Measure, Outcome, found, single
from fourfronts.analysis.claim_runs import Futures, definitions
from fourfronts.analysis.verdicts import of_figure, of_share, of_sources
from fourfronts.evidence.claims import Claim

MILLION = 1e6
LIMITS = ("market", "power", "logic", "memory")
OUTPUT = ("chip_output.prc", "chip_output.allied")


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
    """Which limit sets PRC output at the end of each year."""
    findings, held_back = [], []
    years = range(2023, 2029)
    for year in years:
        by_limit = {limit: futures.at("drift", f"chip_limit.{limit}", f"{year}-12") for limit in LIMITS}
        binds = np.argmax(np.stack(list(by_limit.values())), axis=0)
        for row, limit in enumerate(LIMITS):
            findings.append(
                single(f"Futures in which {limit} sets PRC output, end of {year}", "share", (binds == row).mean())
            )
        if year >= 2026:
            held_back.append(by_limit["logic"] + by_limit["memory"] >= claim.limits["share"])
    every_year = np.logical_and.reduce(held_back)
    findings.insert(0, single("Futures in which wafers or memory bind, end of 2028", "share", held_back[-1].mean()))
    return Outcome("bind in 2028", tuple(findings), (of_share(claim.condition, every_year),))


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
    "binding_limits": Measure(binding_limits, {"drift": tuple(f"chip_limit.{limit}" for limit in LIMITS)}),
    "one_scheme": Measure(one_scheme, {"drift": ("usable_compute.prc", "prc_compute.diverted")}),
}

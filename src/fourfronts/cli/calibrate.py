"""`fourfronts calibrate`: from priors and evidence to a posterior; `fourfronts backtest`: how that would have done."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fourfronts import __version__
from fourfronts.cli.plan import SEEDED
from fourfronts.cli.run import progress
from fourfronts.cli.stages import STAGES, cache
from fourfronts.errors import InputError

if TYPE_CHECKING:
    from fourfronts.report.drawing import Drawing

QUICK = click.option("--quick", is_flag=True, help="A reduced run of minutes that proves the path. Not to be used.")


@click.command()
@QUICK
@SEEDED
@STAGES
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the posterior and its diagnostics.")
@click.option("--figures", type=click.Path(path_type=Path), help="CSV file of your own figures, beside ours.")
@click.option(
    "--ship", is_flag=True, help="Write it into the package, where run takes it from, if diagnostics are sound."
)
@click.option("--json", "as_json", is_flag=True, help="Print the diagnostics as JSON.")
def calibrate(
    quick: bool, seed: int, stages: Path | None, out: Path | None, figures: Path | None, ship: bool, as_json: bool
) -> None:
    """Calibrate the model on the evidence: draws from the posterior, by two samplers that must agree.

    Takes up to an hour on two cores, shows how far it is, and goes on where an interrupted run stopped. Exit code 1 if
    the diagnostics find something wrong.
    """
    _needs_samplers()
    from fourfronts.analysis.tables import csv_text
    from fourfronts.inference.calibration import FULL
    from fourfronts.inference.calibration import QUICK as LITTLE
    from fourfronts.inference.own import read
    from fourfronts.inference.posterior import FOLDER
    from fourfronts.inference.recalibration import calibrate as go
    from fourfronts.report.calibration_figures import calibration_figures
    from fourfronts.report.folder import write_text

    if quick and ship:
        raise InputError("--ship with --quick: a reduced run is not to be used; accepted: one of them")
    if figures and ship:
        raise InputError("--ship with --figures: what is shipped rests on our evidence alone; accepted: one of them")
    own = read(figures) if figures else None
    with progress() as say:
        found = go(stages or cache("calibration"), effort=LITTLE if quick else FULL, seed=seed, own=own, say=say)
    notes, posterior = dict(found.posterior.notes), found.posterior
    name = f"{posterior.cutoff}.npz"
    # What the diagnostics find wrong is written where it was asked for, and never where every run takes it from.
    for folder in (*([out] if out else []), *([FOLDER] if ship and not found.troubles else [])):
        posterior.save(folder / name)
    if out:
        write_text(out / "learned.json", json.dumps(found.learned, indent=1) + "\n")
        write_text(out / "widths.csv", csv_text(found.learned["widths"]))
        stamp = f"Model: fourfronts {posterior.version}, seed {seed}, {posterior.draws:,} draws of the posterior."
        _draw(out, calibration_figures(found.learned, stamp))
    if as_json:
        click.echo(json.dumps({**posterior.as_json(), **notes}, indent=1))
    else:
        click.echo(_told(posterior.as_json(), notes))
    if found.troubles and not quick:
        raise click.exceptions.Exit(1)


@click.command()
@QUICK
@SEEDED
@STAGES
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the scores and their picture.")
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
def backtest(quick: bool, seed: int, stages: Path | None, out: Path | None, as_json: bool) -> None:
    """Calibrate as of five earlier dates and score what came after, against forecasts without a model.

    Nothing that is dated after a cut-off enters its calibration: neither figures nor priors, paths or policy.
    """
    _needs_samplers()
    from fourfronts.analysis.backtest import BACKTEST, CUTOFFS, LITTLE
    from fourfronts.analysis.backtest import backtest as go
    from fourfronts.analysis.skill import as_json as verdict
    from fourfronts.evidence.loader import load
    from fourfronts.inference.calibration import double_precision
    from fourfronts.inference.recalibration import prepared
    from fourfronts.report.calibration_figures import backtest_figure
    from fourfronts.report.folder import write_text

    effort, cutoffs = (LITTLE, CUTOFFS[-1:]) if quick else (BACKTEST, CUTOFFS)
    folder = prepared(stages or cache("backtest"), {"cutoffs": list(map(str, cutoffs)), "seed": seed, "quick": quick})
    with progress() as say, double_precision():
        scored = go(load(), folder, cutoffs=cutoffs, effort=effort, seed=seed, say=say)
    found = verdict(scored, seed)
    text = json.dumps(found, indent=1) + "\n"
    if out:
        write_text(out / "backtest.json", text)
        _draw(out, backtest_figure(found, f"Model: fourfronts {__version__}, seed {seed}."))
    click.echo(text if as_json else _scores(found), nl=not as_json)


def _draw(folder: Path, drawings: "list[Drawing]") -> None:
    """Write pictures as SVG and PNG, each whole or not at all."""
    from fourfronts.report.folder import write_bytes

    for each in drawings:
        write_bytes(folder / f"{each.name}.svg", each.svg)
        write_bytes(folder / f"{each.name}.png", each.png)


def _told(about: dict[str, Any], notes: dict[str, Any]) -> str:
    chains, troubles = notes["chains"], notes["troubles"]
    sampled = f"NUTS: {chains['chains']} chains of {chains['draws']}, R-hat at most {chains['rhat_largest']:g}"
    counted = f"effective draws {chains['ess_bulk_smallest']:.0f} or more, median {chains['ess_bulk_median']:.0f}"
    lines = [
        f"calibrated on {notes['figures']} figures up to {about['cutoff']}: {about['draws']:,} joint draws",
        f"{len(notes['loosened'])} priors loosened, because they rest on figures that calibrate",
        sampled,
        f"{counted}; {chains['divergences']} divergences, BFMI {chains['bfmi_smallest']:.2f}",
        "elliptical slices beside NUTS, difference in standard deviations:",
        *(f"  {name:34} {each['middle']:+.2f}" for name, each in notes["agreement"].items()),
        *(f"wrong: {trouble}" for trouble in troubles),
    ]
    return "\n".join(lines)


def _scores(found: dict[str, Any]) -> str:
    lines = [
        f"{found['figures']} figures after {', '.join(found['cutoffs'])}",
        f"in the 50% range {found['coverage_50']:.0%}, in the 90% range {found['coverage_90']:.0%}",
        f"no worse than the best baseline in {found['no_worse_than_best_baseline']} of {found['compared']} series",
        f"{'series':38}{'figures':>8}{'skill':>8}   90% range        best baseline",
    ]
    for each in found["quantities"]:
        if each["skill"] is None:
            skill = f"{'-':>8}"
        else:
            middle, low, high = each["skill"]
            skill = f"{middle:>+8.2f}   {low:+.2f} to {high:+.2f}   {each['best_baseline']}"
        lines.append(f"{each['label'][:37]:38}{each['figures']:>8}{skill}")
    return "\n".join(lines)


def _needs_samplers() -> None:
    """Raise InputError that says what to install where samplers are missing."""
    from importlib.util import find_spec

    missing = [name for name in ("numpyro", "blackjax", "arviz_stats") if find_spec(name) is None]
    if missing:
        raise InputError(f"{', '.join(missing)} not installed; install with: pip install 'fourfronts[calibration]'")

"""`fourfronts forecast`: quantiles of everything observable, for later judgement."""

import json
from pathlib import Path

import click

from fourfronts.cli.plan import DRAWS, SEEDED
from fourfronts.errors import InputError

MOST = 20_000
"""Futures at most: all of them are kept month by month."""


@click.command()
@click.option("--asof", required=True, metavar="YYYY-MM-DD", help="Evidence cut-off, as in 2026-05-31.")
@click.option("--draws", type=click.IntRange(1, MOST), default=DRAWS, show_default=True, help="Futures.")
@SEEDED
@click.option("--prior", is_flag=True, help="From the priors alone, without the posterior.")
@click.option("--out", type=click.Path(path_type=Path), help="File for the table; printed without it.")
@click.option("--json", "as_json", is_flag=True, help="JSON in the place of the table.")
def forecast(asof: str, draws: int, seed: int, prior: bool, out: Path | None, as_json: bool) -> None:
    """Write what every observable quantity will be at each month's end to 2027-12, as quantiles.

    The columns are quantity, actor, unit, month, q05, q25, q50, q75 and q95. Policy is carried on as it stood.
    """
    from fourfronts.analysis.forecast import as_csv
    from fourfronts.analysis.forecast import forecast as quantiles
    from fourfronts.evidence.loader import EVIDENCE_CUTOFF
    from fourfronts.inference.parameters import registry
    from fourfronts.inference.posterior import calibrated
    from fourfronts.report.folder import write_text

    if asof != EVIDENCE_CUTOFF.isoformat():
        raise InputError(f"--asof {asof!r}: no posterior of that cut-off is shipped; accepted: {EVIDENCE_CUTOFF}")
    known = registry() if prior else calibrated()
    rows = quantiles(known, draws=draws, seed=seed)
    text = json.dumps([row._asdict() for row in rows], indent=1) + "\n" if as_json else as_csv(rows)
    if out:
        write_text(out, text)
        click.echo(f"{len(rows)} rows in {out}")
    else:
        click.echo(text, nl=False)

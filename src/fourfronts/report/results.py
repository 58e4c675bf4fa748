"""A run's results as files: numbers, futures, figures and the report, in a folder of their own."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fourfronts.analysis.ensemble import MONTHLY_FUTURES, Ensemble
from fourfronts.analysis.full import Full
from fourfronts.evidence.loader import load
from fourfronts.inference.parameters import Registry
from fourfronts.report import questions
from fourfronts.report.backcast_figure import backcast_figures
from fourfronts.report.drawing import Drawing
from fourfronts.report.figures import figures
from fourfronts.report.folder import whole_folder
from fourfronts.report.html import report
from fourfronts.report.store import write_futures
from fourfronts.report.wording import basis

SUMMARY, FUTURES, REPORT, FIGURES = "summary.json", "futures.parquet", "report.html", "figures"
CLAIMS = "claims.json"


def summary_text(summary: Mapping[str, Any]) -> str:
    """The summary as JSON with sorted keys; the same run gives the same text."""
    return json.dumps(summary, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n"


def stamp(summary: Mapping[str, Any]) -> str:
    """The line under every figure: version, seed, number of futures and what else the run was given."""
    months = f" Fans by month: the first {MONTHLY_FUTURES:,} of them." if summary["draws"] > MONTHLY_FUTURES else ""
    view = "" if summary["worldview"] == "evidence" else f" Worldview: {summary['worldview']}."
    couplings = f" Couplings: {', '.join(summary['couplings'])}." if summary["couplings"] else ""
    settings = f" On top of every package: {', '.join(summary['settings'])}." if summary["settings"] else ""
    return (
        f"Model: fourfronts {summary['version']}, seed {summary['seed']}, {summary['draws']:,} futures per package,"
        f" {basis(summary['posterior'], summary['evidence_cutoff'])}.{months}{view}{couplings}{settings}"
    )


def drawn_page(
    ensembles: Mapping[str, Ensemble],
    summary: Mapping[str, Any],
    registry: Registry,
    command: str,
    more: Full,
) -> tuple[list[Drawing], str]:
    """The figures and the report of a run, which is one page with the figures in it."""
    evidence = load()
    drawings = figures(ensembles, evidence, stamp(summary))
    if more.series:
        drawings += backcast_figures(more.series, evidence, stamp(summary))
    drawings += questions.drawings(more.asked)
    return drawings, report(ensembles, summary, drawings, evidence, registry, command, more)


def write_results(
    target: Path,
    ensembles: Mapping[str, Ensemble],
    summary: Mapping[str, Any],
    registry: Registry,
    command: str,
    more: Full | None = None,
) -> None:
    """Write everything to `target`, whole or not at all, in the place of an earlier run's results.

    `registry` holds the priors of the run; `command` is what makes the same results again; what `more` holds
    goes into the report, its ledger and its findings into files as well. Raises
    InputError or OSError as `whole_folder` does.
    """
    further = more or Full()
    drawings, page = drawn_page(ensembles, summary, registry, command, further)
    about = {key: summary[key] for key in ("version", "seed", "draws", "horizon", "evidence_digest")}
    with whole_folder(target, about | {"command": command}) as folder:
        (folder / SUMMARY).write_text(summary_text(summary), encoding="utf-8")
        write_futures(folder / FUTURES, ensembles, summary)
        (folder / FIGURES).mkdir()
        for each in drawings:
            (folder / FIGURES / f"{each.name}.svg").write_bytes(each.svg)
            (folder / FIGURES / f"{each.name}.png").write_bytes(each.png)
        (folder / REPORT).write_text(page, encoding="utf-8")
        if further.ledger:
            (folder / CLAIMS).write_text(summary_text(further.ledger.as_json()), encoding="utf-8")
        for path, text in questions.files(further.asked):
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")

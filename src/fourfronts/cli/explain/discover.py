"""`fourfronts explain discover`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fourfronts.cli.explain.common import about, answered, futures, needs, options
from fourfronts.cli.plan import plan
from fourfronts.cli.run import Say

if TYPE_CHECKING:
    from fourfronts.analysis.explain.finding import Finding

MOST, COVERAGE, DENSITY = 4, 0.0, 0.0
OUTCOME = "lead_months[released] >= 10"
"""Halfway to a commanding lead, which calibrated futures hardly reach."""


@click.command()
@click.option(
    "--outcome",
    default=OUTCOME,
    show_default=True,
    metavar="CONDITION",
    help="What is to come about: a scenario, the file of your own, or an output compared with a number, as in"
    " 'lead_months[released] < 6'.",
)
@click.option("--package", default="drift", show_default=True, metavar="NAME|FILE", help="The policy of the futures.")
@click.option(
    "--most-dimensions",
    "most",
    type=click.IntRange(1, 10),
    default=MOST,
    show_default=True,
    help="Parameters in the conditions, at most.",
)
@click.option(
    "--coverage",
    type=click.FloatRange(0, 1),
    default=COVERAGE,
    show_default=True,
    help="Share of such futures that the conditions must take in, at least.",
)
@click.option(
    "--density",
    type=click.FloatRange(0, 1),
    default=DENSITY,
    show_default=True,
    help="Share of the futures under the conditions that must be such, at least.",
)
@futures()
@options
def discover(out: Path | None, as_json: bool, **given: Any) -> None:
    """Under which few conditions a kind of future comes about.

    PRIM and CART look for limits on a few parameters between which such futures are dense, in one half of the futures;
    what is told of them is counted in the other half. Of the boxes of PRIM the one with fewest parameters is taken
    whose score is within a tenth of the best: coverage times the share of the way from the density of all futures to 1.
    """
    answered(answer, out, as_json=as_json, **given)


def answer(
    say: Say, *, outcome: str, package: str, most: int, coverage: float, density: float, at: str, **given: Any
) -> "Finding":
    """The finding. Raises InputError for what cannot be asked."""
    from fourfronts.analysis.explain.condition import condition
    from fourfronts.policy.grid import parse_horizon

    needs("explain", "ema_workbench", "sklearn", "pandas")
    wanted_of = condition(outcome, parse_horizon(at))
    wanted = plan(packages=[package], horizon=str(wanted_of.date), **given)

    from fourfronts.analysis.ensemble import run_ensemble
    from fourfronts.analysis.explain.discover.boxes import Rule
    from fourfronts.analysis.explain.discover.question import Sample
    from fourfronts.analysis.explain.discover.question import discover as found
    from fourfronts.analysis.explain.drawn import columns, relatives, values
    from fourfronts.analysis.explain.outcome import HEADLINE, needed
    from fourfronts.analysis.explain.outcome import outcomes as parsed

    # The outputs of the other commands as well, whose compiled code is then at hand.
    outputs, _ = needed(parsed(HEADLINE))
    (ensemble,) = run_ensemble(
        wanted.packages,
        outputs={*wanted_of.outputs, *outputs},
        monthly=0,
        progress=lambda done: say(f"{done:,} of {wanted.draws:,} futures"),
        **wanted.arguments(),
    ).values()
    say("looking for conditions")
    drawn = wanted.registry, wanted.seed, wanted.draws
    sample = Sample(columns(wanted.registry), values(*drawn), relatives(*drawn))
    rule = Rule(most, coverage, density)
    asked = about(wanted, [wanted_of], most_dimensions=most, coverage=coverage, density=density)
    return found(sample, wanted_of.of(ensemble), wanted_of, rule, wanted.seed, asked)

"""What a first look needs: the outputs that the scoreboard and the shipped scenarios read."""

from functools import cache

from fourfronts.analysis.scoreboard import shipped_fronts
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.policy.scenarios import scenarios


@cache
def headline() -> tuple[str, ...]:
    """Names of outputs, in the order of `OUTPUTS`, to run an ensemble with when no other is looked at."""
    read = {reference.output for scenario in scenarios().values() for reference in scenario.references}
    for front in shipped_fronts().values():
        read |= {front.ranked_by, *(key.output for measure in front.measures.values() for key in measure.references)}
    return tuple(name for name in OUTPUTS if name in read)

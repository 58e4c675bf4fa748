"""What only the full report of a run has."""

from collections.abc import Sequence
from dataclasses import dataclass

from fourfronts.analysis.backcast import Series
from fourfronts.analysis.claims import Ledger


@dataclass(frozen=True)
class Full:
    """The claims ledger and the back-cast of published series; neither in an ordinary run."""

    ledger: Ledger | None = None
    series: Sequence[Series] = ()

"""What only the full report of a run has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fourfronts.analysis.backcast import Series
from fourfronts.analysis.claims import Ledger
from fourfronts.analysis.explain.finding import Finding


@dataclass(frozen=True)
class Asked:
    """A question of `fourfronts explain`, and what came of it: a finding, or in `why_not` the reason why none did.

    `name` is the stem of its files, `package` the label of the package if it is about one; `made` says in how
    many futures it was answered, `command` asks it in more.
    """

    name: str
    question: str
    command: str
    package: str = ""
    finding: Finding | None = None
    made: str = ""
    why_not: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values, those of the finding among them."""
        names = ("question", "package", "command", "made", "why_not")
        told: dict[str, Any] = {name: getattr(self, name) for name in names}
        return told | {"finding": self.finding.as_json() if self.finding else None}


@dataclass(frozen=True)
class Full:
    """The claims ledger, the back-cast of published series and questions to the futures; none in an ordinary run."""

    ledger: Ledger | None = None
    series: Sequence[Series] = ()
    asked: Sequence[Asked] = ()

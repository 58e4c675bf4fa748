"""What each long question takes besides a state. Names only: no text of a request is ever read as a file's path."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from fourfronts.inference.parameters import registry
from fourfronts.policy.loader import levers
from fourfronts.web.state import STARTS, MonthOf, OneOf, PackageName, State, Strict

_NAME = r"[a-z][a-z0-9_-]{0,59}(\[[a-z][a-z0-9_]{0,59}\])?"
OutcomeName = Annotated[str, Field(pattern=f"^{_NAME}$", max_length=125)]
"""A scenario, a front or OUTPUT[KIND]; without a dot or a slash it cannot be the file of somebody's own scenario."""
Condition = Annotated[
    str, Field(pattern=rf"^{_NAME}( ?(>=|<=|>|<) ?-?[0-9]{{1,9}}(\.[0-9]{{1,6}})?)?$", max_length=150)
]
LeverName = Annotated[str, OneOf("lever", levers())]
ParameterName = Annotated[str, OneOf("parameter", registry().parameters)]
Begin = Annotated[str, MonthOf("start", STARTS)]
Outcomes = Annotated[list[OutcomeName], Field(max_length=8)]
Packages = Annotated[list[PackageName], Field(max_length=8)]
Method = Literal["sobol", "groups", "morris", "gradients"]
Share = Annotated[float, Field(ge=0, le=1)]


def assumptions(state: State) -> dict[str, Any]:
    """What a state assumes, as the command line has it."""
    return {
        "worldview": state.assumed.view,
        "prior": state.prior,
        "couplings": [f"{name}={value!r}" for name, value in state.couplings.items()],
        "draws": state.draws,
        "seed": state.seed,
    }


class Options(Strict):
    """A question about the package and the assumptions of a state."""

    state: State = State()

    def given(self) -> dict[str, Any]:
        """What the answer takes, by name; what is left out keeps the command line's own default."""
        state = self.state.canonical()
        told = self.model_dump(exclude={"state", "packages"}, exclude_unset=True)
        return {**told, **self._packages(), **assumptions(state), "at": state.date}

    def _packages(self) -> Mapping[str, Any]:
        return {"package": self.state.asked}


class Several(Options):
    """A question about several packages: the state's own and others by name."""

    packages: Packages = Field(default_factory=list)

    def _packages(self) -> Mapping[str, Any]:
        own = self.state.asked
        return {"packages": [own, *(name for name in dict.fromkeys(self.packages) if name != own.name)]}


class Compare(Several):
    """What the state's package changes against a baseline, in the same futures."""

    baseline: PackageName = "drift"
    outcomes: Outcomes = Field(default_factory=list)


class Attribution(Options):
    """What each lever adds to what the state's package changes."""

    orders: Annotated[int, Field(ge=2, le=64, multiple_of=2)] | None = None
    outcomes: Outcomes = Field(default_factory=list)


class Channels(Options):
    """What evasion and distillation did to the lead so far."""

    def _packages(self) -> Mapping[str, Any]:
        return {"package": None, "channels": True}


class Timing(Options):
    """What it is worth to begin the state's package earlier, and until when it serves."""

    first: Begin = "2026-07"
    last: Begin = "2028-07"
    every: Annotated[int, Field(ge=1, le=24)] = 3
    threshold: Share | None = None
    outcomes: Outcomes = Field(default_factory=list)


class Threshold(Options):
    """The smallest change that takes an outcome across a line."""

    line: Annotated[float, Field(ge=-1e9, le=1e9)]
    outcome: Condition = "lead_months[released]"
    statistic: Literal["median", "mean", "p05", "p95"] | None = None
    below: bool | None = None
    levers: Annotated[list[LeverName], Field(max_length=8)] = Field(default_factory=list)
    parameters: Annotated[list[ParameterName], Field(max_length=8)] = Field(default_factory=list)
    top: Annotated[int, Field(ge=0, le=12)] = 8


class Discover(Options):
    """Under which few conditions a kind of future comes about."""

    outcome: Condition = "lead_months[released] >= 10"
    most: Annotated[int, Field(ge=1, le=6)] = 4
    coverage: Share = 0.0
    density: Share = 0.0


def _groups_alone() -> list[Method]:
    return ["groups"]


class Sensitivity(Options):
    """Which parameters an outcome depends on, and how surely."""

    outcomes: Annotated[list[OutcomeName], Field(max_length=1)] = Field(default_factory=list)
    base: Literal[64, 128, 256, 512] = 128
    methods: Annotated[list[Method], Field(max_length=4)] = Field(default_factory=_groups_alone)

    def given(self) -> dict[str, Any]:
        """As for every question; here the default is smaller than the command line's, so it is always told."""
        return {**super().given(), "base": self.base, "methods": list(self.methods)}


class Robust(Several):
    """Packages across all worldviews."""

    outcomes: Outcomes = Field(default_factory=list)
    conditions: Annotated[list[Condition], Field(max_length=4)] = Field(default_factory=list)
    packages: Packages = Field(default_factory=lambda: ["drift", "loosen"])


class Information(Several):
    """Which uncertainty is worth measuring before choosing between packages."""

    outcomes: Outcomes = Field(default_factory=list)
    price: Annotated[float, Field(ge=0, le=1e9)] | None = None
    packages: Packages = Field(default_factory=lambda: ["drift", "close_loopholes", "defend_models"])


OPTIONS: dict[str, type[Options]] = {
    "compare": Compare,
    "attribution": Attribution,
    "channels": Channels,
    "timing": Timing,
    "threshold": Threshold,
    "discover": Discover,
    "sensitivity": Sensitivity,
    "robust": Robust,
    "information": Information,
}
"""What each question takes, by name."""

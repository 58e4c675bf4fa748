"""fourfronts: how policy moves the AI competition between blocs, as a probability over futures.

The names below are what a notebook needs first: `registry` holds the parameters as the evidence leaves them, `priors`
before it was heard. Each loads its room when it is first used, so that
importing the package stays instant.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fourfronts.analysis.ensemble import run_ensemble
    from fourfronts.evidence.loader import load as load_evidence
    from fourfronts.inference.parameters import registry as priors
    from fourfronts.inference.posterior import calibrated as registry
    from fourfronts.policy.loader import package

__version__ = "0.1.0"

__all__ = ["__version__", "load_evidence", "package", "priors", "registry", "run_ensemble"]

_HOME = {
    "load_evidence": "fourfronts.evidence.loader:load",
    "package": "fourfronts.policy.loader:package",
    "priors": "fourfronts.inference.parameters:registry",
    "registry": "fourfronts.inference.posterior:calibrated",
    "run_ensemble": "fourfronts.analysis.ensemble:run_ensemble",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    module, _, attribute = _HOME[name].partition(":")
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""One small run that the tests of this room share."""

import pytest

from fourfronts.analysis.ensemble import Ensemble, run_ensemble
from fourfronts.inference.parameters import registry

DRAWS, SEED = 700, 7


@pytest.fixture(scope="session")
def ensembles() -> dict[str, Ensemble]:
    """Four packages on the same 700 draws from the priors, which is not a whole number of chunks."""
    packages = ["drift", "hold", "loosen", "none"]
    return run_ensemble(packages, draws=DRAWS, seed=SEED, parameters=registry())

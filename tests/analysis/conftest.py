"""One small run that the tests of this room share."""

import pytest

from fourfronts.analysis.ensemble import Ensemble, run_ensemble

DRAWS, SEED = 700, 7


@pytest.fixture(scope="session")
def ensembles() -> dict[str, Ensemble]:
    """Four packages on the same 700 draws, which is not a whole number of chunks."""
    return run_ensemble(["drift", "hold", "loosen", "none"], draws=DRAWS, seed=SEED)

"""Futures made by hand, of which every number is known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fourfronts.analysis.ensemble import Ensemble
from fourfronts.inference.outputs import OUTPUTS
from fourfronts.policy.loader import package


@pytest.fixture(scope="session")
def made() -> Callable[..., Ensemble]:
    """Futures at 2028-12 with some outputs as given, {output: {kind: values}}, and nothing in every other kind."""

    def futures(name: str = "drift", **values: dict[str, Any]) -> Ensemble:
        draws = len(next(iter(next(iter(values.values())).values())))
        arrays = {}
        for output, kinds in values.items():
            arrays[output] = np.zeros((1, len(OUTPUTS[output].kinds), draws), dtype=np.float32)
            for kind, given in kinds.items():
                arrays[output][0, OUTPUTS[output].kinds.index(kind)] = given
        return Ensemble(package(name), ("2028-12",), ("2028-12",), arrays, arrays, 0)

    return futures

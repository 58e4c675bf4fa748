"""Pictures of a calibration and a back-test: they are drawn from plain values and say in words what they show."""

import numpy as np
import pytest

from fourfronts.report.calibration_figures import backtest_figure, calibration_figures

PNG, SVG = b"\x89PNG", b"<?xml"


def _check(label, unit, scale, values, bound=""):
    figures = [
        {
            "rows": ["X-1"],
            "month": f"2025-{month:02}",
            "value": value,
            "bound": bound,
            "prior": [value / 10, value, value * 10],
            "posterior": [value / 1.5, value, value * 1.5],
            "rank": 0.5,
        }
        for month, value in enumerate(values, 1)
    ]
    return {"series": label, "label": label, "unit": unit, "scale": scale, "held_out": "", "figures": figures}


@pytest.fixture(scope="module")
def drawings():
    checks = [_check(f"Series {n}", "percent", "linear", [5.0, 20.0, 40.0]) for n in range(17)]
    checks += [_check("Compute", "H100e", "log", [1e5, 3e7]), _check("Gap", "months", "linear", [0.0] * 4 + [7.0])]
    checks += [_check("Floor", "exchanges", "log", [1.6e7], "at_least"), {**checks[0], "figures": []}]
    widths = [
        {"name": f"a.parameter_{n}", "moved": 0.1, "began": n / 50, "shipped": n / 20, "loosened": n % 2 == 0}
        for n in range(1, 50)
    ]
    rng = np.random.default_rng(1)
    tellers = [{"series": "gap", "label": "Gap on the index", "share": 0.31}]
    pair = {"correlation": -0.62, "width": 0.9, "tellers": tellers}
    joint = [
        {"first": "a.one", "second": "a.two", "draws": np.exp(rng.standard_normal((2, 50))).tolist(), **pair},
        {"first": "a.one", "second": "a.three", "draws": rng.standard_normal((2, 50)).tolist(), **pair},
    ]
    learned = {"checks": checks, "widths": widths, "joint": joint}
    return {each.name: each for each in calibration_figures(learned, "stamp")}


def test_every_series_with_figures_has_a_panel_and_sheets_are_numbered(drawings):
    assert list(drawings) == ["predictive_1", "predictive_2", "learned", "joint"]
    assert drawings["predictive_1"].alt.startswith("16 panels; 48 of 48 figures lie in")
    assert drawings["predictive_2"].alt.startswith("4 panels; 11 of 11 figures lie in")
    for each in drawings.values():
        assert each.png.startswith(PNG)
        assert each.svg.startswith(SVG)


def test_the_narrowest_parameters_are_told_first(drawings):
    assert "a.parameter_1 0.05; a.parameter_2 0.10" in drawings["learned"].alt


def test_pairs_that_cannot_be_told_apart_are_named_with_their_correlation(drawings):
    assert "a.one and a.two -0.62; a.one and a.three -0.62" in drawings["joint"].alt


def test_a_back_test_tells_coverage_and_skill():
    quantities = [
        {"label": "One", "compared": 5, "best_baseline": "last value", "skill": [0.2, -0.1, 0.5]},
        {"label": "Two", "compared": 3, "best_baseline": "trend", "skill": [-9.0, -20.0, 0.0]},
        {"label": "None", "compared": 0, "best_baseline": "", "skill": None},
    ]
    found = {
        "figures": 8,
        "coverage_50": 0.5,
        "coverage_90": 0.875,
        "ranks": [0.1, 0.2, 0.5, 0.7, 0.9, 0.95, 0.3, 0.6],
        "quantities": quantities,
        "no_worse_than_best_baseline": 1,
        "compared": 2,
    }
    (drawn,) = backtest_figure(found, "stamp")
    assert drawn.png.startswith(PNG)
    assert "50% inside the 50% range, 88% inside the 90% range" in drawn.alt
    assert "no worse than the best baseline in 1 of 2 series" in drawn.alt

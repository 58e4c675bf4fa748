"""The numbers in the README are the model's own, and its picture is the figure that a run draws."""

import re
from pathlib import Path

import numpy as np
import pytest

from fourfronts.analysis.ensemble import Ensemble, run_ensemble
from fourfronts.analysis.scenarios import evaluate

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
ROW = re.compile(
    r"^\| `(?P<package>\w+)`: [^|]+\| (?P<lead>[^|]+) \| (?P<range>[^|]+) \| (?P<ratio>[^|]+) \|$", re.MULTILINE
)
ROWS = {row["package"]: [float(number) for number in re.findall(r"\d+\.\d", row[0])] for row in ROW.finditer(README)}


@pytest.fixture(scope="module")
def default_run() -> dict[str, Ensemble]:
    """What `fourfronts run` simulates when it is given no arguments."""
    return run_ensemble(["drift", "hold", "loosen", "none"], draws=2000, seed=1)


def test_the_readme_has_a_row_for_every_default_package() -> None:
    assert list(ROWS) == ["drift", "hold", "loosen", "none"]


@pytest.mark.parametrize("package", ["drift", "hold", "loosen", "none"])
def test_the_readme_tells_what_the_model_gives(package: str, default_run: dict[str, Ensemble]) -> None:
    lead = default_run[package].at("lead_months", "2028-12", "released")
    ratio = default_run[package].at("compute_ratio", "2028-12", "stock_usable_flops")
    wanted = [float(value) for values in (lead, ratio) for value in np.percentile(values, [50, 5, 95])]
    # A tenth is what the table shows; other processors may round the last digit the other way.
    np.testing.assert_allclose(ROWS[package], wanted, atol=0.11)


@pytest.mark.parametrize("package", ["drift", "hold", "loosen", "none"])
def test_the_readme_tells_how_often_each_scenario_comes_about(package: str, default_run: dict[str, Ensemble]) -> None:
    found = evaluate(default_run[package]).as_json()["scenarios"]
    wanted = [100 * found[name]["probability"] for name in ("commanding-lead", "contested", "neck-and-neck")]
    (row,) = re.findall(rf"^\| `{package}` \| (\S+)% \| (\S+)% \| (\S+)% \|$", README, re.MULTILINE)
    # A future or two may fall on the other side of a threshold on another processor.
    np.testing.assert_allclose([0.5 if share == "<1" else float(share) for share in row], wanted, atol=0.7)


def test_the_readme_shows_the_default_run() -> None:
    from fourfronts.cli.run import run

    defaults = {option.name: option.default for option in run.params}
    assert (defaults["draws"], defaults["seed"]) == (2000, 1)
    assert "docs/images/lead_fan.png" in README
    assert (ROOT / "docs/images/lead_fan.png").stat().st_size > 50_000


def test_the_pictures_of_the_page_are_there_and_light():
    pictures = re.findall(r"docs/images/page_\w+\.png", README)
    assert len(pictures) == 2
    assert all(10_000 < (ROOT / each).stat().st_size < 250_000 for each in pictures)

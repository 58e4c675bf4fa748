"""One small run that the tests of the report share."""

from types import SimpleNamespace

import pytest

PACKAGES = ("drift", "hold", "loosen", "none")
DRAWS, SEED = 96, 1


@pytest.fixture(scope="session")
def run_of():
    """Makes a run: what the front door hands to the report, without its options."""
    from fourfronts.analysis.checks import reproduce
    from fourfronts.analysis.ensemble import run_ensemble
    from fourfronts.analysis.summary import summarise
    from fourfronts.evidence.loader import load
    from fourfronts.inference.parameters import registry

    # The NumPy driver needs no compilation, which would take longer than these runs.
    drawn = {"draws": DRAWS, "seed": SEED, "driver": "numpy", "parameters": registry()}
    stood = run_ensemble(["drift"], **drawn)["drift"]
    checks = reproduce(stood)

    def make(packages=PACKAGES, beside=None, **options):
        ensembles = run_ensemble(packages, **(drawn | options))
        told = {"settings": options.get("settings", ()), "beside": beside}
        return SimpleNamespace(
            ensembles=ensembles,
            summary=summarise(ensembles, checks, seed=SEED, **told),
            evidence=load(),
            registry=registry(),
            stood=stood,
        )

    return make


@pytest.fixture(scope="session")
def beside():
    """Two worldviews and the past without channels, in few futures."""
    from fourfronts.analysis import worldviews
    from fourfronts.analysis.channels import closed
    from fourfronts.analysis.summary import Beside
    from fourfronts.inference.parameters import registry
    from fourfronts.policy.grid import DEFAULT_HORIZON
    from fourfronts.policy.loader import package, worldview

    options = {"draws": 24, "seed": SEED, "horizon": DEFAULT_HORIZON, "driver": "numpy"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worldviews, "worldviews", lambda: {name: worldview(name) for name in ("evidence", "takeoff")})
        views = worldviews.across([package("drift"), package("hold")], worldview("evidence"), **options)
    return Beside(views, closed(registry(), **options))


@pytest.fixture(scope="session")
def a_run(run_of, beside):
    """The four packages of the front door."""
    return run_of(beside=beside)


@pytest.fixture(scope="session")
def results(a_run, tmp_path_factory):
    """The folder that the run is written to."""
    from fourfronts.report.results import write_results

    target = tmp_path_factory.mktemp("results") / "out"
    write_results(target, a_run.ensembles, a_run.summary, a_run.registry, "fourfronts run --draws 96 --seed 1")
    return target


@pytest.fixture(scope="session")
def page_source(results):
    """The report's HTML."""
    return (results / "report.html").read_text(encoding="utf-8")

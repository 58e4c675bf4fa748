"""The front door opens at once: nothing heavy is loaded before it is needed."""

import subprocess
import sys
import time

import pytest

HEAVY = {
    "jax",
    "jaxlib",
    "numpy",
    "pandas",
    "scipy",
    "matplotlib",
    "pyarrow",
    "pydantic",
    "pint",
    "yaml",
    "fastapi",
}
HELP_SECONDS = 0.15


def _loaded(*arguments: str) -> set[str]:
    """Top-level names that Python's own import log mentions while it runs with these arguments."""
    done = subprocess.run([sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, check=True)
    return {
        line.rpartition("|")[2].strip().split(".")[0]
        for line in done.stderr.splitlines()
        if line.startswith("import time:")
    }


@pytest.mark.parametrize(
    "arguments",
    [("-c", "import fourfronts"), ("-m", "fourfronts", "--help"), ("-m", "fourfronts", "--version")],
    ids=["import fourfronts", "fourfronts --help", "fourfronts --version"],
)
def test_nothing_heavy_is_imported(arguments):
    loaded = _loaded(*arguments)
    assert "fourfronts" in loaded
    assert loaded & HEAVY == set()


def test_help_answers_before_a_person_notices():
    def seconds() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "fourfronts", "--help"], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - start

    # The fastest of several: the slower ones measure what else the machine was doing.
    assert min(seconds() for _ in range(7)) < HELP_SECONDS


def test_public_names_load_when_they_are_asked_for_and_unknown_ones_do_not():
    import fourfronts

    assert set(fourfronts.__all__) <= set(dir(fourfronts))
    for name in fourfronts.__all__:
        assert getattr(fourfronts, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'run_ensembel'"):
        _ = fourfronts.run_ensembel

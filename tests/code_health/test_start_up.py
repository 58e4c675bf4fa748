"""The front door opens at once: nothing heavy is loaded before it is needed."""

import subprocess
import sys

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


def test_public_names_load_when_they_are_asked_for_and_unknown_ones_do_not():
    import fourfronts

    assert set(fourfronts.__all__) <= set(dir(fourfronts))
    for name in fourfronts.__all__:
        assert getattr(fourfronts, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'run_ensembel'"):
        _ = fourfronts.run_ensembel

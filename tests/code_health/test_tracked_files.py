"""Nothing in the repository ties it to one machine, and nothing in it waits to be finished."""

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

# Each pattern is spelled so that it does not match itself.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.:~/-])/(?:root|work|tmp|home|Users)/\w",
    "a registry's address": r"pypi[.]org|python[h]osted[.]org|registry[.]npm|deb[.]debian|index-url[ =]http",
    "unfinished work": r"\b(?:TOD[O]|FIXM[E]|XX[X])\b",
}


def kept_files(root: Path) -> Iterator[Path]:
    """Files that git keeps or would keep: all but what .gitignore names."""
    lines = (root / ".gitignore").read_text().splitlines()
    ignored = {".git", *(line.strip("/") for line in lines if line and not line.startswith("#"))}
    folders = [root]
    while folders:
        inside = sorted(
            path for path in folders.pop().iterdir() if not any(fnmatch(path.name, pattern) for pattern in ignored)
        )
        folders += [path for path in inside if path.is_dir()]
        yield from (path for path in inside if path.is_file())


def _faults(path: Path, what: str) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:  # a picture
        return []
    return [
        f"{path}:{number}: {line.strip()[:120]}"
        for number, line in enumerate(text.splitlines(), start=1)
        if re.search(FORBIDDEN[what], line)
    ]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_contains(what, root):
    files = list(kept_files(root))
    assert root / "pyproject.toml" in files
    assert [fault for path in files for fault in _faults(path, what)] == []

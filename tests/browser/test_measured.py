"""The page can be measured: what the script looks for in it is there, and every series of moves ends."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "page.py"


def test_moves_are_measured_until_they_are_painted(server, view):
    done = subprocess.run(
        [sys.executable, SCRIPT, "--url", server.address, "--moves", "4"], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    found = re.findall(r"^(new level|level again|key): painted +([\d.]+)", done.stdout, re.MULTILINE)
    assert [name for name, _ in found] == ["new level", "level again", "key"]
    assert all(float(fastest) > 0 for _, fastest in found)

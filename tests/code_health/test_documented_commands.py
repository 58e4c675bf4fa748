"""Every `fourfronts` command that the documentation shows is run as it is written.

In README.md and docs/*.md a fence of kind `sh` holds commands, one of kind `console` holds commands after
`$ ` and what they print. A fence marked `sh no-run` is for what prepares a machine: make, git, pip and the
like. Any other fence marked with a file's name, as in `yaml plan.yaml`, is that file, and the page's commands
find it.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

SHELLS = {"sh", "console", "bash", "shell"}
PREPARES = {"make", "git", "cd", "pip", "python", "python3", "uv"}
FENCE = re.compile(r"^ *```(?P<kind>\S+)(?P<mark>[^\n]*)\n(?P<body>.*?)^ *```", re.MULTILINE | re.DOTALL)


class Shown(NamedTuple):
    """What a page asks its reader to type, and the files it gives them."""

    run: list[str]
    prepare: list[str]
    files: dict[str, str]


def shown_on(page: str) -> Shown:
    """The commands of a page in order, continued lines joined and comments dropped; and its files by name."""
    found = Shown([], [], {})
    for fence in FENCE.finditer(page):
        kind, mark, body = fence["kind"], fence["mark"].strip(), fence["body"]
        if kind not in SHELLS:
            found.files.update({mark: dedent(body)} if mark else {})
            continue
        lines = [line.strip() for line in body.replace("\\\n", " ").splitlines() if line.strip()]
        if kind == "console":
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        typed = [" ".join(line.split()) for line in lines if not line.startswith("#")]
        (found.prepare if mark == "no-run" else found.run).extend(typed)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_documented_commands_work(page, tmp_path):
    shown = shown_on(page.read_text(encoding="utf-8"))
    assert [line for line in shown.prepare if shlex.split(line)[0] not in PREPARES] == []
    assert [line for line in shown.run if not line.startswith("fourfronts ")] == [], "mark the fence no-run"

    for name, text in shown.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    # A command that a page shows twice has nothing new to say the second time.
    for line in dict.fromkeys(shown.run):
        done = subprocess.run(
            line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def test_the_readme_shows_a_run_of_the_model():
    assert any(line.startswith("fourfronts run") for line in shown_on(PAGES[0].read_text()).run)


def test_commands_and_files_are_found_whatever_the_fence():
    page = """Words, and `fourfronts inline` that is not a command.

```console
$ fourfronts run --draws 64 \\
    --package plan.yaml
drift   0.42
$ fourfronts evidence check
```

```sh
# what a mechanism rests on
fourfronts evidence show STOCK-059
```

```sh no-run
make run
```

1. An indented step:

   ```yaml plan.yaml
   base: drift
   ```

```yaml
fourfronts: neither a command nor a file
```
"""
    assert shown_on(page) == Shown(
        run=[
            "fourfronts run --draws 64 --package plan.yaml",
            "fourfronts evidence check",
            "fourfronts evidence show STOCK-059",
        ],
        prepare=["make run"],
        files={"plan.yaml": "base: drift\n"},
    )

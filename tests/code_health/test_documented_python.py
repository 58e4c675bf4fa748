"""Python in the documentation runs as it is written."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [(page.name, number, code) for page in PAGES for number, code in enumerate(FENCE.findall(page.read_text()))]


def test_the_documentation_shows_python() -> None:
    assert len(BLOCKS) >= 3


@pytest.mark.parametrize(("page", "number", "code"), BLOCKS, ids=[f"{page}-{number}" for page, number, _ in BLOCKS])
def test_python_on_a_page_runs(page: str, number: int, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(code, f"{page}:{number}", "exec"), {"__name__": "__documented__"})
    assert capsys.readouterr().out.strip(), "an example that prints nothing shows nothing"

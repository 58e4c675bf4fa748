"""The tutorials run from top to bottom as a reader runs them, and the repository holds them without results."""

import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "tutorials"
TUTORIALS = sorted(FOLDER.glob("*.ipynb"))
INDEX = FOLDER / "README.md"
LONGEST = 600
"""Seconds for one cell, on a machine that compiles the model first and is busy with other tests."""

# In the kernel, as `conftest.no_network` is in a test: it talks to its client on this machine and to nobody else.
AT_HOME = """
import socket

_connect = socket.socket.connect


def _at_home(self, address):
    if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
        raise RuntimeError(f"a tutorial tried to reach {address}")
    return _connect(self, address)


socket.socket.connect = _at_home
"""
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
PLACES = {
    "JUPYTER_PATH": "share/jupyter",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "IPYTHONDIR": "ipython",
    "MPLCONFIGDIR": "matplotlib",
}


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A kernel by the name that notebooks give: this Python, and no file of it outside a temporary folder."""
    for name, place in PLACES.items():
        (tmp_path / place).mkdir(parents=True)
        monkeypatch.setenv(name, str(tmp_path / place))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    # Figures are shown as a reader sees them; conftest has chosen otherwise for the tests' own process.
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (tmp_path / "share/jupyter/kernels/python3").mkdir(parents=True)
    spec = {"argv": command, "display_name": "Python 3", "language": "python"}
    (tmp_path / "share/jupyter/kernels/python3/kernel.json").write_text(json.dumps(spec))
    (tmp_path / "ipython/profile_default/startup").mkdir(parents=True)
    (tmp_path / "ipython/profile_default/startup/at_home.py").write_text(AT_HOME)
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere"


def executed(notebook, folder):
    """The notebook with the results of its cells; fails with the traceback of the first that raises."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    client = NotebookClient(notebook, timeout=LONGEST, kernel_name="python3", resources={"metadata": {"path": folder}})
    try:
        client.execute()
    except CellExecutionError as error:
        pytest.fail(COLOURS.sub("", str(error)), pytrace=False)
    return notebook


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_runs_and_shows_something(path, kernel):
    import nbformat

    done = executed(nbformat.read(path, as_version=4), kernel)
    results = [(cell.id, output) for cell in done.cells if cell.cell_type == "code" for output in cell.outputs]
    said = [(cell, output.text) for cell, output in results if output.get("name") == "stderr"]
    assert said == [], "a reader would see a warning"
    pictures = [output for _, output in results if "image/png" in output.get("data", {})]
    assert len(pictures) >= 2
    # A name of a file or a folder of the machine in what a reader sees would be one that the reader does not have.
    assert str(kernel.parent) not in json.dumps([output for _, output in results])
    assert list(kernel.iterdir()) == [], "a tutorial leaves no file behind"


def test_a_cell_that_fails_is_told_with_its_own_traceback(kernel):
    from nbformat.v4 import new_code_cell, new_notebook

    cells = [new_code_cell("share = 0.4"), new_code_cell("assert share > 0.5, 'less than half'")]
    with pytest.raises(pytest.fail.Exception, match=r"assert share > 0\.5") as caught:
        executed(new_notebook(cells=cells), kernel)
    assert "AssertionError: less than half" in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_tutorial_reaches_no_other_machine(kernel):
    from nbformat.v4 import new_code_cell, new_notebook

    cell = new_code_cell("import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=1)")
    with pytest.raises(pytest.fail.Exception, match="tried to reach"):
        executed(new_notebook(cells=[cell]), kernel)


def test_there_is_a_tutorial_for_each_reader():
    assert {path.stem for path in TUTORIALS} == {"analyst", "modeller", "sceptic", "mechanism"}


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_is_kept_without_results_and_without_a_machine(path):
    import nbformat

    text = path.read_text(encoding="utf-8")
    notebook = json.loads(text)
    nbformat.validate(notebook)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []
    assert [cell["id"] for cell in notebook["cells"] if cell["metadata"] or "attachments" in cell] == []
    # Cells have names and not numbers by chance, which a notebook server would give them.
    assert [cell["id"] for cell in notebook["cells"] if not re.fullmatch(r"[a-z]+(-[a-z]+)*", cell["id"])] == []
    assert text == json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "one form, so that a change shows alone"


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_types_no_result(path):
    """Numbers in the text come from cells: what a reader could find changed is computed where it is said."""
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "markdown"]
    results = re.compile(r"\d+(\.\d+)? ?(%|percent|months of lead|points|seconds)|\d\.\d", re.IGNORECASE)
    typed = [found[0] for cell in cells for line in cell["source"] for found in results.finditer(line)]
    assert [each for each in typed if not each.startswith(("90%", "5%", "95%", "50%"))] == []


def test_the_way_to_the_tutorials_is_written_down():
    index = INDEX.read_text(encoding="utf-8")
    assert set(re.findall(r"\]\((\w+\.ipynb)\)", index)) == {path.name for path in TUTORIALS}
    for page in (INDEX, ROOT / "README.md"):
        links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        assert [link for link in links if not (page.parent / link).exists()] == []
    assert "(docs/tutorials/README.md)" in (ROOT / "README.md").read_text(encoding="utf-8")

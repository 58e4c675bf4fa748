"""A real server behind every test of the page, started by the command that a reader types."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

COMMAND = Path(sys.executable).with_name("fourfronts")
FIRST_ANSWER = 120_000
"""Milliseconds; the model may have to be compiled on a busy machine."""
PATIENCE = 120_000
"""Milliseconds that the claims, or a question, may take when they are first asked for."""


class Server:
    """`fourfronts serve`, which can be stopped and started again at the same address."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.address = ""
        self.start("0")

    def start(self, port: str | None = None) -> None:
        port = port or self.address.rstrip("/").rpartition(":")[2]
        self.process = subprocess.Popen([COMMAND, "serve", "--port", port], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        said = self.process.stdout.readline()
        assert "http://" in said, said
        self.address = next(word for word in said.split() if word.startswith("http://"))

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        self.process.wait(timeout=20)
        if self.process.stdout:
            self.process.stdout.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", metavar="DIR", help="Where the pictures of the page are written.")


@pytest.fixture
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder for pictures: what `--pictures` says, given with this folder, or else one that is thrown away."""
    folder = Path(request.config.getoption("--pictures", default=None) or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all tests."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that a test may stop."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def answered() -> Callable[["Page"], None]:
    """Waits until a page has drawn an answer."""

    def wait(page: "Page") -> None:
        page.wait_for_selector("[data-median=released]", state="attached", timeout=FIRST_ANSWER)

    return wait


@pytest.fixture(scope="session")
def show() -> Callable[["Page", str], None]:
    """Goes to a view by its name."""

    def go(page: "Page", name: str) -> None:
        page.get_by_role("navigation").get_by_role("button", name=name).click()

    return go


@pytest.fixture(scope="session")
def schema(server: Server) -> dict[str, Any]:
    """What the page draws itself from."""
    with urllib.request.urlopen(f"{server.address}api/v1/schema") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


@pytest.fixture(scope="session")
def patience() -> float:
    """Milliseconds that a long answer may take."""
    return PATIENCE


@pytest.fixture
def view(page: "Page", server: Server, answered: Callable[["Page"], None]) -> "Page":
    """The main view on a laptop's screen, with its first answer."""
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(server.address)
    answered(page)
    return page

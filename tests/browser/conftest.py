"""A real server behind every test of the page, started by the command that a reader types."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

COMMAND = Path(sys.executable).with_name("fourfronts")
FIRST_ANSWER = 120_000
"""Milliseconds; the model may have to be compiled on a busy machine."""


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


@pytest.fixture
def view(page: "Page", server: Server, answered: Callable[["Page"], None]) -> "Page":
    """The main view on a laptop's screen, with its first answer."""
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(server.address)
    answered(page)
    return page

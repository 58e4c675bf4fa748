"""What every test relies on: no network, no display, repeatable examples, a browser where there is one."""

import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

# Before anything imports JAX or Matplotlib: tests need neither an accelerator nor a screen.
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["MPLBACKEND"] = "agg"
# A command started by a test is a user's command, with Python's own defaults.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.pop("PYTHONUNBUFFERED", None)
# A shell that runs the tests in the background has them ignore interrupts, and so would every command that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same tree gives the same verdict; two shared cores make wall-clock deadlines meaningless.
settings.register_profile("fourfronts", derandomize=True, deadline=None, max_examples=50, print_blob=True)
settings.load_profile("fourfronts")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root folder."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for another machine fails."""
    connect: Callable[..., None] = socket.socket.connect

    def connect_here(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            pytest.fail(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """A headless Chromium, the system's own; Playwright downloads none."""
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if path is None:
        pytest.skip(f"needs a browser: none of {', '.join(CHROMIUM_NAMES)} is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # In a container Chromium refuses to run as root with its sandbox, and crashes when /dev/shm is small.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: "Browser") -> Iterator["Page"]:
    """A fresh page; a script error on it, or a request that leaves this machine, fails the test."""
    troubles: list[str] = []

    def watch(request: "Request") -> None:
        if not request.url.startswith(("file:", "data:", "blob:", "about:", "http://127.0.0.1:")):
            troubles.append(f"request to {request.url}")

    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
    page.on("request", watch)
    yield page
    context.close()
    assert troubles == []

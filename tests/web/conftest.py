"""One server for the tests of this room, asked as a browser or a script asks it: through its port."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import httpx
import pytest
import uvicorn

from fourfronts.cli.run import page
from fourfronts.cli.serve import address, listening, questions
from fourfronts.web.app import create
from fourfronts.web.limits import Limits


class Server:
    """A server of this process at a free port, stopped when the test is over."""

    def __init__(self, limits: Limits, *, warm: bool = False, kept: Path | None = None) -> None:
        self.app = create(questions(), limits, report=page, warm=warm, kept=kept)
        self.listener = listening("127.0.0.1", 0)
        self.url = address(self.listener).rstrip("/")
        config = uvicorn.Config(self.app, log_level="warning", ws_max_size=limits.body)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]}, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        end = time.monotonic() + 20
        while not self.server.started:
            assert time.monotonic() < end, "the server does not start"
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(20)


@pytest.fixture(scope="session")
def serving():
    """Starts servers with limits of their own."""
    return Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server that most tests share."""
    with Server(Limits()) as found:
        yield found


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    """Asks it, below the interface's prefix."""
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=120) as found:
        yield found

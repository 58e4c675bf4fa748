"""What the measurements of the page's server share: a server of their own, a question to it, a line of numbers."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from websockets.sync.client import ClientConnection

LEVERS = ("export_finance", "threat_sharing", "location_verification", "hbm_controls")


@dataclass(frozen=True)
class Served:
    """Where a server is, its process where it is ours, and when it was started and said that it listens."""

    url: str
    process: int | None = None
    started: float = 0.0
    listening: float = 0.0

    @property
    def socket(self) -> str:
        """The address of its socket."""
        return f"{self.url.replace('http', 'ws', 1).rstrip('/')}/api/v1/live"


@contextlib.contextmanager
def server(url: str | None = None) -> Iterator[Served]:
    """A server that is there, or one that is started, and stopped in the end. Times are seconds since 1970."""
    if url:
        yield Served(url)
        return
    command = [sys.executable, "-u", "-m", "fourfronts", "serve", "--port", "0"]
    started = time.time()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout
        try:
            said = process.stdout.readline()
            yield Served(said.split()[3], process.pid, started, time.time())
        finally:
            process.terminate()


def ask(socket: ClientConnection, state: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    """Milliseconds of one question, and its answer's header. Raises RuntimeError where the answer is a problem."""
    began = time.perf_counter()
    socket.send(json.dumps({"request": 0, "state": state}))
    frame = socket.recv(timeout=120)
    taken = 1e3 * (time.perf_counter() - began)
    assert isinstance(frame, bytes)
    header: dict[str, Any] = json.loads(frame[4 : 4 + int.from_bytes(frame[:4], "little")])
    if "answer" not in header:
        raise RuntimeError(header["problem"])
    return taken, header["answer"]


def say(text: str) -> None:
    """A line that is seen at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def head() -> None:
    """The line over those of `told`."""
    say(f"{'milliseconds':<52}{'fastest':>8}{'median':>8}{'95%':>8}")


def told(what: str, values: Sequence[float]) -> tuple[float, float]:
    """One line: fastest, median, 95th percentile, and how busy the machine was. Gives the last two percentiles."""
    fastest, middle, late = (float(each) for each in np.percentile(values, [0, 50, 95]))
    say(f"{what:<52}{fastest:8.1f}{middle:8.1f}{late:8.1f}  {load()}")
    return middle, late


def load() -> str:
    """How many processes wanted a core during the last minute."""
    return f"load {os.getloadavg()[0]:.1f}"


def verdict(failures: Sequence[str]) -> int:
    """Exit code: 1, with a sentence for each limit that is missed."""
    for each in failures:
        say(f"missed: {each}")
    return 1 if failures else 0

"""How fast the page's server answers: one visitor alone, then many who drag at once. Run it beside nothing else.

python benchmarks/live.py [--visitors 20] [--seconds 20] [--url URL] starts a server of its own where none is named.
"""

import argparse
import contextlib
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from websockets.sync.client import ClientConnection, connect

LEVERS = ("export_finance", "threat_sharing", "location_verification", "hbm_controls")
VIEWS = ("evidence", "paper", "takeoff", "open-diffusion")
EIGHT = [
    "lead",
    "compute_by_channel",
    "compute_ratio",
    "capability",
    "adoption",
    "distribution",
    "resilience",
    "revenue",
]
ALONE = 200


@contextlib.contextmanager
def server(url: str | None) -> Iterator[tuple[str, int | None]]:
    """Where a server is, and its process where it is ours."""
    if url:
        yield url, None
        return
    command = [sys.executable, "-u", "-m", "fourfronts", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout
        try:
            yield process.stdout.readline().split()[3], process.pid
        finally:
            process.send_signal(2)


def ask(socket: ClientConnection, state: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    """Milliseconds of one question and its answer's header."""
    began = time.perf_counter()
    socket.send(json.dumps({"request": 0, "state": state}))
    frame = socket.recv(timeout=120)
    taken = 1e3 * (time.perf_counter() - began)
    assert isinstance(frame, bytes)
    header: dict[str, Any] = json.loads(frame[4 : 4 + int.from_bytes(frame[:4], "little")])
    assert "answer" in header, header
    return taken, header["answer"]


def told(what: str, values: Sequence[float], more: str = "") -> None:
    """One line: fastest, median, 95th percentile."""
    fastest, middle, late = np.percentile(values, [0, 50, 95])
    load = os.getloadavg()[0]
    sys.stdout.write(f"{what:<52}{fastest:8.1f}{middle:8.1f}{late:8.1f}  load {load:.1f} {more}\n")


def alone(address: str) -> None:
    """One visitor, who waits for each answer."""
    states: dict[str, tuple[int, Any]] = {
        "1,000 futures, two charts": (ALONE, lambda n: {"levers": {LEVERS[0]: {"level": n / ALONE}}}),
        "the same again, kept": (ALONE, lambda _: {}),
        "1,000 futures, eight charts": (60, lambda n: {"levers": {LEVERS[1]: {"level": n / 60}}, "charts": EIGHT}),
        "4,000 futures, two charts": (30, lambda n: {"levers": {LEVERS[2]: {"level": n / 30}}, "draws": 4000}),
        "a parameter changed, 1,000 futures": (30, lambda n: {"parameters": {"intelligence.open_rate": 0.3 + n / 60}}),
    }
    with connect(address, max_size=None) as socket:
        ask(socket, {})
        for name, (times, state) in states.items():
            ask(socket, state(times))
            found = [ask(socket, state(number)) for number in range(times)]
            told(f"{name}, round trip", [taken for taken, _ in found])
            if "kept" not in name:
                told(f"{name}, in the server", [1e3 * answer["seconds"] for _, answer in found])


def together(address: str, visitors: int, seconds: float) -> list[float]:
    """Many visitors, each of whom drags: the next question follows the answer at once."""
    taken: list[float] = []

    def drag(visitor: int) -> None:
        chance, end = random.Random(visitor), time.monotonic() + seconds  # noqa: S311
        with connect(address, max_size=None) as socket:
            while time.monotonic() < end:
                state = {"levers": {LEVERS[visitor % len(LEVERS)]: {"level": chance.random()}}}
                taken.append(ask(socket, state | {"worldview": VIEWS[visitor % len(VIEWS)]})[0])

    threads = [threading.Thread(target=drag, args=(visitor,)) for visitor in range(visitors)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return taken


def memory(process: int | None) -> str:
    """Megabytes that the server holds, where the system tells."""
    status = Path(f"/proc/{process}/status")
    found = re.search(r"VmRSS:\s+(\d+)", status.read_text()) if process and status.exists() else None
    return f"server holds {int(found[1]) // 1024} MB" if found else ""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--url")
    options = parser.parse_args()
    began = time.monotonic()
    with server(options.url) as (url, process):
        address = f"{url.replace('http', 'ws', 1).rstrip('/')}/api/v1/live"
        sys.stdout.write(f"{'milliseconds':<52}{'fastest':>8}{'median':>8}{'95%':>8}\n")
        with connect(address, max_size=None) as socket:
            ask(socket, {})
        sys.stdout.write(f"first answer {time.monotonic() - began:.1f} s after the start of the server\n")
        alone(address)
        for _ in range(options.rounds):
            taken = together(address, options.visitors, options.seconds)
            told(
                f"{options.visitors} visitors dragging, round trip",
                taken,
                f"{len(taken) / options.seconds:.0f} answers/s {memory(process)}",
            )


if __name__ == "__main__":
    main()

"""Many visitors who drag at once, by Locust: how long they wait, and whether the server's memory grows meanwhile.

python benchmarks/load.py [--visitors 20] [--minutes 60] [--csv FILE] [--check] [--url URL]

Starts a server of its own where none is named. Needs `pip install 'fourfronts[load]'`.
"""

import argparse
import csv
import itertools
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import gevent
import numpy as np
import psutil

# Before what uses sockets: Locust has them wait in its own way.
from locust import User, constant, task
from locust.env import Environment
from serving import LEVERS, ask, load, say, server, verdict
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

VIEWS = ("evidence", "paper", "takeoff", "open-diffusion")
NAME = "/api/v1/live"
COLUMNS = ("minute", "server_mb", "answers_per_second", "median_ms", "late_ms", "failures", "load")
LATEST = 1000.0
"""Milliseconds: what 95 of 100 answers may take."""
SETTLED = 10
"""Minutes after which every worldview has its draws kept and memory may not grow any more."""
GROWTH = 0.05
"""By which share memory may be larger at the end all the same: the allocator gives back when it likes."""


class Visitor(User):
    """Drags one lever under one worldview: the next question follows the answer at once, as from the page."""

    wait_time = constant(0)
    numbers: Iterator[int] = itertools.count()
    host = ""
    socket: ClientConnection | None = None

    def on_start(self) -> None:
        """Become one of the visitors, each of whom has an own lever, worldview and hand."""
        number = next(Visitor.numbers)
        self.lever, self.view = LEVERS[number % len(LEVERS)], VIEWS[number % len(VIEWS)]
        self.chance = random.Random(number)  # noqa: S311

    def on_stop(self) -> None:
        """Leave."""
        if self.socket:
            self.socket.close()

    @task
    def drag(self) -> None:
        """One move, to a level where the lever has not been."""
        state = {"levers": {self.lever: {"level": self.chance.random()}}, "worldview": self.view}
        began, failure = time.perf_counter(), None
        try:
            if self.socket is None:
                self.socket = connect(self.host, max_size=None, ping_interval=None)
                began = time.perf_counter()
            ask(self.socket, state)
        except (OSError, RuntimeError, WebSocketException) as error:
            failure, self.socket = error, None
            time.sleep(1)
        self.environment.events.request.fire(
            request_type="WS",
            name=NAME,
            response_time=1e3 * (time.perf_counter() - began),
            response_length=0,
            exception=failure,
            context={},
        )


class Minutes:
    """What happened in each minute: a line on the screen and in a file."""

    def __init__(self, table: TextIO | None) -> None:
        self.taken: list[float] = []
        self.failures = 0
        self.memory: list[float] = []
        self.table = csv.writer(table) if table else None
        self.write(COLUMNS)

    def heard(self, response_time: float, exception: Exception | None, **_: Any) -> None:
        """One answer, from Locust."""
        if exception:
            self.failures += 1
        else:
            self.taken.append(response_time)

    def write(self, row: Any) -> None:
        """One line."""
        say("".join(f"{each!s:>20}" for each in row))
        if self.table:
            self.table.writerow(row)

    def end(self, process: psutil.Process | None, seconds: float) -> None:
        """Close a minute and begin the next."""
        taken, self.taken = self.taken, []
        middle, late = np.percentile(taken, [50, 95]) if taken else (np.nan, np.nan)
        memory = process.memory_info().rss / 2**20 if process else np.nan
        self.memory.append(memory)
        numbers = (f"{memory:.1f}", f"{len(taken) / seconds:.1f}", f"{middle:.0f}", f"{late:.0f}", self.failures)
        self.write((len(self.memory), *numbers, load().split()[1]))


def drag_together(address: str, visitors: int, minutes: int, told: Minutes, memory: Callable[[], Any]) -> Environment:
    """Have the visitors drag for so many minutes. Minutes in which this process stands still are not counted."""
    environment = Environment(user_classes=[Visitor], host=address)
    environment.events.request.add_listener(told.heard)
    runner = environment.create_local_runner()
    runner.start(visitors, spawn_rate=visitors)
    for _ in range(minutes):
        began = time.monotonic()
        gevent.sleep(60)
        told.end(memory(), time.monotonic() - began)
    runner.quit()
    return environment


def missed(environment: Environment, memory: list[float]) -> list[str]:
    """Which limits are missed."""
    total, found = environment.stats.total, []
    late = total.get_response_time_percentile(0.95)
    if late >= LATEST:
        found.append(f"95 of 100 answers within {late:.0f} ms; the limit is {LATEST:.0f}")
    if total.num_failures:
        found.append(f"{total.num_failures} of {total.num_requests} questions were not answered")
    if len(memory) > SETTLED and memory[-1] > memory[SETTLED - 1] * (1 + GROWTH):
        found.append(f"memory grew from {memory[SETTLED - 1]:.0f} to {memory[-1]:.0f} MB after minute {SETTLED}")
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--csv", type=Path, help="a file for the table of minutes")
    parser.add_argument("--check", action="store_true", help="exit code 1 where a limit is missed")
    parser.add_argument("--url", help="a server that runs already; its memory is not seen")
    options = parser.parse_args()
    with server(options.url) as served:
        process = psutil.Process(served.process) if served.process else None
        with connect(served.socket, max_size=None) as socket:
            for view in VIEWS:
                ask(socket, {"worldview": view})
        table = options.csv.open("w", newline="", buffering=1) if options.csv else None
        told = Minutes(table)
        environment = drag_together(served.socket, options.visitors, options.minutes, told, lambda: process)
        if table:
            table.close()
    total = environment.stats.total
    say(
        f"{options.visitors} visitors, {total.num_requests} questions, {total.num_failures} not answered; by Locust"
        f" median {total.median_response_time:.0f} ms, 95% {total.get_response_time_percentile(0.95):.0f} ms"
    )
    return verdict(missed(environment, told.memory) if options.check else [])


if __name__ == "__main__":
    sys.exit(main())

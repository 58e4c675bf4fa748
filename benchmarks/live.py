"""How fast the page's server answers one visitor who waits for each answer. Run it beside nothing else.

python benchmarks/live.py [--url URL] starts a server of its own where none is named.
"""

import argparse
import time
from typing import Any

from serving import LEVERS, ask, head, say, server, told
from websockets.sync.client import connect

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
TIMES = 200


def alone(address: str) -> None:
    """One visitor, who waits for each answer."""
    states: dict[str, tuple[int, Any]] = {
        "1,000 futures, two charts": (TIMES, lambda n: {"levers": {LEVERS[0]: {"level": n / TIMES}}}),
        "the same again, kept": (TIMES, lambda _: {}),
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url")
    options = parser.parse_args()
    began = time.monotonic()
    with server(options.url) as served:
        head()
        with connect(served.socket, max_size=None) as socket:
            ask(socket, {})
        say(f"first answer {time.monotonic() - began:.1f} s after the start of the server")
        alone(served.socket)


if __name__ == "__main__":
    main()

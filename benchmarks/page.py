"""How fast the page is in headless Chromium: its first load, its weight, and each move until the charts are painted.

python benchmarks/page.py [--moves 250] [--check] [--url URL] starts a server of its own where none is named.
"""

import argparse
import base64
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Page, sync_playwright
from serving import Served, head, load, say, server, told, verdict

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SCREEN = {"width": 1366, "height": 768}
SECONDS = 120
PAUSE = 0.15
LIMITS = {"median": 50.0, "95%": 100.0, "first": 2.0, "weight": 600.0}
"""Milliseconds of the median move and of 95 of 100, seconds of the first load, kilobytes of the page."""

WATCH = """
(() => {
  const state = { out: 0, levers: null, first: null, move: null };
  const now = () => performance.now();
  const afterPaint = (done) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(now());
    channel.port2.postMessage(0);
  };
  // In the frame the charts are painted; a task after it comes when they are; the next frame when that is surely over.
  const painted = (done) => requestAnimationFrame(() => {
    let task;
    afterPaint((at) => (task = at));
    requestAnimationFrame(() => done({ task: task ?? now(), frame: now() }));
  });
  window.WebSocket = class extends window.WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', () => {
        state.out -= 1;
        const move = state.move;
        if (!move || move.began === undefined || move.answered) return;
        move.answered = now();
        painted((at) => move.done({ answer: move.answered - move.began, task: at.task - move.began,
          frame: at.frame - move.began, changed: move.changed }));
      });
    }
    send(data) { state.out += 1; super.send(data); }
  };
  window.idle = () => new Promise((done) => {
    const look = () => (state.out === 0 ? painted(() => (state.out === 0 ? done() : look())) : setTimeout(look, 2));
    look();
  });
  window.arm = () => {
    const move = { changed: false };
    move.over = new Promise((done) => (move.done = done));
    const observer = new MutationObserver(() => { if (move.answered) move.changed = true; });
    observer.observe(document.querySelector('.charts'), { subtree: true, attributes: true, attributeFilter: ['d'] });
    move.over.then(() => { observer.disconnect(); state.move = null; });
    state.move = move;
    return move;
  };
  addEventListener('keydown', (event) => {
    if (state.move && state.move.began === undefined) state.move.began = event.timeStamp;
  }, true);
  const firstTime = (what, name) => {
    const seen = new MutationObserver(() => {
      if (!document.querySelector(what)) return;
      seen.disconnect();
      painted((at) => (state[name] = performance.timeOrigin + at.frame));
    });
    seen.observe(document, { subtree: true, childList: true });
  };
  firstTime('[data-lever]', 'levers');
  firstTime('[data-median=released]', 'first');
  const loaded = () => performance.timeOrigin + performance.getEntriesByType('navigation')[0].loadEventEnd;
  window.times = () => state.first && [loaded(), state.levers, state.first];
})();
"""
MOVE = """
async ([id, value]) => {
  await idle();
  const slider = document.getElementById(id);
  const move = arm();
  slider.value = value;
  move.began = performance.now();
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  return await move.over;
}
"""
ARM = "async () => { await idle(); window.move = arm(); }"
OVER = "() => window.move.over"
RELEASE = """
async (id) => {
  document.getElementById(id).dispatchEvent(new Event('change', { bubbles: true }));
  await idle();
}
"""
SLIDERS = """
() => [...document.querySelectorAll('[data-lever] input[type=range]')].map(
  (each) => ({ id: each.id, low: +each.min, high: +each.max, step: +each.step, now: +each.value }))
"""


class Weight:
    """What comes over the network: kilobytes of every request, as they are sent, and of the socket."""

    def __init__(self, page: Page) -> None:
        self.requests, self.page, self.socket = 0, 0.0, 0.0
        session = page.context.new_cdp_session(page)
        session.on("Network.loadingFinished", self._request)
        session.on("Network.webSocketFrameReceived", self._frame)
        session.send("Network.enable")

    def _request(self, event: dict[str, Any]) -> None:
        self.requests += 1
        self.page += event["encodedDataLength"] / 1e3

    def _frame(self, event: dict[str, Any]) -> None:
        data, text = event["response"]["payloadData"], event["response"]["opcode"] == 1
        self.socket += (len(data) if text else len(base64.b64decode(data))) / 1e3


def open_page(page: Page, served: Served) -> Iterator[str]:
    """Load the page for the first time and tell how long that took and what it weighed; what is missed is given."""
    weight = Weight(page)
    page.add_init_script(WATCH)
    page.goto(served.url)
    page.wait_for_function("() => window.times()", timeout=1e3 * SECONDS)
    page.evaluate("() => idle()")
    if served.process:
        loaded, levers, painted = (each / 1e3 - served.listening for each in page.evaluate("() => window.times()"))
        say(f"server listens {served.listening - served.started:.2f} s after its command; after that, in seconds:")
        say(f"  page loaded {loaded:.2f}, levers painted {levers:.2f}, first answer painted {painted:.2f}  {load()}")
        if painted >= LIMITS["first"]:
            yield f"first answer painted {painted:.2f} s after the server listens; limit {LIMITS['first']:.0f} s"
    say(f"{weight.page:.0f} kB in {weight.requests} requests as sent, {weight.socket:.0f} kB over the socket")
    if weight.page + weight.socket >= LIMITS["weight"]:
        yield f"the page weighs {weight.page + weight.socket:.0f} kB; limit {LIMITS['weight']:.0f} kB"


def places(slider: dict[str, Any], count: int) -> list[float]:
    """Places on a slider's track, all different and none where it stands."""
    steps = round((slider["high"] - slider["low"]) / slider["step"])
    stands = round((slider["now"] - slider["low"]) / slider["step"])
    chosen = [each for each in range(steps + 1) if each != stands][:: max(1, steps // count)][:count]
    return [slider["low"] + each * slider["step"] for each in chosen]


def drag(page: Page, sliders: list[dict[str, Any]], moves: int) -> list[dict[str, Any]]:
    """Every slider in turn to places where nobody has been."""
    found, each_moves = [], -(-moves // len(sliders))
    for slider in sliders:
        found += [page.evaluate(MOVE, [slider["id"], str(place)]) for place in places(slider, each_moves)]
        page.evaluate(RELEASE, slider["id"])
    return found


def between_two(page: Page, slider: dict[str, Any], moves: int) -> list[dict[str, Any]]:
    """One slider to and fro between two places, whose answers are kept after the first time."""
    ends = [str(slider["low"]), str(slider["high"])]
    found = [page.evaluate(MOVE, [slider["id"], ends[number % 2]]) for number in range(moves + 2)]
    page.evaluate(RELEASE, slider["id"])
    return found[2:]


def press(page: Page, slider: dict[str, Any], moves: int) -> list[dict[str, Any]]:
    """One slider by its keys, from its lower end up."""
    page.locator(f"#{slider['id']}").focus()
    page.keyboard.press("Home")
    found = []
    for _ in range(moves):
        page.evaluate(ARM)
        page.keyboard.press("ArrowRight")
        # The call that fetches the result would take a core from what is measured.
        time.sleep(PAUSE)
        found.append(page.evaluate(OVER))
    return found


def shown(what: str, moves: list[dict[str, Any]]) -> tuple[float, float]:
    """Lines about a series of moves. Gives the median and 95th percentile until the charts are surely painted."""
    changed = [each for each in moves if each["changed"]]
    if not changed:
        raise SystemExit(f"{what}: no move changed a chart")
    told(f"{what}: answer is there", [each["answer"] for each in changed])
    told(f"{what}: painted", [each["task"] for each in changed])
    found = told(f"{what}: next frame begins", [each["frame"] for each in changed])
    say(f"  {len(changed)} moves; {len(moves) - len(changed)} more changed no chart")
    return found


def measure(page: Page, served: Served, moves: int) -> list[str]:
    """Everything; what is missed is given."""
    missed = list(open_page(page, served))
    sliders = page.evaluate(SLIDERS)
    head()
    series: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "new level": lambda: drag(page, sliders[1:], moves),
        "level again": lambda: between_two(page, sliders[1], moves),
        "key": lambda: press(page, sliders[0], min(moves, 90)),
    }
    for name, run in series.items():
        for what, found in zip(("median", "95%"), shown(name, run()), strict=True):
            # The limits are those of a slider that is dragged.
            if name != "key" and found >= LIMITS[what]:
                missed.append(f"{name}: {what} {found:.0f} ms; limit {LIMITS[what]:.0f} ms")
    return missed


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--moves", type=int, default=250)
    parser.add_argument("--check", action="store_true", help="exit code 1 where a limit is missed")
    parser.add_argument("--url", help="a server that runs already; its start is not seen")
    options = parser.parse_args()
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        raise SystemExit(f"needs a browser: none of {', '.join(CHROMIUM)} is installed")
    with sync_playwright() as playwright:
        # In a container Chromium refuses to run as root with its sandbox, and crashes when /dev/shm is small.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page = browser.new_context(viewport=SCREEN).new_page()  # type: ignore[arg-type]
        page.goto("about:blank")
        with server(options.url) as served:
            missed = measure(page, served, options.moves)
            browser.close()
    return verdict(missed if options.check else [])


if __name__ == "__main__":
    sys.exit(main())

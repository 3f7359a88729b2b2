"""The workstation in a real browser: opening cases, window and level, memory.

``scripts/bench viewer [open] [drag] [memory] [--draw cpu|gpu]``; by default all of them, drawn by
the processor (as the page chooses without a graphics card) and by a graphics card that a program
imitates (SwiftShader). The server is ``myeloscope serve`` in a process of its own and warm; browser
and server share the machine. Times are taken in the page: from the address to the last image's
rendering, and from a movement of the mouse to the rendering of both images; *CPU* is what all
processes of the browser took for one, which a busy machine does not stretch.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from myeloscope.trial.protocol import Order
from myeloscope.trial.sequence import order_of
from tests.viewer.browser import CHROMIUM, SIZE, Server, drawn, log_in
from tests.viewer.study import SEEDS, TRIAL, both, found

LIMIT_OPEN_S, LIMIT_NEXT_S, LIMIT_DRAG_S, LIMIT_GROWTH = 1.5, 0.5, 0.033, 0.10
OPENED, MOVES = 20, 100
CASES = 100
SETTLED = 20
"""So many cases are opened before memory is taken for the first time."""
OPEN = """async (hash) => {
  const before = document.querySelector('[data-ready=true]');
  const began = performance.now();
  if (hash === null) {
    dispatchEvent(new KeyboardEvent('keydown', { key: 'PageDown' }));
  } else {
    location.hash = hash;
  }
  for (;;) {
    await new Promise((done) => setTimeout(done, 4));
    const now = document.querySelector('[data-ready=true]');
    if (now !== null && now !== before) return (performance.now() - began) / 1000;
  }
}"""
WATCH = """() => {
  const panes = [...document.querySelectorAll('.picture')];
  window.bench = { moved: 0, open: new Set(), took: [] };
  document.addEventListener('mousemove', () => {
    Object.assign(window.bench, { moved: performance.now(), open: new Set(panes) });
  }, true);
  for (const pane of panes) {
    pane.addEventListener('CORNERSTONE_IMAGE_RENDERED', () => {
      if (window.bench.open.delete(pane) && window.bench.open.size === 0) {
        window.bench.took.push((performance.now() - window.bench.moved) / 1000);
      }
    });
  }
}"""


@dataclass(frozen=True, slots=True)
class Measured:
    """A line of the table: what, the figure, its limit, and whether it is kept."""

    what: str
    found: str
    limit: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """A reader's browser before a trial whose cases may be opened in any order."""

    page: Page
    whole: CDPSession
    base: str
    draw: str
    reads: tuple[str, ...]

    def hash_of(self, at: int) -> str:
        """Return the address of a case, the part after ``#``."""
        return f"#/trials/{TRIAL}/reads/{self.reads[at % len(self.reads)]}"

    def begin(self) -> None:
        """Open the first case, so that the page and its program are there."""
        self.page.goto(f"{self.base}/?draw={self.draw}{self.hash_of(0)}")
        drawn(self.page)

    def cpu_s(self) -> float:
        """Return the processor time of all of the browser's processes so far, s."""
        return float(sum(each["cpuTime"] for each in processes(self.whole)))

    def open(self, at: int) -> float:
        """Return how long a case takes to be drawn, s."""
        took: float = self.page.evaluate(OPEN, self.hash_of(at))
        return took

    def next(self) -> float:
        """Return how long the next case takes to be drawn by its key, s, its images fetched."""
        self.page.wait_for_load_state("networkidle")
        took: float = self.page.evaluate(OPEN, None)
        return took


def p95(took: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(took, n=20)[-1]


def opening(desk: Desk) -> Iterator[Measured]:
    """Open cases that nothing was fetched of, then go from case to case."""
    desk.begin()
    cpu = desk.cpu_s()
    took = [desk.open(2 * number) for number in range(1, OPENED + 1)]
    spent = (desk.cpu_s() - cpu) / OPENED
    yield _times("case to both images drawn", took, spent, (LIMIT_OPEN_S, desk.draw))
    desk.begin()
    cpu = desk.cpu_s()
    took = [desk.next() for _ in range(OPENED)]
    spent = (desk.cpu_s() - cpu) / OPENED
    yield _times("next case, prefetched", took, spent, (LIMIT_NEXT_S, desk.draw))


def dragging(desk: Desk) -> Iterator[Measured]:
    """Drag window and level on one image; both follow."""
    desk.begin()
    page = desk.page
    page.evaluate(WATCH)
    box = page.locator(".picture").first.bounding_box()
    if box is None:
        raise RuntimeError("no image is shown")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    cpu = desk.cpu_s()
    for step in range(1, MOVES + 1):
        page.mouse.move(x + 60 * ((step % 20) - 10) / 10, y + 3 * (step % 7))
        page.wait_for_function("count => window.bench.took.length >= count", arg=step)
    page.mouse.up()
    spent = (desk.cpu_s() - cpu) / MOVES
    took: list[float] = page.evaluate("window.bench.took")
    what = "window and level, redraw of both images"
    yield _times(what, took, spent, (LIMIT_DRAG_S, desk.draw))


def memory(desk: Desk) -> Iterator[Measured]:
    """Go through a hundred cases and compare the page's memory with that of the first ones.

    Counted are JavaScript's heap, its buffers and the engine's own objects after a collection of
    garbage. What the processes have says less: whoever drives a browser by its debugger has it keep
    every response (a page that fetches frames and drops them grows by 0.7 MB a frame).
    """
    desk.begin()
    own = desk.page.context.new_cdp_session(desk.page)
    seen: list[float] = []
    for number in range(1, CASES + 1):
        desk.open(number)
        if number >= SETTLED and number % 10 == 0:
            seen.append(heap_mb(own))
    growth = statistics.median(seen[-3:]) / statistics.median(seen[:3]) - 1
    what = f"page's memory after {CASES} cases against {SETTLED} to {SETTLED + 20}, {desk.draw}"
    told = f"{seen[0]:.1f} to {seen[-1]:.1f} MB, {100 * growth:+.1f} %"
    limit = f"{100 * LIMIT_GROWTH:.0f} %"
    yield Measured(what, told, limit, growth <= LIMIT_GROWTH)


def heap_mb(page: CDPSession) -> float:
    """Return what a page holds after a collection of garbage, MB."""
    page.send("HeapProfiler.collectGarbage")
    found = page.send("Runtime.getHeapUsage")
    parts = ("usedSize", "backingStorageSize", "embedderHeapUsedSize")
    return sum(float(found[part]) for part in parts) / 1e6


def processes(browser: CDPSession) -> list[dict[str, Any]]:
    """Return what a browser says of its processes: ``id`` and ``cpuTime``, s."""
    found: list[dict[str, Any]] = browser.send("SystemInfo.getProcessInfo")["processInfo"]
    return found


def _times(what: str, took: Sequence[float], cpu: float, against: tuple[float, str]) -> Measured:
    limit, draw = against
    middle, late = statistics.median(took), p95(took)
    told = f"{1e3 * middle:.0f}, {1e3 * late:.0f} ms (CPU {1e3 * cpu:.0f})"
    name = f"{what}, {draw}: median, p95 of {len(took)}"
    return Measured(name, told, f"{1e3 * limit:.0f} ms", late <= limit)


BENCHES: Mapping[str, Callable[[Desk], Iterator[Measured]]] = {
    "open": opening,
    "drag": dragging,
    "memory": memory,
}


def made(folder: Path) -> tuple[str, ...]:
    """Make the trial: phantoms of 512 x 512 pixels, two stations each; return ann's reads."""
    protocol = replace(both(), order=Order.FREE_IN_BLOCK, block_size=10 * CASES)
    site = found(folder, protocol, SEEDS * 8)
    reads = order_of(site.store.log.trial(TRIAL), "reader 1")
    names = tuple(read.assignment.id for read in reads)
    site.store.close()
    return names


def measured(
    browser: Browser, server: Server, reads: tuple[str, ...], chosen: Sequence[tuple[str, str]]
) -> Iterator[Measured]:
    """Yield the lines of the chosen benchmarks, each in a fresh window: name and who draws."""
    for name, draw in chosen:
        context = browser.new_context(viewport=SIZE)
        page = context.new_page()
        log_in(page, server.base, "ann")
        yield from BENCHES[name](
            Desk(page, browser.new_browser_cdp_session(), server.base, draw, reads)
        )
        context.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks, print the table, return 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description="The workstation in a real browser.")
    parser.add_argument("what", nargs="*", choices=[[], *BENCHES], help="open, drag, memory (all)")
    parser.add_argument("--draw", choices=("cpu", "gpu"), help="only this way (default: both)")
    options = parser.parse_args(argv)
    ways = (options.draw,) if options.draw else ("cpu", "gpu")
    chosen = [(name, draw) for name in options.what or BENCHES for draw in ways]
    kept = True
    load = os.getloadavg()[0]
    print(
        f"{os.cpu_count()} CPUs, load {load:.1f}\n\n| | found | limit |\n|---|---|---|", flush=True
    )
    with tempfile.TemporaryDirectory() as name, sync_playwright() as started:
        reads = made(Path(name) / "data")
        server = Server(Path(name) / "data")
        server.start()
        browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
        for line in measured(browser, server, reads, chosen):
            kept &= line.kept
            mark = "" if line.kept else " (!)"
            print(f"| {line.what} | {line.found}{mark} | {line.limit} |", flush=True)
        browser.close()
        server.kill()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())

"""A browser and a server for it: what people do on a page, and what must be true of every page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, ViewportSize, expect

from myeloscope.server.site import make_site
from myeloscope.store.folder import open_store
from tests.server.live import running
from tests.viewer.study import PASSWORD

ROOT = Path(__file__).parents[2]
AXE = ROOT / "viewer" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = Path(os.environ.get("MYELOSCOPE_PICTURES", ROOT / "out" / "pages"))
"""Where the pages' pictures go; ``python -m docs.make_viewer_figures`` sends them to the docs."""
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CHROMIUM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--enable-unsafe-swiftshader",
)  # fmt: skip
SIZE = ViewportSize(width=1280, height=800)
WAIT_MS = 60_000


@dataclass(eq=False)
class Server:
    """``myeloscope serve`` in a process of its own, which may be killed and started again."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None

    @property
    def base(self) -> str:
        """Return the server's address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it says where it listens."""
        command = [sys.executable, "-m", "myeloscope", "serve", "--data", str(self.folder)]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)], stdout=subprocess.PIPE, text=True
        )
        line = self._line()
        found = re.search(r":(\d+)$", line)
        assert found is not None, line
        self.port = int(found.group(1))
        wait_for(self.base)

    def _line(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        """End the server without a warning."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Give the address of a server of a data folder, which runs in a thread of this process."""
    store = open_store(folder)
    with running(make_site(store)) as port:
        yield f"http://127.0.0.1:{port}"
    store.close()


def wait_for(base: str) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + WAIT_MS / 1000
    while not _answers(base):
        assert time.monotonic() < until, "the server does not answer"
        time.sleep(0.02)


def _answers(base: str) -> bool:
    try:
        with urlopen(f"{base}/api/health", timeout=WAIT_MS / 1000) as answer:
            return bool(answer.status == 200)
    except URLError:
        return False


def log_in(page: Page, base: str, name: str, password: str = PASSWORD) -> None:
    """Log in by the form."""
    page.goto(base)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Trials").wait_for()


def drawn(page: Page) -> None:
    """Wait until every image of a case is drawn."""
    page.locator("[data-ready=true]").wait_for()


def saved(page: Page) -> None:
    """Wait until the server has everything."""
    expect(page.locator(".saved[data-state=saved]")).to_be_visible()


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page, and look for what would keep people out of it."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")
    assert barriers(page) == []


def barriers(page: Page) -> list[tuple[str, str]]:
    """Return what axe finds against WCAG 2.2 AA, rule and element; images are exempt."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "tag", "values": LEVELS}}
    found: dict[str, Any] = page.evaluate(
        "options => axe.run({exclude: [['.picture']]}, options)", options
    )
    assert found["passes"], "axe looked at nothing"
    return [
        (each["id"], node["target"][0]) for each in found["violations"] for node in each["nodes"]
    ]

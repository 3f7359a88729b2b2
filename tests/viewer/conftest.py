"""One browser for all tests of the viewer, a server and a page of its own for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.viewer.browser import CHROMIUM, SIZE, WAIT_MS, Server, serving
from tests.viewer.study import found

NewPage = Callable[[], Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give Chromium, as the system installs it.

    One for each file: its event loop must be gone before tests that run a server in this process.
    """
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as started:
        made = started.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
        yield made
        made.close()


@pytest.fixture(scope="session")
def ready_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of an open trial, to be copied."""
    folder = tmp_path_factory.mktemp("study") / "data"
    found(folder).store.close()
    return folder


@pytest.fixture
def base(ready_study: Path, tmp_path: Path) -> Iterator[str]:
    """Give the address of a server of a trial of one's own."""
    copytree(ready_study, tmp_path / "data")
    with serving(tmp_path / "data") as made:
        yield made


@pytest.fixture
def server(ready_study: Path, tmp_path: Path) -> Iterator[Server]:
    """Give a server in a process of its own, which may be killed and started again."""
    copytree(ready_study, tmp_path / "data")
    made = Server(tmp_path / "data")
    made.start()
    yield made
    made.kill()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Give pages of people of their own; a page that fails in its program fails the test."""
    contexts, failures = [], []

    def make() -> Page:
        context = browser.new_context(viewport=SIZE, reduced_motion="reduce")
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda said: _policy(said.text, failures))
        return page

    yield make
    for context in contexts:
        context.close()
    assert failures == []


def _policy(said: str, failures: list[str]) -> None:
    if "Content Security Policy" in said:
        failures.append(said)

"""Members of a panel agree on one answer, in whatever order the server's answers arrive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Grade
from myeloscope.server.site import Site, make_site
from myeloscope.store.folder import open_store
from myeloscope.trial.answer import Answer, RegionAnswer
from myeloscope.trial.event import ReadSaved, ReadStarted, Voted
from myeloscope.trial.sequence import order_of
from tests.viewer.browser import drawn, log_in, saved, serving
from tests.viewer.conftest import NewPage
from tests.viewer.study import TRIAL

PANEL = ("cat", "dan", "eve")


def _answer(thoracic: int) -> Answer:
    none = RegionAnswer(grade=Grade(0), confidence=5)
    graded = replace(none, grade=Grade(thoracic))
    return Answer({**dict.fromkeys(Region, none), Region.THORACIC: graded})


class _Panel:
    """A panel whose members have voted and hold a first draft; what others do comes from here."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.ids = {account.name: account.id for account in site.accounts.every()}
        self.read = next(iter(order_of(site.store.log.trial(TRIAL), "RIC"))).assignment.id
        cat = self.ids["cat"]
        site.trials.read(TRIAL, ReadStarted(self.read), cat)
        for name in PANEL:
            site.trials.read(TRIAL, Voted(self.read, _answer(1)), self.ids[name])
        self.saved(0, 1)

    def saved(self, base: int, thoracic: int) -> None:
        """Let another member save the panel's answer."""
        self.site.trials.read(TRIAL, ReadSaved(self.read, base, _answer(thoracic)), self.ids["cat"])


@pytest.fixture
def panel(ready_study: Path, tmp_path: Path) -> Iterator[tuple[_Panel, str]]:
    copytree(ready_study, tmp_path / "data")
    store = open_store(tmp_path / "data")
    made = _Panel(make_site(store))
    with serving(tmp_path / "data") as base:
        yield made, base
    store.close()


def _open(page: Page, base: str) -> None:
    log_in(page, base, "dan")
    page.get_by_role("link", name="MR myelography and cisternography").click()
    page.get_by_role("button", name="reading").click()
    drawn(page)


def _agree(page: Page) -> None:
    page.get_by_role("button", name="Agree and lock").click()
    page.get_by_role("button", name="Lock it").click()


class _Late:
    """Answers the page's first look at a read when told to, with what was true when it was asked.

    Once that is done every further look fails, so that none can put right what the late one did.
    """

    def __init__(self, page: Page, read: str) -> None:
        self.page, self.read = page, read
        self.asked: tuple[Route, APIResponse] | None = None
        self.released = False
        page.route(f"**/reads/{read}", self._look)

    def _look(self, route: Route) -> None:
        if self.asked is None:
            self.asked = (route, route.fetch())
        elif self.released:
            route.abort()
        else:
            route.continue_()

    def wait(self) -> None:
        """Wait until the page has looked."""
        while self.asked is None:
            self.page.wait_for_timeout(100)

    def release(self) -> None:
        """Let the answer arrive."""
        assert self.asked is not None
        self.released = True
        route, answer = self.asked
        with self.page.expect_event("requestfinished", lambda each: each is route.request):
            route.fulfill(response=answer)
        self.page.wait_for_timeout(200)


def test_what_was_asked_before_a_member_agreed_takes_nothing_back(
    panel: tuple[_Panel, str], new_page: NewPage
) -> None:
    made, base = panel
    page = new_page()
    _open(page, base)
    late = _Late(page, made.read)
    late.wait()
    _agree(page)
    agreed = page.get_by_text("You have agreed.")
    agreed.wait_for()
    late.release()
    assert agreed.is_visible()


def test_what_was_asked_before_a_save_takes_nothing_back(
    panel: tuple[_Panel, str], new_page: NewPage
) -> None:
    made, base = panel
    page = new_page()
    _open(page, base)
    late = _Late(page, made.read)
    late.wait()
    page.keyboard.type("t3")
    expect(page.locator(".saved[data-state=saving]")).to_have_count(0)
    saved(page)
    late.release()
    group = page.get_by_role("radiogroup", name="Grade, thoracic")
    assert group.get_by_role("radio").nth(3).is_checked()


def test_a_member_agrees_to_what_the_panel_saved_last(
    panel: tuple[_Panel, str], new_page: NewPage
) -> None:
    made, base = panel
    page = new_page()
    _open(page, base)
    agree = page.get_by_role("button", name="Agree and lock")
    agree.wait_for()
    looks = f"**/reads/{made.read}"
    page.route(looks, lambda route: route.abort())
    made.saved(1, 2)
    page.unroute(looks)
    agree.click()
    asked = page.get_by_role("dialog", name="Lock this case?")
    asked.wait_for()
    assert "2 probable" in asked.get_by_role("row", name="Thoracic").inner_text()
    asked.get_by_role("button", name="Lock it").click()
    expect(page.get_by_text("You have agreed.")).to_be_visible()


def test_what_the_panel_saves_while_a_member_is_asked_is_looked_at_first(
    panel: tuple[_Panel, str], new_page: NewPage
) -> None:
    made, base = panel
    page = new_page()
    _open(page, base)
    page.get_by_role("button", name="Agree and lock").click()
    asked = page.get_by_role("dialog", name="Lock this case?")
    asked.wait_for()
    made.saved(1, 3)
    expect(asked).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_text(
        "The answer was changed meanwhile: look at it, then lock it."
    )
    group = page.get_by_role("radiogroup", name="Grade, thoracic")
    expect(group.get_by_role("radio").nth(3)).to_be_checked()
    _agree(page)
    expect(page.get_by_text("You have agreed.")).to_be_visible()

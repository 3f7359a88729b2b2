"""Readers differ: the adjudicator sees how, and decides; after unblinding the lead sees it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.server.site import Site
from myeloscope.trial.answer import Answer, Mark, RegionAnswer
from myeloscope.trial.event import ReadConfirmed, ReadSaved, ReadStarted
from myeloscope.trial.protocol import Discordance
from myeloscope.trial.sequence import order_of
from tests.server.live import running
from tests.viewer.browser import drawn, log_in, picture, saved
from tests.viewer.conftest import NewPage
from tests.viewer.study import TRIAL, both, found

TITLE = "MR myelography and cisternography"
LEAK = Mark(
    FindingKind.LEAK, Region.THORACIC, Side.LEFT, Segment.T2, Grade.DEFINITE, image=0, row=200.0,
    column=270.0,
)  # fmt: skip
CYST = replace(LEAK, kind=FindingKind.PERINEURIAL_CYST, grade=None, row=230.0, column=262.0)


def _answer(thoracic: int, mark: Mark, comment: str) -> Answer:
    none = RegionAnswer(grade=Grade(0), confidence=5)
    graded = replace(none, grade=Grade(thoracic), confidence=20 + 20 * thoracic)
    return Answer({**dict.fromkeys(Region, none), Region.THORACIC: graded}, (mark,), comment)


def _read(site: Site, reader: str, user: str, answer: Answer) -> None:
    read = next(iter(order_of(site.store.log.trial(TRIAL), reader))).assignment.id
    for event in (ReadStarted(read), ReadSaved(read, 0, answer, 60.0), ReadConfirmed(read, 1)):
        site.trials.read(TRIAL, event, user)


@pytest.fixture
def discordant(tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """Give a trial of one case that two readers call differently, and its server's address."""
    protocol = replace(both(), adjudication=Discordance.CALL)
    site = found(tmp_path / "data", protocol, seeds=(8,), adjudicator="eve")
    ids = {account.name: account.id for account in site.accounts.every()}
    _read(site, "reader 1", ids["ann"], _answer(3, LEAK, "signal beside the sleeve"))
    _read(site, "reader 2", ids["bob"], _answer(0, CYST, "round and smooth"))
    with running(site) as port:
        yield site, f"http://127.0.0.1:{port}"
    site.store.close()


def _adjudicate(page: Page, base: str) -> None:
    log_in(page, base, "eve")
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("link", name="Case 1").last.click()
    drawn(page)
    differ = page.get_by_label("The readers differ")
    expect(differ.get_by_role("row").nth(2)).to_contain_text("T")
    said = {
        differ.locator("tbody tr").nth(1).locator(".grade").nth(at).inner_text() for at in (0, 1)
    }
    assert said == {"3", "0"}
    expect(differ).to_contain_text("round and smooth")
    expect(page.locator(".mark.other")).to_have_count(2)
    for name in ("reader 1", "reader 2", "ann", "bob"):
        expect(page.get_by_text(name, exact=True)).to_have_count(0)
    for keys in ("c0s5", "t2s70", "l0s5"):
        page.keyboard.type(keys)
        page.keyboard.press("Escape")
    saved(page)
    picture(page, "adjudication")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Lock this case?").wait_for()
    page.keyboard.press("Enter")


def test_who_adjudicates_sees_how_readers_differ_and_the_lead_sees_all(
    discordant: tuple[Site, str], new_page: NewPage
) -> None:
    site, base = discordant
    page = new_page()
    _adjudicate(page, base)
    lead = new_page()
    log_in(lead, base, "liz")
    expect(
        page.get_by_text("All your cases are locked.").or_(page.get_by_text("1 of"))
    ).to_be_visible()
    liz = next(account.id for account in site.accounts.every() if account.name == "liz")
    site.trials.lock(TRIAL, liz, "no panel met")
    lead.goto(f"{base}/#/trials/{TRIAL}/results")
    lead.get_by_role("heading", name="Cases").wait_for()
    expect(lead.get_by_role("link", name="case-0001")).to_have_count(0)
    site.trials.unblind(TRIAL, liz)
    lead.reload()
    lead.get_by_role("link", name="case-0001").click()
    drawn(lead)
    for name, grades in (("reader 1", "030"), ("reader 2", "000"), ("judge", "020")):
        said = lead.get_by_label(name, exact=True)
        assert "".join(each.inner_text() for each in said.locator(".grade").all()) == grades
    marks = lead.locator(".pane").first.locator(".mark.other")
    expect(marks).to_have_count(2)
    picture(lead, "case")
    lead.get_by_label("reader 1", exact=True).get_by_role("checkbox").uncheck()
    expect(marks).to_have_count(1)
    lead.get_by_role("button", name="Cisternography").click()
    drawn(lead)
    expect(lead.get_by_text("Nobody read this examination.")).to_be_visible()

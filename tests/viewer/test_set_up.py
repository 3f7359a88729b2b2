"""A trial is set up in the browser: people, protocol, images, the start; and the log of it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.viewer.browser import drawn, log_in, picture
from tests.viewer.conftest import NewPage
from tests.viewer.phantoms import zipped


def _add_people(page: Page) -> str:
    """Make an account and return the link that sets its password."""
    page.get_by_role("link", name="Accounts").click()
    page.get_by_label("Name of a new account").fill("fay")
    page.get_by_role("button", name="Make it").click()
    link = page.get_by_label("Link for fay").input_value()
    picture(page, "accounts")
    return link


def _set_up(page: Page, folder: Path) -> None:
    page.get_by_role("link", name="Trials").click()
    page.get_by_role("link", name="New trial").click()
    page.get_by_label("Title").fill("One phantom")
    page.get_by_label("root").check()
    picture(page, "new-trial")
    page.get_by_role("button", name="Create it").click()
    page.get_by_label("confidence").check()
    page.get_by_role("button", name="Save the protocol").click()
    expect(page.get_by_role("button", name="Save the protocol")).to_be_disabled()
    page.get_by_label("Name in the tables").fill("reader 1")
    page.get_by_role("radio", name="fay").check()
    page.get_by_role("button", name="Add the reader").click()
    page.get_by_role("cell", name="reader 1").wait_for()
    page.get_by_label("A zip of DICOM files").set_input_files(zipped(folder))
    page.get_by_label("List of cases (CSV)").set_input_files(folder / "cases.csv")
    page.get_by_role("button", name="Import").click()
    page.get_by_text("1 imported").wait_for()
    page.get_by_role("button", name="Draw the orders").click()
    expect(page.get_by_role("button", name="Let reading begin")).to_be_enabled()
    picture(page, "set-up")
    page.get_by_role("button", name="Let reading begin").click()
    page.get_by_text("0 of 1").first.wait_for()


def test_a_trial_is_set_up_and_its_reader_reads(
    base: str, new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page()
    log_in(page, base, "root")
    link = _add_people(page)
    _set_up(page, tmp_path)
    page.get_by_role("link", name="Trials").click()
    page.get_by_role("link", name="Audit").click()
    page.get_by_role("button", name="Check the chain").click()
    page.get_by_text("Every row is as it was written.").wait_for()
    picture(page, "audit")
    reader = new_page()
    reader.goto(link)
    reader.get_by_label("Password").fill("twelve letters")
    picture(reader, "password")
    reader.get_by_role("button", name="Set it and log in").click()
    reader.get_by_role("link", name="One phantom").click()
    reader.get_by_role("button", name="Begin reading").click()
    drawn(reader)
    reader.keyboard.press("v")
    reader.get_by_text("stitched", exact=True).wait_for()
    picture(reader, "stitched")

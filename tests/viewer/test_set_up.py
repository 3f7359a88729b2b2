"""A trial is set up in the browser: people, protocol, images, the start; and the log of it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.viewer.browser import barriers, drawn, log_in, picture
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


def _see_draft(page: Page) -> None:
    """See as a reader that a trial is being prepared."""
    row = page.get_by_role("row", name="One phantom")
    expect(row).to_contain_text("In preparation1 case")
    row.get_by_role("link").click()
    page.get_by_text("In preparation: 1 case so far.").wait_for()
    assert barriers(page) == []


def _set_up(page: Page, reader: Page, folder: Path) -> None:
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
    page.get_by_label("Name in the tables").fill("reader 1")
    page.get_by_role("radio", name="fay").check()
    page.get_by_role("button", name="Add the reader").click()
    expect(page.get_by_role("alert")).to_contain_text("Each name is used once")
    expect(page.get_by_label("Name in the tables")).to_have_value("reader 1")
    page.get_by_label("A zip of DICOM files").set_input_files(zipped(folder))
    page.get_by_label("List of cases (CSV)").set_input_files(folder / "cases.csv")
    page.get_by_role("button", name="Import").click()
    page.get_by_text("1 imported").wait_for()
    _see_draft(reader)
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
    reader = new_page()
    reader.goto(link)
    reader.get_by_label("Password").fill("twelve letters")
    expect(reader.get_by_label("Name")).to_have_count(0)
    picture(reader, "password")
    reader.get_by_role("button", name="Set it and log in").click()
    _set_up(page, reader, tmp_path)
    page.get_by_role("link", name="Trials").click()
    page.get_by_role("link", name="Audit").click()
    page.get_by_role("button", name="Check the chain").click()
    page.get_by_text("Every row is as it was written.").wait_for()
    expect(page.get_by_role("cell", name="root", exact=True).first).to_be_visible()
    picture(page, "audit")
    reader.get_by_role("button", name="Begin reading").click()
    drawn(reader)
    reader.keyboard.press("v")
    reader.get_by_text("stitched", exact=True).wait_for()
    picture(reader, "stitched")


def test_disabling_an_account_is_asked_about_and_ends_its_session(
    base: str, new_page: NewPage
) -> None:
    page, other = new_page(), new_page()
    log_in(other, base, "bob")
    log_in(page, base, "root")
    page.get_by_role("link", name="Accounts").click()
    row = page.get_by_role("row", name="bob")
    row.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog", name="Disable bob?").wait_for()
    assert barriers(page) == []
    page.get_by_role("button", name="Back").click()
    row.get_by_role("button", name="Disable").click()
    page.get_by_role("button", name="Disable the account").click()
    expect(row).to_contain_text("disabled")
    other.get_by_role("link", name="Second look").click()
    other.get_by_role("heading", name="Your session has ended").wait_for()


def test_a_hospitals_login_is_bound_to_an_account(base: str, new_page: NewPage) -> None:
    page = new_page()
    log_in(page, base, "root")
    page.route("**/api/login", lambda route: route.fulfill(json={"password": True, "openid": True}))
    page.get_by_role("link", name="Accounts").click()
    for name, status in (("bob", 200), ("ann", 409)):
        row = page.get_by_role("row", name=name)
        row.get_by_role("button", name="Hospital login").click()
        page.get_by_label("Issuer").fill("https://login.example.org")
        page.get_by_label("Subject").fill("subject-1")
        assert barriers(page) == []
        with page.expect_response("**/identity") as sent:
            page.get_by_role("button", name="Bind it").click()
        assert sent.value.status == status
    page.get_by_role("alert").wait_for()


def test_the_first_administrator_is_asked_for_a_name(base: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(f"{base}/set-up?administrator#{'x' * 43}")
    page.get_by_label("Name").fill("root")
    page.get_by_label("Password").fill("twelve letters")
    assert barriers(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("link")

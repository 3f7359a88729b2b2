"""Whatever breaks in mid-read, nothing is lost, and the reader is told in words."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.viewer.browser import Server, drawn, log_in, picture, saved
from tests.viewer.conftest import NewPage
from tests.viewer.study import PASSWORD


def _open(page: Page, base: str, name: str = "ann") -> None:
    log_in(page, base, name)
    page.get_by_role("link", name="MR myelography and cisternography").click()
    page.get_by_role("button", name="reading").click()
    drawn(page)


def _grade(page: Page, region: str, grade: int) -> None:
    page.keyboard.press(region[0])
    page.keyboard.press(str(grade))


def _graded(page: Page, region: str, grade: int) -> None:
    group = page.get_by_role("radiogroup", name=f"Grade, {region}")
    expect(group.get_by_role("radio").nth(grade)).to_be_checked()


def test_a_cut_connection_keeps_the_answer_and_sends_it_later(base: str, new_page: NewPage) -> None:
    page = new_page()
    _open(page, base)
    page.context.set_offline(True)
    _grade(page, "thoracic", 3)
    expect(page.get_by_text("No connection: kept in this browser")).to_be_visible()
    picture(page, "no-connection")
    page.context.set_offline(False)
    saved(page)
    page.reload()
    drawn(page)
    _graded(page, "thoracic", 3)


def test_a_killed_server_and_a_killed_tab_lose_nothing(server: Server, new_page: NewPage) -> None:
    page = new_page()
    _open(page, server.base)
    _grade(page, "lumbar", 1)
    saved(page)
    server.kill()
    _grade(page, "cervical", 2)
    expect(page.get_by_text("No connection")).to_be_visible()
    context, address = page.context, page.url
    page.close()
    server.start()
    again = context.new_page()
    again.goto(address)
    drawn(again)
    saved(again)
    _graded(again, "cervical", 2)
    _graded(again, "lumbar", 1)


def test_two_tabs_are_told_and_the_reader_chooses(base: str, new_page: NewPage) -> None:
    one = new_page()
    _open(one, base)
    other = one.context.new_page()
    other.goto(one.url)
    drawn(other)
    _grade(one, "thoracic", 1)
    saved(one)
    _grade(other, "thoracic", 3)
    told = other.get_by_role("heading", name="This case was saved elsewhere too")
    told.wait_for()
    picture(other, "conflict")
    other.get_by_role("button", name="Keep the one here").click()
    saved(other)
    _grade(one, "lumbar", 2)
    one.get_by_role("button", name="Take the one saved elsewhere").click()
    saved(one)
    _graded(one, "thoracic", 3)


def _open_twice(new_page: NewPage, base: str) -> tuple[Page, Page]:
    """Open a case in two tabs, graded in every region."""
    one = new_page()
    _open(one, base)
    for region in ("cervical", "thoracic", "lumbar"):
        _grade(one, region, 0)
        one.get_by_label(f"Confidence that {region} shows a leak, 0 to 100", exact=True).fill("5")
        one.keyboard.press("Escape")
    saved(one)
    other = one.context.new_page()
    other.goto(one.url)
    drawn(other)
    return one, other


def _lock(page: Page) -> None:
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Lock it").click()
    expect(page.get_by_role("heading", name="Case 2 of 6")).to_be_visible()


def test_a_case_that_another_tab_has_locked_is_not_locked_again(
    base: str, new_page: NewPage
) -> None:
    one, other = _open_twice(new_page, base)
    _lock(one)
    other.keyboard.press("Enter")
    expect(other.get_by_role("alert")).to_contain_text("locked elsewhere meanwhile")
    expect(other.get_by_text("This case is locked.")).to_be_visible()
    expect(other.get_by_role("dialog")).to_have_count(0)


def test_what_is_changed_after_another_tab_has_locked_is_said_and_given_up(
    base: str, new_page: NewPage
) -> None:
    one, other = _open_twice(new_page, base)
    _lock(one)
    _grade(other, "thoracic", 3)
    expect(other.get_by_role("alert")).to_contain_text("Not saved.")
    picture(other, "not-saved")
    other.get_by_role("button", name="Show what is saved").click()
    expect(other.get_by_text("This case is locked.")).to_be_visible()
    _graded(other, "thoracic", 0)
    assert "unsent" not in other.evaluate("JSON.stringify(localStorage)")


def test_reading_that_the_lead_ends_in_mid_read_is_said(base: str, new_page: NewPage) -> None:
    page, lead = new_page(), new_page()
    _open(page, base)
    _grade(page, "thoracic", 1)
    saved(page)
    log_in(lead, base, "liz")
    lead.get_by_role("link", name="MR myelography and cisternography").click()
    lead.get_by_role("button", name="End reading").click()
    lead.get_by_label("Why they stay missing").fill("the study was stopped")
    lead.get_by_role("dialog").get_by_role("button", name="End reading").click()
    lead.get_by_text("Keep this head of the audit log").wait_for()
    _grade(page, "lumbar", 2)
    expect(page.get_by_role("alert")).to_contain_text("Not saved.")
    page.get_by_role("button", name="Show what is saved").click()
    expect(page.get_by_text("Reading has ended.")).to_be_visible()
    _graded(page, "thoracic", 1)


def test_an_unsent_answer_is_its_users_and_goes_with_the_logout(
    base: str, new_page: NewPage
) -> None:
    page = new_page()
    _open(page, base)
    page.route("**/draft", lambda route: route.abort())
    _grade(page, "thoracic", 2)
    expect(page.get_by_text("No connection")).to_be_visible()
    page.get_by_role("link", name="Back to the work list").click()
    expect(page.get_by_text("An answer of yours has not reached the server.")).to_be_visible()
    asked: list[str] = []

    def agree(message: str) -> bool:
        asked.append(message)
        return True

    page.on("dialog", lambda dialog: dialog.accept() if agree(dialog.message) else None)
    page.get_by_role("button", name="Log out").click()
    page.get_by_label("Name").wait_for()
    assert asked == ["1 of your answers could not be sent yet. Log out and lose them?"]
    assert "unsent" not in page.evaluate("JSON.stringify(localStorage)")


def test_a_session_that_ended_goes_on_in_place_after_the_password(
    base: str, new_page: NewPage
) -> None:
    page = new_page()
    _open(page, base)
    page.context.clear_cookies()
    _grade(page, "lumbar", 3)
    page.get_by_role("heading", name="Your session has ended").wait_for()
    picture(page, "session-ended")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Name and password must fit")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    saved(page)
    _graded(page, "lumbar", 3)
    _grade(page, "cervical", 1)
    saved(page)


def test_two_tabs_of_a_session_that_ended_both_go_on(base: str, new_page: NewPage) -> None:
    one = new_page()
    _open(one, base)
    other = one.context.new_page()
    other.goto(f"{base}/#/trials")
    other.get_by_role("heading", name="Trials").wait_for()
    one.context.clear_cookies()
    other.goto(f"{base}/#/looks")
    other.get_by_label("Password").fill(PASSWORD)
    other.keyboard.press("Enter")
    other.get_by_text("No study is open.").wait_for()
    _grade(one, "thoracic", 2)
    saved(one)
    _graded(one, "thoracic", 2)


def test_whoever_is_logged_out_elsewhere_can_still_leave(base: str, new_page: NewPage) -> None:
    page = new_page()
    log_in(page, base, "ann")
    page.context.clear_cookies()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Name")).to_be_visible()
    log_in(page, base, "bob")
    page.context.clear_cookies()
    page.get_by_role("link", name="Second look").click()
    page.get_by_role("button", name="Log in as somebody else").click()
    expect(page.get_by_label("Name")).to_be_visible()

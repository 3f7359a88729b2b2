"""A case from the login to the lock, with the keyboard alone; each page has no barriers."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.viewer.browser import barriers, drawn, log_in, picture, saved
from tests.viewer.conftest import NewPage


def _open_first(page: Page, base: str) -> None:
    log_in(page, base, "ann")
    page.get_by_role("link", name="MR myelography and cisternography").click()
    page.get_by_role("button", name="Begin reading").wait_for()
    page.keyboard.press("Enter")
    drawn(page)


def _type(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def _confide(page: Page, region: str, percent: int) -> None:
    _type(page, f"{region}s{percent}")
    page.keyboard.press("Escape")


def test_a_case_is_read_with_the_keyboard_alone(base: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(base)
    page.get_by_label("Name").wait_for()
    picture(page, "login")
    page.keyboard.type("ann")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="MR myelography and cisternography").wait_for()
    picture(page, "trials")
    page.get_by_role("link", name="MR myelography and cisternography").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Begin reading").wait_for()
    picture(page, "work-list")
    page.keyboard.press("Enter")
    drawn(page)
    _type(page, "c0t2l0")
    _confide(page, "c", 5)
    _confide(page, "t", 85)
    _confide(page, "l", 10)
    _type(page, "tf]")
    page.get_by_label("Root").select_option("T3")
    page.keyboard.press("Escape")
    saved(page)
    picture(page, "reading")
    page.keyboard.press("?")
    picture(page, "keys")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Lock this case?").wait_for()
    picture(page, "lock")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Case 2 of 6")).to_be_visible()
    drawn(page)
    page.get_by_role("link", name="Back to the work list").click()
    expect(page.get_by_text("1 of 6 cases locked")).to_be_visible()


def test_what_is_missing_is_said_before_the_lock(base: str, new_page: NewPage) -> None:
    page = new_page()
    _open_first(page, base)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("grade a region first")
    _type(page, "c0")
    saved(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("thoracic: a grade, or why it is not assessable")).to_be_visible()
    expect(page.get_by_role("button", name="Lock it")).to_be_disabled()
    assert barriers(page) == []


HELD_BACK = """() => {
  const later = window.setTimeout.bind(window);
  const frame = window.requestAnimationFrame.bind(window);
  window.setTimeout = (act, ms, ...rest) => later(act, ms < 60 ? ms + 700 : ms, ...rest);
  window.requestAnimationFrame = (act) => later(() => frame(act), 700);
}"""
"""What a page does after it is painted comes late, as on a busy machine."""


def test_a_key_pressed_on_sight_of_the_work_list_begins_a_case(
    base: str, new_page: NewPage
) -> None:
    page = new_page()
    log_in(page, base, "ann")
    page.evaluate(HELD_BACK)
    page.get_by_role("link", name="MR myelography and cisternography").click()
    page.get_by_role("button", name="Begin reading").wait_for()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reading form")).to_be_visible(timeout=20_000)


def test_keys_that_were_chosen_are_kept(base: str, new_page: NewPage) -> None:
    page = new_page()
    _open_first(page, base)
    page.keyboard.press("?")
    page.get_by_role("button", name="F add a finding").click()
    page.keyboard.press("g")
    page.keyboard.press("Escape")
    page.reload()
    drawn(page)
    page.keyboard.press("g")
    expect(page.get_by_label("Kind")).to_be_visible()


def test_a_place_and_a_length_come_from_the_image(base: str, new_page: NewPage) -> None:
    page = new_page()
    _open_first(page, base)
    _type(page, "tfm")
    pane = page.locator(".picture").first.bounding_box()
    assert pane is not None
    middle = (pane["x"] + pane["width"] / 2, pane["y"] + pane["height"] / 2)
    page.mouse.click(*middle)
    expect(page.get_by_text("Marked on image 1")).to_be_visible()
    sign = page.locator(".mark circle").first.bounding_box()
    assert sign is not None
    assert abs(sign["x"] + sign["width"] / 2 - middle[0]) < 1.5
    assert abs(sign["y"] + sign["height"] / 2 - middle[1]) < 1.5
    page.get_by_role("button", name="Measure Sac width on the image").click()
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 50, middle[1], steps=5)
    page.mouse.up()
    # A station is 270 mm wide and fits the pane's width.
    wanted = 50 * 270 / pane["width"]
    width = page.get_by_label("Sac width, mm")
    expect(width).not_to_have_value("")
    assert abs(float(width.input_value()) - wanted) < 0.6
    saved(page)
    page.reload()
    drawn(page)
    expect(page.locator(".mark circle")).to_have_count(1)


def test_a_place_and_a_root_are_given_with_the_keyboard_alone(base: str, new_page: NewPage) -> None:
    page = new_page()
    _open_first(page, base)
    _type(page, "tfqm")
    for key in ("ArrowUp", "ArrowUp", "ArrowRight", "Shift+ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(page.get_by_text("Marked on image 2")).to_be_visible()
    page.keyboard.press("o")
    page.keyboard.type("T7")
    page.keyboard.press("Escape")
    page.keyboard.press("]")
    saved(page)
    expect(page.locator(".pane").nth(1).locator(".mark text")).to_have_text("1 T7")
    sign = page.locator(".pane").nth(1).locator(".mark circle").bounding_box()
    pane = page.locator(".picture").nth(1).bounding_box()
    assert sign is not None
    assert pane is not None
    # A station's 512 columns fit the pane's width; the aim began in its middle.
    pixel = pane["width"] / 512
    assert abs(sign["x"] + sign["width"] / 2 - pane["x"] - pane["width"] / 2 - 9 * pixel) < 1.5
    assert abs(sign["y"] + sign["height"] / 2 - pane["y"] - pane["height"] / 2 + 16 * pixel) < 1.5


def test_windows_and_images_obey_keys_and_mouse(base: str, new_page: NewPage) -> None:
    page = new_page()
    _open_first(page, base)
    said = page.locator(".overlay .top-right").first
    first = said.inner_text()
    page.keyboard.press("6")
    expect(said).to_have_text("W 1900 L 700")
    expect(page.locator(".overlay .top-right").nth(1)).to_have_text("W 1900 L 700")
    page.keyboard.press("ArrowRight")
    expect(said).not_to_have_text("W 1900 L 700")
    page.keyboard.press("r")
    expect(said).to_have_text(first)
    pane = page.locator(".picture").first.bounding_box()
    assert pane is not None
    page.mouse.move(pane["x"] + 200, pane["y"] + 300)
    page.mouse.down()
    page.mouse.move(pane["x"] + 260, pane["y"] + 320, steps=4)
    page.mouse.up()
    expect(said).not_to_have_text(first)
    assert page.locator(".overlay .top-right").nth(1).inner_text() == said.inner_text()
    page.keyboard.press("v")
    expect(page.locator(".pane:visible")).to_have_count(1)
    expect(page.locator(".pane:visible .top-left")).to_have_text("stitched")
    page.keyboard.press("v")
    expect(page.locator(".pane:visible .top-left")).to_have_text("cervicothoracic")
    page.keyboard.press("q")
    expect(page.locator(".pane:visible .top-left")).to_have_text("thoracolumbar")

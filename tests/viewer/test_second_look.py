"""A second look in the browser: open a study, go over the findings, take the report along."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect
from pydicom import dcmread

from tests.dicom.validators import call, iod_errors
from tests.viewer.browser import drawn, log_in, picture, saved
from tests.viewer.conftest import NewPage
from tests.viewer.phantoms import images


def _open(page: Page, base: str, folder: Path) -> None:
    log_in(page, base, "liz")
    page.get_by_role("link", name="Second look").click()
    page.get_by_label("or a folder of them").set_input_files(images(folder))
    page.get_by_role("button", name="Read it").click()
    drawn(page)


def _judge(page: Page) -> None:
    """Accept the first finding, change the second, reject the third, with keys."""
    expect(page.get_by_text("4 to judge")).to_be_visible()
    page.keyboard.type("ajg")
    page.get_by_label("Finding 2: grade").select_option("2")
    page.get_by_label("Finding 2: side").get_by_role("button", name="Right").click()
    page.get_by_role("heading", name="Findings").click()
    page.keyboard.type("jx")
    saved(page)
    row = page.get_by_role("row", name="Lumbar")
    expect(row.locator(".grade").nth(0)).to_have_text("1")
    expect(row.locator(".grade").nth(1)).to_have_text("0")
    expect(page.get_by_role("button", name="1 to judge")).to_be_disabled()


def _add(page: Page) -> None:
    """Add a finding that the algorithm has not."""
    page.get_by_role("button", name="Add", exact=True).click()
    box = page.locator(".picture").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 200)
    page.get_by_label("Finding 5: root").select_option("T6")
    page.get_by_label("Finding 5: grade").select_option("1")
    page.get_by_label("Comment").fill("seen with the axial images")
    saved(page)


def _report(page: Page, report: Path) -> None:
    """Take the report along; other programs find it valid, and it says what was said."""
    with page.expect_download() as coming:
        page.get_by_role("link", name="Report (DICOM SR)").click()
    coming.value.save_as(report)
    assert iod_errors(report) == []
    said = call("dsrdump", "+Pl", report).stdout
    for text in ("Reader^liz", "second-look", "1 changed, 1 rejected, 1 added", "axial images"):
        assert text in said, text
    assert dcmread(report).Modality == "SR"


def test_a_study_is_gone_over_and_its_report_taken_along(
    base: str, new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page()
    _open(page, base, tmp_path)
    expect(page.locator(".outline")).not_to_have_count(0)
    # 0 to 1.2 times the sac's median
    window = page.locator(".overlay .top-right").first.inner_text().split()
    assert abs(float(window[1]) - 2 * float(window[3])) <= 1
    _judge(page)
    picture(page, "second-look")
    page.keyboard.type("ja")
    _add(page)
    page.reload()
    drawn(page)
    expect(page.get_by_label("Finding 5: root")).to_have_value("T6")
    _report(page, tmp_path / "second-look.dcm")
    page.get_by_role("link", name="← Second look").click()
    expect(page.get_by_text("Judged")).to_be_visible()
    picture(page, "looks")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("No study is open.")).to_be_visible()

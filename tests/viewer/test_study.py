"""The paper's kind of study in the browser: two readers, a panel, a lead; tables as analyze's."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from myeloscope import cli
from myeloscope.errors import ExitCode
from tests.viewer.browser import barriers, drawn, log_in, picture, saved
from tests.viewer.conftest import NewPage
from tests.viewer.study import SCINTIGRAMS, SEEDS

TITLE = "MR myelography and cisternography"


def _begin(page: Page, base: str, name: str) -> None:
    log_in(page, base, name)
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("button", name="reading").click()
    drawn(page)


def _fill(page: Page, thoracic: int) -> None:
    for region, grade, sure in (("c", 0, 5), ("t", thoracic, 60), ("l", 0, 10)):
        page.keyboard.type(f"{region}{grade}s{sure}")
        page.keyboard.press("Escape")


def _lock(page: Page) -> None:
    saved(page)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Lock this case?").wait_for()
    page.keyboard.press("Enter")


def _read_all(page: Page, base: str, name: str, reader: int) -> None:
    _begin(page, base, name)
    for number in range(1, len(SEEDS) + 1):
        page.get_by_role("heading", name=f"Case {number} of {len(SEEDS)}").wait_for()
        drawn(page)
        _fill(page, (number + reader) % 3)
        _lock(page)
    page.get_by_text("All your cases are locked.").wait_for()
    if reader == 0:
        picture(page, "work-list")


def _panel(pages: dict[str, Page], base: str) -> None:
    for name, page in pages.items():
        _begin(page, base, name)
    for number in range(1, SCINTIGRAMS + 1):
        for vote, (name, page) in enumerate(pages.items()):
            page.get_by_role("heading", name=f"Case {number} of {SCINTIGRAMS}").wait_for()
            drawn(page)
            _fill(page, (number + vote) % 3)
            if (number, name) == (1, "cat"):
                picture(page, "panel-vote")
            page.get_by_role("button", name="Give my vote").click()
            page.get_by_text(f"Votes: {vote + 1} of 3").wait_for()
        first = pages["cat"]
        first.get_by_role("button", name="Begin with the first vote").click()
        saved(first)
        first.keyboard.press("2")
        saved(first)
        if number == 1:
            picture(first, "panel")
        for page in pages.values():
            page.get_by_role("button", name="Agree and lock").click()
            page.get_by_role("button", name="Lock it").click()
            if page is not pages["eve"]:
                page.get_by_text("You have agreed.").wait_for()
        for page in pages.values():
            if number == SCINTIGRAMS or page is pages["eve"]:
                continue
            expect(page.get_by_text("This case is locked.")).to_be_visible()
            page.keyboard.press("PageDown")


def _lead(page: Page, base: str, folder: Path) -> Path:
    """End and unblind the trial, and return the export."""
    log_in(page, base, "liz")
    page.get_by_role("link", name=TITLE).click()
    reads = 2 * len(SEEDS) + SCINTIGRAMS
    page.get_by_text(f"{reads} of {reads}").wait_for()
    picture(page, "dashboard")
    page.get_by_role("button", name="End reading").click()
    page.get_by_role("dialog").get_by_role("button", name="End reading").click()
    page.get_by_text("Keep this head of the audit log").wait_for()
    page.get_by_role("button", name="Unblind").click()
    assert barriers(page) == []
    page.get_by_role("button", name="Unblind it").click()
    with page.expect_download() as coming:
        page.get_by_role("link", name="Export").click()
    coming.value.save_as(folder / "trial.zip")
    page.get_by_role("link", name="Results").last.click()
    page.get_by_role("heading", name="Accuracy").wait_for()
    return folder / "trial.zip"


def _analysed(export: Path, folder: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(export) as archive:
        archive.extractall(folder)
    out = folder / "out"
    assert cli.main(["analyze", str(folder / "readings.csv"), "--out", str(out)]) == ExitCode.OK
    with (out / "statistics.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def _wanted(rows: list[dict[str, str]], statistic: str) -> set[tuple[str, str]]:
    """Return reader with technique, and value, of a proportion of whole cases from grade 1."""
    asked = {"statistic": statistic, "threshold": "1", "level": "", "method": "wilson"}
    return {
        (f"{row['reader']} {row['modality']}", f"{float(row['value']):.3f}")
        for row in rows
        if all(row[key] == text for key, text in asked.items())
        if row["reader"] and not row["reader_2"] and row["value"]
    }


def test_a_study_from_the_first_read_to_the_tables(
    base: str, new_page: NewPage, tmp_path: Path
) -> None:
    for reader, name in enumerate(("ann", "bob")):
        _read_all(new_page(), base, name, reader)
    _panel({name: new_page() for name in ("cat", "dan", "eve")}, base)
    page = new_page()
    rows = _analysed(_lead(page, base, tmp_path), tmp_path)
    for statistic in ("sensitivity", "specificity", "accuracy"):
        figure = page.locator("figure").filter(has_text=statistic.capitalize())
        shown = {
            (line.get_by_role("rowheader").inner_text(), line.locator(".number").inner_text())
            for line in figure.get_by_role("row").all()
        }
        assert shown == _wanted(rows, statistic), statistic
        # every case has the condition, so that a specificity is defined for nobody
        assert bool(shown) == (statistic != "specificity")
    expect(page.get_by_role("row", name="reader 1 and reader 2")).to_be_visible()
    picture(page, "results")

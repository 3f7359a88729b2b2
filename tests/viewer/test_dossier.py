"""A patient's dossier in the browser: from a file and a folder of readings, or from typed text."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from myeloscope.domain.codec import dumps
from tests.pathway.cases import reading
from tests.viewer.browser import log_in, picture
from tests.viewer.conftest import NewPage

FILE = """
[patient]
id = "P1"
age = 40
sex = "F"
[symptoms]
onset = 2024-03-01
orthostatic_headache = true
[brain_mri]
contrast = true
pachymeningeal_enhancement = true
venous_engorgement = true
[[studies]]
technique = "mrm"
reading = "mrm"
"""


def test_a_patient_is_held_against_the_rules(base: str, new_page: NewPage, tmp_path: Path) -> None:
    folder = tmp_path / "P1"
    (folder / "mrm").mkdir(parents=True)
    (folder / "mrm" / "reading.json").write_text(dumps(reading()))
    (folder / "PATIENT.toml").write_text(FILE)
    page = new_page()
    log_in(page, base, "ann")
    page.get_by_role("link", name="Dossier").click()
    page.get_by_label("The patient's file (PATIENT.toml)").set_input_files(folder / "PATIENT.toml")
    expect(page.get_by_label("or its text")).to_have_value(FILE)
    show = page.get_by_role("button", name="Show the dossier")
    show.click()
    expect(page.get_by_role("alert")).to_contain_text("mrm, given 0 times")
    page.get_by_label("The folder of the readings that it names").set_input_files(folder)
    show.click()
    expect(page.get_by_role("heading", name="Inclusion criteria")).to_be_visible()
    tile = page.locator(".sheet .tiles td").first
    # its own style: the tile's upper border is 3 pt in the page's accent
    assert tile.evaluate("tile => getComputedStyle(tile).borderTopColor") == "rgb(11, 79, 125)"
    page.get_by_role("heading", name="The dossier", exact=True).scroll_into_view_if_needed()
    page.evaluate("document.querySelector('[aria-label=\"The dossier\"]').scrollIntoView()")
    picture(page, "dossier")
    with page.expect_download() as coming:
        page.get_by_role("link", name="dossier.html").click()
    coming.value.save_as(tmp_path / "dossier.html")
    assert "<h1>" in (tmp_path / "dossier.html").read_text()
    page.get_by_label("or its text").fill("[patient]\nid = 3\n")
    show.click()
    expect(page.get_by_role("alert")).to_contain_text("Id is a text (found: 3)")
    expect(page.locator(".sheet")).to_have_count(0)

"""The page of a comparison."""

from __future__ import annotations

import re

import pypdfium2
import pytest

from myeloscope.comparison.change import Comparison, compare
from myeloscope.report.comparison_page import comparison_page, measured_text
from myeloscope.report.comparison_picture import comparison_picture
from myeloscope.report.page import RESEARCH_ONLY
from myeloscope.report.pdf import to_pdf
from tests.comparison.readings import Leak, View, reading

LATER = View(top=60.0, names=1, day="2024-06-01")


@pytest.fixture
def made() -> Comparison:
    return compare(reading([Leak(12), Leak(18)]), reading([Leak(12, extent=20.0)], LATER))


def test_page_tells_every_change_its_measures_and_its_limits(made: Comparison) -> None:
    page = comparison_page(made, "1.0")
    shown = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert not re.search(r"(?:src|href)=[\"'](?!data:)", page)
    for words in ("worse", "resolved", "extent +10.0 mm", "92 days apart", "grade 2, extent 20.0"):
        assert words in shown
    assert shown.count(RESEARCH_ONLY) >= 3
    assert "The readings name the same root 1 apart." in shown
    document = pypdfium2.PdfDocument(to_pdf(page))
    for sheet in document:
        assert RESEARCH_ONLY in sheet.get_textpage().get_text_bounded()


def test_picture_has_a_mark_in_each_spine_for_every_sign(made: Comparison) -> None:
    drawn = comparison_picture(made)
    assert drawn.count("<polygon") == 2
    assert drawn.count("<rect") == 3
    assert drawn.count("<circle") == 1
    assert ">T5<" in drawn


@pytest.mark.parametrize("view", [View(bottom=70.0, day=None), View(top=300.0, bottom=300.0)])
def test_readings_without_a_common_scale_have_a_page(view: View) -> None:
    shown = comparison_page(compare(reading([Leak(12)]), reading([], view)), "1.0")
    assert "could not be laid on one scale" in shown


def test_nothing_found_is_said() -> None:
    shown = comparison_page(compare(reading(), reading(view=LATER)), "1.0")
    assert "No sign of a leak in either reading." in shown
    assert measured_text(None) == "\N{EN DASH}"

"""The page of a comparison."""

from __future__ import annotations

import datetime
import re

import pypdfium2
import pytest

from myeloscope.comparison.agreement import agree
from myeloscope.comparison.change import compare
from myeloscope.comparison.course import Course, follow
from myeloscope.domain.anatomy import Side
from myeloscope.domain.grade import Technique
from myeloscope.report.comparison_page import comparison_page, found_text, measured_text
from myeloscope.report.comparison_picture import agreement_picture, by_roots, comparison_picture
from myeloscope.report.page import RESEARCH_ONLY
from myeloscope.report.pdf import to_pdf
from tests.comparison.readings import Leak, View, reading

LATER = View(top=60.0, names=1, day="2024-06-01")


@pytest.fixture
def made() -> Course:
    return follow([reading([Leak(12), Leak(18)]), reading([Leak(12, extent=20.0)], LATER)])


def test_page_tells_every_change_its_measures_and_its_limits(made: Course) -> None:
    page = comparison_page(made, "1.0")
    shown = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert not re.search(r"(?:src|href)=[\"'](?!data:)", page)
    for words in ("worse", "resolved", "extent +10.0 mm", "92 days", "grade 2, extent 20.0"):
        assert words in shown
    assert shown.count(RESEARCH_ONLY) >= 2
    assert "The readings name the same root 1 apart." in shown
    document = pypdfium2.PdfDocument(to_pdf(page))
    for sheet in document:
        assert RESEARCH_ONLY in sheet.get_textpage().get_text_bounded()


def test_picture_has_a_mark_in_each_spine_for_every_sign(made: Course) -> None:
    drawn = comparison_picture(made.follow_ups[0])
    assert drawn.count("<polygon") == 2
    assert drawn.count("<rect") == 3
    assert drawn.count("<circle") == 1
    assert ">T5<" in drawn


def test_names_of_signs_at_one_height_do_not_cover_each_other() -> None:
    both = [Leak(12), Leak(12, Side.RIGHT)]
    drawn = comparison_picture(compare(reading(both), reading(both, LATER)))
    heights = [float(y) for y in re.findall(r'<text x="365" y="([0-9.]+)"', drawn)]
    assert len(heights) == 2
    # letters are 11 high
    assert abs(heights[1] - heights[0]) >= 12


@pytest.mark.parametrize(
    "view", [View(bottom=70.0, day=None), View(top=300.0, bottom=300.0, day=None)]
)
def test_readings_without_a_common_scale_have_a_page(view: View) -> None:
    shown = comparison_page(follow([reading([Leak(12)]), reading([], view)]), "1.0")
    assert "could not be laid on one scale" in shown


def test_nothing_found_is_said() -> None:
    shown = comparison_page(follow([reading(), reading(view=LATER)]), "1.0")
    assert "No sign of a leak in either reading." in shown
    assert measured_text(None) == "\N{EN DASH}"


def test_a_course_has_a_time_line_and_each_comparison() -> None:
    ric = View(day="2024-03-04", technique=Technique.RIC)
    readings = [reading([Leak(12)]), reading([Leak(13)], ric), reading([], LATER)]
    page = comparison_page(follow(readings, [datetime.date(2024, 4, 1)]), "1.0")
    shown = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for words in (
        "3 examinations compared",
        "From 2024-03-01 to 2024-06-01, 92 days; 61 days after a blood patch",
        "cisternography of 2024-03-04, 3 days apart",
        "same level within 2 roots",
        "T6, grade 2, 10 mm",
    ):
        assert words in shown
    assert 'alt="Examinations and blood patches in time"' in page


def test_two_techniques_have_a_page_of_their_own() -> None:
    ric = View(day="2024-03-01", technique=Technique.RIC)
    page = comparison_page(follow([reading(), reading([], ric)]), "1.0")
    assert "MR myelography and cisternography compared" in page
    assert "the same day" in page
    assert "No sign of a leak in either examination." in page
    assert found_text(None) == "\N{EN DASH}"


def test_both_techniques_are_drawn_at_the_roots_that_both_name() -> None:
    mrm = reading([Leak(12), Leak(20)])
    ric = reading([Leak(12), Leak(8)], View(top=70.0, technique=Technique.RIC))
    drawn = agreement_picture(agree(mrm, ric))
    assert drawn.count("<rect") == 4
    assert drawn.count("<circle") == 2
    onto = by_roots(mrm, ric)
    # the second image begins 30 mm lower on the same spine
    assert onto(100.0) == pytest.approx(130.0)
    assert onto(-500.0) == pytest.approx(-470.0)
    assert by_roots(mrm, reading([], View(top=300.0, bottom=300.0)))(5.0) == 5.0

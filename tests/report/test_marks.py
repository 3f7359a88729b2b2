"""Words and strokes of grades and kinds."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Protocol

import pytest

from myeloscope.domain.anatomy import Side
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Finding, Reading, RegionReading
from myeloscope.report import marks


class Sample(Protocol):
    """What the fixture ``sample`` gives."""

    study: Study
    reading: Reading


@pytest.fixture
def leak(sample: Sample) -> Finding:
    return sample.reading.findings[0]


def test_grades_differ_in_grey_by_width_or_dashes() -> None:
    strokes = list(marks.GRADE_STROKES.values())
    assert all(a.width != b.width or a.dashes != b.dashes for a, b in combinations(strokes, 2))


def test_higher_grades_are_drawn_wider() -> None:
    widths = [marks.GRADE_STROKES[grade].width for grade in Grade]
    assert widths == sorted(set(widths))


def test_a_leak_is_named_by_root_side_and_grade(leak: Finding) -> None:
    assert marks.name_of(leak) == "T3 L  grade 2"
    assert marks.name_of(replace(leak, grade=Grade.NONE)) == "T3 L  no sign"
    assert marks.name_of(replace(leak, segment=None, side=Side.UNKNOWN)).startswith("root ? side ?")


def test_a_mimic_is_named_by_its_kind_and_drawn_as_no_leak(leak: Finding) -> None:
    cyst = replace(leak, kind=FindingKind.PERINEURIAL_CYST, grade=Grade.NONE)
    assert marks.name_of(cyst) == "T3 L  perineurial cyst"
    assert marks.stroke_of(cyst) == marks.MIMIC_STROKE
    assert marks.stroke_of(leak) == marks.GRADE_STROKES[Grade.PROBABLE]


def test_measures_say_what_made_the_grade(leak: Finding) -> None:
    assert marks.measure_of(leak) == "extent 8.0 mm, ratio 0.50"
    assert marks.measure_of(replace(leak, ratio=None)) == "extent 8.0 mm"
    assert marks.measure_of(replace(leak, grade=Grade.POSSIBLE)) == "reaches 12.0 mm"
    assert marks.measure_of(replace(leak, extent_mm=None, reach_mm=None)) == "listed, not graded"


def test_region_grades_in_words() -> None:
    assert marks.grade_text(RegionReading(Grade.DEFINITE, True)) == "3 definite"
    assert marks.grade_text(RegionReading(Grade.POSSIBLE, True, at_least=True)) == "≥ 1 possible"
    assert marks.grade_text(RegionReading(None, False, reason="x")) == "not assessable"

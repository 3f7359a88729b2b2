"""The report says what the reading says, whole, escaped, and nothing from outside."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Protocol

import pypdfium2
import pytest

from myeloscope.domain.anatomy import Region, Segment
from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Numbering, Quality, Reading, RegionReading
from myeloscope.report import reading_words as words
from myeloscope.report.marks import root_name
from myeloscope.report.page import RESEARCH_ONLY
from myeloscope.report.pdf import to_pdf
from myeloscope.report.reading_page import Pictures, Provenance, draw_pictures, reading_page
from myeloscope.report.scene import set_scene

PROVENANCE = Provenance(
    (("Patient ID", "P<1>"), ("Study date", "2026-01-02")),
    "two stations",
    ("a.txt: not DICOM",),
    "2026-02-03T04:05",
    "Patient ID P<1>, 2026-01-02",
)
NO_PICTURES = Pictures((), None, ())


class Sample(Protocol):
    """What the fixture ``sample`` gives."""

    study: Study
    reading: Reading


@pytest.fixture(scope="module")
def reading(sample: Sample) -> Reading:
    return sample.reading


@pytest.fixture(scope="module")
def page(sample: Sample) -> str:
    pictures = draw_pictures(set_scene(sample.study, sample.reading))
    return reading_page(sample.reading, pictures, PROVENANCE)


def test_nothing_is_fetched_or_run(page: str) -> None:
    assert not re.search(r"(?:src|href|url\()\s*=?\s*[\"'(](?!data:)", page)
    assert "<script" not in page
    assert page.count("data:image/jpeg") == 2 + 1 + 3


def test_values_from_headers_are_escaped(page: str) -> None:
    assert "P&lt;1&gt;" in page
    assert "P<1>" not in page


def test_both_cautions_stand_there(page: str) -> None:
    assert RESEARCH_ONLY in page
    assert "The level of a sign is not proof of the level of the dural defect." in page


def test_the_pdf_tells_answer_findings_protocol_and_limits(page: str) -> None:
    document = pypdfium2.PdfDocument(to_pdf(page))
    pages = [p.get_textpage().get_text_bounded() for p in document]
    first, text = pages[0], " ".join(" ".join(pages).split())
    for said in (
        "T3 L (T2\N{EN DASH}T4)",
        "2 probable",
        "not assessable",
        "L2-L5 carry too little signal",
    ):
        assert said in first
    for said in (
        *("Reach", "12.0", "triangle, streaks", "perineurial cyst", "Repetition time", "differs"),
        *("two stations", "a.txt: not DICOM", "2.25.10.1", "paper-mrm/1", "0.6 roots"),
        *("engorged veins or lymphatics", "after seeing the very images"),
    ):
        assert said in text
    assert all(RESEARCH_ONLY in page_text for page_text in pages)
    assert all("Patient ID P<1>, 2026-01-02" in page_text for page_text in pages)


def test_a_reading_of_nothing_makes_a_page_too(reading: Reading) -> None:
    lost = RegionReading(None, False, reason="no column was found")
    empty = replace(
        reading,
        regions=dict.fromkeys(Region, lost),
        findings=(),
        sac=(),
        roots=(),
        sources=(),
        numbering=Numbering("failed"),
        quality=Quality(None),
        settings={},
    )
    page = reading_page(empty, NO_PICTURES, Provenance(()))
    assert "No region of this study can be judged." in page
    assert "No root could be named." in page


def test_more_findings_than_pictures_are_counted(reading: Reading) -> None:
    page = reading_page(reading, NO_PICTURES, PROVENANCE)
    assert "Each finding" not in page
    assert "T10 R" in page


def _regions(*grades: int | None) -> dict[Region, RegionReading]:
    return {
        region: RegionReading(None, False, reason="x")
        if grade is None
        else RegionReading(Grade(grade), True)
        for region, grade in zip(Region, grades, strict=True)
    }


@pytest.mark.parametrize(
    ("grades", "said"),
    [
        ((0, 0, 0), "No sign of a leak in the cervical, thoracic or lumbar region."),
        ((0, 3, 0), "Signs of a leak: highest grade 3 (definite), thoracic region."),
        ((2, 0, 2), "Signs of a leak: highest grade 2 (probable), cervical and lumbar regions."),
        (
            (None, 1, None),
            "Signs of a leak: highest grade 1 (possible), thoracic region. "
            "Not assessable: cervical and lumbar.",
        ),
        (
            (0, 0, None),
            "No sign of a leak where the image can be judged, which is not everywhere. "
            "Not assessable: lumbar.",
        ),
        (
            (None, None, None),
            "No region of this study can be judged. Not assessable: cervical, thoracic and lumbar.",
        ),
    ],
)
def test_the_answer_in_one_sentence(
    reading: Reading, grades: tuple[int | None, ...], said: str
) -> None:
    assert words.conclusion(replace(reading, regions=_regions(*grades))) == said


def test_rules_are_in_words_and_unknown_ones_by_name() -> None:
    assert words.rule_text("triangle").startswith("triangular expansion alone")
    assert words.rule_text("perineurial-cyst-alone").startswith("round, smooth and discrete")
    assert words.rule_text("home-made") == "home made"


def test_a_candidate_graded_0_is_no_sign(reading: Reading) -> None:
    nothing = replace(reading.findings[0], grade=Grade.NONE)
    assert words.kind_text(nothing) == "looked at, no sign"
    assert words.kind_text(reading.findings[0]) == "leak sign"
    assert words.by_rank((nothing, reading.findings[1]))[0] is reading.findings[1]


@pytest.mark.parametrize(
    ("numbering", "said"),
    [
        (Numbering("failed"), "could not be named"),
        (Numbering("anchored", {"T1": 112.0}), "what the user named (T1 at 112 mm)"),
        (Numbering("assumed", uncertainty_roots=0.6), "off by about 0.6 roots"),
        (Numbering("assumed", note="Two ladders fit."), "Two ladders fit."),
    ],
)
def test_how_roots_were_named(reading: Reading, numbering: Numbering, said: str) -> None:
    text = words.numbering_text(replace(reading, numbering=numbering))
    assert said in text
    assert "C8 leaves at C7/T1 and counts as thoracic" in text


def test_root_cells_tell_normal_from_not_seen(reading: Reading) -> None:
    root = reading.roots[0]
    assert words.root_cell(root) == "4.0 mm"
    assert words.root_cell(replace(root, grade=Grade.PROBABLE)) == "4.0 mm, grade 2"
    assert words.root_cell(replace(root, sleeve_mm=None)) == "seen"
    assert words.root_cell(replace(root, visible=False)) == "not seen"
    assert words.root_cell(None) == "outside"
    cyst = next(f for f in reading.findings if f.kind is FindingKind.PERINEURIAL_CYST)
    at_cyst = replace(root, segment=cyst.segment, side=cyst.side)
    assert words.root_cell(at_cyst, reading.findings) == "4.0 mm, perineurial cyst"
    assert words.root_cell(root, (cyst,)) == "4.0 mm"


def test_doubtful_names_are_the_first_limit(reading: Reading) -> None:
    doubtful = replace(reading, numbering=Numbering("assumed", note="names are a guess"))
    assert words.limits_of(doubtful)[0] == "names are a guess"
    assert words.limits_of(reading) == reading.quality.warnings
    assert root_name(doubtful, Segment.T3) == "T3?"
    assert root_name(reading, Segment.T3) == "T3"
    assert root_name(reading, None) == "?"


def test_a_region_that_is_not_assessable_shows_its_reason_and_no_score(reading: Reading) -> None:
    lost = RegionReading(None, False, score=0.4321, reason="no column was found")
    page = reading_page(
        replace(reading, regions={**reading.regions, Region.CERVICAL: lost}),
        NO_PICTURES,
        PROVENANCE,
    )
    assert "no column was found" in page
    assert "score 0.43" not in page


def test_leaks_come_before_mimics_and_high_grades_before_low(reading: Reading) -> None:
    ranked = words.by_rank(tuple(reversed(reading.findings)))
    assert [f.grade for f in ranked] == [2, 1, 0]
    assert ranked[-1].kind is FindingKind.PERINEURIAL_CYST


def test_small_words(reading: Reading) -> None:
    finding = replace(reading.findings[0], segment_range=(Segment.T3, Segment.T3), pattern=())
    assert words.place_text(finding) == "T3 L"
    assert words.pattern_text(finding) == "none named"
    assert (words.value_text(None), words.value_text("2D"), words.value_text(1000.0)) == (
        *("\N{EN DASH}", "2D", "1000"),
    )
    assert words.date_text("2026-01-02T03:04:05") == "2026-01-02 03:04"
    assert words.date_text(None) == "\N{EN DASH}"
    assert words.protocol_text("Unheard") == "Unheard"

"""Examinations from readings and as typed."""

from __future__ import annotations

import datetime

import pytest

from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.grade import FindingKind, Grade, Technique
from myeloscope.domain.reading import Numbering, Reading
from myeloscope.errors import InputError
from myeloscope.pathway.examination import from_reading, limits_of
from myeloscope.pathway.patient import Diverticulum, SpineSign
from tests.pathway.cases import cyst, finding, leak, mrm, patient, reading

DAY = datetime.date(2024, 4, 1)
READ = "[[studies]]\ntechnique = 'mrm'\nreading = 'mrm/reading.json'\n"


def test_a_reading_gives_grades_signs_diverticula_and_limits() -> None:
    exam = patient(READ, reading()).examinations[0]
    assert exam.day == DAY
    assert exam.regions[Region.THORACIC].grade is Grade.PROBABLE
    assert exam.positive is True
    assert [(s.kind, s.segment, s.grade) for s in exam.signs or ()] == [
        (FindingKind.LEAK, Segment.T3, Grade.PROBABLE),
        (FindingKind.EPIDURAL_COLLECTION, Segment.T4, None),
    ]
    # The outline's box is 6 mm by 8 mm: its diagonal is 10 mm (Pythagoras).
    assert exam.diverticula == (
        Diverticulum(FindingKind.PERINEURIAL_CYST, Segment.T9, Side.LEFT, 10.0),
    )
    assert exam.limits == (
        "lumbar region not assessable: L2-L5 carry too little signal",
        "thoracic region graded in part only",
        "C1-C2 are above the image",
        "names of roots may be off by about 0.9",
        "protocol differs from the paper's: EchoTime",
    )
    assert (exam.reader, exam.reading) == ("myeloscope 1.0", "mrm/reading.json")


def _with(numbering: Numbering) -> Reading:
    made = reading()
    return Reading(
        made.technique, made.scale, made.reader, made.sources, made.regions, made.findings,
        made.sac, made.roots, numbering, made.quality, made.settings,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("numbering", "words"),
    [
        (Numbering("failed"), "roots could not be named"),
        (Numbering("anchored", uncertainty_roots=0.1), None),
        (Numbering("anchored"), None),
    ],
)
def test_names_of_roots_limit_where_they_are_unsure(
    numbering: Numbering, words: str | None
) -> None:
    told = [limit for limit in limits_of(_with(numbering)) if "roots" in limit]
    assert told == ([words] if words else [])


def test_a_finding_without_outline_has_no_size() -> None:
    bare = finding(FindingKind.MENINGOCELE, 20, Grade.NONE, "e")
    empty = type(bare)(**{
        **{name: getattr(bare, name) for name in bare.__slots__}, "outline_mm": (),
    })  # fmt: skip
    made = reading()
    alone = Reading(
        made.technique, made.scale, made.reader, made.sources, made.regions, (empty,),
        made.sac, made.roots, made.numbering, made.quality, made.settings,
    )  # fmt: skip
    assert [d.size_mm for d in from_reading(alone, DAY).diverticula or ()] == [None]


@pytest.mark.parametrize(
    ("text", "made", "words"),
    [
        (READ + "date = 2024-04-02", reading(), "date and reading are of the same day"),
        (READ, reading(acquired=None), "an examination has a date"),
        (READ + "findings = []", reading(), "grades come from the reading or are typed, not both"),
        (READ, reading(Technique.RIC), "technique and reading fit each other"),
    ],
)
def test_readings_that_contradict_the_file(text: str, made: Reading, words: str) -> None:
    with pytest.raises(InputError) as caught:
        patient(text, made)
    assert words in str(caught.value)


def test_a_date_of_the_file_stands_where_the_reading_has_none() -> None:
    exam = patient(READ + "date = 2024-04-02\nreader = 'R'", reading(acquired=None)).examinations[0]
    assert (exam.day, exam.reader) == (datetime.date(2024, 4, 2), "R")


def test_a_typed_examination() -> None:
    exam = patient(
        mrm((0, 2, None), f"{leak('T3', 2)}, {cyst('T9')}, "
        "{ kind = 'epidural-collection', root = 'T5' }")
    ).examinations[0]  # fmt: skip
    assert exam.signs == (
        SpineSign(FindingKind.LEAK, Segment.T3, Side.LEFT, Grade.PROBABLE, Region.THORACIC),
        SpineSign(FindingKind.EPIDURAL_COLLECTION, Segment.T5, Side.UNKNOWN, None, Region.THORACIC),
    )
    assert exam.diverticula == (
        Diverticulum(FindingKind.PERINEURIAL_CYST, Segment.T9, Side.LEFT, 8.0),
    )
    assert exam.regions[Region.LUMBAR].reason == "as typed"
    assert exam.top_grade is Grade.PROBABLE


def test_a_region_left_out_is_not_assessable_and_findings_left_out_are_unknown() -> None:
    text = "[[studies]]\ntechnique = 'mrm'\ndate = 2024-04-01\n"
    exam = patient(text + "grades = { thoracic = 0 }").examinations[0]
    assert exam.regions[Region.CERVICAL].grade is None
    assert exam.positive is None
    assert exam.signs is None
    bare = patient(text).examinations[0]
    assert bare.positive is None
    assert bare.top_grade is None
    assert patient(mrm((0, 0, 0))).examinations[0].signs == ()

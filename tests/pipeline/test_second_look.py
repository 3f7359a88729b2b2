"""What a person leaves of an automatic reading."""

from __future__ import annotations

from dataclasses import replace

import pytest

from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.codec import dumps, loads
from myeloscope.domain.grade import FindingKind, Grade, ReaderKind, ReaderMode
from myeloscope.domain.reading import Reading, RegionReading
from myeloscope.errors import InputError
from myeloscope.pipeline.second_look import (
    PARTLY,
    Judged,
    Judgement,
    SecondLook,
    second_reading,
    to_judge,
    unjudged,
)
from myeloscope.trial.answer import Mark, RegionAnswer
from tests.dicom import mr_source

THORACIC = Region.THORACIC


def _automatic() -> Reading:
    """Return a reading with one leak of grade 3 at T2 and nothing else."""
    found = mr_source.evidence().reading
    leak = replace(
        found.findings[0], id="1.1", kind=FindingKind.LEAK, region=THORACIC, segment=Segment.T2,
        grade=Grade.DEFINITE,
    )  # fmt: skip
    none = RegionReading(Grade.NONE, assessable=True, score=0.1)
    regions = {
        **dict.fromkeys(Region, none),
        THORACIC: RegionReading(Grade.DEFINITE, True, score=0.9),
    }
    return replace(found, findings=(leak,), regions=regions)


def _second(reading: Reading, given: SecondLook) -> Reading:
    made = second_reading(reading, given, (), "reader", "1.0")
    assert loads(dumps(made)) == made, "it keeps the contract"
    return made


def _said(judgement: Judgement, mark: Mark | None = None) -> SecondLook:
    return SecondLook((Judged("1.1", judgement, mark),))


def test_what_is_accepted_stays_as_measured() -> None:
    before = _automatic()
    made = _second(before, _said(Judgement.ACCEPTED))
    assert made.findings == before.findings
    assert made.regions == before.regions
    assert made.reader.kind is ReaderKind.PERSON
    assert made.reader.mode is ReaderMode.SECOND_LOOK
    assert made.settings["accepted"] == 1
    assert unjudged(before, SecondLook()) == ("1.1",)
    assert unjudged(before, _said(Judgement.ACCEPTED)) == ()


def test_what_is_rejected_goes_and_takes_the_grade_along() -> None:
    made = _second(_automatic(), _said(Judgement.REJECTED))
    assert made.findings == ()
    assert made.regions[THORACIC] == RegionReading(Grade.NONE, assessable=True)
    assert made.regions[Region.LUMBAR] == _automatic().regions[Region.LUMBAR]


def test_what_is_changed_is_the_persons_and_grades_both_regions() -> None:
    mark = Mark(
        FindingKind.LEAK, Region.LUMBAR, Side.LEFT, Segment.L1, Grade.PROBABLE, 20.0, 15.0, 10.0
    )
    made = _second(_automatic(), _said(Judgement.CHANGED, mark))
    (found,) = made.findings
    assert (found.segment, found.rule, found.ratio) == (Segment.L1, "reader", 0.5)
    assert found.outline_mm == _automatic().findings[0].outline_mm
    assert made.regions[THORACIC].grade is Grade.NONE
    assert made.regions[Region.LUMBAR].grade is Grade.PROBABLE


def test_an_added_finding_and_a_given_grade_count() -> None:
    cyst = Mark(FindingKind.PERINEURIAL_CYST, Region.LUMBAR, Side.LEFT)
    leak = Mark(FindingKind.LEAK, Region.CERVICAL, Side.RIGHT, grade=Grade.POSSIBLE)
    own = {
        THORACIC: RegionAnswer(reason="motion"),
        Region.LUMBAR: RegionAnswer(Grade.POSSIBLE, confidence=30),
    }
    given = SecondLook(_said(Judgement.ACCEPTED).findings, (cyst, leak), own, "seen twice")
    made = _second(_automatic(), given)
    assert [each.kind for each in made.findings][1:] == [cyst.kind, leak.kind]
    assert made.regions[Region.CERVICAL].grade is Grade.POSSIBLE
    assert made.regions[Region.LUMBAR] == RegionReading(Grade.POSSIBLE, assessable=True, score=0.3)
    assert made.regions[THORACIC].reason == "motion"
    assert made.settings["comment"] == "seen twice"


def test_a_region_that_could_not_be_judged_whole_has_no_grade_0() -> None:
    before = _automatic()
    partly = replace(before.regions[THORACIC], at_least=True)
    before = replace(before, regions={**before.regions, THORACIC: partly})
    made = _second(before, _said(Judgement.REJECTED))
    assert made.regions[THORACIC] == RegionReading(None, assessable=False, reason=PARTLY)
    blind = RegionReading(None, assessable=False, reason="not in the image")
    before = replace(before, regions={**before.regions, THORACIC: blind})
    assert _second(before, _said(Judgement.REJECTED)).regions[THORACIC] == blind


def test_candidates_of_grade_0_and_other_fluid_need_no_judgement() -> None:
    before = _automatic()
    (leak,) = before.findings
    more = (
        replace(leak, id="1.2", grade=Grade.NONE),
        replace(leak, id="1.3", kind=FindingKind.OTHER_FLUID),
    )
    before = replace(before, findings=(leak, *more))
    assert to_judge(before) == (leak,)
    assert _second(before, _said(Judgement.REJECTED)).findings == more


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(InputError, match="one of the reading's findings"):
        second_reading(_automatic(), SecondLook((Judged("9", Judgement.ACCEPTED),)), (), "r", "1")
    with pytest.raises(ValueError, match="judged once"):
        SecondLook((Judged("1", Judgement.ACCEPTED), Judged("1", Judgement.REJECTED)))
    with pytest.raises(ValueError, match="says what it is instead"):
        Judged("1", Judgement.CHANGED)
    with pytest.raises(ValueError, match="comment"):
        SecondLook(comment="x" * 5000)
    with pytest.raises(ValueError, match="added"):
        SecondLook(added=(Mark(FindingKind.LEAK, THORACIC, Side.LEFT),) * 201)

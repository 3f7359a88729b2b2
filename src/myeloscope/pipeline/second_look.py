"""Second look: a person goes over the automatic reading of a study, finding by finding.

Only outside blinded reads. This module is light: everything that decodes is imported in the worker.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from myeloscope.domain.anatomy import Region
from myeloscope.domain.codec import dumps
from myeloscope.domain.grade import FindingKind, Grade, Pattern, ReaderKind, ReaderMode, Technique
from myeloscope.domain.reading import Finding, Reader, Reading, RegionReading
from myeloscope.errors import InputError
from myeloscope.pipeline.run import Watch
from myeloscope.pipeline.worker import run_limited
from myeloscope.trial.answer import MOST_FINDINGS, MOST_TEXT, Mark, RegionAnswer
from myeloscope.trial.readings import finding_of
from myeloscope.trial.state import ImageRef

LOOK = "myeloscope.pipeline.looking:look_into"
REPORT = "myeloscope.pipeline.looking:report"
PARTLY = "a part of the region could not be judged"


class Judgement(StrEnum):
    """What a person says of an automatic finding."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement of one automatic finding; ``mark`` is what it is instead, if it was changed."""

    finding: str
    judgement: Judgement
    mark: Mark | None = None

    def __post_init__(self) -> None:
        """Refuse a change to nothing, and a mark beside another judgement."""
        if (self.mark is not None) is not (self.judgement is Judgement.CHANGED):
            raise ValueError("a changed finding says what it is instead, no other does")


@dataclass(frozen=True, slots=True)
class SecondLook:
    """Everything that a person said.

    Attributes
    ----------
    findings
        A judgement for each automatic finding, in any order.
    added
        Findings that the algorithm has not.
    regions
        Regions whose grade a person gave; the others follow from the findings that stand.
    comment
        What else there is to say.
    """

    findings: tuple[Judged, ...] = ()
    added: tuple[Mark, ...] = ()
    regions: Mapping[Region, RegionAnswer] = field(default_factory=dict)
    comment: str = ""

    def __post_init__(self) -> None:
        """Refuse texts and lists without end, and two judgements of one finding."""
        names = [each.finding for each in self.findings]
        if len(set(names)) < len(names):
            raise ValueError("a finding is judged once")
        if len(self.added) > MOST_FINDINGS:
            raise ValueError(f"at most {MOST_FINDINGS} findings are added")
        if len(self.comment) > MOST_TEXT:
            raise ValueError(f"a comment has at most {MOST_TEXT} characters")


@dataclass(frozen=True, slots=True)
class LookJob:
    """Studies to look at; the worker writes frames into ``folder``, each named by its content.

    ``key`` is that of the pseudonyms, by which a trial knows its studies.
    """

    path: str
    folder: str
    key: bytes


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an automatic finding rests on.

    Attributes
    ----------
    finding
        The finding's id.
    mark
        What and where it is, as readers mark findings.
    ratio, pattern, rule
        Extent over sac width, visible forms, and the rule that gave the grade, in words.
    outline
        Row and column of its border on the mark's image; empty where it has none.
    """

    finding: str
    mark: Mark
    ratio: float | None
    pattern: tuple[Pattern, ...]
    rule: str
    outline: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """A study with its automatic reading, to be gone over.

    Attributes
    ----------
    technique, study_uid, new_study_uid
        What it is; ``new_study_uid`` is the UID under which a trial would hold it.
    images
        Its frames; ``sha256`` and ``frame_sha256`` both name the frame.
    reading
        The text of the automatic ``reading.json``.
    evidence
        What is to be judged, the highest grade first.
    conclusion, limits
        The reading in a sentence, and what limits it.
    sac_median
        Median signal of the sac, in values of the image; ``None`` where no sac was seen.
    """

    technique: Technique
    study_uid: str
    new_study_uid: str
    images: tuple[ImageRef, ...]
    reading: str
    evidence: tuple[Evidence, ...]
    conclusion: str
    limits: tuple[str, ...]
    sac_median: float | None


@dataclass(frozen=True, slots=True)
class ReportJob:
    """Images, and the reading of them that becomes a structured report."""

    path: str
    reading: str


def look_into(job: LookJob, watch: Watch | None = None) -> Looked:
    """Read the first study behind a path that can be read.

    Raises
    ------
    InputError
        If there is nothing to read.
    """
    seen = watch or Watch()
    looked: Looked = run_limited(LOOK, job, limits=seen.limits, on_step=seen.on_step, log=seen.log)
    return looked


def write_report(job: ReportJob, watch: Watch | None = None) -> bytes:
    """Return a reading as a DICOM structured report of the study that it is of.

    Raises
    ------
    InputError
        If the images behind the path are not those of the reading.
    """
    seen = watch or Watch()
    made: bytes = run_limited(REPORT, job, limits=seen.limits, on_step=seen.on_step, log=seen.log)
    return made


def to_judge(reading: Reading) -> tuple[Finding, ...]:
    """Return the findings that a person goes over; candidates of grade 0 are no findings."""
    return tuple(
        found
        for found in reading.findings
        if found.kind is not FindingKind.OTHER_FLUID
        and (found.kind is not FindingKind.LEAK or found.grade)
    )


def unjudged(reading: Reading, given: SecondLook) -> tuple[str, ...]:
    """Return the ids of findings that nobody judged yet."""
    known = {each.finding for each in given.findings}
    return tuple(found.id for found in to_judge(reading) if found.id not in known)


def second_reading(
    reading: Reading, given: SecondLook, images: tuple[ImageRef, ...], reader: str, version: str
) -> Reading:
    """Return the reading that a person leaves.

    What was accepted stays as measured. A region in which anything was changed, rejected or added
    takes the highest grade of what stands there, unless the person gave one.

    Parameters
    ----------
    reading
        The automatic reading.
    given
        What the person said of it; findings without a judgement stay as they are.
    images
        The study's images, which places of marks count.
    reader, version
        The person's name, and the program's version.

    Raises
    ------
    InputError
        If a judged finding is not one of the reading's.
    """
    judged = {each.finding: each for each in given.findings}
    strange = sorted(judged.keys() - {found.id for found in to_judge(reading)})
    if strange:
        raise InputError(
            "a judgement is of one of the reading's findings", value=strange[0][:80],
            place="findings", remedy="reload the reading",
        )  # fmt: skip
    findings = tuple(_standing(reading, given, images))
    return replace(
        reading,
        reader=Reader(ReaderKind.PERSON, reader, version, ReaderMode.SECOND_LOOK),
        regions={region: _region(reading, given, findings, region) for region in Region},
        findings=findings,
        settings=_settings(reading, given),
        score=None,
        elapsed_s={},
    )


def _standing(
    reading: Reading, given: SecondLook, images: tuple[ImageRef, ...]
) -> Iterator[Finding]:
    judged = {each.finding: each for each in given.findings}
    for found in reading.findings:
        said = judged.get(found.id)
        if said is None or said.judgement is Judgement.ACCEPTED:
            yield found
        elif said.mark is not None:
            yield _changed(found, said.mark)
    for number, mark in enumerate(given.added):
        name = uuid.uuid5(uuid.NAMESPACE_OID, f"{_digest(reading)}/added/{number}")
        yield finding_of(mark, name, images)


def _changed(found: Finding, mark: Mark) -> Finding:
    """Return a finding as a person sees it; its outline and its place stay."""
    return replace(
        finding_of(mark, uuid.UUID(int=0), ()),
        id=found.id,
        pattern=found.pattern,
        position_mm=found.position_mm,
        outline_mm=found.outline_mm,
        source=found.source,
    )


def _region(
    reading: Reading, given: SecondLook, findings: tuple[Finding, ...], region: Region
) -> RegionReading:
    own, before = given.regions.get(region), reading.regions[region]
    if own is not None and own.answered:
        score = None if own.confidence is None else own.confidence / 100
        if own.grade is None:
            return RegionReading(None, assessable=False, reason=own.reason)
        return RegionReading(own.grade, assessable=True, score=score)
    if before.grade is None or region not in _touched(reading, given):
        return before
    grades = [
        found.grade
        for found in findings
        if found.region is region and found.kind is FindingKind.LEAK and found.grade is not None
    ]
    highest = max(grades, default=Grade.NONE)
    if before.at_least and not highest:
        return RegionReading(None, assessable=False, reason=before.reason or PARTLY)
    return RegionReading(highest, True, at_least=before.at_least, reason=before.reason)


def _touched(reading: Reading, given: SecondLook) -> frozenset[Region]:
    """Return the regions in which a finding was changed, rejected or added."""
    regions = {found.id: found.region for found in reading.findings}
    kept = Judgement.ACCEPTED
    said = [each for each in given.findings if each.judgement is not kept]
    return frozenset(
        [regions[each.finding] for each in said]
        + [each.mark.region for each in said if each.mark is not None]
        + [mark.region for mark in given.added]
    )


def _settings(reading: Reading, given: SecondLook) -> dict[str, float | int | str | bool]:
    """Return what the contract has no other place for."""
    made: dict[str, float | int | str | bool] = dict(reading.settings)
    made["second_look_of"] = f"{reading.reader.id} {reading.reader.version}"
    made["second_look_sha256"] = _digest(reading)
    for judgement in Judgement:
        made[judgement.value] = sum(each.judgement is judgement for each in given.findings)
    made["added"] = len(given.added)
    if given.comment:
        made["comment"] = given.comment
    return made


def _digest(reading: Reading) -> str:
    """Return the SHA-256 of a reading without its timing block."""
    return hashlib.sha256(dumps(replace(reading, elapsed_s={})).encode()).hexdigest()

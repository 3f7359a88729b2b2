"""A person's answer as the same ``reading.json`` record that the algorithm writes, and back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import FindingKind
from myeloscope.domain.reading import (
    Finding,
    Numbering,
    PixelRef,
    Quality,
    Reading,
    RegionReading,
    SourceImage,
)
from myeloscope.domain.reading import Reader as ReaderRecord
from myeloscope.trial.answer import Answer, Mark, RegionAnswer
from myeloscope.trial.state import ImageRef, Read, Revision, Trial

RULE = "reader"
"""The rule of a grade that a reader gave without a measurement."""
NOT_ASKED = "not asked by the protocol"
NOT_ANSWERED = "not answered"
NAMED_BY = "roots named by the reader"


def reading_of(trial: Trial, read: Read, index: int = -1) -> Reading:
    """Return one locked revision of a read as a reading.

    Parameters
    ----------
    trial, read
        The trial, and one of its reads with a locked answer.
    index
        Which revision; the last one by default.
    """
    revision = read.revisions[index]
    own = read.assignment
    images = trial.cases[own.case].images(own.technique, own.visit)
    reader = trial.readers[own.reader]
    answer = revision.answer
    scores = [given.confidence for given in answer.regions.values() if given.confidence is not None]
    number = index % len(read.revisions)
    return Reading(
        technique=own.technique,
        scale=trial.protocol.scale(own.technique),
        reader=ReaderRecord(reader.kind, reader.id, "", revision.mode),
        sources=tuple(_source(image) for image in images),
        regions={region: _region(trial, answer, region) for region in Region},
        findings=tuple(_findings(read, number, images)),
        sac=(),
        roots=(),
        numbering=Numbering("assumed", note=NAMED_BY),
        quality=Quality(None),
        settings=_settings(read, revision),
        score=max(scores) / 100 if scores else None,
        supersedes=f"{own.id}/{number - 1}" if number else None,
        elapsed_s={"active": read.active_s, "idle": read.idle_s},
    )


def _settings(read: Read, revision: Revision) -> dict[str, float | int | str | bool]:
    """Return what the contract has no other place for: comment, reason, overruled proposals."""
    found: dict[str, float | int | str | bool] = {
        "read": read.assignment.id,
        "repeat": read.assignment.repeat,
        "locked": revision.at,
    }
    if revision.answer.comment:
        found["comment"] = revision.answer.comment
    if revision.reason is not None:
        found["amended_because"] = revision.reason
    for region, given in revision.answer.regions.items():
        if given.proposed is not None:
            found[f"calipers_{region}"] = int(given.proposed)
    return found


def _source(image: ImageRef) -> SourceImage:
    return SourceImage(
        image.study_uid,
        image.series_uid,
        image.sop_uid,
        image.frame_of_reference_uid,
        acquired=None,
        station=image.view,
        frame=image.frame,
    )


def _region(trial: Trial, answer: Answer, region: Region) -> RegionReading:
    given = answer.region(region)
    if given.grade is None:
        asked = region in trial.protocol.regions
        reason = given.reason or (NOT_ANSWERED if asked else NOT_ASKED)
        return RegionReading(None, assessable=False, reason=reason)
    score = None if given.confidence is None else given.confidence / 100
    return RegionReading(given.grade, assessable=True, score=score)


def _findings(read: Read, number: int, images: tuple[ImageRef, ...]) -> Iterator[Finding]:
    for place, mark in enumerate(read.revisions[number].answer.findings):
        name = uuid.uuid5(uuid.NAMESPACE_OID, f"{read.assignment.id}/{number}/{place}")
        yield finding_of(mark, name, images)


def finding_of(mark: Mark, name: uuid.UUID, images: tuple[ImageRef, ...]) -> Finding:
    """Return a person's mark as a finding; ``images`` are those that its place counts."""
    return Finding(
        id=f"2.25.{name.int}",
        kind=mark.kind,
        region=mark.region,
        segment=mark.segment,
        segment_range=None,
        side=mark.side,
        grade=mark.grade,
        reach_mm=mark.reach_mm,
        extent_mm=mark.extent_mm,
        sac_width_mm=mark.sac_width_mm,
        ratio=ratio_of(mark),
        pattern=(),
        rule=RULE,
        score=1.0,
        position_mm=(None, None, None),
        outline_mm=(),
        source=_pixel(mark, images),
    )


def ratio_of(mark: Mark) -> float | None:
    """Return extent over sac width; ``None`` where either was not measured."""
    return mark.extent_mm / mark.sac_width_mm if mark.extent_mm and mark.sac_width_mm else None


def _pixel(mark: Mark, images: tuple[ImageRef, ...]) -> PixelRef | None:
    if mark.image is None or mark.row is None or mark.column is None or mark.image >= len(images):
        return None
    image = images[mark.image]
    return PixelRef(image.sop_uid, mark.row, mark.column, image.frame)


def answer_of(reading: Reading) -> Answer:
    """Return the answer that the algorithm's reading stands for."""
    return Answer(
        {region: _given(answer) for region, answer in reading.regions.items()},
        tuple(
            mark_of(found, reading)
            for found in reading.findings
            if found.kind is not FindingKind.OTHER_FLUID
        ),
    )


def mark_of(found: Finding, reading: Reading) -> Mark:
    """Return a finding as readers mark one; its image counts the reading's sources."""
    at = found.source
    shown = [(source.sop_uid, source.frame) for source in reading.sources]
    image = (
        None
        if at is None
        else next((n for n, each in enumerate(shown) if each == (at.sop_uid, at.frame)), None)
    )
    return Mark(
        found.kind,
        found.region,
        found.side,
        found.segment,
        found.grade,
        found.sac_width_mm,
        found.reach_mm,
        found.extent_mm,
        image,
        None if at is None or image is None else at.row,
        None if at is None or image is None else at.column,
    )


def _given(region: RegionReading) -> RegionAnswer:
    if region.grade is None:
        return RegionAnswer(reason=region.reason)
    confidence = None if region.score is None else round(100 * min(max(region.score, 0.0), 1.0))
    return RegionAnswer(region.grade, confidence=confidence)

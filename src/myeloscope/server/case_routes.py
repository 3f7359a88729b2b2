"""A case with its images and every reader's marks, for the lead after unblinding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Response
from fastapi.responses import JSONResponse

from myeloscope.domain.grade import ReaderKind, Technique
from myeloscope.server.admission import InTrial, Member, RefusalError
from myeloscope.server.answers import ImageStudy
from myeloscope.server.image_answers import Shown, find_frame, metadata
from myeloscope.trial.answer import Answer
from myeloscope.trial.protocol import Role
from myeloscope.trial.state import Case, Examination, Trial
from myeloscope.trial.visibility import CaseFile, visible_case

CaseId = Annotated[str, Path(pattern="^[A-Za-z0-9-]{1,64}$")]
Uid = Annotated[str, Path(pattern="^[0-9.]{1,64}$")]


@dataclass(frozen=True, slots=True)
class CaseRead:
    """What one reader said of an examination; ``repeat`` counts from 0."""

    reader: str
    kind: ReaderKind
    repeat: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class ExaminationOut:
    """An examination with what every reader said of it."""

    technique: Technique
    visit: int
    study: ImageStudy
    reads: tuple[CaseRead, ...]


@dataclass(frozen=True, slots=True)
class CaseOut:
    """A case after unblinding."""

    id: str
    truth: bool
    examinations: tuple[ExaminationOut, ...]


def get_case(member: InTrial, case: CaseId) -> CaseOut:
    """Return a case with what every reader said of each examination."""
    file = _file(member, case)
    return CaseOut(
        file.case.id,
        file.case.truth.disease,
        tuple(_examination(member.trial, file, each) for each in file.case.examinations),
    )


def _file(member: Member, case: str) -> CaseFile:
    found = visible_case(member.trial, Role.LEAD, case)
    if found is None:
        raise RefusalError(404, "a case is one of the trial's", "see the list of cases")
    return found


def _examination(trial: Trial, file: CaseFile, made: Examination) -> ExaminationOut:
    shown = _shown(trial, file.case, made)
    reads = tuple(
        CaseRead(own.reader, trial.readers[own.reader].kind, own.repeat, answer)
        for read in file.reads
        for own, answer in [(read.assignment, read.answer)]
        if answer is not None and (own.technique, own.visit) == (made.technique, made.visit)
    )
    study = ImageStudy(shown.study_uid, len(made.images))
    return ExaminationOut(made.technique, made.visit, study, reads)


def _shown(trial: Trial, case: Case, made: Examination) -> Shown:
    kind = f"{made.technique}-{made.visit}"
    return Shown(f"{trial.id}/{case.id}", kind, made.technique, made.images)


def _of_study(member: Member, case: str, study: str) -> Shown:
    file = _file(member, case)
    for made in file.case.examinations:
        shown = _shown(member.trial, file.case, made)
        if shown.study_uid == study:
            return shown
    raise _no_image()


def _no_image() -> RefusalError:
    return RefusalError(404, "an image is one of the case's", "see the case")


def get_case_metadata(member: InTrial, case: CaseId, study: Uid) -> Response:
    """Return the images' metadata as DICOM JSON, stripped to what display needs."""
    shown = _of_study(member, case, study)
    return JSONResponse(metadata(shown), media_type="application/dicom+json")


def get_case_frame(
    member: InTrial, case: CaseId, study: Uid, series: Uid, instance: Uid
) -> Response:
    """Return a frame's values: unsigned 16-bit little-endian, row by row."""
    image = find_frame(_of_study(member, case, study), series, instance)
    if image is None:
        raise _no_image()
    content = member.site.store.objects.get(image.frame_sha256)
    return Response(content, media_type="application/octet-stream")

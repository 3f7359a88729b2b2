"""Files in, readings out as JSON, in the worker process; nothing of reports is imported here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from myeloscope.dicom.load import look, open_study
from myeloscope.dicom.source import Loaded, PassedOver, StudyProblem
from myeloscope.domain.codec import dumps
from myeloscope.domain.reading import Reading
from myeloscope.errors import InputError, one_line
from myeloscope.myelography.read import read_study
from myeloscope.pipeline.folder import output_error
from myeloscope.pipeline.job import Outcome, ReadJob, Skipped, StudyRead
from myeloscope.pipeline.worker import Step

Tell = Callable[[Step], None]
LOOKING = "looking for MR myelograms"


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One study and its reading."""

    loaded: Loaded
    reading: Reading


def read_only(job: ReadJob, tell: Tell) -> Outcome:
    """Read what a job names and return it as JSON texts, writing nothing.

    Raises
    ------
    InputError
        If nothing can be read.
    """
    return read_each(job, tell, told)


def write_json(job: ReadJob, tell: Tell) -> Outcome:
    """Read what a job names and write each ``reading.json`` below ``job.folder``.

    Raises
    ------
    InputError
        If nothing can be read.
    OutputError
        If a file cannot be written.
    """
    outcome = read_only(job, tell)
    for study in outcome.studies:
        write_files(folder_of(job, study.study_uid, len(outcome.studies)), [json_file(study)])
    return outcome


def folder_of(job: ReadJob, study_uid: str, studies: int) -> Path:
    """Return a study's folder: the job's own, or one by study UID in it where there are several."""
    if job.folder is None:
        raise ValueError("a job that writes names its folder")
    return Path(job.folder) / study_uid if studies > 1 else Path(job.folder)


def json_file(study: StudyRead) -> tuple[str, bytes]:
    """Return name and content of ``reading.json``."""
    return "reading.json", study.json.encode()


def write_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write files into a folder, which is made.

    Raises
    ------
    OutputError
        If the operating system refuses.
    """
    try:
        folder.mkdir(exist_ok=True)
        for name, content in files:
            (folder / name).write_bytes(content)
    except OSError as error:
        raise output_error(folder, error) from error


def move_up(folder: Path) -> None:
    """Move a folder's files into the one around it, and remove it.

    Raises
    ------
    OutputError
        If the operating system refuses.
    """
    try:
        for file in sorted(folder.iterdir()):
            file.rename(folder.parent / file.name)
        folder.rmdir()
    except OSError as error:
        raise output_error(folder, error) from error


def read_each(job: ReadJob, tell: Tell, use: Callable[[Answer], StudyRead]) -> Outcome:
    """Read study after study, one at a time in memory, and let each reading be used.

    A study that cannot be read is passed over and named, as long as there is one that can.

    Raises
    ------
    InputError
        If no study can be read.
    """
    tell(Step(LOOKING))
    paths = [Path(path) for path in job.paths]
    found = look(
        paths, series=job.series, tell=lambda n, of: tell(Step(f"{LOOKING}: {n} of {of} files"))
    )
    skipped = passed_over_lines(found.passed_over)
    studies, errors = [], []
    for uid in found.studies:
        tell(Step(f"reading study {uid}", study=True))
        loaded = open_study(found, uid)
        skipped += passed_over_lines(loaded.passed_over)
        if isinstance(loaded, StudyProblem):
            errors.append(loaded.error)
            continue
        try:
            answer = _read(loaded, job)
        except InputError as error:
            errors.append(_of_study(error, uid))
            continue
        studies.append(use(answer))
    if not studies:
        raise errors[0]
    skipped += [Skipped(str(error)) for error in errors]
    return Outcome(tuple(studies), tuple(dict.fromkeys(skipped)))


def _read(loaded: Loaded, job: ReadJob) -> Answer:
    """Return the reading of a study with the time it took."""
    begun = time.perf_counter()
    reading = read_study(loaded.study, job.settings, clock=time.perf_counter)
    elapsed = {**reading.elapsed_s, "read": time.perf_counter() - begun}
    return Answer(loaded, replace(reading, elapsed_s=elapsed))


def _of_study(error: InputError, uid: str) -> InputError:
    """Return the error of a study's images with the study's name in its place."""
    place = f"study {uid}, {error.place}"
    return InputError(error.rule, value=error.value, place=place, remedy=error.remedy)


def passed_over_lines(items: tuple[PassedOver, ...]) -> list[Skipped]:
    """Return one line for each thing that was passed over."""
    lines = []
    for item in items:
        many = f" ({item.count} images)" if item.count > 1 else ""
        lines.append(Skipped(one_line(f"{item.path}{many}: {item.reason}")))
    return lines


def told(answer: Answer) -> StudyRead:
    """Return what the calling process hears of a study."""
    return StudyRead(answer.loaded.study.uid, dumps(answer.reading), answer.loaded.choice)

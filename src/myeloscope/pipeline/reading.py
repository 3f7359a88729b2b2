"""Files in, readings out as JSON, in the worker process; nothing of reports is imported here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from myeloscope.dicom.load import load_all
from myeloscope.dicom.source import Loaded, PassedOver, StudyProblem
from myeloscope.domain.codec import dumps
from myeloscope.domain.reading import Reading
from myeloscope.myelography.read import read_study
from myeloscope.pipeline.folder import output_error
from myeloscope.pipeline.job import Outcome, ReadJob, Skipped, StudyRead
from myeloscope.pipeline.worker import Step

Tell = Callable[[Step], None]


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
    studies, skipped = load_studies(job, tell)
    answers = tuple(read_each(studies, job, tell))
    return Outcome(tuple(told(answer) for answer in answers), skipped)


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


def load_studies(job: ReadJob, tell: Tell) -> tuple[tuple[Loaded, ...], tuple[Skipped, ...]]:
    """Return the studies that hold something to read, and what was passed over, in one line each.

    Raises
    ------
    InputError
        If no study holds anything to read.
    """
    tell(Step("looking for MR myelograms"))
    found = load_all([Path(path) for path in job.paths], series=job.series)
    studies = tuple(item for item in found if isinstance(item, Loaded))
    problems = [item for item in found if isinstance(item, StudyProblem)]
    if not studies:
        raise problems[0].error
    skipped = [line for item in found for line in passed_over_lines(item.passed_over)]
    skipped += [Skipped(str(problem.error)) for problem in problems]
    return studies, tuple(dict.fromkeys(skipped))


def passed_over_lines(items: tuple[PassedOver, ...]) -> list[Skipped]:
    """Return one line for each thing that was passed over."""
    lines = []
    for item in items:
        many = f" ({item.count} images)" if item.count > 1 else ""
        lines.append(Skipped(f"{item.path}{many}: {item.reason}"))
    return lines


def read_each(studies: tuple[Loaded, ...], job: ReadJob, tell: Tell) -> Iterator[Answer]:
    """Read study after study."""
    for loaded in studies:
        tell(Step(f"reading study {loaded.study.uid}", study=True))
        begun = time.perf_counter()
        reading = read_study(loaded.study, job.settings, clock=time.perf_counter)
        elapsed = {**reading.elapsed_s, "read": time.perf_counter() - begun}
        yield Answer(loaded, replace(reading, elapsed_s=elapsed))


def told(answer: Answer) -> StudyRead:
    """Return what the calling process hears of a study."""
    return StudyRead(answer.loaded.study.uid, dumps(answer.reading), answer.loaded.choice)

"""Files in, readings out as JSON, in the worker process; nothing of reports is imported here."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from myeloscope.cisternography.read import read_cisternogram
from myeloscope.dicom.load import load_all
from myeloscope.dicom.source import Loaded, PassedOver, StudyProblem
from myeloscope.domain.codec import dumps, loads
from myeloscope.domain.grade import Technique
from myeloscope.domain.reading import Reading
from myeloscope.errors import InputError
from myeloscope.myelography.read import read_study
from myeloscope.pipeline.folder import output_error
from myeloscope.pipeline.job import Outcome, ReadJob, Skipped, StudyRead
from myeloscope.pipeline.worker import Step

Tell = Callable[[Step], None]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One study, its reading, and its folder below the job's."""

    loaded: Loaded
    reading: Reading
    folder: str = ""


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
        write_files(folder_of(job, study.folder), [json_file(study)])
    return outcome


def folder_of(job: ReadJob, name: str) -> Path:
    """Return a study's folder: the job's own, or the one named in it."""
    if job.folder is None:
        raise ValueError("a job that writes names its folder")
    return Path(job.folder) / name


def folder_names(studies: Sequence[Loaded]) -> list[str]:
    """Return the folder of each study below the job's: none for a single one.

    One study of each technique goes into ``mrm`` and ``ric``; several studies go into one folder
    each by study UID, where both techniques have the same into ``mrm`` and ``ric`` there.
    """
    short = {Technique.MRM: "mrm", Technique.RIC: "ric"}
    kinds = [short[loaded.study.technique] for loaded in studies]
    if len(studies) == 1:
        return [""]
    if sorted(kinds) == ["mrm", "ric"]:
        return kinds
    uids = [loaded.study.uid for loaded in studies]
    return [
        uid if uids.count(uid) == 1 else f"{uid}/{kind}"
        for uid, kind in zip(uids, kinds, strict=True)
    ]


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
        folder.mkdir(exist_ok=True, parents=True)
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
    tell(Step("looking for MR myelograms and cisternograms"))
    found = load_all([Path(path) for path in job.paths], series=job.series, technique=job.technique)
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
    """Read study after study, each by its technique."""
    levels = None if job.levels is None else levels_reading(Path(job.levels))
    for loaded, folder in zip(studies, folder_names(studies), strict=True):
        tell(Step(f"reading study {loaded.study.uid}", study=True))
        begun = time.perf_counter()
        if loaded.study.technique is Technique.RIC:
            settings = job.settings
            if levels is not None:
                digest = hashlib.sha256(dumps(replace(levels, elapsed_s={})).encode())
                settings = replace(settings, levels=digest.hexdigest())
            reading = read_cisternogram(
                loaded.study, settings, clock=time.perf_counter, levels=levels
            )
        else:
            reading = read_study(loaded.study, job.settings, clock=time.perf_counter)
        elapsed = {**reading.elapsed_s, "read": time.perf_counter() - begun}
        yield Answer(loaded, replace(reading, elapsed_s=elapsed), folder)


def levels_reading(path: Path) -> Reading:
    """Return the MR myelography reading that shall name a cisternogram's levels.

    Raises
    ------
    InputError
        If the file cannot be read, is no reading, or one of the other technique.
    """
    try:
        reading = loads(path.read_bytes())
    except OSError as error:
        raise InputError(
            "--levels names a reading.json",
            value=error.strerror or "an I/O error",
            place=str(path),
            remedy="check the path",
        ) from error
    if reading.technique is not Technique.MRM or not reading.roots:
        raise InputError(
            "levels come from an MR myelography reading with named roots",
            value=f"{reading.technique}, {len(reading.roots)} roots",
            place=str(path),
            remedy="pass the reading.json of the patient's MR myelogram",
        )
    return reading


def told(answer: Answer) -> StudyRead:
    """Return what the calling process hears of a study."""
    return StudyRead(
        answer.loaded.study.uid,
        dumps(answer.reading),
        answer.loaded.choice,
        folder=answer.folder,
    )

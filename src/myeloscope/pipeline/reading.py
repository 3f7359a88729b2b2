"""Files in, readings out as JSON, in the worker process; nothing of reports is imported here."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from myeloscope.cisternography.read import read_cisternogram
from myeloscope.dicom.load import look, open_study
from myeloscope.dicom.source import Loaded, PassedOver, StudyProblem
from myeloscope.domain.codec import dumps, loads
from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Reading
from myeloscope.errors import InputError, one_line
from myeloscope.myelography.read import read_study
from myeloscope.pipeline.folder import output_error
from myeloscope.pipeline.job import Outcome, ReadJob, Skipped, StudyRead
from myeloscope.pipeline.worker import Step

Tell = Callable[[Step], None]
Also = Callable[[Study, Reading], None]
"""Hears of a study and its reading while the pixels are in memory."""
LOOKING = "looking for MR myelograms and cisternograms"
_SHORT = {Technique.MRM: "mrm", Technique.RIC: "ric"}


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
    return named(read_each(job, tell, told))


def no_more(_study: Study, _reading: Reading) -> None:
    """Do nothing more with a reading."""


def write_json(job: ReadJob, tell: Tell, also: Also = no_more) -> Outcome:
    """Read what a job names and write each ``reading.json`` below ``job.folder``.

    ``also`` is called with each study and its reading while the pixels are in memory.

    Raises
    ------
    InputError
        If nothing can be read.
    OutputError
        If a file cannot be written.
    """

    def use(answer: Answer) -> StudyRead:
        also(answer.loaded.study, answer.reading)
        return told(answer)

    outcome = named(read_each(job, tell, use))
    for study in outcome.studies:
        write_files(folder_of(job, study.folder), [json_file(study)])
    return outcome


def folder_of(job: ReadJob, name: str) -> Path:
    """Return a study's folder: the job's own, or the one named in it."""
    if job.folder is None:
        raise ValueError("a job that writes names its folder")
    return Path(job.folder) / name


def named(outcome: Outcome) -> Outcome:
    """Return an outcome whose studies know their folders below the job's.

    A single one goes into the job's own; one of each technique go into ``mrm`` and ``ric``; several
    go into one folder each by study UID, with the technique after it where both have the same.
    """
    studies = outcome.studies
    uids = [study.study_uid for study in studies]
    kinds = [_SHORT[study.technique] for study in studies]
    names = [
        uid if uids.count(uid) == 1 else f"{uid}-{kind}"
        for uid, kind in zip(uids, kinds, strict=True)
    ]
    if len(studies) == 1:
        names = [""]
    elif sorted(kinds) == ["mrm", "ric"]:
        names = kinds
    pairs = zip(studies, names, strict=True)
    return replace(outcome, studies=tuple(replace(study, folder=name) for study, name in pairs))


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


def move(outcome: Outcome, job: ReadJob) -> Outcome:
    """Move each study's files from where they were written to the folder that is theirs.

    Raises
    ------
    OutputError
        If the operating system refuses.
    """
    final = named(outcome)
    for written, study in zip(outcome.studies, final.studies, strict=True):
        source, target = folder_of(job, written.folder), folder_of(job, study.folder)
        try:
            if study.folder:
                source.rename(target)
                continue
            for file in sorted(source.iterdir()):
                file.rename(target / file.name)
            source.rmdir()
        except OSError as error:
            raise output_error(source, error) from error
    return final


def read_each(job: ReadJob, tell: Tell, use: Callable[[Answer], StudyRead]) -> Outcome:
    """Read study after study, one at a time in memory, and let each reading be used.

    A study that cannot be read is passed over and named, as long as there is one that can.

    Raises
    ------
    InputError
        If no study can be read.
    """
    tell(Step(LOOKING))
    levels = None if job.levels is None else levels_reading(Path(job.levels))
    paths = [Path(path) for path in job.paths]
    found = look(
        paths, series=job.series, tell=lambda n, of: tell(Step(f"{LOOKING}: {n} of {of} files"))
    )
    skipped = passed_over_lines(found.passed_over)
    studies: list[StudyRead] = []
    errors: list[InputError] = []
    for uid in found.studies:
        tell(Step(f"reading study {uid}", study=True))
        for loaded in open_study(found, uid, job.technique):
            skipped += passed_over_lines(loaded.passed_over)
            try:
                studies.append(use(_read(loaded, job, levels)))
            except InputError as error:
                errors.append(error)
    if not studies:
        raise errors[0]
    skipped += [Skipped(str(error)) for error in errors]
    return Outcome(tuple(studies), tuple(dict.fromkeys(skipped)))


def _read(loaded: Loaded | StudyProblem, job: ReadJob, levels: Reading | None) -> Answer:
    """Return the reading of a study with the time it took.

    Raises
    ------
    InputError
        If it holds nothing to read, or what it holds cannot be read.
    """
    if isinstance(loaded, StudyProblem):
        raise loaded.error
    begun = time.perf_counter()
    try:
        reading = _by_technique(loaded, job, levels)
    except InputError as error:
        raise _of_study(error, loaded.study.uid) from error
    elapsed = {**reading.elapsed_s, "read": time.perf_counter() - begun}
    return Answer(loaded, replace(reading, elapsed_s=elapsed))


def _by_technique(loaded: Loaded, job: ReadJob, levels: Reading | None) -> Reading:
    """Return the reading of a study by the reader of its technique."""
    if loaded.study.technique is Technique.MRM:
        return read_study(loaded.study, job.settings, clock=time.perf_counter)
    settings = job.settings
    if levels is not None:
        digest = hashlib.sha256(dumps(replace(levels, elapsed_s={})).encode())
        settings = replace(settings, levels=digest.hexdigest())
    return read_cisternogram(loaded.study, settings, clock=time.perf_counter, levels=levels)


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
    """Return what the calling process hears of a study, in a folder of no other."""
    study = answer.loaded.study
    return StudyRead(
        study.uid,
        dumps(answer.reading),
        answer.loaded.choice,
        technique=study.technique,
        folder=f"{study.uid}-{_SHORT[study.technique]}",
    )

"""One study of a cohort, read and written in a limited process."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from myeloscope.cohort.record import MONTAGE, STUDIES, Entry, Form, Order, StudyRef
from myeloscope.cohort.tables import rows_of
from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Reading
from myeloscope.pipeline.folder import output_error, whole_folder
from myeloscope.pipeline.job import Outcome, ReadJob
from myeloscope.pipeline.nifti_reading import write_nifti_json
from myeloscope.pipeline.reading import Also, Tell, write_json
from myeloscope.pipeline.worker import Step
from myeloscope.report.montage import thumbnail

Reader = Callable[[ReadJob, Tell, Also], Outcome]
"""Reads a job, writes its files, and shows each reading while its pixels are in memory."""


def read_to_json(study: StudyRef, order: Order) -> Entry:
    """Read a study, write its ``reading.json`` and return its line of the manifest.

    Raises
    ------
    MyeloscopeError
        As :func:`read_with`.
    """
    return read_with(write_json, study, order)


def read_with(reader: Reader, study: StudyRef, order: Order) -> Entry:
    """Read a study, write its folder and return its line of the manifest.

    Raises
    ------
    MyeloscopeError
        InputError if it cannot be read, OutputError if its folder cannot be written.
    """
    begun = time.perf_counter()
    pictures: list[bytes] = []

    def look(seen: Study, reading: Reading) -> None:
        if order.montage and is_for_montage(reading):
            pictures.append(thumbnail(seen, reading))

    target = Path(order.out) / STUDIES / study.uid
    with whole_folder(target, overwrite=True) as folder:
        used = write_nifti_json if study.form is Form.NIFTI else reader
        outcome = used(_job(study, order, folder), _silent, look)
        written = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    for picture in pictures:
        written += len(picture)
        _put(Path(order.out) / MONTAGE / f"{study.uid}.png", picture)
    readings = [json.loads(each.json) for each in outcome.studies]
    seconds = time.perf_counter() - begun
    return Entry(study.uid, order.key(study), seconds, written, rows_of(study.uid, readings))


def is_for_montage(reading: Reading) -> bool:
    """Return whether a spine is shown in the montage: positive, or not assessable."""
    return reading.technique is Technique.MRM and reading.positive is not False


def _put(path: Path, content: bytes) -> None:
    """Write a file that is whole whenever it is there."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise output_error(path, error) from error


def _job(study: StudyRef, order: Order, folder: Path) -> ReadJob:
    return ReadJob(
        paths=study.paths,
        settings=order.settings,
        technique=order.technique,
        folder=str(folder),
        only_json=order.only_json,
        study_uid=study.uid if study.form is Form.NIFTI else "",
    )


def _silent(_: Step) -> None:
    """Drop a progress event."""

"""Every file of a reading, written in the worker process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields, replace
from datetime import datetime
from itertools import chain
from typing import TypeAlias

import numpy as np
from PIL import Image

from myeloscope.cisternography.bounds import BOUNDS
from myeloscope.dicom.document import Evidence, to_bytes
from myeloscope.dicom.encapsulated_pdf import encapsulated_pdf
from myeloscope.dicom.secondary_capture import secondary_capture
from myeloscope.dicom.seg import segmentations
from myeloscope.dicom.source import Loaded
from myeloscope.dicom.sr import structured_report
from myeloscope.domain.grade import Technique
from myeloscope.pipeline.job import Outcome, ReadJob, StudyRead
from myeloscope.pipeline.printing import Printer
from myeloscope.pipeline.reading import (
    Also,
    Answer,
    Tell,
    folder_of,
    json_file,
    move,
    no_more,
    passed_over_lines,
    read_each,
    told,
    write_files,
)
from myeloscope.pipeline.summary import summary
from myeloscope.pipeline.worker import Step
from myeloscope.report.overlay import station_title
from myeloscope.report.reading_page import Provenance, draw_pictures, reading_page
from myeloscope.report.ric_page import draw_ric_pictures, ric_page
from myeloscope.report.scene import set_scene
from myeloscope.report.sheet import to_png

Shown: TypeAlias = "tuple[str, str, Image.Image]"
"""A picture: name of its file, title, and the picture itself."""
MOST_PASSED_OVER = 12
"""Lines about what was not read, in a report; the terminal tells all."""
_IDENTITY = (
    ("Patient ID", "PatientID"),
    ("Accession number", "AccessionNumber"),
    ("Study date", "StudyDate"),
    ("Study", "StudyDescription"),
    ("Scanner", "ManufacturerModelName"),
    ("Institution", "InstitutionName"),
)


def read_and_write(job: ReadJob, tell: Tell, also: Also = no_more) -> Outcome:
    """Read what a job names and write every file of every reading below ``job.folder``.

    One study is written into the folder itself, several into one folder each, named by study UID.
    ``also`` is called with each study and its reading while the pixels are in memory.

    Raises
    ------
    InputError
        If nothing can be read.
    OutputError
        If a file cannot be written.
    """
    write_files(folder_of(job, ""), ())
    with Printer() as printer:

        def write(answer: Answer) -> StudyRead:
            study = replace(told(answer), summary=summary(answer.reading))
            files = chain([json_file(study)], _files(answer, printer, tell))
            write_files(folder_of(job, study.folder), files)
            also(answer.loaded.study, answer.reading)
            return study

        outcome = read_each(job, tell, write)
    return move(outcome, job)


def _files(answer: Answer, printer: Printer, tell: Tell) -> Iterator[tuple[str, bytes]]:
    """Give name and content of each file beside ``reading.json``."""
    tell(Step("drawing pictures"))
    when = datetime.now()
    nuclear = answer.reading.technique is Technique.RIC
    html, shown = (_ric_page if nuclear else _mrm_page)(answer, when)
    printer.begin(html)
    yield "report.html", html.encode()
    for name, _, picture in shown:
        yield name, to_png(picture)
    tell(Step("writing DICOM objects"))
    evidence = Evidence(answer.loaded.source, answer.loaded.study, answer.reading, when)
    yield from _objects(evidence, shown)
    tell(Step("printing the report"))
    pdf = printer.pdf()
    yield "report.pdf", pdf
    title = "MR myelography" if not nuclear else "radioisotope cisternography"
    yield "report.dcm", to_bytes(encapsulated_pdf(evidence, pdf, title))


def _mrm_page(answer: Answer, when: datetime) -> tuple[str, list[Shown]]:
    """Return the page of an MR myelogram, and its pictures."""
    study, reading = answer.loaded.study, answer.reading
    pictures = draw_pictures(set_scene(study, reading))
    html = reading_page(reading, pictures, _provenance(answer.loaded, when))
    shown = [
        (f"overlay-{i + 1}.png", station_title(reading, i), picture)
        for i, picture in enumerate(pictures.overlays)
    ]
    if pictures.spine is not None:
        shown.append(("straightened.png", "Straightened spine", pictures.spine))
    return html, shown


def _ric_page(answer: Answer, when: datetime) -> tuple[str, list[Shown]]:
    """Return the page of a cisternogram, and its pictures."""
    study, reading = answer.loaded.study, answer.reading
    pictures = draw_ric_pictures(study, reading, (BOUNDS.faint, BOUNDS.hot))
    names = [item.name for item in fields(BOUNDS)]
    bounds = tuple(zip(names, astuple(BOUNDS), strict=True))
    html = ric_page(reading, pictures, _provenance(answer.loaded, when), bounds)
    shown = [("overlay-1.png", "Cisternogram, all times", pictures.times)]
    if pictures.courses is not None:
        shown.append(("overlay-2.png", "Courses of the findings", pictures.courses))
    return html, shown


def _objects(evidence: Evidence, shown: Sequence[Shown]) -> Iterator[tuple[str, bytes]]:
    """Give name and content of each DICOM object but the printed report.

    A planar gamma-camera image has no frame of reference, so that its findings get no SEG.
    """
    yield "sr.dcm", to_bytes(structured_report(evidence))
    if evidence.reading.technique is Technique.MRM:
        for number, made in enumerate(segmentations(evidence), start=1):
            yield f"seg-{number}.dcm", to_bytes(made)
    for number, (_, title, picture) in enumerate(shown, start=1):
        pixels = np.asarray(picture)
        made = secondary_capture(evidence, pixels, title, number)
        yield f"capture-{number}.dcm", to_bytes(made)


def _provenance(loaded: Loaded, when: datetime) -> Provenance:
    header = loaded.source.images[0]
    pairs = [(label, str(header.get(keyword, "") or "")) for label, keyword in _IDENTITY]
    patient, day = (str(header.get(keyword, "") or "") for keyword in ("PatientID", "StudyDate"))
    return Provenance(
        identification=tuple((label, _date(value)) for label, value in pairs if value),
        running=", ".join(filter(None, [patient and f"Patient ID {patient}", _date(day)])),
        taken=loaded.choice,
        when=when.isoformat(timespec="minutes"),
        passed_over=_shortened([item.text for item in passed_over_lines(loaded.passed_over)]),
    )


def _shortened(lines: list[str]) -> tuple[str, ...]:
    """Return the first lines, and how many more there are."""
    more = len(lines) - MOST_PASSED_OVER
    return (*lines[:MOST_PASSED_OVER], *([f"and {more} more"] if more > 0 else []))


def _date(value: str) -> str:
    """Return a DICOM date (DA) as ISO 8601 writes it; anything else as it is."""
    if len(value) == 8 and value.isdigit():
        return f"{value[:4]}-{value[4:6]}-{value[6:]}"
    return value

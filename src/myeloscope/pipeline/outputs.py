"""Every file of a reading, written in the worker process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain

import numpy as np

from myeloscope.dicom.document import Evidence, to_bytes
from myeloscope.dicom.encapsulated_pdf import encapsulated_pdf
from myeloscope.dicom.secondary_capture import secondary_capture
from myeloscope.dicom.seg import segmentations
from myeloscope.dicom.source import Loaded
from myeloscope.dicom.sr import structured_report
from myeloscope.pipeline.job import Outcome, ReadJob, StudyRead
from myeloscope.pipeline.printing import Printer
from myeloscope.pipeline.reading import (
    Answer,
    Tell,
    folder_of,
    json_file,
    move_up,
    passed_over_lines,
    read_each,
    told,
    write_files,
)
from myeloscope.pipeline.summary import summary
from myeloscope.pipeline.worker import Step
from myeloscope.report.overlay import station_title
from myeloscope.report.reading_page import Pictures, Provenance, draw_pictures, reading_page
from myeloscope.report.scene import set_scene
from myeloscope.report.sheet import to_png

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


def read_and_write(job: ReadJob, tell: Tell) -> Outcome:
    """Read what a job names and write every file of every reading below ``job.folder``.

    One study is written into the folder itself, several into one folder each, named by study UID.

    Raises
    ------
    InputError
        If nothing can be read.
    OutputError
        If a file cannot be written.
    """
    write_files(folder_of(job, "", 1), ())
    with Printer() as printer:

        def write(answer: Answer) -> StudyRead:
            study = replace(told(answer), summary=summary(answer.reading))
            files = chain([json_file(study)], _files(answer, printer, tell))
            write_files(folder_of(job, study.study_uid, 2), files)
            return study

        outcome = read_each(job, tell, write)
    if len(outcome.studies) == 1:
        move_up(folder_of(job, outcome.studies[0].study_uid, 2))
    return outcome


def _files(answer: Answer, printer: Printer, tell: Tell) -> Iterator[tuple[str, bytes]]:
    """Give name and content of each file beside ``reading.json``."""
    tell(Step("drawing pictures"))
    pictures = draw_pictures(set_scene(answer.loaded.study, answer.reading))
    when = datetime.now()
    html = reading_page(answer.reading, pictures, _provenance(answer.loaded, when))
    printer.begin(html)
    yield "report.html", html.encode()
    for number, picture in enumerate(pictures.overlays, start=1):
        yield f"overlay-{number}.png", to_png(picture)
    if pictures.spine is not None:
        yield "straightened.png", to_png(pictures.spine)
    tell(Step("writing DICOM objects"))
    evidence = Evidence(answer.loaded.source, answer.loaded.study, answer.reading, when)
    yield from _objects(evidence, pictures)
    tell(Step("printing the report"))
    pdf = printer.pdf()
    yield "report.pdf", pdf
    yield "report.dcm", to_bytes(encapsulated_pdf(evidence, pdf))


def _objects(evidence: Evidence, pictures: Pictures) -> Iterator[tuple[str, bytes]]:
    """Give name and content of each DICOM object but the printed report."""
    yield "sr.dcm", to_bytes(structured_report(evidence))
    for number, made in enumerate(segmentations(evidence), start=1):
        yield f"seg-{number}.dcm", to_bytes(made)
    shown = [(station_title(evidence.reading, i), p) for i, p in enumerate(pictures.overlays)]
    if pictures.spine is not None:
        shown.append(("Straightened spine", pictures.spine))
    for number, (title, picture) in enumerate(shown, start=1):
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

"""A study to look at beside its automatic reading, and the report that follows: in the worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from myeloscope.cisternography.read import read_cisternogram
from myeloscope.dicom import document
from myeloscope.dicom.deidentify import Pseudonyms
from myeloscope.dicom.display import display_frame, on_frame
from myeloscope.dicom.load import load_all
from myeloscope.dicom.source import Loaded
from myeloscope.dicom.sr import structured_report
from myeloscope.domain.codec import dumps, loads
from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Study
from myeloscope.domain.reading import Finding, Reading
from myeloscope.errors import InputError
from myeloscope.myelography.read import read_study
from myeloscope.pipeline.importing import display_of, views, write_by_content
from myeloscope.pipeline.reading import Tell
from myeloscope.pipeline.second_look import Evidence, Looked, LookJob, ReportJob, to_judge
from myeloscope.pipeline.worker import Step
from myeloscope.report.reading_words import by_rank, conclusion, limits_of, rule_text
from myeloscope.settings import ReadSettings
from myeloscope.trial.readings import mark_of
from myeloscope.trial.state import ImageRef


def look_into(job: LookJob, tell: Tell) -> Looked:
    """Read the first study behind the job's path that can be read, MR myelography first.

    Raises
    ------
    InputError
        If there is none.
    """
    tell(Step("looking for MR myelograms and cisternograms"))
    refused: list[InputError] = []
    for found in load_all([Path(job.path)]):
        tell(Step("reading a study", study=True))
        try:
            if isinstance(found, Loaded):
                return _looked(found, job)
            refused.append(found.error)
        except InputError as error:
            refused.append(error)
    raise refused[0]


def _looked(found: Loaded, job: LookJob) -> Looked:
    study = found.study
    if study.derived:
        raise InputError(
            "a second look shows images as they were acquired", value="a stack of thin slices",
            place=f"study {study.uid}", remedy="give its projection",
        )  # fmt: skip
    reading = (read_study if study.technique is Technique.MRM else read_cisternogram)(
        study, ReadSettings()
    )
    return Looked(
        study.technique,
        study.uid,
        Pseudonyms(job.key).uid(study.uid),
        tuple(_images(found, Path(job.folder))),
        dumps(reading),
        tuple(_evidence(found, reading, each) for each in by_rank(to_judge(reading))),
        conclusion(reading),
        limits_of(reading),
        sac_median(study, reading),
    )


def _images(found: Loaded, folder: Path) -> Iterator[ImageRef]:
    stations = found.study.stations
    for station, view in zip(stations, views(stations), strict=True):
        shown = display_frame(station)
        name = write_by_content(folder, shown.content)
        yield ImageRef(
            name,
            name,
            found.study.uid,
            "",
            station.sop_uid,
            None,
            view,
            display_of(shown, station),
            station.frame,
        )


def _evidence(found: Loaded, reading: Reading, finding: Finding) -> Evidence:
    mark = mark_of(finding, reading)
    outline: tuple[tuple[float, float], ...] = ()
    if mark.image is not None:
        border = on_frame(found.study.stations[mark.image], finding.outline_mm)
        outline = tuple((round(float(r), 1), round(float(c), 1)) for r, c in border)
    return Evidence(
        finding.id, mark, finding.ratio, finding.pattern, rule_text(finding.rule), outline
    )


def sac_median(study: Study, reading: Reading) -> float | None:
    """Return the median value of the pixels along the sac's midline; ``None`` without a sac."""
    points = [each.position_mm for each in reading.sac]
    found: list[float] = []
    for station in study.stations:
        rc = np.rint(on_frame(station, points)).astype(int)
        inside = np.all((rc >= 0) & (rc < np.array(station.pixels.shape)), axis=1)
        found += [float(value) for value in station.pixels[tuple(rc[inside].T)]]
    return float(np.median(found)) if found else None


def report(job: ReportJob, tell: Tell) -> bytes:
    """Return a reading as the bytes of a structured report of its study.

    Raises
    ------
    InputError
        If the images behind the path are not those of the reading.
    """
    reading = loads(job.reading)
    tell(Step("writing the structured report"))
    wanted = [(source.sop_uid, source.frame) for source in reading.sources]
    for found in load_all([Path(job.path)], technique=reading.technique):
        if not isinstance(found, Loaded):
            continue
        if [(s.sop_uid, s.frame) for s in found.study.stations] == wanted:
            made = document.Evidence(found.source, found.study, reading, datetime.now())
            return document.to_bytes(structured_report(made))
    raise InputError(
        "a report is of the images that were read", value="other images",
        place=f"study {reading.sources[0].study_uid}", remedy="open the study again",
    )  # fmt: skip

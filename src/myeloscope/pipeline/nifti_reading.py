"""NIfTI slabs in, a reading out as JSON, in the worker process.

There is no header to make reports and DICOM objects from, so that ``reading.json`` is all.
"""

from __future__ import annotations

import time
from pathlib import Path

from myeloscope.domain.codec import dumps
from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Station, Study
from myeloscope.errors import InputError
from myeloscope.exchange.nifti import StationUids, read_station
from myeloscope.myelography.read import read_study
from myeloscope.pipeline.job import Outcome, ReadJob, Skipped, StudyRead
from myeloscope.pipeline.reading import Also, Tell, folder_of, json_file, no_more, write_files
from myeloscope.pipeline.sidecar import derived_uid, read_sidecar, sidecar_of


def write_nifti_json(job: ReadJob, tell: Tell, also: Also = no_more) -> Outcome:
    """Read the slabs of one study and write its ``reading.json`` below ``job.folder``.

    A slab that cannot be read is passed over, as long as there is one that can.

    Raises
    ------
    InputError
        If none can be read.
    OutputError
        If the file cannot be written.
    """
    stations: list[Station] = []
    faults: list[InputError] = []
    for path in map(Path, job.paths):
        try:
            stations.append(_station(path, job.study_uid))
        except InputError as error:
            faults.append(error)
    if not stations:
        raise faults[0]
    # from the top downward, as the patient's z says (LPS)
    stations.sort(key=_height_mm, reverse=True)
    study = Study(job.study_uid, Technique.MRM, tuple(stations))
    reading = read_study(study, job.settings, clock=time.perf_counter)
    also(study, reading)
    taken = "slabs: " + ", ".join(Path(path).name for path in job.paths)
    made = StudyRead(study.uid, dumps(reading), taken)
    write_files(folder_of(job, ""), [json_file(made)])
    return Outcome((made,), tuple(Skipped(str(fault)) for fault in faults))


def _station(path: Path, study_uid: str) -> Station:
    uids = StationUids(
        derived_uid(study_uid, "series", path.name),
        derived_uid(study_uid, "image", path.name),
        derived_uid(study_uid, "frame of reference"),
    )
    return read_station(path, uids, read_sidecar(sidecar_of(path)))


def _height_mm(station: Station) -> float:
    """Return the z of a station's middle, LPS mm."""
    plane, (rows, columns) = station.geometry, station.pixels.shape
    across = plane.along_row[2] * plane.column_spacing * (columns - 1) / 2
    down = plane.along_column[2] * plane.row_spacing * (rows - 1) / 2
    return float(plane.position[2] + across + down)

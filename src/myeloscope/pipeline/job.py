"""What to read and what came of it: light records that cross into the worker process and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Technique
from myeloscope.settings import ReadSettings


@dataclass(frozen=True, slots=True)
class ReadJob:
    """One or several studies to read.

    Attributes
    ----------
    paths
        Folders, zip files or single files to look into.
    series
        Series Instance UID to read instead of what the program would choose.
    settings
        Settings of the reading.
    folder
        Where to write; ``None`` writes nothing.
    only_json
        Whether ``reading.json`` is all that is written.
    technique
        The only technique to read; ``None`` reads both.
    study_uid
        What the study is called, where its files do not say (NIfTI).
    levels
        An MR myelography ``reading.json`` of the patient that names a cisternogram's levels.
    """

    paths: tuple[str, ...]
    series: str | None = None
    settings: ReadSettings = field(default_factory=ReadSettings)
    folder: str | None = None
    only_json: bool = False
    technique: Technique | None = None
    levels: str | None = None
    study_uid: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, series or study that was not read, and why, in one line."""

    text: str


@dataclass(frozen=True, slots=True)
class StudyRead:
    """One study that was read.

    Attributes
    ----------
    study_uid
        Its Study Instance UID.
    json
        The text of its ``reading.json``.
    taken
        What was read and why, in words.
    summary
        The reading in a few lines; empty where only JSON was asked for.
    folder
        Its folder below the job's; empty where that is the job's own.
    technique
        The technique that was read.
    """

    study_uid: str
    json: str
    taken: str
    summary: tuple[str, ...] = ()
    folder: str = ""
    technique: Technique = Technique.MRM


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job gave: the studies that were read, and what was passed over."""

    studies: tuple[StudyRead, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class TableJob:
    """A table of reads as CSV, and the name of its reference for truth (empty for ``truth``)."""

    table: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ExplainJob:
    """What to explain: one finding by its id, or else a region.

    Attributes
    ----------
    reading
        The text of a ``reading.json``.
    finding
        The id of one of its findings.
    region
        The region, where no finding is named.
    study
        Where its images may be found; without, the picture is drawn from the reading.
    """

    reading: str
    finding: str | None = None
    region: Region | None = None
    study: str | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """The steps as lines of text, and the picture as PNG."""

    lines: tuple[str, ...]
    picture: bytes


@dataclass(frozen=True, slots=True)
class DossierJob:
    """A patient's file, and the readings that it may name.

    Attributes
    ----------
    patient
        The text of ``PATIENT.toml``.
    readings
        Texts of ``reading.json`` files by the paths under which they were given.
    as_of
        Day of the dossier, ISO 8601.
    """

    patient: str
    readings: Mapping[str, str]
    as_of: str


@dataclass(frozen=True, slots=True)
class DossierMade:
    """A dossier: the page, the record as JSON, and a summary in a few lines."""

    page: str
    record: str
    summary: tuple[str, ...]

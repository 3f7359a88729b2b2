"""What is to be read, how, and what came of it: light records that travel to workers and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from myeloscope import __version__
from myeloscope.domain.grade import Technique
from myeloscope.pipeline.worker import Limits
from myeloscope.settings import ReadSettings

STUDIES = "studies"
"""Folder of the studies' folders, in that of the cohort."""
MONTAGE = "montage"
"""Folder of small pictures of the spines that somebody will want to look at."""
Cell = str | int | float | bool | None
Rows = Mapping[str, list[list[Cell]]]
"""Name of a table -> its rows of one study, cells in the order of the columns."""


class Form(StrEnum):
    """How the images of a study are stored."""

    DICOM = "dicom"
    NIFTI = "nifti"
    DICOMWEB = "dicomweb"


@dataclass(frozen=True, slots=True)
class StudyRef:
    """A study to be read.

    Attributes
    ----------
    uid
        Study Instance UID.
    form
        How its images are stored.
    paths
        Its files (``archive.zip/member`` for one in a zip), or its address on a server.
    size
        Bytes of the files; 0 if unknown.
    digest
        Changes when the images do.
    """

    uid: str
    form: Form
    paths: tuple[str, ...]
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Left:
    """A file or study of the source that is not read, and why, in one line.

    ``uid`` is empty where no study can be named; ``count`` says how many files it stands for.
    """

    uid: str
    place: str
    reason: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source holds.

    Attributes
    ----------
    studies
        What can be tried, in the order of the UIDs.
    damaged
        Files that should be images and cannot be read, and studies without any image to read.
    others
        What was never meant to be read: one entry a reason.
    """

    studies: tuple[StudyRef, ...]
    damaged: tuple[Left, ...] = ()
    others: tuple[Left, ...] = ()


class Fetch(Protocol):
    """Brings a study's images to where a worker can read them."""

    def __call__(self, study: StudyRef, folder: Path) -> StudyRef:
        """Return the study with files to read; what has to be copied goes into ``folder``."""


@dataclass(frozen=True, slots=True)
class Order:
    """How every study of a cohort is read.

    Attributes
    ----------
    out
        Folder of the cohort, the same for all workers.
    settings
        Settings of the reading.
    technique
        The only technique to read; ``None`` reads both.
    only_json
        Whether ``reading.json`` is all that is written of a study.
    montage
        Whether a small picture of each positive or not assessable spine is made.
    limits
        Time and memory for a study.
    work
        ``package.module:function`` that reads a study; empty for the one that ``only_json`` says.
    fetch
        Brings images from a server; ``None`` where workers see the files.
    """

    out: str
    settings: ReadSettings = field(default_factory=ReadSettings)
    technique: Technique | None = None
    only_json: bool = False
    montage: bool = True
    limits: Limits = field(default_factory=Limits)
    work: str = ""
    fetch: Fetch | None = None

    def key(self, study: StudyRef) -> str:
        """Return the digest of all that a study's reading depends on: images, settings, version."""
        depends = [
            __version__,
            self.settings.as_record(),
            self.technique,
            self.only_json,
            self.montage,
            study.digest,
        ]
        return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()[:32]

    def keys(self, study: StudyRef) -> tuple[str, str]:
        """Return the keys of a study's reading and of its failure, which limits matter for too."""
        key = self.key(study)
        return key, f"{key}@{self.limits.wall_s:g}s,{self.limits.memory_mib}MiB"


class Failure(StrEnum):
    """Why a study was set aside."""

    INPUT = "unreadable"
    TIME = "time limit"
    MEMORY = "memory limit"
    CRASH = "crash"
    LOST = "worker lost"
    FETCH = "not fetched"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the manifest: what came of one study.

    Attributes
    ----------
    uid
        Study Instance UID.
    key
        What the entry depends on, from :meth:`Order.keys`.
    seconds
        How long it took.
    written
        Bytes written.
    rows
        Its rows of the tables; empty for a failure.
    failure, place, reason
        Why it was set aside, and where.
    tries
        How often it was tried.
    """

    uid: str
    key: str
    seconds: float
    written: int = 0
    rows: Rows = field(default_factory=dict)
    failure: Failure | None = None
    place: str = ""
    reason: str = ""
    tries: int = 1

"""The state of a trial: frozen records that follow from its log and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import ReaderMode, Technique
from myeloscope.trial.answer import Answer
from myeloscope.trial.protocol import Phase, Protocol, Reader


class Status(StrEnum):
    """Where a read stands."""

    ASSIGNED = "assigned"
    STARTED = "started"
    SAVED = "saved"
    LOCKED = "locked"
    AMENDING = "amending"


@dataclass(frozen=True, slots=True)
class Display:
    """What showing one frame needs, and nothing that tells where it came from.

    Attributes
    ----------
    rows, columns
        Size of the frame.
    slope, intercept
        Value = slope * stored + intercept.
    window_center, window_width
        A first window, in values: the 1st to the 99.5th percentile.
    row_spacing, column_spacing
        Distance of the centres of neighbouring rows and columns, mm; ``None`` where unknown.
    orientation
        Direction in which the column index grows, then the row index (DICOM's order).
    position
        Patient LPS of the first pixel's centre, mm; joins the images of one examination.
    """

    rows: int
    columns: int
    slope: float
    intercept: float
    window_center: float
    window_width: float
    row_spacing: float | None = None
    column_spacing: float | None = None
    orientation: tuple[float, float, float, float, float, float] | None = None
    position: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class ImageRef:
    """One stored, de-identified image.

    ``sha256`` names the file of the DICOM object, ``frame_sha256`` that of the frame that is
    shown (unsigned 16-bit little-endian, row by row); the UIDs are those of the de-identified
    object; ``view`` is the station of an MR image or the view and time of a scintigram.
    """

    sha256: str
    frame_sha256: str
    study_uid: str
    series_uid: str
    sop_uid: str
    frame_of_reference_uid: str | None
    view: str
    display: Display
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """The images of one case, technique and visit; visits count from 0, the earliest."""

    technique: Technique
    visit: int
    images: tuple[ImageRef, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of a case and hidden until the trial is unblinded.

    Attributes
    ----------
    disease
        Whether the case has the disease (the reference ``truth``).
    levels
        Whether a region truly has a leak, where that is known.
    references
        Further references by name: 1, 0, or ``None`` for cases they do not judge.
    """

    disease: bool
    levels: Mapping[Region, bool] = field(default_factory=dict)
    references: Mapping[str, bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One person of the study under a running name that says nothing."""

    id: str
    examinations: tuple[Examination, ...]
    truth: Truth
    age_years: int | None = None
    sex: str | None = None

    def examination(self, technique: Technique, visit: int) -> Examination | None:
        """Return one examination, ``None`` where it was not made."""
        for each in self.examinations:
            if (each.technique, each.visit) == (technique, visit):
                return each
        return None

    def images(self, technique: Technique, visit: int) -> tuple[ImageRef, ...]:
        """Return the images of one examination."""
        found = self.examination(technique, visit)
        return found.images if found is not None else ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """One read to be done.

    Attributes
    ----------
    id
        Opaque, drawn at random: nothing links two reads of one case.
    case, technique, visit
        What is read.
    reader
        Who reads.
    position, block
        Place in the reader's own order, and the block it lies in, from 0.
    repeat
        0 for the first read of an examination, 1 for the second.
    """

    id: str
    case: str
    technique: Technique
    visit: int
    reader: str
    position: int
    block: int
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class Revision:
    """A locked answer; never changed. ``reason`` tells why it amends the one before."""

    answer: Answer
    at: str
    mode: ReaderMode
    reason: str | None = None
    file: str | None = None
    """Hash of the algorithm's whole ``reading.json``."""


@dataclass(frozen=True, slots=True)
class Read:
    """A read and all that was done with it.

    Attributes
    ----------
    draft, number
        What was saved last, and how many saves there were: a save must name the number it rests
        on.
    revisions
        Locked answers, oldest first; the last one counts.
    votes
        Each panel member's own answer.
    confirmed
        Who agreed to lock the present draft; a new save clears it.
    reason
        Why a locked read is being amended.
    active_s, idle_s
        Reading time, and time without any action, s.
    """

    assignment: Assignment
    status: Status = Status.ASSIGNED
    draft: Answer | None = None
    number: int = 0
    revisions: tuple[Revision, ...] = ()
    votes: Mapping[str, Answer] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    reason: str | None = None
    active_s: float = 0.0
    idle_s: float = 0.0

    @property
    def answer(self) -> Answer | None:
        """Return the answer that counts: the last one that was locked."""
        return self.revisions[-1].answer if self.revisions else None


@dataclass(frozen=True, slots=True)
class Trial:
    """A reader study at one moment."""

    id: str
    title: str
    protocol: Protocol
    leads: tuple[str, ...]
    phase: Phase = Phase.DRAFT
    readers: Mapping[str, Reader] = field(default_factory=dict)
    cases: Mapping[str, Case] = field(default_factory=dict)
    reads: Mapping[str, Read] = field(default_factory=dict)
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Reader -> ids of its reads in its own order."""

    def readers_of(self, user: str) -> tuple[Reader, ...]:
        """Return the readers that a user is, alone or as a member of a panel."""
        return tuple(reader for reader in self.readers.values() if user in reader.users)

"""Where a study came from: patient identity and references, kept apart from the pixels."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom import Dataset

from myeloscope.domain.image import Study
from myeloscope.errors import InputError


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What SR, SEG, PDF and captures of a study must take over from its images.

    Attributes
    ----------
    images
        Headers without pixel data, one per station and in the stations' order: patient, study,
        series, frame of reference, equipment. Two stations of one multi-frame object have the
        same header; a derived station has the header of the middle image of its stack.
    files
        Names of the files, one per station, as shown to the user.
    frames
        Frame of each station in its multi-frame object, from 1; ``None`` for single images.
    """

    images: tuple[Dataset, ...]
    files: tuple[str, ...]
    frames: tuple[int | None, ...]

    @property
    def study_uid(self) -> str:
        """Return the Study Instance UID."""
        return str(self.images[0].StudyInstanceUID)

    @property
    def distinct(self) -> tuple[Dataset, ...]:
        """Return each referenced object once."""
        return tuple({str(image.SOPInstanceUID): image for image in self.images}.values())


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Something that was not read, and why.

    Attributes
    ----------
    path
        File (the first one, for a series).
    uid
        Series Instance UID, or the SOP Instance UID of a single object, if known.
    reason
        One short sentence.
    count
        How many images.
    """

    path: str
    uid: str | None
    reason: str
    count: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A study that was found, and what was left.

    ``choice`` says in words what was taken and why.
    """

    study: Study
    source: Source
    passed_over: tuple[PassedOver, ...]
    choice: str


@dataclass(frozen=True, slots=True, eq=False)
class StudyProblem:
    """A study that holds nothing to read, and why."""

    study_uid: str | None
    error: InputError
    passed_over: tuple[PassedOver, ...]

"""To which study a file belongs, by the five elements that say so: for folders of thousands."""

from __future__ import annotations

from dataclasses import dataclass

from myeloscope.dicom.files import Item
from myeloscope.dicom.header import MOST_UID, faults_of, read, wrong_uid
from myeloscope.errors import InputError

TAGS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "Modality", "SOPClassUID")
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"


@dataclass(frozen=True, slots=True)
class Belonging:
    """What a file is part of; ``study_uid`` is empty for a DICOMDIR."""

    study_uid: str
    sop_uid: str
    modality: str


def belonging(item: Item, _: object = None) -> Belonging:
    """Return to which study a file belongs.

    Raises
    ------
    InputError
        If it is not DICOM, damaged, or its UIDs are none.
    """
    header = read(item, pixels=False, tags=TAGS)
    with faults_of(item, "header values must be readable"):
        if str(header.file_meta.get("MediaStorageSOPClassUID", "")) == MEDIA_DIRECTORY:
            return Belonging("", "", "")
        study, sop = (str(header.get(name, "")) for name in ("StudyInstanceUID", "SOPInstanceUID"))
        modality = str(header.get("Modality", ""))
    for uid in (study, sop):
        if wrong := wrong_uid(uid):
            raise InputError(
                f"a UID must be at most {MOST_UID} digits and dots",
                value=wrong,
                place=item.name,
                remedy="leave it out or export it again",
            )
    return Belonging(study, sop, modality)

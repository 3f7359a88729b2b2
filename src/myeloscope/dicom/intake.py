"""One file in, one de-identified object out, with what the intake must know of it."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom import Dataset

from myeloscope.dicom.deidentify import (
    Pseudonyms,
    burned_in_risk,
    deidentify,
    leftovers,
    patient_of,
)
from myeloscope.dicom.document import to_bytes
from myeloscope.dicom.files import Item
from myeloscope.dicom.header import read
from myeloscope.errors import InputError

OLDEST = 90
"""Ages above are not told apart (45 CFR 164.514(b)(2)(i)(C))."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A row of the re-identification table, which is kept apart: who is who."""

    patient: str
    pseudonym: str
    study_uid: str
    new_study_uid: str
    shifted_days: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A de-identified object.

    Attributes
    ----------
    content
        The file.
    identity
        Who it shows; never stored with it.
    study_uid, series_uid, sop_uid, frame_of_reference_uid
        The new UIDs.
    age_years, sex
        Of the person, for a protocol that shows them.
    risk
        Why text may be burned into the pixels.
    """

    content: bytes
    identity: Identity
    study_uid: str
    series_uid: str
    sop_uid: str
    frame_of_reference_uid: str | None
    age_years: int | None
    sex: str | None
    risk: str | None


def take(item: Item, pseudonyms: Pseudonyms) -> Taken:
    """Return a file's object de-identified and checked against the standard's table.

    Raises
    ------
    InputError
        If it is no readable DICOM, carries identity in its pixels, or anything that the table
        forbids would be left.
    """
    original = read(item, pixels=True)
    made = deidentify(original, pseudonyms)
    if left := leftovers(made, original):
        raise InputError(
            "nothing that the standard's table forbids may be left", value=left[0],
            place=item.name, remedy="leave it out and report it",
        )  # fmt: skip
    return Taken(
        to_bytes(made),
        _identity(original, pseudonyms),
        str(made.get("StudyInstanceUID", "")),
        str(made.get("SeriesInstanceUID", "")),
        str(made.SOPInstanceUID),
        str(made.get("FrameOfReferenceUID", "")) or None,
        _age(original),
        str(original.get("PatientSex", "") or "") or None,
        burned_in_risk(original),
    )


def _identity(original: Dataset, pseudonyms: Pseudonyms) -> Identity:
    patient = patient_of(original)
    study = str(original.get("StudyInstanceUID", ""))
    days = pseudonyms.shift(patient).days
    return Identity(patient, pseudonyms.patient(patient), study, pseudonyms.uid(study), days)


def _age(original: Dataset) -> int | None:
    text = str(original.get("PatientAge", "") or "")
    return min(int(text[:3]), OLDEST) if text[:3].isdigit() and text.endswith("Y") else None

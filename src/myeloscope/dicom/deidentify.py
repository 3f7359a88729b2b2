"""De-identification by PS3.15 Annex E: another patient's name, other UIDs, other dates, no trace.

Everything new follows from a secret key: the same object gives the same result, references stay
whole between files, and nobody without the key can find the way back.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydicom import DataElement, Dataset
from pydicom.datadict import dictionary_has_tag
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence as ItemSequence
from pydicom.tag import Tag
from pydicom.uid import UID

from myeloscope.dicom.confidentiality import (
    EDITION,
    MODIFIED_DATES,
    PROFILE,
    Action,
    action,
    profile,
    shifted,
)
from myeloscope.dicom.files import Item
from myeloscope.dicom.header import faults_of
from myeloscope.errors import InputError

STANDARD_ROOT = "1.2.840.10008."
LONGEST_SHIFT_DAYS = 3650
REMOVED = "REMOVED"
_DUMMIES: dict[str, object] = {
    **dict.fromkeys(("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"), REMOVED),
    **dict.fromkeys(("DS", "IS", "FD", "FL", "SL", "SS", "UL", "US", "SV", "UV"), 0),
    **dict.fromkeys(("OB", "OD", "OF", "OL", "OV", "OW"), bytes(2)),
    "AS": "000Y",
    "DA": "19000101",
    "DT": "19000101000000",
    "TM": "000000",
}
"""Value of a dummy by value representation."""
_WRITES_ON_IMAGES = frozenset({"1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.66"})
_RISKY_MODALITIES = frozenset({"OT", "SC", "XC", "US", "DOC", "SR", "ES", "GM"})


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """What replaces identity; all of it follows from the key."""

    key: bytes

    def uid(self, uid: str) -> str:
        """Return the UID that stands for another; UIDs of the standard itself stay."""
        if uid.startswith(STANDARD_ROOT) or not uid:
            return uid
        return f"2.25.{int.from_bytes(self._digest('uid', uid)[:16])}"

    def patient(self, patient: str) -> str:
        """Return the name and ID of a patient."""
        return f"P{self._digest('patient', patient).hex()[:12].upper()}"

    def shift(self, patient: str) -> timedelta:
        """Return how far a patient's dates move: 1 to 3650 days back, all by the same."""
        drawn = int.from_bytes(self._digest("dates", patient)[:8])
        return timedelta(days=-(1 + drawn % LONGEST_SHIFT_DAYS))

    def _digest(self, purpose: str, text: str) -> bytes:
        return hmac.new(self.key, f"{purpose}/{text}".encode(), hashlib.sha256).digest()


def patient_of(dataset: Dataset) -> str:
    """Return what tells patients apart: issuer and ID, or the name where there is no ID."""
    patient = str(dataset.get("PatientID", "") or "")
    issuer = str(dataset.get("IssuerOfPatientID", "") or "")
    return f"{issuer}/{patient}" if patient else f"/{dataset.get('PatientName', '')}"


def deidentify(dataset: Dataset, pseudonyms: Pseudonyms) -> Dataset:
    """Return a de-identified copy of an object; the pixels stay as they are.

    Raises
    ------
    InputError
        If the object says that identity is burned into its pixels, or a value cannot be read.
    """
    name = f"object {dataset.get('SOPInstanceUID', 'without UID')}"
    place = Item(name, Path(), 0)
    if str(dataset.get("BurnedInAnnotation", "")).upper() == "YES":
        raise InputError(
            "pixels must not carry identity", value="Burned In Annotation (0028,0301) YES",
            place=place.name, remedy="leave it out, or blank the pixels first",
        )  # fmt: skip
    with faults_of(place, "values must be readable to be de-identified"):
        patient = patient_of(dataset)
        made = _cleaned(dataset, pseudonyms, pseudonyms.shift(patient))
        made.PatientName = made.PatientID = pseudonyms.patient(patient)
        _tell(made)
        made.file_meta = _meta(dataset, pseudonyms)
    return made


def burned_in_risk(dataset: Dataset) -> str | None:
    """Return why text may be burned into the pixels, ``None`` where nothing points to it."""
    if str(dataset.get("BurnedInAnnotation", "")).upper() == "NO":
        return None
    if str(dataset.get("SOPClassUID", "")).startswith(tuple(_WRITES_ON_IMAGES)):
        return "a captured image, and it does not say that nothing is burned in"
    if str(dataset.get("Modality", "")) in _RISKY_MODALITIES:
        return f"modality {dataset.Modality}, and it does not say that nothing is burned in"
    if "SECONDARY" in [str(part) for part in dataset.get("ImageType", []) or []]:
        return "a secondary image, and it does not say that nothing is burned in"
    return None


def _cleaned(dataset: Dataset, pseudonyms: Pseudonyms, shift: timedelta) -> Dataset:
    made = Dataset()
    for element in dataset:
        kept = _element(element, pseudonyms, shift)
        if kept is not None:
            made.add(kept)
    return made


def _element(element: DataElement, pseudonyms: Pseudonyms, shift: timedelta) -> DataElement | None:
    tag, vr = Tag(element.tag), str(element.VR)
    what = action(tag, vr)
    if what is Action.REMOVE or not dictionary_has_tag(tag):
        return None
    if what is Action.EMPTY:
        return DataElement(tag, vr, ItemSequence() if vr == "SQ" else "")
    if vr == "SQ":
        items = [_cleaned(item, pseudonyms, shift) for item in element.value]
        return DataElement(tag, vr, ItemSequence(items))
    if what is Action.UID or (what is Action.DUMMY and vr == "UI"):
        return DataElement(tag, "UI", _each(element, pseudonyms.uid))
    if what is Action.DUMMY:
        return DataElement(tag, vr, _DUMMIES[vr]) if vr in _DUMMIES else None
    if what is Action.SHIFT:
        return DataElement(tag, vr, _each(element, lambda value: _moved(value, shift)))
    return DataElement(tag, vr, element.value)


def _each(element: DataElement, change: Callable[[str], str]) -> list[str] | str:
    """Return each of an element's values changed."""
    if element.VM > 1:
        return [change(str(value)) for value in element.value]
    return change(str(element.value or ""))


def _moved(value: str, shift: timedelta) -> str:
    """Return a date (DA), or a date and time (DT) of at least a day's precision, shifted."""
    if len(value) < 8:
        return ""  # empty, or a year or month alone, which no number of days can move
    day = datetime.strptime(value[:8], "%Y%m%d") + shift
    return f"{day:%Y%m%d}{value[8:]}"


def _tell(made: Dataset) -> None:
    """Say in the object what was done to it (PS3.15 E.1.1, PS3.3 C.7.1.1)."""
    made.PatientIdentityRemoved = "YES"
    made.DeidentificationMethod = f"MyeloScope, {EDITION} Table E.1-1"
    made.LongitudinalTemporalInformationModified = "MODIFIED"
    codes = []
    for value, meaning in (PROFILE, MODIFIED_DATES):
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "DCM", meaning
        codes.append(code)
    made.DeidentificationMethodCodeSequence = codes


def _meta(dataset: Dataset, pseudonyms: Pseudonyms) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(str(dataset.SOPClassUID))
    meta.MediaStorageSOPInstanceUID = UID(pseudonyms.uid(str(dataset.SOPInstanceUID)))
    meta.TransferSyntaxUID = dataset.file_meta.TransferSyntaxUID
    return meta


def leftovers(made: Dataset, original: Dataset) -> tuple[str, ...]:
    """Return what the table forbids and the result still holds, one line each; empty if none.

    Looks at the result alone, tag by tag, in sequences too, whatever made it; and searches every
    text that is left for the original's names and numbers.
    """
    words = _identity(original)
    return tuple(_leftovers(made, original, words))


def _leftovers(made: Dataset, original: Dataset, words: frozenset[str]) -> Iterator[str]:
    for element in made.iterall():
        tag, vr = Tag(element.tag), str(element.VR)
        what = profile().get(tag)
        text = str(element.value) if vr not in ("OB", "OW", "SQ", "UN") else ""
        if tag.is_private:
            yield f"{tag} is private"
        elif what is Action.REMOVE and not (tag in shifted() and vr in ("DA", "DT", "TM")):
            yield f"{tag} must be removed"
        elif what is Action.EMPTY and text and element.keyword not in ("PatientName", "PatientID"):
            if not (tag in shifted() and vr in ("DA", "DT", "TM")):
                yield f"{tag} must be empty"
        elif any(word in text for word in words):
            yield f"{tag} repeats what identified the patient"
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        if made.get(keyword) and made.get(keyword) == original.get(keyword):
            yield f"{keyword} is the original's"


def _identity(original: Dataset) -> frozenset[str]:
    """Return the texts that identify: names, numbers and UIDs of four characters and more."""
    found: set[str] = set()
    for element in original.iterall():
        tag, vr = Tag(element.tag), str(element.VR)
        gone = profile().get(tag) in (Action.REMOVE, Action.EMPTY, Action.UID)
        if gone and vr in ("PN", "LO", "SH", "UI", "LT", "ST", "UT"):
            values = element.value if element.VM > 1 else [element.value]
            found |= {str(value).strip() for value in values or []}
    return frozenset(
        word for word in found if len(word) >= 4 and not word.startswith(STANDARD_ROOT)
    )

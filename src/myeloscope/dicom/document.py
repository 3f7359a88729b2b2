"""What every DICOM object made from a reading shares: patient, study, identity, equipment.

Objects belong to the patient and study of the images that were read; a new object copies those
modules (PS3.3 C.7.1.1 Patient, C.7.2.1 General Study, C.7.2.2 Patient Study) from the first image.
UIDs follow from the reading (time measurements apart), so that the same reading gives the same
objects and a PACS sees a repeat as a repeat.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO

from pydicom import DataElement, Dataset, dcmwrite
from pydicom.config import IGNORE
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from myeloscope.dicom.source import Source
from myeloscope.domain.codec import dumps
from myeloscope.domain.image import Station, Study
from myeloscope.domain.reading import Reading
from myeloscope.errors import OutputError

MANUFACTURER = "MyeloScope"
CHARACTER_SET = "ISO_IR 192"
RESEARCH_USE = "research use, not for clinical decisions"
LEVEL_OF_SIGN = "the level of a sign is not proof of the level of the dural defect"

PATIENT_AND_STUDY = (
    *("PatientName", "PatientID", "IssuerOfPatientID", "TypeOfPatientID", "PatientBirthDate"),
    *("PatientSex", "PatientBirthTime", "QualityControlSubject", "OtherPatientIDsSequence"),
    *("OtherPatientNames", "EthnicGroup", "PatientComments", "PatientIdentityRemoved"),
    *("DeidentificationMethod", "DeidentificationMethodCodeSequence"),
    *("ClinicalTrialSponsorName", "ClinicalTrialProtocolID", "ClinicalTrialProtocolName"),
    *("ClinicalTrialSiteID", "ClinicalTrialSiteName", "ClinicalTrialSubjectID"),
    *("ClinicalTrialSubjectReadingID", "ClinicalTrialTimePointID"),
    *("ClinicalTrialTimePointDescription", "StudyInstanceUID", "StudyDate", "StudyTime"),
    *("ReferringPhysicianName", "StudyID", "AccessionNumber", "IssuerOfAccessionNumberSequence"),
    *("StudyDescription", "ProcedureCodeSequence", "NameOfPhysiciansReadingStudy"),
    *("PhysiciansOfRecord", "ConsultingPhysicianName", "ReferencedStudySequence", "PatientAge"),
    *("PatientSize", "PatientWeight", "AdmissionID", "TimezoneOffsetFromUTC"),
)
# Type 2: there, though empty where the source leaves them out.
_NEVER_MISSING = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime"),
    *("ReferringPhysicianName", "StudyID", "AccessionNumber"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All that a DICOM object is made from: images' headers, the study, its reading, the time."""

    source: Source
    study: Study
    reading: Reading
    when: datetime
    digest: str = field(init=False)
    """SHA-256 of the reading without its timing block."""

    def __post_init__(self) -> None:
        """Refuse headers that are not those of the stations.

        Raises
        ------
        OutputError
            If there are more or fewer headers than stations, or none, or another image's.
        """
        stations = [station.sop_uid for station in self.study.stations]
        headers = [str(image.SOPInstanceUID) for image in self.source.images]
        # A derived station is computed from a stack, of which the header is one image.
        fitting = len(stations) == len(headers) if self.study.derived else stations == headers
        if not headers or not fitting:
            raise OutputError(
                "each station has the header of its image, in the same order",
                value=f"headers {headers} for stations {stations}",
                place=f"study {self.study.uid}",
                remedy="pass the source that was loaded together with the study",
            )
        text = dumps(replace(self.reading, elapsed_s={}))
        object.__setattr__(self, "digest", hashlib.sha256(text.encode()).hexdigest())

    def uid(self, *parts: str | int) -> UID:
        """Return the UID of one thing made from this reading, the same at every call.

        From the study, the digest of the reading, and ``parts``.
        """
        return derived_uid(self.study.uid, self.digest, *parts)

    @property
    def pairs(self) -> tuple[tuple[Station, Dataset], ...]:
        """Return each station with the header of its image."""
        return tuple(zip(self.study.stations, self.source.images, strict=True))


def derived_uid(*parts: str | int) -> UID:
    """Return a UUID-derived UID (PS3.5 B.2) that is a function of its parts."""
    name = "\n".join(str(part) for part in parts)
    return UID(f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, name).int}")


def copy_patient_and_study(evidence: Evidence, target: Dataset) -> None:
    """Set the patient and study attributes of a new object to those of the source."""
    first = evidence.source.images[0]
    for keyword in PATIENT_AND_STUDY:
        if keyword in first:
            target.add(_fresh(first[keyword]))
        elif keyword in _NEVER_MISSING and keyword not in target:
            setattr(target, keyword, None)


def _fresh(element: DataElement) -> DataElement:
    """Return a copy, so that nothing set later reaches the source.

    A person's name is taken as text: it would keep the bytes of its first character set.
    """
    value = element.value
    if element.VR == "PN":
        value = [str(name) for name in value] if element.VM > 1 else str(value)
    # What a scanner or hospital wrote is kept, well-formed or not: the study must stay the same.
    return DataElement(element.tag, element.VR, value, validation_mode=IGNORE)


def set_series_description(target: Dataset, what: str) -> None:
    """Name the series so that nobody takes it for a clinical result: RESEARCH first."""
    target.SeriesDescription = f"RESEARCH MyeloScope {what}"


def bare_header(image: Dataset) -> Dataset:
    """Return a copy of an image's header, as highdicom wants it, to make a new object from.

    Private attributes and sequences are left out. Patient and study are empty but for the UID,
    because highdicom warns about unusual values by printing them; :func:`stamp` sets them.
    """
    bare = Dataset()
    bare.file_meta = getattr(image, "file_meta", FileMetaDataset())
    for element in image:
        personal = element.keyword in PATIENT_AND_STUDY and element.keyword != "StudyInstanceUID"
        if not element.tag.is_private and element.VR != "SQ" and not personal:
            bare.add(_fresh(element))
    for keyword in _NEVER_MISSING:
        setattr(bare, keyword, None)
    return bare


def stamp(evidence: Evidence, made: Dataset) -> None:
    """Set patient, study, equipment and the given time on an object, whoever made it."""
    made.SpecificCharacterSet = CHARACTER_SET
    copy_patient_and_study(evidence, made)
    made.InstanceCreationDate = made.ContentDate = evidence.when.strftime("%Y%m%d")
    made.InstanceCreationTime = made.ContentTime = evidence.when.strftime("%H%M%S.%f")
    made.Manufacturer = MANUFACTURER
    made.ManufacturerModelName = MANUFACTURER
    made.SoftwareVersions = evidence.reading.reader.version


def new_object(evidence: Evidence, sop_class: str, sop_uid: UID, series: Dataset) -> Dataset:
    """Return a plain object with patient, study, series, equipment and SOP Common set.

    ``series`` holds the series' attributes (Modality, SeriesInstanceUID, SeriesNumber, ...).
    """
    made = Dataset()
    made.update(series)
    made.SOPClassUID = UID(sop_class)
    made.SOPInstanceUID = sop_uid
    stamp(evidence, made)
    made.file_meta = file_meta(made)
    return made


def file_meta(made: Dataset) -> FileMetaDataset:
    """Return the file meta information of an object in Explicit VR Little Endian."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = made.SOPClassUID
    meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return meta


def image_references(source: Source) -> list[Dataset]:
    """Return items that reference the source's images, each once (PS3.3 Table 10-11)."""
    items = []
    for image in source.distinct:
        item = Dataset()
        item.ReferencedSOPClassUID = image.SOPClassUID
        item.ReferencedSOPInstanceUID = image.SOPInstanceUID
        items.append(item)
    return items


def to_bytes(made: Dataset) -> bytes:
    """Return an object as the bytes of a DICOM file (PS3.10), preamble included."""
    buffer = BytesIO()
    dcmwrite(buffer, made, enforce_file_format=True)
    return buffer.getvalue()

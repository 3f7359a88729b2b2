"""De-identification, held against the standard's table and against what must not be there."""

from __future__ import annotations

import copy
import csv
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest
from pydicom import Dataset
from pydicom.tag import Tag

from myeloscope.dicom.confidentiality import TABLE, Action, action, profile
from myeloscope.dicom.deidentify import (
    Pseudonyms,
    burned_in_risk,
    deidentify,
    leftovers,
    patient_of,
)
from myeloscope.errors import InputError
from tests.dicom.mr_source import header, plane, station
from tests.dicom.validators import iod_errors, write

KEYS = Pseudonyms(b"k" * 32)
# Actions that Supplement 142 (2011) published already, and that have not changed since.
SUPPLEMENT_142 = {
    "PatientBirthDate": "Z", "AccessionNumber": "Z",
    "AdmissionID": "X", "AdmittingDate": "X", "Allergies": "X", "CassetteID": "X",
    "ConcatenationUID": "U", "StudyInstanceUID": "U", "SOPInstanceUID": "U",
    "AcquisitionComments": "X", "AuthorObserverSequence": "X", "PatientAddress": "X",
}  # fmt: skip


def _image() -> Dataset:
    image = header(station(1, plane()), 1)
    image.PatientName, image.PatientID = "Doe^Jane", "4711-X"
    image.PatientBirthDate, image.PatientSex = "19700101", "F"
    image.InstitutionName = "St Elsewhere"
    image.OtherPatientIDs = "4711-Y"
    image.PatientComments = "Jane Doe, seen before"
    image.RequestingPhysician = "House^Gregory"
    image.AcquisitionDateTime = "20260101101500.5"
    image.add_new((0x0019, 0x0010), "LO", "VENDOR")
    image.add_new((0x0019, 0x1001), "LO", "Doe^Jane")
    image.add_new((0x6000, 0x0010), "US", 512)
    image.add_new((0x6000, 0x3000), "OW", b"\0\0")
    reference = Dataset()
    reference.ReferencedSOPClassUID = image.SOPClassUID
    reference.ReferencedSOPInstanceUID = image.SOPInstanceUID
    image.ReferencedImageSequence = [reference]
    request = Dataset()
    request.PatientID = "4711-X"
    image.RequestAttributesSequence = [request]
    return image


def test_the_table_is_the_whole_one_and_says_what_it_always_said() -> None:
    text = resources.files("myeloscope.dicom").joinpath("tables", TABLE).read_text("utf-8")
    rows = list(csv.reader(text.splitlines()))
    assert len(rows) == 622
    assert len(profile()) == 617
    for keyword, code in SUPPLEMENT_142.items():
        assert profile()[Tag(keyword)] == Action(code), keyword


def test_nothing_that_identifies_is_left() -> None:
    original = _image()
    untouched = copy.deepcopy(original)
    made = deidentify(original, KEYS)
    assert original == untouched
    assert leftovers(made, original) == ()
    text = str(made)
    for word in ("Doe", "Jane", "4711", "Elsewhere", "House", "VENDOR", "1.2.826.0.1.3680043.10"):
        assert word not in text, word
    assert made.PatientIdentityRemoved == "YES"
    codes = [code.CodeValue for code in made.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113107"]
    assert not [element for element in made if element.tag.group in (0x0019, 0x6000)]


def test_uids_follow_from_the_key_and_references_stay_whole() -> None:
    made = deidentify(_image(), KEYS)
    assert made.SOPInstanceUID == deidentify(_image(), KEYS).SOPInstanceUID
    assert made.ReferencedImageSequence[0].ReferencedSOPInstanceUID == made.SOPInstanceUID
    assert made.ReferencedImageSequence[0].ReferencedSOPClassUID == made.SOPClassUID
    assert made.file_meta.MediaStorageSOPInstanceUID == made.SOPInstanceUID
    assert deidentify(_image(), Pseudonyms(b"x" * 32)).SOPInstanceUID != made.SOPInstanceUID


def test_dates_of_a_patient_move_together() -> None:
    made = deidentify(_image(), KEYS)
    moved = KEYS.shift("/4711-X")
    assert timedelta(days=-3650) <= moved <= timedelta(days=-1)
    assert made.StudyDate == made.SeriesDate == made.AcquisitionDateTime[:8] != "20260101"
    assert made.AcquisitionDateTime.endswith("101500.5")
    assert made.SeriesTime == "101500"
    short = _image()
    short.StudyDate = ""
    short.AcquisitionDateTime = "2026"
    assert deidentify(short, KEYS).AcquisitionDateTime == ""


def test_the_result_is_valid_dicom(tmp_path: Path) -> None:
    original = _image()
    del original[0x60000010], original[0x60003000]
    before = set(iod_errors(write(original, tmp_path, "before")))
    after = set(iod_errors(write(deidentify(original, KEYS), tmp_path, "after")))
    assert after <= before


def test_each_leftover_is_seen() -> None:
    original = _image()
    clean = deidentify(original, KEYS)
    for tag, value, vr, rule in (
        (0x00191001, "x", "LO", "is private"),
        (0x00101040, "Main Street", "LO", "must be removed"),
        (0x00080050, "A1", "SH", "must be empty"),
        (0x00181030, "for Doe^Jane", "LO", "repeats what identified"),
    ):
        made = copy.deepcopy(clean)
        made.add_new(tag, vr, value)
        assert any(rule in line for line in leftovers(made, original)), rule
    made = copy.deepcopy(clean)
    made.StudyInstanceUID = original.StudyInstanceUID
    assert "StudyInstanceUID is the original's" in leftovers(made, original)


def test_identity_in_the_pixels_is_refused_or_flagged() -> None:
    image = _image()
    assert burned_in_risk(image) is None
    image.ImageType = ["DERIVED", "SECONDARY"]
    assert "secondary image" in str(burned_in_risk(image))
    image.Modality = "OT"
    assert "modality OT" in str(burned_in_risk(image))
    image.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    assert "captured image" in str(burned_in_risk(image))
    image.BurnedInAnnotation = "NO"
    assert burned_in_risk(image) is None
    image.BurnedInAnnotation = "YES"
    with pytest.raises(InputError, match="pixels must not carry identity"):
        deidentify(image, KEYS)


def test_patients_are_told_apart_by_issuer_and_id_or_name() -> None:
    image = _image()
    image.IssuerOfPatientID = "A"
    assert patient_of(image) == "A/4711-X"
    image.PatientID = ""
    assert patient_of(image) == "/Doe^Jane"


def test_dummies_fit_their_value_representation() -> None:
    image = _image()
    image.DeviceSerialNumber = "12345"
    image.StationName = "MR1"
    image.add_new(0x00189074, "DT", "20260101101500")  # Frame Acquisition DateTime
    image.add_new(0x00400555, "SQ", [Dataset()])  # Acquisition Context Sequence, X/Z
    made = deidentify(image, KEYS)
    assert made.DeviceSerialNumber == "REMOVED"
    assert len(made.AcquisitionContextSequence) == 0
    assert action(Tag(0x00400555), "SQ") is Action.EMPTY


def test_an_unreadable_value_is_one_line() -> None:
    image = _image()
    image["StudyDate"].value = "2026ABCD"
    with pytest.raises(InputError, match="values must be readable to be de-identified"):
        deidentify(image, KEYS)

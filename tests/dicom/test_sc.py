"""Pictures as DICOM objects; and all objects together are one patient and study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import DataElement, dcmread
from pydicom.config import IGNORE

from myeloscope.dicom.document import derived_uid, to_bytes
from myeloscope.dicom.encapsulated_pdf import encapsulated_pdf
from myeloscope.dicom.secondary_capture import secondary_capture
from myeloscope.dicom.seg import segmentations
from myeloscope.dicom.sr import structured_report
from myeloscope.errors import OutputError
from tests.dicom import mr_source
from tests.dicom.test_pdf import PDF
from tests.dicom.validators import call, iod_errors, write


@pytest.mark.parametrize("shape", [(4, 6, 3), (3, 5, 3)], ids=["even", "odd"])
def test_it_is_valid_and_shows_the_same_picture(
    shape: tuple[int, int, int], tmp_path: Path
) -> None:
    rgb = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    path = write(secondary_capture(mr_source.evidence(), rgb, "overlay"), tmp_path, "sc")
    assert iod_errors(path) == []
    np.testing.assert_array_equal(dcmread(path).pixel_array, rgb)


def test_it_says_that_it_is_derived_and_for_research() -> None:
    made = secondary_capture(mr_source.evidence(), np.zeros((2, 2, 3), np.uint8), "overlay", 2)
    assert made.ImageType == ["DERIVED", "SECONDARY"]
    assert (made.ConversionType, made.BurnedInAnnotation, made.InstanceNumber) == ("WSD", "NO", 2)
    assert made.SeriesDescription.startswith("RESEARCH")
    assert "research use, not for clinical decisions" in made.ImageComments
    assert "PixelSpacing" not in made


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_what_is_no_rgb_picture_is_refused(picture: NDArray[np.uint8]) -> None:
    with pytest.raises(OutputError, match=r"shape \(rows, columns, 3\)"):
        secondary_capture(mr_source.evidence(), picture, "overlay")


def test_pictures_are_one_series_of_different_instances() -> None:
    rgb = np.zeros((2, 2, 3), np.uint8)
    evidence = mr_source.evidence()
    one, two = (secondary_capture(evidence, rgb, "overlay", number) for number in (1, 2))
    assert one.SeriesInstanceUID == two.SeriesInstanceUID
    assert one.SOPInstanceUID != two.SOPInstanceUID


def test_all_objects_agree_on_patient_and_study(tmp_path: Path) -> None:
    evidence = mr_source.evidence()
    for image in evidence.source.images:
        image.PixelData = bytes(2 * image.Rows * image.Columns)
    made = [
        *evidence.source.images,
        structured_report(evidence),
        *segmentations(evidence),
        encapsulated_pdf(evidence, PDF),
        secondary_capture(evidence, np.zeros((2, 2, 3), np.uint8), "overlay"),
    ]
    paths = [write(one, tmp_path, str(number)) for number, one in enumerate(made)]
    ran = call("dcentvfy", *paths)
    # It exits 0 whatever it finds; the name's bytes differ by character set (8859-1, UTF-8).
    complaints = [line for line in ran.stdout.splitlines() if line.startswith("Error")]
    assert [line for line in complaints if "PatientName" not in line] == []
    assert len({str(dcmread(path).PatientName) for path in paths}) == 1
    assert len({one.SeriesInstanceUID for one in made}) == len(made)


def test_what_the_source_leaves_out_is_there_and_empty(tmp_path: Path) -> None:
    evidence = mr_source.evidence()
    for image in evidence.source.images:
        del image.AccessionNumber, image.StudyID, image.PatientBirthDate, image.StudyDescription
    made = secondary_capture(evidence, np.zeros((2, 2, 3), np.uint8), "overlay")
    assert "AccessionNumber" in made
    assert "StudyDescription" not in made
    for one in (made, structured_report(evidence), *segmentations(evidence)):
        assert iod_errors(write(one, tmp_path, "bare")) == []


def test_derived_uids_are_valid_and_depend_on_every_part() -> None:
    uids = {derived_uid("a", "b"), derived_uid("ab"), derived_uid("a", "c"), derived_uid("a", "b")}
    assert len(uids) == 3
    assert all(uid.is_valid and uid.startswith("2.25.") and len(uid) <= 64 for uid in uids)


def test_making_objects_leaves_the_source_as_it_was() -> None:
    evidence = mr_source.evidence()
    before = [str(image) for image in evidence.source.images]
    structured_report(evidence)
    segmentations(evidence)
    encapsulated_pdf(evidence, PDF)
    assert [str(image) for image in evidence.source.images] == before


def test_several_names_of_a_person_are_copied(tmp_path: Path) -> None:
    evidence = mr_source.evidence()
    evidence.source.images[0].OtherPatientNames = ["Möller^J", "Muller^Joerg"]
    made = secondary_capture(evidence, np.zeros((2, 2, 3), np.uint8), "overlay")
    again = dcmread(write(made, tmp_path, "sc"))
    assert [str(name) for name in again.OtherPatientNames] == ["Möller^J", "Muller^Joerg"]


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("StudyDate", "2026.01.01"),
        ("PatientBirthDate", "1980"),
        ("StudyID", "longer than the sixteen characters allowed"),
        ("PatientSex", "male"),
        ("PatientName", "Single"),
    ],
)
def test_what_a_hospital_wrote_is_kept_and_not_told(keyword: str, value: str) -> None:
    # Warnings are errors here: pydicom's and highdicom's would print the value, a name at worst.
    evidence = mr_source.evidence()
    for image in evidence.source.images:
        vr = image[keyword].VR
        image.add(DataElement(image[keyword].tag, vr, value, validation_mode=IGNORE))
    picture = np.zeros((2, 2, 3), np.uint8)
    objects = (
        structured_report(evidence),
        *segmentations(evidence),
        encapsulated_pdf(evidence, PDF),
        secondary_capture(evidence, picture, "overlay"),
    )
    for made in objects:
        assert str(made[keyword].value) == value
        assert value.encode() in to_bytes(made)

"""The structured report: valid to others, and it says what the reading says, where it says it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.sr.codedict import codes

from myeloscope.dicom.codes import GRADE, GRADES, SCHEME
from myeloscope.dicom.document import Evidence
from myeloscope.dicom.sr import structured_report
from myeloscope.domain.anatomy import Region
from myeloscope.domain.grade import Grade, ReaderKind
from myeloscope.domain.image import Station, Vector
from myeloscope.domain.reading import Numbering, PixelRef, Reader, Reading, RegionReading
from myeloscope.errors import OutputError
from tests.dicom import mr_source
from tests.dicom.validators import DCMQI, call, iod_errors, write

AXES: list[Any] = [
    tuple(sign if i == axis else 0.0 for i in range(3)) for axis in range(3) for sign in (1.0, -1.0)
]
AXIS_ALIGNED = [
    (row, column) for row, column in itertools.permutations(AXES, 2) if not np.dot(row, column)
]


def _turned(degrees: tuple[float, float, float]) -> tuple[Vector, Vector]:
    """Return the coronal axes turned about x, y and z, rounded as a header rounds them."""
    turn = np.eye(3)
    for axis, angle in enumerate(np.radians(degrees)):
        i, j = (axis + 1) % 3, (axis + 2) % 3
        step = np.eye(3)
        step[i, i] = step[j, j] = np.cos(angle)
        step[i, j], step[j, i] = -np.sin(angle), np.sin(angle)
        turn = step @ turn
    row, column = (turn @ np.array(axis) for axis in mr_source.CORONAL)
    return tuple(map(float, row)), tuple(map(float, column))  # type: ignore[return-value]


OBLIQUE = [_turned(degrees) for degrees in ((0, 0, 12), (7, -20, 3), (15, 33, -40))]
ORIENTATIONS = [*AXIS_ALIGNED, *OBLIQUE]


@pytest.fixture(scope="module")
def made() -> Dataset:
    return structured_report(mr_source.evidence())


def _variants() -> dict[str, Callable[[Reading], Reading]]:
    none = {region: RegionReading(Grade.NONE, True, score=0.0) for region in Region}
    return {
        "as it is": lambda r: r,
        "nothing found": lambda r: replace(r, findings=(), regions=none),
        "by a person": lambda r: replace(r, reader=Reader(ReaderKind.PERSON, "reader-1", "1")),
        "anchored": lambda r: replace(r, numbering=Numbering("anchored", {"T1": 12.0})),
        "a place without image": lambda r: replace(
            r, findings=(replace(r.findings[0], source=None, segment=None),)
        ),
        "an image that is not there": lambda r: replace(
            r, findings=(replace(r.findings[0], source=PixelRef("1.2.3", 1.0, 1.0)),)
        ),
        "a place without outline": lambda r: replace(
            r, findings=(replace(r.findings[0], outline_mm=()),)
        ),
    }


@pytest.mark.parametrize("name", _variants())
def test_it_is_valid_to_dciodvfy_and_dsrdump(name: str, tmp_path: Path) -> None:
    evidence = mr_source.evidence()
    changed = replace(evidence, reading=_variants()[name](evidence.reading))
    path = write(structured_report(changed), tmp_path, "sr")
    assert iod_errors(path) == []
    tree = call("dsrdump", path)
    assert tree.returncode == 0
    assert [line for line in tree.stdout.splitlines() if line.startswith(("E:", "F:"))] == []
    assert "Comprehensive SR Document" in tree.stdout


def test_nobody_takes_it_for_a_verified_result(made: Dataset) -> None:
    assert made.SeriesDescription.startswith("RESEARCH")
    flags = (made.CompletionFlag, made.PreliminaryFlag, made.VerificationFlag)
    assert flags == ("COMPLETE", "PRELIMINARY", "UNVERIFIED")
    texts = _texts(made.ContentSequence)
    assert "research use, not for clinical decisions" in texts
    assert "the level of a sign is not proof of the level of the dural defect" in texts


def _texts(items: Any) -> list[str]:  # noqa: ANN401
    own = [item.TextValue for item in items if item.ValueType == "TEXT"]
    inner = [_texts(item.ContentSequence) for item in items if "ContentSequence" in item]
    return own + [text for texts in inner for text in texts]


def test_it_says_how_roots_were_named_and_what_limits_the_reading(made: Dataset) -> None:
    texts = _texts(made.ContentSequence)
    assert (
        "assumed, 12 thoracic and 5 lumbar vertebrae; uncertainty 0.6 roots; no landmark" in texts
    )
    assert "S1 out of view" in texts
    assert "EchoTime differs: found 900.0, paper 1000.0" in texts
    assert "thoracolumbar station ruined" in texts


def test_numbers_have_the_digits_that_they_are_good_for() -> None:
    evidence = mr_source.evidence()
    finding = replace(evidence.reading.findings[0], reach_mm=13.4493, ratio=0.6549, score=0.1234567)
    made = structured_report(
        replace(evidence, reading=replace(evidence.reading, findings=(finding,)))
    )
    values = {
        str(item.MeasuredValueSequence[0].NumericValue)
        for group in made.ContentSequence[-2].ContentSequence
        for item in group.ContentSequence
        if item.ValueType == "NUM"
    }
    assert {"13.4", "0.65", "0.123"} < values


def test_dcmqi_reads_the_same_measurements(made: Dataset, tmp_path: Path) -> None:
    path, out = write(made, tmp_path, "sr"), tmp_path / "sr.json"
    call(DCMQI / "tid1500reader", "--inputDICOM", path, "--outputMetadata", out)
    groups = {g["TrackingIdentifier"]: g for g in json.loads(out.read_text())["Measurements"]}
    leak = groups["leak T3 left"]
    assert leak["TrackingUniqueIdentifier"] == mr_source.leak(mr_source.two_stations()[0]).id
    values = {
        item["quantity"]["CodeValue"]: (float(item["value"]), item["units"]["CodeValue"])
        for item in leak["measurementItems"]
    }
    assert values == {
        "REACH": (13.4, "mm"),
        "EXTENT": (9.8, "mm"),
        "SAC-WIDTH": (15.1, "mm"),
        "EXTENT-RATIO": (0.65, "{ratio}"),
        "SCORE": (0.97, "1"),
    }
    assert leak["Laterality"]["CodeMeaning"] == "Left"
    assert leak["FindingSite"]["CodeMeaning"] == "Thoracic spine"
    assert {"cervical", "thoracic", "lumbar", "case"} < set(groups)


def test_highdicom_reads_grades_by_region(made: Dataset, tmp_path: Path) -> None:
    again = hd.sr.srread(write(made, tmp_path, "sr"))
    report = hd.sr.MeasurementReport.from_sequence([_tree(again)])
    groups = report.get_image_measurement_groups()
    grades = {
        group.tracking_identifier: [
            evaluation[0].ConceptCodeSequence[0].CodeValue
            for evaluation in group.get_qualitative_evaluations(GRADE)
        ]
        for group in groups
    }
    assert grades == {
        "case": [],
        "cervical": ["GRADE-0"],
        "thoracic": ["GRADE-2"],
        "lumbar": ["NOT-ASSESSABLE"],
    }


def test_grades_carry_the_published_meaning() -> None:
    # PAPER, "The grading scale": 0 none, 1 possible, 2 probable, 3 definite.
    meanings = [GRADES[grade].meaning for grade in Grade]
    assert meanings == [
        "Grade 0: none",
        "Grade 1: possible",
        "Grade 2: probable",
        "Grade 3: definite",
    ]
    assert {code.scheme_designator for code in GRADES.values()} == {SCHEME}


def _drawn(made: Dataset, finding: str) -> tuple[Any, Any]:
    """Return the drawn (column, row) points of a finding and the image they are drawn on."""
    report = hd.sr.MeasurementReport.from_sequence([_tree(made)])
    (group,) = report.get_planar_roi_measurement_groups(tracking_uid=finding)
    roi: Any = group.roi
    return roi.value, roi.ContentSequence[0].ReferencedSOPSequence[0]


def _tree(made: Dataset) -> Dataset:
    tree = Dataset()
    keywords = (
        "ValueType",
        "ConceptNameCodeSequence",
        "ContinuityOfContent",
        "ContentTemplateSequence",
        "ContentSequence",
    )
    for keyword in keywords:
        setattr(tree, keyword, made[keyword].value)
    return tree


@pytest.mark.parametrize("axes", ORIENTATIONS)
def test_outlines_land_where_the_finding_is(axes: tuple[Vector, Vector]) -> None:
    top = mr_source.station(1, mr_source.plane(axes=axes), size=320)
    evidence = mr_source.evidence([top])
    finding = evidence.reading.findings[0]
    points, image = _drawn(structured_report(evidence), finding.id)
    assert image.ReferencedSOPInstanceUID == top.sop_uid
    # highdicom's own geometry, from the header alone; 0.0 is the corner of the first pixel.
    header = evidence.source.images[0]
    to_mm = hd.spatial.ImageToReferenceTransformer(
        image_position=header.ImagePositionPatient,
        image_orientation=header.ImageOrientationPatient,
        pixel_spacing=header.PixelSpacing,
    )
    expected = np.array([*finding.outline_mm, finding.outline_mm[0]], float)
    np.testing.assert_allclose(to_mm(np.asarray(points, float)), expected, atol=1e-3)


def test_the_centre_of_the_first_pixel_is_half_half() -> None:
    # PS3.3 C.18.6.1.2: coordinates count from the top left corner of the top left pixel.
    top = mr_source.station(1, mr_source.plane(), size=64)
    evidence = mr_source.evidence([top])
    source = replace(evidence.reading.findings[0].source, row=0.0, column=0.0)  # type: ignore[type-var]
    point = replace(evidence.reading.findings[0], outline_mm=(), source=source)
    reading = replace(evidence.reading, findings=(point,))
    points, _ = _drawn(structured_report(replace(evidence, reading=reading)), point.id)
    np.testing.assert_array_equal(points, [[0.5, 0.5]])


def test_an_outline_beyond_the_image_is_drawn_to_its_edge() -> None:
    evidence = mr_source.evidence([mr_source.station(1, mr_source.plane(), size=280)])
    points, _ = _drawn(structured_report(evidence), evidence.reading.findings[0].id)
    assert points.max() == 280


def test_a_frame_is_referenced_by_its_number() -> None:
    evidence = mr_source.enhanced(frame=2)
    finding = evidence.reading.findings[0]
    _, image = _drawn(structured_report(evidence), finding.id)
    assert image.ReferencedFrameNumber == 2


def test_the_same_reading_gives_the_same_objects_and_another_others() -> None:
    evidence = mr_source.evidence()
    slower = replace(evidence, reading=replace(evidence.reading, elapsed_s={"read": 9.0}))
    other = replace(evidence, reading=replace(evidence.reading, score=0.5))
    one, two, three = (structured_report(item) for item in (evidence, slower, other))
    assert one.SOPInstanceUID == two.SOPInstanceUID != three.SOPInstanceUID
    assert one.ContentSequence == two.ContentSequence
    assert (one.ContentDate, one.ContentTime) == ("20260102", "030405.000000")


def test_the_scheme_of_own_codes_is_declared(made: Dataset) -> None:
    (scheme,) = made.CodingSchemeIdentificationSequence
    assert scheme.CodingSchemeDesignator == "99MYELOSCOPE"


def test_a_person_is_no_device() -> None:
    evidence = mr_source.evidence()
    reader = Reader(ReaderKind.PERSON, "reader-1", "1")
    made = structured_report(replace(evidence, reading=replace(evidence.reading, reader=reader)))
    report = hd.sr.MeasurementReport.from_sequence([_tree(made)])
    (observer,) = report.get_observer_contexts()
    assert observer.observer_type == codes.DCM.Person
    assert "Algorithm Name" not in str(made)


def test_the_name_of_the_patient_survives_another_character_set(
    made: Dataset, tmp_path: Path
) -> None:
    # The source is ISO 8859-1, the report UTF-8.
    again = dcmread(write(made, tmp_path, "sr"))
    assert str(again.PatientName) == "Müller^Jörg"


def _uncomparable(station: Station) -> Evidence:
    evidence = mr_source.evidence([station])
    return replace(evidence, study=replace(evidence.study, stations=()))


def test_headers_of_other_images_are_refused() -> None:
    with pytest.raises(OutputError, match="each station has the header of its image"):
        _uncomparable(mr_source.station(1, mr_source.plane()))

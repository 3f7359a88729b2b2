"""Segmentations: valid to others, and their pixels lie in the patient where the reading says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import highdicom as hd
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset

from myeloscope.dicom.document import Evidence
from myeloscope.dicom.seg import not_segmented, segmentations
from myeloscope.domain.grade import FindingKind, ReaderKind
from myeloscope.domain.image import Vector
from myeloscope.domain.reading import Reader, Reading
from tests.dicom import mr_source
from tests.dicom.test_sr import ORIENTATIONS
from tests.dicom.validators import DCMQI, call, iod_errors, write

Floats = NDArray[np.float64]


def _pixel_mm(made: Dataset, label: str) -> Floats:
    """Return patient positions (LPS mm) of a segment's pixels, by highdicom from the file alone."""
    numbers = {item.SegmentLabel: item.SegmentNumber for item in made.SegmentSequence}
    shared = made.SharedFunctionalGroupsSequence[0]
    frames = made.pixel_array.reshape(-1, made.Rows, made.Columns)
    for frame, groups in zip(frames, made.PerFrameFunctionalGroupsSequence, strict=True):
        identity = groups.get("SegmentIdentificationSequence") or shared.get(
            "SegmentIdentificationSequence"
        )
        if identity[0].ReferencedSegmentNumber == numbers[label]:
            to_mm = hd.spatial.PixelToReferenceTransformer(
                image_position=groups.PlanePositionSequence[0].ImagePositionPatient,
                image_orientation=shared.PlaneOrientationSequence[0].ImageOrientationPatient,
                pixel_spacing=shared.PixelMeasuresSequence[0].PixelSpacing,
            )
            rows, columns = np.nonzero(frame)
            return np.asarray(to_mm(np.stack([columns, rows], axis=1)), float)
    raise AssertionError(f"no frame of segment {label}")


def _read_again(made: Dataset, folder: Path) -> Dataset:
    return hd.seg.segread(write(made, folder, "seg"))


def test_there_is_one_for_each_station_with_what_is_on_it(tmp_path: Path) -> None:
    evidence = mr_source.evidence()
    made = segmentations(evidence)
    labels = [[item.SegmentLabel for item in one.SegmentSequence] for one in made]
    # The stations overlap by 26 mm, where the sac of the upper one is in view of the lower.
    assert labels == [
        ["thecal sac", "leak T3 left"],
        ["thecal sac", "perineurial-cyst lumbar right"],
    ]
    for number, (one, image) in enumerate(zip(made, evidence.source.images, strict=True)):
        assert iod_errors(write(one, tmp_path, f"seg{number}")) == []
        (series,) = one.ReferencedSeriesSequence
        assert series.SeriesInstanceUID == image.SeriesInstanceUID
        assert one.SeriesDescription.startswith("RESEARCH")
        assert one.SegmentationType == "BINARY"
        assert (one.ContentDate, one.ContentTime) == ("20260102", "030405.000000")
    assert not_segmented(evidence) == ()


def test_segments_say_what_and_by_whom() -> None:
    evidence = mr_source.evidence()
    sac, leak = segmentations(evidence)[0].SegmentSequence
    assert sac.SegmentedPropertyTypeCodeSequence[0].CodeValue == "280401006"
    assert leak.SegmentedPropertyTypeCodeSequence[0].CodeValue == "LEAK-SIGN"
    assert leak.TrackingUID == evidence.reading.findings[0].id
    assert leak.SegmentAlgorithmType == "AUTOMATIC"
    (algorithm,) = leak.SegmentationAlgorithmIdentificationSequence
    assert (algorithm.AlgorithmName, algorithm.AlgorithmVersion) == ("myeloscope", "0.1.0")


def test_a_persons_outlines_are_manual(tmp_path: Path) -> None:
    evidence = mr_source.evidence()
    reader = Reader(ReaderKind.PERSON, "reader-1", "1")
    made = segmentations(replace(evidence, reading=replace(evidence.reading, reader=reader)))[0]
    assert made.SegmentSequence[0].SegmentAlgorithmType == "MANUAL"
    assert iod_errors(write(made, tmp_path, "seg")) == []


@pytest.mark.parametrize("axes", ORIENTATIONS)
def test_pixels_land_where_the_reading_says(axes: tuple[Vector, Vector], tmp_path: Path) -> None:
    top = mr_source.station(1, mr_source.plane(axes=axes), size=320)
    evidence = mr_source.evidence([top])
    made = _read_again(segmentations(evidence)[0], tmp_path)
    for label, finding in zip(
        ("leak T3 left", "perineurial-cyst lumbar right"), evidence.reading.findings, strict=True
    ):
        pixels = _pixel_mm(made, label)
        corners = np.array(finding.outline_mm, float)
        # Area by the cross products of the corners (Stokes), mm2; a pixel is 0.25 mm2.
        area = np.linalg.norm(np.cross(corners, np.roll(corners, -1, axis=0)).sum(axis=0)) / 2
        assert len(pixels) * 0.25 == pytest.approx(area, rel=0.15)
        low, high = corners.min(axis=0) - 0.5, corners.max(axis=0) + 0.5
        assert ((pixels > low) & (pixels < high)).all()
        # Half a pixel where corners lie on pixel centres.
        np.testing.assert_allclose(_extent(pixels), _extent(corners), atol=0.8)


def _extent(points: Floats) -> Floats:
    return np.stack([points.min(axis=0), points.max(axis=0)])


def test_the_sac_is_as_wide_and_long_as_the_reading_says() -> None:
    made = segmentations(mr_source.evidence())[0]
    pixels = _pixel_mm(made, "thecal sac")
    # 15 mm wide; its points run over rows 0 to 508 of 0.5 mm at column 256 of the upper station.
    width = len(pixels) * 0.25 / 254
    assert width == pytest.approx(15.0, abs=0.3)
    assert pixels[:, 0].mean() == pytest.approx(-128 + 256 * 0.5, abs=0.3)
    assert (pixels[:, 2].max(), pixels[:, 2].min()) == pytest.approx((200.0, -54.0), abs=0.6)


def test_a_sac_seen_in_two_stretches_is_not_joined() -> None:
    evidence = mr_source.evidence()
    points = evidence.reading.sac
    parted = (*points[:40], *points[60:], replace(points[0], s_mm=points[-1].s_mm + 99))
    made = segmentations(replace(evidence, reading=replace(evidence.reading, sac=parted)))[0]
    heights = _pixel_mm(made, "thecal sac")[:, 2]
    # Points stand 2 mm apart from z = 200 downward: numbers 40 to 59 are left out.
    assert not ((heights < 200 - 2 * 39 - 0.5) & (heights > 200 - 2 * 60 + 0.5)).any()


def test_dcmqi_reads_the_same_pixels_and_place(tmp_path: Path) -> None:
    axes = ORIENTATIONS[-1]
    top = mr_source.station(1, mr_source.plane(axes=axes), size=320)
    evidence = mr_source.evidence([top])
    path = write(segmentations(evidence)[0], tmp_path, "seg")
    words = ("--outputDirectory", tmp_path, "--prefix", "s", "--outputType", "nrrd")
    call(DCMQI / "segimage2itkimage", "--inputDICOM", path, *words)
    meta = json.loads((tmp_path / "s-meta.json").read_text())
    labels = [item["SegmentLabel"] for group in meta["segmentAttributes"] for item in group]
    assert sorted(labels) == ["leak T3 left", "perineurial-cyst lumbar right", "thecal sac"]
    head = (tmp_path / "s-1.nrrd").read_bytes().split(b"\n\n")[0].decode()
    fields = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    assert fields["space"] == "left-posterior-superior"
    origin = [float(value) for value in fields["space origin"].strip("()").split(",")]
    np.testing.assert_allclose(origin, top.geometry.position, atol=1e-3)


def test_an_image_without_frame_of_reference_has_none_and_says_so() -> None:
    upper, lower = mr_source.two_stations()
    evidence = mr_source.evidence([upper, replace(lower, frame_of_reference_uid=None)])
    assert len(segmentations(evidence)) == 1
    assert not_segmented(evidence) == (
        f"image {lower.sop_uid} has no frame of reference: no segmentation",
    )


def _with(evidence: Evidence, reading: Reading) -> Evidence:
    return replace(evidence, reading=reading)


def test_an_image_with_nothing_on_it_has_none_and_says_so() -> None:
    evidence = mr_source.evidence()
    empty = _with(evidence, replace(evidence.reading, findings=(), sac=()))
    assert segmentations(empty) == ()
    assert [line.split(" shows ")[1] for line in not_segmented(empty)] == [
        "no sac or finding: no segmentation"
    ] * 2


def test_only_leaks_and_cysts_are_segments() -> None:
    evidence = mr_source.evidence()
    leak, cyst = evidence.reading.findings
    others = (replace(leak, kind=FindingKind.OTHER_FLUID), replace(cyst, outline_mm=()))
    made = segmentations(_with(evidence, replace(evidence.reading, findings=others)))
    labels = {item.SegmentLabel for one in made for item in one.SegmentSequence}
    assert labels == {"thecal sac"}


def test_a_frame_of_a_multi_frame_object_is_referenced_and_lies_in_its_plane(
    tmp_path: Path,
) -> None:
    evidence = mr_source.enhanced(frame=3)
    (made,) = segmentations(evidence)
    assert iod_errors(write(made, tmp_path, "seg")) == []
    references = {
        image.ReferencedFrameNumber
        for groups in made.PerFrameFunctionalGroupsSequence
        for derivation in groups.DerivationImageSequence
        for image in derivation.SourceImageSequence
    }
    assert references == {3}
    # The third plane lies 20 mm behind the first, which stands at y = -20.
    assert _pixel_mm(made, "leak T3 left")[:, 1] == pytest.approx(0.0)


def test_a_derived_station_keeps_its_own_place(tmp_path: Path) -> None:
    evidence = mr_source.evidence([mr_source.station(1, mr_source.plane(), size=320)])
    moved = mr_source.plane((-128.0, 7.0, 200.0))
    station = replace(evidence.study.stations[0], geometry=moved, sop_uid="1.2.3")
    study = replace(evidence.study, stations=(station,), derived=True)
    (made,) = segmentations(replace(evidence, study=study))
    assert iod_errors(write(made, tmp_path, "seg")) == []
    assert _pixel_mm(made, "leak T3 left")[:, 1] == pytest.approx(7.0)


def test_the_same_reading_gives_the_same_objects() -> None:
    one, two = (segmentations(mr_source.evidence())[0] for _ in range(2))
    assert one.SOPInstanceUID == two.SOPInstanceUID
    assert one.PixelData == two.PixelData

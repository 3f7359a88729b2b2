"""Small MR images with all that DICOM wants, and a reading of them, for tests of the output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import EnhancedMRImageStorage, ExplicitVRLittleEndian, MRImageStorage

from myeloscope.dicom.document import Evidence
from myeloscope.dicom.source import Source
from myeloscope.domain.anatomy import Region, Segment, Side
from myeloscope.domain.grade import (
    FindingKind,
    Grade,
    Pattern,
    ReaderKind,
    Technique,
    Verdict,
)
from myeloscope.domain.image import Acquisition, PlaneGeometry, Station, Study, Vector
from myeloscope.domain.reading import (
    Finding,
    Numbering,
    PixelRef,
    Position,
    ProtocolItem,
    Quality,
    Reader,
    Reading,
    RegionReading,
    Root,
    SacPoint,
    SourceImage,
)
from myeloscope.geometry.plane import to_patient, to_pixel

WHEN = datetime(2026, 1, 2, 3, 4, 5)
STUDY_UID = "1.2.826.0.1.3680043.10.1.1"
FRAME_UID = "1.2.826.0.1.3680043.10.1.2"
CORONAL = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))


def plane(
    position: Vector = (-128.0, -20.0, 200.0),
    axes: tuple[Vector, Vector] = CORONAL,
    spacing: float = 0.5,
) -> PlaneGeometry:
    return PlaneGeometry(position, *axes, spacing, spacing)


def station(number: int, geometry: PlaneGeometry, size: int = 512) -> Station:
    return Station(
        np.zeros((size, size), np.float32),
        geometry,
        Acquisition(),
        series_uid=f"{STUDY_UID}.{number}",
        sop_uid=f"{STUDY_UID}.{number}.1",
        frame_of_reference_uid=FRAME_UID,
    )


def header(station: Station, number: int) -> Dataset:
    image = Dataset()
    image.SpecificCharacterSet = "ISO_IR 100"
    image.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    image.SOPClassUID = MRImageStorage
    image.SOPInstanceUID = station.sop_uid
    image.StudyDate = image.SeriesDate = image.AcquisitionDate = image.ContentDate = "20260101"
    image.StudyTime = image.SeriesTime = image.AcquisitionTime = image.ContentTime = "101500"
    image.AccessionNumber = "A1"
    image.Modality = "MR"
    image.BodyPartExamined = "SPINE"
    image.Manufacturer = "Phantom"
    image.ReferringPhysicianName = "Referrer^R"
    image.StudyDescription = "Spine"
    image.PatientName = "Müller^Jörg"
    image.PatientID = "P1"
    image.PatientBirthDate = "19800101"
    image.PatientSex = "M"
    image.StudyInstanceUID = STUDY_UID
    image.SeriesInstanceUID = station.series_uid
    image.StudyID = "S1"
    image.SeriesNumber = number
    image.InstanceNumber = 1
    _acquire(image)
    _place(image, station)
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    return image


def _acquire(image: Dataset) -> None:
    image.PatientPosition = "HFS"
    image.ScanningSequence = "SE"
    image.SequenceVariant = "SK"
    image.ScanOptions = None
    image.MRAcquisitionType = "2D"
    image.SliceThickness = 50.0
    image.RepetitionTime = 8000.0
    image.EchoTime = 1000.0
    image.EchoTrainLength = 256


def _place(image: Dataset, station: Station) -> None:
    geometry = station.geometry
    image.ImagePositionPatient = [round(value, 6) for value in geometry.position]
    axes = (*geometry.along_row, *geometry.along_column)
    image.ImageOrientationPatient = [round(value, 8) for value in axes]
    image.PixelSpacing = [geometry.row_spacing, geometry.column_spacing]
    image.FrameOfReferenceUID = station.frame_of_reference_uid
    image.PositionReferenceIndicator = None
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows, image.Columns = station.pixels.shape
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit = 15
    image.PixelRepresentation = 0


def outline(station: Station, corners: Sequence[tuple[float, float]]) -> tuple[Position, ...]:
    """Return the patient positions of corners given as row and column indices."""
    points = to_patient(station.geometry, np.array(corners, float))
    return tuple((float(x), float(y), float(z)) for x, y, z in points)


LEAK_CORNERS = ((150.0, 270.0), (150.0, 300.0), (160.0, 305.0), (170.0, 300.0), (170.0, 270.0))
CYST_CORNERS = ((300.0, 230.0), (300.0, 240.0), (310.0, 240.0), (310.0, 230.0))


def leak(station: Station) -> Finding:
    corners = outline(station, LEAK_CORNERS)
    return Finding(
        id=f"{STUDY_UID}.77.1",
        kind=FindingKind.LEAK,
        region=Region.THORACIC,
        segment=Segment.T3,
        segment_range=(Segment.T2, Segment.T4),
        side=Side.LEFT,
        grade=Grade.PROBABLE,
        reach_mm=13.4,
        extent_mm=9.8,
        sac_width_mm=15.1,
        ratio=0.649,
        pattern=(Pattern.TRIANGLE, Pattern.STREAKS),
        rule="lateral<=width",
        score=0.97,
        position_mm=corners[0],
        outline_mm=corners,
        source=PixelRef(station.sop_uid, 160.0, 285.0, station.frame),
        evidence={"brightness": 0.4},
    )


def cyst(station: Station) -> Finding:
    corners = outline(station, CYST_CORNERS)
    return Finding(
        id=f"{STUDY_UID}.77.2",
        kind=FindingKind.PERINEURIAL_CYST,
        region=Region.LUMBAR,
        segment=None,
        segment_range=None,
        side=Side.RIGHT,
        grade=Grade.NONE,
        reach_mm=5.0,
        extent_mm=None,
        sac_width_mm=18.0,
        ratio=None,
        pattern=(Pattern.ROUND,),
        rule="round-alone",
        score=0.05,
        position_mm=corners[0],
        outline_mm=corners,
        source=PixelRef(station.sop_uid, 305.0, 235.0, station.frame),
    )


def reading(stations: Sequence[Station]) -> Reading:
    top = stations[0]
    middle = outline(top, [(row, 256.0) for row in range(0, 512, 4)])
    step = top.geometry.row_spacing * 4
    return Reading(
        technique=Technique.MRM,
        scale="paper-mrm/1",
        reader=Reader(ReaderKind.ALGORITHM, "myeloscope", "0.1.0"),
        sources=tuple(
            SourceImage(STUDY_UID, s.series_uid, s.sop_uid, s.frame_of_reference_uid, None, "part")
            for s in stations
        ),
        regions={
            Region.CERVICAL: RegionReading(Grade.NONE, True, score=0.04),
            Region.THORACIC: RegionReading(Grade.PROBABLE, True, at_least=True, score=0.97),
            Region.LUMBAR: RegionReading(None, False, reason="thoracolumbar station ruined"),
        },
        findings=(leak(top), cyst(stations[-1])),
        sac=tuple(SacPoint(i * step, p, 15.0) for i, p in enumerate(middle)),
        roots=(Root(Segment.C3, Side.LEFT, True, Grade.NONE, middle[5], 4.1),),
        numbering=Numbering("assumed", uncertainty_roots=0.6, note="no landmark"),
        quality=Quality(
            31.0,
            (ProtocolItem("EchoTime", 900.0, 1000.0, Verdict.DIFFERS),),
            ("S1 out of view",),
        ),
        settings={"anchors": ""},
        score=0.97,
        elapsed_s={"read": 0.1},
    )


def two_stations(**planes: PlaneGeometry) -> tuple[Station, Station]:
    top = planes.get("top", plane())
    low = planes.get("low", plane((-128.0, -20.0, -30.0)))
    return station(1, top), station(2, low)


def evidence(stations: Sequence[Station] | None = None) -> Evidence:
    stations = two_stations() if stations is None else stations
    images = tuple(header(s, number) for number, s in enumerate(stations, start=1))
    source = Source(images, ("a",) * len(images), tuple(s.frame for s in stations))
    study = Study(STUDY_UID, Technique.MRM, tuple(stations))
    return Evidence(source, study, reading(stations), WHEN)


def back_to_pixel(station: Station, position: Position) -> tuple[float, float]:
    row, column = to_pixel(station.geometry, np.array([position], float))[0]
    return float(row), float(column)


def enhanced(frame: int) -> Evidence:
    """Return the evidence of one frame of an Enhanced MR object of three parallel planes."""
    frames = [plane((-128.0, -20.0 + 10 * i, 200.0)) for i in range(3)]
    one = replace(station(1, frames[frame - 1]), frame=frame)
    image = header(one, 1)
    image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = EnhancedMRImageStorage
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
        delattr(image, keyword)
    image.NumberOfFrames = 3
    shared = Dataset()
    shared.PlaneOrientationSequence = [Dataset()]
    shared.PlaneOrientationSequence[0].ImageOrientationPatient = [*CORONAL[0], *CORONAL[1]]
    shared.PixelMeasuresSequence = [Dataset()]
    shared.PixelMeasuresSequence[0].PixelSpacing = [0.5, 0.5]
    shared.PixelMeasuresSequence[0].SliceThickness = 50.0
    image.SharedFunctionalGroupsSequence = [shared]
    image.PerFrameFunctionalGroupsSequence = [Dataset() for _ in frames]
    for groups, geometry in zip(image.PerFrameFunctionalGroupsSequence, frames, strict=True):
        groups.PlanePositionSequence = [Dataset()]
        groups.PlanePositionSequence[0].ImagePositionPatient = list(geometry.position)
    study = Study(STUDY_UID, Technique.MRM, (one,))
    return Evidence(Source((image,), ("a",), (frame,)), study, reading([one]), WHEN)

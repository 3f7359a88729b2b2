"""Write planar gamma-camera images as Nuclear Medicine Image Storage (PS3.3 A.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRLittleEndian, NuclearMedicineImageStorage

from myeloscope import __version__
from myeloscope.dicom.mr_image import IMPLEMENTATION_UID, ImageContext
from myeloscope.domain.image import FloatImage, Station
from myeloscope.domain.scintigraphy import NuclearAcquisition, View, ViewLabel

VIEW_CODES: dict[View, Code] = {
    View.ANTERIOR: codes.SCT.AnteriorProjection,
    View.POSTERIOR: codes.SCT.PosteriorProjection,
}
SCATTER_KEV = (114.0, 126.0)
DETECTOR_MM = 390.0
"""Length of a detector in the direction of a sweep, mm."""
DELIVERED_ML = 0.4
"""PAPER, "Acquisition"."""


@dataclass(frozen=True, slots=True)
class NmContext:
    """What the header of a cisternogram says besides its images.

    Attributes
    ----------
    image
        Patient, study, number and description.
    injected
        ISO 8601 date and time of the injection.
    zoom
        Magnification of the acquisition.
    label
        What says which way a detector faced.
    """

    image: ImageContext
    injected: str
    zoom: float = 1.0
    label: ViewLabel = ViewLabel.CODE


def nm_image_bytes(
    stations: Sequence[Station], context: NmContext, scatter: Sequence[FloatImage] = ()
) -> bytes:
    """Return the views of one object as the bytes of a DICOM file (see :func:`nm_image`)."""
    buffer = BytesIO()
    nm_image(stations, context, scatter).save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def nm_image(
    stations: Sequence[Station], context: NmContext, scatter: Sequence[FloatImage] = ()
) -> Dataset:
    """Return views as one Nuclear Medicine Image Storage object, a frame for each.

    Parameters
    ----------
    stations
        Views of one object; several times make a dynamic image with a phase for each time.
    context
        Patient, study, series and injection.
    scatter
        Images of the scatter window, one for each view, or none.

    Returns
    -------
    pydicom.dataset.Dataset
        With file meta information, explicit VR little endian.

    Raises
    ------
    ValueError
        If a view is no planar image or counts do not fit 16 bits.
    """
    views = [_nuclear(station) for station in stations]
    starts = sorted({view.started or "" for view in views})
    image = Dataset()
    image.file_meta = _meta(stations[0])
    image.SOPClassUID = NuclearMedicineImageStorage
    image.SOPInstanceUID = UID(stations[0].sop_uid)
    image.SpecificCharacterSet = "ISO_IR 192"
    _add_patient_and_study(image, stations[0], context.image)
    _add_times(image, starts[0], context.injected)
    _add_orientation(image)
    kind = "WHOLE BODY" if views[0].whole_body else "DYNAMIC" if len(starts) > 1 else "STATIC"
    image.ImageType = ["ORIGINAL", "PRIMARY", kind, "EMISSION"]
    plane = stations[0].geometry
    length_mm = stations[0].pixels.shape[0] * plane.row_spacing
    _add_frames(image, views, starts, 2 if scatter else 1, length_mm)
    _add_isotope(image, views[0], context.injected, scatter=bool(scatter))
    _add_detectors(image, stations, context)
    _add_pixels(image, [*(station.pixels for station in stations), *scatter], stations[0])
    return image


def _nuclear(station: Station) -> NuclearAcquisition:
    if station.nuclear is None:
        raise ValueError(f"image {station.sop_uid}: a planar gamma-camera image is needed")
    return station.nuclear


def _meta(station: Station) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = NuclearMedicineImageStorage
    meta.MediaStorageSOPInstanceUID = UID(station.sop_uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    meta.ImplementationVersionName = f"MYELOSCOPE {__version__}"[:16]
    return meta


def _add_patient_and_study(image: Dataset, station: Station, context: ImageContext) -> None:
    """Add patient, study, series and equipment."""
    person = context.person
    image.PatientName = person.name
    image.PatientID = person.patient_id
    image.PatientBirthDate = ""
    image.PatientSex = person.sex
    image.PatientAge = f"{person.age_years:03d}Y"
    image.StudyInstanceUID = UID(context.study_uid)
    image.StudyID = "1"
    image.AccessionNumber = ""
    image.ReferringPhysicianName = ""
    image.StudyDescription = "Radioisotope cisternography"
    image.Modality = "NM"
    image.SeriesInstanceUID = UID(station.series_uid)
    image.SeriesNumber = context.number
    image.SeriesDescription = context.description
    image.BodyPartExamined = "SPINE"
    image.Manufacturer = station.acquisition.manufacturer or ""
    image.ManufacturerModelName = "simulated"
    image.SoftwareVersions = __version__
    image.InstanceNumber = context.number
    image.AcquisitionNumber = context.number


def _moment(iso: str) -> tuple[str, str]:
    """Return DICOM date and time of an ISO 8601 moment."""
    at = datetime.fromisoformat(iso)
    return at.strftime("%Y%m%d"), at.strftime("%H%M%S")


def _add_times(image: Dataset, started: str, injected: str) -> None:
    """Add dates and times; the study's date is that of the injection, the same in every file."""
    day, time = _moment(started)
    for level in ("Series", "Acquisition", "Content"):
        setattr(image, f"{level}Date", day)
        setattr(image, f"{level}Time", time)
    image.StudyDate, image.StudyTime = _moment(injected)


def _add_orientation(image: Dataset) -> None:
    """Add the NM/PET patient orientation module (PS3.3 C.8.4.6): supine, head first."""
    recumbent = _coded(codes.SCT.Recumbent)
    recumbent.PatientOrientationModifierCodeSequence = Items([_coded(codes.SCT.Supine)])
    image.PatientOrientationCodeSequence = Items([recumbent])
    image.PatientGantryRelationshipCodeSequence = Items([_coded(codes.SCT.Headfirst)])


def _add_frames(
    image: Dataset,
    views: Sequence[NuclearAcquisition],
    starts: Sequence[str],
    windows: int,
    length_mm: float,
) -> None:
    """Add NM image and multi-frame modules (PS3.3 C.8.4.8, C.8.4.9, C.8.4.14 for phases)."""
    # views of one time are those of one detector each, even where no label tells them apart
    sides = list(dict.fromkeys(view.view for view in views))
    detectors = [sides.index(view.view) + 1 for view in views]
    if len(starts) == 1:
        detectors = list(range(1, len(views) + 1))
    image.NumberOfFrames = len(views) * windows
    image.NumberOfEnergyWindows = windows
    image.NumberOfDetectors = max(detectors)
    image.EnergyWindowVector = [w + 1 for w in range(windows) for _ in views]
    image.DetectorVector = detectors * windows
    pointers = [Tag("EnergyWindowVector"), Tag("DetectorVector")]
    milliseconds = round((views[0].duration_s or 0.0) * 1000)
    if len(starts) > 1:
        image.NumberOfPhases = len(starts)
        image.PhaseVector = [starts.index(view.started or "") + 1 for view in views] * windows
        image.TimeSliceVector = [1] * len(views) * windows
        pointers += [Tag("PhaseVector"), Tag("TimeSliceVector")]
        image.PhaseInformationSequence = Items(_phases(starts, milliseconds))
    else:
        image.ActualFrameDuration = milliseconds
    image.FrameIncrementPointer = pointers
    image.CountsAccumulated = None
    if views[0].whole_body:
        image.WholeBodyTechnique = "1PS"
        image.ScanLength = round(length_mm)
        # the detector's own length over the time that each point is seen, mm/s
        image.ScanVelocity = round(DETECTOR_MM / max(views[0].duration_s or 1.0, 1.0), 3)


def _phases(starts: Sequence[str], milliseconds: int) -> list[Dataset]:
    """Return one phase for each time; its delay is counted from the end of the one before."""
    items, end = [], datetime.fromisoformat(starts[0])
    for start in starts:
        begin = datetime.fromisoformat(start)
        item = Dataset()
        item.PhaseDelay = max(round((begin - end).total_seconds() * 1000), 0)
        item.ActualFrameDuration = milliseconds
        item.PauseBetweenFrames = 0
        item.NumberOfFramesInPhase = 1
        items.append(item)
        end = begin + timedelta(milliseconds=milliseconds)
    return items


def _add_isotope(image: Dataset, view: NuclearAcquisition, injected: str, *, scatter: bool) -> None:
    """Add the NM isotope module (PS3.3 C.8.4.10)."""
    windows = []
    for name, limits in (
        ("Tc-99m", view.window_kev),
        ("scatter", SCATTER_KEV if scatter else None),
    ):
        if limits is None:
            continue
        span = Dataset()
        span.EnergyWindowLowerLimit, span.EnergyWindowUpperLimit = limits
        item = Dataset()
        item.EnergyWindowName = name
        item.EnergyWindowRangeSequence = Items([span])
        windows.append(item)
    image.EnergyWindowInformationSequence = Items(windows)
    drug = Dataset()
    drug.RadionuclideCodeSequence = Items([_coded(codes.SCT._99mTechnetium)])
    drug.Radiopharmaceutical = "Tc-99m DTPA"
    drug.RadiopharmaceuticalRoute = "intrathecal"
    drug.RadiopharmaceuticalVolume = DELIVERED_ML
    drug.RadiopharmaceuticalStartTime = _moment(injected)[1]
    drug.RadionuclideTotalDose = view.dose_mbq
    drug.RadiopharmaceuticalCodeSequence = Items([_coded(codes.SCT.TechnetiumTc99mPentetate)])
    image.RadiopharmaceuticalInformationSequence = Items([drug])


def _add_detectors(image: Dataset, stations: Sequence[Station], context: NmContext) -> None:
    """Add the NM detector module (PS3.3 C.8.4.11) with what each one faced."""
    count = int(image.NumberOfDetectors)
    vector = image.DetectorVector
    vector = [int(vector)] if isinstance(vector, int) else [int(v) for v in vector]
    items = []
    for number in range(1, count + 1):
        station = stations[vector.index(number)]
        view = _nuclear(station).view
        item = Dataset()
        item.CollimatorGridName = "LEHR"
        item.CollimatorType = "PARA"
        item.ZoomFactor = [context.zoom, context.zoom]
        item.ImageOrientationPatient = None
        item.ImagePositionPatient = None
        if view in VIEW_CODES and context.label is ViewLabel.CODE:
            item.ViewCodeSequence = Items([_coded(VIEW_CODES[view])])
        if view in VIEW_CODES and context.label is ViewLabel.ANGLE:
            item.StartAngle = 0.0 if view is View.ANTERIOR else 180.0
        if view in VIEW_CODES and context.label is ViewLabel.ORIENTATION:
            way = 1 if view is View.ANTERIOR else -1
            item.ImageOrientationPatient = [way, 0, 0, 0, 0, -1]
        items.append(item)
    image.DetectorInformationSequence = Items(items)


def _coded(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item


def _add_pixels(image: Dataset, frames: Sequence[FloatImage], station: Station) -> None:
    """Add the image pixel module: counts in 16 bits."""
    stored = np.rint(np.stack(frames))
    if stored.min() < 0 or stored.max() > 65535:
        raise ValueError(
            f"image {station.sop_uid}: counts must lie in 0..65535, "
            f"not {stored.min():.0f}..{stored.max():.0f}"
        )
    plane = station.geometry
    image.PixelSpacing = [plane.row_spacing, plane.column_spacing]
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows, image.Columns = station.pixels.shape
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit = 15
    image.PixelRepresentation = 0
    image.PixelData = stored.astype("<u2").tobytes()

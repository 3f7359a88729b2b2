"""Write a station as classic MR Image Storage (PS3.3 A.4), with plain pydicom."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage

from myeloscope import __version__
from myeloscope.domain.image import Acquisition, Station

IMPLEMENTATION_UID = "2.25.143213876512345678901234567890123456"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is said to have been examined; ``sex`` is ``F``, ``M`` or ``O``."""

    name: str
    patient_id: str
    age_years: int
    sex: str


@dataclass(frozen=True, slots=True)
class StoredForm:
    """How pixels are stored: value = slope * stored + intercept (PS3.3 C.11.1.1.2).

    ``rescaled`` is false where slope and intercept are left out (then 1 and 0).
    """

    bits_stored: int
    signed: bool
    slope: float
    intercept: float
    rescaled: bool
    window_center: float
    window_width: float


@dataclass(frozen=True, slots=True)
class ImageContext:
    """What an image's header says besides its own pixels and geometry.

    ``number`` counts the study's images from 1; ``protocol_name`` and ``description`` are free
    text of the series.
    """

    study_uid: str
    person: Person
    number: int
    description: str


def mr_image(station: Station, form: StoredForm, context: ImageContext) -> Dataset:
    """Return a station as an MR Image Storage object.

    Parameters
    ----------
    station
        Pixels in rescaled units, geometry and acquisition.
    form
        How the pixels are stored; they are rounded to the nearest stored value.
    context
        Patient, study and series.

    Returns
    -------
    pydicom.dataset.Dataset
        With file meta information, explicit VR little endian.

    Raises
    ------
    ValueError
        If pixels do not fit the stored form.
    """
    image = Dataset()
    image.file_meta = _meta(station)
    image.SOPClassUID = MRImageStorage
    image.SOPInstanceUID = UID(station.sop_uid)
    image.SpecificCharacterSet = "ISO_IR 192"
    _add_patient(image, context)
    _add_study(image, station, context)
    _add_acquisition(image, station.acquisition)
    _add_plane(image, station)
    _add_pixels(image, station, form)
    return image


def mr_image_bytes(station: Station, form: StoredForm, context: ImageContext) -> bytes:
    """Return a station as the bytes of a DICOM file (see :func:`mr_image`)."""
    buffer = BytesIO()
    mr_image(station, form, context).save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _meta(station: Station) -> FileMetaDataset:
    """Return the file meta information."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = MRImageStorage
    meta.MediaStorageSOPInstanceUID = UID(station.sop_uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    meta.ImplementationVersionName = f"MYELOSCOPE {__version__}"[:16]
    return meta


def _add_patient(image: Dataset, context: ImageContext) -> None:
    """Add the patient and patient study modules."""
    person = context.person
    image.PatientName = person.name
    image.PatientID = person.patient_id
    image.PatientBirthDate = ""
    image.PatientSex = person.sex
    image.PatientAge = f"{person.age_years:03d}Y"


def _add_study(image: Dataset, station: Station, context: ImageContext) -> None:
    """Add the study, series, frame of reference, equipment and general image modules."""
    day, time = _date_and_time(station.acquisition.acquired)
    image.StudyInstanceUID = UID(context.study_uid)
    for level in ("Study", "Series", "Acquisition", "Content"):
        setattr(image, f"{level}Date", day)
        setattr(image, f"{level}Time", time)
    image.StudyTime = ""  # the same in every image of the study; the stations differ in time
    image.StudyID = "1"
    image.AccessionNumber = ""
    image.ReferringPhysicianName = ""
    image.StudyDescription = "MR myelography"
    image.Modality = "MR"
    image.SeriesInstanceUID = UID(station.series_uid)
    image.SeriesNumber = context.number
    image.SeriesDescription = context.description
    image.BodyPartExamined = "SPINE"
    image.PatientPosition = "HFS"
    image.FrameOfReferenceUID = UID(station.frame_of_reference_uid or station.series_uid)
    image.PositionReferenceIndicator = ""
    image.Manufacturer = station.acquisition.manufacturer or ""
    image.ManufacturerModelName = "simulated"
    image.SoftwareVersions = __version__
    image.InstanceNumber = context.number
    image.AcquisitionNumber = context.number
    image.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]


def _date_and_time(acquired: str | None) -> tuple[str, str]:
    """Return DICOM date and time of an ISO 8601 moment; empty where there is none."""
    if acquired is None:
        return "", ""
    day, _, time = acquired.partition("T")
    return day.replace("-", ""), time.replace(":", "")


def _add_acquisition(image: Dataset, acquisition: Acquisition) -> None:
    """Add the MR image module (PS3.3 C.8.3.1) of a fat-suppressed turbo spin-echo."""
    image.ScanningSequence = "SE"
    image.SequenceVariant = "SK"
    image.ScanOptions = "FS"
    image.MRAcquisitionType = acquisition.acquisition_type or "2D"
    image.RepetitionTime = acquisition.repetition_time_ms
    image.EchoTime = acquisition.echo_time_ms
    image.EchoTrainLength = (
        None if acquisition.echo_train_length is None else round(acquisition.echo_train_length)
    )
    image.MagneticFieldStrength = acquisition.field_strength_t
    image.ImagedNucleus = "1H"
    image.FlipAngle = 90


def _add_plane(image: Dataset, station: Station) -> None:
    """Add the image plane module (PS3.3 C.7.6.2)."""
    plane = station.geometry
    image.ImagePositionPatient = [_decimal(part) for part in plane.position]
    directions = (*plane.along_row, *plane.along_column)
    image.ImageOrientationPatient = [_decimal(part) for part in directions]
    image.PixelSpacing = [_decimal(plane.row_spacing), _decimal(plane.column_spacing)]
    image.SliceThickness = station.acquisition.slab_mm


def _decimal(value: float) -> str:
    """Return a number as a decimal string of at most 16 characters (PS3.5 6.2)."""
    text = repr(round(value, 10))
    return text if len(text) <= 16 and "e" not in text else f"{value:.10f}"[:16]


def _add_pixels(image: Dataset, station: Station, form: StoredForm) -> None:
    """Add the image pixel, VOI LUT and, where said, modality LUT attributes."""
    stored = np.rint((station.pixels.astype(np.float64) - form.intercept) / form.slope)
    low = -(2 ** (form.bits_stored - 1)) if form.signed else 0
    high = low + 2**form.bits_stored - 1
    if stored.min() < low or stored.max() > high:
        raise ValueError(
            f"image {station.sop_uid}: stored values must lie in {low}..{high}, "
            f"not {stored.min():.0f}..{stored.max():.0f}"
        )
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows, image.Columns = station.pixels.shape
    image.BitsAllocated = 16
    image.BitsStored = form.bits_stored
    image.HighBit = form.bits_stored - 1
    image.PixelRepresentation = int(form.signed)
    image.WindowCenter = form.window_center
    image.WindowWidth = form.window_width
    if form.rescaled:
        image.RescaleIntercept = form.intercept
        image.RescaleSlope = form.slope
        image.RescaleType = "US"
    image.PixelData = stored.astype("<i2" if form.signed else "<u2").tobytes()

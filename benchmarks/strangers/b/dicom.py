"""Classic MR Image Storage objects as four makers' scanners write them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage

from benchmarks.strangers.b.anatomy import Rng
from benchmarks.strangers.b.station import Station

PHILIPS, SIEMENS, GE, TOSHIBA = (
    "Philips Medical Systems",
    "SIEMENS",
    "GE MEDICAL SYSTEMS",
    "TOSHIBA",
)
MODELS = {
    PHILIPS: ["Intera", "Achieva", "Gyroscan Intera"],
    SIEMENS: ["Avanto", "Symphony", "Sonata"],
    GE: ["Signa HDxt", "SIGNA EXCITE"],
    TOSHIBA: ["EXCELART Vantage"],
}
IMAGE_TYPES = {
    PHILIPS: ["ORIGINAL", "PRIMARY", "M_SE", "M", "SE"],
    SIEMENS: ["ORIGINAL", "PRIMARY", "M", "ND"],
    GE: ["ORIGINAL", "PRIMARY", "OTHER"],
    TOSHIBA: ["ORIGINAL", "PRIMARY", "OTHER"],
}


@dataclass(frozen=True, slots=True)
class Sequence:
    """Echo and repetition time (ms), echo train length and phase-encoding steps."""

    te: float
    tr: float
    etl: int
    steps: int
    pe_row: bool


@dataclass(frozen=True, slots=True)
class Header:
    """What all images of a study share."""

    seed: int
    sex: str
    age: int
    vendor: str
    study: str
    frame: str
    series: str
    one_series: bool
    date: str


@dataclass(frozen=True, slots=True)
class Own:
    """What is one image's own: names, window, and how its pixels are scaled."""

    number: int
    model: str
    description: str
    series: str
    fat_suppressed: bool
    bits: int
    slope: float | None
    intercept: float
    window: tuple[float, float]


def uid(rng: Rng) -> str:
    """Return a new UID."""
    return "2.25." + str(int.from_bytes(rng.bytes(15), "big") + 1)


def to_dataset(
    header: Header, sequence: Sequence, station: Station, own: Own, pixels: NDArray[np.uint16]
) -> Dataset:
    """Return one station as a dataset."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = MRImageStorage
    ds.file_meta.MediaStorageSOPInstanceUID = UID(station.sop)
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.ImplementationClassUID = UID("2.25.204318337791902113447766012233")
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.ImageType = IMAGE_TYPES[header.vendor]
    ds.SOPClassUID, ds.SOPInstanceUID = MRImageStorage, station.sop
    _identity(ds, header, own)
    _acquisition(ds, sequence, station, own)
    _geometry(ds, header, station)
    _pixels(ds, own, pixels)
    return ds


def _identity(ds: Dataset, header: Header, own: Own) -> None:
    """Write patient, study, series and equipment."""
    time = f"10{25 + 2 * own.number:02d}00"
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = header.date
    ds.StudyTime = "101500"
    ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = time
    ds.AccessionNumber = ""
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = "MR", header.vendor, own.model
    ds.ReferringPhysicianName = ""
    ds.StudyDescription, ds.SeriesDescription = "MR spine whole", own.description
    ds.PatientName, ds.PatientID = "STRANGE^B", f"SB{header.seed:06d}"
    ds.PatientBirthDate, ds.PatientSex, ds.PatientAge = "", header.sex, f"{header.age:03d}Y"
    ds.PatientIdentityRemoved, ds.DeidentificationMethod = "YES", "simulated study"
    ds.BodyPartExamined = ("CTSPINE", "TLSPINE")[own.number]
    ds.DeviceSerialNumber, ds.SoftwareVersions = "0", "b1"
    ds.ProtocolName = own.description
    ds.StudyInstanceUID, ds.SeriesInstanceUID = header.study, own.series
    one = header.one_series
    ds.StudyID, ds.AcquisitionNumber = "1", 1
    ds.SeriesNumber = 301 if one else 301 + 100 * own.number
    ds.InstanceNumber = own.number + 1 if one else 1


def _acquisition(ds: Dataset, sequence: Sequence, station: Station, own: Own) -> None:
    """Write the sequence's settings."""
    form = station.form
    ds.ScanningSequence, ds.SequenceVariant, ds.MRAcquisitionType = "SE", "SK", "2D"
    ds.ScanOptions = "FS" if own.fat_suppressed else ""
    ds.SliceThickness = ds.SpacingBetweenSlices = form.slab
    ds.RepetitionTime, ds.EchoTime = sequence.tr, sequence.te
    ds.NumberOfAverages = 4
    ds.ImagingFrequency, ds.ImagedNucleus, ds.EchoNumbers = 63.87, "1H", 1
    ds.MagneticFieldStrength = 1.5
    ds.NumberOfPhaseEncodingSteps = sequence.steps
    ds.EchoTrainLength = sequence.etl
    ds.PercentSampling = ds.PercentPhaseFieldOfView = 100
    ds.PixelBandwidth = 200
    ds.ReceiveCoilName = "SPINE"
    along, m, steps = sequence.pe_row, form.m, sequence.steps
    ds.AcquisitionMatrix = [0, m, steps, 0] if along else [m, 0, 0, steps]
    ds.InPlanePhaseEncodingDirection = "ROW" if along else "COL"
    ds.FlipAngle, ds.PatientPosition = 90, "HFS"


def _geometry(ds: Dataset, header: Header, station: Station) -> None:
    """Write position, orientation and spacing."""
    ds.ImagePositionPatient = [f"{x:.5f}" for x in station.corner]
    ds.ImageOrientationPatient = [f"{x:.6f}" for x in (*station.col, *station.row)]
    ds.FrameOfReferenceUID, ds.PositionReferenceIndicator = header.frame, ""
    ds.PixelSpacing = [f"{station.form.px:.7g}"] * 2


def _pixels(ds: Dataset, own: Own, pixels: NDArray[np.uint16]) -> None:
    """Write the pixels, how they are scaled and how to show them."""
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, own.bits, own.bits - 1
    ds.PixelRepresentation = 0
    ds.SmallestImagePixelValue = int(pixels.min())
    ds.LargestImagePixelValue = int(pixels.max())
    ds["SmallestImagePixelValue"].VR = ds["LargestImagePixelValue"].VR = "US"
    ds.WindowCenter, ds.WindowWidth = (f"{value:.6g}" for value in own.window)
    if own.slope is not None:
        ds.RescaleIntercept, ds.RescaleSlope = f"{own.intercept:.6g}", f"{own.slope:.9g}"
        ds.RescaleType = "US"
    ds.PixelData = pixels.astype("<u2").tobytes()

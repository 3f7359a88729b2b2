"""Classic MR Image Storage objects as three makers' scanners write them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage

from benchmarks.strangers.a.anatomy import Floats, Rng
from benchmarks.strangers.a.protocol import Protocol

MODELS = {
    "Philips": ("Philips Medical Systems", "Achieva", "TSE"),
    "Siemens": ("SIEMENS", "Avanto", "*tse2d1_{}"),
    "GE": ("GE MEDICAL SYSTEMS", "Signa HDxt", "SSFSE"),
}
"""Maker, model and name of the sequence."""
NAMES = [
    "MRM COR TSE 50mm", "MYELO 2D thick slab", "sMYELO_TSE COR", "T2 myelogram cor",
    "Spine HASTE MYELO cor",
]  # fmt: skip
DATE = "20260301"


@dataclass(frozen=True, slots=True)
class Header:
    """What all images of a study share."""

    seed: int
    sex: str
    age: int
    study: str
    frame: str
    series: str
    one_series: bool
    name: str
    scale: float
    slope: float
    window: list[str]
    hour: int


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One image's identity and position."""

    number: int
    sop: str
    series: str
    weight: str
    corner: Floats
    axes: tuple[Floats, Floats]
    location: float


def uid(rng: Rng) -> str:
    """Return a new UID."""
    return "2.25." + str(int.from_bytes(rng.bytes(15), "big") | 1 << 118)


def choose_header(rng: Rng, p: Protocol, person: tuple[int, str, int]) -> Header:
    """Return the header of a study; ``person``: seed, sex and age."""
    study, frame, series = uid(rng), uid(rng), uid(rng)
    name = str(rng.choice(NAMES))
    philips = p.maker == "Philips"
    scale = rng.uniform(900, 1400) if philips else rng.uniform(350, 1500)
    slope = round(float(rng.uniform(0.4, 3.5)), 6) if philips else 1.0
    if philips:
        window = [f"{rng.uniform(600, 800):.0f}", f"{rng.uniform(1800, 2000):.0f}"]
    else:
        window = [f"{0.75 * scale:.0f}", f"{1.7 * scale:.0f}"]
    hour = int(rng.integers(8, 17))
    one = bool(rng.random() < 0.3)
    return Header(*person, study, frame, series, one, name, scale, slope, window, hour)


def to_dataset(header: Header, p: Protocol, place: Place, pixels: NDArray[np.uint16]) -> Dataset:
    """Return one image as a dataset."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = MRImageStorage
    meta.MediaStorageSOPInstanceUID = UID(place.sop)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID("2.25.311640918277240120883427731")
    meta.ImplementationVersionName = "STRANGE_A"
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SpecificCharacterSet = "ISO_IR 100"
    _identity(ds, header, p, place)
    _acquisition(ds, p)
    _geometry(ds, header, p, place)
    _pixels(ds, header, p, pixels)
    return ds


def _image_type(p: Protocol) -> list[str]:
    """Return Image Type as the maker writes it."""
    kind = ["ORIGINAL", "PRIMARY"]
    if p.maker == "Philips":
        return [*kind, "M_SE", "M", "SE"]
    if p.maker == "GE":
        return [*kind, "OTHER"]
    corrected = ["DIS2D"] if p.gdc else []
    return [*kind, "M", "NORM" if p.normalise else "ND", *corrected]


def _clock(minutes: int) -> str:
    """Return minutes since midnight as a DICOM time."""
    return f"{minutes // 60:02d}{minutes % 60:02d}00"


def _identity(ds: Dataset, header: Header, p: Protocol, place: Place) -> None:
    """Write patient, study, series and equipment."""
    maker, model, _ = MODELS[p.maker]
    time = _clock(header.hour * 60 + 5 + 3 * place.number)
    one = header.one_series
    name = header.name if one else f"{header.name} {place.number + 1}"
    ds.ImageType = _image_type(p)
    ds.InstanceCreationDate, ds.InstanceCreationTime = DATE, time
    ds.SOPClassUID, ds.SOPInstanceUID = MRImageStorage, place.sop
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = DATE
    ds.StudyTime = _clock(header.hour * 60)
    ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = time
    ds.AccessionNumber = ""
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = "MR", maker, model
    ds.ReferringPhysicianName = ""
    ds.StudyDescription, ds.SeriesDescription = "MR MYELOGRAPHY WHOLE SPINE", name
    ds.PatientName, ds.PatientID = f"STRANGER^A{header.seed}", f"SA{header.seed:07d}"
    ds.PatientBirthDate, ds.PatientSex, ds.PatientAge = "", header.sex, f"{header.age:03d}Y"
    ds.PatientWeight = place.weight
    ds.BodyPartExamined = "SPINE"
    ds.ProtocolName = name
    ds.StudyInstanceUID, ds.SeriesInstanceUID = header.study, place.series
    ds.StudyID, ds.AcquisitionNumber = "1", 1
    ds.SeriesNumber = 3 if one else 301 + 100 * place.number
    ds.InstanceNumber = place.number + 1 if one else 1


def _acquisition(ds: Dataset, p: Protocol) -> None:
    """Write the sequence's settings."""
    ds.ScanningSequence, ds.SequenceVariant, ds.MRAcquisitionType = "SE", ["SK", "OSP"], "2D"
    ds.ScanOptions = ["FS", "PFP"] if p.partial < 1 else "FS"
    ds.SequenceName = MODELS[p.maker][2].format(p.etl)
    ds.SliceThickness = p.slab
    ds.RepetitionTime, ds.EchoTime = p.tr, p.te
    ds.NumberOfAverages = p.averages
    ds.ImagingFrequency = round(42.577 * p.b0, 4)
    ds.ImagedNucleus, ds.EchoNumbers, ds.MagneticFieldStrength = "1H", 1, p.b0
    ds.SpacingBetweenSlices = p.slab
    steps = int(p.n * p.phase_pct)
    ds.NumberOfPhaseEncodingSteps = steps
    ds.EchoTrainLength = p.etl
    ds.PercentSampling, ds.PercentPhaseFieldOfView = 100.0 * p.phase_pct, 100.0
    ds.PixelBandwidth = p.bandwidth
    ds.SoftwareVersions = "1"
    ds.ReceiveCoilName = "SPINE"
    along = p.phase_axis == 1
    ds.AcquisitionMatrix = [0, p.n, steps, 0] if along else [p.n, 0, 0, steps]
    ds.InPlanePhaseEncodingDirection = "ROW" if along else "COL"
    ds.FlipAngle, ds.PatientPosition = 90.0, "HFS"


def _geometry(ds: Dataset, header: Header, p: Protocol, place: Place) -> None:
    """Write position, orientation and spacing."""
    ds.ImagePositionPatient = [f"{v:.8g}"[:16] for v in place.corner]
    ds.ImageOrientationPatient = [f"{v:.10f}"[:12] for axis in place.axes for v in axis]
    ds.FrameOfReferenceUID, ds.PositionReferenceIndicator = header.frame, ""
    ds.SliceLocation = f"{place.location:.6g}"
    ds.ImagesInAcquisition = 1
    ds.PixelSpacing = [f"{p.fov / p.n:.10f}"[:12]] * 2


def _pixels(ds: Dataset, header: Header, p: Protocol, pixels: NDArray[np.uint16]) -> None:
    """Write the pixels, how they are scaled and how to show them."""
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape
    bits = 16 if p.maker == "GE" else 12
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, bits, bits - 1, 0
    ds.WindowCenter, ds.WindowWidth = header.window
    if p.maker == "Philips":
        ds.RescaleIntercept, ds.RescaleSlope = "0", f"{header.slope:.6g}"
        ds.RescaleType = "normalized"
    ds.LossyImageCompression = "00"
    ds.PixelData = np.ascontiguousarray(pixels.astype("<u2")).tobytes()

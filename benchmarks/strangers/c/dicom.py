"""Valid MR Image Storage objects from magnitude images, scaled as different vendors do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage, generate_uid

from benchmarks.strangers.c.camera import Camera
from benchmarks.strangers.c.lumen import Grid
from benchmarks.strangers.c.scanner import Scanner

ROOT = "1.2.826.0.1.3680043.8.498."
"""UID root of pydicom."""
NAMES = {
    "Philips Medical Systems": ["MYELO_RAD", "MYELO 2D SSh", "sMYUR"],
    "SIEMENS": ["t2_haste_myelo_cor", "haste_thickslab_myelo", "t2_tse_myelo_cor"],
    "GE MEDICAL SYSTEMS": ["COR MYELOGRAM", "SSFSE myelo thick"],
    "Canon": ["MR myelography", "FASE myelo COR"],
}
"""Makers, and what their users call the series."""


@dataclass(frozen=True, slots=True)
class Header:
    """What all images of a study share."""

    seed: int
    maker: str
    bits: int
    series_name: str
    echo_ms: float
    repetition_ms: float
    train: int
    female: bool
    age: int
    body_part: str
    one_series: bool
    signed: bool
    peak: float

    def uid(self, *parts: object) -> UID:
        """Return a UID that depends on the seed and on ``parts`` alone."""
        words = ["slow-train", str(self.seed), *(str(part) for part in parts)]
        return generate_uid(prefix=ROOT, entropy_srcs=words)


def choose_header(rng: np.random.Generator, seed: int, female: bool) -> Header:
    """Return the header of a new study."""
    maker = str(rng.choice(list(NAMES)))
    return Header(
        seed=seed,
        maker=maker,
        bits=int(rng.choice([8, 12, 12, 12, 16])),
        series_name=str(rng.choice(NAMES[maker])),
        echo_ms=float(rng.choice([1000.0, 1000.0, round(rng.uniform(850, 1200))])),
        repetition_ms=float(rng.choice([8000.0, round(rng.uniform(6000, 10000))])),
        train=int(rng.choice([256, 256, 192, 320])),
        female=female,
        age=int(rng.integers(17, 71)),
        body_part=str(rng.choice(["SPINE", "CTSPINE", "TLSPINE", "WHOLESPINE"])),
        one_series=bool(rng.random() < 0.4),
        signed=bool(rng.random() < 0.15),
        peak=float(rng.uniform(700, 1900)),
    )


def to_dataset(
    header: Header, camera: Camera, scanner: Scanner, image: Grid, number: int
) -> Dataset:
    """Return one station as a dataset; ``image`` is in units of the sac."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    sop = header.uid("image", number)
    ds.file_meta.MediaStorageSOPClassUID = MRImageStorage
    ds.file_meta.MediaStorageSOPInstanceUID = sop
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.ImplementationClassUID = UID(ROOT + "1")
    ds.SpecificCharacterSet = "ISO_IR 100"
    detail = ["M_SE", "M", "SE"] if "Phil" in header.maker else ["OTHER"]
    ds.ImageType = ["ORIGINAL", "PRIMARY", *detail]
    ds.SOPClassUID, ds.SOPInstanceUID = MRImageStorage, sop
    _general(ds, header, number)
    _acquisition(ds, header, camera, scanner)
    _plane(ds, camera, scanner, image.shape)
    _pixels(ds, header, image)
    return ds


def _general(ds: Dataset, header: Header, number: int) -> None:
    """Write patient, study, series and equipment."""
    day = 1 + header.seed % 28
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = f"201403{day:02d}"
    ds.StudyTime = "091500"
    ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = f"09{20 + 2 * number:02d}00"
    ds.AccessionNumber = ""
    ds.Modality = "MR"
    ds.Manufacturer = header.maker
    ds.ReferringPhysicianName = ""
    ds.StudyDescription = "MR spine"
    ds.SeriesDescription = header.series_name
    ds.PatientName, ds.PatientID = f"SLOWTRAIN^{header.seed}", f"ST{header.seed:05d}"
    ds.PatientBirthDate = ""
    ds.PatientSex, ds.PatientAge = "F" if header.female else "M", f"{header.age:03d}Y"
    ds.BodyPartExamined = header.body_part
    ds.StudyInstanceUID = header.uid("study")
    ds.SeriesInstanceUID = header.uid("series", 0 if header.one_series else number)
    ds.FrameOfReferenceUID = header.uid("frame")
    ds.PositionReferenceIndicator = ""
    ds.StudyID = str(header.seed)
    ds.SeriesNumber = 301 if header.one_series else 301 + 100 * number
    ds.AcquisitionNumber, ds.InstanceNumber = 1, number + 1
    ds.PatientPosition = "HFS"


def _acquisition(ds: Dataset, header: Header, camera: Camera, scanner: Scanner) -> None:
    """Write the sequence's settings."""
    ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "SE", "SK", "FS"
    ds.MRAcquisitionType = "2D"
    ds.SliceThickness = f"{camera.slab:g}"
    ds.SpacingBetweenSlices = f"{camera.slab:g}"
    ds.EchoTime, ds.RepetitionTime = f"{header.echo_ms:g}", f"{header.repetition_ms:g}"
    ds.NumberOfAverages = "1"
    ds.ImagingFrequency, ds.ImagedNucleus, ds.EchoNumbers = "63.87", "1H", 1
    ds.MagneticFieldStrength = "1.5"
    ds.EchoTrainLength = header.train
    ds.PercentSampling = f"{100 * scanner.partial:.0f}"
    ds.PercentPhaseFieldOfView = "100"
    ds.PixelBandwidth, ds.FlipAngle = "217", "90"
    ds.ReconstructionDiameter = f"{camera.fov:g}"
    down = scanner.phase_axis == 0
    ds.AcquisitionMatrix = (
        [0, scanner.read, scanner.lines, 0] if down else [scanner.read, 0, 0, scanner.lines]
    )
    ds.InPlanePhaseEncodingDirection = "COL" if down else "ROW"


def _plane(ds: Dataset, camera: Camera, scanner: Scanner, shape: tuple[int, ...]) -> None:
    """Write position, orientation and spacing; columns may have been cropped evenly."""
    step = camera.fov / scanner.matrix
    right, down = camera.axes[0], camera.axes[1]
    corner = camera.centre - step * (shape[1] // 2 * right + scanner.matrix // 2 * down)
    ds.ImagePositionPatient = [f"{v:.6g}" for v in corner]
    ds.ImageOrientationPatient = [f"{v:.9f}"[:16] for v in (*right, *down)]
    ds.PixelSpacing = [f"{step:.9f}"] * 2
    ds.SliceLocation = f"{float(camera.centre @ camera.axes[2]):.5g}"


def _pixels(ds: Dataset, header: Header, image: Grid) -> None:
    """Write the pixels and how they are scaled."""
    wide = {8: 255, 12: 4095, 16: 32767}[header.bits]
    top = float(np.quantile(image, 0.9995)) * header.peak * 1.1
    slope = top / wide if "Phil" in header.maker or header.bits == 8 else 1.0
    if header.bits == 16 and slope == 1.0:
        slope = 0.125
    stored = np.clip(np.round(image * header.peak / slope), 0, wide)
    ds.Rows, ds.Columns = image.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = 8 if header.bits == 8 else 16
    ds.BitsStored = header.bits
    ds.HighBit = header.bits - 1
    ds.PixelRepresentation = 1 if header.signed and header.bits == 16 else 0
    if slope != 1.0 or "Phil" in header.maker:
        ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", f"{slope:.8g}", "normalized"
    ds.WindowCenter, ds.WindowWidth = f"{0.5 * header.peak:.0f}", f"{1.3 * header.peak:.0f}"
    kind = np.uint8 if header.bits == 8 else np.dtype("<u2")
    ds.PixelData = np.ascontiguousarray(stored.astype(kind)).tobytes()
    ds["PixelData"].VR = "OB" if header.bits == 8 else "OW"

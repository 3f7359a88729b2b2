"""MR Image Storage objects of the drawn stations, as five makers would write them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage, generate_uid

from benchmarks.strangers.f.plate import Grid
from benchmarks.strangers.f.scanner import Scan
from benchmarks.strangers.f.station import Station

ROOT = "1.2.826.0.1.3680043.8.498."
"""UID root of pydicom."""


@dataclass(frozen=True, slots=True)
class Maker:
    """A maker's habits: bits stored, how bright it scales the sac, whether it tells a slope."""

    name: str
    series: tuple[str, ...]
    kind: tuple[str, ...]
    bits: int
    sac: tuple[float, float]
    slope: bool
    station_series: bool


MAKERS = (
    Maker("Philips Medical Systems", ("MYELO COR", "sMYELO_50", "Myelographie"),
          ("M_SE", "M", "SE"),
          12, (500.0, 1500.0), True, True),
    Maker("Philips Healthcare", ("MYUR SSh", "WHOLE SPINE MYELO"), ("M_SE", "M", "SE"),
          12, (300.0, 900.0), True, False),
    Maker("SIEMENS", ("haste_myelo_cor_thick", "t2_tse_myelo", "MYELO_50mm"), ("M", "ND", "NORM"),
          12, (250.0, 1400.0), False, True),
    Maker("GE MEDICAL SYSTEMS", ("MYELO SSFSE", "COR THICK MYELO"), ("OTHER",),
          16, (900.0, 6000.0), False, False),
    Maker("TOSHIBA_MEC", ("FASE MYELO", "MR Myelo"), ("OTHER",), 16, (2000.0, 9000.0), False, True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What a study's images share; ``scale`` is the stored real-world value of ink 1."""

    seed: int
    maker: Maker
    series: str
    scale: float
    echo_ms: float
    repetition_ms: float
    train: int
    tesla: float
    female: bool
    age: int
    crop: float

    def uid(self, *parts: object) -> UID:
        """Return a UID that depends on the seed and the parts alone."""
        words = ["drawn-plate", str(self.seed), *(str(part) for part in parts)]
        return generate_uid(prefix=ROOT, entropy_srcs=words)


def choose_header(rng: np.random.Generator, seed: int, female: bool, age: int) -> Header:
    """Return a new study's header."""
    maker = MAKERS[int(rng.choice(5, p=[0.35, 0.15, 0.22, 0.18, 0.1]))]
    as_printed = rng.random() < 0.65
    return Header(
        seed=seed, maker=maker, series=str(rng.choice(maker.series)),
        scale=float(np.exp(rng.uniform(*np.log(maker.sac)))),
        echo_ms=1000.0 if as_printed else float(round(rng.uniform(700, 1250))),
        repetition_ms=8000.0 if as_printed else float(round(rng.uniform(5000, 11000))),
        train=256 if as_printed else int(rng.choice([128, 192, 256, 320])),
        tesla=1.5 if rng.random() < 0.85 else 3.0, female=female, age=age,
        crop=float(rng.choice([0.0, 0.0, 0.0, rng.uniform(0.06, 0.18)])),
    )  # fmt: skip


def write_image(header: Header, station: Station, scan: Scan, image: Grid, number: int) -> Dataset:
    """Return one station as a dataset; ``image`` is in ink."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    sop = header.uid("image", station.name)
    ds.file_meta.MediaStorageSOPClassUID = MRImageStorage
    ds.file_meta.MediaStorageSOPInstanceUID = sop
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.ImplementationClassUID = UID(ROOT + "1")
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.ImageType = ["ORIGINAL", "PRIMARY", *header.maker.kind]
    ds.SOPClassUID, ds.SOPInstanceUID = MRImageStorage, sop
    _who_and_when(ds, header, number)
    _sequence(ds, header, station, scan)
    _geometry(ds, station, scan, image.shape)
    _values(ds, header, image)
    return ds


def _who_and_when(ds: Dataset, header: Header, number: int) -> None:
    """Write patient, study, series and equipment."""
    day = f"201109{1 + header.seed % 30:02d}"
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = day
    ds.StudyTime = "140500"
    ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = f"14{10 + 3 * number:02d}30"
    ds.AccessionNumber = ds.ReferringPhysicianName = ds.PatientBirthDate = ""
    ds.Modality, ds.Manufacturer = "MR", header.maker.name
    ds.StudyDescription, ds.SeriesDescription = "Spine MR myelography", header.series
    ds.PatientName, ds.PatientID = f"PLATE^{header.seed}", f"DP{header.seed:06d}"
    ds.PatientSex, ds.PatientAge = "F" if header.female else "M", f"{header.age:03d}Y"
    ds.BodyPartExamined, ds.PatientPosition = "SPINE", "HFS"
    split = header.maker.station_series
    ds.StudyInstanceUID = header.uid("study")
    ds.SeriesInstanceUID = header.uid("series", number if split else "all")
    ds.FrameOfReferenceUID = header.uid("frame")
    ds.PositionReferenceIndicator = ""
    ds.StudyID = str(header.seed)
    ds.SeriesNumber = 5 + number if split else 5
    ds.AcquisitionNumber, ds.InstanceNumber = 1, number + 1


def _sequence(ds: Dataset, header: Header, station: Station, scan: Scan) -> None:
    """Write how the image was acquired."""
    ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "SE", "SK", "FS"
    ds.MRAcquisitionType = "2D"
    ds.SliceThickness = ds.SpacingBetweenSlices = f"{station.slab_mm:g}"
    ds.EchoTime, ds.RepetitionTime = f"{header.echo_ms:g}", f"{header.repetition_ms:g}"
    ds.NumberOfAverages, ds.EchoNumbers, ds.ImagedNucleus = "2", 1, "1H"
    ds.MagneticFieldStrength = f"{header.tesla:g}"
    ds.ImagingFrequency = f"{42.577 * header.tesla:.3f}"
    ds.EchoTrainLength = header.train
    ds.PercentSampling, ds.PercentPhaseFieldOfView = f"{100 * scan.lines / scan.read:.1f}", "100"
    ds.PixelBandwidth, ds.FlipAngle = "250", "90"
    ds.ReconstructionDiameter = f"{station.fov_mm:g}"
    down = scan.phase_axis == 0
    ds.AcquisitionMatrix = [0, scan.read, scan.lines, 0] if down else [scan.read, 0, 0, scan.lines]
    ds.InPlanePhaseEncodingDirection = "COL" if down else "ROW"


def _geometry(ds: Dataset, station: Station, scan: Scan, shape: tuple[int, ...]) -> None:
    """Write place, orientation and spacing; columns may be cropped alike on both sides."""
    step = station.fov_mm / scan.matrix
    half = shape[1] // 2 * station.right + scan.matrix // 2 * station.down
    ds.ImagePositionPatient = [f"{v:.8g}" for v in station.centre - step * half]
    ds.ImageOrientationPatient = [f"{v:.10f}"[:16] for v in (*station.right, *station.down)]
    ds.PixelSpacing = [f"{step:.10g}"] * 2
    ds.SliceLocation = f"{float(station.centre @ station.normal):.6g}"


def _values(ds: Dataset, header: Header, image: Grid) -> None:
    """Write the stored values, their slope and a window."""
    maker = header.maker
    real = image * header.scale
    most = 2**maker.bits - 1 if maker.bits < 16 else 32767
    slope = float(np.quantile(real, 0.9998)) * 1.15 / most if maker.slope else 1.0
    stored = np.clip(np.round(real / slope), 0, most).astype("<u2")
    ds.Rows, ds.Columns = image.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, maker.bits, maker.bits - 1
    ds.PixelRepresentation = int(maker.bits == 16)
    if maker.slope:
        ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", f"{slope:.8g}", "normalized"
    ds.WindowCenter, ds.WindowWidth = f"{0.45 * header.scale:.1f}", f"{1.2 * header.scale:.1f}"
    ds.PixelData = np.ascontiguousarray(stored).tobytes()
    ds["PixelData"].VR = "OW"

"""MR Image Storage objects from magnitude images, as four makers would store them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage, generate_uid

from benchmarks.strangers.e.camera import Camera
from benchmarks.strangers.e.scanner import Scanner
from benchmarks.strangers.e.voxels import Grid

ROOT = "1.2.826.0.1.3680043.8.498."
"""UID root of pydicom."""


@dataclass(frozen=True, slots=True)
class Maker:
    """How a maker names, types and scales what it stores."""

    name: str
    series: tuple[str, ...]
    kind: tuple[str, ...]
    slope: bool
    field: str
    frequency: str


MAKERS = (
    Maker("Philips Medical Systems", ("MYELO_1SL", "MYELOGRAPHY COR", "sMYELO"),
          ("ORIGINAL", "PRIMARY", "M_SE", "M", "SE"), True, "1.5", "63.897"),
    Maker("SIEMENS", ("t2_tse_rst_myelo_cor", "haste_myelo_50mm"),
          ("ORIGINAL", "PRIMARY", "M", "ND"), False, "1.5", "63.68"),
    Maker("GE MEDICAL SYSTEMS", ("COR THICK MYELO", "SSFSE MYELO"),
          ("ORIGINAL", "PRIMARY", "OTHER"), False, "1.5", "63.86"),
    Maker("TOSHIBA_MEC", ("MRM FASE2D COR",),
          ("ORIGINAL", "PRIMARY", "OTHER"), False, "1.5", "63.55"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Folder:
    """What all images of a study share: who, when, which maker, how pixels are scaled."""

    seed: int
    maker: Maker
    series: str
    bits: int
    top: float
    rescale: float
    sex: str
    age: int
    echo: float
    repetition: float
    train: int
    together: bool
    backward: bool

    def uid(self, *parts: object) -> UID:
        """Return a UID made of the seed and ``parts`` alone."""
        return generate_uid(ROOT, ["seeping", str(self.seed), *map(str, parts)])


def choose_folder(rng: np.random.Generator, seed: int) -> Folder:
    """Return the header of a new study."""
    maker = MAKERS[int(rng.choice(len(MAKERS), p=[0.5, 0.22, 0.18, 0.1]))]
    return Folder(
        seed=seed,
        maker=maker,
        series=str(rng.choice(maker.series)),
        bits=int(rng.choice([12, 12, 12, 16])),
        top=float(rng.uniform(500, 2400)),
        rescale=float(rng.uniform(0.3, 5.0)),
        sex=str(rng.choice(["F", "M"])),
        age=int(rng.integers(17, 75)),
        echo=float(rng.choice([1000.0, 1000.0, 1000.0, float(rng.integers(800, 1250))])),
        repetition=float(rng.choice([8000.0, 8000.0, float(rng.integers(5000, 12000))])),
        train=int(rng.choice([256, 256, 240, 320])),
        together=bool(rng.random() < 0.3),
        backward=bool(rng.random() < 0.15),
    )


def write(folder: Folder, camera: Camera, scanner: Scanner, image: Grid, number: int) -> Dataset:
    """Return one station as a dataset; ``image`` is in units of the sac's brightness."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    sop = folder.uid("station", number)
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = MRImageStorage
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = sop
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.ImplementationClassUID = UID(ROOT + "5")
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.ImageType = list(folder.maker.kind)
    _study(ds, folder, number)
    _sequence(ds, folder, camera, scanner)
    step, (right, down) = camera.step, camera.axes
    ds.PixelSpacing = [f"{step:.8f}"] * 2
    ds.ImagePositionPatient = [f"{value:.6f}"[:16] for value in camera.corner]
    ds.ImageOrientationPatient = [f"{value:.9f}"[:16] for value in (*right, *down)]
    ds.SliceLocation = f"{float(camera.centre @ camera.normal):.4f}"
    _pixels(ds, folder, image)
    return ds


def _study(ds: Dataset, folder: Folder, number: int) -> None:
    """Write patient, study, series and equipment."""
    day = f"2009{1 + folder.seed % 12:02d}{1 + folder.seed % 27:02d}"
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = day
    at = f"1{folder.seed % 7}{12 + 3 * number:02d}30"
    ds.StudyTime = f"1{folder.seed % 7}0500"
    ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = at
    ds.AccessionNumber = ds.ReferringPhysicianName = ds.PatientBirthDate = ""
    ds.PositionReferenceIndicator = ""
    ds.Modality, ds.Manufacturer = "MR", folder.maker.name
    ds.StudyDescription, ds.SeriesDescription = "MR WHOLE SPINE", folder.series
    ds.PatientName, ds.PatientID = f"SEEP^{folder.seed}", f"SP{folder.seed:06d}"
    ds.PatientSex, ds.PatientAge = folder.sex, f"{folder.age:03d}Y"
    ds.BodyPartExamined = "SPINE"
    ds.StudyInstanceUID, ds.StudyID = folder.uid("study"), str(folder.seed)
    ds.SeriesInstanceUID = folder.uid("series", 0 if folder.together else number)
    ds.FrameOfReferenceUID = folder.uid("frame")
    ds.SeriesNumber = 5 if folder.together else 5 + number
    ds.AcquisitionNumber = 1
    ds.InstanceNumber = 9 - number if folder.backward else number + 1
    ds.PatientPosition = "HFS"


def _sequence(ds: Dataset, folder: Folder, camera: Camera, scanner: Scanner) -> None:
    """Write the sequence's settings."""
    ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "SE", "SK", "FS"
    ds.MRAcquisitionType, ds.SliceThickness = "2D", f"{camera.slab:g}"
    ds.EchoTime, ds.RepetitionTime = f"{folder.echo:g}", f"{folder.repetition:g}"
    ds.EchoTrainLength, ds.EchoNumbers, ds.NumberOfAverages = folder.train, 1, "1"
    ds.MagneticFieldStrength, ds.ImagingFrequency = folder.maker.field, folder.maker.frequency
    ds.ImagedNucleus, ds.FlipAngle, ds.PixelBandwidth = "1H", "90", "220"
    rows, columns = (int(share * camera.matrix) for share in scanner.support)
    ds.AcquisitionMatrix = [0, columns, rows, 0] if scanner.down else [rows, 0, 0, columns]
    ds.InPlanePhaseEncodingDirection = "COL" if scanner.down else "ROW"
    ds.ReconstructionDiameter = f"{camera.fov:g}"


def _pixels(ds: Dataset, folder: Folder, image: Grid) -> None:
    """Write the pixels: by a slope where the maker has one, plainly where not."""
    most = 2**folder.bits - 1 if folder.bits < 16 else 32767
    bright = folder.top * image
    slope = 1.0
    if folder.maker.slope:
        slope = max(folder.rescale, float(bright.max()) / most)
        ds.RescaleIntercept, ds.RescaleSlope = "0", f"{slope:.9f}"
        ds.RescaleType = "normalized"
        slope = float(ds.RescaleSlope)
    stored = np.clip(np.rint(bright / slope), 0, most).astype("<u2")
    ds.Rows, ds.Columns = stored.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, folder.bits, folder.bits - 1
    ds.PixelRepresentation = 0
    ds.WindowCenter, ds.WindowWidth = f"{0.45 * folder.top:.0f}", f"{1.2 * folder.top:.0f}"
    ds.PixelData = stored.tobytes()
    ds["PixelData"].VR = "OW"

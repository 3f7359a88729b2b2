"""Valid MR Image Storage objects, scaled and labelled as different makers do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage, generate_uid

from benchmarks.strangers.g.camera import Camera
from benchmarks.strangers.g.fields import Array, Rng
from benchmarks.strangers.g.person import Person
from benchmarks.strangers.g.scanner import Scanner

ROOT = "1.2.826.0.1.3680043.8.498."
"""UID root of pydicom."""
NAMES = {
    "Philips": ("MYELO_SSh_COR", "sMyelo 50mm", "MRM COR 2 ST"),
    "Philips Medical Systems": ("MYELO COR", "Myelography SENSE"),
    "Siemens Healthineers": ("haste_myelo_cor_p2", "t2_tse_rst_thickslab"),
    "SIEMENS": ("HASTE_MYELO_COR", "t2_haste_thick_cor"),
    "GE MEDICAL SYSTEMS": ("COR SSFSE MYELO", "Thick Slab Myelogram"),
    "CANON_MEC": ("FASE MYELO COR", "T2W_FASE_thick"),
    "UIH": ("ssfse_myelo_cor",),
}
"""Makers, and what their users call the series."""


@dataclass(frozen=True, slots=True)
class Header:
    """What all images of a study share."""

    seed: int
    maker: str
    series: str
    bits: int
    unit: float
    slope: float
    field_t: float
    echo_ms: float
    repetition_ms: float
    one_series: bool
    distortion: bool
    person: Person

    def uid(self, *parts: object) -> UID:
        """Return a UID that depends on the seed and on ``parts`` alone."""
        words = ["fields", str(self.seed), *(str(part) for part in parts)]
        return generate_uid(prefix=ROOT, entropy_srcs=words)


def choose_header(rng: Rng, seed: int, person: Person) -> Header:
    """Return the header of a new study; the sac has ``unit`` as its rescaled value."""
    maker = str(rng.choice(list(NAMES)))
    philips = maker.startswith("Phil")
    bits = 12 if philips else int(rng.choice([12, 12, 16]))
    return Header(
        seed=seed,
        maker=maker,
        series=str(rng.choice(NAMES[maker])),
        bits=bits,
        unit=float(rng.uniform(500, 1700)) * (6 if bits == 16 else 1),
        slope=float(rng.uniform(0.4, 2.9)) if philips else 1.0,
        field_t=float(rng.choice([1.5, 1.5, 1.5, 3.0])),
        echo_ms=float(rng.choice([1000, 1000, 920, 1080, 1180])),
        repetition_ms=float(rng.choice([8000, 8000, 6000, 10000, 12000])),
        one_series=bool(rng.random() < 0.45),
        distortion=bool(rng.random() < 0.5),
        person=person,
    )


def to_dataset(
    header: Header, camera: Camera, scanner: Scanner, image: Array, number: int
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
    philips = header.maker.startswith("Phil")
    kind = ["M_SE", "M", "SE"] if philips else ["M", "NORM"] if "S" in header.maker else ["OTHER"]
    ds.ImageType = ["ORIGINAL", "PRIMARY", *kind, *(["DIS2D"] if header.distortion else [])]
    ds.SOPClassUID, ds.SOPInstanceUID = MRImageStorage, sop
    _general(ds, header, number)
    _acquisition(ds, header, camera, scanner)
    _plane(ds, camera)
    _pixels(ds, header, image)
    return ds


def _general(ds: Dataset, header: Header, number: int) -> None:
    """Write patient, study, series and equipment."""
    day, minute = 1 + header.seed % 28, 10 + 2 * number
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = f"202205{day:02d}"
    ds.StudyTime = "140500"
    ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = f"14{minute:02d}30"
    ds.AccessionNumber = ""
    ds.Modality, ds.Manufacturer = "MR", header.maker
    ds.ReferringPhysicianName = ""
    ds.StudyDescription, ds.SeriesDescription = "MR myelography", header.series
    ds.PatientName, ds.PatientID = f"FIELDS^{header.seed}", f"RF{header.seed:06d}"
    ds.PatientBirthDate = ""
    ds.PatientSex = "F" if header.person.female else "M"
    ds.PatientAge, ds.PatientSize = f"{header.person.age:03d}Y", f"{header.person.stature_m:.2f}"
    ds.BodyPartExamined = "SPINE"
    ds.StudyInstanceUID = header.uid("study")
    ds.SeriesInstanceUID = header.uid("series", 0 if header.one_series else number)
    ds.FrameOfReferenceUID = header.uid("frame")
    ds.PositionReferenceIndicator = ""
    ds.StudyID = str(header.seed)
    ds.SeriesNumber = 4 if header.one_series else 4 + number
    ds.AcquisitionNumber, ds.InstanceNumber = number + 1, number + 1
    ds.PatientPosition = "HFS"


def _acquisition(ds: Dataset, header: Header, camera: Camera, scanner: Scanner) -> None:
    """Write the sequence's settings."""
    ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = "SE", "SK", "FS"
    ds.MRAcquisitionType = "2D"
    ds.SliceThickness = ds.SpacingBetweenSlices = f"{camera.slab:g}"
    ds.EchoTime, ds.RepetitionTime = f"{header.echo_ms:g}", f"{header.repetition_ms:g}"
    ds.NumberOfAverages, ds.ImagedNucleus, ds.EchoNumbers = "1", "1H", 1
    ds.ImagingFrequency = f"{42.577 * header.field_t:.4f}"
    ds.MagneticFieldStrength = f"{header.field_t:g}"
    ds.EchoTrainLength = round(scanner.lines * scanner.partial / scanner.shots)
    ds.PercentSampling = f"{100 * scanner.partial:.0f}"
    ds.PercentPhaseFieldOfView = "100"
    ds.PixelBandwidth, ds.FlipAngle = "260", "90"
    ds.ReconstructionDiameter = f"{camera.fov:g}"
    down = scanner.down
    ds.AcquisitionMatrix = (
        [0, scanner.read, scanner.lines, 0] if down else [scanner.read, 0, 0, scanner.lines]
    )
    ds.InPlanePhaseEncodingDirection = "COL" if down else "ROW"


def _plane(ds: Dataset, camera: Camera) -> None:
    """Write position, orientation and spacing."""
    step = camera.fov / camera.size
    corner = camera.centre - step * (camera.size - 1) / 2 * (camera.axes[0] + camera.axes[1])
    ds.ImagePositionPatient = [f"{v:.6g}" for v in corner]
    ds.ImageOrientationPatient = [f"{v:.9f}"[:16] for v in (*camera.axes[0], *camera.axes[1])]
    ds.PixelSpacing = [f"{step:.9f}"] * 2
    ds.SliceLocation = f"{float(camera.centre @ camera.axes[2]):.5g}"


def _pixels(ds: Dataset, header: Header, image: Array) -> None:
    """Write the pixels and how they are scaled."""
    top = 2**header.bits - 1
    stored = np.clip(np.round(image * header.unit / header.slope), 0, top)
    ds.Rows, ds.Columns = image.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, header.bits, header.bits - 1
    ds.PixelRepresentation = 0
    if header.maker.startswith("Phil"):
        ds.RescaleIntercept, ds.RescaleSlope = "0", f"{header.slope:.8g}"
        ds.RescaleType = "normalized"
    ds.WindowCenter, ds.WindowWidth = f"{0.6 * header.unit:.0f}", f"{1.6 * header.unit:.0f}"
    ds.PixelData = np.ascontiguousarray(stored.astype("<u2")).tobytes()
    ds["PixelData"].VR = "OW"

"""DICOM files as scanners and exports write them, for tests of reading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gdcm
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, Sequence, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    EnhancedMRImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    MRImageStorage,
    RLELossless,
)

STUDY = "1.2.826.0.1"
SERIES = f"{STUDY}.2"
CORONAL = (1, 0, 0, 0, 0, -1)
SAGITTAL = (0, 1, 0, 0, 0, -1)
SYNTAXES = {
    "implicit": ImplicitVRLittleEndian,
    "explicit": ExplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "RLE": RLELossless,
    "JPEG lossless": JPEGLosslessSV1,
    "JPEG-LS": JPEGLSLossless,
    "JPEG 2000": JPEG2000Lossless,
}
GDCM_SYNTAXES = {
    JPEGLosslessSV1: gdcm.TransferSyntax.JPEGLosslessProcess14_1,
    JPEG2000Lossless: gdcm.TransferSyntax.JPEG2000Lossless,
}


def ramp(rows: int = 40, columns: int = 32, top: int = 4095) -> NDArray[np.int64]:
    """Return an image in which every pixel's value tells its place."""
    values = np.arange(rows * columns, dtype=np.int64).reshape(rows, columns)
    return values * top // (rows * columns - 1)


def mr(uid: str = "1", *, stored: NDArray[Any] | None = None, **changes: Any) -> Dataset:  # noqa: ANN401
    """Return one slab image of 40 x 32 pixels, 6 x 5 mm; ``changes`` set or (``None``) drop."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = MRImageStorage
    ds.StudyInstanceUID, ds.SeriesInstanceUID = STUDY, SERIES
    ds.SOPInstanceUID = f"{STUDY}.3.{uid}"
    ds.Modality, ds.PatientID, ds.PatientName = "MR", "ID", "Secret^Name"
    ds.FrameOfReferenceUID = f"{STUDY}.4"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "SE"]
    ds.EchoTime, ds.RepetitionTime, ds.EchoTrainLength = 1000, 8000, 256
    ds.SliceThickness, ds.MagneticFieldStrength, ds.MRAcquisitionType = 50, 1.5, "2D"
    ds.AcquisitionDate, ds.AcquisitionTime = "20080102", "030405.6"
    ds.ImageOrientationPatient = list(CORONAL)
    ds.ImagePositionPatient = [-77.5, 10, 200]
    ds.PixelSpacing = [6, 5]
    pixels = ramp() if stored is None else stored
    ds.Rows, ds.Columns = pixels.shape[-2:]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    for keyword, value in changes.items():
        setattr(ds, keyword, value)
        if value is None:
            delattr(ds, keyword)
    kind = f"{'i' if ds.PixelRepresentation else 'u'}{ds.BitsAllocated // 8}"
    ds.PixelData = pixels.astype(f"<{kind}").tobytes()
    ds["PixelData"].VR = "OB" if ds.BitsAllocated == 8 else "OW"
    return ds


def enhanced(stored: NDArray[Any], heights: list[float]) -> Dataset:
    """Return an Enhanced MR object with one coronal slab frame per height of its upper edge."""
    ds = mr("9", stored=stored[0], SOPClassUID=EnhancedMRImageStorage)
    ds.NumberOfFrames = len(stored)
    ds.PixelData = stored.astype("<u2").tobytes()
    moved = (
        *("EchoTime", "RepetitionTime", "EchoTrainLength", "SliceThickness", "PixelSpacing"),
        *("ImageOrientationPatient", "ImagePositionPatient"),
    )
    for keyword in moved:
        delattr(ds, keyword)
    shared = Dataset()
    shared.MREchoSequence = [_item(EffectiveEchoTime=950.0)]
    shared.MRTimingAndRelatedParametersSequence = [
        _item(RepetitionTime=7000.0, RFEchoTrainLength=200)
    ]
    shared.PixelMeasuresSequence = [_item(SliceThickness=45, PixelSpacing=[6, 5])]
    shared.PlaneOrientationSequence = [_item(ImageOrientationPatient=list(CORONAL))]
    shared.PixelValueTransformationSequence = [_item(RescaleSlope=2, RescaleIntercept=-3)]
    shared.MRImageFrameTypeSequence = [_item(FrameType=["ORIGINAL", "PRIMARY"])]
    ds.SharedFunctionalGroupsSequence = Sequence([shared])
    groups = []
    for height in heights:
        group = Dataset()
        group.PlanePositionSequence = [_item(ImagePositionPatient=[-77.5, 10, height])]
        group.FrameContentSequence = [_item(FrameAcquisitionDateTime="20080102030405")]
        groups.append(group)
    ds.PerFrameFunctionalGroupsSequence = Sequence(groups)
    return ds


def _item(**values: Any) -> Dataset:  # noqa: ANN401
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def save(ds: Dataset, path: Path, syntax: str = "explicit") -> Path:
    """Write a data set in a transfer syntax, encoded by an outside codec."""
    uid = SYNTAXES[syntax]
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    if uid in (RLELossless, JPEGLSLossless):
        ds.compress(uid, generate_instance_uid=False)
    elif not uid.is_compressed or uid.is_deflated:
        ds.file_meta.TransferSyntaxUID = uid
        if uid == ExplicitVRBigEndian:
            words = np.frombuffer(ds.PixelData, f"<u{ds.BitsAllocated // 8}")
            ds.PixelData = words.byteswap().tobytes()
    dcmwrite(
        path,
        ds,
        enforce_file_format=True,
        little_endian=uid != ExplicitVRBigEndian,
        implicit_vr=uid == ImplicitVRLittleEndian,
    )
    if uid in GDCM_SYNTAXES:
        _recode(path, GDCM_SYNTAXES[uid])
    return path


def _recode(path: Path, syntax: int) -> None:
    """Encode a file with GDCM."""
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()

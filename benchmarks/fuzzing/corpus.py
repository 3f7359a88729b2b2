"""Small sound studies in every form that is read, to be damaged.

All show the lower thoracic part of the demonstration phantom, small and short so that reading one
takes little time: what is tried is the way in, not the reading's quality.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, dcmwrite
from pydicom.data import get_testdata_file
from pydicom.uid import ImplicitVRLittleEndian

from myeloscope import phantom
from tests.dicom.foreign import SAGITTAL, SYNTAXES, enhanced, mr, save

Files = Mapping[str, bytes]
"""A study: relative path -> content."""

TIMES = 4
"""Pixels of the phantom averaged to one, in rows and in columns."""
ROWS = slice(160, 352)
SLICES = 12
PIXEL_MM = 270 / 512 * TIMES


def corpus() -> dict[str, Files]:
    """Return the studies by name, the same at every call."""
    with tempfile.TemporaryDirectory() as folder:
        return _corpus(Path(folder))


def _corpus(folder: Path) -> dict[str, Files]:
    picture = _picture()
    made: dict[str, Files] = {}
    for syntax in SYNTAXES:
        path = save(_slab(picture), folder / "a", syntax)
        made[syntax] = {"a": path.read_bytes()}
    signed: dict[str, Any] = {
        "PixelRepresentation": 1,
        "BitsStored": 16,
        "HighBit": 15,
        "RescaleIntercept": 300,
    }
    made["signed"] = _one(folder, _slab(picture - 300, **signed))
    made["8 bits"] = _one(
        folder, _slab(picture >> 4, BitsAllocated=8, BitsStored=8, HighBit=7, RescaleSlope=16)
    )
    made["float"] = _one(folder, _float(picture))
    made["bare"] = {"a": _bare(_slab(picture))}
    made["enhanced"] = _one(folder, _enhanced(picture))
    made["two stations"] = _two(folder, picture)
    made["zip"] = {"study.zip": _zip(made["two stations"])}
    made["media"] = {
        **made["two stations"],
        "DICOMDIR": Path(str(get_testdata_file("DICOMDIR"))).read_bytes(),
    }
    made["mixed"] = {**made["two stations"], **_others(folder, picture)}
    made["stack"] = _stack(folder, picture)
    made["enhanced stack"] = _one(folder, _enhanced_stack(picture))
    return made


def _picture() -> NDArray[np.int64]:
    """Return part of a phantom's lower station, (rows, columns), small."""
    pixels = phantom.make(phantom.demo_spec()).study.stations[1].pixels[ROWS]
    rows, columns = pixels.shape
    small = pixels.reshape(rows // TIMES, TIMES, columns // TIMES, TIMES).mean(axis=(1, 3))
    noise = np.random.default_rng(0).normal(0.0, 20.0, small.shape)  # the means have little left
    return np.asarray(np.clip(small * (4000 / small.max()) + noise, 0, 4000), np.int64)


def _slab(picture: NDArray[np.int64], uid: str = "1", **changes: Any) -> Dataset:  # noqa: ANN401
    changes.setdefault("ImagePositionPatient", [-134, 10, 150])
    return mr(uid, stored=picture, PixelSpacing=[PIXEL_MM, PIXEL_MM], **changes)


def _one(folder: Path, ds: Dataset) -> Files:
    return {"a": save(ds, folder / "a").read_bytes()}


def _float(picture: NDArray[np.int64]) -> Dataset:
    ds = _slab(picture, BitsAllocated=32)
    del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
    ds.FloatPixelData = picture.astype("<f4").tobytes()
    return ds


def _bare(ds: Dataset) -> bytes:
    """Return a data set without preamble and meta information, as old exports wrote it."""
    buffer = BytesIO()
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    body = Dataset(ds)
    dcmwrite(buffer, body, implicit_vr=True, little_endian=True, enforce_file_format=False)
    return buffer.getvalue()


def _enhanced(picture: NDArray[np.int64]) -> Dataset:
    ds = enhanced(np.stack([picture, picture]), [150.0, 80.0])
    measures = ds.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    measures.PixelSpacing = [PIXEL_MM, PIXEL_MM]
    for number, group in enumerate(ds.PerFrameFunctionalGroupsSequence):
        group.PlanePositionSequence[0].ImagePositionPatient = [-134, 10, 150 - 70 * number]
    return ds


def _enhanced_stack(picture: NDArray[np.int64]) -> Dataset:
    volume = np.stack([picture if 3 <= number < 9 else picture // 50 for number in range(SLICES)])
    ds = enhanced(volume, [150.0] * SLICES)
    measures = ds.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    measures.PixelSpacing, measures.SliceThickness = [PIXEL_MM, PIXEL_MM], 5
    for number, group in enumerate(ds.PerFrameFunctionalGroupsSequence):
        group.PlanePositionSequence[0].ImagePositionPatient = [-134, 10 + 5 * number, 150]
    return ds


def _two(folder: Path, picture: NDArray[np.int64]) -> Files:
    lower = _slab(picture, "2", ImagePositionPatient=[-134, 10, 80])
    return {
        "IM/1": save(_slab(picture), folder / "a").read_bytes(),
        "IM/2": save(lower, folder / "a", "implicit").read_bytes(),
    }


def _others(folder: Path, picture: NDArray[np.int64]) -> Files:
    """Return what lies among the images of an examination."""
    t2: dict[str, Any] = {"EchoTime": 105, "SliceThickness": 4, "SeriesInstanceUID": "1.2.50"}
    t2["ImageOrientationPatient"] = list(SAGITTAL)
    return {
        "S/1": save(_slab(picture, "50", **t2), folder / "a").read_bytes(),
        "S/2": Path(str(get_testdata_file("MR_small_RLE.dcm"))).read_bytes(),
        "S/3": Path(str(get_testdata_file("reportsi.dcm"))).read_bytes(),
        "notes.txt": b"hello",
    }


def _stack(folder: Path, picture: NDArray[np.int64]) -> Files:
    made = {}
    for number in range(SLICES):
        ds = _slab(
            picture if 3 <= number < 9 else picture // 50,
            str(number),
            ImagePositionPatient=[-134, 10 + 5 * number, 150],
            SliceThickness=5,
            MRAcquisitionType="3D",
        )
        made[f"{number:02}"] = save(ds, folder / "a").read_bytes()
    return made


def _zip(files: Files) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()

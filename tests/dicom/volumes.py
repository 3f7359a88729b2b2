"""A myelogram spread over the slices of a volume, in any plane: the twin of a slab image.

The picture of a slab is divided over the slices in the sac's depth, so that their mean over 50 mm
is that picture again but for its unit, whatever the slices' plane. In front lies bowel, brighter
than the sac and less long.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from myeloscope import phantom
from tests.dicom.foreign import enhanced, mr, save

Ints = NDArray[np.int64]

TIMES = 2
PIXEL_MM = 270 / 512 * TIMES
STEP_MM = 2.5
DEPTHS = 40
SAC = slice(24, 32)
"""Depths that hold the picture."""
BOWEL = slice(0, 6)
CORNER = np.array([-134.0, -70.0, 120.0])
"""LPS mm of the first voxel: right, front, top."""
PLANES: dict[str, tuple[tuple[float, ...], tuple[int, int, int]]] = {
    "coronal": ((1, 0, 0, 0, 0, -1), (1, 0, 2)),
    "sagittal": ((0, 1, 0, 0, 0, -1), (2, 0, 1)),
    "axial": ((1, 0, 0, 0, 1, 0), (0, 1, 2)),
}
"""Image orientation, and the order of the volume's axes that makes slices of it."""


def picture() -> Ints:
    """Return the lower station of the demonstration, (rows, columns)."""
    pixels = phantom.make(phantom.demo_spec()).study.stations[1].pixels
    rows, columns = pixels.shape
    small = pixels.reshape(rows // TIMES, TIMES, columns // TIMES, TIMES).mean(axis=(1, 3))
    return np.asarray(np.maximum(small, 0) * (4000 / small.max()), np.int64)


def volume(image: Ints) -> Ints:
    """Return voxels (height, depth, breadth) that hold a picture, and bowel in front of it."""
    made = np.zeros((image.shape[0], DEPTHS, image.shape[1]), np.int64)
    made[:, SAC] = image[:, None]
    made[60:130, BOWEL, 90:160] = 4095
    return made


def slab(image: Ints) -> Dataset:
    """Return the slab image that the stack stands for."""
    place = CORNER + np.array([0, STEP_MM * (SAC.start + SAC.stop - 1) / 2, 0])
    return mr("1", stored=image, PixelSpacing=[PIXEL_MM] * 2, ImagePositionPatient=place.tolist())


def _slices(plane: str, voxels: Ints) -> tuple[Ints, NDArray[np.float64], dict[str, Any]]:
    """Return slices (n, rows, columns), their positions and what their headers share."""
    orientation, order = PLANES[plane]
    stored = np.transpose(voxels, order)
    vectors = np.array([[0, 0, -PIXEL_MM], [0, STEP_MM, 0], [PIXEL_MM, 0, 0]])[list(order)]
    places = CORNER + np.arange(len(stored))[:, None] * vectors[0]
    lengths = np.abs(vectors).max(axis=1)
    return (
        stored,
        places,
        {
            "ImageOrientationPatient": list(orientation),
            "PixelSpacing": [float(lengths[1]), float(lengths[2])],
            "SliceThickness": round(float(lengths[0]), 3),
        },
    )


def write_files(folder: Path, plane: str, voxels: Ints, **changes: Any) -> Path:  # noqa: ANN401
    """Write a stack as single files and return its folder."""
    stored, places, settings = _slices(plane, voxels)
    for number, (pixels, place) in enumerate(zip(stored, places, strict=True), start=1):
        header = {**settings, "MRAcquisitionType": "3D", "InstanceNumber": number, **changes}
        ds = mr(str(number), stored=pixels, ImagePositionPatient=place.tolist(), **header)
        save(ds, folder / f"{number:04}")
    return folder


def write_enhanced(folder: Path, plane: str, voxels: Ints) -> Path:
    """Write a stack as one Enhanced MR object and return its folder."""
    stored, places, settings = _slices(plane, voxels)
    ds = enhanced(stored, [0.0] * len(stored))
    shared = ds.SharedFunctionalGroupsSequence[0]
    shared.PixelValueTransformationSequence[0].RescaleIntercept = 0
    measures, lie = shared.PixelMeasuresSequence[0], shared.PlaneOrientationSequence[0]
    measures.PixelSpacing = settings["PixelSpacing"]
    measures.SliceThickness = settings["SliceThickness"]
    lie.ImageOrientationPatient = settings["ImageOrientationPatient"]
    for group, place in zip(ds.PerFrameFunctionalGroupsSequence, places, strict=True):
        group.PlanePositionSequence[0].ImagePositionPatient = place.tolist()
    save(ds, folder / "e")
    return folder

"""A stack of thin slices as the slab image that MR myelography would have acquired.

The mean over 50 mm from front to back stands for a slab of that thickness (a slab's signal is the
sum over its depth). Slices may be coronal, sagittal or axial: the volume is averaged along
whichever of its axes runs from front to back, over the 50 mm that show the depth of a sac in the
most heights. Bowel, bladder or bile may be brighter than the sac, but none is as long.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from myeloscope.dicom.decode import frame_values
from myeloscope.dicom.files import Item
from myeloscope.dicom.frames import Frame
from myeloscope.dicom.header import read
from myeloscope.dicom.series import Piece
from myeloscope.domain.image import PlaneGeometry, Station, Vector
from myeloscope.errors import InputError
from myeloscope.geometry import plane as planes

SLAB_MM = 50.0
MOST_VOXELS = 1 << 26
"""Largest stack; a 3D myelography has some 300 x 500 x 100."""
UNEVEN = 0.2
"""How far slice distances may differ from their median, as a share of it."""
MIDDLE = 0.6
"""Share of the image's breadth, in its middle, within which the spine is looked for."""
BRIGHT = 0.97
"""Quantile of the brightest voxels of all heights and depths that counts as bright as CSF."""
DEEPEST_SAC_MM = 20.0
"""More of fluid in one height, from front to back, is not the sac's."""
AS_GOOD = 0.98
"""Slabs that show this share of the best one's heights are as good; the middle one is taken."""

Floats = NDArray[np.float64]
Volume = NDArray[np.float32]


def stack_station(piece: Piece) -> Station:
    """Return the slab station of a stack.

    Raises
    ------
    InputError
        If slices are missing or unevenly spaced, too many, or cannot be decoded.
    """
    first, frame = _geometry(piece.frames[0]), piece.middle
    places = np.array([_geometry(each).position for each in piece.frames])
    step = _step(places, planes.normal(first), frame)
    rows, columns = frame.shape
    if rows * columns * len(piece.frames) > MOST_VOXELS:
        raise InputError(
            f"a stack may have {MOST_VOXELS >> 20} Mi voxels at most",
            value=f"{len(piece.frames)} x {rows} x {columns}",
            place=frame.item.name,
            remedy="name another series with --series UID",
        )
    # steps per index of the three axes: slice, row, column, as LPS mm
    steps = np.column_stack([step, planes.axes(first)])
    depth, down, across = _roles(steps)
    volume = np.moveaxis(_volume(piece), (depth, down, across), (0, 1, 2))
    low, count = _slab(volume, float(np.linalg.norm(steps[:, depth])))
    pixels = volume[low : low + count].mean(axis=0, dtype=np.float64)
    origin = places[0] + steps[:, depth] * (low + (count - 1) / 2)
    thick = count * float(np.linalg.norm(steps[:, depth]))
    return Station(
        pixels=np.ascontiguousarray(pixels, np.float32),
        geometry=_plane(origin, steps[:, down], steps[:, across]),
        acquisition=replace(frame.acquisition, slab_mm=round(thick, 2)),
        series_uid=frame.series_uid,
        sop_uid=frame.sop_uid,
        frame_of_reference_uid=frame.frame_of_reference_uid,
        frame=frame.number,
    )


def _roles(steps: Floats) -> tuple[int, int, int]:
    """Return which axis runs from front to back, which from top to bottom, which across."""
    shares = np.abs(steps / np.linalg.norm(steps, axis=0))
    depth = int(np.argmax(shares[1]))
    others = [axis for axis in range(3) if axis != depth]
    down = max(others, key=lambda axis: float(shares[2, axis]))
    return depth, down, 3 - depth - down


def _geometry(frame: Frame) -> PlaneGeometry:
    """Return the plane of a slice."""
    if frame.geometry is None:
        raise ValueError("a stack has geometry")
    return frame.geometry


def _step(places: Floats, normal: Floats, frame: Frame) -> Floats:
    """Return the vector from one slice to the next, LPS mm."""
    depths = (places - places[0]) @ normal
    gaps = np.diff(depths)
    middle = float(np.median(gaps))
    if np.abs(gaps - middle).max() > UNEVEN * abs(middle):
        raise InputError(
            "the slices of a stack must be evenly spaced",
            value=f"{np.abs(gaps).min():.2f} to {np.abs(gaps).max():.2f} mm",
            place=f"series {frame.series_uid}",
            remedy="check that no slice is missing",
        )
    return np.asarray(normal * middle, float)


def _volume(piece: Piece) -> Volume:
    """Return the slices (slice, row, column); a multi-frame file is read once."""
    item: Item | None = None
    dataset = Dataset()
    out = np.empty((len(piece.frames), *piece.middle.shape), np.float32)
    for index, frame in enumerate(piece.frames):
        if frame.item != item:
            item, dataset = frame.item, read(frame.item, pixels=True)
        out[index] = frame_values(dataset, frame.item, frame.number)
    return out


def _slab(volume: Volume, step_mm: float) -> tuple[int, int]:
    """Return first index and number of the planes (depth, height, breadth) to be averaged."""
    count = min(max(round(SLAB_MM / step_mm), 1), len(volume))
    edge = round(volume.shape[2] * (1 - MIDDLE) / 2)
    peaks = np.array([plane[:, edge : volume.shape[2] - edge].max(axis=1) for plane in volume])
    lit = peaks > np.quantile(peaks, BRIGHT) / 2
    depths = np.array([lit[low : low + count].sum(axis=0) for low in range(len(lit) - count + 1)])
    shown = np.minimum(depths * step_mm, DEEPEST_SAC_MM).sum(axis=1)
    good = np.flatnonzero(shown >= AS_GOOD * shown.max())
    return int(good[len(good) // 2]), count


def _plane(origin: Floats, down: Floats, across: Floats) -> PlaneGeometry:
    """Return the plane of the slab image."""
    lengths = float(np.linalg.norm(down)), float(np.linalg.norm(across))
    return PlaneGeometry(
        position=_vector(origin),
        along_row=_vector(across / lengths[1]),
        along_column=_vector(down / lengths[0]),
        row_spacing=lengths[0],
        column_spacing=lengths[1],
    )


def _vector(values: Floats) -> Vector:
    """Return three numbers as a plain tuple."""
    return (float(values[0]), float(values[1]), float(values[2]))

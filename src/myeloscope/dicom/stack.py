"""A stack of thin slices as the slab image that MR myelography would have acquired.

The mean over 50 mm from front to back stands for a slab of that thickness (a slab's signal is the
sum over its depth). Slices may be coronal, sagittal or axial: the volume is averaged along
whichever of its axes runs from front to back.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from myeloscope.dicom.decode import frame_values
from myeloscope.dicom.frames import Frame
from myeloscope.dicom.header import read
from myeloscope.dicom.series import Piece
from myeloscope.domain.image import FloatImage, PlaneGeometry, Station, Vector
from myeloscope.errors import InputError
from myeloscope.geometry import plane as planes

SLAB_MM = 50.0
MOST_VOXELS = 1 << 28
UNEVEN = 0.2
"""How far slice distances may differ from their median, as a share of it."""

Floats = NDArray[np.float64]


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
    volume = _volume(piece)
    # steps per index of the three axes: slice, row, column, as LPS mm
    steps = np.column_stack([step, planes.axes(first)])
    depth = int(np.argmax(np.abs(steps[1] / np.linalg.norm(steps, axis=0))))
    pixels, start = _slab(volume, steps, depth)
    origin = places[0] + steps[:, depth] * start
    across, down = [axis for axis in range(3) if axis != depth][::-1]
    geometry = _plane(origin, steps[:, down], steps[:, across])
    return Station(
        pixels=pixels,
        geometry=geometry,
        acquisition=replace(frame.acquisition, slab_mm=SLAB_MM),
        series_uid=frame.series_uid,
        sop_uid=frame.sop_uid,
        frame_of_reference_uid=frame.frame_of_reference_uid,
        frame=frame.number,
    )


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


def _volume(piece: Piece) -> NDArray[np.float32]:
    """Return the slices (slice, row, column); a multi-frame file is read once."""
    name, dataset = "", Dataset()
    out = np.empty((len(piece.frames), *piece.middle.shape), np.float32)
    for index, frame in enumerate(piece.frames):
        if frame.item.name != name:
            name, dataset = frame.item.name, read(frame.item, pixels=True)
        out[index] = frame_values(dataset, frame.item, frame.number)
    return out


def _slab(volume: NDArray[np.float32], steps: Floats, depth: int) -> tuple[FloatImage, float]:
    """Return the mean over the brightest 50 mm along an axis, and the index in its middle."""
    count = min(
        max(round(SLAB_MM / float(np.linalg.norm(steps[:, depth]))), 1), volume.shape[depth]
    )
    along = np.moveaxis(volume, depth, 0)
    bright = np.maximum(along - np.quantile(volume[::4, ::4, ::4], 0.98), 0).sum(axis=(1, 2))
    sums = np.convolve(bright, np.ones(count), mode="valid")
    low = int(np.argmax(sums))
    pixels = along[low : low + count].mean(axis=0, dtype=np.float64)
    return np.ascontiguousarray(pixels, np.float32), low + (count - 1) / 2


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

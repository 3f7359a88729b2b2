"""A station as a frame that a viewer shows: 16-bit values and only what display needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.image import Station, Vector
from myeloscope.domain.reading import Position
from myeloscope.geometry.plane import to_pixel

LEVELS = 65535


@dataclass(frozen=True, slots=True)
class DisplayFrame:
    """A frame to show.

    Attributes
    ----------
    content
        Unsigned 16-bit little-endian values, row by row.
    rows, columns, slope, intercept
        Size, and value = slope * stored + intercept.
    window
        First window, centre and width in values: the 1st to the 99.5th percentile.
    spacing
        Of rows and of columns, mm.
    orientation
        Direction in which the column index grows, then the row index.
    """

    content: bytes
    rows: int
    columns: int
    slope: float
    intercept: float
    window: tuple[float, float]
    spacing: tuple[float, float]
    orientation: tuple[Vector, Vector]


def display_frame(station: Station) -> DisplayFrame:
    """Return a station's pixels for display; whole numbers that fit in 16 bits stay as they are."""
    pixels = station.pixels.astype(np.float64)
    low, high = float(pixels.min()), float(pixels.max())
    whole = bool(np.all(pixels == np.rint(pixels))) and low >= 0 and high <= LEVELS
    slope, intercept = (1.0, 0.0) if whole else (max((high - low) / LEVELS, 1e-12), low)
    stored = np.rint((pixels - intercept) / slope).astype("<u2")
    first, last = (float(value) for value in np.percentile(pixels, (1.0, 99.5)))
    plane = station.geometry
    rows, columns = pixels.shape
    return DisplayFrame(
        stored.tobytes(),
        rows,
        columns,
        slope=slope,
        intercept=intercept,
        window=((first + last) / 2, max(last - first, 1.0)),
        spacing=(plane.row_spacing, plane.column_spacing),
        orientation=(plane.along_row, plane.along_column),
    )


def on_frame(station: Station, places: Sequence[Position]) -> NDArray[np.float64]:
    """Return row and column of places on a station's frame, shape (N, 2), pixel centres whole.

    Planar images have no depth: their plane is where that component of a place is 0.
    """
    points = np.array([[part or 0.0 for part in place] for place in places]).reshape(-1, 3)
    return to_pixel(station.geometry, points)

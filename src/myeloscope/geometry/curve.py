"""A curve through an image, and the image straightened along it.

A path is an array of points (row, column) in pixels of one image with isotropic spacing, pixel
centres at whole numbers. ``s`` runs along the curve from its first point in mm; ``t`` runs across
it in mm, positive towards growing column when the curve runs towards growing row (so to the
patient's left on a :class:`~myeloscope.geometry.canvas.Canvas`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A curve sampled at equal steps of arc length.

    Attributes
    ----------
    points
        (N, 2) row and column, pixels.
    normals
        (N, 2) unit vectors across the curve (row, column), towards positive ``t``.
    step_mm
        Arc length between neighbouring points, mm.
    spacing_mm
        Size of the (square) pixels, mm.
    """

    points: FloatArray
    normals: FloatArray
    step_mm: float
    spacing_mm: float

    @property
    def s_mm(self) -> FloatArray:
        """Return the arc length of every point, mm."""
        return np.arange(len(self.points), dtype=float) * self.step_mm

    def at(self, s_mm: FloatArray, t_mm: FloatArray) -> FloatArray:
        """Return the pixel positions (..., 2) of curve coordinates, extrapolated straight."""
        s, t = np.asarray(s_mm, float), np.asarray(t_mm, float)
        index = s / self.step_mm
        inside = np.clip(index, 0, len(self.points) - 1)
        low = np.minimum(inside.astype(int), len(self.points) - 2)
        part = (inside - low)[..., None]
        point = self.points[low] * (1 - part) + self.points[low + 1] * part
        normal = self.normals[low] * (1 - part) + self.normals[low + 1] * part
        tangent = np.stack([normal[..., 1], -normal[..., 0]], axis=-1)
        beyond = (index - inside)[..., None] * self.step_mm
        return np.asarray(point + (normal * t[..., None] + tangent * beyond) / self.spacing_mm)


def curve_through(path: FloatArray, *, spacing_mm: float, step_mm: float) -> Curve:
    """Resample a path at equal arc length and give every point its normal.

    Parameters
    ----------
    path
        (M, 2) row and column in pixels, M >= 2, no two neighbours equal.
    spacing_mm
        Pixel size, mm.
    step_mm
        Arc length between the points of the result, mm.

    Raises
    ------
    ValueError
        If the path has fewer than two distinct points or is shorter than one step.
    """
    lengths = np.hypot(*np.diff(path, axis=0).T) * spacing_mm
    if len(path) < 2 or not np.all(lengths > 0) or lengths.sum() < step_mm:
        raise ValueError(f"a curve needs distinct points over at least {step_mm} mm")
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    s = np.arange(0.0, along[-1] + 1e-9, step_mm)
    points = np.stack([np.interp(s, along, path[:, axis]) for axis in (0, 1)], axis=1)
    tangents = np.gradient(points, axis=0)
    tangents /= np.hypot(tangents[:, 0], tangents[:, 1])[:, None]
    normals = np.stack([-tangents[:, 1], tangents[:, 0]], axis=1)
    return Curve(points, normals, step_mm, spacing_mm)


def straighten(image: NDArray[np.float32], curve: Curve, t_mm: FloatArray) -> NDArray[np.float32]:
    """Sample an image across a curve, linearly.

    Returns
    -------
    array (len(curve.points), len(t_mm)) float32
        Row i is the line across point i, column j the offset ``t_mm[j]``; 0 outside the image.
    """
    rows, columns = across(curve, np.asarray(t_mm, float) / curve.spacing_mm)
    return sample(image, rows, columns, 0.0)


def across(curve: Curve, offsets: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return rows and columns, each (N, M), at offsets (M,) or (N, M) across a curve, in pixels."""
    rows, columns = curve.normals[:, :1] * offsets, curve.normals[:, 1:] * offsets
    rows += curve.points[:, :1]
    columns += curve.points[:, 1:]
    return rows, columns


def sample(
    image: NDArray[np.float32], rows: FloatArray, columns: FloatArray, outside: float
) -> NDArray[np.float32]:
    """Sample an image of at least 2 x 2 pixels linearly between pixel centres.

    ``scipy.ndimage.map_coordinates`` of order 1 gives the same, in four times the time: it is made
    for any order and number of axes.

    Parameters
    ----------
    image
        (rows, columns) values; what touches a nan is nan.
    rows, columns
        (R, N) places, pixels.
    outside
        The value beyond the outermost pixel centres.
    """
    starts = range(ROWS_AT_ONCE, len(rows), ROWS_AT_ONCE)
    pairs = zip(np.split(rows, starts), np.split(columns, starts), strict=True)
    return np.concatenate([_sample_some(image, *places, outside) for places in pairs])


ROWS_AT_ONCE = 256
"""So many rows and their temporaries stay in a processor's cache."""


def _sample_some(
    image: NDArray[np.float32], rows: FloatArray, columns: FloatArray, outside: float
) -> NDArray[np.float32]:
    high, wide = image.shape
    row = np.clip(rows, 0, high - 2).astype(np.int32)
    column = np.clip(columns, 0, wide - 2).astype(np.int32)
    down, across = (
        np.subtract(place, whole, dtype=np.float32, casting="same_kind")
        for place, whole in ((rows, row), (columns, column))
    )
    row *= wide
    row += column
    at, flat = row.astype(np.intp), image.ravel()
    above, below = (_between(line, at, across) for line in (flat, flat[wide:]))
    below -= above
    below *= down
    above += below
    if min(down.min(), across.min()) < 0 or max(down.max(), across.max()) > 1:
        above[(down < 0) | (down > 1) | (across < 0) | (across > 1)] = outside
    return above


def _between(
    line: NDArray[np.float32], at: NDArray[np.intp], part: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return values of a line a part of the way from places to their next ones."""
    here, step = line.take(at, mode="clip"), line[1:].take(at, mode="clip")
    step -= here
    step *= part
    here += step
    return here

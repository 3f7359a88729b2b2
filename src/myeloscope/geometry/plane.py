"""Pixel indices of one image plane <-> patient coordinates.

Conventions of every function here (DICOM PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1):

- indices ``rc`` have shape (N, 2): row first (grows downward on the screen), column second.
  Pixel *centres* lie at whole numbers, so that an image of R rows covers -0.5 .. R - 0.5;
- coordinates ``xyz`` have shape (N, 3): patient LPS in mm.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myeloscope.domain.image import PlaneGeometry

Floats = NDArray[np.float64]


def axes(geometry: PlaneGeometry) -> Floats:
    """Return the steps from one pixel to the next.

    Returns
    -------
    ndarray of shape (3, 2)
        LPS mm per row index (first column) and per column index (second column).
    """
    down = np.asarray(geometry.along_column, float) * geometry.row_spacing
    across = np.asarray(geometry.along_row, float) * geometry.column_spacing
    return np.stack([down, across], axis=1)


def normal(geometry: PlaneGeometry) -> Floats:
    """Return the unit vector ``along_row`` x ``along_column``, shape (3,)."""
    cross = np.cross(np.asarray(geometry.along_row), np.asarray(geometry.along_column))
    return np.asarray(cross / np.linalg.norm(cross), float)


def to_patient(geometry: PlaneGeometry, rc: ArrayLike) -> Floats:
    """Return the patient positions of pixel indices.

    Parameters
    ----------
    geometry
        Where the plane lies.
    rc
        Row and column indices, shape (N, 2); fractions and indices outside the image are fine.

    Returns
    -------
    ndarray of shape (N, 3)
        LPS mm.
    """
    return np.asarray(geometry.position) + np.asarray(rc, float) @ axes(geometry).T


def to_pixel(geometry: PlaneGeometry, xyz: ArrayLike) -> Floats:
    """Return the pixel indices of patient positions, projected at right angles onto the plane.

    Parameters
    ----------
    geometry
        Where the plane lies.
    xyz
        LPS mm, shape (N, 3).

    Returns
    -------
    ndarray of shape (N, 2)
        Row and column indices, not rounded and not cut to the image.
    """
    offsets = np.asarray(xyz, float) - np.asarray(geometry.position)
    return np.asarray(offsets @ np.linalg.pinv(axes(geometry)).T, float)


def distance(geometry: PlaneGeometry, xyz: ArrayLike) -> Floats:
    """Return how far positions lie off the plane along its normal, mm, shape (N,), signed."""
    offsets = np.asarray(xyz, float) - np.asarray(geometry.position)
    return np.asarray(offsets @ normal(geometry), float)

"""Laying the planes of several stations flat on one common frame.

Slabs of one spine are often tilted against each other to follow its curve. They are unrolled
like the pages of a folder: each keeps its own scale, and each lower one is hinged to the one
above it in the middle of their overlap. Lengths on the canvas are then true lengths in the plane
of the source image. With parallel planes this is the orthogonal projection along their normal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.image import PlaneGeometry
from myeloscope.errors import InputError
from myeloscope.geometry import plane as planes

Floats = NDArray[np.float64]

FOLLOWED_TILT_DEG = 20.0
"""In-plane angle up to which the canvas follows the image's own columns instead of patient z."""
CORONAL_COSINE = 0.5
"""Least |normal . posterior| of a plane that still shows left, right, up and down (60 degrees)."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Stations laid flat.

    Attributes
    ----------
    frame
        (3, 2) unit vectors, LPS: down (first column) and patient's left (second).
    to_flat
        (stations, 2, 3) affine maps: station pixel (row, column, 1) -> mm (down, left).
        The flat origin is the first station's pixel (0, 0).
    """

    frame: Floats
    to_flat: Floats


def lay_flat(geometries: Sequence[PlaneGeometry], shapes: Sequence[tuple[int, int]]) -> Layout:
    """Return the common frame of stations and where each lies in it.

    Parameters
    ----------
    geometries, shapes
        Planes of the stations and their (rows, columns), from the top downward.

    Raises
    ------
    InputError
        If a plane is too far from coronal to tell left from right.
    """
    uprights = [_upright(geometry) for geometry in geometries]
    # the mean plane; within it the first station's own axes, so that its pixels can be copied
    mean = _orthonormal(np.sum(uprights, axis=0))
    frame = _into_plane(uprights[0], np.cross(mean[:, 0], mean[:, 1]))
    own = [_into_plane(frame, planes.normal(geometry)) for geometry in geometries]
    steps = [
        basis.T @ planes.axes(geometry) for basis, geometry in zip(own, geometries, strict=True)
    ]
    maps = [np.column_stack([steps[0], np.zeros(2)])]
    for i in range(1, len(geometries)):
        hinge = _hinge(geometries[i - 1 : i + 1], shapes[i - 1 : i + 1], frame)
        above = planes.to_pixel(geometries[i - 1], hinge)[0]
        # the hinge lies on the upper plane; seen along the lower plane's normal it is this pixel
        below = planes.to_pixel(geometries[i], hinge)[0]
        target = maps[-1][:, :2] @ above + maps[-1][:, 2]
        maps.append(np.column_stack([steps[i], target - steps[i] @ below]))
    return Layout(frame, np.array(maps))


def corners(shape: tuple[int, int]) -> Floats:
    """Return the outer corners (4, 2) of an image, half a pixel beyond its corner pixels."""
    rows, columns = shape[0] - 0.5, shape[1] - 0.5
    return np.array([(-0.5, -0.5), (-0.5, columns), (rows, -0.5), (rows, columns)])


def _upright(geometry: PlaneGeometry) -> Floats:
    """Return (3, 2) unit vectors down and left in the plane, along its own axes if near enough."""
    normal = planes.normal(geometry)
    if abs(normal[1]) < CORONAL_COSINE:
        raise InputError(
            "image planes must be nearer to coronal than to sagittal or axial",
            value=f"normal ({normal[0]:.2f}, {normal[1]:.2f}, {normal[2]:.2f})",
            place="Image Orientation (Patient)",
            remedy="pass the coronal series",
        )
    inferior = np.array([0.0, 0.0, -1.0])
    down = inferior - normal * (inferior @ normal)
    down /= np.linalg.norm(down)
    own = planes.axes(geometry)
    own = np.concatenate([own, -own], axis=1) / np.linalg.norm(np.tile(own, 2), axis=0)
    best = own[:, int(np.argmax(down @ own))]
    if down @ best >= np.cos(np.radians(FOLLOWED_TILT_DEG)):
        down = best
    left = np.cross(normal, down)
    return np.stack([down, left * np.sign(left[0])], axis=1)


def _orthonormal(basis: Floats) -> Floats:
    """Return the nearest (3, 2) matrix with orthonormal columns (polar decomposition)."""
    u, _, vt = np.linalg.svd(basis, full_matrices=False)
    return np.asarray(u @ vt, float)


def _into_plane(frame: Floats, normal: Floats) -> Floats:
    """Return the frame turned, by the least turn, into the plane with this normal."""
    return _orthonormal(frame - np.outer(normal, normal @ frame))


def _hinge(
    pair: Sequence[PlaneGeometry], shapes: Sequence[tuple[int, int]], frame: Floats
) -> Floats:
    """Return the middle of the overlap (or of the gap) on the upper plane, LPS mm, shape (1, 3)."""
    upper, lower = (
        planes.to_patient(geometry, corners(shape)) @ frame
        for geometry, shape in zip(pair, shapes, strict=True)
    )
    middle = np.array(
        [(upper[:, 0].max() + lower[:, 0].min()) / 2, (upper[:, 1].mean() + lower[:, 1].mean()) / 2]
    )
    own = planes.axes(pair[0])
    start = np.asarray(pair[0].position)
    pixel = np.linalg.solve(frame.T @ own, middle - start @ frame)
    return (start + own @ pixel)[None]

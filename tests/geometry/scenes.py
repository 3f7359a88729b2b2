"""Pictures of a known scene taken on planes of any orientation, for tests of geometry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.grade import Technique
from myeloscope.domain.image import Acquisition, PlaneGeometry, Station, Study, Vector

Floats = NDArray[np.float64]
Scene = Callable[[Floats, Floats], Floats]
"""Signal as a function of LPS x and z, mm."""


@dataclass(frozen=True)
class View:
    """A plane: its middle, turns in degrees, quarter turns, mirror, pixel size and count."""

    middle: Vector = (0.0, 0.0, 0.0)
    in_plane: float = 0.0
    tilt: float = 0.0
    swing: float = 0.0
    quarters: int = 0
    mirrored: bool = False
    spacing: tuple[float, float] = (1.0, 1.0)
    shape: tuple[int, int] = (180, 160)


def plane(view: View) -> PlaneGeometry:
    """Return the plane of a view, by rotation matrices written out."""
    row, column = np.array([1.0, 0, 0]), np.array([0, 0, -1.0])
    for _ in range(view.quarters):
        row, column = column, -row
    if view.mirrored:
        row = -row
    turn = _about(1, view.in_plane) @ _about(0, view.tilt) @ _about(2, view.swing)
    row, column = turn @ row, turn @ column
    half = (np.array(view.shape) - 1) / 2
    start = (
        np.array(view.middle) - column * half[0] * view.spacing[0] - row * half[1] * view.spacing[1]
    )
    return PlaneGeometry(vector(start), vector(row), vector(column), *view.spacing)


def vector(values: Floats) -> Vector:
    """Return three numbers as a tuple."""
    return (float(values[0]), float(values[1]), float(values[2]))


def _about(axis: int, degrees: float) -> Floats:
    """Return the rotation matrix about an axis."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.eye(3)
    i, j = [k for k in range(3) if k != axis]
    matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, -s, s, c
    return matrix


def station(
    view: View,
    scene: Scene | None = None,
    *,
    moved: tuple[float, float] = (0.0, 0.0),
    gain: float = 1.0,
    noise: float = 0.0,
    seed: int = 0,
) -> Station:
    """Return the picture of a scene; ``moved`` is where the patient went, (x, z) mm."""
    geometry = plane(view)
    rows, columns = np.mgrid[: view.shape[0], : view.shape[1]].astype(float)
    position = np.asarray(geometry.position)
    places = (
        position
        + rows[..., None] * geometry.row_spacing * np.array(geometry.along_column)
        + columns[..., None] * geometry.column_spacing * np.array(geometry.along_row)
    )
    pixels = np.zeros(view.shape)
    if scene is not None:
        pixels = gain * scene(places[..., 0] - moved[0], places[..., 2] - moved[1])
    pixels += gain * noise * np.random.default_rng(seed).standard_normal(view.shape)
    return Station(
        pixels.astype(np.float32), geometry, Acquisition(), series_uid="1.2", sop_uid=f"1.2.{seed}"
    )


def study(*stations: Station) -> Study:
    """Return stations as a study."""
    return Study("1", Technique.MRM, stations)


def column(x: Floats, z: Floats) -> Floats:
    """Return a bright curved column of half width 8 mm with side spikes every 23 mm."""
    across = x - 10 * np.sin(z / 70)
    value = 1000 * np.sqrt(np.clip(1 - (across / 8) ** 2, 0, None))
    phase = (z + 0.6 * np.abs(across) + 11.5) % 23 - 11.5
    spikes = np.exp(-((phase / 2.5) ** 2) - ((np.abs(across) - 9) / 4) ** 2)
    return np.asarray(value + 600 * spikes, float)


def dot(x0: float, z0: float, size: float = 2.0) -> Scene:
    """Return a scene with one round bright dot."""
    return lambda x, z: np.asarray(
        1000 * np.exp(-((x - x0) ** 2 + (z - z0) ** 2) / (2 * size**2)), float
    )


def centroid(image: Floats) -> Floats:
    """Return the centre of mass (row, column) of an image's bright part."""
    weight = np.clip(image - 0.2 * image.max(), 0, None)
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    sums = np.array([(rows * weight).sum(), (columns * weight).sum()])
    return np.asarray(sums / weight.sum(), float)

"""Two heads over a body in voxels: rays weakened voxel by voxel, each layer blurred by distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from benchmarks.strangers.d.body import STEP, Floats, grid
from myeloscope.domain.scintigraphy import View


@dataclass(frozen=True, slots=True)
class Head:
    """A detector: matrix, pixel (mm), field (height, width; mm), gap to the skin (mm)."""

    rows: int
    columns: int
    pixel: float
    field: tuple[float, float]
    gap: float
    sharp: float
    scatter: float
    table: float


def blur_mm(head: Head, distance: float) -> float:
    """Return the SD of the blur at a distance from the collimator, mm."""
    return float(np.hypot(3.6, 1.6 + head.sharp * distance)) / 2.355


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """What reaches a head from each voxel (z, y, x), and how far each layer y is from it, mm."""

    kept: Floats
    distance: Floats


def path_of(mu: Floats, head: Head, view: View) -> Path:
    """Return the way of photons to a head."""
    _, y, _ = grid()
    body = np.flatnonzero((mu > 0).any(axis=(0, 2)))
    if view is View.POSTERIOR:
        through = np.cumsum(mu[:, ::-1], axis=1)[:, ::-1]
        distance = y[body[-1]] + head.gap - y
    else:
        through = np.cumsum(mu, axis=1)
        distance = y - y[body[0]] + head.gap
    return Path(np.exp(-STEP * (through - 0.5 * mu)), np.maximum(distance, 3.0))


def voxels(points: Floats, share: Floats) -> Floats:
    """Return points (n, 3) with their activity in voxels, each shared among its neighbours in x."""
    x, y, z = grid()
    made = np.zeros((len(z), len(y), len(x)))
    at = (points[:, 0] - x[0]) / STEP
    low = np.floor(at).astype(int)
    j = np.rint((points[:, 1] - y[0]) / STEP).astype(int)
    up = (z[0] - points[:, 2]) / STEP
    k = np.floor(up).astype(int)
    for a, wa in ((low, 1 - (at - low)), (low + 1, at - low)):
        for b, wb in ((k, 1 - (up - k)), (k + 1, up - k)):
            inside = (a >= 0) & (a < len(x)) & (j >= 0) & (j < len(y)) & (b >= 0) & (b < len(z))
            np.add.at(made, (b[inside], j[inside], a[inside]), (share * wa * wb)[inside])
    return made


def rays(activity: Floats, path: Path, head: Head) -> Floats:
    """Return what a head sees per voxel's square (z, x), before its pixels: scatter is added."""
    lit = activity * path.kept
    picture = np.zeros((lit.shape[0], lit.shape[2]))
    for layer in np.flatnonzero(lit.any(axis=(0, 2))):
        picture += gaussian_filter(
            lit[:, layer], blur_mm(head, float(path.distance[layer])) / STEP, truncate=3.0
        )
    wide = sum(
        share * gaussian_filter(picture, mm / STEP, mode="constant", truncate=3.0)
        for share, mm in ((0.5, 18.0), (0.35, 45.0), (0.15, 90.0))
    )
    return np.asarray(picture + head.scatter * wide)


def shot(picture: Floats, head: Head, pose: tuple[float, float, float]) -> Floats:
    """Return a picture in the head's pixels, patient's left at high columns.

    ``pose``: left and up (mm) of the body's origin in the image, and its turn (rad).
    """
    z = ((head.rows - 1) / 2 - np.arange(head.rows)) * head.pixel
    x = (np.arange(head.columns) - (head.columns - 1) / 2) * head.pixel
    across, up = np.meshgrid(x - pose[0], z - pose[1])
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    bx, bz = cos * across + sin * up, -sin * across + cos * up
    gx, _, gz = grid()
    seen = map_coordinates(picture, [(gz[0] - bz) / STEP, (bx - gx[0]) / STEP], order=1, cval=0.0)
    inside = (np.abs(z)[:, None] <= head.field[0] / 2) & (np.abs(x)[None] <= head.field[1] / 2)
    return np.asarray(np.where(inside, seen, 0.0) * (head.pixel / STEP) ** 2)

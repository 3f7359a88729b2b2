"""The drawing board: contours, strokes and textures on pieces of a coronal plate of path lengths.

The plate's rows run down the patient (``q``, mm from its top), its columns to the patient's left
(``x``, mm). A piece near a root is drawn in ``u`` (mm outward from the sac's axis, across it) and
``v`` (mm downward from the root). Ink 1 is the signal of 12 mm of CSF.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt, gaussian_filter

Array = NDArray[np.float64]
Grid = NDArray[np.float32]
PX = 0.35
"""Size of a pixel of the plate, mm."""
HALF_MM = 165.0
"""The plate ends this far left and right of the patient's middle, mm."""
UNIT_MM = 12.0
"""CSF along the ray that gives ink 1, mm."""
FINE = 3
"""Contours are filled on a grid this much finer."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The sac's axis in the plate: ``x`` (rows,) mm and the cosine of its slant (rows,)."""

    x: Array
    cos: Array

    def pixel(self, q_mm: float, side: int, points: Array) -> Array:
        """Return (n, 2) rows and columns of points (n, 2) in ``u``, ``v`` beside a root."""
        row = (q_mm + points[:, 1]) / PX
        at = np.arange(self.x.size)
        x = np.interp(row, at, self.x) + side * points[:, 0] / np.interp(row, at, self.cos)
        return np.stack([row, (x + HALF_MM) / PX], axis=1)


@dataclass(frozen=True, slots=True)
class Patch:
    """Ink (rows, columns) whose corner is at a row and column; ``depth_mm`` behind the sac."""

    row: int
    col: int
    ink: Grid
    depth_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A piece of the plate with ``u`` (h, w) and ``v`` (h, 1), mm, beside a root."""

    axis: Axis
    q_mm: float
    side: int
    row: int
    col: int
    u: Array
    v: Array

    def blank(self) -> Grid:
        """Return no ink."""
        return np.zeros(self.u.shape, np.float32)

    def pixel(self, points: Array) -> Array:
        """Return (n, 2) rows and columns in this sheet of points in ``u``, ``v``."""
        return self.axis.pixel(self.q_mm, self.side, points) - [self.row, self.col]

    def patch(self, ink: Grid, depth_mm: float = 0.0) -> Patch:
        """Return ink on this sheet as a piece of the plate."""
        return Patch(self.row, self.col, ink.astype(np.float32), depth_mm)


def lay(axis: Axis, q_mm: float, side: int, spans: Sequence[float]) -> Sheet:
    """Return a sheet beside a root from ``u`` and ``v`` spans (u0, u1, v0, v1), mm."""
    u0, u1, v0, v1 = spans
    corners = np.array([(u, v) for u in (u0, u1) for v in np.linspace(v0, v1, 5)])
    at = axis.pixel(q_mm, side, corners)
    low, high = np.floor(at.min(axis=0)).astype(int), np.ceil(at.max(axis=0)).astype(int) + 1
    low = np.maximum(low, 0)
    high = np.minimum(high, [axis.x.size, int(2 * HALF_MM / PX)])
    high = np.maximum(high, low + 2)
    rows = np.clip(np.arange(low[0], high[0]), 0, axis.x.size - 1)
    x = np.arange(low[1], high[1]) * PX - HALF_MM
    u = side * (x[None, :] - axis.x[rows][:, None]) * axis.cos[rows][:, None]
    return Sheet(axis, q_mm, side, int(low[0]), int(low[1]), u, rows[:, None] * PX - q_mm)


def rounded(points: Array, rounds: int = 3) -> Array:
    """Return a closed contour with its corners cut (Chaikin); a point given twice stays sharp."""
    for _ in range(rounds):
        after = np.roll(points, -1, axis=0)
        pairs = np.stack([0.75 * points + 0.25 * after, 0.25 * points + 0.75 * after], axis=1)
        points = pairs.reshape(-1, 2)
    return points


def ribbon(path: Array, half: Array) -> Array:
    """Return the contour (2n, 2) of a path (n, 2) with half widths (n,)."""
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.hypot(along[:, :1], along[:, 1:]), 1e-6)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) * half[:, None]
    return np.concatenate([path + normal, (path - normal)[::-1]])


def wander(
    rng: np.random.Generator, start: Array, angle: float, length: float, bend: float
) -> Array:
    """Return a path (n, 2) that sets out at an angle below the outward direction and strays.

    ``bend`` is the spread of its turning over its whole length, radians.
    """
    n = max(int(length / 0.4), 6)
    knots = rng.normal(0, 1, 5).cumsum()
    turn = np.interp(np.linspace(0, 4, n), np.arange(5), knots - knots[0])
    heading = angle + 0.5 * bend * turn
    step = length / (n - 1) * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    return np.asarray(start + np.concatenate([np.zeros((1, 2)), step[:-1].cumsum(axis=0)]))


def fill(sheet: Sheet, contour: Array) -> Grid:
    """Return how much of each pixel lies within a closed contour in ``u``, ``v``, 0-1."""
    height, width = sheet.u.shape
    picture = Image.new("L", (width * FINE, height * FINE))
    at = (sheet.pixel(contour) + 0.5) * FINE
    ImageDraw.Draw(picture).polygon([(c, r) for r, c in at.tolist()], fill=255)
    return np.asarray(picture.reduce(FINE), np.float32) / np.float32(255)


def dome(mask: Grid, radius_mm: float) -> Grid:
    """Return the path through a body whose rim is round with a radius and whose top is flat, ink.

    A contour narrower than twice the radius is as deep as it is wide.
    """
    inside = distance_transform_edt(np.pad(mask > 0.5, 1))[1:-1, 1:-1] * PX
    depth = np.minimum(inside, radius_mm)
    path = 2 * np.sqrt(np.maximum(depth * (2 * radius_mm - depth), 0))
    smooth = gaussian_filter(path, 1.0)
    return np.asarray(smooth * (gaussian_filter(mask, 0.7)) / UNIT_MM, np.float32)


def strokes(
    sheet: Sheet, paths: Sequence[Array], weights: Sequence[Array], width_mm: float
) -> Grid:
    """Return strands drawn with a soft pen (full width at half maximum); peak ink is the weight."""
    points = np.concatenate([sheet.pixel(path) for path in paths])
    weight = np.concatenate(
        [
            w * np.hypot(*np.gradient(path, axis=0).T) / PX
            for path, w in zip(paths, weights, strict=True)
        ]
    )
    height, width = sheet.u.shape
    ok = (points >= 0).all(axis=1) & (points < np.array([height - 1, width - 1])).all(axis=1)
    points, weight = points[ok], weight[ok]
    low = points.astype(int)
    part = points - low
    ink = np.zeros(height * width)
    for dr, dc in ((0, 0), (0, 1), (1, 0), (1, 1)):
        share = np.abs(1 - dr - part[:, 0]) * np.abs(1 - dc - part[:, 1])
        index = (low[:, 0] + dr) * width + low[:, 1] + dc
        ink += np.bincount(index, weights=weight * share, minlength=height * width)
    sigma = width_mm / 2.355 / PX
    blurred = gaussian_filter(ink.reshape(height, width), sigma)
    return np.asarray(blurred * sigma * np.sqrt(2 * np.pi), np.float32)


def texture(rng: np.random.Generator, shape: tuple[int, ...], scale_mm: float) -> Grid:
    """Return band-limited noise with mean 0 and spread 1 whose blobs are about a scale apart."""
    sigma = max(scale_mm / PX / 3.0, 0.8)
    coarse = max(int(sigma / 2), 1)
    small = rng.standard_normal([n // coarse + 3 for n in shape], dtype=np.float32)
    band = gaussian_filter(small, sigma / coarse) - gaussian_filter(small, 2 * sigma / coarse)
    large = np.kron(band, np.ones((coarse, coarse), np.float32))[: shape[0], : shape[1]]
    if coarse > 1:
        large = gaussian_filter(large, coarse / 2)
    return np.asarray((large - large.mean()) / max(float(large.std()), 1e-6), np.float32)


def outside(sheet: Sheet, half: Array, overlap_mm: float = 1.3) -> Grid:
    """Return 1 beyond the sac's edge, falling to 0 within it; ``half`` (h, 1) is its half width."""
    share = np.clip((sheet.u - half + overlap_mm) / overlap_mm, 0, 1)
    return np.asarray(share, np.float32)


def moved(patch: Patch, depth_mm: float) -> Patch:
    """Return the same ink at another depth."""
    return replace(patch, depth_mm=depth_mm)

"""Voxels of 1 mm beside the axis, and what a slab sums of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Grid = NDArray[np.float32]
HALF = 70
"""Columns on either side of the axis in a sheet, mm."""
FRONT, BACK = -34, 34
"""First and last plane ``v`` that a slab's weights are told for."""


@dataclass(frozen=True, slots=True)
class Block:
    """Fluid in a box: ``values[row, v, u]``, 0-1, and the place of its first voxel."""

    row: int
    v: int
    u: int
    values: Grid

    def mirrored(self, sign: int) -> Block:
        """Return the box on the patient's left (1), or the same on the right (-1)."""
        if sign > 0:
            return self
        first = -(self.u + self.values.shape[2] - 1)
        return Block(self.row, self.v, first, np.ascontiguousarray(self.values[:, :, ::-1]))


@dataclass(frozen=True, slots=True)
class Box:
    """Coordinates of a box's voxels, ready to broadcast: rows (n, 1, 1), v (1, n, 1), u (n,)."""

    row: int
    v: int
    u: int
    shape: tuple[int, int, int]

    @property
    def rows(self) -> Grid:
        """Return the rows."""
        return np.arange(self.row, self.row + self.shape[0], dtype=np.float32)[:, None, None]

    @property
    def depths(self) -> Grid:
        """Return ``v``."""
        return np.arange(self.v, self.v + self.shape[1], dtype=np.float32)[None, :, None]

    @property
    def columns(self) -> Grid:
        """Return ``u``."""
        return np.arange(self.u, self.u + self.shape[2], dtype=np.float32)[None, None, :]

    def filled(self, values: Grid) -> Block:
        """Return a block of these voxels."""
        return Block(self.row, self.v, self.u, values.astype(np.float32, copy=False))


def inside(distance: Grid) -> Grid:
    """Return how much of each voxel lies inside a surface, from its signed distance, mm."""
    return np.asarray(np.clip(np.float32(0.5) - distance, 0, 1), dtype=np.float32)


def ellipse(u: Grid, v: Grid, half_width: Grid | float, half_depth: Grid | float) -> Grid:
    """Return the signed distance to an ellipse, mm, good near it."""
    p, q = u / half_width, v / half_depth
    slope = 2 * np.hypot(p / half_width, q / half_depth) + np.float32(1e-6)
    return np.asarray((p * p + q * q - 1) / slope, dtype=np.float32)


def capsule(box: Box, start: tuple[float, float, float], end: tuple[float, float, float],
            radii: tuple[float, float]) -> Grid:  # fmt: skip
    """Return the signed distance to a tapering rod from ``start`` to ``end`` (row, v, u), mm."""
    a = np.asarray(start, dtype=np.float32)
    d = np.asarray(end, dtype=np.float32) - a
    r, v, u = box.rows - a[0], box.depths - a[1], box.columns - a[2]
    share = np.clip((r * d[0] + v * d[1] + u * d[2]) / max(float(d @ d), 1e-3), 0, 1)
    away = np.sqrt((r - share * d[0]) ** 2 + (v - share * d[1]) ** 2 + (u - share * d[2]) ** 2)
    return np.asarray(away - (radii[0] + (radii[1] - radii[0]) * share), dtype=np.float32)


def blend(a: Grid, b: Grid, width: float) -> Grid:
    """Return the distance to the union of two surfaces, rounded where they meet."""
    h = np.clip(0.5 + 0.5 * (b - a) / width, 0, 1)
    return np.asarray(b + (a - b) * h - width * h * (1 - h), dtype=np.float32)


def noise(
    rng: np.random.Generator, shape: tuple[int, ...], scale: float | tuple[float, ...]
) -> Grid:
    """Return a smooth random field of mean 0 and SD 1."""
    field = gaussian_filter(rng.standard_normal(shape, dtype=np.float32), scale, truncate=2.5)
    return np.asarray((field - field.mean()) / (field.std() + 1e-9), dtype=np.float32)


def summed(block: Block, weights: Grid, sheet: Grid) -> None:
    """Add a block's path lengths, mm, to a sheet (rows, columns) under a slab's weights.

    ``weights[row, v - FRONT]`` are of all rows; what lies outside of sheet or weights is lost.
    """
    top, bottom = max(block.row, 0), min(block.row + block.values.shape[0], len(sheet))
    front, back = max(block.v, FRONT), min(block.v + block.values.shape[1], BACK + 1)
    left, right = max(block.u, -HALF), min(block.u + block.values.shape[2], HALF + 1)
    if bottom <= top or back <= front or right <= left:
        return
    part = block.values[
        top - block.row : bottom - block.row, front - block.v : back - block.v,
        left - block.u : right - block.u,
    ]  # fmt: skip
    share = weights[top:bottom, front - FRONT : back - FRONT]
    sheet[top:bottom, left + HALF : right + HALF] += np.einsum("ijk,ij->ik", part, share)

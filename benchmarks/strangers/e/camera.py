"""Stations: where each slab lies, which rows it shows, and how a sheet becomes its image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from scipy.special import erf

from benchmarks.strangers.e.lumen import FINE
from benchmarks.strangers.e.skeleton import Row, Spine
from benchmarks.strangers.e.voxels import BACK, FRONT, HALF, Grid

Vector = NDArray[np.float64]
SIDEWAYS = np.array([1.0, 0.0, 0.0])
FAR = 170
"""Half size of the sheet of what lies far from the spine, mm."""
EDGE_MM, LEAST_WEIGHT = 5.0, 0.45
"""A place is shown if it is so far from the image's edge and weighted so much by the slab."""


@dataclass(frozen=True)
class Camera:
    """One station: its plane (centre LPS, tilt to the back, roll, radians), FOV, slab, pixels.

    ``shift`` is how the patient moved before it, mm. ``width`` is the columns that are kept.
    """

    name: str
    centre: Vector
    tilt: float
    roll: float
    fov: float
    slab: float
    soft: float
    matrix: int
    width: int
    shift: Vector

    @property
    def step(self) -> float:
        """Return the pixel's size, mm."""
        return self.fov / self.matrix

    @cached_property
    def along(self) -> Vector:
        """Return the plane's downward direction before it is rolled."""
        return np.array([0.0, np.sin(self.tilt), -np.cos(self.tilt)])

    @cached_property
    def normal(self) -> Vector:
        """Return the slab's normal, to the back."""
        return np.array([0.0, np.cos(self.tilt), np.sin(self.tilt)])

    @cached_property
    def axes(self) -> tuple[Vector, Vector]:
        """Return the directions of rising columns and rows."""
        c, s = np.cos(self.roll), np.sin(self.roll)
        return c * SIDEWAYS + s * self.along, c * self.along - s * SIDEWAYS

    @cached_property
    def corner(self) -> Vector:
        """Return the middle of the first pixel, LPS mm."""
        right, down = self.axes
        half = self.step / 2
        return self.centre - half * ((self.width - 1) * right + (self.matrix - 1) * down)

    def seat(self, spine: Spine) -> tuple[Row, Row, Row]:
        """Return each row's place in the plane, sideways and down, and its depth, mm."""
        axis = np.stack([spine.x, spine.y, spine.z], axis=1) + self.shift - self.centre
        return axis @ SIDEWAYS, axis @ self.along, axis @ self.normal

    def weight(self, depth: Vector) -> Vector:
        """Return the slab's sensitivity at depths from its middle, mm."""
        half, soft = self.slab / 2, self.soft
        return np.asarray((erf((depth + half) / soft) - erf((depth - half) / soft)) / 2)

    def weights(self, spine: Spine) -> Grid:
        """Return the sensitivity in all rows and planes ``v`` (rows, BACK - FRONT + 1)."""
        depth = self.seat(spine)[2][:, None] + np.arange(FRONT, BACK + 1)
        return self.weight(depth).astype(np.float32)

    def place(self, spine: Spine, row: float, u: float) -> Vector:
        """Return where a place beside the axis shows on the plane, LPS mm."""
        axis = self._axis(spine, row)
        side, down = float(axis[0]) + u, float(axis @ self.along)
        return np.asarray(self.centre + side * SIDEWAYS + down * self.along)

    def depth(self, spine: Spine, row: float) -> float:
        """Return how far behind the slab's middle the axis lies in a row, mm."""
        return float(self._axis(spine, row) @ self.normal)

    def _axis(self, spine: Spine, row: float) -> Vector:
        at = [spine.at(values, row) for values in (spine.x, spine.y, spine.z)]
        return np.asarray(at + self.shift - self.centre)

    def pixel(self, point: Vector) -> tuple[float, float]:
        """Return row and column of a point on the plane."""
        right, down = self.axes
        away = (point - self.corner) / self.step
        return float(away @ down), float(away @ right)

    def shows(self, spine: Spine, row: float, u: float = 0.0) -> bool:
        """Return whether a place is within the image and the slab."""
        i, j = self.pixel(self.place(spine, row, u))
        edge = EDGE_MM / self.step
        inside = edge <= i <= self.matrix - edge and edge <= j <= self.width - edge
        deep = self.weight(np.array(self.depth(spine, row)))
        return bool(inside and deep > LEAST_WEIGHT)

    def plane(self) -> tuple[Vector, Vector]:
        """Return every pixel's place in the plane, sideways and down from its centre, mm."""
        i = (np.arange(self.matrix) - (self.matrix - 1) / 2)[:, None] * self.step
        j = (np.arange(self.width) - (self.width - 1) / 2)[None, :] * self.step
        c, s = np.cos(self.roll), np.sin(self.roll)
        return c * j - s * i, s * j + c * i

    def image(self, spine: Spine, fine: Grid, far: Grid) -> Grid:
        """Return path lengths in the image from the fine sheet and the far sheet of 1 mm."""
        side, down = self.plane()
        x, t, _ = self.seat(spine)
        image = np.asarray(map_coordinates(far, [down + FAR, side + FAR], order=1))
        reach = [float(x.min()) - HALF, float(x.max()) + HALF]
        close = np.flatnonzero(((side > reach[0]) & (side < reach[1])).any(axis=0))
        part = slice(int(close[0]), int(close[-1]) + 1)
        row = np.interp(down[:, part], t, np.arange(len(t)), left=-9, right=len(t) + 9)
        u = side[:, part] - np.interp(row, np.arange(len(t)), x)
        image[:, part] += map_coordinates(fine, [FINE * row, FINE * (u + HALF)], order=1)
        return np.asarray(image, dtype=np.float32)

    def rows(self, spine: Spine) -> slice:
        """Return the rows of the body that the image may show."""
        reach = 0.52 * self.fov + HALF * abs(np.sin(self.roll))
        seen = np.flatnonzero(np.abs(self.seat(spine)[1]) < reach)
        return slice(int(seen[0]), int(seen[-1]) + 1)


def _plan(rng: np.random.Generator) -> tuple[int, float, float, int]:
    """Return how many stations, FOV, overlap and matrix: the paper's in most."""
    kind = rng.random()
    if kind < 0.66:
        return 2, 270.0, float(rng.uniform(10, 35)), 512
    if kind < 0.84:
        fov = float(rng.choice([280.0, 300.0, 320.0, 350.0]))
        return 2, fov, float(rng.uniform(20, 70)), int(rng.choice([384, 512, 512, 640]))
    return (
        3,
        float(rng.choice([220.0, 240.0, 250.0])),
        float(rng.uniform(30, 60)),
        int(rng.choice([384, 448, 512])),
    )


def choose_cameras(rng: np.random.Generator, spine: Spine) -> tuple[Camera, ...]:
    """Return the stations of a study from above: planned so that C4-L5 is shown if it can be."""
    count, fov, overlap, matrix = _plan(rng)
    top = next(r.row for r in spine.roots if r.segment == "C4")
    low = next(r.row for r in spine.roots if r.segment == f"L{spine.lumbar}")
    span = count * fov - (count - 1) * overlap
    first = top - np.clip((span - (low - top)) * rng.uniform(0.3, 0.6), 9, 75)
    if rng.random() < 0.06:
        first += rng.normal(0, 22)
    paper = count == 2 and fov == 270.0
    tilted, rolled = rng.random() < 0.2, rng.random() < 0.15
    slab = 50.0 if paper else float(rng.choice([40.0, 50.0, 50.0, 60.0, 70.0]))
    soft, forward = rng.uniform(1.5, 7.0), rng.uniform(-7, 5)
    share = 1.0 if rng.random() < 0.7 else rng.uniform(0.6, 0.85)
    names = (
        ["cervicothoracic", "thoracolumbar"]
        if count == 2
        else ["cervicothoracic", "thoracic", "thoracolumbar"]
    )
    cameras, shift = [], np.zeros(3)
    for k, name in enumerate(names):
        start = first + k * (fov - overlap)
        rows = np.arange(max(int(start), 0), min(int(start + fov), spine.rows))
        y, x = spine.y[rows], spine.x[rows]
        slope = float(np.polyfit(rows, y, 1)[0]) if tilted else 0.0
        middle = float((y.max() + y.min()) / 2) if not tilted else float(y.mean())
        z = float(spine.z[0] - (start + fov / 2))
        centre = np.array([x.mean() + rng.normal(0, 4), middle + forward + rng.normal(0, 2), z])
        cameras.append(Camera(
            name, np.round(centre, 2), float(np.arctan(slope)),
            float(rng.normal(0, 0.035)) if rolled else 0.0, fov, slab, float(soft), matrix,
            2 * int(matrix * share / 2), shift,
        ))  # fmt: skip
        shift = shift + np.array([rng.normal(0, 0.6), rng.normal(0, 0.5), rng.normal(0, 1.0)])
    return tuple(cameras)


def best(spine: Spine, cameras: tuple[Camera, ...], usable: list[bool], row: float, u: float
         ) -> int | None:  # fmt: skip
    """Return the index of the usable station that shows a place farthest from its edges."""
    found = [
        (abs(camera.pixel(camera.place(spine, row, u))[0] / camera.matrix - 0.5), k)
        for k, camera in enumerate(cameras)
        if usable[k] and camera.shows(spine, row, u)
    ]
    return min(found)[1] if found else None

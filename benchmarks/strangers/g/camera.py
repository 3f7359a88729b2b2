"""Stations: thick slabs with a plane each, what they see, and where the axis shows in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

from benchmarks.strangers.g.fields import Array, Floats, Rng
from benchmarks.strangers.g.lumen import HALF
from benchmarks.strangers.g.spine import STEP, Spine

MARGIN = 6.0
"""How far inside an image a root must lie to be seen, mm."""


@dataclass(frozen=True, slots=True)
class Camera:
    """One slab: LPS centre, rows of ``axes`` right, down and normal; ``size`` pixels square.

    ``shift`` is how far the patient had moved, mm.
    """

    name: str
    centre: Floats
    axes: Floats
    fov: float
    size: int
    slab: float
    shift: Floats

    def see(self, points: Floats) -> Floats:
        """Return right, down and depth (mm from the centre) of points at rest, ``(..., 3)``."""
        return np.asarray((points + self.shift - self.centre) @ self.axes.T)

    def on_plane(self, right: float, down: float) -> list[float]:
        """Return the LPS mm of a place on the slab's middle plane."""
        point = self.centre + right * self.axes[0] + down * self.axes[1]
        return [round(float(v), 3) for v in point]

    def pixel(self, right: float, down: float) -> tuple[float, float]:
        """Return row and column of a place on the plane."""
        step = self.fov / self.size
        return down / step + (self.size - 1) / 2, right / step + (self.size - 1) / 2


@dataclass(frozen=True, slots=True)
class Course:
    """The axis as a station sees it, along ``s``: place, depth and unit vector across it."""

    right: Floats
    down: Floats
    depth: Floats
    cosine: Floats
    sine: Floats


def course_of(spine: Spine, camera: Camera) -> Course:
    """Return how the axis runs through a station."""
    right, down, depth = camera.see(spine.points).T
    dx, dv = np.gradient(right), np.maximum(np.gradient(down), 1e-3)
    long = np.hypot(dx, dv)
    return Course(right, down, depth, dv / long, dx / long)


def locate(spine: Spine, camera: Camera, s_mm: float, u_mm: float) -> tuple[float, float]:
    """Return right and down, mm from a station's centre, of a place beside the axis."""
    row = spine.row(s_mm)
    near = camera.see(spine.points[[max(row - 1, 0), row, min(row + 1, len(spine.s) - 1)]])
    along = near[2, :2] - near[0, :2]
    along[1] = max(along[1], 1e-3)
    sine, cosine = along / np.hypot(*along)
    return float(near[1, 0] + u_mm * cosine), float(near[1, 1] - u_mm * sine)


def straightened(spine: Spine, camera: Camera) -> tuple[Array, Array, Array, slice]:
    """Return canvas rows and columns of each pixel, the axis' depth per row, columns near it."""
    way = course_of(spine, camera)
    place = (np.arange(camera.size) - (camera.size - 1) / 2) * camera.fov / camera.size
    rows = np.interp(place, way.down, np.arange(len(spine.s)), left=-1e4, right=-1e4)
    known = np.clip(rows, 0, len(spine.s) - 1).astype(int)
    reach = HALF * STEP
    low, high = way.right[known].min() - reach, way.right[known].max() + reach
    first, last = np.searchsorted(place, [low, high])
    off = place[None, first:last] - way.right[known][:, None]
    across = off * way.cosine[known][:, None] / STEP + HALF
    along = rows[:, None] + off * way.sine[known][:, None] / STEP
    depth = way.depth[known].astype(np.float32)
    return along.astype(np.float32), across.astype(np.float32), depth, slice(int(first), int(last))


def within(slab: float, depth: Array, thick: Array) -> Array:
    """Return the share of fluid ``thick`` mm deep around ``depth`` that lies in a slab."""
    upper = np.minimum(depth + thick / 2, slab / 2)
    lower = np.maximum(depth - thick / 2, -slab / 2)
    return np.asarray(np.clip((upper - lower) / thick, 0, 1), dtype=np.float32)


def project(spine: Spine, camera: Camera, path: Array, thick: Array) -> Array:
    """Return the CSF (mm) that a station sees in each pixel."""
    along, across, middle, columns = straightened(spine, camera)
    where = np.stack([along, across])
    seen = map_coordinates(path, where, order=1, mode="constant")
    deep = np.maximum(map_coordinates(thick, where, order=1, mode="constant"), 5.0)
    row = np.clip(along, 0, len(spine.s) - 1).astype(int)
    off = np.abs(across - HALF) * STEP
    side = (across < HALF).astype(int)
    away = np.clip(off - spine.half[side, row], 0, 40)
    depth = middle[:, None] + spine.lean[side, row] * away
    image = np.zeros((camera.size, camera.size), dtype=np.float32)
    image[:, columns] = seen * within(camera.slab, depth, deep)
    return image


def covers(spine: Spine, camera: Camera, s_mm: float, u_mm: float = 0.0) -> bool:
    """Say whether a station shows most of the sac at a place, clear of the image's edge."""
    row = spine.row(s_mm)
    right, down = locate(spine, camera, s_mm, u_mm)
    half = camera.fov / 2 - MARGIN
    if abs(right) > half or abs(down) > half:
        return False
    depth = np.array([camera.see(spine.points[row])[2]], dtype=np.float32)
    thick = np.array([max(2 * float(spine.deep[row]), 5.0)], dtype=np.float32)
    return float(within(camera.slab, depth, thick)[0]) > 0.6


def _turned(pitch: float, roll: float, yaw: float) -> Floats:
    """Return right, down and normal of a coronal plane turned by three angles, radians."""
    cp, sp, cr, sr = np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    cy, sy = np.cos(yaw), np.sin(yaw)
    right, down = np.array([cy, sy, 0.0]), np.array([0.0, sp, -cp])
    right, down = cr * right + sr * down, cr * down - sr * right
    right /= np.linalg.norm(right)
    down -= (down @ right) * right
    down /= np.linalg.norm(down)
    return np.stack([right, down, np.cross(right, down)])


def _plane(rng: Rng, spine: Spine, top: float, low: float, tilted: bool) -> tuple[Floats, Floats]:
    """Return centre and axes of a slab laid along the spine between two heights (LPS z)."""
    z = spine.points[:, 2]
    mine = (z < top) & (z > low) & (spine.s > -5) & (spine.s < spine.end_mm + 5)
    x, y, z = spine.points[mine].T if mine.sum() > 20 else spine.points.T
    pitch = rng.normal(0, 0.012)
    if tilted:
        pitch += np.arctan(-np.polyfit(z, y, 1)[0])
    axes = _turned(pitch, rng.normal(0, 0.025) if rng.random() < 0.4 else 0, rng.normal(0, 0.02))
    height = (top + low) / 2
    flat = y + np.tan(pitch) * (z - height)
    middle = (flat.min() + flat.max()) / 2 + rng.normal(0, 1.2)
    across = np.clip((x.min() + x.max()) / 2, -25, 25) + rng.normal(0, 3)
    return np.array([across, middle, height]), axes


def choose_cameras(rng: Rng, spine: Spine) -> list[Camera]:
    """Return the stations from above downward: mostly two of 270 mm, sometimes more or larger."""
    z = spine.points[:, 2]
    plain = rng.random() < 0.6
    count = 2 if plain or rng.random() < 0.55 else 3
    fov = (
        270.0
        if plain
        else float(
            rng.choice([250, 280, 300, 320, 350, 380] if count == 2 else [240, 260, 270, 300])
        )
    )
    size = 512 if plain else int(rng.choice([384, 448, 512, 512, 576]))
    slab = (
        50.0
        if plain
        else float(rng.choice([30, 40, 45, 50, 60, 70], p=[0.06, 0.16, 0.18, 0.26, 0.2, 0.14]))
    )
    tilted = rng.random() < 0.6 or slab < 45
    by_name = {root.segment: float(np.interp(root.s_mm, spine.s, z)) for root in spine.roots}
    last = f"L{spine.person.lumbar}"
    core = by_name["C4"] - by_name[last]
    pad = rng.uniform(30, 130)
    overlap = (count * fov - core - pad) / (count - 1)
    overlap = float(np.clip(overlap, rng.uniform(9, 14), rng.uniform(24, 110)))
    total = count * fov - overlap * (count - 1)
    top = by_name["C4"] + (total - core) * rng.uniform(0.3, 0.6)
    step = (total - fov) / (count - 1)
    names = (
        ("cervicothoracic", "thoracolumbar") if count == 2 else ("cervical", "thoracic", "lumbar")
    )
    moved = rng.random() < 0.3
    cameras, shift = [], np.zeros(3)
    for k, name in enumerate(names):
        high = top - k * step
        centre, axes = _plane(rng, spine, high, high - fov, tilted)
        if k and moved:
            shift = shift + rng.normal(0, [1.2, 0.8, 1.5])
        cameras.append(Camera(name, centre, axes, fov, size, slab, shift))
    return cameras


def best(spine: Spine, cameras: Sequence[Camera], s_mm: float, poor: frozenset[int]) -> int | None:
    """Return the station that shows a level best: sound, and nearest to its middle."""
    seen = [
        (k in poor, abs(locate(spine, camera, s_mm, 0.0)[1]), k)
        for k, camera in enumerate(cameras)
        if covers(spine, camera, s_mm)
    ]
    return min(seen)[2] if seen else None

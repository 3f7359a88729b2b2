"""Coronal thick slabs: where they lie, what they see, and patient mm to plane mm.

The plane's ``p`` grows with the columns (to the patient's left), ``q`` downward, both in mm from
the slab's middle; ``d`` is the depth along the rays, positive to posterior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import next_fast_len

from benchmarks.strangers.c.spine import STEP, Floats, Spine

MARGIN = 6.0
"""A root nearer to the image's edge than this counts as not covered, mm."""


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """One station's slab.

    ``axes`` has the rows right, down and depth (unit vectors, LPS); ``fov`` and ``slab`` are mm;
    ``n`` is the number of object samples along one edge, ``shift`` the patient's move (LPS mm)
    since the first station; ``soft`` the width of the slab's edges, mm.
    """

    name: str
    centre: Floats
    axes: Floats
    fov: float
    slab: float
    soft: float
    n: int
    shift: Floats

    @property
    def pitch(self) -> float:
        """Return the distance between object samples, mm."""
        return self.fov / self.n

    def see(self, points: Floats) -> Floats:
        """Return (p, q, d) of patient points, shape (..., 3)."""
        seen: Floats = (points + self.shift - self.centre) @ self.axes.T
        return seen

    def weight(self, depth: Floats) -> Floats:
        """Return the slab's sensitivity at depths, 0-1."""
        edge = (self.slab / 2 - np.abs(depth)) / self.soft
        return np.asarray(0.5 + 0.5 * np.tanh(2 * edge), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Ribbon:
    """A spine as one camera sees it: tables over ``s`` of place, direction and depth."""

    p: Floats
    q: Floats
    dp: Floats
    dq: Floats
    depth: Floats

    def straighten(self, spine: Spine, p: Floats, q: Floats) -> tuple[Floats, Floats]:
        """Return the table row (a fraction) and ``u`` of plane points."""
        row = np.interp(q, self.q, np.arange(len(self.q)))
        top = len(spine.s) - 1
        for _ in range(3):
            k = np.clip(row.astype(np.intp), 0, top)
            rest = row - k
            ahead = (p - self.p[k]) * self.dp[k] + (q - self.q[k]) * self.dq[k]
            row = row + 0.9 * (ahead / STEP - rest)
        k = np.clip(row.astype(np.intp), 0, top)
        u = (p - self.p[k]) * self.dq[k] - (q - self.q[k]) * self.dp[k]
        return row, u


def ribbon(spine: Spine, camera: Camera) -> Ribbon:
    """Return the spine as the camera sees it."""
    seen = camera.see(spine.centre)
    dp, dq = np.gradient(seen[:, 0], STEP), np.gradient(seen[:, 1], STEP)
    norm = np.hypot(dp, dq)
    return Ribbon(seen[:, 0], seen[:, 1], dp / norm, dq / norm, seen[:, 2])


def covered(spine: Spine, camera: Camera, s_mm: float) -> bool:
    """Return whether a position on the axis lies well inside the image and the slab."""
    point = camera.see(spine.centre[spine.row(s_mm)])
    rim = camera.fov / 2 - MARGIN
    inside = abs(point[0]) < rim - 12 and abs(point[1]) < rim
    return bool(inside and camera.weight(point[2:])[0] > 0.6)


def aim(rng: np.random.Generator, spine: Spine) -> list[Camera]:
    """Return the slabs of a study, from the top downward."""
    top = spine.centre[spine.row(rng.uniform(-20, 55)), 2]
    foot = spine.centre[spine.row(spine.end_mm + rng.uniform(-35, 15)), 2]
    lap = float(rng.choice([rng.uniform(10, 35), rng.uniform(20, 80)]))
    count = 3 if rng.random() < 0.15 else 2
    fov = float(rng.choice([270.0, 270.0, 280.0, 300.0, 320.0, 350.0, 380.0, 250.0]))
    need = (top - foot + lap * (count - 1)) / count
    if count == 2 and fov < need - 12:
        fov = float(min(380.0, 10 * np.ceil(need / 10)))
    if fov > 1.9 * need:
        fov = 260.0
    if fov >= top - foot + 10:
        count = 1
    step = fov - lap
    middle = (top + foot) / 2 + rng.uniform(-8, 8)
    places = [middle + step * ((count - 1) / 2 - k) for k in range(count)]
    names = {1: ("whole",), 2: ("cervicothoracic", "thoracolumbar")}.get(
        count, ("cervicothoracic", "thoracic", "thoracolumbar")
    )
    slab = float(rng.choice([40.0, 45.0, 50.0, 50.0, 50.0, 60.0]))
    cameras: list[Camera] = []
    shift = np.zeros(3)
    for name, z in zip(names, places, strict=True):
        cameras.append(_one(rng, spine, (name, z), (fov, slab), shift.copy()))
        shift = shift + rng.normal(0, rng.choice([0.2, 0.8, 2.2]), 3)
    return cameras


def _one(
    rng: np.random.Generator,
    spine: Spine,
    place: tuple[str, float],
    size: tuple[float, float],
    shift: Floats,
) -> Camera:
    """Return one slab laid along the spine as a technician would, with small errors."""
    name, z = place
    fov, slab = size
    here = np.abs(spine.centre[:, 2] - z) < fov / 2
    here &= (spine.s > -10) & (spine.s < spine.end_mm - 10)
    line = np.polyfit(spine.centre[here, 2] - z, spine.centre[here, 1], 1)
    tilt = line[0] + np.radians(rng.normal(0, 0.8)) if rng.random() < 0.75 else 0.3 * line[0]
    away = spine.centre[here, 1] - tilt * (spine.centre[here, 2] - z)
    y = (away.max() + away.min()) / 2 + rng.normal(0, 1.5)
    x = np.mean(spine.centre[here, 0]) + rng.normal(0, 5)
    yaw, roll = np.radians(rng.normal(0, 1.5)), np.radians(rng.normal(0, 1.2))
    down = np.array([np.sin(roll), -tilt, -1.0])
    down /= np.linalg.norm(down)
    right = np.array([np.cos(yaw), np.sin(yaw), 0.0])
    right -= (right @ down) * down
    right /= np.linalg.norm(right)
    axes = np.stack([right, down, np.cross(right, down)])
    n = int(next_fast_len(int(fov / 0.52)))
    n += n % 2
    centre = np.array([x, y, z])
    return Camera(name, centre, axes, fov, slab, float(rng.uniform(2, 7)), n, shift)

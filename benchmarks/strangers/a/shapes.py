"""Bodies of fluid drawn on a plane: solids as intervals on each ray, mist as a cloud of points.

``amplitude`` is the signal per mm of path against CSF; ``outside`` leaves out what lies in the sac.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks.strangers.a.anatomy import Floats
from benchmarks.strangers.a.plane import Plane, SacImage

Window: TypeAlias = tuple[slice, slice]
Interval: TypeAlias = tuple[Floats, Floats]


def _box(pl: Plane, points: Floats, radius: float) -> Window | None:
    """Return the pixels around points, or nothing if none is in the image."""
    i, j, _ = pl.pixels(points)
    m = radius / pl.pitch + 2
    ends = [
        (int(max(0, np.floor((x - m).min()))), int(min(size, np.ceil((x + m).max()) + 1)))
        for x, size in zip((i, j), pl.shape, strict=True)
    ]
    (i0, i1), (j0, j1) = ends
    return None if i1 <= i0 or j1 <= j0 else (slice(i0, i1), slice(j0, j1))


def _beside(pl: Plane, depths: Interval, sac: SacImage | None, box: Window) -> Floats:
    """Return the path through the slab of intervals, less their part within the sac."""
    low, high = depths
    w = pl.through(low, high)
    if sac is not None:
        w = w - pl.through(np.maximum(low, sac.near[box]), np.minimum(high, sac.far[box]))
    return w


def _capsule(
    grid: Interval,
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    radii: tuple[float, float],
    flat: float,
) -> tuple[Floats, Floats, Floats]:
    """Return middle depth, half depth and squared half chord of a tapered capsule per pixel."""
    (uu, vv), (u, v, d) = grid, start
    du, dv = end[0] - u, end[1] - v
    q = np.clip(((uu - u) * du + (vv - v) * dv) / max(du * du + dv * dv, 1e-9), 0, 1)
    r = radii[0] + q * (radii[1] - radii[0])
    h2 = r * r - (uu - u - q * du) ** 2 - (vv - v - q * dv) ** 2
    return d + q * (end[2] - d), flat * np.sqrt(np.clip(h2, 0, None)), h2


def _grow(union: Interval, capsule: tuple[Floats, Floats, Floats]) -> Interval:
    """Return intervals widened by a capsule where it is met."""
    (low, high), (dd, h, h2) = union, capsule
    ok = h2 > 0
    return (
        np.where(ok, np.minimum(low, dd - h), low),
        np.where(ok, np.maximum(high, dd + h), high),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Tube:
    """A chain of tapered capsules; ``flat`` is depth over in-plane radius."""

    points: Floats
    radii: Floats
    amplitude: float
    flat: float = 1.0
    outside: bool = True

    def draw(self, pl: Plane, layer: Floats, sac: SacImage, gain: float = 1.0) -> None:
        """Add the tube to a layer in place."""
        points, radii = np.atleast_2d(self.points), np.asarray(self.radii, float)
        box = _box(pl, points, radii.max())
        if box is None:
            return
        u, v, d = pl.see(points)
        uu, vv = np.meshgrid(pl.u[box[1]], pl.v[box[0]])
        union = np.full(uu.shape, 1e3), np.full(uu.shape, -1e3)
        n = len(points)
        for m in range(max(n - 1, 1)):
            e = min(m + 1, n - 1)
            ends = (u[m], v[m], d[m]), (u[e], v[e], d[e])
            union = _grow(union, _capsule((uu, vv), *ends, (radii[m], radii[e]), self.flat))
        layer[box] += self.amplitude * gain * _beside(pl, union, sac if self.outside else None, box)

    @property
    def place(self) -> Floats:
        """Return the middle point."""
        points = np.atleast_2d(self.points)
        middle: Floats = points[len(points) // 2]
        return middle


@dataclass(frozen=True, slots=True, eq=False)
class Fan:
    """A web of fluid spanned between points on the sac's wall and a tip."""

    walls: Floats
    tip: Floats
    radii: tuple[float, float]
    soft: float
    flat: float
    amplitude: float = 1.0

    def draw(self, pl: Plane, layer: Floats, sac: SacImage, gain: float = 1.0) -> None:
        """Add the web, blurred, to a layer in place."""
        every = np.vstack([self.walls, self.tip])
        box = _box(pl, every, self.radii[0] + 3 * self.soft)
        if box is None:
            return
        uu, vv = np.meshgrid(pl.u[box[1]], pl.v[box[0]])
        union = np.full(uu.shape, 1e3), np.full(uu.shape, -1e3)
        tip = pl.see_one(self.tip)
        for wall in self.walls:
            ends = pl.see_one(wall), tip
            union = _grow(union, _capsule((uu, vv), *ends, self.radii, self.flat))
        w = _beside(pl, union, sac, box)
        layer[box] += self.amplitude * gain * gaussian_filter(w, self.soft / pl.pitch)

    @property
    def place(self) -> Floats:
        """Return the tip."""
        return self.tip


@dataclass(frozen=True, slots=True, eq=False)
class Ellipsoid:
    """An ellipsoid: half axes (left, posterior, up), mm, turned in the coronal plane by a tilt."""

    centre: Floats
    half: Floats
    amplitude: float
    tilt: float = 0.0
    power: float = 2.0
    outside: bool = True

    def draw(self, pl: Plane, layer: Floats, sac: SacImage, gain: float = 1.0) -> None:
        """Add the ellipsoid to a layer in place."""
        half, power = self.half, self.power
        box = _box(pl, self.centre, max(half[0], half[2]))
        if box is None:
            return
        u, v, d = pl.see_one(self.centre)
        uu, vv = np.meshgrid(pl.u[box[1]] - u, pl.v[box[0]] - v)
        ct, st = np.cos(self.tilt), np.sin(self.tilt)
        e = 1 - np.abs((uu * ct + vv * st) / half[0]) ** power
        e = e - np.abs((-uu * st + vv * ct) / half[2]) ** power
        h = half[1] * np.clip(e, 0, None) ** (1 / power)
        w = _beside(pl, (d - h, d + h), sac if self.outside else None, box)
        layer[box] += self.amplitude * gain * w

    @property
    def place(self) -> Floats:
        """Return the centre."""
        return self.centre


@dataclass(frozen=True, slots=True, eq=False)
class Mist:
    """A cloud of points of ``volumes`` mm3 of fluid each, blurred by ``sigma`` mm."""

    points: Floats
    volumes: Floats
    sigma: float
    amplitude: float = 1.0

    def draw(self, pl: Plane, layer: Floats, sac: SacImage | None, gain: float = 1.0) -> None:
        """Add the cloud to a layer in place."""
        i, j, d = pl.pixels(self.points)
        rows, columns = pl.shape
        w = self.volumes * (self.amplitude * gain) * pl.weights(d) / pl.pitch**2
        f = (i > 1) & (i < rows - 2) & (j > 1) & (j < columns - 2)
        if not f.any():
            return
        i, j, w = i[f], j[f], np.broadcast_to(w, f.shape)[f]
        m = int(4 * self.sigma / pl.pitch) + 3
        a0, a1 = max(0, int(i.min()) - m), min(rows, int(i.max()) + m + 2)
        b0, b1 = max(0, int(j.min()) - m), min(columns, int(j.max()) + m + 2)
        height, width = a1 - a0, b1 - b0
        i, j = i - a0, j - b0
        ii, jj = i.astype(int), j.astype(int)
        fi, fj = i - ii, j - jj
        k = ii * width + jj
        n = height * width
        total = np.bincount(k, w * (1 - fi) * (1 - fj), n)
        total = total + np.bincount(k + 1, w * (1 - fi) * fj, n)
        total = total + np.bincount(k + width, w * fi * (1 - fj), n)
        total = total + np.bincount(k + width + 1, w * fi * fj, n)
        image = total.reshape(height, width)
        blur = gaussian_filter(image, self.sigma / pl.pitch, truncate=3.5)
        layer[a0:a1, b0:b1] += blur if self.sigma > 0 else image

    @property
    def place(self) -> Floats:
        """Return the middle point."""
        middle: Floats = self.points[len(self.points) // 2]
        return middle


Part: TypeAlias = Tube | Fan | Ellipsoid | Mist


def along(points: Floats, step: float) -> tuple[Floats, Floats]:
    """Return a polyline resampled every ``step`` mm, and the arc length of its points."""
    s = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    q: Floats = np.arange(0, s[-1], step)
    return np.stack([np.interp(q, s, points[:, i]) for i in range(3)], 1), q


def wire(points: Floats, radius: float, sigma: float = 0.35, weight: Floats | None = None) -> Mist:
    """Return a thin tube as a cloud: cross section times step."""
    p, q = along(np.asarray(points), 0.3)
    w = np.full(len(p), np.pi * radius * radius * 0.3)
    if weight is not None:
        w = w * np.interp(q, np.linspace(0, max(q[-1], 0.3), len(weight)), weight)
    return Mist(p, w, sigma)

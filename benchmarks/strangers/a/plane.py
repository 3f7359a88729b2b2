"""A thick slab, and the sac's projection through it: every ray is an interval of depths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from benchmarks.strangers.a.anatomy import Floats
from benchmarks.strangers.a.sleeves import Body


@dataclass(frozen=True, slots=True)
class Slab:
    """A slab's thickness, width of its edges, mm, and how strong its skirts are."""

    thickness: float
    edge: float
    tail: float = 0.0


class Plane:
    """A thick slab and its pixels.

    Pixel (i, j) has its centre at ``centre + (j - columns // 2) pitch row + (i - rows // 2)
    pitch column``, mm. Depths count along ``normal``, to posterior, from the slab's middle.
    """

    def __init__(
        self, centre: Floats, axes: tuple[Floats, Floats], pitch: float, size: int, slab: Slab
    ) -> None:
        self.c = np.asarray(centre, float)
        self.r, self.k = (np.asarray(v, float) for v in axes)
        n = np.cross(self.r, self.k)
        self.n: Floats = n if n[1] > 0 else -n
        self.pitch, self.shape, self.slab = pitch, (size, size), slab
        self.d = np.linspace(-90, 90, 1801)
        half, edge = slab.thickness / 2, slab.edge
        q = 0.5 * (erf((self.d + half) / edge) - erf((self.d - half) / edge))
        q = q + slab.tail * np.exp(-0.5 * (self.d / (0.75 * slab.thickness)) ** 2) * (1 - q)
        self.profile: Floats = q
        self.cumulated: Floats = np.cumsum(q) * 0.1
        self.u = np.asarray((np.arange(size) - size // 2) * pitch, np.float64)
        self.v = self.u

    def moved(self, centre: Floats, size: int, pitch: float) -> Plane:
        """Return the same slab with other pixels around another centre."""
        return Plane(centre, (self.r, self.k), pitch, size, self.slab)

    def see(self, points: Floats) -> tuple[Floats, Floats, Floats]:
        """Return u (along rows), v (down columns) and depth of patient points, mm."""
        q = np.atleast_2d(points) - self.c
        return q @ self.r, q @ self.k, q @ self.n

    def see_one(self, point: Floats) -> tuple[float, float, float]:
        """Return u, v and depth of one patient point, mm."""
        u, v, d = self.see(point)
        return float(u[0]), float(v[0]), float(d[0])

    def pixels(self, points: Floats) -> tuple[Floats, Floats, Floats]:
        """Return row, column and depth of patient points."""
        u, v, d = self.see(points)
        return v / self.pitch + self.shape[0] // 2, u / self.pitch + self.shape[1] // 2, d

    def through(self, near: Floats, far: Floats) -> Floats:
        """Return the slab-weighted length of intervals of depth, mm."""
        ends = [np.interp(x, self.d, self.cumulated) for x in (far, near)]
        return np.where(far > near, ends[0] - ends[1], 0.0)

    def weight(self, depth: float) -> np.float64:
        """Return the slab's sensitivity at one depth, 0-1."""
        return np.interp(depth, self.d, self.profile)

    def weights(self, depth: Floats) -> Floats:
        """Return the slab's sensitivity at many depths, 0-1."""
        return np.interp(depth, self.d, self.profile)


@dataclass(frozen=True, slots=True, eq=False)
class SacImage:
    """The sac on a plane: CSF's path (mm), first and last depth, ``s`` and offset from the axis."""

    csf: Floats
    near: Floats
    far: Floats
    s: Floats
    x: Floats


def project_sac(body: Body, pl: Plane) -> SacImage:
    """Return sac less cord as the plane shows them."""
    uu, vv = np.meshgrid(pl.u, pl.v)
    base = pl.c + uu[..., None] * pl.r + vv[..., None] * pl.k
    bx, by, bz = base[..., 0], base[..., 1], base[..., 2]
    table = body.axial
    close = np.abs(bx - table.at("x", bz)) < 34
    bxn, byn, bzn = bx[close], by[close], bz[close]
    d = np.zeros_like(bxn)
    for _ in range(3):
        d = (table.at("y", bzn + d * pl.n[2]) - byn) / pl.n[1]
    z = bzn + d * pl.n[2]
    g = {k: table.at(k, z) for k in table.table}
    x = bxn + d * pl.n[0] - g["x"]
    k = np.abs(pl.n[1] - g["dy"] * pl.n[2])
    pw = body.power
    q = 1 - np.abs(x / np.maximum(g["rx"], 1e-3)) ** pw
    ok = (q > 0) & (g["s"] < body.s_end) & (g["rx"] > 0.05)
    h = np.where(ok, g["ry"] * np.clip(q, 0, 1) ** (1 / pw), 0) / k
    xc = (x - g["cox"]) / np.maximum(g["crx"], 1e-3)
    hc = np.where(g["crx"] > 0.2, g["cry"] * np.sqrt(np.clip(1 - xc**2, 0, 1)), 0) / k
    dc = d + g["coy"] / k
    cord = pl.through(np.maximum(dc - hc, d - h), np.minimum(dc + hc, d + h))
    csf = pl.through(d - h, d + h) - cord
    return SacImage(
        csf=_filled(close, np.where(ok, csf, 0), 0.0),
        near=_filled(close, np.where(ok, d - h, 1e3), 1e3),
        far=_filled(close, np.where(ok, d + h, -1e3), -1e3),
        s=_filled(close, g["s"], -1.0),
        x=_filled(close, x, 99.0),
    )


def _filled(where: NDArray[np.bool_], values: Floats, outside: float) -> Floats:
    """Return an image with values at some pixels and one value at all others."""
    image = np.full(where.shape, outside)
    image[where] = values
    return image

"""Stations, what they see, and the plane that a station's scene is drawn on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from benchmarks.strangers.b.anatomy import Floats, Rng, Spine
from benchmarks.strangers.b.sac import HALF, Image, Straight
from benchmarks.strangers.b.sheet import STEP

Window = tuple[slice, slice]


@dataclass(frozen=True, slots=True)
class Format:
    """Field of view (mm), pixels along an edge and slab thickness (mm) of all stations."""

    fov: float
    m: int
    slab: float

    @property
    def px(self) -> float:
        """Return the pixel spacing, mm."""
        return self.fov / self.m

    @property
    def fine(self) -> int:
        """Return how many samples of the scene one pixel's edge has."""
        return max(1, round(self.px / 0.28))


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """The scene of one station, mm of fluid: ``origin`` is the centre of its first sample."""

    origin: Floats
    col: Floats
    row: Floats
    normal: Floats
    px: float
    n: int
    slab: float
    image: Image

    def to(self, points: Floats) -> tuple[Floats, Floats, Floats]:
        """Return column, row and depth from mid-slab of patient points."""
        d = np.asarray(points, float) - self.origin
        return d @ self.col / self.px, d @ self.row / self.px, d @ self.normal

    def profile(self, depth: Floats) -> Floats:
        """Return the slab's sensitivity at depths, 0-1."""
        return np.asarray(1 / (1 + np.exp((np.abs(depth) - self.slab / 2) / 2.5)))

    def _window(self, c: float, r: float, k: float) -> Window | None:
        """Return the samples around a place, or nothing outside the image."""
        c0, c1 = int(max(c - k, 0)), int(min(c + k + 2, self.n))
        r0, r1 = int(max(r - k, 0)), int(min(r + k + 2, self.n))
        return (slice(r0, r1), slice(c0, c1)) if c1 > c0 and r1 > r0 else None

    def blob(
        self, point: Floats, sigma: tuple[float, float], amp: float, rng: Rng, rough: float
    ) -> None:
        """Add a rough Gaussian blob in place; ``sigma`` across and down, mm."""
        c, r, _ = self.to(point)
        w = self._window(float(c), float(r), 3 * max(sigma) / self.px)
        if w is None:
            return
        yy = (np.arange(w[0].start, w[0].stop)[:, None] - r) * self.px
        xx = (np.arange(w[1].start, w[1].stop)[None] - c) * self.px
        g = np.exp(-0.5 * ((xx / sigma[0]) ** 2 + (yy / sigma[1]) ** 2))
        m = max(1, int(6 / self.px))
        coarse = rng.standard_normal((g.shape[0] // m + 3, g.shape[1] // m + 3))
        large = np.kron(gaussian_filter(coarse, 0.8), np.ones((m, m)))
        noise = gaussian_filter(large, m / 2)[: g.shape[0], : g.shape[1]]
        uneven = np.clip(1 + rough * noise / (noise.std() + 1e-6), 0, 3)
        self.image[w] += (amp * g * uneven).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Beads:
    """A chain of spheres: path capped at ``cap`` mm, times ``weight``, blurred by ``soft`` mm."""

    points: Floats
    radii: float | Floats
    weight: float
    cap: float
    soft: float

    def draw(self, pl: Plane) -> None:
        """Add the union of the spheres to a plane in place."""
        c, r, d = pl.to(self.points)
        radii = np.broadcast_to(np.asarray(self.radii, float), c.shape)
        if not ((c > -80) & (c < pl.n + 80) & (r > -80) & (r < pl.n + 80)).any():
            return
        k = float(radii.max()) / pl.px + 2 + 3 * self.soft / pl.px
        x0, x1 = int(max(c.min() - k, 0)), int(min(c.max() + k + 2, pl.n))
        y0, y1 = int(max(r.min() - k, 0)), int(min(r.max() + k + 2, pl.n))
        if x1 <= x0 or y1 <= y0:
            return
        layer = np.zeros((y1 - y0, x1 - x0), np.float32)
        for place in zip(c, r, d, radii, strict=True):
            self._sphere(pl, layer, (x0, y0), place)
        path = np.minimum(layer, self.cap) * self.weight
        blurred = gaussian_filter(path, self.soft / pl.px) if self.soft > 0 else path
        pl.image[y0:y1, x0:x1] += blurred

    def _sphere(
        self,
        pl: Plane,
        layer: Image,
        corner: tuple[int, int],
        place: tuple[float, float, float, float],
    ) -> None:
        """Take one sphere into the layer in place."""
        (x0, y0), (ci, ri, di, ra) = corner, place
        weight = pl.profile(np.asarray(di))
        w = pl._window(ci, ri, ra / pl.px + 1)
        if weight < 0.01 or w is None:
            return
        yy = np.arange(w[0].start, w[0].stop)[:, None] - ri
        xx = np.arange(w[1].start, w[1].stop)[None] - ci
        q = 2 * np.sqrt(np.clip(ra**2 - (yy**2 + xx**2) * pl.px**2, 0, None)) * weight
        v = layer[w[0].start - y0 : w[0].stop - y0, w[1].start - x0 : w[1].stop - x0]
        np.maximum(v, q[: v.shape[0], : v.shape[1]], out=v)


@dataclass(frozen=True, slots=True, eq=False)
class Station:
    """One slab as planned, and the patient's move since the first, mm.

    ``void`` is first row and height of a band without signal, mm from the top.
    """

    name: str
    form: Format
    col: Floats
    row: Floats
    corner: Floats
    shift: Floats
    present: bool = True
    void: tuple[float, float] | None = None
    sop: str = ""

    @property
    def normal(self) -> Floats:
        """Return the slab's normal."""
        return np.cross(self.col, self.row)

    def pixel(self, point: Floats) -> tuple[float, float, float]:
        """Return column, row and depth of a point of the anatomy."""
        d = np.asarray(point, float) + self.shift - self.corner
        px = self.form.px
        return float(d @ self.col / px), float(d @ self.row / px), float(d @ self.normal)

    def margin(self, point: Floats) -> float:
        """Return the distance of a point from the image's edge, mm, negative outside."""
        c, r, _ = self.pixel(point)
        m = self.form.m
        return min(min(c, m - 1 - c), min(r, m - 1 - r)) * self.form.px

    def sees(self, point: Floats) -> bool:
        """Say whether the station shows a point."""
        deep = abs(self.pixel(point)[2]) < self.form.slab / 2 - 1
        return self.present and self.margin(point) > 3 and deep

    def plane(self) -> Plane:
        """Return an empty scene, finer than the image, in the anatomy's coordinates."""
        k, px = self.form.fine, self.form.px
        n, pitch = self.form.m * k, px / k
        origin = self.corner - (k - 1) / 2 * pitch * (self.col + self.row)
        image = np.zeros((n, n), np.float32)
        return Plane(
            origin - self.shift, self.col, self.row, self.normal, pitch, n, self.form.slab, image
        )  # fmt: skip


def lay(
    name: str,
    form: Format,
    centre: Floats,
    turn: tuple[float, float, float],
    shift: Floats,
) -> Station:
    """Return a station around a centre, turned by tilt, spin and yaw (radians)."""
    tilt, spin, yaw = turn
    cx, sx = np.cos(spin), np.sin(spin)
    ct, st = np.cos(tilt), np.sin(tilt)
    cy, sy = np.cos(yaw), np.sin(yaw)
    about_x = np.array([[1, 0, 0], [0, ct, -st], [0, st, ct]])
    about_y = np.array([[cx, 0, sx], [0, 1, 0], [-sx, 0, cx]])
    about_z = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    turned = about_z @ about_x @ about_y
    col, row = turned @ [1, 0, 0], turned @ [0, 0, -1]
    corner = np.asarray(centre, float) - (form.m - 1) / 2 * form.px * (col + row)
    return Station(name, form, col, row, corner, np.asarray(shift, float))


def render(station: Station, spine: Spine, sheet: Straight) -> Plane:
    """Return the straightened sheet bent onto a station's scene."""
    pl = station.plane()
    c, r, d = pl.to(spine.xyz)
    r = np.maximum.accumulate(r + np.arange(len(r)) * 1e-6)
    rows = np.arange(pl.n, dtype=float)
    axis = np.interp(rows, r, c)
    s_of = np.interp(rows, r, spine.s, left=-999, right=9999)
    slope = np.gradient(axis)
    cos = 1 / np.sqrt(1 + slope**2)
    half = int(HALF / pl.px)
    low, high = int(max(axis.min() - half, 0)), int(min(axis.max() + half, pl.n))
    if high <= low:
        return pl
    cc = np.arange(low, high)[None]
    off = (cc - axis[:, None]) * pl.px
    tt = off * cos[:, None]
    foot = rows[:, None] + off * (slope * cos**2)[:, None] / pl.px
    ss = np.interp(foot, rows, s_of)
    ok = (s_of[:, None] > -900) & (s_of[:, None] < 9000)
    place = [(ss - sheet.s[0]) / STEP, (tt + HALF) / STEP]
    v = map_coordinates(sheet.image, place, order=1, mode="constant")
    profile = np.interp(ss, spine.s, pl.profile(d))
    pl.image[:, low:high] += (v * ok * profile).astype(np.float32)
    return pl

"""Fluid outside the spine, in patient coordinates: organs, joints, cisterns, and faint tissue.

Each organ is a heap of ellipsoids or a tube along a random walk; what a camera sees of it is the
length of each ray inside it and inside the slab.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d
from scipy.spatial import cKDTree

from benchmarks.strangers.c.camera import Camera
from benchmarks.strangers.c.lumen import Grid
from benchmarks.strangers.c.spine import Floats, Spine, smooth_noise

COARSE = 1.3
"""Pitch of the map the body is drawn on, mm."""


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """An ellipsoid: centre and half axes, LPS mm, signal per mm against CSF."""

    centre: Floats
    half: Floats
    signal: float


@dataclass(frozen=True, slots=True, eq=False)
class Tube:
    """A tube: points (n, 3), LPS mm, radius and signal per point."""

    points: Floats
    radius: Floats
    signal: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """All fluid of one person outside the spine, and the silhouette's half width.

    ``arms`` is how thick they are if they lie beside the trunk, else 0, mm.
    """

    blobs: tuple[Blob, ...]
    tubes: tuple[Tube, ...]
    girth: float
    arms: float
    fat: float
    muscle: float


class _Maker:
    """Collects the organs of one person around a spine."""

    def __init__(self, rng: np.random.Generator, spine: Spine) -> None:
        self.rng, self.spine = rng, spine
        self.level = dict(spine.discs)
        self.blobs: list[Blob] = []
        self.tubes: list[Tube] = []

    def at(self, s: float, left: float, ahead: float) -> Floats:
        """Return a point beside the spine; beyond its ends the axis goes on straight."""
        row = self.spine.row(s)
        point: Floats = self.spine.centre[row] + np.array([left, -ahead, 0.0])
        point[2] -= s - self.spine.s[row]
        return point

    def blob(self, centre: Floats, half: tuple[float, float, float], signal: float) -> None:
        """Add one ellipsoid."""
        self.blobs.append(Blob(centre, np.array(half), signal))

    def walk(self, start: Floats, size: tuple[int, float], radius: float, signal: float) -> None:
        """Add a winding tube of uneven calibre, only partly filled; ``size``: points and step."""
        n, step = size
        rng = self.rng
        heading = np.cumsum(rng.normal(0, 0.24, (n, 2)), axis=0) + rng.uniform(0, 6.28, 2)
        move = np.stack(
            [np.cos(heading[:, 0]), 0.35 * np.sin(heading[:, 1]), np.sin(heading[:, 0])], axis=1
        )
        points = start + np.cumsum(move * step, axis=0)
        k = np.linspace(0, n - 1, 5 * n)
        points = np.stack([np.interp(k, np.arange(n), axis) for axis in points.T], axis=1)
        points = gaussian_filter1d(points, 6, axis=0)
        fold = np.abs(np.sin(k * np.pi * step / (1.1 * radius + 3) + smooth_noise(rng, 5 * n, 12)))
        round_end = np.sqrt(np.clip(np.minimum(k, n - 1 - k) * step / radius, 0, 1))
        wide = radius * (1 - rng.uniform(0.05, 0.4) * (1 - fold)) * round_end
        wide *= 1 + 0.15 * smooth_noise(rng, 5 * n, 20)
        full = np.clip(0.6 + rng.uniform(0.2, 0.9) * smooth_noise(rng, 5 * n, 22), 0.02, 1)
        self.tubes.append(Tube(points, np.clip(wide, 0.4, None), signal * full))


def furnish(rng: np.random.Generator, spine: Spine, female: bool) -> Body:
    """Return a new person's fluid outside the spine."""
    make = _Maker(rng, spine)
    _head(make)
    _neck_and_chest(make)
    _urinary(make)
    _belly(make)
    _pelvis(make, female)
    fat = float(rng.choice([0.0, rng.uniform(0, 0.012), rng.uniform(0.01, 0.05)]))
    arms = float(rng.uniform(55, 85)) if rng.random() < 0.5 else 0.0
    girth, muscle = float(rng.uniform(120, 185)), float(rng.uniform(0, 0.006))
    return Body(tuple(make.blobs), tuple(make.tubes), girth, arms, fat, muscle)


def _head(make: _Maker) -> None:
    """Add posterior fossa, cisterna magna (or low tonsils), folia and inner ears."""
    rng = make.rng
    low = rng.random() < 0.06
    if not low:
        deep = rng.uniform(3, 12)
        make.blob(make.at(-22, rng.normal(0, 1), -10), (rng.uniform(8, 22), deep, 9), 0.9)
    make.blob(make.at(-46, 0, 4), (rng.uniform(4, 8), 6, 11), 0.8)
    for sign in (1, -1):
        make.blob(make.at(-48, sign * 17, 12), (7, 5, 5), 0.6)
        for k in range(8):
            ring = 13 + 4.0 * k
            angle = np.linspace(0.15, 1.45, 40)
            x, z = sign * ring * np.cos(angle) * 1.15, ring * np.sin(angle)
            base = make.at(-20 - (4 if low else 0), 0, -14)
            points = base + np.stack([x, rng.normal(0, 2) + 0 * x, z], axis=1)
            wet = 0.7 * rng.random() * np.clip(rng.normal(0.5, 0.4, 40), 0, 1)
            make.tubes.append(Tube(points, np.full(40, rng.uniform(0.6, 1.2)), wet))
        ear = make.at(-52, sign * rng.uniform(30, 36), 22)
        make.blob(ear, (3.0, 3.0, 2.5), 0.9)
        make.blob(ear + np.array([sign * 5.0, 3, 3]), (2.5, 3.0, 3.0), 0.8)
        make.blob(make.at(10, sign * rng.uniform(46, 56), 18), (9, 12, 17), 0.02 * rng.random())


def _neck_and_chest(make: _Maker) -> None:
    """Add thyroid cysts, shoulder joints, pleural fluid, gullet and pericardial recess."""
    rng = make.rng
    neck, chest = make.level["C7"], make.level["T10"]
    if rng.random() < 0.08:
        r = rng.uniform(2, 8)
        gland = make.at(neck - 5, rng.choice([-1, 1]) * rng.uniform(14, 32), rng.uniform(22, 50))
        make.blob(gland, (r, r, r * 1.3), 0.8)
    for sign in (1, -1):
        for _ in range(int(rng.integers(0, 4))):
            spot = make.at(neck + rng.normal(22, 10), sign * rng.normal(150, 14), rng.normal(0, 12))
            make.blob(spot, (rng.uniform(1, 4), 5, rng.uniform(3, 12)), rng.uniform(0.2, 0.8))
        if rng.random() < 0.08:
            k = np.linspace(0, 1, 40)
            arc = np.stack([-62 * k**2.2, 4 * k, 18 - 62 * k**0.8], axis=1)
            arc = make.at(chest, sign * rng.uniform(92, 112), -12) + arc * [sign, 1, 1]
            wide = rng.uniform(1.5, 6) * np.clip(1.2 - np.abs(k - 0.45) * 2, 0.1, 1)
            wet = rng.uniform(0.2, 0.8) * np.clip(1 + 0.3 * smooth_noise(rng, 40, 4), 0.1, 1)
            make.tubes.append(Tube(arc, wide, wet))
    if rng.random() < 0.15:
        make.walk(make.at(make.level["T8"], 8, 26), (24, 3.0), 3.5, 0.5)


def _urinary(make: _Maker) -> None:
    """Add calyces, pelves, ureters and cysts of the kidneys."""
    rng = make.rng
    for sign in (1, -1):
        top = make.level["L1"] + rng.normal(4, 9) + (6 if sign < 0 else 0)
        ahead = rng.uniform(-2, 30)
        hilum = make.at(top, sign * rng.uniform(42, 54), ahead)
        fill = rng.uniform(0.3, 1.0)
        swollen = 1.9 if rng.random() < 0.06 else 1.0
        make.blob(hilum, (7 * swollen, 4.5 * swollen, 9 * swollen), 0.8 * fill)
        for k in range(int(rng.integers(5, 10))):
            turn = (k / 9 - 0.5) * 2.7 + rng.normal(0, 0.12)
            out = rng.uniform(11, 19)
            side, up = sign * out * np.cos(turn) * 0.8, out * np.sin(turn) * 1.6
            away = np.array([side, rng.normal(0, 5), up])
            r = rng.uniform(1.8, 4.2) * swollen
            make.blob(hilum + away, (r, r, r), 0.8 * fill)
            path = hilum + away * np.linspace(0.2, 1, 12)[:, None]
            make.tubes.append(Tube(path, np.full(12, 0.4 * r), np.full(12, 0.6 * fill)))
        n = 90
        t = np.linspace(0, 1, n)
        low = make.at(make.level["S2"] + 25, sign * 22, ahead + 22)
        course = hilum + (low - hilum) * t[:, None]
        course[:, 0] += -sign * 12 * np.sin(np.pi * t) + 2.5 * np.sin(9 * t + rng.random() * 6)
        wet = np.clip(np.convolve(rng.normal(-0.1, 1, n + 12), np.ones(13) / 4, "valid"), 0, 1)
        make.tubes.append(Tube(course, np.full(n, rng.uniform(0.8, 1.8)), 0.8 * wet * fill))
        for _ in range(int(rng.poisson(0.5))):
            r = rng.uniform(2.5, 14)
            away = np.array([sign * rng.uniform(10, 30), rng.normal(0, 8), rng.normal(0, 28)])
            make.blob(hilum + away, (r, r, r * rng.uniform(0.9, 1.2)), rng.uniform(0.7, 1.0))


def _belly(make: _Maker) -> None:
    """Add gallbladder and ducts, stomach, duodenum, small bowel and colon."""
    rng = make.rng
    high = make.level.get("T12", make.level["T11"])  # a spine may have eleven thoracic vertebrae
    low = make.level["L4"]
    if rng.random() < 0.7:
        neck = make.at(high + rng.uniform(15, 45), -rng.uniform(45, 75), rng.uniform(18, 55))
        tall, lean = rng.uniform(18, 32), rng.uniform(-0.5, 0.5)
        k = np.linspace(-1, 1, 40)
        pear = 12 * np.sqrt(1.02 - k * k) * (0.8 - 0.35 * k)
        line = neck + tall * np.stack([lean * k - 0.2 * k * k, 0.3 * k, k], axis=1)
        make.tubes.append(Tube(line, pear, np.full(40, rng.uniform(0.4, 0.95))))
        make.walk(neck + np.array([18.0, 4, 6]), (26, 2.2), 2.0, 0.7)
    if rng.random() < 0.5:
        spot = make.at(high - rng.uniform(-5, 25), rng.uniform(40, 75), rng.uniform(22, 60))
        make.walk(spot, (26, 5.0), rng.uniform(10, 20), rng.uniform(0.1, 0.7))
    for _ in range(int(rng.integers(0, 8))):
        start = make.at(rng.uniform(high + 20, low + 50), rng.normal(0, 55), rng.uniform(16, 70))
        size = (int(rng.integers(18, 60)), 3.4)
        make.walk(start, size, rng.uniform(5, 11), rng.uniform(0.1, 0.9))
    for sign in (1, -1):
        if rng.random() < 0.35:
            start = make.at(rng.uniform(high, low), sign * rng.uniform(80, 110), rng.uniform(5, 50))
            make.walk(start, (22, 4.5), rng.uniform(10, 18), rng.uniform(0.03, 0.35))


def _pelvis(make: _Maker, female: bool) -> None:
    """Add bladder, ovaries with follicles, free fluid and hip joints."""
    rng = make.rng
    base = make.level["S3"]
    full = rng.uniform(0.5, 1.3)
    spot = make.at(base + rng.uniform(25, 55), rng.normal(0, 5), rng.uniform(30, 75))
    make.blob(spot, (38 * full, 30 * full, 26 * full), 0.95)
    for sign in (1, -1):
        if female and rng.random() < 0.6:
            beside, ahead = sign * rng.uniform(25, 50), rng.uniform(15, 50)
            ovary = make.at(base + rng.normal(10, 10), beside, ahead)
            for _ in range(int(rng.integers(2, 9))):
                r = rng.uniform(1.5, 5) if rng.random() < 0.9 else rng.uniform(8, 20)
                make.blob(ovary + rng.normal(0, 7, 3), (r, r, r), 0.9)
        hip = make.at(base + rng.uniform(45, 60), sign * rng.uniform(84, 96), rng.normal(20, 8))
        for k in np.linspace(0.3, 2.6, 9):
            around = np.array([sign * 24 * np.cos(k), 0, 24 * np.sin(k)])
            make.blob(hip + around, (2.2, 8, 3.5), 0.5 * rng.random())


def shine(rng: np.random.Generator, body: Body, spine: Spine, camera: Camera) -> tuple[Grid, float]:
    """Return what a camera sees of the body, in mm of CSF, and the pitch of that map, mm."""
    n = int(np.ceil(camera.fov / COARSE)) + 3
    axis: Floats = (np.arange(n) - n // 2) * np.float64(COARSE)
    out = np.zeros((n, n))
    for blob in body.blobs:
        _see_blob(out, axis, blob, camera)
    for tube in body.tubes:
        _see_tube(out, axis, tube, camera)
    return (out + _tissue(rng, body, spine, camera, axis)).astype(np.float32), COARSE


def _window(axis: Floats, low: float, high: float) -> slice:
    """Return the samples of an axis between two places."""
    return slice(*np.searchsorted(axis, [low, high]))


def _inside(camera: Camera, depth: Floats, half: Floats) -> Floats:
    """Return the ray length within the slab of a stretch around ``depth``."""
    rim = camera.slab / 2 + 0.3 * camera.soft
    top, foot = np.minimum(depth + half, rim), np.maximum(depth - half, -rim)
    return np.asarray(np.clip(top - foot, 0, None), dtype=np.float64)


def _see_blob(out: Floats, axis: Floats, blob: Blob, camera: Camera) -> None:
    """Add one ellipsoid to the map in place."""
    p, q, d = camera.see(blob.centre)
    a, c, b = blob.half
    rows, cols = _window(axis, q - b, q + b), _window(axis, p - a, p + a)
    y, x = (axis[rows, None] - q) / b, (axis[None, cols] - p) / a
    half = c * np.sqrt(np.clip(1 - x * x - y * y, 0, None))
    out[rows, cols] += blob.signal * _inside(camera, d, half)


def _see_tube(out: Floats, axis: Floats, tube: Tube, camera: Camera) -> None:
    """Add one tube to the map in place."""
    seen = camera.see(tube.points)
    big = tube.radius.max() + 0.5
    rows = _window(axis, seen[:, 1].min() - big, seen[:, 1].max() + big)
    cols = _window(axis, seen[:, 0].min() - big, seen[:, 0].max() + big)
    grid = np.stack(np.meshgrid(axis[rows], axis[cols], indexing="ij"), axis=-1)
    if grid.size == 0:
        return
    far, near = cKDTree(seen[:, 1::-1]).query(grid, distance_upper_bound=big)
    near = np.minimum(near, len(seen) - 1)
    wide = np.maximum(tube.radius[near], 0.6)
    half = np.sqrt(np.clip(wide**2 - np.minimum(far, 1e3) ** 2, 0, None))
    half *= np.minimum(tube.radius[near] / wide, 1)
    out[rows, cols] += tube.signal[near] * _inside(camera, seen[near, 2], half)


def _tissue(
    rng: np.random.Generator, body: Body, spine: Spine, camera: Camera, axis: Floats
) -> Floats:
    """Return the faint remains of muscle and fat within the silhouette."""
    seen = camera.see(spine.centre)
    s = np.interp(axis, seen[:, 1], spine.s)
    middle = np.interp(axis, seen[:, 1], seen[:, 0])
    level = dict(spine.discs)
    knots = [-40, 0, level["C5"], level["T1"], level["T4"], level["L3"], spine.end_mm + 30]
    half = np.interp(s, knots, [74, 60, 58, body.girth, body.girth, 0.85 * body.girth, body.girth])
    inward = half[:, None] - np.abs(axis[None, :] - middle[:, None])
    edge = np.clip(inward / 3, 0, 1)
    grain = gaussian_filter(rng.normal(size=inward.shape), (4, 1.5))
    grain = 1 + 0.5 * grain / grain.std()
    rim = np.exp(-np.clip(inward, 0, None) / 14)
    if body.arms > 0:
        outward = np.abs(inward + body.arms + 6) - 0.5 * body.arms
        arm = np.clip(-outward / 4, 0, 1) * (s > level["T2"])[:, None]
        edge, rim = edge + 0.8 * arm, rim + arm * np.exp(np.clip(outward, None, 0) / 9)
    return np.asarray(camera.slab * edge * np.clip(grain, 0, None) * (body.muscle + body.fat * rim))

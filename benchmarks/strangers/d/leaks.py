"""Leaks and cysts as trails of blobs along a root, and how they look beside the canal.

A leak is asked for by grade (DESIGN, scale of cisternography): how bright it shall be against the
canal at its best time and how long against the canal's width, both as a camera without noise and
scatter sees them; its trail's length is searched for that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks.strangers.d.body import Body, Floats
from benchmarks.strangers.d.tracer import Drift, fed, line_at
from myeloscope.domain.anatomy import Segment
from myeloscope.domain.grade import Grade

HOT, FAINT = 0.5, 0.1
"""Of the canal's brightness beside it (bounds of the package's phantom, whose grades these are)."""
ACROSS = {
    Grade.POSSIBLE: (0.7, 1.5),
    Grade.PROBABLE: (0.65, 0.92),
    Grade.DEFINITE: (1.1, 2.4),
}
BRIGHT = {Grade.POSSIBLE: (0.18, 0.42), Grade.PROBABLE: (0.6, 1.5), Grade.DEFINITE: (0.6, 1.8)}


@dataclass(frozen=True, slots=True, eq=False)
class Pocket:
    """Tracer beside the sac: points in patient mm, its course, and how it looks."""

    segment: Segment
    left: bool
    cyst: bool
    points: Floats
    held: Floats
    ratios: Floats
    length: float
    canal: float

    @property
    def grades(self) -> tuple[Grade, ...]:
        """Return the grade at each time."""
        if self.cyst:
            return tuple(Grade.NONE for _ in self.ratios)
        hot = Grade.DEFINITE if self.length > self.canal else Grade.PROBABLE
        return tuple(
            Grade.NONE if r < FAINT else Grade.POSSIBLE if r < HOT else hot for r in self.ratios
        )


def look(points: Floats, fwhm: float) -> tuple[float, float]:
    """Return width across (FWHM, mm) and peak (1/mm2) of points (n, 2: x, z) of unit activity."""
    low = points.min(axis=0) - 45
    size = (points.max(axis=0) - low + 45).astype(int) + 1
    flat, _, _ = np.histogram2d(
        points[:, 0], points[:, 1], bins=size.tolist(),
        range=[(low[0], low[0] + size[0]), (low[1], low[1] + size[1])],
    )  # fmt: skip
    seen = gaussian_filter(flat / len(points), fwhm / 2.355)
    course = seen.max(axis=1)
    fine = np.interp(np.arange(0, len(course) - 1, 0.1), np.arange(len(course)), course)
    return float((fine >= 0.5 * fine.max()).sum() * 0.1), float(seen.max())


def canal_look(body: Body, s: float, fwhm: float) -> tuple[float, float]:
    """Return the canal's width across (FWHM, mm) and peak (1/mm) for unit activity per mm."""
    half = 0.5 * float(body.width(np.array([s]))[0])
    q = np.arange(-60.0, 60.0, 0.5)
    chord = np.sqrt(np.maximum(half**2 - q**2, 0))
    cord = 5.0 if s < body.level("T12", 0.5) else 0.0
    chord = np.maximum(chord - 0.8 * np.sqrt(np.maximum(cord**2 - q**2, 0)), 0)
    seen = gaussian_filter(chord / (chord.sum() * 0.5), fwhm / 2.355 / 0.5)
    return float((seen >= 0.5 * seen.max()).sum() * 0.5), float(seen.max())


def trail(
    rng: np.random.Generator, body: Body, root: tuple[Segment, bool], length: float, lumps: int
) -> Floats:
    """Return points (n, 3) of a leak of a length along its root, uneven by lumps."""
    segment, left = root
    s, way = body.roots[segment], 1.0 if left else -1.0
    half = 0.5 * float(body.width(np.array([s]))[0])
    base = body.place(s)
    fall = {"C": 0.15, "T": 0.35, "L": 0.9, "S": 1.2}[segment.value[0]] + rng.normal(0, 0.15)
    parts = np.sort(rng.random(lumps)) if lumps > 1 else np.array([0.5])
    parts = np.concatenate([[0.0], parts, [1.0]])
    weight = rng.uniform(0.5, 1.5, len(parts))
    count = rng.multinomial(700, weight / weight.sum())
    along = np.concatenate([rng.random(900) ** 1.15, np.repeat(parts, count)])
    out = 1.0 + along * length
    loose = rng.standard_normal((len(out), 3)) * np.array([1.8, 2.5, rng.uniform(2, 5)])
    drop = -fall * 0.6 * out
    middle = np.stack([way * (half + out), np.full(len(out), rng.normal(2, 3)), drop], axis=1)
    return np.asarray(base + middle + loose)


def make_leak(
    rng: np.random.Generator, body: Body, drift: Drift, root: tuple[Segment, bool], grade: Grade,
    seen: tuple[float, tuple[float, ...]],
) -> Pocket:  # fmt: skip
    """Return a leak of a grade at a root and side; ``seen``: resolution (mm) and times (h)."""
    fwhm, hours = seen
    s = body.roots[root[0]]
    canal, canal_peak = canal_look(body, s, fwhm)
    wanted = canal * float(rng.uniform(*ACROSS[grade]))
    bright = float(rng.uniform(*BRIGHT[grade]))
    seed, lumps = int(rng.integers(2**31)), int(rng.integers(1, 6))
    emptied = float(rng.uniform(0.03, 0.4))
    low, high = 0.0, 90.0
    for _ in range(10):
        middle = 0.5 * (low + high)
        points = trail(np.random.default_rng(seed), body, root, middle, lumps)
        length, peak = look(points[:, [0, 2]], fwhm)
        low, high = (middle, high) if length < wanted else (low, middle)
    held = fed(drift, body, s, (emptied, 0.0), hours)
    line = np.array([np.interp(s, body.s, line_at(drift, body, at)) for at in hours])
    ratios = held * peak / np.maximum(line * canal_peak, 1e-15)
    scale = bright / float(ratios.max())
    return Pocket(*root, False, points, held * scale, ratios * scale, length, canal)


def make_cyst(
    rng: np.random.Generator, body: Body, drift: Drift, root: tuple[Segment, bool],
    seen: tuple[float, tuple[float, ...]],
) -> Pocket:  # fmt: skip
    """Return a round cyst at a root that fills slowly to no more than a tenth of the canal."""
    fwhm, hours = seen
    s = body.roots[root[0]]
    canal, canal_peak = canal_look(body, s, fwhm)
    radius = float(rng.uniform(3, 7))
    half = 0.5 * float(body.width(np.array([s]))[0])
    middle = body.place(s) + np.array([(1 if root[1] else -1) * (half + 0.8 * radius), 0, -3.0])
    ball = rng.standard_normal((600, 3))
    ball *= radius * (rng.random(600) ** (1 / 3) / np.linalg.norm(ball, axis=1))[:, None]
    length, peak = look((middle + ball)[:, [0, 2]], fwhm)
    held = fed(drift, body, s, (0.05, 0.0), hours)
    line = np.array([np.interp(s, body.s, line_at(drift, body, at)) for at in hours])
    ratios = held * peak / np.maximum(line * canal_peak, 1e-15)
    scale = float(rng.uniform(0.02, 0.1)) / float(ratios.max())
    return Pocket(*root, True, middle + ball, held * scale, ratios * scale, length, canal)

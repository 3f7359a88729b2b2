"""Tracer beside the sac: leaks by the scale, and cysts, with their apparent size and brightness.

The grade follows by construction (DESIGN, "The scale", RIC): a leak is first given whether it
shall be hot and how long it shall be; its form is fitted so that its apparent length is that, its
rate of filling so that its apparent brightness over the canal's reaches what is wanted at the best
time. Apparent means: of a picture without noise, scatter and attenuation, at the camera's
resolution at the spine. Length is the full width at half maximum of the pool's own profile across
the axis, brightness its peak over the canal's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from myeloscope.domain.grade import FindingKind, Grade
from myeloscope.phantom.mimics import Mimic
from myeloscope.phantom.sleeves import Sleeve
from myeloscope.phantom.spine import Floats, Spine
from myeloscope.phantom.tracer import Courses, Kinetics, Pocket, flow_courses

HOT = 0.5
"""Activity over the canal's from which on it is called hot: half of it (estimate; PAPER names no
figure)."""
FAINT = 0.10
"""Activity over the canal's below which no reader could see it beside the canal (estimate)."""
RASTER_MM = 1.0
POINTS = 500


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Fluid beside the sac.

    Attributes
    ----------
    sleeve
        Its root and side.
    mimic
        The cyst that it is, ``None`` for a leak.
    s, q, w
        Its points in axis coordinates (n,), mm; each carries the same part.
    pocket
        How it fills.
    length, canal
        Apparent length, and the canal's apparent width there, mm.
    peak, canal_peak
        Peak of its picture for unit activity (1/mm2), and of the canal's for unit activity per mm
        (1/mm).
    """

    sleeve: Sleeve
    mimic: Mimic | None
    s: Floats
    q: Floats
    w: Floats
    pocket: Pocket
    length: float
    canal: float
    peak: float
    canal_peak: float

    def ratios(self, courses: Courses, index: int) -> Floats:
        """Return its brightness over the canal's at each time, shape (times,)."""
        line = np.array([np.interp(self.sleeve.s, courses.s, row) for row in courses.line])
        return np.asarray(
            courses.pockets[:, index] * self.peak / np.maximum(line * self.canal_peak, 1e-12)
        )

    def grade(self, ratio: float) -> Grade:
        """Return the grade of a brightness over the canal's."""
        if self.mimic is not None or ratio < FAINT:
            return Grade.NONE
        if ratio < HOT:
            return Grade.POSSIBLE
        return Grade.DEFINITE if self.length > self.canal else Grade.PROBABLE


def canal_profile(spine: Spine, s: float, fwhm: float) -> tuple[float, float]:
    """Return the canal's apparent width (mm) and peak (1/mm) at ``s`` for unit activity per mm."""
    at = np.array([s])
    a, b = (float(spine.at(v, at)[0]) for v in (spine.half_width, spine.half_depth))
    ca, cb = (float(spine.at(v, at)[0]) for v in (spine.cord_half_width, spine.cord_half_depth))
    q = np.arange(-60, 60 + RASTER_MM / 4, RASTER_MM / 2)
    free = b * np.sqrt(np.maximum(1 - (q / max(a, 1)) ** 2, 0))
    if ca > 0:
        free -= cb * np.sqrt(np.maximum(1 - (q / ca) ** 2, 0))
    free = np.maximum(free, 0)
    free /= max(free.sum() * RASTER_MM / 2, 1e-9)
    seen = gaussian_filter1d(free, fwhm / 2.3548 / (RASTER_MM / 2))
    return width_at_half(seen, RASTER_MM / 2), float(seen.max())


def width_at_half(profile: Floats, step: float) -> float:
    """Return the full width at half maximum around the peak of a profile, mm (linear)."""
    top = int(profile.argmax())
    half = 0.5 * float(profile[top])
    edges = []
    for way in (1, -1):
        i = top
        while 0 <= i + way < len(profile) and profile[i + way] >= half:
            i += way
        beyond = i + way
        part = 0.5
        if 0 <= beyond < len(profile):
            part = float((profile[i] - half) / max(profile[i] - profile[beyond], 1e-12))
        edges.append(i + way * part)
    return (edges[0] - edges[1]) * step


def pool_picture(s: Floats, q: Floats, fwhm: float) -> tuple[float, float]:
    """Return a pool's apparent length across the axis (mm) and peak (1/mm2) for unit activity."""
    low = np.array([s.min(), q.min()]) - 40
    shape = tuple(int(v) + 1 for v in (np.array([s.max(), q.max()]) + 40 - low) / RASTER_MM)
    i = ((s - low[0]) / RASTER_MM).astype(np.intp)
    j = ((q - low[1]) / RASTER_MM).astype(np.intp)
    flat = np.bincount(i * shape[1] + j, minlength=shape[0] * shape[1]) / len(s)
    seen = gaussian_filter(flat.reshape(shape), fwhm / 2.3548 / RASTER_MM) / RASTER_MM**2
    return width_at_half(seen.max(axis=0), RASTER_MM), float(seen.max())


def _scattered(
    rng: np.random.Generator, spine: Spine, sleeve: Sleeve, length: float
) -> tuple[Floats, Floats, Floats]:
    """Return points of a leak that runs along its root from the sac's edge outward."""
    wide = float(rng.uniform(5, 14)) * (1.6 if rng.random() < 0.25 else 1.0)
    slope = float(np.clip(1 / np.tan(sleeve.angle) + rng.normal(0, 0.15), -0.3, 1.3))
    thin = float(rng.uniform(0.0, 0.5))
    r = rng.random(POINTS) ** (1 + thin)
    r = 1.0 + r * length
    s = sleeve.s + slope * r + rng.normal(0, wide / 2, POINTS)
    s = np.clip(s, spine.s[0] + 1, spine.s[-1] - 1)
    a = spine.at(spine.half_width, s)
    return s, sleeve.sign * (a + r), rng.normal(2, 4, POINTS)


def make_leak_pool(
    rng: np.random.Generator, spine: Spine, sleeve: Sleeve, grade: Grade, fwhm: float
) -> tuple[Pool, float]:
    """Return a leak of a grade, and the brightness over the canal's that it shall reach."""
    canal, canal_peak = canal_profile(spine, sleeve.s, fwhm)
    share = {1: (0.75, 1.6), 2: (0.70, 0.93), 3: (1.08, 2.6)}[int(grade)]
    wanted = canal * float(rng.uniform(*share))
    bright = float(rng.uniform(0.62, 1.7)) if grade > Grade.POSSIBLE else float(
        rng.uniform(0.16, 0.42)
    )  # fmt: skip
    seed = int(rng.integers(2**31))
    low, high = 0.5, 90.0
    for _ in range(12):
        middle = 0.5 * (low + high)
        s, q, w = _scattered(np.random.default_rng(seed), spine, sleeve, middle)
        length, peak = pool_picture(s, q, fwhm)
        low, high = (middle, high) if length < wanted else (low, middle)
    pocket = Pocket(
        s=sleeve.s,
        rate_in=0.2,
        rate_out=float(rng.uniform(0.02, 0.25)),
        rate_back=float(rng.uniform(0.0, 0.3)),
    )
    return Pool(sleeve, None, s, q, w, pocket, length, canal, peak, canal_peak), bright


def make_cyst_pool(rng: np.random.Generator, spine: Spine, mimic: Mimic, fwhm: float) -> Pool:
    """Return a cyst that fills through its neck and empties again the same way.

    Most meningeal cysts fill late, over many hours to weeks (Tarlov, J Neurol Neurosurg Psychiatry
    1970;33:833); some meningoceles (one in three here) communicate freely and fill within an hour
    or so, as at myelography. The rates are estimates.
    """
    body = mimic.bodies[0]
    ball = rng.standard_normal((POINTS, 3))
    ball *= (rng.random(POINTS) ** (1 / 3) / np.linalg.norm(ball, axis=1))[:, None]
    points = np.asarray(body.centre) + ball * np.asarray(body.axes)
    nearest = np.linalg.norm(spine.centre - np.asarray(body.centre), axis=1).argmin()
    frame = points - spine.centre[nearest]
    along = np.cross(spine.across[nearest], spine.deep[nearest])
    s = spine.s[nearest] - frame @ along
    q = frame @ spine.across[nearest]
    canal, canal_peak = canal_profile(spine, mimic.sleeve.s, fwhm)
    length, peak = pool_picture(s, q, fwhm)
    at = np.array([mimic.sleeve.s])
    area = float(np.pi * spine.at(spine.half_width, at)[0] * spine.at(spine.half_depth, at)[0])
    volume = 4.19 * float(np.prod(body.axes))
    free = mimic.kind is FindingKind.MENINGOCELE and rng.random() < 0.35
    exchange = float(np.exp(rng.uniform(*np.log((0.7, 4.0) if free else (0.003, 0.04)))))
    pocket = Pocket(
        s=mimic.sleeve.s,
        rate_in=exchange * volume / (0.7 * area * 5.0),
        rate_out=0.02,
        rate_back=exchange,
    )
    return Pool(mimic.sleeve, mimic, s, q, frame @ spine.deep[nearest], pocket, length, canal, peak,
                canal_peak)  # fmt: skip


def fill(
    spine: Spine,
    kinetics: Kinetics,
    pools: Sequence[Pool],
    bright: Sequence[float | None],
    hours: Sequence[float],
) -> tuple[tuple[Pool, ...], Courses]:
    """Scale the leaks' filling so that each reaches its brightness at its best time.

    ``bright`` is ``None`` for pools that fill as they are. Returns the pools with their rates, and
    the courses of all tracer.
    """
    made = list(pools)
    courses = flow_courses(spine, kinetics, [pool.pocket for pool in made], hours)
    for _ in range(6):
        worst = 0.0
        for index, (pool, goal) in enumerate(zip(made, bright, strict=True)):
            if goal is None:
                continue
            factor = goal / max(float(pool.ratios(courses, index).max()), 1e-9)
            worst = max(worst, abs(np.log(factor)))
            rate = float(np.clip(pool.pocket.rate_in * factor, 1e-4, 60.0))
            made[index] = replace(pool, pocket=replace(pool.pocket, rate_in=rate))
        if worst < 0.01:
            break
        courses = flow_courses(spine, kinetics, [pool.pocket for pool in made], hours)
    return tuple(made), courses

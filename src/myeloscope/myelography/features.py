"""Measured features of a candidate: how far, how wide, how bright, how round, how textured."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np
from scipy.ndimage import binary_erosion, find_objects, gaussian_filter, gaussian_filter1d, label

from myeloscope.geometry.ranks import percentile
from myeloscope.myelography.candidates import CELL_AREA, BoolImage, Candidate
from myeloscope.myelography.lateral import FloatArray
from myeloscope.myelography.sac import STEP_MM

QUARTER = 0.25
"""Signal ends where it falls to a quarter of the finding's own brightness (DESIGN, "Words")."""


@dataclass(frozen=True, slots=True)
class Features:
    """What was measured of one candidate; lengths in mm, areas in mm^2, brightness over the sac's.

    Attributes
    ----------
    area
        Area that the normal sleeve does not explain.
    brightness
        90th percentile of the signal there.
    contrast
        The same over the quiet spread of its surroundings.
    near
        Distance of the nearest of it from the sac's edge.
    reach
        How far its signal reaches from the sac's edge, across the axis.
    tip
        Where the expected normal sleeve of that root ends.
    base
        Its width along the sac, next to the sac.
    taper
        Its width at 0.7 of the reach over that at 0.2: 0.4 in a triangle, 1 or more in a fan.
    expansion
        Unexplained area next to the sac, up to 3 mm beyond the normal tip.
    lateral
        Unexplained area beyond the longest normal sleeve.
    texture
        Spread of the fine structure beyond noise, over the brightness: streaks and meshes.
    dome_diameter, dome_distance
        Diameter of the sphere that fits the brightest spot, and its middle's distance from the
        edge.
    dome_fit
        How well the spot follows a sphere's projection, 0-1.
    dome_rim
        Signal just outside the sphere over its peak: near 0 at a sharp rim.
    rest
        Unexplained area outside the sphere.
    run
        Length along the sac of the whole connected signal it is part of.
    off_course
        Mean distance, along the sac, of the lateral part from the root's course, over 2 mm more
        than its mean distance from the sac: 0 on the course, about 1 at 45 degrees to it.
    upright
        Spread along the sac of the lateral part over its spread outward: ghosts and vessels that
        run beside the sac are upright, leaks follow the root.
    lateral_contrast
        Mean signal of the lateral part over the quiet spread.
    mass_ratio, brightness_ratio
        Logarithm of the root's signal near the sac, and of its brightness there, over its
        neighbours'.
    """

    area: float
    brightness: float
    contrast: float
    near: float
    reach: float
    tip: float
    base: float
    taper: float
    expansion: float
    lateral: float
    texture: float
    dome_diameter: float
    dome_distance: float
    dome_fit: float
    dome_rim: float
    rest: float
    run: float
    off_course: float
    upright: float
    lateral_contrast: float
    mass_ratio: float
    brightness_ratio: float

    @property
    def extent(self) -> float:
        """Return how far the signal reaches beyond the normal sleeve's tip, mm."""
        return max(0.0, self.reach - self.tip)

    def as_record(self) -> dict[str, float]:
        """Return the features by name."""
        return {**asdict(self), "extent": self.extent}


def measure_candidate(candidate: Candidate) -> Features:
    """Measure a candidate."""
    side, lateral = candidate.side, candidate.side.lateral
    box = (candidate.rows, candidate.columns)
    smooth, d = side.smooth[box], lateral.d_mm[candidate.columns]
    bright = percentile(smooth[candidate.excess], 90.0)
    spread = float(side.spread[candidate.rows].mean())
    level = max(QUARTER * bright, 2.5 * spread)
    reach = _reach(np.where(candidate.region, smooth, 0.0), d, level)
    tip = candidate.root.normal.sleeve_mm
    longest = tip + 2 * candidate.root.normal.sleeve_sd_mm
    widths = (candidate.region & (smooth > level)).sum(axis=0) * STEP_MM
    excess_by_d = candidate.excess.sum(axis=0) * CELL_AREA
    dome = _fit_dome(candidate, smooth)
    course = _follow_course(candidate, smooth, longest)
    return Features(
        area=candidate.area_mm2,
        brightness=bright,
        contrast=bright / spread,
        near=float(d[candidate.region.any(axis=0)].min()),
        reach=reach,
        tip=tip,
        base=float(np.interp(1.0, d, widths)) if d[0] <= 1.0 else 0.0,
        taper=_width_at(widths, d, 0.7 * reach) / max(_width_at(widths, d, 0.2 * reach), STEP_MM),
        expansion=float(excess_by_d[d <= tip + 3.0].sum()),
        lateral=float(excess_by_d[d > longest].sum()),
        texture=_texture(candidate, bright),
        dome_diameter=dome.diameter,
        dome_distance=dome.distance,
        dome_fit=dome.fit,
        dome_rim=dome.rim,
        rest=dome.rest,
        run=candidate.run_mm,
        off_course=course.off,
        upright=course.upright,
        lateral_contrast=course.contrast / spread,
        mass_ratio=float(side.mass[side.roots.index(candidate.root)]),
        brightness_ratio=float(side.brightness[side.roots.index(candidate.root)]),
    )


def _reach(signal: FloatArray, d: FloatArray, level: float) -> float:
    """Return the furthest distance at which at least 1 mm of the signal is above a level."""
    rows = round(1.0 / STEP_MM)
    if len(signal) < rows:
        return float(d[-1])
    second = np.partition(signal, -rows, axis=0)[-rows]
    above = np.flatnonzero(second >= level)
    if len(above) == 0:
        return float(d[0])
    last = above[-1]
    if last + 1 >= len(second):
        return float(d[last])
    part = (second[last] - level) / max(second[last] - second[last + 1], 1e-9)
    return float(d[last] + part * STEP_MM)


def _width_at(widths: FloatArray, d: FloatArray, at: float) -> float:
    near = np.abs(d - at) <= 1.0
    return float(widths[near].mean()) if near.any() else 0.0


FINE_MM, COARSE_MM = 0.5, 2.0
"""Blurs between which structure counts as texture, mm."""


def _texture(candidate: Candidate, bright: float) -> float:
    """Return the spread of structure of 0.5 to 2 mm within the excess, less the noise's share."""
    lateral = candidate.side.lateral
    core = binary_erosion(candidate.region, np.ones((3, 3), dtype=bool), border_value=1)
    use = candidate.excess & core
    if use.sum() < 8:
        use = candidate.excess
    box = find_objects(use.view(np.int8))[0]
    top, left = candidate.rows.start + box[0].start, candidate.columns.start + box[1].start
    high, wide = use[box].shape
    margin = round(4 * COARSE_MM / STEP_MM)
    above, before = min(top, margin), min(left, margin)
    raw = lateral.signal[top - above : top + high + margin, left - before : left + wide + margin]
    rows, columns = slice(above, above + high), slice(before, before + wide)
    fine, coarse = (
        gaussian_filter1d(gaussian_filter1d(raw, mm / STEP_MM, axis=0)[rows], mm / STEP_MM)
        for mm in (FINE_MM, COARSE_MM)
    )
    inner = (fine - coarse)[:, columns][use[box]]
    noise = 0.28 * float(lateral.noise[candidate.rows].mean())
    return float(np.sqrt(max(0.0, inner.var() - noise**2)) / bright)


@dataclass(frozen=True, slots=True)
class _Dome:
    diameter: float
    distance: float
    fit: float
    rim: float
    rest: float


def _fit_dome(candidate: Candidate, smooth: FloatArray) -> _Dome:
    """Fit a sphere's projection (chord length) to the brightest spot of the excess."""
    d = candidate.side.lateral.d_mm[candidate.columns]
    (row, column), radius, peak = _brightest_spot(candidate, smooth)
    around = (1.3 * radius + 2.0) / STEP_MM + 9.0
    part = _part_around((row, column), around, smooth.shape)
    rows, columns = np.ogrid[part]
    r = np.hypot(rows - row, columns - column) * STEP_MM
    chord = np.sqrt(np.clip(1 - (r / radius) ** 2, 0, None))
    near = (r <= 1.25 * radius) & (d[part[1]] > 1.0)
    fit = _correlation(gaussian_filter(chord, 1.0 / STEP_MM)[near], smooth[part][near])
    normal = candidate.side.normal[candidate.rows, candidate.columns][part]
    ring = (r > 1.2 * radius) & (r < 1.2 * radius + 2.0) & ~normal
    rim = float(np.mean(smooth[part][ring])) / peak if ring.any() else 0.0
    inside_it = candidate.excess[part] & (r <= 1.3 * radius + 0.7)
    rest = float(candidate.excess.sum() - inside_it.sum()) * CELL_AREA
    distance = float(np.interp(column, np.arange(len(d)), d))
    return _Dome(2 * radius, distance, fit, rim, rest)


def _brightest_spot(
    candidate: Candidate, smooth: FloatArray
) -> tuple[tuple[float, float], float, float]:
    """Return the middle (row, column) of the excess's brightest spot, its radius, mm, and its peak.

    The spot is what exceeds half the peak around it; a sphere's chord is half its diameter at
    0.866 of the radius, so the radius is that of the spot's area over 0.866.
    """
    inside = np.where(candidate.excess, smooth, 0.0)
    peak_at = np.unravel_index(int(inside.argmax()), inside.shape)
    peak = float(inside[peak_at])
    spot = _connected(np.where(candidate.region, smooth, 0.0) > 0.5 * peak, peak_at)
    row, column = (float(v.mean()) for v in np.nonzero(spot))
    return (row, column), float(np.sqrt(spot.sum() * CELL_AREA / np.pi) / 0.866), peak


def without_spot(candidate: Candidate) -> tuple[Candidate, Candidate]:
    """Return a candidate's brightest spot and what is left of the candidate beside it."""
    smooth = candidate.side.smooth[candidate.rows, candidate.columns]
    (row, column), radius, _ = _brightest_spot(candidate, smooth)
    rows, columns = np.ogrid[: smooth.shape[0], : smooth.shape[1]]
    ball = np.hypot(rows - row, columns - column) * STEP_MM <= 1.15 * radius + RIM_MM
    spot, rest = (
        replace(candidate, region=candidate.region & part, excess=candidate.excess & part)
        for part in (ball, ~ball)
    )
    return spot, replace(rest, tied=True)


RIM_MM = 0.7
"""Blur of the image, which a spot's rim is taken to be wide."""


def _part_around(
    middle: tuple[float, float], reach: float, shape: tuple[int, ...]
) -> tuple[slice, slice]:
    """Return the part of an image within a number of samples of a place, rows and columns."""
    rows, columns = (
        slice(max(0, int(at - reach)), min(count, int(at + reach) + 1))
        for at, count in zip(middle, shape, strict=True)
    )
    return rows, columns


@dataclass(frozen=True, slots=True)
class _Course:
    off: float
    upright: float
    contrast: float


def _follow_course(candidate: Candidate, smooth: FloatArray, longest: float) -> _Course:
    """Measure how the part of the excess beyond the longest normal sleeve lies to the root."""
    d = candidate.side.lateral.d_mm[candidate.columns]
    part = candidate.excess & (d > longest)
    if part.sum() < 6:
        return _Course(0.0, 0.0, 0.0)
    rows, columns = np.nonzero(part)
    s, out = (candidate.rows.start + rows) * STEP_MM, d[columns]
    course = candidate.root.s_mm + candidate.root.normal.slope * out
    off = min(np.abs(s - course).mean(), np.abs(s - candidate.root.line_mm(out)).mean())
    off /= 2.0 + out.mean()
    upright = (s.std() + 0.5) / (out.std() + 0.5)
    return _Course(float(off), float(upright), float(smooth[part].mean()))


def _connected(mask: BoolImage, at: tuple[np.intp, ...]) -> BoolImage:
    """Return the part of a mask that is connected with one of its places."""
    regions, _ = label(mask)
    return np.asarray(regions == regions[at])


def _correlation(a: FloatArray, b: FloatArray) -> float:
    """Return Pearson's correlation of two rows of values, 0 where it is negative or unknown."""
    if len(a) < 4:
        return 0.0
    both = np.stack([a, b])
    both -= both.mean(axis=1, keepdims=True)
    moments = both @ both.T * (1.0 / (len(a) - 1))
    if moments[0, 0] == 0 or moments[1, 1] == 0:
        return 0.0
    deviations = np.sqrt(moments.diagonal())
    return min(max(float(moments[0, 1] / deviations[0] / deviations[1]), 0.0), 1.0)

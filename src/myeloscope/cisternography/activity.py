"""Canal and background in each straight picture, and what neither explains.

Background is what lies beside the canal and its leaks (scatter, blood, soft tissue, the feet of
kidneys); the canal's own profile is learnt from the patient: at each level the same on both sides
and in the rows around, so that a leak, which is local and mostly one-sided, moves it little.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import (
    binary_closing,
    binary_erosion,
    binary_opening,
    gaussian_filter1d,
    label,
    minimum_filter1d,
    percentile_filter,
)

from myeloscope.cisternography.bounds import BOUNDS, Bounds
from myeloscope.cisternography.canal import CORE_MM, Canal, Straight
from myeloscope.cisternography.planar import STEP_MM
from myeloscope.geometry.ranks import percentile, percentiles

Floats = NDArray[np.float64]

FLANK_MM = (22.0, 62.0)
ROOM_MM = 28.0
EDGE_ROWS = int(10.0 / STEP_MM) | 1
"""Room that the crystal must have seen beside the axis, and how near its edge a row may lie."""
END_ROWS = int(8.0 / STEP_MM) | 1
"""Rows around one that must be valid at a time for evidence to count there."""
WIDE, DIM = 0.25, 0.08
WINDOW_MM = 90.0
WIDTH_WINDOW_MM = 110.0
SHAPE_AT = np.arange(0.0, 12.0, 0.125)
"""Where the canal's shape is kept, in half widths at half maximum."""
LOCAL = 0.06
"""Most that a level's own profile may differ from the canal's shape."""
AXIS_MM = 0.8
"""How far the axis may be off, mm: at the canal's steep edge that looks like activity."""
TYPICAL = 38.0
"""Percentile of both sides and the rows around that stands for the canal without leaks."""


@dataclass(frozen=True, eq=False)
class Activity:
    """One time taken apart; arrays have shape (rows,) or (rows, columns).

    Attributes
    ----------
    straight
        The straight picture.
    canal
        Canal's counts per mm2 at its middle.
    background
        Counts per mm2 beside it, shape (rows, columns): right and left may differ.
    width
        The canal's apparent width (FWHM, corrected for our own smoothing), mm.
    excess
        Counts per mm2 that canal and background do not explain.
    error
        Standard error of ``excess``: Poisson's, and that of the canal's profile.
    valid
        Rows in which the canal is bright and sure enough to judge what lies beside it.
    wide
        Rows in which something wider than a canal lies.
    """

    straight: Straight
    canal: Floats
    background: Floats
    width: Floats
    excess: Floats
    error: Floats
    valid: NDArray[np.bool_]
    wide: NDArray[np.bool_]

    @cached_property
    def firm(self) -> NDArray[np.bool_]:
        """Return the rows at which evidence counts: those amid valid ones."""
        return np.asarray(binary_erosion(self.valid, np.ones(END_ROWS, bool)))

    @cached_property
    def along(self) -> Floats:
        """Return the excess smoothed a little along the canal."""
        return np.asarray(gaussian_filter1d(self.excess, 0.8, axis=0))

    @property
    def ratio(self) -> Floats:
        """Return excess over the canal's activity at that level, zero where that is not valid."""
        safe = np.where(self.valid, self.canal, np.inf)
        return np.asarray(self.excess / safe[:, None])


def take_apart(canal: Canal, straight: Straight, bounds: Bounds = BOUNDS) -> Activity:
    """Return one time taken apart into canal, background and the rest."""
    q = canal.q
    background = _background(q, straight)
    net = straight.counts - background
    core = np.abs(q) <= CORE_MM
    amplitude = _amplitude(net[:, core])
    error = np.sqrt(straight.variance[:, core].mean(axis=1) / 2.0)
    inner = _inner(q, straight.counts)
    wide = _wide_rows(inner)
    # a bladder in the axis's way is no canal, and may be brighter than any
    brightest = percentile(amplitude[~wide], 95.0) if not wide.all() else 0.0
    valid = (
        (amplitude > bounds.least_canal * error)
        & (amplitude > bounds.least_share * brightest)
        & minimum_filter1d(straight.seen[:, np.abs(q) <= ROOM_MM].all(axis=1), EDGE_ROWS)
        & ~_dim_rows(inner, wide)
        & ~wide
    )
    valid = _longest(valid)
    profile, spread = _typical(q, net, amplitude, valid)
    excess = net - amplitude[:, None] * profile
    slope = np.abs(np.gradient(profile, STEP_MM, axis=1)) * AXIS_MM
    doubt = np.sqrt(straight.variance + amplitude[:, None] ** 2 * (spread**2 + slope**2))
    return Activity(
        straight, amplitude, background, _widths(q, profile, straight.moment.spread_mm),
        np.where(straight.seen, excess, 0.0), doubt, valid, wide,
    )  # fmt: skip


def _longest(valid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the longest stretch of valid rows, gaps of 15 mm apart: beyond them is no canal."""
    marks, count = label(binary_closing(valid, np.ones(int(15.0 / STEP_MM) | 1, bool)))
    if count < 2:
        return valid
    sizes = np.bincount(marks, weights=valid)
    sizes[0] = 0
    return np.asarray(valid & (marks == int(sizes.argmax())))


def _wide_rows(inner: tuple[Floats, Floats]) -> NDArray[np.bool_]:
    """Return the rows of something wide: activity on both sides almost as bright as in the middle.

    Basal cisterns and brain do so over more than 32 mm, leaks on both sides of a level do not.
    """
    net, share = inner
    bright = net > DIM * percentile(net, 95.0)
    run = int(32.0 / STEP_MM)
    return np.asarray(binary_opening((share > WIDE * net) & bright, np.ones(run, bool)))


def _dim_rows(inner: tuple[Floats, Floats], wide: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the rows in which the middle hardly stands out of what lies around it."""
    net, share = inner
    bright = percentile(net[~wide], 95.0) if not wide.all() else 0.0
    return np.asarray((net <= DIM * bright) & (share > 0.45 * net))


def _inner(q: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Return the middle's counts, and those 14-26 mm beside it (dimmer side), over far ones."""

    def course(columns: NDArray[np.bool_]) -> Floats:
        return np.asarray(gaussian_filter1d(counts[:, columns].mean(axis=1), 4.0 / STEP_MM))

    core = course(np.abs(q) <= 4)
    sides = [course((way * q > 14) & (way * q < 26)) for way in (1, -1)]
    far = np.minimum(*(course(way * q > 80) for way in (1, -1)))
    return core - far, np.minimum(*sides) - far


def _background(q: Floats, straight: Straight) -> Floats:
    """Return the background of each place: a low percentile of each side's flank, smooth along.

    A side whose flank is much brighter than the other's is not believed: kidneys and long leaks
    lie there. Scatter of the canal itself rises toward it by about a tenth.
    """
    rows = straight.counts.shape[0]
    sides = []
    for sign in (-1, 1):
        flank = (sign * q >= FLANK_MM[0]) & (sign * q <= FLANK_MM[1])
        seen = straight.seen[:, flank]
        part = np.sort(np.where(seen, straight.counts[:, flank], np.inf), axis=1)
        index = np.maximum((0.22 * seen.sum(axis=1)).astype(np.intp), 0)
        low = part[np.arange(rows), np.minimum(index, part.shape[1] - 1)]
        low = np.where(seen.sum(axis=1) > 4, low, 0.0)
        sides.append(gaussian_filter1d(low, 12.0 / STEP_MM))
    right, left = sides
    least = np.minimum(right, left)
    right, left = (np.minimum(side, 1.5 * least) for side in (right, left))
    part = 1 / (1 + np.exp(-q / 6.0))
    near = 1.0 + 0.08 * np.exp(-np.abs(q) / 25.0)
    return np.asarray((right[:, None] * (1 - part) + left[:, None] * part) * near)


def _amplitude(core: Floats) -> Floats:
    """Return the canal's height over the background: the core's mean, smoothed a little along."""
    return np.asarray(np.maximum(gaussian_filter1d(core.mean(axis=1), 4.0 / STEP_MM), 1e-9))


def _typical(
    q: Floats, net: Floats, amplitude: Floats, valid: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return the canal's profile at each level (1 at its middle, even in q), and its spread.

    The profile has one shape, learnt from the whole canal and both sides, stretched by the
    canal's width at each level; what is left of it all around a level is added, within bounds.
    """
    rows, columns = net.shape
    half = columns // 2
    aside = q[half:]
    relative = net / np.maximum(amplitude, 1e-9)[:, None]
    both = np.stack([relative[:, half:], relative[:, half::-1]], axis=0)
    good = np.flatnonzero(valid)
    if len(good) < 8:
        return np.zeros((rows, columns)), np.full((rows, columns), 0.05)
    width = _half_widths(aside, both[:, good])
    shape = _shape(aside, both[:, good], width)
    at = np.interp(np.arange(rows), good, width)
    profile = np.interp(aside[None] / at[:, None], SHAPE_AT, shape)
    rest, spread = _windowed(both[:, good] - profile[None, good], good, rows)
    profile = profile + np.clip(rest, -LOCAL, LOCAL)
    spread = np.clip(spread, 0.0, 0.25) * 0.6
    return (
        np.concatenate([profile[:, :0:-1], profile], axis=1),
        np.concatenate([spread[:, :0:-1], spread], axis=1),
    )


def _half_widths(aside: Floats, both: Floats) -> Floats:
    """Return the canal's half width at half maximum at each valid row, mm.

    Of each row the narrower side, of the rows around a low percentile: leaks only widen.
    """
    below = np.maximum((both < 0.5).argmax(axis=2), 1)
    pick = np.take_along_axis
    outer, inner = (pick(both, (below - k)[..., None], axis=2)[..., 0] for k in (0, 1))
    part = np.clip((inner - 0.5) / np.maximum(inner - outer, 1e-9), 0, 1)
    seen = np.minimum(*(aside[below - 1] + part * STEP_MM))
    size = min(int(WIDTH_WINDOW_MM / STEP_MM), 2 * len(seen) - 1) | 1
    low = percentile_filter(seen, 40, size=size, mode="nearest")
    return np.asarray(np.maximum(gaussian_filter1d(low, 18.0 / STEP_MM), 2.0))


def _shape(aside: Floats, both: Floats, width: Floats) -> Floats:
    """Return the profile over distance in half widths (:data:`SHAPE_AT`), falling outward."""
    places = SHAPE_AT[:, None] * width / STEP_MM
    low = np.minimum(places.astype(np.intp), len(aside) - 2)
    part = np.clip(places - low, 0, 1)
    at = low + np.arange(len(width)) * len(aside)
    samples = [
        side.take(at) * (1 - part) + side[1:].take(at) * part
        for side in (both[0].ravel(), both[1].ravel())
    ]
    shape = percentiles(np.concatenate(samples, axis=1), 42.0)
    shape /= max(float(shape[0]), 1e-9)
    return np.asarray(np.minimum.accumulate(np.maximum(shape, 0.0)))


def _windowed(both: Floats, good: NDArray[np.intp], rows: int) -> tuple[Floats, Floats]:
    """Return low percentiles and spread of both sides in windows along the canal, by row.

    ``both`` has shape (2, valid rows, columns). Windows lie a fifth of their length apart; rows
    between them are interpolated.
    """
    window = min(int(WINDOW_MM / STEP_MM), len(good))
    starts = np.unique(
        np.r_[np.arange(0, len(good) - window, window // 5 or 1), len(good) - window]
    )
    centres = good[np.minimum(starts + window // 2, len(good) - 1)].astype(np.float64)
    # windows, columns, rows of both sides: short rows are fastest sorted
    pieces = sliding_window_view(both, window, axis=1)[:, starts].transpose(1, 2, 0, 3)
    ordered = np.sort(pieces.reshape(len(starts), -1, 2 * window), axis=2)
    typical = ordered[..., int(TYPICAL / 100 * 2 * window)]
    narrow = typical - ordered[..., int(0.16 * 2 * window)]
    at = np.arange(rows)
    right = np.clip(np.searchsorted(centres, at), 1, max(len(centres) - 1, 1))
    right = np.minimum(right, len(centres) - 1)
    left = np.maximum(right - 1, 0)
    gap = np.maximum(centres[right] - centres[left], 1e-9)
    part = np.clip((at - centres[left]) / gap, 0, 1)[:, None]
    return (
        typical[left] * (1 - part) + typical[right] * part,
        narrow[left] * (1 - part) + narrow[right] * part,
    )


def _widths(q: Floats, profile: Floats, spread_mm: float) -> Floats:
    """Return the full width at half maximum of each row's profile, without our own blur, mm."""
    half = len(q) // 2
    side = profile[:, half:] / np.maximum(profile[:, half : half + 1], 1e-9)
    below = (side < 0.5).argmax(axis=1)
    rows = np.arange(len(side))
    outer, inner = side[rows, below], side[rows, np.maximum(below - 1, 0)]
    part = np.clip((inner - 0.5) / np.maximum(inner - outer, 1e-9), 0, 1)
    seen = 2 * STEP_MM * (below - 1 + part)
    return unblurred(seen, spread_mm)


def unblurred(width: Floats, spread_mm: float) -> Floats:
    """Return apparent widths without the blur that smoothing added (in quadrature), mm."""
    return np.asarray(np.sqrt(np.maximum(width**2 - (2.3548 * spread_mm) ** 2, 16.0)))

"""The image beside the sac, one side at a time, in units of the sac's own brightness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import (
    gaussian_filter,
    gaussian_filter1d,
    median_filter,
    percentile_filter,
)

from myeloscope.domain.anatomy import Side
from myeloscope.geometry.curve import Curve, across, sample
from myeloscope.geometry.ranks import median
from myeloscope.myelography.sac import STEP_MM, Sac

FloatArray = NDArray[np.float64]

INSIDE_MM = 3.0
SMOOTH_MM = 0.7
OUTSIDE_MM = 60.0
SIGN = {Side.RIGHT: -1.0, Side.LEFT: 1.0}
"""Sign of the offset t across the sac's curve on each side of the patient."""


@dataclass(frozen=True, slots=True, eq=False)
class Lateral:
    """One side of the straightened image, measured from the sac's edge outward.

    Attributes
    ----------
    side
        Side of the patient.
    signal
        (N, M) signal less the tissue's, over the sac's; rows along the sac (step 0.5 mm), columns
        outward. About 1 in the sac, 0 in dark tissue.
    smooth
        (N, M) the same blurred by 0.7 mm.
    d_mm
        (M,) distance of each column from the sac's edge, negative inside, mm.
    seen
        (N, M) whether an image covers the place.
    noise
        (N,) standard deviation of the noise of one image pixel, in the same unit, measured beside
        the sac: it differs between stations and, after the scanner's filters, along them.
    """

    side: Side
    signal: FloatArray
    smooth: FloatArray
    d_mm: FloatArray
    seen: NDArray[np.bool_]
    noise: FloatArray

    def column(self, d_mm: float) -> int:
        """Return the column nearest to a distance from the edge."""
        return round((d_mm + INSIDE_MM) / STEP_MM)


def lateral_images(
    pixels: NDArray[np.float32], covered: NDArray[np.bool_], sac: Sac, sigma: float
) -> tuple[Lateral, Lateral]:
    """Return the patient's right and left side of the sac.

    Parameters
    ----------
    pixels, covered
        Canvas with the noise floor removed, and where it was acquired.
    sac
        The sac on it.
    sigma
        Noise of a canvas pixel of the quietest station: what is measured beside the sac counts
        for no less than a quarter of it (air masked with zeros has none).
    """
    seen = np.where(covered, pixels, np.float32(np.nan))
    return _one_side(seen, sac, sigma, Side.RIGHT), _one_side(seen, sac, sigma, Side.LEFT)


def _one_side(seen_pixels: NDArray[np.float32], sac: Sac, sigma: float, side: Side) -> Lateral:
    """Return one side of an image that is nan where it was not acquired."""
    d = np.arange(-INSIDE_MM, OUTSIDE_MM + 1e-9, STEP_MM)
    rows, columns = lateral_pixels(sac.curve, sac.width_mm, d, side)
    image = sample(seen_pixels, rows, columns, np.nan).astype(float)
    seen = np.isfinite(image) & sac.present[:, None]
    background = sac.background[:, int(side is Side.LEFT)]
    height = np.maximum(sac.brightness - background, 1e-6)
    signal = image - background[:, None]
    signal /= height[:, None]
    signal[~seen] = 0.0
    smooth = gaussian_filter(signal, SMOOTH_MM / STEP_MM)
    beside = (d > 8.0) & (d < 55.0)
    each = slice(None, None, round(NOISE_EACH_MM / STEP_MM))
    fine = np.where(seen[each], signal[each] - smooth[each], 0.0)[:, beside]
    noise = np.maximum(local_noise(fine, len(signal)), 0.25 * sigma / height)
    return Lateral(side, signal, smooth, d, seen, noise)


NOISE_EACH_MM = 2.0
"""Step along the sac at which noise is measured, mm."""


def local_noise(fine: FloatArray, count: int) -> FloatArray:
    """Return (N,) the noise of one pixel along the sac from the finest structure beside it.

    The median absolute difference of the signal from its own blur by 0.7 mm is 0.85 of the spread
    of white noise on pixels of about 0.5 mm; what is bright or streaky covers less than half of a
    row.

    Parameters
    ----------
    fine
        (n, K) that difference each 2 mm along the sac, 8 to 55 mm outside it; 0 where nothing was
        acquired.
    count
        Number N of samples along the sac.
    """
    sizes = np.sort(np.abs(fine), axis=1)
    seen = (sizes > 0.0).sum(axis=1)
    enough = seen > 20
    if not enough.any():
        return np.zeros(count)
    middle = sizes.shape[1] - 1 - seen[enough] // 2
    level = 1.4826 * sizes[enough, middle] / 0.85
    at = np.arange(len(fine)) * round(NOISE_EACH_MM / STEP_MM)
    steady = median_filter(np.interp(at, at[enough], level), size=9, mode="nearest")
    return np.interp(np.arange(count), at, steady)


def lateral_pixels(
    curve: Curve, width_mm: FloatArray, d_mm: FloatArray, side: Side
) -> tuple[FloatArray, FloatArray]:
    """Return canvas rows and columns, each (N, M), of distances from the sac's edge on one side."""
    return across(curve, SIGN[side] * (width_mm[:, None] / 2 + d_mm) / curve.spacing_mm)


def sheared_mean(signal: FloatArray, slope: float) -> FloatArray:
    """Average all columns along a line that descends ``slope`` samples for each column outward."""
    columns = range(signal.shape[1])
    total = np.zeros(len(signal))
    for column in columns:
        down = round(slope * column)
        shifted = np.zeros(len(signal))
        shifted[: len(signal) - down] = signal[down:, column]
        total += shifted
    return total / len(columns)


def sleeve_profile(lateral: Lateral) -> FloatArray:
    """Return, for each s, how much signal leaves the sac there, whatever its direction.

    The mean signal from 0.5 to 4 mm outside the edge along lines of four directions (the flattest
    sleeves run across, the steepest at 2 mm down per mm outward); of these the highest, less the
    usual level within 25 mm.
    """
    near = lateral.signal[:, lateral.column(0.5) : lateral.column(4.0) + 1]
    smooth = gaussian_filter1d(near, 0.8 / STEP_MM, axis=0)
    lines = np.stack([sheared_mean(smooth, slope) for slope in (0.0, 0.6, 1.2, 2.0)])
    best = lines.max(axis=0)
    usual = percentile_filter(best, 25, size=int(25 / STEP_MM) + 1, mode="nearest")
    return np.asarray(best - gaussian_filter1d(usual, 5 / STEP_MM))


def sleeve_evidence(profile: FloatArray, present: NDArray[np.bool_]) -> FloatArray:
    """Return the log-likelihood ratio of an exit at each s from one side's profile.

    The profile is held against its own spread between the sleeves; what a leak adds above a plain
    sleeve counts no more than the sleeve.
    """
    inside = profile[present]
    if len(inside) == 0:
        return np.zeros_like(profile)
    quiet = 1.4826 * median(np.abs(inside - median(inside))) + 1e-3
    local = median_filter(np.abs(profile), size=int(80 / STEP_MM) + 1, mode="nearest")
    z = profile / np.maximum(quiet, local)
    return np.asarray(np.clip(0.45 * z - 0.6, -0.8, 1.8))

"""The thecal sac: its midline, its silhouette edges to sub-pixel, its width and brightness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import (
    gaussian_filter1d,
    median_filter,
    percentile_filter,
    uniform_filter1d,
)

from myeloscope.geometry.curve import Curve, curve_through, straighten
from myeloscope.geometry.ranks import median, percentile
from myeloscope.myelography.smooth import closed, whittaker, whittaker_inner

FloatArray = NDArray[np.float64]

COARSE_MM = 2.0
STEP_MM = 0.5
"""Step of the straightened frame along and across, mm."""
WIDTHS_MM = (8.0, 11.0, 14.0, 18.0, 23.0, 28.0)
"""Widths of column tried: from a narrow thoracic sac to a wide cervical or ectatic one."""
GAP_MM = 4.0
"""Dark gaps up to this width inside the sac (cord, roots of the cauda equina) are bridged."""
SMOOTH_MM = 45.0
"""Wavelength of the edges' course that is followed at half its amplitude, mm."""
PRESENT_SHARE = 0.12
"""Contrast over its usual one below which the column counts as lost; coils shade to a fifth."""
DOME_MM = 25.0
"""How far from the top the column in the skull may still be narrow, where it ends round, mm."""
EDGE_FRACTION = 0.25
"""Fraction of the sac's plateau at which the silhouette's edge is read off."""


@dataclass(frozen=True, slots=True, eq=False)
class Sac:
    """The thecal sac in a straightened frame.

    Attributes
    ----------
    curve
        Midline between the edges, from the top downward, one point each 0.5 mm.
    width_mm
        (N,) distance between the silhouette edges across the local axis, without leak or sleeve.
    brightness
        (N,) plateau of the sac's signal, pixel units.
    background
        (N, 2) tissue signal beside the sac on the patient's right and left, pixel units.
    covered
        (N,) whether the image covers the sac there from edge to edge.
    present
        (N,) whether a sac was really seen there.
    edge_sd_mm
        Spread of the measured edges around the smooth ones, mm.
    skull_mm
        Where along the curve the column opens into the skull's cisterns, if that is in view.
    """

    curve: Curve
    width_mm: FloatArray
    brightness: FloatArray
    background: FloatArray
    covered: NDArray[np.bool_]
    present: NDArray[np.bool_]
    edge_sd_mm: float
    skull_mm: float | None


def find_sac(
    pixels: NDArray[np.float32], covered: NDArray[np.bool_], spacing_mm: float
) -> Sac | None:
    """Find the sac on a canvas that runs from superior to inferior and right to left.

    Parameters
    ----------
    pixels
        (rows, columns) signal with the noise floor removed.
    covered
        (rows, columns) where an image was acquired.
    spacing_mm
        Pixel size, mm.

    Returns
    -------
    Sac or None
        ``None`` where no bright column runs through the image.
    """
    found = coarse_midline(pixels, covered, spacing_mm)
    if found is None:
        return None
    path, width = found
    for _ in range(2):
        curve = curve_through(path, spacing_mm=spacing_mm, step_mm=STEP_MM)
        position = np.linspace(0, 1, len(curve.points))
        expected = np.interp(position, np.linspace(0, 1, len(width)), width)
        sac, centre = measure(pixels, covered, curve, expected)
        every = int(4 / STEP_MM)
        path, width = curve.at(curve.s_mm, centre)[::every], sac.width_mm
    return sac


def coarse_midline(
    pixels: NDArray[np.float32], covered: NDArray[np.bool_], spacing_mm: float
) -> tuple[FloatArray, FloatArray] | None:
    """Find the brightest smooth column from the top to the bottom of the image.

    Every pixel of a 2 mm grid is scored by the mean of a box of each of ``WIDTHS_MM`` less the
    brighter of its two flanks; dynamic programming then takes the path of the highest total score
    with a bounded and penalised slope. Signal is compressed first, so that a bladder or a gall
    bladder counts no more than the sac.

    Returns
    -------
    (path, width) or None
        (M, 2) row and column in pixels of the given image, and (M,) width, mm.
    """
    block = max(1, round(COARSE_MM / spacing_mm))
    rows, columns = (n // block for n in pixels.shape)
    if rows < 16 or columns < 24:
        return None
    small = _thin(pixels, block)
    seen = _thin(covered, block) > 0.5
    if not seen.any():
        return None
    score, best = column_score(small, block * spacing_mm)
    score[~seen] = -0.2
    column = best_path(score)
    at = np.arange(rows)
    smooth = whittaker(column.astype(float), np.clip(score[at, column], 0, None) + 1e-3, 30.0)
    path = np.stack([at, np.clip(smooth, 0, columns - 1)], axis=1) * block + (block - 1) / 2
    path[:, 1] += _margin(pixels.shape[1], block)
    return path, np.asarray(WIDTHS_MM)[best[at, column]]


def _margin(count: int, block: int) -> float:
    """Return how many pixels are left on each side of the blocks."""
    return (count - count // block * block) / 2


def _thin(image: NDArray[np.float32] | NDArray[np.bool_], block: int) -> FloatArray:
    """Return the means of square blocks, centred across, so that a mirrored image is mirrored."""
    rows, columns = (n // block for n in image.shape)
    lines = np.zeros((rows, image.shape[1]))
    for k in range(block):
        lines += image[k : rows * block : block]
    lines /= block
    running = _running_sum(lines)
    edges = _margin(image.shape[1], block) + block * np.arange(columns + 1)
    low = edges.astype(np.intp)
    high = np.ceil(edges).astype(np.intp)
    return np.diff((running[:, low] + running[:, high]) / 2, axis=1) / block


def _running_sum(lines: FloatArray) -> FloatArray:
    """Return (rows, columns + 1) the sum of each line from its beginning to every pixel's edge."""
    running = np.zeros((lines.shape[0], lines.shape[1] + 1))
    np.cumsum(lines, axis=1, out=running[:, 1:])
    return running


def column_score(small: FloatArray, mm: float) -> tuple[FloatArray, NDArray[np.int8]]:
    """Score every pixel of a coarse image as the middle of a bright column.

    Returns
    -------
    (score, width index)
        Both (rows, columns); the score is about 1 in a sac beside dark tissue.
    """
    level = percentile(small, 97.0)
    flat = np.clip(small, 0, None)
    flat = flat / (flat + level + 1e-9) * 2
    flat = uniform_filter1d(flat, max(1, round(10 / mm)), axis=0)
    edge = round((WIDTHS_MM[-1] / 2 + 8) / mm) + 2
    total = np.pad(_running_sum(flat), ((0, 0), (edge, edge)), mode="edge")
    steps = np.diff(total, axis=1)
    middle = np.arange(small.shape[1]) + 0.5

    def up_to(end: float) -> FloatArray:
        """Return the sum up to an offset from each pixel's middle, in mm."""
        whole, part = divmod(0.5 + end / mm, 1.0)
        first = edge + int(whole)
        last = first + len(middle)
        step = steps[:, first:last] * part
        step += total[:, first:last]
        return step

    def box(start: float, stop: float) -> FloatArray:
        low, high = (np.clip(middle + end / mm, 0, len(middle)) for end in (start, stop))
        sums = up_to(stop)
        sums -= up_to(start)
        sums /= np.maximum(high - low, 1e-6)
        return sums

    score = np.full(flat.shape, -np.inf)
    best = np.zeros(flat.shape, dtype=np.int8)
    for index, width in enumerate(WIDTHS_MM):
        half = width / 2
        flank = np.maximum(box(-half - 8, -half - 1), box(half + 1, half + 8))
        contrast = box(-half, half)
        contrast -= flank
        np.copyto(best, index, where=contrast > score)
        np.maximum(score, contrast, out=score)
    return score, best


STEP_COST = 0.08
"""Cost of a step of one column in one row, about a tenth of a sac's score."""


def best_path(score: FloatArray) -> NDArray[np.intp]:
    """Return the column in each row of the path with the highest score, slope within +-1.

    Of paths alike the one further left is taken.
    """
    total = np.full((score.shape[0], score.shape[1] + 2), -np.inf)
    total[0, 1:-1] = score[0]
    for before, row, own in zip(total, total[1:], score[1:], strict=False):
        aside = before - STEP_COST
        here = row[1:-1]
        np.maximum(aside[:-2], aside[2:], out=here)
        np.maximum(here, before[1:-1], out=here)
        here += own
    column = int(total[-1].argmax())
    path = [column]
    for before in total[-2::-1]:
        left, middle, right = before[column - 1 : column + 2].tolist()
        left, right = left - STEP_COST, right - STEP_COST
        column += 1 if right > max(left, middle) else 0 if middle > left else -1
        path.append(column)
    return np.array(path[::-1]) - 1


def measure(
    pixels: NDArray[np.float32],
    covered: NDArray[np.bool_],
    curve: Curve,
    expected_mm: FloatArray,
) -> tuple[Sac, FloatArray]:
    """Measure the sac's edges, width, brightness and surroundings along a curve.

    Parameters
    ----------
    pixels, covered
        Canvas with the noise floor removed, and where it was acquired.
    curve
        About the midline.
    expected_mm
        (N,) rough width there, mm.

    Returns
    -------
    (sac, centre)
        The sac, its ``curve`` being the one given, and (N,) the offset of the true midline, mm.
    """
    t = np.arange(-32.0, 32.01, STEP_MM)
    frame = gaussian_filter1d(
        straighten(pixels, curve, t), 2.0 / STEP_MM, axis=0, output=np.float64, mode="nearest"
    )
    solid = closed(frame, round(GAP_MM / STEP_MM))
    half = np.clip(expected_mm / 2, 4.0, 15.0)
    plateau = sac_plateau(frame, t, half)
    background = np.stack(
        [flank_level(frame[:, ::-1], t, half), flank_level(frame, t, half)], axis=1
    )
    edges, sharp = [], []
    for side, image in enumerate((solid[:, ::-1], solid)):
        raw = outer_crossing(image, t, plateau, background[:, side])
        edges.append(raw)
    present = sac_present(plateau, background.max(axis=1))
    shown = _covered_across(covered, curve, half + 2.0)
    present &= shown
    skull = opens_wide(edges[0], edges[1], present)
    present &= ~skull
    smooth = []
    for raw in edges:
        weights = (np.isfinite(raw) & present).astype(float)
        filled = np.where(np.isfinite(raw), raw, half)
        smooth.append(whittaker_inner(filled, weights, SMOOTH_MM / STEP_MM, 1.0))
        sharp.append(np.abs(filled - smooth[-1])[weights > 0])
    right, left = smooth
    width = np.clip(left + right, 4.0, 45.0)
    spread = np.concatenate(sharp)
    edge_sd = float(1.4826 * median(spread)) if len(spread) else float("inf")
    return (
        Sac(curve, width, plateau, background, shown, present, edge_sd, _end_of(skull)),
        np.clip((left - right) / 2, -8.0, 8.0),
    )


def _covered_across(
    covered: NDArray[np.bool_], curve: Curve, half: FloatArray
) -> NDArray[np.bool_]:
    """Return where the image covers the sac from edge to edge."""
    across = half[:, None] * (-1.0, 0.0, 1.0)
    row, column = (
        np.rint(point[:, None] + normal[:, None] * across / curve.spacing_mm).astype(np.intp)
        for point, normal in zip(curve.points.T, curve.normals.T, strict=True)
    )
    high, wide = covered.shape
    inside = (row >= 0) & (row < high) & (column >= 0) & (column < wide)
    inside &= covered[np.clip(row, 0, high - 1), np.clip(column, 0, wide - 1)]
    return np.asarray(inside.all(axis=1))


def opens_wide(
    right: FloatArray, left: FloatArray, present: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return where the column at the top opens into the cisterns of the skull.

    Above the foramen magnum the fluid is no sac: within the upper 100 mm, from the lowest place at
    which both edges have lain 1.35 times as far out as 20 to 50 mm further down for 8 mm, and above
    which there is nothing but wide or missing column and a dome of at most 25 mm, upward. A leak
    widens one side, or lies below a stretch of plain sac.
    """
    wide = np.zeros(len(right), dtype=bool)
    rows = np.flatnonzero(present)
    if len(rows) < round(100 / STEP_MM):
        return wide
    top = rows[: round(100 / STEP_MM)]
    both = np.ones(len(top), dtype=bool)
    # what lies further down than both medians reach below the upper 100 mm is not asked for
    asked = rows[: len(top) + round(60 / STEP_MM)]
    for edge in (right, left):
        far = np.where(np.isfinite(edge[asked]), edge[asked], 32.0)
        smooth = median_filter(far, size=round(5 / STEP_MM), mode="nearest")
        ahead = median_filter(smooth, size=round(30 / STEP_MM), mode="nearest")
        below = np.minimum(np.arange(len(top)) + round(35 / STEP_MM), len(rows) - 1)
        both &= smooth[: len(top)] > 1.35 * ahead[below]
    first = int(both.argmax())
    if first > DOME_MM / STEP_MM:
        return wide
    so_far = np.cumsum(both) / np.maximum(np.arange(1, len(both) + 1) - first, 1)
    stretch = uniform_filter1d(both.astype(float), round(8 / STEP_MM), mode="nearest") > 0.9
    opening = np.flatnonzero(stretch & (so_far > 0.7))
    if len(opening):
        wide[: top[opening[-1]] + round(9 / STEP_MM)] = True
    return wide


def _end_of(skull: NDArray[np.bool_]) -> float | None:
    """Return how far down the skull's opening reaches, mm; ``None`` if it is not in view."""
    return float(np.flatnonzero(skull)[-1]) * STEP_MM if skull.any() else None


def sac_plateau(frame: FloatArray, t: FloatArray, half: FloatArray) -> FloatArray:
    """Return the sac's bright level at every row: the 80th percentile within the middle, smoothed.

    The cord darkens the middle of the sac; the percentile follows the brighter fluid beside it.
    """
    unit = np.linspace(-0.85, 0.85, 25)
    column = (unit[None, :] * half[:, None] - t[0]) / STEP_MM
    low = np.clip(np.rint(column).astype(int), 0, frame.shape[1] - 1)
    level = np.sort(frame[np.arange(len(frame))[:, None], low], axis=1)[:, 19]
    wide = median_filter(level, size=int(16 / STEP_MM) + 1, mode="nearest")
    return np.asarray(gaussian_filter1d(wide, 4 / STEP_MM, mode="nearest"))


def flank_level(frame: FloatArray, t: FloatArray, half: FloatArray) -> FloatArray:
    """Return the tissue signal 6 to 16 mm outside the sac on the side of positive t, smoothed."""
    column = (half[:, None] + np.arange(6.0, 16.0, 1.0) - t[0]) / STEP_MM
    low = np.clip(np.rint(column).astype(int), 0, frame.shape[1] - 1)
    level = np.sort(frame[np.arange(len(frame))[:, None], low], axis=1)[:, 3]
    every = round(2 / STEP_MM)
    rough = percentile_filter(level[::every], 30, size=31, mode="nearest")
    wide = np.interp(np.arange(len(level)), np.arange(0, len(level), every), rough)
    return np.asarray(gaussian_filter1d(wide, 10 / STEP_MM, mode="nearest"))


def outer_crossing(
    frame: FloatArray, t: FloatArray, plateau: FloatArray, background: FloatArray
) -> FloatArray:
    """Return where the signal first falls to the edge level outward of its peak, t > 0; nan if not.

    The peak is sought within the expected half width, so that fluid beside the sac is not taken
    for it; the crossing is interpolated linearly between samples.
    """
    level = background + EDGE_FRACTION * (plateau - background)
    start = int(np.searchsorted(t, 2.0))
    outward = frame[:, start:]
    high = outward > (background + 0.6 * (plateau - background))[:, None]
    first = np.where(high.any(axis=1), high.argmax(axis=1), 0)
    position = np.arange(outward.shape[1])
    below = (outward < level[:, None]) & (position[None, :] > first[:, None])
    found = below.any(axis=1)
    j = np.clip(below.argmax(axis=1), 1, None)
    rows = np.arange(len(frame))
    inner, outer = outward[rows, j - 1], outward[rows, j]
    part = np.clip((inner - level) / np.maximum(inner - outer, 1e-9), 0, 1)
    return np.where(found, t[start] + (j - 1 + part) * STEP_MM, np.nan)


def sac_present(plateau: FloatArray, background: FloatArray) -> NDArray[np.bool_]:
    """Return where the column's contrast is at least a share of its usual one."""
    contrast = plateau - background
    usual = median(contrast[contrast > 0]) if (contrast > 0).any() else np.inf
    return np.asarray(contrast > PRESENT_SHARE * usual)

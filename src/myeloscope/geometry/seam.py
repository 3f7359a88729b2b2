"""How far two overlapping images of one bright column lie apart, and how their scales differ.

The patient may have moved between stations, and scanners scale each station anew. Both are
estimated from the column that the overlap shows twice: sideways well, along the column only as
well as sleeves and bends allow. Each estimate comes with its standard deviation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, gaussian_filter1d, shift

from myeloscope.domain.image import FloatImage

Floats = NDArray[np.float64]

WORK_MM = 1.0
"""Pixel size and blur (standard deviation) at which images are compared."""
MOST_SIDEWAYS_MM = 15.0
MOST_ALONG_MM = 8.0
COLUMN_HALF_MM = 30.0
"""Half width of the strip around the column that is compared."""
LEAST_OVERLAP_MM = 8.0
LEAST_LIKENESS = 0.6
SURE_SIDEWAYS_MM = 0.7
SURE_ALONG_MM = 0.5
BRIGHT_SHARE = 0.35
"""Share of the strip's brightness above which pixels tell the ratio of the scales."""
LEAST_BRIGHT = 30


@dataclass(frozen=True, slots=True)
class Seam:
    """What the overlap of two stations tells.

    Attributes
    ----------
    move_mm
        (down, left) by which the lower image has to move to match the upper one; a component is
        0 where it is not well determined.
    deviation_mm
        Standard deviations of ``move_mm``; of the component left at 0 too.
    likeness
        Correlation coefficient of the two strips after the move.
    gain
        Factor that brings the lower image to the upper one's scale; ``None`` if unknown.
    sure
        Whether the sideways move is well determined.
    """

    move_mm: tuple[float, float]
    deviation_mm: tuple[float, float]
    likeness: float
    gain: float | None
    sure: bool


def compare(
    upper: FloatImage, lower: FloatImage, covered: NDArray[np.bool_], spacing_mm: float
) -> Seam | None:
    """Return how the overlap of two stations fits, or ``None`` if it shows no common column.

    Parameters
    ----------
    upper, lower
        The same (rows, columns) of the canvas, as each station shows it; rows run downward.
    covered
        (rows, columns), where both stations have pixels.
    spacing_mm
        Pixel size.
    """
    if min(upper.shape) * spacing_mm < LEAST_OVERLAP_MM:
        return None
    stride = max(1, round(WORK_MM / spacing_mm))
    blur = WORK_MM / spacing_mm
    first = gaussian_filter(np.asarray(upper, float), blur)[::stride, ::stride]
    second = gaussian_filter(np.asarray(lower, float), blur)[::stride, ::stride]
    size = stride * spacing_mm
    strip = _strip(first, covered[::stride, ::stride], size)
    if strip is None:
        return None
    start = _search(first, second, strip)
    return _refine(first, second, strip, start, size)


@dataclass(frozen=True, slots=True)
class _Strip:
    """Rows and columns of the upper image that are looked for, and how far around."""

    rows: slice
    columns: slice
    reach: tuple[int, int]

    def of(self, image: Floats) -> Floats:
        """Return this part of an image."""
        return image[self.rows, self.columns]


def _strip(image: Floats, covered: NDArray[np.bool_], size: float) -> _Strip | None:
    """Return the part of the overlap around its brightest continuous column."""
    columns = image.shape[1]
    profile = gaussian_filter1d(np.median(image, axis=0), 3.0 / size)
    peak = int(np.argmax(profile))
    side, half = int(MOST_SIDEWAYS_MM / size), int(COLUMN_HALF_MM / size)
    low, high = max(peak - half, side), min(peak + half + 1, columns - side)
    if high - low < half // 2 or profile[peak] <= 0:
        return None
    top, bottom = _longest_run(np.min(covered[:, low - side : high + side], axis=1))
    if (bottom - top) * size < LEAST_OVERLAP_MM:
        return None
    along = min(int(MOST_ALONG_MM / size), (bottom - top) // 4)
    return _Strip(slice(top + along, bottom - along), slice(low, high), (along, side))


def _longest_run(flags: NDArray[np.bool_]) -> tuple[int, int]:
    """Return start and end of the longest run of true flags; 2 flags less where it is cut short.

    The blur has mixed what lies beyond into the last two.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    if len(edges) == 0:
        return 0, 0
    starts, ends = edges[::2], edges[1::2]
    longest = int(np.argmax(ends - starts))
    start, end = int(starts[longest]), int(ends[longest])
    return start + 2 * (start > 0), end - 2 * (end < len(flags))


def _search(first: Floats, second: Floats, strip: _Strip) -> tuple[int, int]:
    """Return the whole-pixel move of greatest likeness, with a slight preference for none."""
    template = strip.of(first)
    template = template - template.mean()
    down, side = strip.reach
    area = second[
        strip.rows.start - down : strip.rows.stop + down,
        strip.columns.start - side : strip.columns.stop + side,
    ]
    windows = sliding_window_view(area, template.shape)
    norms = np.sqrt(np.maximum(windows.var(axis=(2, 3)) * template.size, 1e-12))
    likeness = np.einsum("abij,ij->ab", windows, template) / norms
    likeness /= max(float(np.linalg.norm(template)), 1e-12)
    rows = (np.arange(windows.shape[0])[:, None] - down) / max(down, 1)
    columns = (np.arange(windows.shape[1])[None, :] - side) / max(side, 1)
    best = np.unravel_index(np.argmax(likeness - 0.02 * (rows**2 + columns**2)), likeness.shape)
    return down - int(best[0]), side - int(best[1])


def _refine(
    first: Floats, second: Floats, strip: _Strip, start: tuple[int, int], size: float
) -> Seam:
    """Return the sub-pixel move by least squares with free gain and offset (Lucas-Kanade)."""
    target = strip.of(first)
    free = [True, True]
    while True:
        move = np.array([start[0] if free[0] else 0.0, start[1]], float)
        for _ in range(4):
            moved = strip.of(shift(second, move, order=1, mode="nearest"))
            step, deviation, likeness = _step(target, moved, free)
            move[free] += step
        if not free[0] or deviation[0] * size <= SURE_ALONG_MM:
            break
        along_deviation, free = deviation[0], [False, True]
    if not free[0]:
        deviation = np.array([along_deviation, deviation[0]])
    sideways = float(deviation[1] * size)
    within = bool(abs(move[1]) < strip.reach[1] and abs(move[0]) <= strip.reach[0])
    sure = within and likeness >= LEAST_LIKENESS and sideways <= SURE_SIDEWAYS_MM
    return Seam(
        move_mm=(float(move[0] * size), float(move[1] * size)),
        deviation_mm=(float(deviation[0] * size), sideways),
        likeness=likeness,
        gain=_gain(target, moved) if sure else None,
        sure=sure,
    )


def _step(target: Floats, moved: Floats, free: list[bool]) -> tuple[Floats, Floats, float]:
    """Return the next step (of the free components), its standard deviation, and the likeness."""
    slopes = [-slope for slope, wanted in zip(np.gradient(moved), free, strict=True) if wanted]
    columns = [slope.ravel() for slope in slopes]
    design = np.stack([*columns, moved.ravel(), np.ones(moved.size)], axis=1)
    normal = design.T @ design + 1e-9 * np.eye(design.shape[1]) * np.abs(design).max() ** 2
    solution = np.linalg.solve(normal, design.T @ target.ravel())
    residual = target.ravel() - design @ solution
    count, noise = len(columns), float(residual.var())
    # slopes of noise tell nothing: its blur (sigma = 1 px) leaves them half the noise's variance
    told = normal.copy()
    place = np.arange(count)
    told[place, place] = np.maximum(np.diag(normal)[:count] - target.size * noise / 2, 1e-9)
    # neighbours share noise through the blur: 4 pi sigma^2 pixels count as one
    variance = 4 * np.pi * noise
    gain = max(float(solution[count]), 1e-6)
    spread_of = np.sqrt(variance / np.diag(told)[:count]) / gain
    step = np.clip(solution[:count] / gain, -1.5, 1.5)
    spread = float(target.std() * moved.std())
    product = float(((target - target.mean()) * (moved - moved.mean())).mean())
    likeness = product / spread if spread > 0 else 0.0
    return step, spread_of, likeness


def _gain(target: Floats, moved: Floats) -> float | None:
    """Return the median ratio of the two images where both are bright."""
    bright = (target > BRIGHT_SHARE * np.quantile(target, 0.99)) & (
        moved > BRIGHT_SHARE * np.quantile(moved, 0.99)
    )
    if int(bright.sum()) < LEAST_BRIGHT:
        return None
    return float(np.median(target[bright] / moved[bright]))

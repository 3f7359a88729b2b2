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
from scipy.ndimage import gaussian_filter, shift, uniform_filter1d

from myeloscope.domain.image import FloatImage
from myeloscope.geometry.ranks import median, percentile, percentiles

Floats = NDArray[np.float64]

WORK_MM = 1.0
"""Pixel size and blur (standard deviation) at which images are compared."""
MOST_SIDEWAYS_MM = 15.0
MOST_ALONG_MM = 8.0
COLUMN_HALF_MM = 18.0
"""Half width of the strip around the column that is compared."""
COLUMN_WIDTH_MM = 12.0
CENTRAL_MM = 70.0
"""How far off the image's middle (standard deviation) the column is looked for."""
MOST_OVER_COLUMN = 1.5
"""Brightness, in that of the column, from which signal counts no more."""
LEAST_OVERLAP_MM = 6.0
LEAST_LIKENESS = 0.6
SURE_SIDEWAYS_MM = 0.7
SURE_ALONG_MM = 0.5
EXPLAINED = 0.5
"""Share of the variance left by a sideways move that a move along must not exceed."""
BRIGHT_SHARE = 0.3
"""Share of the greatest brightness from which signal counts as bright."""
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
    size = stride * spacing_mm
    known = _thin(covered[::stride].astype(float), stride) == 1.0
    middle = slice(known.shape[1] // 3, known.shape[1] - known.shape[1] // 3)
    rows = slice(*_longest_run(np.min(known[:, middle], axis=1)))
    if (rows.stop - rows.start) * size < LEAST_OVERLAP_MM:
        return None
    first, second = (
        _thin(gaussian_filter(np.asarray(image, float), blur)[::stride], stride)[rows]
        for image in (upper, lower)
    )
    first, peak = _cut_to_column(first, size)
    second, _ = _cut_to_column(second, size)
    strip = _strip(peak, known[rows], size)
    if strip is None:
        return None
    start = _search(first, second, strip)
    return _refine(first, second, strip, start, _Scale(size, _noise(lower, blur)))


def _thin(image: Floats, stride: int) -> Floats:
    """Return every ``stride``-th column, or the mean of two, the same from either side."""
    rest = (image.shape[1] - 1) % stride
    columns = image[:, rest // 2 :: stride][:, : (image.shape[1] - 1) // stride + 1]
    if rest % 2 == 0:
        return columns
    return np.asarray((columns + image[:, rest // 2 + 1 :: stride]) / 2)


@dataclass(frozen=True, slots=True)
class _Strip:
    """Rows and columns of the upper image that are looked for, and how far around."""

    rows: slice
    columns: slice
    reach: tuple[int, int]

    def of(self, image: Floats) -> Floats:
        """Return this part of an image."""
        return image[self.rows, self.columns]


@dataclass(frozen=True, slots=True)
class _Scale:
    """Pixel size, mm, and noise of the images compared."""

    pixel_mm: float
    noise: float


def _cut_to_column(image: Floats, size: float) -> tuple[Floats, int]:
    """Return an image with what is brighter than the column cut to its level, and where it is.

    The column runs through all rows, is narrower than organs and dark beside; organs that are
    brighter, and move with the breath, must not outweigh it.
    """
    profile = percentiles(image.T, 25.0)
    box = int(COLUMN_WIDTH_MM / size) | 1
    bright = BRIGHT_SHARE * float(profile.max())
    inside = uniform_filter1d(np.clip(profile, 0, max(bright, 0)), box)
    beside = np.pad(inside, 3 * box // 2, mode="edge")
    flanks = np.maximum(beside[: len(inside)], beside[-len(inside) :])
    off_centre = (np.arange(len(inside)) - (len(inside) - 1) / 2) * size / CENTRAL_MM
    peak = int(np.argmax((inside - flanks) * np.exp(-0.5 * off_centre**2)))
    level = float(profile[max(peak - box // 2, 0) : peak + box // 2 + 1].max())
    return np.minimum(image, MOST_OVER_COLUMN * level), peak


def _strip(peak: int, covered: NDArray[np.bool_], size: float) -> _Strip | None:
    """Return the part of the overlap around its column."""
    columns = covered.shape[1]
    side, half = int(MOST_SIDEWAYS_MM / size), int(COLUMN_HALF_MM / size)
    low, high = max(peak - half, side), min(peak + half + 1, columns - side)
    if high - low < half // 2:
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
    first: Floats, second: Floats, strip: _Strip, start: tuple[int, int], scale: _Scale
) -> Seam:
    """Return the sub-pixel move by least squares with free gain and offset (Lucas-Kanade).

    Along the column nothing is moved unless that explains half of what is left otherwise:
    stations tilted against each other show the same root at different heights by its depth.
    """
    side = _fit(first, second, strip, (0, start[1]), scale, along=False)
    both = _fit(first, second, strip, start, scale, along=True)
    inside = abs(both.move[0]) <= strip.reach[0]
    sharp = both.deviation[0] * scale.pixel_mm <= SURE_ALONG_MM
    fit = both if inside and sharp and both.left <= EXPLAINED * side.left else side
    size = scale.pixel_mm
    sideways = float(fit.deviation[1] * size)
    within = bool(abs(fit.move[1]) < strip.reach[1])
    sure = within and fit.likeness >= LEAST_LIKENESS and sideways <= SURE_SIDEWAYS_MM
    return Seam(
        move_mm=(float(fit.move[0] * size), float(fit.move[1] * size)),
        deviation_mm=(float(both.deviation[0] * size), sideways),
        likeness=fit.likeness,
        gain=_gain(strip.of(first), fit.moved) if sure else None,
        sure=sure,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """A least-squares fit: move and deviation (pixels), the variance left, the moved image."""

    move: Floats
    deviation: Floats
    likeness: float
    left: float
    moved: Floats


def _fit(
    first: Floats,
    second: Floats,
    strip: _Strip,
    start: tuple[int, int],
    scale: _Scale,
    *,
    along: bool,
) -> _Fit:
    """Return the fit from a starting move, with or without a move along the column."""
    target, move = strip.of(first), np.array(start, float)
    free = np.array([along, True])
    deviation = np.full(2, np.inf)
    for _ in range(5):
        moved = strip.of(shift(second, move, order=1, mode="nearest"))
        step, deviation[free], left = _step(target, moved, free, scale.noise)
        move[free] += step
    return _Fit(move, deviation, _likeness(target, moved), left, moved)


def _step(
    target: Floats, moved: Floats, free: NDArray[np.bool_], noise: float
) -> tuple[Floats, Floats, float]:
    """Return the next step (free components), its standard deviation, and the variance left."""
    slopes = [-np.gradient(moved, axis=axis) for axis in np.flatnonzero(free)]
    columns = [slope.ravel() for slope in slopes]
    design = np.stack([*columns, moved.ravel(), np.ones(moved.size)], axis=1)
    normal = design.T @ design
    normal += 1e-9 * np.eye(len(normal)) * max(float(np.abs(design).max()) ** 2, 1e-12)
    solution = np.linalg.solve(normal, design.T @ target.ravel())
    residual = target.ravel() - design @ solution
    count = len(columns)
    # slopes of noise tell nothing: blur (sigma = 1 px) leaves them half of its variance; twice
    # that is taken off, for it varies
    told = np.maximum(np.diag(normal)[:count] - moved.size * noise**2, 1e-12)
    # neighbours share noise through the blur: 4 pi sigma^2 pixels count as one
    gain = max(float(solution[count]), 1e-6)
    left = float(residual.var())
    deviation = np.sqrt(4 * np.pi * left / told) / gain
    step = np.clip(solution[:count] / gain, -1.5, 1.5)
    return step, deviation, left


def _likeness(target: Floats, moved: Floats) -> float:
    """Return the correlation coefficient of two images; 0 where one is constant."""
    a, b = target - target.mean(), moved - moved.mean()
    spread = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(np.vdot(a, b)) / spread if spread > 0 else 0.0


def _noise(image: FloatImage, blur: float) -> float:
    """Return the standard deviation that white noise keeps after the blur (pixels).

    From differences of neighbours, most of which lie in the background: median / 0.6745 is a
    normal deviate's standard deviation, the difference of two has sqrt(2) times that; a Gaussian
    blur divides it by 2 sqrt(pi) sigma.
    """
    apart = np.abs(image[:, 2:] - image[:, :-2])
    return float(np.float32(median(apart)) / 0.6745 / np.sqrt(2) / (2 * np.sqrt(np.pi) * blur))


def _gain(target: Floats, moved: Floats) -> float | None:
    """Return the median ratio of the two images where both are bright."""
    bright = (target > BRIGHT_SHARE * percentile(target, 99.0)) & (
        moved > BRIGHT_SHARE * percentile(moved, 99.0)
    )
    if int(bright.sum()) < LEAST_BRIGHT:
        return None
    return median(target[bright] / moved[bright])

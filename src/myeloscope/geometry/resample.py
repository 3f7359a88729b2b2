"""One station's pixels on the canvas grid, as untouched as the geometry allows.

Three ways, the first that fits:

1. *placed*: pixel size and axes agree (turned by quarters or mirrored at most): the pixels are
   copied, each to the nearest grid place. Values and noise are those acquired;
2. *stretched*: the axes agree, the pixel size does not: cubic convolution (Keys, IEEE Trans.
   Acoust. 1981;29:1153, a = -1/2) along rows, then columns. White noise keeps 45 to 100 % of its
   variance, depending on where between the pixels a grid point falls;
3. *turned*: cubic convolution in two passes; noise falls likewise.

Whatever the way, ``to_station`` is the map that was really used, to the last fraction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from myeloscope.domain.image import FloatImage
from myeloscope.geometry.placement import corners

Floats = NDArray[np.float64]
MOST_OFF_PX = 0.75
"""Grid pixels by which a placed station may lie off its headers at a corner."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A station on the canvas grid.

    Attributes
    ----------
    pixels, covered
        (rows, columns) values, and where the station has any.
    corner
        Grid row and column of the block's first pixel.
    to_station
        (2, 3) affine map: grid (row, column, 1) -> station (row, column).
    exact_off
        Grid (row, column) offset of the placed image's middle from where its headers put it.
    """

    pixels: FloatImage
    covered: NDArray[np.bool_]
    corner: tuple[int, int]
    to_station: Floats
    exact_off: Floats


def inverse(affine: Floats) -> Floats:
    """Return the inverse of a (2, 3) affine map."""
    turn = np.linalg.inv(affine[:, :2])
    return np.column_stack([turn, -turn @ affine[:, 2]])


def apply(affine: Floats, rc: Floats) -> Floats:
    """Return points (N, 2) mapped by a (2, 3) affine map."""
    return np.asarray(rc @ affine[:, :2].T + affine[:, 2], float)


def on_grid(pixels: FloatImage, to_grid: Floats) -> Block:
    """Return a station on the canvas grid.

    Parameters
    ----------
    pixels
        (rows, columns) of the station.
    to_grid
        (2, 3) affine map: station (row, column, 1) -> grid (row, column).
    """
    shape = (pixels.shape[0], pixels.shape[1])
    quarter = np.rint(to_grid[:, :2])
    middle = np.array([(shape[0] - 1) / 2, (shape[1] - 1) / 2])
    if np.array_equal(np.abs(quarter).sum(0), (1, 1)) and np.array_equal(
        np.abs(quarter).sum(1), (1, 1)
    ):
        start = np.rint(to_grid[:, :2] @ middle + to_grid[:, 2] - quarter @ middle)
        placed = np.column_stack([quarter, start])
        off = apply(placed, corners(shape)) - apply(to_grid, corners(shape))
        if np.abs(off).max() <= MOST_OFF_PX:
            return _placed(pixels, placed, off.mean(0))
    bounds = apply(to_grid, corners(shape))
    low = np.ceil(bounds.min(0) - 1e-6).astype(int)
    high = np.floor(bounds.max(0) + 1e-6).astype(int)
    size = (max(int(high[0] - low[0]) + 1, 1), max(int(high[1] - low[1]) + 1, 1))
    to_station = inverse(to_grid)
    local = to_station.copy()
    local[:, 2] += to_station[:, :2] @ low
    turn = local[:, :2]
    bend = [np.abs(np.diag(turn)), np.abs(np.diag(turn[::-1]))]
    sizes = np.array(size)
    if (np.minimum(*bend) * sizes.max()).max() <= MOST_OFF_PX:
        values, covered, local = _stretched(pixels, local, size)
    else:
        values, covered = _turned(pixels, local, size)
    used = local.copy()
    used[:, 2] -= local[:, :2] @ low
    return Block(values, covered, (int(low[0]), int(low[1])), used, np.zeros(2))


def _placed(pixels: FloatImage, to_grid: Floats, off: Floats) -> Block:
    """Return the pixels copied by a map of quarter turns, mirrors and whole shifts."""
    view = pixels if to_grid[0, 0] else pixels.T
    view = view[:: int(to_grid[0, :2].sum()), :: int(to_grid[1, :2].sum())]
    ends = apply(to_grid, np.array([(0.0, 0.0), (pixels.shape[0] - 1.0, pixels.shape[1] - 1.0)]))
    low = ends.min(0).astype(int)
    covered = np.ones(view.shape, bool)
    return Block(view, covered, (int(low[0]), int(low[1])), inverse(to_grid), off)


def _stretched(
    pixels: FloatImage, local: Floats, size: tuple[int, int]
) -> tuple[FloatImage, NDArray[np.bool_], Floats]:
    """Return separable cubic values, their cover, and the map with its small shears removed."""
    straight = abs(local[0, 0]) >= abs(local[0, 1])
    source = pixels if straight else pixels.T
    steps = (local[0, 0], local[1, 1]) if straight else (local[1, 0], local[0, 1])
    # keep the map's value at the middle while the shear terms are dropped
    middle = (np.array(size, float) - 1) / 2
    turn = np.where(np.eye(2, dtype=bool) == straight, local[:, :2], 0.0)
    shift = local[:, :2] @ middle + local[:, 2] - turn @ middle
    starts = shift if straight else shift[::-1]
    values, inside = source, []
    for axis in (0, 1):
        at = starts[axis] + steps[axis] * np.arange(size[axis])
        inside.append((at >= -0.5) & (at <= source.shape[axis] - 0.5))
        values = _cubic(values, at, abs(steps[axis]), axis)
    covered = inside[0][:, None] & inside[1][None, :]
    return np.where(covered, values, np.float32(0)), covered, np.column_stack([turn, shift])


def _cubic(image: FloatImage, at: Floats, step: float, axis: int) -> FloatImage:
    """Return an image at places ``at`` along one axis; the kernel widens when steps exceed 1."""
    wide = max(step, 1.0)
    reach = int(np.ceil(2 * wide))
    first = np.floor(at).astype(int) - reach + 1
    taps = first[:, None] + np.arange(2 * reach)
    x = np.abs(taps - at[:, None]) / wide
    near = (1.5 * x - 2.5) * x**2 + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    weights = np.where(x < 1, near, np.where(x < 2, far, 0.0))
    weights = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    taps = np.clip(taps, 0, image.shape[axis] - 1)
    shape = (-1, 1) if axis == 0 else (1, -1)
    total = np.take(image, taps[:, 0], axis=axis) * weights[:, 0].reshape(shape)
    for k in range(1, taps.shape[1]):
        total += np.take(image, taps[:, k], axis=axis) * weights[:, k].reshape(shape)
    return np.asarray(total, np.float32)


def _turned(
    pixels: FloatImage, local: Floats, size: tuple[int, int]
) -> tuple[FloatImage, NDArray[np.bool_]]:
    """Return values and their cover for any affine map (grid -> station), in two passes.

    Columns are resampled within the station's rows first, then rows (Catmull & Smith, Computer
    Graphics 1980;14:279); a transposition beforehand keeps the turn within 45 degrees.
    """
    source = pixels
    step = float(np.sqrt(abs(np.linalg.det(local[:, :2]))))
    if step > 1.25:
        source = gaussian_filter(pixels, 0.5 * np.sqrt(step**2 - 1))
    if abs(local[0, 0]) < abs(local[0, 1]):
        source, local = source.T, local[::-1]
    (a, b, t), (c, d, u) = local.astype(np.float32)
    row, column = (np.arange(n, dtype=np.float32) for n in size)
    own = np.arange(source.shape[0], dtype=np.float32)
    # on a source row the grid column alone says where: the grid row follows from both
    between = _along(source, (c / a) * (own - t)[:, None] + ((d - c * b / a) * column + u)[None, :])
    at = (a * row + t)[:, None] + (b * column)[None, :]
    values = _along(np.ascontiguousarray(between.T), np.ascontiguousarray(at.T)).T
    other = (c * row + u)[:, None] + (d * column)[None, :]
    covered = (at >= -0.5) & (at <= source.shape[0] - 0.5)
    covered &= (other >= -0.5) & (other <= source.shape[1] - 0.5)
    return np.where(covered, values, np.float32(0)), covered


ROWS_AT_ONCE = 128
"""So many rows and their temporaries stay in a processor's cache: three times as fast."""


def _along(image: FloatImage, at: FloatImage) -> FloatImage:
    """Return an image (R, N) at fractional columns ``at`` (R, M) of each row, cubic."""
    # two columns more on each side, so that no tap falls outside and each place is clipped once
    padded = np.pad(image, ((0, 0), (2, 2)), mode="edge")
    starts = range(ROWS_AT_ONCE, len(image), ROWS_AT_ONCE)
    pairs = zip(np.split(padded, starts), np.split(at, starts), strict=True)
    return np.concatenate([_some_along(rows, places) for rows, places in pairs])


def _some_along(padded: FloatImage, at: FloatImage) -> FloatImage:
    count, wide = padded.shape
    low = np.floor(at)
    x = at - low
    np.clip(low, -1, wide - 5, out=low)
    tap = low.astype(np.intp)
    tap += (np.arange(count, dtype=np.intp) * wide)[:, None] + 1
    flat = padded.ravel()
    before, here, after, beyond = (flat[k:].take(tap, mode="clip") for k in range(4))
    # Horner's form of the cubic through here and after with the central differences as slopes
    rise = after - before
    bend = 2 * before
    bend -= 5 * here
    twist = here - after
    twist *= 3
    twist += beyond
    twist -= before
    after *= 4
    bend += after
    bend -= beyond
    twist *= x
    twist += bend
    twist *= x
    twist += rise
    x *= 0.5
    twist *= x
    twist += here
    return twist

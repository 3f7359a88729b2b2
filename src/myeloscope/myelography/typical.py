"""What this patient's own sleeves look like: the pattern their neighbours share.

How long, steep and bright normal sleeves are differs between persons, slabs and scanners more than
between neighbouring roots of one person. Each root is therefore compared with what its neighbours
of both sides show; leaks at a few roots hardly move a percentile over fourteen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from myeloscope.geometry.ranks import median
from myeloscope.myelography.lateral import FloatArray, Lateral
from myeloscope.myelography.roots import RootPlace
from myeloscope.myelography.sac import STEP_MM

ABOVE_MM, BELOW_MM, OUT_MM = 15, 32, 26
"""Size of the patch around an exit: up, down and outward, mm; one sample each mm."""
COURSE_MM = 13
"""How far out a root's course is followed: the last sample is 12 mm from the first."""
NEIGHBOURS = 3
"""Roots above and below that a root is compared with."""
SHARE = 60.0
"""Percentile over the neighbours that counts as typical: fewer than 4 in 10 leak."""
LONGER, BROADER = 1.6, 1.4
"""A prominent normal sleeve may be longer and broader than the typical one by these factors."""


def own_patches(
    smooth: FloatArray,
    cell: NDArray[np.int16],
    lateral: Lateral,
    roots: tuple[RootPlace, ...],
    out_mm: int = OUT_MM,
) -> NDArray[np.float64]:
    """Return (n, 47, out_mm) samples around every exit of one side, each mm.

    Other roots' corridors and what lies beyond the image count as dark. ``cell`` (N, columns) says
    which root's corridor a place belongs to, as far out as the samples lie.
    """
    step = round(1 / STEP_MM)
    columns = lateral.column(0.5) + np.arange(out_mm) * step
    starts = np.array([round(root.s_mm / STEP_MM) for root in roots])
    rows = starts[:, None] + np.arange(-ABOVE_MM, BELOW_MM)[None, :] * step
    inside = (rows >= 0) & (rows < len(smooth))
    at = np.clip(rows, 0, len(smooth) - 1)[:, :, None]
    own = cell.take(at * cell.shape[1] + columns) == np.arange(len(roots))[:, None, None]
    own &= inside[:, :, None]
    return np.where(own, smooth.take(at * smooth.shape[1] + columns), 0.0)


def typical_patches(patches: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 47, out_mm), for each root downward, what is typical of it and its neighbours.

    Parameters
    ----------
    patches
        (2, n, 47, out_mm) samples around the exits of the patient's right and left.
    """
    result = np.empty(patches.shape[1:])
    by_place = np.ascontiguousarray(patches.transpose(2, 3, 1, 0))
    for k in range(len(result)):
        near = by_place[:, :, max(0, k - NEIGHBOURS) : k + NEIGHBOURS + 1]
        values = near.reshape(*near.shape[:2], -1)
        rank = int(SHARE / 100 * (values.shape[-1] - 1))
        result[k] = np.partition(values, rank)[..., rank]
    return result


def course_slopes(typical: NDArray[np.float64], expected: FloatArray) -> FloatArray:
    """Return how steeply each root descends, mm down per mm outward, by its typical pattern.

    The slope is that of the line from the exit along which the pattern of 1 to 12 mm is brightest,
    held near the expected one where there is little to see.

    Parameters
    ----------
    typical
        (n, 47, 13 or more) one pattern per root.
    expected
        (n,) slopes usual in adults.
    """
    slopes = np.arange(0.0, 3.6, 0.1)
    out = np.arange(1, COURSE_MM)
    rows = np.round(ABOVE_MM + slopes[:, None] * out).astype(int)
    columns = np.broadcast_to(out, rows.shape)
    inside = rows < ABOVE_MM + BELOW_MM
    result = np.empty(len(typical))
    for k, patch in enumerate(typical):
        line = np.where(inside, patch[np.minimum(rows, len(patch) - 1), columns], 0.0)
        seen = line.sum(axis=1) / 0.15
        result[k] = slopes[int((seen - ((slopes - expected[k]) / 0.5) ** 2).argmax())]
    return np.asarray(gaussian_filter1d(result, 1.0, mode="nearest"))


def prominent(
    typical: NDArray[np.float64], level: float, longest_mm: FloatArray
) -> NDArray[np.bool_]:
    """Return (n, 47, 26) where prominent normal sleeves may be bright: the typical ones, scaled up.

    No further out than ``longest_mm`` (n,): where most of a patient's roots leak, what they share
    is not normal.
    """
    up = np.arange(-ABOVE_MM, BELOW_MM) / BROADER + ABOVE_MM
    out = np.arange(OUT_MM) / LONGER
    row, column = up.astype(np.intp), out.astype(np.intp)
    down, across = (up - row)[:, None], out - column
    above, below = typical[:, row] * (1 - down), typical[:, row + 1] * down
    scaled = above[..., column] * (1 - across)
    scaled += above[..., column + 1] * across
    scaled += below[..., column] * (1 - across)
    scaled += below[..., column + 1] * across
    least = np.maximum(level, 0.2 * typical[..., :3].max(axis=(1, 2)))
    bright = scaled > least[:, None, None]
    return np.asarray(bright & (np.arange(OUT_MM) + 0.5 <= longest_mm[:, None])[:, None, :])


@dataclass(frozen=True, slots=True, eq=False)
class Prominence:
    """How much each root's signal near the sac stands out from its neighbours'.

    Attributes
    ----------
    mass
        (2, n) natural logarithm of the signal within 9 mm over the neighbours' median.
    brightness
        (2, n) the same of the brightest 3 mm next to the sac.
    """

    mass: FloatArray
    brightness: FloatArray


def prominence(patches: NDArray[np.float64], spreads: NDArray[np.float64]) -> Prominence:
    """Compare roots with the neighbours of both sides.

    Parameters
    ----------
    patches
        (2, n, 47, 26) samples around the exits, the corridors of other roots set to 0.
    spreads
        (2, n) quiet spread at the exits; less than three of it counts as nothing.
    """
    level = np.maximum(3 * spreads, 0.03)[..., None, None]
    mass = np.where(patches > level, patches, 0.0)[..., :9].sum(axis=(-2, -1))
    base = patches[..., :3].mean(axis=-1)
    brightness = (base[..., :-2] + base[..., 1:-1] + base[..., 2:]).max(axis=-1) / 3
    return Prominence(
        _over_neighbours(np.log(mass + 1.5)),
        _over_neighbours(np.log(np.maximum(brightness, 0.0) + 0.03)),
    )


def _over_neighbours(values: FloatArray) -> FloatArray:
    """Subtract from (2, n) values the median of those up to four roots away on both sides."""
    count = values.shape[1]
    usual = [median(values[:, max(0, k - 4) : k + 5]) for k in range(count)]
    return np.asarray(values - np.array(usual)[None, :])

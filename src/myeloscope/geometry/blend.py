"""Stations on one grid become one image: copied where one has rows, blended where two meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.image import FloatImage
from myeloscope.geometry.resample import Block

BLEND_MM = 12.0
"""Length of the band in which one station gives way to the next."""


def blend(
    blocks: Sequence[Block], gains: Sequence[float], seams: Sequence[int], spacing: float
) -> tuple[FloatImage, NDArray[np.bool_], NDArray[np.int8], tuple[int, int]]:
    """Join stations on one grid.

    Parameters
    ----------
    blocks, gains
        The stations from the top downward, and the factor each one's pixels are multiplied with.
    seams
        Grid row in the middle of each overlap.
    spacing
        Pixel size, mm.

    Returns
    -------
    (pixels, covered, station, corner)
        Values, cover and giving station (-1 where none), each (rows, columns), and the grid place
        of their first pixel.
    """
    starts = np.array([block.corner for block in blocks])
    ends = starts + np.array([block.pixels.shape for block in blocks])
    corner = starts.min(0)
    size = ends.max(0) - corner
    total = np.zeros(size, np.float32)
    covered = np.zeros(size, bool)
    station = np.full(size, -1, np.int8)
    # between two neighbouring edges the same blocks lie on every row
    edges = np.unique(np.concatenate([starts[:, 0], ends[:, 0]]))
    for top, bottom in pairwise(edges.tolist()):
        rows = slice(top - corner[0], bottom - corner[0])
        band = _Band(total[rows], covered[rows], station[rows])
        parts = [
            _Part(
                i,
                block.pixels[top - block.corner[0] : bottom - block.corner[0]],
                block.covered[top - block.corner[0] : bottom - block.corner[0]],
                _ramp(np.arange(top, bottom), seams, i, BLEND_MM / spacing),
                gains[i],
                block.corner[1] - int(corner[1]),
            )
            for i, block in enumerate(blocks)
            if block.corner[0] <= top < block.corner[0] + len(block.pixels)
        ]
        if len(parts) == 1 and parts[0].ramp.min() == 1.0:
            _put(band, parts[0])
        else:
            _mix(band, parts)
    return total, covered, station, (int(corner[0]), int(corner[1]))


@dataclass(frozen=True, slots=True, eq=False)
class _Band:
    """Rows of the canvas to be filled: pixels, cover and giving station."""

    total: FloatImage
    covered: NDArray[np.bool_]
    station: NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What one station has on these rows, its weight on each, gain, and first canvas column."""

    number: int
    pixels: FloatImage
    covered: NDArray[np.bool_]
    ramp: FloatImage
    gain: float
    left: int

    @property
    def columns(self) -> slice:
        """Return the columns of the canvas."""
        return slice(self.left, self.left + self.pixels.shape[1])


def _put(band: _Band, part: _Part) -> None:
    """Fill rows that one station alone gives."""
    where = np.s_[:, part.columns]
    np.multiply(part.pixels, np.float32(part.gain), out=band.total[where])
    band.covered[where] = part.covered
    np.copyto(band.station[where], np.int8(part.number), where=part.covered)


def _mix(band: _Band, parts: Sequence[_Part]) -> None:
    """Fill rows with the weighted mean of the stations there."""
    weight, best = np.zeros_like(band.total), np.zeros_like(band.total)
    for part in parts:
        where = np.s_[:, part.columns]
        share = part.covered * part.ramp[:, None]
        band.total[where] += part.pixels * (share * np.float32(part.gain))
        weight[where] += share
        np.copyto(band.station[where], np.int8(part.number), where=share > best[where])
        np.maximum(best[where], share, out=best[where])
    np.greater(weight, 0, out=band.covered)
    np.divide(band.total, weight, out=band.total, where=band.covered)


def _ramp(rows: NDArray[np.int64], seams: Sequence[int], i: int, length: float) -> FloatImage:
    """Return the weight of station ``i`` on every row; never quite 0, for rows only it covers."""
    ramp = np.ones(len(rows))
    if i > 0:
        ramp *= np.clip((rows - seams[i - 1]) / length + 0.5, 1e-6, 1)
    if i < len(seams):
        ramp *= np.clip((seams[i] - rows) / length + 0.5, 1e-6, 1)
    return ramp.astype(np.float32)

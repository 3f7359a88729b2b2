"""Outlines in pixel indices -> masks: a pixel belongs if its centre lies inside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def polygon_mask(corners: Floats, shape: tuple[int, int]) -> Bools:
    """Return the pixels whose centres lie inside a closed polygon.

    Inside is where the winding number is not 0 (W. R. Franklin's and D. Alciatore's crossing
    tests, signed): an outline that crosses itself has no holes. Each edge adds its direction to
    all pixels of its rows from the crossing rightward; the sum along the row is the winding.

    Parameters
    ----------
    corners
        Row and column indices, shape (N, 2), pixel centres at whole numbers; they may lie
        outside the image. The last corner is joined to the first.
    shape
        Rows and columns of the image.

    Returns
    -------
    ndarray of shape ``shape``
    """
    rows, columns = shape
    start, end = corners, np.roll(corners, -1, axis=0)
    # Half-open rows, so that a corner on a row's centre line counts once.
    low = np.ceil(np.minimum(start[:, 0], end[:, 0])).clip(0, rows).astype(int)
    high = np.ceil(np.maximum(start[:, 0], end[:, 0])).clip(0, rows).astype(int)
    spans = high - low
    edge = np.repeat(np.arange(len(corners)), spans)
    row = np.arange(spans.sum()) - np.repeat(np.cumsum(spans) - spans, spans) + low[edge]
    part = (row - start[edge, 0]) / (end[edge, 0] - start[edge, 0])
    crossing = start[edge, 1] + part * (end[edge, 1] - start[edge, 1])
    first = np.ceil(crossing).clip(0, columns).astype(int)
    turns = np.zeros((rows, columns + 1), np.int32)
    np.add.at(turns, (row, first), np.where(end[edge, 0] > start[edge, 0], 1, -1))
    return np.asarray(np.cumsum(turns, axis=1)[:, :columns] != 0)


def ribbon(middle: Floats, widths: Floats) -> Floats:
    """Return the outline of a ribbon around a curve.

    Parameters
    ----------
    middle
        Points along the curve, shape (N, 2), N >= 2, in any plane coordinates of equal units.
    widths
        Full width across the local axis at each point, shape (N,), same unit.

    Returns
    -------
    ndarray of shape (2 N, 2)
        Corners: down one side, up the other.
    """
    along = np.gradient(middle, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * widths[:, None] / 2
    return np.concatenate([middle + across, (middle - across)[::-1]])

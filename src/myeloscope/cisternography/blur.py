"""Gaussian blurs as matrices, for what is only compared; a wide one costs what a narrow one does.

Weights are those of ``scipy.ndimage`` (cut at four SD, mirrored at the edges), single precision.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Singles = NDArray[np.float32]


@lru_cache(maxsize=32)
def blur_matrix(count: int, sigma: float, truncate: float = 4.0) -> Singles:
    """Return the matrix (count, count) that blurs a column of places by a Gaussian.

    Parameters
    ----------
    count
        Places.
    sigma
        SD, in places; ``truncate`` SDs on each side are used, at most all places.
    """
    radius = min(int(truncate * sigma + 0.5), count)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    # weights by distance -2 count to 2 count; what lies beyond an edge is the mirror's
    course = np.zeros(4 * count + 1, np.float32)
    course[2 * count - radius : 2 * count + radius + 1] = weights
    by_shift = sliding_window_view(course, count)
    direct = by_shift[2 * count - np.arange(count)]
    before = by_shift[2 * count + 1 + np.arange(count)]
    after = by_shift[np.arange(count) + 1]
    made = np.asarray(direct + before + after)
    made.flags.writeable = False
    return made

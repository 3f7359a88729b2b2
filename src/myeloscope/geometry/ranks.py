"""Medians and percentiles of few or short rows, where numpy's own take longest to begin.

Values are those of :func:`numpy.median` and :func:`numpy.percentile` (linear between places), to
the bit; there must be no nan among them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def percentiles(rows: Floats, share: float) -> Floats:
    """Return a percentile (0 to below 100) of each row, shape (..., values) to (...)."""
    ordered = np.sort(rows, axis=-1)
    low, part = _place(rows.shape[-1], share)
    high = min(low + 1, rows.shape[-1] - 1)
    return _between(ordered[..., low], ordered[..., high], part)


def percentile(values: Floats, share: float) -> float:
    """Return a percentile (0 to below 100) of values of any shape."""
    low, part = _place(values.size, share)
    high = min(low + 1, values.size - 1)
    parted = np.partition(values, high, axis=None)
    below = parted[:high].max() if high > low else parted[high]
    return float(_between(below, parted[high], part))


def _place(count: int, share: float) -> tuple[int, float]:
    """Return the place, of so many, that a percentile lies at or beyond, and how far beyond."""
    at = (count - 1) * (share / 100.0)
    return int(at), at - int(at)


def _between(a: Floats, b: Floats, part: float) -> Floats:
    return np.asarray(b - (b - a) * (1 - part) if part >= 0.5 else a + (b - a) * part)


def medians(rows: NDArray[np.floating]) -> Floats:
    """Return the median of each row, shape (..., values) to (...)."""
    ordered = np.sort(rows, axis=-1)
    middle = rows.shape[-1] // 2
    if rows.shape[-1] % 2:
        return np.asarray(ordered[..., middle])
    return np.asarray(0.5 * (ordered[..., middle - 1] + ordered[..., middle]))


def median(values: NDArray[np.floating]) -> float:
    """Return the median of values of any shape."""
    middle = values.size // 2
    parted = np.partition(values, middle, axis=None)
    if values.size % 2:
        return float(parted[middle])
    return float(0.5 * (parted[:middle].max() + parted[middle]))

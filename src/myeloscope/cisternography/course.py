"""A smooth course through places along the canal that a leak beside it does not pull."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpbsv

from myeloscope.cisternography.planar import STEP_MM
from myeloscope.geometry.ranks import median

Floats = NDArray[np.float64]

BENDS_MM = (350.0, 250.0, 180.0, 140.0)
"""Length of a wave of which a smooth course follows half, round by round: the first rounds hardly
bend, so that a leak at an end does not pull them; scoliosis's waves are 200 mm and more."""
LEAST_OFF_MM = 0.7


def smooth_course(places: Floats, weight: Floats) -> Floats:
    """Return a smooth course along rows through places, those far from it left out.

    Third differences are penalised (Whittaker 1922), so that bends shorter than the last of
    :data:`BENDS_MM` are not followed; weights are lowered where a place lies off (Tukey's), as
    beside a bright leak.
    """
    n = len(places)
    if n < 8:
        return places
    trust = np.ones(n)
    course = places
    for bend in BENDS_MM:
        w = weight * trust + 1e-4
        matrix = _penalty(n, bend).copy(order="F")
        matrix[-1] += w
        _, course, _ = dpbsv(matrix, w * places, overwrite_ab=True, overwrite_b=True)
        off = np.abs(places - course)
        scale = 3.0 * max(median(off), LEAST_OFF_MM)
        trust = np.clip(1 - (off / scale) ** 2, 0.0, 1.0) ** 2
    return np.asarray(course)


@lru_cache(maxsize=32)
def _penalty(n: int, bend_mm: float) -> Floats:
    """Return the upper bands of the penalty on third differences of ``n`` rows."""
    stiff = (2 * np.sin(np.pi * STEP_MM / bend_mm)) ** -6
    third = np.diff(np.eye(n), 3, axis=0)
    whole = stiff * third.T @ third
    bands = np.zeros((4, n), order="F")
    for k in range(4):
        bands[3 - k, k:] = np.diagonal(whole, k)
    return bands

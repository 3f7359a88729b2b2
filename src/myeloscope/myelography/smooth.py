"""Smoothing along a line: Gaussian, Whittaker, and Whittaker that ignores outward outliers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

FloatArray = NDArray[np.float64]


def whittaker(values: FloatArray, weights: FloatArray, length: float) -> FloatArray:
    """Smooth values with a second-difference penalty (Eilers 2003, 10.1021/ac034173t).

    Parameters
    ----------
    values, weights
        (N,) samples at equal steps and their weights >= 0; values of weight 0 are filled in.
    length
        Wavelength, in samples, of which half the amplitude passes.

    Returns
    -------
    array (N,)
    """
    n = len(values)
    penalty = (length / (2 * np.pi)) ** 4
    diagonals = np.zeros((3, n))
    for offset, row in ((0, (1.0, 4.0, 1.0)), (1, (-2.0, -2.0)), (2, (1.0,))):
        for shift, part in enumerate(row):
            start = shift + offset
            diagonals[2 - offset, start : n - 2 + start] += part
    banded = penalty * diagonals
    banded[2] += weights + 1e-9
    return np.asarray(solveh_banded(banded, weights * values))


def whittaker_inner(
    values: FloatArray, weights: FloatArray, length: float, tolerance: float
) -> FloatArray:
    """Smooth values that have outliers upward (bumps on an edge), following the lower course.

    Samples more than ``tolerance`` above the curve lose their weight; six reweighted rounds from a
    start that prefers low values (asymmetric least squares, Eilers & Boelens 2005).
    """
    curve = whittaker(values, weights, length)
    factor = np.ones_like(values)
    for k in range(8):
        excess = (values - curve) / tolerance
        soft = 1.0 / (1.0 + np.exp(np.clip(4.0 * (excess - 0.5), -30, 30)))
        factor = np.where(values < curve, 1.0, 0.2 + 0.3 * (k > 2)) if k < 4 else soft + 1e-3
        curve = whittaker(values, weights * factor, length)
    return curve

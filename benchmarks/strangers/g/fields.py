"""Smooth random processes along a line and over a sheet."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, gaussian_filter1d

Array: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.floating[Any]]
Rng: TypeAlias = np.random.Generator


def course(rng: Rng, count: int, length: float) -> Array:
    """Return ``count`` samples of a Gaussian process of mean 0 and variance 1.

    ``length`` is the Gaussian kernel's standard deviation in samples.
    """
    pad = int(4 * length) + 1
    noise = rng.standard_normal(count + 2 * pad)
    smooth = gaussian_filter1d(noise, length) * math.sqrt(2 * math.sqrt(math.pi) * length)
    return np.asarray(smooth[pad : pad + count], dtype=np.float32)


def sheet(rng: Rng, shape: tuple[int, int], lengths: tuple[float, float]) -> Array:
    """Return a Gaussian field of variance 1 (nearly, at the edges), smooth over ``lengths``."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    gain = math.sqrt(4 * math.pi * lengths[0] * lengths[1])
    return np.asarray(gaussian_filter(noise, lengths, mode="wrap") * gain, dtype=np.float32)


def coarse(rng: Rng, shape: tuple[int, int], length: float) -> Array:
    """Return a field of variance 1 with a long ``length``, drawn coarsely and interpolated."""
    step = max(int(length / 3), 1)
    small = sheet(rng, (shape[0] // step + 3, shape[1] // step + 3), (length / step,) * 2)
    rows, columns = (np.arange(n) / step for n in shape)
    i, j = rows.astype(int), columns.astype(int)
    fi, fj = (rows - i)[:, None], (columns - j)[None, :]
    upper = small[i][:, j] * (1 - fj) + small[i][:, j + 1] * fj
    lower = small[i + 1][:, j] * (1 - fj) + small[i + 1][:, j + 1] * fj
    return np.asarray(upper * (1 - fi) + lower * fi, dtype=np.float32)


def ridged(field: Array, sharp: float) -> Array:
    """Return a net of ridges, 0-1, along the zeros of a field; larger ``sharp``, thinner."""
    return np.asarray(np.exp(-np.square(field * sharp)), dtype=np.float32)


def spread(rng: Rng, sigma: float) -> float:
    """Return a log-normal factor of median 1."""
    return float(np.exp(sigma * rng.standard_normal()))

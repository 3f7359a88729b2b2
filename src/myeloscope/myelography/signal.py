"""Noise and signal levels of an image, from the image itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from myeloscope.domain.image import FloatImage
from myeloscope.geometry.ranks import median

RAYLEIGH_SD = 0.6551
"""Standard deviation of Rician magnitude noise without signal, over sigma (sqrt(2 - pi/2))."""
RAYLEIGH_MEAN = 1.2533
"""Mean of Rician magnitude noise without signal, over sigma (sqrt(pi/2))."""


def noise_sigma(pixels: FloatImage) -> float:
    """Estimate the Gaussian noise sigma of the real and imaginary channels of a magnitude image.

    Uses the median absolute diagonal difference of 2 x 2 pixel blocks (a Haar detail coefficient,
    Donoho & Johnstone 1994), which edges and smooth signal hardly touch. Most of a myelogram is
    background, where magnitude noise is Rayleigh: the spread is divided by its 0.655. The
    2 x 2 blocks are taken four pixels apart, so that interpolated images (zero-filled k-space) are
    sampled beyond their correlation as well. Pixels of exactly the image's lowest value (masked
    air) are left out.

    Returns
    -------
    float
        Sigma in pixel units; 0 for a constant image.
    """
    if min(pixels.shape) < 4:
        return 0.0
    lowest = pixels.min()
    details = [
        _details(pixels[top:, left:], lowest)
        for top in _starts(pixels.shape[0])
        for left in _starts(pixels.shape[1])
    ]
    sizes = np.concatenate(details)
    if len(sizes) < 16:
        return 0.0
    return float(np.float32(median(sizes)) / 0.6745 / RAYLEIGH_SD)


def _starts(count: int) -> set[int]:
    """Return where blocks of four pixels begin, so that they lie alike from either side."""
    rest = count % 4
    return {rest // 2, rest - rest // 2}


def _details(pixels: FloatImage, lowest: np.float32) -> NDArray[np.float32]:
    """Return the absolute Haar details of the blocks that hold more than the lowest value."""
    rows, columns = (n - n % 4 for n in pixels.shape)
    a = pixels[:rows, :columns]
    corners = (a[0::4, 0::4], a[0::4, 3::4], a[3::4, 0::4], a[3::4, 3::4])
    detail = (corners[0] - corners[1] - corners[2] + corners[3]) / 2
    valid = np.stack(corners).max(axis=0) > lowest
    return np.asarray(np.abs(detail[valid]))


def remove_noise_floor(
    pixels: FloatImage, sigma: float | NDArray[np.float32]
) -> NDArray[np.float32]:
    """Undo the bias of Rician magnitude: signed square root of ``m^2 - 2 sigma^2``.

    ``sigma`` is one figure, or one for each pixel where stations differ.

    ``E[m^2] = A^2 + 2 sigma^2`` holds at every signal level (Gudbjartsson & Patz 1995,
    10.1002/mrm.1910340618); averages of the result lie near A where A > 2 sigma and near 0 in air.
    """
    power = np.abs(pixels)
    power *= pixels
    power -= np.asarray(2 * np.square(sigma), dtype=np.float32)
    root = np.abs(power)
    np.sqrt(root, out=root)
    return np.copysign(root, power, out=root)

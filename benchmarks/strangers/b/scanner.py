"""From a clean scene to magnitude pixels: coil shading, k-space and its faults, noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import scipy.fft as fft
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom

from benchmarks.strangers.b.anatomy import Floats, Rng
from benchmarks.strangers.b.sac import Image

Waves: TypeAlias = NDArray[Any]
"""Complex images and k-space, of either precision."""


@dataclass(frozen=True, slots=True)
class Scan:
    """How all stations were acquired: shares of k-space, filter, echo train, coil, background."""

    pe_row: bool
    shading: float
    filter: float
    acq_phase: float
    acq_freq: float
    decay: float
    order: str
    partial: float
    normal: bool
    background: float


@dataclass(frozen=True, slots=True)
class Faults:
    """What one station suffers from.

    ``sigma`` is the noise per channel; ``ghost`` strength, lines apart, phase and asymmetry;
    ``double`` a move (rows, columns) and its share, ``shotwise`` the lines per shot it alternates
    over; ``drift`` and ``jitter`` how far the patient wanders, pixels.
    """

    sigma: float
    ghost: tuple[float, float, float, float]
    double: tuple[float, float, float] | None
    shotwise: int
    drift: float
    jitter: float


def shading(rng: Rng, n: int, strength: float) -> Image:
    """Return surface-coil sensitivities, low order, about 1 in the middle column."""
    y, x = np.mgrid[-1:1:33j, -1:1:33j]
    f = -strength * rng.uniform(0.2, 1.1) * np.abs(y) ** rng.uniform(3, 8)
    f = f - strength * rng.uniform(0, 0.7) * x**2
    f += strength * (0.35 * rng.normal() * x + 0.3 * rng.normal() * y)
    k = int(rng.integers(2, 6))
    f += strength * rng.uniform(0, 0.25) * np.cos(np.pi * k * y + rng.uniform(0, 6))
    f += strength * 0.25 * gaussian_filter(rng.standard_normal((33, 33)), 6) * 15
    return np.asarray(np.clip(zoom(np.exp(f), n / 33, order=1)[:n, :n], 0.08, 4).astype(np.float32))


def _window(k: Floats, acquired: float, soft: float) -> Floats:
    """Return the filter along one axis of k-space (-1 to 1)."""
    sharp = np.abs(k) <= acquired
    if soft == 0:
        return np.asarray(sharp * 1.0)
    edge = (np.abs(k) / acquired - (1 - 0.5 * soft)) / (0.03 + 0.25 * soft)
    return np.asarray(sharp * (1 / (1 + np.exp(edge))))


def acquire(img: Image, m: int, rng: Rng, scan: Scan, faults: Faults) -> Floats:
    """Return the magnitude image (m, m) of a clean scene (n, n)."""
    n = img.shape[0]
    whole: Waves = np.fft.fftshift(fft.fft2(img.astype(np.complex64)))
    a = (n - m) // 2
    k: Waves = whole[a : a + m, a : a + m] * (m / n) ** 2
    line = (np.arange(m) - m // 2) / (m / 2)
    phase = _window(line, scan.acq_phase, scan.filter)
    read = _window(line, scan.acq_freq, scan.filter)
    train = _train(line, scan) * phase
    w = read[:, None] * train[None] if scan.pe_row else train[:, None] * read[None]
    weight = _ghosts(w, m, scan, faults.ghost)
    moved = _moved(k, m, rng, scan, faults) * weight
    real = rng.standard_normal((m, m), dtype=np.float32)
    noise = real + 1j * rng.standard_normal((m, m), dtype=np.float32)
    down, along = (read, phase) if scan.pe_row else (phase, read)
    wn = np.abs(down)[:, None] * np.abs(along)[None]
    noise *= wn / np.sqrt((wn**2).mean()) * m * faults.sigma
    total = moved + noise
    return np.asarray(np.abs(fft.ifft2(np.fft.ifftshift(total).astype(np.complex64))))


def _train(line: Floats, scan: Scan) -> Floats:
    """Return decay along the echo train, and the cut of partial Fourier."""
    if scan.order == "linear":
        weight = np.exp(-line * scan.decay)
    else:
        weight = np.exp(-np.abs(line) * scan.decay)
    if scan.partial < 1:
        weight = weight * (1 / (1 + np.exp(-(line + (2 * scan.partial - 1)) * 60)))
    return np.asarray(weight)


def _ghosts(
    w: Floats, m: int, scan: Scan, ghost: tuple[float, float, float, float]
) -> NDArray[np.complex128] | Floats:
    """Return k-space weights with a periodic modulation along the phase-encoding lines."""
    strength, shift, phase, asymmetry = ghost
    if strength <= 0:
        return w
    line = np.arange(m)
    mod = 1 + strength * np.exp(2j * np.pi * (shift / m * line + phase))
    mod = mod + strength * asymmetry * np.exp(-2j * np.pi * (shift / m * line - 0.2))
    return np.asarray(w * (mod[None] if scan.pe_row else mod[:, None]))


def _moved(k: Waves, m: int, rng: Rng, scan: Scan, faults: Faults) -> Waves:
    """Return k-space of a patient who moved between shots, or wandered during the scan."""
    if faults.double is not None:
        dy, dx, share = faults.double
        yy = np.arange(m) - m // 2
        ph = np.exp(-2j * np.pi * (dy * yy[:, None] + dx * yy[None]) / m)
        if faults.shotwise:
            alternate = ((np.arange(m) // faults.shotwise) % 2).astype(float)
            alt = alternate[None] if scan.pe_row else alternate[:, None]
            k = k * (1 - share * alt + share * alt * ph)
        else:
            k = k * (1 - share + share * ph)
    if faults.drift:
        walks = [np.cumsum(rng.standard_normal(m)) / np.sqrt(m) * faults.drift for _ in range(2)]
        if faults.jitter:
            walks = [walk + rng.standard_normal(m) * faults.jitter for walk in walks]
        at = (np.arange(m) - m // 2) / m
        if scan.pe_row:
            turn = walks[0][None] * at[None] + walks[1][None] * at[:, None]
        else:
            turn = walks[0][:, None] * at[:, None] + walks[1][:, None] * at[None]
        k = k * np.exp(-2j * np.pi * turn)
    return k

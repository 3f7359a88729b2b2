"""The scanner: k-space with T2 decay, motion and ghosts, coils, noise, interpolation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fft2, fftshift, ifft2, ifftshift
from scipy.ndimage import gaussian_filter

from benchmarks.strangers.f.plate import Array, Grid

Complex = NDArray[np.complex64]


@dataclass(frozen=True, slots=True)
class Scan:
    """What the images of a study share: matrices, echo train, coils, what the maker does after.

    ``lines`` are phase-encoded along rows (``phase_axis`` 0) or columns (1); ``decay`` is the
    echo train's length over CSF's T2, its sign the order of the echoes.
    """

    matrix: int
    read: int
    lines: int
    phase_axis: int
    decay: float
    window: float
    coils: int
    corrected: bool
    uneven: float
    sharpen: float
    floor: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong in one image: gain, pulsation ghosts, slips between shots, motion, mm.

    ``weak`` is where a coil gives no more signal, as a share of the rows, or none.
    """

    gain: float
    ghost: float
    ghost_rate: float
    slip_mm: tuple[float, float]
    motion_mm: float
    weak: float | None


def choose_scan(rng: np.random.Generator) -> Scan:
    """Return how a new study is acquired."""
    matrix = int(rng.choice([512, 512, 512, 512, 384, 448, 576, 640]))
    read = matrix if rng.random() < 0.72 else int(matrix * rng.choice([0.5, 0.625, 0.75]))
    lines = 2 * int(read * rng.choice([1.0, 1.0, 0.9, 0.75, 0.6]) / 2)
    coils = int(rng.choice([1, 2, 3, 4, 6], p=[0.42, 0.16, 0.14, 0.18, 0.1]))
    return Scan(
        matrix=matrix, read=read, lines=lines, phase_axis=int(rng.random() < 0.45),
        decay=float(rng.choice([-1, 1]) * rng.uniform(0.3, 1.3)),
        window=float(rng.choice([0.0, 0.0, rng.uniform(0.2, 0.8)])),
        coils=min(coils, 6 if read == matrix <= 512 else 2),
        corrected=bool(rng.random() < 0.45), uneven=float(rng.uniform(0.05, 0.5)),
        sharpen=float(rng.choice([0.0, 0.0, rng.uniform(-0.5, 0.7)])),
        floor=float(rng.choice([0.0, 0.0, 0.0, rng.uniform(0.3, 1.2)])),
    )  # fmt: skip


def choose_trouble(rng: np.random.Generator) -> Trouble:
    """Return the little that goes wrong in any image."""
    return Trouble(
        gain=float(np.exp(rng.normal(0, 0.15))),
        ghost=float(rng.gamma(1.0, 0.012)) if rng.random() < 0.6 else 0.0,
        ghost_rate=float(rng.uniform(0.06, 0.5)),
        slip_mm=(float(rng.normal(0, 0.18)), float(rng.normal(0, 0.18))),
        motion_mm=float(rng.gamma(1.0, 0.08)),
        weak=None,
    )  # fmt: skip


def _encode(fine: Grid, scan: Scan) -> tuple[Complex, Array, Array]:
    """Return k-space as far as it is acquired, and its row and column frequencies, 1/pixel."""
    n = fine.shape[0]
    full = fftshift(fft2(ifftshift(fine)))
    size = (scan.lines, scan.read) if scan.phase_axis == 0 else (scan.read, scan.lines)
    parts = tuple(slice(n // 2 - s // 2, n // 2 - s // 2 + s) for s in size)
    rows, cols = ((np.arange(s) - s // 2) / n for s in size)
    return np.asarray(full[parts], np.complex64), rows, cols


def _lines(rng: np.random.Generator, scan: Scan, trouble: Trouble) -> tuple[Array, Array]:
    """Return each line's factor (lines,) and the patient's place then (lines, 2), mm."""
    t = np.linspace(-0.5, 0.5, scan.lines)
    factor = np.exp(-scan.decay * t)
    number = np.arange(scan.lines)
    phase = rng.uniform(0, 2 * np.pi)
    factor *= 1 + 2 * trouble.ghost * np.cos(2 * np.pi * trouble.ghost_rate * number + phase)
    place = np.zeros((scan.lines, 2))
    place[number % 2 == 1] += trouble.slip_mm
    knots = rng.normal(0, 1, (9, 2)).cumsum(axis=0) * trouble.motion_mm
    knots -= knots[4]
    for k in range(2):
        place[:, k] += np.interp(t, np.linspace(-0.5, 0.5, 9), knots[:, k])
    if trouble.motion_mm > 1:
        place += rng.normal(0, 0.35 * trouble.motion_mm, place.shape) * (number % 2)[:, None]
    return factor, place


def _spoil(
    rng: np.random.Generator, fine: Grid, scan: Scan, trouble: Trouble, pixel_mm: float
) -> Complex:
    """Return the complex image on the acquired matrix."""
    k, rows, cols = _encode(fine, scan)
    factor, place = _lines(rng, scan, trouble)
    place = place / pixel_mm
    if scan.phase_axis == 0:
        turn = rows[:, None] * place[:, :1] + cols[None, :] * place[:, 1:]
        k = k * (factor[:, None] * np.exp(-2j * np.pi * turn)).astype(np.complex64)
    else:
        turn = rows[:, None] * place[None, :, 0] + cols[None, :] * place[None, :, 1]
        k = k * (factor[None, :] * np.exp(-2j * np.pi * turn)).astype(np.complex64)
    if scan.window:
        tops = np.abs(rows).max(), np.abs(cols).max()
        bells = [
            1 - scan.window * np.sin(0.5 * np.pi * f / top) ** 2
            for f, top in zip((rows, cols), tops, strict=True)
        ]
        k = k * (bells[0][:, None] * bells[1][None, :]).astype(np.complex64)
    scale = k.size / fine.size
    return np.asarray(fftshift(ifft2(ifftshift(k))) * scale, np.complex64)


def _coil_maps(rng: np.random.Generator, scan: Scan, shape: tuple[int, ...]) -> list[Grid]:
    """Return the coils' sensitivities (rows, columns); along the body they take turns."""
    v, u = np.linspace(-0.5, 0.5, shape[0]), np.linspace(-0.5, 0.5, shape[1])
    maps = []
    centres = (np.arange(scan.coils) + 0.5) / scan.coils - 0.5
    for centre in centres:
        wide = 0.75 / scan.coils + 0.18
        down = np.exp(-(((v - centre - rng.normal(0, 0.03)) / wide) ** 2) * (scan.coils > 1))
        drop = 1 - scan.uneven * (2 * np.abs(v + rng.normal(0, 0.06))) ** 2
        across = 1 - 0.8 * scan.uneven * (2 * u + rng.normal(0, 0.15)) ** 2 / 2
        maps.append((down * drop)[:, None] * np.clip(across, 0.15, None)[None, :])
    whole = np.sqrt(sum(m**2 for m in maps))
    middle = float(np.median(whole[:, shape[1] // 2]))
    return [np.asarray(m / middle, np.float32) for m in maps]


def _grown(image: Complex, matrix: int) -> Complex:
    """Return an image with zeros added about its k-space, (matrix, matrix)."""
    if image.shape == (matrix, matrix):
        return image
    k = fftshift(fft2(ifftshift(image)))
    whole = np.zeros((matrix, matrix), np.complex64)
    corner = [matrix // 2 - s // 2 for s in image.shape]
    parts = tuple(slice(c, c + s) for c, s in zip(corner, image.shape, strict=True))
    whole[parts] = k
    scale = whole.size / image.size
    return np.asarray(fftshift(ifft2(ifftshift(whole))) * scale, np.complex64)


def acquire(
    rng: np.random.Generator, fine: Grid, scan: Scan, trouble: Trouble, sigma: float, fov_mm: float
) -> Grid:
    """Return the magnitude image (matrix, matrix) of what lies in the field of view.

    ``sigma`` is the noise's spread in either channel of the acquired image, in ink.
    """
    image = _spoil(rng, fine, scan, trouble, fov_mm / fine.shape[0])
    if trouble.weak is not None:
        place = (np.arange(image.shape[0]) / image.shape[0] - trouble.weak) / 0.025
        image = image * (0.015 + 0.985 / (1 + np.exp(np.clip(place, -40, 40))))[:, None]
    maps = _coil_maps(rng, scan, image.shape)
    power = np.zeros((scan.matrix, scan.matrix), np.float32)
    for one in maps:
        noise = rng.standard_normal((2, *image.shape), dtype=np.float32) * np.float32(sigma)
        channel = _grown(
            np.asarray(image * one + noise[0] + 1j * noise[1], np.complex64), scan.matrix
        )
        power += channel.real**2 + channel.imag**2
    seen = np.sqrt(power)
    if scan.corrected:
        seen = seen / _resized(np.sqrt(sum(m**2 for m in maps)), scan.matrix)
    if scan.sharpen:
        seen = seen + np.float32(scan.sharpen) * (seen - gaussian_filter(seen, 0.9))
    seen = np.maximum(seen - np.float32(scan.floor * sigma), 0)
    return np.asarray(seen * np.float32(trouble.gain), np.float32)


def _resized(smooth: Grid, matrix: int) -> Grid:
    """Return a smooth map read at the nearest places of a square matrix, never below 0.1."""
    rows = np.arange(matrix) * smooth.shape[0] // matrix
    cols = np.arange(matrix) * smooth.shape[1] // matrix
    return np.asarray(np.maximum(smooth[np.ix_(rows, cols)], 0.1), np.float32)

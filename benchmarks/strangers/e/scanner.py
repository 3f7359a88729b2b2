"""From path lengths to a magnitude image: coils, echo train, k-space, noise, faults, the maker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fft2, fftfreq, ifft2
from scipy.ndimage import gaussian_filter1d, zoom

from benchmarks.strangers.e.camera import Camera
from benchmarks.strangers.e.voxels import Grid, noise

Spectrum = NDArray[np.complex64]


@dataclass(frozen=True, slots=True)
class Scanner:
    """What all stations of a study share.

    ``support`` are the shares of k-space measured along rows and columns; ``down`` says that the
    phase is encoded along the image's rows; ``decay`` is how far signal falls from the middle to
    the edge of k-space; ``taper`` rounds the edge; ``channels`` beside the first add noise alone.
    ``even`` is how much of the coils' shading the maker takes out again.
    """

    snr: float
    support: tuple[float, float]
    down: bool
    decay: float
    taper: float
    channels: int
    shading: float
    even: float
    ghost: float
    wobble: float
    body: float
    smooth: float
    sharpen: float
    floor: float


@dataclass(frozen=True, slots=True)
class Fault:
    """What ruins a study: ``motion`` or ``void`` of a station, or a station ``missing``.

    A void takes the rows of the image between two shares of its height.
    """

    kind: str
    station: int
    size: float
    span: tuple[float, float]


def choose_scanner(rng: np.random.Generator, snr: float) -> Scanner:
    """Return a scanner and how it is used."""
    sharp = rng.random()
    full = (
        (1.0, 1.0)
        if rng.random() < 0.55
        else (float(rng.uniform(0.65, 1.0)), float(rng.uniform(0.5, 0.9)))
    )
    return Scanner(
        snr=snr,
        support=full,
        down=bool(rng.random() < 0.5),
        decay=float(rng.uniform(0.15, 0.75)),
        taper=float(rng.choice([0.0, 0.15, 0.4, 0.8])),
        channels=int(rng.choice([0, 0, 1, 3])),
        shading=float(rng.uniform(0.05, 0.35)),
        even=float(rng.choice([0.0, 0.0, 0.5, 0.95])),
        ghost=float(rng.exponential(0.006)),
        wobble=float(rng.exponential(0.12)),
        body=float(rng.uniform(0.0, 0.025)),
        smooth=float(rng.uniform(0.4, 0.8) if sharp < 0.2 else 0.0),
        sharpen=float(rng.uniform(0.2, 0.7) if sharp > 0.8 else 0.0),
        floor=float(rng.uniform(0.3, 1.2) if rng.random() < 0.1 else 0.0),
    )


def _coils(rng: np.random.Generator, scanner: Scanner, shape: tuple[int, int]) -> Grid:
    """Return smooth shading about 1: elements along the table, less toward the edges."""
    rows, columns = np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1])
    waves = np.cos(rng.uniform(2, 6) * rows + rng.uniform(0, 6)) * rng.uniform(0.3, 1)
    waves -= 0.9 * rows**4 * rng.uniform(0, 1)
    across = np.cos(1.1 * (columns - rng.normal(0, 0.25)))
    field = (1 + scanner.shading * waves)[:, None] * (0.45 + 0.55 * across)[None, :]
    return np.maximum(field, 0.05).astype(np.float32)


def _remnant(rng: np.random.Generator, scanner: Scanner, shape: tuple[int, int]) -> Grid:
    """Return what is left of tissue after the long echo: a faint body and brighter skin and fat."""
    columns = np.linspace(-1, 1, shape[1])[None, :]
    half = 0.75 + 0.15 * gaussian_filter1d(rng.standard_normal(shape[0]), shape[0] / 8)[:, None] * 8
    body = np.clip((half - np.abs(columns)) * 12, 0, 1)
    rim = np.exp(-(((np.abs(columns) - half) / 0.03) ** 2))
    texture = zoom(noise(rng, (shape[0] // 16 + 2, shape[1] // 16 + 2), 1.0), 16, order=1)
    smooth = texture[: shape[0], : shape[1]]
    return np.asarray(scanner.body * (body * (1 + 0.5 * smooth) + rim), dtype=np.float32)


def _filter(scanner: Scanner, shape: tuple[int, int]) -> Grid:
    """Return the weight of k-space: what is measured, the train's decay, the maker's filters."""
    parts = []
    for axis, (n, share) in enumerate(zip(shape, scanner.support, strict=True)):
        k = np.abs(fftfreq(n)) * 2 / share
        weight = (k <= 1).astype(np.float64)
        edge = max(scanner.taper, 1e-6)
        rise = np.clip((k - (1 - edge)) / edge, 0, 1)
        weight *= 0.5 + 0.5 * np.cos(np.pi * rise) if scanner.taper else 1.0
        if (axis == 0) == scanner.down:
            weight *= np.exp(-scanner.decay * np.minimum(k, 1))
        parts.append(weight)
    total = parts[0][:, None] * parts[1][None, :]
    k2 = fftfreq(shape[0])[:, None] ** 2 + fftfreq(shape[1])[None, :] ** 2
    if scanner.smooth:
        total *= np.exp(-2 * (np.pi * scanner.smooth) ** 2 * k2)
    if scanner.sharpen:
        total *= 1 + scanner.sharpen * (1 - np.exp(-2 * (np.pi * 1.2) ** 2 * k2))
    return np.asarray(total, dtype=np.float32)


def _moved(
    rng: np.random.Generator, scanner: Scanner, k: Spectrum, camera: Camera, size: float
) -> Spectrum:
    """Return k-space of which each shot saw the patient elsewhere by some ``size`` mm."""
    shots = int(rng.integers(2, 5)) if size > 1 else 2
    axis = 0 if scanner.down else 1
    order = np.argsort(np.argsort(fftfreq(k.shape[axis])))
    blocks = rng.random() < 0.4
    turn = (order * shots // len(order)) if blocks else order % shots
    ky, kx = fftfreq(k.shape[0])[:, None], fftfreq(k.shape[1])[None, :]
    total = np.zeros_like(k)
    for shot in range(shots):
        dy, dx = rng.normal(0, size, 2) / camera.step
        line = (turn == shot)[:, None] if axis == 0 else (turn == shot)[None, :]
        total += np.where(line, k, 0) * np.exp(-2j * np.pi * (ky * dy + kx * dx)).astype(k.dtype)
    return total


def expose(
    rng: np.random.Generator, scanner: Scanner, camera: Camera, image: Grid, fault: Fault | None
) -> Grid:
    """Return the magnitude image, in units of the sac, of path lengths in the same units."""
    shape = (camera.matrix, camera.width)
    coils = _coils(rng, scanner, shape)
    signal = (image + _remnant(rng, scanner, shape)) * coils
    if fault is not None and fault.kind == "void":
        rows = np.linspace(0, 1, shape[0])
        low, high = fault.span
        gone = np.clip(np.minimum(rows - low, high - rows) / 0.07 + 0.5, 0, 1)
        signal = signal * (1 - gone * (1 - 0.02 * fault.size))[:, None].astype(np.float32)
    k: Spectrum = np.asarray(fft2(signal.astype(np.complex64)), dtype=np.complex64)
    size = fault.size if fault is not None and fault.kind == "motion" else scanner.wobble
    k = _moved(rng, scanner, k, camera, size)
    weight = _filter(scanner, shape)
    clean: Spectrum = ifft2(k * weight)
    if scanner.ghost > 0.003:
        axis = 0 if scanner.down else 1
        away = int(shape[axis] * rng.uniform(0.1, 0.5))
        clean = clean + np.float32(scanner.ghost) * np.roll(clean, away, axis)
    return _finished(rng, scanner, clean, weight, coils)


def _finished(
    rng: np.random.Generator, scanner: Scanner, clean: Spectrum, weight: Grid, coils: Grid
) -> Grid:
    """Return the magnitude with the noise of all channels, as the maker stores it."""
    grain = rng.standard_normal((2, *clean.shape), dtype=np.float32)
    hiss = ifft2((grain[0] + 1j * grain[1]) * weight)
    hiss *= np.float32(1 / (scanner.snr * (float(hiss.real.std()) + 1e-12)))
    power = np.abs(clean + hiss) ** 2
    for shift in range(1, scanner.channels + 1):
        power = power + np.abs(np.roll(hiss, (37 * shift, 61 * shift), (0, 1))) ** 2
    image = np.sqrt(power)
    image = image / coils**scanner.even
    image[:2], image[-2:] = image[2], image[-3]
    return np.asarray(np.maximum(image - scanner.floor / scanner.snr, 0), dtype=np.float32)

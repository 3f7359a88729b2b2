"""A single-shot or two-shot turbo spin echo: coils, k-space, reconstruction, vendor's filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fft2, fftfreq, ifft2
from scipy.ndimage import gaussian_filter, map_coordinates, uniform_filter

from benchmarks.strangers.g.fields import Array, Rng, coarse, course

Complex = NDArray[np.complexfloating[Any, Any]]


@dataclass(frozen=True, slots=True)
class Scanner:
    """Settings of a study's scanner.

    ``lines`` are phase-encoding lines of ``read`` samples; ``down`` whether phase runs down the
    image; ``partial`` the share of k-space's lines acquired; ``train_s`` the echo train's length;
    ``shots`` one or two; ``speedup`` of parallel imaging; ``noise`` the standard deviation where
    the sac has 1; ``corrected`` how far coils' shading is taken out; filters 0 for none.
    """

    read: int
    lines: int
    down: bool
    partial: float
    train_s: float
    shots: int
    speedup: int
    coils: int
    combine: str
    noise: float
    corrected: float
    sharpen: float
    denoise: float
    warp_mm: float
    masked: bool
    clip: float
    window: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What spoils one station: steps of motion (mm), a band without signal (down, mm; or None)."""

    motion_mm: float = 0.0
    void: tuple[float, float] | None = None


def choose_scanner(rng: Rng, snr: float, size: int) -> Scanner:
    """Return a scanner whose images have a signal-to-noise ratio of about ``snr`` in the sac."""
    shots = int(rng.choice([1, 2]))
    speedup = int(rng.choice([1, 1, 2, 2, 3]))
    read = int(min(size, rng.choice([288, 320, 384, 448, 512])))
    return Scanner(
        read=read,
        lines=int(min(size, read * rng.choice([0.75, 0.85, 1.0]))),
        down=bool(rng.random() < 0.4),
        partial=float(rng.choice([0.58, 0.65, 0.75, 1.0])),
        train_s=float(rng.uniform(0.7, 1.9)),
        shots=shots,
        speedup=speedup,
        coils=int(rng.choice([2, 3, 4])),
        combine=str(rng.choice(["squares", "adaptive"])),
        noise=1 / snr,
        corrected=float(rng.choice([0.0, 0.6, 0.9, 1.0], p=[0.2, 0.2, 0.3, 0.3])),
        sharpen=float(rng.uniform(0.2, 0.9) if rng.random() < 0.3 else 0),
        denoise=float(rng.uniform(0.5, 1.6) if rng.random() < 0.3 else 0),
        warp_mm=float(rng.uniform(0.3, 1.5) if rng.random() < 0.4 else 0),
        masked=bool(rng.random() < 0.2),
        clip=float(rng.uniform(1.3, 2.0) if rng.random() < 0.15 else 0),
        window=str(rng.choice(["none", "hann", "tukey"])),
    )


def _coils(rng: Rng, size: int, count: int) -> tuple[list[Complex], Array]:
    """Return sensitivities of elements of a spine coil in a column, and their common strength."""
    place = np.linspace(-1, 1, size, dtype=np.float32)
    long = rng.uniform(0.55, 0.9) * 2 / count**0.5
    wide = rng.uniform(0.9, 2.2)
    across = np.exp(-0.5 * np.square((place - rng.normal(0, 0.08)) / wide))[None, :]
    coils: list[Complex] = []
    for k in range(count):
        middle = -1 + (2 * k + 1) / count + rng.normal(0, 0.05)
        along = rng.uniform(0.8, 1.2) / (1 + np.square((place - middle) / long))[:, None]
        turn = np.exp(1j * (rng.uniform(0, 6) + rng.normal(0, 1) * place))[:, None]
        coils.append((along * across * turn).astype(np.complex64))
    strength = np.sqrt(sum(np.abs(coil) ** 2 for coil in coils)).astype(np.float32)
    unit = float(np.mean(strength[:, 2 * size // 5 : 3 * size // 5]))
    return [coil / unit for coil in coils], strength / unit


def _filter(rng: Rng, scanner: Scanner, size: int, fault: Fault) -> tuple[Complex, Array]:
    """Return what k-space is multiplied by, rows of phase lines first, and what noise is.

    Lines whose opposite was not acquired count twice, with a ramp in the middle (homodyne
    reconstruction: Noll, Nishimura and Macovski, IEEE Trans Med Imaging 1991).
    """
    line = np.rint(fftfreq(size, 1 / size)).astype(int)
    half = scanner.lines // 2
    first = round((1 - scanner.partial) * scanner.lines) - half
    sampled = (line >= first) & (line < half)
    decay = np.exp(-(line / scanner.lines) * scanner.train_s / 1.6)
    phase = decay.astype(np.complex64)
    rest = fault.motion_mm or float(abs(rng.normal(0, 0.12)))
    sway = rest * course(rng, size, rng.uniform(3, 40))
    if fault.motion_mm:
        jumps = np.repeat(rng.normal(0, 1.2 * rest, size // 32 + 1), 32)[:size]
        sway = sway + jumps - np.median(jumps)
    phase = phase * np.exp(2j * np.pi * np.fft.ifftshift(sway) * line / size)
    if scanner.shots == 2:
        uneven = rng.normal(0, 0.02) + 1j * rng.normal(0, 0.03)
        phase = phase * np.where(line % 2, 1 + uneven, 1 - uneven)
    read = np.abs(line) <= scanner.read // 2
    weight = np.where(line > -first, 2.0, 1.0) * sampled
    weight = np.where(np.abs(line) <= -first, 1 + line / max(-first, 1), weight)
    weight = weight if scanner.partial < 1 else sampled
    keep = weight[:, None] * read[None, :]
    window = np.ones((size, size), dtype=np.float32)
    if scanner.window != "none":
        soft = [np.clip(np.abs(line) / n, 0, 1) for n in (half, scanner.read // 2)]
        begin = 0.0 if scanner.window == "hann" else 0.6
        slope = [0.5 + 0.5 * np.cos(np.pi * np.clip((w - begin) / (1 - begin), 0, 1)) for w in soft]
        power = 0.6 if scanner.window == "hann" else 1.0
        window = (slope[0] ** power)[:, None] * (slope[1] ** power)[None, :]
    return (phase[:, None] * keep * window).astype(np.complex64), (keep * window).astype(np.float32)


def _gain_of_noise(rng: Rng, scanner: Scanner, size: int) -> Array:
    """Return how parallel imaging amplifies noise at each place, 1 in the middle."""
    place = np.linspace(0, 1, size, dtype=np.float32)
    if scanner.speedup == 1:
        return np.ones((size, size), dtype=np.float32)
    beat = np.cos(2 * np.pi * scanner.speedup * (place[:, None] - 0.5))
    dome = np.exp(-np.square((place - 0.5) / 0.3))[None, :]
    gain = 1 + 0.16 * scanner.speedup * (0.5 + 0.5 * beat) * dome
    gain = gain * np.exp(0.06 * coarse(rng, (size, size), 40))
    return np.asarray(gain / gain[:, 2 * size // 5 : 3 * size // 5].mean(), dtype=np.float32)


def acquire(rng: Rng, scanner: Scanner, scene: Array, fault: Fault) -> Array:
    """Return the magnitude image of a scene (sac 1) with noise; phase runs along rows' axis 0."""
    size = scene.shape[0]
    coils, strength = _coils(rng, size, scanner.coils)
    if not scanner.down:
        scene = scene.T
        coils = [coil.T for coil in coils]
        strength = strength.T
    weight, acquired = _filter(rng, scanner, size, fault)
    gain = _gain_of_noise(rng, scanner, size)
    phase = np.exp(1j * 0.6 * coarse(rng, (size, size), 90)).astype(np.complex64)
    sigma = scanner.noise / np.sqrt(float(np.mean(acquired**2)))
    total = np.zeros(
        (size, size), dtype=np.complex64 if scanner.combine == "adaptive" else np.float32
    )
    for coil in coils:
        image = ifft2(fft2(scene * (coil * phase)) * weight)
        white = rng.standard_normal((size, size, 2), dtype=np.float32).view(np.complex64)[..., 0]
        noise = ifft2(white * acquired, norm="ortho") * (sigma * gain)
        image += noise
        if scanner.partial < 1:
            turn = coil * phase / np.abs(coil)
            image = (image * np.conj(turn)).real * turn
        if scanner.combine == "adaptive":
            total += np.conj(coil * phase) * image
        else:
            total += np.square(image.real) + np.square(image.imag)
    magnitude = np.abs(total) / strength if scanner.combine == "adaptive" else np.sqrt(total)
    magnitude /= strength**scanner.corrected
    return np.asarray(magnitude if scanner.down else magnitude.T, dtype=np.float32)


def _denoised(image: Array, noise: float, strength: float) -> Array:
    """Return a local Wiener filter's image: even parts flattened, edges kept."""
    mean = uniform_filter(image, 5)
    spread = np.clip(uniform_filter(image**2, 5) - mean**2, 0, None)
    floor = (strength * noise) ** 2
    kept = np.clip(spread - floor, 0, None) / np.maximum(spread, floor + 1e-9)
    return np.asarray(mean + kept * (image - mean), dtype=np.float32)


def _resampled(rng: Rng, image: Array, shift_px: float) -> Array:
    """Return an image after a correction of gradients that leaves small residues and blur."""
    size = image.shape[0]
    i, j = np.indices(image.shape, dtype=np.float32)
    radius = np.square((i - size / 2) / size) + np.square((j - size / 2) / size)
    bend = shift_px * rng.choice([-1, 1]) * radius
    where = [i + bend * (i - size / 2) / size, j + bend * (j - size / 2) / size]
    return np.asarray(map_coordinates(image, where, order=1, mode="nearest"), dtype=np.float32)


def finish(rng: Rng, scanner: Scanner, image: Array, pixel_mm: float) -> Array:
    """Return the image after the vendor's filters."""
    if scanner.denoise:
        image = _denoised(image, scanner.noise, scanner.denoise)
    if scanner.warp_mm:
        image = _resampled(rng, image, scanner.warp_mm / pixel_mm)
    if scanner.sharpen:
        image = image + scanner.sharpen * (image - gaussian_filter(image, 1.4))
    if scanner.masked:
        level = gaussian_filter(image, 8)
        image = image * (level > 0.6 * float(np.quantile(level, 0.35)))
    if scanner.clip:
        image = np.minimum(image, scanner.clip)
    return np.asarray(np.clip(image, 0, None), dtype=np.float32)


def void(rng: Rng, scene: Array, rows: tuple[int, int]) -> Array:
    """Return a scene with a band that lost its signal, as by metal or a dead element."""
    size = scene.shape[0]
    place = np.arange(size, dtype=np.float32)
    edge = rng.uniform(4, 14)
    loss = 1 / (1 + np.exp((rows[0] - place) / edge)) / (1 + np.exp((place - rows[1]) / edge))
    return np.asarray(scene * (1 - 0.97 * np.clip(loss * 1.1, 0, 1))[:, None], dtype=np.float32)

"""From an object to a magnitude image: coil, k-space, its faults, noise, filtering, channels.

Images are in units of the sac's brightness; the noise of each channel is Gaussian in both parts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fft2, fftshift, ifft2, ifftshift
from scipy.ndimage import gaussian_filter, gaussian_filter1d, zoom

from benchmarks.strangers.c.lumen import Grid
from benchmarks.strangers.c.spine import Floats

Waves = NDArray[np.complex64]


@dataclass(frozen=True, slots=True)
class Scanner:
    """How a study was acquired and reconstructed.

    ``read`` and ``lines`` are the samples acquired along and across the read-out, ``matrix`` the
    image's; ``phase_axis`` is 0 if phase is encoded down the rows, 1 if along them; ``partial``
    the share of lines acquired; ``decay`` the loss of signal over the train, in e-folds.
    """

    matrix: int
    read: int
    lines: int
    phase_axis: int
    partial: float
    decay: float
    window: float
    channels: int
    snr: float
    coil: str
    evened: bool
    acceleration: float
    ghost: float
    zipper: float
    spike: float
    power_lost: float


@dataclass(frozen=True, slots=True)
class Fault:
    """What ruins a station: ``motion``, or ``lost-signal`` between two heights q, mm."""

    name: str
    band_mm: tuple[float, float] = (0.0, 0.0)


def choose_scanner(rng: np.random.Generator, snr: float, fov: float) -> Scanner:
    """Return the settings of one study."""
    matrix = int(rng.choice([320, 384, 448, 512, 512, 512, 576, 640, 768]))
    fine = rng.uniform(0.52, 0.95)
    read = int(min(matrix, 2 * round(fov / fine / 2)))
    lines = int(2 * round(read * rng.uniform(0.62, 1.0) / 2))
    most = 16 if snr > 42 else 8 if snr > 26 else 4 if snr > 18 else 1
    channels = int(rng.choice([1, 1, 1, 2, 4, 8, 16]))
    return Scanner(
        matrix=matrix,
        read=read,
        lines=lines,
        phase_axis=int(rng.integers(0, 2)),
        partial=float(rng.choice([1.0, 1.0, rng.uniform(0.56, 0.85)])),
        decay=float(rng.uniform(0.2, 1.6)),
        window=float(rng.choice([0.0, 0.0, rng.uniform(0.2, 0.9)])),
        channels=min(channels, most),
        snr=snr,
        coil=str(rng.choice(["flat", "array", "array", "surface", "patchy"])),
        evened=bool(rng.random() < 0.35),
        acceleration=float(rng.choice([1.0, 1.0, rng.uniform(1.5, 3.0)])),
        ghost=float(rng.choice([0.0, rng.uniform(0, 0.02), rng.uniform(0.01, 0.06)])),
        zipper=float(rng.uniform(2, 9) if rng.random() < 0.08 else 0.0),
        spike=float(rng.uniform(2, 6) if rng.random() < 0.04 else 0.0),
        power_lost=float(rng.uniform(0.1, 0.4) if rng.random() < 0.2 else 0.0),
    )


def _enlarge(small: Floats, n: int) -> Grid:
    """Return a smooth map at n x n samples."""
    return np.asarray(zoom(small, n / small.shape[0], order=1)[:n, :n], dtype=np.float32)


def coil_map(rng: np.random.Generator, scanner: Scanner, n: int) -> Grid:
    """Return the receive sensitivity, mean about 1 along the middle, shape (n, n)."""
    axis = np.linspace(-1, 1, 32)
    q, p = axis[:, None], axis[None, :]
    total = np.ones((32, 32))
    if scanner.coil == "array":
        total = np.zeros((32, 32))
        count, width = int(rng.integers(3, 6)), rng.uniform(0.35, 0.6)
        for at in np.linspace(-0.95, 0.95, count):
            gain = rng.uniform(0.75, 1.2)
            total += (gain * np.exp(-(((q - at) / width) ** 2) - (p / rng.uniform(1, 2)) ** 2)) ** 2
        total = np.sqrt(total)
    elif scanner.coil == "surface":
        drop = rng.uniform(0.1, 0.45, 2)
        total = np.exp(-drop[0] * (p - rng.normal(0, 0.15)) ** 2 - drop[1] * q**2)
        total *= 1 + rng.uniform(-0.25, 0.25) * q
    elif scanner.coil == "patchy":
        patch = gaussian_filter(rng.normal(size=(32, 32)), 6)
        total = 1 + rng.uniform(0.05, 0.22) * patch / patch.std()
        total = np.clip(total, 0.4, None)
    rolled = 1 - rng.uniform(0.0, 0.5) * np.clip((np.abs(q) - 0.78) / 0.22, 0, 1) ** 2
    total = total * rolled
    total /= total[:, 12:20].mean()
    return _enlarge(total, n)


def _encode(rng: np.random.Generator, image: Grid, scanner: Scanner) -> Waves:
    """Return the acquired k-space, centred, phase down axis 0, with a smooth image phase."""
    n = image.shape[0]
    axis = np.linspace(-1, 1, n, dtype=np.float32)
    c = rng.normal(0, 0.7, 5).astype(np.float32)
    q, p = axis[:, None], axis[None, :]
    phase = c[0] * q + c[1] * p + c[2] * q * p + c[3] * q * q + c[4] * p * p
    wave = (image * np.exp(1j * phase)).astype(np.complex64)
    if scanner.phase_axis == 1:
        wave = np.ascontiguousarray(wave.T)
    space = fftshift(fft2(ifftshift(wave)))
    lines, read = min(scanner.lines, n), min(scanner.read, n)
    top, left = n // 2 - lines // 2, n // 2 - read // 2
    return np.asarray(space[top : top + lines, left : left + read], dtype=np.complex64)


def _spoil(rng: np.random.Generator, space: Waves, scanner: Scanner, moved: bool) -> Waves:
    """Return k-space with decay along the train, shot differences, motion and spikes."""
    lines, read = space.shape
    k = np.arange(lines) - lines // 2
    curve = np.exp(-scanner.decay * k / lines) if scanner.partial < 1 else np.exp(
        -scanner.decay * np.abs(k) / lines
    )  # fmt: skip
    gain = curve.astype(np.complex64)
    if scanner.ghost > 0:
        beat = rng.choice([2.0, rng.uniform(2.5, 9.0), rng.uniform(15, 60)])
        wobble = np.sin(2 * np.pi * k / beat + rng.uniform(0, 6.28))
        gain *= 1 + 2 * scanner.ghost * wobble * np.exp(1j * rng.uniform(0, 6.28))
        gain *= 1 + scanner.ghost * rng.normal(size=lines)
    space = space * gain[:, None].astype(np.complex64)
    if moved:
        jumps = np.cumsum(rng.normal(0, 1, lines) * (rng.random(lines) < 0.06)) * rng.uniform(5, 14)
        sway = rng.uniform(2, 9) * np.sin(2 * np.pi * k / rng.uniform(3, 14))
        along = (jumps + sway)[:, None] * (np.arange(read) - read // 2)[None, :] / read
        across = rng.uniform(2, 10) * gaussian_filter1d(rng.normal(size=lines), 4)[:, None]
        turn = 2 * np.pi * (along + across * k[:, None] / lines * 4)
        loss = np.clip(1 + 0.7 * rng.normal(size=(lines, 1)), 0.05, 2)
        space = space * (loss * np.exp(1j * turn))
    if scanner.spike > 0:
        spot = (int(rng.integers(0, lines)), int(rng.integers(0, read)))
        space[spot] += scanner.spike * 0.01 * np.abs(space).max()
    return np.asarray(space, dtype=np.complex64)


def _window(scanner: Scanner, shape: tuple[int, ...]) -> Grid:
    """Return the filter over acquired k-space: partial Fourier cut and apodisation."""
    lines, read = shape
    y = np.linspace(-1, 1, lines)[:, None]
    x = np.linspace(-1, 1, read)[None, :]
    soft = 1 - scanner.window * np.sin(0.5 * np.pi * np.clip(np.hypot(x, y), 0, 1)) ** 2
    cut = np.clip(0.5 + (y - (1 - 2 * scanner.partial)) * lines / 12, 0, 1)
    return np.asarray(soft * (cut if scanner.partial < 1 else 1.0), dtype=np.float32)


def _decode(space: Waves, scanner: Scanner) -> Waves:
    """Return the complex image at the reconstruction matrix, rows down the patient."""
    m = scanner.matrix
    full = np.zeros((m, m), np.complex64)
    lines, read = min(space.shape[0], m), min(space.shape[1], m)
    cut = (space.shape[0] - lines) // 2, (space.shape[1] - read) // 2
    top, left = m // 2 - lines // 2, m // 2 - read // 2
    part = space[cut[0] : cut[0] + lines, cut[1] : cut[1] + read]
    full[top : top + lines, left : left + read] = part
    image = fftshift(ifft2(ifftshift(full)))
    return np.asarray(image.T if scanner.phase_axis == 1 else image, dtype=np.complex64)


def _noise(rng: np.random.Generator, scanner: Scanner, window: Grid) -> Waves:
    """Return one channel's noise, filtered as the image is, each part of spread 1 / SNR."""
    shape = window.shape
    white = rng.standard_normal((2, *shape), dtype=np.float32)
    image = _decode(np.asarray((white[0] + 1j * white[1]) * window, np.complex64), scanner)
    return np.asarray(image / (image.real.std() * scanner.snr), dtype=np.complex64)


def _noise_gain(rng: np.random.Generator, scanner: Scanner, coil: Grid) -> Grid:
    """Return how noise varies over the image: parallel imaging, and coil shading evened out."""
    m = scanner.matrix
    axis = np.linspace(-1, 1, 32)
    across = axis[:, None] if scanner.phase_axis == 0 else axis[None, :]
    other = axis[None, :] if scanner.phase_axis == 0 else axis[:, None]
    strength = 0.55 * (scanner.acceleration - 1)
    ridges = np.cos(np.pi * scanner.acceleration * (across + rng.uniform(-0.2, 0.2))) ** 6
    strength *= rng.uniform(0.4, 1)
    gain = 1 + strength * ridges * np.exp(-((other - rng.normal(0, 0.2)) ** 2))
    gain = np.broadcast_to(gain, (32, 32)) / gain[:, 12:20].mean()
    return _enlarge(gain, m) / (np.maximum(coil, 0.25) if scanner.evened else np.float32(1))


def acquire(
    rng: np.random.Generator, scene: Grid, scanner: Scanner, fault: Fault | None, fov: float
) -> Grid:
    """Return the magnitude image of an object (n, n); both are in units of the sac."""
    n, m = scene.shape[0], scanner.matrix
    state = rng.integers(0, 2**32)
    coil, small = (coil_map(np.random.default_rng(state), scanner, size) for size in (n, m))
    seen = scene * (1 if scanner.evened else coil)
    if fault is not None and fault.name == "lost-signal":
        seen = seen * _blackout(fault.band_mm, n, fov)
    if scanner.power_lost:
        q = np.linspace(-1, 1, n)[:, None] - rng.normal(0, 0.5)
        seen = seen * (1 - scanner.power_lost * np.exp(-((q / 0.35) ** 2))).astype(np.float32)
    moved = fault is not None and fault.name == "motion"
    space = _spoil(rng, _encode(rng, seen.astype(np.float32), scanner), scanner, moved)
    window = _window(scanner, space.shape)
    clean = _decode(space * window, scanner) * np.float32((m / n) ** 2)
    gain = _noise_gain(rng, scanner, small)
    first = clean + gain * _noise(rng, scanner, window)
    power = first.real**2 + first.imag**2
    for _ in range(scanner.channels - 1):
        more = _noise(rng, scanner, window)
        power += gain**2 * (more.real**2 + more.imag**2)
    image = np.sqrt(power)
    if scanner.zipper:
        _zip(rng, image, scanner)
    return np.asarray(image, dtype=np.float32)


def _blackout(band_mm: tuple[float, float], n: int, fov: float) -> Grid:
    """Return the share of signal left, shape (n, 1), where a coil element failed."""
    q = (np.arange(n) - n // 2) * fov / n
    inside = np.clip((q - band_mm[0]) / 15 + 1, 0, 1) * np.clip((band_mm[1] - q) / 15 + 1, 0, 1)
    return np.asarray((1 - 0.96 * inside)[:, None], dtype=np.float32)


def _zip(rng: np.random.Generator, image: Grid, scanner: Scanner) -> None:
    """Add a dotted line of stray radio frequency along the phase axis, in place."""
    at = int(rng.integers(0, scanner.matrix))
    dots = np.abs(rng.normal(0, scanner.zipper / scanner.snr, scanner.matrix)).astype(np.float32)
    if scanner.phase_axis == 0:
        image[:, at] += dots
    else:
        image[at] += dots

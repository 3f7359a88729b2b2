"""The scanner: turbo spin-echo encoding of a slab's path image, then noise.

Signal of free fluid is proportional to its path and to exp(-TE/T2). A train of echoes crosses
k-space line by line, so that each line has decayed differently (Mulkern 1990; Constable and Gore
1992, Magn Reson Med 28:9): lines read early are brighter, lines read late dimmer, and fluid of
short T2 leaves only its edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from myeloscope.phantom.matter import Detector, Image
from myeloscope.phantom.spine import Floats
from myeloscope.phantom.stations import Protocol

Complex = NDArray[np.complex64]


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A path image (fine grid, mm of CSF-like signal at TE) and the T2 of its fluid, ms."""

    image: Image
    t2_ms: float


@dataclass(frozen=True, slots=True, eq=False)
class Faults:
    """What goes wrong in one station.

    Attributes
    ----------
    jitter
        Displacement of the body in each shot and average, shape (shots, averages, 2), image
        pixels (row, column).
    beat, beat_cycles, beat_phase
        Pulsation: relative modulation of the lines, cycles over k-space, phase (rad).
    shot_gain
        Relative signal of each shot, shape (shots,).
    filter_strength
        0 none to 1 strong smoothing of k-space's edge by the vendor.
    """

    jitter: Floats
    beat: float
    beat_cycles: float
    beat_phase: float
    shot_gain: Floats
    filter_strength: float


def no_faults(shots: int) -> Faults:
    """Return the faults of a perfect scanner."""
    return Faults(np.zeros((shots, 1, 2)), 0.0, 0.0, 0.0, np.ones(shots), 0.0)


def draw_faults(rng: np.random.Generator, shots: int, *, motion_px: float) -> Faults:
    """Draw ordinary faults; ``motion_px`` is the SD of displacement in image pixels.

    Four averages of two shots fit the paper's 72 s a station (ANATOMY).
    """
    return Faults(
        jitter=rng.normal(0, motion_px, (shots, 4, 2)),
        beat=float(rng.exponential(0.015)),
        beat_cycles=float(rng.uniform(20, 160)),
        beat_phase=float(rng.uniform(0, 2 * np.pi)),
        shot_gain=1 + rng.normal(0, 0.02, shots),
        filter_strength=float(rng.choice((0.0, 0.3, 0.6, 1.0))),
    )


def _spectrum(image: Image, detector: Detector) -> Complex:
    """Return the centred part of an image's spectrum that the matrix samples."""
    factor, rows, columns = detector.factor, detector.rows, detector.columns
    down, along = (
        _edge_fade(n, step).astype(np.float32)
        for n, step in zip(image.shape, detector.step, strict=True)
    )
    full = fft.fft2(image.astype(np.float32) * down[:, None] * along)
    keep_r = np.concatenate([np.arange(rows // 2), np.arange(-(rows // 2), 0)])
    keep_c = np.concatenate([np.arange(columns // 2), np.arange(-(columns // 2), 0)])
    part = full[np.ix_(keep_r, keep_c)]
    # image pixel i lies at fine index i*factor + (factor-1)/2
    half = (factor - 1) / 2
    phase_r = np.exp(2j * np.pi * keep_r * half / (rows * factor)).astype(np.complex64)
    phase_c = np.exp(2j * np.pi * keep_c * half / (columns * factor)).astype(np.complex64)
    centred = fft.fftshift(part * phase_r[:, None] * phase_c[None, :]) / factor**2
    return np.asarray(centred, dtype=np.complex64)


def _edge_fade(n: int, step: float) -> Floats:
    """Return a roll-off over the outermost 2 mm of the field.

    The receiver's band-pass cuts what lies beyond the field; without it the discrete transform
    would join opposite edges and ring there.
    """
    edge = np.minimum(np.arange(n), np.arange(n)[::-1]) * step / 2.0
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.clip(edge, 0, 1)))


def _decay(lines: int, protocol: Protocol, t2_ms: float) -> Floats:
    """Return the weight of each phase-encoded line relative to the effective echo.

    Lines are read in linear order, shots interleaved: line i belongs to echo i // shots; the
    middle of k-space falls on TE, so echoes are 2 TE / train apart.
    """
    echoes = np.arange(lines) // protocol.shots
    per_train = int(np.ceil(lines / protocol.shots))
    times = protocol.echo_ms * (echoes - echoes[lines // 2]) / (per_train / 2)
    return np.asarray(np.exp(-times / t2_ms))


def _line_faults(lines: int, faults: Faults) -> Floats:
    """Return the modulation of lines by pulsation and by unlike shots."""
    index = np.arange(lines)
    turn = 2 * np.pi * faults.beat_cycles * index / lines + faults.beat_phase
    gain = faults.shot_gain[index % len(faults.shot_gain)]
    return np.asarray(gain * (1 + 2 * faults.beat * np.cos(turn)))


def _moved(spectrum: Complex, faults: Faults) -> Complex:
    """Return the spectrum averaged over displacements of each shot (lines are axis 0)."""
    lines, points = spectrum.shape
    shots, averages, _ = faults.jitter.shape
    if not faults.jitter.any():
        return spectrum
    k_line = (np.arange(lines) - lines // 2) / lines
    k_point = (np.arange(points) - points // 2) / points
    result = np.empty_like(spectrum)
    for shot in range(shots):
        rows = slice(shot, None, shots)
        factor = np.zeros((len(k_line[rows]), points), dtype=np.complex64)
        for down, along in faults.jitter[shot]:
            a = np.exp(-2j * np.pi * k_line[rows] * down).astype(np.complex64)
            b = np.exp(-2j * np.pi * k_point * along).astype(np.complex64)
            factor += a[:, None] * b[None, :]
        result[rows] = spectrum[rows] * factor / averages
    return result


def _window(n: int, strength: float) -> Floats:
    """Return a raised-cosine roll-off of k-space's outer part."""
    k = np.abs(np.arange(n) - n // 2) / (n / 2)
    return np.asarray(1 - strength * 0.5 * (1 - np.cos(np.pi * np.clip((k - 0.4) / 0.6, 0, 1))))


def encode(
    layers: Sequence[Layer], detector: Detector, protocol: Protocol, faults: Faults
) -> Complex:
    """Return the complex image of one station before coil profile and noise.

    Parameters
    ----------
    layers
        Path images by T2; fluid of one T2 is one layer.
    detector, protocol, faults
        Grid, acquisition and what goes wrong.

    Returns
    -------
    numpy.ndarray
        Complex image, shape (rows, columns), in mm of CSF path at full slab sensitivity.
    """
    total: Complex | None = None
    for layer in layers:
        spectrum = _spectrum(layer.image, detector)
        spectrum = spectrum if protocol.phase_down else spectrum.T
        weight = _decay(spectrum.shape[0], protocol, layer.t2_ms)
        part = spectrum * weight.astype(np.float32)[:, None]
        total = part if total is None else total + part
    if total is None:
        raise ValueError("a station needs at least one layer")
    total = total * _line_faults(total.shape[0], faults).astype(np.float32)[:, None]
    total = _moved(np.ascontiguousarray(total), faults)
    for axis, n in enumerate(total.shape):
        window = _window(n, faults.filter_strength).astype(np.float32)
        total = total * (window[:, None] if axis == 0 else window[None, :])
    total = total if protocol.phase_down else total.T
    return np.asarray(fft.ifft2(fft.ifftshift(total)), dtype=np.complex64)


def coil_profile(rng: np.random.Generator, rows: int, columns: int) -> Floats:
    """Draw a smooth receive sensitivity, shape (rows, columns), about 1 in the middle.

    A spine array falls off toward the ends of a station and to the sides and has mild bumps at
    its elements; prescan correction is imperfect.
    """
    v = np.linspace(-1, 1, rows)[:, None]
    u = np.linspace(-1, 1, columns)[None, :]
    ends = rng.uniform(0.05, 0.5, 2)
    lobe = 1 - np.where(v < 0, ends[0], ends[1]) * np.abs(v) ** rng.uniform(2.5, 5)
    side = 1 - rng.uniform(0.05, 0.45) * (u - rng.normal(0, 0.08)) ** 2
    bumps = 1 + rng.uniform(0, 0.08) * np.cos(np.pi * rng.uniform(2, 4) * v + rng.uniform(0, 6))
    slope = 1 + rng.normal(0, 0.05) * u + rng.normal(0, 0.05) * v
    return np.asarray(np.clip(lobe * side * bumps * slope, 0.03, None))


def receive(rng: np.random.Generator, image: Complex, sigma: float) -> Image:
    """Return the magnitude after adding complex Gaussian noise of SD ``sigma`` per channel.

    The magnitude of such noise is Rician (Gudbjartsson and Patz 1995, Magn Reson Med 34:910).
    """
    noise = rng.standard_normal((2, *image.shape)) * sigma
    return np.asarray(np.hypot(image.real + noise[0], image.imag + noise[1]))

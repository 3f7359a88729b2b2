"""The scanner: flow, coils, k-space, noise and the vendor's image chain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft as sf
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, median_filter

from benchmarks.strangers.a.anatomy import Floats, Rng, smooth_noise
from benchmarks.strangers.a.plane import Plane, SacImage
from benchmarks.strangers.a.protocol import Protocol
from benchmarks.strangers.a.sleeves import Body

Waves = NDArray[np.complex64]
Motion = list[list[tuple[float, float]]]
"""Per average and shot: move along phase and read-out, mm."""


@dataclass(frozen=True, slots=True, eq=False)
class Acquired:
    """Coil images (complex, n x n) and the window over k-space, at its place, that noise sees."""

    coils: list[Waves]
    window: Floats
    corner: tuple[int, int]


def flow_map(body: Body, rng: Rng, sac: SacImage) -> Floats:
    """Return the share of CSF's signal kept after dephasing by pulsation, on the plane."""
    s: Floats = np.arange(0, body.s[-1] + 2, 2.0)
    depth = rng.uniform(0.0, 0.4)
    knots = [
        body.top["C1"], body.top["C5"], body.bottom["T4"], body.top["L1"], body.top["L3"],
    ]  # fmt: skip
    weight = np.interp(s, knots, [1, 1, 0.85, 0.5, 0.15])
    a, b = (
        np.clip(smooth_noise(rng, len(s), 2.0, scale, 0.55) + 0.25, 0, 1.3) for scale in (22, 34)
    )
    left, right = 1 - depth * weight * a, 1 - depth * weight * b
    q = np.clip(sac.x / 8.0, -1, 1) * 0.5 + 0.5
    kept = q * np.interp(sac.s, s, left) + (1 - q) * np.interp(sac.s, s, right)
    return np.asarray(np.clip(kept, 0.25, 1.1))


def sensitivities(rng: Rng, pl: Plane, coils: int) -> Waves:
    """Return complex receive maps (coils, rows, columns): a spine array, or one combined map."""
    v, u = pl.v[:, None], pl.u[None, :]
    depth = rng.uniform(65, 95)
    pitch = rng.uniform(85, 125)
    zs = np.arange(-3, 4) * pitch + rng.uniform(-pitch / 2, pitch / 2)
    xs = [-rng.uniform(30, 50), rng.uniform(30, 50)] if rng.random() < 0.6 else [0.0]
    el = [1 / (1 + ((v - z) ** 2 + (u - x) ** 2) / depth**2) ** 1.5 for z in zs for x in xs]
    rip = rng.uniform(0.4, 1)
    if coils == 1:
        m = np.sqrt(sum(e * e for e in el))
        m = (m / np.median(m)) ** rip
        phase = rng.uniform(0, 6) + rng.normal(0, 0.004) * u + rng.normal(0, 0.004) * v
        return np.asarray((m * np.exp(1j * phase))[None].astype(np.complex64))
    order = np.argsort([min(abs(z), 999) for z in zs for x in xs])[:coils]
    rest = np.sqrt(sum(e * e for e in el))
    maps = np.stack([el[i] for i in order])
    tot = np.sqrt((maps**2).sum(0))
    maps = maps / tot * (rest / np.median(rest)) ** rip
    ph = rng.uniform(0, 6, coils)[:, None, None] + rng.normal(0, 0.006, (coils, 1, 1)) * u
    ph = ph + rng.normal(0, 0.006, (coils, 1, 1)) * v
    return np.asarray((maps * np.exp(1j * ph)).astype(np.complex64))


def _window(n: int, kind: str) -> Floats:
    """Return an apodisation over ``n`` samples of k-space."""
    q = np.abs(np.arange(n) - n // 2) / (n / 2)
    if kind == "tukey":
        return np.where(q < 0.6, 1, 0.5 * (1 + np.cos(np.pi * (q - 0.6) / 0.4)))
    if kind == "hann":
        return np.asarray(0.25 + 0.75 * 0.5 * (1 + np.cos(np.pi * q)))
    return np.ones(n)


def _filter(p: Protocol, ky: Floats, kx: Floats) -> Floats:
    """Return apodisation, partial Fourier cut and sharpening over the acquired k-space."""
    npe, nro = len(ky), len(kx)
    keep = np.ones(npe)
    if p.partial < 1:
        cut = int(npe * (1 - p.partial))
        keep[:cut] = 0
        keep[cut : cut + 12] = np.linspace(0, 1, 12)
    win = np.outer(_window(npe, p.filter) * keep, _window(nro, p.filter))
    if p.sharpen:
        rr = np.sqrt((ky[:, None] / (npe / 2)) ** 2 + (kx[None] / (nro / 2)) ** 2)
        win = win * (1 + p.sharpen * (1 - np.exp(-((rr / 0.35) ** 2))))
    return win


def _moves(motion: Motion, p: Protocol, ky: Floats, kx: Floats) -> NDArray[np.complex128]:
    """Return what the patient's moves do to k-space."""
    npe, nro = len(ky), len(kx)
    total = np.zeros((npe, nro), complex)
    for average in motion:
        one = np.zeros((npe, nro), complex)
        for shot, (dp, dr) in enumerate(average):
            sel = np.arange(npe) % len(average) == shot
            one[sel] = np.exp(-2j * np.pi * (ky[sel, None] * dp + kx[None] * dr) / p.fov)
        total = total + one / len(motion)
    return total


def acquire(images: Waves, p: Protocol, motion: Motion | None) -> Acquired:
    """Return coil images (complex, fine x fine) as reconstructed at the study's matrix."""
    n, axis, nf = p.n, p.phase_axis, images.shape[1]
    npe, nro = min(round(n * p.phase_pct / 2) * 2, nf), min(n, nf)
    ky, kx = np.arange(npe) - npe // 2, np.arange(nro) - nro // 2
    t = ky / max(npe / 2, 1) * p.train_ms / 2
    wt = np.exp(-t / 1800.0)
    win = _filter(p, ky, kx)
    moved = np.ones((npe, nro), complex) if motion is None else _moves(motion, p, ky, kx)
    out = []
    i0, j0 = nf // 2 - npe // 2, nf // 2 - nro // 2
    corner = n // 2 - npe // 2, n // 2 - nro // 2
    for image in images:
        k = sf.fftshift(sf.fft2(sf.ifftshift(image)))
        k = k if axis == 0 else k.T
        k = k[i0 : i0 + npe, j0 : j0 + nro] * (win * wt[:, None] * moved)
        out.append(_embed(k, p, corner) * (n / nf) ** 2)
    return Acquired(out, win, corner)


def _embed(k: NDArray[np.complex128], p: Protocol, corner: tuple[int, int]) -> Waves:
    """Return the image of a part of k-space, zero-filled to the matrix."""
    a0, b0 = corner
    full = np.zeros((p.n, p.n), np.complex64)
    full[a0 : a0 + k.shape[0], b0 : b0 + k.shape[1]] = k
    full = full if p.phase_axis == 0 else full.T
    return np.asarray(sf.fftshift(sf.ifft2(sf.ifftshift(full))))


def noise(rng: Rng, seen: Acquired, p: Protocol) -> Waves:
    """Return one coil's noise, of unit spread in each part, filtered as the image is."""
    w = seen.window
    real = rng.standard_normal(w.shape, np.float32)
    k = (real + 1j * rng.standard_normal(w.shape, np.float32)) * w
    x = _embed(np.asarray(k, complex), p, seen.corner)
    return np.asarray(x / np.sqrt((w**2).sum()) * p.n**2)


def combine(coils: list[Waves]) -> Floats:
    """Return the magnitude of one coil, or the root of the sum of squares of several."""
    if len(coils) == 1:
        return np.asarray(np.abs(coils[0]))
    return np.asarray(np.sqrt(sum(np.abs(c) ** 2 for c in coils)))


def chain(img: Floats, p: Protocol, rng: Rng, bias: Floats) -> Floats:
    """Return an image after the vendor's chain: normalisation, smoothing, distortion's rim."""
    if p.normalise:
        img = img / np.maximum(bias / np.median(bias), 0.3)
    if p.post == "gauss":
        img = gaussian_filter(img, 0.55)
    elif p.post == "median":
        img = median_filter(img, 3)
    elif p.post == "edge":
        a, b = gaussian_filter(img, 0.8), gaussian_filter(img, 1.6)
        g = np.hypot(*np.gradient(b))
        k = g / (g + 2.0 * np.median(g) + 1e-9)
        img = k * (img + 0.35 * (img - a)) + (1 - k) * a
    if p.gdc:
        n = len(img)
        q = (np.arange(n) - n / 2) / (n / 2)
        m = rng.uniform(0.006, 0.03)
        lim = 1 - m * q**2
        img = img * ((np.abs(q)[:, None] < lim[None, :]) & (np.abs(q)[None, :] < lim[:, None]))
    return np.asarray(np.clip(img, 0, None))

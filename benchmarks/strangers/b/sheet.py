"""Straightened sheets of path length: rows ``s`` downward, columns ``u`` outward from the axis."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

from benchmarks.strangers.b.anatomy import Floats, Rng

STEP = 0.3
"""Pixel of a sheet, mm."""


def field(rng: Rng, shape: tuple[int, ...], sigma: float | tuple[float, float]) -> Floats:
    """Return smooth noise of unit spread; ``sigma`` in pixels, one number or one per axis."""
    sg = np.broadcast_to(np.asarray(sigma, float), 2)
    k = max(1, int(min(sg) / 2.5))
    white = rng.standard_normal((shape[0] // k + 2, shape[1] // k + 2))
    small = gaussian_filter(white, sg / k, mode="wrap")
    if k > 1:
        small = zoom(small, k, order=1)
    f = small[: shape[0], : shape[1]]
    if f.shape != tuple(shape):
        missing = [(0, shape[0] - f.shape[0]), (0, shape[1] - f.shape[1])]
        f = np.pad(f, missing, mode="edge")
    return np.asarray(f / (f.std() + 1e-9))


def smooth_step(x: Floats) -> Floats:
    """Return 0 below 0, 1 above 1, and a smooth rise between."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


class Sheet:
    """A patch beside the sac: ``s`` from ``s0`` to ``s1``, ``u`` from 0 to ``u1``, mm."""

    def __init__(self, s0: float, s1: float, u1: float) -> None:
        self.s0 = np.floor(s0 / STEP) * STEP
        self.n = (int((s1 - s0) / STEP) + 1, int(u1 / STEP) + 1)
        self.s: Floats = self.s0 + np.arange(self.n[0])[:, None] * STEP
        self.u = np.asarray(np.arange(self.n[1])[None, :] * STEP, np.float64)
        self.drawn: dict[float, Floats] = {}

    def line(self, s: Floats, u: Floats, amp: float | Floats, width: float) -> None:
        """Draw a filament through points at most a pixel apart; its peak is ``amp``."""
        i = (s - self.s0) / STEP
        j = u / STEP
        ok = (i > 0) & (i < self.n[0] - 2) & (j > 0) & (j < self.n[1] - 2)
        i, j, height = i[ok], j[ok], np.broadcast_to(amp, ok.shape)[ok]
        a = self.drawn.setdefault(width, np.zeros(self.n[0] * self.n[1]))
        i0, j0 = i.astype(int), j.astype(int)
        fi, fj = i - i0, j - j0
        for di, wi in ((0, 1 - fi), (1, fi)):
            for dj, wj in ((0, 1 - fj), (1, fj)):
                place = (i0 + di) * self.n[1] + j0 + dj
                a += np.bincount(place, height * wi * wj, minlength=a.size)

    def lines(self) -> Floats:
        """Return all filaments, each blurred to its width."""
        out = np.zeros(self.n)
        for width, a in self.drawn.items():
            sg = width / 2.355
            blurred = gaussian_filter(a.reshape(self.n), sg / STEP)
            out += blurred * (np.sqrt(2 * np.pi) * sg / STEP)
        return out

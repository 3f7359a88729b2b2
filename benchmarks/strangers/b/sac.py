"""Sac and sleeves on one straightened sheet: mm of CSF along the ray, rows ``s``, columns ``t``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from benchmarks.strangers.b.anatomy import Floats, Rng, Root, Spine, smooth_noise
from benchmarks.strangers.b.sheet import STEP, Sheet, field, smooth_step

Image = NDArray[np.float32]
HALF = 80.0
"""Half width of the sheet, mm."""
SAC_HALF = 24.0
"""Half width of its part that holds the sac, mm."""


@dataclass(frozen=True, slots=True, eq=False)
class Straight:
    """A spine's sheet: values, and the ``s`` and ``t`` of rows and columns."""

    image: Image
    s: Floats
    t: Floats

    def mean_at(self, spine: Spine, s: float) -> np.float32:
        """Return the sac's mean signal over the inner 90 % of its width."""
        row = min(int((s - self.s[0]) / STEP), len(self.s) - 1)
        return np.float32(self.image[row, np.abs(self.t) < 0.45 * spine.w(s)].mean())

    def paste(self, sheet: Sheet, layer: Floats, side: int, scale: float) -> None:
        """Add a finding's sheet on one side, in place."""
        i = round((sheet.s0 - self.s[0]) / STEP)
        a, b = max(i, 0), min(i + sheet.n[0], len(self.s))
        n = min(sheet.n[1], int(HALF / STEP) - 1)
        c = len(self.t) // 2
        if b <= a:
            return
        v = (layer[a - i : b - i, :n] * scale).astype(np.float32)
        if side > 0:
            self.image[a:b, c : c + n] += v
        else:
            self.image[a:b, c - n + 1 : c + 1] += v[:, ::-1]


def straighten(rng: Rng, spine: Spine) -> Straight:
    """Return the sheet of a person's sac and sleeves."""
    s: Floats = np.arange(spine.s[0], spine.s[-1], STEP)
    tl: Floats = np.arange(-SAC_HALF, SAC_HALF + STEP / 2, STEP)
    sac = _lumen(rng, spine, s, tl)
    dark = _fibres(rng, spine, s, tl)
    sac = np.maximum(sac - dark, sac * 0.25)
    slow = _waves(rng, s)
    flow = slow * (1 - rng.uniform(0, 0.12) * np.clip(field(rng, sac.shape, (30, 7)), 0, 2.5))
    sac *= np.clip(flow, 0.35, 1)
    sac *= smooth_step((s - rng.uniform(-26, -12)) / rng.uniform(8, 16))[:, None]
    full = np.zeros((len(s), round(2 * HALF / STEP) + 1), np.float32)
    t = np.asarray(-HALF + np.arange(full.shape[1]) * STEP, np.float64)
    a = round((tl[0] + HALF) / STEP)
    full[:, a : a + len(tl)] = sac
    for root in spine.roots:
        if root.visible:
            _sleeve(full, spine, root, (s, t))
    return Straight(full, s, t)


def _waves(rng: Rng, s: Floats) -> Floats:
    """Return slow waves of CSF's signal along the sac, one column."""
    deep = rng.uniform(0, 0.22)
    wave = np.clip(smooth_noise(rng, len(s), rng.uniform(60, 200)), 0, 2.5)[:, None]
    return np.asarray(1 - deep * wave)


def _lumen(rng: Rng, spine: Spine, s: Floats, tl: Floats) -> Floats:
    """Return the sac's chord less the cord's."""
    tables = (spine.width, spine.depth, spine.cord_w, spine.cord_d)
    w, d, cw, cd = (np.interp(s, spine.s, table)[:, None] for table in tables)
    chord = d * np.sqrt(np.clip(1 - (2 * tl / np.maximum(w, 0.01)) ** 2, 0, None))
    off = (rng.normal(0, 0.5) + 0.5 * smooth_noise(rng, len(s), 150))[:, None]
    off = off * np.clip((w - cw) / 6, 0, 1)
    section = 1 - (2 * (tl - off) / np.maximum(cw, 0.01)) ** 2
    cord = cd * np.sqrt(np.clip(section, 0, None)) * (cw > 0.3)
    return np.asarray(np.clip(chord - cord, 0, None))


def _fibres(rng: Rng, spine: Spine, s: Floats, tl: Floats) -> Floats:
    """Return the path of roots within the sac: rootlets, and the cauda equina below."""
    dark = np.zeros((len(s), len(tl)))
    strength = rng.uniform(0.3, 1.6)
    for root in spine.roots:
        letter = root.segment[0]
        rise = 6 if letter == "C" else 22 if letter == "T" else 70 + rng.uniform(0, 60)
        top = root.s - rise
        if letter in "LS":
            top = max(top, min(spine.conus - 15, root.s - 4))
        rr = np.clip((s - top) / max(root.s - top, 1), 0, 1)
        e = spine.w(root.s) / 2
        start = np.interp(top, spine.s, spine.cord_w) / 2 * 0.8 + rng.uniform(0, 2)
        t = root.side * (start + (e - start) * rr ** rng.uniform(1.0, 2.4))
        t = t + 0.4 * smooth_noise(rng, len(s), 60)
        radius = rng.uniform(0.4, 0.8)
        i = np.nonzero((s > top) & (s < root.s))[0]
        for k in range(1 if letter != "L" else 2):
            tt = t + k * rng.normal(0, 0.8)
            if len(i) > 0:
                q = np.clip(radius**2 - (tl[None] - tt[i, None]) ** 2, 0, None)
                dark[i] += 2 * np.sqrt(q) * strength
    return dark


def _sleeve(full: Image, spine: Spine, root: Root, axes: tuple[Floats, Floats]) -> None:
    """Add one sleeve, a short tapered spike with a smooth axilla, in place."""
    s, t = axes
    e = spine.w(root.s) / 2
    i0, i1 = np.searchsorted(s, [root.s - 8, root.s + root.length + 8])
    if i1 - i0 < 4:
        return
    u = root.side * t
    j = np.nonzero((u > e - 5) & (u < e + root.lateral + 5))[0]
    uu, ss = u[j][None], s[i0:i1][:, None]
    an = np.radians(root.angle)
    du, ds = uu - e, ss - root.s
    along = du * np.sin(an) + ds * np.cos(an)
    across = du * np.cos(an) - ds * np.sin(an)
    radius = root.radius * np.clip(1 - 0.65 * along / root.length, 0, 1.15)
    radius = radius * (along < root.length) * (along > -2.5)
    tip = smooth_step((root.length - along) / 1.0)
    chord = 2 * np.sqrt(np.clip(radius**2 - across**2, 0, None)) * root.strength * tip
    bump = np.clip(1 - np.abs(ds - 0.35 * np.clip(du, 0, None)) / 3.2, 0, 1)
    bump = 1.5 * root.radius * bump * np.clip(1 - du / 2.6, 0, 1) * (du > -2.5)
    core = 2 * np.sqrt(np.clip((radius * 0.45) ** 2 - across**2, 0, None)) * 0.8
    hollow = chord - core * (along > root.length * 0.25)
    layer = np.maximum(gaussian_filter(np.maximum(hollow, bump * root.strength), 0.7), 0)
    edge_row = (np.interp(s[i0:i1], spine.s, spine.width) / 2)[:, None]
    full[i0:i1, j] += (layer * smooth_step((uu - edge_row + 2.5) / 2.5)).astype(np.float32)

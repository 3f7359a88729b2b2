"""Forms of leaked fluid beside the sac: streaks, network, haze, strips.

All forms live in the leak's own frame: ``s`` along the axis (mm from the root), ``r`` from the
sac's edge outward (mm), ``w`` toward posterior (mm). They are fractal-like and irregular on
purpose: what leaked fluid looks like differs from case to case, and the published words are
"streaky", "profuse", "along the root" (PAPER); shapes are estimates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from myeloscope.phantom.spine import Floats, wander

STRAND_STEP_MM = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """Points of fluid in a leak's frame, each of shape (n,); volumes are relative."""

    s: Floats
    r: Floats
    w: Floats
    volumes: Floats
    blur_mm: float


@dataclass(frozen=True, slots=True)
class Corridor:
    """Where lateral fluid lies.

    ``start`` and ``length`` along r (mm), ``slope`` of the root (mm downward per mm outward),
    ``spread`` half height along the axis at the start (mm), ``fan`` its growth per mm.
    """

    start: float
    length: float
    slope: float
    spread: float
    fan: float


def _course(rng: np.random.Generator, n: int, wave_mm: float) -> Floats:
    """Return a smooth random course of about unit SD for strand points."""
    return wander(rng, max(n, 8), wave_mm * 0.5 / STRAND_STEP_MM)[:n]


def _strand(
    rng: np.random.Generator, begin: tuple[float, float], end: tuple[float, float], sway: float
) -> tuple[Floats, Floats, Floats]:
    """Return s, r and weight along one irregular strand between two points (s, r)."""
    span = float(np.hypot(end[0] - begin[0], end[1] - begin[1]))
    n = max(8, int(span / STRAND_STEP_MM))
    part = np.linspace(0, 1, n)
    loose = np.sqrt(part * (1.15 - part))
    s = begin[0] + (end[0] - begin[0]) * part + sway * loose * _course(rng, n, 12)
    r = begin[1] + (end[1] - begin[1]) * part + 0.3 * sway * loose * _course(rng, n, 9)
    r = np.minimum(r, max(begin[1], end[1]))
    weight = np.clip(1 + 0.35 * _course(rng, n, 6), 0.25, 1.8)
    weight *= np.clip((1 - part) * span / 1.2, 0.05, 1)
    return s, r, weight * span / n


def streaks(rng: np.random.Generator, corridor: Corridor) -> Form:
    """Return sheaves of strands that run outward along the root, one to the corridor's end."""
    count = int(rng.integers(1, 9))  # one: a stripe along the root (PAPER, caveats)
    bundle = int(rng.integers(1, 5))
    loose = rng.uniform(0.2, 1.1)
    sway = rng.uniform(0.3, 1.6)
    parts = []
    for index in range(count):
        length = corridor.length * (1.0 if index == 0 else rng.uniform(0.35, 1.0))
        lean = rng.uniform(-1, 1)
        begin_r = corridor.start + rng.uniform(-0.6, 0.15) * min(4.0, corridor.length)
        begin = (lean * corridor.spread * rng.uniform(0.3, 1), max(begin_r, 0.0))
        end_r = corridor.start + length
        drop = corridor.slope * end_r + lean * (corridor.spread + corridor.fan * length)
        depth = rng.normal(0, 2.5)
        for fibre in range(bundle):
            near = (begin[0] + loose * rng.normal(), begin[1])
            cut = end_r if fibre == 0 else end_r - length * rng.uniform(0, 0.35)
            far = (drop + loose * rng.normal() * 2, max(cut, begin[1] + 0.8))
            s, r, weight = _strand(rng, near, far, sway)
            leading = index == 0 and fibre == 0
            strong = 1.3 if leading else rng.uniform(0.5, 1.2)
            weight *= strong * np.linspace(1.2, 0.8, len(s))
            parts.append((s, r, weight, np.full_like(s, depth + rng.normal(0, 0.8))))
    return _join(parts, blur_mm=float(rng.choice((0.4, 0.6, 0.9, 1.3))))


def reticular(rng: np.random.Generator, corridor: Corridor) -> Form:
    """Return a network: scattered nodes joined to their nearest neighbours by strands."""
    area = corridor.length * (2 * corridor.spread + corridor.fan * corridor.length)
    count = int(np.clip(area / rng.uniform(7, 18), 7, 60))
    r = corridor.start + corridor.length * np.sort(rng.random(count)) ** 0.85
    r[-1] = corridor.start + corridor.length
    half = corridor.spread + corridor.fan * (r - corridor.start)
    s = corridor.slope * r + half * rng.uniform(-1, 1, count)
    gap = np.hypot(s[:, None] - s, r[:, None] - r)
    nearest = np.argsort(gap, axis=1)[:, 1:4]
    parts = []
    for index in range(count):
        for other in nearest[index, : rng.integers(1, 4)]:
            begin, end = (s[index], r[index]), (s[other], r[other])
            a, b, weight = _strand(rng, begin, end, 0.4)
            weight *= rng.uniform(0.6, 1.3)
            parts.append((a, b, weight, np.full_like(a, rng.normal(0, 3))))
    return _join(parts, blur_mm=float(rng.choice((0.4, 0.6, 0.9))))


def haze(rng: np.random.Generator, corridor: Corridor) -> Form:
    """Return soft cloudy fluid, mottled by a random field of a few wavelengths."""
    r = np.arange(0, corridor.length, 0.35)
    half = 2.0 * (corridor.spread + corridor.fan * corridor.length)
    s = np.arange(-half, half, 0.35)
    r_all, s_all = (m.ravel() for m in np.meshgrid(r, s, indexing="ij"))
    width = corridor.spread + corridor.fan * r_all
    density = np.exp(-0.5 * (s_all / (0.6 * width)) ** 2)
    density *= np.clip((corridor.length - r_all) / (0.25 * corridor.length), 0, 1) ** 0.5
    density *= np.clip((r_all + 0.5) / (0.2 * corridor.length + 1), 0, 1)
    mottle = np.zeros_like(r_all)
    for _ in range(8):
        wave = 2 * np.pi / rng.uniform(2.5, 12)
        turn, phase = rng.uniform(0, np.pi), rng.uniform(0, 2 * np.pi)
        mottle += np.cos(wave * (r_all * np.cos(turn) + s_all * np.sin(turn)) + phase)
    density *= np.clip(1 + rng.uniform(0.1, 0.3) * mottle, 0, None)
    keep = density > 0.02
    r_all, s_all, density = r_all[keep] + corridor.start, s_all[keep], density[keep]
    return Form(
        s=s_all + corridor.slope * r_all,
        r=r_all,
        w=rng.normal(0, 3, len(r_all)),
        volumes=density * 0.35**2,
        blur_mm=float(rng.choice((0.8, 1.2, 1.8))),
    )


def _join(parts: list[tuple[Floats, Floats, Floats, Floats]], *, blur_mm: float) -> Form:
    """Join strands given as s, r, weight, w."""
    s, r, weight, w = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Form(s=s, r=r, w=w, volumes=weight, blur_mm=blur_mm)

"""What a study is asked about: leaks and collections, and cysts that resemble them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.strangers.a.anatomy import Floats, Rng, smooth_noise
from benchmarks.strangers.a.seepage import clumps, lines, net, out_of, plume, swirl, triangle
from benchmarks.strangers.a.shapes import Ellipsoid, Mist, Part, Tube
from benchmarks.strangers.a.sleeves import Body, Root

Weighted = list[tuple[Part, float]]
"""Parts and their brightness relative to each other."""
STYLES = (
    ("streaks",), ("haze",), ("streaks", "haze"), ("reticular",), ("reticular", "haze"),
    ("streaks", "reticular"),
)  # fmt: skip
LIKELY = {2: (0.36, 0.14, 0.24, 0.1, 0.08, 0.08), 3: (0.1, 0.12, 0.4, 0.06, 0.2, 0.12)}
"""How likely each style is, by the grade aimed at."""


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """Longitudinal extradural fluid from ``s0`` to ``s1`` on one side or both."""

    parts: tuple[Part, ...]
    s: float
    s0: float
    s1: float
    sides: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Mimic:
    """A cyst or meningocele at a root, with its diameter, mm."""

    kind: str
    root: Root
    part: Ellipsoid
    size: float


def leak(body: Body, root: Root, rng: Rng, aim: int) -> tuple[Weighted, list[str]]:
    """Return one leak at a root, and its pattern; ``aim`` is the grade aimed at."""
    width = 2 * body.value(body.rx, root.s)
    sleeve = max(root.reach, 1.0)
    if aim == 1:
        return [(triangle(body, root, rng, rng.uniform(1.05, 1.8)), 1.0)], ["triangle"]
    parts: Weighted = []
    pattern: list[str] = []
    if rng.random() < (0.8 if aim == 2 else 0.9):
        web = triangle(body, root, rng, rng.uniform(0.8, 1.3))
        parts.append((web, rng.uniform(0.9, 1.3)))
        pattern.append("triangle")
    ratio = rng.uniform(0.3, 0.9) if aim == 2 else rng.uniform(1.15, 2.4)
    reach = sleeve + ratio * width
    style = STYLES[rng.choice(6, p=LIKELY[aim])]
    pattern += style
    if "streaks" in style:
        count = int(rng.integers(1, 6)) + 2 * (aim == 3)
        for thread in lines(body, root, rng, reach, count):
            parts.append((thread, rng.uniform(0.6, 1.1)))
    if "reticular" in style:
        parts.append((net(body, root, rng, reach), rng.uniform(0.7, 1.0)))
    if "haze" in style:
        parts += _haze(body, root, rng, reach, aim)
    if aim == 3 and rng.random() < 0.5:
        parts.append((_gutter(body, root, rng), rng.uniform(0.5, 0.9)))
    return parts, pattern


def _haze(body: Body, root: Root, rng: Rng, reach: float, aim: int) -> Weighted:
    """Return a haze, unless nearly all of it fell into the sac."""
    width = rng.uniform(1.5, 3.0) * (1.5 if aim == 3 else 1)
    looks = (width, rng.uniform(0.6, 1.4), 1600 if aim == 3 else 1000)
    p = plume(body, root, rng, reach, looks)
    if len(p) <= 50:
        return []
    cloud = Mist(p, 0.02 * clumps(rng, p), rng.uniform(0.45, 0.8))
    return [(cloud, rng.uniform(0.5, 0.9))]


def _gutter(body: Body, root: Root, rng: Rng) -> Mist:
    """Return fluid that runs along the gutter beside the sac."""
    _, left, post = body.frame(root.s)
    n = 900
    z = rng.normal(4, rng.uniform(7, 14), n)
    q = np.clip(root.s + z, 5, body.s_end - 5)
    base: Floats = np.stack([np.interp(q, body.s, body.p[:, i]) for i in range(3)], 1)
    f = swirl(rng, low=4, high=16)
    away = (body.values(body.rx, q) + np.abs(rng.gamma(2.0, 1.6, n)))[:, None]
    p = base + root.sign * left * away + post * rng.normal(0, 3, n)[:, None]
    p = np.concatenate([p + 1.6 * f(p), p + 1.2 * f(p)])
    p = p[~body.axial.inside(p, 0.3)]
    return Mist(p, np.full(len(p), 0.05), 0.7)


def collection(body: Body, rng: Rng) -> Collection:
    """Return thin bands of fluid beside the sac over several levels."""
    s0 = rng.uniform(body.top["C6"], body.top["T4"])
    s1 = min(s0 + rng.uniform(70, 230), body.s_end - 40)
    s: Floats = np.arange(s0, s1, 3.0)
    parts = []
    both = rng.random() < 0.65
    sides = (1, -1) if both else (1 if rng.random() < 0.5 else -1,)
    for sign in sides:
        usual = rng.uniform(0.9, 1.6)
        uneven = 1 + smooth_noise(rng, len(s), 3.0, 14, 0.4)
        ends = np.sqrt(np.clip(np.minimum(s - s0, s1 - s) / 15, 0.03, 1))
        r = np.clip(usual * uneven, 0.25, 3) * ends
        pts = np.stack([
            body.at(q) + sign * body.frame(q)[1] * (body.value(body.rx, q) + 0.5 + ri)
            for q, ri in zip(s, r, strict=True)
        ])  # fmt: skip
        parts.append(Tube(pts, r, rng.uniform(0.35, 0.7), rng.uniform(1.2, 2.5)))
    return Collection(tuple(parts), 0.5 * (s0 + s1), s0, s1, sides)


def _cyst_odds(body: Body, root: Root) -> float:
    """Return how likely a root is to bear a cyst."""
    low = tuple(f"T{body.thoracic - k}" for k in range(3))
    odds = {"C": 0.5, "T": 0.9, "L": 1.0, "S": 2.2}[root.segment[0]]
    odds = odds * (2.0 if root.segment in ("C7", "C8", "T1", "T2") else 1)
    return odds * (1.6 if root.segment in low else 1) * (root.segment not in ("C1", "C2"))


def cyst(body: Body, rng: Rng, kind: str) -> Mimic:
    """Return a perineurial cyst or meningocele at some root."""
    weight = np.array([_cyst_odds(body, r) for r in body.roots])
    root = body.roots[rng.choice(len(body.roots), p=weight / weight.sum())]
    t, left, _ = body.frame(root.s)
    if kind == "meningocele":
        size = rng.uniform(8, 19)
        side = root.sign * left * size * rng.uniform(0.2, 0.42)
        c = root.wall + side + t * rng.uniform(0, 3)
        high = size / 2 * rng.uniform(0.7, 1)
        half = np.array([size / 2, high, size / 2 * rng.uniform(0.8, 1.25)])
        amp, tilt = rng.uniform(0.75, 1.05), rng.normal(0, 0.3)
        return Mimic(kind, root, Ellipsoid(c, half, amp, tilt, rng.uniform(2, 2.4)), size)
    if root.segment[0] == "S" and rng.random() < 0.5:
        size = rng.uniform(9, 18)
    else:
        size = float(np.clip(rng.gamma(5, 1.5), 3.6, 14))
    if rng.random() < 0.45:
        c = root.points[-1] + out_of(body, root, rng) * (size / 2 + rng.uniform(0, 4))
    else:
        c = root.points[rng.integers(5, 9)] + root.sign * left * size * 0.25
    ecc = rng.uniform(0.75, 1.0)
    if rng.random() < 0.5:
        half = size / 2 * np.array([1, rng.uniform(0.8, 1), ecc])
    else:
        half = size / 2 * np.array([ecc, rng.uniform(0.8, 1), 1])
    amp = rng.uniform(0.6, 1.05)
    return Mimic(kind, root, Ellipsoid(c, half, amp, rng.normal(0, 0.5)), size)

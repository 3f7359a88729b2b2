"""The spine of one person, in LPS mm: axis, sac, cord and roots.

``s`` runs down the canal, mm along the coronal projection of the axis, 0 at the top of C1; ``t``
to the patient's left across it. Widths are those of the lumen's silhouette (elliptic section).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

Floats: TypeAlias = NDArray[np.float64]
Rng: TypeAlias = np.random.Generator
Table: TypeAlias = dict[str, float]

HEIGHT = {"C1": 21.0, "C2": 19.0, "C3": 16.5, "C4": 15.8, "C5": 15.5, "C6": 16.0, "C7": 17.5}
"""Height of a level with its disc, mm, before the person's scale."""
CSF_WIDTH = {
    "C1": 22.0, "C2": 20.3, "C4": 18.8, "C6": 18.2, "C7": 17.3, "T1": 15.8, "T4": 14.0,
    "T7": 13.6, "T10": 14.6, "T12": 17.4, "L1": 20.0, "L2": 19.8, "L3": 18.6, "L4": 17.6,
    "L5": 16.8,
}  # fmt: skip
CORD_WIDTH = {
    "C1": 11.4, "C3": 12.0, "C4": 12.8, "C5": 12.8, "C6": 12.2, "C7": 10.8, "T1": 9.3,
    "T3": 8.3, "T6": 7.8, "T9": 7.8, "T11": 8.7, "T12": 8.2,
}  # fmt: skip
CORD_DEPTH = {
    "C1": 8.4, "C4": 7.5, "C7": 6.4, "T3": 5.8, "T6": 5.8, "T9": 6.4, "T11": 7.0, "T12": 6.7,
}  # fmt: skip
SIDES = {1: "left", -1: "right"}


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """One root's sleeve: ``side`` is 1 on the left; ``angle`` from the axis downward, degrees."""

    segment: str
    region: str
    side: int
    s: float
    angle: float
    length: float
    radius: float
    visible: bool
    strength: float

    @property
    def lateral(self) -> float:
        """Return how far the sleeve reaches across the axis, mm."""
        return float(self.length * np.sin(np.radians(self.angle)))


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Vertebrae from C1 downward: ``s`` of their tops and middles, heights, mm."""

    names: list[str]
    thoracic: int
    lumbar: int
    top: Table
    height: Table
    mid: Table
    total: float

    def table(self, values: Table, s: Floats) -> Floats:
        """Return a table by level, interpolated along ``s``."""
        known = [k for k in values if k in self.mid]
        return np.interp(s, [self.mid[k] for k in known], [values[k] for k in known])


@dataclass(frozen=True, slots=True, eq=False)
class Spine:
    """Tables over ``s`` (0.5 mm): axis (n, 3), unit vectors to the left, sac and cord."""

    s: Floats
    xyz: Floats
    lateral: Floats
    width: Floats
    depth: Floats
    cord_w: Floats
    cord_d: Floats
    s_end: float
    conus: float
    roots: list[Root]
    levels: Levels

    def at(self, s: float | Floats, t: float | Floats = 0.0) -> Floats:
        """Return patient points at ``s``, moved ``t`` to the left."""
        s = np.asarray(s, float)
        p = np.stack([np.interp(s, self.s, self.xyz[:, i]) for i in range(3)], -1)
        d = np.stack([np.interp(s, self.s, self.lateral[:, i]) for i in range(3)], -1)
        return np.asarray(p + np.asarray(t)[..., None] * d)

    def w(self, s: float) -> float:
        """Return the sac's width, mm."""
        return float(np.interp(s, self.s, self.width))

    def widths(self, s: Floats) -> Floats:
        """Return the sac's width at many places, mm."""
        return np.interp(s, self.s, self.width)


def offset(left: float, back: float, up: float) -> Floats:
    """Return a move in patient coordinates, mm."""
    return np.array([left, back, up], float)


def smooth_noise(rng: Rng, n: int, sigma: float) -> Floats:
    """Return a random curve of unit spread over ``n`` samples."""
    v = gaussian_filter1d(rng.standard_normal(n + 8 * int(sigma) + 8), sigma)
    v = v[4 * int(sigma) :][:n]
    return np.asarray(v / (v.std() + 1e-9))


def make_spine(rng: Rng) -> Spine:
    """Return the spine of a new person."""
    levels = _levels(rng)
    top, height = levels.top, levels.height
    end = str(rng.choice(["S1", "S2", "S3"], p=[0.25, 0.55, 0.2]))
    s_end = top[end] + height[end] * rng.uniform(0.1, 0.95)
    s: Floats = np.arange(-45.0, s_end + 40, 0.5)
    width, depth = _sac(rng, s, levels, s_end)
    conus = top["L1"] + height["L1"] * rng.uniform(-0.6, 1.1)
    taper = np.clip((conus - s) / rng.uniform(18, 35), 0, 1) ** 0.8
    scale = rng.normal(1, 0.07)
    cord_w = gaussian_filter1d(levels.table(CORD_WIDTH, s), 15) * scale * taper
    cord_d = gaussian_filter1d(levels.table(CORD_DEPTH, s), 15) * scale * taper
    cord_w = np.minimum(cord_w, 0.8 * width)
    cord_d = np.minimum(cord_d, 0.82 * depth)
    xyz, lateral = _axis(rng, s, levels)
    roots = _roots(rng, levels, (s, width))
    return Spine(
        s, xyz, lateral, width, depth, cord_w, cord_d, float(s_end), float(conus), roots, levels
    )  # fmt: skip


def _levels(rng: Rng) -> Levels:
    """Stack the vertebrae."""
    nt, nl = 12, 5
    q = rng.random()
    if q < 0.015:
        nt = 11
    elif q < 0.03:
        nt = 13
    elif q < 0.045:
        nl = 4
    elif q < 0.06:
        nl = 6
    counts = (("C", 7), ("T", nt), ("L", nl), ("S", 4))
    names = [f"{letter}{i}" for letter, n in counts for i in range(1, n + 1)]
    f = float(np.clip(rng.normal(0.865, 0.055), 0.70, 1.02))
    height = {n: float(_usual_height(n, nt) * f * rng.normal(1, 0.025)) for n in names}
    top, s0 = {}, 0.0
    for n in names:
        top[n] = s0
        s0 += height[n]
    mid = {n: top[n] + height[n] / 2 for n in names}
    mid.setdefault("T12", mid["T11"])
    mid.setdefault("L5", mid["L4"])
    return Levels(names, nt, nl, top, height, mid, s0)


def _usual_height(name: str, thoracic: int) -> float:
    """Return a level's usual height, mm."""
    k = int(name[1:])
    if name[0] == "C":
        return HEIGHT[name]
    if name[0] == "T":
        return float(np.interp(k / thoracic, [1 / 12, 1], [20.5, 30.5]))
    if name[0] == "L":
        return [32.5, 33.0, 33.5, 33.5, 32.0, 32.0][k - 1]
    return [30, 25, 21, 19][k - 1]


def _sac(rng: Rng, s: Floats, levels: Levels, s_end: float) -> tuple[Floats, Floats]:
    """Return the sac's width and depth: personal scale, waists at discs, taper at the end."""
    n, mid = len(s), levels.mid
    scale = np.clip(rng.normal(1.0, 0.10), 0.74, 1.32)
    own = [np.clip(rng.normal(1, 0.06), 0.82, 1.2) for _ in "CTL"]
    at = [mid["C3"], mid["T6"], mid["L3"]]
    width = gaussian_filter1d(levels.table(CSF_WIDTH, s), 20) * scale * np.interp(s, at, own)
    width *= 1 + rng.uniform(0.005, 0.035) * smooth_noise(rng, n, rng.uniform(20, 50))
    for name in levels.names[2:-4]:
        if rng.random() < 0.75:
            deep = rng.uniform(0, 0.06 if rng.random() < 0.85 else 0.22)
            width *= 1 - deep * np.exp(-(((s - levels.top[name]) / rng.uniform(3, 7)) ** 2))
    width *= 1 + 0.6 * np.clip(-s / 25, 0, 1) ** 1.5
    taper = np.clip((s_end - s) / rng.uniform(25, 75), 0, 1)
    width *= taper ** rng.uniform(0.45, 0.8)
    width[s > s_end] = 0
    depth = rng.uniform(11.5, 16.5) * (1 + 0.06 * smooth_noise(rng, n, 40))
    at = [mid["C2"], mid["C5"], mid["T5"], mid["L2"], mid["L5"]]
    share = np.interp(s, at, [1.05, 0.88, 0.95, 1.1, 1.0])
    return width, np.minimum(depth, width * 1.05) * share


def _axis(rng: Rng, s: Floats, levels: Levels) -> tuple[Floats, Floats]:
    """Return the bent axis and the unit vectors to the left across it."""
    mid, length = levels.mid, levels.total
    big = rng.random() < 0.07
    amp = rng.uniform(6, 20) if big else rng.gamma(1.6, 1.6)
    x = amp * np.sin(2 * np.pi * (s / length * rng.uniform(0.6, 1.6) + rng.random()))
    x = x + rng.normal(0, 1.2) * np.sin(2 * np.pi * (s / length * 2.6 + rng.random()))
    x += np.tan(np.radians(rng.normal(0, 1.3))) * (s - length / 2)
    x += rng.normal(0, 5) - x.mean()
    knots = [
        -60, mid["C1"], mid["C5"], mid["T2"], mid["T7"], mid["T12"], mid["L3"], mid["S1"],
        levels.top["S4"] + 60,
    ]  # fmt: skip
    lean = [
        0, 0, -rng.uniform(0, 8), rng.uniform(2, 8), rng.uniform(10, 26), rng.uniform(4, 12),
        -rng.uniform(2, 14), rng.uniform(6, 22), rng.uniform(45, 70),
    ]  # fmt: skip
    y = gaussian_filter1d(CubicSpline(knots, np.array(lean))(s), 15)
    dx = np.gradient(x, s)
    dz = -np.sqrt(np.clip(1 - dx**2, 0.2, 1))
    z = np.cumsum(dz) * 0.5
    z -= np.interp(mid["T8"], s, z) - rng.normal(0, 15)
    xyz = np.stack([x, y + rng.normal(0, 12), z], 1)
    lateral = np.stack([-dz, np.zeros(len(s)), dx], 1)
    lateral /= np.linalg.norm(lateral, axis=1, keepdims=True)
    return xyz, lateral


def _roots(rng: Rng, levels: Levels, sac: tuple[Floats, Floats]) -> list[Root]:
    """Return the roots of both sides from C1 to S2."""
    counts = (("C", 8), ("T", levels.thoracic), ("L", levels.lumbar), ("S", 2))
    names = [f"{letter}{i}" for letter, n in counts for i in range(1, n + 1)]
    turn, scale, seen = rng.normal(0, 6), rng.uniform(0.75, 1.25), rng.uniform(0.55, 0.99)
    last = 7 + levels.thoracic
    roots: list[Root] = []
    for i, name in enumerate(names):
        region = "cervical" if i <= 6 else "thoracic" if i < last else "lumbar"
        base = _take_off(levels, name)
        pair = rng.normal(0, 2.0)
        for side in SIDES:
            angle, length, radius = _sleeve(rng, levels, name)
            s = float(base + pair + rng.normal(0, 1.0))
            angle = float(np.clip(angle + turn + rng.normal(0, 4), 13, 88))
            visible = bool(rng.random() < seen)
            strength = rng.uniform(0.5, 1.25)
            if np.interp(s, *sac) < 2.5:  # below the sac's end there is no sleeve
                visible = False
            size = (float(length * scale), radius)
            roots.append(Root(name, region, side, s, angle, *size, visible, strength))
    return roots


def _take_off(levels: Levels, name: str) -> float:
    """Return where a root usually leaves the sac."""
    top, k = levels.top, int(name[1:])
    if name == "C1":
        return top["C1"] + 2
    if name == "C8":
        return top["T1"]
    if name[0] == "C":
        return top[name]
    if name[0] == "T":
        share = float(np.interp(k, [1, levels.thoracic], [0.93, 0.68]))
    elif name[0] == "L":
        share = float(np.interp(k, [1, levels.lumbar], [0.62, 0.45]))
    else:
        share = -0.05 if k == 1 else 0.0
    return top[name] + levels.height[name] * share


def _sleeve(rng: Rng, levels: Levels, name: str) -> tuple[float, float, float]:
    """Return the angle, length and radius of one side's sleeve."""
    k = int(name[1:])
    if name[0] == "C":
        angle = float(np.interp(k, [1, 8], [82, 62]))
        return angle, rng.uniform(3, 6), rng.uniform(1.2, 2.3)
    if name[0] == "T":
        angle = float(np.interp(k, [1, levels.thoracic], [60, 50]))
        return angle, rng.uniform(3, 6), rng.uniform(1.0, 1.9)
    if name[0] == "L":
        span = [1, levels.lumbar]
        length = rng.uniform(8, 20) * float(np.interp(k, span, [0.75, 1.0]))
        return float(np.interp(k, span, [46, 27])), length, rng.uniform(1.4, 2.4)
    return 21 if k == 1 else 17, rng.uniform(8, 18), rng.uniform(1.2, 2.2)

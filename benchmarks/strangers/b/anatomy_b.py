"""Spine of one person, in LPS mm: axis, sac, cord, roots.

s runs down the canal (mm along the coronal projection of the axis), t to the patient's left
across it.  All widths are those of the lumen's silhouette (elliptic section: chord is 0 there).
"""
from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.interpolate import CubicSpline, PchipInterpolator

# heights of a level, canal and cord figures: ../shared/ANATOMY.md and canal_and_cord.json (203 + 58 subjects)
HEIGHT = {"C1": 21.0, "C2": 19.0, "C3": 16.5, "C4": 15.8, "C5": 15.5, "C6": 16.0, "C7": 17.5}
CSF_W = {"C1": 22.0, "C2": 20.3, "C4": 18.8, "C6": 18.2, "C7": 17.3, "T1": 15.8, "T4": 14.0, "T7": 13.6, "T10": 14.6,
         "T12": 17.4, "L1": 20.0, "L2": 19.8, "L3": 18.6, "L4": 17.6, "L5": 16.8}
CORD_RL = {"C1": 11.4, "C3": 12.0, "C4": 12.8, "C5": 12.8, "C6": 12.2, "C7": 10.8, "T1": 9.3, "T3": 8.3, "T6": 7.8,
           "T9": 7.8, "T11": 8.7, "T12": 8.2}
CORD_AP = {"C1": 8.4, "C4": 7.5, "C7": 6.4, "T3": 5.8, "T6": 5.8, "T9": 6.4, "T11": 7.0, "T12": 6.7}


@dataclass
class Root:
    segment: str
    region: str
    side: int           # +1 left, -1 right
    s: float
    angle: float        # from the axis downward, degrees
    length: float       # along its course
    radius: float
    visible: bool
    strength: float
    in_view: bool = False
    judgeable: bool = False
    station: int | None = None
    position: np.ndarray = field(default_factory=lambda: np.zeros(3))

    @property
    def lateral(self) -> float:
        return self.length * np.sin(np.radians(self.angle))


@dataclass
class Spine:
    s: np.ndarray            # axis samples, 0.5 mm
    xyz: np.ndarray          # (n, 3)
    lateral: np.ndarray      # (n, 3) unit vector to the left across the axis, in the coronal plane
    width: np.ndarray
    depth: np.ndarray
    cord_w: np.ndarray
    cord_d: np.ndarray
    s_end: float
    conus: float
    roots: list[Root]
    formula: dict
    mid: dict                # vertebra name -> s of its middle

    def at(self, s, t=0.0):
        s = np.asarray(s, float)
        p = np.stack([np.interp(s, self.s, self.xyz[:, i]) for i in range(3)], -1)
        d = np.stack([np.interp(s, self.s, self.lateral[:, i]) for i in range(3)], -1)
        return p + np.asarray(t)[..., None] * d

    def w(self, s):
        return np.interp(s, self.s, self.width)


def smooth_noise(rng, n, sigma):
    v = gaussian_filter1d(rng.standard_normal(n + 8 * int(sigma) + 8), sigma)[4 * int(sigma):][:n]
    return v / (v.std() + 1e-9)


def make_spine(rng: np.random.Generator) -> Spine:
    nt, nl = 12, 5
    q = rng.random()
    if q < 0.015: nt = 11
    elif q < 0.03: nt = 13
    elif q < 0.045: nl = 4
    elif q < 0.06: nl = 6
    names = [f"C{i}" for i in range(1, 8)] + [f"T{i}" for i in range(1, nt + 1)] + [f"L{i}" for i in range(1, nl + 1)] + [f"S{i}" for i in range(1, 5)]
    f = float(np.clip(rng.normal(0.865, 0.055), 0.70, 1.02))
    h = {}
    for n in names:
        k = int(n[1:])
        if n[0] == "C": v = HEIGHT[n]
        elif n[0] == "T": v = np.interp(k / nt, [1 / 12, 1], [20.5, 30.5])
        elif n[0] == "L": v = [32.5, 33.0, 33.5, 33.5, 32.0, 32.0][k - 1]
        else: v = [30, 25, 21, 19][k - 1]
        h[n] = v * f * rng.normal(1, 0.025)
    top, s0 = {}, 0.0
    for n in names:
        top[n] = s0
        s0 += h[n]
    mid = {n: top[n] + h[n] / 2 for n in names}
    mid.setdefault("T12", mid["T11"]); mid.setdefault("L5", mid["L4"])
    total = s0

    end_level = rng.choice(["S1", "S2", "S3"], p=[.25, .55, .2])
    s_end = top[end_level] + h[end_level] * rng.uniform(0.1, 0.95)
    s = np.arange(-45.0, s_end + 40, 0.5)
    n = len(s)

    # widths
    def table(t):
        ks = [k for k in t if k in mid]
        xs = [mid[k] for k in ks]
        return np.interp(s, xs, [t[k] for k in ks])
    scale = np.clip(rng.normal(1.0, 0.10), 0.74, 1.32)
    reg = {r: np.clip(rng.normal(1, .06), .82, 1.2) for r in "CTL"}
    kx = [mid["C3"], mid["T6"], mid["L3"]]
    width = gaussian_filter1d(table(CSF_W), 20) * scale * np.interp(s, kx, [reg["C"], reg["T"], reg["L"]])
    width *= 1 + rng.uniform(.005, .035) * smooth_noise(rng, n, rng.uniform(20, 50))
    for name in names[2:-4]:                                  # discs and pedicles scallop the silhouette
        if rng.random() < .75:
            width *= 1 - rng.uniform(0, .06 if rng.random() < .85 else .22) * np.exp(-((s - top[name]) / rng.uniform(3, 7)) ** 2)
    width *= 1 + .6 * np.clip(-s / 25, 0, 1) ** 1.5
    taper_len = rng.uniform(25, 75)
    tap = np.clip((s_end - s) / taper_len, 0, 1)
    width *= tap ** rng.uniform(.45, .8)
    width[s > s_end] = 0
    ap = rng.uniform(11.5, 16.5) * (1 + .06 * smooth_noise(rng, n, 40))
    depth = np.minimum(ap, width * 1.05) * np.interp(s, [mid["C2"], mid["C5"], mid["T5"], mid["L2"], mid["L5"]], [1.05, .88, .95, 1.1, 1.0])

    conus = top["L1"] + h["L1"] * rng.uniform(-.6, 1.1)
    taper = np.clip((conus - s) / rng.uniform(18, 35), 0, 1) ** .8
    cs = rng.normal(1, .07)
    cord_w = gaussian_filter1d(table(CORD_RL), 15) * cs * taper
    cord_d = gaussian_filter1d(table(CORD_AP), 15) * cs * taper
    cord_w = np.minimum(cord_w, .8 * width); cord_d = np.minimum(cord_d, .82 * depth)

    # axis
    big = rng.random() < .07
    amp = rng.uniform(6, 20) if big else rng.gamma(1.6, 1.6)
    L = total
    x = amp * np.sin(2 * np.pi * (s / L * rng.uniform(.6, 1.6) + rng.random())) + rng.normal(0, 1.2) * np.sin(2 * np.pi * (s / L * 2.6 + rng.random()))
    x += np.tan(np.radians(rng.normal(0, 1.3))) * (s - L / 2)
    x += rng.normal(0, 5) - x.mean()
    ys = CubicSpline([-60, mid["C1"], mid["C5"], mid["T2"], mid["T7"], mid["T12"], mid["L3"], mid["S1"], top["S4"] + 60],
                     np.array([0, 0, -rng.uniform(0, 8), rng.uniform(2, 8), rng.uniform(10, 26), rng.uniform(4, 12), -rng.uniform(2, 14),
                               rng.uniform(6, 22), rng.uniform(45, 70)]))(s)
    ys = gaussian_filter1d(ys, 15)
    dx = np.gradient(x, s)
    dz = -np.sqrt(np.clip(1 - dx ** 2, .2, 1))
    z = np.cumsum(dz) * .5
    z -= np.interp(mid["T8"], s, z) - rng.normal(0, 15)
    xyz = np.stack([x, ys + rng.normal(0, 12), z], 1)
    lateral = np.stack([-dz, np.zeros(n), dx], 1)            # tangent (dx, dz) turned towards +x (left)
    lateral /= np.linalg.norm(lateral, axis=1, keepdims=True)

    # roots
    roots: list[Root] = []
    segs = [f"C{i}" for i in range(1, 9)] + [f"T{i}" for i in range(1, nt + 1)] + [f"L{i}" for i in range(1, nl + 1)] + ["S1", "S2"]
    ang_shift, sleeve_scale, vis_p = rng.normal(0, 6), rng.uniform(.75, 1.25), rng.uniform(.55, .99)
    order = {v: i for i, v in enumerate(segs)}
    last_t = order[f"T{nt}"]
    for g in segs:
        k = int(g[1:])
        i = order[g]
        region = "cervical" if i <= 6 else ("thoracic" if i < last_t else "lumbar")
        if g == "C1": base = top["C1"] + 2
        elif g == "C8": base = top["T1"]
        elif g[0] == "C": base = top[g]
        elif g[0] == "T": base = top[g] + h[g] * np.interp(k, [1, nt], [.93, .68])
        elif g[0] == "L": base = top[g] + h[g] * np.interp(k, [1, nl], [.62, .45])
        else: base = top[g] + h[g] * (-.05 if k == 1 else .0)
        pair = rng.normal(0, 2.0)
        for side in (1, -1):
            if g[0] == "C": a, ln, r = np.interp(k, [1, 8], [82, 62]), rng.uniform(3, 6), rng.uniform(1.2, 2.3)
            elif g[0] == "T": a, ln, r = np.interp(k, [1, nt], [60, 50]), rng.uniform(3, 6), rng.uniform(1.0, 1.9)
            elif g[0] == "L": a, ln, r = np.interp(k, [1, nl], [46, 27]), rng.uniform(8, 20) * np.interp(k, [1, nl], [.75, 1.0]), rng.uniform(1.4, 2.4)
            else: a, ln, r = (21 if k == 1 else 17), rng.uniform(8, 18), rng.uniform(1.2, 2.2)
            roots.append(Root(g, region, side, float(base + pair + rng.normal(0, 1.0)), float(np.clip(a + ang_shift + rng.normal(0, 4), 13, 88)),
                              float(ln * sleeve_scale), float(r), bool(rng.random() < vis_p), float(rng.uniform(.5, 1.25))))
    for r in roots:                                          # below the sac's end there is no sleeve
        if np.interp(r.s, s, width) < 2.5: r.visible = False
    return Spine(s, xyz, lateral, width, depth, cord_w, cord_d, float(s_end), float(conus), roots,
                 {"thoracic": nt, "lumbar": nl}, mid)

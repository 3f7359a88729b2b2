"""One spine in patient millimetres (LPS: x left, y posterior, z superior): curve, sac and cord.

Everything is a table over the arc length ``s``, 0 at the top of C1 and growing downward.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d

Floats = NDArray[np.float64]
Rng = np.random.Generator
Knots = list[tuple[str, float, float]]
STEP = 0.5
"""Step of the tables along ``s``, mm."""
REGIONS = ("cervical", "thoracic", "lumbar")


def smooth_noise(rng: Rng, n: int, step: float, scale: float, amp: float) -> Floats:
    """Return band-limited noise: ``n`` samples ``step`` mm apart, correlated over ``scale`` mm."""
    k = max(4, int(n * step / scale) + 4)
    knots = rng.normal(0, amp, k)
    t = np.linspace(0, k - 3.001, n) + 1
    i = t.astype(int)
    f = t - i
    a, b = knots[i], knots[np.minimum(i + 1, k - 1)]
    w = f * f * (3 - 2 * f)
    noise: Floats = a * (1 - w) + b * w
    return noise


def offset(left: float, back: float, up: float) -> Floats:
    """Return a move in patient coordinates, mm."""
    return np.array([left, back, up], float)


class Spine:
    """Curve, sac and cord of one person, drawn in a fixed order from one generator."""

    def __init__(self, rng: Rng) -> None:
        self.age = int(np.clip(rng.normal(38, 12), 17, 78))
        self.sex = "M" if rng.random() < 0.42 else "F"
        u = rng.random()
        self.thoracic = 11 if u < 0.025 else 13 if u < 0.075 else 12
        u = rng.random()
        self.lumbar = 4 if u < 0.03 else 6 if u < 0.09 else 5
        self.last_t, self.last_l = f"T{self.thoracic}", f"L{self.lumbar}"
        self._levels(rng)
        self._curve(rng)
        self._sac(rng)
        self._cord(rng)

    def _levels(self, rng: Rng) -> None:
        """Stack the vertebrae and place the sac's end."""
        k = np.clip(rng.normal(0.94 if self.sex == "M" else 0.905, 0.045), 0.77, 1.0)
        nt = self.thoracic
        h: list[tuple[str, float]] = [("C1", 21), ("C2", 18.5)]
        h += [(f"C{i}", 16.5) for i in range(3, 8)]
        h += [(f"T{i}", 21.5 + 10 * (i - 1) / (nt - 1)) for i in range(1, nt + 1)]
        h += [(f"L{i}", [33, 34, 34, 33, 31, 30][i - 1]) for i in range(1, self.lumbar + 1)]
        h += [("S1", 29), ("S2", 25), ("S3", 21), ("S4", 18)]
        self.top: dict[str, float] = {}
        self.bottom: dict[str, float] = {}
        s = 0.0
        for name, usual in h:
            mm = usual * k * rng.normal(1, 0.03)
            self.top[name], s = s, s + mm
            self.bottom[name] = s
        self.stature = k
        low = self.top["S3"] + 0.8 * (self.bottom["S3"] - self.top["S3"])
        mid = 0.5 * (self.top["S2"] + self.bottom["S2"])
        self.s_end = float(np.clip(rng.normal(mid, 13), self.bottom[self.last_l], low))
        self.s: Floats = np.arange(0, self.bottom["S4"] + 0.5, 0.5)

    def _knots(self, pairs: Knots) -> Floats:
        """Return a table through (level, share of its height, value), monotone between knots."""
        x = [self.top[n] + f * (self.bottom[n] - self.top[n]) for n, f, _ in pairs]
        table = dict(zip(x, [v for *_, v in pairs], strict=True))
        at = sorted(table)
        smooth = PchipInterpolator(at, [table[q] for q in at], extrapolate=True)
        values: Floats = smooth(np.clip(self.s, at[0], at[-1]))
        return values

    def _curve(self, rng: Rng) -> None:
        """Bend the axis: cervical and lumbar lordosis, kyphosis, scoliosis."""
        k = np.clip(rng.normal(0.62, 0.16), 0.25, 1.0)
        bends = [
            ("C1", 0, -10), ("C4", 0.5, 0), ("C7", 0.5, 17), ("T2", 0.5, 17), ("T6", 0.5, 2),
            (f"T{self.thoracic - 2}", 0.5, -13), (self.last_t, 0.5, -13), ("L2", 0.5, -5),
            ("L3", 0.8, 2), (self.last_l, 0.7, 20), ("S1", 0.5, 36), ("S2", 0.5, 40),
            ("S4", 1, 20),
        ]  # fmt: skip
        th = self._knots([(n, f, k * (v + rng.normal(0, 2.5))) for n, f, v in bends])
        severe = rng.random() < 0.12
        amp = rng.uniform(6, 13) if severe else abs(rng.normal(0, 2.2))
        n, length = len(self.s), self.s[-1]
        ph = rng.uniform(0, 2 * np.pi)
        fr = rng.uniform(0.9, 1.9)
        phi = amp * np.sin(2 * np.pi * fr * self.s / length + ph) + rng.normal(0, 1.0)
        phi = phi + smooth_noise(rng, n, 0.5, 90, 0.7)
        th, phi = np.radians(th), np.radians(phi)
        th, phi = gaussian_filter1d(th, 12), gaussian_filter1d(phi, 12)
        away = [np.cos(th) * np.sin(phi), np.sin(th), -np.cos(th) * np.cos(phi)]
        self.t: Floats = np.stack(away, 1)
        p = np.concatenate([[[0, 0, 0]], np.cumsum(self.t[:-1] * 0.5, 0)])
        m = np.searchsorted(self.s, 0.5 * (self.top["C4"] + self.bottom[self.last_l]))
        p -= p[m]
        p[:, 1] -= p[:, 1].mean()
        self.scoliosis = float(amp)
        shift = [rng.normal(0, 6), rng.normal(-5, 12), rng.normal(0, 25)]
        self.p: Floats = p + np.array(shift)
        self.phi, self.th = phi, th

    def _sac(self, rng: Rng) -> None:
        """Set the sac's half width and half depth: personal scale, worn discs, taper."""
        w = self._knots([
            ("C1", 0, 23), ("C2", 0.5, 21.0), ("C4", 0.5, 18.7), ("C6", 0.5, 18.4),
            ("C7", 0.5, 17.4), ("T1", 0.5, 15.7), ("T3", 0.5, 14.3), ("T6", 0.5, 13.8),
            ("T9", 0.5, 14.2), (f"T{self.thoracic - 1}", 0.5, 15.6), (self.last_t, 0.5, 17.5),
            ("L1", 0.5, 20.0), ("L2", 0.5, 20.3), ("L3", 0.5, 19.4), ("L4", 0.5, 18.2),
            (self.last_l, 0.5, 16.3), ("S1", 0.5, 13.0), ("S2", 0.5, 10.0), ("S4", 1, 8),
        ])  # fmt: skip
        ap = self._knots([
            ("C1", 0, 15.5), ("C2", 0.5, 14.3), ("C4", 0.5, 12.6), ("C7", 0.5, 12.6),
            ("T2", 0.5, 12.6), ("T6", 0.5, 12.8), (self.last_t, 0.5, 14.6), ("L1", 0.5, 15.6),
            ("L3", 0.5, 14.6), ("L4", 0.5, 13.6), (self.last_l, 0.5, 12.2), ("S1", 0.5, 9.8),
            ("S2", 0.5, 7.5), ("S4", 1, 6),
        ])  # fmt: skip
        n = len(self.s)
        g = rng.normal(1, 0.065)
        w = w * g * (1 + smooth_noise(rng, n, 0.5, 70, 0.035))
        ap = ap * rng.normal(1, 0.07) * (1 + smooth_noise(rng, n, 0.5, 70, 0.04))
        wear = np.clip((self.age - 25) / 50, 0.1, 1)
        for name, bottom in self.bottom.items():
            if name[0] == "S" or name == "C1":
                continue
            d = np.exp(-0.5 * ((self.s - bottom) / rng.uniform(3, 5)) ** 2)
            ap *= 1 - d * abs(rng.normal(0.05, 0.08)) * (0.5 + wear)
            w *= 1 - d * abs(rng.normal(0.0, 0.035)) * (0.4 + wear)
        w *= 1 + smooth_noise(rng, n, 0.5, 11, 0.012) + smooth_noise(rng, n, 0.5, 28, 0.018)
        ap *= 1 + smooth_noise(rng, n, 0.5, 16, 0.03)
        tail = np.clip((self.s_end - self.s) / rng.uniform(22, 45), 0, 1)
        tail = np.sqrt(tail * (2 - tail))
        self.rx: Floats = 0.5 * w * tail
        self.ry: Floats = 0.5 * ap * np.maximum(tail, 1e-3)
        self.power = rng.uniform(1.95, 2.45)

    def _cord(self, rng: Rng) -> None:
        """Set the cord's half width and half depth, its end and where it lies in the sac."""
        tl, before = self.last_t, f"T{self.thoracic - 2}"
        cw = self._knots([
            ("C1", 0, 11.0), ("C4", 0.5, 12.8), ("C5", 0.5, 12.9), ("C7", 0.5, 10.8),
            ("T2", 0.5, 8.7), ("T6", 0.5, 7.6), (before, 0.5, 8.1), (tl, 0.3, 8.9), ("S4", 1, 8.0),
        ])  # fmt: skip
        ca = self._knots([
            ("C1", 0, 8.3), ("C4", 0.5, 7.5), ("C7", 0.5, 6.6), ("T6", 0.5, 5.6),
            (before, 0.5, 6.3), (tl, 0.3, 7.0), ("S4", 1, 6.0),
        ])  # fmt: skip
        height = self.bottom["L1"] - self.top["L1"]
        self.s_conus = self.top["L1"] + rng.normal(0.55, 0.45) * height
        k = rng.normal(1, 0.06)
        taper = np.clip((self.s_conus - self.s) / rng.uniform(24, 38), 0, 1) ** 0.8
        self.crx: Floats = np.minimum(0.5 * cw * k * taper, 0.82 * self.rx)
        self.cry: Floats = np.minimum(0.5 * ca * k * taper, 0.8 * self.ry)
        room_y = np.maximum(self.ry - self.cry, 0)
        dth = np.gradient(self.th, 0.5)
        lean = np.where(dth < 0, -0.35, 0.15) * room_y
        self.coy: Floats = gaussian_filter1d(np.clip(lean, -0.8 * room_y, 0.8 * room_y), 40)
        dphi = gaussian_filter1d(np.gradient(self.phi, 0.5), 30)
        room_x = np.maximum(self.rx - self.crx, 0)
        sway = np.clip(dphi * 900, -0.5, 0.5) * room_x
        self.cox: Floats = sway + smooth_noise(rng, len(self.s), 0.5, 120, 0.25)

    def segments(self) -> list[str]:
        """Return the roots from C1 to S2."""
        counts = (("C", 8), ("T", self.thoracic), ("L", self.lumbar), ("S", 2))
        return [f"{letter}{i}" for letter, n in counts for i in range(1, n + 1)]

    def region(self, segment: str) -> str:
        """Return the region a root is graded in."""
        cervical, thoracic, lumbar = REGIONS
        if segment[0] == "C":
            return thoracic if segment == "C8" else cervical
        if segment[0] == "T":
            return lumbar if segment == self.last_t else thoracic
        return lumbar

    def at(self, s: float, dx: float = 0.0, dy: float = 0.0, dz: float = 0.0) -> Floats:
        """Return the patient point beside the axis at arc length ``s``."""
        point: Floats = np.array([np.interp(s, self.s, self.p[:, i]) for i in range(3)])
        return point + offset(dx, dy, dz)

    def points(self, s: Floats) -> Floats:
        """Return the axis at many arc lengths, shape (n, 3)."""
        return np.stack([self.at(q) for q in s])

    def value(self, table: Floats, s: float) -> np.float64:
        """Return a table's value at one arc length."""
        return np.interp(s, self.s, table)

    def values(self, table: Floats, s: Floats) -> Floats:
        """Return a table's values at many arc lengths."""
        return np.interp(s, self.s, table)

    def frame(self, s: float) -> tuple[Floats, Floats, Floats]:
        """Return the unit tangent (downward), left and posterior directions at ``s``."""
        t = np.array([np.interp(s, self.s, self.t[:, i]) for i in range(3)])
        t /= np.linalg.norm(t)
        left = np.cross([0, 1.0, 0], t) * -1
        left /= np.linalg.norm(left)
        if left[0] < 0:
            left = -left
        post = np.cross(t, left)
        return t, left, post if post[1] > 0 else -post

    def lateral(self, point: Floats, sign: int) -> tuple[float, float]:
        """Return (s, mm beyond the silhouette's edge) of a point seen from the front on a side."""
        pt = np.atleast_2d(point)
        s = np.interp(-pt[:, 2], -self.p[:, 2], self.s)
        for _ in range(3):
            c = np.stack([np.interp(s, self.s, self.p[:, i]) for i in (0, 2)], 1)
            t = np.stack([np.interp(s, self.s, self.t[:, i]) for i in (0, 2)], 1)
            t /= np.linalg.norm(t, axis=1, keepdims=True)
            s = s + ((pt[:, [0, 2]] - c) * t).sum(1)
        c = np.stack([np.interp(s, self.s, self.p[:, i]) for i in (0, 2)], 1)
        n = np.stack([-t[:, 1], t[:, 0]], 1)
        off = ((pt[:, [0, 2]] - c) * n).sum(1)
        out = sign * off - np.interp(s, self.s, self.rx)
        return float(s[0]), float(out[0])


class AxialTable:
    """A spine's axial sections as functions of z, growing upward."""

    def __init__(self, spine: Spine) -> None:
        o = np.argsort(spine.p[:, 2])
        cp, ct = np.cos(spine.phi), np.cos(spine.th)
        self.power, self.s_end = spine.power, spine.s_end
        self.z: Floats = spine.p[:, 2][o]
        self.table: dict[str, Floats] = {
            "x": spine.p[o, 0],
            "y": spine.p[o, 1],
            "rx": (spine.rx / cp)[o],
            "ry": (spine.ry / ct)[o],
            "crx": (spine.crx / cp)[o],
            "cry": (spine.cry / ct)[o],
            "cox": spine.cox[o],
            "coy": spine.coy[o],
            "s": spine.s[o],
            "dy": np.gradient(spine.p[o, 1], self.z),
        }

    def at(self, name: str, z: Floats) -> Floats:
        """Return one column of the table at heights."""
        return np.interp(z, self.z, self.table[name])

    def inside(self, points: Floats, grow: float = 0.0) -> NDArray[np.bool_]:
        """Say which patient points lie inside the sac."""
        g = {k: self.at(k, points[:, 2]) for k in ("x", "y", "rx", "ry", "s")}
        rx, ry = np.maximum(g["rx"] + grow, 1e-3), np.maximum(g["ry"] + grow, 1e-3)
        v = np.abs((points[:, 0] - g["x"]) / rx) ** self.power
        v = v + np.abs((points[:, 1] - g["y"]) / ry) ** self.power
        within: NDArray[np.bool_] = (v < 1) & (g["s"] < self.s_end)
        return within

"""The body: one spine in patient LPS millimetres (x left, y posterior, z superior)."""
import numpy as np

C, T, L = "cervical", "thoracic", "lumbar"


def smooth_noise(rng, n, step, scale, amp):
    """1-D band-limited noise, n samples `step` mm apart, correlation length `scale` mm."""
    k = max(4, int(n * step / scale) + 4)
    knots = rng.normal(0, amp, k)
    t = np.linspace(0, k - 3.001, n) + 1
    i = t.astype(int)
    f = t - i
    a, b = knots[i], knots[np.minimum(i + 1, k - 1)]
    w = f * f * (3 - 2 * f)
    return a * (1 - w) + b * w


class Body:
    """Curve, sac, cord, roots. Everything along the arc length s (0 at the top of C1, growing downward)."""

    def __init__(self, rng):
        self.age = int(np.clip(rng.normal(38, 12), 17, 78))
        self.sex = "M" if rng.random() < 0.42 else "F"
        u = rng.random()
        self.nT = 11 if u < 0.025 else 13 if u < 0.075 else 12
        u = rng.random()
        self.nL = 4 if u < 0.03 else 6 if u < 0.09 else 5
        self._levels(rng)
        self._curve(rng)
        self._sac(rng)
        self._cord(rng)
        self._roots(rng)
        self._by_z()

    def _levels(self, rng):
        k = np.clip(rng.normal(0.94 if self.sex == "M" else 0.905, 0.045), 0.77, 1.0)
        h = [("C1", 21), ("C2", 18.5)] + [(f"C{i}", 16.5) for i in range(3, 8)]
        h += [(f"T{i}", 21.5 + 10 * (i - 1) / (self.nT - 1)) for i in range(1, self.nT + 1)]
        h += [(f"L{i}", [33, 34, 34, 33, 31, 30][i - 1]) for i in range(1, self.nL + 1)]
        h += [("S1", 29), ("S2", 25), ("S3", 21), ("S4", 18)]
        self.top, self.bot, s = {}, {}, 0.0
        for name, mm in h:
            mm = mm * k * rng.normal(1, 0.03)
            self.top[name], s = s, s + mm
            self.bot[name] = s
        self.stature = k
        lo, hi = self.bot[f"L{self.nL}"], self.top["S3"] + 0.8 * (self.bot["S3"] - self.top["S3"])
        mid = 0.5 * (self.top["S2"] + self.bot["S2"])
        self.s_end = float(np.clip(rng.normal(mid, 13), lo, hi))
        self.s = np.arange(0, self.bot["S4"] + 0.5, 0.5)

    def _knots(self, pairs):
        x = [self.top[n] + f * (self.bot[n] - self.top[n]) for n, f, _ in pairs]
        from scipy.interpolate import PchipInterpolator
        table = dict(zip(x, [v for *_, v in pairs]))
        x = sorted(table)
        return PchipInterpolator(x, [table[q] for q in x], extrapolate=True)(np.clip(self.s, x[0], x[-1]))

    def _curve(self, rng):
        tl, ll = f"T{self.nT}", f"L{self.nL}"
        k = np.clip(rng.normal(0.62, 0.16), 0.25, 1.0)
        j = lambda v, sd=2.5: k * (v + rng.normal(0, sd))
        th = self._knots([("C1", 0, j(-10)), ("C4", 0.5, j(0)), ("C7", 0.5, j(17)), ("T2", 0.5, j(17)), ("T6", 0.5, j(2)),
                          (f"T{self.nT - 2}", 0.5, j(-13)), (tl, 0.5, j(-13)), ("L2", 0.5, j(-5)), ("L3", 0.8, j(2)), (ll, 0.7, j(20)),
                          ("S1", 0.5, j(36)), ("S2", 0.5, j(40)), ("S4", 1, j(20))])
        severe = rng.random() < 0.12
        amp = rng.uniform(6, 13) if severe else abs(rng.normal(0, 2.2))
        n, S = len(self.s), self.s[-1]
        ph = rng.uniform(0, 2 * np.pi)
        fr = rng.uniform(0.9, 1.9)
        phi = amp * np.sin(2 * np.pi * fr * self.s / S + ph) + rng.normal(0, 1.0) + smooth_noise(rng, n, 0.5, 90, 0.7)
        th, phi = np.radians(th), np.radians(phi)
        from scipy.ndimage import gaussian_filter1d as g
        th, phi = g(th, 12), g(phi, 12)
        self.t = np.stack([np.cos(th) * np.sin(phi), np.sin(th), -np.cos(th) * np.cos(phi)], 1)
        p = np.concatenate([[[0, 0, 0]], np.cumsum(self.t[:-1] * 0.5, 0)])
        m = np.searchsorted(self.s, 0.5 * (self.top["C4"] + self.bot[ll]))
        p -= p[m]
        p[:, 1] -= p[:, 1].mean()
        self.scoliosis = float(amp)
        self.p = p + np.array([rng.normal(0, 6), rng.normal(-5, 12), rng.normal(0, 25)])
        self.phi, self.th = phi, th

    def _sac(self, rng):
        tl, ll = f"T{self.nT}", f"L{self.nL}"
        w = self._knots([("C1", 0, 23), ("C2", 0.5, 21.0), ("C4", 0.5, 18.7), ("C6", 0.5, 18.4), ("C7", 0.5, 17.4), ("T1", 0.5, 15.7), ("T3", 0.5, 14.3),
                         ("T6", 0.5, 13.8), ("T9", 0.5, 14.2), (f"T{self.nT - 1}", 0.5, 15.6), (tl, 0.5, 17.5), ("L1", 0.5, 20.0), ("L2", 0.5, 20.3), ("L3", 0.5, 19.4),
                         ("L4", 0.5, 18.2), (ll, 0.5, 16.3), ("S1", 0.5, 13.0), ("S2", 0.5, 10.0), ("S4", 1, 8)])
        ap = self._knots([("C1", 0, 15.5), ("C2", 0.5, 14.3), ("C4", 0.5, 12.6), ("C7", 0.5, 12.6), ("T2", 0.5, 12.6), ("T6", 0.5, 12.8), (tl, 0.5, 14.6),
                          ("L1", 0.5, 15.6), ("L3", 0.5, 14.6), ("L4", 0.5, 13.6), (ll, 0.5, 12.2), ("S1", 0.5, 9.8), ("S2", 0.5, 7.5), ("S4", 1, 6)])
        n = len(self.s)
        g = rng.normal(1, 0.065)
        w = w * g * (1 + smooth_noise(rng, n, 0.5, 70, 0.035))
        ap = ap * rng.normal(1, 0.07) * (1 + smooth_noise(rng, n, 0.5, 70, 0.04))
        wear = np.clip((self.age - 25) / 50, 0.1, 1)
        for name, bottom in self.bot.items():
            if name[0] == "S" or name == "C1":
                continue
            d = np.exp(-0.5 * ((self.s - bottom) / rng.uniform(3, 5)) ** 2)
            ap *= 1 - d * abs(rng.normal(0.05, 0.08)) * (0.5 + wear)
            w *= 1 - d * abs(rng.normal(0.0, 0.035)) * (0.4 + wear)
        w *= 1 + smooth_noise(rng, n, 0.5, 11, 0.012) + smooth_noise(rng, n, 0.5, 28, 0.018)
        ap *= 1 + smooth_noise(rng, n, 0.5, 16, 0.03)
        tail = np.clip((self.s_end - self.s) / rng.uniform(22, 45), 0, 1)
        tail = np.sqrt(tail * (2 - tail))
        self.rx, self.ry = 0.5 * w * tail, 0.5 * ap * np.maximum(tail, 1e-3)
        self.power = rng.uniform(1.95, 2.45)

    def _cord(self, rng):
        tl = f"T{self.nT}"
        cw = self._knots([("C1", 0, 11.0), ("C4", 0.5, 12.8), ("C5", 0.5, 12.9), ("C7", 0.5, 10.8), ("T2", 0.5, 8.7), ("T6", 0.5, 7.6), (f"T{self.nT - 2}", 0.5, 8.1), (tl, 0.3, 8.9),
                          ("S4", 1, 8.0)])
        ca = self._knots([("C1", 0, 8.3), ("C4", 0.5, 7.5), ("C7", 0.5, 6.6), ("T6", 0.5, 5.6), (f"T{self.nT - 2}", 0.5, 6.3), (tl, 0.3, 7.0), ("S4", 1, 6.0)])
        self.s_conus = self.top["L1"] + rng.normal(0.55, 0.45) * (self.bot["L1"] - self.top["L1"])
        k = rng.normal(1, 0.06)
        taper = np.clip((self.s_conus - self.s) / rng.uniform(24, 38), 0, 1) ** 0.8
        self.crx = np.minimum(0.5 * cw * k * taper, 0.82 * self.rx)
        self.cry = np.minimum(0.5 * ca * k * taper, 0.8 * self.ry)
        room_y = np.maximum(self.ry - self.cry, 0)
        dth = np.gradient(self.th, 0.5)
        self.coy = np.clip(np.where(dth < 0, -0.35, 0.15) * room_y, -0.8 * room_y, 0.8 * room_y)
        from scipy.ndimage import gaussian_filter1d as g
        self.coy = g(self.coy, 40)
        dphi = g(np.gradient(self.phi, 0.5), 30)
        room_x = np.maximum(self.rx - self.crx, 0)
        self.cox = np.clip(dphi * 900, -0.5, 0.5) * room_x + smooth_noise(rng, len(self.s), 0.5, 120, 0.25)

    def segments(self):
        return ([f"C{i}" for i in range(1, 9)] + [f"T{i}" for i in range(1, self.nT + 1)]
                + [f"L{i}" for i in range(1, self.nL + 1)] + ["S1", "S2"])

    def region(self, seg):
        if seg[0] == "C":
            return T if seg == "C8" else C
        if seg[0] == "T":
            return L if seg == f"T{self.nT}" else T
        return L

    def at(self, s, dx=0.0, dy=0.0, dz=0.0):
        """Patient point beside the axis at arc length s."""
        return np.array([np.interp(s, self.s, self.p[:, i]) for i in range(3)]) + [dx, dy, dz]

    def val(self, name, s):
        return np.interp(s, self.s, getattr(self, name))

    def frame(self, s):
        """Unit tangent (downward), left and posterior directions at s."""
        t = np.array([np.interp(s, self.s, self.t[:, i]) for i in range(3)])
        t /= np.linalg.norm(t)
        left = np.cross([0, 1.0, 0], t) * -1
        left /= np.linalg.norm(left)
        if left[0] < 0:
            left = -left
        post = np.cross(t, left)
        return t, left, post if post[1] > 0 else -post

    def _roots(self, rng):
        frac = {f"C{i}": 0.02 for i in range(1, 8)}
        ang = {"C1": 88, "C2": 84, "C3": 78, "C4": 72, "C5": 66, "C6": 62, "C7": 59, "C8": 57, "S1": 20, "S2": 15}
        length = {"C1": 1.6, "C2": 2.4, "C3": 3.2, "C4": 4, "C5": 4.6, "C6": 5.0, "C7": 5.2, "C8": 5.0, "S1": 15, "S2": 11}
        base = {"S1": 2.6, "S2": 2.0}
        for i in range(1, self.nT + 1):
            f = (i - 1) / (self.nT - 1)
            frac[f"T{i}"] = 0.72 - 0.14 * f
            ang[f"T{i}"] = [58, 61, 63][min(i - 1, 2)] - 8 * max(0, f - 0.4) / 0.6
            length[f"T{i}"] = [4.6, 4.0, 3.6][min(i - 1, 2)] + 2.6 * max(0, f - 0.6) / 0.4
        for i in range(1, self.nL + 1):
            f = (i - 1) / (self.nL - 1)
            frac[f"L{i}"] = 0.46 - 0.36 * f
            ang[f"L{i}"] = 46 - 19 * f
            length[f"L{i}"] = 9 + 8.5 * f
            base[f"L{i}"] = 2.3 + 0.5 * f
        gl, ga = np.exp(rng.normal(0, 0.13)), rng.normal(0, 3)
        hidden = rng.random() < 0.08
        self.roots = []
        for seg in self.segments():
            if seg == "C8":
                s0 = self.bot["C7"] + 0.5
            elif seg == "S1":
                s0 = self.top["S1"] - 0.18 * (self.bot[f"L{self.nL}"] - self.top[f"L{self.nL}"])
            elif seg == "S2":
                s0 = self.top["S2"] - 0.25 * (self.bot["S1"] - self.top["S1"])
            else:
                s0 = self.top[seg] + frac[seg] * (self.bot[seg] - self.top[seg])
            s0 += rng.normal(0, 1.0 if seg[0] == "C" else 1.8)
            for side in ("left", "right"):
                s = min(s0 + rng.normal(0, 0.9 if seg[0] in "CT" else 1.6), self.s_end - 5)
                a = np.clip(ang[seg] + ga + rng.normal(0, 5), 9, 95)
                ln = length[seg] * gl * np.exp(rng.normal(0, 0.2)) * (0.6 if hidden else 1)
                shape = "normal"
                u = rng.random()
                if u < 0.022:
                    ln, shape = ln * rng.uniform(1.35, 1.75), "long"
                elif u < 0.055:
                    shape = "wide"
                r0 = base.get(seg, 1.75 if seg[0] == "C" else 1.5) * np.exp(rng.normal(0, 0.12)) * (1.35 if shape == "wide" else 1)
                self.roots.append(self._sleeve(rng, seg, side, s, np.radians(a), ln, r0, shape))

    def _sleeve(self, rng, seg, side, s, a, ln, r0, shape):
        t, left, post = self.frame(s)
        sg = 1 if side == "left" else -1
        fwd = {"C": 0.45, "T": -0.05, "L": 0.3, "S": 0.35}[seg[0]] + rng.normal(0, 0.1)
        if seg == "C8":
            fwd = 0.35
        rx, ry = self.val("rx", s), self.val("ry", s)
        c = self.at(s)
        yo = rng.normal(0.0, 0.12) * ry
        xo = rx * (1 - abs(yo / max(ry, 1e-6)) ** self.power) ** (1 / self.power)
        wall = c + sg * left * xo + post * yo
        d = np.cos(a) * t + np.sin(a) * sg * left - fwd * np.sin(a) * post * 0.8
        d /= np.linalg.norm(d)
        bend = rng.normal(0.05, 0.04) * (1 if seg[0] in "CT" else 0.6)
        q = np.concatenate([[-2.2, -0.6], np.linspace(0, 1, 7) ** 1.15 * ln])
        pts = wall + q[:, None] * d + (np.clip(q, 0, None) ** 2 / max(ln, 1))[:, None] * bend * t
        f = np.clip(q / ln, 0, 1)
        pts = pts + np.cumsum(rng.normal(0, 0.03 * min(ln, 8) / 6, (9, 3)), 0) * (f > 0)[:, None]
        taper = rng.uniform(0.55, 1.05)
        r = r0 * (1 - f) ** taper + rng.uniform(0.35, 0.75) * f ** 0.5 * min(1, r0 / 1.6)
        r = r * (1 + rng.normal(0, 0.05, 9)) + 0.22 * r0 * np.exp(-np.clip(q, 0, None) / 1.3)
        r[q < 0] = r0 * 1.15
        if shape == "wide":
            r = r * (1 + 0.25 * np.exp(-((f - 0.75) / 0.2) ** 2))
        amp = float(np.clip(rng.normal(0.72, 0.15), 0.35, 1.0))
        if rng.random() < 0.07:
            amp *= 0.45
        return {"segment": seg, "side": side, "s": float(s), "sign": sg, "wall": wall, "dir": d, "pts": pts, "radii": r, "amp": amp,
                "shape": shape, "nerve": rng.uniform(0.1, 0.27) * r0 if seg[0] in "LS" else 0.15 * r0, "length": float(ln), "reach": float(self.lateral(pts[-1], sg)[1] + 0.6 * r[-1]), "tangent": t}

    def lateral(self, pt, sg):
        """(s, mm beyond the silhouette edge) of patient points seen from the front, on side sg."""
        pt = np.atleast_2d(pt)
        s = np.interp(-pt[:, 2], -self.p[:, 2], self.s)
        for _ in range(3):
            c = np.stack([np.interp(s, self.s, self.p[:, i]) for i in (0, 2)], 1)
            t = np.stack([np.interp(s, self.s, self.t[:, i]) for i in (0, 2)], 1)
            t /= np.linalg.norm(t, axis=1, keepdims=True)
            s = s + ((pt[:, [0, 2]] - c) * t).sum(1)
        c = np.stack([np.interp(s, self.s, self.p[:, i]) for i in (0, 2)], 1)
        n = np.stack([-t[:, 1], t[:, 0]], 1)
        off = ((pt[:, [0, 2]] - c) * n).sum(1)
        out = sg * off - np.interp(s, self.s, self.rx)
        return (s, out) if len(s) > 1 else (float(s[0]), float(out[0]))

    def _by_z(self):
        """Axial-plane section of the tube as functions of z."""
        z = self.p[:, 2]
        o = np.argsort(z)
        self.zg = z[o]
        cp, ct = np.cos(self.phi), np.cos(self.th)
        self.tab = {"x": self.p[o, 0], "y": self.p[o, 1], "rx": (self.rx / cp)[o], "ry": (self.ry / ct)[o], "crx": (self.crx / cp)[o], "cry": (self.cry / ct)[o],
                    "cox": self.cox[o], "coy": self.coy[o], "s": self.s[o], "dy": np.gradient(self.p[o, 1], self.zg)}

    def inside(self, pts, grow=0.0):
        """Whether patient points lie inside the sac (axial-section test)."""
        g = {k: np.interp(pts[:, 2], self.zg, self.tab[k]) for k in ("x", "y", "rx", "ry", "s")}
        rx, ry = np.maximum(g["rx"] + grow, 1e-3), np.maximum(g["ry"] + grow, 1e-3)
        v = np.abs((pts[:, 0] - g["x"]) / rx) ** self.power + np.abs((pts[:, 1] - g["y"]) / ry) ** self.power
        return (v < 1) & (g["s"] < self.s_end)

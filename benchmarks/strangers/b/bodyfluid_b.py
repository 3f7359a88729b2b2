"""Everything else that shines: drawn in a station's own plane from chords of spheres, tubes and sheets."""
from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter


class Plane:
    """Supersampled path image of one station (mm of fluid); geometry in patient mm."""

    def __init__(self, origin, col, row, normal, px, n, slab, edge=2.5):
        self.o, self.col, self.row, self.nrm = origin, col, row, normal     # origin: centre of pixel (0, 0); col = direction of growing column
        self.px, self.n, self.slab, self.edge = px, n, slab, edge
        self.img = np.zeros((n, n), np.float32)

    def to(self, p):
        d = np.asarray(p, float) - self.o
        return d @ self.col / self.px, d @ self.row / self.px, d @ self.nrm     # column, row, depth from mid-slab

    def profile(self, depth):
        return 1 / (1 + np.exp((np.abs(depth) - self.slab / 2) / self.edge))

    def _win(self, c, r, k):
        c0, c1 = int(max(c - k, 0)), int(min(c + k + 2, self.n)); r0, r1 = int(max(r - k, 0)), int(min(r + k + 2, self.n))
        return (slice(r0, r1), slice(c0, c1)) if c1 > c0 and r1 > r0 else None

    def tube(self, pts, radii, weight, cap=1e9, soft=0.0):
        """Union of spheres along points: chord, capped path, times weight and slab profile at each centre."""
        c, r, d = self.to(np.asarray(pts))
        radii = np.broadcast_to(np.asarray(radii, float), c.shape)
        if not (((c > -80) & (c < self.n + 80) & (r > -80) & (r < self.n + 80)).any()):
            return
        k = float(radii.max()) / self.px + 2 + 3 * soft / self.px
        x0, x1 = int(max(c.min() - k, 0)), int(min(c.max() + k + 2, self.n)); y0, y1 = int(max(r.min() - k, 0)), int(min(r.max() + k + 2, self.n))
        if x1 <= x0 or y1 <= y0: return
        lay = np.zeros((y1 - y0, x1 - x0), np.float32)
        for ci, ri, di, ra in zip(c, r, d, radii):
            pr = self.profile(di)
            if pr < .01: continue
            w = self._win(ci, ri, ra / self.px + 1)
            if w is None: continue
            yy = np.arange(w[0].start, w[0].stop)[:, None] - ri; xx = np.arange(w[1].start, w[1].stop)[None] - ci
            q = 2 * np.sqrt(np.clip(ra ** 2 - (yy ** 2 + xx ** 2) * self.px ** 2, 0, None)) * pr
            v = lay[w[0].start - y0:w[0].stop - y0, w[1].start - x0:w[1].stop - x0]
            np.maximum(v, q[:v.shape[0], :v.shape[1]], out=v)
        lay = np.minimum(lay, cap) * weight
        if soft > 0: lay = gaussian_filter(lay, soft / self.px)
        self.img[y0:y1, x0:x1] += lay

    def blob(self, p, sig, amp, rng, rough=.4):
        c, r, _ = self.to(p)
        k = 3 * max(sig) / self.px
        w = self._win(c, r, k)
        if w is None: return
        yy = (np.arange(w[0].start, w[0].stop)[:, None] - r) * self.px; xx = (np.arange(w[1].start, w[1].stop)[None] - c) * self.px
        g = np.exp(-.5 * ((xx / sig[0]) ** 2 + (yy / sig[1]) ** 2))
        m = max(1, int(6 / self.px))
        n = rng.standard_normal((g.shape[0] // m + 3, g.shape[1] // m + 3))
        n = np.kron(gaussian_filter(n, .8), np.ones((m, m)))
        n = gaussian_filter(n, m / 2)[: g.shape[0], : g.shape[1]]
        self.img[w] += (amp * g * np.clip(1 + rough * n / (n.std() + 1e-6), 0, 3)).astype(np.float32)


def curve(rng, pts, n=60, wob=0.0):
    from scipy.interpolate import CubicSpline
    pts = np.asarray(pts, float)
    k = np.linspace(0, 1, len(pts))
    x = np.linspace(0, 1, n)
    c = CubicSpline(k, pts)(x)
    if wob: c = c + gaussian_filter(rng.standard_normal((n, 3)), (n / 12, 0)) * wob * np.sqrt(n / 12) * 1.9
    return c


def body_items(rng, sp):
    """List of (name, position, drawer(plane)).  Depths relative to the canal; y grows to the back."""
    items = []
    mid = sp.mid
    lum = sp.at(mid["L2"]); t12 = sp.at(mid["T12"]); 
    def P(name, side, lat, ant, dz=0.0):
        p = sp.at(mid[name]); return p + np.array([side * lat, -ant, dz])
    def tube(name, pts, radii, weight, cap=1e9, soft=0.0):
        pts = np.atleast_2d(pts)
        items.append((name, pts[len(pts) // 2], lambda pl: pl.tube(pts, radii, weight, cap, soft)))
    U = rng.uniform
    # gallbladder, bile ducts (right = -x)
    if rng.random() < .6:
        c = P("L1", -1, U(40, 80), U(10, 45), U(-10, 25)); ax = np.array([U(-.5, .5), 0, 1.0]) * U(8, 22)
        tube("gallbladder", curve(rng, [c - ax, c, c + ax], 20), np.linspace(U(5, 9), U(9, 16), 20), U(.2, .9), 30)
    if rng.random() < .35:
        c = P("L1", -1, U(18, 35), U(10, 30), 10)
        tube("bile duct", curve(rng, [c + [-25, 0, 35], c + [-8, 0, 15], c, c + [8, 0, -35]], 60, 2), U(1.5, 4.5), U(.3, .9))
    for side in (1, -1):
        if rng.random() < .85:
            lat = U(32, 62); c = P("L2", side, lat, U(-5, 35), U(-20, 35)); wgt = U(.15, .95); rp = U(3, 10)
            tube("renal pelvis", curve(rng, [c + [side * U(4, 10), 0, U(4, 12)], c, c + [-side * U(2, 6), 0, -U(6, 15)]], 14), np.linspace(rp * .8, rp * .4, 14), wgt, 18)
            for _ in range(int(rng.integers(3, 10))):
                a = U(-1.35, 1.35); r = U(7, 22)
                q = c + [side * (r * np.cos(a) + 3), U(-5, 5), r * np.sin(a) * 1.7 + 4]
                inf = curve(rng, [c + [side * 3, 0, 0], c * .45 + q * .55 + rng.normal(0, 1.6, 3), q], 26)
                cup = U(1.2, 3.6)
                ra = np.concatenate([np.linspace(U(.7, 1.8), U(.4, 1.0), 20), np.linspace(.8, cup, 6)])
                tube("calyx", inf, ra, wgt * U(.35, .9), U(2.5, 6), U(.2, .8))
            if rng.random() < .6:
                e = P("S1", side, U(20, 45), U(5, 30), -30)
                k = curve(rng, [c, c * .66 + e * .34 + [-side * U(0, 14), 0, 0], c * .3 + e * .7, e], 110, 2.0)
                f = np.clip(1.2 * np.sin(np.linspace(0, U(6, 30), 110) + U(0, 6)) + U(.3, 1.6), 0, None)
                tube("ureter", k, .4 + f * U(.6, 1.4), wgt * U(.5, 1))
        if rng.random() < .15:
            tube("renal cyst", [P("L1", side, U(45, 85), U(-10, 30), U(-40, 30))], U(4, 22), U(.4, 1), 30)
    # bowel, stomach, duodenum
    for _ in range(int(rng.integers(0, 7))):
        lat = U(5, 105); c = P(str(rng.choice(["L2", "L3", "L4", "S1"])), rng.choice([1, -1]), lat, U(10, 60) + (20 if lat < 32 else 0), U(-25, 25))
        k = np.cumsum(rng.normal(0, 9, (6, 3)) * [1, .35, 1], 0)
        rr = U(3, 12); n = 46
        bead = 1 + U(.1, .45) * np.sin(np.linspace(0, U(18, 60), n))
        tube("bowel", c + curve(rng, k, n), rr * bead, U(.03, .6), 14, U(0, 1.2))
    if rng.random() < .4:
        c = P("T12", 1, U(25, 80), U(15, 55), 0)
        tube("stomach", c + curve(rng, [[20, 0, 30], [15, 0, 0], [0, -10, -25], [-35, -30, -30]], 30), np.linspace(18, 7, 30), U(.05, .7), 25, 1)
    if rng.random() < .3:
        c = P("L2", -1, U(20, 35), U(10, 35), 0)
        tube("duodenum", c + curve(rng, [[10, 0, 18], [-8, 0, 5], [-8, 0, -25], [10, -22, -33], [35, -32, -30]], 50, 1), U(3, 8), U(.05, .6), 12, .6)
    if rng.random() < .7:
        r0 = U(10, 26); c = P("S3", 0, 0, U(10, 60), -U(15, 50)) + [rng.normal(0, 12), 0, 0]
        wx = U(6, 26)
        k = curve(rng, [c + [-wx, 0, U(-4, 4)], c + [0, 0, U(0, 8)], c + [wx, 0, U(-4, 4)]], 18, 1.5)
        tube("bladder", k, r0 * (1 - .35 * np.linspace(-1, 1, 18) ** 2 * U(.2, 1)), U(.2, 1), U(20, 50), U(.2, 1))
    for side in (1, -1):
        if rng.random() < .4:
            c = P("T11", side, U(62, 98), U(-20, 15), U(-20, 20))
            tube("pleural sinus", curve(rng, [c + [-side * U(10, 40), 0, U(5, 20)], c, c + [side * U(5, 14), 0, U(20, 60)]], 60), U(.6, 2.5), U(.1, .9), soft=.4)
        for name, p, lat, lo, hi in (("neck gland", .8, (32, 60), 3, 9), ("neck gland", .6, (25, 55), 2, 5)):
            for _ in range(int(rng.integers(0, 4))):
                if rng.random() < p:
                    tube(name, [P(str(rng.choice(["C2", "C3", "C4", "C6"])), side, U(*lat), U(-15, 30), U(-10, 10))], U(lo, hi), U(.02, .25), 12, U(.3, 1.5))
        if rng.random() < .6:
            a, b = P("C2", side, U(20, 45), U(0, 20)), P("T1", side, U(15, 45), U(5, 25))
            tube("neck vessel", curve(rng, [a, (a + b) / 2 + [rng.normal(0, 5), 0, 0], b], 70, 1.5), U(.8, 3), U(.02, .2), soft=.6)
        if rng.random() < .35:
            c = P("T2", side, U(95, 135), U(-10, 15), U(-20, 20))
            tube("shoulder joint", curve(rng, [c + [0, 0, 14], c + [side * 7, 0, 0], c + [0, 0, -16]], 30), U(.6, 2), U(.1, .8))
        if rng.random() < .3:
            c = P("S3", side, U(75, 110), U(-10, 30), -U(5, 35))
            tube("hip joint", curve(rng, [c + [-side * 12, 0, 10], c + [0, 0, 20], c + [side * 14, 0, 8]], 30), U(.6, 2), U(.1, .8))
        # facet joints
        for g in mid:
            if g[0] in "CL" and rng.random() < (.07 if g[0] == "C" else .16):
                p = sp.at(mid[g] + U(8, 16)) + [side * U(12, 20), U(8, 18), 0]
                tube("facet joint", curve(rng, [p + [rng.normal(0, 1), 0, U(1, 5)], p, p + [rng.normal(0, 1), 0, -U(1, 5)]], 12), U(.7, 2.2), U(.15, .9))
        # veins
        for _ in range(int(rng.integers(0, 4))):
            g = str(rng.choice([k for k in mid if k[0] in "CTL"])); i = mid[g]; ln = U(15, 140)
            s = np.clip(np.linspace(i, i + ln, 60), 0, sp.s_end)
            wd = sp.w(s) / 2 + U(3, 28)
            pts = sp.at(s, side * wd) + gaussian_filter(rng.standard_normal((60, 3)), (4, 0)) * [U(.5, 5), 0, 0]
            tube("vein", pts, U(.4, 1.1), U(.05, .45), soft=.3)
        for _ in range(int(rng.integers(0, 5)) if rng.random() < .6 else 0):
            g = str(rng.choice([k for k in mid if k[0] in "TL"]))
            a = sp.at(mid[g] + U(-6, 12), side * (sp.w(mid[g]) / 2 + U(6, 30))); ln = U(12, 60); sl = U(-.15, .9)
            tube("vein", curve(rng, [a, a + [side * ln / 2, 3, -sl * ln / 2], a + [side * ln, 6, -sl * ln + rng.normal(0, 4)]], 60, .7), U(.35, 1.0), U(.05, .5), soft=.3)
    if rng.random() < .35:
        s = np.linspace(mid["T4"], mid["L1"], 120)
        tube("vein", sp.at(s, -U(8, 16)) + [0, -U(18, 30), 0] + gaussian_filter(rng.standard_normal((120, 3)), (8, 0)) * 6 * [1, 0, 0], U(.8, 2), U(.03, .2), soft=.5)
    # posterior fossa, when the head is in view
    top = sp.at(-10.0); hd = U(.8, 1.25)
    for side in (1, -1):
        wgt = U(.2, .6)
        tube("lateral cistern", top + hd * curve(rng, [[side * 7, -8, 2], [side * 14, -12, 14], [side * 22, -14, 30], [side * 34, -14, 36]], 50, 2), np.interp(np.linspace(0, 1, 50), [0, .4, 1], [3, U(2, 4.5), 1]), wgt, 6, .6)
        tube("cerebellar surface", top + hd * curve(rng, [[side * 6, 14, 2], [side * 28, 14, 4], [side * 46, 10, 18], [side * 52, 5, 42]], 70, 2), np.interp(np.linspace(0, 1, 70), [0, .3, 1], [3, U(1, 2), .6]), U(.2, .6), 4, .7)
        for k in range(int(rng.integers(7, 16))):
            z = U(8, 55); x1 = U(15, 46)
            tube("folia", top + hd * curve(rng, [[side * U(2, 8), 10, z], [side * x1 * .6, 10, z + U(0, 6)], [side * x1, 10, z - U(2, 12)]], 50, 1.6), U(.3, .8), U(.1, .5), soft=.5)
    tube("cisterna magna", top + curve(rng, [[-14, 12, 10], [-5, 14, 2], [5, 14, 2], [14, 12, 10]], 40, 1.5), np.interp(np.linspace(-1, 1, 40), [-1, 0, 1], [2, U(4, 8), 2]), U(.3, .8), 10, .8)
    tube("fourth ventricle", top + curve(rng, [[0, 2, 20.0], [0, 4, 27], [U(-1, 1), 4, 34]], 12), [1, 2, 2.5, 3, 3.5, 4, 4, 4, 3.5, 3, 2, 1], U(.4, 1), 6, .6)
    # skin folds
    for _ in range(int(rng.integers(0, 3))):
        side = rng.choice([1, -1]); g = str(rng.choice(["C6", "T12", "L3", "S1"]))
        a = P(g, side, U(85, 125), 0, 0)
        tube("skin fold", curve(rng, [a, a + [-side * U(5, 25), 0, U(-8, 8)], a + [-side * U(20, 45), 0, U(-14, 14)]], 60), U(.3, .9), U(.05, .5), soft=.5)
    return items


def fat_items(rng, sp, level):
    out = []
    for _ in range(int(rng.integers(0, 5))):
        g = str(rng.choice(["C4", "C7", "T2", "T12", "L3", "S1", "S2"])); side = rng.choice([1, -1])
        p = sp.at(sp.mid[g]) + [side * rng.uniform(15 if rng.random() < .15 else 55, 130), 0, rng.uniform(-25, 25)]
        out.append(("fat", p, (rng.uniform(6, 35), rng.uniform(8, 45)), rng.uniform(.02, .30) * rng.choice([.3, 1.0]), int(rng.integers(1 << 30)), rng.uniform(.2, .8)))
    return out

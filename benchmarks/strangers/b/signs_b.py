"""Leaks and cysts drawn on a straightened sheet (rows: s downward, columns: lateral u = |t| outward), path-length units relative to the sac."""
from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, label

STEP = 0.3          # mm per sheet pixel


def field(rng, shape, sigma):
    """Smooth unit-variance noise; sigma in px, one number or per axis."""
    sg = np.broadcast_to(np.asarray(sigma, float), 2)
    k = max(1, int(min(sg) / 2.5))
    small = gaussian_filter(rng.standard_normal((shape[0] // k + 2, shape[1] // k + 2)), sg / k, mode="wrap")
    if k > 1:
        from scipy.ndimage import zoom
        small = zoom(small, k, order=1)
    f = small[:shape[0], :shape[1]]
    if f.shape != tuple(shape):
        f = np.pad(f, [(0, shape[0] - f.shape[0]), (0, shape[1] - f.shape[1])], mode="edge")
    return f / (f.std() + 1e-9)


def sstep(x):
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


class Sheet:
    """Local patch beside the sac: s in [s0, s1], u in [0, u1]."""

    def __init__(self, s0, s1, u1):
        self.s0 = np.floor(s0 / STEP) * STEP
        self.n = (int((s1 - s0) / STEP) + 1, int(u1 / STEP) + 1)
        self.s = self.s0 + np.arange(self.n[0])[:, None] * STEP
        self.u = np.arange(self.n[1])[None, :] * STEP
        self.acc: dict[float, np.ndarray] = {}

    def line(self, s, u, amp, width):
        """Filament: points at <= STEP apart, amplitude per point; peak on the line equals amp."""
        i = (s - self.s0) / STEP
        j = u / STEP
        ok = (i > 0) & (i < self.n[0] - 2) & (j > 0) & (j < self.n[1] - 2)
        i, j, amp = i[ok], j[ok], np.broadcast_to(amp, ok.shape)[ok]
        a = self.acc.setdefault(width, np.zeros(self.n[0] * self.n[1]))
        i0, j0 = i.astype(int), j.astype(int)
        fi, fj = i - i0, j - j0
        for di, wi in ((0, 1 - fi), (1, fi)):
            for dj, wj in ((0, 1 - fj), (1, fj)):
                a += np.bincount((i0 + di) * self.n[1] + j0 + dj, amp * wi * wj, minlength=a.size)

    def lines(self):
        out = np.zeros(self.n)
        for width, a in self.acc.items():
            sg = width / 2.355
            out += gaussian_filter(a.reshape(self.n), sg / STEP) * (np.sqrt(2 * np.pi) * sg / STEP)
        return out


def course(root_angle, tip_s, tip_u, far_u, rng):
    """Where a root goes on beyond its sleeve: s as a function of u."""
    u = np.arange(0, far_u + 30, STEP)
    end = np.clip(root_angle + rng.uniform(5, 40), 48, 92) + rng.normal(0, 5)
    ang = root_angle + (end - root_angle) * (1 - np.exp(-np.clip(u - tip_u, 0, None) / rng.uniform(8, 22)))
    ds = STEP / np.tan(np.radians(np.clip(ang, 14, 100)))
    s = np.cumsum(ds)
    s += tip_s - np.interp(tip_u, u, s)
    return u, s


def own_brightness(L, sheet, edge):
    v = L[:, sheet.u[0] > edge]
    v = v[v > .12 * v.max()]
    return float(np.percentile(v, 75))


def farthest(L, sheet, edge, thr):
    """Outermost u with signal >= thr, specks below 1.5 mm2 aside."""
    lab, n = label(L >= thr, structure=np.ones((3, 3)))
    if n == 0:
        return edge
    size = np.bincount(lab.ravel()) * STEP ** 2
    keep = size >= 1.5
    keep[0] = False
    cols = np.nonzero(keep[lab].any(0))[0]
    return float(sheet.u[0][cols[-1]] + STEP / 2) if len(cols) else edge


def draw_leak(rng, spine, root, kind, want_ratio, brightness):
    """kind: 1, 2, 3 as the paper's pictures.  Returns sheet, layer, measured record."""
    w = float(spine.w(root.s)); edge = w / 2
    lat = root.lateral
    tip_u = edge + lat
    tip_s = root.s + root.length * np.cos(np.radians(root.angle))
    E = want_ratio * w                                        # wished extent beyond the sleeve's tip
    far = min(tip_u + E, 78.0)
    u_c, s_c = course(root.angle, tip_s, tip_u, far, rng)
    span = np.interp(far, u_c, s_c) - root.s
    sh = Sheet(root.s - 32, root.s + max(span, 0) + 42, far + 14)
    edge_row = (np.interp(sh.s, spine.s, spine.width) / 2)     # the sac's own edge, row by row
    pattern = []

    # triangle
    base = rng.uniform(6, 16); height = rng.uniform(4, 12)
    if kind == 1: height = max(height, lat * rng.uniform(.8, 1.25)); base = max(base, 7)
    no_tri = kind != 1 and rng.random() < .1
    tri = np.zeros(sh.n)
    if not no_tri:
        pattern.append("triangle")
        x = sh.u - edge_row
        frac = np.clip(1 - x / height, 0, None) ** rng.uniform(.75, 1.35)
        down = np.tan(np.radians(90 - max(root.angle, 28)))
        mid = root.s + rng.normal(0, 1) + np.clip(x, 0, None) * down * rng.uniform(.6, 1.0)
        half = base / 2 * frac
        soft = rng.uniform(.35, .9)
        tri = sstep((half - np.abs(sh.s - mid)) / soft * .5 + .5) * (x < height + 2) * sstep((height - x) / soft + .5)
        tri = tri * np.clip(.75 + .35 * np.clip(1 - x / height, 0, 1), 0, 2)
        if kind == 1: tri = tri * (1 + rng.uniform(0, .10) * field(rng, sh.n, 8))

    side = np.zeros(sh.n)
    if kind > 1:
        sc = np.interp(sh.u, u_c, s_c)
        kinds = ["streaks", "reticular", "haze"]
        if kind == 2:
            main = [str(rng.choice(kinds, p=[.55, .2, .25]))]
            if rng.random() < .45: main.append(str(rng.choice([k for k in kinds if k not in main])))
            hw0, flare, nfil = rng.uniform(1.5, 4.5), rng.uniform(.02, .22), int(rng.integers(3, 10))
        else:
            main = ["haze", "streaks"] + (["reticular"] if rng.random() < .3 else [])
            hw0, flare, nfil = rng.uniform(4, 9), rng.uniform(.05, .4), int(rng.integers(8, 28))
        pattern += main
        start = edge + lat * rng.uniform(.0, .9)
        x = np.clip(sh.u - start, 0, None)
        hw = hw0 + flare * x
        inside = sstep((sh.u - start) / 1.5 + .5)
        if "haze" in main:
            tex = field(rng, sh.n, rng.uniform(4, 11))
            fringe = field(rng, sh.n, rng.uniform(5, 12))
            back = (far - start) * rng.uniform(.05, .35)             # ragged outer border
            ends = sstep((far + .15 * back - back * np.abs(fringe) * .8 - sh.u) / rng.uniform(1.5, 5) + .35)
            rel = np.clip((sh.u - start) / max(far + 1 - start, 1), 0, 1)
            hw = hw * np.sqrt(np.clip(1 - rel ** rng.uniform(2, 6), 0, 1)) * np.exp(rng.uniform(.05, .35) * field(rng, sh.n, (14, 7)))
            bump = hw - np.abs(sh.s - sc + rng.uniform(0, 3) * field(rng, (1, sh.n[1]), 12)) + rng.uniform(0, 1.5) * fringe
            fine = field(rng, sh.n, rng.uniform(2, 4))
            gate = sstep((bump / np.maximum(hw, 1) + rng.uniform(.2, .5) * tex) / rng.uniform(.3, .9) + .3)
            fall = np.clip(1 - rng.uniform(0, .55) * (sh.u - edge) / max(far - edge, 1), .2, 1)
            hz = gaussian_filter(gate * inside * ends, rng.uniform(1, 3)) * fall * np.clip(1 + rng.uniform(.1, .45) * tex + .2 * fine, .1, 3)
            side += hz * rng.uniform(.55, 1.0) * (1 if kind == 3 or main[0] == "haze" else .5)
        if "streaks" in main or "reticular" in main:
            reach_all = False
            nf = nfil if "streaks" in main else max(4, nfil)
            for k in range(nf):
                full = k == 0 or (kind == 3 and rng.random() < .35) or rng.random() < .2
                a = start + rng.uniform(-2, 3) if full or rng.random() < .6 else start + rng.uniform(0, .6) * (far - start)
                b = far if (full and not reach_all) else a + rng.uniform(.25, 1.0) * (far - a)
                reach_all |= full
                if b - a < 2: continue
                u = np.arange(a, b, STEP * .6)
                rel = (u - start) / max(far - start, 1)
                wob = np.cumsum(rng.standard_normal(len(u))); wob -= np.linspace(0, wob[-1] * .7, len(u))
                wob = gaussian_filter(wob, 6) * .16
                off = rng.uniform(-1, 1) * (hw0 + flare * np.clip(u - start, 0, None))
                s = np.interp(u, u_c, s_c) + off * rng.uniform(.5, 1.1) + wob
                am = (1 + .35 * gaussian_filter(rng.standard_normal(len(u)), 8) * 4) * sstep((u - a) / 1.2) * np.where(full, sstep((b - u) / 1.0), sstep((b - u) / 4))
                am = np.clip(am, .0, 2) * rng.uniform(.6, 1.2) * (1 - rng.uniform(0, .4) * rel)
                step = np.hypot(np.gradient(s), np.gradient(u)) / STEP
                sh.line(s, u, am * step, float(rng.choice([.8, 1.2, 1.7])))
        if "reticular" in main:
            for k in range(int(rng.integers(6, 16))):
                uu = rng.uniform(start, far - 1)
                ln = rng.uniform(3, 10)
                th = np.radians(rng.uniform(40, 140))
                p = np.arange(-ln / 2, ln / 2, STEP * .6)
                s = np.interp(uu, u_c, s_c) + rng.uniform(-.7, .7) * (hw0 + flare * (uu - start)) + p * np.sin(th) + .05 * p ** 2 * rng.normal()
                u = uu + p * np.cos(th)
                keep = u < far
                sh.line(s[keep], u[keep], .6 * rng.uniform(.5, 1.2), float(rng.choice([.8, 1.2])))
        side += 1 - np.exp(-1.1 * sh.lines())
    if kind == 3 and rng.random() < .7:                        # profuse round the sleeve too
        bl = np.exp(-(((sh.s - root.s - 2) / rng.uniform(5, 12)) ** 2 + ((sh.u - edge - 2) / rng.uniform(4, 9)) ** 2))
        side += bl * np.clip(.7 + .35 * field(rng, sh.n, 5), 0, 2) * (sh.u > edge_row - 2)

    L = np.maximum(tri, side) + .35 * np.minimum(tri, side)
    L = L * sstep((sh.u - edge_row + 2.5) / 2.5)               # fades where the sac itself is thick
    L = gaussian_filter(L, .35 / STEP)
    own = own_brightness(L, sh, edge)
    L *= brightness / own
    L = np.minimum(L, 2.6 * brightness)
    reach = farthest(L, sh, edge, brightness / 4) - edge
    rows = np.nonzero((L[:, sh.u[0] > edge] > brightness / 4).any(1))[0]
    rec = {"reach": reach, "extent": max(reach - lat, 0.0), "width": w, "pattern": pattern,
           "s_span": (float(sh.s[rows[0], 0]), float(sh.s[rows[-1], 0]))}
    if kind == 1: rec["grade"] = 1
    else: rec["grade"] = 2 if rec["extent"] <= w else 3
    return sh, L, rec


def draw_cyst(rng, spine, root, big=False):
    """Sphere (or slightly oval / lobed) beside the sac or on the sleeve, chord over sac path units given back as mm."""
    w = float(spine.w(root.s)); edge = w / 2
    d = rng.uniform(14, 30) if big else rng.uniform(4, 14)
    if root.segment[0] == "S" and rng.random() < .5: d = rng.uniform(8, 26)
    r = d / 2
    f = rng.uniform(.1, 1.3)                                     # along the sleeve
    u0 = edge + max(r * rng.uniform(.35, 1.05), root.lateral * f)
    s0 = root.s + (u0 - edge) / np.tan(np.radians(max(root.angle, 25))) * rng.uniform(.5, 1)
    sh = Sheet(s0 - r - 6, s0 + r + 6, u0 + r + 6)
    ov = rng.uniform(.8, 1.25)
    q = ((sh.s - s0) / (r * ov)) ** 2 + ((sh.u - u0) / r) ** 2
    L = 2 * r * np.sqrt(np.clip(1 - q, 0, None))
    if big and rng.random() < .4:
        r2 = r * rng.uniform(.5, .8)
        q = ((sh.s - s0 - r * rng.uniform(-.7, .7)) / r2) ** 2 + ((sh.u - u0 + r * .3) / r2) ** 2
        L = np.maximum(L, 2 * r2 * np.sqrt(np.clip(1 - q, 0, None)))
    L = gaussian_filter(L, .25 / STEP)
    neck = sstep(1 - np.abs(sh.s - root.s - (sh.u - edge) * .3) / 2.2) * (sh.u < u0) * (sh.u > edge - 2)
    L = np.maximum(L, neck * rng.uniform(0, 3.5))
    return sh, L, {"d": d, "u": u0, "s": s0, "reach": u0 + r - edge, "extent": max(0.0, u0 + r - edge - root.lateral), "width": w}

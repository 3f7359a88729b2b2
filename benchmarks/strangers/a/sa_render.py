"""Projection of the body's fluids along the slab normal: every solid is an interval on each ray, every mist a cloud of points."""
import numpy as np
from scipy.ndimage import gaussian_filter


class Plane:
    """A thick slab: centre (mm), row and column directions, normal, pixel (mm), shape, slab profile.

    Pixel (i, j) has its centre at centre + (j - cols//2) du row + (i - rows//2) dv col.
    """

    def __init__(self, centre, row, col, du, shape, slab, edge, tail=0.0):
        self.c, self.r, self.k = (np.asarray(v, float) for v in (centre, row, col))
        n = np.cross(self.r, self.k)
        self.n = n if n[1] > 0 else -n
        self.du, self.shape, self.slab, self.edge, self.tail = du, shape, slab, edge, tail
        self.d = np.linspace(-90, 90, 1801)
        from scipy.special import erf
        q = 0.5 * (erf((self.d + slab / 2) / edge) - erf((self.d - slab / 2) / edge))
        q += tail * np.exp(-0.5 * (self.d / (0.75 * slab)) ** 2) * (1 - q)
        self.prof = q
        self.cdf = np.cumsum(q) * 0.1
        self.ju = (np.arange(shape[1]) - shape[1] // 2) * du
        self.iv = (np.arange(shape[0]) - shape[0] // 2) * du

    def moved(self, centre, shape, du):
        return Plane(centre, self.r, self.k, du, shape, self.slab, self.edge, self.tail)

    def uvd(self, pts):
        q = np.atleast_2d(pts) - self.c
        return q @ self.r, q @ self.k, q @ self.n

    def pix(self, pts):
        u, v, d = self.uvd(pts)
        return v / self.du + self.shape[0] // 2, u / self.du + self.shape[1] // 2, d

    def world(self, u, v, d):
        return self.c + u[..., None] * self.r + v[..., None] * self.k + np.asarray(d)[..., None] * self.n

    def W(self, a, b):
        """Slab-weighted length (mm) of the interval [a, b] of depths."""
        f = lambda x: np.interp(x, self.d, self.cdf)
        return np.where(b > a, f(b) - f(a), 0.0)

    def p(self, d):
        return np.interp(d, self.d, self.prof)


def render_sac(body, pl):
    """Sac and cord on the plane: dict of csf path (mm), interval a, b, silhouette distance, s map, depth, x offset."""
    H, Wd = pl.shape
    uu, vv = np.meshgrid(pl.ju, pl.iv)
    base = pl.c + uu[..., None] * pl.r + vv[..., None] * pl.k
    bx, by, bz = base[..., 0], base[..., 1], base[..., 2]
    near = np.abs(bx - np.interp(bz, body.zg, body.tab["x"])) < 34
    bxn, byn, bzn = bx[near], by[near], bz[near]
    d = np.zeros_like(bxn)
    for _ in range(3):
        d = (np.interp(bzn + d * pl.n[2], body.zg, body.tab["y"]) - byn) / pl.n[1]
    z = bzn + d * pl.n[2]
    g = {k: np.interp(z, body.zg, v) for k, v in body.tab.items()}
    x = bxn + d * pl.n[0] - g["x"]
    k = np.abs(pl.n[1] - g["dy"] * pl.n[2])
    pw = body.power
    q = 1 - np.abs(x / np.maximum(g["rx"], 1e-3)) ** pw
    ok = (q > 0) & (g["s"] < body.s_end) & (g["rx"] > 0.05)
    h = np.where(ok, g["ry"] * np.clip(q, 0, 1) ** (1 / pw), 0) / k
    xc = (x - g["cox"]) / np.maximum(g["crx"], 1e-3)
    hc = np.where(g["crx"] > 0.2, g["cry"] * np.sqrt(np.clip(1 - xc**2, 0, 1)), 0) / k
    dc = d + g["coy"] / k
    csf = pl.W(d - h, d + h) - pl.W(np.maximum(dc - hc, d - h), np.minimum(dc + hc, d + h))
    out = {"csf": np.zeros((H, Wd)), "a": np.full((H, Wd), 1e3), "b": np.full((H, Wd), -1e3), "s": np.full((H, Wd), -1.0), "y": np.zeros((H, Wd)), "x": np.full((H, Wd), 99.0),
           "near": near}
    out["csf"][near] = np.where(ok, csf, 0)
    out["a"][near] = np.where(ok, d - h, 1e3)
    out["b"][near] = np.where(ok, d + h, -1e3)
    out["s"][near], out["y"][near], out["x"][near] = g["s"], g["y"], x
    return out


def _box(pl, pts, rad):
    i, j, d = pl.pix(pts)
    m = rad / pl.du + 2
    i0, i1 = int(max(0, np.floor((i - m).min()))), int(min(pl.shape[0], np.ceil((i + m).max()) + 1))
    j0, j1 = int(max(0, np.floor((j - m).min()))), int(min(pl.shape[1], np.ceil((j + m).max()) + 1))
    return i0, i1, j0, j1


def tube(pl, layer, pts, radii, amp, sac=None, flat=1.0):
    """Adds a solid tube (chain of tapered capsules, `flat` = depth / in-plane radius) to layer, without what lies in the sac."""
    pts, radii = np.atleast_2d(pts), np.asarray(radii, float)
    i0, i1, j0, j1 = _box(pl, pts, radii.max())
    if i1 <= i0 or j1 <= j0:
        return
    u, v, d = pl.uvd(pts)
    U, V = np.meshgrid(pl.ju[j0:j1], pl.iv[i0:i1])
    lo, hi = np.full(U.shape, 1e3), np.full(U.shape, -1e3)
    n = len(pts)
    for m in range(max(n - 1, 1)):
        e = min(m + 1, n - 1)
        du, dv = u[e] - u[m], v[e] - v[m]
        q = np.clip(((U - u[m]) * du + (V - v[m]) * dv) / max(du * du + dv * dv, 1e-9), 0, 1)
        r = radii[m] + q * (radii[e] - radii[m])
        h2 = r * r - (U - u[m] - q * du) ** 2 - (V - v[m] - q * dv) ** 2
        h = flat * np.sqrt(np.clip(h2, 0, None))
        dd = d[m] + q * (d[e] - d[m])
        ok = h2 > 0
        lo = np.where(ok, np.minimum(lo, dd - h), lo)
        hi = np.where(ok, np.maximum(hi, dd + h), hi)
    w = pl.W(lo, hi)
    if sac is not None:
        a, b = sac["a"][i0:i1, j0:j1], sac["b"][i0:i1, j0:j1]
        w = w - pl.W(np.maximum(lo, a), np.minimum(hi, b))
    layer[i0:i1, j0:j1] += amp * w


def fan(pl, layer, walls, tip, r0, r1, amp, sac=None, soft=0.8, flat=2.0):
    """Solid web of fluid spanned between points on the wall and a tip: union of tapered capsules."""
    allp = np.vstack([walls, tip])
    i0, i1, j0, j1 = _box(pl, allp, r0 + 3 * soft)
    if i1 <= i0 or j1 <= j0:
        return
    U, V = np.meshgrid(pl.ju[j0:j1], pl.iv[i0:i1])
    lo, hi = np.full(U.shape, 1e3), np.full(U.shape, -1e3)
    ut, vt, dt = (float(x[0]) for x in pl.uvd(tip))
    for wpt in walls:
        u, v, d = (float(x[0]) for x in pl.uvd(wpt))
        du, dv = ut - u, vt - v
        q = np.clip(((U - u) * du + (V - v) * dv) / max(du * du + dv * dv, 1e-9), 0, 1)
        r = r0 + q * (r1 - r0)
        h2 = r * r - (U - u - q * du) ** 2 - (V - v - q * dv) ** 2
        h, dd, ok = flat * np.sqrt(np.clip(h2, 0, None)), d + q * (dt - d), h2 > 0
        lo = np.where(ok, np.minimum(lo, dd - h), lo)
        hi = np.where(ok, np.maximum(hi, dd + h), hi)
    w = pl.W(lo, hi)
    if sac is not None:
        a, b = sac["a"][i0:i1, j0:j1], sac["b"][i0:i1, j0:j1]
        w = w - pl.W(np.maximum(lo, a), np.minimum(hi, b))
    layer[i0:i1, j0:j1] += amp * gaussian_filter(w, soft / pl.du)


def ellipsoid(pl, layer, c, rad, amp, sac=None, tilt=0.0, power=2.0):
    """Adds an ellipsoid with half axes rad = (left, posterior, up), turned in the coronal plane by tilt."""
    i0, i1, j0, j1 = _box(pl, c, max(rad[0], rad[2]))
    if i1 <= i0 or j1 <= j0:
        return
    u, v, d = (float(x[0]) for x in pl.uvd(c))
    U, V = np.meshgrid(pl.ju[j0:j1] - u, pl.iv[i0:i1] - v)
    ct, st = np.cos(tilt), np.sin(tilt)
    e = 1 - np.abs((U * ct + V * st) / rad[0]) ** power - np.abs((-U * st + V * ct) / rad[2]) ** power
    h = rad[1] * np.clip(e, 0, None) ** (1 / power)
    w = pl.W(d - h, d + h)
    if sac is not None:
        a, b = sac["a"][i0:i1, j0:j1], sac["b"][i0:i1, j0:j1]
        w = w - pl.W(np.maximum(d - h, a), np.minimum(d + h, b))
    layer[i0:i1, j0:j1] += amp * w


def mist(pl, layer, pts, vol, sigma):
    """Adds a cloud of points, each `vol` mm3 of fluid, blurred by sigma mm (scalar: one blur)."""
    i, j, d = pl.pix(pts)
    H, Wd = pl.shape
    w = vol * pl.p(d) / pl.du**2
    f = (i > 1) & (i < H - 2) & (j > 1) & (j < Wd - 2)
    if not f.any():
        return
    i, j, w = i[f], j[f], np.broadcast_to(w, f.shape)[f]
    m = int(4 * sigma / pl.du) + 3
    a0, a1, b0, b1 = max(0, int(i.min()) - m), min(H, int(i.max()) + m + 2), max(0, int(j.min()) - m), min(Wd, int(j.max()) + m + 2)
    h, wd = a1 - a0, b1 - b0
    i, j = i - a0, j - b0
    ii, jj = i.astype(int), j.astype(int)
    fi, fj = i - ii, j - jj
    k = ii * wd + jj
    n = h * wd
    acc = (np.bincount(k, w * (1 - fi) * (1 - fj), n) + np.bincount(k + 1, w * (1 - fi) * fj, n)
           + np.bincount(k + wd, w * fi * (1 - fj), n) + np.bincount(k + wd + 1, w * fi * fj, n)).reshape(h, wd)
    layer[a0:a1, b0:b1] += gaussian_filter(acc, sigma / pl.du, truncate=3.5) if sigma > 0 else acc

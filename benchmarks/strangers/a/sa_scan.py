"""The scanner: station planning, slab, coils, k-space, noise, the vendor's image chain."""
import numpy as np
import scipy.fft as sf
from scipy.ndimage import gaussian_filter, median_filter

import sa_render as R


def protocol(rng, paper):
    """Scan settings of a study."""
    p = {"te": 1000.0, "tr": 8000.0, "fov": 270.0, "n": 512, "slab": 50.0, "etl": 256, "stations": 2, "b0": 1.5}
    if not paper:
        p["te"] = float(rng.choice([600, 750, 850, 920, 1000, 1100, 1200]))
        p["tr"] = float(rng.choice([5000, 6000, 8000, 8000, 10000]))
        p["fov"] = float(rng.choice([250, 270, 280, 300, 320, 350]))
        p["n"] = int(rng.choice([256, 320, 384, 448, 512, 512, 640]))
        p["slab"] = float(rng.choice([40, 45, 50, 55, 60]))
        p["etl"] = int(rng.choice([160, 192, 256, 256, 320]))
        p["b0"] = float(rng.choice([1.5, 1.5, 3.0]))
        if rng.random() < 0.25:
            p["stations"], p["fov"] = 3, float(rng.choice([220, 230, 250]))
    p["overlap"] = float(rng.uniform(10, 35) if p["stations"] == 2 else rng.uniform(25, 60))
    p["maker"] = str(rng.choice(["Philips", "Siemens", "GE"], p=[0.5, 0.3, 0.2]))
    p["phase_axis"] = int(rng.random() < 0.6)  # 1: left-right (columns), 0: head-foot
    p["phase_pct"] = float(rng.choice([1.0, 1.0, 0.85, 0.7, 0.6]))
    p["partial"] = float(rng.choice([1.0, 1.0, 1.0, 0.8, 0.65, 0.575]))
    p["filter"] = str(rng.choice(["none", "tukey", "hann"], p=[0.4, 0.4, 0.2]))
    p["coils"] = int(rng.choice([1, 3, 4, 6], p=[0.55, 0.15, 0.2, 0.1]))
    p["normalise"] = bool(rng.random() < 0.4)
    p["sharpen"] = float(rng.uniform(0.3, 1.0) if rng.random() < 0.22 else 0)
    p["post"] = str(rng.choice(["none", "gauss", "median", "edge"], p=[0.72, 0.1, 0.06, 0.12]))
    p["gdc"] = bool(rng.random() < 0.25)
    p["edge"] = float(rng.uniform(2.0, 6.0))
    p["tail"] = float(rng.uniform(0.0, 0.06))
    return p


def plan(body, rng, p):
    """Centres and directions of the stations, head to foot."""
    n, fov = p["stations"], p["fov"]
    z4, z5 = body.at(body.top["C4"])[2], body.at([r["s"] for r in body.roots if r["segment"] == f"L{body.nL}"][0])[2]
    need = z4 - z5 + 24
    ov = p["overlap"]
    total = n * fov - (n - 1) * ov
    if total > need + 120:
        ov = min(ov + (total - need - 120) / (n - 1), 0.45 * fov)
        total = n * fov - (n - 1) * ov
    mid = 0.5 * (z4 + z5) + rng.normal(0, 6) - (0.12 * max(total - need, 0)) * rng.random()
    oblique = rng.random() < 0.6
    roll = np.radians(rng.normal(0, 2.0)) if rng.random() < 0.25 else 0.0
    yaw = np.radians(rng.normal(0, 2.5)) if rng.random() < 0.2 else 0.0
    out = []
    for i in range(n):
        zc = mid + total / 2 - fov / 2 - i * (fov - ov)
        z = np.linspace(zc - 0.45 * fov, zc + 0.45 * fov, 60)
        z = z[(z > body.at(body.s_end)[2]) & (z < body.p[0, 2])]
        y, x = np.interp(z, body.zg, body.tab["y"]), np.interp(z, body.zg, body.tab["x"])
        m, y0 = np.polyfit(z - zc, y, 1)
        m = np.clip(m * rng.normal(0.95, 0.12), -0.35, 0.35) if oblique else 0.0
        yc = 0.5 * (np.max(y - m * (z - zc)) + np.min(y - m * (z - zc))) + rng.normal(0, 2.0)
        row = np.array([np.cos(yaw), np.sin(yaw), 0.0])
        col = np.array([0.0, -m, -1.0])
        col -= row * (col @ row)
        col /= np.linalg.norm(col)
        nn = np.cross(row, col)
        from scipy.spatial.transform import Rotation
        q = Rotation.from_rotvec(nn * roll).as_matrix()
        row, col = q @ row, q @ col
        shift = np.zeros(3) if i == 0 else rng.normal(0, [0.8, 0.5, 0.8]) * (4.0 if rng.random() < 0.12 else 1.0)
        out.append({"centre": np.array([x.mean() + rng.normal(0, 3.5), yc, zc]), "row": row, "col": col, "shift": shift})
    return out


def plane_of(st, p, n):
    """The plane in body coordinates (the body has moved by shift)."""
    return R.Plane(st["centre"] - st["shift"], st["row"], st["col"], p["fov"] / n, (n, n), p["slab"], p["edge"], p["tail"])


def flow_map(body, rng, shape_s, pl, sac):
    """CSF signal kept after pulsation dephasing, on the plane."""
    from sa_body import smooth_noise
    s = np.arange(0, body.s[-1] + 2, 2.0)
    depth = rng.uniform(0.0, 0.4)
    weight = np.interp(s, [body.top["C1"], body.top["C5"], body.bot["T4"], body.top["L1"], body.top["L3"]], [1, 1, 0.85, 0.5, 0.15])
    a, b = (np.clip(smooth_noise(rng, len(s), 2.0, sc, 0.55) + 0.25, 0, 1.3) for sc in (22, 34))
    left, right = 1 - depth * weight * a, 1 - depth * weight * b
    q = np.clip(sac["x"] / 8.0, -1, 1) * 0.5 + 0.5
    return np.clip(q * np.interp(sac["s"], s, left) + (1 - q) * np.interp(sac["s"], s, right), 0.25, 1.1)


def sensitivities(rng, p, pl, coils):
    """Complex receive maps (coils, H, W): spine array elements under the back, or one combined map."""
    H, W = pl.shape
    v, u = pl.iv[:, None], pl.ju[None, :]
    depth = rng.uniform(65, 95)
    pitch = rng.uniform(85, 125)
    zs = np.arange(-3, 4) * pitch + rng.uniform(-pitch / 2, pitch / 2)
    xs = [-rng.uniform(30, 50), rng.uniform(30, 50)] if rng.random() < 0.6 else [0.0]
    el = [1 / (1 + ((v - z) ** 2 + (u - x) ** 2) / depth**2) ** 1.5 for z in zs for x in xs]
    rip = rng.uniform(0.4, 1)
    if coils == 1:
        m = np.sqrt(sum(e * e for e in el))
        m = (m / np.median(m)) ** rip
        return (m * np.exp(1j * (rng.uniform(0, 6) + rng.normal(0, 0.004) * u + rng.normal(0, 0.004) * v)))[None].astype(np.complex64)
    order = np.argsort([min(abs(z), 999) for z in zs for x in xs])[:coils]
    rest = np.sqrt(sum(e * e for e in el))
    maps = np.stack([el[i] for i in order])
    tot = np.sqrt((maps**2).sum(0))
    maps = maps / tot * (rest / np.median(rest)) ** rip
    ph = rng.uniform(0, 6, coils)[:, None, None] + rng.normal(0, 0.006, (coils, 1, 1)) * u + rng.normal(0, 0.006, (coils, 1, 1)) * v
    return (maps * np.exp(1j * ph)).astype(np.complex64)


def window_1d(n, kind):
    q = np.abs(np.arange(n) - n // 2) / (n / 2)
    if kind == "tukey":
        return np.where(q < 0.6, 1, 0.5 * (1 + np.cos(np.pi * (q - 0.6) / 0.4)))
    if kind == "hann":
        return 0.25 + 0.75 * 0.5 * (1 + np.cos(np.pi * q))
    return np.ones(n)


def kspace(img, p, motion, nf):
    """Coil images (complex, nf x nf) -> reconstructed n x n images, and the window that noise sees."""
    n, ax = p["n"], p["phase_axis"]
    npe, nro = int(round(n * p["phase_pct"] / 2)) * 2, n
    npe, nro = min(npe, nf), min(nro, nf)
    ky, kx = np.arange(npe) - npe // 2, np.arange(nro) - nro // 2
    t = ky / max(npe / 2, 1) * p["train_ms"] / 2
    wt = np.exp(-t / 1800.0)
    keep = np.ones(npe)
    if p["partial"] < 1:
        cut = int(npe * (1 - p["partial"]))
        keep[:cut] = 0
        keep[cut:cut + 12] = np.linspace(0, 1, 12)
    wpe, wro = window_1d(npe, p["filter"]) * keep, window_1d(nro, p["filter"])
    win = np.outer(wpe, wro)
    if p["sharpen"]:
        rr = np.sqrt((ky[:, None] / (npe / 2)) ** 2 + (kx[None] / (nro / 2)) ** 2)
        win = win * (1 + p["sharpen"] * (1 - np.exp(-((rr / 0.35) ** 2))))
    mot = np.ones((npe, nro), complex)
    if motion:
        mot = 0
        for avg in motion:  # each average: one shift (mm: phase, readout) per shot
            one = np.zeros((npe, nro), complex)
            for shot, (dp, dr) in enumerate(avg):
                sel = np.arange(npe) % len(avg) == shot
                one[sel] = np.exp(-2j * np.pi * (ky[sel, None] * dp + kx[None] * dr) / p["fov"])
            mot = mot + one / len(motion)
    out = []
    i0, j0 = nf // 2 - npe // 2, nf // 2 - nro // 2
    a0, b0 = n // 2 - npe // 2, n // 2 - nro // 2
    for c in img:
        k = sf.fftshift(sf.fft2(sf.ifftshift(c)))
        k = k if ax == 0 else k.T
        k = k[i0:i0 + npe, j0:j0 + nro] * (win * wt[:, None] * mot)
        out.append(embed(k, n, a0, b0, ax) * (n / nf) ** 2)
    return out, (win, a0, b0)


def embed(k, n, a0, b0, ax):
    full = np.zeros((n, n), np.complex64)
    full[a0:a0 + k.shape[0], b0:b0 + k.shape[1]] = k
    full = full if ax == 0 else full.T
    return sf.fftshift(sf.ifft2(sf.ifftshift(full)))


def noise(rng, win, p):
    w, a0, b0 = win
    k = (rng.standard_normal(w.shape, np.float32) + 1j * rng.standard_normal(w.shape, np.float32)) * w
    x = embed(k, p["n"], a0, b0, p["phase_axis"])
    return x / np.sqrt((w**2).sum()) * p["n"] ** 2


def combine(coils):
    return np.abs(coils[0]) if len(coils) == 1 else np.sqrt(sum(np.abs(c) ** 2 for c in coils))


def chain(img, p, rng, bias):
    """The vendor's image chain after reconstruction."""
    if p["normalise"]:
        img = img / np.maximum(bias / np.median(bias), 0.3)
    if p["post"] == "gauss":
        img = gaussian_filter(img, 0.55)
    elif p["post"] == "median":
        img = median_filter(img, 3)
    elif p["post"] == "edge":
        a, b = gaussian_filter(img, 0.8), gaussian_filter(img, 1.6)
        g = np.hypot(*np.gradient(b))
        k = g / (g + 2.0 * np.median(g) + 1e-9)
        img = k * (img + 0.35 * (img - a)) + (1 - k) * a
    if p["gdc"]:
        n = len(img)
        q = (np.arange(n) - n / 2) / (n / 2)
        m = rng.uniform(0.006, 0.03)
        lim = 1 - m * q**2
        img = img * ((np.abs(q)[:, None] < lim[None, :]) & (np.abs(q)[None, :] < lim[:, None]))
    return np.clip(img, 0, None)

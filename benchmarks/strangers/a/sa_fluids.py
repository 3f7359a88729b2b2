"""What holds water beside the sac: leaks, cysts, collections, and all the other fluid of the trunk."""
import numpy as np

import sa_render as R


def draw(part, pl, layer, sac, gain=1.0):
    k, a = part["k"], part["amp"] * gain
    if k == "tube":
        R.tube(pl, layer, part["pts"], part["r"], a, sac if part.get("out", True) else None, part.get("flat", 1.0))
    elif k == "fan":
        R.fan(pl, layer, part["walls"], part["tip"], part["r0"], part["r1"], a, sac, part["soft"], part["flat"])
    elif k == "ell":
        R.ellipsoid(pl, layer, part["c"], part["rad"], a, sac if part.get("out", True) else None, part.get("tilt", 0.0), part.get("power", 2.0))
    else:
        R.mist(pl, layer, part["pts"], part["vol"] * a, part["sigma"])


def along(pts, step):
    """Resamples a polyline every `step` mm."""
    s = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(pts, axis=0), axis=1))])
    q = np.arange(0, s[-1], step)
    return np.stack([np.interp(q, s, pts[:, i]) for i in range(3)], 1), q


def wire(pts, r, amp=1.0, sigma=0.35, weight=None):
    """A thin tube as a cloud: cross section pi r2 times step."""
    p, q = along(np.asarray(pts), 0.3)
    w = np.full(len(p), np.pi * r * r * 0.3)
    if weight is not None:
        w = w * np.interp(q, np.linspace(0, max(q[-1], 0.3), len(weight)), weight)
    return {"k": "mist", "pts": p, "vol": w, "sigma": sigma, "amp": amp}


# ---------------------------------------------------------------- inside the sac: filaments that displace CSF
def filaments(body, rng):
    parts = []
    for rt in body.roots:
        s_j = rt["s"]
        if s_j < body.s_conus - 15:  # rootlets fan from the cord to the sleeve
            rise = {"C": 5.0, "T": 16.0}.get(rt["segment"][0], 22.0) * rng.uniform(0.7, 1.3)
            for dy in (-1, 1):
                for _ in range(2):
                    s0 = max(2, s_j - rise * rng.uniform(0.6, 1.3))
                    t, left, post = body.frame(s0)
                    a = (body.at(s0, body.val("cox", s0), body.val("coy", s0)) + left * rt["sign"] * body.val("crx", s0) * 0.8 + post * dy * body.val("cry", s0) * 0.6)
                    parts.append(wire([a, 0.5 * (a + rt["wall"]) + rt["sign"] * left * 0.6, rt["wall"]], rng.uniform(0.25, 0.42)))
        else:  # cauda equina
            for m in range(2):
                s0 = min(body.s_conus - rng.uniform(8, 40), s_j - 8)
                s = np.arange(max(s0, 5), s_j + 1, 4.0)
                f = np.clip((s - s0) / max(s_j - s0, 1), 0, 1)
                t, left, post = body.frame(0.5 * (s0 + s_j))
                rx, ry = body.val("rx", s), body.val("ry", s)
                lat0 = rng.uniform(0.15, 0.55)
                lat = lat0 + (0.96 - lat0) * f ** rng.uniform(1.5, 4) + 0.03 * np.sin(s / rng.uniform(8, 16) + rng.uniform(0, 6))
                dep = np.clip(0.5 - 0.45 * f + rng.normal(0, 0.12), -0.2, 0.75) * np.sqrt(np.clip(1 - lat**2, 0.02, 1))
                pts = np.stack([body.at(q) for q in s]) + (lat * rx * rt["sign"])[:, None] * left + (dep * ry)[:, None] * post
                parts.append(wire(pts, rng.uniform(0.5, 0.8)))
    for m in range(8):  # lower sacral roots and the filum
        s = np.arange(body.s_conus - 20, body.s_end - 2, 4.0)
        off = rng.normal(0, 0.22)
        pts = np.stack([body.at(q) for q in s])
        pts[:, 0] += np.clip(off + 0.05 * np.sin(s / 20 + m), -0.6, 0.6) * body.val("rx", s)
        pts[:, 1] += (0.45 + 0.1 * np.sin(s / 30 + 2 * m)) * body.val("ry", s)
        parts.append(wire(pts, 0.3 if m else 0.6))
    return parts


# ---------------------------------------------------------------- leaks
def swirl(rng, n=7, lo=5.0, hi=26.0, amp=0.9):
    """A smooth random flow field (sum of shear waves) as a function of points (n, 3)."""
    k = rng.normal(size=(n, 3))
    k /= np.linalg.norm(k, axis=1, keepdims=True)
    k *= (2 * np.pi / rng.uniform(lo, hi, n))[:, None]
    e = np.cross(k, rng.normal(size=(n, 3)))
    e /= np.linalg.norm(e, axis=1, keepdims=True)
    e *= amp * np.sqrt(2 / n)
    ph = rng.uniform(0, 2 * np.pi, n)
    return lambda p: np.cos(p @ k.T + ph) @ e


def clumps(rng, p):
    """Fractal density of a haze: a log-normal sum of octaves at points (n, 3)."""
    g = np.zeros(len(p))
    for lam, a in ((14.0, 0.7), (7.0, 0.6), (3.5, 0.5)):
        k = rng.normal(size=(4, 3)) * 2 * np.pi / lam / 1.7
        g += a * np.cos(p @ k.T + rng.uniform(0, 6.28, 4)).sum(1) * 0.7
    return np.exp(np.clip(g, -2.5, 1.2))


def out_dir(body, rt, rng, steep=0.0):
    """Where fluid runs beside a root: along it, then flatter along intercostal, psoas or brachial planes."""
    t, left, post = body.frame(rt["s"])
    seg = rt["segment"]
    down = {"C": 0.45, "T": 0.28, "L": 0.75, "S": 1.3}[seg[0]] + steep + rng.normal(0, 0.12)
    aft = {"C": -0.15, "T": 0.12, "L": -0.12, "S": -0.1}[seg[0]] + rng.normal(0, 0.1)
    d = rt["sign"] * left + down * t + aft * post
    return d / np.linalg.norm(d)


def plume(body, rt, rng, reach, width=2.2, n=1400, turb=0.75, steps=46, decay=0.7):
    """Advected particles: start round the sleeve's tip, ride a swirling flow outward, leave their trails."""
    d = out_dir(body, rt, rng)
    lat = abs(d @ body.frame(rt["s"])[1])
    start = rt["pts"][-1] * 0.75 + rt["wall"] * 0.25
    s0 = body.lateral(start, rt["sign"])[1]
    L = max(4.0, (reach - s0) / max(lat, 0.25))
    p = start + rng.normal(0, 1, (n, 3)) * [width, width * 0.8, width] * 0.6
    f = swirl(rng, amp=turb)
    far = L * np.minimum(1.0, 0.25 + 0.85 * rng.beta(1.6, 1.1, n))
    h = L / steps
    trail, dist = [], np.zeros(n)
    for i in range(steps):
        v = d + f(p) * min(1.0, 0.35 + i / steps) + rng.normal(0, 0.18, (n, 3))
        p = p + h * v
        dist += h
        live = (dist < far) & (rng.random(n) < 1 - decay * i / steps)
        if live.any():
            trail.append(p[live])
    p = np.concatenate(trail)
    return p[~body.inside(p, 0.3)]


def lines(body, rt, rng, reach, count):
    """Streaks: separate wavy threads that fan out along the root."""
    out = []
    for _ in range(count):
        start = rt["pts"][rng.integers(4, 9)]
        d = out_dir(body, rt, rng, rng.normal(0.0, 0.28))
        lat = abs(d @ body.frame(rt["s"])[1])
        L = max(4.0, (reach * rng.uniform(0.6, 1.0) - body.lateral(start, rt["sign"])[1]) / max(lat, 0.25))
        n = int(L / 1.2) + 4
        drift = np.cumsum(rng.normal(0, 0.13, (n, 3)), 0)
        q = np.linspace(0, L, n)[:, None]
        pts = start + rng.normal(0, [1.4, 1.4, 2.0], 3) + q * d + drift * [1, 1, 1.1] + 0.004 * q**2 * np.array([0, 0, -1.0])
        w = np.clip(rng.normal(1, 0.35, n), 0.15, 1.7) * np.clip(1.2 - 0.75 * np.linspace(0, 1, n), 0, 1)
        part = wire(pts, rng.uniform(0.55, 0.95), 1.0, rng.uniform(0.45, 0.95), w)
        keep = ~body.inside(part["pts"], 0.2)
        part["pts"], part["vol"] = part["pts"][keep], part["vol"][keep]
        if keep.sum() > 8:
            out.append(part)
    return out


def net(body, rt, rng, reach):
    """Reticular pattern: random nodes lateral to the sleeve, each joined to its nearest ones."""
    d = out_dir(body, rt, rng)
    t, left, post = body.frame(rt["s"])
    lat = abs(d @ left)
    start = rt["pts"][-1]
    L = max(5.0, (reach - body.lateral(start, rt["sign"])[1]) / max(lat, 0.25))
    n = int(np.clip(L * 1.3, 10, 46))
    a = rng.uniform(0, 1, n) ** 0.8
    start = rt["pts"][-2]
    nodes = start + (a * L)[:, None] * d + rng.normal(0, 1, (n, 3)) * (2.0 + 0.17 * L * a)[:, None] * [0.5, 0.6, 1.0]
    D = np.linalg.norm(nodes[:, None] - nodes[None], axis=2) + np.eye(n) * 99
    pts, vol = [], []
    for i in range(n):
        for j in np.argsort(D[i])[: rng.integers(2, 4)]:
            mid = 0.5 * (nodes[i] + nodes[j]) + rng.normal(0, 0.12 * D[i, j], 3)
            p, _ = along(np.stack([nodes[i], mid, nodes[j]]), 0.3)
            pts.append(p)
            ends = 0.35 + 0.65 * np.sin(np.linspace(0, np.pi, len(p)))
            vol.append(ends * np.pi * rng.uniform(0.4, 0.7) ** 2 * 0.3 * (1.1 - 0.5 * a[i]))
    pts, vol = np.concatenate(pts), np.concatenate(vol)
    keep = ~body.inside(pts, 0.2)
    return {"k": "mist", "pts": pts[keep], "vol": vol[keep], "sigma": rng.uniform(0.5, 0.8), "amp": 1.0}


def triangle(body, rt, rng, size):
    """Web in the axilla: base on the sac's side, tip along the sleeve."""
    t, left, post = body.frame(rt["s"])
    up, dn = rng.uniform(1.5, 4) * size, rng.uniform(4, 8) * size
    s = np.linspace(rt["s"] - up, min(rt["s"] + dn, body.s_end - 3), 8)
    yo = (rt["wall"] - body.at(rt["s"])) @ post
    walls = np.stack([body.at(q) + rt["sign"] * left * body.val("rx", q) * 0.93 + post * yo * 0.6 for q in s])
    ln = max(rt["length"], 5.0 * min(size, 1.3))
    along_root = rt["dir"] * 0.6 + 0.4 * (rt["sign"] * left + 0.3 * t)
    tip = rt["wall"] + along_root / np.linalg.norm(along_root) * ln * rng.uniform(0.9, 1.15) * (0.6 + 0.5 * size)
    return {"k": "fan", "walls": walls, "tip": tip, "r0": rng.uniform(0.75, 1.15), "r1": 0.4, "soft": rng.uniform(0.4, 0.8), "flat": rng.uniform(1.8, 3.0), "amp": 1.0}


def leak(body, rt, rng, want):
    """One leak at a root as (parts with relative brightness, pattern)."""
    w = 2 * body.val("rx", rt["s"])
    slv = max(rt["reach"], 1.0)
    parts, pattern = [], []
    if want == 1:
        return [(triangle(body, rt, rng, rng.uniform(1.05, 1.8)), 1.0)], ["triangle"]
    if rng.random() < (0.8 if want == 2 else 0.9):
        parts.append((triangle(body, rt, rng, rng.uniform(0.8, 1.3)), rng.uniform(0.9, 1.3)))
        pattern.append("triangle")
    ratio = rng.uniform(0.3, 0.9) if want == 2 else rng.uniform(1.15, 2.4)
    reach = slv + ratio * w
    styles = [["streaks"], ["haze"], ["streaks", "haze"], ["reticular"], ["reticular", "haze"], ["streaks", "reticular"]]
    style = styles[rng.choice(6, p=[0.36, 0.14, 0.24, 0.1, 0.08, 0.08])] if want == 2 else styles[rng.choice(6, p=[0.1, 0.12, 0.4, 0.06, 0.2, 0.12])]
    pattern += style
    if "streaks" in style:
        for k, part in enumerate(lines(body, rt, rng, reach, int(rng.integers(1, 6)) + 2 * (want == 3))):
            parts.append((part, rng.uniform(0.6, 1.1)))
    if "reticular" in style:
        parts.append((net(body, rt, rng, reach), rng.uniform(0.7, 1.0)))
    if "haze" in style:
        p = plume(body, rt, rng, reach, width=rng.uniform(1.5, 3.0) * (1.5 if want == 3 else 1), turb=rng.uniform(0.6, 1.4), n=1600 if want == 3 else 1000)
        if len(p) > 50:
            parts.append(({"k": "mist", "pts": p, "vol": 0.02 * clumps(rng, p), "sigma": rng.uniform(0.45, 0.8), "amp": 1.0}, rng.uniform(0.5, 0.9)))
    if want == 3 and rng.random() < 0.5:  # runs along the gutter beside the sac
        t, left, post = body.frame(rt["s"])
        n = 900
        z = rng.normal(4, rng.uniform(7, 14), n)
        q = np.clip(rt["s"] + z, 5, body.s_end - 5)
        base = np.stack([np.interp(q, body.s, body.p[:, i]) for i in range(3)], 1)
        f = swirl(rng, lo=4, hi=16)
        p = base + rt["sign"] * left * (body.val("rx", q) + np.abs(rng.gamma(2.0, 1.6, n)))[:, None] + post * rng.normal(0, 3, n)[:, None]
        p = np.concatenate([p + 1.6 * f(p), p + 1.2 * f(p)])
        p = p[~body.inside(p, 0.3)]
        parts.append(({"k": "mist", "pts": p, "vol": np.full(len(p), 0.05), "sigma": 0.7, "amp": 1.0}, rng.uniform(0.5, 0.9)))
    return parts, pattern


def collection(body, rng):
    """Longitudinal extradural fluid: thin bands beside the sac over several levels."""
    s0 = rng.uniform(body.top["C6"], body.top["T4"])
    s1 = min(s0 + rng.uniform(70, 230), body.s_end - 40)
    s = np.arange(s0, s1, 3.0)
    from sa_body import smooth_noise
    parts = []
    sides = [1, -1] if rng.random() < 0.65 else [1 if rng.random() < 0.5 else -1]
    for sg in sides:
        r = np.clip(rng.uniform(0.9, 1.6) * (1 + smooth_noise(rng, len(s), 3.0, 14, 0.4)), 0.25, 3) * np.sqrt(np.clip(np.minimum(s - s0, s1 - s) / 15, 0.03, 1))
        pts = np.stack([body.at(q) + sg * body.frame(q)[1] * (body.val("rx", q) + 0.5 + ri) for q, ri in zip(s, r)])
        parts.append({"k": "tube", "pts": pts, "r": r, "amp": rng.uniform(0.35, 0.7), "flat": rng.uniform(1.2, 2.5)})
    return {"parts": parts, "s": 0.5 * (s0 + s1), "s0": s0, "s1": s1, "sides": sides}


# ---------------------------------------------------------------- mimics
def cyst(body, rng, kind):
    """A perineurial cyst, Tarlov cyst or meningocele at some root: (root, part, size mm, detached)."""
    roots = body.roots
    weight = np.array([{"C": 0.5, "T": 0.9, "L": 1.0, "S": 2.2}[r["segment"][0]] * (2.0 if r["segment"] in ("C7", "C8", "T1", "T2") else 1)
                       * (1.6 if r["segment"] in (f"T{body.nT}", f"T{body.nT - 1}", f"T{body.nT - 2}") else 1) * (0 if r["segment"] in ("C1", "C2") else 1) for r in roots])
    rt = roots[rng.choice(len(roots), p=weight / weight.sum())]
    t, left, post = body.frame(rt["s"])
    if kind == "meningocele":
        size = rng.uniform(8, 19)
        c = rt["wall"] + rt["sign"] * left * size * rng.uniform(0.2, 0.42) + t * rng.uniform(0, 3)
        rad = np.array([size / 2, size / 2 * rng.uniform(0.7, 1), size / 2 * rng.uniform(0.8, 1.25)])
        return rt, {"k": "ell", "c": c, "rad": rad, "amp": rng.uniform(0.75, 1.05), "tilt": rng.normal(0, 0.3), "power": rng.uniform(2, 2.4)}, size, False
    size = rng.uniform(9, 18) if rt["segment"][0] == "S" and rng.random() < 0.5 else float(np.clip(rng.gamma(5, 1.5), 3.6, 14))
    detached = rng.random() < 0.45
    if detached:
        d = out_dir(body, rt, rng)
        c = rt["pts"][-1] + d * (size / 2 + rng.uniform(0, 4))
    else:
        c = rt["pts"][rng.integers(5, 9)] + rt["sign"] * left * size * 0.25
    ecc = rng.uniform(0.75, 1.0)
    rad = size / 2 * np.array([1, rng.uniform(0.8, 1), ecc]) if rng.random() < 0.5 else size / 2 * np.array([ecc, rng.uniform(0.8, 1), 1])
    return rt, {"k": "ell", "c": c, "rad": rad, "amp": rng.uniform(0.6, 1.05), "tilt": rng.normal(0, 0.5)}, size, detached


# ---------------------------------------------------------------- other fluid
def wander(rng, a, b, n, amp):
    """A wavy path from a to b."""
    f = np.linspace(0, 1, n)[:, None]
    w = np.cumsum(rng.normal(0, amp, (n, 3)), 0)
    return a + (b - a) * f + w - f * w[-1]


def others(body, rng, te, leaky=False):
    """All other fluid: list of (name, centre, parts). Amplitude relative to CSF by T2 at this echo time."""
    csf = np.exp(-te / 1800)
    rel = lambda t2: float(np.exp(-te / t2) / csf)
    out = []

    def add(name, parts):
        first = parts[0]
        c = first["c"] if first["k"] == "ell" else np.atleast_2d(first["pts"])[len(np.atleast_2d(first["pts"])) // 2]
        out.append((name, np.asarray(c, float), parts))

    tl = f"T{body.nT}"
    for sg in (1, -1):  # kidneys: pelvis, calyces, ureter
        if rng.random() < 0.93:
            s0 = body.top["L1"] + rng.uniform(-5, 25) + (6 if sg < 0 else 0)
            c = body.at(s0, sg * rng.uniform(40, 56), rng.uniform(-34, 0))
            a = rel(rng.uniform(900, 1900)) * rng.uniform(0.5, 1.0)
            full = rng.uniform(0.5, 1.25)
            parts = [{"k": "ell", "c": c, "rad": np.array([5.5, 4, 8.5]) * full, "amp": a, "tilt": sg * rng.uniform(0.1, 0.6), "out": False}]
            for q in np.linspace(-1, 1, int(rng.integers(4, 8))):
                tip = c + [sg * rng.uniform(7, 15) * (1 - 0.35 * q * q), rng.normal(0, 5), q * rng.uniform(16, 30)]
                parts.append({"k": "tube", "pts": wander(rng, c + [0, 0, 6 * q], tip, 4, 0.5), "r": np.array([3.0, 1.7, 1.3, 2.2]) * full * rng.uniform(0.7, 1.1), "amp": a, "out": False})
                parts.append({"k": "ell", "c": tip, "rad": np.array([1.7, 2.8, 3.2]) * full * rng.uniform(0.7, 1.25), "amp": a, "tilt": sg * (-0.9 * q) + rng.normal(0, 0.3), "out": False})
            add("renal pelvis", parts)
            end = body.at(body.top["S1"] + 5, sg * rng.uniform(28, 40), rng.uniform(-55, -30))
            path, _ = along(wander(rng, c + [-sg * 3, 0, -8], end, 16, 1.6), 2.0)
            r = rng.uniform(0.9, 1.7)
            i = 0
            while i < len(path) - 6:
                m = int(rng.integers(5, 28))
                seg = path[i:i + m]
                if len(seg) > 3:
                    add("ureter", [{"k": "tube", "pts": seg, "r": r * np.sin(np.linspace(0.25, np.pi - 0.25, len(seg))) ** 0.5, "amp": a, "out": False}])
                i += m + int(rng.integers(2, 30))
        for _ in range(rng.poisson(0.35)):
            R0 = float(np.clip(rng.gamma(2, 3.5), 2, 22))
            add("renal cyst", [{"k": "ell", "c": body.at(body.top["L1"] + rng.uniform(-30, 50), sg * rng.uniform(52, 85), rng.uniform(-35, 5)),
                                "rad": R0 * rng.uniform(0.85, 1.1, 3), "amp": 1.0, "out": False}])
    if rng.random() < 0.85:
        c = body.at(body.top["L1"] + rng.uniform(0, 40), -rng.uniform(50, 85), rng.uniform(-75, -25))
        add("gallbladder", [{"k": "ell", "c": c, "rad": rng.uniform([9, 9, 17], [16, 14, 30]), "amp": rel(rng.uniform(450, 1000)), "tilt": rng.uniform(-0.7, 0.2), "out": False}])
        d = c + [rng.uniform(15, 35), 15, rng.uniform(5, 20)]
        add("bile duct", [{"k": "tube", "pts": wander(rng, d, d + [12, 8, -55], 10, 1.2), "r": np.full(10, rng.uniform(1.4, 2.8)), "amp": rel(800), "out": False}])
        for _ in range(rng.integers(1, 5)):
            add("bile duct", [{"k": "tube", "pts": wander(rng, d, d + [rng.uniform(-50, 20), rng.normal(0, 10), rng.uniform(10, 45)], 8, 1.5), "r": np.linspace(1.3, 0.4, 8), "amp": rel(800), "out": False}])
    for _ in range(rng.integers(2, 9)):  # bowel loops
        sg = 1 if rng.random() < 0.55 else -1
        c = body.at(rng.uniform(body.top["L1"], body.top["S1"]), sg * rng.uniform(32, 115), rng.uniform(-75, -12))
        a, n = rel(rng.uniform(350, 1100)), int(rng.integers(3, 11))
        pts = wander(rng, c, c + rng.normal(0, [22, 8, 24]), n, 5.0)
        add("bowel", [{"k": "tube", "pts": pts, "r": rng.uniform(3, 11) * rng.uniform(0.6, 1.15, n), "amp": a * rng.uniform(0.3, 1), "out": False}])
    if rng.random() < 0.6:
        c = body.at(body.top[tl] + rng.uniform(-25, 30), rng.uniform(40, 95), rng.uniform(-85, -30))
        add("stomach", [{"k": "ell", "c": c + rng.normal(0, 9, 3), "rad": rng.uniform(8, 24, 3), "amp": rel(rng.uniform(500, 1300)) * 0.6, "tilt": rng.normal(0, 0.6), "out": False} for _ in range(4)])
    if rng.random() < 0.6:
        c = body.at(body.top["L1"] + rng.uniform(-5, 30), -rng.uniform(20, 38), -rng.uniform(30, 60))
        add("duodenum", [{"k": "tube", "pts": wander(rng, c, c + [rng.uniform(-6, 25), 5, -rng.uniform(30, 60)], 9, 2.5), "r": rng.uniform(2, 7) * rng.uniform(0.4, 1.1, 9), "amp": rel(700), "out": False}])
    add("bladder", [{"k": "ell", "c": body.at(body.bot["S3"], rng.normal(0, 8), -rng.uniform(55, 95), -rng.uniform(10, 40)), "rad": rng.uniform([25, 20, 15], [45, 35, 40]), "amp": 1.0, "out": False}])
    if rng.random() < 0.18:
        for sg in ([1, -1] if rng.random() < 0.5 else [1 if rng.random() < 0.5 else -1]):
            s = body.top[tl] + np.linspace(-rng.uniform(25, 90), 15, 12)
            pts = np.stack([body.at(q, sg * (38 + 45 * f**0.7), 25 - 22 * f) for q, f in zip(s, np.linspace(0, 1, 12))])
            add("pleural fluid", [{"k": "tube", "pts": pts, "r": rng.uniform(1.5, 4.5) * np.sin(np.linspace(0.1, np.pi - 0.1, 12)) ** 0.7, "amp": rel(1200), "flat": 1.2, "out": False}])
    for sg in (1, -1):
        if rng.random() < 0.22:
            add("thyroid cyst", [{"k": "ell", "c": body.at(body.bot["C7"] + rng.uniform(-8, 16), sg * rng.uniform(13, 26), -rng.uniform(38, 60)), "rad": rng.uniform(1.5, 7, 3), "amp": rel(900), "out": False}])
        if rng.random() < 0.7:
            c = body.at(body.top["C2"] + rng.uniform(-8, 22), sg * rng.uniform(38, 58), -rng.uniform(12, 45))
            add("salivary gland", [{"k": "ell", "c": c + rng.normal(0, 3, 3), "rad": rng.uniform([5, 5, 8], [11, 10, 17]), "amp": rel(300) * 0.6, "tilt": rng.normal(0, 0.3), "out": False} for _ in range(3)])
        if rng.random() < 0.55:
            a = body.at(body.top["C2"], sg * rng.uniform(24, 36), -rng.uniform(15, 30))
            b = body.at(body.bot["C7"] + 15, sg * rng.uniform(20, 42), -rng.uniform(18, 35))
            add("neck vessel", [{"k": "tube", "pts": wander(rng, a, b, 14, 1.0), "r": rng.uniform(2, 4.5) * rng.uniform(0.7, 1.1, 14), "amp": rng.uniform(0.02, 0.14), "out": False}])
        for seg in [f"C{i}" for i in range(3, 8)] + [f"T{i}" for i in range(1, body.nT + 1)] + [f"L{i}" for i in range(1, body.nL + 1)]:
            pr = {"C": 0.1, "T": 0.05, "L": 0.3}[seg[0]] * (0.5 + body.age / 60)
            if rng.random() < pr:
                s0 = body.bot[seg] + rng.normal(0, 2)
                k = 1 if seg[0] == "L" else 0.6
                c = body.at(s0, sg * (body.val("rx", s0) + rng.uniform(1, 8) * k), body.val("ry", s0) + rng.uniform(3, 9))
                add("facet joint", [{"k": "ell", "c": c, "rad": np.array([rng.uniform(0.6, 1.3), rng.uniform(2, 4.5), rng.uniform(3, 6)]) * k, "amp": rel(900) * rng.uniform(0.3, 1), "tilt": sg * rng.normal(0.2, 0.2), "out": False}])
    if leaky and rng.random() < 0.05:
        add("retrospinal fluid", [{"k": "ell", "c": body.at(body.bot["C1"] + rng.uniform(-4, 8), rng.normal(0, 2), body.val("ry", 20) + 7), "rad": rng.uniform([9, 2, 6], [15, 4, 11]), "amp": rng.uniform(0.3, 0.8)}])
    for _ in range(rng.poisson(3.0)):  # slow paravertebral and epidural veins
        s0 = rng.uniform(body.top["C4"], body.bot[f"L{body.nL}"])
        sg = 1 if rng.random() < 0.5 else -1
        a = body.at(s0, sg * (body.val("rx", s0) + rng.uniform(1, 12)), rng.normal(-4, 5))
        b = a + [sg * rng.uniform(-4, 26), rng.normal(0, 6), rng.uniform(-32, 12)]
        add("vein", [{"k": "tube", "pts": wander(rng, a, b, 12, 1.1), "r": rng.uniform(0.6, 1.4) * rng.uniform(0.5, 1.2, 12), "amp": rng.uniform(0.08, 0.35)}])
    return out


def head(body, rng):
    """Cisterns and posterior fossa above C1 (seen when the top station reaches up there)."""
    top = body.p[0]
    rx, ry = body.rx[0], body.ry[0]
    up = np.linspace(0, 1, 7)
    sides = [np.stack([top + [sg * (0.62 * rx + 3 * q), -1 - 6 * q, 22 * q] for q in up]) for sg in (1, -1)]
    parts = [{"k": "tube", "pts": p, "r": 0.42 * rx + 2.0 * up, "amp": 0.55, "flat": 0.9, "out": True} for p in sides]
    parts.append({"k": "ell", "c": top + [rng.normal(0, 1), 7, 11], "rad": np.array([rng.uniform(8, 14), 3.5, rng.uniform(9, 14)]), "amp": 0.9, "out": True})
    parts.append({"k": "tube", "pts": np.stack([top + [0, 2, 14.0], top + [0, 0, 24.0], top + [0, -2, 34.0]]), "r": np.array([1.2, 6.0, 2.0]), "amp": 0.6, "out": True})
    for sg in (1, -1):
        parts.append({"k": "tube", "pts": np.stack([top + [sg * 15, -6, 16.0], top + [sg * 22, -10, 28.0], top + [sg * 28, -12, 42.0]]), "r": np.array([2, 4.0, 5.0]), "amp": 0.7, "out": False})
        for m in range(9):
            z = 18 + 5.2 * m + rng.normal(0, 0.8)
            w = 42 * np.sqrt(max(0.1, 1 - ((m - 4.5) / 7) ** 2))
            pts = np.stack([top + [sg * (6 + w * f), 20 - 14 * f, z - 9 * f * f + rng.normal(0, 0.6)] for f in np.linspace(0, 1, 8)])
            parts.append({"k": "tube", "pts": pts, "r": np.full(8, rng.uniform(0.5, 1.2)), "amp": rng.uniform(0.4, 0.9), "flat": 5.0, "out": False})
    return [("cisterna magna and folia", top + [0, 6, 12.0], parts)]
